"""The items that an assembly may use, in classes of items that are equal to it, and how often each was used."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from xuefa.bank.item import AnyItem, Kind, Skill
from xuefa.bank.reader import Bank
from xuefa.bank.twins import select_twin_items
from xuefa.exam.blueprint import Blueprint, Section
from xuefa.exam.paper import Paper, select_exam_papers

LAW_LEEWAY_ITEMS = 1
"""How far a law's items in a section may lie from its share (rounded either way) before the law counts as short."""

_ROUNDING = 1e-9


@dataclass(frozen=True)
class ItemClass:
    """Items that are equal in all that the programme weighs, in seeded order; an item with a twin is a class alone."""

    kind: Kind
    law: str
    difficulty: int
    skill: Skill
    exposure: int
    items: tuple[AnyItem, ...]


@dataclass(frozen=True)
class Pool:
    """The classes, pairs of classes that are near twins, and how many items were left out as used lately, by law."""

    classes: tuple[ItemClass, ...]
    enemies: tuple[tuple[int, int], ...]
    avoided: Mapping[tuple[Kind, str], int]


def make_pool(
    blueprint: Blueprint,
    *,
    bank: Bank,
    forms: int,
    earlier: Sequence[Paper],
    avoided: frozenset[str],
    rng: random.Random,
) -> Pool:
    """The active items of the blueprint's laws and kinds, without those to be avoided.

    Of a sort of which there are more than so many forms could ever use, only the least used ones are taken: the others
    could improve nothing.
    """
    kinds = {section.kind for section in blueprint.sections}
    fitting = [item for item in bank.select(laws=tuple(blueprint.laws)) if item.kind in kinds]
    items = [item for item in fitting if item.id not in avoided]
    rng.shuffle(items)
    exposure = Counter(item_id for paper in earlier for item_id in _item_ids(paper))
    items, twins = _select_useful(items, exposure=exposure, most=_most_items(blueprint, forms=forms))
    loners = {item_id for pair in twins for item_id in pair}
    members: dict[tuple[Kind, str, int, Skill, int, str], list[AnyItem]] = defaultdict(list)
    for item in items:
        alone = item.id if item.id in loners else ""
        members[item.kind, item.law_slug, item.difficulty, item.skill, exposure[item.id], alone].append(item)
    classes = tuple(ItemClass(*key[:5], items=tuple(members[key])) for key in sorted(members))
    place = {one.items[0].id: number for number, one in enumerate(classes)}
    return Pool(
        classes=classes,
        enemies=tuple((place[one], place[other]) for one, other in twins),
        avoided=Counter((item.kind, item.law_slug) for item in fitting if item.id in avoided),
    )


def law_bounds(blueprint: Blueprint, section: Section, law: str) -> tuple[int, int]:
    """The fewest and the most items of a law in a section: its share rounded down or up, and `LAW_LEEWAY_ITEMS`."""
    share = section.count * blueprint.laws[law] / sum(blueprint.laws.values())
    least, most = math.floor(share + _ROUNDING) - LAW_LEEWAY_ITEMS, math.ceil(share - _ROUNDING) + LAW_LEEWAY_ITEMS
    return max(0, least), min(section.count, most)


def _most_items(blueprint: Blueprint, *, forms: int) -> Counter[tuple[Kind, str]]:
    """How many items of a kind and law all forms together can use."""
    most: Counter[tuple[Kind, str]] = Counter()
    for section in blueprint.sections:
        for law in blueprint.laws:
            most[section.kind, law] += law_bounds(blueprint, section, law)[1] * forms
    return most


def _select_useful(
    items: Sequence[AnyItem], *, exposure: Mapping[str, int], most: Mapping[tuple[Kind, str], int]
) -> tuple[list[AnyItem], list[tuple[str, str]]]:
    """Of each sort (kind, law, difficulty, skill) the least used items up to `most` without a twin; and the twins."""
    sorts: dict[tuple[Kind, str, int, Skill], list[AnyItem]] = defaultdict(list)
    for item in sorted(items, key=lambda one: exposure[one.id]):
        sorts[item.kind, item.law_slug, item.difficulty, item.skill].append(item)
    reach = {sort: most[sort[:2]] for sort in sorts}
    while True:
        taken = {sort: group[: reach[sort]] for sort, group in sorts.items()}
        useful = [item for group in taken.values() for item in group]
        twins = sorted(select_twin_items(useful))
        twinned = {item_id for pair in twins for item_id in pair}
        short = [
            sort
            for sort, group in sorts.items()
            if reach[sort] < len(group) and sum(one.id not in twinned for one in taken[sort]) < most[sort[:2]]
        ]
        if not short:
            return useful, twins
        for sort in short:
            reach[sort] *= 2


def select_recent(earlier: Sequence[Paper], *, papers: int, makeup_of: Paper | None) -> frozenset[str]:
    """Ids of the items of the last papers (the forms of one count as one), and of all papers of the exam of a 补考."""
    settings = [list(forms) for _, forms in groupby(earlier, key=_setting)]
    recent = [paper for forms in settings[len(settings) - min(papers, len(settings)) :] for paper in forms]
    if makeup_of:
        recent += select_exam_papers(makeup_of, papers=earlier)
    return frozenset(item_id for paper in recent for item_id in _item_ids(paper))


def _setting(paper: Paper) -> tuple[str, str]:
    return (str(paper.held_on), paper.paper_id.removesuffix(f"-{paper.form}") if paper.form else paper.paper_id)


def _item_ids(paper: Paper) -> set[str]:
    return {question.item_id for question in paper.questions}
