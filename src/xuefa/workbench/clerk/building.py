"""Tab 生成报告: Word (whole, and as a part to paste), Excel and Markdown to take away; the text to look at."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from xuefa.workbench.cards import render_details, render_done, render_files
from xuefa.workbench.clerk.year import YearChoice
from xuefa.workbench.desk import Action, Desk, show_text
from xuefa.workflows.report import build_report
from xuefa.workflows.report_head import list_reminders


def open_building_tab(desk: Desk, year: YearChoice) -> Any:
    """The tab's widgets."""

    def work(tell: Callable[[int, int], None]) -> str:
        section = build_report(settings=desk.settings, year=year.require(), progress=tell)
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs)
        return (
            render_done("已写出报告和数据依据。数据依据含有姓名，请留在本单位，不要随报告上报。")
            + render_files(section.files, site_dir=desk.settings.site_dir)
            + render_details("先看正文", text)
            + "".join(f"<p>{escape(reminder)}</p>" for reminder in list_reminders(desk.settings, year=year.require()))
        )

    return widgets.VBox(
        [
            show_text(
                "<p>写出学习情况一节（Word：单独成文的一份，并入年度报告用的一份）和每个数字的依据（Excel）。"
                "已有的同名文件会换成新的。</p>"
            ),
            Action(desk, "生成报告", work, busy="生成报告", stoppable=True).view,
        ]
    )
