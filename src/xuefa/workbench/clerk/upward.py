"""Tab 报送和汇总: the file that goes to the county, and, at the county, the section made of such files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding
from xuefa.workbench.cards import render_done, render_files, render_note, render_table
from xuefa.workbench.clerk.year import YearChoice
from xuefa.workbench.desk import Action, Desk, field, show_text
from xuefa.workbench.uploads import write_uploads
from xuefa.workflows.report_upward import CountySection, export_report, roll_up_reports


def render_county(section: CountySection, *, site_dir: Path) -> str:
    """Who reported and who did not, what was left out, and the files."""
    rollup = section.rollup
    parts = [
        render_done(f"{rollup.year} 年度，汇总 {len(rollup.townships)} 个单位。"),
        render_files([section.document, section.workbook, section.markdown], site_dir=site_dir),
        render_table("报送的单位", ("单位", "校验码"), [(one.unit, one.code) for one in rollup.exports]),
    ]
    if rollup.missing:
        parts.append(f"<p><strong>尚未报送：{escape('、'.join(rollup.missing))}。</strong></p>")
    if rollup.left_out:
        parts.append(render_note(f"不能相加、没有汇总的指标：{'、'.join(rollup.left_out)}。"))
    return "".join(parts)


def open_upward_tab(desk: Desk, year: YearChoice) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    files = widgets.FileUpload(
        description="选择报送文件", accept=".json", multiple=True, layout={"width": "auto", "align_self": "flex-start"}
    )
    county = field(widgets.Text, "汇总单位", placeholder="如 某某县")
    expected = field(widgets.Text, "应报单位", placeholder="用顿号隔开；不填就不查漏报")

    def send(tell: Callable[[int, int], None]) -> str:
        path, export = export_report(settings=settings, year=year.require(), progress=tell)
        return render_done(f"已写出报送文件，里面没有姓名。校验码 {export.code}，可以另行告知县里。") + render_files(
            [path], site_dir=settings.site_dir
        )

    def roll_up(_tell: Callable[[int, int], None]) -> str:
        if not files.value:
            raise BadInputError(Finding("报送文件", "还没有选文件", "请先按“选择报送文件”，可以一次选几个"))
        if not county.value.strip():
            raise BadInputError(Finding("汇总单位", "没有填", "请填写汇总单位的名称"))
        names = [name.strip() for name in re.split("[、，,；;]", expected.value) if name.strip()]
        with tempfile.TemporaryDirectory() as folder:
            paths = write_uploads(files.value, folder=Path(folder))
            section = roll_up_reports(settings=settings, files=paths, county=county.value.strip(), expected=names)
        files.value = ()
        return render_county(section, site_dir=settings.site_dir)

    return widgets.VBox(
        [
            show_text("<p>报送：写出一个文件交给县里，只有汇总数，没有姓名。</p>"),
            Action(desk, "写报送文件", send, busy="写报送文件", stoppable=True).view,
            show_text("<p>汇总：县里收齐各单位的报送文件，在这里汇总成一节和分单位的表。</p>"),
            *(files, county, expected),
            Action(desk, "汇总", roll_up, busy="汇总").view,
        ]
    )
