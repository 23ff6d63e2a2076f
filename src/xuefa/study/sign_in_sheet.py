"""The sign-in sheet (签到表) as a Word file: the paper that the unit keeps, with names, times and room to sign."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from xuefa.laws.catalogue import Catalogue
from xuefa.records.record import SESSION_KIND_NAMES, Learner
from xuefa.study.attendance import Attendance

_HEAD = ("序号", "姓名", "单位", "职务", "签到时间", "签名", "备注")
_WIDTHS_MM = (12, 22, 44, 22, 20, 26, 28)
_ROW_MM = 8
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_sign_in_sheet(
    attendance: Attendance, *, catalogue: Catalogue, written_at: datetime, time_zone: tzinfo
) -> bytes:
    """The sheet of a session as .docx, A4: what, when, counts, and a row for everyone, by unit and id.

    Written before the session it is a list to sign; times stand in `time_zone`.
    """
    session = attendance.session
    document = Document()
    _set_up(document, title=f"{SESSION_KIND_NAMES[session.kind]}签到表", written_at=written_at)
    _add_line(document, f"{SESSION_KIND_NAMES[session.kind]}签到表", size=18, bold=True, centred=True)
    laws = "、".join(f"《{catalogue[slug].short_title}》" if slug in catalogue else slug for slug in session.laws)
    lines = [
        f"主题：{session.title}" + (f"　　学习内容：{laws}" if laws else ""),
        f"日期：{session.held_on:%Y年%m月%d日}　　时长：{session.minutes} 分钟　　主持人：{session.host}",
        f"{attendance.summary}。",
    ]
    for line in lines:
        _add_line(document, line, size=12)
    _add_table(document, list(_rows(attendance, time_zone)))
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _rows(attendance: Attendance, time_zone: tzinfo) -> Iterable[tuple[str, ...]]:
    notes: dict[Learner, tuple[str, str]] = dict.fromkeys(attendance.missing, ("", ""))
    if attendance.opening is not None and attendance.opening.closed_at is not None:
        notes = dict.fromkeys(attendance.missing, ("", "未到"))
    for absence in attendance.excused:
        notes[absence.learner] = ("", f"请假：{absence.reason}" if absence.reason else "请假")
    for arrival in attendance.signed_in:
        at = f"{arrival.signed_in_at.astimezone(time_zone):%H:%M}"
        notes[arrival.learner] = (at, "" if arrival.expected else "不在应到名单")
    everyone = sorted(notes, key=lambda learner: (learner.unit, learner.learner_id))
    for number, learner in enumerate(everyone, start=1):
        at, note = notes[learner]
        yield str(number), learner.name, learner.unit, learner.post, at, "", note


def _set_up(document: Any, *, title: str, written_at: datetime) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin = page.bottom_margin = Mm(20)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "宋体", Pt(11)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    style.paragraph_format.space_after = Pt(0)
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title, "xuefa", "xuefa"
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = written_at.astimezone(UTC).replace(tzinfo=None)
    footer = page.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, instruction in (("第 ", "PAGE"), (" 页　共 ", "NUMPAGES")):
        _add_text(footer, text, size=9)
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), instruction)
        footer._p.append(field)
        field.append(footer.add_run("1")._r)
    _add_text(footer, " 页", size=9)


def _add_line(document: Any, text: str, *, size: float, bold: bool = False, centred: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(4)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_text(paragraph, text, size=size, bold=bold)


def _add_table(document: Any, rows: Sequence[tuple[str, ...]]) -> None:
    table = document.add_table(rows=len(rows) + 1, cols=len(_HEAD), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, _WIDTHS_MM, strict=True):
        column.width = Mm(width)
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row, texts in zip(table.rows, (_HEAD, *rows), strict=True):
        row.height, row.height_rule = Mm(_ROW_MM), WD_ROW_HEIGHT_RULE.AT_LEAST
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width, cell.vertical_alignment = Mm(_WIDTHS_MM[place]), WD_CELL_VERTICAL_ALIGNMENT.CENTER
            paragraph = cell.paragraphs[0]
            if texts is _HEAD or place in {0, 4}:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _add_text(paragraph, text, size=10.5, bold=texts is _HEAD)


def _add_text(paragraph: Any, text: str, *, size: float, bold: bool = False) -> None:
    run = paragraph.add_run(_UNPRINTABLE.sub("�", text))
    run.font.size, run.bold = Pt(size), bold
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")
