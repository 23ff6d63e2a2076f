"""Who counts where: the figures of any roster against a plain count, person by person and day by day.

People join, leave, come back after long leave and move between units; the year is a leap year, and sessions fall on its
first, last and leap day.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.report_years import Ledger, project_options
from xuefa.records.record import Learner, SessionKind, Verb
from xuefa.report.figure import Figures
from xuefa.report.figures import build_figures
from xuefa.report.frames import STUDY_KINDS

YEAR = 2024
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
EDGES = [FIRST, date(YEAR, 2, 28), date(YEAR, 2, 29), date(YEAR, 3, 1), LAST]
DAYS = st.sampled_from(EDGES) | st.dates(date(YEAR - 1, 12, 1), date(YEAR + 1, 1, 31))
UNITS = st.sampled_from(["党政办", "农业站", "司法所"])


@st.composite
def rosters(draw: st.DrawFn) -> Ledger:
    """Six people with up to four postings each, up to six sessions, sign-ins and excuses of anybody at any of them."""
    ledger = Ledger()
    for name in "ABCDEF":
        days = sorted(draw(st.sets(DAYS, min_size=5, max_size=5)))
        spans = [(days[0], days[1]), (days[1] + timedelta(days=1), days[2]), (days[3], days[4])]
        postings = [(draw(UNITS), str(a), str(b)) for a, b in spans[: draw(st.integers(0, 3))]]
        if draw(st.booleans()) or not postings:
            since = days[4] + timedelta(days=1) if postings else date(2020, 1, 1)
            ledger.learner(name, unit=draw(UNITS), since=str(since), earlier=postings)
        else:
            *earlier, (unit, first, last) = postings
            ledger.learner(name, unit=unit, since=first, until=last, earlier=earlier)
    people = st.sampled_from("ABCDEF")
    for _ in range(draw(st.integers(0, 6))):
        session = ledger.session(
            str(draw(st.sampled_from(EDGES) | st.dates(FIRST, LAST))),
            expected=draw(st.sets(people)),
            kind=draw(st.sampled_from(list(SessionKind))),
            minutes=draw(st.integers(1, 200)),
        )
        evening = ledger.sessions[-1].held_on
        for verb in draw(st.lists(st.sampled_from([Verb.SIGNED_IN, Verb.SIGNED_IN, Verb.EXCUSED]), max_size=5)):
            when = draw(st.sampled_from([f"{evening} 20:00", f"{evening + timedelta(days=1)} 00:30"]))
            ledger.record(verb, when, draw(people), session_id=session)
    return ledger


def unit_on(learner: Learner, day: date) -> str:
    """The unit of the last posting that had begun, of the first if none had."""
    begun = [posting for posting in learner.postings if posting.since <= day]
    return (begun[-1] if begun else learner.postings[0]).unit


def tenths(value: Fraction | None) -> str:
    """To one decimal, a lone five to the even digit; Python rounds fractions so."""
    return "无" if value is None else str(round(value * 10) / 10)


def rate(n: int, of: int) -> str:
    return f"{tenths(Fraction(100 * n, of))}%（{n}/{of}）" if of else "无"


def count_plainly(ledger: Ledger) -> dict[str, str]:
    """The same figures by going through every session and person."""
    learners = {learner.learner_id: learner for learner in ledger.learners}
    signed, excused = (
        {(r.session_id, r.learner_id) for r in ledger.records if r.verb is verb}
        for verb in (Verb.SIGNED_IN, Verb.EXCUSED)
    )
    year = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    counts: dict[str, int] = defaultdict(int)
    minutes: dict[str, int] = defaultdict(int)
    by_unit: dict[str, list[bool]] = defaultdict(list)
    came = set()
    for session in (one for one in ledger.sessions if one.kind in STUDY_KINDS):
        for name, learner in learners.items():
            key = (session.session_id, name)
            is_expected = name in session.expected and learner.is_here(session.held_on)
            if key in signed:
                came.add(name)
                minutes[name] += session.minutes
            counts["attendances"] += key in signed
            counts["extra"] += key in signed and not is_expected
            if is_expected:
                by_unit[unit_on(learner, session.held_on)].append(key in signed)
                counts["expected"] += 1
                counts["present"] += key in signed
                counts["excused"] += key in excused and key not in signed
                counts["absent"] += key not in excused and key not in signed
    in_year = {name for name, one in learners.items() if any(map(one.is_here, year))}
    whole_year = {name for name, one in learners.items() if all(map(one.is_here, year))}
    hours = Fraction(sum(minutes[name] for name in whole_year), 45)
    texts = {name: str(counts[name]) for name in ("expected", "present", "excused", "absent", "attendances", "extra")}
    return texts | {
        "attendees": str(len(came)),
        "whole_year_staff": str(len(whole_year)),
        "attended_hours": tenths(Fraction(sum(minutes.values()), 45)),
        "hours_per_head": tenths(hours / len(whole_year) if whole_year else None),
        "attendance_rate": rate(counts["present"], counts["expected"]),
        "participation": rate(len(in_year & came), len(in_year)),
        **{f"{unit}参学率": rate(sum(attended), len(attended)) for unit, attended in by_unit.items()},
    }


def figures_of(ledger: Ledger) -> Figures:
    return build_figures(ledger.frames(year=YEAR, compare=False), project_options().for_year(YEAR))


@settings(max_examples=40, deadline=None)
@given(ledger=rosters())
def test_every_denominator_is_that_of_a_plain_count_of_people_and_days(ledger: Ledger) -> None:
    figures = figures_of(ledger)
    plain = count_plainly(ledger)
    units = {figure.name: figure.text for figure in figures.family("attendance_rate_unit").values()}

    assert {name: units[name] if name.endswith("参学率") else figures[name].text for name in plain} == plain
    assert len(units) == sum(name.endswith("参学率") for name in plain)
