"""The key (参考答案及解析) as a Word file: for those who mark and explain, never for the table of a learner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from xuefa.bank.item import JUDGE_OPTIONS, EssayItem, Question
from xuefa.bank.reader import Bank
from xuefa.exam.paper import Paper, PaperQuestion, render_multiple_rules
from xuefa.exam.print.layout import PrintedDocument, Words
from xuefa.exam.print.numbering import (
    JUDGE_MARKS,
    NumberedQuestion,
    NumberedSection,
    number_sections,
    one_line,
    render_own_points,
    render_round,
    render_running_text,
    render_section_note,
    render_title,
)
from xuefa.exam.scoring import Void, render_points

_KEYS_A_ROW = 10
_VOID_WORDS: dict[Void, str] = {"full": "本题作废，人人得满分", "out": "本题作废，不计入总分"}


def render_key_document(paper: Paper, *, bank: Bank, written_at: datetime) -> bytes:
    """The .docx of a paper's keys: a table of keys by section, then each question's explanation, articles and points.

    `bank` holds the items as the paper was set with them. A voided question is said to be one, beside its key.
    """
    title = f"{render_title(paper)}参考答案及解析"
    document = PrintedDocument(
        title=title, running_text=f"{render_running_text(paper)}　参考答案（考试结束前保密）", written_at=written_at
    )
    document.add_line("Title", title)
    if paper_round := render_round(paper):
        document.add_line("Subtitle", f"（{paper_round}）")
    sections = number_sections(paper)
    for rule in render_multiple_rules(paper):
        document.add_line("注意事项", rule)
    document.add_line("注意事项标题", "参考答案")
    for section in sections:
        _add_key_table(document, section, paper=paper, bank=bank)
    document.add_line("注意事项标题", "解　析")
    for section in sections:
        document.add_line("Heading 1", section.heading)
        for numbered in section.questions:
            _add_explanation(document, numbered, paper=paper, bank=bank)
    return document.save()


def _add_key_table(document: PrintedDocument, section: NumberedSection, *, paper: Paper, bank: Bank) -> None:
    document.add_line("Heading 1", section.heading, Words(render_section_note(section.section), "说明字"))
    if section.section.kind == "essay":
        document.add_line("注意事项", "按解析里的要点评分。")
        return
    rows: list[tuple[str, ...]] = []
    for start in range(0, len(section.questions), _KEYS_A_ROW):
        part = section.questions[start : start + _KEYS_A_ROW]
        padding = ("",) * (_KEYS_A_ROW - len(part))
        keys = (_render_short_key(one.question, paper=paper, bank=bank) for one in part)
        rows += [("题号", *(str(one.number) for one in part), *padding), ("答案", *keys, *padding)]
    document.add_table(rows, style="表格", widths=(1.2, *(1,) * _KEYS_A_ROW), row_points=19, heads=(0,))


def _render_short_key(question: PaperQuestion, *, paper: Paper, bank: Bank) -> str:
    if question.question_id in paper.voided:
        return "作废"
    key = bank.question(question.question_id).key
    return "".join(JUDGE_MARKS.get(letter, letter) for letter in key)


def _add_explanation(document: PrintedDocument, numbered: NumberedQuestion, *, paper: Paper, bank: Bank) -> None:
    question = numbered.question
    kept = bank.question(question.question_id)
    void = paper.voided.get(question.question_id)
    head = f"{numbered.number}.\t{_render_key(question, kept)}{render_own_points(question)}"
    voided = (Words(f"　{_VOID_WORDS[void]}。", "标目"),) if void else ()
    document.add_line("题干", head, *voided, Words(f"　{question.question_id}", "说明字"), keep_with_next=True)
    for letter, text in question.options.items():
        if letter in kept.key and question.kind != "judge":
            document.add_line("解析", f"{letter}．{one_line(text)}", keep_with_next=True)
    for line in _render_guide(question, kept):
        document.add_line("解析", line, keep_with_next=True)
    document.add_line("解析", Words("解析　", "标目"), one_line(kept.explanation), keep_with_next=True)
    document.add_line("解析", Words("依据　", "标目"), render_citations(kept, bank=bank))


def _render_key(question: PaperQuestion, kept: Question) -> str:
    if question.kind == "essay":
        return "论述题，按要点评分"
    if question.kind == "judge":
        return f"答案：{JUDGE_MARKS[kept.key]}（{JUDGE_OPTIONS[kept.key]}）"
    return f"答案：{kept.key}"


def _render_guide(question: PaperQuestion, kept: Question) -> Iterator[str]:
    if isinstance(kept.item, EssayItem):
        guide = kept.item.guide
        for number, part in enumerate(guide, start=1):
            yield f"（{number}）{one_line(part.element)}（{render_points(part.points)} 分）"
        total = sum(part.points for part in guide)
        if total != question.points:
            yield f"要点合计 {render_points(total)} 分，请按比例折算成 {render_points(question.points)} 分。"


def render_citations(question: Question, *, bank: Bank) -> str:
    """《行政诉讼法》第四十六条、第四十五条、《行政复议法》第二十条: what the answer rests on, in the item's order."""
    names, before = [], None
    for citation in question.citations:
        law = bank.catalogue.find(citation.law) if citation.law else bank.law_of(question.item)
        name = law.cite(citation.number) if law else str(citation)
        names.append(name.removeprefix(law.name) if law and law == before else name)
        before = law
    return "、".join(names)
