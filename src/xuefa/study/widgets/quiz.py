"""测验: one question at a time, feedback at once, every answer in the records before the page says 已保存."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from xuefa.bank.item import KIND_NAMES, Question
from xuefa.bank.reader import Bank
from xuefa.records.record import Record, Verb
from xuefa.study.articles import ArticleShelf
from xuefa.study.quiz import Answer, Round, Tally, parse_response
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.base import BadRequestError, StudyWidget, read_assets


class QuizWidget(StudyWidget):
    """A quiz over rounds that `draw` gives; keys leave Python only with the feedback to an answer.

    An answer whose write failed stays as it was given, under the answer id that the page chose: trying again writes the
    same record, so it never counts twice, and no other answer to that question is taken.
    """

    _esm, _css = read_assets("quiz")

    def __init__(self, *, writer: RecordWriter, bank: Bank, shelf: ArticleShelf, draw: Callable[[], Round]) -> None:
        super().__init__()
        self._writer = writer
        self._bank = bank
        self._shelf = shelf
        self._draw = draw
        self._learner_id: str | None = None
        self._rounds_begun = 0
        self._begin()
        writer.presence.subscribe(self._note_presence)
        self._note_presence()

    def answer_request(self, name: str, request: Mapping[str, Any]) -> None:
        if name == "answer":
            self._answer(request)
        elif name == "next":
            self._advance()
        elif name == "again" and self._round.is_answered:
            self._begin()
        else:
            raise BadRequestError(name)
        self.show()

    def show(self, *, problem: str = "") -> None:
        learner = self._writer.presence.learner
        question = self._round.current
        view: dict[str, Any] = {
            "learner": learner.name if learner else None,
            "round": self._rounds_begun,
            "number": self._round.number,
            "total": len(self._round.questions),
            "problem": problem,
        }
        if not self._round.questions:
            view["stage"] = "empty"
        elif question is None:
            view |= {"stage": "summary", "summary": self._summary_view()}
        else:
            view |= {"stage": "question", "question": self._question_view(question), "unsaved": self._unsaved_view()}
            if self._round.shows_feedback:
                view |= {"stage": "feedback", "feedback": self._feedback_view(self._round.answers[-1])}
        self.view = view

    def _begin(self) -> None:
        self._round = self._draw()
        self._shown_at = self._writer.clock()
        self._unsaved: tuple[str, Round, tuple[Record, ...]] | None = None
        self._saved: dict[str, datetime] = {}
        self._rounds_begun += 1

    def _note_presence(self) -> None:
        """A new learner gets a round of their own; the same one goes on."""
        learner = self._writer.presence.learner
        learner_id = learner.learner_id if learner else None
        if self._learner_id is not None and learner_id != self._learner_id:
            self._begin()
        self._learner_id = learner_id
        self.show()

    def _answer(self, request: Mapping[str, Any]) -> None:
        answer_id = request.get("answer")
        if not isinstance(answer_id, str) or not 8 <= len(answer_id) <= 64:
            raise BadRequestError("no answer id")
        if answer_id in self._saved:  # the reply to it was lost on the way; it is saved, and the view says so
            return
        question = self._round.current
        if question is None or self._round.shows_feedback or request.get("question") != self._round.number:
            raise BadRequestError("not the question at hand")
        if self._learner_id is None:
            raise BadRequestError("nobody is signed in")
        if self._unsaved is None:
            self._unsaved = (answer_id, *self._prepare(question, request))
        elif self._unsaved[0] != answer_id:
            raise BadRequestError("another answer to this question is waiting to be saved")
        _, answered, records = self._unsaved
        self._writer.append(*records)
        self._round, self._unsaved = answered, None
        self._saved[answer_id] = records[0].occurred_at

    def _prepare(self, question: Question, request: Mapping[str, Any]) -> tuple[Round, tuple[Record, ...]]:
        """The round with the answer in it, and the records to write for it."""
        try:
            answered = self._round.answer(parse_response(question, request.get("response")))
        except ValueError as error:
            raise BadRequestError(str(error)) from None
        answer = answered.answers[-1]
        records = [
            self._writer.make(
                Verb.ANSWERED,
                item_id=question.question_id,
                item_version=question.item.version,
                points=answer.points,
                max_points=1.0,
                response=answer.response,
                seconds=self._seconds(request.get("seconds")),
            )
        ]
        if answered.is_answered:
            overall = answered.summarise().overall
            records.append(
                self._writer.make(Verb.FINISHED, points=float(overall.right), max_points=float(overall.total))
            )
        return answered, tuple(records)

    def _seconds(self, claimed: object) -> float:
        """The seconds that the page says the question was in sight, at most those since it was sent."""
        elapsed = max((self._writer.clock() - self._shown_at).total_seconds(), 0.0)
        if isinstance(claimed, bool) or not isinstance(claimed, int | float) or not math.isfinite(claimed):
            raise BadRequestError("seconds is a number")
        return round(min(max(float(claimed), 0.0), elapsed), 1)

    def _advance(self) -> None:
        if not self._round.shows_feedback:
            raise BadRequestError("nothing to go on from")
        self._round = self._round.advance()
        self._shown_at = self._writer.clock()

    def _question_view(self, question: Question) -> dict[str, Any]:
        kind = KIND_NAMES[question.kind]
        return {
            "kind": f"案例·{kind}" if question.story else kind,
            "law": self._bank.law_of(question.item).name,
            "story": question.story,
            "stem": question.stem,
            "several": question.kind == "multiple",
            "lettered": question.kind != "judge",
            "options": [[letter, text] for letter, text in question.options.items()],
        }

    def _unsaved_view(self) -> dict[str, Any] | None:
        if self._unsaved is None:
            return None
        answer_id, answered, _ = self._unsaved
        return {"answer": answer_id, "response": list(answered.answers[-1].response)}

    def _feedback_view(self, answer: Answer) -> dict[str, Any]:
        saved_at = self._writer.local_time(self._saved[next(reversed(self._saved))])
        return {**self._answer_view(answer), "saved_at": f"{saved_at:%H:%M:%S}"}

    def _answer_view(self, answer: Answer) -> dict[str, Any]:
        question = answer.question
        law = self._bank.law_of(question.item)
        return {
            "right": answer.is_right,
            "response": list(answer.response),
            "key": list(question.key),
            "response_text": _render_letters(question, answer.response),
            "key_text": _render_letters(question, question.key),
            "explanation": question.explanation,
            "articles": [self._shelf.open(citation, law_at_hand=law).as_view() for citation in question.citations],
        }

    def _summary_view(self) -> dict[str, Any]:
        summary = self._round.summarise()
        laws = {self._bank.catalogue[slug].name: tally for slug, tally in summary.by_law.items()}
        return {
            "overall": _tally_view("合计", summary.overall),
            "by_kind": [_tally_view(name, tally) for name, tally in summary.by_kind.items()],
            "by_law": [_tally_view(name, tally) for name, tally in laws.items()] if len(laws) > 1 else [],
            "wrong": [
                {**self._answer_view(answer), "story": answer.question.story, "stem": answer.question.stem}
                for answer in summary.wrong
            ],
        }


def _render_letters(question: Question, letters: str) -> str:
    """What was picked, to be read without the options: `B 六个月`, for 判断 just 正确 or 错误."""
    if question.kind == "judge":
        return question.options[letters]
    return "；".join(f"{letter} {question.options[letter]}" for letter in letters)


def _tally_view(name: str, tally: Tally) -> dict[str, Any]:
    return {"name": name, "right": tally.right, "total": tally.total}
