"""The clerk's workbench without a browser: its forms filled in and its buttons pressed, over real records."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ledger_files import FIXTURES, ROSTER, SHEETS, write_ledger
from tests.report_site import append, fill_site
from tests.workbench_page import Workbench
from xuefa.records.record import Verb
from xuefa.records.store import open_store
from xuefa.settings import Settings
from xuefa.workbench.cards import render_body
from xuefa.workbench.clerk.page import open_clerk_workbench
from xuefa.workflows.report import build_report, read_report_options
from xuefa.workflows.report_head import list_reminders
from xuefa.workflows.site import today


class Clerk(Workbench):
    def __init__(self, settings: Settings, *, year: int = 2022) -> None:
        super().__init__(open_clerk_workbench, settings)
        self.year = self.page.children[2]
        self.year.value = str(year)

    def fields(self, label: str, *, tab: int) -> list[Any]:
        return [one for one in self.parts(tab) if getattr(one, "description", None) == label]

    def field(self, label: str, *, tab: int) -> Any:
        return self.fields(label, tab=tab)[0]

    def upload(self, label: str, *paths: Path, tab: int) -> None:
        self.field(label, tab=tab).value = tuple(
            {
                "name": path.name,
                "type": "",
                "size": path.stat().st_size,
                "content": memoryview(path.read_bytes()),
                "last_modified": datetime.fromtimestamp(path.stat().st_mtime, UTC),
            }
            for path in paths
        )

    @property
    def plan(self) -> str:
        """What is shown of the ledger at hand."""
        return next(str(one.value) for one in self.parts(2) if "xuefa-plan" in getattr(one, "_dom_classes", ()))


def count(settings: Settings) -> tuple[int, int]:
    with open_store(settings.database_url) as store:
        return len(store.read_records()), len(store.read_sessions())


@pytest.fixture
def site(settings: Settings) -> Settings:
    with open_store(settings.database_url) as store:
        store.write_learners(ROSTER)
    return settings


def test_year_and_unit_are_kept_in_report_toml_and_its_comments_stay(site: Settings) -> None:
    clerk = Clerk(site)
    clerk.field("单位名称", tab=1).value = ' 某某"乡 '
    clerk.field("署名", tab=1).value = "甲委员会、乙政府"
    assert "已保存" in clerk.press("保存", tab=1)

    options = read_report_options(site, None)
    assert (options.unit, options.year, options.signatories) == ('某某"乡', 2022, ("甲委员会", "乙政府"))
    text = site.report_toml.read_text(encoding="utf-8")
    assert "# 单位名称" in text
    assert Clerk(site).field("单位名称", tab=1).value == '某某"乡'


def test_a_unit_that_is_not_filled_in_and_a_year_that_is_none_are_told(site: Settings) -> None:
    clerk = Clerk(site)
    assert "单位名称" in clerk.press("保存", tab=1)
    assert not site.report_toml.exists()
    clerk.field("单位名称", tab=1).value = "某某乡"
    clerk.year.value = "二〇二二"
    assert "不是一个整数" in clerk.press("保存", tab=1)


def test_a_clerk_puts_doubtful_rows_right_in_the_page_and_imports_once(site: Settings, tmp_path: Path) -> None:
    sheets = {
        **SHEETS,
        "心得体会": [("日期", "姓名", "题目"), ("2022-03-12", "张三", "体会"), ("2022-03-12", "赵六", "体会")],
    }
    clerk = Clerk(site)
    clerk.upload("选择台账文件", write_ledger(tmp_path / "台账.xlsx", sheets), tab=2)
    assert clerk.press("查看", tab=2) == render_body("")
    assert "有 2 行存疑" in clerk.plan
    assert "什么也没有写" in clerk.press("确认导入", tab=2)
    assert count(site) == (0, 0)

    names = clerk.fields("姓名", tab=2)
    assert [one.value for one in names] == ["张三", "赵六"]
    names[0].value = "学员03"
    clerk.fields("不导入这一行", tab=2)[1].value = True
    clerk.press("重新检查", tab=2)
    assert "没有存疑的行" in clerk.plan
    assert "有 2 行存疑" not in clerk.plan
    assert clerk.fields("姓名", tab=2) == []
    assert "已写入：15 条记录，4 场学习活动。" in clerk.press("确认导入", tab=2)
    assert count(site) == (15, 4)
    assert "都已经登记过" in clerk.plan
    assert "已写入：0 条记录，0 场学习活动。" in clerk.press("确认导入", tab=2)


def test_files_that_are_no_ledger_are_named_without_the_folder_they_lie_in(site: Settings) -> None:
    clerk = Clerk(site)
    assert "还没有选文件" in clerk.press("查看", tab=2)
    assert "还没有看过台账" in clerk.press("确认导入", tab=2)
    clerk.upload("选择台账文件", FIXTURES.parent / "records" / "old_excel.xls", tab=2)
    shown = clerk.press("查看", tab=2)
    assert "<strong>old_excel.xls</strong>：是旧格式的 Excel 文件" in shown
    clerk.upload("选择名册文件", FIXTURES.parent / "records" / "empty_name.csv", tab=1)
    assert "<strong>empty_name.csv 第" in clerk.press("导入名册", tab=1)


def test_the_empty_ledger_the_roster_and_other_records_come_through_the_page(
    site: Settings, tmp_path: Path, project_dir: Path
) -> None:
    clerk = Clerk(site)
    assert "下载 台账.xlsx" in clerk.press("空台账", tab=2)
    clerk.upload("选择名册文件", FIXTURES.parent / "records" / "utf8.csv", tab=1)
    assert "已导入名册 2 人" in clerk.press("导入名册", tab=1)
    other = Settings(
        project_dir=project_dir, site_dir=tmp_path / "other", database_url=f"sqlite:///{tmp_path / 'other.db'}"
    )
    fill_site(other)
    clerk.upload("选择记录文件", tmp_path / "other.db", tab=1)
    assert "学习活动 4 次" in clerk.press("并入记录", tab=1)


def test_figures_report_verification_and_the_file_for_the_county_come_from_buttons_alone(settings: Settings) -> None:
    fill_site(settings)
    clerk = Clerk(settings)
    shown = clerk.press("计算", tab=3)
    assert "各月集中学习次数" in shown
    assert "66.7%（6/9）" in shown
    unit = clerk.field("单位", tab=3)
    assert unit.options == ("全部单位", "党政办", "农业站")
    unit.value = "农业站"
    assert "<td>党政办</td>" not in clerk.press("计算", tab=3)

    shown = clerk.press("生成报告", tab=4)
    assert all(f"下载 关于2022年度学法用法情况的报告.{kind}" in shown for kind in ("docx", "xlsx", "md"))
    assert "下载 关于2022年度学法用法情况的报告（并入年度报告用）.docx" in shown
    document = settings.report_output_dir / "关于2022年度学法用法情况的报告.docx"
    clerk.upload("选择 Word 文件", document, tab=5)
    shown = clerk.press("核对", tab=5)
    assert "xuefa-done" in shown
    assert "fig_" not in shown
    assert "还没有选文件" in clerk.press("核对", tab=5)

    assert re.search("校验码 [0-9A-F]{8}", clerk.press("写报送文件", tab=6))
    (sent,) = settings.report_output_dir.glob("*.json")
    assert "还没有选文件" in clerk.press("汇总", tab=6)
    clerk.upload("选择报送文件", sent, tab=6)
    clerk.field("汇总单位", tab=6).value = "某某县"
    clerk.field("应报单位", tab=6).value = f"{read_report_options(settings, None).unit}、乙乡"
    assert "尚未报送：乙乡" in clerk.press("汇总", tab=6)


def test_long_work_on_the_report_can_be_stopped_and_the_earlier_files_stay_as_they_were(settings: Settings) -> None:
    ledger = fill_site(settings)
    clerk = Clerk(settings)
    clerk.press("生成报告", tab=4)
    kept = written_files(settings)
    ledger.record(Verb.PUBLISHED, "2022-12-01 10:00", text="补登一期")
    append(settings, ledger.records[-1])
    clerk.upload("选择 Word 文件", settings.report_output_dir / "关于2022年度学法用法情况的报告.docx", tab=5)

    for tab, label in ((3, "计算"), (4, "生成报告"), (5, "核对"), (6, "写报送文件")):
        assert f"{label}已停止，可以再做一次。" in clerk.press_and_stop(label, tab=tab)
    assert len(kept) == 5
    assert written_files(settings) == kept


def test_building_tells_how_far_it_is_and_a_stop_at_its_last_step_writes_nothing(settings: Settings) -> None:
    ledger = fill_site(settings)
    told: list[tuple[int, int]] = []
    build_report(settings=settings, year=2022, progress=lambda done, all_: told.append((done, all_)))
    kept = written_files(settings)
    ledger.record(Verb.PUBLISHED, "2022-12-01 10:00", text="补登一期")
    append(settings, ledger.records[-1])

    def stop_at_the_end(done: int, all_: int) -> None:
        if done == all_:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        build_report(settings=settings, year=2022, progress=stop_at_the_end)
    assert written_files(settings) == kept
    assert told == sorted(told)
    assert (told[0], told[-1]) == ((0, 100), (100, 100))
    assert len(set(told)) > 10


def written_files(settings: Settings) -> dict[Path, bytes]:
    """The report, and what its numbers rest on."""
    folders = (settings.report_output_dir, settings.report_basis_dir)
    return {path: path.read_bytes() for folder in folders for path in folder.iterdir()}


def test_what_is_still_to_see_to_is_said_after_building(settings: Settings) -> None:
    fill_site(settings)
    assert "还没有写成文日期" in Clerk(settings).press("生成报告", tab=4)
    this_year = today().year
    assert f"{this_year}年还没有过完" in "".join(list_reminders(settings, year=this_year))
    assert "还没有过完" not in "".join(list_reminders(settings, year=this_year - 1))

    clerk = Clerk(settings)
    clerk.field("成文日期", tab=1).value = "十二月底"
    assert "成文日期" in clerk.press("保存", tab=1)
    clerk.field("成文日期", tab=1).value = "2022年12月30日"
    assert "已保存" in clerk.press("保存", tab=1)
    assert list_reminders(settings) == ()
    assert read_report_options(settings, None).date == date(2022, 12, 30)
    assert Clerk(settings).field("成文日期", tab=1).value == "2022-12-30"

    clerk.year.value = "2025"
    assert "2022-12-30 与 2025 年度不符" in clerk.press("保存", tab=1)
    clerk.field("成文日期", tab=1).value = ""
    assert "已保存" in clerk.press("保存", tab=1)
    assert read_report_options(settings, None).date is None


def test_a_settings_file_that_cannot_be_read_is_told_and_the_page_still_opens(site: Settings) -> None:
    site.report_toml.parent.mkdir(parents=True)
    site.report_toml.write_text("unit = 某某乡", encoding="utf-8")
    clerk = Clerk(site)

    assert "写法不合格式" in clerk.press("生成报告", tab=4)
