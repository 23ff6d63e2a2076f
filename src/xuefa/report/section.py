"""The study section as a frozen tree: headings, paragraphs and tables whose numbers refer to figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from xuefa.laws.citation import render_chinese_number

NumberStyle = Literal["exact", "more_than"]
Level = Literal[1, 2, 3]
Role = Literal["body", "addressee", "signature", "date"]


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
    """A table with one header row; `widths` are relative."""

    caption: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Runs, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in (self.widths, *self.rows)):
            raise ValueError(f"{self.caption}: every row must have {len(self.columns)} cells")


Block = Heading | Paragraph | Table


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
        return tuple(block.text for block in self.blocks if isinstance(block, Paragraph) and block.role == "body")

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
