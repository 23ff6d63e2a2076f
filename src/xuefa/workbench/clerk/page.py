"""The clerk's workbench as the notebook shows it: the year above, one tab for each step."""

from __future__ import annotations

import os
from typing import Any

import ipywidgets as widgets

from xuefa.settings import read_settings
from xuefa.workbench.clerk.building import open_building_tab
from xuefa.workbench.clerk.figures import open_figures_tab
from xuefa.workbench.clerk.ledger import open_ledger_tab
from xuefa.workbench.clerk.start import open_start_tab
from xuefa.workbench.clerk.upward import open_upward_tab
from xuefa.workbench.clerk.verifying import open_verifying_tab
from xuefa.workbench.clerk.year import YearChoice
from xuefa.workbench.desk import Desk, open_page

_TABS = (
    ("年度和单位", open_start_tab),
    ("导入台账", open_ledger_tab),
    ("数据和图表", open_figures_tab),
    ("生成报告", open_building_tab),
    ("核对", open_verifying_tab),
    ("报送和汇总", open_upward_tab),
)


def open_clerk() -> Any:
    """The workbench over the site of this kernel's environment."""
    return open_clerk_workbench(Desk(read_settings(os.environ)))


def open_clerk_workbench(desk: Desk) -> Any:
    """The workbench over the site of that desk."""
    year = YearChoice(desk)
    tabs = widgets.Tab([open_tab(desk, year) for _, open_tab in _TABS])
    tabs.titles = tuple(f"{number} {title}" for number, (title, _) in enumerate(_TABS, start=1))
    desk.refresh()
    return open_page(desk, year.view, tabs)
