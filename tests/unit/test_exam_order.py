from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest

from tests.exam_course import fixture_bank, small_paper
from xuefa.exam.order import order_options, order_questions
from xuefa.exam.paper import Paper, public_paper


@pytest.fixture(scope="module")
def paper() -> Paper:
    return small_paper(fixture_bank())


def shuffled(paper: Paper, shuffle: str) -> Paper:
    return paper.model_copy(update={"shuffle": shuffle})


def shown(paper: Paper, learner_id: str) -> list[list[tuple[str, str]]]:
    """The sections' questions as (id, letters in the order shown)."""
    sections = public_paper(paper, learner_id=learner_id)["sections"]
    return [
        [(one["id"], "".join(letter for letter, _ in one["options"])) for one in section["questions"]]
        for section in sections
    ]


def test_an_order_is_the_same_whenever_and_wherever_it_is_asked_for(paper: Paper) -> None:
    section = paper.sections[0]
    order = order_questions(section, paper=shuffled(paper, "all"), learner_id="学员01")
    assert order == order_questions(section, paper=shuffled(paper, "all"), learner_id="学员01")


@pytest.mark.parametrize("shuffle", ["none", "questions", "options", "all"])
def test_only_what_the_paper_says_differs_between_learners(paper: Paper, shuffle: str) -> None:
    permanent = shown(shuffled(paper, "none"), "学员01")
    every = [shown(shuffled(paper, shuffle), f"学员{number:02d}") for number in range(1, 21)]
    for one in every:
        for section, there in zip(one, permanent, strict=True):
            assert sorted(question_id for question_id, _ in section) == sorted(name for name, _ in there)
            assert {name: sorted(letters) for name, letters in section} == {
                name: sorted(letters) for name, letters in there
            }
    orders = {tuple(name for section in one for name, _ in section) for one in every}
    letters = {tuple(sorted(pair for section in one for pair in section)) for one in every}
    assert (len(orders) > 15) == (shuffle in ("questions", "all"))
    assert (len(letters) > 15) == (shuffle in ("options", "all"))


def test_the_questions_of_a_case_stay_together_and_in_order(paper: Paper) -> None:
    everything = shuffled(paper, "all")
    for number in range(40):
        for section in everything.sections:
            order = order_questions(section, paper=everything, learner_id=f"L{number}")
            for item_id in {one.item_id for one in order}:
                places = [index for index, one in enumerate(order) if one.item_id == item_id]
                assert places == list(range(places[0], places[0] + len(places)))
                parts = [order[place].question_id for place in places]
                assert parts == sorted(parts)


def test_judge_options_are_never_shuffled(paper: Paper) -> None:
    judge = next(one for one in paper.questions if one.kind == "judge")
    orders = {order_options(judge, paper=shuffled(paper, "all"), learner_id=f"L{number}") for number in range(30)}
    assert orders == {tuple(judge.options.items())}


def test_every_order_of_options_is_about_as_frequent(paper: Paper) -> None:
    """24 orders in 2,400 draws: chi-square with 23 degrees of freedom stays below 49.7 (p = 0.001)."""
    question = next(one for one in paper.questions if one.kind == "single" and len(one.options) == 4)
    everything = shuffled(paper, "options")
    drawn = Counter(
        "".join(letter for letter, _ in order_options(question, paper=everything, learner_id=f"L{number}"))
        for number in range(2400)
    )
    assert sum((drawn["".join(order)] - 100) ** 2 / 100 for order in permutations("ABCD")) < 49.7


def test_letters_are_shown_only_where_everyone_sees_the_same_order(paper: Paper) -> None:
    shows = {
        shuffle: public_paper(shuffled(paper, shuffle), learner_id="学员01")["shows_letters"]
        for shuffle in ("none", "questions", "options", "all")
    }
    assert shows == {"none": True, "questions": True, "options": False, "all": False}
