"""Tab 阅卷: marks a released paper, names what was refused, leads to the essays to mark by hand, shows the scores."""

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
    render_done,
    render_findings,
    render_note,
    render_table,
)
from xuefa.workbench.desk import Action, Desk, show_text
from xuefa.workbench.papers import PaperChoice, is_released
from xuefa.workbench.words import in_form_words
from xuefa.workflows.exam_marking import mark_paper

_HOW_TO_MARK = (
    "<p>论述题由人评阅：点开一份，页面停在要评的题上，给的分和评语自动保存；评完关掉那一页，回到这里按“刷新”。"
    "待评阅的答卷打乱了次序，不写姓名。</p>"
)


def render_marking(summary: MarkingSummary, *, names: Mapping[str, str]) -> str:
    """What came of marking: how many, what was refused and why; `names` by learner id."""
    waiting = sum(marked.needs_manual_grade for marked in summary.marked)
    parts = [
        render_done(
            f"阅卷完成：实考 {len(summary.marked)} 人，缺考 {len(summary.absent)} 人，"
            f"未收 {len(summary.refused)} 份，待人工评阅 {waiting} 人。"
        )
    ]
    if summary.refused:
        rows = [(refused.learner_id, names.get(refused.learner_id, ""), refused.reason) for refused in summary.refused]
        parts.append(render_table("没有收的答卷", ("编号", "姓名", "原因"), rows))
    if summary.unfinished:
        parts.append(render_note(f"没有交卷、按已保存的答案计分的：{'、'.join(summary.unfinished)}。"))
    return "".join(parts)


def render_marked(pages: Sequence[MarkingPage], *, paper: Paper, names: Mapping[str, str]) -> str:
    """As it stands now: links to the submissions that wait for a person, without names, and everyone's score.

    A name leads to its page only when nothing waits there.
    """
    if not pages:
        return render_note("还没有阅过的答卷。")
    waiting = [
        (Link(f"第 {page.number} 份", page.path), "、".join(f"第 {number} 题" for number in page.waiting))
        for page in pages
        if page.waiting
    ]
    scores = [
        (
            page.learner_id,
            _name(page, names),
            page.score,
            _state(page.score, waits=bool(page.waiting), paper=paper),
        )
        for page in sorted(pages, key=lambda page: page.learner_id)
    ]
    parts = [f"<p>已阅 {len(pages)} 份，其中待人工评阅 {len(waiting)} 份。</p>"]
    if waiting:
        parts += [_HOW_TO_MARK, render_table("待评阅的答卷", ("答卷", "待评阅的题"), waiting)]
    parts.append(
        render_table(f"成绩（满分 {paper.total_points:g} 分；点姓名看答卷）", ("编号", "姓名", "得分", "结果"), scores)
    )
    return "".join(parts)


def open_marking_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    chosen = PaperChoice(desk, wanted=lambda paper: is_released(desk, paper), none_yet="还没有发布过卷")
    pages = widgets.HTML()
    renew = widgets.Button(description="刷新", layout={"width": "auto", "align_self": "flex-start"})

    def work(tell: Callable[[int, int], None]) -> str:
        paper = read_course_paper(chosen.require(), course_dir=settings.course_dir)
        summary = mark_paper(settings=settings, paper_id=paper.paper_id, progress=tell)
        return render_marking(summary, names=_read_names(settings, paper))

    def show_pages(_event: object = None) -> None:
        if not chosen.view.value:
            pages.value = ""
            return
        try:
            paper = read_course_paper(chosen.require(), course_dir=settings.course_dir)
            found = read_marking_pages(paper, course_dir=settings.course_dir)
            shown = render_marked(found, paper=paper, names=_read_names(settings, paper))
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
            renew,
            pages,
        ]
    )


def _read_names(settings: Settings, paper: Paper) -> dict[str, str]:
    sitting = read_course_sitting(paper.paper_id, course_dir=settings.course_dir)
    return {candidate.learner_id: candidate.name for candidate in sitting.candidates}


def _name(page: MarkingPage, names: Mapping[str, str]) -> str | Link:
    name = names.get(page.learner_id) or page.learner_id
    return name if page.waiting else Link(name, page.path)


def _state(score: float, *, waits: bool, paper: Paper) -> str:
    if waits:
        return "待人工评阅"
    if score >= paper.counted_excellent_score:
        return "优秀"
    return "及格" if score >= paper.counted_pass_score else "不及格"
