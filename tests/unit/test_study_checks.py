"""The check that holds manifest, notebooks and bank together: each rule can fail, and says what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from xuefa.bank.reader import read_bank
from xuefa.errors import Finding
from xuefa.laws.statutes import PackagedStatutes, Statutes
from xuefa.study.checks import check_modules
from xuefa.study.manifest import read_manifest

FIXTURE = Path(__file__).parents[1] / "fixtures" / "study" / "project"
TODAY = date(2026, 9, 1)
Notebook = dict[str, Any]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURE, tmp_path / "project"))


def run_check(project: Path) -> list[Finding]:
    bank = read_bank(project / "question_bank")
    return check_modules(
        manifest=read_manifest(project / "notebooks" / "modules.yaml", catalogue=bank.catalogue),
        notebooks_dir=project / "notebooks",
        bank=bank,
        statutes=Statutes((PackagedStatutes.installed(),)),
        today=TODAY,
    )


def notebook_of(project: Path) -> Path:
    return project / "notebooks" / "08_行政诉讼法.ipynb"


def change_notebook(project: Path, change: Callable[[Notebook], None]) -> None:
    path = notebook_of(project)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    change(notebook)
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")


def cell(notebook: Notebook, cell_id: str) -> dict[str, Any]:
    return next(one for one in notebook["cells"] if one["id"] == cell_id)


def replace(cell_id: str, old: str, new: str) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        assert old in cell(notebook, cell_id)["source"]
        cell(notebook, cell_id)["source"] = cell(notebook, cell_id)["source"].replace(old, new)

    return change


def drop(cell_id: str) -> Callable[[Notebook], None]:
    return lambda notebook: notebook["cells"].remove(cell(notebook, cell_id))


def quiz_before_sign_in(notebook: Notebook) -> None:
    quiz = cell(notebook, "quiz")
    notebook["cells"].remove(quiz)
    notebook["cells"].insert(1, quiz)


def test_sound_project_has_no_findings(project: Path) -> None:
    assert run_check(project) == []


def test_notebooks_of_the_project_have_no_findings(project_dir: Path) -> None:
    assert [str(finding) for finding in run_check(project_dir)] == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (replace("why", "（约3分钟）", ""), "标题没有写明分钟数"),
        (replace("reflection-intro", "约10分钟", "约30分钟"), "各节合计 70 分钟"),
        (replace("key-1", "约12分钟", "约11分钟"), "的各节合计 14 分钟"),
        (replace("picture-intro", "（约5", "〔学法二十分〕（约6"), "的各节合计 21 分钟"),
        (replace("why", "# 行政诉讼法", "行政诉讼法"), "有 0 个一级标题"),
        (replace("start", "xuefa.lesson(8)", "xuefa.lesson(7)"), "打开的不是本课"),
        (drop("sign-in"), "没有 lesson.sign_in(…)"),
        (drop("quiz"), "没有 lesson.quiz(…)"),
        (drop("reflection"), "没有 lesson.reflection(…)"),
        (quiz_before_sign_in, "次序不对"),
        (replace("quiz", "lesson.quiz", "lesson.exam"), "不认识的调用 lesson.exam"),
        (replace("quiz", "lesson.quiz()", "print(1)"), "lesson 调用以外的内容"),
        (replace("key-1-articles", "45, ", ""), "正文提到《行政诉讼法》第四十五条，本节没有打开它的原文"),
        (replace("key-1-articles", ', "行政复议法 20"', ""), "正文提到《行政复议法》第二十条"),
        (replace("why-articles", "2", "2, 999"), "《行政诉讼法》没有第九百九十九条"),
        (replace("why-articles", "2", '2, "四六条"'), "法条“四六条”写法不对"),
        (replace("why-articles", "2", '2, "刑法 294"'), "目录里没有《刑法》"),
        (replace("why", "可以被起诉", "<b>可以</b>被起诉"), "正文里有 HTML 标记 <b>"),
        (replace("picture", "08_steps", "08_gone"), "找不到这张图"),
        (drop("picture"), "插图只有 1 张"),
        (drop("case-2"), "标题里有“以案释法”的只有 1 节"),
        (drop("pitfalls"), "标题里有“易错点”的只有 0 节"),
        (drop("discussion"), "标题里有“研讨题”的只有 0 节"),
        (replace("why", "乡镇为什么", "为什么"), "第一节没有讲乡镇"),
        (lambda notebook: cell(notebook, "quiz").update(execution_count=3), "存有运行结果"),
        (lambda notebook: cell(notebook, "quiz").update(outputs=[{"output_type": "stream"}]), "存有运行结果"),
        (lambda notebook: cell(notebook, "quiz").update(metadata={}), "代码格没有设为隐藏"),
        (lambda notebook: notebook["metadata"].update(xuefa={"module": 8}), "metadata 里 xuefa 一项不对"),
        (lambda notebook: cell(notebook, "why").pop("id"), "有一格没有编号"),
        (
            replace(
                "why",
                "被起诉",
                "公民、法人或者其他组织认为行政机关和行政机关工作人员的行政行为侵犯其合法权益，有权依照本法",
            ),
            "照抄了《行政诉讼法》原文",
        ),
    ],
)
def test_fault_in_a_notebook_is_found(project: Path, change: Callable[[Notebook], None], fault: str) -> None:
    change_notebook(project, change)
    findings = run_check(project)
    assert any(fault in finding.fault for finding in findings), [str(finding) for finding in findings]
    assert all(finding.place and finding.fix for finding in findings)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('<desc id="d">直接起诉六个月，复议以后十五日。</desc>', "", "没有 title 或 desc"),
        ("</svg>", "<script>1</script></svg>", "不该有的元素：script"),
        ("</svg>", "", "不是合格的 SVG"),
    ],
)
def test_fault_in_a_picture_is_found(project: Path, old: str, new: str, fault: str) -> None:
    picture = project / "notebooks" / "pictures" / "08_steps.svg"
    text = picture.read_text(encoding="utf-8")
    assert old in text
    picture.write_text(text.replace(old, new), encoding="utf-8")
    assert [fault in finding.fault for finding in run_check(project)] == [True]


def test_missing_stray_and_unannounced_notebooks_are_found(project: Path) -> None:
    notebook_of(project).rename(project / "notebooks" / "07_行政复议法.ipynb")
    shutil.copy(FIXTURE / "notebooks" / "index.ipynb", project / "notebooks" / "草稿.ipynb")
    faults = [finding.fault for finding in run_check(project)]
    assert faults == [
        "笔记本 07_行政复议法.ipynb 已经写好，status 却是 planned",
        "找不到笔记本 08_行政诉讼法.ipynb",
        "modules.yaml 里没有登记这个笔记本",
    ]


def test_notebook_that_is_no_json_is_found(project: Path) -> None:
    notebook_of(project).write_text("{", encoding="utf-8")
    assert ["不是合格的笔记本文件" in finding.fault for finding in run_check(project)] == [True]


def test_stored_output_in_the_index_is_found(project: Path) -> None:
    path = project / "notebooks" / "index.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][1]["execution_count"] = 1
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert [finding.fault for finding in run_check(project)] == ["存有运行结果"]


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("home.overview()", "home.year()", ["首页的代码格不对"]),
        ("home.sign_in()", "home.stamp()", ["首页的代码格不对"]),
        ("home = xuefa.home()", "home = xuefa.lesson(8)", ["首页的代码格不对", "代码格里有 lesson 调用以外的内容"]),
        ('"source_hidden": true', '"source_hidden": false', ["代码格没有设为隐藏"] * 6),
    ],
)
def test_fault_in_the_home_page_is_found(project: Path, old: str, new: str, faults: list[str]) -> None:
    path = project / "notebooks" / "index.ipynb"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert [finding.fault for finding in run_check(project)] == faults


def test_objective_without_an_item_and_item_without_an_objective_are_found(project: Path) -> None:
    manifest = project / "notebooks" / "modules.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("xzss-o1", "xzss-o9"), encoding="utf-8")
    faults = [finding.fault for finding in run_check(project)]
    assert "目标 xzss-o9 没有一道在用的题来考" in faults
    assert faults.count("modules.yaml 里没有目标 xzss-o1") == 2
