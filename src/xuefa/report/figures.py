"""The figures of a study year, each counted from one frame, with its definition in Chinese."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from decimal import Decimal

import pandas as pd

from xuefa.records.record import SESSION_KIND_NAMES, SessionKind
from xuefa.report.figure import Counting, Figure, Figures, round_half_even
from xuefa.report.frames import STUDY_KINDS, Frames
from xuefa.report.options import ReportOptions

MONTHS = tuple(range(1, 13))
QUARTER_NAMES = {1: "一季度", 2: "二季度", 3: "三季度", 4: "四季度"}

_STUDY = "集中学习是干部夜学、党委会“学法二十分”、中心组学习三种，研讨、讲座和旁听庭审另计"
_ONCE_A_SESSION = "一人一场多次签到只计一次"
_ONCE_A_PERSON = "一人只计一次"
_ONCE_A_TEXT = "同一人就同一单元、同一次学习重复提交的只计最后一篇"
_ACCURACY = "得满分的答题次数除以有评分的答题次数，同一人同一题每答一次计一次"


def build_figures(frames: Frames, options: ReportOptions) -> Figures:
    """Every figure of the year. Rates without a denominator have the value None."""
    return Figures(
        (
            *_session_figures(frames, options),
            *_law_figures(frames),
            *_attendance_figures(frames),
            *_seminar_figures(frames),
            *_writing_figures(frames),
            *_answer_figures(frames),
            *_exam_figures(frames),
        )
    )


def _session_figures(frames: Frames, options: ReportOptions) -> Iterator[Figure]:
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
        yield of.count(
            study[study["month"] == month],
            f"sessions_m{month:02d}",
            f"{month}月集中学习次数",
            "次",
            f"{month}月举行的集中学习场次，按学习日期",
            family="sessions_month",
            key=str(month),
            label=f"{month}月",
        )
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
        rows=minutes.rows,
    )


def _law_figures(frames: Frames) -> Iterator[Figure]:
    of = Counting("session_laws")
    studied = frames.session_laws[frames.session_laws["is_study"]]
    yield of.distinct(
        studied, "law", "laws_studied", "集中学习的法律法规文件", "部", "集中学习中学过的法律法规文件，同一部只计一次"
    )
    for group, rows in studied.groupby("law", sort=False):
        law, name = str(group), frames.law_names.get(str(group), str(group))
        yield of.count(
            rows,
            f"sessions_law_{_identifier(law)}",
            f"{name}集中学习次数",
            "次",
            f"学习内容包括{name}的集中学习场次",
            family="sessions_law",
            key=law,
            label=name,
        )


def _attendance_figures(frames: Frames) -> Iterator[Figure]:
    of = Counting("attendance")
    everyone = frames.attendance[frames.attendance["is_study"]]
    came, expected = everyone[everyone["signed_in"]], everyone[everyone["expected"]]
    attended = expected[expected["signed_in"]]
    yield of.count(expected, "expected", "应到人次", "人次", "集中学习各场次应到名单的人数之和")
    yield of.count(attended, "present", "实到人次", "人次", f"应到名单中签到的人次，{_ONCE_A_SESSION}")
    yield of.count(expected[expected["excused"]], "excused", "请假人次", "人次", "应到名单中请假并且没有签到的人次")
    yield of.count(expected[expected["absent"]], "absent", "缺席人次", "人次", "应到名单中既没有签到也没有请假的人次")
    yield of.count(
        came, "attendances", "参学人次", "人次", f"集中学习签到的人次，包括不在应到名单内的，{_ONCE_A_SESSION}"
    )
    yield of.count(
        came[~came["expected"]],
        "extra",
        "应到名单以外的参学人次",
        "人次",
        f"不在应到名单内而签到的人次，{_ONCE_A_SESSION}",
    )
    yield of.distinct(
        came, "learner_id", "attendees", "参学人数", "人", f"全年至少参加过一次集中学习的人数，{_ONCE_A_PERSON}"
    )
    yield of.rate(expected, "signed_in", "attendance_rate", "参学率", "集中学习实到人次除以应到人次")
    for month in MONTHS:
        yield of.count(
            came[came["month"] == month],
            f"attendances_m{month:02d}",
            f"{month}月参学人次",
            "人次",
            f"{month}月集中学习签到的人次，{_ONCE_A_SESSION}",
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
    for unit, rows in expected.groupby("unit"):
        yield of.rate(
            rows,
            "signed_in",
            f"attendance_rate_u{_digest(str(unit))}",
            f"{unit}参学率",
            f"{unit}人员集中学习实到人次除以应到人次，单位以名册为准",
            family="attendance_rate_unit",
            key=str(unit),
        )
        yield of.distinct(
            rows,
            "learner_id",
            f"expected_people_u{_digest(str(unit))}",
            f"{unit}应参学人数",
            "人",
            f"{unit}至少有一次列入集中学习应到名单的人数，{_ONCE_A_PERSON}",
            family="expected_people_unit",
            key=str(unit),
        )


def _seminar_figures(frames: Frames) -> Iterator[Figure]:
    of, rows = Counting("attendance"), frames.attendance
    came = rows[(rows["kind"] == SessionKind.SEMINAR.value) & rows["signed_in"]]
    yield of.count(came, "seminar_attendances", "学习研讨参加人次", "人次", f"学习研讨签到的人次，{_ONCE_A_SESSION}")
    yield of.distinct(
        came, "learner_id", "seminar_attendees", "学习研讨参加人数", "人", f"参加过学习研讨的人数，{_ONCE_A_PERSON}"
    )


def _writing_figures(frames: Frames) -> Iterator[Figure]:
    of, kept = Counting("writings"), frames.writings[~frames.writings["is_replaced"]]
    reflected, presented = kept[kept["verb"] == "reflected"], kept[kept["verb"] == "presented"]
    yield of.count(reflected, "reflections", "心得体会", "篇", f"年度内提交的心得体会，{_ONCE_A_TEXT}")
    yield of.count(presented, "discussion_papers", "研讨材料", "篇", f"年度内提交的研讨材料，{_ONCE_A_TEXT}")
    yield of.count(kept, "writings", "心得体会、研讨材料", "篇", f"心得体会与研讨材料之和，{_ONCE_A_TEXT}")
    yield of.distinct(
        kept, "learner_id", "writers", "撰写人数", "人", f"提交过心得体会或者研讨材料的人数，{_ONCE_A_PERSON}"
    )
    yield Counting("publicity").count(
        frames.publicity, "pushes", "推送次数", "次", "年度内利用微信群、公众号等推送学习内容的次数，以登记为准"
    )
    yield Counting("certifications").distinct(
        frames.certifications,
        "learner_id",
        "certified",
        "通过执法考试人数",
        "名",
        f"年度内登记为通过执法考试的人数，{_ONCE_A_PERSON}；由统计人员登记，不由模拟考试推断",
    )


def _answer_figures(frames: Frames) -> Iterator[Figure]:
    of, answers = Counting("answers"), frames.answers
    marked = answers[answers["is_marked"]]
    yield of.count(answers, "answers", "答题次数", "次", "年度内学法答题的次数，同一人同一题每答一次计一次")
    yield of.distinct(
        answers, "learner_id", "answerers", "答题人数", "人", f"年度内至少答过一题的人数，{_ONCE_A_PERSON}"
    )
    yield of.rate(marked, "is_correct", "accuracy", "答题正确率", _ACCURACY)
    for law, name, rows in _by_law(answers, frames):
        yield of.count(
            rows,
            f"answers_law_{_identifier(law)}",
            f"{name}答题次数",
            "次",
            f"{name}题目的答题次数，同一人同一题每答一次计一次",
            family="answers_law",
            key=law,
            label=name,
        )
        yield of.rate(
            rows[rows["is_marked"]],
            "is_correct",
            f"accuracy_law_{_identifier(law)}",
            f"{name}答题正确率",
            f"{name}题目{_ACCURACY}",
            family="accuracy_law",
            key=law,
            label=name,
        )
    for month in MONTHS:
        yield of.count(
            answers[answers["month"] == month],
            f"answers_m{month:02d}",
            f"{month}月答题次数",
            "次",
            f"{month}月学法答题的次数，按答题时间",
            family="answers_month",
            key=str(month),
            label=f"{month}月",
        )
        yield of.rate(
            marked[marked["month"] == month],
            "is_correct",
            f"accuracy_m{month:02d}",
            f"{month}月答题正确率",
            f"{month}月{_ACCURACY}",
            family="accuracy_month",
            key=str(month),
            label=f"{month}月",
        )


def _exam_figures(frames: Frames) -> Iterator[Figure]:
    of, results = Counting("exam_results"), frames.exam_results
    yield of.distinct(results, "paper_id", "exams", "模拟考试次数", "次", "年度内组织的模拟考试，一份试卷计一次")
    for group, rows in results.groupby("paper_id", sort=False):
        paper, first = str(group), rows.iloc[0]
        title, mark, sat = f"“{first['paper_title']}”", _identifier(paper), rows[rows["has_sat"]]
        for kind, name, part, definition in (
            ("expected", "应考人数", rows, "应考名单的人数"),
            ("present", "实考人数", sat, "应考名单中有成绩的人数"),
            ("absent", "缺考人数", rows[~rows["has_sat"]], "应考名单中没有成绩的人数"),
        ):
            yield of.count(
                part,
                f"exam_{kind}_{mark}",
                title + name,
                "人",
                definition,
                family=f"exam_{kind}",
                key=paper,
                label=first["paper_title"],
            )
        yield of.mean(
            sat,
            "score",
            f"exam_mean_{mark}",
            f"{title}平均分",
            "分",
            f"实考人员成绩的平均数，满分{first['max_score']:g}分，保留一位小数",
            family="exam_mean",
            key=paper,
            label=first["paper_title"],
        )
        for kind, name, part, hit, definition in (
            ("rate", "参考率", rows, "has_sat", "实考人数除以应考人数"),
            ("pass_rate", "及格率", sat, "has_passed", f"{first['pass_score']:g}分以上的人数除以实考人数"),
            ("excellent_rate", "优秀率", sat, "is_excellent", f"{first['excellent_score']:g}分以上的人数除以实考人数"),
        ):
            yield of.rate(
                part,
                hit,
                f"exam_{kind}_{mark}",
                title + name,
                definition,
                family=f"exam_{kind}",
                key=paper,
                label=first["paper_title"],
            )


def _by_law(rows: pd.DataFrame, frames: Frames) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Slug, name and rows of each law that occurs, in the order of the catalogue; unknown laws at the end."""
    groups = {str(law): part for law, part in rows.groupby("law")}
    for law in dict.fromkeys((*frames.law_names, *groups)):
        if law in groups:
            yield law, frames.law_names.get(law, law), groups[law]


def _identifier(text: str) -> str:
    """`text` where it can stand in a figure's id (at most 12 of a–z, 0–9 and -, which becomes _), else a digest."""
    return text.replace("-", "_") if re.fullmatch(r"[a-z0-9-]{1,12}", text) else _digest(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]
