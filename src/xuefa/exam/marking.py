"""Marking a paper (阅卷): every `answers.json` against the instructor's keys; nothing of a learner's is executed.

Writes what nbgrader's autograde would write: the gradebook, in one transaction, and `autograded/` notebooks, built from
the instructor's source notebook. Submissions are taken one by one, so that memory does not grow with them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc

from xuefa.errors import BadInputError, Finding
from xuefa.exam.answers import ANSWERS_FILE, Answers, read_answers, read_untrusted_file, render_answers
from xuefa.exam.autograded import NotebookMarker, read_graded_cells, read_template
from xuefa.exam.course_config import read_course_config
from xuefa.exam.gradebook import read_hand_marks, read_source_cells, write_students
from xuefa.exam.gradebook_rows import write_marks
from xuefa.exam.marks import CellMark, LatePenalty, SubmissionMarks, SubmissionTotal
from xuefa.exam.names import require_paper_id
from xuefa.exam.paper import PAPER_FILE, Paper, read_course_paper, source_dir
from xuefa.exam.sitting import read_course_sitting
from xuefa.exam.submission import TIMESTAMP_FILE
from xuefa.exam.times import render_nbgrader_time

NOT_EXPECTED = "不在这份试卷的应考名单里"


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


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a submission folder holds once it was found fit to be marked; `timestamp` is naive UTC."""

    answers: Answers
    timestamp: datetime | None


Settled = frozenset[tuple[str, str]]
"""Pairs of learner id and grade id whose hand-given mark is settled."""


def mark_paper(
    paper_id: str, *, course_dir: Path, progress: Callable[[int, int], None] | None = None
) -> MarkingSummary:
    """Mark every submission of a paper; run again, it gives the same and keeps what was marked by hand.

    `progress` is told (done, all). A submission that cannot be taken is refused with its reason and stops no other one.
    Raises BadInputError if the paper was not released or its source was changed since; RecordsError if the gradebook
    cannot be written. All marks are one transaction: stopped at any point, the gradebook is as before or complete.
    """
    paper = read_course_paper(require_paper_id(paper_id), course_dir=course_dir)
    marker = read_marker(paper, course_dir=course_dir)
    settled = read_hand_marks(course_dir, paper_id=paper_id)
    candidates = read_course_sitting(paper_id, course_dir=course_dir).candidates
    write_students(course_dir, candidates)
    expected = {candidate.learner_id for candidate in candidates}
    folders = _find_submissions(course_dir, paper_id)
    round_ = _Round(paper, marker, course_dir=course_dir, settled=settled)
    present = {learner_id: folders[learner_id] for learner_id in sorted(expected & folders.keys())}
    totals = write_marks(
        course_dir,
        paper_id=paper_id,
        submissions=round_.mark(present, progress=progress or (lambda _done, _all: None)),
        late_penalty=_late_penalty(course_dir),
    )
    round_.replace_changed_notebooks()
    strangers = [Refusal(one, NOT_EXPECTED) for one in folders if one not in expected]
    return MarkingSummary(
        paper_id=paper_id,
        marked=totals,
        absent=tuple(sorted(expected - folders.keys())),
        refused=tuple(sorted([*round_.refused, *strangers])),
        unfinished=tuple(round_.unfinished),
    )


def read_marker(paper: Paper, *, course_dir: Path) -> NotebookMarker:
    """What marks the paper's submissions, by the keys that were released; BadInputError if the source was changed."""
    released = read_source_cells(course_dir, paper_id=paper.paper_id)
    return NotebookMarker(read_template(paper, course_dir=course_dir, released=released))


def read_submission(folder: Path, *, paper: Paper) -> Submission:
    """Read `submitted/<learner>/<paper>`, which anyone may have written; BadInputError if it cannot be taken."""
    _require_own_folder(folder)
    answers = read_answers(folder / ANSWERS_FILE, paper=paper, learner_id=folder.parent.name)
    return Submission(answers=answers, timestamp=_read_timestamp(folder / TIMESTAMP_FILE))


class _Round:
    """One round of marking, and what came of it besides the marks."""

    def __init__(self, paper: Paper, marker: NotebookMarker, *, course_dir: Path, settled: Settled) -> None:
        self.refused: list[Refusal] = []
        self.unfinished: list[str] = []
        self._paper = paper
        self._marker = marker
        self._course_dir = course_dir
        self._settled = settled
        self._paper_content = (source_dir(course_dir, paper.paper_id) / PAPER_FILE).read_bytes()
        self._changed: list[tuple[Path, Path]] = []

    def mark(self, folders: Mapping[str, Path], *, progress: Callable[[int, int], None]) -> Iterator[SubmissionMarks]:
        """Mark submission after submission; each one's `autograded/` folder is written before its marks are given."""
        for number, (learner_id, folder) in enumerate(folders.items(), start=1):
            try:
                submission = read_submission(folder, paper=self._paper)
            except BadInputError as error:
                self.refused.append(Refusal(learner_id, str(error)))
            else:
                if submission.answers.handed_in_at is None:
                    self.unfinished.append(learner_id)
                yield self._mark_submission(submission)
            progress(number, len(folders))
        _sync_disk()

    def replace_changed_notebooks(self) -> None:
        """Show the answers that changed under a settled mark, now that the gradebook asks for another look at them."""
        for staged, target in self._changed:
            _replace(staged, target)

    def _mark_submission(self, submission: Submission) -> SubmissionMarks:
        answers, timestamp = submission.answers, submission.timestamp
        learner_id, paper_id = answers.learner_id, self._paper.paper_id
        folder = self._course_dir / "autograded" / learner_id / paper_id
        folder.mkdir(parents=True, exist_ok=True)
        text, graded = self._marker.mark(answers)
        content, target = text.encode(), folder / f"{paper_id}.ipynb"
        kept = {cell.grade_id for cell in graded if (learner_id, cell.grade_id) in self._settled}
        before = read_graded_cells(_read_if_there(target) or b"") if kept else {}
        unchanged = {cell.grade_id for cell in graded if before.get(cell.grade_id) == cell.content} & kept
        _write_derived(folder / PAPER_FILE, self._paper_content)
        _write_derived(folder / ANSWERS_FILE, render_answers(answers).encode())
        if timestamp is not None:
            _write_derived(folder / TIMESTAMP_FILE, render_nbgrader_time(timestamp.replace(tzinfo=UTC)).encode())
        if kept == unchanged:
            _write_derived(target, content)
        else:
            # stopped before the gradebook knows, the next round must still find that the answer is not the marked one
            self._changed.append((_stage(target, content), target))
        return SubmissionMarks(
            learner_id=learner_id,
            timestamp=timestamp,
            marks=tuple(
                CellMark(grade_id=cell.grade_id, auto_score=cell.auto_score, unchanged=cell.grade_id in unchanged)
                for cell in graded
            ),
            auto_comments={cell.grade_id: cell.comment for cell in graded if cell.is_essay},
        )


def _write_derived(path: Path, content: bytes) -> None:
    """Write whole or not at all a file that marking can make again; `_sync_disk` makes them all durable together."""
    if _read_if_there(path) != content:
        _replace(_stage(path, content), path)


def _read_if_there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _stage(path: Path, content: bytes) -> Path:
    staged = path.with_name(f".{path.name}.tmp")
    staged.write_bytes(content)
    return staged


def _replace(staged: Path, target: Path) -> None:
    if os.name == "nt" and target.exists():
        target.chmod(0o644)  # Windows refuses to replace a read-only file, which is what nbgrader leaves
    staged.replace(target)


def _sync_disk() -> None:
    """One wait for all files, before the gradebook says that they are there; Windows has no such call."""
    if hasattr(os, "sync"):
        os.sync()


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
