"""What the exam tests share: a small bank, a released course, submissions of every sort."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from xuefa.bank.reader import Bank, read_bank
from xuefa.exam.assembly import assemble
from xuefa.exam.blueprint import Blueprint, read_blueprint
from xuefa.exam.course_config import prepare_course
from xuefa.exam.gradebook import read_exam_results
from xuefa.exam.notebook import write_source
from xuefa.exam.paper import Paper
from xuefa.exam.release import release_paper
from xuefa.exam.sitting import make_sitting
from xuefa.exam.submission import hand_in, open_submission, write_answers
from xuefa.records.record import Learner

FIXTURES = Path(__file__).parent / "fixtures" / "exam"
PROJECT = Path(__file__).parents[1]
PAPER_ID = "practice-1"
HELD_ON = date(2022, 11, 20)
STARTED_AT = datetime(2022, 11, 20, 11, 30, tzinfo=UTC)
DUE_AT = STARTED_AT + timedelta(minutes=40)


@dataclass(frozen=True)
class Course:
    """A released paper in a course of its own."""

    course_dir: Path
    paper: Paper
    bank: Bank

    def sit(
        self,
        learner_id: str,
        responses: Mapping[str, str],
        *,
        handed_in_at: datetime | None = STARTED_AT + timedelta(minutes=20),
    ) -> Path:
        """Answer as the widget does; give the submission's folder."""
        paper, course_dir, saved_at = self.paper, self.course_dir, STARTED_AT + timedelta(minutes=5)
        open_submission(paper, course_dir=course_dir, learner_id=learner_id, now=STARTED_AT)
        write_answers(paper, course_dir=course_dir, learner_id=learner_id, responses=responses, now=saved_at)
        if handed_in_at:
            hand_in(paper, course_dir=course_dir, learner_id=learner_id, now=handed_in_at)
        return self.course_dir / "submitted" / learner_id / self.paper.paper_id

    def right_answers(self) -> dict[str, str]:
        """The right answer to every objective question."""
        keys = {one.question_id: self.bank.question(one.question_id).key for one in self.paper.questions}
        return {question_id: key for question_id, key in keys.items() if key}

    def scores(self) -> dict[str, float | None]:
        """What the gradebook says, by learner."""
        results = read_exam_results(self.course_dir, paper_id=self.paper.paper_id)
        return {result.learner_id: result.score for result in results}

    def copy_to(self, folder: Path) -> Course:
        """The same course for one test, to be spoilt."""
        shutil.copytree(self.course_dir, folder)
        return replace(self, course_dir=folder)

    @property
    def essay_id(self) -> str:
        return next(one.question_id for one in self.paper.questions if one.kind == "essay")


def fixture_bank() -> Bank:
    return read_bank(FIXTURES / "bank")


def assemble_paper(blueprint: Blueprint, *, bank: Bank, paper_id: str = PAPER_ID, seed: int) -> Paper:
    """One paper, without earlier ones to look back on."""
    (paper,) = assemble(blueprint, bank=bank, paper_ids=(paper_id,), held_on=HELD_ON, seed=seed).papers
    return paper


def small_paper(bank: Bank, *, paper_id: str = PAPER_ID, seed: int = 3) -> Paper:
    blueprint = read_blueprint(FIXTURES / "blueprint_small.yaml")
    return assemble_paper(blueprint, bank=bank, paper_id=paper_id, seed=seed)


def learners(count: int) -> list[Learner]:
    names = [f"学员{number:02d}" for number in range(1, count + 1)]
    since = date(2022, 1, 1)
    return [Learner(learner_id=name, name=name, unit="青山乡", post="干部", since=since) for name in names]


def release_course(course_dir: Path, *, expected: int) -> Course:
    """A course with the small paper released to that many learners."""
    bank = fixture_bank()
    return _release(small_paper(bank), bank, course_dir, expected=expected, closes_at=DUE_AT)


def release_practice_course(course_dir: Path, *, expected: int) -> Course:
    """A course with the practice paper of the project's own bank, which has the longest texts; 75 minutes."""
    bank = read_bank(PROJECT / "question_bank")
    blueprint = read_blueprint(PROJECT / "grading" / "blueprints" / "practice.yaml")
    return _release(assemble_paper(blueprint, bank=bank, seed=11), bank, course_dir, expected=expected, closes_at=None)


def _release(paper: Paper, bank: Bank, course_dir: Path, *, expected: int, closes_at: datetime | None) -> Course:
    prepare_course(course_dir, config_file=PROJECT / "grading" / "nbgrader_config.py")
    write_source(paper, bank=bank, course_dir=course_dir)
    release_paper(make_sitting(paper.paper_id, learners=learners(expected), closes_at=closes_at), course_dir=course_dir)
    return Course(course_dir, paper, bank)
