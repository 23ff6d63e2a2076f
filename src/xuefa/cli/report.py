"""`xuefa report`: the study section."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xuefa.cli.app import add_group, command, current_site, print_files, require_none, show_progress

report = add_group("report", "报告：写出学习情况一节、核对数字")


@command(report, "build")
def report_build(
    year: Annotated[int | None, typer.Option("--year", metavar="年", help="哪一年；不写就按 report.toml。")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
) -> None:
    """写出学习情况一节：Word、Excel、Markdown。"""
    from xuefa.workflows.report import build_report
    from xuefa.workflows.report_head import list_reminders

    with show_progress("生成报告") as tell:
        section = build_report(settings=current_site(demo=demo), year=year, progress=tell)
    print_files(*section.files)
    for reminder in list_reminders(current_site(demo=demo), year=year):
        print(reminder)


@command(report, "verify")
def report_verify(
    file: Annotated[Path, typer.Argument(metavar="文件", help="要核对的 Word 文件。")],
    every: Annotated[bool, typer.Option("--list", help="逐个列出数字，一致的也列。")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
) -> None:
    """读回 Word 文件，用记录重算每一个数字；说明哪些变了、因为哪些记录。"""
    from xuefa.workflows.report import verify_report

    with show_progress("核对") as tell:
        verification = verify_report(settings=current_site(demo=demo), file=file, progress=tell)
    for check in verification.numbers if every else ():
        print(f"  {check.line}")
    print(verification.summary)
    require_none(verification.findings)


@command(report, "export")
def report_export(
    year: Annotated[int | None, typer.Option("--year", metavar="年", help="哪一年；不写就按 report.toml。")] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="文件", help="写到哪里；不写就和报告放在一起。")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
) -> None:
    """写出报送县里的一个文件：只有汇总数，没有姓名，带封存校验。"""
    from xuefa.workflows.report_upward import export_report

    with show_progress("写报送文件") as tell:
        path, export = export_report(settings=current_site(demo=demo), year=year, to=to, progress=tell)
    print_files(path)
    print(f"校验码 {export.code}，报送时可以另行告知，供县里核对。")


@command(report, "rollup")
def report_rollup(
    files: Annotated[list[Path], typer.Argument(metavar="文件…", help="各单位用 report export 写出的文件。")],
    county: Annotated[
        str | None, typer.Option("--county", metavar="名称", help="汇总单位的名称；不写就按 report.toml 的 unit。")
    ] = None,
    expected: Annotated[
        list[str] | None,
        typer.Option("--expected", metavar="单位", help="应报送的单位，可写多次；不写就按 report.toml 的 townships。"),
    ] = None,
) -> None:
    """汇总各单位报送的文件，写出全县的一节和分单位的表。"""
    from xuefa.workflows.report_upward import roll_up_reports

    section = roll_up_reports(settings=current_site(demo=False), files=files, county=county, expected=expected or [])
    rollup = section.rollup
    print(f"{rollup.year} 年度，汇总 {len(rollup.townships)} 个单位：")
    for export in rollup.exports:
        print(f"  {export.unit}  校验码 {export.code}")
    if rollup.missing:
        print(f"尚未报送：{'、'.join(rollup.missing)}。")
    if rollup.left_out:
        print(f"不能相加、没有汇总的指标：{'、'.join(rollup.left_out)}。")
    print_files(section.document, section.workbook, section.markdown)
