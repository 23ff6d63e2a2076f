"""The section as Markdown, for reading on a screen."""

from __future__ import annotations

import re

from xuefa.report.section import Block, Chart, Heading, Paragraph, Runs, Section


def render_markdown(section: Section) -> str:
    """The whole section: title, headings, paragraphs, tables with their captions."""
    parts = [f"# {_escape(section.title)}"]
    tables = charts = 0
    for block in section.blocks:
        charts += isinstance(block, Chart)
        tables += not isinstance(block, Heading | Paragraph | Chart)
        parts.append(_render_block(block, charts if isinstance(block, Chart) else tables))
    return "\n\n".join(parts) + "\n"


def _render_block(block: Block, number: int) -> str:
    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {_escape(block.text)}"
    if isinstance(block, Paragraph):
        return _escape(block.text)
    if isinstance(block, Chart):
        return f"**图{number}**　{_escape(block.alt_text)}"
    caption = f"**表{number}　{_escape(block.caption)}**"
    head = _row(block.columns)
    rule = _row(["---", *["---:"] * (len(block.columns) - 1)])
    lines = [caption, "", head, rule, *(_row([_cell(cell) for cell in row]) for row in block.rows)]
    if block.notes:
        lines += ["", _escape(f"注：{''.join(block.notes)}")]
    return "\n".join(lines)


def _cell(runs: Runs) -> str:
    return _escape("".join(run.text for run in runs))


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape(text: str) -> str:
    """The text with what Markdown would take as marks made plain."""
    return re.sub(r"([\\`*_<>\[\]#|~])", r"\\\1", text)
