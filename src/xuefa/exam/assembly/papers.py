"""Turns chosen items into a paper: the points of each question, and what the paper records of its making."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from xuefa.bank.item import AnyItem, CaseItem, questions_of
from xuefa.bank.reader import Bank
from xuefa.exam.blueprint import Blueprint, Section
from xuefa.exam.paper import Paper, PaperQuestion, PaperSection


def set_form(
    blueprint: Blueprint,
    items: Sequence[Sequence[AnyItem]],
    *,
    digest: str,
    paper_id: str,
    held_on: date,
    seed: int,
    blueprint_name: str,
) -> Paper:
    """The paper of these items, section by section; `digest` is that of their bank."""
    return Paper(
        paper_id=paper_id,
        title=blueprint.title,
        held_on=held_on,
        duration_minutes=blueprint.duration_minutes,
        pass_score=blueprint.pass_score,
        excellent_score=blueprint.excellent_score,
        blueprint=blueprint_name,
        blueprint_digest=blueprint.digest,
        bank_digest=digest,
        seed=seed,
        attempts=blueprint.attempts,
        shuffle=blueprint.shuffle,
        sections=tuple(
            _set_section(section, chosen) for section, chosen in zip(blueprint.sections, items, strict=True)
        ),
    )


def place_form(paper: Paper, *, form: str, makeup_of: Paper | None) -> Paper:
    """The paper as form A, B … (empty: the only one), and as the next attempt after `makeup_of`; its title says so."""
    title = paper.title + ("（补考）" if makeup_of else "") + (f"（{form}卷）" if form else "")
    placed = paper.model_copy(update={"title": title, "form": form})
    if not makeup_of:
        return placed
    attempts = {"attempt": makeup_of.attempt + 1, "attempts": makeup_of.attempts, "makeup_of": makeup_of.paper_id}
    return placed.model_copy(update=attempts)


def bank_digest(bank: Bank) -> str:
    """Twelve hexadecimal digits over ids, versions and states of all items."""
    lines = (f"{item.id} {item.version} {item.status}\n" for item in bank.items)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


def split_points(points: float, *, parts: int) -> tuple[float, ...]:
    """Share points among the sub-questions of a case in halves, the first ones getting what is over."""
    halves = round(points * 2)
    each, over = divmod(halves, parts)
    return tuple((each + (number < over)) / 2 for number in range(parts))


def _set_section(section: Section, items: Sequence[AnyItem]) -> PaperSection:
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
