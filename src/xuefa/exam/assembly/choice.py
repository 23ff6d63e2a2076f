"""The choice of items: the blueprint as a mixed-integer programme over classes of items, then a draw from each class.

After van der Linden, Linear Models for Optimal Test Design (2005): parallel forms are chosen all at once. Every
requirement that a bank can miss has slack at a high price, so that what is short is found in the same solution.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xuefa.bank.item import SKILL_NAMES, AnyItem, Kind, Skill
from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.exam.assembly.pool import ItemClass, Pool, law_bounds
from xuefa.exam.assembly.programme import Programme
from xuefa.exam.assembly.shortage import render_item_shortage, render_mean, render_mix_shortage
from xuefa.exam.blueprint import Blueprint

SHORT_ITEM_COST = 100_000
SHORT_MIX_COST = 2_000
"""What a missing item, and one step of difficulty or skill too far, cost: more than all preferences could save.

An item is left out for none of the mixes: it counts as whatever would serve them best, and costs more than that saves.
"""

LAW_POINTS_COST = 20
LAW_COUNT_COST = 5
EXPOSURE_COST = 2
DRAW_COST = 1
"""Preferences: a law's points by half points, its items in a section, earlier uses, nearness to the random draw."""

_LOWEST_DIFFICULTY, _HIGHEST_DIFFICULTY = 1, 5
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Choice:
    """For each form the items of each section, and the relative gap that HiGHS reports."""

    forms: tuple[tuple[tuple[AnyItem, ...], ...], ...]
    gap: float


def choose_items(
    blueprint: Blueprint,
    *,
    bank: Bank,
    pool: Pool,
    forms: int,
    rng: random.Random,
    look: Callable[[], None] = lambda: None,
) -> Choice:
    """The items of every section of every form; raise BadInputError with what is short, and by how much.

    `look` is called again and again during the search; what it raises ends it.
    """
    model = _Model(blueprint, pool=pool, forms=forms, rng=rng)
    solution = model.programme.solve(look=look)
    if findings := model.find_shortages(solution.values, bank):
        raise BadInputError(*findings)
    return Choice(_draw_items(model, solution.values, rng), solution.gap)


def share_out(total: int, weights: Mapping[str, float], *, rng: random.Random) -> dict[str, int]:
    """The total by weight in whole numbers, by largest remainder; ties fall by lot."""
    whole = sum(weights.values())
    exact = {name: total * weight / whole for name, weight in weights.items()}
    shares = {name: math.floor(value + _ROUNDING) for name, value in exact.items()}
    names = sorted(weights)
    rng.shuffle(names)
    names.sort(key=lambda name: round(shares[name] - exact[name], 9))
    for name in names[: total - sum(shares.values())]:
        shares[name] += 1
    return shares


class _Model:
    """The programme and which column means what."""

    def __init__(self, blueprint: Blueprint, *, pool: Pool, forms: int, rng: random.Random) -> None:
        self.blueprint = blueprint
        self.pool = pool
        self.forms = range(forms)
        self.programme = Programme()
        self.uses: dict[tuple[int, int, int], int] = {}
        """Columns: items of (class, section, form)."""
        self.repeats: dict[int, int] = {}
        """Columns: uses of a class's items beyond the first, in other forms."""
        self._counts: dict[tuple[int, str], int] = {}
        self._missing: dict[tuple[int, str, int], int] = {}
        self._mixes: dict[int, tuple[str, str]] = {}
        self._add_counts(rng)
        self._add_classes(rng)
        self._add_difficulty()
        self._add_skills()

    def find_shortages(self, values: Sequence[int], bank: Bank) -> list[Finding]:
        """Everything that the solution leaves unmet: items in the blueprint's order, then difficulty and skills."""
        needed: Counter[tuple[Kind, str]] = Counter()
        short: Counter[tuple[Kind, str]] = Counter()
        for (section, law, _), column in self._missing.items():
            group = (self.blueprint.sections[section].kind, law)
            needed[group] += values[self._counts[section, law]]
            short[group] += values[column]
        findings = [
            render_item_shortage(
                self.blueprint,
                bank=bank,
                kind=kind,
                law=law,
                needed=needed[kind, law],
                short=number,
                avoided=self.pool.avoided.get((kind, law), 0),
            )
            for (kind, law), number in short.items()
            if number
        ]
        worst: Counter[tuple[str, str]] = Counter()
        for column, requirement in self._mixes.items():
            worst[requirement] = max(worst[requirement], values[column])
        findings += [
            render_mix_shortage(self.blueprint, fault, short=steps / self.blueprint.item_count, unit=unit)
            for (fault, unit), steps in worst.items()
            if steps
        ]
        return findings

    def _add_counts(self, rng: random.Random) -> None:
        """How many items of each law a section has: the same in all forms, by weight as nearly as may be."""
        sections, laws = self.blueprint.sections, self.blueprint.laws
        targets = share_out(round(self.blueprint.total_points * 2), laws, rng=rng)
        for number, section in enumerate(sections):
            quotas = share_out(section.count, laws, rng=rng)
            for law in laws:
                fewest, most = law_bounds(self.blueprint, section, law)
                column = self._counts[number, law] = self.programme.add_column(lower=fewest, upper=most)
                self.programme.add_distance([(column, 1)], target=quotas[law], cost=LAW_COUNT_COST)
            counts = [(self._counts[number, law], 1) for law in laws]
            self.programme.add_row(counts, lower=section.count, upper=section.count)
        for law in laws:
            points = [(self._counts[number, law], round(one.points * 2)) for number, one in enumerate(sections)]
            self.programme.add_distance(points, target=targets[law], cost=LAW_POINTS_COST)

    def _add_classes(self, rng: random.Random) -> None:
        """Whence the items come: no class is used up twice over, no twins share a form."""
        programme, pool = self.programme, self.pool
        drawn = self._draw_classes(rng)
        least = min((one.exposure for one in pool.classes), default=0)
        shared = self.blueprint.max_shared_items if len(self.forms) > 1 else 0
        filled: dict[tuple[int, str, int], list[tuple[int, int]]] = defaultdict(list)
        for number, one in enumerate(pool.classes):
            sections = [place for place, section in enumerate(self.blueprint.sections) if section.kind == one.kind]
            cost = EXPOSURE_COST * (one.exposure - least) + (0 if drawn[number] else DRAW_COST)
            for form in self.forms:
                for section in sections:
                    column = self.uses[number, section, form] = programme.add_column(cost=cost, upper=len(one.items))
                    filled[section, one.law, form].append((column, 1))
                if len(sections) > 1:
                    programme.add_row(self._uses_in(number, form), upper=len(one.items))
            every = [term for form in self.forms for term in self._uses_in(number, form)]
            if shared:
                self.repeats[number] = programme.add_column(upper=len(one.items) * (len(self.forms) - 1))
                programme.add_row([*every, (self.repeats[number], -1)], upper=len(one.items))
            else:
                programme.add_row(every, upper=len(one.items))
            if drawn[number]:
                programme.add_distance(every, target=drawn[number], cost=DRAW_COST)
        if shared:
            programme.add_row([(column, 1) for column in self.repeats.values()], upper=shared)
        for (section, law), count in self._counts.items():
            for form in self.forms:
                missing = self._missing[section, law, form] = programme.add_column(cost=SHORT_ITEM_COST)
                programme.add_row([*filled[section, law, form], (missing, 1), (count, -1)], lower=0, upper=0)
        for one_class, other in pool.enemies:
            for form in self.forms:
                programme.add_row([*self._uses_in(one_class, form), *self._uses_in(other, form)], upper=1)

    def _uses_in(self, number: int, form: int) -> list[tuple[int, int]]:
        kind = self.pool.classes[number].kind
        return [
            (self.uses[number, section, form], 1)
            for section, one in enumerate(self.blueprint.sections)
            if one.kind == kind
        ]

    def _draw_classes(self, rng: random.Random) -> Counter[int]:
        """Items of each class in a plain random draw, least used first: what the choice stays near to."""
        wanted: Counter[Kind] = Counter()
        for section in self.blueprint.sections:
            wanted[section.kind] += section.count * len(self.forms)
        drawn: Counter[int] = Counter()
        for kind in sorted(wanted):
            for law, count in share_out(wanted[kind], self.blueprint.laws, rng=rng).items():
                numbers = [
                    number
                    for number, one in enumerate(self.pool.classes)
                    if (one.kind, one.law) == (kind, law)
                    for _ in one.items
                ]
                rng.shuffle(numbers)
                numbers.sort(key=lambda number: self.pool.classes[number].exposure)
                drawn.update(numbers[:count])
        return drawn

    def _add_difficulty(self) -> None:
        sums = [
            [
                *((column, one.difficulty) for column, one in self._chosen_in(form)),
                (self._add_missing_difficulty(form), 1),
            ]
            for form in self.forms
        ]
        tolerance, wanted = self.blueprint.tolerance.difficulty, self.blueprint.difficulty
        self._add_mix(sums, wanted=wanted, tolerance=tolerance, name="平均难度", unit="")

    def _add_skills(self) -> None:
        tolerance, skills = self.blueprint.tolerance.skills, self.blueprint.skills
        missing = [self._add_missing_skills(form) for form in self.forms]
        for skill, name in SKILL_NAMES.items():
            sums = [
                [
                    *((column, 1) for column, one in self._chosen_in(form) if one.skill == skill),
                    (missing[form][skill], 1),
                ]
                for form in self.forms
            ]
            wanted = skills.get(skill, 0) / sum(skills.values()) if skills else None
            self._add_mix(sums, wanted=wanted, tolerance=tolerance, name=f"考“{name}”的题所占比例", unit="%")

    def _add_missing_difficulty(self, form: int) -> int:
        """The sum of difficulties of the missing items, as if each had whichever serves best."""
        column, missing = self.programme.add_column(), self._missing_in(form)
        self.programme.add_row([(column, 1), *((one, -_LOWEST_DIFFICULTY) for one in missing)], lower=0)
        self.programme.add_row([(column, 1), *((one, -_HIGHEST_DIFFICULTY) for one in missing)], upper=0)
        return column

    def _add_missing_skills(self, form: int) -> dict[Skill, int]:
        """How many of the missing items count for each skill, as if each had whichever serves best."""
        columns = {skill: self.programme.add_column() for skill in SKILL_NAMES}
        terms = [(column, 1) for column in columns.values()]
        self.programme.add_row([*terms, *((one, -1) for one in self._missing_in(form))], lower=0, upper=0)
        return columns

    def _missing_in(self, form: int) -> list[int]:
        return [column for (_, _, one), column in self._missing.items() if one == form]

    def _chosen_in(self, form: int) -> list[tuple[int, ItemClass]]:
        return [(column, self.pool.classes[number]) for (number, _, one), column in self.uses.items() if one == form]

    def _add_mix(
        self, sums: Sequence[list[tuple[int, int]]], *, wanted: float | None, tolerance: float, name: str, unit: str
    ) -> None:
        """Hold a mean over the items near to what is wanted, and near to that of the other forms."""
        items, programme = self.blueprint.item_count, self.programme
        if wanted is not None:
            lower = math.ceil((wanted - tolerance) * items - _ROUNDING)
            upper = math.floor((wanted + tolerance) * items + _ROUNDING)
            fault = f"{name}要 {render_mean(wanted, unit)}（允许相差 {render_mean(tolerance, unit)}）"
            for terms in sums:
                under, over = self._slack(f"{fault}，凑不到这么高", unit), self._slack(f"{fault}，凑不到这么低", unit)
                programme.add_row([*terms, (under, 1)], lower=lower)
                programme.add_row([*terms, (over, -1)], upper=upper)
        if len(sums) > 1:
            least = programme.add_column()
            fault = f"各卷{name}最多相差 {render_mean(tolerance, unit)}"
            for terms in sums:
                over = self._slack(fault, unit)
                programme.add_row([*terms, (least, -1)], lower=0)
                programme.add_row([*terms, (least, -1), (over, -1)], upper=math.floor(tolerance * items + _ROUNDING))

    def _slack(self, fault: str, unit: str) -> int:
        column = self.programme.add_column(cost=SHORT_MIX_COST)
        self._mixes[column] = (fault, unit)
        return column


def _draw_items(
    model: _Model, values: Sequence[int], rng: random.Random
) -> tuple[tuple[tuple[AnyItem, ...], ...], ...]:
    """Deal the items of each class to the forms in turn: none comes twice in a form; sections are in random order."""
    sections = range(len(model.blueprint.sections))
    chosen: dict[tuple[int, int], list[AnyItem]] = {(form, section): [] for form in model.forms for section in sections}
    dealt: Counter[int] = Counter()
    for (number, section, form), column in sorted(model.uses.items(), key=lambda entry: (entry[0][2], entry[0])):
        items = model.pool.classes[number].items
        for _ in range(values[column]):
            chosen[form, section].append(items[dealt[number] % len(items)])
            dealt[number] += 1
    for part in chosen.values():
        rng.shuffle(part)
    return tuple(tuple(tuple(chosen[form, section]) for section in sections) for form in model.forms)
