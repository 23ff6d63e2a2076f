"""What learners did in a marked paper, read from the gradebook, the marked submissions and the kept items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.exam.answers import ANSWERS_FILE, Answers, read_answers
from xuefa.exam.gradebook import read_exam_results, read_item_scores, read_totals
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.paper import Paper, read_course_paper
from xuefa.exam.sitting import read_course_sitting


@dataclass(frozen=True)
class Attempt:
    """One marked submission: points by question id (None while a person has still to mark it), and the answers.

    `score` is what the gradebook says of the whole, late penalty taken off.
    """

    learner_id: str
    score: float
    points: Mapping[str, float | None]
    answers: Answers


@dataclass(frozen=True, kw_only=True)
class PaperResponses:
    """Everything an analysis needs; each of `expected` (learner ids) is in just one of attempts, refused and absent."""

    paper: Paper
    items: Bank
    expected: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    refused: tuple[str, ...]
    absent: tuple[str, ...]


def read_responses(
    paper_id: str, *, course_dir: Path, progress: Callable[[int, int], None] | None = None
) -> PaperResponses:
    """Read what came of a paper; `progress` is told (done, all) of the marked submissions.

    Raises BadInputError if the paper is not there or not released, or if submissions lie there and none was marked.
    """
    paper = read_course_paper(paper_id, course_dir=course_dir)
    expected = tuple(one.learner_id for one in read_course_sitting(paper_id, course_dir=course_dir).candidates)
    points: dict[str, dict[str, float | None]] = {}
    for score in read_item_scores(course_dir, paper_id=paper_id):
        points.setdefault(score.learner_id, {})[score.question_id] = score.score
    handed = {one for one in expected if (course_dir / "submitted" / one / paper_id).exists()}
    marked = [one for one in expected if one in points]
    if handed and not marked:
        raise BadInputError(
            Finding(
                f"试卷 {paper_id}", f"有 {len(handed)} 份答卷，还没有一份阅过", f"请先运行 xuefa exam mark {paper_id}"
            )
        )
    totals = read_totals(course_dir, paper_id=paper_id)
    attempts = []
    for number, one in enumerate(marked, start=1):
        answers = _read_marked_answers(one, paper=paper, course_dir=course_dir)
        attempts.append(Attempt(one, totals[one], points[one], answers))
        if progress:
            progress(number, len(marked))
    return PaperResponses(
        paper=paper,
        items=read_kept_items(paper_id, course_dir=course_dir),
        expected=expected,
        attempts=tuple(attempts),
        refused=tuple(one for one in expected if one in handed and one not in points),
        absent=tuple(one for one in expected if one not in handed and one not in points),
    )


def read_marked_paper_ids(course_dir: Path) -> tuple[str, ...]:
    """The papers of the course of which at least one submission was marked, by day."""
    results = read_exam_results(course_dir)
    return tuple(dict.fromkeys(result.paper_id for result in results if result.score is not None))


def _read_marked_answers(learner_id: str, *, paper: Paper, course_dir: Path) -> Answers:
    path = course_dir / "autograded" / learner_id / paper.paper_id / ANSWERS_FILE
    try:
        return read_answers(path, paper=paper, learner_id=learner_id)
    except BadInputError as error:
        (finding, *_) = error.findings
        raise BadInputError(
            Finding(
                finding.place, f"阅过的答卷读不出来：{finding.fault}", f"请重新运行 xuefa exam mark {paper.paper_id}"
            )
        ) from None
