"""The exam page: a learner picks their name, gives their PIN, sees their exams, and sits one on the same page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import anywidget
import ipywidgets
import traitlets

from xuefa.errors import BadInputError, Finding, XuefaError
from xuefa.exam.answer_sheet.widget import AnswerSheet
from xuefa.exam.paper import render_multiple_rules
from xuefa.exam.room import Seat, Stage, find_seats, read_released_exams
from xuefa.exam.scoring import render_points
from xuefa.exam.times import render_time
from xuefa.page_parts import read_script, read_widget_style
from xuefa.records.pins import admit, check_ticket, make_ticket
from xuefa.records.store import Store

_HERE = Path(__file__).parent
_SALT_BYTES = 16
_CAN_ENTER = frozenset({"open", "begun"})
_TELLS_RULES = _CAN_ENTER | {"not_yet"}
_ORDER: tuple[Stage, ...] = ("begun", "open", "not_yet", "spoilt", "handed_in", "closed")
"""What a learner can do now stands first."""


class ExamDoor(anywidget.AnyWidget):
    """The list of names and exams. All state lives here; the page gets it through `view` and takes part in messages.

    `view` is {"stage": "names", "people": [[id, name, has a PIN], …], "fault"} or {"stage": "exams", "learner":
    [id, name], "exams": [{"paper_id", "title", "about", "rules", "stage", "says"}, …], "fault"} or {"stage": "sitting",
    "done"}, where `rules` say how 多选 is marked.
    It holds no question and no key. A message is {"id", "do": "enter" | "resume" | "look" | "leave" | "sit", …};
    its reply {"done": id}. Who entered gets {"ticket": …}, which spares the same tab the PIN for some hours.
    """

    _esm = read_script(_HERE, ["room"])
    _css = read_widget_style(_HERE, ["room"])
    view = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *,
        course_dir: Path,
        store: Store,
        clock: Callable[[], datetime],
        rng: Random,
        on_sheet: Callable[[AnswerSheet | None], None],
    ) -> None:
        """Show the names; `on_sheet` gets the answer sheet of the exam that was chosen, None when it was left.

        `store` keeps the PINs, the same that signing in asks for; `rng` is to be `random.SystemRandom`.
        """
        super().__init__()
        self._store = store
        self._rng = rng
        self._course_dir = course_dir
        self._clock = clock
        self._on_sheet = on_sheet
        self._learner = ""
        self._show()
        self.on_msg(self._receive)

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Take no state from the page; nothing a browser sends is trusted."""

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        request = content if isinstance(content, dict) else {}
        try:
            self._answer(request)
        except XuefaError as error:
            self._show(fault=str(error))
        except Exception as error:  # whatever broke, the page must not stand still without a word
            self._show(fault=f"程序内部出错（{type(error).__name__}）。请刷新页面；仍不行，请告诉监考人员。")
        self.send({"done": request.get("id")})

    def _answer(self, request: Mapping[str, Any]) -> None:
        match request:
            case {"do": "enter", "learner": str(learner_id), "pin": str(pin), "again": str(again)}:
                self._enter(learner_id, pin, again)
            case {"do": "resume", "ticket": str(ticket)}:
                self._resume(ticket)
            case {"do": "look"}:
                self._look()
            case {"do": "leave"}:
                self._learner = ""
                self._look()
            case {"do": "sit", "paper": str(paper_id)}:
                self._sit(paper_id)
            case _:
                raise BadInputError(Finding("考试", "页面发来的内容不合要求，没有接受", "请刷新页面后再试"))

    def _enter(self, learner_id: str, pin: str, again: str) -> None:
        exams, _faults = read_released_exams(self._course_dir)
        if all(exam.sitting.find(learner_id) is None for exam in exams):
            raise BadInputError(Finding("考试", "应考名单里没有这个人", "请核对名字，或者告诉监考人员"))
        now, salt = self._clock(), self._rng.randbytes(_SALT_BYTES)
        proof = admit(self._store, learner_id=learner_id, pin=pin, again=again, now=now, salt=salt)
        self.send({"ticket": make_ticket(proof, now=now)})
        self._learner = learner_id
        self._show()

    def _resume(self, ticket: str) -> None:
        proof = check_ticket(self._store, ticket, now=self._clock())
        self._learner = proof.learner_id if proof else ""
        self._show()

    def _sit(self, paper_id: str) -> None:
        exams, _faults = read_released_exams(self._course_dir)
        seats = find_seats(exams, course_dir=self._course_dir, learner_id=self._learner, now=self._clock())
        seat = next((seat for seat in seats if seat.exam.paper.paper_id == paper_id), None)
        if seat is None or seat.stage not in _CAN_ENTER:
            raise BadInputError(Finding("考试", "这场考试现在不能作答", "请看列表里的说明"))
        sheet = AnswerSheet(
            paper=seat.exam.paper,
            course_dir=self._course_dir,
            candidates=seat.exam.sitting.candidates,
            clock=self._clock,
            learner_id=self._learner,
            closes_at=seat.exam.sitting.closes_at,
        )
        self._on_sheet(sheet)
        self._follow(sheet)
        sheet.observe(lambda _change: self._follow(sheet), names="page")

    def _follow(self, sheet: AnswerSheet) -> None:
        """The way back to the list opens when the paper is handed in, so that no word on its way is lost."""
        self.view = {"stage": "sitting", "done": sheet.page["stage"] == "handed_in"}

    def _look(self) -> None:
        self._on_sheet(None)
        self._show()

    def _show(self, *, fault: str = "") -> None:
        exams, faults = read_released_exams(self._course_dir)
        people = {candidate.learner_id: candidate.name for exam in exams for candidate in exam.sitting.candidates}
        if faults and not fault:
            fault = f"有 {len(faults)} 份试卷读不出来，没有列在这里，请告诉监考人员。"
        if self._learner not in people:
            self._learner = ""
            holders = self._store.read_pin_holders()
            listed = [[learner_id, name, learner_id in holders] for learner_id, name in sorted(people.items())]
            self.view = {"stage": "names", "people": listed, "fault": fault}
            return
        seats = find_seats(exams, course_dir=self._course_dir, learner_id=self._learner, now=self._clock())
        seats = tuple(sorted(seats, key=lambda seat: _ORDER.index(seat.stage)))
        self.view = {
            "stage": "exams",
            "learner": [self._learner, people[self._learner]],
            "exams": [_show_seat(seat) for seat in seats],
            "fault": fault,
        }


def open_exam_room(*, course_dir: Path, store: Store, clock: Callable[[], datetime], rng: Random) -> ipywidgets.VBox:
    """The exam page: the door, and below it the answer sheet of the exam that is being sat."""
    room = ipywidgets.VBox(layout=ipywidgets.Layout(width="100%"))

    def show(sheet: AnswerSheet | None) -> None:
        room.children = (door,) if sheet is None else (door, sheet)

    door = ExamDoor(course_dir=course_dir, store=store, clock=clock, rng=rng, on_sheet=show)
    room.children = (door,)
    return room


def _show_seat(seat: Seat) -> dict[str, Any]:
    paper = seat.exam.paper
    points = f"满分 {render_points(paper.total_points)} 分，{render_points(paper.counted_pass_score)} 分及格"
    return {
        "paper_id": paper.paper_id,
        "title": paper.title,
        "about": f"{len(paper.questions)} 题，{paper.duration_minutes} 分钟，{points}",
        "rules": list(render_multiple_rules(paper)) if seat.stage in _TELLS_RULES else [],
        "stage": seat.stage,
        "says": _render_stage(seat),
    }


def _render_stage(seat: Seat) -> str:
    """What a learner is told of an exam, times in Beijing time."""
    opens_at, closes_at = seat.exam.sitting.opens_at, seat.exam.sitting.closes_at
    answers = seat.attendance.answers
    opens = render_time(opens_at)[:16] if opens_at else ""
    closes = render_time(closes_at)[:16] if closes_at else ""
    if seat.stage == "handed_in" and answers and answers.handed_in_at:
        late = "（迟交）" if seat.attendance.late else ""
        return f"已于 {render_time(answers.handed_in_at)} 交卷{late}，回执码 {seat.attendance.receipt}。"
    if seat.stage == "begun" and answers:
        return f"{render_time(answers.started_at)} 开始作答，还没有交卷。"
    if seat.stage == "not_yet":
        return f"{opens} 开考（北京时间），还没有到时间。"
    if seat.stage == "closed":
        return f"已于 {closes} 截止（北京时间），没有作答。"
    if seat.stage == "spoilt":
        return "答卷读不出来，请告诉监考人员。"
    return f"现在可以作答，{closes} 截止（北京时间）。" if closes else "现在可以作答。"
