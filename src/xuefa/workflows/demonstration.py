"""The demo: one year of one township, from the question bank to the Word file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError
from xuefa.settings import TIME_ZONE, Settings, site_settings
from xuefa.workflows.content import check_bank
from xuefa.workflows.exam_marking import mark_paper
from xuefa.workflows.exam_setting import set_paper
from xuefa.workflows.exam_sitting import release_paper
from xuefa.workflows.report import StudySection, build_report
from xuefa.workflows.site import open_site_store, read_site_bank

if TYPE_CHECKING:
    from xuefa.exam.paper import Paper
    from xuefa.records.record import Learner


DEMO_SEED = 2022
DEMO_PAPER = "2022-11-practice"


def demo_settings(settings: Settings) -> Settings:
    """A site of its own beside the user's, so that the demo never touches a user's data."""
    return site_settings(project_dir=settings.project_dir, site_dir=settings.project_dir / "demo")


def run_demo(*, settings: Settings, say: Callable[[str], None]) -> StudySection:
    """One year of one township, from the question bank to the Word file, made anew in the demo's own folder."""
    from xuefa.demo import EXAM_DAY, fill_in_report_settings, make_year

    site = demo_settings(settings)
    say("核对题库：每道题对照法条原文")
    check = check_bank(settings=site)
    if check.findings:
        raise BadInputError(*check.findings)
    say(f"  {sum(check.proved.values())} 道小题逐一核对，均有法条依据")
    if check.unproved:
        say(f"  另有 {sum(check.unproved.values())} 道小题的依据没有随软件提供原文，未核对")

    say("建立演示台账：30 名学员、一年的学习记录")
    if site.site_dir.exists():
        shutil.rmtree(site.site_dir)
    site.report_toml.parent.mkdir(parents=True)
    template = (settings.project_dir / "reports" / "report.toml").read_text(encoding="utf-8")
    site.report_toml.write_text(fill_in_report_settings(template), encoding="utf-8")
    year = make_year(read_site_bank(site), seed=DEMO_SEED)
    with open_site_store(site) as store:
        store.write_learners(year.learners)
        store.write_sessions(year.sessions)
        added = store.append_records(year.records)
    say(f"  {len(year.sessions)} 次活动，{added} 条记录")

    say("组卷、发卷：执法考试练习卷")
    paper = set_paper(settings=site, blueprint="practice", paper_id=DEMO_PAPER, held_on=EXAM_DAY, seed=DEMO_SEED)
    _, expected = release_paper(settings=site, paper_id=DEMO_PAPER)
    say(f"  {len(paper.questions)} 道小题，满分 {paper.total_points:g} 分，应考 {len(expected)} 人")

    say("作答、阅卷：成绩写入 nbgrader 成绩册")
    _sit_demo_exam(site, paper, expected)
    summary = mark_paper(settings=site, paper_id=DEMO_PAPER)
    _mark_demo_essays(site)
    say(f"  实考 {len(summary.marked)} 人，缺考 {len(summary.absent)} 人")

    say("写学习情况一节：Word、Excel、Markdown")
    return build_report(settings=site)


def _sit_demo_exam(settings: Settings, paper: Paper, expected: Sequence[Learner]) -> None:
    from xuefa.demo import EXAM_DAY, make_exam_answers
    from xuefa.exam.submission import hand_in, open_submission, write_answers

    bank = read_site_bank(settings)
    questions = [bank.question(question.question_id) for question in paper.questions]
    start, end = (datetime.combine(EXAM_DAY, clock, TIME_ZONE).astimezone(UTC) for clock in (time(15), time(16)))
    for learner_id, responses in make_exam_answers(questions, expected, seed=DEMO_SEED).items():
        open_submission(paper, course_dir=settings.course_dir, learner_id=learner_id, now=start)
        write_answers(paper, course_dir=settings.course_dir, learner_id=learner_id, responses=responses, now=end)
        hand_in(paper, course_dir=settings.course_dir, learner_id=learner_id, now=end)


def _mark_demo_essays(settings: Settings) -> None:
    from xuefa.demo import mark_essay
    from xuefa.exam.gradebook import read_item_scores, write_hand_mark

    for score in read_item_scores(settings.course_dir, paper_id=DEMO_PAPER):
        if score.needs_manual_grade:
            write_hand_mark(
                settings.course_dir,
                paper_id=DEMO_PAPER,
                learner_id=score.learner_id,
                question_id=score.question_id,
                score=mark_essay(score.learner_id, score.question_id, score.max_score, seed=DEMO_SEED),
            )
