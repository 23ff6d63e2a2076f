"""The trainer's notebook in real JupyterLab: a paper from blueprint to marks with forms and buttons alone."""

from __future__ import annotations

import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.visit import LAB_TOKEN, Visit
from xuefa.doors import Door
from xuefa.exam.hand_in_file import write_hand_in_file
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.paper import read_course_paper
from xuefa.exam.submission import hand_in, open_submission, write_answers
from xuefa.records.record import Record, Verb, make_record_id
from xuefa.records.store import Store
from xuefa.records.writings import read_writings
from xuefa.settings import Settings
from xuefa.workflows.exam_setting import set_paper
from xuefa.workflows.exam_sitting import release_paper

pytestmark = pytest.mark.browser

NOTEBOOK = "trainer.ipynb"
CANDIDATES = ("L01", "L02", "L03")
AT_HOME = "L04"
WRITER = "L39"
_CUT = """() => [...document.querySelectorAll(
    '.xuefa-desk :is(button, label, td, th, .widget-label, .lm-TabBar-tabLabel, select)')]
    .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
    .map((one) => `${one.tagName} ${one.textContent.slice(0, 40)} ${one.scrollWidth} > ${one.clientWidth}`)"""


def test_a_trainer_takes_a_paper_from_blueprint_to_marks_in_jupyterlab(
    lab: Door, open_visit: Callable[..., Visit], site: Settings, store: Store, tmp_path: Path
) -> None:
    before = (site.notebooks_dir / NOTEBOOK).read_bytes()
    visit = open_visit(width=1280)
    visit.open_lab(lab, "index.ipynb")
    visit.page.get_by_role("link", name="培训人员工作台").click()
    desk = visit.page.locator(".xuefa-desk")
    expect(desk.get_by_role("tab", name="1 组卷")).to_be_visible()
    visit.expect_chinese_frame()
    paper_id = set_and_release(visit, desk)
    sit(site, paper_id)
    follow_and_collect(visit, desk, [pack(site, paper_id, folder=tmp_path), spoilt_file(tmp_path)])
    mark_and_analyse(visit, desk)
    assert len(list(site.course_dir.glob(f"autograded/*/{paper_id}/{paper_id}.ipynb"))) == 4
    correct_and_give_back(visit, desk)
    set_a_makeup(visit, desk)
    see_the_evening(visit, desk)
    read_and_return_a_text(visit, desk, store)

    visit.expect_sound_layout()
    assert "Traceback" not in visit.page.locator("body").inner_text()
    expect(visit.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    assert (site.notebooks_dir / NOTEBOOK).read_bytes() == before
    open_in_formgrader(visit, lab, paper_id)


def set_and_release(visit: Visit, desk: Locator) -> str:
    paper_id = desk.get_by_label("卷号").input_value()
    expect(desk.get_by_label("份数").locator("option:checked")).to_have_text("按组卷方案")
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
    return paper_id


def follow_and_collect(visit: Visit, desk: Locator, files: list[Path]) -> None:
    open_tab(desk, "3 收卷")
    press(desk, "刷新")
    expect(desk.get_by_text("已交卷 3 人（迟交 0 人）").first).to_be_visible()
    look(visit, "trainer-3-status")
    with visit.page.expect_file_chooser() as chooser:
        desk.get_by_role("button", name="选择交卷文件 (0)").click()
    chooser.value.set_files(files)
    expect(desk.get_by_role("button", name="选择交卷文件 (2)")).to_be_visible()
    press(desk, "收下文件")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text("收到 1 份，退回 1 份")
    expect(desk.get_by_text("不是完好的交卷文件")).to_be_visible()
    look(visit, "trainer-3-collected")


def mark_and_analyse(visit: Visit, desk: Locator) -> None:
    open_tab(desk, "4 阅卷")
    press(desk, "阅卷")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text("实考 4 人，缺考 1 人")
    expect(desk.get_by_role("button", name="停止").locator("visible=true")).to_have_count(0)
    look(visit, "trainer-4-mark")
    open_tab(desk, "5 分析")
    press(desk, "分析成绩")
    expect(desk.get_by_role("link", name="下载 成绩分析")).to_be_visible()
    look(visit, "trainer-5-analysis")


def correct_and_give_back(visit: Visit, desk: Locator) -> None:
    open_tab(desk, "6 更正")
    desk.get_by_label("作废的题").locator("visible=true").select_option(index=1)
    press(desk, "重新阅卷")
    expect(desk.locator(".xuefa-problem:visible")).to_contain_text("原因：没有写原因")
    desk.get_by_label("原因").locator("visible=true").fill("第 1 题答案印错")
    press(desk, "重新阅卷")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text("2 人的成绩有变化")
    look(visit, "trainer-6-correct")
    open_tab(desk, "7 反馈打印")
    press(desk, "导出成绩")
    expect(desk.get_by_role("link", name="下载 成绩")).to_be_visible()
    press(desk, "写反馈")
    expect(desk.get_by_text("已写出 4 份反馈")).to_be_visible()
    look(visit, "trainer-7-output")


def set_a_makeup(visit: Visit, desk: Locator) -> None:
    open_tab(desk, "1 组卷")
    desk.get_by_label("是不是补考").select_option(index=1)
    paper_id = desk.get_by_label("卷号").input_value()
    press(desk, "组卷")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text(f"（{paper_id}），还没有发布")
    expect(desk.get_by_label("份数").locator("option:checked")).to_have_text("按组卷方案")
    look(visit, "trainer-8-makeup")


def see_the_evening(visit: Visit, desk: Locator) -> None:
    open_tab(desk, "夜学签到")
    look(visit, "trainer-8-evening")


def read_and_return_a_text(visit: Visit, desk: Locator, store: Store) -> None:
    """A learner hands one in after the trainer opened the page; the trainer finds it, and must say why it goes back."""
    now = datetime.now(UTC)
    handed_in = Record(
        record_id=make_record_id(now, 39),
        verb=Verb.REFLECTED,
        occurred_at=now,
        source="browser",
        learner_id=WRITER,
        module=8,
        text="乡镇作被告时，由谁举证。\n收到起诉状副本后要先查期限。",
    )
    store.append_records([handed_in])
    open_tab(desk, "心得研讨")
    listed = desk.get_by_label("哪一篇")
    option = listed.locator("option").filter(has_text="学员39")
    expect(option).to_contain_text("心得体会　第 08 课　待看")
    listed.select_option(label=option.inner_text())
    expect(desk.get_by_text("收到起诉状副本后要先查期限。")).to_be_visible()
    expect(desk.get_by_role("heading", name="学员39（党政办公室）　心得体会　第 08 课　26 字")).to_be_visible()
    look(visit, "trainer-9-writings")
    press(desk, "退回")
    expect(desk.locator(".xuefa-problem:visible")).to_contain_text("没有写原因")
    expect(desk.locator(".xuefa-problem:visible")).to_be_in_viewport(ratio=1)
    assert listed.evaluate("(list) => list.clientHeight >= 6 * list.options[0].offsetHeight")
    visit.take_picture("trainer-9-refused")
    desk.get_by_label("意见").locator("visible=true").fill("请写明期限是几日")
    press(desk, "退回")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text("已退回")
    expect(option).to_have_count(0)
    desk.get_by_label("看哪些").select_option("已退回的")
    listed.select_option(label=option.inner_text())
    expect(desk.get_by_text("意见：请写明期限是几日")).to_be_visible()
    look(visit, "trainer-9-returned")
    (text,) = read_writings(store, learner_id=WRITER)
    assert (text.stage, text.reason) == ("returned", "请写明期限是几日")


def test_a_trainer_marks_essays_by_hand_without_meeting_an_english_page(
    lab: Door, open_visit: Callable[..., Visit], site: Settings
) -> None:
    paper_id = hand_in_essays(site)
    visit = open_visit(width=1280)
    visit.open_lab(lab, NOTEBOOK)
    desk = visit.page.locator(".xuefa-desk")
    desk.get_by_role("tab", name="4 阅卷").click()
    papers = desk.get_by_label("试卷", exact=True).locator("visible=true")
    papers.select_option(label=papers.locator("option").filter(has_text=paper_id).inner_text())
    expect(desk.get_by_text("还没有阅过的答卷")).to_be_visible()
    press(desk, "阅卷")
    expect(desk.locator(".xuefa-done:visible")).to_contain_text("待人工评阅 2 人")
    waiting = desk.locator("table").filter(has_text="待评阅的答卷")
    expect(waiting).not_to_contain_text("学员")
    waiting.scroll_into_view_if_needed()
    look(visit, "trainer-essays-1-waiting")
    for number in (1, 2):
        mark_essay(visit, waiting.get_by_role("link").first, number=number)
        press(desk, "刷新")
        expect(desk.get_by_text(f"已阅 3 份，其中待人工评阅 {2 - number} 份")).to_be_visible()
    expect(waiting).to_have_count(0)
    scores = desk.locator("table:visible").filter(has_text="成绩")
    expect(scores.get_by_text("待人工评阅")).to_have_count(0)
    scores.scroll_into_view_if_needed()
    look(visit, "trainer-essays-4-all-marked")
    with visit.page.expect_popup() as popup:
        desk.get_by_role("link", name="学员03").click()
    turn_over(Visit(popup.value, pictures=visit.pictures))


def mark_essay(visit: Visit, link: Locator, *, number: int) -> None:
    """Open the page from the trainer's list; it stands at the essay. Give 8 points and a comment, and close it."""
    with visit.page.expect_popup() as popup:
        link.click()
    marking = Visit(popup.value, pictures=visit.pictures)
    page = marking.page
    essay = page.locator(".nbgrader_cell:has(textarea)")
    score, comment = essay.locator("input.score"), essay.locator("textarea")
    expect(score).to_be_focused()
    expect(score).to_be_in_viewport()
    expect(comment).to_have_attribute("placeholder", re.compile("^评语"))
    marking.take_picture(f"trainer-essays-{number + 1}-marking")
    marking.expect_no_english("nav, .panel-heading > .pull-right, .nbgrader_cell:has(textarea)")
    score.fill("8")
    comment.fill("要点齐全")
    with page.expect_response("**/formgrader/api/comment/*"):
        comment.blur()
    expect(page.locator("input.score.needs_manual_grade")).to_have_count(0)
    page.close()


def turn_over(marking: Visit) -> None:
    """From the first page to the last: the pages lead to each other, and none into nbgrader's lists."""
    page = marking.page
    (opened,) = re.findall(r"第 (\d) 份", page.get_by_text(re.compile(r"第 \d 份，共 3 份")).inner_text())
    for number in range(int(opened) - 1, 0, -1):
        page.get_by_role("link", name="上一份").click()
        expect(page.get_by_text(f"第 {number} 份，共 3 份")).to_be_visible()
    expect(page.get_by_text("已是第一份")).to_be_visible()
    for number in (1, 2, 3):
        expect(page.get_by_text(f"第 {number} 份，共 3 份")).to_be_visible()
        assert page.locator("a[href*='gradebook'], a[href*='/notebooks/'], a[href*='/manage']").count() == 0
        if number < 3:
            page.get_by_role("link", name="下一份").click()
    expect(page.get_by_text("已是最后一份")).to_be_visible()
    expect(page.get_by_role("link", name="下一份")).to_have_count(0)
    marking.take_picture("trainer-essays-5-last")


def hand_in_essays(site: Settings) -> str:
    """A paper with an essay that two of three candidates wrote."""
    paper = set_paper(settings=site, blueprint="practice", paper_id="2025-01", held_on=date(2025, 1, 1), seed=2)
    release_paper(settings=site, paper_id=paper.paper_id)
    essay = next(one.question_id for one in paper.questions if one.kind == "essay")
    now = datetime.now(UTC)
    for learner_id, responses in zip(CANDIDATES, ({essay: "先查期限。"}, {essay: "应当听证。"}, {}), strict=True):
        open_submission(paper, course_dir=site.course_dir, learner_id=learner_id, now=now - timedelta(minutes=30))
        write_answers(paper, course_dir=site.course_dir, learner_id=learner_id, responses=responses, now=now)
        hand_in(paper, course_dir=site.course_dir, learner_id=learner_id, now=now)
    return paper.paper_id


def test_the_learners_door_refuses_the_trainers_notebook(voila: Door, site: Settings) -> None:
    assert (site.notebooks_dir / NOTEBOOK).is_file()
    for address in (f"voila/render/{NOTEBOOK}", f"voila/files/{NOTEBOOK}", f"files/{NOTEBOOK}", NOTEBOOK):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(f"{voila.url}{address}", timeout=20)  # noqa: S310  our own address
        assert refusal.value.code == 404


def open_in_formgrader(visit: Visit, lab: Door, paper_id: str) -> None:
    """The page for marking by hand: what a learner chose beside the key, in Chinese, and no Python."""
    page, base = visit.page, lab.url.partition("/lab")[0]
    address = f"{base}/formgrader/api/submitted_notebooks/{paper_id}/{paper_id}?token={LAB_TOKEN}"
    (submission, *_) = page.request.get(address).json()
    page.goto(f"{base}/formgrader/submissions/{submission['id']}/?token={LAB_TOKEN}")
    expect(page.get_by_text("学员答案：").first).to_be_visible()
    expect(page.get_by_role("button", name="满分").first).to_be_visible()
    expect(page.locator("input.score").first).to_have_attribute("placeholder", re.compile(r"^\d"))
    for words in ("mark_answer", "xuefa.answer_sheet", "Full credit", "In [1]"):
        expect(page.get_by_text(words).locator("visible=true")).to_have_count(0)
    visit.take_picture("trainer-9-formgrader")


def open_tab(desk: Locator, name: str) -> None:
    desk.get_by_role("tab", name=name).click()


def press(desk: Locator, name: str) -> None:
    desk.get_by_role("button", name=name, exact=True).locator("visible=true").click()


def look(visit: Visit, name: str) -> None:
    """Nothing that shows is cut off; keep a picture."""
    assert visit.page.evaluate(_CUT) == []
    visit.take_picture(name)


def pack(site: Settings, paper_id: str, *, folder: Path) -> Path:
    """The hand-in file of a fourth candidate, who handed in a blank paper on a PC of their own."""
    course_dir = folder / "pc"
    shutil.copytree(site.course_dir / "release" / paper_id, course_dir / "release" / paper_id)
    paper = read_course_paper(paper_id, course_dir=site.course_dir)
    now = datetime.now(UTC)
    open_submission(paper, course_dir=course_dir, learner_id=AT_HOME, now=now - timedelta(minutes=30))
    hand_in(paper, course_dir=course_dir, learner_id=AT_HOME, now=now)
    return write_hand_in_file(paper, course_dir=course_dir, learner_id=AT_HOME, folder=folder)


def spoilt_file(folder: Path) -> Path:
    path = folder / "坏文件.zip"
    path.write_bytes(b"PK")
    return path


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
