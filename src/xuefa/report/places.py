"""Where each number of a section stands, in the words of the section: under which heading, in which clause or table."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xuefa.report.seal import Seal, SealedNumber, SealedPoint, show_numbers

_CHAPTER = re.compile(r"[一二三四五六七八九十]+、")
_PART = re.compile(r"（[一二三四五六七八九十]+）")
_CAPTION = re.compile(r"[表图]\d+\s")
_CLAUSE_END = re.compile(r"[，。；]")
_REFERENCE = re.compile(r"\{(fig_[a-z0-9_]+)\}")


def locate_numbers(seal: Seal) -> Mapping[str, str]:
    """For each reference its place: “（一）总体情况”“全年集中学习10次”, or “表1　分月学习情况” for a cell."""
    texts = {sealed.reference: sealed.text for sealed in seal.numbers}
    places: dict[str, str] = {}
    heading = caption = ""
    for line in seal.lines:
        references = _REFERENCE.findall(line)
        if not references:
            if _CHAPTER.match(line) or _PART.match(line):
                heading = line
            elif _CAPTION.match(line):
                caption = line
            continue
        for reference in references:
            if line == f"{{{reference}}}":
                places[reference] = f"“{caption}”"
            else:
                clause = next(part for part in _CLAUSE_END.split(line) if f"{{{reference}}}" in part)
                places[reference] = (f"“{heading}”" if heading else "") + f"“{show_numbers(clause, texts)}”"
    return places


def locate_points(seal: Seal) -> Mapping[str, str]:
    """For each reference of a point its place: “图1　分月集中学习次数”“3月干部夜学”, or “图2　…”“农业站”."""
    names: dict[int, set[str]] = {}
    for point in seal.points:
        names.setdefault(point.chart, set()).add(point.series)
    captions = {chart: next(line for line in seal.lines if line.startswith(f"图{chart}　")) for chart in names}
    return {
        point.reference: f"“{captions[point.chart]}”"
        f"“{point.category}{point.series if len(names[point.chart]) > 1 else ''}”"
        for point in seal.points
    }


def places_by_figure(seal: Seal) -> dict[str, tuple[str, ...]]:
    """For each figure of the section every place where it stands, each once."""
    located = {**locate_numbers(seal), **locate_points(seal)}
    places: dict[str, dict[str, None]] = {}
    every: tuple[SealedNumber | SealedPoint, ...] = (*seal.numbers, *seal.points)
    for sealed in every:
        if place := located.get(sealed.reference):
            places.setdefault(sealed.figure_id, {})[place] = None
    return {figure_id: tuple(found) for figure_id, found in places.items()}
