"""Figures of practice exams, paper by paper and together, and of the official exam."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from xuefa.report.figure import ONCE_A_PERSON, Counting, Figure, identifier
from xuefa.report.frames import Frames


def exam_figures(frames: Frames) -> Iterator[Figure]:
    """The practice exams, together and each."""
    of, results = Counting("exam_results"), frames.exam_results
    yield of.distinct(results, "paper_id", "exams", "模拟考试次数", "次", "年度内组织的模拟考试，一份试卷计一次")
    yield Counting("unmarked_papers").count(
        frames.unmarked_papers,
        "exams_unmarked",
        "尚未阅卷的模拟考试",
        "次",
        "年度内已经发布、还没有任何成绩的试卷份数，不计入模拟考试次数",
    )
    yield from _totals(results)
    for group, rows in results.groupby("paper_id", sort=False):
        paper, first = str(group), rows.iloc[0]
        title, mark, sat = f"“{first['paper_title']}”", identifier(paper), rows[rows["has_sat"]]
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
        yield of.median(
            sat,
            "score",
            f"exam_median_{mark}",
            f"{title}中位数",
            "分",
            "实考人员成绩从低到高排列居中的一个，居中有两个的取其平均数，保留一位小数",
            family="exam_median",
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


def _totals(results: pd.DataFrame) -> Iterator[Figure]:
    """All papers of the year together, in 人次; n and N of papers add up."""
    of, sat = Counting("exam_results"), results[results["has_sat"]]
    yield of.count(results, "exams_expected", "模拟考试应考人次", "人次", "各次模拟考试应考人数之和")
    yield of.count(sat, "exams_present", "模拟考试实考人次", "人次", "各次模拟考试实考人数之和")
    yield of.rate(results, "has_sat", "exams_rate", "模拟考试参考率", "各次模拟考试实考人数之和除以应考人数之和")
    yield of.rate(
        sat,
        "has_passed",
        "exams_pass_rate",
        "模拟考试及格率",
        "各次模拟考试及格人数之和除以实考人数之和，及格线以各卷为准",
    )


def certification_figures(frames: Frames) -> Iterator[Figure]:
    """通过执法考试 in the year, and 持证率 at its end."""
    passed = frames.certifications
    in_year = passed[passed["in_year"]]
    yield Counting("certifications").distinct(
        in_year,
        "learner_id",
        "certified",
        "通过执法考试人数",
        "名",
        f"年度内登记为通过执法考试的人数，{ONCE_A_PERSON}；由统计人员登记，不由模拟考试推断",
    )
    staff = frames.learners[frames.learners["at_year_end"] & frames.learners["exam_eligible"]]
    yield Counting("learners").rate(
        staff.assign(has_passed=staff["learner_id"].isin(set(passed["learner_id"].dropna()))),
        "has_passed",
        "certified_rate",
        "持证率",
        "12月31日在册、可以参加执法考试的人员中，本年和以前年度登记过通过执法考试的人数所占比重",
    )
