"""The paper (试卷) as a Word file: questions and options, never a key."""

from __future__ import annotations

from datetime import datetime
from unicodedata import east_asian_width

from xuefa.exam.paper import Paper, PaperQuestion, PaperSection, render_multiple_rules
from xuefa.exam.print.layout import LineStyle, PrintedDocument, Words
from xuefa.exam.print.numbering import (
    NumberedQuestion,
    NumberedSection,
    has_own_points,
    number_sections,
    one_line,
    render_kind,
    render_own_points,
    render_round,
    render_running_text,
    render_section_note,
    render_title,
)
from xuefa.exam.scoring import render_points

_COLUMN_STYLES: dict[int, LineStyle] = {4: "选项四列", 2: "选项两列", 1: "选项"}
_COLUMN_ROOM = {4: 10.0, 2: 20.7}
"""Characters of 五号 that a column holds, with its letter, and a little air before the next one."""


def render_paper_document(paper: Paper, *, written_at: datetime) -> bytes:
    """The .docx of a paper: head, 注意事项, sections. Options keep their permanent letters.

    Questions stand in the paper's own order, without brackets to write into: answers belong on the card. A question
    stays on one page with its options, and a case's story with all its questions, if a page can hold them.
    """
    document = PrintedDocument(title=paper.title, running_text=render_running_text(paper), written_at=written_at)
    sections = number_sections(paper)
    document.add_line("Title", render_title(paper))
    if paper_round := render_round(paper):
        document.add_line("Subtitle", f"（{paper_round}）")
    document.add_table(
        [("单　位", "", "姓　名", "", "编　号", "")],
        style="表格",
        widths=(1.1, 3.2, 1.1, 2, 1.1, 2),
        row_points=26,
        heads=(0, 2, 4),
    )
    _add_notes(document, paper)
    for section in sections:
        _add_section(document, section)
    return document.save()


def _add_notes(document: PrintedDocument, paper: Paper) -> None:
    notes = [
        f"本卷共 {len(paper.questions)} 题，满分 {render_points(paper.total_points)} 分，"
        f"{render_points(paper.counted_pass_score)} 分及格，{render_points(paper.counted_excellent_score)} 分优秀；"
        f"考试时间 {paper.duration_minutes} 分钟。",
        "答题前，请在试卷和答题卡上写清单位、姓名和编号。",
        "答案填写在答题卡上，写在试卷上的不计分。",
        *render_multiple_rules(paper),
    ]
    document.add_line("注意事项标题", "注意事项")
    for number, note in enumerate(notes, start=1):
        document.add_line("注意事项", f"{number}．{note}", keep_with_next=number < len(notes))


def _add_section(document: PrintedDocument, section: NumberedSection) -> None:
    document.add_line("Heading 1", section.heading, Words(_render_note(section.section), "说明字"))
    cases = 0
    for number, numbered in enumerate(section.questions):
        question = numbered.question
        before, after = section.questions[max(number - 1, 0)], section.questions[number + 1 : number + 2]
        if question.story and (number == 0 or before.question.item_id != question.item_id):
            cases += 1
            document.add_line("案例", Words(f"案例{cases}　", "标目"), one_line(question.story))
        same_case = bool(question.story) and any(one.question.item_id == question.item_id for one in after)
        _add_question(document, numbered, section.section, keep_with_next=same_case)


def _render_note(section: PaperSection) -> str:
    asked = {
        "single": "每题只有一个正确答案",
        "multiple": "每题有两个以上正确答案",
        "judge": "正确的涂√，错误的涂×",
        "case": "请按各小题标明的题型作答",
        "essay": "请写在答题卡上",
    }[section.kind]
    return f"{render_section_note(section).removesuffix('）')}；{asked}）"


def _add_question(
    document: PrintedDocument, numbered: NumberedQuestion, section: PaperSection, *, keep_with_next: bool
) -> None:
    question = numbered.question
    lead = render_kind(question) if section.kind == "case" else ""
    points = render_own_points(question) if has_own_points(section) else ""
    choices = question.options if question.kind in ("single", "multiple") else {}
    document.add_line(
        "题干",
        f"{numbered.number}.\t{lead}{one_line(question.stem)}{points}",
        keep_with_next=bool(choices) or keep_with_next,
    )
    if choices:
        _add_options(document, question, keep_with_next=keep_with_next)


def _add_options(document: PrintedDocument, question: PaperQuestion, *, keep_with_next: bool) -> None:
    texts = [f"{letter}．{one_line(text)}" for letter, text in question.options.items()]
    columns = select_columns(texts)
    for start in range(0, len(texts), columns):
        document.add_line(
            _COLUMN_STYLES[columns],
            "\t".join(texts[start : start + columns]),
            keep_with_next=start + columns < len(texts) or keep_with_next,
        )


def select_columns(texts: list[str]) -> int:
    """How many options, letters included, stand side by side: 4, 2 or 1, as the longest of them allows."""
    longest = max(sum(1.0 if east_asian_width(char) in "WFA" else 0.6 for char in text) for text in texts)
    return next((columns for columns, room in _COLUMN_ROOM.items() if longest <= room), 1)
