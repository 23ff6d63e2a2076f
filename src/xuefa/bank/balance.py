"""Checks the bank as a whole: enough items of each kind, keys evenly spread, nothing asked twice.

The measures hold for each module (all its laws together); twins are looked for within each law.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from xuefa.bank.item import KIND_NAMES, AnyItem, CaseItem, Kind, Question, questions_in
from xuefa.bank.reader import Bank
from xuefa.bank.twins import find_near_twins
from xuefa.errors import Finding
from xuefa.laws.catalogue import Law

ITEMS_WANTED = 60
ITEMS_WANTED_OF_A_DOCUMENT = 40
"""A policy document (文件) has no official text at hand that could prove its items; it is asked about less."""

ESSAYS_WANTED = 2
KIND_SHARES: dict[Kind, tuple[float, float]] = {"single": (0.34, 0.48), "multiple": (0.20, 0.30), "judge": (0.15, 0.25)}
APPLY_SHARE = 0.30
KEY_SHARE = (0.15, 0.35)
TRUE_SHARE = (0.35, 0.65)
LONGEST_KEY_SHARE = 0.40


def check_balance(bank: Bank) -> list[Finding]:
    """Everything in which the active items of a module are too few, lopsided or doubled."""
    findings: list[Finding] = []
    modules = sorted({law.module for law in bank.catalogue})
    for module in modules:
        laws = bank.catalogue.in_module(module)
        items = bank.select(laws=tuple(law.slug for law in laws))
        if items:
            findings += _check_module(f"题库 第 {module:02d} 课", laws, items)
    for law in bank.catalogue:
        findings += _check_twins(bank, bank.select(laws=(law.slug,)))
    return findings


def _check_module(place: str, laws: Sequence[Law], items: Sequence[AnyItem]) -> Iterator[Finding]:
    wanted = ITEMS_WANTED_OF_A_DOCUMENT if all(law.kind == "文件" for law in laws) else ITEMS_WANTED
    if len(items) < wanted:
        yield Finding(place, f"在用的题只有 {len(items)} 道", f"至少要有 {wanted} 道，请补足")
    yield from _check_kinds(place, laws, items)
    apply = sum(item.skill == "apply" for item in items)
    if apply < APPLY_SHARE * len(items):
        yield Finding(place, f"考应用的题只有 {apply} 道，共 {len(items)} 道", f"至少要占 {APPLY_SHARE:.0%}")
    levels = {item.difficulty for item in items}
    if missing := sorted(set(range(1, 6)) - levels):
        yield Finding(place, f"没有难度 {'、'.join(map(str, missing))} 的题", "难度 1 至 5 都要有")
    questions = list(questions_in(tuple(items)))
    yield from _check_keys(place, [question for question in questions if question.kind == "single"])
    judged = [question.key for question in questions if question.kind == "judge"]
    if judged and not TRUE_SHARE[0] <= judged.count("T") / len(judged) <= TRUE_SHARE[1]:
        yield Finding(place, f"判断题 {len(judged)} 道中正确的有 {judged.count('T')} 道", "正确和错误应当各占一半左右")


def _check_kinds(place: str, laws: Sequence[Law], items: Sequence[AnyItem]) -> Iterator[Finding]:
    kinds = Counter(item.kind for item in items)
    for kind, (least, most) in KIND_SHARES.items():
        if not least <= kinds[kind] / len(items) <= most:
            yield Finding(
                place,
                f"{KIND_NAMES[kind]}题 {kinds[kind]} 道，占 {kinds[kind] / len(items):.0%}",
                f"应当占 {least:.0%} 至 {most:.0%}",
            )
    if not any(isinstance(item, CaseItem) for item in items):
        yield Finding(place, "没有案例题", "请补上")
    for law in laws:
        essays = sum(item.kind == "essay" and item.law_slug == law.slug for item in items)
        if essays < ESSAYS_WANTED:
            yield Finding(f"{place} {law.name}", f"论述题只有 {essays} 道", f"至少要有 {ESSAYS_WANTED} 道")


def _check_keys(place: str, singles: Sequence[Question]) -> Iterator[Finding]:
    keys = Counter(question.key for question in singles)
    for letter in "ABCD":
        if singles and not KEY_SHARE[0] <= keys[letter] / len(singles) <= KEY_SHARE[1]:
            yield Finding(
                place,
                f"单选答案 {letter} 有 {keys[letter]} 道，占 {keys[letter] / len(singles):.0%}",
                f"A 至 D 应当各占 {KEY_SHARE[0]:.0%} 至 {KEY_SHARE[1]:.0%}，请调换选项次序",
            )
    longest = sum(_key_is_longest(question) for question in singles)
    if longest > LONGEST_KEY_SHARE * len(singles):
        yield Finding(
            place,
            f"单选题 {len(singles)} 道中，答案是最长选项的有 {longest} 道",
            f"不应超过 {LONGEST_KEY_SHARE:.0%}，请把干扰项写得一样完整，或者把答案写短",
        )


def _check_twins(bank: Bank, items: Sequence[AnyItem]) -> Iterator[Finding]:
    for one, other in find_near_twins(items):
        yield Finding(
            bank.places[other.item.id],
            f"{other.question_id} 与 {one.question_id} 问的几乎是同一件事",
            "请改问别的，或者停用其中一道",
        )


def _key_is_longest(question: Question) -> bool:
    key = len(question.options[question.key])
    return all(len(text) < key for letter, text in question.options.items() if letter != question.key)
