"""Assembly (组卷): a seeded choice of items, by a mixed-integer programme, for any number of parallel forms."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.exam.assembly.choice import choose_items
from xuefa.exam.assembly.papers import bank_digest, place_form, set_form, split_points
from xuefa.exam.assembly.pool import make_pool, select_recent
from xuefa.exam.blueprint import Blueprint
from xuefa.exam.names import require_paper_id
from xuefa.exam.paper import Paper

__all__ = ["Assembly", "assemble", "bank_digest", "split_points"]

FORM_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Assembly:
    """The papers, and the relative gap that HiGHS reports for the choice (0 = proven best)."""

    papers: tuple[Paper, ...]
    gap: float


def assemble(
    blueprint: Blueprint,
    *,
    bank: Bank,
    paper_ids: Sequence[str],
    held_on: date,
    seed: int,
    earlier: Sequence[Paper] = (),
    makeup_of: Paper | None = None,
    look: Callable[[], None] = lambda: None,
) -> Assembly:
    """Choose the items of as many parallel forms as there are ids; the same arguments give the same papers.

    All forms have equal points and the same number of items of each kind and law; mean difficulty and shares of skills
    differ by no more than the blueprint's tolerance. No item stands in two forms (or `max_shared_items` do), no near
    twins in one form. Of `earlier` (the course's papers, the oldest first) the last `avoid_last_papers` are avoided,
    and items used less are preferred; a 补考 (`makeup_of`) avoids every paper of its exam. Several forms are named A,
    B … `look` is called again and again during the search for the best choice; what it raises ends it.

    Raises BadInputError if a law is unknown, the 补考 is one too many, or the bank cannot meet the blueprint: the
    findings name each requirement that is short, and by how much.
    """
    for paper_id in paper_ids:
        require_paper_id(paper_id)
    _require_known_laws(blueprint, bank)
    if makeup_of:
        _require_attempt_left(makeup_of)
    rng = random.Random(seed)  # noqa: S311  a paper is repeatable from its seed; nothing secret hangs on it
    avoided = select_recent(earlier, papers=blueprint.avoid_last_papers, makeup_of=makeup_of)
    pool = make_pool(blueprint, bank=bank, forms=len(paper_ids), earlier=earlier, avoided=avoided, rng=rng)
    choice = choose_items(blueprint, bank=bank, pool=pool, forms=len(paper_ids), rng=rng, look=look)
    digest = bank_digest(bank)
    papers = []
    for number, (paper_id, items) in enumerate(zip(paper_ids, choice.forms, strict=True)):
        paper = set_form(
            blueprint,
            items,
            digest=digest,
            paper_id=paper_id,
            held_on=held_on,
            seed=seed,
            blueprint_name=blueprint.title,
        )
        papers.append(place_form(paper, form=FORM_LETTERS[number] if len(paper_ids) > 1 else "", makeup_of=makeup_of))
    return Assembly(tuple(papers), choice.gap)


def _require_known_laws(blueprint: Blueprint, bank: Bank) -> None:
    findings = [
        Finding(f"组卷方案“{blueprint.title}”", f"laws.yaml 里没有“{slug}”", "请改成目录里的代号")
        for slug in blueprint.laws
        if slug not in bank.catalogue
    ]
    if findings:
        raise BadInputError(*findings)


def _require_attempt_left(previous: Paper) -> None:
    if previous.attempt >= previous.attempts:
        others = "还有人没有考满的，请改选这次考试的第一份卷；" if previous.attempt > 1 else ""
        raise BadInputError(
            Finding(
                f"试卷 {previous.paper_id}",
                f"按它的方案一共考 {previous.attempts} 次，这已经是第 {previous.attempt} 次，不能再补考",
                f"{others}确要人人再考的，先在组卷方案里改 attempts，再从头组卷",
            )
        )
