"""What all marked papers together say of the bank: by law and kind. It is shown, never written into the bank."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xuefa.bank.item import KIND_NAMES
from xuefa.exam.analysis.paper_analysis import Analysis
from xuefa.exam.analysis.watch import Watch
from xuefa.exam.paper import QuestionKind


@dataclass(frozen=True)
class PooledResults:
    """The answers of all papers to one law's questions of one kind; `rate` is points over possible points, 0 to 1.

    The questions of a case count under their own kind.
    """

    law: str
    kind: QuestionKind
    questions: int
    answers: int
    rate: float | None


@dataclass(frozen=True)
class BankResults:
    """The papers that were counted, the pooled results, and what is to be looked at, with its paper's id."""

    paper_ids: tuple[str, ...]
    pooled: tuple[PooledResults, ...]
    to_watch: tuple[tuple[str, Watch], ...]


def pool_results(analyses: Sequence[Analysis]) -> BankResults:
    """Pool the analyses of several papers, laws in the order in which they are met."""
    items = [item for analysis in analyses for item in analysis.items]
    pooled = []
    for law in dict.fromkeys(item.law for item in items):
        for kind in KIND_NAMES:
            own = [item for item in items if item.law == law and item.kind == kind]
            if not own or kind == "case":
                continue
            possible = math.fsum(item.n * item.max_points for item in own)
            earned = math.fsum(item.n * item.max_points * (item.facility or 0.0) for item in own)
            pooled.append(
                PooledResults(
                    law,
                    kind,
                    questions=len({item.question_id for item in own}),
                    answers=sum(item.n for item in own),
                    rate=earned / possible if possible else None,
                )
            )
    return BankResults(
        paper_ids=tuple(analysis.paper_id for analysis in analyses),
        pooled=tuple(pooled),
        to_watch=tuple((analysis.paper_id, watch) for analysis in analyses for watch in analysis.to_watch),
    )
