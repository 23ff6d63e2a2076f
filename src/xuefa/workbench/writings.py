"""Tab 心得研讨: the trainer reads what learners handed in, accepts it, or returns it with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Literal

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding
from xuefa.records.record import VERB_NAMES, Learner
from xuefa.records.writings import Stage, Writing
from xuefa.settings import TIME_ZONE
from xuefa.workbench.cards import render_body, render_done, render_note
from xuefa.workbench.desk import Action, Desk, field, show_text
from xuefa.workflows.writings import decide_writing, read_site_writings

STAGE_NAMES: dict[Stage, str] = {"handed_in": "待看", "returned": "已退回", "accepted": "已收下"}
_WANTED = [("待看的", "handed_in"), ("已收下的", "accepted"), ("已退回的", "returned"), ("全部", "")]


def list_writings(writings: Sequence[Writing], learners: Mapping[str, Learner], *, stage: str) -> list[tuple[str, str]]:
    """What the list shows of those in that stage (all for an empty one), with the record id each stands for."""
    return [
        (
            f"{one.record.occurred_at.astimezone(TIME_ZONE):%m月%d日 %H:%M}　{_name(one, learners)}　"
            f"{VERB_NAMES[one.record.verb]}　{_where(one)}　{STAGE_NAMES[one.stage]}",
            str(one.record.record_id),
        )
        for one in writings
        if stage in {"", one.stage}
    ]


def render_writing(one: Writing, learners: Mapping[str, Learner]) -> str:
    """The whole text with who wrote it, where they belong, how long it is, when, and what was said of it."""
    time = f"{one.record.occurred_at.astimezone(TIME_ZONE):%Y年%m月%d日 %H:%M}"
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in (one.record.text or "").splitlines() if line)
    reason = render_note(f"意见：{one.reason}") if one.reason else ""
    learner = learners.get(one.record.learner_id or "")
    who = f"{learner.name}（{learner.unit}）" if learner else _name(one, learners)
    what = f"{VERB_NAMES[one.record.verb]}　{_where(one)}　{_count(one)} 字"
    head = f"{who}　{what}　{time}　{STAGE_NAMES[one.stage]}"
    return f"<h3>{escape(head)}</h3>{reason}<div class='xuefa-writing'>{paragraphs or '<p>没有记下正文。</p>'}</div>"


def open_writings_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    wanted = field(widgets.Dropdown, "看哪些", options=_WANTED)
    chosen = field(widgets.Select, "哪一篇", rows=6)
    shown = widgets.HTML()
    reason = field(widgets.Textarea, "意见", placeholder="退回时必须写明要改什么，写的人会看到；收下时可以不写")

    writings: tuple[Writing, ...] = ()
    learners: Mapping[str, Learner] = {}

    def refresh(_change: object = None) -> None:
        nonlocal writings, learners
        writings, learners = read_site_writings(settings)
        lines = list_writings(writings, learners, stage=wanted.value)
        before = chosen.value
        chosen.options = lines or [("没有", "")]
        chosen.value = before if before in {value for _, value in lines} else chosen.options[0][1]
        show()

    def show(_change: object = None) -> None:
        found = next((one for one in writings if str(one.record.record_id) == chosen.value), None)
        shown.value = render_body(render_writing(found, learners) if found else render_note("这里还没有。"))

    def decide(decision: Literal["return", "accept"], words: str) -> str:
        if not chosen.value:
            raise BadInputError(Finding("心得研讨", "还没有选", "请在列表里选一篇"))
        decide_writing(settings=settings, record_id=chosen.value, decision=decision, reason=reason.value)
        reason.value = ""
        return render_done(words)

    def accept(_tell: Callable[[int, int], None]) -> str:
        return decide("accept", "已收下，写的人看得到。")

    def send_back(_tell: Callable[[int, int], None]) -> str:
        return decide("return", "已退回，写的人看得到意见，可以在原文上改了再交。退回的不计入篇数。")

    wanted.observe(refresh, names="value")
    chosen.observe(show, names="value")
    desk.add_refresher(refresh)
    accepting = Action(desk, "收下", accept, busy="收下")
    Action(desk, "退回", send_back, busy="退回", beside=accepting)
    accepting.view.add_class("xuefa-result-above")  # below the buttons it would often lie under the edge of the screen
    return widgets.VBox(
        [
            show_text("<p>学员交来的心得体会和研讨材料。交来就计入篇数；退回的不计入，改好再交再计。</p>"),
            *(wanted, chosen, shown, reason, accepting.view),
        ]
    )


def _name(one: Writing, learners: Mapping[str, Learner]) -> str:
    learner = learners.get(one.record.learner_id or "")
    return learner.name if learner else one.record.learner_id or "没有记姓名"


def _where(one: Writing) -> str:
    return f"第 {one.record.module:02d} 课" if one.record.module else "没有记是哪一课"


def _count(one: Writing) -> int:
    return len("".join((one.record.text or "").split()))
