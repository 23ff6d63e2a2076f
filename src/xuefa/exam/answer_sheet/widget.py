"""The kernel's side of the answer sheet: it signs a learner in, writes what the page sends, and says so afterwards."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from xuefa.errors import BadInputError, Finding, XuefaError
from xuefa.exam.answers import ANSWERS_FILE, Answers, receipt_code, write_answers_file
from xuefa.exam.exchange import adopt_fetched_paper
from xuefa.exam.paper import PAPER_FILE, Paper, public_paper, read_paper, render_multiple_rules
from xuefa.exam.sitting import Candidate
from xuefa.exam.submission import GRACE, PageState, find_end, hand_in, open_submission, read_submission, write_answers
from xuefa.exam.times import render_clock_time, render_time
from xuefa.page_parts import read_script, read_widget_style

_HERE = Path(__file__).parent
_SCRIPTS = ("saving", "clock", "questions", "progress", "notices", "hand_in", "exam", "sheet")
_IN_NBGRADER = "NBGRADER_EXECUTION"
_BAD_REQUEST = "页面发来的内容不合要求，没有接受"
_CLOCK_TOLERANCE = timedelta(seconds=5)
_SUBMIT_ADVICE = "最后一步：请在作业列表（Assignment List）里提交这份试卷，答卷才会送到培训人员那里。"
_CLOCK_JUMPED = "电脑的时间比上次保存时早了，答案照常保存，剩余时间不会变多。请告诉监考人员校准电脑时间。"

Pack = Callable[[str], Path]
"""Writes the hand-in file of the learner of that id, who has handed in; gives its path."""


class AnswerSheet(anywidget.AnyWidget):
    """A paper on the page. All state lives here; the page gets it through five traits and takes part in messages.

    `page` says what is shown: {"stage": "sign_in", "title", "rules", "candidates": [[id, name], …]}, {"stage": "exam",
    "learner": [id, name]} or {"stage": "handed_in", "learner", "handed_in_at", "handed_in_by", "receipt", "answered",
    "total", "advice", "file"}, where "advice" says what else is to be done, and "file", on a PC of one's own, is
    {"name", "folder"} of the hand-in file, or {"fault"} if it could not be written. `paper` is `public_paper` once
    someone has signed in; `responses`, `revisions` (by question id) and `flagged` (ids) are what is on disk. None of
    them ever holds a key.

    A message is {"id", "do": "sign_in" | "save" | "time" | "hand_in" | "pack", …}; `pack` tries again to write the
    hand-in file. `save` has "responses" and may have "sent", "flagged" and "seconds" (see `write_answers`); with `save`
    and `time` the page tells the "revisions" it has. The reply goes out after the work is on disk: {"done": id, "ok":
    bool, "fault": str, "notice": str, "saved_at": "19:30:05", "seconds_left": int, "newer": {question id: [response,
    revision]}, "refused": [ids], "flagged": [ids]}, where `newer` is what the page does not have yet, and `refused`
    what was based on an older answer and not written.
    """

    _esm = read_script(_HERE, _SCRIPTS)
    _css = read_widget_style(_HERE, ["sheet"])
    page = traitlets.Dict().tag(sync=True)
    paper = traitlets.Dict().tag(sync=True)
    responses = traitlets.Dict().tag(sync=True)
    revisions = traitlets.Dict().tag(sync=True)
    flagged: traitlets.List[str] = traitlets.List().tag(sync=True)

    def __init__(
        self,
        *,
        paper: Paper,
        course_dir: Path,
        candidates: Sequence[Candidate],
        clock: Callable[[], datetime],
        learner_id: str | None = None,
        closes_at: datetime | None = None,
        fetched_folder: Path | None = None,
        pack: Pack | None = None,
    ) -> None:
        """Show the sign-in for the candidates, or the paper of `learner_id`, who signed in elsewhere.

        `clock` gives aware times; at `closes_at` (aware) everyone's time is up. What is handed in is put into
        `fetched_folder` too, for nbgrader's own submit; elsewhere `pack` writes the hand-in file, where there is one to
        be passed on. Raises what `open_submission` raises, and BadInputError if `learner_id` is not among the
        candidates.
        """
        super().__init__()
        self._paper = paper
        self._course_dir = course_dir
        self._names = {candidate.learner_id: candidate.name for candidate in candidates}
        self._clock = clock
        self._closes_at = closes_at
        self._fetched_folder = fetched_folder
        self._pack = None if fetched_folder else pack
        self._answers: Answers | None = None
        if learner_id is None:
            self.page = {
                "stage": "sign_in",
                "title": paper.title,
                "duration_minutes": paper.duration_minutes,
                "rules": list(render_multiple_rules(paper)),
                "candidates": [[learner_id, name] for learner_id, name in self._names.items()],
            }
        else:
            self._sign_in(learner_id)
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
        self.send({"done": request.get("id"), "ok": not fault, "fault": fault, **self._describe(request)})

    def _answer(self, request: Mapping[str, Any]) -> None:
        match request:
            case {"do": "sign_in", "learner": str(learner_id)}:
                self._sign_in(learner_id)
            case {"do": "save", "responses": dict(responses)}:
                self._save(responses, request)
            case {"do": "hand_in"}:
                self._hand_in()
            case {"do": "time"}:
                self._refresh()
            case {"do": "pack"}:
                self._show(self._present())
            case _:
                raise _bad_request()

    def _describe(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What every reply tells besides whether the work was done."""
        moment, clock = self._moment(), self._clock()
        answers = self._answers.answers if self._answers else {}
        known = request.get("revisions")
        known = known if isinstance(known, dict) else {}
        wanted = request.get("responses")
        wanted = wanted if request.get("do") == "save" and isinstance(wanted, dict) else {}
        return {
            "notice": _CLOCK_JUMPED if moment - clock > _CLOCK_TOLERANCE else "",
            "saved_at": render_clock_time(moment),
            "seconds_left": self._seconds_left(moment),
            "newer": {
                key: [one.response, one.revision] for key, one in answers.items() if known.get(key) != one.revision
            },
            "refused": [key for key, one in answers.items() if wanted.get(key, one.response) != one.response],
            "flagged": list(self.flagged),
        }

    def _sign_in(self, learner_id: str) -> None:
        if learner_id not in self._names:
            raise BadInputError(Finding("签到", "这份试卷的应考名单里没有这个人", "请告诉监考人员"))
        answers = open_submission(self._paper, course_dir=self._course_dir, learner_id=learner_id, now=self._clock())
        self._show(self._hand_in_if_over(answers))

    def _save(self, responses: dict[str, Any], request: Mapping[str, Any]) -> None:
        answers = self._hand_in_if_over(self._present())
        if answers.handed_in_by == "time":
            self._show(answers)
            raise BadInputError(Finding("答题时间", "已经到了，之后的修改没有接受", "答卷已按到时的内容自动交上"))
        sent = _select(request, "sent", list)
        if not all(isinstance(one, str) for own in sent.values() for one in own):
            raise _bad_request()
        end = find_end(self._paper, answers, closes_at=self._closes_at)
        self._keep(
            write_answers(
                self._paper,
                course_dir=self._course_dir,
                learner_id=answers.learner_id,
                responses=_require_names(responses),
                now=min(self._moment(), end),
                page=PageState(
                    revisions=_select(request, "revisions", int),
                    sent=sent,
                    flagged=_select(request, "flagged", bool),
                    seconds=_select(request, "seconds", int, float),
                ),
            )
        )

    def _hand_in(self) -> None:
        answers, moment = self._present(), self._moment()
        end = find_end(self._paper, answers, closes_at=self._closes_at)
        self._show(
            hand_in(
                self._paper,
                course_dir=self._course_dir,
                learner_id=answers.learner_id,
                now=min(moment, end),
                handed_in_by="time" if moment >= end else "learner",
            )
        )

    def _refresh(self) -> None:
        """Take over what another page or kernel has written meanwhile."""
        if self._answers is None or self._answers.handed_in_at:
            return
        answers = read_submission(self._paper, course_dir=self._course_dir, learner_id=self._answers.learner_id)
        answers = self._hand_in_if_over(answers)
        if answers.handed_in_at:
            self._show(answers)
        else:
            self._keep(answers)

    def _hand_in_if_over(self, answers: Answers) -> Answers:
        """Hand in as of the end when the time was up and nobody did."""
        end = find_end(self._paper, answers, closes_at=self._closes_at)
        if answers.handed_in_at or max(self._clock(), answers.latest_at) <= end + GRACE:
            return answers
        return hand_in(
            self._paper,
            course_dir=self._course_dir,
            learner_id=answers.learner_id,
            now=end,
            handed_in_by="time",
        )

    def _present(self) -> Answers:
        if self._answers is None:
            raise BadInputError(Finding("答题卡", "还没有签到", "请先选自己的名字"))
        return self._answers

    def _keep(self, answers: Answers) -> None:
        self._answers = answers
        self.responses = {question_id: answer.response for question_id, answer in answers.answers.items()}
        self.revisions = {question_id: answer.revision for question_id, answer in answers.answers.items()}
        self.flagged = list(answers.flagged)

    def _show(self, answers: Answers) -> None:
        self._keep(answers)
        learner = [answers.learner_id, self._names[answers.learner_id]]
        self.paper = public_paper(self._paper, learner_id=answers.learner_id)
        if answers.handed_in_at:
            if self._fetched_folder:
                write_answers_file(self._fetched_folder / ANSWERS_FILE, answers)
            self.page = {
                "stage": "handed_in",
                "learner": learner,
                "handed_in_at": render_time(answers.handed_in_at),
                "handed_in_by": answers.handed_in_by,
                "receipt": receipt_code(answers),
                "answered": answers.answered,
                "total": len(self._paper.questions),
                "advice": _SUBMIT_ADVICE if self._fetched_folder else "",
                "file": self._write_file(answers.learner_id),
            }
        else:
            self.page = {"stage": "exam", "learner": learner}

    def _write_file(self, learner_id: str) -> dict[str, str] | None:
        """Where the hand-in file lies; that it could not be written undoes no handing in."""
        if self._pack is None:
            return None
        try:
            path = self._pack(learner_id)
        except XuefaError as error:
            return {"fault": str(error)}
        except Exception as error:  # a full or read-only disk, a file that another program holds
            fault = f"写不进去（{type(error).__name__}）"
            return {"fault": str(Finding("交卷文件", fault, "请看看磁盘是否已满，文件是否正被别的程序打开"))}
        return {"name": path.name, "folder": str(path.parent)}

    def _moment(self) -> datetime:
        """The clock's time, but never one before what is already on disk."""
        clock = self._clock()
        return max(clock, self._answers.latest_at) if self._answers else clock

    def _seconds_left(self, moment: datetime) -> int:
        """Counted here from the moment the paper was opened, so that reloading the page changes nothing."""
        if self._answers is None:
            return 0
        end = find_end(self._paper, self._answers, closes_at=self._closes_at)
        return math.ceil((end - moment).total_seconds())


def open_answer_sheet(
    *,
    paper_folder: Path,
    course_dir: Path,
    candidates: Sequence[Candidate],
    clock: Callable[[], datetime],
    environ: Mapping[str, str],
    closes_at: datetime | None = None,
    pack: Pack | None = None,
) -> AnswerSheet | str:
    """The answer sheet of the paper in that folder; when nbgrader executes the notebook, a line of text instead."""
    if _IN_NBGRADER in environ:
        return "阅卷时不显示答题卡。"
    paper = read_paper(paper_folder / PAPER_FILE)
    return AnswerSheet(
        paper=paper,
        course_dir=course_dir,
        candidates=candidates,
        clock=clock,
        closes_at=closes_at,
        fetched_folder=adopt_fetched_paper(paper_folder, course_dir=course_dir),
        pack=pack,
    )


def _select(request: Mapping[str, Any], name: str, *kinds: type) -> dict[str, Any]:
    """An optional part of a message, question id → a value of one of these very types (finite, if a number)."""
    part = _require_names(request.get(name, {}))
    if not all(type(value) in kinds for value in part.values()):
        raise _bad_request()
    if not all(0 <= value < 2**30 for value in part.values() if isinstance(value, int | float)):
        raise _bad_request()
    return part


def _require_names(part: object) -> dict[str, Any]:
    if not isinstance(part, dict) or not all(isinstance(key, str) for key in part):
        raise _bad_request()
    return part


def _bad_request() -> BadInputError:
    return BadInputError(Finding("答题卡", _BAD_REQUEST, "请刷新页面后再试"))
