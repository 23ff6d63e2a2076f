"""What a learner's page tells of exams and targets, as plain values: study and exam know nothing of each other."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from xuefa.errors import XuefaError
from xuefa.settings import TIME_ZONE, Settings

if TYPE_CHECKING:
    from xuefa.exam.room import Seat, Stage
    from xuefa.records.record import ExamResult
    from xuefa.study.my_year import ExamNotice, StudyTargets

_SAYS: dict[Stage, str] = {
    "open": "可以开始作答",
    "begun": "已经开始，还没有交卷",
    "handed_in": "已交卷",
    "not_yet": "还没有开始",
    "closed": "已经结束",
    "spoilt": "答卷读不出来，请告诉监考人员",
}


def read_notices(settings: Settings, *, learner_id: str, at: datetime) -> tuple[ExamNotice, ...]:
    """The released exams that expect this learner, as they stand at `at`; one that cannot be read is left out."""
    from xuefa.exam.room import find_seats, read_released_exams

    exams, _faults = read_released_exams(settings.course_dir)
    seats = find_seats(exams, course_dir=settings.course_dir, learner_id=learner_id, now=at)
    return tuple(_notice(seat) for seat in seats)


def read_handed_back_results(settings: Settings, *, learner_id: str) -> tuple[ExamResult, ...]:
    """The learner's results in those papers whose feedback has been written for them (`xuefa exam feedback`)."""
    from xuefa.exam.names import require_learner_id

    folder = settings.course_dir / "feedback" / require_learner_id(learner_id)
    handed_back = {path.parent.name for path in folder.glob("*/*.html") if path.stem == path.parent.name}
    if not handed_back or not (settings.course_dir / "gradebook.db").is_file():
        return ()
    from xuefa.exam.gradebook import read_exam_results  # nbgrader takes a second to load: not where nothing is

    return tuple(
        result
        for paper_id in sorted(handed_back)
        for result in read_exam_results(settings.course_dir, paper_id=paper_id)
        if result.learner_id == learner_id
    )


def read_targets(settings: Settings) -> StudyTargets:
    """The targets of the site's `report.toml`; the kit's own where there is none yet, or it is not filled in."""
    from xuefa.report.options import ReportOptions, Targets, read_options
    from xuefa.study.my_year import StudyTargets

    try:
        options = read_options(settings.report_toml)
        minutes, targets = options.minutes_per_study_hour, options.targets
    except XuefaError:  # the clerk is told when building the report; a learner can do nothing about it
        minutes, targets = ReportOptions.model_fields["minutes_per_study_hour"].default, Targets()
    return StudyTargets(
        minutes_per_study_hour=minutes,
        attendance=targets.attendance,
        accuracy=targets.accuracy,
        study_hours=targets.study_hours or None,
    )


def _notice(seat: Seat) -> ExamNotice:
    from xuefa.study.my_year import ExamNotice

    says = _SAYS[seat.stage]
    opens_at = seat.exam.sitting.opens_at
    if seat.stage == "not_yet" and opens_at:
        says = f"{opens_at.astimezone(TIME_ZONE):%m月%d日 %H:%M} 开始"
    return ExamNotice(
        title=seat.exam.paper.title,
        held_on=seat.exam.paper.held_on,
        says=says,
        can_enter=seat.stage in {"open", "begun"},
        is_ahead=seat.stage in {"open", "begun", "not_yet"},
    )
