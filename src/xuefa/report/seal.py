"""What a Word file keeps about itself: its text and numbers as they were written."""

from __future__ import annotations

import hashlib

from pydantic import ValidationError

from xuefa.report.section import NumberStyle
from xuefa.strict_yaml import Many, StrictModel


class SealedNumber(StrictModel):
    """A number as written: the bookmark it stands in, its figure, how it is printed."""

    reference: str
    figure_id: str
    style: NumberStyle
    text: str


class SealedPoint(StrictModel):
    """A point of a chart as drawn: its reference, its figure, the chart (from 1), where in it, what is drawn and said.

    `value` is what is drawn, None where nothing is; `text` is how the figure is printed.
    """

    reference: str
    figure_id: str
    chart: int
    series: str
    category: str
    value: float | None
    text: str


class Seal(StrictModel):
    """Unit and year, the numbers, the lines with `{reference}` in each number's place, and what the charts draw.

    `charts` is None in what was sealed before charts were, and `points` is empty in what was sealed before each point
    was. `basis` is the digest of what the numbers rested on (`Basis`), empty where none was kept.
    """

    unit: str
    year: int
    numbers: Many[SealedNumber]
    lines: Many[str]
    charts: Many[str] | None = None
    points: Many[SealedPoint] = ()
    basis: str = ""

    def line(self, number: int) -> str:
        """A line as people read it, with its numbers."""
        return show_numbers(self.lines[number], {sealed.reference: sealed.text for sealed in self.numbers})


def show_numbers(line: str, numbers: dict[str, str]) -> str:
    """The line with each `{reference}` replaced by its number."""
    for reference, text in numbers.items():
        line = line.replace(f"{{{reference}}}", text)
    return line


def render_seal(seal: Seal) -> str:
    """The seal as JSON after the digest of that JSON, so that a changed seal is known as such."""
    content = seal.model_dump_json()
    return f"{_digest(content)} {content}"


def parse_seal(text: str) -> Seal | None:
    """The seal of that text, or None if it is none or was changed."""
    digest, _, content = text.partition(" ")
    try:
        return Seal.model_validate_json(content) if _digest(content) == digest else None
    except ValidationError:
        return None


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
