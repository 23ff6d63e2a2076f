"""Real Voilà in a real browser: what a learner meets on a phone and on a PC, and what they cannot do."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from websockets.sync.client import connect

from tests.browser.visit import MODULE_08, Visit, find_kernel_process, kill_kernel
from xuefa.doors import Door
from xuefa.records.record import Verb
from xuefa.records.store import Store
from xuefa.settings import Settings

pytestmark = pytest.mark.browser


def test_learner_finds_a_module_signs_in_and_plays_a_whole_round_on_a_phone(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila)
    expect(visit.page.locator(".xuefa-year")).to_be_visible()
    visit.expect_sound_layout()
    visit.take_picture("voila-390-index")
    visit.page.locator(".xuefa-year").get_by_role("link", name="行政诉讼法").click()
    expect(visit.quiz).to_be_visible()
    assert visit.page.title() == "行政诉讼法 · 学法"
    visit.expect_sound_layout()
    visit.expect_no_english(".xuefa, .xuefa-card")
    visit.take_picture("voila-390-top")
    expect(visit.quiz.get_by_role("button", name="提交")).to_be_disabled()
    visit.sign_in("学员05")

    for number in range(1, 11):
        visit.take_picture(f"voila-390-question-{number}", part=visit.quiz)
        visit.answer()
        answers = store.read_records(verbs={Verb.ANSWERED}, learner_id="L05")
        assert len(answers) == number
        visit.expect_sound_layout()
        visit.take_picture(f"voila-390-feedback-{number}", part=visit.quiz)
        if number < 10:
            visit.next_question()
    visit.quiz.get_by_role("button", name="看结果").click()
    expect(visit.quiz.get_by_text("这一轮共 10 题")).to_be_visible()
    visit.quiz.locator("details").first.click()
    visit.expect_sound_layout()
    visit.take_picture("voila-390-summary", part=visit.quiz)
    assert {(record.session_id, record.module) for record in answers} == {("tonight", 8)}
    (finished,) = store.read_records(verbs={Verb.FINISHED}, learner_id="L05")
    assert finished.max_points == 10

    visit.quiz.get_by_role("button", name="再做一轮").click()
    expect(visit.quiz.get_by_text("第 1 题/共 10 题")).to_be_visible()


def test_learner_signs_in_answers_three_and_hands_in_a_reflection_on_a_pc(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=1280)
    visit.open_voila(voila, MODULE_08)
    article = visit.page.locator("details.xuefa-article, .xuefa-articles details").first
    article.locator("summary").click()
    expect(article.locator("blockquote")).to_be_visible()
    visit.expect_sound_layout()
    visit.take_picture("voila-1280-top")
    visit.sign_in("学员06")
    for _ in range(3):
        visit.answer()
        visit.next_question()
    assert len(store.read_records(verbs={Verb.ANSWERED}, learner_id="L06")) == 3
    visit.take_picture("voila-1280-quiz", part=visit.quiz)

    box = visit.card("心得体会")
    box.get_by_role("textbox").fill("先有证据，后有决定。")
    expect(box.get_by_text("10 字")).to_be_visible()
    visit.page.reload()
    expect(visit.quiz).to_be_visible()
    visit.sign_in("学员06")
    expect(visit.card("签到").get_by_text("已经签过到")).to_be_visible()
    assert len(store.read_records(verbs={Verb.SIGNED_IN}, learner_id="L06")) == 1
    expect(box.get_by_role("textbox")).to_have_value("先有证据，后有决定。")
    box.get_by_role("button", name="提交").click()
    expect(box.get_by_text("已交，已保存")).to_be_visible()
    visit.take_picture("voila-1280-reflection", part=box)
    (record,) = store.read_records(verbs={Verb.REFLECTED}, learner_id="L06")
    assert record.text == "先有证据，后有决定。"
    visit.expect_sound_layout()


def test_answer_that_could_not_be_saved_stays_and_is_saved_by_trying_again(
    voila: Door, open_visit: Callable[..., Visit], store: Store, site: Settings
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, MODULE_08)
    visit.sign_in("学员07")
    visit.quiz.locator("fieldset input").first.check()
    rename_table(site, "records", "records_away")
    try:
        visit.quiz.get_by_role("button", name="提交").click()
        expect(visit.quiz.get_by_role("alert")).to_be_visible()
        visit.expect_no_english("section[aria-label='小测验'] .xuefa-actions")
        expect(visit.quiz.locator("fieldset input").first).to_be_checked()
        visit.take_picture("voila-390-not-saved", part=visit.quiz)
    finally:
        rename_table(site, "records_away", "records")
    assert store.read_records(verbs={Verb.ANSWERED}, learner_id="L07") == ()
    visit.quiz.get_by_role("button", name="重试").click()
    visit.expect_saved()
    assert len(store.read_records(verbs={Verb.ANSWERED}, learner_id="L07")) == 1


def test_killed_kernel_loses_no_answer_that_showed_saved(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.page.clock.install()
    visit.open_voila(voila, MODULE_08)
    visit.sign_in("学员08")
    visit.answer()
    visit.next_question()
    kill_kernel(visit.voila_kernel_id)
    visit.quiz.locator("fieldset input").first.check()
    visit.quiz.get_by_role("button", name="提交").click()
    visit.page.clock.fast_forward(15_000)
    expect(visit.quiz.get_by_role("alert")).to_contain_text("还没有确认保存")
    expect(visit.quiz.locator(".xuefa-saved")).to_have_count(0)
    visit.take_picture("voila-390-killed", part=visit.quiz)
    assert len(store.read_records(verbs={Verb.ANSWERED}, learner_id="L08")) == 1
    visit.page.reload()
    visit.sign_in("学员08")
    visit.answer()
    assert len(store.read_records(verbs={Verb.ANSWERED}, learner_id="L08")) == 2


def test_browser_cannot_run_code(voila: Door, open_visit: Callable[..., Visit], tmp_path: Path) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, "index.ipynb")
    expect(visit.page.locator(".xuefa-year")).to_be_visible()
    mark = tmp_path / "run"
    url = f"{voila.url.replace('http', 'ws', 1)}api/kernels/{visit.voila_kernel_id}/channels?session_id=test"
    types = send_execute_request(url, code=f"open({str(mark)!r}, 'w').close()")
    assert "kernel_info_reply" in types
    assert not {"execute_reply", "execute_input"} & set(types)
    assert not mark.exists()
    assert find_kernel_process(visit.voila_kernel_id)


def test_kernel_ends_when_its_page_is_left(voila: Door, open_visit: Callable[..., Visit]) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, "index.ipynb")
    expect(visit.page.locator(".xuefa-year")).to_be_visible()
    kernel_id = visit.voila_kernel_id
    assert find_kernel_process(kernel_id)
    visit.page.goto("about:blank")
    give_up_at = time.monotonic() + 15
    while find_kernel_process(kernel_id) and time.monotonic() < give_up_at:
        time.sleep(0.1)
    assert find_kernel_process(kernel_id) is None


def test_only_pages_are_served(voila: Door) -> None:
    for path in (
        "voila/render/modules.yaml",
        "voila/render/trainer.ipynb",
        "voila/render/..%2fquestion_bank%2fxzss.yaml",
    ):
        status, text = fetch(voila, path)
        assert (path, status) == (path, 404)
        assert "没有这个页面" in text
    for path in ("voila/files/modules.yaml", "voila/tree/", "voila/api/contents/", "api/kernels", "api/contents", "x"):
        assert fetch(voila, path)[0] in {403, 404, 405}, path


def fetch(door: Door, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(door.url + path) as response:  # noqa: S310  our own address
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def rename_table(site: Settings, old: str, new: str) -> None:
    with closing(sqlite3.connect(site.database_url.removeprefix("sqlite:///"))) as connection:
        connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
        connection.commit()


def send_execute_request(url: str, *, code: str) -> list[str]:
    """Ask a kernel to run code, then who it is; the kinds of all messages up to its answer to that."""
    content: dict[str, Any] = {"code": code, "silent": False, "store_history": False, "user_expressions": {}}
    types: list[str] = []
    with connect(url) as connection:
        for kind, body in (("execute_request", content), ("kernel_info_request", {})):
            header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": "", "session": "test", "version": "5.3"}
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": body, "channel": "shell"}
            connection.send(json.dumps(message))
        while "kernel_info_reply" not in types:
            types.append(json.loads(connection.recv(timeout=10))["header"]["msg_type"])
    return types
