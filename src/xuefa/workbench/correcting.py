"""Tab 更正: marks again after a wrong key was put right in the bank, or voids a question; says who changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets as widgets

from xuefa.exam.paper import Paper, read_course_paper
from xuefa.exam.remark_log import Remark, ScoreChange, read_remarks
from xuefa.exam.scoring import render_points
from xuefa.exam.times import render_time
from xuefa.workbench.cards import render_body, render_done, render_note, render_table
from xuefa.workbench.desk import Action, Desk, field, show_text
from xuefa.workbench.papers import PaperChoice, is_released
from xuefa.workflows.exam_marking import remark_paper

VOID_WORDS = {"full": "作废：这道题人人得满分", "out": "作废：这道题不计入总分"}
_STEM_CHARACTERS = 14


def list_questions(paper: Paper) -> list[tuple[str, str]]:
    """What the list of questions shows, with the id each stands for; the first line stands for none."""
    lines = [
        (f"第 {number} 题（{question.question_id}）　{question.stem[:_STEM_CHARACTERS]}…", question.question_id)
        for number, question in enumerate(paper.questions, start=1)
    ]
    return [("不作废，只按改好的答案重新阅卷", ""), *lines]


def render_remark(remark: Remark | None) -> str:
    """What was changed in the paper, and every learner whose score changed, by how much."""
    if remark is None:
        return render_note("答案和作废的题都和上次阅卷时一样，没有要改的。")
    replaced = [(one.question_id, f"{one.learner_id} 的人工评分 {one.score:g} 不再算") for one in remark.replaced]
    changes = [
        (one.learner_id, one.name, one.before, one.after, f"{one.after - one.before:+g}", _passing(one))
        for one in remark.changes
    ]
    parts = [
        render_done(f"已重新阅卷，{len(changes)} 人的成绩有变化；原因已记下。"),
        render_table("改了什么", ("题", "更改"), [*_describe(remark), *replaced]),
    ]
    if remark.total_after != remark.total_before:
        parts.append(
            f"<p>满分由 {render_points(remark.total_before)} 分改为 {render_points(remark.total_after)} 分，"
            f"及格线由 {render_points(remark.pass_before)} 分改为 {render_points(remark.pass_after)} 分。</p>"
        )
    if changes:
        parts.append(render_table("谁变了", ("编号", "姓名", "原得分", "现得分", "变化", "及格"), changes))
    return "".join(parts) + f"<p class='xuefa-note'>原因：{escape(remark.reason)}</p>"


def render_earlier(remarks: Sequence[Remark]) -> str:
    """The record of a paper's earlier corrections, the latest first; nothing where there are none."""
    rows = [
        (
            render_time(one.remarked_at),
            one.reason,
            "；".join(f"{item}：{words}" for item, words in _describe(one)),
            len(one.changes),
        )
        for one in reversed(remarks)
    ]
    return render_table("以前的更正", ("时间", "原因", "改了什么", "成绩变了的人数"), rows) if rows else ""


def open_correcting_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    chosen = PaperChoice(desk, wanted=lambda paper: is_released(desk, paper), none_yet="还没有发布过卷")
    question = field(widgets.Dropdown, "作废的题")
    how = field(widgets.Dropdown, "怎样作废", options=[(words, how) for how, words in VOID_WORDS.items()])
    earlier = widgets.HTML()
    reason = field(widgets.Textarea, "原因", placeholder="写明为什么要改，例如：第 3 题答案印错")

    def show_questions(_change: object = None) -> None:
        paper_ids = chosen.view.value
        paper = read_course_paper(paper_ids[0], course_dir=settings.course_dir) if paper_ids else None
        question.options = list_questions(paper) if paper else [(chosen.none_yet, "")]
        remarks = read_remarks(paper.paper_id, course_dir=settings.course_dir) if paper else ()
        earlier.value = render_body(render_earlier(remarks))

    chosen.view.observe(show_questions, names="value")
    desk.add_refresher(show_questions)

    def work(tell: Callable[[int, int], None]) -> str:
        void = {question.value: how.value} if question.value else {}
        paper_id, why = chosen.require(), reason.value
        return render_remark(remark_paper(settings=settings, paper_id=paper_id, reason=why, void=void, progress=tell))

    return widgets.VBox(
        [
            show_text(
                "<p>发现答案错了：先在题库里改好答案（题干和选项不能改），再到这里重新阅卷。"
                "题目本身有毛病的，可以把它作废。人工给的分会保留，作废的题除外。</p>"
            ),
            *(chosen.view, question, how, reason),
            Action(desk, "重新阅卷", work, busy="重新阅卷", stoppable=True).view,
            earlier,
        ]
    )


def _describe(remark: Remark) -> list[tuple[str, str]]:
    """What was changed in the paper: item or question id, and how."""
    return [
        *((one.question_id, f"答案由 {one.before} 改为 {one.after}") for one in remark.keys),
        *((question_id, VOID_WORDS[how]) for question_id, how in remark.voided.items()),
        *((item_id, "解析、法条或评分要点改过，答案没有变") for item_id in remark.rewritten),
    ]


def _passing(change: ScoreChange) -> str:
    words = {True: "及格", False: "不及格"}
    before, after = words[change.passed_before], words[change.passed_after]
    return after if before == after else f"{before} → {after}"
