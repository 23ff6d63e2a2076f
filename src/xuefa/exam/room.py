"""The examination room (考场): which sittings a learner finds open, and how far every candidate of a sitting is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from xuefa.errors import BadInputError, Finding
from xuefa.exam.answers import ANSWERS_FILE, Answers, read_answers, receipt_code
from xuefa.exam.paper import PAPER_FILE, Paper, read_course_paper, read_paper
from xuefa.exam.sitting import SITTING_FILE, Candidate, Sitting, read_course_sitting, read_sitting
from xuefa.exam.submission import submission_dir

Stage = Literal["open", "begun", "handed_in", "not_yet", "closed", "spoilt"]
"""Can be begun; begun and to be gone on with; handed in; opens later; closed and never begun; answers unreadable."""


@dataclass(frozen=True, kw_only=True)
class Exam:
    """One released paper and its sitting."""

    paper: Paper
    sitting: Sitting


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """How far one candidate is: `answers` is None before they began, or when `fault` says why they cannot be read."""

    candidate: Candidate
    answers: Answers | None = None
    fault: str = ""
    late: bool = False

    @property
    def receipt(self) -> str:
        """The receipt code, "" before handing in."""
        return receipt_code(self.answers) if self.answers and self.answers.handed_in_at else ""


@dataclass(frozen=True, kw_only=True)
class Seat:
    """An exam as one candidate finds it at some moment."""

    exam: Exam
    attendance: Attendance
    stage: Stage


def read_released_exams(course_dir: Path) -> tuple[tuple[Exam, ...], tuple[Finding, ...]]:
    """Every released paper, by the day it is held and its id, and a finding for each that cannot be read."""
    exams: list[Exam] = []
    faults: list[Finding] = []
    for path in sorted(course_dir.glob(f"release/*/{SITTING_FILE}")):
        try:
            exams.append(Exam(paper=read_paper(path.parent / PAPER_FILE), sitting=read_sitting(path)))
        except BadInputError as error:
            faults += error.findings
    return tuple(sorted(exams, key=lambda exam: (exam.paper.held_on, exam.paper.paper_id))), tuple(faults)


def find_seats(exams: tuple[Exam, ...], *, course_dir: Path, learner_id: str, now: datetime) -> tuple[Seat, ...]:
    """The exams that this learner is expected at, each with its stage at `now` (aware)."""
    seats = []
    for exam in exams:
        candidate = exam.sitting.find(learner_id)
        if candidate is not None:
            attendance = _read_attendance(exam, candidate, course_dir=course_dir)
            seats.append(Seat(exam=exam, attendance=attendance, stage=_stage(exam.sitting, attendance, now)))
    return tuple(seats)


def read_attendances(paper_id: str, *, course_dir: Path) -> tuple[Attendance, ...]:
    """Every candidate of a paper, in order of id; raise BadInputError if it was not set or not released."""
    exam = Exam(
        paper=read_course_paper(paper_id, course_dir=course_dir),
        sitting=read_course_sitting(paper_id, course_dir=course_dir),
    )
    return tuple(_read_attendance(exam, candidate, course_dir=course_dir) for candidate in exam.sitting.candidates)


def is_late(sitting: Sitting, handed_in_at: datetime) -> bool:
    """Whether that moment is after the sitting closed, as nbgrader counts."""
    return sitting.closes_at is not None and handed_in_at > sitting.closes_at


def _read_attendance(exam: Exam, candidate: Candidate, *, course_dir: Path) -> Attendance:
    folder = submission_dir(course_dir, paper_id=exam.paper.paper_id, learner_id=candidate.learner_id)
    path = folder / ANSWERS_FILE
    if not path.exists() and not path.is_symlink():
        return Attendance(candidate=candidate)
    try:
        answers = read_answers(path, paper=exam.paper, learner_id=candidate.learner_id)
    except BadInputError as error:
        return Attendance(candidate=candidate, fault=str(error))
    late = answers.handed_in_at is not None and is_late(exam.sitting, answers.handed_in_at)
    return Attendance(candidate=candidate, answers=answers, late=late)


def _stage(sitting: Sitting, attendance: Attendance, now: datetime) -> Stage:
    if attendance.fault:
        return "spoilt"
    if attendance.answers:
        return "handed_in" if attendance.answers.handed_in_at else "begun"
    if sitting.is_open(now):
        return "open"
    return "not_yet" if sitting.opens_at and now < sitting.opens_at else "closed"
