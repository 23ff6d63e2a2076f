"""The marked notebook of a submission (`autograded/`), built from the instructor's cells and a learner's answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat.notebooknode import from_dict
from nbgrader.utils import compute_checksum

from xuefa.errors import BadInputError, Finding
from xuefa.exam.answers import Answers
from xuefa.exam.grade_cell import parse_grade_cell, parse_guide_cell, render_guide, render_outcome
from xuefa.exam.marks import SourceCell
from xuefa.exam.notebook import question_id_of, render_essay
from xuefa.exam.paper import Paper, source_dir
from xuefa.exam.scoring import MarkingKey, score_response

Cell = dict[str, Any]
_NO_RESPONSE = "未作答"


@dataclass(frozen=True)
class Template:
    """The instructor's notebook of a paper as it was released, hidden tests included, and what they hold.

    `keys` are the objective questions' and `guides` the marking guides' texts, by grade id.
    """

    paper: Paper
    notebook: Cell
    keys: Mapping[str, MarkingKey]
    guides: Mapping[str, str]


@dataclass(frozen=True)
class GradedCell:
    """A grade cell of one submission; `auto_score` is None where a person has to mark it."""

    grade_id: str
    auto_score: float | None
    content: tuple[str, ...]
    is_essay: bool = False
    comment: str | None = None


def read_template(paper: Paper, *, course_dir: Path, released: Mapping[str, SourceCell]) -> Template:
    """Read the source notebook and put into it what nbgrader recorded on release.

    Keys are read out of the very cells that stock autograde executes, so both mark by the same keys. Raises
    BadInputError if the notebook is gone, or its cells are not those that were released.
    """
    path = source_dir(course_dir, paper.paper_id) / f"{paper.paper_id}.ipynb"
    try:
        notebook = json.loads(path.read_bytes())
        cells = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in notebook["cells"]}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        raise BadInputError(Finding(str(path), "培训人员的试卷原件不在或者读不出", "请重新组卷并发布")) from None
    if cells.keys() != released.keys():
        raise BadInputError(Finding(str(path), "试卷原件与发布的不一致", "请重新发布这份试卷"))
    keys, guides = {}, {}
    for grade_id, cell in cells.items():
        cell["source"] = released[grade_id].source
        cell["metadata"]["nbgrader"] |= {"checksum": released[grade_id].checksum, "cell_type": cell["cell_type"]}
        if not cell["metadata"]["nbgrader"]["grade"] or cell["cell_type"] != "code":
            continue
        place = f"{path} 的 {grade_id}"
        if paper.find(question_id_of(grade_id)):
            keys[grade_id] = parse_grade_cell(cell["source"], place=place)
        else:
            guide, points = parse_guide_cell(cell["source"], place=place)
            guides[grade_id] = render_guide(guide, points=points)
    return Template(paper=paper, notebook=notebook, keys=keys, guides=guides)


class NotebookMarker:
    """Marks submission after submission by one template, rendering a cell once for every response that is given to it.

    A question of the answer sheet has few possible responses, so what is kept does not grow with the submissions.
    """

    def __init__(self, template: Template) -> None:
        self._template = template
        rest = {key: value for key, value in template.notebook.items() if key != "cells"}
        self._tail = "\n ]," + _dump(rest)[1:]
        self._fixed = [None if _is_graded(cell) else _dump_cell(cell) for cell in template.notebook["cells"]]
        self._known: dict[tuple[str, str], tuple[str, GradedCell]] = {}

    def mark(self, answers: Answers) -> tuple[str, tuple[GradedCell, ...]]:
        """The text of the marked .ipynb and its grade cells in order."""
        texts: list[str] = []
        graded: list[GradedCell] = []
        for cell, fixed in zip(self._template.notebook["cells"], self._fixed, strict=True):
            if fixed is not None:
                texts.append(fixed)
                continue
            text, outcome = self._mark_cell(cell, answers, number=len(graded) + 1)
            texts.append(text)
            graded.append(outcome)
        return '{\n "cells": [\n  ' + ",\n  ".join(texts) + self._tail, tuple(graded)

    def _mark_cell(self, cell: Cell, answers: Answers, *, number: int) -> tuple[str, GradedCell]:
        grade_id = cell["metadata"]["nbgrader"]["grade_id"]
        response = answers.response(question_id_of(grade_id))
        if (known := self._known.get((grade_id, response))) is not None:
            return known
        marked, outcome = _mark_cell(cell, template=self._template, response=response, number=number)
        if cell["cell_type"] == "code":
            self._known[grade_id, response] = (_dump_cell(marked), outcome)
        return _dump_cell(marked), outcome


def read_graded_cells(notebook: bytes) -> dict[str, tuple[str, ...]]:
    """What each cell of an earlier marked notebook showed, by grade id; nothing if it is none."""
    try:
        cells = json.loads(notebook)["cells"]
        return {cell["metadata"]["nbgrader"]["grade_id"]: _content(cell) for cell in cells}
    except (ValueError, KeyError, TypeError):
        return {}


def _mark_cell(cell: Cell, *, template: Template, response: str, number: int) -> tuple[Cell, GradedCell]:
    grade_id = cell["metadata"]["nbgrader"]["grade_id"]
    if cell["cell_type"] == "markdown":
        marked = {**cell, "source": render_essay(response) if response.strip() else cell["source"]}
        # nbgrader's own rule: a cell whose checksum has not changed was not answered, and earns nothing
        node = from_dict(marked)  # type: ignore[no-untyped-call]  # nbformat leaves it untyped
        blank = compute_checksum(node) == cell["metadata"]["nbgrader"]["checksum"]
        score, comment = (0.0, _NO_RESPONSE) if blank else (None, None)
        return marked, GradedCell(grade_id, score, _content(marked), is_essay=True, comment=comment)
    if grade_id in template.guides:
        text, score = template.guides[grade_id], 0.0
    else:
        marking_key = template.keys[grade_id]
        text, score = render_outcome(marking_key, response), score_response(marking_key, response)
    marked = {**cell, "execution_count": number, "outputs": _outputs(text, score, number)}
    return marked, GradedCell(grade_id, score, _content(marked))


def _outputs(text: str, score: float, number: int) -> list[Cell]:
    """What executing the cell would leave: a printed line, and the plain float that nbgrader takes as the score."""
    return [
        {"output_type": "stream", "name": "stdout", "text": text + "\n"},
        {
            "output_type": "execute_result",
            "execution_count": number,
            "metadata": {},
            "data": {"text/plain": repr(score)},
        },
    ]


def _content(cell: Cell) -> tuple[str, ...]:
    """A cell's source and printed text, however the notebook splits its lines."""
    texts = [cell["source"], *(output.get("text", "") for output in cell.get("outputs", ()))]
    return tuple("".join(text) for text in texts)


def _is_graded(cell: Cell) -> bool:
    return bool(cell["metadata"]["nbgrader"]["grade"])


def _dump(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def _dump_cell(cell: Cell) -> str:
    """A cell as it stands inside the notebook's text; no line break of a JSON text lies within a string."""
    return _dump(cell).replace("\n", "\n  ")
