"""A round of the quiz as a value."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from xuefa.bank.reader import Bank, read_bank
from xuefa.study.quiz import Round, Tally, draw_round, parse_response

PROJECT = Path(__file__).parents[1] / "fixtures" / "study" / "project"


@pytest.fixture(scope="module")
def bank() -> Bank:
    return read_bank(PROJECT / "question_bank")


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  the same draw each time


def draw(bank: Bank, *, count: int = 10, seed: int = 1) -> Round:
    return draw_round(bank.select(), count=count, rng=seeded(seed))


def test_round_holds_every_kind_but_essays_and_nothing_retired(bank: Bank) -> None:
    assert [question.question_id for question in draw(bank).questions] == [
        "xzss-0001",
        "xzss-0002",
        "xzss-0003",
        "xzss-0004.1",
        "xzss-0004.2",
    ]


def test_round_of_the_real_bank_has_ten_questions_of_all_kinds_and_differs_by_seed(project_dir: Path) -> None:
    bank = read_bank(project_dir / "question_bank")
    rounds = [draw_round(bank.select(laws=("xzss",)), count=10, rng=seeded(seed)).questions for seed in range(20)]
    assert {len(questions) for questions in rounds} == {10}
    assert all(
        {question.item.kind for question in questions} >= {"single", "multiple", "judge"} for questions in rounds
    )
    assert all(len({question.question_id for question in questions}) == 10 for questions in rounds)
    assert len({tuple(question.question_id for question in questions) for questions in rounds}) == 20


def test_round_of_the_real_bank_spreads_over_objectives_and_difficulty(project_dir: Path) -> None:
    items = read_bank(project_dir / "question_bank").select(laws=("xzss",))
    objectives = {item.objective for item in items}
    for seed in range(20):
        drawn = {
            question.item.id: question.item for question in draw_round(items, count=10, rng=seeded(seed)).questions
        }
        assert {item.objective for item in drawn.values()} == objectives
        assert len({item.difficulty for item in drawn.values()}) >= 3


def test_case_comes_whole_or_not_at_all(bank: Bank) -> None:
    for seed in range(10):
        questions = draw(bank, count=4, seed=seed).questions
        assert len([question for question in questions if question.story]) in {0, 2}


def test_round_of_no_questions_is_refused(bank: Bank) -> None:
    with pytest.raises(ValueError, match="at least one"):
        draw(bank, count=0)


def test_answering_gives_a_new_round_and_leaves_the_old_one(bank: Bank) -> None:
    start = draw(bank)
    answered = start.answer("C")
    assert (start.answers, start.number, start.shows_feedback) == ((), 1, False)
    assert (answered.number, answered.shows_feedback, answered.answers[0].is_right) == (1, True, True)
    assert answered.current == start.current
    assert answered.advance().number == 2


def test_question_takes_one_answer_only(bank: Bank) -> None:
    answered = draw(bank).answer("A")
    with pytest.raises(ValueError, match="has been answered"):
        answered.answer("C")


def test_summary_counts_by_objective_skill_kind_and_law(bank: Bank) -> None:
    played = draw(bank)
    for response in ("C", "AC", "T", "B", "T"):
        played = played.answer(response).advance()
    assert played.current is None
    summary = played.summarise()
    assert summary.overall == Tally(right=3, total=5)
    assert summary.by_kind == {"单选": Tally(1, 1), "多选": Tally(0, 1), "判断": Tally(1, 1), "案例": Tally(1, 2)}
    assert summary.by_law == {"xzss": Tally(3, 5)}
    assert summary.by_objective == {"xzss-o1": Tally(1, 2), "xzss-o2": Tally(2, 3)}
    assert summary.by_skill == {"识记": Tally(2, 2), "理解": Tally(0, 1), "应用": Tally(1, 2)}


def test_self_test_goes_on_to_the_next_question_without_feedback(bank: Bank) -> None:
    played = replace(draw(bank), mode="self_test").answer("C")
    assert (played.shows_feedback, played.number) == (False, 2)


def test_response_is_put_in_order(bank: Bank) -> None:
    assert parse_response(bank.question("xzss-0002"), ["D", "A"]) == "AD"
    assert parse_response(bank.question("xzss-0003"), ["F"]) == "F"


@pytest.mark.parametrize(
    ("question_id", "value"),
    [
        ("xzss-0001", []),
        ("xzss-0001", ["E"]),
        ("xzss-0001", ["A", "B"]),
        ("xzss-0001", "A"),
        ("xzss-0001", None),
        ("xzss-0001", [["A"]]),
        ("xzss-0001", [{"A": 1}]),
        ("xzss-0002", ["A", "A"]),
        ("xzss-0003", ["A"]),
    ],
)
def test_response_that_no_page_of_ours_sends_is_refused(bank: Bank, question_id: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"response|one letter"):
        parse_response(bank.question(question_id), value)
