"""What a person does on a page, and what one can see of it."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.request
from pathlib import Path
from urllib.parse import quote, unquote

from playwright.sync_api import Locator, Page, expect

from xuefa.doors import Door
from xuefa.doors.nursery import name_process

LAB_TOKEN = "a-token-for-tests"  # noqa: S105  of a server that lives as long as the tests
PIN, CODE = "2580", "036912"
"""The PIN that every learner of these tests takes, and the code of tonight's session."""

PATIENCE_MS = 60_000
"""How long a page may take on a machine that is busy with other things; who waits for what comes at once loses none."""

MODULE_08 = "08_行政诉讼法.ipynb"

_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter((element) => {
    const box = element.getBoundingClientRect();
    const seen = box.width > 0 && getComputedStyle(element).visibility !== 'hidden';
    return seen && !element.closest('svg, .xuefa-status') && (box.right > innerWidth + 1 || box.left < -1);
}).map((element) => `${element.tagName}.${element.className}: ${element.textContent.slice(0, 40)}`)"""
_OVERLAPPING = """() => {
    const boxes = [...document.querySelectorAll('.xuefa .xuefa-option, .xuefa legend, .xuefa .xuefa-button')]
        .filter((element) => element.offsetParent && !element.closest('.xuefa-names'))
        .map((element) => [element, element.getBoundingClientRect()]);
    return boxes.flatMap(([one, a], index) => boxes.slice(index + 1)
        .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
        .map(([other]) => `${one.textContent} × ${other.textContent}`));
}"""


class Visit:
    """One page in a browser."""

    def __init__(self, page: Page, *, pictures: Path) -> None:
        self.page = page
        self.pictures = pictures

    def open_lab(self, door: Door, notebook: str) -> None:
        base = door.url.rpartition("/")[0]
        self.page.goto(f"{base}/{quote(notebook)}?token={LAB_TOKEN}&reset")

    def open_voila(self, door: Door, notebook: str = "") -> None:
        self.page.goto(door.url + (f"voila/render/{quote(notebook)}" if notebook else ""))

    def card(self, label: str) -> Locator:
        """The widget of that name."""
        return self.page.locator(f"section[aria-label='{label}']:visible")

    @property
    def quiz(self) -> Locator:
        return self.card("小测验")

    def sign_in(self, name: str) -> None:
        """Sign in, also where the kernel still knows an earlier learner."""
        card = self.card("签到")
        change = card.get_by_role("button", name="换人或换场次")
        search = card.get_by_label("输入姓名、拼音首字母或单位查找")
        expect(change.or_(search)).to_be_visible()
        if change.is_visible():
            change.click()
        search.fill(name)
        card.get_by_role("radio", name=re.compile(f"^{name}")).check()
        self.give_pin(card)
        card.get_by_label("签到码").fill(CODE)
        card.get_by_role("button", name="签到").click()
        expect(card.locator(".xuefa-saved")).to_be_visible()
        expect(card.locator(".xuefa-stem")).to_contain_text(name)

    def give_pin(self, card: Locator) -> None:
        """Type the PIN, twice where it is the first time."""
        card.get_by_label("密码", exact=False).first.fill(PIN)
        again = card.get_by_label("再输一次密码")
        if again.is_visible():
            again.fill(PIN)

    def answer(self) -> None:
        """Pick the first option (of several: the first two), hand it in, and see it saved."""
        options = self.quiz.locator("fieldset input")
        options.first.check()
        if options.first.get_attribute("type") == "checkbox":
            options.nth(1).check()
        self.quiz.get_by_role("button", name="提交").click()
        self.expect_saved()

    def expect_saved(self) -> None:
        expect(self.quiz.locator(".xuefa-saved")).to_contain_text("已保存")

    def next_question(self) -> None:
        number = self.question_number
        self.quiz.get_by_role("button", name="下一题").click()
        expect(self.quiz.locator(".xuefa-progress strong")).not_to_have_text(f"第 {number} 题/共 10 题")

    @property
    def question_number(self) -> int:
        text = self.quiz.locator(".xuefa-progress strong").inner_text()
        return int(re.findall(r"\d+", text)[0])

    def take_picture(self, name: str, *, part: Locator | None = None) -> None:
        """Keep a picture of the page, or of a part of it, for a person to look at (XUEFA_SCREENSHOTS)."""
        path = self.pictures / f"{name}.png"
        if part is None:
            self.page.screenshot(path=path)
        else:
            part.screenshot(path=path)

    def expect_sound_layout(self) -> None:
        """Nothing sticks out sideways, nothing that one picks or presses lies over another, no code shows."""
        assert self.page.evaluate(_TOO_WIDE) == []
        assert self.page.evaluate(_OVERLAPPING) == []
        editors = self.page.locator(".jp-Cell .jp-Editor:visible, .jp-Cell .cm-editor:visible, .jp-Placeholder:visible")
        assert editors.count() == 0
        assert "lesson." not in self.page.locator("body").inner_text()

    def expect_no_english(self, selector: str) -> None:
        text = "\n".join(self.page.locator(f"{selector} >> visible=true").all_inner_texts())
        assert text.strip()
        assert _LATIN_WORD.findall(text) == []

    def expect_chinese_frame(self) -> None:
        """What stands around a workbench in JupyterLab is Chinese, and holds no tool that its page has no use for."""
        self.expect_no_english("#jp-menu-panel, .jp-SideBar")
        self.expect_no_english(".jp-NotebookPanel-toolbar > :not(.jp-KernelName)")
        for words in ("Validate", "Create Assignment", "Nbgrader", "Cell 2/2"):
            expect(self.page.get_by_text(words).locator("visible=true")).to_have_count(0)
        expect(self.page.locator("[title*='调试器'], .jp-DebuggerBugButton")).to_have_count(0)
        expect(self.page.get_by_role("button", name="剪切")).to_have_count(0)

    @property
    def voila_kernel_id(self) -> str:
        config = json.loads(self.page.locator("#jupyter-config-data").inner_text())
        return str(config["kernelId"])


def lab_kernel_id(door: Door, notebook: str) -> str:
    """The kernel behind an open notebook of JupyterLab."""
    base = door.url.partition("/lab")[0]
    with urllib.request.urlopen(f"{base}/api/sessions?token={LAB_TOKEN}") as response:  # noqa: S310  our own address
        sessions = json.load(response)
    return next(str(one["kernel"]["id"]) for one in sessions if unquote(one["path"]).endswith(notebook))


def find_kernel_process(kernel_id: str) -> int | None:
    """The process that runs that kernel, None if there is none."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode()
            name = (folder / "comm").read_text(encoding="utf-8").strip()
        except OSError:
            continue
        if name == name_process(kernel_id) or ("ipykernel" in command and kernel_id in command):
            return int(folder.name)
    return None


def kill_kernel(kernel_id: str) -> None:
    """SIGKILL the process of that kernel."""
    process_id = find_kernel_process(kernel_id)
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
