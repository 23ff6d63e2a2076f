"""A Word file read back: its lines, its numbers by reference, what its charts draw, and its seal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from xuefa.errors import BadInputError, Finding, MissingPartError
from xuefa.report.charts import DrawnChart, read_chart
from xuefa.report.seal import Seal, parse_seal

SEAL_NAMESPACE = "urn:xuefa:section:1"
"""Of the XML part that holds the seal."""

_SEAL_TAG = f"{{{SEAL_NAMESPACE}}}seal"
_TEXT, _TAB, _BREAK = qn("w:t"), qn("w:tab"), qn("w:br")
_BOOKMARK_START, _BOOKMARK_END = qn("w:bookmarkStart"), qn("w:bookmarkEnd")


@dataclass(frozen=True)
class DocumentReading:
    """What a Word file says: its lines (cells of a table are lines too), its numbers by reference, its seal.

    In `lines` a number stands as its reference in braces: 集中学习{fig_study_sessions_1}次.
    """

    lines: tuple[str, ...]
    numbers: Mapping[str, str]
    charts: tuple[DrawnChart, ...]
    seal: Seal | None

    @property
    def year(self) -> int | None:
        return self.seal.year if self.seal else None


def read_document(path: Path) -> DocumentReading:
    """Read a Word file; raise MissingPartError if there is none and BadInputError if it is no .docx."""
    if not path.is_file():
        raise MissingPartError(Finding(str(path), "找不到这个文件", "请检查文件名和所在的文件夹"))
    try:
        return read_body(Document(str(path)))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, SyntaxError):
        raise BadInputError(
            Finding(str(path), "这不是 Word 文档（.docx），或者文件已经损坏", "请用 Word 或 WPS 打开并另存为 .docx")
        ) from None


def read_body(document: Any) -> DocumentReading:
    """What a document of python-docx says."""
    lines, numbers = [], {}
    for paragraph in document.element.body.iter(qn("w:p")):
        line, found = _read_paragraph(paragraph)
        numbers.update(found)
        if line.strip():
            lines.append(line.strip())
    parts = document.part.related_parts
    charts = [
        read_chart(parts[drawn.get(qn("r:id"))].blob)
        for drawn in document.element.body.iter(qn("c:chart"))
        if drawn.get(qn("r:id")) in parts
    ]
    return DocumentReading(tuple(lines), numbers, tuple(charts), _read_seal(document))


def _read_seal(document: Any) -> Seal | None:
    for relation in document.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.CUSTOM_XML:
            root = parse_xml(relation.target_part.blob)
            if root.tag == _SEAL_TAG:
                return parse_seal(root.text or "")
    return None


def _read_paragraph(paragraph: Any) -> tuple[str, dict[str, str]]:
    """The words of a paragraph with references in place of its numbers, and the numbers."""
    words: list[str] = []
    numbers: dict[str, str] = {}
    open_references: dict[str, str] = {}
    for node in paragraph.iter(_TEXT, _TAB, _BREAK, _BOOKMARK_START, _BOOKMARK_END):
        if node.tag == _BOOKMARK_START:
            reference = node.get(qn("w:name"), "")
            if reference.startswith("fig_"):
                open_references[node.get(qn("w:id"))] = reference
                numbers[reference] = ""
                words.append(f"{{{reference}}}")
        elif node.tag == _BOOKMARK_END:
            open_references.pop(node.get(qn("w:id")), None)
        else:
            text = (node.text or "") if node.tag == _TEXT else " "
            for reference in open_references.values():
                numbers[reference] += text
            if not open_references:
                words.append(text)
    return "".join(words), numbers
