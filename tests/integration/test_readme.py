"""Runs every command that the two READMEs show, in their order, on a site of its own."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from xuefa.exam.hand_in_file import write_hand_in_file
from xuefa.exam.paper import read_papers
from xuefa.exam.submission import hand_in, open_submission
from xuefa.records.pins import admit
from xuefa.records.record import Record, Verb, make_record_id
from xuefa.records.store import open_store
from xuefa.settings import site_settings

SOME_LAW = """重大行政决策程序暂行条例

2019年4月20日 国务院令第713号公布 2019年9月1日 施行

第一条 只为试一试导入。
"""


def commands_of(page: Path) -> list[str]:
    """The lines of the page's code blocks, in order."""
    return [line.strip() for line in page.read_text(encoding="utf-8").splitlines() if re.match(r" {4}\S", line)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Terminal:
    """Types the READMEs' commands in a folder of its own, with the site there too."""

    def __init__(self, folder: Path, project_dir: Path) -> None:
        self.folder = folder
        self.project_dir = project_dir
        self.site = site_settings(project_dir=project_dir, site_dir=folder)
        self.environ = {**os.environ, "XUEFA_SITE": str(folder), "PYTHONUTF8": "1"}
        self._said: dict[str, str] = {}

    def run(self, command: str) -> str:
        """Run to the end what was not run before; the command must succeed. Both pages begin with the demo."""
        if command not in self._said:
            self._said[command] = self._run(command)
        return self._said[command]

    def _run(self, command: str) -> str:
        done = subprocess.run(
            self._words(command),
            cwd=self._place(command),
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def serve(self, command: str, path: str) -> None:
        """Start a server, see a page of it, stop it."""
        port = free_port()
        words = [*self._words(command), "--port", str(port), *(["--no-browser"] if " lab" in command else [])]
        with subprocess.Popen(
            words,
            cwd=self._place(command),
            env=self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as server:
            try:
                assert _answers(f"http://127.0.0.1:{port}{path}"), command
            finally:
                _end(server)

    def _words(self, command: str) -> list[str]:
        words = shlex.split(command)
        if words[:2] == ["python3", "run.py"]:
            return [sys.executable, str(self.project_dir / "run.py"), *words[2:]]
        assert words[0] == ".venv/bin/xuefa", command
        return [sys.executable, "-m", "xuefa", *words[1:]]

    def _place(self, command: str) -> Path:
        return self.project_dir if "run.py" in command else self.folder


def _end(server: subprocess.Popen[bytes]) -> None:
    """End it and all that it started: where run.py starts the server, that is a grandchild."""
    if sys.platform == "win32":  # no process groups there
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(server.pid)], check=True, capture_output=True)
    else:
        os.killpg(server.pid, signal.SIGTERM)


def _answers(url: str) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:  # noqa: S310  a server this test started
                return bool(reply.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    return False


@pytest.fixture(scope="module")
def terminal(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    folder = tmp_path_factory.mktemp("readme")
    (folder / "reports").mkdir()
    template = (project_dir / "reports" / "report.toml").read_text(encoding="utf-8")
    (folder / "reports" / "report.toml").write_text(template.replace('unit = ""', 'unit = "某某乡"'), encoding="utf-8")
    return Terminal(folder, project_dir)


def fill_in_roster(terminal: Terminal) -> None:
    path = terminal.folder / "名册.xlsx"
    book = load_workbook(path)
    sheet = book.active
    assert sheet is not None
    titles = [cell.value for cell in sheet[1]]
    row: dict[str, str | date] = {
        "编号": "学员01",
        "姓名": "学员01",
        "单位": "综合执法办公室",
        "职务": "干部",
        "到岗日期": date(2021, 1, 1),
        "可参加执法考试": "是",
    }
    for column, title in enumerate(titles, start=1):
        sheet.cell(row=2, column=column, value=row.get(str(title)))
    book.save(path)


def write_other_machine(terminal: Terminal) -> None:
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    with open_store(f"sqlite:///{(terminal.folder / '另一台电脑的xuefa.db').as_posix()}") as store:
        store.append_records(
            [Record(record_id=make_record_id(at, 1), verb=Verb.PUBLISHED, occurred_at=at, source="test")]
        )


def write_some_law(terminal: Terminal) -> None:
    (terminal.folder / "下载的文件.txt").write_text(SOME_LAW, encoding="utf-8")


def set_a_pin(terminal: Terminal) -> None:
    with open_store(terminal.site.database_url) as store:
        admit(store, learner_id="学员01", pin="2580", again="2580", now=datetime.now(UTC), salt=bytes(16))


def hand_in_a_blank_sheet(terminal: Terminal) -> None:
    course_dir = terminal.site.course_dir
    (paper,) = read_papers(course_dir)
    for step in (open_submission, hand_in):
        step(paper, course_dir=course_dir, learner_id="学员01", now=datetime(2026, 3, 24, 12, tzinfo=UTC))
    packed = write_hand_in_file(paper, course_dir=course_dir, learner_id="学员01", folder=terminal.folder)
    packed.rename(terminal.folder / "交卷文件.zip")


def question_of_the_paper(terminal: Terminal) -> str:
    (paper,) = read_papers(terminal.site.course_dir)
    return paper.questions[0].question_id


def exported_file(terminal: Terminal) -> str:
    (exported,) = terminal.site.report_output_dir.glob("*.json")
    return str(exported.relative_to(terminal.folder))


def written_document(terminal: Terminal) -> str:
    document = min(terminal.site.report_output_dir.glob("*.docx"), key=lambda path: len(path.name))
    return str(document.relative_to(terminal.folder))


def test_the_english_readme_shows_two_commands_that_work(terminal: Terminal) -> None:
    demo, test = commands_of(terminal.project_dir / "README.md")
    assert demo == "python3 run.py demo"
    said = terminal.run(demo)
    assert "10次" in said
    assert "2次" in said
    assert "8名" in said
    assert test == "python3 run.py test"
    assert "passed" in terminal.run(f"{test} -q tests/unit/test_laws_citation.py")


def test_every_command_of_the_chinese_readme_works_in_its_order(terminal: Terminal) -> None:
    before: dict[str, Callable[[Terminal], None]] = {
        ".venv/bin/xuefa records merge 另一台电脑的xuefa.db": write_other_machine,
        ".venv/bin/xuefa roster reset-pin 学员01": set_a_pin,
        ".venv/bin/xuefa law add 下载的文件.docx": write_some_law,
        ".venv/bin/xuefa exam status 2026-03-lianxi": hand_in_a_blank_sheet,
    }
    commands = commands_of(terminal.project_dir / "README.zh-CN.md")
    assert len(commands) > 12
    for command in commands:
        if command in before:
            before[command](terminal)
        if command.endswith("lab --demo"):
            terminal.serve(command, "/api")
        elif " serve " in command:
            terminal.serve(command.replace("0.0.0.0", "127.0.0.1"), "/")  # noqa: S104  it is taken out, not put in
        elif "报送文件.json" in command:
            terminal.run(command.replace("reports/output/报送文件.json", exported_file(terminal)))
        elif "--void 题号" in command:
            terminal.run(command.replace("题号", question_of_the_paper(terminal)))
        elif "文件名.docx" in command:
            terminal.run(command.replace("reports/output/文件名.docx", written_document(terminal)))
        else:
            terminal.run(command.replace("下载的文件.docx", "下载的文件.txt"))
        if "roster template" in command:
            fill_in_roster(terminal)
