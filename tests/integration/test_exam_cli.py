"""The exam from the command line, as a trainer types it: what is printed, and what lies there afterwards."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.exam_course import FIXTURES, PROJECT, learners
from xuefa.cli import main
from xuefa.exam.gradebook import read_totals, write_hand_mark
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.paper import Paper, read_course_paper
from xuefa.exam.submission import hand_in, open_submission, write_answers
from xuefa.records.store import open_store
from xuefa.settings import Settings, site_settings

PAPER_ID = "2022-11-small"
OPENS_AT = datetime(2022, 11, 20, 11, 0, tzinfo=UTC)  # 19:00 in Beijing


@dataclass(frozen=True)
class Printed:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Printed]


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    """A site with the small bank and blueprint, and four who may sit an exam."""
    shutil.copytree(FIXTURES / "bank", tmp_path / "question_bank")
    (tmp_path / "grading" / "blueprints").mkdir(parents=True)
    shutil.copy(FIXTURES / "blueprint_small.yaml", tmp_path / "grading" / "blueprints" / "small.yaml")
    shutil.copy(PROJECT / "grading" / "nbgrader_config.py", tmp_path / "grading")
    settings = site_settings(project_dir=tmp_path, site_dir=tmp_path)
    with open_store(settings.database_url) as store:
        store.write_learners(replace(learner, exam_eligible=True) for learner in learners(4))
    return settings


@pytest.fixture
def run(site: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("XUEFA_PROJECT", str(site.project_dir))
    monkeypatch.setenv("XUEFA_SITE", str(site.site_dir))
    monkeypatch.delenv("XUEFA_DATABASE_URL", raising=False)

    def xuefa(*arguments: str, looked_at: bool = False) -> Printed:
        monkeypatch.setattr(sys, "argv", ["xuefa", *arguments])
        monkeypatch.setattr(sys.stderr, "isatty", lambda: looked_at)
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Printed(int(end.value.code or 0), printed.out, printed.err)

    return xuefa


def bar(what: str, count: int) -> str:
    """A bar of a terminal, full."""
    return f"\r{what} [{'█' * 20}] {count}/{count}\n"


def set_and_release(run: Run, site: Settings) -> Paper:
    assert (
        "满分 40 分" in run("exam", "set", PAPER_ID, "--date", "2022-11-20", "--blueprint", "small", "--seed", "3").out
    )
    released = run("exam", "release", PAPER_ID, "--from", "2022-11-20 19:00", "--until", "2022-11-20 20:00")
    assert f"{PAPER_ID}：应考 4 人，开考" in released.out
    return read_course_paper(PAPER_ID, course_dir=site.course_dir)


def right_answers(paper: Paper, course_dir: Path) -> dict[str, str]:
    bank = read_kept_items(paper.paper_id, course_dir=course_dir)
    return {one.question_id: key for one in paper.questions if (key := bank.question(one.question_id).key)}


def sit(paper: Paper, course_dir: Path, learner_id: str, responses: dict[str, str], *, minutes: int | None) -> None:
    """Answer, and hand in so many minutes after the sitting opened; None leaves it open."""
    open_submission(paper, course_dir=course_dir, learner_id=learner_id, now=OPENS_AT)
    at = OPENS_AT + timedelta(minutes=1)
    write_answers(paper, course_dir=course_dir, learner_id=learner_id, responses=responses, now=at)
    if minutes is not None:
        hand_in(paper, course_dir=course_dir, learner_id=learner_id, now=OPENS_AT + timedelta(minutes=minutes))


def test_a_sitting_with_hours_is_followed_by_name_with_who_is_late_and_who_has_not_come(
    run: Run, site: Settings
) -> None:
    paper = set_and_release(run, site)
    right = right_answers(paper, site.course_dir)
    sit(paper, site.course_dir, "学员01", right, minutes=30)
    sit(paper, site.course_dir, "学员02", right, minutes=75)
    sit(paper, site.course_dir, "学员03", dict(list(right.items())[:2]), minutes=None)
    shown = run("exam", "status", PAPER_ID)
    assert "开考 2022-11-20 19:00:00，截止 2022-11-20 20:00:00（北京时间）。" in shown.out
    assert "应考 4 人，已交卷 2 人，正在作答 1 人。" in shown.out
    lines = {line.split("　")[0].strip(): line for line in shown.out.splitlines()[2:]}
    assert "本人交卷" in lines["学员01"]
    assert "迟交" not in lines["学员01"]
    assert "迟交" in lines["学员02"]
    assert "已答 2 题" in lines["学员03"]
    assert lines["学员04"].endswith("未到")


def test_hours_the_wrong_way_round_release_nothing(run: Run, site: Settings) -> None:
    run("exam", "set", PAPER_ID, "--date", "2022-11-20", "--blueprint", "small")
    refused = run("exam", "release", PAPER_ID, "--from", "2022-11-20 20:00", "--until", "2022-11-20 19:00")
    assert (refused.status, refused.out) == (1, "")
    assert "结束时间不晚于开始时间" in refused.err
    assert not (site.course_dir / "release").exists()


def test_a_hand_in_is_packed_on_a_pc_and_collected_here_and_a_spoilt_file_is_sent_back(
    run: Run, site: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = set_and_release(run, site)
    pc = tmp_path / "pc"
    shutil.copytree(site.course_dir / "release", pc / "grading" / "release")
    right = right_answers(paper, site.course_dir)
    sit(paper, pc / "grading", "学员02", right, minutes=20)
    monkeypatch.setenv("XUEFA_SITE", str(pc))
    packed = run("exam", "pack", PAPER_ID, "学员02")
    assert packed.out.startswith("请把这个文件发给培训人员：")
    file = Path(packed.out.splitlines()[1].strip())
    assert "没有这个人的答卷" in run("exam", "pack", PAPER_ID, "学员03").err
    monkeypatch.setenv("XUEFA_SITE", str(site.site_dir))
    spoilt = tmp_path / "坏.zip"
    spoilt.write_bytes(file.read_bytes()[:-20])
    collected = run("exam", "collect", str(file), str(spoilt))
    assert collected.status == 1
    assert "收到 1 份，退回 1 份。" in collected.out
    assert "学员02" in collected.out
    assert "收下" in collected.out
    assert "坏.zip：不是完好的交卷文件" in collected.err
    again = run("exam", "collect", str(file))
    assert (again.status, "已经收过" in again.out) == (0, True)


def test_a_paper_is_marked_given_back_analysed_and_remarked(run: Run, site: Settings) -> None:
    paper = set_and_release(run, site)
    course_dir = site.course_dir
    right = right_answers(paper, course_dir)
    essay = next(one.question_id for one in paper.questions if one.kind == "essay")
    wrong_first = {**right, paper.questions[0].question_id: ""}
    sit(paper, course_dir, "学员01", {**right, essay: "十五日内答辩。"}, minutes=30)
    sit(paper, course_dir, "学员02", wrong_first, minutes=30)
    sit(paper, course_dir, "学员03", right, minutes=None)
    (course_dir / "submitted" / "学员04" / PAPER_ID).mkdir(parents=True)

    assert "请先收卷，再运行 xuefa exam mark" in run("exam", "feedback", PAPER_ID).err
    assert "还没有一份阅过" in run("exam", "analyse", PAPER_ID).err
    assert "还没有阅过的试卷" in run("bank", "stats", "--with-results").out
    marked = run("exam", "mark", PAPER_ID)
    assert "实考 3 人，缺考 0 人，待人工评阅 1 人。" in marked.out
    assert "未收：学员04，" in marked.out
    assert marked.err == ""

    write_hand_mark(course_dir, paper_id=PAPER_ID, learner_id="学员01", question_id=essay, score=9)
    pages = run("exam", "feedback", PAPER_ID, "--without-keys")
    assert "已写出 3 份反馈" in pages.out
    page = course_dir / "feedback" / "学员02" / PAPER_ID / f"{PAPER_ID}.html"
    assert "正确答案" not in page.read_text(encoding="utf-8")
    run("exam", "feedback", PAPER_ID)
    assert "正确答案" in page.read_text(encoding="utf-8")

    analysed = run("exam", "analyse", PAPER_ID, "--to", str(site.site_dir / "分析.xlsx"))
    assert "【概况】" in analysed.out
    assert (site.site_dir / "分析.xlsx").is_file()
    stats = run("bank", "stats", "--with-results").out
    assert f"成绩（试卷 {PAPER_ID}；" in stats
    assert "3 人次" in stats

    first = paper.questions[0].question_id
    unsure = run("exam", "remark", PAPER_ID, "--reason", "题干有误", "--void", first)
    assert (unsure.status, "--void 和 --as 要一起写" in unsure.err) == (1, True)
    before = read_totals(course_dir, paper_id=PAPER_ID)
    remarked = run("exam", "remark", PAPER_ID, "--reason", "题干有误", "--void", first, "--as", "full")
    assert f"作废：{first}　人人得分" in remarked.out
    assert "有变化的 1 人" in remarked.out
    gained = f"学员02 学员02 {before['学员02']:g}→{before['学员02'] + 2:g}"
    assert gained in remarked.out
    assert "没有重新阅卷" in run("exam", "remark", PAPER_ID, "--reason", "再看一次").out
    nameless = run("exam", "remark", PAPER_ID, "--reason", "有误", "--void", "xzss-9999", "--as", "out")
    assert (nameless.status, "卷里没有题 xzss-9999" in nameless.err) == (1, True)


def test_long_commands_draw_a_bar_where_a_terminal_is_looked_at_and_print_the_same(run: Run, site: Settings) -> None:
    setting = ("exam", "set", PAPER_ID, "--date", "2022-11-20", "--blueprint", "small", "--seed", "3")
    assert run(*setting, looked_at=True).err.startswith(f"\r组卷 [{'░' * 20}] 0/")
    assert run("exam", "release", PAPER_ID, looked_at=True).err.endswith(bar("发卷", 1))
    paper = read_course_paper(PAPER_ID, course_dir=site.course_dir)
    for learner in ("学员01", "学员02"):
        sit(paper, site.course_dir, learner, right_answers(paper, site.course_dir), minutes=30)
    marked = run("exam", "mark", PAPER_ID, looked_at=True)
    assert marked.err.endswith(bar("阅卷", 2))
    assert (run("exam", "mark", PAPER_ID).out, run("exam", "mark", PAPER_ID).err) == (marked.out, "")
    assert run("exam", "print", PAPER_ID, looked_at=True).err.endswith(bar("写打印文件", 3))
    assert run("exam", "feedback", PAPER_ID, looked_at=True).err.endswith(bar("写反馈", 2))
    assert run("exam", "analyse", PAPER_ID, looked_at=True).err.endswith(bar("分析成绩", 2))


def test_an_older_course_configuration_is_said_after_each_step_and_renewed_on_demand(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "和这一版的一致" in run("exam", "config").out
    other = tmp_path / "other"
    (other / "grading").mkdir(parents=True)
    (other / "grading" / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    with open_store(site_settings(project_dir=tmp_path, site_dir=other).database_url) as store:
        store.write_learners(replace(learner, exam_eligible=True) for learner in learners(2))
    monkeypatch.setenv("XUEFA_SITE", str(other))
    done = run("exam", "set", PAPER_ID, "--date", "2022-11-20", "--blueprint", "small")
    assert done.status == 0
    assert "已组卷" in done.out
    assert "课程设置 nbgrader_config.py：和这一版学法自带的不一样" in done.err
    assert run("exam", "config").status == 1
    renewed = run("exam", "config", "--renew")
    assert "nbgrader_config.old-1.py" in renewed.out
    assert run("exam", "release", PAPER_ID).err == ""
