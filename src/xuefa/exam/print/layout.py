"""An A4 Word document, line by line and table by table; what is printed knows python-docx only here."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Literal

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, Twips

PAGE_MARGIN_MM, FOOTER_DISTANCE_MM = 22.0, 12.0
TEXT_WIDTH_TWIPS = 9411
"""210 mm less both margins, in twentieths of a point."""
TEXT_HEIGHT_POINTS = (297 - 2 * PAGE_MARGIN_MM) * 72 / 25.4
LINE_POINTS = 18.0
"""The exact height of a line of text; `styles.xml` says the same."""

LineStyle = Literal[
    "Title", "Subtitle", "Heading 1", "注意事项标题", "注意事项", "案例", "题干", "选项", "选项两列", "选项四列",
    "解析", "表后",
]  # fmt: skip
CellStyle = Literal["表格字", "表格栏目", "填涂"]
TableStyle = Literal["表格", "边框", "横线"]
RunStyle = Literal["说明字", "标目"]

_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKS = re.compile("([√×■]+)")
_UNUSED_PARTS = ("theme", "numbering", "webSettings", "stylesWithEffects", "customXml", "thumbnail", "fontTable")


@dataclass(frozen=True)
class Words:
    """Words in a line, in the line's own style or another."""

    text: str
    style: RunStyle | None = None


class PrintedDocument:
    """A document that grows at its end; `save` gives the .docx. Every line and row has an exact height.

    The footer of every page holds `running_text` and 第 x 页 共 y 页.
    """

    def __init__(self, *, title: str, running_text: str, written_at: datetime) -> None:
        self._document: Any = Document()
        _replace_styles(self._document)
        _set_page(self._document.sections[0], running_text=running_text)
        _set_properties(self._document, title=title, written_at=written_at)

    def add_line(
        self, style: LineStyle, *words: str | Words, keep_with_next: bool = False, on_new_page: bool = False
    ) -> None:
        """Append a paragraph; with `keep_with_next` no page ends between it and what follows."""
        paragraph = self._document.add_paragraph(style=style)
        if keep_with_next:
            paragraph.paragraph_format.keep_with_next = True
        if on_new_page:
            paragraph.paragraph_format.page_break_before = True
        for part in words:
            _add_text(paragraph, part if isinstance(part, Words) else Words(part))

    def add_table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        style: TableStyle,
        widths: Sequence[float],
        row_points: float,
        cell_style: CellStyle = "表格字",
        heads: Sequence[int] = (),
        together: bool = True,
    ) -> None:
        """Append a table of the full text width; `widths` are shares of it, `row_points` the height of each row.

        The columns in `heads` are set as headings. No row breaks across pages; with `together` the whole table stays on
        a page if it can.
        """
        table = self._document.add_table(rows=len(rows), cols=len(widths), style=style)
        table.autofit = False
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        column_widths = [Twips(int(TEXT_WIDTH_TWIPS * width / sum(widths))) for width in widths]
        for column, width in zip(table.columns, column_widths, strict=True):
            column.width = width
        for number, (row, texts) in enumerate(zip(table.rows, rows, strict=True), start=1):
            row.height, row.height_rule = Pt(row_points), WD_ROW_HEIGHT_RULE.EXACTLY
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for column_number, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                cell.width = column_widths[column_number]
                cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
                paragraph = cell.paragraphs[0]
                paragraph.style = "表格栏目" if column_number in heads else cell_style
                paragraph.paragraph_format.keep_with_next = True if together and number < len(rows) else None
                _add_text(paragraph, Words(text))

    def save(self) -> bytes:
        """The .docx file; Word wants a paragraph at the end, and a table may be the last thing here."""
        if self._document.element.body.sectPr.getprevious().tag == qn("w:tbl"):
            self.add_line("表后")
        content = io.BytesIO()
        self._document.save(content)
        return content.getvalue()


def _replace_styles(document: Any) -> None:
    """Our styles in place of the template's, and none of its parts that bring other fonts."""
    element = document.styles.element
    element.clear()
    element.extend(list(parse_xml((files("xuefa.exam.print") / "styles.xml").read_bytes())))
    for owner in (document.part, document.part.package):
        for name, relation in list(owner.rels.items()):
            if relation.reltype.rpartition("/")[2] in _UNUSED_PARTS:
                del owner.rels[name]


def _set_page(page: Any, *, running_text: str) -> None:
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin = page.bottom_margin = page.left_margin = page.right_margin = Mm(PAGE_MARGIN_MM)
    page.header_distance = page.footer_distance = Mm(FOOTER_DISTANCE_MM)
    page._sectPr.remove_all("w:docGrid")
    footer = page.footer
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style = "footer"
    _add_text(paragraph, Words(f"{running_text}　　第 "))
    _add_field(paragraph, "PAGE")
    _add_text(paragraph, Words(" 页　共 "))
    _add_field(paragraph, "NUMPAGES")
    _add_text(paragraph, Words(" 页"))


def _set_properties(document: Any, *, title: str, written_at: datetime) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = _printable(title)[:255], "xuefa", "xuefa"
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = written_at.astimezone(UTC).replace(tzinfo=None)


def _add_field(paragraph: Any, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    paragraph._p.append(field)
    field.append(paragraph.add_run("1")._r)


def _add_text(paragraph: Any, words: Words) -> None:
    """Append words; the hint sets quotes and dashes, which stand in both scripts, in the Chinese font.

    √ and × are set in it outright, since not every program heeds the hint for them.
    """
    for text in filter(None, _MARKS.split(words.text)):
        run = paragraph.add_run(_printable(text), style=words.style)
        fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:hint"), "eastAsia")
        if _MARKS.fullmatch(text):
            fonts.set(qn("w:ascii"), "宋体")
            fonts.set(qn("w:hAnsi"), "宋体")


def _printable(text: str) -> str:
    """Without the few characters that XML cannot hold; everything else stays as it is."""
    return _UNPRINTABLE.sub("�", text)
