"""Where the rounds of a quiz come from: a module's items, or what comes back today; a reload goes on with its round."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from xuefa.bank.item import AnyItem, questions_in
from xuefa.bank.reader import Bank
from xuefa.records.record import Learner, Record, Verb
from xuefa.study.quiz import MODE_NAMES, Answer, Mode, Round, draw_round
from xuefa.study.record_writer import RecordWriter
from xuefa.study.review import ROUND_SIZE, ReviewPlan

_CODE_BITS = 48


class RoundSource(Protocol):
    """Gives the rounds of one quiz."""

    @property
    def modes(self) -> tuple[Mode, ...]:
        """What the learner may choose from, the usual one first."""

    def begin(self, mode: Mode) -> Round:
        """A new round; without questions if there is none to ask."""

    def resume(self, learner: Learner) -> Round | None:
        """The round that this learner left unfinished, with the answers that are in the records."""


@dataclass(frozen=True, kw_only=True)
class ModuleRounds:
    """Rounds of `count` questions on a module's items.

    The questions are drawn from the round's code, which every answer keeps in its text: after a reload, a lost kernel
    or on another device the same round is drawn again and goes on after its last answer.
    """

    items: tuple[AnyItem, ...]
    count: int
    writer: RecordWriter
    modes: tuple[Mode, ...] = ("practice", "self_test")

    def begin(self, mode: Mode) -> Round:
        return self._draw(mode, f"{self.writer.rng.getrandbits(_CODE_BITS):012x}")

    def resume(self, learner: Learner) -> Round | None:
        """The round of the last answer in this module, unless it is finished or the bank has changed since."""
        answers = _select_unfinished(
            self.writer.store.read_records(
                verbs={Verb.ANSWERED, Verb.FINISHED}, learner_id=learner.learner_id, module=self.writer.module
            ),
            modes=self.modes,
        )
        if not answers:
            return None
        name, _, code = (answers[0].text or "").partition(" ")
        drawn = self._draw(next(mode for mode in self.modes if MODE_NAMES[mode] == name), code)
        first = _first_by_question(answers)
        given: list[Answer] = []
        for question in drawn.questions:
            record = first.pop(question.question_id, None)
            if record is None or record.item_version != question.item.version:
                break
            given.append(Answer(question, record.response or ""))
        return replace(drawn, answers=tuple(given)) if given and not first else None

    def _draw(self, mode: Mode, code: str) -> Round:
        drawn = draw_round(self.items, count=self.count, rng=random.Random(code))  # noqa: S311  drawn again by its code
        return replace(drawn, mode=mode, code=code)


@dataclass(frozen=True, kw_only=True)
class ReviewRounds:
    """Rounds over what comes back today for the learner who is signed in; `plan` reads it from the records."""

    bank: Bank
    writer: RecordWriter
    plan: Callable[[], ReviewPlan | None]
    modes: tuple[Mode, ...] = ("review",)

    def begin(self, mode: Mode) -> Round:
        plan = self.plan()
        cards = plan.for_today[:ROUND_SIZE] if plan else ()
        return Round(
            questions=tuple(card.question for card in cards),
            mode=mode,
            code=f"{self.writer.rng.getrandbits(_CODE_BITS):012x}",
        )

    def resume(self, learner: Learner) -> Round:
        """Today's unfinished round, what was answered in it first; otherwise a new one."""
        fresh = self.begin("review")
        answers = _select_unfinished(
            self.writer.store.read_records(verbs={Verb.ANSWERED, Verb.FINISHED}, learner_id=learner.learner_id),
            modes=self.modes,
        )
        if not answers or self.writer.local_time(answers[-1].occurred_at).date() != self.writer.today():
            return fresh
        known = {question.question_id: question for question in questions_in(self.bank.select())}
        done = tuple(
            Answer(known[question_id], record.response or "")
            for question_id, record in _first_by_question(answers).items()
            if question_id in known
        )
        asked = {answer.question.question_id for answer in done}
        rest = [question for question in fresh.questions if question.question_id not in asked]
        return Round(
            questions=(*(answer.question for answer in done), *rest[: max(ROUND_SIZE - len(done), 0)]),
            answers=done,
            mode="review",
            code=(answers[0].text or "").partition(" ")[2],
        )


def render_round_name(played: Round) -> str:
    """What the answers of a round and its end keep in their text: 练习 0123456789ab."""
    return f"{MODE_NAMES[played.mode]} {played.code}"


def _select_unfinished(records: Iterable[Record], *, modes: Collection[Mode]) -> tuple[Record, ...]:
    """The answers, by time as given, of the round of those modes answered last; none if it is finished."""
    names = {MODE_NAMES[mode] for mode in modes}
    ours = [record for record in records if record.text and record.text.partition(" ")[0] in names]
    answers = [record for record in ours if record.verb is Verb.ANSWERED]
    finished = {record.text for record in ours if record.verb is Verb.FINISHED}
    if not answers or answers[-1].text in finished:
        return ()
    return tuple(record for record in answers if record.text == answers[-1].text)


def _first_by_question(answers: Iterable[Record]) -> dict[str, Record]:
    """The first answer to each question: two devices that were merged may both have answered it."""
    first: dict[str, Record] = {}
    for record in answers:
        first.setdefault(record.item_id or "", record)
    return first
