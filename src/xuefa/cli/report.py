"""`xuefa report`: the study section."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xuefa.cli.app import add_group, command, current_site, print_files, require_none

report = add_group("report", "报告：写出学习情况一节、核对数字")


@command(report, "build")
def report_build(
    year: Annotated[int | None, typer.Option("--year", metavar="年", help="哪一年；不写就按 report.toml。")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
) -> None:
    """写出学习情况一节：Word、Excel、Markdown。"""
    from xuefa.workflows.report import build_report

    section = build_report(settings=current_site(demo=demo), year=year)
    print_files(section.document, section.part, section.workbook, section.markdown)


@command(report, "verify")
def report_verify(
    file: Annotated[Path, typer.Argument(metavar="文件", help="要核对的 Word 文件。")],
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
) -> None:
    """读回 Word 文件，用记录重算每一个数字。"""
    from xuefa.workflows.report import verify_report

    verification = verify_report(settings=current_site(demo=demo), file=file)
    print(verification.summary)
    require_none(verification.findings)
