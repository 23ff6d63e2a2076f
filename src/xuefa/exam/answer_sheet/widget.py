"""The kernel's side of the answer sheet: it signs a learner in, writes what the page sends, and says so afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from xuefa.errors import BadInputError, Finding, XuefaError
from xuefa.exam.answers import Answers
from xuefa.exam.paper import PAPER_FILE, Paper, public_paper, read_paper
from xuefa.exam.sitting import Candidate
from xuefa.exam.submission import hand_in, open_submission, write_answers
from xuefa.exam.times import render_clock_time, render_time

_HERE = Path(__file__).parent
_IN_NBGRADER = "NBGRADER_EXECUTION"
_BAD_REQUEST = "页面发来的内容不合要求，没有接受"


class AnswerSheet(anywidget.AnyWidget):
    """A paper on the page. All state lives here; the page gets it through three traits and takes part in messages.

    `page` says what is shown: {"stage": "sign_in", "title", "candidates": [[id, name], …]}, {"stage": "exam",
    "learner": [id, name]} or {"stage": "handed_in", "learner", "handed_in_at", "answered", "total"}. `paper` is
    `public_paper` once someone has signed in, and `responses` what is on disk. None of them ever holds a key.

    A message is {"id", "do": "sign_in" | "save" | "time" | "hand_in", …}. Its reply goes out after the work is on disk:
    {"done": id, "ok": bool, "fault": str, "saved_at": "19:30:05", "seconds_left": int}.
    """

    _esm = _HERE / "answer_sheet.js"
    _css = _HERE / "answer_sheet.css"
    page = traitlets.Dict().tag(sync=True)
    paper = traitlets.Dict().tag(sync=True)
    responses = traitlets.Dict().tag(sync=True)

    def __init__(
        self, *, paper: Paper, course_dir: Path, candidates: Sequence[Candidate], clock: Callable[[], datetime]
    ) -> None:
        """Show the sign-in for the candidates; `clock` gives aware times."""
        super().__init__()
        self._paper = paper
        self._course_dir = course_dir
        self._names = {candidate.learner_id: candidate.name for candidate in candidates}
        self._clock = clock
        self._answers: Answers | None = None
        self.page = {
            "stage": "sign_in",
            "title": paper.title,
            "duration_minutes": paper.duration_minutes,
            "candidates": [[learner_id, name] for learner_id, name in self._names.items()],
        }
        self.on_msg(self._receive)

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Take no state from the page; nothing a browser sends is trusted."""

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        request = content if isinstance(content, dict) else {}
        fault = ""
        try:
            self._answer(request)
        except XuefaError as error:
            fault = str(error)
        except Exception as error:  # whatever broke, the learner must know that nothing was saved
            fault = f"程序内部出错（{type(error).__name__}），没有保存。请重试；仍不行，请告诉监考人员。"
        now = self._clock()
        self.send(
            {
                "done": request.get("id"),
                "ok": not fault,
                "fault": fault,
                "saved_at": render_clock_time(now),
                "seconds_left": self._seconds_left(now),
            }
        )

    def _answer(self, request: Mapping[str, Any]) -> None:
        match request:
            case {"do": "sign_in", "learner": str(learner_id)}:
                self._sign_in(learner_id)
            case {"do": "save", "responses": dict(responses)} if all(isinstance(key, str) for key in responses):
                self._save(responses)
            case {"do": "hand_in"}:
                self._hand_in()
            case {"do": "time"}:
                pass
            case _:
                raise BadInputError(Finding("答题卡", _BAD_REQUEST, "请刷新页面后再试"))

    def _sign_in(self, learner_id: str) -> None:
        if learner_id not in self._names:
            raise BadInputError(Finding("签到", "这份试卷的应考名单里没有这个人", "请告诉监考人员"))
        self._show(open_submission(self._paper, course_dir=self._course_dir, learner_id=learner_id, now=self._clock()))

    def _save(self, responses: dict[str, Any]) -> None:
        self._answers = write_answers(
            self._paper,
            course_dir=self._course_dir,
            learner_id=self._present().learner_id,
            responses=responses,
            now=self._clock(),
        )
        self.responses = _responses(self._answers)

    def _hand_in(self) -> None:
        learner_id = self._present().learner_id
        self._show(hand_in(self._paper, course_dir=self._course_dir, learner_id=learner_id, now=self._clock()))

    def _present(self) -> Answers:
        if self._answers is None:
            raise BadInputError(Finding("答题卡", "还没有签到", "请先选自己的名字"))
        return self._answers

    def _show(self, answers: Answers) -> None:
        self._answers = answers
        learner = [answers.learner_id, self._names[answers.learner_id]]
        self.paper = public_paper(self._paper)
        self.responses = _responses(answers)
        if answers.handed_in_at:
            self.page = {
                "stage": "handed_in",
                "learner": learner,
                "handed_in_at": render_time(answers.handed_in_at),
                "answered": len(answers.answers),
                "total": sum(1 for _ in self._paper.questions),
            }
        else:
            self.page = {"stage": "exam", "learner": learner}

    def _seconds_left(self, now: datetime) -> int:
        """Counted here from the moment the paper was opened, so that reloading the page changes nothing."""
        if self._answers is None:
            return 0
        return int(self._paper.duration_minutes * 60 - (now - self._answers.started_at).total_seconds())


def open_answer_sheet(
    *,
    paper_folder: Path,
    course_dir: Path,
    candidates: Sequence[Candidate],
    clock: Callable[[], datetime],
    environ: Mapping[str, str],
) -> AnswerSheet | str:
    """The answer sheet of the paper in that folder; when nbgrader executes the notebook, a line of text instead."""
    if _IN_NBGRADER in environ:
        return "阅卷时不显示答题卡。"
    paper = read_paper(paper_folder / PAPER_FILE)
    return AnswerSheet(paper=paper, course_dir=course_dir, candidates=candidates, clock=clock)


def _responses(answers: Answers) -> dict[str, str]:
    return {question_id: answer.response for question_id, answer in answers.answers.items()}
