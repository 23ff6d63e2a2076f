"""In which order a learner meets the questions and options of a paper; what is stored keeps the permanent order."""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `public_paper` uses this module
    from xuefa.exam.paper import Paper, PaperQuestion, PaperSection


def order_questions(section: PaperSection, *, paper: Paper, learner_id: str) -> tuple[PaperQuestion, ...]:
    """The questions of a section as that learner meets them; those of one case stay together and in order."""
    if paper.shuffle not in ("questions", "all"):
        return tuple(section.questions)
    cases = [tuple(case) for _, case in groupby(section.questions, key=lambda question: question.item_id)]
    cases.sort(key=lambda case: _rank(paper.paper_id, learner_id, case[0].item_id))
    return tuple(question for case in cases for question in case)


def order_options(question: PaperQuestion, *, paper: Paper, learner_id: str) -> tuple[tuple[str, str], ...]:
    """(permanent letter, text) of every option as that learner meets them; 判断 always reads the same."""
    options = tuple(question.options.items())
    if not shuffles_options(paper) or question.kind == "judge":
        return options
    return tuple(sorted(options, key=lambda one: _rank(paper.paper_id, learner_id, question.question_id, one[0])))


def shuffles_options(paper: Paper) -> bool:
    """Whether options stand in another order for each learner, so that permanent letters must not be shown."""
    return paper.shuffle in ("options", "all")


def _rank(*parts: str) -> bytes:
    """A number as good as random that is the same on every machine and in every version of Python."""
    return hashlib.sha256("\n".join(parts).encode()).digest()
