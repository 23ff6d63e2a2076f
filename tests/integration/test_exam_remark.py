"""Marking again after a wrong key, with real nbgrader: who changes, what is refused, what is kept, and the record."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.exam_course import FIXTURES, PAPER_ID, Course, release_course
from xuefa.bank.reader import Bank, read_bank
from xuefa.errors import BadInputError, Finding, RecordsError
from xuefa.exam import remark as remark_module
from xuefa.exam.gradebook import read_hand_marks, read_item_scores, read_totals, write_hand_mark
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.marking import mark_paper
from xuefa.exam.paper import read_course_paper
from xuefa.exam.remark import remark_paper
from xuefa.exam.remark_log import Remark, read_remarks, remark_log_path
from xuefa.exam.scoring import Void
from xuefa.settings import Settings
from xuefa.workflows import exam_marking as workflow
from xuefa.workflows.exam_results import analyse_paper

NOW = datetime(2022, 11, 25, 2, 0, tzinfo=UTC)
ESSAY = "xczx-0032"


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """学员01 answers everything right, 学员02 nothing, 学员03 C in xzss-0002; 学员01's essay has 8 points by hand."""
    course = release_course(tmp_path_factory.mktemp("exam") / "marked", expected=4)
    course.sit("学员01", {**course.right_answers(), ESSAY: "十五日内答辩。"})
    course.sit("学员02", {})
    course.sit("学员03", {**course.right_answers(), "xzss-0002": "C"})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    write_hand_mark(
        course.course_dir, paper_id=PAPER_ID, learner_id="学员01", question_id=ESSAY, score=8, comment="缺纠错。"
    )
    return course


@pytest.fixture
def course(marked: Course, tmp_path: Path) -> Course:
    shutil.copytree(marked.course_dir, tmp_path / "course")
    return replace(marked, course_dir=tmp_path / "course")


def bank_with(folder: Path, *, old: str, new: str) -> Bank:
    """The fixture bank with one thing changed in xzss-0002."""
    shutil.copytree(FIXTURES / "bank", folder / "bank")
    path = folder / "bank" / "xzss.yaml"
    before, mark, after = path.read_text(encoding="utf-8").partition("- id: xzss-0002")
    assert old in mark + after
    path.write_text(before + (mark + after).replace(old, new, 1), encoding="utf-8")
    return read_bank(folder / "bank")


def fixed_bank(folder: Path) -> Bank:
    """The key of xzss-0002 is C instead of A."""
    return bank_with(folder, old="answer: A", new="answer: C")


def remark(course: Course, bank: Bank, void: dict[str, Void] | None = None) -> Remark | None:
    return remark_paper(
        PAPER_ID, bank=bank, course_dir=course.course_dir, reason="答案录错", remarked_at=NOW, void=void
    )


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "gradebook.db"}


def test_a_fixed_key_changes_the_scores_of_those_it_concerns_and_is_recorded(course: Course, tmp_path: Path) -> None:
    done = remark(course, fixed_bank(tmp_path))
    assert done is not None
    assert [(one.question_id, one.before, one.after) for one in done.keys] == [("xzss-0002", "A", "C")]
    assert [(one.learner_id, one.before, one.after) for one in done.changes] == [
        ("学员01", 38.0, 36.0),
        ("学员03", 28.0, 30.0),
    ]
    assert read_totals(course.course_dir, paper_id=PAPER_ID) == {"学员01": 36.0, "学员02": 0.0, "学员03": 30.0}
    assert read_remarks(PAPER_ID, course_dir=course.course_dir) == (done,)
    assert read_kept_items(PAPER_ID, course_dir=course.course_dir).question("xzss-0002").key == "C"


def test_a_second_run_finds_nothing_to_do_and_records_nothing(course: Course, tmp_path: Path) -> None:
    bank = fixed_bank(tmp_path)
    assert remark(course, bank) is not None
    before = files_in(course.course_dir)
    assert remark(course, bank) is None
    assert files_in(course.course_dir) == before


def test_every_remark_adds_a_line_to_the_record(course: Course, tmp_path: Path) -> None:
    first = remark(course, fixed_bank(tmp_path))
    second = remark(course, course.bank)
    assert read_remarks(PAPER_ID, course_dir=course.course_dir) == (first, second)
    assert len(remark_log_path(course.course_dir, PAPER_ID).read_text(encoding="utf-8").splitlines()) == 2


def test_a_hand_given_mark_stays_when_a_key_is_fixed(course: Course, tmp_path: Path) -> None:
    remark(course, fixed_bank(tmp_path))
    scores = read_item_scores(course.course_dir, paper_id=PAPER_ID)
    essay = next(one for one in scores if (one.learner_id, one.question_id) == ("学员01", ESSAY))
    assert (essay.score, essay.needs_manual_grade) == (8.0, False)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("被告应当在", "被告在", "xzss-0002 的题型、题干或者选项在组卷以后改过"),
        ("B: 十日", "B: 十日内", "xzss-0002 的题型、题干或者选项在组卷以后改过"),
        ("status: active", "status: retired", "xzss-0002 已经停用"),
        ("id: xzss-0002", "id: xzss-0009", "题库里没有 xzss-0002 了"),
    ],
)
def test_another_question_under_the_same_id_is_refused_and_nothing_changes(
    course: Course, tmp_path: Path, old: str, new: str, said: str
) -> None:
    before = files_in(course.course_dir)
    with pytest.raises(BadInputError, match=said):
        remark(course, bank_with(tmp_path, old=old, new=new))
    assert files_in(course.course_dir) == before


def test_every_reason_against_it_is_told_at_once(course: Course, tmp_path: Path) -> None:
    bank = bank_with(tmp_path, old="status: active", new="status: retired")
    with pytest.raises(BadInputError) as caught:
        remark_paper(
            PAPER_ID, bank=bank, course_dir=course.course_dir, reason=" ", remarked_at=NOW, void={"xzss-9999": "full"}
        )
    assert [finding.fault for finding in caught.value.findings] == [
        "没有写原因",
        "卷里没有题 xzss-9999",
        "xzss-0002 已经停用",
    ]


def test_voiding_in_full_gives_everyone_the_points_in_choices_cases_and_essays(course: Course) -> None:
    done = remark(course, course.bank, {"xzss-0002": "full", "xzss-0031": "full", ESSAY: "full"})
    assert done is not None
    assert sorted(done.voided) == [ESSAY, "xzss-0002", "xzss-0031.1", "xzss-0031.2", "xzss-0031.3"]
    assert read_totals(course.course_dir, paper_id=PAPER_ID) == {"学员01": 40.0, "学员02": 22.0, "学员03": 40.0}
    assert [(one.learner_id, one.question_id, one.score) for one in done.replaced] == [("学员01", ESSAY, 8.0)]
    assert not any(one.needs_manual_grade for one in read_item_scores(course.course_dir, paper_id=PAPER_ID))
    assert (done.total_before, done.total_after, done.pass_after) == (40.0, 40.0, 24.0)


def test_taking_items_out_shrinks_total_and_pass_mark_in_proportion(course: Course) -> None:
    done = remark(course, course.bank, {"xzss-0002": "out", ESSAY: "out"})
    assert done is not None
    paper = read_course_paper(PAPER_ID, course_dir=course.course_dir)
    assert (paper.total_points, paper.counted_pass_score, paper.counted_excellent_score) == (28.0, 16.8, 23.8)
    assert (paper.pass_score, paper.excellent_score) == (24.0, 34.0)
    assert read_totals(course.course_dir, paper_id=PAPER_ID) == {"学员01": 28.0, "学员02": 0.0, "学员03": 28.0}
    assert [(one.learner_id, one.before, one.after) for one in done.changes] == [("学员01", 38.0, 28.0)]
    assert {one.question_id for one in read_item_scores(course.course_dir, paper_id=PAPER_ID)}.isdisjoint(
        {"xzss-0002", ESSAY}
    )


def test_one_question_of_a_case_can_be_taken_out(course: Course) -> None:
    done = remark(course, course.bank, {"xzss-0031.2": "out"})
    assert done is not None
    assert done.voided == {"xzss-0031.2": "out"}
    assert done.total_after < 40


def test_a_retired_item_can_be_voided_and_keeps_its_kept_text(course: Course, tmp_path: Path) -> None:
    bank = bank_with(tmp_path, old="status: active", new="status: retired")
    assert remark(course, bank, {"xzss-0002": "out"}) is not None
    assert "xzss-0002" in read_kept_items(PAPER_ID, course_dir=course.course_dir)


def test_a_paper_of_which_nothing_would_count_is_refused(course: Course) -> None:
    everything: dict[str, Void] = {question.question_id: "out" for question in course.paper.questions}
    with pytest.raises(BadInputError, match="所有的题都不计入总分"):
        remark(course, course.bank, everything)


def test_when_a_step_fails_the_old_paper_and_its_keys_are_put_back(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_in(course.course_dir)
    totals = read_totals(course.course_dir, paper_id=PAPER_ID)
    reads = iter([totals])

    def fail_at_the_end(*_: object, **__: object) -> dict[str, float]:
        for one in reads:
            return one
        raise RecordsError(Finding("成绩册", "正被别的程序占用", "请再试"))

    monkeypatch.setattr(remark_module, "read_totals", fail_at_the_end)
    with pytest.raises(RecordsError, match="占用"):
        remark(course, fixed_bank(tmp_path))
    assert read_totals(course.course_dir, paper_id=PAPER_ID) == totals
    after = files_in(course.course_dir)
    assert {path: after[path] for path in before if "autograded" not in path.parts} == {
        path: content for path, content in before.items() if "autograded" not in path.parts
    }
    assert not remark_log_path(course.course_dir, PAPER_ID).exists()


@pytest.mark.parametrize("step", [2, 5], ids=["while_marking", "after_a_hand_given_mark_was_replaced"])
def test_after_a_power_cut_nothing_is_done_before_the_remark_is_done_again_from_the_old_paper(
    course: Course, settings: Settings, step: int
) -> None:
    course.course_dir.replace(settings.course_dir)
    course = replace(course, course_dir=settings.course_dir)
    totals = read_totals(course.course_dir, paper_id=PAPER_ID)
    cut_off(course, {ESSAY: "full", "xzss-0002": "full"}, step=step)
    for work in (workflow.mark_paper, workflow.write_feedback, analyse_paper):
        with pytest.raises(BadInputError, match="没有做完"):
            work(settings=settings, paper_id=PAPER_ID)
    done = remark(course, course.bank, {ESSAY: "full", "xzss-0002": "full"})
    assert done is not None
    assert [(one.learner_id, one.score) for one in done.replaced] == [("学员01", 8)]
    assert {one.learner_id: one.before for one in done.changes} == totals
    assert len(read_remarks(PAPER_ID, course_dir=course.course_dir)) == 1
    assert workflow.mark_paper(settings=settings, paper_id=PAPER_ID).marked


def test_a_remark_that_was_given_up_after_a_power_cut_leaves_the_old_scores(course: Course) -> None:
    course.sit("学员04", {ESSAY: "先看送达日期。"})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    totals = read_totals(course.course_dir, paper_id=PAPER_ID)
    before = files_in(course.course_dir / "source")
    cut_off(course, {ESSAY: "full"}, step=6)
    assert remark(course, course.bank) is None
    assert read_totals(course.course_dir, paper_id=PAPER_ID) == totals
    assert files_in(course.course_dir / "source") == before
    assert ("学员01", ESSAY) in read_hand_marks(course.course_dir, paper_id=PAPER_ID)
    waiting = {one.learner_id for one in read_item_scores(course.course_dir, paper_id=PAPER_ID) if one.score is None}
    assert waiting == {"学员04"}


def cut_off(course: Course, void: dict[str, Void], *, step: int) -> None:
    """Mark again in a process of its own that is killed when so many answers were marked."""
    script = f"""
import os, signal
from datetime import UTC, datetime
from pathlib import Path
from xuefa.bank.reader import read_bank
from xuefa.exam.remark import remark_paper
steps = []
def progress(done, total):
    steps.append(done)
    if len(steps) == {step}:
        os.kill(os.getpid(), signal.SIGKILL)
remark_paper({PAPER_ID!r}, bank=read_bank(Path({str(FIXTURES / "bank")!r})), reason="答案录错", void={void!r},
             course_dir=Path({str(course.course_dir)!r}), remarked_at=datetime.now(UTC), progress=progress)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_stock_autograde_gives_the_same_totals_after_a_remark(course: Course, tmp_path: Path) -> None:
    remark(course, fixed_bank(tmp_path), {"xzss-0011": "full", "xzss-0022": "out", ESSAY: "full"})
    ours = read_totals(course.course_dir, paper_id=PAPER_ID)
    programs = Path(sys.executable).parent
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", PAPER_ID, "--force"],
        cwd=course.course_dir,
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert read_totals(course.course_dir, paper_id=PAPER_ID) == ours
