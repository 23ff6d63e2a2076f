"""Tab 发布: papers to those who may sit them, from when to when, without their keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding
from xuefa.settings import TIME_ZONE
from xuefa.workbench.cards import render_details, render_done, render_table
from xuefa.workbench.desk import Action, Desk, field, show_text
from xuefa.workbench.papers import PaperChoice, forms_together, is_released
from xuefa.workflows.exam_sitting import Released, release_papers


def render_released(released: Sequence[Released]) -> str:
    """Which papers went out, and who is expected to sit each."""
    parts = []
    for one in released:
        rows = [(learner.learner_id, learner.name, learner.unit) for learner in one.expected]
        parts.append(render_done(f"已发布 {one.paper_id}，应考 {len(rows)} 人。"))
        parts.append(render_details("看应考名单", render_table("应考名单", ("编号", "姓名", "单位"), rows)))
    parts += [f"<p>{note}</p>" for note in dict.fromkeys(note for one in released for note in one.notes)]
    return "".join(parts)


def require_hours(opens_at: datetime | None, closes_at: datetime | None) -> tuple[datetime | None, datetime | None]:
    """The hours of a sitting, from Beijing time; raise BadInputError if they are the wrong way round."""
    if opens_at and closes_at and closes_at <= opens_at:
        raise BadInputError(Finding("考试时间", "截止时间不晚于开考时间", "请改好时间再发布"))
    return _in_beijing(opens_at), _in_beijing(closes_at)


def open_releasing_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    chosen = PaperChoice(
        desk,
        wanted=lambda paper: not is_released(desk, paper),
        none_yet="没有等着发布的卷",
        lines=forms_together,
    )
    released = PaperChoice(
        desk, wanted=lambda paper: is_released(desk, paper), none_yet="还没有发布过卷", lines=forms_together
    )
    opens_at = field(widgets.NaiveDatetimePicker, "开考时间")
    closes_at = field(widgets.NaiveDatetimePicker, "截止时间")

    def release(choice: PaperChoice, tell: Callable[[int, int], None]) -> str:
        opens, closes = require_hours(opens_at.value, closes_at.value)
        paper_ids = choice.require_all()
        outcome = release_papers(
            settings=desk.settings, paper_ids=paper_ids, opens_at=opens, closes_at=closes, progress=tell
        )
        desk.made_papers = frozenset(paper_ids)
        return render_released(outcome)

    return widgets.VBox(
        [
            show_text(
                "<p>发布以后学员才能答题；发布的卷里没有答案。名册里“可参加执法考试”是“是”、考试那天在岗的人，"
                "就是应考名单；补考卷只发给还没有及格、也没有考满次数的人。</p>"
            ),
            chosen.view,
            show_text("<p class='xuefa-note'>时间可以不填：不填就随时可以答题。截止以后交的卷算迟交。</p>"),
            *(opens_at, closes_at),
            Action(desk, "发布", partial(release, chosen), busy="发布", stoppable=True).view,
            show_text(
                "<p>发布以后名册加了人，或者要改时间：在这里再发一次。已经开始答题的人都还在名单里，"
                "上面没有填的时间照旧。</p>"
            ),
            released.view,
            Action(desk, "再发一次", partial(release, released), busy="发布", stoppable=True).view,
        ]
    )


def _in_beijing(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=TIME_ZONE) if moment else None
