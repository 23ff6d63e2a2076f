"""Who counts in a figure: on the roster that day, in which unit, expected or not."""

from __future__ import annotations

from tests.report_years import Ledger, build, figures_of, project_options
from xuefa.records.record import Verb


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


def test_someone_who_is_not_on_the_roster_still_counts_as_expected() -> None:
    ledger = Ledger()
    ledger.session("2022-05-05", expected=["ghost"])
    figures = figures_of(ledger)

    assert figures["absent"].value == 1
    assert figures.family("attendance_rate_unit")["（不在名册）"].text == "0.0%（0/1）"


def test_who_is_not_on_the_roster_that_day_is_not_expected() -> None:
    """B left in May, C was on long leave from June to August, D came in September; all four are named each time."""
    ledger = Ledger()
    a = ledger.learner("A")
    b = ledger.learner("B", until="2022-05-31")
    c = ledger.learner("C", since="2022-09-01", earlier=[("党政办", "2020-01-01", "2022-05-31")])
    d = ledger.learner("D", since="2022-09-20")
    sessions = [ledger.session(day, expected=[a, b, c, d]) for day in ("2022-05-10", "2022-07-12", "2022-10-11")]
    for session in sessions:
        ledger.record(Verb.SIGNED_IN, "2022-05-10 19:00", a, session_id=session)
    ledger.record(Verb.SIGNED_IN, "2022-07-12 19:00", c, session_id=sessions[1])
    figures = figures_of(ledger)

    assert figures["expected"].value == 3 + 1 + 3
    assert figures["attendance_rate"].text == "42.9%（3/7）"
    assert figures["extra"].value == 1  # C came although on leave
    assert figures["whole_year_staff"].value == 1
    assert figures["participation"].text == "50.0%（2/4）"


def test_who_moved_counts_in_each_unit_for_the_time_there() -> None:
    ledger = Ledger()
    mover = ledger.learner("A", unit="司法所", since="2022-07-01", earlier=[("党政办", "2020-01-01", "2022-06-30")])
    for day in ("2022-06-30", "2022-07-01"):
        session = ledger.session(day, expected=[mover])
        ledger.answer(f"{day} 23:30", mover, "xf-0001", correct=day < "2022-07")
    ledger.record(Verb.SIGNED_IN, "2022-07-01 19:00", mover, session_id=session)
    figures = figures_of(ledger)

    assert {unit: f.text for unit, f in figures.family("attendance_rate_unit").items()} == {
        "党政办": "0.0%（0/1）",
        "司法所": "100.0%（1/1）",
    }
    assert {unit: f.text for unit, f in figures.family("accuracy_unit").items()} == {
        "党政办": "100.0%（1/1）",
        "司法所": "0.0%（0/1）",
    }
    assert figures["expected"].value == 2
    assert figures["attendees"].value == 1
    assert figures["whole_year_staff"].value == 1  # there is no day between the two postings


def test_study_hours_of_each_are_held_against_the_target() -> None:
    ledger = Ledger()
    people = [ledger.learner(name) for name in "ABC"]
    newcomer = ledger.learner("D", since="2022-01-02")
    for day, came in (("2022-03-01", "ABD"), ("2022-03-02", "AD")):
        session = ledger.session(day, expected=[*people, newcomer], minutes=90)
        for person in came:
            ledger.record(Verb.SIGNED_IN, f"{day} 19:00", person, session_id=session)
    targets = project_options().targets.model_copy(update={"study_hours": 4})
    figures, section = build(ledger, options=project_options().model_copy(update={"targets": targets}))

    assert figures["hours_per_head"].text == "2.0"  # A 4, B 2, C 0; D was not here on New Year's Day
    assert figures["hours_reached"].text == "33.3%（1/3）"
    assert any("学时达标率为33.3%（1/3）" in paragraph for paragraph in section.paragraphs)
    assert "hours_reached" not in figures_of(ledger)


def test_everyone_who_passed_before_still_holds_the_certificate() -> None:
    ledger = Ledger()
    a, b = ledger.learner("A"), ledger.learner("B")
    gone = ledger.learner("C", until="2022-12-30")
    for person, day in ((a, "2020-10-08"), (gone, "2022-10-08"), (b, "2023-10-08")):
        ledger.record(Verb.CERTIFIED, f"{day} 10:00", person)
    figures = figures_of(ledger)

    assert figures["certified"].value == 1
    assert figures["certified_rate"].text == "50.0%（1/2）"


def test_modules_count_once_a_person_and_all_together_only_when_all_are_done() -> None:
    ledger = Ledger()
    a, b = ledger.learner("A"), ledger.learner("B")
    for module in (*range(1, 13), 12):
        ledger.record(Verb.FINISHED, "2022-05-05 20:00", a, module=module)
    ledger.record(Verb.FINISHED, "2022-05-05 20:00", b, module=3)
    figures = figures_of(ledger)

    assert figures["completion_03"].text == "100.0%（2/2）"
    assert figures["completion_12"].text == "50.0%（1/2）"
    assert figures["completion"].text == "50.0%（1/2）"
