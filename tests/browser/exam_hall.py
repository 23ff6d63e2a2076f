"""An exam hall: tabs with the answer sheet's real page, each with its real kernel side, and one wall clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.visit import PATIENCE_MS
from xuefa.exam.answer_sheet import AnswerSheet, open_answer_sheet
from xuefa.exam.answers import Answers, read_answers
from xuefa.exam.paper import Paper, PaperQuestion, read_course_paper
from xuefa.exam.sitting import read_course_sitting

NAME = "学员01"
ESSAY = "应当依法公开村务，\n接受村民监督。"
_ADDRESS = "http://hall.test/"  # answered by the harness; plain http, as in a study room
_TRAITS = ("page", "paper", "responses", "revisions", "flagged")
_HARNESS = """
<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>答题卡</title>
<meta name="viewport" content="width=device-width">
<style>body { margin: 8px; background: BACKGROUND } STYLE</style><main id="el"></main>
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
_STICKS_OUT = """() => [...document.querySelectorAll('.xuefa-sheet *')].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1 || one.scrollWidth > one.clientWidth + 1 &&
    ['BUTTON', 'LABEL', 'LEGEND', 'P', 'TEXTAREA'].includes(one.tagName));
}).map((one) => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 30)}`)"""


@dataclass
class Tab:
    """One browser tab of the learner, and its kernel, which can be away."""

    page: Page
    sheet: AnswerSheet
    kernel_is_there: bool = True

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status")

    @property
    def question(self) -> Locator:
        """The one question on view."""
        return self.page.locator("fieldset:visible")

    def sign_in(self) -> None:
        self.page.get_by_label("选自己的名字").select_option(NAME)
        self.page.get_by_role("button", name="开始答题").click()
        expect(self.question).to_be_visible()

    def number(self, number: int) -> Locator:
        """The button of the 答题卡 that leads to that question."""
        card = self.page.get_by_role("navigation", name="答题卡")
        if not card.get_by_role("button").first.is_visible():
            card.get_by_text("答题卡", exact=True).click()
        return card.get_by_role("button", name=f"第 {number} 题，")

    def go_to(self, number: int) -> None:
        self.number(number).click()
        expect(self.question.locator("legend")).to_contain_text(f"{number}．")

    def pick(self, *options: int) -> None:
        for option in options:
            self.question.locator("input").nth(option).check()

    def expect_saved(self) -> None:
        expect(self.status).to_contain_text("已保存")

    def hand_in(self) -> None:
        self.page.get_by_role("button", name="交卷", exact=True).last.click()
        self.page.get_by_role("button", name="确认交卷").click()

    def expect_handed_in(self) -> None:
        expect(self.page.get_by_role("heading", name="已交卷")).to_be_visible()

    def expect_sound_layout(self) -> None:
        """Nothing sticks out to the side or is cut off."""
        assert self.page.evaluate(_STICKS_OUT) == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def expect_accessible(self) -> None:
        """No fault by axe's rules: names of controls, contrast, headings, lists."""
        violations = Axe().run(self.page, ".xuefa-sheet").response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in violations] == []


@dataclass
class Hall:
    """A course with one released paper; `now` is the time on every kernel's clock and moves only with `pass_time`."""

    browser: Browser
    course_dir: Path
    paper_id: str
    now: datetime
    pictures: Path
    pack: Callable[[str], Path] | None = None
    tabs: list[Tab] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open_tab(self, *, width: int = 1280, background: str = "#fff") -> Tab:
        """A tab with storage and kernel of its own; a narrow one is a phone's."""
        phone = width < 600
        context = self.browser.new_context(
            viewport={"width": width, "height": 844 if phone else 900}, has_touch=phone, is_mobile=phone, locale="zh-CN"
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.clock.install()
        tab = Tab(page, self._start_kernel())
        self.tabs.append(tab)
        page.expose_function("kernelSend", lambda text: self._receive(tab, text))
        page.expose_function("kernelState", lambda: _state(tab.sheet))
        page.expose_function("moduleText", lambda: str(tab.sheet._esm))
        html = _HARNESS.replace("STYLE", str(tab.sheet._css)).replace("BACKGROUND", background)

        def answer(route: Route) -> None:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

        page.route(f"{_ADDRESS}**", answer)
        page.goto(_ADDRESS)
        expect(page.locator(".xuefa-sheet")).to_be_visible()
        return tab

    def sit_down(self, *, width: int = 1280) -> Tab:
        """A tab in which the learner has signed in."""
        tab = self.open_tab(width=width)
        tab.sign_in()
        return tab

    def restart_kernel(self, tab: Tab) -> None:
        """As after a crash: all that the kernel knew is gone, and the page is loaded again."""
        tab.sheet.close()
        tab.sheet = self._start_kernel()
        tab.page.reload()

    def pass_time(self, *, seconds: float) -> None:
        """Let that time pass on every clock at once; what was due meanwhile happens."""
        self.now += timedelta(seconds=seconds)
        for tab in self.tabs:
            tab.page.clock.fast_forward(int(seconds * 1000))

    @contextmanager
    def time_stopped(self) -> Iterator[None]:
        """Meanwhile only `pass_time` moves the pages' clocks: what a page says for a second stands until then."""
        for tab in self.tabs:
            tab.page.clock.pause_at(tab.page.evaluate("Date.now()") / 1000 + 1)
        yield
        for tab in self.tabs:
            tab.page.clock.resume()

    def pass_time_until(self, tab: Tab, said: str) -> None:
        """With time stopped: let half seconds pass, two minutes at most, until the tab's status says that."""
        for _ in range(240):
            if said in tab.status.inner_text():
                return
            self.pass_time(seconds=0.5)
        raise AssertionError(f"never said: {said}")

    def take_picture(self, tab: Tab, name: str, *, full_page: bool = False) -> None:
        tab.page.screenshot(path=self.pictures / f"sheet-{name}.png", full_page=full_page)

    def stored(self) -> Answers:
        """What is on disk now."""
        return read_answers(self.folder / "answers.json", paper=self.paper, learner_id=NAME)

    def responses(self) -> dict[str, str]:
        return {question_id: answer.response for question_id, answer in self.stored().answers.items()}

    def close(self) -> None:
        for tab in self.tabs:
            tab.page.context.close()
            tab.sheet.close()

    @property
    def folder(self) -> Path:
        return self.course_dir / "submitted" / NAME / self.paper_id

    @property
    def paper(self) -> Paper:
        return read_course_paper(self.paper_id, course_dir=self.course_dir)

    def number_of(self, kind: str) -> int:
        """The number of the paper's first question of that kind; "case" is the first with a story."""
        fits: Callable[[PaperQuestion], bool] = lambda one: bool(one.story) if kind == "case" else one.kind == kind  # noqa: E731  shorter than the function it names
        return next(number for number, one in enumerate(self.paper.questions, start=1) if fits(one))

    def _start_kernel(self) -> AnswerSheet:
        sheet = open_answer_sheet(
            paper_folder=self.course_dir / "release" / self.paper_id,
            course_dir=self.course_dir,
            candidates=read_course_sitting(self.paper_id, course_dir=self.course_dir).candidates,
            clock=lambda: self.now,
            environ={},
            pack=self.pack,
        )
        assert isinstance(sheet, AnswerSheet)
        return sheet

    def _receive(self, tab: Tab, text: str) -> str:
        """What the kernel sends after a message: traits that changed, `page` last, then the reply."""
        if not tab.kernel_is_there:
            return "[]"
        before = _state(tab.sheet)
        heard: list[dict[str, Any]] = []
        tab.sheet.send = heard.append
        tab.sheet._receive(tab.sheet, json.loads(text), [])
        changed = [{"name": name, "value": value} for name, value in _state(tab.sheet).items() if value != before[name]]
        order = sorted(changed, key=lambda change: change["name"] == "page")
        return json.dumps([*order, *({"name": "msg:custom", "value": reply} for reply in heard)])


def _state(sheet: AnswerSheet) -> dict[str, Any]:
    return {name: getattr(sheet, name) for name in _TRAITS}
