"""One item of the question bank: five kinds, frozen, strict."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from xuefa.laws.citation import Citation, parse_citation
from xuefa.strict_yaml import Fault, Many, StrictModel

Kind = Literal["single", "multiple", "judge", "case", "essay"]
Letter = Literal["A", "B", "C", "D", "E", "F"]
Skill = Literal["recall", "understand", "apply"]
Status = Literal["active", "review", "retired"]

KIND_NAMES: dict[Kind, str] = {"single": "单选", "multiple": "多选", "judge": "判断", "case": "案例", "essay": "论述"}
SKILL_NAMES: dict[Skill, str] = {"recall": "识记", "understand": "理解", "apply": "应用"}
JUDGE_OPTIONS: dict[str, str] = {"T": "正确", "F": "错误"}


class _Cited(StrictModel):
    """What every question rests on: the articles, and the words in them that the answer hangs on."""

    stem: str = Field(min_length=1)
    cites: Many[int | str] = Field(min_length=1)
    evidence: Many[str] = Field(min_length=1)
    explanation: str = Field(min_length=1)

    @model_validator(mode="after")
    def _require_citations(self) -> _Cited:
        for value in self.cites:
            try:
                parse_citation(value)
            except ValueError:
                raise Fault(f"法条“{value}”写法不对", "请写条号，如 46；别的法律写成“行政复议法 20”") from None
        return self

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(parse_citation(value) for value in self.cites)


class _WithOptions(_Cited):
    options: dict[Letter, str] = Field(min_length=3, max_length=6)
    answer: str = Field(min_length=1)

    @model_validator(mode="after")
    def _require_sound_options(self) -> _WithOptions:
        letters = list(self.options)
        if letters != list("ABCDEF"[: len(letters)]):
            raise Fault(f"选项字母是 {'、'.join(letters)}", "请从 A 起依次编排，中间不要空缺")
        if len(set(self.options.values())) != len(self.options):
            raise Fault("有两个选项的文字相同", "请改写其中一个")
        if strangers := [letter for letter in self.answer if letter not in self.options]:
            raise Fault(f"答案“{''.join(strangers)}”不是选项", f"请改成 {'、'.join(letters)} 中的字母")
        return self


class _Single(_WithOptions):
    kind: Literal["single"]

    @model_validator(mode="after")
    def _require_one_key(self) -> _Single:
        if len(self.answer) != 1:
            raise Fault(
                f"单选题有 {len(self.answer)} 个答案“{self.answer}”", "请只留一个答案，或者把 kind 改成 multiple"
            )
        return self


class _Multiple(_WithOptions):
    kind: Literal["multiple"]

    @model_validator(mode="after")
    def _require_keys_in_order(self) -> _Multiple:
        if len(self.answer) < 2 or list(self.answer) != sorted(set(self.answer)):
            raise Fault(f"多选题的答案“{self.answer}”写法不对", "请按字母顺序写出两个以上不重复的字母，如 ABD")
        return self


class _Judge(_Cited):
    kind: Literal["judge"]
    answer: bool


class _Element(StrictModel):
    """One element of an essay's marking guide and the points it is worth."""

    element: str = Field(min_length=1)
    points: float = Field(gt=0, strict=False)


class _Listed(StrictModel):
    """What stands at the head of every item in the bank."""

    id: str = Field(pattern=r"^[a-z]+-\d{4}$")
    objective: str = Field(pattern=r"^[a-z]+-o\d$")
    difficulty: int = Field(ge=1, le=5)
    skill: Skill
    status: Status

    @property
    def law_slug(self) -> str:
        return self.id.partition("-")[0]

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits over the content; it changes whenever the item does, but not with its status."""
        content = self.model_dump_json(exclude={"status"})
        return hashlib.sha256(content.encode()).hexdigest()[:12]


class SingleItem(_Listed, _Single):
    """单选."""


class MultipleItem(_Listed, _Multiple):
    """多选."""


class JudgeItem(_Listed, _Judge):
    """判断."""


class EssayItem(_Listed, _Cited):
    """论述, marked by hand along `guide`."""

    kind: Literal["essay"]
    guide: Many[_Element] = Field(min_length=2)


class CaseItem(_Listed):
    """案例: a story (`stem`) with two to four questions, numbered from 1."""

    kind: Literal["case"]
    stem: str = Field(min_length=1)
    questions: Many[Annotated[_Single | _Multiple | _Judge, Field(discriminator="kind")]] = Field(
        min_length=2, max_length=4
    )


AnyItem = SingleItem | MultipleItem | JudgeItem | CaseItem | EssayItem
Item = Annotated[AnyItem, Field(discriminator="kind")]


@dataclass(frozen=True)
class Question:
    """What a learner answers: a whole item, or one sub-question of a case.

    `options` maps permanent letters to text (T and F for 判断, empty for 论述); `key` is a string of those letters in
    order ("B", "ABD", "T"), empty for 论述. `story` is the case's story, empty elsewhere.
    """

    question_id: str
    item: AnyItem
    kind: Literal["single", "multiple", "judge", "essay"]
    story: str
    stem: str
    options: dict[str, str]
    key: str
    citations: tuple[Citation, ...]
    evidence: tuple[str, ...]
    explanation: str


def questions_of(item: AnyItem) -> tuple[Question, ...]:
    """The questions of an item: one, or for a case its sub-questions with ids like `xzss-0030.1`."""
    if isinstance(item, CaseItem):
        return tuple(
            _question(f"{item.id}.{number}", item, part, story=item.stem)
            for number, part in enumerate(item.questions, start=1)
        )
    return (_question(item.id, item, item, story=""),)


def questions_in(items: tuple[AnyItem, ...]) -> Iterator[Question]:
    """The questions of several items, in order."""
    for item in items:
        yield from questions_of(item)


def _question(
    question_id: str,
    item: AnyItem,
    part: _Single | _Multiple | _Judge | EssayItem,
    *,
    story: str,
) -> Question:
    options: Mapping[str, str] = {}
    key = ""
    if isinstance(part, _WithOptions):
        options, key = {str(letter): text for letter, text in part.options.items()}, part.answer
    elif isinstance(part, _Judge):
        options, key = JUDGE_OPTIONS, "T" if part.answer else "F"
    return Question(
        question_id=question_id,
        item=item,
        kind=part.kind,
        story=story,
        stem=part.stem,
        options=dict(options),
        key=key,
        citations=part.citations,
        evidence=part.evidence,
        explanation=part.explanation,
    )
