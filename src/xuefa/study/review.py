"""回头看 (look-back review): which answered questions come back on which day, by FSRS, from the records alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby
from math import ceil

from fsrs import Card, Rating, Scheduler

from xuefa.bank.item import Question, questions_in
from xuefa.bank.reader import Bank
from xuefa.records.record import Record, Verb
from xuefa.study.quiz import MODE_NAMES

ROUND_SIZE = 10
"""Questions of one round; towards an exam a day holds no more unless that many would be left over."""
STABLE_DAYS = 30.0
"""A question whose stability (days until the chance of recall falls to 90 %) reaches this leaves the list."""

_SCHEDULER = Scheduler(desired_retention=0.85, learning_steps=(), relearning_steps=(), enable_fuzzing=False)
"""FSRS-6 with the weights of its authors (package `fsrs`). It counts whole days, the rhythm of an evening school, and
without chance, so that the same records give the same plan on every machine. A question comes back when the chance of
recall falls to 85 %: one wrong, then right three times in a row, comes after 1, 4 and 17 days and then leaves."""


@dataclass(frozen=True, kw_only=True)
class ReviewCard:
    """A question of the bank as it stands with one learner; days are the township's.

    `answered_on` is the day of the last answer anywhere, `reviewed_on` of the last one in 回头看.
    """

    question: Question
    due_on: date
    answered_on: date
    reviewed_on: date | None
    response: str
    was_right: bool
    wrong_count: int
    stability_days: float

    @property
    def is_stable(self) -> bool:
        """Whether it was recalled well enough to leave the list."""
        return self.was_right and self.stability_days >= STABLE_DAYS


@dataclass(frozen=True)
class ReviewPlan:
    """What to look back at on which day, today and later; only days with something on them, in order.

    Within a day the cards are in the order of the bank, so those of a law stand together.
    """

    today: date
    exam_on: date | None
    days: Mapping[date, tuple[ReviewCard, ...]]

    @property
    def for_today(self) -> tuple[ReviewCard, ...]:
        return self.days.get(self.today, ())


def replay_answers(records: Iterable[Record], *, bank: Bank, time_zone: tzinfo) -> tuple[ReviewCard, ...]:
    """The cards of one learner, in the order of the bank, stable ones included.

    `records` may hold anything of that learner, in any order, also twice; the answers (答题) are replayed by time.
    Answers to an item that is retired, or has been changed since, say nothing about the present item and are left out.
    """
    answers: dict[str, list[Record]] = {}
    for record in sorted(set(records), key=lambda record: (record.occurred_at, record.record_id)):
        if record.verb is Verb.ANSWERED and record.item_id and record.points is not None and record.max_points:
            answers.setdefault(record.item_id, []).append(record)
    cards = []
    for question in questions_in(bank.select()):
        fitting = [one for one in answers.get(question.question_id, ()) if one.item_version == question.item.version]
        if fitting:
            cards.append(_replay(question, fitting, time_zone=time_zone))
    return tuple(cards)


def plan_review(cards: Iterable[ReviewCard], *, today: date, exam_on: date | None = None) -> ReviewPlan:
    """Lay the cards that are not stable, given in the order of the bank, out over the days from `today`.

    Without an exam, or when it is over, each comes on its day, and what is overdue comes today. With an exam ahead,
    whatever falls due up to `exam_on` comes before that day (on it, if it is today), no more on one day than
    `ROUND_SIZE`, or than the least that leaves nothing over; the longest due first. What was looked back at today
    already counts as today's.
    """
    cards = tuple(cards)
    order = {card.question.question_id: number for number, card in enumerate(cards)}
    unstable = [card for card in cards if not card.is_stable]
    days: dict[date, list[ReviewCard]] = {}
    exam = exam_on if exam_on and exam_on >= today else None
    if exam:
        last = max(exam - timedelta(days=1), today)
        urgent = [card for card in unstable if card.due_on <= exam]
        done_today = sum(card.reviewed_on == today for card in cards)
        days = _spread(urgent, first=today, last=last, done=done_today)
        unstable = [card for card in unstable if card.due_on > exam]
    for card in unstable:
        days.setdefault(max(card.due_on, today), []).append(card)
    return ReviewPlan(
        today,
        exam,
        {day: tuple(sorted(days[day], key=lambda card: order[card.question.question_id])) for day in sorted(days)},
    )


def group_by_law(cards: Iterable[ReviewCard]) -> dict[str, tuple[ReviewCard, ...]]:
    """The cards by the slug of their law; give them in the order of the bank."""
    return {slug: tuple(group) for slug, group in groupby(cards, key=lambda card: card.question.item.law_slug)}


def _replay(question: Question, answers: list[Record], *, time_zone: tzinfo) -> ReviewCard:
    last = answers[-1]
    day = last.occurred_at.astimezone(time_zone).date()
    reviewed_on = None
    card = Card(card_id=0, due=last.occurred_at)
    wrong_count = 0
    for record in answers:
        day = record.occurred_at.astimezone(time_zone).date()
        if record.text and record.text.startswith(f"{MODE_NAMES['review']} "):
            reviewed_on = day
        is_right = _is_right(record)
        wrong_count += not is_right
        # Noon stands for the day: two evenings are a day apart even if the second began a little earlier.
        noon = datetime.combine(day, time(12), UTC)
        card, _ = _SCHEDULER.review_card(card, Rating.Good if is_right else Rating.Again, noon)
    return ReviewCard(
        question=question,
        due_on=card.due.date(),
        answered_on=day,
        reviewed_on=reviewed_on,
        response=last.response or "",
        was_right=_is_right(last),
        wrong_count=wrong_count,
        stability_days=card.stability or 0.0,
    )


def _is_right(record: Record) -> bool:
    return record.points is not None and record.points == record.max_points


def _spread(cards: list[ReviewCard], *, first: date, last: date, done: int) -> dict[date, list[ReviewCard]]:
    """The cards on the days from `first` to `last`, none before it is due unless `last` comes before that.

    The day's share is the least with which the longest-due-first order leaves nothing over after `last`: all have one
    deadline, so the share must carry, from each day on, what falls due from then on. `done` of the first day's share
    are done already.
    """
    waiting = deque(sorted(cards, key=lambda card: card.due_on))
    released = [first] * done + [min(max(card.due_on, first), last) for card in waiting]
    share = ROUND_SIZE
    for number, day in enumerate(released):
        if number == 0 or day != released[number - 1]:
            share = max(share, ceil((len(released) - number) / ((last - day).days + 1)))
    days: dict[date, list[ReviewCard]] = {}
    day, room = first, share - done
    while waiting:
        while waiting and len(days.get(day, ())) < room and min(waiting[0].due_on, last) <= day:
            days.setdefault(day, []).append(waiting.popleft())
        day, room = day + timedelta(days=1), share
    return days
