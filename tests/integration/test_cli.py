from __future__ import annotations

import re
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.main import get_command
from typer.testing import CliRunner

from tests.command_line import run_xuefa
from tests.report_site import fill_site
from xuefa.cli import app, main
from xuefa.cli.app import show_progress
from xuefa.records.record import Learner, Verb
from xuefa.records.store import open_store
from xuefa.settings import Settings, site_settings

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


@pytest.fixture(scope="module")
def made_site(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A site with two learners and one session on 2022-03-15."""
    settings = site_settings(project_dir=project_dir, site_dir=tmp_path_factory.mktemp("site"))
    with open_store(settings.database_url) as store:
        store.write_learners(
            Learner(learner_id=name, name=name, unit="党政综合办公室", post="干部", since=date(2021, 1, 1))
            for name in ("学员01", "学员02")
        )
    done = run_xuefa(
        settings,
        *("session", "add", "--date", "2022-03-15", "--kind", "夜学", "--title", "起诉期限", "--minutes", "90"),
        *("--host", "学员01"),
    )
    assert done.returncode == 0, done.stderr
    return settings


@pytest.fixture
def small_site(made_site: Settings, settings: Settings) -> Settings:
    """A copy of that site for one test."""
    shutil.copytree(made_site.site_dir, settings.site_dir, dirs_exist_ok=True)
    return settings


def test_a_paper_sign_in_sheet_is_entered_once(small_site: Settings) -> None:
    entered = ("session", "attend", "2022-03-15-1", "--present", "学员01", "--excused", "学员02")
    assert "已登记 2 条" in run_xuefa(small_site, *entered).stdout
    assert "已登记 0 条" in run_xuefa(small_site, *entered).stdout
    assert "应到 2 人，签到 1 人，请假 1 人" in run_xuefa(small_site, "session", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["session", "attend", "2022-03-16-1", "--present", "学员01"], "没有登记过这场学习活动"),
        (["session", "attend", "2022-03-15-1", "--present", "学员09"], "“学员09”：名册里没有这个人"),
        (["session", "attend", "2022-03-15-1", "--present", "学员01", "--excused", "学员01"], "既写了签到又写了请假"),
        (["records", "void", "没有", "--reason", "试"], "没有这条记录"),
        (["exam", "mark", "没有这份"], "没有这份"),
        (["report", "build"], "“unit”还没有填写"),
        (["serve", "--port", "99999"], "端口应当在 1 到 65535 之间"),
    ],
)
def test_what_cannot_be_done_is_refused_in_chinese_without_a_traceback(
    small_site: Settings, arguments: list[str], fault: str
) -> None:
    done = run_xuefa(small_site, *arguments)
    assert done.returncode in {1, 2}
    assert fault in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"--title": "起诉期限"}, "“起诉期限”已经登记过"),
        ({"--title": " "}, "主题是空的"),
        ({"--minutes": "0"}, "时长不能是 0 分钟"),
        ({"--minutes": "9999"}, "时长不能是 9999 分钟"),
        ({"--law": "刑法"}, "目录里没有《刑法》"),
    ],
)
def test_a_session_that_cannot_be_is_refused(small_site: Settings, changes: dict[str, str], fault: str) -> None:
    options = {
        "--date": "2022-03-15",
        "--kind": "夜学",
        "--title": "举证",
        "--minutes": "90",
        "--host": "学员01",
        **changes,
    }
    done = run_xuefa(small_site, "session", "add", *(word for pair in options.items() for word in pair))
    assert done.returncode == 1
    assert fault in done.stderr


def test_a_record_entered_by_mistake_is_voided_and_counts_no_more(small_site: Settings) -> None:
    run_xuefa(small_site, "records", "add", "推送", "--date", "2022-03-20", "--text", "写错了")
    (line,) = run_xuefa(small_site, "records", "list", "--date", "2022-03-20").stdout.splitlines()
    assert "推送  写错了" in line
    record_id = line.split()[0]
    assert "已作废" in run_xuefa(small_site, "records", "void", record_id, "--reason", "登记错了").stdout
    assert run_xuefa(small_site, "records", "list").stdout == ""
    assert "已经作废" in run_xuefa(small_site, "records", "void", record_id, "--reason", "再来一次").stderr
    with open_store(small_site.database_url) as store:
        assert len(store.read_records(with_voided=True)) == 2


def test_a_session_still_to_come_is_not_reported_as_held(small_site: Settings) -> None:
    year = datetime.now(UTC).year + 1
    run_xuefa(
        small_site,
        *("session", "add", "--date", f"{year}-06-01", "--kind", "夜学", "--title", "将来", "--minutes", "60"),
        *("--host", "学员01"),
    )
    run_xuefa(small_site, "report", "build")
    template = small_site.report_toml.read_text(encoding="utf-8")
    small_site.report_toml.write_text(template.replace('unit = ""', 'unit = "某某乡"'), encoding="utf-8")
    done = run_xuefa(small_site, "report", "build", "--year", str(year))
    assert done.returncode == 0, done.stderr
    (page,) = small_site.report_output_dir.glob("*.md")
    assert "全年没有学习活动的记录" in page.read_text(encoding="utf-8")


def test_a_paper_once_set_is_never_overwritten(small_site: Settings) -> None:
    first = run_xuefa(small_site, "exam", "set", "p1", "--date", "2022-11-18", "--seed", "1")
    assert first.returncode == 0, first.stderr
    before = (small_site.course_dir / "source" / "p1" / "p1.ipynb").read_bytes()
    again = run_xuefa(small_site, "exam", "set", "p1", "--date", "2022-11-18", "--seed", "2")
    assert again.returncode == 1
    assert "这个卷号已经用过" in again.stderr
    assert (small_site.course_dir / "source" / "p1" / "p1.ipynb").read_bytes() == before
    assert "没有这份试卷" in run_xuefa(small_site, "exam", "export", "成绩.csv", "--paper", "p2").stderr


def test_a_bar_is_drawn_at_most_a_hundred_times_and_its_line_ends_even_when_the_work_breaks_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with suppress(InterruptedError), show_progress("核对") as tell:
        for done in range(1500):
            tell(done, 2000)
        raise InterruptedError
    drawn = capsys.readouterr().err

    assert drawn.count("\r核对 [") == 75
    assert drawn.endswith(f"[{'█' * 14}{'░' * 6}] 1480/2000\n")


def test_building_and_verifying_draw_a_bar_where_a_terminal_is_looked_at(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill_site(settings)
    monkeypatch.setenv("XUEFA_SITE", str(settings.site_dir))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    document = settings.report_output_dir / "关于2022年度学法用法情况的报告.docx"
    for what, command in (("生成报告", ("build", "--year", "2022")), ("核对", ("verify", str(document)))):
        monkeypatch.setattr(sys, "argv", ["xuefa", "report", *command])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        assert end.value.code == 0
        assert printed.err.startswith(f"\r{what} [")
        assert printed.err.endswith(f"[{'█' * 20}] 100/100\n")
        assert "█" not in printed.out
