"""Items to look at (需要留意的题), each said in words with its evidence; a person decides what to do about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from xuefa.exam.paper import QuestionKind

LEAST_LEARNERS = 5
"""With fewer who sat, correlations, α and standard deviations are not given."""
SMALL_SAMPLE = 30
EASY_FACILITY = 0.95
LEAST_DISCRIMINATION = 0.2
"""Below it an item is poor, “to be rejected or improved by revision”.

Ebel and Frisbie, Essentials of Educational Measurement, 5th edition (1991), chapter 13.
"""
_LEAST_FOR_UNUSED = 10
Reason = Literal["key", "hard", "easy", "discrimination", "unused"]


@dataclass(frozen=True, kw_only=True)
class OptionAnalysis:
    """One option: how many chose it, their share of all who sat (0 to 1), and their mean points in all other questions.

    `n_upper` counts its choosers in the upper group, the best 27% by the points in all other questions.
    """

    letter: str
    text: str
    is_key: bool
    n: int
    share: float | None
    mean_rest: float | None
    n_upper: int


@dataclass(frozen=True, kw_only=True)
class ItemAnalysis:
    """One question of a paper; `number` is its place in the paper, `blank` how many left it out.

    `facility` is 0 to 1, `discrimination` and `upper_lower` (the index of the best and the worst 27%) −1 to 1; what
    cannot be given is None, as are seconds nobody measured. `timed` counts those whose seconds were measured.
    """

    number: int
    question_id: str
    kind: QuestionKind
    law: str
    stem: str
    key: str
    max_points: float
    n: int
    facility: float | None
    discrimination: float | None
    upper_lower: float | None
    median_seconds: float | None
    timed: int
    blank: int
    options: tuple[OptionAnalysis, ...]


@dataclass(frozen=True)
class Watch:
    """Why one question should be looked at: the reason, and the evidence in words (Chinese)."""

    number: int
    question_id: str
    reason: Reason
    words: str


def select_to_watch(items: tuple[ItemAnalysis, ...]) -> tuple[Watch, ...]:
    """The questions to look at, those with a doubtful key first, then in the paper's order."""
    found = [watch for item in items for watch in _watch(item)]
    return tuple(sorted(found, key=lambda watch: (watch.reason != "key", watch.number)))


def guess_level(item: ItemAnalysis) -> float | None:
    """The facility that blind guessing would give; None for 论述. In 多选 every set of one or more is as likely."""
    if item.kind == "essay" or not item.options:
        return None
    return 1 / (2 ** len(item.options) - 1) if item.kind == "multiple" else 1 / len(item.options)


def _watch(item: ItemAnalysis) -> Iterator[Watch]:
    caution = f"（只有 {item.n} 人作答，不足 {SMALL_SAMPLE} 人，仅供参考）" if item.n < SMALL_SAMPLE else ""
    for reason, words in _reasons(item):
        yield Watch(item.number, item.question_id, reason, words + caution)


def _reasons(item: ItemAnalysis) -> Iterator[tuple[Reason, str]]:
    rival = _find_rival(item)
    if rival:
        yield "key", rival
    if item.facility is None or item.n < LEAST_LEARNERS:
        return
    guess = guess_level(item)
    if guess is not None and item.facility < guess:
        yield "hard", f"太难：难度 {item.facility:.2f}，低于乱猜的 {guess:.2f}。请核对答案、题干和这一课讲清了没有"
    if item.facility >= EASY_FACILITY:
        yield "easy", f"太容易：难度 {item.facility:.2f}，几乎人人得分，分不出高低"
    if item.discrimination is not None and item.discrimination < LEAST_DISCRIMINATION and not rival:
        yield (
            "discrimination",
            f"区分度 {item.discrimination:.2f}，低于 {LEAST_DISCRIMINATION:.2f}：成绩好的人并不更会做这道题，宜修改",
        )
    unused = [option.letter for option in item.options if not option.n and not option.is_key]
    if unused and item.n >= _LEAST_FOR_UNUSED and item.kind in ("single", "multiple"):
        yield "unused", f"选项 {'、'.join(unused)} 没有人选，起不到干扰作用"


def _find_rival(item: ItemAnalysis) -> str | None:
    """In words, the distractor that the best prefer to the key, where the item discriminates the wrong way."""
    if item.discrimination is None or item.discrimination >= 0:
        return None
    keys = [option for option in item.options if option.is_key]
    distractors = [option for option in item.options if not option.is_key]
    if not keys or not distractors:
        return None
    rival = max(distractors, key=lambda option: option.n_upper)
    weakest = min(keys, key=lambda option: option.n_upper)
    if rival.n_upper <= weakest.n_upper:
        return None
    return (
        f"答案可能错了：区分度 {item.discrimination:.2f}，成绩最好的人里有 {rival.n_upper} 人选 {rival.letter}，"
        f"只有 {weakest.n_upper} 人选答案里的 {weakest.letter}。请先核对答案"
    )
