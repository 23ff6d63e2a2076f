"""The county's figures: counts added, rates as the sum of n over the sum of N, never averages of averages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from xuefa.errors import BadInputError, Finding
from xuefa.report.figure import NO_VALUE, round_half_even
from xuefa.report.upward import Export, ExportedFigure
from xuefa.settings import TIME_ZONE

EXAM_TOTALS = {
    "exam_expected": ("模拟考试应考人次", "人次"),
    "exam_present": ("模拟考试实考人次", "人次"),
    "exam_absent": ("模拟考试缺考人次", "人次"),
    "exam_rate": ("模拟考试参考率", "%"),
    "exam_pass_rate": ("模拟考试及格率", "%"),
    "exam_excellent_rate": ("模拟考试优秀率", "%"),
}
"""Families with one figure a paper: a county adds them up over all papers, for townships set papers of their own."""


@dataclass(frozen=True, kw_only=True)
class SummedFigure:
    """A count (`value`) or a rate (`numerator` n of `denominator` N) added up over townships, or of one of them."""

    figure_id: str
    name: str
    unit: str
    label: str = ""
    family: str = ""
    key: str = ""
    value: int | None = None
    numerator: int | None = None
    denominator: int | None = None

    @property
    def percent(self) -> Decimal | None:
        """100 n / N to one decimal (GB/T 8170), None where N is 0 or there is none."""
        if not self.denominator or self.numerator is None:
            return None
        return round_half_even(Decimal(100 * self.numerator) / self.denominator, places=1)

    @property
    def text(self) -> str:
        """As in the township's report: 10, 85.0%（255/300）, 无."""
        if self.denominator is None:
            return str(self.value)
        return NO_VALUE if self.percent is None else f"{self.percent}%（{self.numerator}/{self.denominator}）"

    @property
    def is_nothing(self) -> bool:
        return not (self.value if self.denominator is None else self.denominator)


@dataclass(frozen=True)
class Rollup:
    """What the townships that reported make together.

    `figures` by id are the county's; `parts` are those of each township, which sum up to them. `missing` are expected
    and did not report; `left_out` names what cannot be added (means, medians, laws studied …).
    """

    year: int
    exports: tuple[Export, ...]
    missing: tuple[str, ...]
    figures: Mapping[str, SummedFigure]
    parts: Mapping[str, Mapping[str, SummedFigure]]
    left_out: tuple[str, ...]

    @property
    def townships(self) -> tuple[str, ...]:
        return tuple(self.parts)


def roll_up(exports: Sequence[Export], *, expected: Sequence[str] = ()) -> Rollup:
    """Add up the exports of one year.

    With `expected`, townships stand in its order. Raises BadInputError: none given, two of one unit, several years, a
    unit that is not expected.
    """
    _require_summable(exports, expected)
    order = {unit: place for place, unit in enumerate(expected)}
    ordered = tuple(sorted(exports, key=lambda export: (order.get(export.unit, len(order)), export.unit)))
    parts = {export.unit: _sum([export.figures]) for export in ordered}
    reported = set(parts)
    left_out = dict.fromkeys(
        _generic_name(figure) for export in ordered for figure in export.figures if figure.adding == "no"
    )
    return Rollup(
        year=ordered[0].year,
        exports=ordered,
        missing=tuple(unit for unit in expected if unit not in reported),
        figures=_sum(export.figures for export in ordered),
        parts=parts,
        left_out=tuple(left_out),
    )


def _require_summable(exports: Sequence[Export], expected: Sequence[str]) -> None:
    if not exports:
        raise BadInputError(Finding("报送文件", "一个也没有", "请写上各乡镇报送的文件"))
    findings: list[Finding] = []
    by_unit: dict[str, list[Export]] = {}
    for export in exports:
        by_unit.setdefault(export.unit, []).append(export)
    for unit, same in by_unit.items():
        if len(same) > 1:
            made = "、".join(f"{_minute(one.made_at)}（校验码 {one.code}）" for one in same)
            findings.append(Finding(unit, f"有 {len(same)} 份报送文件，写出时间为 {made}", "请只留正确的一份"))
    years = sorted({export.year for export in exports})
    if len(years) > 1:
        fault = "；".join(f"{year} 年：{'、'.join(one.unit for one in exports if one.year == year)}" for year in years)
        findings.append(Finding("报送文件", f"年度不一致（{fault}）", "一次只能汇总同一年度"))
    findings += [
        Finding(unit, "不在应报名单里", "请检查单位名称写法是否一致，或者补进应报名单")
        for unit in by_unit
        if expected and unit not in expected
    ]
    if findings:
        raise BadInputError(*findings)


def _minute(made_at: str) -> str:
    """2026-11-24 09:30 where the townships are, of an ISO time; what is none stays as it is."""
    try:
        return f"{datetime.fromisoformat(made_at).astimezone(TIME_ZONE):%Y-%m-%d %H:%M}"
    except ValueError:
        return made_at


def _sum(parts: Iterable[Iterable[ExportedFigure]]) -> dict[str, SummedFigure]:
    """Every figure that can be added, by id, and the totals over exam papers."""
    sums: dict[str, SummedFigure] = {}
    for figures in parts:
        for figure in figures:
            if figure.adding == "no":
                continue
            if figure.family in EXAM_TOTALS:
                name, unit = EXAM_TOTALS[figure.family]
                addend = _summed(figure, figure_id=figure.family, name=name, unit=unit, of_one_paper=True)
            else:
                addend = _summed(figure, figure_id=figure.figure_id, name=figure.name, unit=figure.unit)
            known = sums.get(addend.figure_id)
            sums[addend.figure_id] = addend if known is None else _plus(known, addend)
    return sums


def _summed(
    figure: ExportedFigure, *, figure_id: str, name: str, unit: str, of_one_paper: bool = False
) -> SummedFigure:
    return SummedFigure(
        figure_id=figure_id,
        name=name,
        unit=unit,
        label="" if of_one_paper else figure.label,
        family="" if of_one_paper else figure.family,
        key="" if of_one_paper else figure.key,
        value=figure.value,
        numerator=figure.numerator,
        denominator=figure.denominator,
    )


def _plus(one: SummedFigure, other: SummedFigure) -> SummedFigure:
    if (one.denominator is None) != (other.denominator is None):
        raise BadInputError(Finding(one.name, "有的单位报的是比率，有的不是", "请各单位用同一版本的程序重新导出"))
    return SummedFigure(
        figure_id=one.figure_id,
        name=one.name,
        unit=one.unit,
        label=one.label,
        family=one.family,
        key=one.key,
        value=_add(one.value, other.value),
        numerator=_add(one.numerator, other.numerator),
        denominator=_add(one.denominator, other.denominator),
    )


def _add(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _generic_name(figure: ExportedFigure) -> str:
    """What the figure is called without the paper it is about: “模拟考试甲”平均分 is 平均分."""
    return figure.name.rpartition("”")[2] if figure.family.startswith("exam_") else figure.name
