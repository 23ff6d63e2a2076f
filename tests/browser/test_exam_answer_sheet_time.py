"""The answer sheet's page as the time runs out: warnings, and the hand-in that happens by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.exam_hall import Hall
from xuefa.exam.answers import receipt_code

pytestmark = pytest.mark.browser


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
    with hall.time_stopped():
        hall.pass_time(seconds=75 * 60)
        hall.pass_time_until(tab, "答题时间到，还没有交上，正在重试")
        hall.pass_time_until(tab, "多次没有收到回应，还没有保存。请刷新页面")
        tab.expect_sound_layout()
    tab.kernel_is_there = True
    hall.pass_time(seconds=13)
    hall.pass_time(seconds=4)
    tab.expect_handed_in()
    assert hall.stored().handed_in_by == "time"
    assert list(hall.responses().values()) == ["B"]
    expect(tab.page.get_by_text("第 1 题最后的改动在交卷以前没有存上")).to_be_visible()
    assert tab.page.evaluate("sessionStorage.length") == 1
