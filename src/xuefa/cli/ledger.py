"""`xuefa ledger`: what happened on paper, taken in from an Excel ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xuefa.cli.app import InputFile, add_group, command, current_settings, require_none

ledger = add_group("ledger", "台账：写出空表、导入纸质活动")


@command(ledger, "template")
def ledger_template(
    to: Annotated[Path, typer.Argument(metavar="文件", help="写到哪里。")] = Path("台账.xlsx"),
) -> None:
    """写出一份空的台账，一类活动一张工作表。"""
    from xuefa.workflows.ledger import write_ledger_template

    write_ledger_template(to=to)
    print(f"已写出 {to}，填好后用 xuefa ledger import {to} 查看会登记什么。")


@command(ledger, "import")
def ledger_import(
    file: InputFile,
    year: Annotated[int | None, typer.Option("--year", metavar="年", help="哪一年的台账；不写就是今年。")] = None,
    write: Annotated[bool, typer.Option("--write", help="写入记录；不加就只看，什么也不写。")] = False,
) -> None:
    """查看台账会登记什么、哪些行存疑；加 --write 才写入。"""
    from xuefa.records.ledger.plan import STATE_NAMES
    from xuefa.workflows.ledger import import_ledger, plan_ledger

    plan = plan_ledger(settings=current_settings(), file=file, year=year)
    for sheet, states in plan.count_states().items():
        print(f"{sheet}：" + "，".join(f"{STATE_NAMES[state]} {count} 行" for state, count in states.items()))
    for row in plan.rows:
        if row.state in ("new", "corrected", "doubled", "left_out"):
            print(f"  {row.place}  {STATE_NAMES[row.state]}：{row.says}")
    if plan.other_sheets:
        print(f"没有读的工作表（不是台账）：{'、'.join(plan.other_sheets)}。")
    if plan.findings:
        print(f"有 {sum(row.state == 'doubtful' for row in plan.rows)} 行存疑，改好以后才能写入；什么也没有写。")
    require_none(plan.findings)
    if plan.adds_nothing:
        print("没有要新增的内容，都已经登记过。" if plan.rows else "台账是空的，没有要登记的内容。")
    elif write:
        done = import_ledger(settings=current_settings(), file=file, year=year)
        print(f"已写入：{done.records_added} 条记录，{done.sessions_written} 场学习活动。")
    else:
        print("还没有写入。看过没有问题，加上 --write 再运行一次。")
