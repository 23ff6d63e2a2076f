"""Tab 数据和图表: the year's figures as tables and bars, before the report is built."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from xuefa.report.figure import Figure, Figures
from xuefa.report.workbook_charts import select_series
from xuefa.workbench.cards import render_details, render_note, render_table
from xuefa.workbench.clerk.year import YearChoice
from xuefa.workbench.desk import Action, Desk, field, show_text
from xuefa.workflows.report import summarise_year

EVERY_UNIT = "全部单位"
_OF_UNITS = "_unit"
_BAR_REM = 16


def render_figures(figures: Figures, *, unit: str) -> str:
    """The main numbers, bars of the main series, a table of units (or one unit), and every figure with its meaning."""
    main = [figure for figure in figures.values() if not figure.family and figure.value is not None]
    parts = [
        render_table("主要数字", ("指标", "数值", "单位"), [_row(figure) for figure in main]),
        *(render_bars(series.title, family) for series, family in select_series(figures)),
        _render_units(figures, unit),
        render_details(
            "每个指标的定义",
            render_table("定义", ("指标", "定义"), [(figure.name, figure.definition) for figure in main]),
        ),
    ]
    return "".join(parts)


def render_bars(title: str, family: list[Figure]) -> str:
    """Bars with their numbers beside them; a rate is drawn out of 100, a count out of the greatest."""
    is_rate = family[0].denominator is not None
    most = 100.0 if is_rate else max(float(figure.value or 0) for figure in family)
    rows = "".join(
        f"<tr><th scope='row'>{escape(figure.label)}</th><td>"
        f"<span class='xuefa-bar' style='width:{float(figure.value or 0) / (most or 1) * _BAR_REM:.2f}rem'></span>"
        f"{escape(figure.text)}</td></tr>"
        for figure in family
    )
    return f"<table class='xuefa-bars'><caption>{escape(title)}</caption><tbody>{rows}</tbody></table>"


def list_units(figures: Figures) -> list[str]:
    """The units that have figures of their own, in order."""
    return list(dict.fromkeys(one.key for one in figures.values() if one.family.endswith(_OF_UNITS)))


def open_figures_tab(desk: Desk, year: YearChoice) -> Any:
    """The tab's widgets."""
    unit = field(widgets.Dropdown, "单位", options=[EVERY_UNIT])

    def work(tell: Callable[[int, int], None]) -> str:
        figures = summarise_year(desk.settings, year.require(), progress=tell).figures
        chosen, units = unit.value, [EVERY_UNIT, *list_units(figures)]
        unit.options = units
        unit.value = chosen if chosen in units else EVERY_UNIT
        return render_figures(figures, unit=unit.value)

    return widgets.VBox(
        [
            show_text("<p>按现有记录算出全年的数字。选一个单位，表里只看它。</p>"),
            unit,
            Action(desk, "计算", work, busy="计算", stoppable=True).view,
        ]
    )


def _row(figure: Figure) -> tuple[str, str, str]:
    return (figure.name, figure.text, "" if figure.denominator is not None else figure.unit)


def _render_units(figures: Figures, unit: str) -> str:
    families: dict[str, dict[str, Figure]] = {}
    for figure in figures.values():
        if figure.family.endswith(_OF_UNITS):
            families.setdefault(figure.family, {})[figure.key] = figure
    units = list_units(figures) if unit == EVERY_UNIT else [unit]
    if not families or not units:
        return render_note("没有分单位的数字：全年没有登记应到人员。")
    heads = [next(iter(family.values())).name.replace(next(iter(family)), "") for family in families.values()]
    rows = [(one, *(family[one].text if one in family else "" for family in families.values())) for one in units]
    return render_table("分单位", ("单位", *heads), rows)
