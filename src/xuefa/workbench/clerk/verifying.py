"""Tab 核对: which numbers of a written section still hold, which changed and why, what was edited by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from xuefa.report.evidence import STATUS_NAMES, Verification
from xuefa.workbench.cards import render_details, render_done, render_findings, render_note, render_table
from xuefa.workbench.clerk.year import YearChoice
from xuefa.workbench.desk import Action, Desk, show_text
from xuefa.workbench.uploads import choose_file, open_upload
from xuefa.workflows.report import verify_report


def render_verification(verification: Verification) -> str:
    """The summary, what is not as it should be, and every number with its place."""
    head = render_done(verification.summary) if verification.ok else render_note(verification.summary)
    faults = render_findings(verification.findings, title="请看这些地方：") if verification.findings else ""
    rows = [
        (STATUS_NAMES[one.status], one.where, one.name, one.written or "", one.current or "")
        for one in verification.numbers
    ]
    table = render_table("逐个数字", ("", "位置", "指标", "文件里", "按现有记录"), rows)
    return head + faults + render_details("逐个看数字", table)


def open_verifying_tab(desk: Desk, _year: YearChoice) -> Any:
    """The tab's widgets."""
    upload = choose_file("选择 Word 文件", ".docx")

    def work(tell: Callable[[int, int], None]) -> str:
        with open_upload(upload, place="Word 文件") as file:
            return render_verification(verify_report(settings=desk.settings, file=file, progress=tell))

    return widgets.VBox(
        [
            show_text("<p>选一份写出过的报告，用现有记录重算每一个数字，图上的也算；改过文字的也看得出来。</p>"),
            upload,
            Action(desk, "核对", work, busy="核对", stoppable=True).view,
        ]
    )
