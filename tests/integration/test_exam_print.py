from __future__ import annotations

import io
from datetime import UTC, datetime

from docx import Document
from docx.oxml.ns import qn

from tests.exam_course import fixture_bank, small_paper
from xuefa.exam.print.key_document import render_citations, render_key_document
from xuefa.exam.print.paper_document import render_paper_document

WRITTEN_AT = datetime(2022, 11, 1, tzinfo=UTC)


def read_text(content: bytes) -> str:
    body = Document(io.BytesIO(content)).element.body
    return "\n".join("".join(node.text or "" for node in line.iter(qn("w:t"))) for line in body.iter(qn("w:p")))


def test_the_printed_paper_holds_every_stem_and_no_explanation_and_the_key_holds_key_and_citation() -> None:
    bank = fixture_bank()
    paper = small_paper(bank)
    text = read_text(render_paper_document(paper, written_at=WRITTEN_AT))
    key_text = read_text(render_key_document(paper, bank=bank, written_at=WRITTEN_AT))

    for question in paper.questions:
        kept = bank.question(question.question_id)
        assert text.count(question.stem) == 1
        assert kept.explanation not in text
        assert kept.explanation in key_text
        assert render_citations(kept, bank=bank) in key_text
