"""What the workbench shows as HTML: cards for what was done or went wrong, tables, files to take away."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from xuefa.errors import Finding
from xuefa.page_parts import read_style

MAX_LINKED_BYTES = 5_000_000
"""A larger file is named, not put into the page."""

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Link:
    """A cell of a table that opens a page of this server in a tab of its own."""

    text: str
    path: str


def page_style() -> str:
    """The workbench's style sheet."""
    return f"<style>{read_style(_HERE, 'page')}</style>"


def render_body(html: str) -> str:
    """A piece of the page in the page's type."""
    return f"<div class='xuefa-bench'>{html}</div>"


def render_done(text: str) -> str:
    """A card saying what was done; `text` is plain text."""
    return f"<div class='xuefa-done' role='status'>{escape(text)}</div>"


def render_findings(findings: Iterable[Finding], *, title: str = "这一步没有做成：") -> str:
    """A card saying what went wrong and what to do about it."""
    lines = "".join(
        f"<li><strong>{escape(finding.place)}</strong>：{escape(finding.fault)}。{escape(finding.fix)}。</li>"
        for finding in findings
    )
    return f"<div class='xuefa-problem' role='alert'><p>{escape(title)}</p><ul>{lines}</ul></div>"


def render_table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; floats and ints stand to the right, floats as people write them."""
    titles = "".join(f"<th scope='col'>{escape(title)}</th>" for title in head)
    lines = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"


def render_note(text: str) -> str:
    """A quiet line of plain text."""
    return f"<p class='xuefa-note'>{escape(text)}</p>"


def render_details(summary: str, html: str) -> str:
    """A part that opens on a click."""
    return f"<details><summary>{escape(summary)}</summary>{html}</details>"


def render_files(paths: Iterable[Path], *, site_dir: Path) -> str:
    """Files to take away: a link that saves each one, and where it lies in the site's folder."""
    return f"<ul>{''.join(f'<li>{_file(path, site_dir)}</li>' for path in paths)}</ul>"


def _file(path: Path, site_dir: Path) -> str:
    place = escape(path.relative_to(site_dir).as_posix() if path.is_relative_to(site_dir) else path.name)
    if path.stat().st_size > MAX_LINKED_BYTES:
        return f"{escape(path.name)}　<span class='xuefa-note'>在 {place}</span>"
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    content = base64.b64encode(path.read_bytes()).decode()
    return (
        f"<a download='{escape(path.name)}' href='data:{kind};base64,{content}'>下载 {escape(path.name)}</a>"
        f"　<span class='xuefa-note'>也在 {place}</span>"
    )


def _cell(value: object) -> str:
    if isinstance(value, Link):
        return f"<td><a href='{escape(value.path)}' target='_blank'>{escape(value.text)}</a></td>"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"<td class='xuefa-number'>{round(value, 2):g}</td>"
    return f"<td>{escape(str(value))}</td>"
