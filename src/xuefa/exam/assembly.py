"""Assembly (组卷): a seeded choice of items that meets a blueprint's counts and spreads over its laws by weight."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from datetime import date

from xuefa.bank.item import KIND_NAMES, AnyItem, CaseItem, Kind, questions_of
from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.exam.blueprint import Blueprint, Section
from xuefa.exam.names import require_paper_id
from xuefa.exam.paper import Paper, PaperQuestion, PaperSection

_Pool = dict[str, list[AnyItem]]


def assemble_paper(
    blueprint: Blueprint,
    *,
    bank: Bank,
    paper_id: str,
    held_on: date,
    seed: int,
    title: str | None = None,
    blueprint_name: str = "",
) -> Paper:
    """Choose items for every section of the blueprint; the same bank, blueprint and seed give the same paper.

    No item stands in it twice. Raises BadInputError if the bank has no such law, or too few items: the findings name
    each short section, what it needs and what there is.
    """
    require_paper_id(paper_id)
    _require_known_laws(blueprint, bank)
    _require_enough_items(blueprint, bank)
    rng = random.Random(seed)  # noqa: S311  a paper is repeatable from its seed; nothing secret hangs on it
    pools: dict[Kind, _Pool] = {}
    owed: dict[str, float] = defaultdict(float)
    sections = []
    for section in blueprint.sections:
        pool = pools.setdefault(section.kind, _shuffled_pool(section.kind, blueprint=blueprint, bank=bank, rng=rng))
        items = _select_items(section, pool=pool, laws=blueprint.laws, owed=owed)
        rng.shuffle(items)
        sections.append(_set_section(section, items))
    return Paper(
        paper_id=paper_id,
        title=title or blueprint.title,
        held_on=held_on,
        duration_minutes=blueprint.duration_minutes,
        pass_score=blueprint.pass_score,
        excellent_score=blueprint.excellent_score,
        blueprint=blueprint_name or blueprint.title,
        blueprint_digest=blueprint.digest,
        bank_digest=bank_digest(bank),
        seed=seed,
        sections=tuple(sections),
    )


def bank_digest(bank: Bank) -> str:
    """Twelve hexadecimal digits over ids, versions and states of all items."""
    lines = (f"{item.id} {item.version} {item.status}\n" for item in bank.items)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


def split_points(points: float, *, parts: int) -> tuple[float, ...]:
    """Share points among the sub-questions of a case in halves, the first ones getting what is over."""
    halves = round(points * 2)
    each, over = divmod(halves, parts)
    return tuple((each + (number < over)) / 2 for number in range(parts))


def _require_known_laws(blueprint: Blueprint, bank: Bank) -> None:
    strangers = [slug for slug in blueprint.laws if slug not in bank.catalogue]
    if strangers:
        raise BadInputError(
            *(
                Finding(f"组卷方案“{blueprint.title}”", f"laws.yaml 里没有“{slug}”", "请改成目录里的代号")
                for slug in strangers
            )
        )


def _require_enough_items(blueprint: Blueprint, bank: Bank) -> None:
    needed: dict[Kind, int] = defaultdict(int)
    findings = []
    for section in blueprint.sections:
        needed[section.kind] += section.count
        available = sum(item.kind == section.kind for item in bank.select(laws=tuple(blueprint.laws)))
        left = available - (needed[section.kind] - section.count)
        if left < section.count:
            findings.append(
                Finding(
                    f"组卷方案“{blueprint.title}”的“{section.title}”",
                    f"需要{KIND_NAMES[section.kind]}题 {section.count} 道，题库里可用的只有 {max(left, 0)} 道",
                    "请减少题数，增加法律，或者先补充题库",
                )
            )
    if findings:
        raise BadInputError(*findings)


def _shuffled_pool(kind: Kind, *, blueprint: Blueprint, bank: Bank, rng: random.Random) -> _Pool:
    pool: _Pool = {}
    for slug in blueprint.laws:
        pool[slug] = [item for item in bank.select(laws=(slug,)) if item.kind == kind]
        rng.shuffle(pool[slug])
    return pool


def _select_items(section: Section, *, pool: _Pool, laws: dict[str, float], owed: dict[str, float]) -> list[AnyItem]:
    """Take items one by one from the law that the paper owes most points; a law that has run out is passed over."""
    total_weight = sum(laws.values())
    items = []
    for _ in range(section.count):
        for slug, weight in laws.items():
            owed[slug] += section.points * weight / total_weight
        slug = max((slug for slug in laws if pool[slug]), key=lambda slug: owed[slug])
        owed[slug] -= section.points
        items.append(pool[slug].pop())
    return items


def _set_section(section: Section, items: list[AnyItem]) -> PaperSection:
    questions = []
    for item in items:
        parts = questions_of(item)
        shares = split_points(section.points, parts=len(parts)) if isinstance(item, CaseItem) else (section.points,)
        questions += [
            PaperQuestion(
                question_id=part.question_id,
                item_version=item.version,
                kind=part.kind,
                story=part.story,
                stem=part.stem,
                options=part.options,
                points=points,
            )
            for part, points in zip(parts, shares, strict=True)
        ]
    return PaperSection(
        title=section.title,
        kind=section.kind,
        rule=section.rule,
        subset_ratio=section.subset_ratio,
        option_points=section.option_points,
        deduction_points=section.deduction_points,
        questions=tuple(questions),
    )
