from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from tests.exam_course import PROJECT
from xuefa.bank.balance import find_near_twins
from xuefa.bank.reader import Bank, read_bank
from xuefa.bank.twins import select_twin_items
from xuefa.errors import BadInputError
from xuefa.exam.assembly import assemble_forms
from xuefa.exam.assembly.summary import summarise_form
from xuefa.exam.blueprint import Blueprint, read_blueprint
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


@pytest.mark.parametrize("name", ["jining", "hunan_like", "drill"])
def test_parallel_forms_share_no_item_and_have_the_same_mix(name: str, bank: Bank) -> None:
    blueprint = read_blueprint(BLUEPRINTS / f"{name}.yaml")
    for seed in range(3):
        forms = assemble_forms(blueprint, bank=bank, paper_ids=("p-A", "p-B"), held_on=DAY, seed=seed)
        first, second = forms
        assert not item_ids(first) & item_ids(second)
        mixes = [
            Counter((one.kind, one.item_id.partition("-")[0], one.points) for one in form.questions) for form in forms
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
        assert forms == assemble_forms(blueprint, bank=bank, paper_ids=("p-A", "p-B"), held_on=DAY, seed=seed)


def test_items_of_the_last_papers_are_avoided_and_a_makeup_avoids_the_first(bank: Bank, jining: Blueprint) -> None:
    (first,) = assemble_forms(jining, bank=bank, paper_ids=("p1",), held_on=DAY, seed=1)
    (after,) = assemble_forms(jining, bank=bank, paper_ids=("p2",), held_on=DAY, seed=1, earlier=(first,))
    assert not item_ids(first) & item_ids(after)
    (makeup,) = assemble_forms(
        jining, bank=bank, paper_ids=("p3",), held_on=DAY, seed=1, earlier=(first, after), makeup_of=first
    )
    assert not item_ids(first) & item_ids(makeup)
    assert (makeup.attempt, makeup.makeup_of) == (2, "p1")
    with pytest.raises(BadInputError, match="不能再补考"):
        assemble_forms(jining, bank=bank, paper_ids=("p4",), held_on=DAY, seed=1, makeup_of=makeup)


def test_a_shortage_names_kind_law_and_number(bank: Bank, jining: Blueprint) -> None:
    short = jining.model_copy(update={"laws": {"xzss": 1.0}})
    with pytest.raises(BadInputError, match="单选题、行政诉讼法：需要 40 道，可用 24 道，少 16 道"):
        assemble_forms(short, bank=bank, paper_ids=("p",), held_on=DAY, seed=1)


def test_an_unreachable_difficulty_is_said_with_what_is_missing(bank: Bank, jining: Blueprint) -> None:
    with pytest.raises(BadInputError, match=r"平均难度要 5\.00.*还差"):
        assemble_forms(jining.model_copy(update={"difficulty": 5.0}), bank=bank, paper_ids=("p",), held_on=DAY, seed=1)


def test_forms_may_share_as_many_items_as_the_blueprint_allows(bank: Bank, jining: Blueprint) -> None:
    scarce = {"laws": {"xf": 1.0, "xzss": 1.0, "mfd": 1.0}, "max_shared_items": 10}
    forms = assemble_forms(jining.model_copy(update=scarce), bank=bank, paper_ids=("p-A", "p-B"), held_on=DAY, seed=1)
    assert 1 <= len(item_ids(forms[0]) & item_ids(forms[1])) <= 10


def test_the_fast_search_finds_the_same_twins(bank: Bank) -> None:
    items = [item.model_copy(update={"id": f"mfd-{9000 + number}"}) for number, item in enumerate(bank.items[:40])]
    sample = (*bank.items[:60], *items)
    slow = {(min(pair), max(pair)) for one, other in find_near_twins(sample) for pair in [(one.item.id, other.item.id)]}
    assert slow
    assert select_twin_items(sample) == slow
