"""The trainer's workbench without a browser: its forms filled in and its buttons pressed, over a real course."""

from __future__ import annotations

import ast
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pytest

from tests.exam_course import FIXTURES, PAPER_ID, PROJECT, fixture_bank, learners, release_course, small_paper
from tests.workbench_page import Workbench
from xuefa.errors import BadInputError, Finding
from xuefa.exam.gradebook import read_totals, write_hand_mark
from xuefa.exam.hand_marks import read_marking_pages
from xuefa.exam.marking import mark_paper
from xuefa.exam.paper import read_course_paper
from xuefa.exam.sitting import read_course_sitting
from xuefa.records.store import open_store
from xuefa.settings import Settings, site_settings
from xuefa.workbench import desk as desk_module
from xuefa.workbench.marking import render_marked, render_marking
from xuefa.workbench.output import pack_feedback
from xuefa.workbench.page import open_workbench
from xuefa.workbench.papers import forms_together
from xuefa.workbench.releasing import require_hours
from xuefa.workbench.setting import propose_paper_id, render_preview
from xuefa.workbench.uploads import write_uploads
from xuefa.workbench.words import in_form_words


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    """A site with the small bank and blueprint, and two learners who may sit an exam."""
    shutil.copytree(FIXTURES / "bank", tmp_path / "question_bank")
    (tmp_path / "grading" / "blueprints").mkdir(parents=True)
    shutil.copy(FIXTURES / "blueprint_small.yaml", tmp_path / "grading" / "blueprints" / "small.yaml")
    shutil.copy(PROJECT / "grading" / "nbgrader_config.py", tmp_path / "grading")
    settings = site_settings(project_dir=tmp_path, site_dir=tmp_path)
    with open_store(settings.database_url) as store:
        store.write_learners(replace(learner, exam_eligible=True) for learner in learners(2))
    return settings


class Trainer(Workbench):
    def __init__(self, settings: Settings) -> None:
        super().__init__(open_workbench, settings)

    def field(self, label: str, *, tab: int, kind: Any = widgets.Widget) -> Any:
        return next(
            one for one in self.parts(tab) if isinstance(one, kind) and getattr(one, "description", None) == label
        )

    def press_and_stop(self, label: str, *, tab: int) -> str:
        """Press a button, and 停止 as soon as a part of the work is done; give what is shown under it."""
        view = next(
            box
            for box in self.parts(tab)
            if isinstance(box, widgets.VBox)
            and label in {getattr(one, "description", "") for one in getattr(box.children[0], "children", ())}
        )
        buttons, bar, _note, result = view.children
        button, stop = buttons.children[:2]
        press_stop = lambda change: change["new"] and stop.click()  # noqa: E731  the same function is taken off again
        bar.observe(press_stop, names="value")
        button.click()
        bar.unobserve(press_stop, names="value")
        return str(result.value)

    def read(self, caption: str, *, tab: int) -> str:
        """The piece of the tab in which these words stand; empty if there is none."""
        texts = (one.value for one in self.parts(tab) if isinstance(one, widgets.HTML))
        return next((text for text in texts if caption in text), "")


def _remark(trainer: Trainer, *, reason: str, void: str) -> str:
    trainer.field("原因", tab=6).value = reason
    trainer.field("作废的题", tab=6).value = void
    return trainer.press("重新阅卷", tab=6)


def test_a_trainer_sets_releases_follows_and_marks_a_paper_with_buttons_alone(site: Settings) -> None:
    trainer = Trainer(site)
    trainer.field("考试日期", tab=1).value = date(2022, 11, 20)
    paper_id = trainer.field("卷号", tab=1).value
    assert paper_id == "2022-11-small-1"
    shown = trainer.press("组卷", tab=1)
    assert "已组卷" in shown
    assert "答案：" in shown
    assert trainer.field("卷号", tab=1).value == "2022-11-small-2"
    assert "应考 2 人" in trainer.press("发布", tab=2)
    assert "这一步没有做成" in trainer.press("发布", tab=2)
    assert f"已发布 {paper_id}，应考 2 人" in trainer.press("再发一次", tab=2)
    shown = trainer.press("刷新", tab=3)
    assert "应考 2 人，已交卷 0 人" in shown
    assert "缺考 2 人" in trainer.press("阅卷", tab=4)
    assert "下载 成绩分析" in trainer.press("分析成绩", tab=5)
    assert "下载 成绩-2022-11-small-1.csv" in trainer.press("导出成绩", tab=7)
    assert "这一步没有做成" in trainer.press("写反馈", tab=7)
    assert trainer.press("写出打印文件", tab=7).count(".docx'") == 3
    assert "没有要改的" in _remark(trainer, reason="第 1 题答案印错", void="")
    assert "这一步没有做成" in _remark(trainer, reason="", void="")
    first = trainer.field("作废的题", tab=6).options[1][1]
    assert trainer.read("以前的更正", tab=6) == ""
    assert "这道题人人得满分" in _remark(trainer, reason="第 1 题答案印错", void=first)
    assert f"{first}：作废：这道题人人得满分" in trainer.read("以前的更正", tab=6)
    assert read_course_sitting(paper_id, course_dir=site.course_dir).opens_at is None


def test_a_makeup_is_set_from_the_form_without_the_questions_of_the_paper_before(tmp_path: Path) -> None:
    site = site_settings(project_dir=PROJECT, site_dir=tmp_path)
    with open_store(site.database_url) as store:
        store.write_learners(replace(learner, exam_eligible=True) for learner in learners(2))
    trainer = Trainer(site)
    trainer.field("考试日期", tab=1).value = date(2022, 11, 20)
    blueprint, makeup_of = trainer.field("组卷方案", tab=1), trainer.field("是不是补考", tab=1)
    blueprint.value = "drill"
    first = trainer.field("卷号", tab=1).value
    assert "已组卷" in trainer.press("组卷", tab=1)
    assert [value for _, value in makeup_of.options] == [""]
    assert "应考 2 人" in trainer.press("发布", tab=2)
    assert [value for _, value in makeup_of.options] == ["", first]
    blueprint.value = "practice"
    makeup_of.value = first
    assert blueprint.value == "drill"
    second = trainer.field("卷号", tab=1).value
    assert "已组卷" in trainer.press("组卷", tab=1)
    earlier, makeup = (read_course_paper(paper_id, course_dir=site.course_dir) for paper_id in (first, second))
    assert (makeup.makeup_of, makeup.attempt) == (first, 2)
    assert not {one.item_id for one in earlier.questions} & {one.item_id for one in makeup.questions}


def test_a_form_that_is_filled_in_wrongly_is_answered_with_a_card_and_writes_nothing(site: Settings) -> None:
    trainer = Trainer(site)
    trainer.field("随机种子", tab=1).value = "三"
    assert "“三”不是一个整数" in trainer.press("组卷", tab=1)
    trainer.field("随机种子", tab=1).value = ""
    trainer.field("卷号", tab=1).value = "../../x"
    assert "写法不对" in trainer.press("组卷", tab=1)
    assert not (site.course_dir / "source").exists()
    for tab, button in ((2, "发布"), (3, "刷新"), (3, "收下文件"), (4, "阅卷")):
        assert "这一步没有做成" in trainer.press(button, tab=tab)


def test_an_older_course_configuration_is_named_at_the_head_and_renewed_with_a_button(site: Settings) -> None:
    config = site.course_dir / "nbgrader_config.py"
    today = config.read_bytes()
    project = site.project_dir / "project"
    shutil.copytree(site.project_dir / "question_bank", project / "question_bank")
    (project / "grading").mkdir()
    config.rename(project / "grading" / "nbgrader_config.py")
    config.write_text("c = get_config()\nc.CourseDirectory.course_id = 'xuefa'\n", encoding="utf-8")
    trainer = Trainer(site_settings(project_dir=project, site_dir=site.site_dir))
    notice = trainer.page.children[2]
    assert "会运行学员交来的代码" in notice.children[0].value
    assert "按“换成这一版的设置”" in notice.children[0].value
    button = notice.children[1].children[0].children[0]
    button.click()
    assert "原来的留在 nbgrader_config.old-1.py" in notice.children[1].children[-1].value
    assert config.read_bytes() == today
    assert (notice.children[0].value, button.layout.display) == ("", "none")


def test_no_finding_of_the_exam_speaks_of_the_command_line_on_a_form() -> None:
    """Every text of the exam's modules that names a command or an option is put into the words of the forms."""
    modules = [
        *(PROJECT / "src" / "xuefa" / "exam").rglob("*.py"),
        *(PROJECT / "src/xuefa/workflows").glob("exam_*.py"),
    ]
    texts = [text for path in modules for text in _chinese_texts(path) if re.search(r"xuefa [a-z]|--[a-z]", text)]
    assert len(texts) > 5
    for text in texts:
        (shown,) = in_form_words([Finding("处", text, "做")])
        assert not re.search(r"xuefa [a-z]|--[a-z]", shown.fault), text


def _chinese_texts(path: Path) -> Iterator[str]:
    """The string literals of a module that hold Chinese; what is formatted into them is written as p-1."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(one.value) if isinstance(one, ast.Constant) else "p-1" for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            text = node.value
        else:
            continue
        if re.search("[一-鿿]", text) or text.startswith("--"):
            yield text


def test_a_spoilt_paper_is_named_at_the_head_of_the_page(site: Settings) -> None:
    spoilt = site.course_dir / "source" / "old" / "paper.json"
    spoilt.parent.mkdir(parents=True)
    spoilt.write_text("{", encoding="utf-8")
    trainer = Trainer(site)
    assert "试卷文件不完整" in trainer.page.children[1].value


def test_stopped_marking_writes_no_marks_and_can_be_done_again(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "bank", tmp_path / "question_bank")
    course = release_course(tmp_path / "grading", expected=3)
    for name in ("学员01", "学员02", "学员03"):
        course.sit(name, course.right_answers())
    trainer = Trainer(site_settings(project_dir=tmp_path, site_dir=tmp_path))
    assert "阅卷已停止" in trainer.press_and_stop("阅卷", tab=4)
    assert read_totals(course.course_dir, paper_id=PAPER_ID) == {}
    assert "实考 3 人" in trainer.press("阅卷", tab=4)
    assert len(read_totals(course.course_dir, paper_id=PAPER_ID)) == 3


def test_setting_releasing_and_printing_that_are_stopped_half_way_leave_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "_SECONDS_BETWEEN_LOOKS", 0)
    site = site_settings(project_dir=PROJECT, site_dir=tmp_path)
    with open_store(site.database_url) as store:
        store.write_learners(replace(learner, exam_eligible=True) for learner in learners(2))
    trainer = Trainer(site)
    trainer.field("组卷方案", tab=1).value = "drill"
    trainer.field("份数", tab=1).value = 2
    for tab, label, busy, done in (
        (1, "组卷", "组卷", "已组卷"),
        (2, "发布", "发布", "应考 1 人"),
        (7, "写出打印文件", "写打印文件", "已写出"),
    ):
        before = _contents(tmp_path)
        assert f"{busy}已停止" in trainer.press_and_stop(label, tab=tab)
        assert _contents(tmp_path) == before
        assert done in trainer.press(label, tab=tab)
        assert _contents(tmp_path) != before


def _contents(folder: Path) -> dict[str, object]:
    """Every file under the folder with what is in it, a database by its rows."""
    return {
        path.relative_to(folder).as_posix(): _rows(path) if path.suffix == ".db" else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _rows(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        rows = list(database.iterdump())
    return [row for row in rows if not row.startswith('INSERT INTO "course"')]  # nbgrader enters it whenever it looks


def test_what_marking_gives_names_every_refused_submission_with_its_reason(tmp_path: Path) -> None:
    course = release_course(tmp_path / "course", expected=3)
    course.sit("学员01", {**course.right_answers(), course.essay_id: "应当依法答辩。"})
    course.sit("学员02", {}).joinpath("answers.json").write_text("<script>", encoding="utf-8")
    summary = mark_paper(PAPER_ID, course_dir=course.course_dir)
    shown = render_marking(summary, names={"学员01": "学员01"})
    assert "实考 1 人，缺考 1 人，未收 1 份，待人工评阅 1 人" in shown
    assert "内容不完整或者写法不对" in shown


def test_submissions_that_wait_for_a_person_are_listed_without_names_and_scores_are_those_of_now(
    tmp_path: Path,
) -> None:
    course = release_course(tmp_path / "course", expected=3)
    course.sit("学员01", {course.essay_id: "应当依法答辩。"})
    course.sit("学员02", {})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    pages = read_marking_pages(course.paper, course_dir=course.course_dir)
    essay = next(number for number, one in enumerate(course.paper.questions, start=1) if one.kind == "essay")
    assert {page.learner_id: page.waiting for page in pages} == {"学员01": (essay,), "学员02": ()}
    (one,) = [page for page in pages if page.waiting]
    names = {"学员01": "<b>学员甲"}
    blind, named = render_marked(pages, paper=course.paper, names=names).split("<caption>成绩")
    assert "已阅 2 份，其中待人工评阅 1 份" in blind
    assert "学员" not in blind
    assert f"<a href='{one.path}' target='_blank'>第 {one.number} 份</a></td><td>第 {essay} 题</td>" in blind
    assert f"<td>&lt;b&gt;学员甲</td>{number_cell(0)}<td>待人工评阅</td>" in named
    assert f"学员02</a></td>{number_cell(0)}<td>不及格</td>" in named
    write_hand_mark(course.course_dir, paper_id=PAPER_ID, learner_id="学员01", question_id=course.essay_id, score=8)
    pages = read_marking_pages(course.paper, course_dir=course.course_dir)
    after = render_marked(pages, paper=course.paper, names=names)
    assert "其中待人工评阅 0 份" in after
    assert "待评阅的答卷" not in after
    assert f"<a href='{one.path}' target='_blank'>&lt;b&gt;学员甲</a></td>{number_cell(8)}<td>不及格</td>" in after


def number_cell(number: int) -> str:
    return f"<td class='xuefa-number'>{number}</td>"


def test_the_preview_shows_every_question_with_its_key_and_how_the_paper_is_mixed() -> None:
    bank = fixture_bank()
    paper = small_paper(bank)
    shown = render_preview(paper, bank)
    assert shown.count("<strong>答案：") == len(paper.questions)
    assert f"{len(paper.questions)} 道小题" in shown
    assert "平均难度" in shown


def test_a_proposed_id_is_free_and_can_name_a_folder() -> None:
    taken = {"2022-11-practice-1"}
    assert propose_paper_id("practice", held_on=date(2022, 11, 20), taken=taken) == "2022-11-practice-2"
    assert propose_paper_id("练习", held_on=date(2022, 1, 2), taken=()) == "2022-01-paper-1"


def test_parallel_forms_are_one_line_of_the_list_to_release() -> None:
    paper = small_paper(fixture_bank())
    forms = [paper.model_copy(update={"paper_id": f"p-{form}", "form": form.upper()}) for form in "ab"]
    lines = forms_together([*forms, paper])
    assert [ids for _, ids in lines] == [("p-a", "p-b"), (PAPER_ID,)]


def test_hours_are_beijings_and_the_wrong_way_round_they_are_refused() -> None:
    opens_at, closes_at = require_hours(datetime(2022, 11, 20, 19), None)  # noqa: DTZ001  as the picker gives it
    assert opens_at is not None
    assert opens_at.isoformat() == "2022-11-20T19:00:00+08:00"
    assert closes_at is None
    with pytest.raises(BadInputError, match="截止时间不晚于开考时间"):
        require_hours(datetime(2022, 11, 20, 19), datetime(2022, 11, 20, 18))  # noqa: DTZ001  as the picker gives it


def test_an_uploaded_name_never_leads_out_of_its_folder(tmp_path: Path) -> None:
    names = ["../../x.zip", "C:\\a\\b.zip", "..", "a.zip", "a.zip"]
    paths = write_uploads([{"name": name, "content": memoryview(b"1")} for name in names], folder=tmp_path)
    assert len({*paths}) == 5
    assert all(tmp_path in path.resolve().parents for path in paths)
    assert [path.name for path in paths] == ["x.zip", "b.zip", "2.zip", "a.zip", "a.zip"]


def test_feedback_pages_are_packed_under_the_learners_ids(tmp_path: Path) -> None:
    pages = [tmp_path / "feedback" / name / PAPER_ID / f"{PAPER_ID}.html" for name in ("学员01", "学员02")]
    for page in pages:
        page.parent.mkdir(parents=True)
        page.write_text(page.parents[1].name, encoding="utf-8")
    with zipfile.ZipFile(pack_feedback(pages, to=tmp_path / "反馈.zip")) as archive:
        packed = {name: archive.read(name).decode() for name in archive.namelist()}
    assert packed == {"学员01.html": "学员01", "学员02.html": "学员02"}
