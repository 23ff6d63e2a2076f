"""Figures of who came: 人次 and 人数, 参学率, 请假 and 缺席, 学时 by person; denominators follow the roster's dates."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xuefa.records.record import SESSION_KIND_NAMES, SessionKind
from xuefa.report.figure import MONTHS, ONCE_A_PERSON, ONCE_A_SESSION, Counting, Figure, digest, round_half_even
from xuefa.report.frames import Frames
from xuefa.report.options import ReportOptions

_ON_ROSTER = "学习当天不在册（未到岗、已离岗、长期请假）的不计"


def attendance_figures(frames: Frames) -> Iterator[Figure]:
    """应到, 实到, 请假, 缺席 of 集中学习, 人次 and 人数, by month and unit."""
    of = Counting("attendance")
    everyone = frames.attendance[frames.attendance["is_study"]]
    came, expected = everyone[everyone["signed_in"]], everyone[everyone["expected"]]
    attended = expected[expected["signed_in"]]
    yield of.count(expected, "expected", "应到人次", "人次", f"集中学习各场次应到名单的人数之和，{_ON_ROSTER}")
    yield of.count(attended, "present", "实到人次", "人次", f"应到名单中签到的人次，{ONCE_A_SESSION}")
    yield of.count(expected[expected["excused"]], "excused", "请假人次", "人次", "应到名单中请假并且没有签到的人次")
    yield of.count(expected[expected["absent"]], "absent", "缺席人次", "人次", "应到名单中既没有签到也没有请假的人次")
    yield of.count(
        came, "attendances", "参学人次", "人次", f"集中学习签到的人次，包括不在应到名单内的，{ONCE_A_SESSION}"
    )
    yield of.count(
        came[~came["expected"]],
        "extra",
        "应到名单以外的参学人次",
        "人次",
        f"不在应到名单内而签到的人次，{ONCE_A_SESSION}",
    )
    yield of.distinct(
        came, "learner_id", "attendees", "参学人数", "人", f"全年至少参加过一次集中学习的人数，{ONCE_A_PERSON}"
    )
    yield of.rate(expected, "signed_in", "attendance_rate", "参学率", "集中学习实到人次除以应到人次")
    in_year = frames.learners[frames.learners["in_year"]]
    has_come = in_year["learner_id"].isin(came["learner_id"].dropna().unique())
    yield Counting("learners").rate(
        in_year.assign(has_come=has_come),
        "has_come",
        "participation",
        "参学覆盖率",
        "年内在册人员中至少参加过一次集中学习的人数，除以年内在册人数（在册一天以上的都计）",
    )
    for month in MONTHS:
        yield of.count(
            came[came["month"] == month],
            f"attendances_m{month:02d}",
            f"{month}月参学人次",
            "人次",
            f"{month}月集中学习签到的人次，{ONCE_A_SESSION}",
            family="attendances_month",
            key=str(month),
            label=f"{month}月",
        )
        yield of.rate(
            expected[expected["month"] == month],
            "signed_in",
            f"attendance_rate_m{month:02d}",
            f"{month}月参学率",
            f"{month}月集中学习实到人次除以应到人次",
            family="attendance_rate_month",
            key=str(month),
            label=f"{month}月",
        )
    for unit, rows in expected.groupby("unit", observed=True):
        yield of.rate(
            rows,
            "signed_in",
            f"attendance_rate_u{digest(str(unit))}",
            f"{unit}参学率",
            f"{unit}人员集中学习实到人次除以应到人次，单位以学习当天的名册为准",
            family="attendance_rate_unit",
            key=str(unit),
        )
        yield of.distinct(
            rows,
            "learner_id",
            f"expected_people_u{digest(str(unit))}",
            f"{unit}应参学人数",
            "人",
            f"{unit}至少有一次列入集中学习应到名单的人数，{ONCE_A_PERSON}",
            family="expected_people_unit",
            key=str(unit),
        )


def hour_figures(frames: Frames, options: ReportOptions) -> Iterator[Figure]:
    """学时 by attendance: all of them, per head, and who reached the target. 学时 come from sessions alone."""
    rows, per_hour = frames.attendance, options.minutes_per_study_hour
    came = rows[rows["is_study"] & rows["signed_in"]]
    yield Counting("attendance").number(
        round_half_even(Decimal(int(came["minutes"].sum())) / per_hour, places=1),
        lambda: came["row_id"],
        "attended_hours",
        "参学学时",
        "学时",
        f"每人每次参加集中学习的分钟数之和除以{per_hour}（{per_hour}分钟为1学时），保留一位小数；只按签到计，不按打开页面的时间计",
    )
    of, staff = Counting("learners"), frames.learners[frames.learners["whole_year"]]
    minutes = staff["learner_id"].map(came.groupby("learner_id", observed=True)["minutes"].sum()).fillna(0)
    total = Decimal(int(minutes.sum())) / per_hour
    yield of.count(staff, "whole_year_staff", "全年在册人数", "人", "从1月1日到12月31日每天都在册的人数")
    yield of.number(
        round_half_even(total / len(staff), places=1) if len(staff) else None,
        lambda: staff["row_id"],
        "hours_per_head",
        "人均学时",
        "学时",
        "全年在册人员的参学学时之和除以全年在册人数，保留一位小数；年内到岗、离岗和长期请假的人不计在内",
    )
    if options.targets.study_hours:
        yield of.rate(
            staff.assign(has_reached=minutes >= options.targets.study_hours * per_hour),
            "has_reached",
            "hours_reached",
            "学时达标率",
            f"全年在册人员中参学满{options.targets.study_hours}学时的人数除以全年在册人数",
        )


def gathering_figures(frames: Frames) -> Iterator[Figure]:
    """Who came to 学习研讨, 专题讲座 and 旁听庭审, which are no 集中学习."""
    of, rows = Counting("attendance"), frames.attendance
    for kind in (SessionKind.SEMINAR, SessionKind.LECTURE, SessionKind.COURT_VISIT):
        name, came = SESSION_KIND_NAMES[kind], rows[(rows["kind"] == kind.value) & rows["signed_in"]]
        figure_id, once = f"{kind.value}_attend", ONCE_A_PERSON
        yield of.count(came, f"{figure_id}ances", f"{name}参加人次", "人次", f"{name}签到的人次，{ONCE_A_SESSION}")
        yield of.distinct(came, "learner_id", f"{figure_id}ees", f"{name}参加人数", "人", f"参加过{name}的人数，{once}")
