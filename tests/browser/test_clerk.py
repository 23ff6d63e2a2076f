"""The clerk's notebook in real JupyterLab: from a ledger with doubtful rows to a verified report by buttons alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.test_trainer import look, open_tab, press
from tests.browser.visit import Visit
from tests.ledger_files import write_ledger
from xuefa.doors import Door
from xuefa.settings import Settings

pytestmark = pytest.mark.browser

NOTEBOOK = "reporting.ipynb"
YEAR = 2023
SHEETS: dict[str, list[tuple[Any, ...]]] = {
    "集中学习": [
        ("日期", "形式", "主题", "时长", "主持人", "学习的法律", "应到人员"),
        *(
            (
                date(YEAR, month, 10),
                "干部夜学",
                f"第{month}次夜学",
                60,
                "学员01",
                "行政诉讼法",
                "学员01、学员02、学员03",
            )
            for month in (1, 2, 3, 5, 8, 11)
        ),
    ],
    "签到请假": [
        ("日期", "主题", "姓名", "情况"),
        *((date(YEAR, month, 10), None, "学员01、学员02", "签到") for month in (1, 2, 3, 5, 8, 11)),
        (date(YEAR, 11, 10), None, "学员O3", "请假"),
    ],
    "推送": [("日期", "内容"), (date(YEAR, 3, 15), "=推送一期"), (date(YEAR - 1, 3, 15), "推送二期")],
}

_BAR_HEIGHT = """(progress) => {
    const hidden = progress.style.display;
    progress.style.display = "";
    const { height } = progress.querySelector(".progress").getBoundingClientRect();
    progress.style.display = hidden;
    return height;
}"""
"""How high in pixels the bar stands while work runs, which may be over before one has looked."""


def test_a_clerk_takes_a_ledger_to_a_verified_report_in_jupyterlab(
    lab: Door, open_visit: Callable[..., Visit], site: Settings, project_dir: Path, tmp_path: Path
) -> None:
    (site.project_dir / "reports").mkdir(exist_ok=True)
    for name in ("report.toml", "study_section.py"):
        (site.project_dir / "reports" / name).write_bytes((project_dir / "reports" / name).read_bytes())
    before = (site.notebooks_dir / NOTEBOOK).read_bytes()
    visit = open_visit(width=1280)
    page = visit.page
    visit.open_lab(lab, NOTEBOOK)
    desk = page.locator(".xuefa-desk")
    expect(desk.get_by_role("tab", name="1 年度和单位")).to_be_visible()
    visit.expect_chinese_frame()
    assert desk.locator(".widget-hprogress").first.evaluate(_BAR_HEIGHT) > 10
    desk.get_by_label("年度", exact=True).fill(str(YEAR))
    desk.get_by_label("单位名称").fill("某某乡")
    press(desk, "保存")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text(f"已保存：某某乡，{YEAR} 年度")
    look(visit, "clerk-1-start")

    import_ledger(visit, desk, write_ledger(tmp_path / "乡里的台账.xlsx", SHEETS))
    document = build_and_verify(visit, desk, tmp_path)
    assert document.stat().st_size > 10_000
    send_and_roll_up(visit, desk, tmp_path)

    visit.expect_sound_layout()
    assert "Traceback" not in page.locator("body").inner_text()
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    assert (site.notebooks_dir / NOTEBOOK).read_bytes() == before


def import_ledger(visit: Visit, desk: Locator, ledger: Path) -> None:
    """Look, put one row right, leave one out, import."""
    open_tab(desk, "2 导入台账")
    press(desk, "空台账")
    expect(desk.get_by_role("link", name="下载 台账.xlsx")).to_be_visible()
    upload(desk, "选择台账文件", ledger)
    press(desk, "查看")
    expect(desk.get_by_text("有 2 行存疑")).to_be_visible()
    look(visit, "clerk-2-doubtful")
    desk.get_by_label("姓名").locator("visible=true").fill("学员03")
    desk.get_by_label("不导入这一行").locator("visible=true").last.check()
    look(visit, "clerk-2-put-right")
    press(desk, "重新检查")
    expect(desk.get_by_text("没有存疑的行").first).to_be_visible()
    press(desk, "确认导入")
    expect(desk.get_by_text("已写入：14 条记录，6 场学习活动。")).to_be_visible()
    look(visit, "clerk-2-imported")


def build_and_verify(visit: Visit, desk: Locator, folder: Path) -> Path:
    """See the figures, build the section, take it away, verify it; give the Word file."""
    open_tab(desk, "3 数据和图表")
    press(desk, "计算")
    expect(desk.get_by_text("各月集中学习次数")).to_be_visible()
    expect(desk.get_by_text("66.7%（12/18）").first).to_be_visible()
    look(visit, "clerk-3-figures")
    visit.take_picture("clerk-3-bars", part=desk.locator(".xuefa-bars").first)

    open_tab(desk, "4 生成报告")
    press(desk, "生成报告")
    expect(desk.get_by_role("link", name=f"下载 关于{YEAR}年度学法用法情况的报告.xlsx")).to_be_visible()
    document = download(desk, f"下载 关于{YEAR}年度学法用法情况的报告.docx", folder / "report.docx")
    look(visit, "clerk-4-built")

    open_tab(desk, "5 核对")
    upload(desk, "选择 Word 文件", document)
    press(desk, "核对")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text("处与现有记录一致")
    look(visit, "clerk-5-verified")
    return document


def send_and_roll_up(visit: Visit, desk: Locator, folder: Path) -> None:
    """Write the file for the county and roll it up as the county does."""
    open_tab(desk, "6 报送和汇总")
    press(desk, "写报送文件")
    sent = download(desk, f"下载 {YEAR}年度学法情况报送-某某乡.json", folder / "sent.json")
    upload(desk, "选择报送文件", sent)
    desk.get_by_label("汇总单位").fill("某某县")
    desk.get_by_label("应报单位").fill("某某乡、另一乡")
    press(desk, "汇总")
    expect(desk.get_by_text("尚未报送：另一乡。")).to_be_visible()
    look(visit, "clerk-6-upward")


def download(desk: Locator, name: str, to: Path) -> Path:
    with desk.page.expect_download() as one:
        desk.get_by_role("link", name=name).click()
    one.value.save_as(to)
    return to


def upload(desk: Locator, label: str, path: Path) -> None:
    """Pick the file with that button, and wait until it says that one is picked."""
    picker = desk.get_by_role("button", name=label)
    with desk.page.expect_file_chooser() as chooser:
        picker.click()
    chooser.value.set_files(path)
    expect(picker).to_contain_text("(1)")
