"""The blueprint of a paper (组卷方案): sections, points, laws and their weights, time, pass and 优秀 marks."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from xuefa.bank.item import Kind
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


class Blueprint(StrictModel):
    """A whole paper; `laws` maps slugs of the catalogue to weights (how much of the paper each law fills)."""

    title: str = Field(min_length=1)
    duration_minutes: int = Field(ge=1, le=600)
    pass_score: float = Field(gt=0, strict=False)
    excellent_score: float = Field(gt=0, strict=False)
    laws: dict[Slug, Annotated[float, Field(gt=0, strict=False)]] = Field(min_length=1)
    sections: Many[Section] = Field(min_length=1)

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
    def digest(self) -> str:
        """Twelve hexadecimal digits over the content."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


def read_blueprint(path: Path) -> Blueprint:
    """Read a blueprint; raise BadInputError with a finding for every fault in it."""
    return YamlSource(path).parse(Blueprint)
