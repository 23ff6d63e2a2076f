"""The answer sheet's page in a real browser, with the real kernel side behind it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.exam_hall import NAME, Hall
from tests.exam_course import PAPER_ID, STARTED_AT, release_practice_course
from xuefa.exam.answers import receipt_code
from xuefa.exam.hand_in_file import parse_hand_in, read_hand_in_file, write_hand_in_file

pytestmark = pytest.mark.browser
WIDTHS = pytest.mark.parametrize("width", [1280, 390], ids=["1280px", "390px"])
ESSAY = "应当依法公开村务，\n接受村民监督。"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the practice paper from the project's own bank: the longest texts there are; 75 minutes."""
    return release_practice_course(tmp_path_factory.mktemp("browser") / "course", expected=4).course_dir


@pytest.fixture
def hall(browser: Browser, released: Path, tmp_path: Path) -> Iterator[Hall]:
    shutil.copytree(released, tmp_path / "course")
    pictures = Path(os.environ.get("XUEFA_SCREENSHOTS", tmp_path))
    hall = Hall(browser, tmp_path / "course", PAPER_ID, now=STARTED_AT, pictures=pictures)
    yield hall
    hall.close()
    assert hall.faults == []


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


# A kernel that does not answer, or begins anew


def test_without_a_kernel_nothing_is_called_saved_and_the_answer_goes_out_again(hall: Hall) -> None:
    tab = hall.sit_down()
    tab.pick(0)
    tab.expect_saved()
    tab.kernel_is_there = False
    tab.pick(3)
    expect(tab.status).to_contain_text("正在保存")
    hall.pass_time(seconds=13)
    expect(tab.status).to_contain_text("还没有保存")
    assert list(hall.responses().values()) == ["A"]
    tab.kernel_is_there = True
    hall.pass_time(seconds=2)
    hall.pass_time(seconds=13)
    hall.pass_time(seconds=2)
    tab.expect_saved()
    assert list(hall.responses().values()) == ["D"]


def test_a_reload_resumes_at_the_same_question_and_loses_nothing_that_was_not_yet_saved(hall: Hall) -> None:
    tab = hall.sit_down()
    tab.go_to(5)
    tab.pick(1)
    tab.expect_saved()
    tab.kernel_is_there = False
    tab.pick(2)
    tab.go_to(hall.number_of("essay"))
    tab.page.get_by_role("textbox").fill(ESSAY)
    assert list(hall.responses().values()) == ["B"]
    hall.pass_time(seconds=600)
    tab.page.reload()
    tab.kernel_is_there = True
    expect(tab.page.get_by_role("textbox")).to_have_value(ESSAY)
    tab.expect_saved()
    assert sorted(hall.responses().values()) == ["C", ESSAY]
    expect(tab.page.get_by_role("timer")).to_contain_text("剩余 01:0")
    assert tab.page.evaluate("sessionStorage.length") == 1


def test_flags_that_were_not_yet_saved_outlive_a_reload_too(hall: Hall) -> None:
    tab = hall.sit_down()
    tab.go_to(2)
    tab.page.get_by_role("button", name="标记第 2 题").click()
    tab.expect_saved()
    (second,) = hall.stored().flagged
    tab.kernel_is_there = False
    tab.page.get_by_role("button", name="取消标记第 2 题").click()
    tab.go_to(4)
    tab.page.get_by_role("button", name="标记第 4 题").click()
    tab.page.reload()
    expect(tab.page.get_by_role("button", name="第 2 题，未答", exact=True)).to_be_visible()
    expect(tab.page.get_by_role("button", name="第 4 题，未答，已标记", exact=True)).to_be_visible()
    assert hall.stored().flagged == (second,)
    tab.kernel_is_there = True
    hall.pass_time(seconds=13)
    hall.pass_time(seconds=2)
    tab.expect_saved()
    (fourth,) = hall.stored().flagged
    assert fourth != second
    assert tab.page.evaluate("sessionStorage.length") == 1


def test_a_new_kernel_resumes_with_every_answer_flag_and_the_same_end(hall: Hall) -> None:
    tab = hall.sit_down()
    tab.go_to(7)
    tab.pick(2)
    tab.page.get_by_role("button", name="标记第 7 题").click()
    tab.expect_saved()
    before = hall.stored()
    hall.pass_time(seconds=70 * 60)
    hall.restart_kernel(tab)
    tab.sign_in()
    expect(tab.question.locator("legend")).to_contain_text("7．")
    expect(tab.question.locator("input").nth(2)).to_be_checked()
    expect(tab.number(7)).to_have_accessible_name("第 7 题，已答，已标记")
    expect(tab.page.get_by_role("timer")).to_contain_text("剩余 00:0")
    assert hall.stored().answers == before.answers


# Two pages of one learner


def test_an_older_answer_never_overwrites_a_newer_one_from_another_tab(hall: Hall) -> None:
    old, new = hall.sit_down(), hall.sit_down()
    old.kernel_is_there = False
    old.pick(0)
    new.pick(1)
    new.expect_saved()
    hall.pass_time(seconds=13)
    old.kernel_is_there = True
    hall.pass_time(seconds=2)
    hall.pass_time(seconds=13)
    expect(old.page.get_by_text("第 1 题在别的页面改过，已显示最新的答案。")).to_be_visible()
    expect(old.question.locator("input").nth(1)).to_be_checked()
    assert list(hall.responses().values()) == ["B"]
    hall.take_picture(old, "1280-7-notice")
    old.page.get_by_role("button", name="知道了").click()
    old.pick(3)
    old.expect_saved()
    assert list(hall.responses().values()) == ["D"]
    hall.pass_time(seconds=11)
    expect(new.question.locator("input").nth(3)).to_be_checked()


def test_an_essay_that_gave_way_to_a_newer_one_can_still_be_read(hall: Hall) -> None:
    old, new = hall.sit_down(width=390), hall.sit_down()
    for tab in (old, new):
        tab.go_to(hall.number_of("essay"))
    old.kernel_is_there = False
    old.page.get_by_role("textbox").fill("旧页面上的文字")
    new.page.get_by_role("textbox").fill("新页面上的文字")
    new.expect_saved()
    old.page.reload()
    old.kernel_is_there = True
    expect(old.page.get_by_role("textbox")).to_have_value("新页面上的文字")
    old.page.get_by_text("本页没有存上的文字").click()
    expect(old.page.get_by_text("旧页面上的文字")).to_be_visible()
    old.expect_sound_layout()
    hall.take_picture(old, "390-7-essay-notice")
    assert list(hall.responses().values()) == ["新页面上的文字"]


def test_answers_and_flags_of_one_tab_show_in_the_other_with_one_line_for_all(hall: Hall) -> None:
    here, there = hall.sit_down(), hall.sit_down()
    for number in (2, 4):
        here.go_to(number)
        here.pick(0)
        here.expect_saved()
    here.page.get_by_role("button", name="标记第 4 题").click()
    expect(here.number(4)).to_have_accessible_name("第 4 题，已答，已标记")
    hall.pass_time(seconds=11)
    expect(there.number(4)).to_have_accessible_name("第 4 题，已答，已标记")
    expect(there.page.get_by_text("第 2、4 题在别的页面改过，已显示最新的答案。")).to_be_visible()
    there.go_to(4)
    there.page.get_by_role("button", name="取消标记第 4 题").click()
    hall.pass_time(seconds=11)
    expect(here.number(4)).to_have_accessible_name("第 4 题，已答")
    here.hand_in()
    here.expect_handed_in()
    hall.pass_time(seconds=11)
    there.expect_handed_in()


# Time


def test_warnings_come_at_ten_minutes_and_at_one_and_then_the_paper_is_handed_in_by_itself(hall: Hall) -> None:
    tab = hall.sit_down(width=390)
    tab.pick(1)
    tab.expect_saved()
    ten, one = (tab.page.get_by_text(text) for text in ("还剩不到 10 分钟", "还剩不到 1 分钟"))
    hall.pass_time(seconds=64 * 60)
    expect(tab.page.get_by_role("timer")).to_contain_text("剩余 00:1")
    expect(ten).to_have_count(0)
    hall.pass_time(seconds=70)
    expect(ten).to_be_visible()
    tab.expect_sound_layout()
    hall.take_picture(tab, "390-8-ten-minutes")
    tab.page.get_by_role("button", name="下一题").click()
    bar = tab.page.locator(".xs-bar").bounding_box()
    heading = tab.page.get_by_role("heading", name="一、单项选择题").bounding_box()
    assert bar
    assert heading
    assert heading["y"] >= bar["y"] + bar["height"]
    hall.pass_time(seconds=120)
    expect(ten).to_be_hidden()
    hall.pass_time(seconds=7 * 60)
    expect(one).to_be_visible()
    hall.pass_time(seconds=60)
    tab.expect_handed_in()
    stored = hall.stored()
    assert (stored.handed_in_by, list(hall.responses().values())) == ("time", ["B"])
    expect(tab.page.get_by_text(receipt_code(stored))).to_be_visible()
    expect(tab.page.get_by_text("答题时间到，答卷已自动交上")).to_be_visible()


def test_an_automatic_hand_in_that_fails_leaves_the_page_alive_and_is_tried_again(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = hall.sit_down()
    tab.pick(1)
    tab.expect_saved()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("xuefa.atomic_file.os.fsync", fail)
        hall.pass_time(seconds=75 * 60)
        expect(tab.status).to_contain_text("程序内部出错（OSError）")
        expect(tab.question.locator("input").first).to_be_enabled()
        assert hall.stored().handed_in_at is None
    hall.pass_time(seconds=4)
    hall.pass_time(seconds=2)
    tab.expect_handed_in()
    assert list(hall.responses().values()) == ["B"]


def test_at_the_end_without_a_kernel_the_page_says_so_and_hands_in_once_it_is_back(hall: Hall) -> None:
    tab = hall.sit_down()
    tab.pick(1)
    tab.expect_saved()
    tab.kernel_is_there = False
    tab.pick(2)
    hall.pass_time(seconds=75 * 60)
    for _ in range(3):
        hall.pass_time(seconds=13)
        hall.pass_time(seconds=2)
    expect(tab.status).to_contain_text("多次没有收到回应，还没有保存。请刷新页面")
    tab.expect_sound_layout()
    tab.kernel_is_there = True
    hall.pass_time(seconds=13)
    hall.pass_time(seconds=4)
    tab.expect_handed_in()
    assert hall.stored().handed_in_by == "time"
    assert list(hall.responses().values()) == ["B"]
    expect(tab.page.get_by_text("第 1 题最后的改动在交卷以前没有存上")).to_be_visible()
    assert tab.page.evaluate("sessionStorage.length") == 1


# The file to pass on


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
