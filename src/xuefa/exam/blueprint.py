"""The blueprint of papers (组卷方案): sections, points, laws and their weights, time, marks, parallel forms."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from xuefa.bank.item import Kind, Skill
from xuefa.exam.paper import Shuffle
from xuefa.exam.scoring import HalfPoints, MultipleMarking, render_points
from xuefa.strict_yaml import Fault, Many, StrictModel, YamlSource

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z]+$")]


class Section(MultipleMarking):
    """One section: `count` items of one kind at `points` each; a case's points are shared by its sub-questions.

    The rest says how 多选 is marked in it (also inside a case).
    """

    title: str = Field(min_length=1)
    kind: Kind
    count: int = Field(ge=1, le=200)
    points: HalfPoints

    @property
    def total_points(self) -> float:
        return self.count * self.points


class Tolerance(StrictModel):
    """How far parallel forms may lie apart, and a form from a wanted value: mean difficulty (1 to 5), skill share."""

    difficulty: float = Field(default=0.1, ge=0, le=4, strict=False)
    skills: float = Field(default=0.1, ge=0, le=1, strict=False)


class Blueprint(StrictModel):
    """A whole paper, and what its parallel forms have in common.

    `laws` maps slugs of the catalogue to weights (how much of the paper each law fills; in a section a law has its
    share of the items, rounded either way, or one more or less), `skills` maps skills to weights (how many of the
    items); `difficulty` is the wanted mean. A case counts as one item. `source` names the
    published rule that the profile follows. Nobody sits more than `attempts` papers of one exam, each 补考 counted. Of
    `forms` parallel forms, at most `max_shared_items` items are used again in another one; items of the course's last
    `avoid_last_papers` papers are not used.
    """

    title: str = Field(min_length=1)
    source: str = ""
    duration_minutes: int = Field(ge=1, le=600)
    pass_score: float = Field(gt=0, strict=False)
    excellent_score: float = Field(gt=0, strict=False)
    laws: dict[Slug, Annotated[float, Field(gt=0, strict=False)]] = Field(min_length=1)
    sections: Many[Section] = Field(min_length=1)
    attempts: int = Field(default=1, ge=1, le=9)
    shuffle: Shuffle = "none"
    forms: int = Field(default=1, ge=1, le=26)
    max_shared_items: int = Field(default=0, ge=0)
    avoid_last_papers: int = Field(default=0, ge=0)
    difficulty: float | None = Field(default=None, ge=1, le=5, strict=False)
    skills: dict[Skill, Annotated[float, Field(gt=0, strict=False)]] = Field(default_factory=dict)
    tolerance: Tolerance = Tolerance()

    @model_validator(mode="after")
    def _require_reachable_marks(self) -> Blueprint:
        if not self.pass_score <= self.excellent_score <= self.total_points:
            raise Fault(
                f"及格线 {render_points(self.pass_score)}、优秀线 {render_points(self.excellent_score)}"
                f" 与满分 {render_points(self.total_points)} 不相配",
                "应当满足：及格线不高于优秀线，优秀线不高于满分",
            )
        return self

    @property
    def total_points(self) -> float:
        return sum(section.total_points for section in self.sections)

    @property
    def item_count(self) -> int:
        return sum(section.count for section in self.sections)

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits over the content."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


def read_blueprint(path: Path) -> Blueprint:
    """Read a blueprint; raise BadInputError with a finding for every fault in it."""
    return YamlSource(path).parse(Blueprint)
