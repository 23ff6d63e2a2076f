"""A learner's submission folder, `submitted/<learner>/<paper>/`: opened, answered into and handed in by the kernel."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding, MissingPartError
from xuefa.exam.answers import (
    ANSWERS_FILE,
    Answer,
    Answers,
    HandedInBy,
    check_response,
    read_answers,
    write_answers_file,
)
from xuefa.exam.names import require_learner_id, require_paper_id
from xuefa.exam.notebook import cell_id, render_essay
from xuefa.exam.paper import Paper
from xuefa.exam.times import render_nbgrader_time

TIMESTAMP_FILE = "timestamp.txt"
GRACE = timedelta(seconds=10)
"""How long after the end a save that was on its way is still taken."""
_LOCK_FILE = ".answers.lock.tmp"  # the course's nbgrader_config.py ignores such names
_LOCK_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class PageState:
    """What a page knows when it sends responses, everything by question id.

    `revisions` are those its responses are based on (0 if none is named). `sent` are its own responses since then of
    which it never heard whether they arrived; those are not in its way. `flagged` sets and takes off flags. `seconds`
    is to be added to the time per question, which never sums up to more than has passed since the start.
    """

    revisions: Mapping[str, int] = field(default_factory=dict)
    sent: Mapping[str, Sequence[str]] = field(default_factory=dict)
    flagged: Mapping[str, bool] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


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
    if not (path.exists() or path.is_symlink()):
        notebook = _render_notebook_copy(paper, course_dir=course_dir, essays={})
        folder.mkdir(parents=True, exist_ok=True)
        with alone_in(folder):
            if not (path.exists() or path.is_symlink()):
                write_atomically(folder / f"{paper.paper_id}.ipynb", notebook)
                answers = Answers(paper_id=paper.paper_id, learner_id=learner_id, started_at=now.astimezone(UTC))
                write_answers_file(path, answers)
    return read_submission(paper, course_dir=course_dir, learner_id=learner_id)


def read_submission(paper: Paper, *, course_dir: Path, learner_id: str) -> Answers:
    """What is on disk now; raise BadInputError, in words for the learner, if it cannot be read."""
    folder = submission_dir(course_dir, paper_id=paper.paper_id, learner_id=learner_id)
    try:
        return read_answers(folder / ANSWERS_FILE, paper=paper, learner_id=learner_id)
    except BadInputError as error:
        faults = [
            Finding(one.place, f"答卷读不出来（{one.fault}），没有改动它", "请不要关闭页面，马上告诉监考人员")
            for one in error.findings
        ]
        raise BadInputError(*faults) from None


def write_answers(
    paper: Paper,
    *,
    course_dir: Path,
    learner_id: str,
    responses: Mapping[str, str],
    now: datetime,
    page: PageState | None = None,
) -> Answers:
    """Save responses (question id → letters or text; "" takes an answer back); when this returns they are on disk.

    With the state of the page that sends them, a response based on an older revision than is on disk is left out, so
    that nothing newer is overwritten: compare what is given back. Without it, they are written whatever is there.

    Raises BadInputError, writing nothing, for an unknown question, a response that cannot be taken, or answers that
    were handed in already.
    """
    for question_id, response in responses.items():
        question = paper.find(question_id)
        fault = "试卷里没有这道题" if question is None else check_response(question, response)
        if fault:
            raise BadInputError(Finding(f"题 {question_id[:40]}", fault, "请重新作答这道题"))
    flagged, seconds = (page.flagged, page.seconds) if page else ({}, {})
    if strangers := [one for one in (*flagged, *seconds) if paper.find(one) is None]:
        raise BadInputError(Finding(f"题 {strangers[0][:40]}", "试卷里没有这道题", "请刷新页面后再试"))
    folder = submission_dir(course_dir, paper_id=paper.paper_id, learner_id=learner_id)
    with alone_in(folder):
        answers = read_submission(paper, course_dir=course_dir, learner_id=learner_id)
        if answers.handed_in_at:
            raise BadInputError(Finding(f"试卷“{paper.title}”", "已经交卷，不能再改", "如有问题请告诉监考人员"))
        saved_at = max(now.astimezone(UTC), answers.latest_at)
        merged = dict(answers.answers)
        for question_id, response in responses.items():
            before = merged.get(question_id, Answer("", saved_at, 0))
            based_on = page.revisions.get(question_id, 0) if page else before.revision
            is_newest = before.revision <= based_on or (page and before.response in page.sent.get(question_id, ()))
            if is_newest and response != before.response:
                merged[question_id] = Answer(response, saved_at, max(before.revision, based_on) + 1)
        flags = dict.fromkeys(answers.flagged, True) | dict(flagged)
        answers = replace(
            answers,
            answers=merged,
            flagged=tuple(one.question_id for one in paper.questions if flags.get(one.question_id)),
            seconds=_add_seconds(answers, seconds, until=saved_at),
        )
        write_answers_file(folder / ANSWERS_FILE, answers)
    return answers


def hand_in(
    paper: Paper, *, course_dir: Path, learner_id: str, now: datetime, handed_in_by: HandedInBy = "learner"
) -> Answers:
    """Hand in (交卷): essays into the notebook copy, `timestamp.txt` for nbgrader, then the time into `answers.json`.

    Handing in twice changes nothing.
    """
    folder = submission_dir(course_dir, paper_id=paper.paper_id, learner_id=learner_id)
    with alone_in(folder):
        answers = read_submission(paper, course_dir=course_dir, learner_id=learner_id)
        if answers.handed_in_at:
            return answers
        handed_in_at = max(now.astimezone(UTC), answers.started_at)
        answers = replace(answers, handed_in_at=handed_in_at, handed_in_by=handed_in_by)
        write_handed_in(paper, answers, course_dir=course_dir, handed_in_at=handed_in_at)
    return answers


def write_handed_in(paper: Paper, answers: Answers, *, course_dir: Path, handed_in_at: datetime) -> None:
    """Write a submission as handed in, `answers.json` last; whoever calls this has the folder to themselves.

    Broken off, the `answers.json` of before is still there, and the next try begins anew.
    """
    folder = submission_dir(course_dir, paper_id=paper.paper_id, learner_id=answers.learner_id)
    essays = {
        cell_id(question.question_id): render_essay(text)
        for question in paper.questions
        if question.kind == "essay" and (text := answers.response(question.question_id).strip())
    }
    notebook = _render_notebook_copy(paper, course_dir=course_dir, essays=essays)
    write_atomically(folder / f"{paper.paper_id}.ipynb", notebook)
    write_atomically(folder / TIMESTAMP_FILE, render_nbgrader_time(handed_in_at).encode())
    write_answers_file(folder / ANSWERS_FILE, answers)


def find_end(paper: Paper, answers: Answers, *, closes_at: datetime | None) -> datetime:
    """When a learner's time is up: after the paper's duration, or when the sitting closes if that is sooner.

    A closing before the start does not count: who was let in late has the whole duration.
    """
    end = answers.started_at + timedelta(minutes=paper.duration_minutes)
    return min(end, closes_at) if closes_at and closes_at > answers.started_at else end


def hand_in_overdue(
    paper: Paper, *, course_dir: Path, sitting_closes_at: datetime | None, now: datetime
) -> tuple[str, ...]:
    """Hand in, as of its end, every submission whose time was up and that nobody handed in; give the learners' ids.

    A submission that cannot be read is left as it is: marking names it and its fault.
    """
    handed_in = []
    for path in sorted((course_dir / "submitted").glob(f"*/{require_paper_id(paper.paper_id)}/{ANSWERS_FILE}")):
        learner_id = path.parent.parent.name
        if any(folder.is_symlink() for folder in (path.parent, path.parent.parent)):
            continue
        try:
            answers = read_submission(paper, course_dir=course_dir, learner_id=learner_id)
        except BadInputError:
            continue
        end = find_end(paper, answers, closes_at=sitting_closes_at)
        if answers.handed_in_at is None and now > end + GRACE:
            hand_in(paper, course_dir=course_dir, learner_id=learner_id, now=end, handed_in_by="time")
            handed_in.append(learner_id)
    return tuple(handed_in)


def _add_seconds(answers: Answers, increments: Mapping[str, float], *, until: datetime) -> dict[str, float]:
    """The time per question with what the page measured, as far as so much time has passed at all."""
    total = dict(answers.seconds)
    room = max(0.0, (until - answers.started_at).total_seconds() - sum(total.values()))
    for question_id, increment in increments.items():
        added = min(max(increment, 0.0), room)
        room -= added
        total[question_id] = round(total.get(question_id, 0.0) + added, 1)
    return total


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep every other kernel or program from writing into that submission meanwhile; the folder must be there.

    Raises BadInputError if another has it for too long.
    """
    try:
        with FileLock(folder / _LOCK_FILE, timeout=_LOCK_SECONDS):
            yield
    except Timeout:
        raise BadInputError(
            Finding("答卷", "另一个页面正在保存，等了很久", "请稍等再试；仍不行，请告诉监考人员")
        ) from None


def _render_notebook_copy(paper: Paper, *, course_dir: Path, essays: Mapping[str, str]) -> bytes:
    """The released notebook without outputs, with essays (grade id → source) in their cells."""
    released = course_dir / "release" / paper.paper_id / f"{paper.paper_id}.ipynb"
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
    return json.dumps(notebook, ensure_ascii=False, indent=1).encode()
