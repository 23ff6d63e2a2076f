"""The answer sheet's page when its kernel is away or begins anew, and when one learner has it open twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.exam_hall import ESSAY, Hall

pytestmark = pytest.mark.browser


def test_without_a_kernel_nothing_is_called_saved_and_the_answer_goes_out_again(hall: Hall) -> None:
    tab = hall.sit_down()
    tab.pick(0)
    tab.expect_saved()
    tab.kernel_is_there = False
    tab.pick(3)
    with hall.time_stopped():
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
