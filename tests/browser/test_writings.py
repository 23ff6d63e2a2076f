"""心得体会 in the browser: a Word file comes in, the trainer returns it, its writer mends it on the text of before."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from docx import Document
from playwright.sync_api import expect

from tests.browser.visit import MODULE_08, Visit
from xuefa.doors import Door
from xuefa.records.record import Verb
from xuefa.records.store import Store
from xuefa.records.writings import append_decision, read_writings
from xuefa.study.written_text import MAX_CHARACTERS

pytestmark = pytest.mark.browser


def make_docx(text: str) -> bytes:
    document = Document()
    document.add_paragraph(text)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def test_word_file_is_handed_in_returned_and_mended_on_the_text_of_before(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, MODULE_08)
    visit.sign_in("学员20")
    box = visit.card("心得体会")
    box.get_by_role("radio", name="研讨材料").check()
    chosen = box.locator("input[type=file]")
    chosen.set_input_files({"name": "图.docx", "mimeType": "application/octet-stream", "buffer": b"%PDF-1.7"})
    expect(box.get_by_role("alert")).to_contain_text("不是合格的 .docx 文件")
    expect(box.get_by_role("alert")).to_contain_text("另存为")
    visit.take_picture("writing-390-refused", part=box)
    chosen.set_input_files(
        {"name": "研讨.docx", "mimeType": "application/octet-stream", "buffer": make_docx("乡镇怎样举证\u00a0。")}
    )
    expect(box.get_by_role("textbox")).to_have_value("乡镇怎样举证。")
    box.get_by_role("button", name="提交").click()
    expect(box.get_by_text("已交，已保存")).to_be_visible()
    (record,) = store.read_records(verbs={Verb.PRESENTED}, learner_id="L20")
    assert record.text == "乡镇怎样举证。"
    append_decision(
        store,
        record_id=record.record_id,
        decision="return",
        reason="请写明期限",
        now=datetime.now(UTC),
        random_bits=20,
    )

    visit.page.reload()
    expect(box.get_by_text("培训人员的意见：请写明期限")).to_be_visible()
    visit.expect_sound_layout()
    visit.take_picture("writing-390-returned", part=box)
    box.get_by_role("button", name="在原文上改").click()
    expect(box.get_by_role("radio", name="研讨材料")).to_be_checked()
    expect(box.get_by_role("textbox")).to_have_value("乡镇怎样举证。")
    box.get_by_role("textbox").press_sequentially("十五日内提交。", delay=20)
    expect(box.get_by_text("草稿已存")).to_be_visible()
    expect(box.get_by_role("textbox")).to_be_focused()
    box.get_by_role("button", name="提交").click()
    expect(box.get_by_text("已交，已保存")).to_be_visible()
    assert [one.stage for one in read_writings(store, learner_id="L20")] == ["returned", "handed_in"]
    visit.expect_no_english("section[aria-label='心得体会'] article")


def test_a_text_too_long_is_not_cut_and_of_two_drafts_one_sees_both_before_choosing(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, MODULE_08)
    visit.sign_in("学员38")
    box = visit.card("心得体会")
    text = box.get_by_role("textbox")
    text.fill("字" * (MAX_CHARACTERS + 3))
    expect(box.get_by_role("alert")).to_contain_text("现在多出 3 字")
    expect(box.get_by_role("button", name="提交", exact=True)).to_be_disabled()
    assert len(text.input_value()) == MAX_CHARACTERS + 3
    visit.take_picture("writing-390-too-long", part=box)
    text.fill("写在第一个页面")
    expect(box.get_by_role("alert")).to_have_count(0)
    expect(box.get_by_text("草稿已存")).to_be_visible()
    draft = store.read_draft("L38", "reflected:8")
    assert draft is not None
    assert draft.text == "写在第一个页面"
    store.write_draft(replace(draft, text="写在第二个页面"), based_on=draft.revision)
    text.fill("第一个页面又改")
    expect(box.get_by_role("alert")).to_contain_text("没有互相覆盖")
    box.get_by_text("看另一个页面里的（7 字）").click()
    expect(box.get_by_text("写在第二个页面")).to_be_visible()
    visit.expect_sound_layout()
    visit.take_picture("writing-390-two-drafts", part=box)
    box.get_by_role("button", name="用另一个页面里的").click()
    expect(text).to_have_value("写在第二个页面")
