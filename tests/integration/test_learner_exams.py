"""What the home page is told of exams and targets: only what concerns this learner, scores only once handed back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.exam_course import DUE_AT, PAPER_ID, STARTED_AT, release_course
from xuefa.errors import BadInputError
from xuefa.exam.feedback import write_feedback
from xuefa.exam.marking import mark_paper
from xuefa.settings import Settings
from xuefa.study.my_year import StudyTargets
from xuefa.workflows.learner_exams import read_handed_back_results, read_notices, read_targets


def test_learner_is_told_of_the_exams_that_expect_them_and_how_these_stand(settings: Settings) -> None:
    course = release_course(settings.course_dir, expected=2)
    course.sit("学员02", {})
    before, after = STARTED_AT + timedelta(minutes=1), DUE_AT + timedelta(minutes=1)
    (notice,) = read_notices(settings, learner_id="学员01", at=before)
    assert (notice.title, notice.held_on) == (course.paper.title, course.paper.held_on)
    assert (notice.says, notice.can_enter, notice.is_ahead) == ("可以开始作答", True, True)
    (handed_in,) = read_notices(settings, learner_id="学员02", at=before)
    assert (handed_in.says, handed_in.can_enter, handed_in.is_ahead) == ("已交卷", False, False)
    (closed,) = read_notices(settings, learner_id="学员01", at=after)
    assert (closed.says, closed.can_enter, closed.is_ahead) == ("已经结束", False, False)
    assert read_notices(settings, learner_id="学员99", at=before) == ()


def test_exam_that_opens_later_is_ahead_and_says_when(settings: Settings) -> None:
    course = release_course(settings.course_dir, expected=1)
    path = course.course_dir / "release" / PAPER_ID / "sitting.json"
    opens_at = datetime(2022, 11, 20, 11, 35, tzinfo=UTC).isoformat()
    path.write_text(path.read_text(encoding="utf-8").replace('"opens_at": null', f'"opens_at": "{opens_at}"'), "utf-8")
    (notice,) = read_notices(settings, learner_id="学员01", at=STARTED_AT)
    assert (notice.says, notice.can_enter, notice.is_ahead) == ("11月20日 19:35 开始", False, True)


def test_score_is_told_to_its_owner_and_only_after_it_was_handed_back(settings: Settings) -> None:
    course = release_course(settings.course_dir, expected=2)
    course.sit("学员01", course.right_answers())
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    assert read_handed_back_results(settings, learner_id="学员01") == ()
    write_feedback(PAPER_ID, course_dir=course.course_dir)
    (result,) = read_handed_back_results(settings, learner_id="学员01")
    assert (result.learner_id, result.paper_id, result.score) == ("学员01", PAPER_ID, 30.0)
    assert read_handed_back_results(settings, learner_id="学员02") == ()


def test_learner_id_that_is_a_path_is_refused(settings: Settings) -> None:
    with pytest.raises(BadInputError):
        read_handed_back_results(settings, learner_id="../autograded")


@pytest.mark.parametrize("content", [None, "这不是 TOML", 'unit = ""\nyear = 2026\n'])
def test_targets_are_the_kits_own_where_the_clerk_has_set_none(settings: Settings, content: str | None) -> None:
    if content is not None:
        settings.report_toml.parent.mkdir(parents=True)
        settings.report_toml.write_text(content, encoding="utf-8")
    assert read_targets(settings) == StudyTargets(minutes_per_study_hour=45, attendance=80, accuracy=80)


def test_targets_are_those_of_the_sites_report(settings: Settings, project_dir: Path) -> None:
    settings.report_toml.parent.mkdir(parents=True)
    text = (project_dir / "reports" / "report.toml").read_text(encoding="utf-8")
    for old, new in (
        ('unit = ""', 'unit = "青山乡"'),
        ("minutes_per_study_hour = 45", "minutes_per_study_hour = 40"),
        ("attendance = 80", "attendance = 90"),
        ("study_hours = 0", "study_hours = 24"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    settings.report_toml.write_text(text, encoding="utf-8")
    kits = StudyTargets(minutes_per_study_hour=45, attendance=80, accuracy=80)
    assert read_targets(settings) == replace(kits, minutes_per_study_hour=40, attendance=90, study_hours=24)
