"""The nbgrader source assignment of a paper: `source/<paper>/<paper>.ipynb`, whose hidden tests hold the keys."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xuefa.atomic_file import write_atomically
from xuefa.bank.item import KIND_NAMES, EssayItem
from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.exam.grade_cell import render_grade_cell, render_guide_cell
from xuefa.exam.kept_items import write_kept_items
from xuefa.exam.paper import PAPER_FILE, Paper, PaperQuestion, PaperSection, source_dir, write_paper
from xuefa.exam.scoring import MarkingKey, render_points
from xuefa.laws.citation import render_chinese_number

ESSAY_STUB = "（在答题卡里作答）"
"""What stands in an essay's cell until it is released; nbgrader then puts its own words there (see the config)."""

SHEET_CODE = "import xuefa\n\nxuefa.answer_sheet()"
MARKING_TAG = "xuefa-marking"
"""Cells that marker and feedback need but a learner, who has the answer sheet, does not; Voilà leaves them out."""

Cell = dict[str, Any]


def cell_id(question_id: str) -> str:
    """The grade id of a question's cell; nbgrader allows no dot: `xzss-0030.1` → `xzss-0030_1`."""
    return question_id.replace(".", "_")


def question_id_of(grade_id: str) -> str:
    """The question of a grade cell: `xzss-0030_1` → `xzss-0030.1`."""
    return grade_id.replace("_", ".")


def write_source(paper: Paper, *, bank: Bank, course_dir: Path) -> Path:
    """Write notebook and `paper.json` into the course's `source/`, and keep the items; give the notebook's path.

    Raises BadInputError if an item of the paper is no longer in the bank, or is not the version that was chosen.
    """
    _require_same_items(paper, bank)
    folder = source_dir(course_dir, paper.paper_id)
    path = folder / f"{paper.paper_id}.ipynb"
    write_atomically(path, json.dumps(render_source(paper, bank=bank), ensure_ascii=False, indent=1).encode())
    write_paper(paper, folder / PAPER_FILE)
    write_kept_items(paper, bank=bank, course_dir=course_dir)
    return path


def render_source(paper: Paper, *, bank: Bank) -> dict[str, Any]:
    """The source notebook as plain JSON values (nbformat 4.5)."""
    return {
        "cells": list(_cells(paper, bank)),
        "metadata": {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "xuefa": {"paper": paper.paper_id, "run_on_open": True},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def render_essay(text: str) -> str:
    """A learner's essay as one inert HTML block: it shows as written; no Markdown, formula, markup or script in it."""
    escaped = html.escape(text.strip()).translate({ord("$"): "&#36;", ord("\\"): "&#92;", ord("`"): "&#96;"})
    paragraphs = (re.sub(r"\n", "<br>", part) for part in re.split(r"\n\s*\n", escaped))
    return "".join(
        ['<div class="mathjax_ignore tex2jax_ignore">', *(f"<p>{part}</p>" for part in paragraphs), "</div>"]
    )


def _cells(paper: Paper, bank: Bank) -> Iterator[Cell]:
    yield _markdown("title", _render_title(paper))
    yield _code("answer-sheet", SHEET_CODE)
    collapsed = {"jp-MarkdownHeadingCollapsed": True}
    yield _markdown("questions", "# 试题与评分（阅卷和反馈用）", metadata=collapsed, tag=MARKING_TAG)
    number = 0
    for section_number, section in enumerate(paper.sections, start=1):
        heading = _render_section(section, number=section_number, points=paper.points_in(section))
        yield _markdown(f"section-{section_number}", heading, tag=MARKING_TAG)
        story = ""
        for question in section.questions:
            number += 1
            text = _render_question(question, number=number, with_story=question.story != story)
            story = question.story
            yield _markdown(f"text-{cell_id(question.question_id)}", text, tag=MARKING_TAG)
            yield from _grade_cells(question, section, bank, paper=paper)


def _grade_cells(question: PaperQuestion, section: PaperSection, bank: Bank, *, paper: Paper) -> Iterator[Cell]:
    grade_id, points = cell_id(question.question_id), paper.points_of(question)
    if question.kind == "essay":
        item = bank[question.item_id]
        guide = tuple((part.element, part.points) for part in item.guide) if isinstance(item, EssayItem) else ()
        yield _markdown(grade_id, ESSAY_STUB, points=points, tag=MARKING_TAG)
        yield _code(f"guide-{grade_id}", render_guide_cell(question, guide), points=0, tag=MARKING_TAG)
        return
    marking_key = MarkingKey(
        question_id=question.question_id,
        kind=question.kind,
        key=bank.question(question.question_id).key,
        points=question.points,
        rule=section.rule,
        subset_ratio=section.subset_ratio,
        option_points=section.option_points,
        deduction_points=section.deduction_points,
        void=paper.voided.get(question.question_id),
    )
    yield _code(grade_id, render_grade_cell(marking_key), points=points, tag=MARKING_TAG)


def _markdown(
    grade_id: str, source: str, *, points: float | None = None, metadata: Cell | None = None, tag: str = ""
) -> Cell:
    """A locked cell, or with points the cell that an essay is written into."""
    return _cell("markdown", grade_id, source, points=points, metadata=metadata or {}, tag=tag)


def _code(grade_id: str, source: str, *, points: float | None = None, tag: str = "") -> Cell:
    """A locked code cell, or with points a grade cell; its source stays hidden in the learner's JupyterLab."""
    cell = _cell("code", grade_id, source, points=points, metadata={"jupyter": {"source_hidden": True}}, tag=tag)
    return {**cell, "execution_count": None, "outputs": []}


def _cell(cell_type: str, grade_id: str, source: str, *, points: float | None, metadata: Cell, tag: str) -> Cell:
    graded = points is not None
    nbgrader: Cell = {
        "schema_version": 3,
        "grade": graded,
        "grade_id": grade_id,
        "locked": not (graded and cell_type == "markdown"),
        "solution": graded and cell_type == "markdown",
        "task": False,
    }
    if graded:
        nbgrader["points"] = points
    return {
        "cell_type": cell_type,
        "id": grade_id,
        "metadata": {**metadata, **({"tags": [tag]} if tag else {}), "nbgrader": nbgrader},
        "source": source,
    }


def _render_title(paper: Paper) -> str:
    marks = (
        f"满分 {render_points(paper.total_points)} 分，{render_points(paper.counted_pass_score)} 分及格，"
        f"{render_points(paper.counted_excellent_score)} 分优秀；时间 {paper.duration_minutes} 分钟。"
    )
    return f"# {_escape(paper.title)}\n\n{marks}"


def _render_section(section: PaperSection, *, number: int, points: float) -> str:
    count, total = len(section.questions), render_points(points)
    return f"## {render_chinese_number(number)}、{_escape(section.title)}（{count} 小题，共 {total} 分）"


def _render_question(question: PaperQuestion, *, number: int, with_story: bool) -> str:
    parts = []
    if question.story and with_story:
        parts.append(f"> {_escape(question.story)}")
    kind, points = KIND_NAMES[question.kind], render_points(question.points)
    parts.append(f"{number}．{_escape(question.stem)}（{kind}，{points} 分）")
    if question.kind != "judge":
        parts += [f"{letter}．{_escape(text)}" for letter, text in question.options.items()]
    return "\n\n".join(parts)


def _escape(text: str) -> str:
    """Bank text inside Markdown, so that it shows as written."""
    return re.sub(r"([\\`*_\[\]<>$#|~])", r"\\\1", " ".join(text.split()))


def _require_same_items(paper: Paper, bank: Bank) -> None:
    findings = []
    for question in paper.questions:
        item_id = question.item_id
        if item_id not in bank:
            findings.append(Finding(f"试卷 {paper.paper_id}", f"题库里没有 {item_id}", "请恢复这道题，或者重新组卷"))
        elif bank[item_id].version != question.item_version:
            findings.append(Finding(f"试卷 {paper.paper_id}", f"{item_id} 在组卷以后改过", "请重新组卷"))
    if findings:
        raise BadInputError(*dict.fromkeys(findings))
