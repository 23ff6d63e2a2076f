"""A figure: one number of the report, what it means, and the rows of a frame that it was counted from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Source = Literal[
    "learners",
    "sessions",
    "session_laws",
    "attendance",
    "answers",
    "writings",
    "publicity",
    "completions",
    "certifications",
    "exam_results",
    "unmarked_papers",
]
"""The name of a frame in `Frames`."""
SelectRows = Callable[[], "pd.Series[str]"]
"""Looks up the `row_id`s behind a figure, a part of that column of its frame; done late, for there may be millions."""
PERCENTAGE_POINTS = "个百分点"
NO_VALUE = "无"
MONTHS = tuple(range(1, 13))
ONCE_A_SESSION = "一人一场多次签到只计一次"
ONCE_A_PERSON = "一人只计一次"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of the report.

    `value` is a count (int), a rounded number (Decimal; a rate is in percent), or None where there is nothing to divide
    by. A rate carries its `numerator` n and `denominator` N. `rows` are the `row_id`s in the frame `source`, looked up
    by `select_rows` when they are asked for; of a rate they are the N rows. `family` and `key` tie figures of one kind
    together (sessions_month, "3"); `label` is the key as people read it (3月). A `change` is a difference to the year
    before and is said in words (增加3次, 下降2.5个百分点, 持平). `is_open` says that the time it counts was not over
    when it was counted.
    """

    figure_id: str
    name: str
    unit: str
    value: int | Decimal | None
    definition: str
    source: Source
    select_rows: SelectRows = field(repr=False, compare=False)
    numerator: int | None = None
    denominator: int | None = None
    family: str = ""
    key: str = ""
    label: str = ""
    is_change: bool = False
    is_open: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", self.figure_id):
            raise ValueError(f"{self.figure_id!r} must fit into a Word bookmark: 32 of a–z, 0–9 and _")
        if self.numerator is not None and self.numerator > (self.denominator or 0):
            raise ValueError(f"{self.figure_id}: n {self.numerator} is greater than N {self.denominator}")

    @property
    def row_ids(self) -> tuple[str, ...]:
        return tuple(self.select_rows())

    def positions_in(self, frame: pd.DataFrame) -> NDArray[np.intp]:
        """Where the rows stand in the frame `source`; raises KeyError if one is not in it."""
        rows = self.select_rows()
        positions = frame.index.get_indexer(rows.index)
        if (positions < 0).any() or not (frame["row_id"].array.take(positions) == rows.array).all():
            positions = pd.Index(list(frame["row_id"])).get_indexer(list(rows))  # a recipe joined or numbered them anew
        if (positions < 0).any():
            raise KeyError(f"{self.figure_id}: rows that are not in {self.source}")
        return positions

    @property
    def text(self) -> str:
        """How the number is printed: 10, 81.5, 85.0%（255/300）, 无."""
        if self.value is None:
            return NO_VALUE
        if self.is_change:
            return self._change_text
        if self.denominator is not None:
            return f"{self.value}%（{self.numerator}/{self.denominator}）"
        return str(self.value)

    @property
    def _change_text(self) -> str:
        if not self.value:
            return "持平"
        more, less = ("提高", "下降") if self.unit == PERCENTAGE_POINTS else ("增加", "减少")
        return f"{more if self.value > 0 else less}{abs(self.value)}{self.unit}"

    @property
    def text_more_than(self) -> str:
        """The count in tens with 余 where that is true: 24 → 20余, 20 → 20, 9 → 9."""
        if isinstance(self.value, int) and self.value > 10 and self.value % 10:
            return f"{self.value // 10 * 10}余"
        return self.text

    @property
    def is_nothing(self) -> bool:
        """Whether the figure is zero or has no value."""
        return not self.value if self.denominator is None else not self.denominator


class Figures(Mapping[str, Figure]):
    """The figures of a year by id, in the order of the report; never changed, `plus` gives a longer copy."""

    def __init__(self, figures: tuple[Figure, ...]) -> None:
        self._by_id = {figure.figure_id: figure for figure in figures}
        if len(self._by_id) != len(figures):
            ids = [figure.figure_id for figure in figures]
            raise ValueError(f"two figures have one id: {sorted({name for name in ids if ids.count(name) > 1})}")

    def __getitem__(self, figure_id: str) -> Figure:
        return self._by_id[figure_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def family(self, family: str) -> dict[str, Figure]:
        """The figures of a family by key: `family("sessions_month")["3"]`."""
        return {figure.key: figure for figure in self._by_id.values() if figure.family == family}

    def plus(self, *more: Figure) -> Figures:
        return Figures((*self._by_id.values(), *more))


@dataclass(frozen=True)
class Counting:
    """Makes figures from rows of one frame; `family`, `key` and `label` may be given by keyword."""

    source: Source

    def count(self, rows: pd.DataFrame, figure_id: str, name: str, unit: str, definition: str, **kind: str) -> Figure:
        """How many rows there are."""
        return self.number(len(rows), _ids(rows), figure_id, name, unit, definition, **kind)

    def distinct(
        self, rows: pd.DataFrame, by: str, figure_id: str, name: str, unit: str, definition: str, **kind: str
    ) -> Figure:
        """How many different values the column `by` holds; rows without one are left out."""
        known = _ids(rows, among=rows[by].notna())
        return self.number(int(rows[by].nunique()), known, figure_id, name, unit, definition, **kind)

    def total(
        self, rows: pd.DataFrame, column: str, figure_id: str, name: str, unit: str, definition: str, **kind: str
    ) -> Figure:
        """The sum of an int64 column."""
        return self.number(int(rows[column].sum()), _ids(rows), figure_id, name, unit, definition, **kind)

    def mean(
        self, rows: pd.DataFrame, column: str, figure_id: str, name: str, unit: str, definition: str, **kind: str
    ) -> Figure:
        """The mean of a float column to one decimal, None without rows; rows without a value are left out."""
        values = _decimals(rows[column])
        mean = round_half_even(sum(values, Decimal()) / len(values), places=1) if values else None
        return self.number(mean, _ids(rows, among=rows[column].notna()), figure_id, name, unit, definition, **kind)

    def median(
        self, rows: pd.DataFrame, column: str, figure_id: str, name: str, unit: str, definition: str, **kind: str
    ) -> Figure:
        """The middle value of a float column, of two middle ones their mean, to one decimal; None without rows."""
        values = sorted(_decimals(rows[column]))
        middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2 if values else None
        rounded = None if middle is None else round_half_even(middle, places=1)
        return self.number(rounded, _ids(rows, among=rows[column].notna()), figure_id, name, unit, definition, **kind)

    def rate(self, rows: pd.DataFrame, hit: str, figure_id: str, name: str, definition: str, **kind: str) -> Figure:
        """The share of rows (N) whose bool column `hit` is true (n), in percent to one decimal; None without rows."""
        return self.ratio(int(rows[hit].sum()), len(rows), _ids(rows), figure_id, name, definition, **kind)

    def ratio(
        self, n: int, of: int, rows: SelectRows, figure_id: str, name: str, definition: str, **kind: str
    ) -> Figure:
        """A rate whose n and N are counted already; `rows` selects the N rows."""
        percent = round_half_even(Decimal(100 * n) / of, places=1) if of else None
        figure = self.number(percent, rows, figure_id, name, "%", definition, **kind)
        return replace(figure, numerator=n, denominator=of)

    def number(  # noqa: PLR0913  a figure has many facets
        self,
        value: int | Decimal | None,
        rows: SelectRows,
        figure_id: str,
        name: str,
        unit: str,
        definition: str,
        *,
        family: str = "",
        key: str = "",
        label: str = "",
    ) -> Figure:
        """A number that is counted already; `rows` selects what it was counted from."""
        return Figure(
            figure_id=figure_id,
            name=name,
            unit=unit,
            value=value,
            definition=definition,
            source=self.source,
            select_rows=rows,
            family=family,
            key=key,
            label=label or key,
        )


def split_hundred(counts: Sequence[int]) -> list[Decimal]:
    """The shares of the counts in percent to one decimal that add to exactly 100.0; all 0.0 if nothing was counted.

    Largest remainder (最大余数法): each is cut to 0.1, and the tenths that are missing go to the largest remainders, of
    equal ones to the first.
    """
    total = sum(counts)
    if not total:
        return [Decimal("0.0")] * len(counts)
    tenths = [1000 * count // total for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda place: -(1000 * counts[place] % total))
    for place in by_remainder[: 1000 - sum(tenths)]:
        tenths[place] += 1
    return [Decimal(tenth).scaleb(-1) for tenth in tenths]


def identifier(text: str) -> str:
    """`text` where it can stand in a figure's id (at most 12 of a–z, 0–9 and -, which becomes _), else a digest."""
    return text.replace("-", "_") if re.fullmatch(r"[a-z0-9-]{1,12}", text) else digest(text)


def digest(text: str) -> str:
    """Ten characters that stand for any text in a figure's id."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def round_half_even(value: Decimal, *, places: int) -> Decimal:
    """Round as GB/T 8170-2008, 3.2 says: a lone 5 goes to the even digit (0.25 → 0.2, 0.35 → 0.4)."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def _ids(rows: pd.DataFrame, *, among: pd.Series[bool] | None = None) -> SelectRows:
    ids = rows["row_id"]
    return lambda: ids if among is None else ids[among]


def _decimals(column: pd.Series[float]) -> list[Decimal]:
    return [Decimal(str(value)) for value in column.dropna()]
