"""首页: how the learner who is signed in stands this year, and what is to be done next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from xuefa.study.articles import render_date
from xuefa.study.my_year import Curriculum, ExamNotice, LearnerYear, ModuleDone
from xuefa.study.record_writer import RecordWriter
from xuefa.study.review import ReviewPlan
from xuefa.study.widgets.base import BadRequestError, StudyWidget, read_assets


class OverviewWidget(StudyWidget):
    """The card of the year so far; `facts`, `plan` and `exams` are read anew for the learner who is signed in."""

    _esm, _css = read_assets("overview")

    def __init__(
        self,
        *,
        writer: RecordWriter,
        curriculum: Curriculum,
        facts: Callable[[], LearnerYear],
        plan: Callable[[], ReviewPlan | None],
        exams: Callable[[], tuple[ExamNotice, ...]],
    ) -> None:
        super().__init__(writer=writer)
        self._curriculum = curriculum
        self._facts = facts
        self._plan = plan
        self._exams = exams
        writer.presence.subscribe(self.show)
        self.show()

    def answer_request(self, name: str, request: Mapping[str, Any]) -> None:
        """Refuse: the page has nothing to ask for here."""
        del request
        raise BadRequestError(name)

    def show(self, *, problem: str = "") -> None:
        learner = self._writer.presence.learner
        view: dict[str, Any] = {"learner": learner.name if learner else None, "problem": problem}
        if learner:
            facts = self._facts()
            view |= {
                "hours": self._hours_view(facts),
                "months": self._months_view(facts),
                "laws": self._laws_view(facts),
                "review": _review_view(self._plan()),
                "exams": [
                    {
                        "title": one.title,
                        "day": render_date(one.held_on),
                        "says": one.says,
                        "can_enter": one.can_enter,
                    }
                    for one in self._exams()
                ],
            }
        self.view = view

    def _hours_view(self, facts: LearnerYear) -> dict[str, Any]:
        return {
            "hours": f"{facts.study_hours(self._curriculum.targets.minutes_per_study_hour)}",
            "target": self._curriculum.targets.study_hours,
            "attended": len(facts.attended),
            "expected": facts.expected,
            "came": facts.came,
            "attendance_target": self._curriculum.targets.attendance,
        }

    def _months_view(self, facts: LearnerYear) -> list[dict[str, Any]]:
        month = self._writer.today().month
        views = []
        for module in sorted(self._curriculum.manifest, key=lambda module: module.month):
            done = facts.modules.get(module.number, ModuleDone())
            views.append(
                {
                    "month": module.month,
                    "title": module.title,
                    "page": quote(module.notebook) if module.status == "ready" else "",
                    "now": module.month == month,
                    "quiz": done.rounds > 0,
                    "reflection": done.reflections > 0,
                    "begun": done.answers > 0,
                }
            )
        return views

    def _laws_view(self, facts: LearnerYear) -> list[dict[str, Any]]:
        views = []
        for law in self._curriculum.catalogue:
            tally = facts.by_law.get(law.slug)
            if tally:
                percent = round(100 * tally.right / tally.total)
                below = 100 * tally.right < self._curriculum.targets.accuracy * tally.total
                views.append(
                    {"name": law.name, "right": tally.right, "total": tally.total, "percent": percent, "below": below}
                )
        return views


def _review_view(plan: ReviewPlan | None) -> dict[str, Any]:
    todays = plan.for_today if plan else ()
    return {
        "due": len(todays),
        "wrong": sum(not card.was_right for card in todays),
        "later": sum(len(cards) for cards in plan.days.values()) - len(todays) if plan else 0,
        "exam": render_date(plan.exam_on) if plan and plan.exam_on else "",
    }
