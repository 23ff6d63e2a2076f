"""How long parallel forms take to set by HiGHS: 2 forms of 80 items from 800, 4 forms of 100 from 20,000.

The banks are made up in the real bank's proportions, the same on every run: each item has law, kind, difficulty, skill
and length of a real one; one in twenty is a near twin of another; earlier papers have used some items up to several
times. Timed is the whole assembly, the search for twins in it. The last line is JSON: {"seconds_800_2x80",
"seconds_20000_4x100", "gap"}; `gap` is the larger of the two relative gaps that HiGHS proves (0 = nothing better).
"""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date
from pathlib import Path
from time import perf_counter

from xuefa.bank.item import AnyItem, CaseItem, EssayItem, JudgeItem, Kind, MultipleItem, SingleItem
from xuefa.bank.reader import Bank, read_bank
from xuefa.bank.twins import select_twin_items
from xuefa.exam.assembly import Assembly, assemble
from xuefa.exam.assembly.papers import set_form
from xuefa.exam.blueprint import Blueprint, Section, Tolerance, read_blueprint
from xuefa.exam.paper import Paper

PROJECT = Path(__file__).parents[1]
TWIN_SHARE = 0.05
HELD_ON = date(2022, 11, 20)
FIRST_CHARACTER, CHARACTERS = 0x4E00, 1500


def make_bank(real: Bank, *, count: int) -> Bank:
    """That many active items, each in the likeness of one of the real bank's."""
    rng = random.Random(count)  # noqa: S311  made-up test data
    models = list(real.select())
    numbers: Counter[str] = Counter()
    items: list[AnyItem] = []
    last: dict[tuple[str, Kind], AnyItem] = {}
    while len(items) < count:
        rng.shuffle(models)
        for model in models[: count - len(items)]:
            numbers[model.law_slug] += 1
            twin = last.get((model.law_slug, model.kind)) if rng.random() < TWIN_SHARE else None
            item = _make_item(model, f"{model.law_slug}-{numbers[model.law_slug]:04d}", twin=twin, rng=rng)
            last[model.law_slug, model.kind] = item
            items.append(item)
    return Bank(catalogue=real.catalogue, items=tuple(items), places={item.id: item.id for item in items})


def make_blueprint(**counts: int) -> Blueprint:
    """Sections of these kinds over the laws of the 济宁 profile, of a wanted difficulty and mix of skills."""
    profile = read_blueprint(PROJECT / "grading" / "blueprints" / "jining.yaml")
    points = {"single": 1, "multiple": 2, "judge": 1, "case": 10, "essay": 10}
    sections = tuple(
        Section.model_validate({"title": kind, "kind": kind, "count": count, "points": points[kind]})
        for kind, count in counts.items()
    )
    return profile.model_copy(
        update={
            "sections": sections,
            "difficulty": 2.7,
            "skills": {"recall": 2.0, "understand": 3.0, "apply": 5.0},
            "tolerance": Tolerance(difficulty=0.05, skills=0.05),
        }
    )


def make_earlier(blueprint: Blueprint, *, bank: Bank, papers: int) -> tuple[Paper, ...]:
    """Papers that were set before, their items drawn blindly."""
    rng = random.Random(papers)  # noqa: S311  made-up test data
    by_kind: dict[Kind, list[AnyItem]] = {}
    for item in bank.items:
        by_kind.setdefault(item.kind, []).append(item)
    return tuple(
        set_form(
            blueprint,
            [rng.sample(by_kind[section.kind], section.count) for section in blueprint.sections],
            digest="",
            paper_id=f"earlier-{number}",
            held_on=HELD_ON,
            seed=number,
            blueprint_name="earlier",
        )
        for number in range(papers)
    )


def main() -> None:
    real = read_bank(PROJECT / "question_bank")
    small_plan = make_blueprint(single=40, multiple=20, judge=20)
    large_plan = make_blueprint(single=45, multiple=25, judge=20, case=8, essay=2)
    small, small_s = _time(make_bank(real, count=800), small_plan, forms=2, papers=6)
    large, large_s = _time(make_bank(real, count=20_000), large_plan, forms=4, papers=60)
    print(f"800 题组 2 份 80 题的卷 {small_s:.2f} 秒；20000 题组 4 份 100 题的卷 {large_s:.2f} 秒")
    print(f"题库大 25 倍，用时是 {large_s / small_s:.1f} 倍")
    print(
        json.dumps(
            {
                "seconds_800_2x80": round(small_s, 3),
                "seconds_20000_4x100": round(large_s, 3),
                "gap": max(small.gap, large.gap),
            }
        )
    )


def _time(bank: Bank, blueprint: Blueprint, *, forms: int, papers: int) -> tuple[Assembly, float]:
    earlier = make_earlier(blueprint, bank=bank, papers=papers)
    used = Counter(item_id for paper in earlier for item_id in {one.item_id for one in paper.questions})
    twins = select_twin_items(bank.items)
    print(f"{len(bank.items)} 题，{len(twins)} 对近似题，用过的 {len(used)} 题，最多用过 {max(used.values())} 次")
    paper_ids = [f"p{number}" for number in range(forms)]
    started = perf_counter()
    assembly = assemble(blueprint, bank=bank, paper_ids=paper_ids, held_on=HELD_ON, seed=1, earlier=earlier)
    return assembly, perf_counter() - started


def _make_item(model: AnyItem, item_id: str, *, twin: AnyItem | None, rng: random.Random) -> AnyItem:
    """An item with all of the model that an assembly weighs, and words of its own, or nearly those of its twin."""
    stem = twin.stem[:-2] + _make_words(2, rng) if twin else _make_words(len(model.stem), rng)
    fields = {**model.model_dump(), "id": item_id, "stem": stem}
    if isinstance(model, CaseItem):
        asked = twin.questions if isinstance(twin, CaseItem) else model.questions
        parts = [part.model_dump() for part in asked]
        if twin is None:
            parts = [
                {**part, "stem": _make_words(len(part["stem"]), rng), "evidence": (_make_words(8, rng),)}
                for part in parts
            ]
        return CaseItem.model_validate({**fields, "questions": parts})
    fields["evidence"] = (_make_words(8, rng),)
    kinds: dict[Kind, type[SingleItem | MultipleItem | JudgeItem | EssayItem]] = {
        "single": SingleItem,
        "multiple": MultipleItem,
        "judge": JudgeItem,
        "essay": EssayItem,
    }
    return kinds[model.kind].model_validate(fields)


def _make_words(length: int, rng: random.Random) -> str:
    return "".join(chr(FIRST_CHARACTER + rng.randrange(CHARACTERS)) for _ in range(length))


if __name__ == "__main__":
    main()
