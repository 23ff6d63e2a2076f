"""The year that every tab works on."""

from __future__ import annotations

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding
from xuefa.workbench.desk import Desk, field, require_whole_number
from xuefa.workflows.report_head import read_report_head


class YearChoice:
    """A field with the year, at first that of report.toml."""

    def __init__(self, desk: Desk) -> None:

        head = read_report_head(desk.settings)
        self.view = field(widgets.Text, "年度", value=str(head.year), layout={"width": "260px"})

    def require(self) -> int:
        """The year as a number; raise BadInputError for anything else."""
        year = require_whole_number(self.view.value, place="年度")
        if year is None or not 1949 <= year <= 2100:
            raise BadInputError(Finding("年度", "不是一个年份", "请填四位数字，如 2026"))
        return year
