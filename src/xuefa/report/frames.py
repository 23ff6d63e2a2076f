"""Typed data frames of one year, made from records, roster, sessions and exam results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xuefa.errors import ConflictError, Finding
from xuefa.laws.catalogue import Catalogue
from xuefa.records.columns import AnswerColumns, Coded, EventColumns, RecordColumns, make_columns
from xuefa.records.record import (
    SESSION_KIND_NAMES,
    ExamResult,
    Learner,
    Record,
    Session,
    SessionKind,
    UnmarkedPaper,
    Verb,
)
from xuefa.report.attendance import build_attendance
from xuefa.report.calendar import Calendar
from xuefa.report.figure import MONTHS
from xuefa.report.record_ids import RecordIds
from xuefa.report.roster import Roster, categorical, relabelled

STUDY_KINDS = (SessionKind.EVENING, SessionKind.TWENTY_MINUTES, SessionKind.STUDY_GROUP)
"""The kinds of session that make up 集中学习; seminars, lectures and court visits are counted apart."""
_DTYPES: dict[str, Any] = {
    "": "str",
    "int": "int64",
    "float": "float64",
    "bool": "bool",
    "day": "datetime64[us]",
}


@dataclass(frozen=True, eq=False)
class Frames:
    """What one year holds. Every frame has `row_id`, unique in it: the way from a figure back to its rows.

    Times are `datetime64[us, time_zone]`, days `datetime64[us]` at midnight, months 1–12 and quarters 1–4 integers,
    names, units, laws and other repeated text categories, unless said otherwise. What does not apply is the missing
    value of its dtype. A person's `unit` is that of the day, as the roster has it.

    - `learners`: the whole roster. row_id = learner_id, learner_id, name, unit (on 31 December), post: str;
      exam_eligible, in_year (on the roster on at least one day), whole_year (on every day), at_year_end: bool.
    - `sessions`: sessions held in the year. row_id = session_id, session_id, kind, kind_name, title, host: str;
      held_on: day; month, quarter, minutes: int64; is_study: bool (集中学习).
    - `session_laws`: one row per session and law. row_id (`session/law`), session_id, law (slug), law_name: str;
      month: int64; is_study: bool.
    - `attendance`: one row per session of the year and person expected, signed in or excused, however often the person
      signed in. row_id (`session/learner`): str; session_id, learner_id, name, unit, title, kind; held_on: day; month,
      quarter, minutes: int64; is_study, expected, signed_in, excused, absent: bool. Expected is who the session names
      and who is on the roster that day; of them exactly one of the last three is true. A sign-in belongs to the year of
      its session, whenever it was made.
    - `answers`: answered questions of the year by local time, voided ones left out. row_id = record id; learner_id,
      name, unit, item_id, law (slug), law_name; occurred_at: time; month: int8; points, max_points: float64; is_marked
      (points are known), is_correct (full points): bool.
    - `writings`: 心得体会 and 研讨材料 of the year. row_id = record id; learner_id, name, unit, verb, kind_name,
      session_id, text; occurred_at: time; month: int8; module: Int64; is_replaced: bool (the same person filed again
      for the same module and session).
    - `publicity`: the pushes of the year, `completions`: modules finished in the year; columns as of `writings`, but
      for kind_name and is_replaced. `certifications`: the same for official passes of the year and of earlier ones;
      in_year: bool.
    - `exam_results`: practice papers of the year. row_id (`paper/learner`), paper_id, paper_title: str; learner_id,
      name, unit; held_on: day; score (NaN: 缺考), max_score, pass_score, excellent_score: float64; has_sat, has_passed,
      is_excellent: bool.
    - `unmarked_papers`: papers of the year that were released and not marked yet. row_id = paper_id, paper_id,
      paper_title: str; held_on: day.

    `modules` are the numbers of the study modules, `rules` names the rule that a question (item_id) hangs on
    (《行政诉讼法》第四十六条). `open_months` are those not over yet when the year was read. `previous` holds the year
    before, None where nothing is known of it.
    """

    year: int
    law_names: Mapping[str, str]
    modules: tuple[int, ...]
    rules: Mapping[str, str]
    learners: pd.DataFrame
    sessions: pd.DataFrame
    session_laws: pd.DataFrame
    attendance: pd.DataFrame
    answers: pd.DataFrame
    writings: pd.DataFrame
    publicity: pd.DataFrame
    completions: pd.DataFrame
    certifications: pd.DataFrame
    exam_results: pd.DataFrame
    unmarked_papers: pd.DataFrame
    open_months: frozenset[int] = frozenset()
    previous: Frames | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened in the year."""
        happened = (self.sessions, self.answers, self.writings, self.publicity, self.completions, self.exam_results)
        return all(frame.empty for frame in happened)


def build_frames(  # noqa: PLR0913  a year has many sources
    *,
    records: RecordColumns | Iterable[Record],
    learners: Iterable[Learner],
    sessions: Iterable[Session],
    exam_results: Iterable[ExamResult],
    catalogue: Catalogue,
    year: int,
    time_zone: tzinfo,
    unmarked_papers: Iterable[UnmarkedPaper] = (),
    rules: Mapping[str, str] | None = None,
    today: date | None = None,
    previous: Frames | None = None,
) -> Frames:
    """The frames of `year` in `time_zone`; give all records, for sign-ins may fall into the neighbouring year.

    Without `today` every month is taken to be over. Of `RecordColumns` the answers need not reach beyond the year.
    Raises ConflictError if the exam results name one learner twice for one paper.
    """
    calendar = Calendar(year, time_zone)
    columns = records if isinstance(records, RecordColumns) else make_columns(records)
    roster = Roster(learners, calendar)
    law_names = {law.slug: law.name for law in catalogue}
    held = sorted((s for s in sessions if s.held_on.year == year), key=lambda s: (s.held_on, s.session_id))
    session_frame = _session_frame(held)
    events = _event_frame(columns.events, roster, calendar)
    in_year = events[events["in_year"]].drop(columns="in_year")
    passed = events[(events["verb"] == Verb.CERTIFIED.value) & (events["occurred_at"] < calendar.ends_at)]
    return Frames(
        year=year,
        law_names=law_names,
        modules=tuple(sorted({law.module for law in catalogue})),
        rules=rules or {},
        learners=roster.frame(),
        sessions=session_frame,
        session_laws=_session_law_frame(held, law_names),
        attendance=build_attendance(held, session_frame, columns.events, roster, calendar),
        answers=_answer_frame(columns.answers, roster, calendar, law_names),
        writings=_writing_frame(in_year),
        publicity=in_year[in_year["verb"] == Verb.PUBLISHED.value],
        completions=in_year[(in_year["verb"] == Verb.FINISHED.value) & in_year["module"].notna()],
        certifications=passed,
        exam_results=_exam_frame([r for r in exam_results if r.held_on.year == year], roster, calendar),
        unmarked_papers=_frame(
            [(p.paper_id, p.paper_id, p.paper_title, p.held_on) for p in unmarked_papers if p.held_on.year == year],
            "row_id paper_id paper_title held_on:day",
        ),
        open_months=frozenset(month for month in MONTHS if today and (year, month) >= (today.year, today.month)),
        previous=previous,
    )


def _frame(rows: Sequence[tuple[Any, ...]], columns: str) -> pd.DataFrame:
    """A frame of `rows`; `columns` lists the names in order, each with `:dtype` unless it is str."""
    names = [column.partition(":")[::2] for column in columns.split()]
    values = list(zip(*rows, strict=True)) or [()] * len(names)
    return pd.DataFrame(
        {name: pd.Series(column, dtype=_DTYPES[dtype]) for (name, dtype), column in zip(names, values, strict=True)}
    )


def _session_frame(sessions: Sequence[Session]) -> pd.DataFrame:
    return _frame(
        [
            (
                session.session_id,
                session.session_id,
                session.held_on,
                session.held_on.month,
                (session.held_on.month + 2) // 3,
                session.kind.value,
                SESSION_KIND_NAMES[session.kind],
                session.kind in STUDY_KINDS,
                session.title,
                session.minutes,
                session.host,
            )
            for session in sessions
        ],
        "row_id session_id held_on:day month:int quarter:int kind kind_name is_study:bool title minutes:int host",
    )


def _session_law_frame(sessions: Sequence[Session], law_names: Mapping[str, str]) -> pd.DataFrame:
    return _frame(
        [
            (
                f"{session.session_id}/{law}",
                session.session_id,
                session.title,
                session.held_on,
                session.held_on.month,
                session.kind in STUDY_KINDS,
                law,
                law_names.get(law, law),
            )
            for session in sessions
            for law in dict.fromkeys(session.laws)
        ],
        "row_id session_id title held_on:day month:int is_study:bool law law_name",
    )


def _event_frame(events: EventColumns, roster: Roster, calendar: Calendar) -> pd.DataFrame:
    """What happened beside sessions and answers, of every year."""
    at_sessions = {Verb.SIGNED_IN.value, Verb.EXCUSED.value}
    counted = np.array([*(verb not in at_sessions for verb in events.verb.values), False])  # code -1 takes the last
    kept = np.flatnonzero(counted[events.verb.codes])
    verb, learner, session, text = (
        Coded(column.codes[kept], column.values)
        for column in (events.verb, events.learner_id, events.session_id, events.text)
    )
    day = calendar.day_of(events.occurred_at[kept])
    module = events.module[kept]
    return pd.DataFrame(
        {
            "row_id": RecordIds(events.ids[kept]),
            "verb": categorical(verb),
            "occurred_at": _local_time(events.occurred_at[kept], calendar),
            "month": calendar.month_of(day),
            **roster.columns(learner, day),
            "session_id": categorical(session),
            "module": pd.arrays.IntegerArray(module.astype(np.int64), module < 0),
            "text": categorical(text),
            "in_year": (day >= 0) & (day < calendar.days),
        }
    )


def _answer_frame(
    answers: AnswerColumns, roster: Roster, calendar: Calendar, law_names: Mapping[str, str]
) -> pd.DataFrame:
    day = calendar.day_of(answers.occurred_at)
    in_year = (day >= 0) & (day < calendar.days)
    kept = slice(None) if in_year.all() else in_year  # no copy of what is all wanted
    learner = Coded(answers.learner_id.codes[kept], answers.learner_id.values)
    item = Coded(answers.item_id.codes[kept], answers.item_id.values)
    laws = [item_id.partition("-")[0] for item_id in item.values]
    points, max_points = answers.points[kept], answers.max_points[kept]
    is_marked = np.isfinite(points) & (max_points > 0)
    return pd.DataFrame(
        {
            "row_id": RecordIds(answers.ids[kept]),
            "occurred_at": _local_time(answers.occurred_at[kept], calendar),
            "month": calendar.month_of(day[kept]),
            **roster.columns(learner, day[kept]),
            "item_id": categorical(item),
            "law": relabelled(item, laws),
            "law_name": relabelled(item, (law_names.get(law, law) for law in laws)),
            "points": points,
            "max_points": max_points,
            "is_marked": is_marked,
            "is_correct": is_marked & (points >= max_points - 1e-9),
        },
        copy=False,
    )


def _local_time(occurred_at: NDArray[np.int64], calendar: Calendar) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(occurred_at.view("datetime64[us]")).tz_localize("UTC").tz_convert(calendar.time_zone)


def _writing_frame(events: pd.DataFrame) -> pd.DataFrame:
    writings = events[events["verb"].isin([Verb.REFLECTED.value, Verb.PRESENTED.value])]
    same = writings.duplicated(["learner_id", "verb", "module", "session_id"], keep="last")
    is_tied = writings["learner_id"].notna() & (writings["module"].notna() | writings["session_id"].notna())
    return writings.assign(
        kind_name=writings["verb"].map({"reflected": "心得体会", "presented": "研讨材料"}).astype("str"),
        is_replaced=same & is_tied,
    )


def _exam_frame(results: Sequence[ExamResult], roster: Roster, calendar: Calendar) -> pd.DataFrame:
    ordered = sorted(results, key=lambda result: (result.held_on, result.paper_id, result.learner_id))
    for one, other in pairwise(ordered):
        if (one.paper_id, one.learner_id) == (other.paper_id, other.learner_id):
            raise ConflictError(
                Finding(
                    f"试卷“{one.paper_title}”",
                    f"成绩里有两个学员 {one.learner_id}",
                    "请检查成绩册，每人每卷只留一个成绩",
                )
            )
    frame = _frame(
        [
            (
                f"{result.paper_id}/{result.learner_id}",
                result.paper_id,
                result.paper_title,
                result.held_on,
                result.score,
                result.max_score,
                result.pass_score,
                result.excellent_score,
                result.score is not None,
                result.score is not None and result.score >= result.pass_score - 1e-9,
                result.score is not None and result.score >= result.excellent_score - 1e-9,
            )
            for result in ordered
        ],
        "row_id paper_id paper_title held_on:day score:float max_score:float "
        "pass_score:float excellent_score:float has_sat:bool has_passed:bool is_excellent:bool",
    )
    codes, ids = pd.factorize(np.array([result.learner_id for result in ordered], object))
    day = np.array([(result.held_on - calendar.first_day).days for result in ordered], np.int16)
    return frame.assign(**roster.columns(Coded(codes.astype(np.int32), tuple(ids)), day))
