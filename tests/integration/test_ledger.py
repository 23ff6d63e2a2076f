"""`xuefa ledger` on a real store: look first, then all or nothing, and never twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import run_xuefa
from tests.ledger_files import FIXTURES, ROSTER, SHEETS, write_ledger
from xuefa.errors import BadInputError
from xuefa.records.store import open_store
from xuefa.settings import Settings
from xuefa.workflows.ledger import import_ledger


@pytest.fixture
def site(settings: Settings) -> Settings:
    with open_store(settings.database_url) as store:
        store.write_learners(ROSTER)
    return settings


def count(settings: Settings) -> tuple[int, int]:
    with open_store(settings.database_url) as store:
        return len(store.read_records()), len(store.read_sessions())


def test_a_ledger_is_shown_then_written_then_adds_nothing(site: Settings, tmp_path: Path) -> None:
    file = write_ledger(tmp_path / "台账.xlsx", SHEETS)
    shown = run_xuefa(site, "ledger", "import", str(file), "--year", "2022")
    assert "集中学习：新增 1 行" in shown.stdout
    assert "还没有写入" in shown.stdout
    assert count(site) == (0, 0)

    written = run_xuefa(site, "ledger", "import", str(file), "--year", "2022", "--write")
    assert (written.returncode, written.stderr) == (0, "")
    assert "已写入：15 条记录，4 场学习活动。" in written.stdout
    assert count(site) == (15, 4)

    again = run_xuefa(site, "ledger", "import", str(file), "--year", "2022", "--write")
    assert "没有要新增的内容" in again.stdout
    assert count(site) == (15, 4)


def test_one_doubtful_row_keeps_everything_out(site: Settings, tmp_path: Path) -> None:
    sheets = {**SHEETS, "推送": [*SHEETS["推送"], ("三月初", "推送二期")]}
    file = write_ledger(tmp_path / "台账.xlsx", sheets)
    done = run_xuefa(site, "ledger", "import", str(file), "--year", "2022", "--write")

    assert done.returncode == 1
    assert "台账.xlsx 工作表“推送” 第 3 行：日期“三月初”认不出来" in done.stderr
    assert "Traceback" not in done.stderr
    assert count(site) == (0, 0)
    with pytest.raises(BadInputError):
        import_ledger(settings=site, file=file, year=2022)


def test_the_template_is_written_and_read_back_empty(site: Settings, tmp_path: Path) -> None:
    template = tmp_path / "空台账.xlsx"
    assert run_xuefa(site, "ledger", "template", str(template)).returncode == 0
    assert "台账是空的" in run_xuefa(site, "ledger", "import", str(template)).stdout


def test_an_old_excel_file_is_refused_with_the_way_out(site: Settings) -> None:
    done = run_xuefa(site, "ledger", "import", str(FIXTURES.parent / "records" / "old_excel.xls"))

    assert done.returncode == 1
    assert "另存为“Excel 工作簿（*.xlsx）”" in done.stderr
