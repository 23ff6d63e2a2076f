"""Tab 分析: what the results of a marked paper say, with charts, and the same as an Excel file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from xuefa.workbench.cards import render_files
from xuefa.workbench.desk import Action, Desk, show_text
from xuefa.workbench.papers import PaperChoice, is_released
from xuefa.workflows.exam_results import analyse_paper, render_analysis_html, write_analysis


def open_results_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    chosen = PaperChoice(desk, wanted=lambda paper: is_released(desk, paper), none_yet="还没有发布过卷")

    def work(tell: Callable[[int, int], None]) -> str:
        paper_id = chosen.require()
        analysis = analyse_paper(settings=settings, paper_id=paper_id, progress=tell)
        folder = settings.course_dir / "export"
        folder.mkdir(parents=True, exist_ok=True)
        workbook = write_analysis(analysis, to=folder / f"成绩分析-{paper_id}.xlsx")
        return render_files([workbook], site_dir=settings.site_dir) + render_analysis_html(analysis)

    return widgets.VBox(
        [
            show_text("<p>先阅卷，再分析：成绩分布、各法律和各单位的得分、每道题的难度和区分度、要再看一看的题。</p>"),
            chosen.view,
            Action(desk, "分析成绩", work, busy="分析成绩", stoppable=True).view,
        ]
    )
