from __future__ import annotations

from decimal import Decimal

import pytest

from tests.golden_report import GOLDEN_DIR, render_golden_files
from tests.report_years import Ledger, build, project_options, small_year
from xuefa.errors import ConflictError
from xuefa.records.record import SessionKind, Verb
from xuefa.report.figure import Counting, Figure, Figures, round_half_even

# Added up by hand from the story in `small_year`.
WORKED_OUT = {
    "study_sessions": "3",
    "sessions_evening": "1",
    "sessions_twenty_minutes": "1",
    "sessions_study_group": "1",
    "seminars": "1",
    "lectures": "0",
    "sessions_q1": "2",
    "sessions_q2": "0",
    "sessions_m03": "2",
    "sessions_m09": "1",
    "study_minutes": "170",
    "study_hours": "3.8",  # 170 / 45 = 3.777…
    "laws_studied": "3",
    "sessions_law_xzss": "2",
    "expected": "9",  # 4 + 3 + 2
    "present": "6",  # A B C, A, A B
    "excused": "2",  # D in the first, B in the second; B's excuse for the third is void, for B came
    "absent": "1",  # C in the second
    "attendances": "7",  # and D, who was not expected in the second
    "extra": "1",
    "attendees": "4",
    "attendance_rate": "66.7%（6/9）",
    "attendance_rate_m03": "57.1%（4/7）",
    "attendance_rate_m04": "无",
    "seminar_attendances": "2",
    "seminar_attendees": "2",
    "reflections": "2",  # A's second version replaces the first
    "discussion_papers": "1",
    "writings": "3",
    "writers": "2",
    "pushes": "3",
    "certified": "2",  # A is recorded twice
    "answers": "7",
    "answerers": "3",
    "accuracy": "66.7%（4/6）",  # the essay is not marked
    "accuracy_law_xzss": "75.0%（3/4）",
    "accuracy_law_fyzz": "50.0%（1/2）",
    "accuracy_m09": "50.0%（1/2）",
    "exams": "1",
    "exam_expected_2022_1": "4",
    "exam_present_2022_1": "3",
    "exam_absent_2022_1": "1",
    "exam_rate_2022_1": "75.0%（3/4）",
    "exam_mean_2022_1": "81.8",  # 245.5 / 3
    "exam_pass_rate_2022_1": "66.7%（2/3）",
    "exam_excellent_rate_2022_1": "33.3%（1/3）",
    "regulars": "3",  # A 3/3, B 2/3, C 1/2; D 0/1
}


def figures_of(ledger: Ledger) -> Figures:
    return build(ledger)[0]


def test_the_figures_of_a_small_year_are_those_worked_out_by_hand() -> None:
    figures = figures_of(small_year())

    assert {figure_id: figures[figure_id].text for figure_id in WORKED_OUT} == WORKED_OUT


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


def test_one_person_alone_has_full_rates() -> None:
    ledger = Ledger()
    person = ledger.learner("A")
    session = ledger.session("2022-05-05", expected=[person], laws=("xf",))
    ledger.record(Verb.SIGNED_IN, "2022-05-05 19:00", person, session_id=session)
    ledger.score(person, 100.0)
    figures = figures_of(ledger)

    assert figures["attendance_rate"].text == "100.0%（1/1）"
    assert figures["exam_excellent_rate_2022_1"].text == "100.0%（1/1）"
    assert figures["attendees"].value == 1


def test_when_everyone_is_absent_rates_are_zero_and_the_mean_is_nothing() -> None:
    ledger = Ledger()
    people = [ledger.learner(name) for name in "AB"]
    ledger.session("2022-05-05", expected=people)
    for person in people:
        ledger.score(person, None)
    figures = figures_of(ledger)

    assert figures["attendance_rate"].text == "0.0%（0/2）"
    assert figures["absent"].value == 2
    assert figures["exam_rate_2022_1"].text == "0.0%（0/2）"
    assert figures["exam_mean_2022_1"].text == "无"
    assert figures["exam_pass_rate_2022_1"].text == "无"


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


def test_someone_who_is_not_on_the_roster_still_counts_as_expected() -> None:
    ledger = Ledger()
    ledger.session("2022-05-05", expected=["ghost"])
    figures = figures_of(ledger)

    assert figures["absent"].value == 1
    assert figures.family("attendance_rate_unit")["（不在名册）"].text == "0.0%（0/1）"


def test_two_scores_of_one_learner_in_one_paper_are_refused() -> None:
    ledger = Ledger()
    ledger.score(ledger.learner("A"), 90.0)
    ledger.score("A", 80.0)

    with pytest.raises(ConflictError, match="两个学员 A"):
        ledger.frames()


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("66.65", "66.6"), ("66.75", "66.8"), ("66.651", "66.7"), ("0.05", "0.0"), ("0.25", "0.2"), ("0.35", "0.4")],
)
def test_rounding_follows_gb_t_8170(value: str, rounded: str) -> None:
    assert str(round_half_even(Decimal(value), places=1)) == rounded


def test_a_tie_of_a_rate_goes_to_the_even_digit() -> None:
    ledger = Ledger()
    people = [ledger.learner(f"p{number}") for number in range(80)]
    session = ledger.session("2022-05-05", expected=people)
    for person in people[:5]:
        ledger.record(Verb.SIGNED_IN, "2022-05-05 19:00", person, session_id=session)

    assert figures_of(ledger)["attendance_rate"].text == "6.2%（5/80）"  # 6.25


@pytest.mark.parametrize(("count", "text"), [(0, "0"), (9, "9"), (10, "10"), (11, "10余"), (24, "20余"), (30, "30")])
def test_the_wording_with_yu_is_never_false(count: int, text: str) -> None:
    frames = Ledger().frames()
    figure = Counting("publicity").count(frames.publicity, "pushes", "推送", "次", "推送次数")

    assert Figure(**{**vars(figure), "value": count}).text_more_than == text


def test_minutes_per_study_hour_is_the_units_decision() -> None:
    options = project_options().model_copy(update={"minutes_per_study_hour": 50})
    figure = build(small_year(), options=options)[0]["study_hours"]

    assert figure.text == "3.4"
    assert "50分钟为1学时" in figure.definition


def test_a_figure_id_that_no_bookmark_can_hold_is_refused() -> None:
    frames = Ledger().frames()

    with pytest.raises(ValueError, match="bookmark"):
        Counting("publicity").count(frames.publicity, "x" * 33, "推送", "次", "推送次数")


def test_two_figures_of_one_id_are_refused() -> None:
    figures = figures_of(Ledger())

    with pytest.raises(ValueError, match="study_sessions"):
        figures.plus(figures["study_sessions"])
