"""One round of a quiz as a value: which questions were drawn, what was answered, how it went."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from xuefa.bank.item import KIND_NAMES, SKILL_NAMES, AnyItem, Kind, Question, questions_of

Mode = Literal["practice", "self_test", "review"]
"""练习: feedback after each answer. 自测: feedback at the end of the round. 回头看: as 练习, over what comes back."""
MODE_NAMES: dict[Mode, str] = {"practice": "练习", "self_test": "自测", "review": "回头看"}

_ORDER: tuple[Kind, ...] = ("single", "multiple", "judge", "case")
_OTHER_THAN_CASE: tuple[Kind, ...] = _ORDER[:-1]


@dataclass(frozen=True)
class Answer:
    """What was answered to a question: letters in order, and whether that is the key."""

    question: Question
    response: str

    @property
    def is_right(self) -> bool:
        return self.response == self.question.key

    @property
    def points(self) -> float:
        """1 for the key, else 0; a 多选 counts only whole."""
        return 1.0 if self.is_right else 0.0


@dataclass(frozen=True)
class Tally:
    """How many of how many were right."""

    right: int
    total: int


@dataclass(frozen=True)
class RoundSummary:
    """How a round went: in all, by objective id, by the names of skill and kind, and by law slug."""

    overall: Tally
    by_objective: Mapping[str, Tally]
    by_skill: Mapping[str, Tally]
    by_kind: Mapping[str, Tally]
    by_law: Mapping[str, Tally]


@dataclass(frozen=True)
class Round:
    """Questions in order and the answers so far; `shows_feedback` between an answer and the next question.

    `code` tells rounds apart in the records; a round of the bank's items can be drawn again from it.
    """

    questions: tuple[Question, ...]
    answers: tuple[Answer, ...] = ()
    shows_feedback: bool = False
    mode: Mode = "practice"
    code: str = ""

    @property
    def current(self) -> Question | None:
        """The question to answer or just answered; None once the round is over."""
        index = len(self.answers) - self.shows_feedback
        return self.questions[index] if index < len(self.questions) else None

    @property
    def number(self) -> int:
        """The number of the current question, counted from 1."""
        return len(self.answers) - self.shows_feedback + 1

    @property
    def is_answered(self) -> bool:
        return len(self.answers) == len(self.questions)

    def answer(self, response: str) -> Round:
        """The round with the current question answered; raise ValueError if it has been."""
        question = self.current
        if self.shows_feedback or question is None:
            raise ValueError("this question has been answered")
        answers = (*self.answers, Answer(question, response))
        return replace(self, answers=answers, shows_feedback=self.mode != "self_test")

    def advance(self) -> Round:
        """The round at its next question, or at its summary."""
        return replace(self, shows_feedback=False)

    def summarise(self) -> RoundSummary:
        return RoundSummary(
            overall=_tally(self.answers),
            by_objective=_tally_by(self.answers, lambda answer: answer.question.item.objective),
            by_skill=_tally_by(self.answers, lambda answer: SKILL_NAMES[answer.question.item.skill]),
            by_kind=_tally_by(self.answers, lambda answer: KIND_NAMES[answer.question.item.kind]),
            by_law=_tally_by(self.answers, lambda answer: answer.question.item.law_slug),
        )


def draw_round(items: Iterable[AnyItem], *, count: int, rng: random.Random) -> Round:
    """Draw `count` questions (fewer if there are not as many): one item of each kind first, then any.

    Each draw takes what the round has least of: first by objective, then by difficulty, then by chance. A case comes
    with all its questions or not at all; 论述 is left out. The order is 单选、多选、判断、案例.
    """
    if count < 1:
        raise ValueError("a round has at least one question")
    pool = [item for item in items if item.kind != "essay"]
    rng.shuffle(pool)
    drawn: list[AnyItem] = []
    for kind in reversed(_ORDER):
        drawn += _draw_next(pool, drawn, kinds=(kind,), count=count)
    while added := _draw_next(pool, drawn, kinds=_OTHER_THAN_CASE, count=count) or _draw_next(
        pool, drawn, kinds=_ORDER, count=count
    ):
        drawn += added
    drawn.sort(key=lambda item: _ORDER.index(item.kind))
    return Round(questions=tuple(question for item in drawn for question in questions_of(item)))


def _draw_next(
    pool: Sequence[AnyItem], drawn: Sequence[AnyItem], *, kinds: Collection[Kind], count: int
) -> list[AnyItem]:
    """The item of those kinds that the round has least of and that still fits in; none if there is no such item."""
    free = count - sum(len(questions_of(item)) for item in drawn)
    objectives = Counter(item.objective for item in drawn)
    levels = Counter(item.difficulty for item in drawn)
    fitting = [item for item in pool if item.kind in kinds and item not in drawn and len(questions_of(item)) <= free]
    return sorted(fitting, key=lambda item: (objectives[item.objective], levels[item.difficulty]))[:1]


def parse_response(question: Question, value: object) -> str:
    """The letters that came from a page, in order and without doubles; raise ValueError if they are no answer."""
    if not isinstance(value, list) or not all(isinstance(letter, str) for letter in value):
        raise ValueError("a response is a list of letters")
    letters = sorted(set(value))
    if not letters or len(letters) != len(value) or any(letter not in question.options for letter in letters):
        raise ValueError("a response holds letters of the options, each once")
    if question.kind != "multiple" and len(letters) != 1:
        raise ValueError("this kind of question takes one letter")
    return "".join(letters)


def _tally(answers: Iterable[Answer]) -> Tally:
    rights = [answer.is_right for answer in answers]
    return Tally(right=sum(rights), total=len(rights))


def _tally_by(answers: tuple[Answer, ...], name_of: Callable[[Answer], str]) -> dict[str, Tally]:
    names = dict.fromkeys(map(name_of, answers))
    return {name: _tally(answer for answer in answers if name_of(answer) == name) for name in names}
