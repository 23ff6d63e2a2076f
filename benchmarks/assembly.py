"""How long parallel forms take to set by HiGHS: 2 forms of 80 items from 800, 4 forms of 100 from 20,000.

The bank is made up, the same on every run. The last line is JSON: {"seconds_800_2x80", "seconds_20000_4x100", "gap"};
`gap` is the larger of the two relative gaps that HiGHS reports (0 = proven best).
"""

from __future__ import annotations

import json
import random
from datetime import date
from time import perf_counter

from xuefa.bank.item import AnyItem, JudgeItem, Kind, MultipleItem, SingleItem, Skill
from xuefa.bank.reader import Bank
from xuefa.exam.assembly import Assembly, assemble
from xuefa.exam.blueprint import Blueprint, Section
from xuefa.laws.catalogue import Catalogue, Law

LAWS = ("jia", "yi", "bing", "ding", "wu")
SKILLS: tuple[Skill, ...] = ("recall", "understand", "apply")
STEM_LENGTH = 30
FIRST_CHARACTER, CHARACTERS = 0x4E00, 1500


def make_bank(count: int) -> Bank:
    """That many items over five laws: two in five 单选, one 多选, two 判断; stems are random characters."""
    rng = random.Random(count)  # noqa: S311  made-up test data
    laws = tuple(
        Law(
            slug=slug,
            title=f"{slug}法",
            short_title=f"{slug}法",
            kind="法律",
            issuer="测试",
            edition=date(2020, 1, 1),
            in_force_from=date(2020, 1, 1),
            module=number,
        )
        for number, slug in enumerate(LAWS, start=1)
    )
    items = tuple(_make_item(number, rng) for number in range(count))
    return Bank(catalogue=Catalogue(laws), items=items, places={item.id: item.id for item in items})


def make_blueprint(*, single: int, multiple: int, judge: int) -> Blueprint:
    counts: dict[Kind, int] = {"single": single, "multiple": multiple, "judge": judge}
    sections = tuple(
        Section(title=kind, kind=kind, count=count, points=2 if kind == "multiple" else 1)
        for kind, count in counts.items()
    )
    return Blueprint(
        title="测速卷",
        duration_minutes=60,
        pass_score=60,
        excellent_score=80,
        laws=dict.fromkeys(LAWS, 1.0),
        sections=sections,
    )


def main() -> None:
    small, small_s = _time(make_bank(800), make_blueprint(single=40, multiple=20, judge=20), forms=2)
    large, large_s = _time(make_bank(20_000), make_blueprint(single=50, multiple=25, judge=25), forms=4)
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


def _time(bank: Bank, blueprint: Blueprint, *, forms: int) -> tuple[Assembly, float]:
    started = perf_counter()
    paper_ids = [f"p{number}" for number in range(forms)]
    assembly = assemble(blueprint, bank=bank, paper_ids=paper_ids, held_on=date(2022, 11, 20), seed=1)
    return assembly, perf_counter() - started


def _make_item(number: int, rng: random.Random) -> AnyItem:
    law, place = LAWS[number % len(LAWS)], number // len(LAWS)
    stem = "".join(chr(FIRST_CHARACTER + rng.randrange(CHARACTERS)) for _ in range(STEM_LENGTH))
    common = {
        "id": f"{law}-{place:04d}",
        "stem": stem,
        "cites": (place % 100 + 1,),
        "evidence": (stem[:6],),
        "explanation": "略",
        "objective": f"{law}-o1",
        "difficulty": rng.choices(range(1, 6), weights=(1, 3, 3, 2, 1))[0],
        "skill": rng.choice(SKILLS),
        "status": "active",
    }
    options = {letter: f"选项{letter}" for letter in "ABCD"}
    kind = place % 5
    if kind in {0, 1}:
        return SingleItem.model_validate({**common, "kind": "single", "options": options, "answer": "A"})
    if kind == 2:
        return MultipleItem.model_validate({**common, "kind": "multiple", "options": options, "answer": "AB"})
    return JudgeItem.model_validate({**common, "kind": "judge", "answer": True})


if __name__ == "__main__":
    main()
