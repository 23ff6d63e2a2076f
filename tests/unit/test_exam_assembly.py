from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest

from tests.exam_course import PROJECT
from tests.unit.test_bank_balance import make_item
from xuefa.bank.checks import normalise
from xuefa.bank.item import AnyItem, Question, questions_in
from xuefa.bank.reader import Bank, read_bank
from xuefa.bank.twins import TWIN_LIKENESS, find_near_twins, select_twin_items
from xuefa.errors import BadInputError
from xuefa.exam.assembly import assemble
from xuefa.exam.assembly.programme import HIGHS_OPTIONS, Programme, Solution
from xuefa.exam.assembly.summary import summarise_form
from xuefa.exam.blueprint import Blueprint, Tolerance, read_blueprint
from xuefa.exam.paper import Paper

BLUEPRINTS = PROJECT / "grading" / "blueprints"
DAY = date(2022, 11, 20)


@pytest.fixture(scope="module")
def bank() -> Bank:
    return read_bank(PROJECT / "question_bank")


@pytest.fixture(scope="module")
def jining() -> Blueprint:
    return read_blueprint(BLUEPRINTS / "jining.yaml")


def item_ids(paper: Paper) -> set[str]:
    return {question.item_id for question in paper.questions}


@pytest.mark.parametrize("name", ["practice", "jining", "hunan_like", "drill"])
def test_parallel_forms_share_no_item_and_have_the_same_mix(name: str, bank: Bank) -> None:
    blueprint = read_blueprint(BLUEPRINTS / f"{name}.yaml")
    for seed in range(3):
        forms = assemble(blueprint, bank=bank, paper_ids=("p-A", "p-B"), held_on=DAY, seed=seed).papers
        first, second = forms
        assert not item_ids(first) & item_ids(second)
        mixes = [
            Counter(
                (section.title, item_id.partition("-")[0])
                for section in form.sections
                for item_id in {question.item_id for question in section.questions}
            )
            for form in forms
        ]
        assert mixes[0] == mixes[1]
        one, other = (summarise_form(form, bank=bank) for form in forms)
        assert one.points == other.points == blueprint.total_points
        assert abs(one.mean_difficulty - other.mean_difficulty) <= blueprint.tolerance.difficulty + 1e-9
        for skill in ("recall", "understand", "apply"):
            apart = abs(one.skills.get(skill, 0) - other.skills.get(skill, 0)) / one.items
            assert apart <= blueprint.tolerance.skills + 1e-9
        for form in forms:
            assert find_near_twins([bank[item_id] for item_id in sorted(item_ids(form))]) == []
            assert (form.attempts, form.shuffle) == (blueprint.attempts, blueprint.shuffle)
        assert forms == assemble(blueprint, bank=bank, paper_ids=("p-A", "p-B"), held_on=DAY, seed=seed).papers


def test_a_search_ends_at_once_when_the_one_who_looks_on_breaks_it_off(bank: Bank, jining: Blueprint) -> None:
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        assemble(jining, bank=bank, paper_ids=("p-A", "p-B"), held_on=DAY, seed=1, look=look)
    assert looks == 3


def test_items_of_the_last_papers_are_avoided_and_a_makeup_avoids_the_first(bank: Bank, jining: Blueprint) -> None:
    (first,) = assemble(jining, bank=bank, paper_ids=("p1",), held_on=DAY, seed=1).papers
    (after,) = assemble(jining, bank=bank, paper_ids=("p2",), held_on=DAY, seed=1, earlier=(first,)).papers
    assert not item_ids(first) & item_ids(after)
    (makeup,) = assemble(
        jining, bank=bank, paper_ids=("p3",), held_on=DAY, seed=1, earlier=(first, after), makeup_of=first
    ).papers
    assert not item_ids(first) & item_ids(makeup)
    assert (makeup.attempt, makeup.makeup_of) == (2, "p1")
    with pytest.raises(BadInputError, match="不能再补考"):
        assemble(jining, bank=bank, paper_ids=("p4",), held_on=DAY, seed=1, makeup_of=makeup)


def test_a_shortage_names_kind_law_and_number(bank: Bank, jining: Blueprint) -> None:
    short = jining.model_copy(update={"laws": {"xzss": 1.0}})
    with pytest.raises(BadInputError, match="单选题、行政诉讼法：需要 40 道，可用 24 道，少 16 道"):
        assemble(short, bank=bank, paper_ids=("p",), held_on=DAY, seed=1)


def test_an_unreachable_difficulty_is_said_with_what_is_missing(bank: Bank, jining: Blueprint) -> None:
    with pytest.raises(BadInputError, match=r"平均难度要 5\.00.*还差"):
        assemble(jining.model_copy(update={"difficulty": 5.0}), bank=bank, paper_ids=("p",), held_on=DAY, seed=1)


def test_the_fast_search_finds_the_same_twins_as_comparing_every_two(bank: Bank) -> None:
    doubled = [item.model_copy(update={"id": f"mfd-{9000 + number}"}) for number, item in enumerate(bank.items[:20])]
    reworded = [reword(item, f"mfd-{9100 + number}") for number, item in enumerate(bank.items[20:60])]
    questions = list(questions_in((*bank.items[:60], *doubled, *reworded)))
    slow = [
        (one, other)
        for one, other in combinations(questions, 2)
        if one.item.id != other.item.id and (ground(one) == ground(other) or likeness(one, other) >= TWIN_LIKENESS)
    ]
    assert slow
    assert find_near_twins((*bank.items[:60], *doubled, *reworded)) == slow


def test_no_two_near_twins_stand_in_one_form_but_they_may_stand_in_two(bank: Bank) -> None:
    """Half of the bank is there twice, in other words; only one of each two may be in a form."""
    half = [item for item in bank.select(laws=("xzss", "mfd")) if item.kind in {"single", "judge"}]
    twins = [reword(item, f"{item.law_slug}-{9000 + number}") for number, item in enumerate(half)]
    doubled = replace(bank, items=(*half, *twins))
    assert len(select_twin_items(doubled.items)) >= len(half)
    singles = sum(item.kind == "single" for item in half)
    plan = small_plan(single=singles // 2 * 2 - 2, judge=4)
    for seed in range(3):
        forms = assemble(plan, bank=doubled, paper_ids=("p-A", "p-B"), held_on=DAY, seed=seed).papers
        for form in forms:
            assert find_near_twins([doubled[item_id] for item_id in sorted(item_ids(form))]) == []
        assert any(
            {one, other} & item_ids(forms[0]) and {one, other} & item_ids(forms[1])
            for one, other in select_twin_items(doubled.items)
        )
    with pytest.raises(BadInputError, match="单选题"):
        assemble(small_plan(single=singles + 2, judge=4), bank=doubled, paper_ids=("p",), held_on=DAY, seed=1)


def test_exposure_is_evened_out_over_several_papers(bank: Bank) -> None:
    """Of one kind and law no item comes again before every other one was used as often."""
    plan = small_plan(single=12, judge=6)
    papers: list[Paper] = []
    for number in range(6):
        papers += assemble(
            plan, bank=bank, paper_ids=(f"p{number}",), held_on=DAY, seed=number, earlier=tuple(papers)
        ).papers
    uses = Counter(item_id for paper in papers for item_id in item_ids(paper))
    assert max(uses.values()) > 1
    for law in plan.laws:
        for kind in ("single", "judge"):
            counts = [uses[item.id] for item in bank.select(laws=(law,)) if item.kind == kind]
            assert max(counts) - min(counts) <= 1


def test_of_a_large_bank_enough_items_without_a_twin_are_weighed(bank: Bank) -> None:
    """The least used items are twelve pairs of twins: one of each pair is taken, the rest from those used before."""
    same = {"difficulty": 2, "skill": "recall", "answer": "A"}
    unused = [make_item(number, "single", **same) for number in range(12)]
    twins = [reword(item, f"xzss-{100 + number:04d}") for number, item in enumerate(unused)]
    used = [make_item(200 + number, "single", **same) for number in range(40)]
    large = replace(bank, items=(*unused, *twins, *used))
    plan = small_plan(single=20, laws={"xzss": 1.0})
    (before,) = assemble(
        small_plan(single=40, laws={"xzss": 1.0}),
        bank=replace(bank, items=tuple(used)),
        paper_ids=("before",),
        held_on=DAY,
        seed=1,
    ).papers
    (paper,) = assemble(plan, bank=large, paper_ids=("p",), held_on=DAY, seed=1, earlier=(before,)).papers
    taken = item_ids(paper)
    assert len(taken) == 20
    assert sum({one.id, other.id} & taken != set() for one, other in zip(unused, twins, strict=True)) == 12
    assert len(taken & {item.id for item in used}) == 8


@pytest.mark.parametrize("shared", [0, 3, 10])
def test_forms_share_no_more_items_than_the_blueprint_allows(shared: int, bank: Bank) -> None:
    """Three forms of 8 items from so many fewer than 24 as may be shared: exactly these are, and one fewer is short."""
    singles = [item for item in bank.select(laws=("xzss",)) if item.kind == "single"]
    few = replace(bank, items=tuple(singles[: 24 - shared]))
    plan = small_plan(single=8, laws={"xzss": 1.0}).model_copy(update={"max_shared_items": shared})
    ids = ("p-A", "p-B", "p-C")
    forms = assemble(plan, bank=few, paper_ids=ids, held_on=DAY, seed=1).papers
    uses = Counter(item_id for form in forms for item_id in item_ids(form))
    assert sum(uses.values()) == 24
    assert sum(count - 1 for count in uses.values()) == shared
    with pytest.raises(BadInputError, match="少 1 道"):
        assemble(plan, bank=replace(few, items=few.items[1:]), paper_ids=ids, held_on=DAY, seed=1)


def test_a_law_fills_its_share_of_each_section_or_is_said_to_be_short(bank: Bank) -> None:
    """A law of few items does not silently give way to the others: one item off its share is all."""
    fzxc = sum(item.kind == "single" for item in bank.select(laws=("fzxc",)))
    plan = small_plan(single=20, judge=2, laws={"fzxc": 1.0, "xzss": 1.0})
    with pytest.raises(BadInputError) as refused:
        assemble(plan, bank=bank, paper_ids=("p",), held_on=DAY, seed=1)
    (finding,) = refused.value.findings
    assert finding.place.endswith("单选题、法治宣传教育法")
    assert finding.fault == f"需要 9 道，可用 {fzxc} 道，少 {9 - fzxc} 道"


def test_every_requirement_that_is_short_is_named_and_meeting_what_is_said_is_enough(bank: Bank) -> None:
    """Relaxed by exactly what the findings say the blueprint can be met, and by a little less it cannot."""
    have = sum(item.kind == "single" for item in bank.select(laws=("xzss",)))
    greedy = {"difficulty": 4.0, "skills": {"recall": 1.0}, "tolerance": Tolerance(difficulty=0.1, skills=0.1)}
    plan = small_plan(single=have + 4, judge=10, laws={"xzss": 1.0}).model_copy(update=greedy)
    with pytest.raises(BadInputError) as refused:
        assemble(plan, bank=bank, paper_ids=("p",), held_on=DAY, seed=1)
    items, difficulty, *skills = refused.value.findings
    assert items.fault == f"需要 {have + 4} 道，可用 {have} 道，少 4 道"
    assert "平均难度要 4.00" in difficulty.fault
    assert {re.findall("“(.*?)”", one.fault)[0] for one in skills} == {"识记", "理解", "应用"}

    fewer = small_plan(single=have, judge=10, laws={"xzss": 1.0})
    with pytest.raises(BadInputError) as refused:
        assemble(fewer.model_copy(update={"difficulty": 4.0}), bank=bank, paper_ids=("p",), held_on=DAY, seed=1)
    (finding,) = refused.value.findings
    missed = float(re.findall(r"还差 ([\d.]+)", finding.fault)[0])
    for more, met in ((0.01, True), (-0.02, False)):
        relaxed = fewer.model_copy(update={"difficulty": 4.0, "tolerance": Tolerance(difficulty=0.5 + missed + more)})
        if met:
            (paper,) = assemble(relaxed, bank=bank, paper_ids=("p",), held_on=DAY, seed=1).papers
            assert len(paper.questions) == relaxed.item_count
        else:
            with pytest.raises(BadInputError, match="平均难度"):
                assemble(relaxed, bank=bank, paper_ids=("p",), held_on=DAY, seed=1)


def test_what_the_solver_calls_best_is_best_without_its_presolve_too(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HiGHS 1.15 called 1500011 optimal where 300023 is: `HIGHS_OPTIONS` leaves out the steps that did it."""
    costs: list[int] = []
    solve = Programme.solve

    def solve_and_note(self: Programme, *, look: Callable[[], None]) -> Solution:
        solution = solve(self, look=look)
        costs.append(sum(cost * value for cost, value in zip(self._costs, solution.values, strict=True)))
        return solution

    monkeypatch.setattr(Programme, "solve", solve_and_note)
    for plan in (
        small_plan(single=20, judge=2, laws={"fzxc": 1.0, "xzss": 1.0}),
        small_plan(single=9, judge=3, laws={"fzxc": 1.0, "xf": 1.0, "mfd": 2.0}),
    ):
        for presolve in ("choose", "off"):
            monkeypatch.setitem(HIGHS_OPTIONS, "presolve", presolve)
            with suppress(BadInputError):
                assemble(plan, bank=bank, paper_ids=("p",), held_on=DAY, seed=1)
    assert costs[0] == costs[1]
    assert costs[2] == costs[3]


def small_plan(*, laws: Mapping[str, float] | None = None, **counts: int) -> Blueprint:
    return Blueprint.model_validate(
        {
            "title": "小卷",
            "duration_minutes": 30,
            "pass_score": 5,
            "excellent_score": 7,
            "laws": dict(laws or {"xzss": 1.0, "mfd": 1.0}),
            "tolerance": {"difficulty": 0.5, "skills": 0.5},
            "sections": [{"title": kind, "kind": kind, "count": count, "points": 1} for kind, count in counts.items()],
        }
    )


def reword(item: AnyItem, item_id: str) -> AnyItem:
    """The same item in other words at its end."""
    return item.model_copy(update={"id": item_id, "stem": item.stem[:-1] + "呢？"})


def ground(question: Question) -> tuple[object, ...]:
    return question.item.law_slug, question.citations, frozenset(question.evidence)


def likeness(one: Question, other: Question) -> float:
    pieces = [{stem[start : start + 2] for start in range(len(stem) - 1)} for stem in map(stem_of, (one, other))]
    return len(pieces[0] & pieces[1]) / len(pieces[0] | pieces[1])


def stem_of(question: Question) -> str:
    return normalise(question.stem)
