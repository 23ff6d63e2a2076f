from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.main import get_command
from typer.testing import CliRunner

from xuefa.cli import app
from xuefa.records.record import Verb
from xuefa.records.store import open_store
from xuefa.settings import Settings

LIGHT = (
    "import sys; sys.argv = ['xuefa', '--help']\n"
    "from xuefa.cli import main\n"
    "try: main()\n"
    "except SystemExit: pass\n"
    "print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
)
HEAVY = {
    "IPython",
    "alembic",
    "anywidget",
    "docx",
    "ipywidgets",
    "nbgrader",
    "numpy",
    "openpyxl",
    "pandas",
    "pydantic",
    "rich",
    "sqlalchemy",
    "xlsxwriter",
    "yaml",
}


def run_xuefa(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own on the settings' site."""
    return subprocess.run(
        [sys.executable, "-m", "xuefa", *arguments],
        env={**os.environ, "XUEFA_SITE": str(settings.site_dir), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def all_commands() -> list[tuple[str, ...]]:
    groups = get_command(app).commands  # type: ignore[attr-defined]  # it is a group
    return [
        path
        for name, command in groups.items()
        for path in [(name,), *((name, inner) for inner in getattr(command, "commands", {}))]
    ]


def test_help_loads_none_of_the_heavy_packages() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert "命令：" in done.stdout
    assert HEAVY & set(done.stdout.splitlines()[-1].split()) == set()


@pytest.mark.parametrize("command", [(), *all_commands()], ids=" ".join)
def test_every_help_page_is_in_chinese(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    page = CliRunner().invoke(app, [*command, "--help"], prog_name="xuefa").output
    assert "用法：" in page
    english = set(re.findall(r"(?<![\w./-])[A-Z][a-z]+|\b(?:required|default|options?)\b", page))
    assert english <= {"Voil", "Jupyter", "Word", "Excel", "Markdown"}
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["bank", "chek"], "没有命令 chek，是不是想写 check"),
        (["bank", "check", "--fast"], "没有选项 --fast"),
        (["exam", "mark"], "缺少 卷号"),
        (["exam", "set", "p1", "--date", "2022-13-01"], "--date 的值不合要求"),
        (["bank", "check", "extra"], "参数的个数不对"),
        (["records", "add", "旅游", "--date", "2022-01-01"], "可用的事项：推送"),
    ],
)
def test_a_wrong_command_line_is_answered_in_chinese(settings: Settings, arguments: list[str], complaint: str) -> None:
    done = run_xuefa(settings, *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_clerk_enters_a_year_from_the_command_line(settings: Settings, tmp_path: Path) -> None:
    roster = tmp_path / "名册.xlsx"
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编号", "姓名", "单位", "职务", "到岗日期", "离岗日期", "可参加执法考试"])
    sheet.append(["学员01", "学员01", "综合执法办公室", "干部", "2021-01-01", None, "是"])
    sheet.append(["学员02", "学员02", "民生服务中心", "干部", "2022-06-01", None, "否"])
    book.save(roster)

    assert "已导入 2 人" in run_xuefa(settings, "roster", "import", str(roster)).stdout
    added = run_xuefa(
        settings,
        *("session", "add", "--date", "2022-03-15", "--kind", "夜学", "--title", "起诉期限", "--minutes", "90"),
        *("--host", "学员01", "--law", "行政诉讼法"),
    )
    assert "应到 1 人" in added.stdout, added.stderr
    assert "已登记" in run_xuefa(settings, "records", "add", "推送", "--date", "2022-03-20", "--text", "要点").stdout
    passed = run_xuefa(settings, "records", "add", "执法考试通过", "--date", "2022-10-28", "--learner", "学员01")
    assert "学员01" in passed.stdout
    stranger = run_xuefa(settings, "records", "add", "执法考试通过", "--date", "2022-10-28", "--learner", "学员09")
    assert stranger.returncode == 1
    assert "名册里没有 学员09" in stranger.stderr

    with open_store(settings.database_url) as store:
        (session,) = store.read_sessions()
        verbs = [record.verb for record in store.read_records()]
    assert session.laws == ("xzss",)
    assert session.expected == {"学员01"}
    assert verbs == [Verb.PUBLISHED, Verb.CERTIFIED]
