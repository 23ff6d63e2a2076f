"""Tab 年度和单位: whose report it is; the roster; the records of other machines."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding
from xuefa.records.sheets import parse_date
from xuefa.workbench.cards import render_done
from xuefa.workbench.clerk.year import YearChoice
from xuefa.workbench.desk import Action, Desk, field, show_text
from xuefa.workbench.uploads import choose_file, open_upload
from xuefa.workflows.records import import_roster, merge_records
from xuefa.workflows.report_head import ReportHead, read_report_head, write_report_head


def open_start_tab(desk: Desk, year: YearChoice) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    head = read_report_head(settings)
    unit = field(widgets.Text, "单位名称", value=head.unit, placeholder="如 某某乡")
    addressee = field(widgets.Text, "主送机关", value=head.addressee, placeholder="可以不填")
    signatories = field(
        widgets.Text, "署名", value="、".join(head.signatories), placeholder="可以不填；几个单位用顿号隔开"
    )
    signed_on = field(widgets.Text, "成文日期", value=str(head.date or ""), placeholder="可以不填，如 2026-12-30")
    roster = choose_file("选择名册文件", ".xlsx,.csv,.xls")
    database = choose_file("选择记录文件", ".db")

    def save(_tell: Callable[[int, int], None]) -> str:
        if not unit.value.strip():
            raise BadInputError(Finding("单位名称", "没有填", "请填写报告里用的单位名称"))
        names = tuple(name.strip() for name in re.split("[、，,；;]", signatories.value) if name.strip())
        day = _read_day(signed_on.value)
        chosen = ReportHead(unit.value.strip(), year.require(), addressee.value.strip(), names, day)
        write_report_head(settings, chosen)
        return render_done(f"已保存：{chosen.unit}，{chosen.year} 年度。")

    def take_roster(_tell: Callable[[int, int], None]) -> str:
        with open_upload(roster, place="名册文件") as file:
            learners = import_roster(settings=settings, file=file)
        return render_done(f"已导入名册 {len(learners)} 人。")

    def merge(_tell: Callable[[int, int], None]) -> str:
        with open_upload(database, place="记录文件") as file:
            return render_done(merge_records(settings=settings, file=file).text)

    return widgets.VBox(
        [
            show_text("<p>先定年度和单位。单位名称、主送机关、署名和成文日期写进报告。</p>"),
            *(unit, addressee, signatories, signed_on),
            Action(desk, "保存", save, busy="保存").view,
            show_text("<p>名册：从 Excel 或 CSV 导入，同一编号的人会换成新的内容。</p>"),
            roster,
            Action(desk, "导入名册", take_roster, busy="导入名册").view,
            show_text("<p>别的电脑上的记录：拷来那台电脑 data 文件夹里的 xuefa.db，在这里并入，不会重复。</p>"),
            database,
            Action(desk, "并入记录", merge, busy="并入记录").view,
        ]
    )


def _read_day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return parse_date(text)
    except ValueError:
        raise BadInputError(
            Finding("成文日期", f"“{text[:20]}”认不出来", "请写成 2026-12-30 的形式，或者留空")
        ) from None
