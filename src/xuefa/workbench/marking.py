"""Tab 阅卷: marks a released paper with progress, can be stopped, and names what was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from xuefa.exam.marking import MarkingSummary
from xuefa.exam.paper import Paper, read_course_paper
from xuefa.exam.sitting import read_course_sitting
from xuefa.workbench.cards import render_done, render_note, render_table
from xuefa.workbench.desk import Action, Desk, show_text
from xuefa.workbench.papers import PaperChoice, is_released
from xuefa.workflows.exam_marking import mark_paper

FORMGRADER = "<a href='/formgrader' target='_blank'>打开人工评阅页面（formgrader）</a>"


def render_marking(summary: MarkingSummary, *, paper: Paper, names: Mapping[str, str]) -> str:
    """What came of marking: how many, who has what, what was refused and why; `names` by learner id."""
    waiting = sum(marked.needs_manual_grade for marked in summary.marked)
    parts = [
        render_done(
            f"阅卷完成：实考 {len(summary.marked)} 人，缺考 {len(summary.absent)} 人，"
            f"未收 {len(summary.refused)} 份，待人工评阅 {waiting} 人。"
        )
    ]
    if waiting:
        parts.append(f"<p>论述题要由人评阅：{FORMGRADER}。评完以后，成绩自动更新，再回来看分析和反馈。</p>")
    if summary.refused:
        rows = [(refused.learner_id, names.get(refused.learner_id, ""), refused.reason) for refused in summary.refused]
        parts.append(render_table("没有收的答卷", ("编号", "姓名", "原因"), rows))
    if summary.unfinished:
        parts.append(render_note(f"没有交卷、按已保存的答案计分的：{'、'.join(summary.unfinished)}。"))
    if summary.marked:
        scores = [
            (
                marked.learner_id,
                names.get(marked.learner_id, ""),
                marked.score,
                _state(marked.score, waits=marked.needs_manual_grade, paper=paper),
            )
            for marked in summary.marked
        ]
        parts.append(
            render_table(f"成绩（满分 {summary.marked[0].max_score:g} 分）", ("编号", "姓名", "得分", "结果"), scores)
        )
    return "".join(parts)


def open_marking_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    chosen = PaperChoice(desk, wanted=lambda paper: is_released(desk, paper), none_yet="还没有发布过卷")

    def work(tell: Callable[[int, int], None]) -> str:
        paper = read_course_paper(chosen.require(), course_dir=settings.course_dir)
        summary = mark_paper(settings=settings, paper_id=paper.paper_id, progress=tell)
        sitting = read_course_sitting(paper.paper_id, course_dir=settings.course_dir)
        names = {candidate.learner_id: candidate.name for candidate in sitting.candidates}
        return render_marking(summary, paper=paper, names=names)

    return widgets.VBox(
        [
            show_text(
                "<p>客观题由机器评阅，论述题由人评阅。可以反复阅卷，人工给的分不会丢；中途按“停止”，成绩册保持原样。</p>"
            ),
            chosen.view,
            Action(desk, "阅卷", work, busy="阅卷", stoppable=True).view,
            show_text(f"<p>{FORMGRADER}</p>"),
        ]
    )


def _state(score: float, *, waits: bool, paper: Paper) -> str:
    if waits:
        return "待人工评阅"
    if score >= paper.counted_excellent_score:
        return "优秀"
    return "及格" if score >= paper.counted_pass_score else "不及格"
