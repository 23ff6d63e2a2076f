"""Typed data frames of one year, made from records, roster, sessions and exam results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import pairwise
from typing import Any

import pandas as pd

from xuefa.errors import ConflictError, Finding
from xuefa.laws.catalogue import Catalogue
from xuefa.records.record import SESSION_KIND_NAMES, ExamResult, Learner, Record, Session, SessionKind, Verb

STUDY_KINDS = (SessionKind.EVENING, SessionKind.TWENTY_MINUTES, SessionKind.STUDY_GROUP)
"""The kinds of session that make up 集中学习; seminars, lectures and court visits are counted apart."""
NOT_ON_ROSTER = "（不在名册）"
_DTYPES: dict[str, Any] = {
    "": "str",
    "int": "int64",
    "maybe_int": "Int64",
    "float": "float64",
    "bool": "bool",
    "day": "datetime64[us]",
    "time": "datetime64[us, UTC]",
}


@dataclass(frozen=True, eq=False)
class Frames:
    """What one year holds. Every frame has `row_id` (str), unique in it: the way from a figure back to its rows.

    Times are `datetime64[us, time_zone]`, days `datetime64[us]` at midnight, months 1–12 and quarters 1–4 `int64`.
    What does not apply is the missing value of its dtype, for `str` columns too.

    - `learners`: the whole roster. row_id = learner_id, learner_id, name, unit, post: str; exam_eligible, in_year: bool
      (on the roster on at least one day of the year).
    - `sessions`: sessions held in the year. row_id = session_id, session_id, kind, kind_name, title, host: str;
      held_on: day; month, quarter, minutes: int64; is_study: bool (集中学习).
    - `session_laws`: one row per session and law. row_id (`session/law`), session_id, law (slug), law_name: str;
      month: int64; is_study: bool.
    - `attendance`: one row per session of the year and person expected, signed in or excused, however often the person
      signed in. row_id (`session/learner`), session_id, learner_id, name, unit, title, kind: str; held_on: day; month,
      quarter: int64; is_study, expected, signed_in, excused, absent: bool. Of someone expected exactly one of the last
      three is true. A sign-in belongs to the year of its session, whenever it was made.
    - `records`: the records of the year by local time, voided ones left out. row_id = record id, verb, learner_id,
      name, unit, session_id, item_id, text: str; occurred_at: time; month, quarter: int64; module: Int64; points,
      max_points: float64.
    - `answers`: the answered ones of `records`, with law (slug), law_name: str; is_marked (points are known),
      is_correct (full points): bool.
    - `writings`: 心得体会 and 研讨材料 of `records`, with kind_name: str; is_replaced: bool (the same person filed
      again for the same module and session).
    - `publicity`, `certifications`: the published and the certified ones of `records`.
    - `exam_results`: practice papers of the year. row_id (`paper/learner`), paper_id, paper_title, learner_id, name,
      unit: str; held_on: day; score (NaN: 缺考), max_score, pass_score, excellent_score: float64; has_sat, has_passed,
      is_excellent: bool.
    """

    year: int
    law_names: Mapping[str, str]
    learners: pd.DataFrame
    sessions: pd.DataFrame
    session_laws: pd.DataFrame
    attendance: pd.DataFrame
    records: pd.DataFrame
    answers: pd.DataFrame
    writings: pd.DataFrame
    publicity: pd.DataFrame
    certifications: pd.DataFrame
    exam_results: pd.DataFrame


def build_frames(
    *,
    records: Iterable[Record],
    learners: Iterable[Learner],
    sessions: Iterable[Session],
    exam_results: Iterable[ExamResult],
    catalogue: Catalogue,
    year: int,
    time_zone: tzinfo,
) -> Frames:
    """The frames of `year` in `time_zone`; give all records, for sign-ins may fall into the neighbouring year.

    Raises ConflictError if the exam results name one learner twice for one paper.
    """
    law_names = {law.slug: law.name for law in catalogue}
    roster = _roster_frame(learners, year)
    held = sorted((s for s in sessions if s.held_on.year == year), key=lambda s: (s.held_on, s.session_id))
    all_records = _record_frame(records, roster, time_zone)
    in_year = all_records[all_records["occurred_at"].dt.year == year]
    return Frames(
        year=year,
        law_names=law_names,
        learners=roster,
        sessions=_session_frame(held),
        session_laws=_session_law_frame(held, law_names),
        attendance=_attendance_frame(held, all_records, roster),
        records=in_year,
        answers=_answer_frame(in_year, law_names),
        writings=_writing_frame(in_year),
        publicity=_select_verbs(in_year, Verb.PUBLISHED),
        certifications=_select_verbs(in_year, Verb.CERTIFIED),
        exam_results=_exam_frame([r for r in exam_results if r.held_on.year == year], roster),
    )


def _frame(rows: Sequence[tuple[Any, ...]], columns: str) -> pd.DataFrame:
    """A frame of `rows`; `columns` lists the names in order, each with `:dtype` unless it is str."""
    names = [column.partition(":")[::2] for column in columns.split()]
    values = list(zip(*rows, strict=True)) or [()] * len(names)
    return pd.DataFrame(
        {name: pd.Series(column, dtype=_DTYPES[dtype]) for (name, dtype), column in zip(names, values, strict=True)}
    )


def _roster_frame(learners: Iterable[Learner], year: int) -> pd.DataFrame:
    return _frame(
        [
            (
                learner.learner_id,
                learner.learner_id,
                learner.name,
                learner.unit,
                learner.post,
                learner.exam_eligible,
                learner.since.year <= year and (learner.until is None or learner.until.year >= year),
            )
            for learner in learners
        ],
        "row_id learner_id name unit post exam_eligible:bool in_year:bool",
    )


def _session_frame(sessions: Sequence[Session]) -> pd.DataFrame:
    return _frame(
        [
            (
                session.session_id,
                session.session_id,
                session.held_on,
                session.held_on.month,
                _quarter(session.held_on.month),
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


def _attendance_frame(sessions: Sequence[Session], records: pd.DataFrame, roster: pd.DataFrame) -> pd.DataFrame:
    present = _pairs(_select_verbs(records, Verb.SIGNED_IN))
    excused = _pairs(_select_verbs(records, Verb.EXCUSED))
    called: dict[str, set[str]] = {}
    for session_id, learner_id in present | excused:
        called.setdefault(session_id, set()).add(learner_id)
    rows = []
    for session in sessions:
        for learner_id in sorted(session.expected | called.get(session.session_id, set())):
            key = (session.session_id, learner_id)
            expected, signed_in = learner_id in session.expected, key in present
            is_excused = key in excused and not signed_in
            rows.append(
                (
                    f"{session.session_id}/{learner_id}",
                    session.session_id,
                    learner_id,
                    session.title,
                    session.kind.value,
                    session.held_on,
                    session.held_on.month,
                    _quarter(session.held_on.month),
                    session.kind in STUDY_KINDS,
                    expected,
                    signed_in,
                    is_excused,
                    expected and not signed_in and not is_excused,
                )
            )
    frame = _frame(
        rows,
        "row_id session_id learner_id title kind held_on:day month:int quarter:int is_study:bool "
        "expected:bool signed_in:bool excused:bool absent:bool",
    )
    return _with_person(frame, roster)


def _pairs(records: pd.DataFrame) -> set[tuple[str, str]]:
    """The (session, learner) pairs of records that name both."""
    named = records.dropna(subset=["session_id", "learner_id"])
    return set(zip(named["session_id"], named["learner_id"], strict=True))


def _record_frame(records: Iterable[Record], roster: pd.DataFrame, time_zone: tzinfo) -> pd.DataFrame:
    by_id = {record.record_id: record for record in records}
    voided = {record.voids for record in by_id.values() if record.voids}
    frame = _frame(
        [
            (
                str(record.record_id),
                record.verb.value,
                record.occurred_at,
                record.learner_id,
                record.session_id,
                record.module,
                record.item_id,
                record.points,
                record.max_points,
                record.text,
            )
            for record in sorted(by_id.values(), key=lambda record: (record.occurred_at, record.record_id))
            if record.verb is not Verb.VOIDED and record.record_id not in voided
        ],
        "row_id verb occurred_at:time learner_id session_id module:maybe_int item_id points:float "
        "max_points:float text",
    )
    local = frame["occurred_at"].dt.tz_convert(time_zone)
    frame = frame.assign(
        occurred_at=local, month=local.dt.month.astype("int64"), quarter=local.dt.quarter.astype("int64")
    )
    return _with_person(frame, roster)


def _select_verbs(records: pd.DataFrame, *verbs: Verb) -> pd.DataFrame:
    return records[records["verb"].isin([verb.value for verb in verbs])]


def _answer_frame(records: pd.DataFrame, law_names: Mapping[str, str]) -> pd.DataFrame:
    answers = _select_verbs(records, Verb.ANSWERED)
    law = answers["item_id"].str.partition("-")[0].astype("str") if len(answers) else answers["item_id"]
    return answers.assign(
        law=law,
        law_name=law.map(law_names).fillna(law).astype("str"),
        is_marked=answers["points"].notna() & (answers["max_points"] > 0),
        is_correct=answers["points"] >= answers["max_points"] - 1e-9,
    )


def _writing_frame(records: pd.DataFrame) -> pd.DataFrame:
    writings = _select_verbs(records, Verb.REFLECTED, Verb.PRESENTED)
    same = writings.duplicated(["learner_id", "verb", "module", "session_id"], keep="last")
    is_tied = writings["learner_id"].notna() & (writings["module"].notna() | writings["session_id"].notna())
    return writings.assign(
        kind_name=writings["verb"].map({"reflected": "心得体会", "presented": "研讨材料"}).astype("str"),
        is_replaced=same & is_tied,
    )


def _exam_frame(results: Sequence[ExamResult], roster: pd.DataFrame) -> pd.DataFrame:
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
                result.learner_id,
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
        "row_id paper_id paper_title held_on:day learner_id score:float max_score:float "
        "pass_score:float excellent_score:float has_sat:bool has_passed:bool is_excellent:bool",
    )
    return _with_person(frame, roster)


def _with_person(frame: pd.DataFrame, roster: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the `name` and `unit` of its `learner_id`; who is not on the roster is named so."""
    by_id = roster.drop_duplicates("learner_id").set_index("learner_id")
    stranger = frame["learner_id"].where(frame["learner_id"].isna(), NOT_ON_ROSTER)
    return frame.assign(
        **{
            column: frame["learner_id"].map(by_id[column]).astype("str").fillna(stranger).astype("str")
            for column in ("name", "unit")
        }
    )


def _quarter(month: int) -> int:
    return (month + 2) // 3
