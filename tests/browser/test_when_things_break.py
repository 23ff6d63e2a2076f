"""What a learner meets when the server, the kernel, the network, the disk or a clock fails, each for real."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import free_port, running
from tests.browser.visit import MODULE_08, Visit, kill_kernel
from xuefa.doors import Door, serve_door
from xuefa.records.record import Verb
from xuefa.records.store import Store, open_store
from xuefa.settings import Settings

pytestmark = pytest.mark.browser

LOST, BACK, GONE = "网络断了", "已经重新连上", "这一页的程序已经停止"


def notice(visit: Visit, words: str) -> None:
    expect(visit.page.locator("#line-notice")).to_contain_text(words)


def count_answers(store: Store, learner_id: str) -> int:
    return len(store.read_records(verbs={Verb.ANSWERED}, learner_id=learner_id))


def sign_in_anew(visit: Visit, name: str) -> None:
    """After a reload the tab's ticket may have signed them in; if not, they do it again."""
    present = visit.card("签到").locator(".xuefa-stem")
    expect(present.or_(visit.card("签到").get_by_role("button", name="签到"))).to_be_visible()
    with suppress(AssertionError):
        expect(present).to_contain_text(name, timeout=3000)
        return
    visit.sign_in(name)


def test_after_a_restart_of_the_server_the_page_says_so_and_goes_on(
    site: Settings, open_visit: Callable[..., Visit], store: Store, tmp_path: Path
) -> None:
    door = serve_door(settings=site, environ=os.environ, port=free_port())
    visit = open_visit(width=390)
    with running(door, log=tmp_path / "first.txt"):
        visit.open_voila(door, MODULE_08)
        visit.sign_in("学员31")
        visit.answer()
        visit.next_question()
        visit.card("心得体会").get_by_role("textbox").fill("写到一半，服务器停了。")
        expect(visit.card("心得体会").get_by_text("草稿已存")).to_be_visible()
    notice(visit, LOST)
    visit.take_picture("broken-390-server-gone")
    visit.quiz.locator("fieldset input").first.check()
    visit.quiz.get_by_role("button", name="提交").click()
    expect(visit.quiz.get_by_role("alert")).to_contain_text("还没有确认保存")
    with running(door, log=tmp_path / "second.txt"):
        notice(visit, GONE)
        visit.take_picture("broken-390-server-back")
        visit.page.get_by_role("button", name="重新打开").click()
        sign_in_anew(visit, "学员31")
        expect(visit.card("心得体会").get_by_role("textbox")).to_have_value("写到一半，服务器停了。")
        assert count_answers(store, "L31") == 1
        visit.answer()
        assert count_answers(store, "L31") == 2
        assert len(store.read_records(verbs={Verb.SIGNED_IN}, learner_id="L31")) == 1
        visit.page.goto("about:blank")


def test_killed_kernel_is_told_without_anything_being_pressed(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, MODULE_08)
    visit.sign_in("学员32")
    visit.answer()
    kill_kernel(visit.voila_kernel_id)
    notice(visit, GONE)
    visit.page.get_by_role("button", name="重新打开").click()
    sign_in_anew(visit, "学员32")
    visit.answer()
    assert count_answers(store, "L32") == 2


def test_lost_network_is_told_and_the_answer_goes_through_once_it_is_back(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, MODULE_08)
    visit.sign_in("学员33")
    context = visit.page.context
    context.set_offline(True)
    notice(visit, LOST)
    visit.card("心得体会").get_by_role("textbox").fill("断网的时候写的。")
    expect(visit.card("心得体会").get_by_text("草稿先存在这台设备上")).to_be_visible()
    visit.quiz.locator("fieldset input").first.check()
    visit.quiz.get_by_role("button", name="提交").click()
    expect(visit.quiz.get_by_role("alert")).to_contain_text("还没有确认保存")
    expect(visit.quiz.locator("fieldset input").first).to_be_checked()
    visit.take_picture("broken-390-offline")
    assert count_answers(store, "L33") == 0
    context.set_offline(False)
    notice(visit, BACK)
    visit.quiz.get_by_role("button", name="重试").click()
    visit.expect_saved()
    assert count_answers(store, "L33") == 1
    expect(visit.card("心得体会").get_by_text("草稿已存")).to_be_visible()
    draft = store.read_draft("L33", "reflected:8")
    assert draft is not None
    assert draft.text == "断网的时候写的。"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk can be mounted only by root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_full_disk_is_told_and_the_answer_is_saved_once_there_is_room(
    site: Settings, small_disk: Path, open_visit: Callable[..., Visit], store: Store, tmp_path: Path
) -> None:
    settings = replace(site, site_dir=small_disk, database_url=f"sqlite:///{small_disk / 'xuefa.db'}")
    with open_store(settings.database_url) as small:
        small.write_learners(store.read_learners())
        small.write_sessions(store.read_sessions())
        for opening in store.read_openings():
            small.write_opening(opening)
        door = serve_door(settings=settings, environ=os.environ, port=free_port())
        with running(door, log=tmp_path / "log.txt"):
            visit = open_visit(width=390)
            visit.open_voila(door, MODULE_08)
            visit.sign_in("学员34")
            filling = small_disk / "filling"
            with filling.open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(b"\0" * 4096)
            visit.quiz.locator("fieldset input").first.check()
            for _ in range(40):  # the write-ahead log may have room left for some
                visit.quiz.get_by_role("button", name=re.compile("提交|重试")).click()
                expect(visit.quiz.locator(".xuefa-saved").or_(visit.quiz.get_by_role("alert"))).to_be_visible()
                if visit.quiz.get_by_role("alert").is_visible():
                    break
                visit.quiz.get_by_role("button", name=re.compile("下一题|看结果")).click()
                again = visit.quiz.get_by_role("button", name="再做一轮")
                expect(again.or_(visit.quiz.locator("fieldset input").first)).to_be_visible()
                if again.is_visible():
                    again.click()
                visit.quiz.locator("fieldset input").first.check()
            expect(visit.quiz.get_by_role("alert")).to_contain_text("没有保存")
            expect(visit.quiz.get_by_role("alert")).to_contain_text("磁盘")
            visit.take_picture("broken-390-disk-full", part=visit.quiz)
            before = count_answers(small, "L34")
            filling.unlink()
            visit.quiz.get_by_role("button", name="重试").click()
            visit.expect_saved()
            assert count_answers(small, "L34") == before + 1
            visit.page.goto("about:blank")


def test_device_whose_clock_is_years_off_is_told_and_the_record_has_the_servers_time(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.page.clock.install(time=datetime(2019, 1, 1, tzinfo=UTC))
    visit.open_voila(voila, MODULE_08)
    expect(visit.page.locator("#clock-notice")).to_contain_text("相差很大")
    visit.sign_in("学员35")
    visit.answer()
    visit.take_picture("broken-390-clock")
    (record,) = store.read_records(verbs={Verb.ANSWERED}, learner_id="L35")
    assert abs(datetime.now(UTC) - record.occurred_at) < timedelta(minutes=5)
