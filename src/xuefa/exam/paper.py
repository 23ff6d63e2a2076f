"""A paper (试卷): which questions, in what order, for how many points; its texts, never its keys."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from xuefa.atomic_file import write_atomically
from xuefa.bank.item import Kind
from xuefa.errors import BadInputError, Finding
from xuefa.exam.names import ID_PATTERN, require_paper_id
from xuefa.exam.order import order_options, order_questions, shuffles_options
from xuefa.exam.scoring import MultipleMarking, Void, render_multiple_rule
from xuefa.laws.citation import render_chinese_number
from xuefa.strict_yaml import Many, StrictModel

QuestionKind = Literal["single", "multiple", "judge", "essay"]
PAPER_FILE = "paper.json"
Shuffle = Literal["none", "questions", "options", "all"]
"""What differs from learner to learner: the order of questions within a section, of options, of both, or nothing."""


class PaperQuestion(StrictModel):
    """One question as it stands in the paper.

    `options` maps permanent letters to text (T and F for 判断, empty for 论述); `story` is the case's story, empty
    elsewhere. `item_version` is the digest of the bank's item when the paper was set.
    """

    question_id: str = Field(pattern=r"^[a-z]+-\d{4}(\.\d)?$")
    item_version: str
    kind: QuestionKind
    story: str
    stem: str
    options: dict[str, str]
    points: float = Field(gt=0)

    @property
    def item_id(self) -> str:
        return self.question_id.partition(".")[0]


class PaperSection(MultipleMarking):
    """One section: its questions in order, and how 多选 in it is marked."""

    title: str
    kind: Kind
    questions: Many[PaperQuestion] = Field(min_length=1)

    @property
    def total_points(self) -> float:
        return sum(question.points for question in self.questions)


class Paper(StrictModel):
    """A set paper; with the bank's items at the recorded versions it can be rebuilt from blueprint and seed.

    `form` is A, B … where several parallel ones were set. A 补考 is of round (`attempt`) 2 or later, and `makeup_of`
    names a paper of the round before it; nobody sits more than `attempts` papers of one exam. `voided` says which
    questions no longer count by their key.
    """

    format: Literal[1] = 1
    paper_id: str = Field(pattern=ID_PATTERN)
    title: str = Field(min_length=1)
    held_on: date
    duration_minutes: int
    pass_score: float
    excellent_score: float
    blueprint: str
    blueprint_digest: str
    bank_digest: str
    seed: int
    form: str = ""
    attempt: int = Field(default=1, ge=1)
    attempts: int = Field(default=1, ge=1)
    makeup_of: str = ""
    shuffle: Shuffle = "none"
    voided: dict[str, Void] = Field(default_factory=dict)
    sections: Many[PaperSection] = Field(min_length=1)

    @property
    def questions(self) -> tuple[PaperQuestion, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    @property
    def total_points(self) -> float:
        """What the paper is out of: the points of its questions, without those that were taken out (`voided`)."""
        return sum(self.points_in(section) for section in self.sections)

    @property
    def assembly(self) -> tuple[object, ...]:
        """What forms (A, B …) that were set together have in common, and no others."""
        return (self.blueprint_digest, self.held_on, self.seed, self.makeup_of, self.attempt)

    @property
    def counted_pass_score(self) -> float:
        """The pass mark (及格线), scaled when questions were taken out and rounded up to hundredths."""
        return self._scale(self.pass_score)

    @property
    def counted_excellent_score(self) -> float:
        """The mark for 优秀, scaled when questions were taken out and rounded up to hundredths."""
        return self._scale(self.excellent_score)

    def points_of(self, question: PaperQuestion) -> float:
        """What a question counts: its points, or 0 if it was taken out."""
        return 0 if self.voided.get(question.question_id) == "out" else question.points

    def points_in(self, section: PaperSection) -> float:
        """What a section counts."""
        return sum(self.points_of(question) for question in section.questions)

    def _scale(self, score: float) -> float:
        """In proportion, up to the next hundredth, which is as finely as anything is scored (`score_response`)."""
        whole = sum(section.total_points for section in self.sections)
        total = self.total_points
        return score if total == whole else math.ceil(round(score * total / whole * 100, 6)) / 100

    @cached_property
    def _by_id(self) -> dict[str, PaperQuestion]:
        return {question.question_id: question for question in self.questions}

    def find(self, question_id: str) -> PaperQuestion | None:
        """The question of that id, or None if the paper has none."""
        return self._by_id.get(question_id)


def read_paper(path: Path) -> Paper:
    """Read a `paper.json`; raise BadInputError if it is not there or not a paper."""
    place = str(path)
    try:
        return Paper.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadInputError(Finding(place, "找不到这份试卷", "请先组卷，或者检查试卷编号")) from None
    except ValidationError as error:
        raise BadInputError(
            Finding(
                place, f"试卷文件不完整或被改动过（{error.error_count()} 处不合要求）", "请重新组卷，或者恢复原来的文件"
            )
        ) from None


def write_paper(paper: Paper, path: Path) -> None:
    """Write a `paper.json` that `read_paper` gives back unchanged."""
    text = json.dumps(paper.model_dump(mode="json"), ensure_ascii=False, indent=1)
    write_atomically(path, text.encode())


def source_dir(course_dir: Path, paper_id: str) -> Path:
    """The instructor's folder of a paper."""
    return course_dir / "source" / paper_id


def paper_path(course_dir: Path, paper_id: str) -> Path:
    """Where the paper of that id stands."""
    return source_dir(course_dir, paper_id) / PAPER_FILE


def read_course_paper(paper_id: str, *, course_dir: Path) -> Paper:
    """The paper of that id from the course's `source/`; raise BadInputError if there is none."""
    return read_paper(paper_path(course_dir, require_paper_id(paper_id)))


def read_papers(course_dir: Path) -> tuple[Paper, ...]:
    """Every paper of the course, by the day it is held and its id."""
    papers = (read_paper(path) for path in course_dir.glob(f"source/*/{PAPER_FILE}"))
    return tuple(sorted(papers, key=lambda paper: (paper.held_on, paper.paper_id)))


def select_exam_papers(paper: Paper, *, papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """The papers of one exam (the paper itself, its parallel forms, every 补考 round of it), in their given order."""
    by_id = {one.paper_id: one for one in (*papers, paper)}
    exam = _find_exam(paper, by_id)
    return tuple(one for one in by_id.values() if _find_exam(one, by_id) == exam)


def _find_exam(paper: Paper, by_id: Mapping[str, Paper]) -> object:
    """What the first round of its exam is known by."""
    left = dict(by_id)
    while previous := left.pop(paper.makeup_of, None):
        paper = previous
    return paper.assembly if paper.form else paper.paper_id


def render_multiple_rules(paper: Paper) -> tuple[str, ...]:
    """How 多选 is marked, one sentence for each rule of the paper; it names its sections where there are several."""
    numerals: dict[str, list[str]] = {}
    for number, section in enumerate(paper.sections, start=1):
        if any(question.kind == "multiple" for question in section.questions):
            numerals.setdefault(render_multiple_rule(section), []).append(render_chinese_number(number))
    if len(numerals) == 1:
        return tuple(f"多选题有两个以上正确答案：{rule}。" for rule in numerals)
    return tuple(f"第{'、'.join(where)}大题的多选题有两个以上正确答案：{rule}。" for rule, where in numerals.items())


def public_paper(paper: Paper, *, learner_id: str | None = None) -> dict[str, Any]:
    """What a learner may see, as plain JSON values: titles, stories, stems, options, points, time and marks.

    Questions and options stand in that learner's order (in the permanent one for None); `shows_letters` says whether
    options are to be shown with their permanent letters, which they are only where every learner sees the same order.
    """

    def describe(question: PaperQuestion) -> dict[str, Any]:
        options: Iterable[tuple[str, str]] = question.options.items()
        if learner_id is not None:
            options = order_options(question, paper=paper, learner_id=learner_id)
        return {
            "id": question.question_id,
            "kind": question.kind,
            "story": question.story,
            "stem": question.stem,
            "options": [[letter, text] for letter, text in options],
            "points": question.points,
        }

    def select_questions(section: PaperSection) -> Iterable[PaperQuestion]:
        if learner_id is None:
            return section.questions
        return order_questions(section, paper=paper, learner_id=learner_id)

    return {
        "paper_id": paper.paper_id,
        "title": paper.title,
        "duration_minutes": paper.duration_minutes,
        "total_points": paper.total_points,
        "pass_score": paper.counted_pass_score,
        "shows_letters": learner_id is None or not shuffles_options(paper),
        "sections": [
            {
                "title": section.title,
                "kind": section.kind,
                "rule": render_multiple_rule(section),
                "total_points": paper.points_in(section),
                "questions": [describe(question) for question in select_questions(section)],
            }
            for section in paper.sections
        ],
    }
