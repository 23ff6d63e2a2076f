"""Marking a paper (阅卷): every `answers.json` against the instructor's keys; nothing of a learner's is executed.

Writes what nbgrader's autograde would write: the gradebook, in one transaction, and `autograded/` notebooks, built from
the instructor's source notebook.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast

from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding
from xuefa.exam.answers import ANSWERS_FILE, read_answers, read_untrusted_file, render_answers
from xuefa.exam.autograded import Template, mark_notebook, read_graded_cells, read_template, render_notebook
from xuefa.exam.gradebook import read_hand_marks, read_source_cells, write_marks, write_students
from xuefa.exam.marks import CellMark, LatePenalty, SubmissionMarks, SubmissionTotal
from xuefa.exam.names import require_paper_id
from xuefa.exam.paper import PAPER_FILE, read_course_paper, source_dir
from xuefa.exam.release import read_course_config
from xuefa.exam.sitting import read_course_sitting
from xuefa.exam.submission import TIMESTAMP_FILE
from xuefa.exam.times import render_nbgrader_time


@dataclass(frozen=True, order=True)
class Refusal:
    """A submission that was not marked, and why (Chinese)."""

    learner_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MarkingSummary:
    """What came of marking a paper; every expected learner is in exactly one of `marked`, `absent` and `refused`.

    `unfinished` are those of `marked` who never handed in. `refused` also names folders of people who are not expected.
    """

    paper_id: str
    marked: tuple[SubmissionTotal, ...]
    absent: tuple[str, ...]
    refused: tuple[Refusal, ...]
    unfinished: tuple[str, ...]


class _Marked(NamedTuple):
    marks: SubmissionMarks
    handed_in: bool


Settled = frozenset[tuple[str, str]]
"""Pairs of learner id and grade id whose hand-given mark is settled."""


def mark_paper(
    paper_id: str, *, course_dir: Path, progress: Callable[[int, int], None] | None = None
) -> MarkingSummary:
    """Mark every submission of a paper; run again, it gives the same and keeps what was marked by hand.

    `progress` is told (done, all). A submission that cannot be taken is refused with its reason and stops no other one.
    Raises BadInputError if the paper was not released or its source was changed since; RecordsError if the gradebook
    cannot be written. Notebooks are written first, then all marks in one transaction.
    """
    paper = read_course_paper(require_paper_id(paper_id), course_dir=course_dir)
    template = read_template(paper, course_dir=course_dir, released=read_source_cells(course_dir, paper_id=paper_id))
    settled = read_hand_marks(course_dir, paper_id=paper_id)
    candidates = read_course_sitting(paper_id, course_dir=course_dir).candidates
    write_students(course_dir, candidates)
    expected = {candidate.learner_id for candidate in candidates}
    folders = _find_submissions(course_dir, paper_id)
    refused = [Refusal(one, "不在这份试卷的应考名单里") for one in folders if one not in expected]
    submissions, unfinished = [], []
    present = sorted(expected & folders.keys())
    for number, learner_id in enumerate(present, start=1):
        try:
            marked = _mark_submission(template, folders[learner_id], course_dir=course_dir, settled=settled)
        except BadInputError as error:
            refused.append(Refusal(learner_id, str(error)))
        else:
            submissions.append(marked.marks)
            unfinished += [] if marked.handed_in else [learner_id]
        if progress:
            progress(number, len(present))
    totals = write_marks(course_dir, paper_id=paper_id, submissions=submissions, late_penalty=_late_penalty(course_dir))
    return MarkingSummary(
        paper_id=paper_id,
        marked=totals,
        absent=tuple(sorted(expected - folders.keys())),
        refused=tuple(sorted(refused)),
        unfinished=tuple(unfinished),
    )


def _mark_submission(template: Template, folder: Path, *, course_dir: Path, settled: Settled) -> _Marked:
    """Mark one submission and write its `autograded/` folder; raise BadInputError if it cannot be taken."""
    learner_id, paper = folder.parent.name, template.paper
    _require_own_folder(folder)
    answers = read_answers(folder / ANSWERS_FILE, paper=paper, learner_id=learner_id)
    timestamp = _read_timestamp(folder / TIMESTAMP_FILE)
    target = course_dir / "autograded" / learner_id / paper.paper_id
    before = read_graded_cells(target / f"{paper.paper_id}.ipynb")
    notebook, graded = mark_notebook(template, answers)
    write_atomically(target / PAPER_FILE, (source_dir(course_dir, paper.paper_id) / PAPER_FILE).read_bytes())
    write_atomically(target / ANSWERS_FILE, render_answers(answers).encode())
    write_atomically(target / f"{paper.paper_id}.ipynb", render_notebook(notebook).encode())
    if timestamp is not None:
        write_atomically(target / TIMESTAMP_FILE, render_nbgrader_time(timestamp.replace(tzinfo=UTC)).encode())
    marks = tuple(
        CellMark(
            grade_id=cell.grade_id,
            auto_score=cell.auto_score,
            unchanged=(learner_id, cell.grade_id) in settled and before.get(cell.grade_id) == cell.content,
        )
        for cell in graded
    )
    return _Marked(
        SubmissionMarks(
            learner_id=learner_id,
            timestamp=timestamp,
            marks=marks,
            auto_comments={cell.grade_id: cell.comment for cell in graded if cell.is_essay},
        ),
        handed_in=answers.handed_in_at is not None,
    )


def _find_submissions(course_dir: Path, paper_id: str) -> dict[str, Path]:
    """Every `submitted/<name>/<paper>` that is there, links included: they are refused later, with a reason."""
    root = course_dir / "submitted"
    if not root.is_dir():
        return {}
    folders = (folder / paper_id for folder in sorted(root.iterdir()))
    return {folder.parent.name: folder for folder in folders if folder.is_symlink() or folder.exists()}


def _require_own_folder(folder: Path) -> None:
    """A submission lies where it seems to lie: neither the learner's folder nor the paper's is a link."""
    if any(part.is_symlink() or not part.is_dir() for part in (folder.parent, folder)):
        raise BadInputError(
            Finding("/".join(folder.parts[-2:]), "不是普通文件夹（链接或文件）", "请换成真正的文件夹，再请学员交卷")
        )


def _read_timestamp(path: Path) -> datetime | None:
    """When it was handed in (naive UTC), as nbgrader reads it; None if it was not; BadInputError if unreadable."""
    if not path.exists() and not path.is_symlink():
        return None
    try:
        return cast("datetime", parse_utc(read_untrusted_file(path, max_bytes=100).decode("ascii").strip()))
    except (ValueError, OverflowError, AttributeError, TypeError):
        raise BadInputError(
            Finding("/".join(path.parts[-3:]), "读不出交卷时间", "请让学员重新交卷，或者恢复原来的文件")
        ) from None


def _late_penalty(course_dir: Path) -> LatePenalty:
    """The course's own rule for late submissions (nbgrader's plugin; without configuration it takes nothing off)."""
    preprocessor = AssignLatePenalties(config=read_course_config(course_dir))
    preprocessor.init_plugin()
    return cast("LatePenalty", preprocessor.plugin_inst.late_submission_penalty)
