"""测验: one question at a time, in three modes, every answer in the records before the page says 已保存."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from xuefa.bank.item import KIND_NAMES, Question
from xuefa.bank.reader import Bank
from xuefa.records.record import Record, Verb
from xuefa.study.articles import ArticleShelf
from xuefa.study.quiz import MODE_NAMES, Answer, Round, Tally, parse_response
from xuefa.study.record_writer import RecordWriter
from xuefa.study.rounds import RoundSource, render_round_name
from xuefa.study.widgets.base import BadRequestError, StudyWidget, read_assets


class QuizWidget(StudyWidget):
    """A quiz over the rounds of `source`; a key leaves Python only with the feedback to its answer.

    In 自测 that is at the end of the round. An answer whose write failed stays as it was given, under the answer id
    that the page chose: trying again writes the same record, so it never counts twice, and no other answer to that
    question is taken. `objectives` names objectives by id; `on_finish` is called when a round has been finished;
    `sheet` gives the name and the bytes of a file to take along, None where there is nothing.
    """

    _esm, _css = read_assets("quiz")

    def __init__(
        self,
        *,
        writer: RecordWriter,
        bank: Bank,
        shelf: ArticleShelf,
        source: RoundSource,
        objectives: Mapping[str, str],
        on_finish: Callable[[], None] = lambda: None,
        sheet: Callable[[], tuple[str, bytes] | None] | None = None,
    ) -> None:
        super().__init__(writer=writer)
        self._bank = bank
        self._shelf = shelf
        self._source = source
        self._objectives = objectives
        self._on_finish = on_finish
        self._sheet = sheet
        self._learner_id: str | None = None
        self._rounds_begun = 0
        self._begin(source.begin(source.modes[0]))
        writer.presence.subscribe(self._note_presence)
        self._note_presence()

    def answer_request(self, name: str, request: Mapping[str, Any]) -> None:
        if name == "answer":
            self._answer(request)
        elif name == "next":
            self._advance()
        elif name == "again" and self._round.is_answered:
            self._begin(self._source.begin(self._round.mode))
        elif name == "mode":
            self._choose_mode(request.get("mode"))
        elif name == "sheet" and self._sheet and self._learner_id:
            self._send_sheet(self._sheet())
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
            "mode": self._round.mode,
            "modes": [[mode, MODE_NAMES[mode]] for mode in self._source.modes],
            "begun": bool(self._round.answers or self._unsaved),
            "resumed": self._resumed,
            "sheet": self._sheet is not None,
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
            elif self._round.mode == "self_test" and self._saved:
                view["saved_at"] = self._last_saved()
        self.view = view

    def _begin(self, played: Round) -> None:
        self._round = played
        self._resumed = len(played.answers)
        self._shown_at = self._writer.clock()
        self._unsaved: tuple[str, Round, tuple[Record, ...]] | None = None
        self._saved: dict[str, datetime] = {}
        self._rounds_begun += 1

    def _choose_mode(self, mode: object) -> None:
        chosen = next((one for one in self._source.modes if one == mode), None)
        if chosen is None or self._round.answers or self._unsaved:
            raise BadRequestError("no mode to choose")
        self._round = replace(self._round, mode=chosen)

    def _note_presence(self) -> None:
        """A new learner goes on with the round they left, or gets one of their own; nothing of who left stays."""
        learner = self._writer.presence.learner
        learner_id = learner.learner_id if learner else None
        if learner_id != self._learner_id:
            left = self._source.resume(learner) if learner else None
            if left is not None:
                self._begin(left)
            elif self._learner_id is not None:
                self._begin(self._source.begin(self._source.modes[0]))
            self._learner_id = learner_id
        self.show()

    def _send_sheet(self, file: tuple[str, bytes] | None) -> None:
        if file is None:
            raise BadRequestError("nothing to take along")
        self.send_file(*file)

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
        self._shown_at = self._writer.clock()
        if answered.is_answered:
            self._on_finish()

    def _prepare(self, question: Question, request: Mapping[str, Any]) -> tuple[Round, tuple[Record, ...]]:
        """The round with the answer in it, and the records to write for it."""
        try:
            answered = self._round.answer(parse_response(question, request.get("response")))
        except ValueError as error:
            raise BadRequestError(str(error)) from None
        answer = answered.answers[-1]
        name = render_round_name(answered)
        records = [
            self._writer.make(
                Verb.ANSWERED,
                module=self._bank.law_of(question.item).module,
                item_id=question.question_id,
                item_version=question.item.version,
                points=answer.points,
                max_points=1.0,
                response=answer.response,
                seconds=self._seconds(request.get("seconds")),
                text=name,
            )
        ]
        if answered.is_answered:
            overall = answered.summarise().overall
            records.append(
                self._writer.make(
                    Verb.FINISHED, points=float(overall.right), max_points=float(overall.total), text=name
                )
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
        return {**self._answer_view(answer), "saved_at": self._last_saved()}

    def _last_saved(self) -> str:
        return f"{self._writer.local_time(next(reversed(self._saved.values()))):%H:%M:%S}"

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
        objectives = {self._objectives.get(one, one): tally for one, tally in summary.by_objective.items()}
        parts = {"学习目标": objectives, "能力": summary.by_skill, "题型": summary.by_kind}
        if len(laws) > 1:
            parts = {"法律法规": laws, **parts}
        return {
            "overall": _tally_view("合计", summary.overall),
            "parts": [
                {"name": name, "rows": [_tally_view(row, tally) for row, tally in tallies.items()]}
                for name, tallies in parts.items()
            ],
            "answers": [
                {**self._answer_view(answer), "story": answer.question.story, "stem": answer.question.stem}
                for answer in self._round.answers
            ],
        }


def _render_letters(question: Question, letters: str) -> str:
    """What was picked, to be read without the options: `B 六个月`, for 判断 just 正确 or 错误."""
    if question.kind == "judge":
        return question.options[letters]
    return "；".join(f"{letter} {question.options[letter]}" for letter in letters)


def _tally_view(name: str, tally: Tally) -> dict[str, Any]:
    return {"name": name, "right": tally.right, "total": tally.total}
