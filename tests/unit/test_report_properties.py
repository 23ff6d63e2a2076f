"""What holds of the figures of any year, whatever happened in it."""

from __future__ import annotations

from datetime import date
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.report_years import Ledger, build, project_options
from xuefa.records.record import SessionKind, Verb
from xuefa.report.figure import Figures, split_hundred
from xuefa.report.figures import build_figures

ADDITIVE = (
    *(
        "study_sessions",
        "seminars",
        "study_minutes",
        "expected",
        "present",
        "excused",
        "absent",
        "attendances",
        "extra",
    ),
    *("reflections", "discussion_papers", "writings", "pushes", "answers", "whole_year_staff"),
    *("exams_expected", "exams_present", "certified", "attendees", "answerers", "writers"),
)
RATES = (
    "attendance_rate",
    "participation",
    "accuracy",
    "completion",
    "exams_rate",
    "exams_pass_rate",
    "certified_rate",
)
DAYS = st.dates(date(2021, 12, 20), date(2023, 1, 10))


@st.composite
def years(draw: st.DrawFn) -> Ledger:
    """Any year of two townships 甲 and 乙, each with people, sessions, answers and an exam of its own."""
    ledger = Ledger()
    for town in draw(st.sampled_from([("甲",), ("甲", "乙")])):
        people = [
            ledger.learner(
                f"{town}{number}",
                unit=f"{town}{draw(st.integers(1, 2))}",
                since=str(draw(st.sampled_from([date(2020, 1, 1), date(2022, 3, 1)]))),
                until=draw(st.sampled_from([None, "2022-10-31"])),
            )
            for number in range(draw(st.integers(1, 4)))
        ]
        person, moment = st.sampled_from(people), DAYS.map(lambda day: f"{day} 20:00")
        for _ in range(draw(st.integers(0, 3))):
            session = ledger.session(
                str(draw(DAYS)),
                expected=draw(st.sets(person, min_size=1)),
                laws=("xf",),
                kind=draw(st.sampled_from(list(SessionKind))),
            )
            held = f"{ledger.sessions[-1].held_on} 20:00"
            for verb in draw(st.lists(st.sampled_from([Verb.SIGNED_IN, Verb.EXCUSED]), max_size=4)):
                ledger.record(verb, held, draw(person), session_id=session)
        for _ in range(draw(st.integers(0, 6))):
            ledger.answer(draw(moment), draw(person), f"xf-000{draw(st.integers(1, 3))}", correct=draw(st.booleans()))
        for verb in draw(st.lists(st.sampled_from([Verb.FINISHED, Verb.REFLECTED, Verb.PRESENTED]), max_size=4)):
            ledger.record(verb, draw(moment), draw(person), module=draw(st.integers(1, 2)))
        for verb in draw(st.lists(st.sampled_from([Verb.PUBLISHED, Verb.CERTIFIED]), max_size=2)):
            ledger.record(verb, draw(moment), draw(person))
        for learner in sorted(draw(st.sets(person))):
            ledger.score(learner, draw(st.sampled_from([None, 0.0, 79.5, 80.0, 100.0])), paper_id=f"paper-{town}")
        if len(ledger.records) > draw(st.integers(0, 9)):
            ledger.record(Verb.VOIDED, draw(moment), voids=draw(st.sampled_from(ledger.records)).record_id)
    return ledger


def figures_of(ledger: Ledger) -> Figures:
    return build_figures(ledger.frames(compare=False), project_options())


def texts_of(figures: Figures) -> dict[str, str]:
    return {figure.figure_id: figure.text for figure in figures.values()}


@settings(max_examples=15, deadline=None)
@given(ledger=years(), seed=st.integers())
def test_splitting_merging_and_reordering_the_records_changes_no_figure(ledger: Ledger, seed: int) -> None:
    """Two machines hold parts that overlap; whoever merges them in whatever order gets the same year."""
    before = texts_of(figures_of(ledger))
    rng = Random(seed)  # noqa: S311
    cut = rng.randint(0, len(ledger.records))
    overlap = rng.randint(0, cut)
    ledger.records = ledger.records[overlap:] + ledger.records[:cut]
    rng.shuffle(ledger.records)
    rng.shuffle(ledger.sessions)
    rng.shuffle(ledger.learners)
    rng.shuffle(ledger.exam_results)

    assert texts_of(figures_of(ledger)) == before


@settings(max_examples=15, deadline=None)
@given(ledger=years())
def test_every_rate_has_n_within_its_rows_and_every_row_stands_in_its_frame(ledger: Ledger) -> None:
    frames = ledger.frames(compare=False)
    figures = build_figures(frames, project_options())

    for figure in figures.values():
        known = getattr(frames, figure.source)["row_id"]
        assert len(figure.row_ids) == len(set(figure.row_ids))
        assert figure.row_ids == tuple(known.iloc[figure.positions_in(getattr(frames, figure.source))])
        if figure.denominator is not None:
            assert 0 <= (figure.numerator or 0) <= figure.denominator == len(figure.row_ids)
            assert (figure.value is None) == (figure.denominator == 0)
    present, excused, absent = (int(figures[name].value or 0) for name in ("present", "excused", "absent"))
    assert present + excused + absent == figures["expected"].value
    assert sum(int(f.value or 0) for f in figures.family("sessions_month").values()) == figures["study_sessions"].value
    assert sum(int(f.value or 0) for f in figures.family("answers_unit").values()) == figures["answers"].value
    shares = [f.value for f in figures.family("sessions_share").values() if f.value is not None]
    assert not shares or sum(shares) == 100


@settings(max_examples=15, deadline=None)
@given(ledger=years())
def test_the_figures_of_two_townships_add_up_to_those_of_both(ledger: Ledger) -> None:
    """What a county adds up: counts, and n and N of rates; never rates themselves."""
    both, towns = figures_of(ledger), [figures_of(township(ledger, town)) for town in "甲乙"]

    for name in ADDITIVE:
        assert both[name].value == sum(int(town[name].value or 0) for town in towns), name
    for name in RATES:
        assert both[name].numerator == sum(town[name].numerator or 0 for town in towns), name
        assert both[name].denominator == sum(town[name].denominator or 0 for town in towns), name


@settings(max_examples=10, deadline=None)
@given(ledger=years())
def test_any_year_gives_a_section_whose_numbers_are_its_figures_and_which_names_nobody(ledger: Ledger) -> None:
    figures, section = build(ledger)

    assert all(number.text == figures[number.figure_id].text for number in section.numbers)
    text = "".join(section.paragraphs)
    assert not any(learner.name in text for learner in ledger.learners)


@given(counts=st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_shares_add_to_a_hundred_and_none_is_a_tenth_off(counts: list[int]) -> None:
    shares = split_hundred(counts)

    assert sum(shares) == (100 if any(counts) else 0)
    assert all(abs(float(share) - 100 * n / (sum(counts) or 1)) < 0.1 for share, n in zip(shares, counts, strict=True))


def township(ledger: Ledger, town: str) -> Ledger:
    """The part of a year that one township would hold by itself."""
    part = Ledger()
    part.learners = [learner for learner in ledger.learners if learner.learner_id.startswith(town)]
    ids = {learner.learner_id for learner in part.learners}
    mine: set[UUID] = set()
    for record in ledger.records:  # a voiding comes after what it voids, which may be a voiding itself
        if record.learner_id in ids or record.voids in mine:
            mine.add(record.record_id)
    part.records = [record for record in ledger.records if record.record_id in mine]
    sessions = {record.session_id for record in part.records}
    part.sessions = [s for s in ledger.sessions if s.session_id in sessions or s.expected & ids]
    part.exam_results = [result for result in ledger.exam_results if result.learner_id in ids]
    return part
