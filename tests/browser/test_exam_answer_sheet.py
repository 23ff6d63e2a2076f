"""The answer sheet's page in a real browser, with the real kernel side behind it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.exam_course import PROJECT, learners
from xuefa.bank.reader import read_bank
from xuefa.exam.answer_sheet import AnswerSheet, open_answer_sheet
from xuefa.exam.assembly import assemble_paper
from xuefa.exam.blueprint import read_blueprint
from xuefa.exam.course_config import prepare_course
from xuefa.exam.notebook import write_source
from xuefa.exam.paper import paper_path, read_paper
from xuefa.exam.release import release_paper
from xuefa.exam.sitting import make_sitting, read_course_sitting

pytestmark = pytest.mark.browser
PAPER_ID = "practice-1"
NAME = "学员01"
TRAITS = ("page", "paper", "responses", "revisions", "flagged")

HARNESS = """
<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>答题卡</title>
<style>body { margin: 8px; background: BACKGROUND } STYLE</style><div id="el"></div>
<script type="module">
const module = await import(URL.createObjectURL(new Blob([await window.moduleText()], { type: "text/javascript" })));
const state = await window.kernelState();
const ears = new Map();
const model = {
  get: (name) => state[name],
  on: (name, ear) => ears.set(name, [...(ears.get(name) ?? []), ear]),
  off: (name, ear) => ears.set(name, (ears.get(name) ?? []).filter((one) => one !== ear)),
  send: (message) => window.kernelSend(JSON.stringify(message)).then((text) => {
    for (const { name, value } of JSON.parse(text)) {
      if (name !== "msg:custom") state[name] = value;
      for (const ear of ears.get(name === "msg:custom" ? name : `change:${name}`) ?? []) ear(value);
    }
  }),
};
module.default.render({ model, el: document.querySelector("#el") });
</script></html>
"""


@dataclass
class Room:
    """A page with an answer sheet, its kernel side, and whether the kernel is there to answer."""

    page: Page
    sheet: AnswerSheet
    folder: Path
    kernel: dict[str, bool]

    def stored(self) -> dict[str, str]:
        content = json.loads((self.folder / "answers.json").read_bytes())
        return {question_id: answer["response"] for question_id, answer in content["answers"].items()}

    @property
    def question_count(self) -> int:
        return len(read_paper(paper_path(self.folder.parents[2], PAPER_ID)).questions)

    def sign_in(self) -> None:
        self.page.get_by_label("选自己的名字").select_option(NAME)
        self.page.get_by_role("button", name="开始答题").click()
        expect(self.page.get_by_role("heading", name="一、单项选择题")).to_be_visible()


@pytest.fixture(scope="module")
def course_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the practice paper from the project's own bank: the longest texts there are."""
    course = tmp_path_factory.mktemp("browser") / "course"
    bank = read_bank(PROJECT / "question_bank")
    blueprint = read_blueprint(PROJECT / "grading" / "blueprints" / "practice.yaml")
    paper = assemble_paper(blueprint, bank=bank, paper_id=PAPER_ID, held_on=date(2022, 11, 20), seed=11)
    prepare_course(course, config_file=PROJECT / "grading" / "nbgrader_config.py")
    write_source(paper, bank=bank, course_dir=course)
    release_paper(make_sitting(PAPER_ID, learners=learners(4)), course_dir=course)
    return course


@pytest.fixture(params=[1280, 390], ids=["1280px", "390px"])
def room(request: pytest.FixtureRequest, browser: Browser, course_dir: Path, tmp_path: Path) -> Iterator[Room]:
    yield from open_room(browser, course_dir, tmp_path, width=request.param)


@pytest.fixture
def dark_room(browser: Browser, course_dir: Path, tmp_path: Path) -> Iterator[Room]:
    yield from open_room(browser, course_dir, tmp_path, width=1280, background="#111")


def open_room(
    browser: Browser, course_dir: Path, tmp_path: Path, *, width: int, background: str = "#fff"
) -> Iterator[Room]:
    course = tmp_path / "course"
    shutil.copytree(course_dir, course)
    sheet = open_answer_sheet(
        paper_folder=course / "release" / PAPER_ID,
        course_dir=course,
        candidates=read_course_sitting(PAPER_ID, course_dir=course).candidates,
        clock=lambda: datetime.now(UTC),
        environ={},
    )
    assert isinstance(sheet, AnswerSheet)
    kernel = {"there": True}

    def state() -> dict[str, Any]:
        return {name: getattr(sheet, name) for name in TRAITS}

    def receive(text: str) -> str:
        if not kernel["there"]:
            return "[]"
        before = state()
        heard: list[dict[str, Any]] = []
        sheet.send = heard.append
        sheet._receive(sheet, json.loads(text), [])
        changed = [{"name": name, "value": value} for name, value in state().items() if value != before[name]]
        order = sorted(changed, key=lambda change: change["name"] == "page")  # the kernel sets `page` last
        return json.dumps([*order, *({"name": "msg:custom", "value": reply} for reply in heard)])

    context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.expose_function("kernelSend", receive)
    page.expose_function("kernelState", state)
    page.expose_function("moduleText", lambda: str(sheet._esm))
    page.set_content(HARNESS.replace("STYLE", str(sheet._css)).replace("BACKGROUND", background))
    yield Room(page, sheet, course / "submitted" / NAME / PAPER_ID, kernel)
    context.close()
    sheet.close()
    assert faults == []


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the side, and no option or button is cut off."""
    return bool(
        page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll(
              '.xuefa-sheet :is(label, legend, button, p, h2, h3, textarea, select)')].every((one) =>
              one.scrollWidth <= one.clientWidth + 1 && one.getBoundingClientRect().right <= innerWidth)"""
        )
    )


def test_a_paper_is_sat_from_sign_in_to_handing_in(room: Room, tmp_path: Path) -> None:
    page = room.page
    page.screenshot(path=tmp_path / "sign_in.png")
    room.sign_in()
    assert fits(page)
    questions = page.get_by_role("group").filter(has=page.get_by_role("radio"))
    questions.nth(0).get_by_role("radio").nth(1).check()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    multiple = page.locator("fieldset").filter(has=page.get_by_role("checkbox")).first
    for number in (2, 0):
        multiple.get_by_role("checkbox").nth(number).check()
    page.get_by_role("textbox").fill("应当依法公开村务，\n接受村民监督。")
    expect(page.get_by_role("status")).to_contain_text("已保存")
    expect(page.get_by_text(f"已答 3／{room.question_count} 题")).to_be_visible()
    assert sorted(room.stored().values()) == ["AC", "B", "应当依法公开村务，\n接受村民监督。"]
    page.screenshot(path=tmp_path / "exam.png", full_page=True)
    page.locator("section h3").first.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "top.png")
    page.locator(".xs-story").first.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "case.png")
    page.get_by_role("button", name="交卷", exact=True).last.click()
    expect(page.get_by_text(f"还有 {room.question_count - 3} 题没有作答")).to_be_visible()
    assert fits(page)
    page.screenshot(path=tmp_path / "confirm.png")
    page.get_by_role("button", name="确认交卷").click()
    expect(page.get_by_role("heading", name="已交卷")).to_be_visible()
    page.screenshot(path=tmp_path / "handed_in.png")
    assert fits(page)
    assert (room.folder / "timestamp.txt").is_file()


def test_the_keyboard_alone_answers_and_the_number_bar_leads_to_a_question(room: Room) -> None:
    page = room.page
    room.sign_in()
    if not page.get_by_role("button", name="第 3 题，未答").is_visible():
        page.get_by_text("答题卡", exact=True).click()
    page.get_by_role("button", name="第 3 题，未答").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="第 3 题，已答")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    third = list(room.sheet._paper.questions)[2].question_id
    assert room.stored() == {third: "B"}


def test_without_a_kernel_nothing_is_called_saved_and_the_answer_goes_out_again(room: Room) -> None:
    page = room.page
    room.sign_in()
    first = page.locator("fieldset").first
    first.get_by_role("radio").first.check()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    room.kernel["there"] = False
    first.get_by_role("radio").last.check()
    expect(page.get_by_role("status")).to_contain_text("正在保存")
    expect(page.get_by_role("status")).to_contain_text("还没有保存", timeout=12_000)
    assert list(room.stored().values()) == ["A"]
    room.kernel["there"] = True
    expect(page.get_by_role("status")).to_contain_text("已保存", timeout=15_000)
    assert list(room.stored().values()) == ["D"]


def test_on_a_dark_page_the_sheet_keeps_its_own_light_colours(dark_room: Room) -> None:
    dark_room.sign_in()
    colours = dark_room.page.locator(".xuefa-sheet").evaluate(
        "(one) => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    )
    assert colours == ["rgb(255, 255, 255)", "rgb(28, 39, 51)"]


def test_the_page_reads_as_chinese_only(room: Room) -> None:
    texts = [room.page.locator(".xuefa-sheet").inner_text()]
    room.sign_in()
    texts.append(room.page.locator(".xuefa-sheet .xs-bar").inner_text())
    texts.append(room.page.locator(".xuefa-sheet .xs-head").inner_text())
    assert not any(char.isascii() and char.isalpha() for text in texts for char in text)
