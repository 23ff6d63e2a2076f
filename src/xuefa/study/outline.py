"""Reads a module's notebook into its outline: sections with minutes, what they mention, what their cells call."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xuefa.errors import BadInputError, Finding
from xuefa.laws.citation import Citation, find_article_numbers

TWENTY_MINUTES_MARK = "〔学法二十分〕"
"""Marks the sections of the 20-minute path of 党委会“学法二十分”."""

_MINUTES = re.compile(r"（约(\d+)分钟）$")
_ARTICLE = r"第[零一二三四五六七八九十百千\d]+条(?:之[零一二三四五六七八九十]+)?"
_OTHER_LAW = re.compile(rf"《([^《》]+)》((?:{_ARTICLE})(?:[、和及或至](?:{_ARTICLE}))*)")


@dataclass(frozen=True)
class Call:
    """A call like `lesson.articles(46, "行政复议法 20")` in a code cell; `arguments` are plain values."""

    name: str
    arguments: tuple[int | str, ...]
    cell_id: str


@dataclass(frozen=True)
class Section:
    """What stands from one `## ` heading to the next; `minutes` is None where the heading does not tell them."""

    heading: str
    minutes: int | None
    prose: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def on_twenty_minute_path(self) -> bool:
        return TWENTY_MINUTES_MARK in self.heading

    @property
    def mentions(self) -> tuple[Citation, ...]:
        """Every article that the prose mentions, `law` None where no title stands before it."""
        others = [
            Citation(match.group(1), number)
            for match in _OTHER_LAW.finditer(self.prose)
            for number in find_article_numbers(match.group(2))
        ]
        own = [Citation(None, number) for number in find_article_numbers(_OTHER_LAW.sub("", self.prose))]
        return tuple(dict.fromkeys((*own, *others)))


@dataclass(frozen=True)
class Cell:
    """One cell as stored."""

    cell_id: str
    kind: str
    source: str
    has_output: bool
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outline:
    """A module's notebook: its cells, its sections, the calls in order, and code cells that hold anything else."""

    metadata: dict[str, Any]
    cells: tuple[Cell, ...]
    titles: tuple[str, ...]
    sections: tuple[Section, ...]
    calls: tuple[Call, ...]
    strange_cells: tuple[str, ...]

    @property
    def minutes(self) -> int:
        return sum(section.minutes or 0 for section in self.sections)

    @property
    def twenty_minutes(self) -> int:
        return sum(section.minutes or 0 for section in self.sections if section.on_twenty_minute_path)


def read_outline(path: Path) -> Outline:
    """Read the notebook; raise BadInputError if it is no notebook of format 4."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        metadata = dict(notebook["metadata"])
        cells = tuple(_read_cell(cell) for cell in notebook["cells"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInputError(
            Finding(str(path), "不是合格的笔记本文件（.ipynb）", "请从版本库恢复这个文件，再用 JupyterLab 修改")
        ) from None
    titles: list[str] = []
    sections: list[Section] = []
    calls: list[Call] = []
    strange: list[str] = []
    for cell in cells:
        if cell.kind == "markdown":
            _add_prose(cell.source, titles=titles, sections=sections)
        elif cell.kind == "code":
            found = _parse_calls(cell)
            if found is None:
                strange.append(cell.cell_id)
            else:
                calls.extend(found)
                if sections:
                    last = sections[-1]
                    sections[-1] = Section(last.heading, last.minutes, last.prose, (*last.calls, *found))
    return Outline(metadata, cells, tuple(titles), tuple(sections), tuple(calls), tuple(strange))


def _parse_heading(line: str) -> tuple[str, int | None]:
    """Split `## 三、起诉期限〔学法二十分〕（约6分钟）` into the heading and its minutes."""
    heading = line.removeprefix("##").strip()
    match = _MINUTES.search(heading)
    return heading, int(match.group(1)) if match else None


def _read_cell(cell: dict[str, Any]) -> Cell:
    source = cell["source"]
    return Cell(
        cell_id=str(cell.get("id", "")),
        kind=str(cell["cell_type"]),
        source=source if isinstance(source, str) else "".join(source),
        has_output=bool(cell.get("outputs")) or cell.get("execution_count") is not None,
        metadata=dict(cell.get("metadata", {})),
    )


def _add_prose(source: str, *, titles: list[str], sections: list[Section]) -> None:
    for line in source.splitlines():
        if line.startswith("# "):
            titles.append(line.removeprefix("# ").strip())
        elif line.startswith("## "):
            sections.append(Section(*_parse_heading(line)))
        elif sections:
            last = sections[-1]
            sections[-1] = Section(last.heading, last.minutes, f"{last.prose}{line}\n", last.calls)


def _parse_calls(cell: Cell) -> tuple[Call, ...] | None:
    """The calls of a code cell, or None if it holds anything but `import xuefa`, `lesson = …` and `lesson.…(…)`.

    On the home page `home` stands for `lesson`.
    """
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:
        return None
    calls: list[Call] = []
    for statement in statements:
        match statement:
            case ast.Import(names=[ast.alias(name="xuefa", asname=None)]):
                continue
            case ast.Assign(
                targets=[ast.Name(id="lesson" | "home" as page)],
                value=ast.Call(func=ast.Attribute(value=ast.Name(id="xuefa"), attr=attribute)) as call,
            ) if attribute == page:
                name = f"xuefa.{page}"
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id="lesson" | "home" as page), attr=attribute)) as call
            ):
                name = f"{page}.{attribute}"
            case _:
                return None
        arguments = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        if len(arguments) != len(call.args) or not all(isinstance(value, int | str) for value in arguments):
            return None
        calls.append(Call(name, tuple(value for value in arguments if isinstance(value, int | str)), cell.cell_id))
    return tuple(calls)
