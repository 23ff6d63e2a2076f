"""Tab 阅卷: marks a released paper with progress, names what was refused, and leads to the essays to mark by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from xuefa.errors import XuefaError
from xuefa.exam.hand_marks import MarkingPage, read_marking_pages
from xuefa.exam.marking import MarkingSummary
from xuefa.exam.paper import Paper, read_course_paper
from xuefa.exam.sitting import read_course_sitting
from xuefa.settings import Settings
from xuefa.workbench.cards import (
    Link,
    render_body,
    render_details,
    render_done,
    render_findings,
    render_note,
    render_table,
)
from xuefa.workbench.desk import Action, Desk, show_text
from xuefa.workbench.papers import PaperChoice, is_released
from xuefa.workbench.words import in_form_words
from xuefa.workflows.exam_marking import mark_paper

_HAND_MARKING = (
    "<p><strong>论述题评阅</strong>　点开一份答卷，页面停在要评的题上；给的分和评语自动保存。"
    "评完关掉那一页，回到这里按“刷新”。答卷打乱了次序，不写姓名。</p>"
)


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
        parts.append("<p>论述题要由人评阅，答卷列在下面。评完以后，成绩自动更新，再看分析和反馈。</p>")
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
            render_table(f"成绩（满分 {summary.marked[0].max_score:g} 分）", ("编号", "姓名", "得分", ""), scores)
        )
    return "".join(parts)


def render_marking_pages(pages: Sequence[MarkingPage], *, names: Mapping[str, str]) -> str:
    """Links to the submissions that wait for a person, without names, and folded away to all of them by name."""
    if not pages:
        return render_note("还没有阅过的答卷。")
    waiting = [(Link(f"第 {page.number} 份", page.path), _name_questions(page)) for page in pages if page.waiting]
    everyone = [
        (
            page.learner_id,
            Link(names.get(page.learner_id) or page.learner_id, page.path),
            f"待评阅 {_name_questions(page)}" if page.waiting else "已评阅",
        )
        for page in sorted(pages, key=lambda page: page.learner_id)
    ]
    counted = f"<p>共 {len(pages)} 份答卷，待评阅 {len(waiting)} 份。</p>"
    listed = render_table("待评阅的答卷", ("答卷", "待评阅的题"), waiting) if waiting else ""
    table = render_table("所有阅过的答卷", ("编号", "姓名", "情况"), everyone)
    return f"{counted}{listed}{render_details('按姓名找答卷（复查、改分）', table)}"


def open_marking_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    chosen = PaperChoice(desk, wanted=lambda paper: is_released(desk, paper), none_yet="还没有发布过卷")
    pages = widgets.HTML()
    renew = widgets.Button(description="刷新", layout={"width": "auto", "align_self": "flex-start"})

    def work(tell: Callable[[int, int], None]) -> str:
        paper = read_course_paper(chosen.require(), course_dir=settings.course_dir)
        summary = mark_paper(settings=settings, paper_id=paper.paper_id, progress=tell)
        return render_marking(summary, paper=paper, names=_read_names(settings, paper))

    def show_pages(_event: object = None) -> None:
        if not chosen.view.value:
            pages.value = ""
            return
        try:
            paper = read_course_paper(chosen.require(), course_dir=settings.course_dir)
            found = read_marking_pages(paper, course_dir=settings.course_dir)
            shown = render_marking_pages(found, names=_read_names(settings, paper))
        except XuefaError as error:
            shown = render_findings(in_form_words(error.findings))
        pages.value = render_body(shown)

    desk.add_refresher(show_pages)
    desk.add_button(renew)
    renew.on_click(show_pages)
    chosen.view.observe(show_pages, names="value")
    return widgets.VBox(
        [
            show_text(
                "<p>客观题由机器评阅，论述题由人评阅。可以反复阅卷，人工给的分不会丢；中途按“停止”，成绩册保持原样。</p>"
            ),
            chosen.view,
            Action(desk, "阅卷", work, busy="阅卷", stoppable=True).view,
            show_text(_HAND_MARKING),
            renew,
            pages,
        ]
    )


def _read_names(settings: Settings, paper: Paper) -> dict[str, str]:
    sitting = read_course_sitting(paper.paper_id, course_dir=settings.course_dir)
    return {candidate.learner_id: candidate.name for candidate in sitting.candidates}


def _name_questions(page: MarkingPage) -> str:
    return "、".join(f"第 {number} 题" for number in page.waiting)


def _state(score: float, *, waits: bool, paper: Paper) -> str:
    if waits:
        return "待人工评阅"
    if score >= paper.counted_excellent_score:
        return "优秀"
    return "及格" if score >= paper.counted_pass_score else "不及格"
