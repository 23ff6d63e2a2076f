"""Setting papers from the command line: parallel forms, 补考, all or nothing, and a paper rebuilt years later."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.command_line import Done, run_xuefa, run_xuefa_alone
from tests.exam_course import PROJECT
from xuefa.bank.reader import Bank, read_bank
from xuefa.exam import notebook
from xuefa.exam.assembly import bank_digest
from xuefa.exam.assembly.summary import summarise_form
from xuefa.exam.blueprint import read_blueprint
from xuefa.exam.kept_items import read_kept_items, write_kept_items
from xuefa.exam.notebook import write_source
from xuefa.exam.paper import Paper, read_course_paper, read_paper
from xuefa.settings import Settings, site_settings
from xuefa.workflows import exam_setting

GREEDY = """
title: 要得太多的卷
duration_minutes: 60
pass_score: 60
excellent_score: 90
laws: {xzss: 1}
difficulty: 5
sections:
- {title: 单选, kind: single, count: 60, points: 1}
- {title: 判断, kind: judge, count: 40, points: 1}
"""
SMALL_FILES = 20_000
"""Bytes after which the system refuses to write on: a notebook is larger, `nbgrader_config.py` is not."""


@pytest.fixture
def own_content(tmp_path: Path) -> Settings:
    """An empty site whose question bank and blueprints the test may change."""
    project = tmp_path / "project"
    for folder in ("question_bank", "grading"):
        shutil.copytree(PROJECT / folder, project / folder, ignore=shutil.ignore_patterns("source", "kept"))
    return site_settings(project_dir=project, site_dir=tmp_path / "site")


def set_papers(settings: Settings, *arguments: str, run: Callable[..., Done] = run_xuefa) -> str:
    done = run(settings, "exam", "set", *arguments, "--date", "2026-11-24", "--seed", "7")
    assert done.returncode == 0, done.stderr
    return done.stdout


def item_ids(paper: Paper) -> set[str]:
    return {question.item_id for question in paper.questions}


def what_is_left(settings: Settings) -> list[str]:
    return sorted(
        str(path.relative_to(settings.course_dir))
        for folder in ("source", "kept")
        for path in (settings.course_dir / folder).rglob("*")
    )


def test_parallel_forms_and_a_makeup_are_set_from_the_command_line_and_their_table_tells_the_truth(
    settings: Settings,
) -> None:
    printed = set_papers(settings, "autumn", "--blueprint", "jining", "--forms", "2")
    printed += set_papers(settings, "again", "--makeup-of", "autumn-A")
    papers = [read_course_paper(one, course_dir=settings.course_dir) for one in ("autumn-A", "autumn-B", "again")]
    bank = read_bank(PROJECT / "question_bank")

    rows = [line.split("\t") for line in printed.splitlines() if line.count("\t") == 4 and not line.startswith("卷号")]
    assert len(rows) == 3
    for row, paper in zip(rows, papers, strict=True):
        summary = summarise_form(paper, bank=bank)
        shares = "、".join(f"{bank.catalogue[law].name}{points:g}" for law, points in summary.law_points.items())
        assert row == [paper.paper_id, "80", "100", f"{summary.mean_difficulty:.2f}", shares]
    assert rows[0][4] == rows[1][4]

    form_a, form_b, makeup = papers
    assert not item_ids(form_a) & item_ids(form_b)
    assert not item_ids(makeup) & (item_ids(form_a) | item_ids(form_b))
    assert [paper.form for paper in papers] == ["A", "B", ""]
    assert [paper.title for paper in papers[1:]] == [
        "学法用法考试卷（济宁题型）（B卷）",
        "学法用法考试卷（济宁题型）（补考）",
    ]
    assert (makeup.blueprint, makeup.makeup_of, makeup.attempt, makeup.attempts) == ("jining", "autumn-A", 2, 2)

    third = run_xuefa(settings, "exam", "set", "third", "--date", "2026-12-24", "--makeup-of", "again")
    assert third.returncode == 1
    assert "一共考 2 次，这已经是第 2 次，不能再补考" in third.stderr
    early = run_xuefa(settings, "exam", "set", "third", "--date", "2026-11-23", "--makeup-of", "autumn-A")
    assert early.returncode == 1
    assert "2026-11-23 早于这次考试上一场的 2026-11-24" in early.stderr
    assert not (settings.course_dir / "source" / "third").exists()


def test_the_same_seed_sets_the_same_papers_in_another_site_and_process(settings: Settings, tmp_path: Path) -> None:
    other = replace(settings, site_dir=tmp_path / "other")
    for site, run in ((settings, run_xuefa), (other, run_xuefa_alone)):
        set_papers(site, "p", "--blueprint", "drill", "--forms", "2", run=run)
    for name in ("p-A", "p-B"):
        one, two = (site.course_dir / "source" / name / "paper.json" for site in (settings, other))
        assert one.read_bytes() == two.read_bytes()


def test_a_paper_names_every_item_its_version_its_seed_and_what_it_was_set_from(settings: Settings) -> None:
    set_papers(settings, "p")
    bank = read_bank(PROJECT / "question_bank")
    record = json.loads((settings.course_dir / "source" / "p" / "paper.json").read_text(encoding="utf-8"))
    questions = [question for section in record["sections"] for question in section["questions"]]
    assert len(questions) > 40
    assert all(
        question["item_version"] == bank[question["question_id"].partition(".")[0]].version for question in questions
    )
    assert (record["seed"], record["blueprint"], record["bank_digest"]) == (7, "practice", bank_digest(bank))
    assert record["blueprint_digest"] == read_blueprint(PROJECT / "grading" / "blueprints" / "practice.yaml").digest


def test_nothing_is_left_of_any_form_when_one_cannot_be_written(settings: Settings) -> None:
    set_papers(settings, "before", "--blueprint", "drill")
    before = what_is_left(settings)
    refused = run_xuefa_alone(
        settings,
        *("exam", "set", "p", "--date", "2026-11-24", "--blueprint", "jining", "--forms", "2"),
        largest_file=SMALL_FILES,
    )
    assert refused.returncode == 1
    assert "文件写不进去" in refused.stderr
    assert "试卷一份也没有留下" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert what_is_left(settings) == before


def test_the_first_form_is_taken_back_when_the_second_cannot_be_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def write_one(paper: Paper, *, bank: Bank, course_dir: Path) -> Path:
        if written:
            raise KeyboardInterrupt
        written.append(paper.paper_id)
        return write_kept_items(paper, bank=bank, course_dir=course_dir)

    monkeypatch.setattr(notebook, "write_kept_items", write_one)
    with pytest.raises(KeyboardInterrupt):
        exam_setting.set_papers(
            settings=settings, blueprint="drill", paper_id="p", held_on=date(2026, 11, 24), seed=1, forms=2
        )
    assert written == ["p-A"]
    assert what_is_left(settings) == []


def test_a_folder_that_is_there_already_is_neither_used_nor_removed(settings: Settings) -> None:
    note = settings.course_dir / "source" / "p-B" / "笔记.txt"
    note.parent.mkdir(parents=True)
    note.write_text("培训人员的笔记", encoding="utf-8")
    refused = run_xuefa(settings, "exam", "set", "p", "--date", "2026-11-24", "--blueprint", "drill", "--forms", "2")
    assert refused.returncode == 1
    assert "试卷 p-B：这个卷号已经用过" in refused.stderr
    assert what_is_left(settings) == ["source/p-B", "source/p-B/笔记.txt"]


def test_a_blueprint_that_asks_too_much_is_refused_with_every_shortage_and_sets_nothing(own_content: Settings) -> None:
    """Counted by hand: the bank's own numbers say how much is missing of each kind."""
    bank = read_bank(own_content.question_bank_dir)
    have = Counter((item.law_slug, item.kind) for item in bank.select())
    plan = own_content.blueprints_dir / "greedy.yaml"
    plan.write_text(GREEDY, encoding="utf-8")
    refused = run_xuefa(own_content, "exam", "set", "p", "--date", "2026-11-24", "--blueprint", "greedy")
    assert refused.returncode == 1
    single, judge, difficulty = refused.stderr.splitlines()
    assert (
        f"单选题、行政诉讼法：需要 60 道，可用 {have['xzss', 'single']} 道，少 {60 - have['xzss', 'single']} 道"
        in single
    )
    assert (
        f"判断题、行政诉讼法：需要 40 道，可用 {have['xzss', 'judge']} 道，少 {40 - have['xzss', 'judge']} 道" in judge
    )
    assert "平均难度要 5.00（允许相差 0.10），凑不到这么高，还差 " in difficulty
    assert what_is_left(own_content) == []


def test_a_blueprint_that_is_not_there_is_refused_with_the_names_of_those_that_are(own_content: Settings) -> None:
    refused = run_xuefa(own_content, "exam", "set", "p", "--date", "2026-11-24", "--blueprint", "jinan")
    assert refused.returncode == 1
    assert "蓝图“jinan”" in refused.stderr
    assert "可用的有：drill、hunan_like、jining、practice。" in refused.stderr
    assert what_is_left(own_content) == []


def test_a_paper_is_rebuilt_and_printed_the_same_after_the_bank_has_changed(own_content: Settings) -> None:
    set_papers(own_content, "p")
    paper = read_course_paper("p", course_dir=own_content.course_dir)
    assert run_xuefa(own_content, "exam", "print", "p", "--to", str(own_content.site_dir / "before")).returncode == 0
    for path in own_content.question_bank_dir.glob("*.yaml"):
        if path.name != "laws.yaml":
            path.unlink()
    (own_content.blueprints_dir / "practice.yaml").unlink()

    done = run_xuefa(own_content, "exam", "print", "p", "--to", str(own_content.site_dir / "after"))
    assert done.returncode == 0, done.stderr
    for path in (own_content.site_dir / "before").iterdir():
        before, after = (
            ZipFile(one).read("word/document.xml") for one in (path, own_content.site_dir / "after" / path.name)
        )
        assert before == after

    kept = read_kept_items("p", course_dir=own_content.course_dir)
    assert {item.id: item.version for item in kept.items} == {
        question.item_id: question.item_version for question in paper.questions
    }
    shutil.copy(own_content.course_dir / "source" / "p" / "paper.json", own_content.site_dir)
    source = (own_content.course_dir / "source" / "p" / "p.ipynb").read_bytes()
    shutil.rmtree(own_content.course_dir / "source")
    shutil.move(own_content.course_dir / "kept", own_content.site_dir / "years-later" / "kept")
    kept = read_kept_items("p", course_dir=own_content.site_dir / "years-later")
    again = read_paper(own_content.site_dir / "paper.json")
    assert write_source(again, bank=kept, course_dir=own_content.site_dir / "years-later").read_bytes() == source
