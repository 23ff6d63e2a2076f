"""The score of one objective answer (单选、多选、判断): pure, the same for the kit's marking and for stock nbgrader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ObjectiveKind = Literal["single", "multiple", "judge"]
MultipleRule = Literal["all_or_nothing", "subset"]
"""How 多选 is marked: `all_or_nothing` gives points for the exact key only; `subset` gives a share of them for a
choice that is incomplete but holds no wrong pick (少选得部分分). Which one applies is each exam's own setting."""


@dataclass(frozen=True, kw_only=True)
class MarkingKey:
    """What is needed to mark one question: its key (letters in order) and how points are given.

    `subset_ratio` is the share of the points that an incomplete choice earns under the rule `subset`,
    rounded to hundredths.
    """

    question_id: str
    kind: ObjectiveKind
    key: str
    points: float
    rule: MultipleRule = "all_or_nothing"
    subset_ratio: float = 0.5


def score_response(marking_key: MarkingKey, response: str) -> float:
    """The points that the letters of `response` earn: a plain float within [0, points]."""
    if response == marking_key.key:
        return float(marking_key.points)
    incomplete = bool(response) and set(response) < set(marking_key.key)
    if marking_key.kind == "multiple" and marking_key.rule == "subset" and incomplete:
        return round(float(marking_key.points * marking_key.subset_ratio), 2)
    return 0.0


def render_points(points: float) -> str:
    """Points as people write them: 2, 1.5."""
    return f"{points:g}"
