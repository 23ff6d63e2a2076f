"""The answer sheet's page in a real browser, with the real kernel side behind it: sitting a paper, handing it in."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.exam_hall import ESSAY, NAME, Hall
from tests.exam_course import PAPER_ID
from xuefa.exam.answers import receipt_code
from xuefa.exam.hand_in_file import parse_hand_in, read_hand_in_file, write_hand_in_file

pytestmark = pytest.mark.browser
WIDTHS = pytest.mark.parametrize("width", [1280, 390], ids=["1280px", "390px"])


def tab_to(page: Page, target: Locator) -> None:
    """Press the tabulator until that has the focus."""
    for _ in range(80):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


@WIDTHS
def test_a_paper_is_sat_from_sign_in_to_handing_in(hall: Hall, width: int) -> None:
    tab = hall.open_tab(width=width)
    hall.take_picture(tab, f"{width}-1-sign-in")
    tab.expect_sound_layout()
    tab.expect_accessible()
    tab.sign_in()
    total = len(hall.paper.questions)
    card = tab.page.get_by_role("navigation", name="答题卡")
    expect(card.get_by_text("深色已答")).to_be_visible(visible=width > 600)
    expect(tab.question).to_have_count(1)
    tab.pick(1)
    tab.expect_saved()
    tab.page.get_by_role("button", name="标记第 1 题").click()
    hall.take_picture(tab, f"{width}-2-single")
    for name, options in {"multiple": (2, 0), "case": (0,), "essay": ()}.items():
        tab.go_to(hall.number_of(name))
        expect(card.get_by_text("深色已答")).to_be_visible(visible=width > 600)
        tab.pick(*options)
        if name == "essay":
            expect(tab.question.locator("textarea" if width > 600 else "legend")).to_be_focused()
            tab.page.get_by_role("textbox").fill(ESSAY)
            expect(tab.page.get_by_text("16 字", exact=True)).to_be_visible()
        tab.expect_saved()
        tab.expect_sound_layout()
        tab.expect_accessible()
        hall.take_picture(tab, f"{width}-3-{name}")
    expect(tab.page.get_by_text(f"已答 4／{total} 题")).to_be_visible()
    by_number = {number: one.question_id for number, one in enumerate(hall.paper.questions, start=1)}
    assert hall.responses() == {
        by_number[1]: "B",
        by_number[hall.number_of("multiple")]: "AC",
        by_number[hall.number_of("case")]: next(iter(hall.paper.questions[hall.number_of("case") - 1].options)),
        by_number[hall.number_of("essay")]: ESSAY,
    }
    expect(tab.number(1)).to_have_accessible_name("第 1 题，已答，已标记")
    hall.take_picture(tab, f"{width}-4-card", full_page=True)
    tab.expect_sound_layout()

    tab.page.get_by_role("button", name="交卷", exact=True).last.click()
    expect(tab.page.get_by_text(f"还有 {total - 4} 题没有作答")).to_be_visible()
    tab.expect_sound_layout()
    tab.expect_accessible()
    hall.take_picture(tab, f"{width}-5-confirm")
    box = tab.page.locator(".xs-confirm")
    box.get_by_role("button", name="第 2 题，未答").click()
    expect(tab.question.locator("legend")).to_contain_text("2．")
    expect(box).to_have_count(0)
    tab.hand_in()
    tab.expect_handed_in()
    expect(tab.page.get_by_text(receipt_code(hall.stored()))).to_be_visible()
    assert (hall.stored().handed_in_by, hall.stored().flagged) == ("learner", (by_number[1],))
    assert (hall.folder / "timestamp.txt").is_file()
    tab.expect_sound_layout()
    tab.expect_accessible()
    hall.take_picture(tab, f"{width}-6-handed-in")


def test_a_paper_is_sat_with_the_keyboard_alone(hall: Hall) -> None:
    tab = hall.open_tab()
    page = tab.page
    tab_to(page, page.get_by_label("选自己的名字"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="开始答题"))
    page.keyboard.press("Enter")
    expect(tab.question).to_be_visible()
    tab_to(page, tab.number(3))
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(tab.number(3)).to_have_accessible_name("第 3 题，已答")
    page.keyboard.press("Alt+ArrowRight")
    expect(tab.question.locator("legend")).to_contain_text("4．")
    page.keyboard.press("c")
    page.keyboard.press("Alt+ArrowLeft")
    page.keyboard.press("Alt+ArrowLeft")
    tab_to(page, page.get_by_role("button", name="标记第 2 题"))
    page.keyboard.press("Space")
    expect(tab.number(2)).to_have_accessible_name("第 2 题，未答，已标记")
    tab.expect_saved()
    third, fourth = (hall.paper.questions[index].question_id for index in (2, 3))
    assert hall.responses() == {third: "B", fourth: "C"}
    tab_to(page, page.get_by_role("button", name="交卷", exact=True).last)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="确认交卷"))
    page.keyboard.press("Enter")
    tab.expect_handed_in()


def test_on_a_dark_page_the_sheet_keeps_its_own_light_colours(hall: Hall) -> None:
    tab = hall.open_tab(background="#111")
    tab.sign_in()
    colours = tab.page.locator(".xuefa-sheet").evaluate(
        "(one) => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    )
    assert colours == ["rgb(255, 255, 255)", "rgb(28, 39, 51)"]


def test_the_page_reads_as_chinese_only(hall: Hall) -> None:
    tab = hall.open_tab()
    texts = [tab.page.locator(".xuefa-sheet").inner_text()]
    tab.sign_in()
    texts += [tab.page.locator(f".xuefa-sheet {part}").inner_text() for part in (".xs-bar", ".xs-head", ".xs-side")]
    assert not any(char.isascii() and char.isalpha() for text in texts for char in text)


def test_on_a_pc_of_ones_own_handing_in_names_the_file_to_pass_on(hall: Hall, tmp_path: Path) -> None:
    blocked = True

    def pack(learner_id: str) -> Path:
        if blocked:
            raise PermissionError(13, "Permission denied")
        return write_hand_in_file(
            hall.paper, course_dir=hall.course_dir, learner_id=learner_id, folder=tmp_path / "交卷"
        )

    hall.pack = pack
    tab = hall.sit_down(width=390)
    tab.pick(1)
    tab.hand_in()
    tab.expect_handed_in()
    expect(tab.page.get_by_text("交卷文件：写不进去（PermissionError）")).to_be_visible()
    assert hall.stored().handed_in_at
    hall.take_picture(tab, "390-9-file-fault")
    tab.page.get_by_role("button", name="再写一次").click()
    expect(tab.page.get_by_role("button", name="再写一次")).to_be_enabled()
    blocked = False
    tab.page.get_by_role("button", name="再写一次").click()
    name = f"{PAPER_ID}_{NAME}_{receipt_code(hall.stored())}.zip"
    expect(tab.page.get_by_text(name)).to_be_visible()
    expect(tab.page.get_by_text(f"在文件夹 {tmp_path / '交卷'}")).to_be_visible()
    tab.expect_sound_layout()
    hall.take_picture(tab, "390-9-file")
    assert parse_hand_in(read_hand_in_file(tmp_path / "交卷" / name), paper=hall.paper) == hall.stored()
