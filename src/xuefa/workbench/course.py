"""The notice at the head of the page that the course's configuration is not today's, with the button that renews it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from xuefa.workbench.cards import render_body, render_done, render_findings
from xuefa.workbench.desk import Action, Desk
from xuefa.workbench.words import in_form_words
from xuefa.workflows.exam_course import check_course, renew_course


def open_course_notice(desk: Desk) -> Any:
    """The notice's widgets; without a reason for it nothing shows but what renewing it gave."""
    words = widgets.HTML()

    def work(_tell: Callable[[int, int], None]) -> str:
        kept = renew_course(settings=desk.settings)
        where = f"原来的留在 {kept.name}，自己加过的设置请从那里抄过来。" if kept else ""
        return render_done(f"课程设置已换成这一版的。{where}")

    renew = Action(desk, "换成这一版的设置", work, busy="换课程设置")

    view = widgets.VBox([words, renew.view])

    def refresh() -> None:
        findings = check_course(settings=desk.settings)
        words.value = render_body(render_findings(in_form_words(findings), title="请留意：")) if findings else ""
        renew.button.layout.display = "" if findings else "none"
        view.layout.display = "" if findings or renew.result.value else "none"

    desk.add_refresher(refresh)
    return view
