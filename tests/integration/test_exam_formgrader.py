"""nbgrader's own pages over a course that the kit marked: a real Jupyter server, the real formgrader."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import xuefa
from tests.exam_course import PAPER_ID, Course, release_course
from xuefa.exam.export import write_scores_csv
from xuefa.exam.feedback import write_feedback
from xuefa.exam.gradebook import read_item_scores, write_students
from xuefa.exam.hand_marks import read_marking_pages
from xuefa.exam.marking import mark_paper
from xuefa.exam.sitting import Candidate

TOKEN = "formgrader-test"  # noqa: S105  of a server that lives as long as this test


@dataclass(frozen=True)
class Formgrader:
    """A running server and the course it shows."""

    url: str
    course: Course

    def get(self, path: str) -> str:
        """The body of a page; any status but 200 is an error."""
        return self._open(path, method="GET", content=None)

    def put(self, path: str, content: dict[str, Any]) -> str:
        return self._open(path, method="PUT", content=json.dumps(content).encode())

    def _open(self, path: str, *, method: str, content: bytes | None) -> str:
        request = urllib.request.Request(  # noqa: S310  an http address of our own
            f"{self.url}/{path}",
            data=content,
            method=method,
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            assert response.status == 200
            return str(response.read().decode())


@pytest.fixture(scope="module")
def formgrader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formgrader]:
    root = tmp_path_factory.mktemp("site")
    course = release_course(root / "grading", expected=3)
    course.sit("学员01", {**course.right_answers(), course.essay_id: "十五日内提交证据和答辩状。"})
    course.sit("学员02", wrong_choice(course))
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_PATH": str(course.course_dir),
        "JUPYTER_PATH": str(Path(xuefa.__file__).parent / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(root / "jupyter"),
        "JUPYTER_TOKEN": TOKEN,
    }
    log = (root / "server.log").open("wb")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
            *(f"--ServerApp.port={port}", f"--ServerApp.root_dir={root}"),
        ],
        cwd=root,
        env=environ,
        stdout=log,
        stderr=log,
    )
    found = Formgrader(f"http://127.0.0.1:{port}", course)
    try:
        wait_for(found, server)
        yield found
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def wait_for(formgrader: Formgrader, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert server.poll() is None, "the server ended; see server.log"
        try:
            formgrader.get("api/status")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.25)
        else:
            return
    pytest.fail("the server did not answer within a minute")


def wrong_choice(course: Course) -> dict[str, str]:
    """A wrong answer to the first question, a 单选 of two points."""
    question = course.paper.questions[0]
    key = course.right_answers()[question.question_id]
    return {question.question_id: next(letter for letter in question.options if letter != key)}


def shown_choice(course: Course) -> str:
    ((question_id, letter),) = wrong_choice(course).items()
    return f"学员答案：{letter}　正确答案：{course.right_answers()[question_id]}　得分：0／2"


def submission_ids(formgrader: Formgrader) -> dict[str, str]:
    rows = json.loads(formgrader.get(f"formgrader/api/submitted_notebooks/{PAPER_ID}/{PAPER_ID}"))
    return {row["student"]: row["id"] for row in rows}


def test_formgrader_lists_the_paper_and_its_submissions(formgrader: Formgrader) -> None:
    assignment = json.loads(formgrader.get(f"formgrader/api/assignment/{PAPER_ID}"))
    assert (assignment["max_score"], assignment["num_submissions"]) == (40, 2)
    rows = json.loads(formgrader.get(f"formgrader/api/submissions/{PAPER_ID}"))
    listed = {row["student"]: (row["score"], row["autograded"], row["needs_manual_grade"]) for row in rows}
    assert listed == {"学员01": (30, True, True), "学员02": (0, True, False)}
    assert "<title>nbgrader formgrade</title>" in formgrader.get("formgrader/manage_assignments")


def test_formgrader_opens_a_submission_with_the_choice_beside_the_key(formgrader: Formgrader) -> None:
    ids = submission_ids(formgrader)
    page = formgrader.get(f"formgrader/submissions/{ids['学员02']}/")
    assert shown_choice(formgrader.course) in page
    assert "评分要点（本题 10 分" in page
    assert "https://" not in page
    assert "十五日内提交证据和答辩状" in formgrader.get(f"formgrader/submissions/{ids['学员01']}/")


def test_the_pages_that_the_trainers_list_leads_to_are_there_and_count_as_the_list_does(formgrader: Formgrader) -> None:
    ids = submission_ids(formgrader)
    pages = read_marking_pages(formgrader.course.paper, course_dir=formgrader.course.course_dir)
    assert {page.learner_id: page.path for page in pages} == {
        learner_id: f"/formgrader/submissions/{ids[learner_id]}/" for learner_id in ("学员01", "学员02")
    }
    for page in pages:
        assert f"Submission {page.number} / 2" in formgrader.get(page.path.lstrip("/"))


def test_a_mark_given_in_formgrader_counts_and_survives_marking_again(formgrader: Formgrader) -> None:
    ids = submission_ids(formgrader)
    grades = json.loads(formgrader.get(f"formgrader/api/grades?submission_id={ids['学员01']}"))
    essay = next(grade for grade in grades if grade["name"] == formgrader.course.essay_id)
    formgrader.put(f"formgrader/api/grade/{essay['id']}", {"manual_score": 7.5})
    comments = json.loads(formgrader.get(f"formgrader/api/comments?submission_id={ids['学员01']}"))
    formgrader.put(f"formgrader/api/comment/{comments[0]['id']}", {"manual_comment": "要点全"})
    total = mark_paper(PAPER_ID, course_dir=formgrader.course.course_dir).marked[0]
    assert (total.score, total.needs_manual_grade) == (37.5, False)
    items = read_item_scores(formgrader.course.course_dir, paper_id=PAPER_ID)
    assert [item.score for item in items if item.question_id == formgrader.course.essay_id] == [7.5, 0]
    kept = json.loads(formgrader.get(f"formgrader/api/comments?submission_id={ids['学员01']}"))
    assert kept[0]["manual_comment"] == "要点全"


def test_formgraders_own_button_writes_the_kits_feedback_pages(formgrader: Formgrader) -> None:
    course_dir = formgrader.course.course_dir
    before = {path: path.read_bytes() for path in write_feedback(PAPER_ID, course_dir=course_dir, keys="hidden")}
    for path in write_feedback(PAPER_ID, course_dir=course_dir, keys="shown"):
        assert path.read_bytes() != before[path]
    request = urllib.request.Request(  # noqa: S310  an http address of our own
        f"{formgrader.url}/formgrader/api/assignment/{PAPER_ID}/generate_feedback",
        data=b"",
        method="POST",
        headers={"Authorization": f"token {TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        outcome = json.loads(response.read())
    assert outcome["success"], outcome
    assert sorted(path.parts[-3] for path in before) == ["学员01", "学员02"]
    assert {path: path.read_bytes() for path in before} == before


def test_formgraders_own_button_marks_as_the_kit_does_and_executes_nothing(formgrader: Formgrader) -> None:
    course_dir = formgrader.course.course_dir
    before = [item for item in read_item_scores(course_dir, paper_id=PAPER_ID) if item.learner_id == "学员02"]
    marker = course_dir.parent / "executed"
    path = course_dir / "submitted" / "学员02" / PAPER_ID / f"{PAPER_ID}.ipynb"
    notebook = json.loads(path.read_bytes())
    for cell in notebook["cells"]:
        cell["source"] = f"open({str(marker)!r}, 'w').write('x')"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    request = urllib.request.Request(  # noqa: S310  an http address of our own
        f"{formgrader.url}/formgrader/api/submission/{PAPER_ID}/{quote('学员02')}/autograde",
        data=b"",
        method="POST",
        headers={"Authorization": f"token {TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        outcome = json.loads(response.read())
    assert outcome["success"], outcome
    after = [item for item in read_item_scores(course_dir, paper_id=PAPER_ID) if item.learner_id == "学员02"]
    assert after == before
    assert not marker.exists()


def test_stock_export_writes_the_chinese_csv_of_those_who_were_expected(formgrader: Formgrader) -> None:
    """学员09 stands in the gradebook because of another paper; nobody expected them at this one."""
    course_dir = formgrader.course.course_dir
    write_students(course_dir, [Candidate(learner_id="学员09", name="学员09")])
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--to", "scores.csv"],
        cwd=course_dir,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = (course_dir / "scores.csv").read_bytes()
    assert written == write_scores_csv(course_dir, to=course_dir / "own.csv").read_bytes()
    lines = written.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("试卷,编号,姓名")
    assert lines[3:] == [f"{PAPER_ID},学员03,学员03,,,40,,是,"]
