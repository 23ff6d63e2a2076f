"""A learner's submission folder, `submitted/<learner>/<paper>/`: opened, answered into and handed in by the kernel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding, MissingPartError
from xuefa.exam.answers import ANSWERS_FILE, Answer, Answers, check_response, read_answers, write_answers_file
from xuefa.exam.names import require_learner_id, require_paper_id
from xuefa.exam.notebook import cell_id, render_essay
from xuefa.exam.paper import Paper
from xuefa.exam.times import render_nbgrader_time

TIMESTAMP_FILE = "timestamp.txt"


def submission_dir(course_dir: Path, *, paper_id: str, learner_id: str) -> Path:
    """Where nbgrader expects a learner's submission; raise BadInputError for an id that could lead elsewhere."""
    return course_dir / "submitted" / require_learner_id(learner_id) / require_paper_id(paper_id)


def open_submission(paper: Paper, *, course_dir: Path, learner_id: str, now: datetime) -> Answers:
    """Begin a submission, or go on with the one that is there.

    Puts a copy of the released notebook, as nbgrader expects it, beside an empty `answers.json`. Raises
    MissingPartError if the paper has not been released, BadInputError if there is an `answers.json` that cannot be
    taken.
    """
    folder = submission_dir(course_dir, paper_id=paper.paper_id, learner_id=learner_id)
    path = folder / ANSWERS_FILE
    if path.exists() or path.is_symlink():
        return read_answers(path, paper=paper, learner_id=learner_id)
    _write_notebook_copy(paper, course_dir=course_dir, folder=folder, essays={})
    answers = Answers(paper_id=paper.paper_id, learner_id=learner_id, started_at=now.astimezone(UTC))
    write_answers_file(path, answers)
    return answers


def write_answers(
    paper: Paper, *, course_dir: Path, learner_id: str, responses: Mapping[str, str], now: datetime
) -> Answers:
    """Save responses (question id → letters or text; "" takes an answer back); when this returns they are on disk.

    Raises BadInputError, writing nothing, for an unknown question, a response that cannot be taken, or answers that
    were handed in already.
    """
    folder = submission_dir(course_dir, paper_id=paper.paper_id, learner_id=learner_id)
    for question_id, response in responses.items():
        question = paper.find(question_id)
        fault = "试卷里没有这道题" if question is None else check_response(question, response)
        if fault:
            raise BadInputError(Finding(f"题 {question_id[:40]}", fault, "请重新作答这道题"))
    answers = read_answers(folder / ANSWERS_FILE, paper=paper, learner_id=learner_id)
    if answers.handed_in_at:
        raise BadInputError(Finding(f"试卷“{paper.title}”", "已经交卷，不能再改", "如有问题请告诉监考人员"))
    merged = {**answers.answers, **{key: Answer(value, now.astimezone(UTC)) for key, value in responses.items()}}
    kept = {question_id: answer for question_id, answer in merged.items() if answer.response.strip()}
    answers = _with_answers(answers, kept)
    write_answers_file(folder / ANSWERS_FILE, answers)
    return answers


def hand_in(paper: Paper, *, course_dir: Path, learner_id: str, now: datetime) -> Answers:
    """Hand in (交卷): essays into the notebook copy, `timestamp.txt` for nbgrader, then the time into `answers.json`.

    Handing in twice changes nothing.
    """
    folder = submission_dir(course_dir, paper_id=paper.paper_id, learner_id=learner_id)
    answers = read_answers(folder / ANSWERS_FILE, paper=paper, learner_id=learner_id)
    if answers.handed_in_at:
        return answers
    essays = {
        cell_id(question.question_id): render_essay(text)
        for question in paper.questions
        if question.kind == "essay" and (text := answers.response(question.question_id))
    }
    _write_notebook_copy(paper, course_dir=course_dir, folder=folder, essays=essays)
    handed_in_at = now.astimezone(UTC)
    write_atomically(folder / TIMESTAMP_FILE, render_nbgrader_time(handed_in_at).encode())
    answers = _with_answers(answers, answers.answers, handed_in_at=handed_in_at)
    write_answers_file(folder / ANSWERS_FILE, answers)
    return answers


def _with_answers(answers: Answers, contents: Mapping[str, Answer], *, handed_in_at: datetime | None = None) -> Answers:
    return Answers(
        paper_id=answers.paper_id,
        learner_id=answers.learner_id,
        started_at=answers.started_at,
        handed_in_at=handed_in_at,
        answers=contents,
    )


def _write_notebook_copy(paper: Paper, *, course_dir: Path, folder: Path, essays: Mapping[str, str]) -> None:
    """The released notebook without outputs, with essays (grade id → source) in their cells."""
    name = f"{paper.paper_id}.ipynb"
    released = course_dir / "release" / paper.paper_id / name
    try:
        notebook: dict[str, Any] = json.loads(released.read_bytes())
    except FileNotFoundError:
        raise MissingPartError(
            Finding(str(released), "这份试卷还没有发布", "请培训人员先发布试卷，再请学员答题")
        ) from None
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in essays:
            cell["source"] = essays[grade_id]
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    write_atomically(folder / name, json.dumps(notebook, ensure_ascii=False, indent=1).encode())
