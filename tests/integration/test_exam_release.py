"""Who is expected at which paper: parallel forms share the candidates out, a 补考 calls back who has not passed."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.exam_course import PROJECT, fixture_bank, small_paper
from xuefa.cli import app
from xuefa.errors import BadInputError
from xuefa.exam.gradebook import read_exam_results
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.marking import mark_paper
from xuefa.exam.notebook import write_source
from xuefa.exam.paper import Paper, read_course_paper
from xuefa.exam.submission import hand_in, open_submission, write_answers
from xuefa.records.record import Learner
from xuefa.records.store import open_store
from xuefa.settings import TIME_ZONE, Settings, site_settings
from xuefa.workflows.exam_sitting import read_status, release_papers

DAY = date(2026, 1, 5)
FROM = datetime(2026, 1, 5, 19, 0, tzinfo=TIME_ZONE)


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    """A site with five who may sit an exam and one who may not."""
    (tmp_path / "grading").mkdir()
    shutil.copy(PROJECT / "grading" / "nbgrader_config.py", tmp_path / "grading")
    settings = site_settings(project_dir=PROJECT, site_dir=tmp_path)
    with open_store(settings.database_url) as store:
        store.write_learners(
            Learner(
                learner_id=f"L{n}",
                name=f"学员0{n}",
                unit="青山乡",
                post="干部",
                since=date(2020, 1, 1),
                exam_eligible=n < 6,
            )
            for n in range(1, 7)
        )
    return settings


def make_paper(site: Settings, paper_id: str, *, seed: int, **changes: object) -> Paper:
    bank = fixture_bank()
    paper = small_paper(bank, paper_id=paper_id, seed=seed).model_copy(update={"held_on": DAY, **changes})
    write_source(paper, bank=bank, course_dir=site.course_dir)
    return paper


def run(site: Settings, *arguments: str) -> str:
    """What an `xuefa exam` command prints."""
    result = CliRunner().invoke(
        app, ["exam", *arguments], env={"XUEFA_SITE": str(site.site_dir)}, catch_exceptions=False
    )
    assert result.exit_code == 0
    return result.output


def sit(site: Settings, paper_id: str, learner_id: str, *, right: int) -> None:
    """Hand in a paper of which the first so many questions are answered rightly."""
    paper = read_course_paper(paper_id, course_dir=site.course_dir)
    bank = read_kept_items(paper_id, course_dir=site.course_dir)
    keys = {one.question_id: bank.question(one.question_id).key for one in paper.questions[:right]}
    open_submission(paper, course_dir=site.course_dir, learner_id=learner_id, now=FROM)
    write_answers(paper, course_dir=site.course_dir, learner_id=learner_id, responses=keys, now=FROM)
    hand_in(paper, course_dir=site.course_dir, learner_id=learner_id, now=FROM + timedelta(minutes=9))


def expected(site: Settings, *paper_ids: str) -> dict[str, list[str]]:
    released = release_papers(settings=site, paper_ids=paper_ids, opens_at=FROM, closes_at=FROM + timedelta(hours=2))
    return {one.paper_id: [learner.learner_id for learner in one.expected] for one in released}


def test_two_forms_released_together_share_the_candidates_out_in_turn(site: Settings) -> None:
    make_paper(site, "a", seed=1)
    paper = make_paper(site, "b", seed=2)
    assert expected(site, "a", "b") == {"a": ["L1", "L3", "L5"], "b": ["L2", "L4"]}
    open_submission(paper, course_dir=site.course_dir, learner_id="L2", now=FROM)
    assert expected(site, "b", "a") == {"b": ["L1", "L2", "L3", "L5"], "a": ["L4"]}
    with pytest.raises(BadInputError, match="不晚于"):
        release_papers(settings=site, paper_ids=["a"], opens_at=FROM, closes_at=FROM)


def test_a_paper_released_again_keeps_its_hours_and_everyone_who_has_begun_it(site: Settings) -> None:
    """L2 has answered and then left the roster before the day; L6 has come to it: the second release knows both."""
    paper = make_paper(site, "a", seed=1)
    assert expected(site, "a") == {"a": ["L1", "L2", "L3", "L4", "L5"]}
    open_submission(paper, course_dir=site.course_dir, learner_id="L2", now=FROM)
    with open_store(site.database_url) as store:
        roster = {learner.learner_id: learner for learner in store.read_learners()}
        left = [replace(roster[one], until=DAY - timedelta(days=1)) for one in ("L2", "L3")]
        store.write_learners([*left, replace(roster["L6"], exam_eligible=True)])
    (again,) = release_papers(settings=site, paper_ids=["a"])
    assert [learner.learner_id for learner in again.expected] == ["L1", "L2", "L4", "L5", "L6"]
    assert (again.opens_at, again.closes_at) == (FROM, FROM + timedelta(hours=2))
    (later,) = release_papers(settings=site, paper_ids=["a"], closes_at=FROM + timedelta(hours=3))
    assert (later.opens_at, later.closes_at) == (FROM, FROM + timedelta(hours=3))


def test_one_form_is_not_released_again_without_the_others_of_its_round(site: Settings) -> None:
    run(site, "set", "round", "--date", "2026-01-05", "--seed", "1", "--blueprint", "drill", "--forms", "2")
    run(site, "release", "round-A", "round-B")
    with pytest.raises(BadInputError, match="请把 round-A、round-B 一起再发"):
        release_papers(settings=site, paper_ids=["round-B"])
    assert [one.candidate.learner_id for one in read_status(settings=site, paper_id="round-B")[1]] == ["L2", "L4"]


def test_hours_that_are_over_or_on_another_day_are_said(site: Settings) -> None:
    make_paper(site, "a", seed=1)
    printed = run(site, "release", "a", "--from", "2026-01-06 19:00", "--until", "2026-01-06 20:00")
    assert "应考 5 人，开考 2026-01-06 19:00:00，截止 2026-01-06 20:00:00。" in printed
    assert "截止时间已经过了，学员不能再开始答题。" in printed
    assert "组卷时定的日期是 2026-01-05，与考试时间不是同一天" in printed


def test_the_exported_scores_of_a_form_list_those_expected_at_it_and_call_absent_only_once_it_is_marked(
    site: Settings, tmp_path: Path
) -> None:
    run(site, "set", "round", "--date", "2026-01-05", "--seed", "1", "--blueprint", "drill", "--forms", "2")
    run(site, "release", "round-A", "round-B")
    sit(site, "round-A", "L1", right=5)
    run(site, "mark", "round-A")
    run(site, "export", str(tmp_path / "scores.csv"))
    with (tmp_path / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["试卷"], row["编号"]): row["是否缺考"] for row in csv.DictReader(file)}
    assert rows == {
        ("round-A", "L1"): "否",
        ("round-A", "L3"): "是",
        ("round-A", "L5"): "是",
        ("round-B", "L2"): "",
        ("round-B", "L4"): "",
    }


def test_makeups_are_set_released_and_marked_by_the_commands_until_the_attempts_are_used_up(site: Settings) -> None:
    """The whole of the 济宁 profile: two forms, a 补考, a second 补考 paper for whom the two attempts leave one."""
    course_dir = site.course_dir
    run(site, "set", "first", "--date", "2026-01-05", "--seed", "1", "--blueprint", "jining", "--forms", "2")
    printed = run(site, "release", "first-A", "first-B", "--from", "2026-01-05 19:00", "--until", "2026-01-05 20:00")
    assert "first-A：应考 3 人" in printed
    assert "first-B：应考 2 人" in printed
    sit(site, "first-A", "L1", right=80)
    sit(site, "first-A", "L3", right=59)
    sit(site, "first-B", "L2", right=70)
    run(site, "set", "second", "--date", "2026-01-12", "--seed", "1", "--makeup-of", "first-B")
    for paper_id in ("first-A", "first-B"):
        run(site, "mark", paper_id)

    printed = run(site, "release", "second", "--from", "2026-01-12 19:00", "--until", "2026-01-12 20:00")
    assert "second：应考 3 人" in printed
    assert [one.candidate.learner_id for one in read_status(settings=site, paper_id="second")[1]] == ["L3", "L4", "L5"]
    sit(site, "second", "L3", right=59)
    sit(site, "second", "L5", right=80)
    run(site, "mark", "second")
    results = {(one.paper_id, one.learner_id): one.score for one in read_exam_results(course_dir)}
    assert {key: score for key, score in results.items() if score is not None} == {
        ("first-A", "L1"): 100,
        ("first-A", "L3"): 78,
        ("first-B", "L2"): 90,
        ("second", "L3"): 78,
        ("second", "L5"): 100,
    }
    used_up = CliRunner().invoke(
        app,
        ["exam", "set", "third", "--date", "2026-01-19", "--makeup-of", "second"],
        env={"XUEFA_SITE": str(site.site_dir)},
    )
    assert isinstance(used_up.exception, BadInputError)
    assert "一共考 2 次" in str(used_up.exception)
    assert not (course_dir / "source" / "third").exists()

    run(site, "set", "third", "--date", "2026-01-19", "--seed", "1", "--makeup-of", "first-A")
    with open_store(site.database_url) as store:
        roster = {learner.learner_id: learner for learner in store.read_learners()}
        store.write_learners([replace(roster["L4"], until=DAY)])
        with pytest.raises(BadInputError, match="没有人可以补考：还有 1 人没有及格，按方案每人最多考 2 次"):
            release_papers(settings=site, paper_ids=["third"])
        store.write_learners([roster["L4"]])
    printed = run(site, "release", "third")
    assert "third：应考 1 人" in printed
    assert "另有 1 人没有及格，没有列入应考名单：按方案每人最多考 2 次，他们已经考满" in printed
    assert [one.candidate.learner_id for one in read_status(settings=site, paper_id="third")[1]] == ["L4"]


def test_a_makeup_calls_back_the_absent_and_the_failed_once_all_is_marked(site: Settings) -> None:
    first = make_paper(site, "first", seed=1, pass_score=1.0, attempts=2)
    make_paper(site, "second", seed=2, makeup_of="first", attempt=2, attempts=2)
    expected(site, "first")
    bank = read_kept_items("first", course_dir=site.course_dir)
    keys = {one.question_id: bank.question(one.question_id).key for one in first.questions if one.kind != "essay"}
    for learner_id, responses in (("L1", keys), ("L2", {})):
        open_submission(first, course_dir=site.course_dir, learner_id=learner_id, now=FROM)
        write_answers(first, course_dir=site.course_dir, learner_id=learner_id, responses=responses, now=FROM)
        hand_in(first, course_dir=site.course_dir, learner_id=learner_id, now=FROM + timedelta(minutes=9))
    _, attendances = read_status(settings=site, paper_id="first")
    assert [bool(one.receipt) for one in attendances] == [True, True, False, False, False]
    with pytest.raises(BadInputError, match="没有阅完"):
        expected(site, "second")
    mark_paper("first", course_dir=site.course_dir)
    assert expected(site, "second") == {"second": ["L2", "L3", "L4", "L5"]}
