"""Figures of the sessions held: how many, of which kind, in which month, how long, on which laws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from xuefa.records.record import SESSION_KIND_NAMES, SessionKind
from xuefa.report.figure import MONTHS, Counting, Figure, identifier, round_half_even, split_hundred
from xuefa.report.frames import STUDY_KINDS, Frames
from xuefa.report.options import ReportOptions

QUARTER_NAMES = {1: "一季度", 2: "二季度", 3: "三季度", 4: "四季度"}
_STUDY = "集中学习是干部夜学、党委会“学法二十分”、中心组学习三种，研讨、讲座和旁听庭审另计"


def session_figures(frames: Frames, options: ReportOptions) -> Iterator[Figure]:
    """Sessions by kind, quarter and month, and the time they took."""
    sessions, of = frames.sessions, Counting("sessions")
    study = sessions[sessions["is_study"]]
    yield of.count(study, "study_sessions", "集中学习次数", "次", f"年度内举行的集中学习场次。{_STUDY}")
    for kind in SessionKind:
        name = SESSION_KIND_NAMES[kind]
        rows, figure_id = sessions[sessions["kind"] == kind.value], f"sessions_{kind.value}"
        if kind in STUDY_KINDS:
            yield of.count(
                rows, figure_id, f"{name}次数", "次", f"年度内举行的{name}场次", family="sessions_kind", key=name
            )
        else:
            yield of.count(rows, f"{kind.value}s", f"{name}次数", "次", f"年度内举行的{name}场次，不计入集中学习")
    yield from _kind_shares(study)
    for quarter, name in QUARTER_NAMES.items():
        yield of.count(
            study[study["quarter"] == quarter],
            f"sessions_q{quarter}",
            f"{name}集中学习次数",
            "次",
            f"{name}举行的集中学习场次，按学习日期",
            family="sessions_quarter",
            key=name,
        )
    for month in MONTHS:
        held = of.count(
            study[study["month"] == month],
            f"sessions_m{month:02d}",
            f"{month}月集中学习次数",
            "次",
            f"{month}月举行的集中学习场次，按学习日期",
            family="sessions_month",
            key=str(month),
            label=f"{month}月",
        )
        yield replace(held, is_open=month in frames.open_months)
    for kind in STUDY_KINDS:
        yield from _kind_by_month(study[study["kind"] == kind.value], kind)
    minutes = of.total(
        study, "minutes", "study_minutes", "集中学习时间", "分钟", "集中学习各场次时长之和，以学习台账登记的时长为准"
    )
    yield minutes
    yield _study_hours(minutes, options.minutes_per_study_hour)


def _study_hours(minutes: Figure, minutes_per_hour: int) -> Figure:
    return Figure(
        figure_id="study_hours",
        name="集中学习学时",
        unit="学时",
        value=round_half_even(Decimal(minutes.value or 0) / minutes_per_hour, places=1),
        definition=f"集中学习总分钟数除以{minutes_per_hour}（{minutes_per_hour}分钟为1学时），保留一位小数",
        source=minutes.source,
        select_rows=minutes.select_rows,
    )


def _kind_shares(study: pd.DataFrame) -> Iterator[Figure]:
    of = Counting("sessions")
    counts = [int((study["kind"] == kind.value).sum()) for kind in STUDY_KINDS]
    for kind, share in zip(STUDY_KINDS, split_hundred(counts), strict=True):
        name = SESSION_KIND_NAMES[kind]
        yield of.number(
            share if len(study) else None,
            lambda: study["row_id"],
            f"share_{kind.value}",
            f"{name}占集中学习次数的比重",
            "%",
            f"{name}场次除以集中学习场次；各种形式的比重按最大余数法修约，合计为100.0%",
            family="sessions_share",
            key=name,
        )


def _kind_by_month(rows: pd.DataFrame, kind: SessionKind) -> Iterator[Figure]:
    """Nothing for a kind that was not held all year."""
    name = SESSION_KIND_NAMES[kind]
    for month in MONTHS if len(rows) else ():
        yield Counting("sessions").count(
            rows[rows["month"] == month],
            f"sessions_{kind.value}_m{month:02d}",
            f"{month}月{name}次数",
            "次",
            f"{month}月举行的{name}场次，按学习日期",
            family=f"sessions_month_{kind.value}",
            key=str(month),
            label=f"{month}月",
        )


def law_figures(frames: Frames) -> Iterator[Figure]:
    """The laws studied, and how often each."""
    of = Counting("session_laws")
    studied = frames.session_laws[frames.session_laws["is_study"]]
    yield of.distinct(
        studied, "law", "laws_studied", "集中学习的法律法规文件", "部", "集中学习中学过的法律法规文件，同一部只计一次"
    )
    for group, rows in studied.groupby("law", sort=False):
        law, name = str(group), frames.law_names.get(str(group), str(group))
        yield of.count(
            rows,
            f"sessions_law_{identifier(law)}",
            f"{name}集中学习次数",
            "次",
            f"学习内容包括{name}的集中学习场次",
            family="sessions_law",
            key=law,
            label=name,
        )
