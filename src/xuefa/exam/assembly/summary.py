"""How a set paper is made up (组卷结果): items, points, mean difficulty, points of each law."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from xuefa.bank.item import Skill
from xuefa.bank.reader import Bank
from xuefa.exam.paper import Paper


@dataclass(frozen=True)
class FormSummary:
    """Items (a case is one), points, mean difficulty (1 to 5), items by skill, points by law slug."""

    paper_id: str
    items: int
    points: float
    mean_difficulty: float
    skills: Mapping[Skill, int]
    law_points: Mapping[str, float]


def summarise_form(paper: Paper, *, bank: Bank) -> FormSummary:
    """Summarise a paper whose items stand in the bank."""
    items = [bank[item_id] for item_id in dict.fromkeys(question.item_id for question in paper.questions)]
    law_points: Counter[str] = Counter()
    for question in paper.questions:
        law_points[bank[question.item_id].law_slug] += round(question.points * 2)
    return FormSummary(
        paper_id=paper.paper_id,
        items=len(items),
        points=paper.total_points,
        mean_difficulty=sum(item.difficulty for item in items) / len(items),
        skills=Counter(item.skill for item in items),
        law_points={law.slug: law_points[law.slug] / 2 for law in bank.catalogue if law_points[law.slug]},
    )
