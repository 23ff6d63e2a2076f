"""A plain A4 Word document for a learner: headings, lines, tables; the only place of study that knows python-docx."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

_TEXT_WIDTH_MM = 160.0
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STYLES = {
    "Normal": ("宋体", 12.0),
    "Title": ("黑体", 20.0),
    "Subtitle": ("楷体", 12.0),
    "Heading 1": ("黑体", 15.0),
    "Heading 2": ("黑体", 12.0),
}
"""Fonts that Windows and WPS bring, and sizes in points."""


class WordDocument:
    """A document that grows at its end; `save` gives the .docx."""

    def __init__(self, *, title: str, subtitle: str, written_at: datetime) -> None:
        self._document: Any = Document()
        for name, (font, points) in _STYLES.items():
            _set_style(self._document.styles[name], font=font, points=points)
        page = self._document.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.left_margin = page.right_margin = Mm(25)
        page.top_margin = page.bottom_margin = Mm(24)
        properties = self._document.core_properties
        properties.title, properties.author, properties.last_modified_by = _printable(title)[:255], "xuefa", "xuefa"
        properties.comments, properties.language = "", "zh-CN"
        properties.created = properties.modified = written_at.astimezone(UTC).replace(tzinfo=None)
        for style, text in (("Title", title), ("Subtitle", subtitle)):
            self._add(style, text).alignment = WD_ALIGN_PARAGRAPH.CENTER

    def add_heading(self, text: str, *, level: int = 1) -> None:
        """Append a heading of level 1 or 2."""
        self._add(f"Heading {level}", text)

    def add_line(
        self, text: str, *, indent_mm: float = 0.0, keep_with_next: bool = False, is_close: bool = False
    ) -> None:
        """Append a paragraph; with `keep_with_next` no page ends, with `is_close` no gap is before what follows."""
        paragraph = self._add("Normal", text)
        paragraph.paragraph_format.left_indent = Mm(indent_mm)
        paragraph.paragraph_format.keep_with_next = keep_with_next
        if is_close:
            paragraph.paragraph_format.space_after = Pt(0)

    def add_text(self, text: str) -> None:
        """Append someone's text, a paragraph a line, each begun two characters in."""
        for line in filter(str.strip, text.splitlines()):
            self._add("Normal", line.strip()).paragraph_format.first_line_indent = Pt(24)

    def add_table(self, head: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[float]) -> None:
        """Append a table of the text's width with its head repeated on every page; `widths` are shares of it."""
        table = self._document.add_table(rows=0, cols=len(head), style="Table Grid")
        table.autofit = False
        columns = [Mm(_TEXT_WIDTH_MM * width / sum(widths)) for width in widths]
        for column, width in zip(table.columns, columns, strict=True):
            column.width = width
        for number, texts in enumerate((head, *rows)):
            row = table.add_row()
            properties = row._tr.get_or_add_trPr()
            properties.append(properties.makeelement(qn("w:cantSplit"), {}))
            if number == 0:
                properties.append(properties.makeelement(qn("w:tblHeader"), {}))
            for cell, text, width in zip(row.cells, texts, columns, strict=True):
                cell.width = width
                _add_run(cell.paragraphs[0], text).bold = number == 0
                spacing = cell.paragraphs[0].paragraph_format
                spacing.space_before = spacing.space_after = Pt(2)
        self._document.add_paragraph()

    def add_page_break(self) -> None:
        self._document.add_page_break()

    def save(self) -> bytes:
        content = io.BytesIO()
        self._document.save(content)
        return content.getvalue()

    def _add(self, style: str, text: str) -> Any:
        paragraph = self._document.add_paragraph(style=style)
        _add_run(paragraph, text)
        return paragraph


def _add_run(paragraph: Any, text: str) -> Any:
    """Append text; the hint sets quotes and dashes, which stand in both scripts, in the Chinese font."""
    run = paragraph.add_run(_printable(text))
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")
    return run


def _set_style(style: Any, *, font: str, points: float) -> None:
    style.font.name, style.font.size, style.font.color.rgb = "Times New Roman", Pt(points), RGBColor(0, 0, 0)
    style.font.italic = False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), font)
    properties = style.element.get_or_add_rPr()
    properties.append(properties.makeelement(qn("w:lang"), {qn("w:val"): "en-US", qn("w:eastAsia"): "zh-CN"}))
    style.paragraph_format.space_after = Pt(6)
    borders = style.element.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is not None:
        borders.getparent().remove(borders)


def _printable(text: str) -> str:
    """Without the few characters that XML cannot hold; everything else stays as it is."""
    return _UNPRINTABLE.sub("�", text)
