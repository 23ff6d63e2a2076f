"""Real JupyterLab in a real browser: the kit's notebooks run on opening, show no code, and stay as they were."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import WebSocket, expect

from tests.browser.visit import MODULE_08, Visit, kill_kernel, lab_kernel_id
from xuefa.doors import Door
from xuefa.exam.hand_in_file import parse_hand_in, read_hand_in_file
from xuefa.exam.paper import Paper
from xuefa.records.record import Verb
from xuefa.records.store import Store
from xuefa.settings import Settings

pytestmark = pytest.mark.browser


def test_module_is_found_and_three_answers_are_in_the_records(
    lab: Door, open_visit: Callable[..., Visit], store: Store, site: Settings
) -> None:
    before = (site.notebooks_dir / MODULE_08).read_bytes()
    visit = open_visit(width=1280)
    said = listen_to_kernels(visit)
    visit.open_lab(lab, "index.ipynb")
    expect(visit.page.locator(".xuefa-year")).to_be_visible()
    expect(visit.page.get_by_role("menuitem", name="文件")).to_be_visible()
    assert said.index("< comm_info_request") < said.index("> execute_request")
    visit.take_picture("lab-1280-index")
    visit.page.locator(".xuefa-year").get_by_role("link", name="行政诉讼法").click()
    expect(visit.quiz).to_be_visible()
    visit.expect_sound_layout()
    visit.expect_no_english(".xuefa, .xuefa-header")
    visit.take_picture("lab-1280-top")
    visit.sign_in("学员11")
    visit.take_picture("lab-1280-signed-in", part=visit.card("签到"))
    for _ in range(3):
        visit.answer()
        visit.next_question()
    visit.take_picture("lab-1280-quiz", part=visit.quiz)
    visit.expect_sound_layout()
    answers = store.read_records(verbs={Verb.ANSWERED}, learner_id="L11")
    assert [(record.session_id, record.module) for record in answers] == [("tonight", 8)] * 3
    runs = said.count("> execute_request")
    look_at_it_twice(visit)
    visit.answer()
    assert said.count("> execute_request") == runs
    expect(visit.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    assert (site.notebooks_dir / MODULE_08).read_bytes() == before


def look_at_it_twice(visit: Visit) -> None:
    """A second view of the page beside the first, for longer than a page waits before it runs, and closed again."""
    visit.page.clock.install()
    tabs = visit.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").filter(has_text=MODULE_08)
    tabs.click(button="right")
    visit.page.get_by_role("menuitem", name="Notebook 新建视图").click()
    expect(visit.quiz).to_have_count(2)
    visit.page.clock.fast_forward(15_000)
    tabs.last.locator(".lm-TabBar-tabCloseIcon").click()
    expect(visit.quiz).to_have_count(1)


def listen_to_kernels(visit: Visit) -> list[str]:
    """What the page asks its kernels, and what they say they have dealt with, in that order as it goes on."""
    said: list[str] = []

    def note(frame: str | bytes, way: str, kinds: re.Pattern[bytes]) -> None:
        content = frame if isinstance(frame, bytes) else frame.encode()
        said.extend(f"{way} {kind.decode()}" for kind in kinds.findall(content))

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: note(frame, ">", re.compile(rb'"msg_type": ?"(execute_request)"')))
        socket.on("framereceived", lambda frame: note(frame, "<", re.compile(rb'"msg_type": ?"(comm_info_request)"')))

    visit.page.on("websocket", listen)
    return said


def test_nbgraders_list_of_papers_is_offered_only_where_there_is_an_exchange(
    lab: Door, open_visit: Callable[..., Visit], site: Settings, tmp_path: Path
) -> None:
    offered = re.compile("作业列表")
    config = site.course_dir / "nbgrader_config.py"
    before = config.read_bytes()
    try:
        for exchange, count in ((tmp_path / "none" / "such", 0), (tmp_path, 1)):
            config.write_bytes(before + f"\nc.Exchange.root = {str(exchange)!r}\n".encode())
            visit = open_visit(width=1280)
            with visit.page.expect_response("**/courses"):
                visit.open_lab(lab, "index.ipynb")
            expect(visit.page.locator(".xuefa-year")).to_be_visible()
            visit.page.get_by_role("menuitem", name="文件").click()
            expect(visit.page.get_by_role("menuitem", name="注销")).to_be_visible()
            expect(visit.page.get_by_role("menuitem", name=offered)).to_have_count(count)
        visit.page.get_by_role("menuitem", name=offered).click()
        expect(visit.page.locator("#nbgrader-assignment-list")).to_be_visible()
        visit.take_picture("lab-1280-assignments")
    finally:
        config.write_bytes(before)


def test_question_is_answered_with_the_keyboard_alone(
    lab: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=1280)
    visit.open_lab(lab, MODULE_08)
    visit.sign_in("学员12")
    visit.quiz.locator("legend").focus()
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("ArrowDown")
    expect(visit.quiz.locator("fieldset input").nth(2)).to_be_checked()
    visit.page.keyboard.press("Enter")
    visit.expect_saved()
    expect(visit.quiz.locator(".xuefa-verdict-line")).to_be_focused()
    (record,) = store.read_records(verbs={Verb.ANSWERED}, learner_id="L12")
    assert record.response == "C"


def test_killed_kernel_loses_no_answer_that_showed_saved(
    lab: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=1280)
    visit.open_lab(lab, MODULE_08)
    visit.sign_in("学员13")
    visit.answer()
    visit.page.clock.install()
    kill_kernel(lab_kernel_id(lab, MODULE_08))
    visit.page.locator("dialog.jp-Dialog").get_by_role("button").last.click()  # JupyterLab tells that it starts anew
    expect(visit.page.locator("dialog.jp-Dialog")).to_have_count(0)
    visit.quiz.get_by_role("button", name="下一题").click()
    visit.page.clock.fast_forward(15_000)
    expect(visit.quiz.get_by_role("alert")).to_contain_text("没有收到回应")
    assert len(store.read_records(verbs={Verb.ANSWERED}, learner_id="L13")) == 1


def test_a_released_paper_is_sat_handed_in_where_nbgrader_looks_for_it_and_packed_to_be_passed_on(
    lab: Door, open_visit: Callable[..., Visit], site: Settings, released_paper: Paper
) -> None:
    visit = open_visit(width=1280)
    paper_id = released_paper.paper_id
    visit.open_lab(lab, f"../grading/release/{paper_id}/{paper_id}.ipynb")
    sheet = visit.page.get_by_label("考试")
    sheet.get_by_label("选自己的名字").select_option("L04")
    visit.expect_no_english("section.xuefa-sheet")
    sheet.get_by_role("button", name="开始答题").click()
    sheet.get_by_role("radio").nth(1).check()
    expect(sheet.get_by_role("status")).to_contain_text("已保存")
    expect(sheet.get_by_role("navigation", name="答题卡").get_by_role("button", name="第 1 题，已答")).to_be_visible()
    visit.expect_sound_layout()
    visit.expect_no_english(".xuefa-sheet :is(.xs-head, .xs-bar, .xs-side, section, .xs-steps)")
    visit.take_picture("lab-1280-exam")
    expect(visit.page.get_by_role("heading", name="试题与评分")).to_have_count(0)
    sheet.get_by_role("button", name="交卷", exact=True).last.click()
    expect(sheet.get_by_role("timer")).to_be_in_viewport()
    visit.take_picture("lab-1280-exam-confirm")
    sheet.get_by_role("button", name="确认交卷").click()
    expect(sheet.get_by_role("heading", name="已交卷")).to_be_visible()
    visit.take_picture("lab-1280-exam-handed-in")
    submitted = site.course_dir / "submitted" / "L04" / paper_id
    assert {path.name for path in submitted.iterdir()} >= {f"{paper_id}.ipynb", "answers.json", "timestamp.txt"}
    answers = json.loads((submitted / "answers.json").read_text(encoding="utf-8"))["answers"]
    assert [answer["response"] for answer in answers.values()] == ["B"]
    (file,) = (site.course_dir / "handed_in").iterdir()
    expect(sheet.get_by_text(file.name)).to_be_visible()
    expect(sheet.get_by_text(str(file.parent))).to_be_visible()
    assert parse_hand_in(read_hand_in_file(file), paper=released_paper).response(next(iter(answers))) == "B"
