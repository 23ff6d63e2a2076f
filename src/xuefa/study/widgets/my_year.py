"""我的一年: a learner's own facts of a year, and the Word file of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from xuefa.records.record import SESSION_KIND_NAMES
from xuefa.study.my_year import (
    Curriculum,
    LearnerYear,
    render_answers,
    render_attendance,
    render_result,
    render_writing,
)
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.base import BadRequestError, StudyWidget, read_assets


class MyYearWidget(StudyWidget):
    """The card of one's own year; the Word file goes to the browser as bytes, never by way of the disk.

    `facts` reads a year of the learner who is signed in, `years` the years with records of theirs, the last first.
    """

    _esm, _css = read_assets("my_year")

    def __init__(
        self,
        *,
        writer: RecordWriter,
        curriculum: Curriculum,
        facts: Callable[[int], LearnerYear],
        years: Callable[[], tuple[int, ...]],
    ) -> None:
        super().__init__(writer=writer)
        self._curriculum = curriculum
        self._facts = facts
        self._years = years
        self._opened: LearnerYear | None = None
        writer.presence.subscribe(self._close)
        self.show()

    def answer_request(self, name: str, request: Mapping[str, Any]) -> None:
        if self._writer.presence.learner is None:
            raise BadRequestError("nobody is signed in")
        if name == "open":
            year = request.get("year", self._writer.today().year)
            if isinstance(year, bool) or year not in self._years():
                raise BadRequestError("no such year")
            self._opened = self._facts(year)
        elif name == "file" and self._opened:
            self._send_file(self._opened)
        else:
            raise BadRequestError(name)
        self.show()

    def show(self, *, problem: str = "") -> None:
        learner = self._writer.presence.learner
        view: dict[str, Any] = {"learner": learner.name if learner else None, "problem": problem, "year": None}
        if learner and self._opened:
            view |= {"years": list(self._years()), **self._facts_view(self._opened)}
        self.view = view

    def _close(self) -> None:
        self._opened = None
        self.show()

    def _facts_view(self, facts: LearnerYear) -> dict[str, Any]:
        now = self._writer.local_time(self._writer.clock())
        return {
            "year": facts.year,
            "attendance": render_attendance(facts, self._curriculum.targets),
            "sessions": [
                [f"{one.held_on.month}月{one.held_on.day}日", SESSION_KIND_NAMES[one.kind], one.title]
                for one in facts.attended
            ],
            "answers": render_answers(facts),
            "results": [render_result(one) for one in facts.exam_results],
            "writings": [
                {"head": render_writing(one, manifest=self._curriculum.manifest, at=now), "text": one.text or ""}
                for one in facts.writings
            ],
        }

    def _send_file(self, facts: LearnerYear) -> None:
        from xuefa.study.my_year_document import make_year_document  # noqa: PLC0415  python-docx only when asked for

        content = make_year_document(
            facts,
            curriculum=self._curriculum,
            written_at=self._writer.local_time(self._writer.clock()),
        )
        self.send_file(f"{facts.year}年度个人学法情况.docx", content)
