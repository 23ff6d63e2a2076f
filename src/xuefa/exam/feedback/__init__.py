"""Feedback pages of a marked paper, in Chinese, for the learner: `feedback/<learner>/<paper>/<paper>.html`.

They stand where nbgrader puts its own, so the trainer hands them out the same way; nothing in them is Python, a script,
or fetched from a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from xuefa.atomic_file import write_atomically
from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.exam.answers import ANSWERS_FILE, read_answers
from xuefa.exam.feedback.page import Keys, Result, make_page, render_page
from xuefa.exam.gradebook import read_item_scores, read_totals
from xuefa.exam.hand_marks import read_hand_comments
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.names import require_paper_id
from xuefa.exam.paper import Paper, read_course_paper
from xuefa.exam.sitting import read_course_sitting


@dataclass(frozen=True, kw_only=True)
class MarkedPaper:
    """What the pages of a paper are made from; `answers` are the files of the marked learners, by learner."""

    paper: Paper
    bank: Bank
    answers: Mapping[str, Path]
    names: Mapping[str, str]
    totals: Mapping[str, float]
    scores: Mapping[str, Mapping[str, float | None]]
    comments: Mapping[tuple[str, str], str]

    def render(self, learner_id: str, *, keys: Keys) -> str:
        """The HTML of a marked learner's page; BadInputError if their answers are gone."""
        result = Result(
            learner_id=learner_id,
            name=self.names.get(learner_id, ""),
            answers=read_answers(self.answers[learner_id], paper=self.paper, learner_id=learner_id),
            total=self.totals[learner_id],
            scores=self.scores.get(learner_id, {}),
            comments={question_id: text for (who, question_id), text in self.comments.items() if who == learner_id},
        )
        return render_page(make_page(self.paper, result, bank=self.bank, keys=keys))


def read_marked_paper(paper_id: str, *, course_dir: Path) -> MarkedPaper:
    """All that a paper's pages need, read once; BadInputError if nothing of that paper is marked yet."""
    paper = read_course_paper(require_paper_id(paper_id), course_dir=course_dir)
    marked = {path.parent.parent.name: path for path in course_dir.glob(f"autograded/*/{paper_id}/{ANSWERS_FILE}")}
    totals = read_totals(course_dir, paper_id=paper_id) if marked else {}
    learner_ids = sorted(marked.keys() & totals.keys())
    if not learner_ids:
        raise BadInputError(
            Finding(f"试卷 {paper_id}", "还没有阅过的答卷", f"请先收卷，再运行 xuefa exam mark {paper_id}")
        )
    scores: dict[str, dict[str, float | None]] = {}
    for one in read_item_scores(course_dir, paper_id=paper_id):
        scores.setdefault(one.learner_id, {})[one.question_id] = one.score
    return MarkedPaper(
        paper=paper,
        bank=read_kept_items(paper_id, course_dir=course_dir),
        answers={learner_id: marked[learner_id] for learner_id in learner_ids},
        names={one.learner_id: one.name for one in read_course_sitting(paper_id, course_dir=course_dir).candidates},
        totals=totals,
        scores=scores,
        comments=read_hand_comments(paper, learner_ids=learner_ids, course_dir=course_dir),
    )


def write_feedback(
    paper_id: str,
    *,
    course_dir: Path,
    keys: Keys = "shown",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Path, ...]:
    """Write a page for every marked learner; give their paths, by learner.

    With `keys` "hidden" no key, explanation, article or guide is in the page, so that the paper can be used again.
    `progress` is told (done, all). Pages of others are left as they are. Raises BadInputError if nothing of that paper
    is marked yet, or a marked answer is gone; all pages are made before the first is written.
    """
    marked = read_marked_paper(paper_id, course_dir=course_dir)
    pages = {}
    for number, learner_id in enumerate(marked.answers, start=1):
        path = course_dir / "feedback" / learner_id / paper_id / f"{paper_id}.html"
        pages[path] = marked.render(learner_id, keys=keys).encode()
        if progress:
            progress(number, len(marked.answers))
    for path, page in pages.items():
        write_atomically(path, page)
    return tuple(pages)
