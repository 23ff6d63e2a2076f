"""The figures of a year, worked out by hand, and the edges of a year."""

from __future__ import annotations

from datetime import date

import pytest

from tests.golden_report import GOLDEN_DIR, render_golden_files
from tests.report_years import Ledger, build, figures_of, project_options, small_year
from xuefa.errors import ConflictError
from xuefa.records.record import SessionKind, UnmarkedPaper, Verb
from xuefa.report.figure import digest

# Added up by hand from the story in `small_year`.
WORKED_OUT = {
    "study_sessions": "3",
    "sessions_evening": "1",
    "sessions_twenty_minutes": "1",
    "sessions_study_group": "1",
    "share_evening": "33.4",  # a third each is 33.3; the tenth that is missing to 100 goes to the first
    "share_twenty_minutes": "33.3",
    "share_study_group": "33.3",
    "seminars": "1",
    "lectures": "0",
    "court_visits": "0",
    "sessions_q1": "2",
    "sessions_q2": "0",
    "sessions_q3": "1",
    "sessions_q4": "0",
    "study_minutes": "170",
    "study_hours": "3.8",  # 170 / 45 = 3.777…
    "attended_hours": "8.9",  # 3 × 60 + 2 × 20 + 2 × 90 = 400 minutes
    "whole_year_staff": "4",
    "hours_per_head": "2.2",  # 400 / 45 / 4 = 2.222…
    "participation": "100.0%（4/4）",
    "laws_studied": "3",
    "sessions_law_xzss": "2",
    "sessions_law_mfd": "1",
    "sessions_law_fyzz": "1",
    "expected": "9",  # 4 + 3 + 2
    "present": "6",  # A B C, A, A B
    "excused": "2",  # D in the first, B in the second; B's excuse for the third is void, for B came
    "absent": "1",  # C in the second
    "attendances": "7",  # and D, who was not expected in the second
    "extra": "1",
    "attendees": "4",
    "attendance_rate": "66.7%（6/9）",
    f"attendance_rate_u{digest('党政办')}": "83.3%（5/6）",  # A 3/3, B 2/3
    f"attendance_rate_u{digest('农业站')}": "33.3%（1/3）",  # C 1/2, D 0/1
    f"expected_people_u{digest('党政办')}": "2",
    f"expected_people_u{digest('农业站')}": "2",
    "seminar_attendances": "2",
    "seminar_attendees": "2",
    **dict.fromkeys(
        ("lecture_attendances", "lecture_attendees", "court_visit_attendances", "court_visit_attendees"), "0"
    ),
    "reflections": "2",  # A's second version replaces the first
    "discussion_papers": "1",
    "writings": "3",
    "writers": "2",
    "pushes": "3",
    "completion": "0.0%（0/4）",
    "answers": "7",
    "answerers": "3",
    "accuracy": "66.7%（4/6）",  # the essay is not marked
    "answers_law_xzss": "4",
    "accuracy_law_xzss": "75.0%（3/4）",
    "answers_law_fyzz": "3",
    "accuracy_law_fyzz": "50.0%（1/2）",
    f"answers_u{digest('党政办')}": "5",  # A 3, B 2
    f"accuracy_u{digest('党政办')}": "60.0%（3/5）",
    f"answers_u{digest('农业站')}": "2",
    f"accuracy_u{digest('农业站')}": "100.0%（1/1）",
    "exams": "1",
    "exams_unmarked": "0",
    "exams_expected": "4",
    "exams_present": "3",
    "exams_rate": "75.0%（3/4）",
    "exams_pass_rate": "66.7%（2/3）",
    "exam_expected_2022_1": "4",
    "exam_present_2022_1": "3",
    "exam_absent_2022_1": "1",
    "exam_rate_2022_1": "75.0%（3/4）",
    "exam_mean_2022_1": "81.8",  # 245.5 / 3
    "exam_median_2022_1": "80.0",  # 70.5, 80, 95
    "exam_pass_rate_2022_1": "66.7%（2/3）",
    "exam_excellent_rate_2022_1": "33.3%（1/3）",
    "certified": "2",  # A is recorded twice
    "certified_rate": "50.0%（2/4）",
    "regulars": "3",  # A 3/3, B 2/3, C 1/2; D 0/1
}
# What happened in a month; in every other month there is nothing.
WORKED_OUT_BY_MONTH = {
    "sessions": {3: "2", 9: "1"},
    "sessions_evening": {3: "1"},
    "sessions_twenty_minutes": {3: "1"},
    "sessions_study_group": {9: "1"},
    "attendances": {3: "5", 9: "2"},
    "attendance_rate": {3: "57.1%（4/7）", 9: "100.0%（2/2）"},
    "answers": {3: "4", 9: "3"},
    "accuracy": {3: "75.0%（3/4）", 9: "50.0%（1/2）"},
}


def test_the_figures_of_a_small_year_are_those_worked_out_by_hand() -> None:
    worked_out = dict(WORKED_OUT)
    for name, months in WORKED_OUT_BY_MONTH.items():
        nothing = "无" if name in ("attendance_rate", "accuracy") else "0"
        worked_out |= {f"{name}_m{month:02d}": months.get(month, nothing) for month in range(1, 13)}
    worked_out |= {f"completion_{module:02d}": "0.0%（0/4）" for module in range(1, 13)}

    assert {figure.figure_id: figure.text for figure in figures_of(small_year()).values()} == worked_out


@pytest.mark.parametrize("name", sorted(render_golden_files()))
def test_the_golden_file_equals_what_the_code_writes(name: str) -> None:
    path = GOLDEN_DIR / name

    assert path.is_file(), f"{path} is missing; `python -m tests.golden_report` writes it"
    assert render_golden_files()[name] == path.read_text(encoding="utf-8")


def test_every_count_equals_the_number_of_its_rows() -> None:
    figures = figures_of(small_year())

    for figure_id in ("study_sessions", "expected", "present", "absent", "answers", "writings", "pushes"):
        assert figures[figure_id].value == len(figures[figure_id].row_ids)
    for figure in figures.values():
        if figure.denominator is not None:
            assert len(figure.row_ids) == figure.denominator
            assert (figure.numerator or 0) <= figure.denominator


def test_every_row_behind_a_figure_stands_once_in_its_frame() -> None:
    ledger = small_year()
    frames = ledger.frames()

    for figure in figures_of(ledger).values():
        known = list(getattr(frames, figure.source)["row_id"])
        assert len(known) == len(set(known))
        assert set(figure.row_ids) <= set(known)


def test_an_empty_year_has_figures_without_a_division() -> None:
    figures = figures_of(Ledger())

    assert figures["study_sessions"].value == 0
    assert figures["attendance_rate"].value is None
    assert figures["accuracy"].text == "无"
    assert all(not figure.value for figure in figures.values())


def test_a_year_without_an_exam_has_no_exam_figures() -> None:
    ledger = small_year()
    ledger.exam_results.clear()
    figures = figures_of(ledger)

    assert figures["exams"].value == 0
    assert not figures.family("exam_expected")


def test_a_sign_in_after_midnight_of_new_years_eve_counts_for_the_session_of_the_old_year() -> None:
    ledger = Ledger()
    a, b = ledger.learner("A"), ledger.learner("B")
    session = ledger.session("2022-12-31", expected=[a, b])
    ledger.record(Verb.SIGNED_IN, "2022-12-31 23:30", a, session_id=session)  # 15:30 UTC
    ledger.record(Verb.SIGNED_IN, "2023-01-01 00:10", b, session_id=session)

    assert figures_of(ledger)["attendance_rate"].text == "100.0%（2/2）"
    assert ledger.frames(year=2023).attendance.empty


def test_the_year_is_cut_by_local_time_and_not_by_utc() -> None:
    ledger = Ledger()
    person = ledger.learner("A")
    ledger.answer("2022-01-01 00:30", person, "xf-0001", correct=True)  # still 2021 in UTC
    ledger.answer("2022-12-31 23:59", person, "xf-0001", correct=True)
    ledger.answer("2023-01-01 00:30", person, "xf-0001", correct=True)  # still 2022 in UTC
    figures = figures_of(ledger)

    assert figures["answers"].value == 2
    assert figures["answers_m01"].value == 1
    assert figures["answers_m12"].value == 1


def test_signing_in_twice_counts_once() -> None:
    ledger = Ledger()
    person = ledger.learner("A")
    session = ledger.session("2022-05-05", expected=[person])
    for minute in (0, 1, 2):
        ledger.record(Verb.SIGNED_IN, f"2022-05-05 19:0{minute}", person, session_id=session)
    figures = figures_of(ledger)

    assert figures["attendances"].value == 1
    assert figures["present"].value == 1


def test_a_voided_record_counts_nowhere() -> None:
    ledger = Ledger()
    person = ledger.learner("A")
    session = ledger.session("2022-05-05", expected=[person])
    wrong = ledger.record(Verb.SIGNED_IN, "2022-05-05 19:00", person, session_id=session)
    ledger.record(Verb.VOIDED, "2022-05-06 09:00", voids=wrong)
    figures = figures_of(ledger)

    assert figures["attendances"].value == 0
    assert figures["absent"].value == 1


def test_the_same_records_in_another_order_and_doubled_give_the_same_figures() -> None:
    ledger, shuffled = small_year(), small_year()
    shuffled.records.reverse()
    shuffled.records += shuffled.records[:5]
    shuffled.sessions.reverse()
    shuffled.learners.reverse()

    assert {f.figure_id: f.text for f in figures_of(ledger).values()} == {
        f.figure_id: f.text for f in figures_of(shuffled).values()
    }


def test_seminars_lectures_and_court_visits_are_no_study_sessions() -> None:
    ledger = Ledger()
    for kind in (SessionKind.SEMINAR, SessionKind.LECTURE, SessionKind.COURT_VISIT):
        ledger.session("2022-05-05", kind=kind)
    figures = figures_of(ledger)

    assert figures["study_sessions"].value == 0
    assert [figures[name].value for name in ("seminars", "lectures", "court_visits")] == [1, 1, 1]


def test_two_scores_of_one_learner_in_one_paper_are_refused() -> None:
    ledger = Ledger()
    ledger.score(ledger.learner("A"), 90.0)
    ledger.score("A", 80.0)

    with pytest.raises(ConflictError, match="两个学员 A"):
        ledger.frames()


def test_minutes_per_study_hour_is_the_units_decision() -> None:
    options = project_options().model_copy(update={"minutes_per_study_hour": 50})
    figure = build(small_year(), options=options)[0]["study_hours"]

    assert figure.text == "3.4"
    assert "50分钟为1学时" in figure.definition


def test_a_makeup_counts_as_a_paper_of_its_own_and_only_as_often_as_someone_was_expected() -> None:
    """Of three, one passes at once, one in the 补考, one was absent and then fails: 2 of 4 sittings are passed."""
    ledger = Ledger()
    people = [ledger.learner(name) for name in ("A", "B", "C")]
    for person, score in zip(people, (90, 60, None), strict=True):
        ledger.score(person, score)
    for person, score in zip(people[1:], (85, 70), strict=True):
        ledger.score(person, score, paper_id="2022-1b", held_on="2022-11-27")
    figures = build(ledger)[0]
    texts = {figure.key: figure.text for figure in figures.family("exam_pass_rate").values()}
    assert texts == {"2022-1": "50.0%（1/2）", "2022-1b": "50.0%（1/2）"}
    assert [figures[key].text for key in ("exams", "exams_expected", "exams_present")] == ["2", "5", "4"]
    assert [figures[key].text for key in ("exams_rate", "exams_pass_rate")] == ["80.0%（4/5）", "50.0%（2/4）"]


def test_a_paper_that_nobody_has_marked_is_no_missing_exam() -> None:
    ledger = small_year()
    ledger.exam_results.clear()
    without = build(ledger)[1]
    ledger.unmarked_papers.append(
        UnmarkedPaper(paper_id="2022-2", paper_title="年终练习卷", held_on=date(2022, 12, 20))
    )
    figures, section = build(ledger)
    problems = next(text for text in section.paragraphs if text.startswith("从全年记录看"))

    assert figures["exams_unmarked"].value == 1
    assert "全年没有组织模拟考试" not in problems
    assert "有1份试卷已经发放，尚未阅卷" in problems
    assert any("全年没有组织模拟考试" in text for text in without.paragraphs)


def test_a_question_that_most_missed_is_named_by_its_rule() -> None:
    ledger = Ledger()
    person = ledger.learner("A")
    for number in range(20):
        ledger.answer("2022-03-01 20:00", person, "xzss-0007", correct=number < 9)
        ledger.answer("2022-03-01 20:00", person, "xzss-0008", correct=number < 10)
        ledger.answer("2022-03-01 20:00", person, "xf-0001", correct=False)
    ledger.records.pop()  # xf-0001 is one answer short of being counted
    ledger.rules["xzss-0007"] = "《行政诉讼法》第四十六条"
    figures, section = build(ledger)
    worst = figures.family("accuracy_item")

    assert {item: figure.text for item, figure in worst.items()} == {"xzss-0007": "45.0%（9/20）"}
    assert any("涉及《行政诉讼法》第四十六条的一道题正确率为45.0%（9/20）" in text for text in section.paragraphs)
    assert any("围绕《行政诉讼法》第四十六条" in text for text in section.paragraphs)


def test_the_leap_day_belongs_to_february() -> None:
    ledger = Ledger()
    person = ledger.learner("A")
    session = ledger.session("2024-02-29", expected=[person])
    ledger.record(Verb.SIGNED_IN, "2024-02-29 19:00", person, session_id=session)
    ledger.answer("2024-02-29 23:59", person, "xf-0001", correct=True)
    ledger.answer("2024-12-31 23:59", person, "xf-0001", correct=True)
    figures = build(ledger, options=project_options().for_year(2024))[0]

    assert figures["attendance_rate_m02"].text == "100.0%（1/1）"
    assert figures["answers_m02"].value == 1
    assert figures["answers_m12"].value == 1
