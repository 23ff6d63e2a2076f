"""A figure: one number of the report, what it means, and the rows of a frame that it was counted from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

import pandas as pd

Source = Literal[
    "learners",
    "sessions",
    "session_laws",
    "attendance",
    "answers",
    "writings",
    "publicity",
    "certifications",
    "exam_results",
]
"""The name of a frame in `Frames`."""
NO_VALUE = "无"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of the report.

    `value` is a count (int), a rounded number (Decimal; a rate is in percent), or None where there is nothing to divide
    by. A rate carries its `numerator` n and `denominator` N. `rows` are the `row_id`s in the frame `source`; of a rate
    they are the N rows. `family` and `key` tie figures of one kind
    together (sessions_month, "3"); `label` is the key as people read it (3月).
    """

    figure_id: str
    name: str
    unit: str
    value: int | Decimal | None
    definition: str
    source: Source
    rows: pd.Index[str] = field(repr=False, compare=False)
    numerator: int | None = None
    denominator: int | None = None
    family: str = ""
    key: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", self.figure_id):
            raise ValueError(f"{self.figure_id!r} must fit into a Word bookmark: 32 of a–z, 0–9 and _")
        if self.numerator is not None and self.numerator > (self.denominator or 0):
            raise ValueError(f"{self.figure_id}: n {self.numerator} is greater than N {self.denominator}")

    @property
    def row_ids(self) -> tuple[str, ...]:
        return tuple(self.rows)

    @property
    def text(self) -> str:
        """How the number is printed: 10, 81.5, 85.0%（255/300）, 无."""
        if self.value is None:
            return NO_VALUE
        if self.denominator is not None:
            return f"{self.value}%（{self.numerator}/{self.denominator}）"
        return str(self.value)

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
        return self._figure(rows, len(rows), (figure_id, name, unit, definition), **kind)

    def distinct(
        self, rows: pd.DataFrame, by: str, figure_id: str, name: str, unit: str, definition: str, **kind: str
    ) -> Figure:
        """How many different values the column `by` holds; rows without one are left out."""
        named = rows.dropna(subset=[by])
        return self._figure(named, int(named[by].nunique()), (figure_id, name, unit, definition), **kind)

    def total(
        self, rows: pd.DataFrame, column: str, figure_id: str, name: str, unit: str, definition: str, **kind: str
    ) -> Figure:
        """The sum of an int64 column."""
        return self._figure(rows, int(rows[column].sum()), (figure_id, name, unit, definition), **kind)

    def mean(
        self, rows: pd.DataFrame, column: str, figure_id: str, name: str, unit: str, definition: str, **kind: str
    ) -> Figure:
        """The mean of a float column to one decimal, None without rows; rows without a value are left out."""
        known = rows.dropna(subset=[column])
        values = [Decimal(str(value)) for value in known[column]]
        mean = round_half_even(sum(values, Decimal()) / len(values), places=1) if values else None
        return self._figure(known, mean, (figure_id, name, unit, definition), **kind)

    def rate(self, rows: pd.DataFrame, hit: str, figure_id: str, name: str, definition: str, **kind: str) -> Figure:
        """The share of rows (N) whose bool column `hit` is true (n), in percent to one decimal; None without rows."""
        n, of = int(rows[hit].sum()), len(rows)
        percent = round_half_even(Decimal(100 * n) / of, places=1) if of else None
        figure = self._figure(rows, percent, (figure_id, name, "%", definition), **kind)
        return replace(figure, numerator=n, denominator=of)

    def _figure(
        self,
        rows: pd.DataFrame,
        value: int | Decimal | None,
        words: tuple[str, str, str, str],
        *,
        family: str = "",
        key: str = "",
        label: str = "",
    ) -> Figure:
        figure_id, name, unit, definition = words
        return Figure(
            figure_id=figure_id,
            name=name,
            unit=unit,
            value=value,
            definition=definition,
            source=self.source,
            rows=pd.Index(rows["row_id"]),
            family=family,
            key=key,
            label=label or key,
        )


def round_half_even(value: Decimal, *, places: int) -> Decimal:
    """Round as GB/T 8170-2008, 3.2 says: a lone 5 goes to the even digit (0.25 → 0.2, 0.35 → 0.4)."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
