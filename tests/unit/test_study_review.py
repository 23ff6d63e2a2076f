"""回头看: the plan follows from the records alone, loses nothing before an exam, and lets go of what is known."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xuefa.bank.reader import Bank, read_bank
from xuefa.records.record import Record, Verb
from xuefa.records.store import open_store
from xuefa.study.review import (
    ROUND_SIZE,
    STABLE_DAYS,
    ReviewCard,
    ReviewPlan,
    group_by_law,
    plan_review,
    replay_answers,
)

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How long an example takes says nothing here: it depends on what else the machine does."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 8, 20)
BANK = read_bank(Path(__file__).parents[2] / "question_bank")
QUESTION_IDS = ("xf-0001", "xf-0002", "xzss-0001", "xzss-0002", "xzss-0003", "xzfy-0001", "mfd-0001", "mfd-0002")
QUESTIONS = [BANK.question(one) for one in QUESTION_IDS if one in BANK and BANK[one].status == "active"]


def answer(number: int, *, day: date, right: bool, question: int = 0, hour: int = 12) -> Record:
    """An answer at `hour` UTC of `day` to a question of `QUESTIONS`."""
    asked = QUESTIONS[question]
    return Record(
        record_id=UUID(int=number),
        verb=Verb.ANSWERED,
        occurred_at=datetime(day.year, day.month, day.day, hour, tzinfo=UTC),
        source="notebook",
        learner_id="L1",
        item_id=asked.question_id,
        item_version=asked.item.version,
        points=float(right),
        max_points=1.0,
        response=asked.key if right else "A",
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[Record, ...]:
    """Answers of one learner to some questions on some days before `TODAY`."""
    facts = draw(
        st.lists(
            st.tuples(st.integers(0, len(QUESTIONS) - 1), st.integers(0, 60), st.integers(0, 15), st.booleans()),
            max_size=40,
        )
    )
    return tuple(
        answer(number, question=question, day=TODAY - timedelta(days=ago), hour=hour, right=right)
        for number, (question, ago, hour, right) in enumerate(facts)
    )


def replayed(records: object, bank: Bank = BANK) -> tuple[ReviewCard, ...]:
    return replay_answers(records, bank=bank, time_zone=SHANGHAI)  # type: ignore[arg-type]  # lists of records


def days_of(plan: ReviewPlan) -> dict[str, date]:
    """On which day each question comes; none comes twice."""
    days = [(card.question.question_id, day) for day, cards in plan.days.items() for card in cards]
    assert len(dict(days)) == len(days)
    return dict(days)


@UNTIMED
@given(histories(), st.randoms(use_true_random=False), st.integers(0, 40))
def test_split_merged_doubled_or_reordered_records_give_the_same_plan(
    records: tuple[Record, ...], chance: random.Random, cut: int
) -> None:
    whole = plan_review(replayed(records), today=TODAY, exam_on=TODAY + timedelta(days=9))
    merged = [*records[cut:], *records[: cut + 3]]
    chance.shuffle(merged)
    assert plan_review(replayed(merged), today=TODAY, exam_on=TODAY + timedelta(days=9)) == whole


def test_plan_is_the_same_after_a_lost_device_and_a_merge_of_databases(tmp_path: Path) -> None:
    records = [
        answer(number, question=number % 5, day=TODAY - timedelta(days=20 - number), right=number % 3 > 0)
        for number in range(20)
    ]
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
        store.append_records(records[10:])
        store.append_records(records[:12])
        kept = store.read_records(verbs={Verb.ANSWERED}, learner_id="L1")
    assert replayed(kept) == replayed(records)
    assert len(replayed(kept)) == 5


@UNTIMED
@given(histories())
def test_without_an_exam_every_unstable_card_comes_once_on_its_day_or_today(records: tuple[Record, ...]) -> None:
    cards = replayed(records)
    plan = plan_review(cards, today=TODAY)
    assert days_of(plan) == {card.question.question_id: max(card.due_on, TODAY) for card in cards if not card.is_stable}


@UNTIMED
@given(
    st.lists(st.integers(-40, 60), max_size=120),
    st.integers(0, 30),
    st.integers(0, 40),
)
def test_all_that_is_due_by_the_exam_comes_before_it_with_the_load_spread(
    dues: list[int], days_left: int, done: int
) -> None:
    base = replayed([answer(1, day=TODAY, right=False)])[0]
    cards = [
        replace(
            base, question=replace(base.question, question_id=f"q-{number:04d}"), due_on=TODAY + timedelta(days=due)
        )
        for number, due in enumerate(dues)
    ]
    exam = TODAY + timedelta(days=days_left)
    last = max(exam - timedelta(days=1), TODAY)
    looked_at = [replace(card, reviewed_on=TODAY, stability_days=99.0, was_right=True) for card in [base] * done]
    plan = plan_review([*cards, *looked_at], today=TODAY, exam_on=exam)
    planned = days_of(plan)
    assert len(planned) == len(cards)
    due_by_exam = [card for card in cards if card.due_on <= exam]
    for card in cards:
        day = planned[card.question.question_id]
        if card.due_on > exam:
            assert day == card.due_on
        else:
            assert max(TODAY, min(card.due_on, last)) <= day <= last
    released = [TODAY] * done + [min(max(card.due_on, TODAY), last) for card in due_by_exam]
    least = max((ceil(sum(one >= day for one in released) / ((last - day).days + 1)) for day in released), default=0)
    load = Counter(planned[card.question.question_id] for card in due_by_exam) + Counter({TODAY: done})
    assert max(load.values(), default=0) <= max(ROUND_SIZE, least, done)


def test_backlog_is_shared_out_evenly_over_the_days_before_the_exam() -> None:
    base = replayed([answer(1, day=TODAY, right=False)])[0]
    cards = [
        replace(base, question=replace(base.question, question_id=f"q-{number}"), due_on=TODAY) for number in range(60)
    ]
    plan = plan_review(cards, today=TODAY, exam_on=TODAY + timedelta(days=4))
    assert [len(todays) for todays in plan.days.values()] == [15, 15, 15, 15]
    assert plan_review(cards, today=TODAY, exam_on=TODAY - timedelta(days=1)).for_today == tuple(cards)


def test_what_was_looked_back_at_today_counts_as_todays_share() -> None:
    base = replayed([answer(1, day=TODAY, right=False)])[0]
    exam = TODAY + timedelta(days=4)
    cards = [
        replace(
            base,
            question=replace(base.question, question_id=f"q-{number}"),
            due_on=TODAY if number < 48 else exam + timedelta(days=1),
            reviewed_on=None if number < 48 else TODAY,
        )
        for number in range(60)
    ]
    plan = plan_review(cards, today=TODAY, exam_on=exam)
    assert [len(plan.days.get(TODAY + timedelta(days=days), ())) for days in range(6)] == [3, 15, 15, 15, 0, 12]
    (in_a_quiz,) = replayed([replace(answer(1, day=TODAY, right=False), text="练习 0123456789ab")])
    (in_review,) = replayed([replace(answer(1, day=TODAY, right=False), text="回头看 0123456789ab")])
    assert (in_a_quiz.reviewed_on, in_review.reviewed_on) == (None, TODAY)


def test_wrong_answer_comes_back_the_next_day_and_a_right_one_later() -> None:
    (wrong,) = replayed([answer(1, day=TODAY, right=False)])
    (right,) = replayed([answer(1, day=TODAY, right=True)])
    assert wrong.due_on == TODAY + timedelta(days=1)
    assert right.due_on > wrong.due_on
    assert (wrong.wrong_count, wrong.was_right, wrong.response) == (1, False, "A")


def test_question_recalled_each_time_it_came_back_leaves_the_list_and_a_wrong_answer_brings_it_back() -> None:
    day, records = TODAY, [answer(0, day=TODAY, right=False)]
    for number in range(1, 10):
        (card,) = replayed(records)
        if card.is_stable:
            break
        day = card.due_on
        records.append(answer(number, day=day, right=True))
    assert card.is_stable
    assert card.stability_days >= STABLE_DAYS
    assert [record.occurred_at.date() - TODAY for record in records] == [timedelta(days=days) for days in (0, 1, 5, 22)]
    assert plan_review([card], today=day + timedelta(days=300)).days == {}
    (back,) = replayed([*records, answer(99, day=day + timedelta(days=90), right=False)])
    assert not back.is_stable
    assert plan_review([back], today=back.due_on).for_today == (back,)


def test_day_of_an_answer_is_the_townships_not_utcs() -> None:
    (card,) = replayed([answer(1, day=TODAY, hour=17, right=False)])  # one in the morning of the next day in China
    assert card.answered_on == TODAY + timedelta(days=1)
    assert card.due_on == TODAY + timedelta(days=2)


def test_next_evening_a_little_earlier_counts_as_the_next_day() -> None:
    evenings = [
        answer(1, day=TODAY, hour=12, right=False),
        answer(2, day=TODAY + timedelta(days=1), hour=11, right=True),
    ]
    later = [answer(1, day=TODAY, hour=12, right=False), answer(2, day=TODAY + timedelta(days=1), hour=13, right=True)]
    assert [card.due_on for card in replayed(evenings)] == [card.due_on for card in replayed(later)]


def test_retired_and_changed_items_drop_out() -> None:
    records = [answer(1, question=0, day=TODAY, right=False), answer(2, question=1, day=TODAY, right=False)]
    assert len(replayed(records)) == 2
    items = tuple(
        item.model_copy(update={"status": "retired"})
        if item.id == QUESTIONS[0].item.id
        else item.model_copy(update={"difficulty": 1 + item.difficulty % 5})
        if item.id == QUESTIONS[1].item.id
        else item
        for item in BANK.items
    )
    assert replayed(records, bank=Bank(catalogue=BANK.catalogue, items=items, places=BANK.places)) == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"points": None, "max_points": None},
        {"item_id": None},
        {"item_id": "xx-9999"},
        {"item_version": None},
        {"verb": Verb.FINISHED},
    ],
)
def test_records_that_are_no_marked_answer_to_a_present_question_are_left_out(fields: dict[str, object]) -> None:
    assert replayed([replace(answer(1, day=TODAY, right=False), **fields)]) == ()  # type: ignore[arg-type]  # fields of Record


def test_cards_of_a_day_stand_together_by_law_in_the_order_of_the_catalogue() -> None:
    records = [answer(number, question=number, day=TODAY, right=False) for number in reversed(range(len(QUESTIONS)))]
    plan = plan_review(replayed(records), today=TODAY + timedelta(days=1), exam_on=TODAY + timedelta(days=8))
    slugs = [law.slug for law in BANK.catalogue]
    groups = group_by_law(plan.for_today)
    assert list(groups) == sorted(groups, key=slugs.index)
    assert sum(len(cards) for cards in groups.values()) == len(QUESTIONS)
    assert len(groups) >= 3
