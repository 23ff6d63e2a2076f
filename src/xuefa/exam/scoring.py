"""The score of one objective answer (单选、多选、判断): pure, the same for the kit's marking and for stock nbgrader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from xuefa.strict_yaml import Fault, StrictModel

ObjectiveKind = Literal["single", "multiple", "judge"]
MultipleRule = Literal["all_or_nothing", "subset", "subset_each", "per_option"]
"""How 多选 is marked; which one applies is each exam's own setting.

- `all_or_nothing`: points for the exact key only.
- `subset`: an incomplete choice without a wrong pick earns `subset_ratio` of the points (少选得部分分).
- `subset_each`: an incomplete choice without a wrong pick earns `option_points` a pick (每选对一项得分，错选不得分).
- `per_option`: each right pick earns `option_points`, each wrong pick loses `deduction_points` (选对得分，选错扣分).

The exact key always earns all points, and no answer earns less than 0 or more than the points.
"""
Void = Literal["full", "out"]
"""What a voided item (作废的题) counts: `full` gives everyone the points, `out` takes it out of the paper."""


def _require_halves(points: float) -> float:
    if (points * 2) % 1:
        raise Fault(f"分值 {points:g} 不是半分的整数倍", "请写成 1、1.5、2 这样的分值")
    return points


HalfPoints = Annotated[float, Field(gt=0, le=100, strict=False), AfterValidator(_require_halves)]
"""Points are given in halves: so do published papers, and so they can be shared within a case."""


class MultipleMarking(StrictModel):
    """How the 多选 of a section is marked: the rule and what it needs; what a rule does not need is not looked at."""

    rule: MultipleRule = "all_or_nothing"
    subset_ratio: float = Field(default=0.5, gt=0, lt=1, strict=False)
    option_points: HalfPoints = 0.5
    deduction_points: HalfPoints = 0.5


@dataclass(frozen=True, kw_only=True)
class MarkingKey:
    """What is needed to mark one question: its key (letters in order) and how points are given.

    What `subset_ratio` earns is rounded to hundredths. With `void` "full" every answer earns all points, also none.
    """

    question_id: str
    kind: ObjectiveKind
    key: str
    points: float
    rule: MultipleRule = "all_or_nothing"
    subset_ratio: float = 0.5
    option_points: float = 0.5
    deduction_points: float = 0.5
    void: Void | None = None


def score_response(marking_key: MarkingKey, response: str) -> float:
    """The points that the letters of `response` earn: a plain float within [0, points]."""
    points = float(marking_key.points)
    if marking_key.void == "full":
        return points
    if marking_key.void == "out":
        return 0.0
    if response == marking_key.key:
        return points
    if marking_key.kind != "multiple" or not response:
        return 0.0
    right = len(set(response) & set(marking_key.key))
    wrong = len(set(response) - set(marking_key.key))
    return min(points, max(0.0, _partial_score(marking_key, right=right, wrong=wrong)))


def tidy_sum(points: float) -> float:
    """A sum of points without what binary fractions left over: 0.7 + 0.1 is 0.8, and passes where 0.8 does."""
    return round(points, 6)


def render_points(points: float) -> str:
    """Points as people write them: 2, 1.5."""
    return f"{points:g}"


def render_multiple_rule(marking: MultipleMarking) -> str:
    """The rule in the words that a paper prints above its 多选 questions (Chinese, one sentence without its stop)."""
    each, lost = render_points(marking.option_points), render_points(marking.deduction_points)
    return {
        "all_or_nothing": "多选、少选、错选均不得分",
        "subset": f"少选且没有错选的，得该题分值的 {marking.subset_ratio:.0%}；有错选的不得分",
        "subset_each": f"少选且没有错选的，每选对一项得 {each} 分；有错选的不得分",
        "per_option": f"全部选对得满分；否则每选对一项得 {each} 分，每选错一项扣 {lost} 分，扣完为止",
    }[marking.rule]


def _partial_score(marking_key: MarkingKey, *, right: int, wrong: int) -> float:
    match marking_key.rule:
        case "subset":
            return 0.0 if wrong else round(float(marking_key.points * marking_key.subset_ratio), 2)
        case "subset_each":
            return 0.0 if wrong else right * float(marking_key.option_points)
        case "per_option":
            return right * float(marking_key.option_points) - wrong * float(marking_key.deduction_points)
        case "all_or_nothing":
            return 0.0
