"""The answer card (答题卡) as a Word file: a box for the name, bubbles by question, lines for essays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from xuefa.exam.paper import Paper
from xuefa.exam.print.layout import LINE_POINTS, TEXT_HEIGHT_POINTS, PrintedDocument, Words
from xuefa.exam.print.numbering import (
    JUDGE_MARKS,
    NumberedQuestion,
    NumberedSection,
    number_sections,
    render_own_points,
    render_round,
    render_running_text,
    render_section_note,
    render_title,
)

_BUBBLE_ROW_POINTS, _WRITING_ROW_POINTS, _BOX_ROW_POINTS = 19.0, 26.0, 24.0
_HEADING_POINTS = LINE_POINTS + 14
_COLUMNS_BY_BUBBLES = {2: 5, 3: 4, 4: 4, 5: 3, 6: 3}
"""How many questions stand side by side on the width of the page, by the bubbles of each."""
_FEWEST_LINES, _LINES_PER_POINT, _SPARE_LINES = 8, 1.2, 1
_MOST_TIMES_NEEDED = 1.5
"""An essay gets up to so many times the lines it needs where the page has room; more would ask for padding."""


def render_answer_card(paper: Paper, *, written_at: datetime) -> bytes:
    """The .docx of the card that belongs to a paper, on as few pages as its questions allow.

    A question has the bubbles of its own options, 判断 has [√] [×]. Essays share by their points the lines that are
    left on the last page, within measure, and get no fewer than they need; they begin on a page of their own where
    that takes no more pages.
    """
    document = PrintedDocument(
        title=f"{render_title(paper)}答题卡",
        running_text=f"{render_running_text(paper)}　答题卡",
        written_at=written_at,
    )
    sections = number_sections(paper)
    used_points = _add_head(document, paper, sections)
    essays = []
    for section in sections:
        if section.section.kind == "essay":
            essays.append(section)
        else:
            used_points = _flow(used_points, _add_bubbles(document, section))
    _add_essays(document, essays, used_points=used_points)
    return document.save()


def _add_head(document: PrintedDocument, paper: Paper, sections: Sequence[NumberedSection]) -> float:
    """Write title, boxes and the example; give the points of height that they take."""
    paper_round = render_round(paper)
    document.add_line("Title", render_title(paper))
    document.add_line("Subtitle", f"答题卡（{paper_round}）" if paper_round else "答题卡")
    document.add_table(
        [("单　位", "", "姓　名", "", "编　号", "")],
        style="表格",
        widths=(1.1, 3.2, 1.1, 2, 1.1, 2),
        row_points=_BOX_ROW_POINTS,
        heads=(0, 2, 4),
    )
    document.add_line("表后")
    numerals = [section.numeral for section in sections]
    document.add_table(
        [("大　题", *numerals, "总　分"), ("得　分", *("" for _ in numerals), "")],
        style="表格",
        widths=(1.1, *(1 for _ in numerals), 1.3),
        row_points=_BOX_ROW_POINTS,
        heads=range(len(numerals) + 2),
    )
    document.add_line("注意事项", "把所选的字母或符号涂黑，如 [A] [■] [C] [D]；改动时擦净重涂，或者划去后在旁边写明。")
    title_points, subtitle_points, gap_points = 29, 22, 2
    return title_points + subtitle_points + gap_points + 3 * _BOX_ROW_POINTS + LINE_POINTS


def _add_bubbles(document: PrintedDocument, section: NumberedSection) -> float:
    """Write a section's grid, numbered down its columns; give the points of height that it takes."""
    columns = _COLUMNS_BY_BUBBLES[max(len(one.question.options) for one in section.questions)]
    texts = [_render_bubbles(one) for one in section.questions]
    rows = math.ceil(len(texts) / columns)
    grid = [
        [texts[at] if (at := column * rows + row) < len(texts) else "" for column in range(columns)]
        for row in range(rows)
    ]
    document.add_line("Heading 1", section.heading, Words(render_section_note(section.section), "说明字"))
    document.add_table(grid, style="边框", widths=(1,) * columns, row_points=_BUBBLE_ROW_POINTS, cell_style="填涂")
    return _HEADING_POINTS + rows * _BUBBLE_ROW_POINTS


def _render_bubbles(numbered: NumberedQuestion) -> str:
    letters = numbered.question.options
    return f"{numbered.number}.\t" + " ".join(f"[{JUDGE_MARKS.get(letter, letter)}]" for letter in letters)


def _add_essays(document: PrintedDocument, sections: Sequence[NumberedSection], *, used_points: float) -> None:
    heads_points = sum(_HEADING_POINTS + len(section.questions) * LINE_POINTS * 1.5 for section in sections)
    needed = {one.number: _needed_lines(one) for section in sections for one in section.questions}
    if not needed:
        return
    least_points = heads_points + sum(needed.values()) * _WRITING_ROW_POINTS
    full_points = math.ceil(used_points / TEXT_HEIGHT_POINTS) * TEXT_HEIGHT_POINTS
    pages = math.ceil((used_points + least_points) / TEXT_HEIGHT_POINTS)
    on_new_page = pages * TEXT_HEIGHT_POINTS >= full_points + least_points > full_points > used_points
    room_points = pages * TEXT_HEIGHT_POINTS - (full_points if on_new_page else used_points) - heads_points
    spare = max(0, int(room_points / _WRITING_ROW_POINTS) - sum(needed.values()) - pages * _SPARE_LINES)
    lines = {
        number: min(count + spare * count // sum(needed.values()), round(count * _MOST_TIMES_NEEDED))
        for number, count in needed.items()
    }
    for number, section in enumerate(sections):
        document.add_line(
            "Heading 1",
            section.heading,
            Words(render_section_note(section.section), "说明字"),
            on_new_page=on_new_page and number == 0,
        )
        for one in section.questions:
            document.add_line("题干", f"{one.number}.\t{render_own_points(one.question)}", keep_with_next=True)
            document.add_table(
                [("",)] * lines[one.number],
                style="横线",
                widths=(1,),
                row_points=_WRITING_ROW_POINTS,
                together=False,
            )


def _needed_lines(numbered: NumberedQuestion) -> int:
    return max(_FEWEST_LINES, round(numbered.question.points * _LINES_PER_POINT))


def _flow(used_points: float, block_points: float) -> float:
    """Where the text ends after a block that stays together, counted from the top of the first page."""
    left_points = TEXT_HEIGHT_POINTS - used_points % TEXT_HEIGHT_POINTS
    return used_points + block_points + (left_points if left_points < block_points <= TEXT_HEIGHT_POINTS else 0)
