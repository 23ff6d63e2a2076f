"""The section as a Word file after GB/T 9704-2012; what the file then says is read by `document_reading`."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Twips

from xuefa.atomic_file import write_file
from xuefa.report.charts import RELATION_ID as CHART_RELATION_ID
from xuefa.report.charts import ChartParts, render_chart
from xuefa.report.document_reading import SEAL_NAMESPACE, read_body
from xuefa.report.seal import Seal, SealedNumber, SealedPoint, render_seal
from xuefa.report.section import Block, Chart, Heading, Number, Paragraph, Runs, Section, Table, Text

TEXT_WIDTH_TWIPS = 8844
"""版心 156 mm (GB/T 9704-2012, 5.2.1), in twentieths of a point."""
LINE_PITCH_TWIPS = 579
"""225 mm / 22 lines is 579.8: 579 is the greatest whole number with which 22 lines fit."""
CHARACTER_SPACE = -848
"""156 mm / 28 characters is 15.793 pt, 0.207 pt less than 3号 (16 pt), in 4096ths of a point."""

CHART_HEIGHT = Mm(62)
"""Of a column chart; a bar chart is as high as its bars need."""

_INLINE = """
<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>
<wp:effectExtent l="0" t="0" r="0" b="0"/><wp:docPr id="{number}" name="图{number}"/><wp:cNvGraphicFramePr/>
<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart r:id="{relation}"/>
</a:graphicData></a:graphic></wp:inline></w:drawing>
"""
_ROLE_STYLES = {
    "body": "Body Text",
    "lead": "Body Text",
    "addressee": "Salutation",
    "signature": "Signature",
    "date": "Date",
}
_UNUSED_PARTS = ("theme", "numbering", "webSettings", "stylesWithEffects", "customXml", "thumbnail", "fontTable")


class RenderedDocument(NamedTuple):
    """A Word file that is not on disk yet, and the seal in it."""

    content: bytes
    seal: Seal


def render_document(
    section: Section, *, written_at: datetime, form: Literal["document", "part"] = "document", basis: str = ""
) -> RenderedDocument:
    """The section as .docx; every number carries a bookmark `fig_<figure id>_<k>`.

    A point of a chart, where no bookmark can stand, has such a reference in the seal. A document of its own has title,
    addressee, lead, signature and date; a part to paste into the whole report begins with its first heading.

    The file keeps a sealed copy of its text and numbers, by which `verify_document` tells an edited text from changed
    records; `basis` is the digest of what the numbers rest on.
    """
    document = _new_document()
    _set_page(document)
    _set_properties(document, section, written_at)
    body = _BodyWriter(document)
    blocks = section.part.blocks if form == "part" else section.blocks
    if form == "document":
        body.add_line("Title", section.title)
        body.add_line("Salutation", "")
    for number, block in enumerate(blocks):
        if _starts_signature(blocks, number):
            body.add_line("Salutation", "")
        body.add_block(block)
    reading = read_body(document)
    seal = Seal(
        unit=section.unit,
        year=section.year,
        numbers=tuple(body.numbers),
        lines=reading.lines,
        charts=tuple(chart.text for chart in reading.charts),
        points=tuple(body.points),
        basis=basis,
    )
    _add_seal(document, seal)
    content = io.BytesIO()
    document.save(content)
    return RenderedDocument(content.getvalue(), seal)


def write_document(section: Section, path: Path, *, written_at: datetime, basis: str = "") -> None:
    """Write the section to `path` (.docx), a document of its own; raise BadInputError if the file cannot be written."""
    write_file(path, render_document(section, written_at=written_at, basis=basis).content)


def _starts_signature(blocks: tuple[Block, ...], number: int) -> bool:
    return _is_signature(blocks[number]) and not (number and _is_signature(blocks[number - 1]))


def _is_signature(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.role in ("signature", "date")


class _BodyWriter:
    """Appends blocks to the body; keeps count of tables and charts, and what each reference stands for."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._references: Counter[str] = Counter()
        self._tables = self._charts = 0
        self.numbers: list[SealedNumber] = []
        self.points: list[SealedPoint] = []

    def add_block(self, block: Block) -> None:
        if isinstance(block, Heading):
            self.add_line(f"Heading {block.level}", block.text)
        elif isinstance(block, Paragraph):
            self._fill(self._document.add_paragraph(style=_ROLE_STYLES[block.role]), block.runs)
        elif isinstance(block, Chart):
            self._add_chart(block)
        else:
            self._add_table(block)

    def add_line(self, style: str, text: str) -> None:
        _add_text(self._document.add_paragraph(style=style), text)

    def _fill(self, paragraph: Any, runs: Runs) -> None:
        for run in runs:
            if isinstance(run, Number):
                self._add_number(paragraph, run)
            else:
                _add_text(paragraph, run.text)

    def _add_number(self, paragraph: Any, number: Number) -> None:
        reference = self._refer_to(number.figure_id)
        bookmark = str(len(self.numbers))
        paragraph._p.append(_element("w:bookmarkStart", id=bookmark, name=reference))
        _add_text(paragraph, number.text)
        paragraph._p.append(_element("w:bookmarkEnd", id=bookmark))
        self.numbers.append(
            SealedNumber(reference=reference, figure_id=number.figure_id, style=number.style, text=number.text)
        )

    def _refer_to(self, figure_id: str) -> str:
        self._references[figure_id] += 1
        return f"fig_{figure_id}_{self._references[figure_id]}"

    def _add_table(self, table: Table) -> None:
        self._tables += 1
        self.add_line("Caption", f"表{self._tables}　{table.caption}")
        grid = self._document.add_table(rows=0, cols=len(table.widths), style="Table Grid")
        grid.autofit = False
        grid.alignment = WD_TABLE_ALIGNMENT.CENTER
        for column, width in zip(grid.columns, table.widths, strict=True):
            column.width = Twips(TEXT_WIDTH_TWIPS * width // sum(table.widths))
        header = self._add_row(grid, "表格栏目", tuple((Text(name),) for name in table.columns))
        header._tr.get_or_add_trPr().append(_element("w:tblHeader"))
        rows = [header, *(self._add_row(grid, "表格文字", row) for row in table.rows)]
        _keep_ends_together(rows)
        if table.notes:
            _keep_with_next(rows[-1])
        self.add_line("表注", f"注：{''.join(table.notes)}" if table.notes else "")

    def _add_chart(self, chart: Chart) -> None:
        self._charts += 1
        relation = _attach_chart(self._document, render_chart(chart), self._charts)
        height = CHART_HEIGHT if chart.kind == "stacked_columns" else Mm(22 + 6 * len(chart.categories))
        inline = parse_xml(
            _INLINE.format(width=TEXT_WIDTH_TWIPS * 635, height=int(height), number=self._charts, relation=relation)
        )
        properties = inline.find(f".//{qn('wp:docPr')}")
        properties.set("descr", chart.alt_text)
        properties.set("title", chart.caption)
        self._document.add_paragraph(style="图").add_run()._r.append(inline)
        self.points += [
            SealedPoint(
                reference=self._refer_to(point.figure_id),
                figure_id=point.figure_id,
                chart=self._charts,
                series=series,
                category=category,
                value=point.value,
                text=point.text,
            )
            for series, category, point in chart.points
        ]
        self.add_line("图题", f"图{self._charts}　{chart.caption}")

    def _add_row(self, grid: Any, style: str, cells: tuple[Runs, ...]) -> Any:
        row = grid.add_row()
        row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        for cell, runs in zip(row.cells, cells, strict=True):
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            cell.paragraphs[0].style = style
            self._fill(cell.paragraphs[0], runs)
        return row


def _keep_ends_together(rows: list[Any]) -> None:
    """No page begins or ends with a lonely row: the first three rows stay together, and the last three."""
    for number, row in enumerate(rows[:-1]):
        if number < 2 or number >= len(rows) - 3:
            _keep_with_next(row)


def _keep_with_next(row: Any) -> None:
    for cell in row.cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True


def _attach_chart(document: Any, parts: ChartParts, number: int) -> str:
    """Add the chart's parts to the package; the relation by which the document knows the chart."""
    package = document.part.package
    chart = Part(PackURI(f"/word/charts/chart{number}.xml"), CONTENT_TYPE.DML_CHART, parts.xml, package)
    workbook = Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), CONTENT_TYPE.SML_SHEET, parts.workbook, package)
    chart.load_rel(RELATIONSHIP_TYPE.PACKAGE, workbook, CHART_RELATION_ID)
    relation: str = document.part.relate_to(chart, RELATIONSHIP_TYPE.CHART)
    return relation


def _new_document() -> Any:
    """An empty document with our styles, settings and fonts, and without the template's theme and other parts."""
    document = Document()
    _replace_content(document.styles.element, "styles.xml")
    _replace_content(document.settings.element, "settings.xml")
    package = document.part.package
    for owner in (document.part, package):
        for name, relation in list(owner.rels.items()):
            if relation.reltype.rpartition("/")[2] in _UNUSED_PARTS:
                del owner.rels[name]
    fonts = Part(PackURI("/word/fontTable.xml"), CONTENT_TYPE.WML_FONT_TABLE, _read_xml("fonts.xml"), package)
    document.part.relate_to(fonts, RELATIONSHIP_TYPE.FONT_TABLE)
    return document


def _replace_content(element: Any, name: str) -> None:
    element.clear()
    element.extend(list(parse_xml(_read_xml(name))))


def _read_xml(name: str) -> bytes:
    return (files("xuefa.report") / "word" / name).read_bytes()


def _set_page(document: Any) -> None:
    """A4 and the 版心 of GB/T 9704-2012, 5.2; the page number of 7.5: 一字线, odd right and even left."""
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.header_distance, page.footer_distance = Mm(15), Mm(25.5)
    page._sectPr.remove_all("w:docGrid")
    page._sectPr.append(
        _element("w:docGrid", type="linesAndChars", linePitch=str(LINE_PITCH_TWIPS), charSpace=str(CHARACTER_SPACE))
    )
    _add_page_number(page.footer, "Footer")
    _add_page_number(page.even_page_footer, "偶数页页码")


def _add_page_number(footer: Any, style: str) -> None:
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style = style
    _add_text(paragraph, "— ")
    field = _element("w:fldSimple", instr="PAGE")
    paragraph._p.append(field)
    field.append(paragraph.add_run("1")._r)
    _add_text(paragraph, " —")


def _set_properties(document: Any, section: Section, written_at: datetime) -> None:
    properties = document.core_properties
    properties.title, properties.subject = section.title, f"{section.year}年度学法情况"
    properties.author = properties.last_modified_by = section.unit
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = written_at.astimezone(UTC).replace(tzinfo=None)


def _add_seal(document: Any, seal: Seal) -> None:
    """Keep the seal in a custom XML part, which Word, WPS and LibreOffice leave as it is."""
    package = document.part.package
    root = parse_xml(f'<seal xmlns="{SEAL_NAMESPACE}"/>')
    root.text = render_seal(seal)
    item = Part(PackURI("/customXml/item1.xml"), CONTENT_TYPE.XML, serialize_part_xml(root), package)
    properties = Part(
        PackURI("/customXml/itemProps1.xml"),
        CONTENT_TYPE.OFC_CUSTOM_XML_PROPERTIES,
        _read_xml("seal_properties.xml"),
        package,
    )
    item.relate_to(properties, RELATIONSHIP_TYPE.CUSTOM_XML_PROPS)
    document.part.relate_to(item, RELATIONSHIP_TYPE.CUSTOM_XML)


def _add_text(paragraph: Any, text: str) -> None:
    """Append words; the hint sets quotes and dashes, which stand in both scripts, in the Chinese font."""
    if text:
        fonts = paragraph.add_run(text)._r.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:hint"), "eastAsia")


def _element(tag: str, **attributes: str) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element
