"""`xuefa exam`: papers on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from xuefa.cli.app import PaperId, command, current_settings, print_files, show_progress
from xuefa.cli.exam import exam


@command(exam, "print")
def exam_print(
    paper_id: PaperId,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="文件夹", help="写到哪个文件夹；不写时是 grading/printed/。")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="覆盖已有的文件，包括改过的。")] = False,
) -> None:
    """写出试卷、答题卡和参考答案，三个可以修改的 Word 文件（A4）。"""
    from xuefa.workflows.exam_printing import print_paper

    existing: Literal["overwrite", "refuse"] = "overwrite" if overwrite else "refuse"
    with show_progress("写打印文件") as tell:
        files = print_paper(settings=current_settings(), paper_id=paper_id, to=to, existing=existing, progress=tell)
    print("已写出试卷、答题卡和参考答案；参考答案请在考试结束前保密：")
    print_files(*files)
