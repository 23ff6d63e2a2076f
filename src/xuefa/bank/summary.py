"""Counts of the bank's items by law, kind, difficulty and skill."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from xuefa.bank.item import AnyItem, Kind, Skill
from xuefa.bank.reader import Bank
from xuefa.laws.catalogue import Law


@dataclass(frozen=True)
class BankSummary:
    """How many active items one law has (`law` is None for all laws together)."""

    law: Law | None
    items: int
    by_kind: Counter[Kind]
    by_difficulty: Counter[int]
    by_skill: Counter[Skill]


def summarise_bank(bank: Bank) -> tuple[BankSummary, ...]:
    """One summary per law that has active items, in the catalogue's order, and one of them all at the end."""
    summaries = [
        _summarise(bank.select(laws=(law.slug,)), law=law) for law in bank.catalogue if bank.select(laws=(law.slug,))
    ]
    return (*summaries, _summarise(bank.select(), law=None))


def _summarise(items: tuple[AnyItem, ...], *, law: Law | None) -> BankSummary:
    return BankSummary(
        law=law,
        items=len(items),
        by_kind=Counter(item.kind for item in items),
        by_difficulty=Counter(item.difficulty for item in items),
        by_skill=Counter(item.skill for item in items),
    )
