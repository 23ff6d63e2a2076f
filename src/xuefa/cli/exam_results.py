"""`xuefa exam analyse`: what the results of a paper say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xuefa.cli.app import PaperId, command, current_settings, print_files, show_progress
from xuefa.cli.exam import exam


@command(exam, "analyse")
def exam_analyse(
    paper_id: PaperId,
    to: Annotated[Path | None, typer.Option("--to", metavar="文件.xlsx", help="另存为 Excel 工作簿。")] = None,
) -> None:
    """试卷分析：难度、区分度、信度、各选项、分法律、分单位，以及需要留意的题。"""
    from xuefa.workflows.exam_results import analyse_paper, render_analysis_text, write_analysis

    with show_progress("分析成绩") as tell:
        analysis = analyse_paper(settings=current_settings(), paper_id=paper_id, progress=tell)
    print(render_analysis_text(analysis))
    if to:
        print_files(write_analysis(analysis, to=to))
