"""What learners send, marked with real nbgrader: never executed, refused by name, no other learner's marks touched."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.exam_course import FIXTURES, PAPER_ID, STARTED_AT, Course, learners, release_course
from xuefa.errors import BadInputError
from xuefa.exam.feedback import write_feedback
from xuefa.exam.marking import mark_paper
from xuefa.exam.sitting import sitting_path
from xuefa.exam.submission import open_submission

NAMES = [learner.learner_id for learner in learners(6)]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return release_course(tmp_path_factory.mktemp("exam") / "released", expected=len(NAMES))


@pytest.fixture
def course(released: Course, tmp_path: Path) -> Course:
    """A copy of the released course for one test."""
    return released.copy_to(tmp_path / "course")


def reasons(course: Course) -> dict[str, str]:
    return {one.learner_id: one.reason for one in mark_paper(PAPER_ID, course_dir=course.course_dir).refused}


def test_code_in_a_submitted_notebook_is_never_executed(course: Course, tmp_path: Path) -> None:
    folder = course.sit(NAMES[0], course.right_answers())
    marker = tmp_path / "executed"
    attack = f"open({str(marker)!r}, 'w').write('x')"
    path = folder / f"{PAPER_ID}.ipynb"
    notebook = json.loads(path.read_bytes())
    for cell in notebook["cells"]:
        cell["source"] = attack
    notebook["cells"].append({"cell_type": "code", "id": "x", "metadata": {}, "source": attack, "outputs": []})
    path.write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "xuefa.py").write_text(attack, encoding="utf-8")
    (folder / "sitecustomize.py").write_text(attack, encoding="utf-8")
    assert mark_paper(PAPER_ID, course_dir=course.course_dir).marked[0].score == 30
    assert not marker.exists()
    marked = (course.course_dir / "autograded" / NAMES[0] / PAPER_ID / f"{PAPER_ID}.ipynb").read_text(encoding="utf-8")
    assert "executed" not in marked
    assert {file.name for file in (course.course_dir / "autograded" / NAMES[0] / PAPER_ID).iterdir()} == {
        f"{PAPER_ID}.ipynb",
        "paper.json",
        "answers.json",
        "timestamp.txt",
    }


ATTACKS = {
    "cells that redefine what marks": "def mark_answer(*_, **__):\n    return 99.0\nxuefa = json = None\n{attack}",
    "a shell command": "!{shell}",
    "a cell magic": "%%bash\n{shell}",
    "a system call": "__import__('os').system('{shell}')",
    "a script in JavaScript": "%%javascript\nrequire('fs').writeFileSync('{path}', 'x')",
    "a last value that earns more": "{attack}\n99.0",
}


@pytest.mark.parametrize("what", ATTACKS)
def test_whatever_code_a_notebook_holds_the_marks_are_those_of_the_answers(
    course: Course, tmp_path: Path, what: str
) -> None:
    """Code in every cell, in files that Python, Jupyter or nbgrader would load, and points and checksums changed."""
    planted = tmp_path / "planted"
    attack, shell = f"open({str(planted)!r}, 'w').write('x')", f"touch {planted}"
    code = ATTACKS[what].format(attack=attack, shell=shell, path=planted)
    folder = course.sit(NAMES[0], {})
    course.sit(NAMES[1], course.right_answers())
    path = folder / f"{PAPER_ID}.ipynb"
    notebook = json.loads(path.read_bytes())
    for one in notebook["cells"]:
        one["source"] = code
        one["metadata"]["nbgrader"] |= {"points": 99, "checksum": "0" * 32, "locked": False, "grade": True}
    notebook["metadata"]["kernelspec"] = {"name": "bash", "display_name": "bash", "argv": ["sh", "-c", shell]}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    for name in ("nbgrader_config.py", "jupyter_config.py", "ipython_config.py", "json.py", "__init__.py", "x.pth"):
        (folder / name).write_text(attack, encoding="utf-8")
    summary = mark_paper(PAPER_ID, course_dir=course.course_dir)
    assert [(one.learner_id, one.score) for one in summary.marked] == [(NAMES[0], 0), (NAMES[1], 30)]
    assert not planted.exists()
    for file in (course.course_dir / "autograded").rglob("*.*"):
        assert b"planted" not in file.read_bytes()


def test_one_bad_submission_is_refused_with_its_reason_and_stops_no_other(course: Course, tmp_path: Path) -> None:
    folders = {name: course.sit(name, course.right_answers()) for name in NAMES[:5]}
    (folders[NAMES[0]] / "answers.json").write_bytes(
        (FIXTURES / "answers" / "nested_a_thousand_deep.json").read_bytes()
    )
    with (folders[NAMES[1]] / "answers.json").open("wb") as file:
        file.truncate(100_000_000)
    (folders[NAMES[2]] / "answers.json").unlink()
    (folders[NAMES[2]] / "answers.json").symlink_to(folders[NAMES[4]] / "answers.json")
    shutil.move(folders[NAMES[3]].parent, tmp_path / "elsewhere")
    folders[NAMES[3]].parent.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    shutil.copytree(folders[NAMES[4]].parent, course.course_dir / "submitted" / "外人")
    (course.course_dir / "submitted" / "说明.txt").write_text("不是文件夹", encoding="utf-8")
    found = reasons(course)
    assert found.keys() == {*NAMES[:4], "外人"}
    for name, reason in zip(
        NAMES, ("嵌套得太深", "超过 1,000,000 字节", "不是普通文件", "不是普通文件夹"), strict=False
    ):
        assert reason in found[name]
    assert found["外人"] == "不在这份试卷的应考名单里"
    assert course.scores() == dict.fromkeys(NAMES[:4]) | {NAMES[4]: 30.0, NAMES[5]: None}


def test_bytes_pipes_and_ids_that_attack_are_each_named_and_touch_nothing_outside(
    course: Course, tmp_path: Path
) -> None:
    folders = {name: course.sit(name, course.right_answers()) for name in NAMES}
    outside = tmp_path / "outside.json"
    outside.write_bytes((folders[NAMES[4]] / "answers.json").read_bytes())
    text = (folders[NAMES[0]] / "answers.json").read_text(encoding="utf-8")
    (folders[NAMES[0]] / "answers.json").write_bytes(b"\0" * 5_000)
    (folders[NAMES[1]] / "answers.json").write_text('{"format": 1, "format": 1}', encoding="utf-8")
    (folders[NAMES[2]] / "answers.json").unlink()
    os.mkfifo(folders[NAMES[2]] / "answers.json")
    (folders[NAMES[3]] / "answers.json").write_text(text.replace(NAMES[0], "../../x"), encoding="utf-8")
    (folders[NAMES[4]] / "answers.json").unlink()
    (folders[NAMES[4]] / "answers.json").symlink_to(outside)
    before = outside.read_bytes(), sorted(tmp_path.glob("*"))
    found = reasons(course)
    faults = ("内容不完整或者写法不对", "重复的项", "不是普通文件", "是别的学员的答卷（../../x）", "不是普通文件")
    assert found.keys() == set(NAMES[:5])
    for name, fault in zip(NAMES, faults, strict=False):
        assert fault in found[name]
    assert course.scores()[NAMES[5]] == 30
    assert (outside.read_bytes(), sorted(tmp_path.glob("*"))) == before
    assert sorted(path.name for path in (course.course_dir / "autograded").iterdir()) == [NAMES[5]]


@pytest.mark.parametrize("content", [b"", b"not a time", b"\xff\xfe", b"9" * 90, b"x" * 10_000_000])
def test_a_spoilt_timestamp_is_refused(course: Course, content: bytes) -> None:
    folder = course.sit(NAMES[0], course.right_answers())
    (folder / "timestamp.txt").write_bytes(content)
    assert set(reasons(course)) == {NAMES[0]}


@pytest.mark.parametrize("learner_id", ["../../x", "..", "a/b", "C:\\x"])
def test_a_learner_id_that_leads_out_of_the_course_is_refused_everywhere(course: Course, learner_id: str) -> None:
    before = sorted(course.course_dir.parent.rglob("*"))
    with pytest.raises(BadInputError, match="不能用作文件夹名"):
        open_submission(course.paper, course_dir=course.course_dir, learner_id=learner_id, now=STARTED_AT)
    assert sorted(course.course_dir.parent.rglob("*")) == before
    sitting = {"paper_id": PAPER_ID, "candidates": [{"learner_id": learner_id, "name": "学员"}]}
    sitting_path(course.course_dir, PAPER_ID).write_text(json.dumps(sitting), encoding="utf-8")
    with pytest.raises(BadInputError, match="不能用作文件夹名"):
        mark_paper(PAPER_ID, course_dir=course.course_dir)


def test_an_essay_cannot_bring_markup_into_formgrader_or_feedback(course: Course) -> None:
    course.sit(NAMES[0], {course.essay_id: "<script>alert('x')</script><img src=x onerror=alert(1)>"})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    page = write_feedback(PAPER_ID, course_dir=course.course_dir)[0].read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(" in page
    assert "<script>alert(" not in page
    assert "<img src=x" not in page
