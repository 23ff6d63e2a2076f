"""The study section as a frozen tree: headings, paragraphs and tables whose numbers refer to figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from xuefa.laws.citation import render_chinese_number

NumberStyle = Literal["exact", "more_than"]
Level = Literal[1, 2, 3]
Role = Literal["body", "lead", "addressee", "signature", "date"]


@dataclass(frozen=True)
class Text:
    """Words."""

    text: str


@dataclass(frozen=True)
class Number:
    """A number that can only come from a figure; `text` is how it is printed."""

    figure_id: str
    text: str
    style: NumberStyle = "exact"


Run = Text | Number
Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Heading:
    """一、 (level 1), （一） (level 2) or 1. (level 3), its number included."""

    level: Level
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Words and numbers; `role` says how it is set."""

    runs: Runs
    role: Role = "body"

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Table:
    """A table with one header row; `widths` are relative, `notes` the definitions printed below it."""

    caption: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Runs, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in (self.widths, *self.rows)):
            raise ValueError(f"{self.caption}: every row must have {len(self.columns)} cells")


@dataclass(frozen=True)
class Point:
    """One value of a chart, from a figure; `text` is how the figure is printed, `value` None where it has none."""

    figure_id: str
    value: float | None
    text: str


@dataclass(frozen=True)
class Series:
    """The points of one name, one a category."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Chart:
    """Columns or bars; `unit` is what the value axis counts, `most` its end, None for as far as needed."""

    caption: str
    kind: Literal["stacked_columns", "bars"]
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    most: int | None = None

    def __post_init__(self) -> None:
        if any(len(series.points) != len(self.categories) for series in self.series):
            raise ValueError(f"{self.caption}: every series must have {len(self.categories)} points")

    @property
    def points(self) -> Iterator[tuple[str, str, Point]]:
        """Every point after the names of its series and its category."""
        for series in self.series:
            for category, point in zip(self.categories, series.points, strict=True):
                yield series.name, category, point

    @property
    def alt_text(self) -> str:
        """The chart in words, for whoever cannot see it: every category with its values; zeros are left out."""
        told = [
            f"{category}{'' if len(self.series) == 1 else series.name}{series.points[place].text}"
            for place, category in enumerate(self.categories)
            for series in self.series
            if series.points[place].value
        ]
        return f"{self.caption}（{self.unit}）：{'，'.join(told) or '没有数据'}。"


Block = Heading | Paragraph | Table | Chart


@dataclass(frozen=True)
class Section:
    """The whole section of one unit and year."""

    title: str
    unit: str
    year: int
    blocks: tuple[Block, ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text of the body's paragraphs, in order."""
        prose = ("lead", "body")
        return tuple(block.text for block in self.blocks if isinstance(block, Paragraph) and block.role in prose)

    @property
    def part(self) -> Section:
        """What goes into the whole annual report: no addressee, no lead, no signature and no date."""
        kept = tuple(block for block in self.blocks if not isinstance(block, Paragraph) or block.role == "body")
        return replace(self, blocks=kept)

    @property
    def numbers(self) -> Iterator[Number]:
        """Every number of the section, in order."""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield from (run for run in block.runs if isinstance(run, Number))
            elif isinstance(block, Table):
                yield from (run for row in block.rows for cell in row for run in cell if isinstance(run, Number))


def number_chapters(chapters: Mapping[str, Mapping[str, Iterable[Block]] | Iterable[Block]]) -> tuple[Block, ...]:
    """The blocks under their headings, numbered 一、 and （一）; a part without blocks is left out with its heading."""
    blocks: list[Block] = []
    number = 0
    for title, content in chapters.items():
        inner = _number_parts(content) if isinstance(content, Mapping) else tuple(content)
        if inner:
            number += 1
            blocks += [Heading(1, f"{render_chinese_number(number)}、{title}"), *inner]
    return tuple(blocks)


def _number_parts(parts: Mapping[str, Iterable[Block]]) -> tuple[Block, ...]:
    filled = [(title, tuple(part)) for title, part in parts.items()]
    blocks: list[Block] = []
    for number, (title, part) in enumerate(((title, part) for title, part in filled if part), start=1):
        blocks += [Heading(2, f"（{render_chinese_number(number)}）{title}"), *part]
    return tuple(blocks)
