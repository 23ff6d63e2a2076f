"""Near twins: pairs of questions that ask the same thing, found without comparing every two of them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from xuefa.bank.checks import normalise
from xuefa.bank.item import AnyItem, Question, questions_in

TWIN_LIKENESS = 0.72
"""Two stems are near twins if they share that much of their two-character pieces (Jaccard index)."""

_ROUNDING = 1e-9


def find_near_twins(items: Sequence[AnyItem]) -> list[tuple[Question, Question]]:
    """Pairs of questions of different items that ask the same thing: like stems, or one article and evidence.

    Each pair and the list are in the order of the items. Two sets of pieces that are alike share one of their rarest
    pieces, so only questions that do are compared (prefix filtering: Chaudhuri, Ganti, Kaushik, A primitive operator
    for similarity joins, ICDE 2006).
    """
    questions = list(questions_in(tuple(items)))
    alike = {*_same_ground(questions), *_like_stems([_pieces(question) for question in questions])}
    pairs = ((questions[one], questions[other]) for one, other in sorted(alike))
    return [(one, other) for one, other in pairs if one.item.id != other.item.id]


def select_twin_items(items: Sequence[AnyItem]) -> frozenset[tuple[str, str]]:
    """Pairs of ids (in order) of items of which some questions are near twins."""
    pairs = ((one.item.id, other.item.id) for one, other in find_near_twins(items))
    return frozenset((min(pair), max(pair)) for pair in pairs)


def _same_ground(questions: Sequence[Question]) -> Iterator[tuple[int, int]]:
    by_ground: dict[object, list[int]] = defaultdict(list)
    for number, question in enumerate(questions):
        by_ground[question.item.law_slug, question.citations, frozenset(question.evidence)].append(number)
    for numbers in by_ground.values():
        yield from combinations(numbers, 2)


def _like_stems(pieces: Sequence[frozenset[str]]) -> Iterator[tuple[int, int]]:
    frequency = Counter(piece for one in pieces for piece in one)
    seen: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(pieces):
        rarest = sorted(one, key=lambda piece: (frequency[piece], piece))
        prefix = rarest[: len(one) - math.ceil(TWIN_LIKENESS * len(one) - _ROUNDING) + 1]
        candidates = {other for piece in prefix for other in seen[piece]}
        for other in candidates:
            shared = len(one & pieces[other])
            if shared >= TWIN_LIKENESS * (len(one) + len(pieces[other]) - shared) - _ROUNDING:
                yield other, number
        for piece in prefix:
            seen[piece].append(number)


def _pieces(question: Question) -> frozenset[str]:
    text = normalise(question.stem)
    return frozenset(text[start : start + 2] for start in range(len(text) - 1))
