"""The trainer's notebook in real JupyterLab: a paper from blueprint to marks with forms and buttons alone."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.visit import Visit
from xuefa.doors import Door
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.paper import read_course_paper
from xuefa.exam.submission import hand_in, open_submission, write_answers
from xuefa.settings import Settings

pytestmark = pytest.mark.browser

NOTEBOOK = "trainer.ipynb"
CANDIDATES = ("L01", "L02", "L03")
_CUT = """() => [...document.querySelectorAll(
    '.xuefa-desk :is(button, label, td, th, .widget-label, .lm-TabBar-tabLabel, select)')]
    .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
    .map((one) => `${one.tagName} ${one.textContent.slice(0, 40)} ${one.scrollWidth} > ${one.clientWidth}`)"""


def test_a_trainer_takes_a_paper_from_blueprint_to_marks_in_jupyterlab(
    lab: Door, open_visit: Callable[..., Visit], site: Settings
) -> None:
    before = (site.notebooks_dir / NOTEBOOK).read_bytes()
    visit = open_visit(width=1280)
    page = visit.page
    visit.open_lab(lab, NOTEBOOK)
    desk = page.locator(".xuefa-desk")
    expect(desk.get_by_role("tab", name="1 组卷")).to_be_visible()
    paper_id = desk.get_by_label("卷号").input_value()
    press(desk, "组卷")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text("已组卷")
    desk.get_by_text("看题目和答案").first.click()
    expect(desk.get_by_text("答案：").first).to_be_visible()
    look(visit, "trainer-1-set")

    open_tab(desk, "2 发布")
    visit.take_picture("trainer-2-before")
    press(desk, "发布")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text("应考 5 人")
    look(visit, "trainer-2-release")

    sit(site, paper_id)
    open_tab(desk, "3 收卷")
    press(desk, "刷新")
    expect(desk.get_by_text("已交卷 3 人（迟交 0 人）").first).to_be_visible()
    look(visit, "trainer-3-status")

    open_tab(desk, "4 阅卷")
    press(desk, "阅卷")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text("实考 3 人，缺考 2 人")
    expect(desk.get_by_role("button", name="停止").locator("visible=true")).to_have_count(0)
    look(visit, "trainer-4-mark")
    assert len(list(site.course_dir.glob(f"autograded/*/{paper_id}/{paper_id}.ipynb"))) == 3

    open_tab(desk, "5 分析")
    press(desk, "分析成绩")
    expect(desk.get_by_role("link", name="下载 成绩分析")).to_be_visible()
    look(visit, "trainer-5-analysis")

    open_tab(desk, "6 更正")
    desk.get_by_label("作废的题").locator("visible=true").select_option(index=1)
    desk.get_by_label("原因").locator("visible=true").fill("第 1 题答案印错")
    press(desk, "重新阅卷")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text("1 人的成绩有变化")
    look(visit, "trainer-6-correct")

    open_tab(desk, "7 反馈打印")
    press(desk, "导出成绩")
    expect(desk.get_by_role("link", name="下载 成绩")).to_be_visible()
    press(desk, "写反馈")
    expect(desk.get_by_text("已写出 3 份反馈")).to_be_visible(timeout=60_000)
    look(visit, "trainer-7-output")

    visit.expect_sound_layout()
    assert "Traceback" not in page.locator("body").inner_text()
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    assert (site.notebooks_dir / NOTEBOOK).read_bytes() == before


def test_the_learners_door_refuses_the_trainers_notebook(voila: Door, site: Settings) -> None:
    assert (site.notebooks_dir / NOTEBOOK).is_file()
    for address in (f"voila/render/{NOTEBOOK}", f"voila/files/{NOTEBOOK}", f"files/{NOTEBOOK}", NOTEBOOK):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(f"{voila.url}{address}", timeout=20)  # noqa: S310  our own address
        assert refusal.value.code == 404


def open_tab(desk: Locator, name: str) -> None:
    desk.get_by_role("tab", name=name).click()


def press(desk: Locator, name: str) -> None:
    desk.get_by_role("button", name=name, exact=True).locator("visible=true").click()


def look(visit: Visit, name: str) -> None:
    """Nothing that shows is cut off; keep a picture."""
    assert visit.page.evaluate(_CUT) == []
    visit.take_picture(name)


def sit(site: Settings, paper_id: str) -> None:
    """Three candidates answer everything rightly, half of it, nothing, and hand in."""
    course_dir = site.course_dir
    paper = read_course_paper(paper_id, course_dir=course_dir)
    bank = read_kept_items(paper_id, course_dir=course_dir)
    right = {one.question_id: key for one in paper.questions if (key := bank.question(one.question_id).key)}
    half = dict(list(right.items())[: len(right) // 2])
    now = datetime.now(UTC)
    for learner_id, responses in zip(CANDIDATES, (right, half, {}), strict=True):
        open_submission(paper, course_dir=course_dir, learner_id=learner_id, now=now - timedelta(minutes=30))
        write_answers(paper, course_dir=course_dir, learner_id=learner_id, responses=responses, now=now)
        hand_in(paper, course_dir=course_dir, learner_id=learner_id, now=now)
