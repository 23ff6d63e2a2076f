"""The desk of the staff's pages: buttons, progress, stopping, and what is read anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xuefa.errors import BadInputError, Finding
from xuefa.settings import site_settings
from xuefa.workbench.cards import render_findings, render_table
from xuefa.workbench.desk import Action, Desk, require_whole_number


def test_long_work_can_be_stopped_and_all_buttons_rest_while_it_runs() -> None:
    begun = threading.Event()
    desk = Desk(site_settings(project_dir=Path(), site_dir=Path()))
    other = Action(desk, "别的事", lambda _: "", busy="做别的事")

    def work(tell: Callable[[int, int], None]) -> str:
        for number in range(10_000):
            tell(number, 10_000)
            begun.set()
            time.sleep(0.001)
        return "做完了"

    action = Action(desk, "阅卷", work, busy="阅卷", stoppable=True)
    action.button.click()
    assert begun.wait(5)
    assert action.button.disabled
    assert other.button.disabled
    assert action.stop_button.layout.display == ""
    action.stop_button.click()
    _wait_until(lambda: not action.button.disabled)
    assert "阅卷已停止" in action.result.value
    assert action.stop_button.layout.display == "none"
    assert not other.button.disabled


def test_a_button_pressed_the_moment_the_first_one_wakes_is_heard() -> None:
    awake = threading.Event()
    desk = Desk(site_settings(project_dir=Path(), site_dir=Path()))
    first, second = (Action(desk, label, lambda _: "做完了", busy=label) for label in ("一", "二"))

    def wake(change: dict[str, Any]) -> None:
        if not change["new"]:
            awake.set()
            time.sleep(0.2)

    first.button.observe(wake, names="disabled")
    first.button.click()
    assert awake.wait(5)
    second.button.click()
    _wait_until(lambda: "做完了" in second.result.value)
    _wait_until(lambda: not first.button.disabled and not second.button.disabled)


def test_a_button_pressed_while_an_opened_tab_is_read_anew_is_heard_once_that_is_done() -> None:
    reading, go_on = threading.Event(), threading.Event()
    done: list[bool] = []
    desk = Desk(site_settings(project_dir=Path(), site_dir=Path()))
    action = Action(desk, "一", lambda _: "做完了" if done else "做早了", busy="一")

    def read_slowly() -> None:
        if not reading.is_set():
            reading.set()
            done.append(go_on.wait(5))

    desk.add_refresher(read_slowly)
    threading.Thread(target=desk.refresh_if_idle).start()
    assert reading.wait(5)
    action.button.click()
    assert action.button.disabled
    go_on.set()
    _wait_until(lambda: "做完了" in action.result.value)
    _wait_until(lambda: not action.button.disabled)
    assert done == [True]


def test_an_unforeseen_error_is_a_card_and_the_buttons_work_again() -> None:
    def work(_tell: Callable[[int, int], None]) -> str:
        raise ZeroDivisionError("<b>")

    action = Action(
        Desk(site_settings(project_dir=Path(), site_dir=Path()), start=lambda run: run()), "算", work, busy="算"
    )
    action.button.click()
    assert "没有料到的错误（ZeroDivisionError：&lt;b&gt;）" in action.result.value
    assert "Traceback" not in action.result.value
    assert not action.button.disabled


def test_texts_of_others_are_shown_as_texts() -> None:
    assert "<b>" not in render_table("<b>", ["<b>"], [["<b>"]])
    assert "<b>" not in render_findings([Finding("<b>", "<b>", "<b>")])


def test_a_number_field_takes_a_whole_number_or_nothing() -> None:
    assert (require_whole_number(" 12 ", place="数"), require_whole_number("", place="数")) == (12, None)
    with pytest.raises(BadInputError):
        require_whole_number("1.5", place="数")


def _wait_until(true: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 5
    while not true():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)
