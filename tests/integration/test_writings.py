"""心得体会 and 研讨材料 on a real database: drafts, handing in, returning, accepting, and what the report counts."""

from __future__ import annotations

import base64
import io
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from docx import Document

from xuefa.errors import BadInputError
from xuefa.laws.catalogue import read_catalogue
from xuefa.records.record import Learner, Verb
from xuefa.records.store import Store, open_store
from xuefa.records.writings import append_decision, read_writings
from xuefa.report.frames import build_frames
from xuefa.settings import Settings
from xuefa.study.presence import Presence
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.reflection import ReflectionWidget
from xuefa.study.written_text import MAX_CHARACTERS, MAX_FILE_BYTES, clean_text, read_docx_text
from xuefa.workbench.desk import Desk
from xuefa.workbench.writings import list_writings, open_writings_tab, render_writing
from xuefa.workflows.writings import read_site_writings

NOON = datetime(2026, 8, 3, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Desktop:
    """One page with the place to write, in a kernel of its own."""

    def __init__(self, store: Store, learner_id: str = "L1") -> None:
        self.now = NOON
        self.sent: list[Any] = []
        self.presence = Presence()
        self.writer = RecordWriter(
            store=store,
            presence=self.presence,
            module=8,
            clock=lambda: self.now,
            rng=random.SystemRandom(),
            time_zone=SHANGHAI,
        )
        self.box = ReflectionWidget(writer=self.writer)
        self.box.send = lambda content, _buffers=None: self.sent.append(content)
        self.presence.enter(person(learner_id), None)

    def ask(self, **request: object) -> dict[str, Any]:
        self.now += timedelta(seconds=1)
        self.box._handle_custom_msg({"id": "x", **request}, [])
        return dict(self.box.view)

    def hand_in(self, text: str, kind: str = "reflected") -> dict[str, Any]:
        return self.ask(do="hand_in", kind=kind, text=text)

    def keep(self, text: str, *, based_on: int, kind: str = "reflected") -> dict[str, Any]:
        return self.ask(do="draft", kind=kind, text=text, based_on=based_on)


def person(learner_id: str) -> Learner:
    return Learner(learner_id=learner_id, name=f"学员{learner_id}", unit="党政办", post="干部", since=date(2020, 1, 1))


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings.database_url) as store:
        store.write_learners([person("L1"), person("L2")])
        yield store


def decide(store: Store, record_id: UUID, decision: Any, reason: str = "", *, minutes: int = 10) -> None:
    append_decision(
        store,
        record_id=record_id,
        decision=decision,
        reason=reason,
        now=NOON + timedelta(minutes=minutes),
        random_bits=minutes,
    )


def count_writings(store: Store, project_dir: Path) -> int:
    """How many texts the report counts; what takes one back is no event of the year either."""
    columns = store.read_columns(since=NOON - timedelta(days=300), until=NOON + timedelta(days=300))
    assert not {"returned", "voided"} & set(columns.events.verb.values)
    frames = build_frames(
        records=columns,
        learners=store.read_learners(),
        sessions=(),
        exam_results=(),
        catalogue=read_catalogue(project_dir / "question_bank" / "laws.yaml"),
        year=2026,
        time_zone=SHANGHAI,
    )
    return len(frames.writings[~frames.writings["is_replaced"]])


def test_draft_survives_its_page_and_is_seen_by_its_writer_alone(store: Store) -> None:
    view = Desktop(store).keep("写到一半", based_on=0)
    assert view["drafts"]["reflected"]["revision"] == 1
    assert Desktop(store).box.view["drafts"]["reflected"]["text"] == "写到一半"
    assert Desktop(store, "L2").box.view["drafts"] == {}
    assert store.read_records() == ()


def test_page_names_nobody_elses_draft_or_text_whatever_it_sends(store: Store) -> None:
    Desktop(store).keep("只给自己看", based_on=0)
    Desktop(store).hand_in("第一学员的心得")
    forger = Desktop(store, "L2")
    for request in (
        {"do": "draft", "kind": "reflected", "text": "改", "based_on": 1, "learner": "L1", "learner_id": "L1"},
        {"do": "hand_in", "kind": "reflected", "text": "冒名", "learner": "L1", "learner_id": "L1"},
        {"do": "read", "learner": "L1"},
        {"do": "hand_in", "kind": "signed_in", "text": "签到"},
    ):
        view = forger.ask(**request)
        assert "第一学员" not in str(view)
        assert "只给自己看" not in str(view)
    assert [(one.record.learner_id, one.record.text) for one in read_writings(store)] == [
        ("L1", "第一学员的心得"),
        ("L2", "冒名"),
    ]
    assert store.read_records(verbs={Verb.SIGNED_IN}) == ()


def test_two_pages_do_not_write_over_each_others_draft(store: Store) -> None:
    one, other = Desktop(store), Desktop(store)
    one.keep("手机上写的", based_on=0)
    view = other.keep("电脑上写的", based_on=0)
    assert view["newer"]["reflected"]["text"] == "手机上写的"
    view = other.keep("电脑上写的", based_on=view["newer"]["reflected"]["revision"])
    assert view["newer"] == {}
    draft = store.read_draft("L1", "reflected:8")
    assert draft is not None
    assert draft.text == "电脑上写的"


def test_handing_in_removes_the_draft_and_keeps_kinds_apart(store: Store) -> None:
    page = Desktop(store)
    page.keep("心得草稿", based_on=0)
    page.keep("研讨草稿", based_on=0, kind="presented")
    view = page.hand_in("研讨稿", kind="presented")
    assert list(view["drafts"]) == ["reflected"]
    assert [(one["kind"], one["text"]) for one in view["writings"]] == [("presented", "研讨稿")]
    (record,) = store.read_records(verbs={Verb.PRESENTED})
    assert (record.learner_id, record.module, record.text) == ("L1", 8, "研讨稿")


def test_returned_text_counts_nowhere_until_it_is_handed_in_again(store: Store, project_dir: Path) -> None:
    page = Desktop(store)
    page.hand_in("太短")
    (writing,) = read_writings(store)
    assert count_writings(store, project_dir) == 1
    decide(store, writing.record.record_id, "return", "请写清自己手头的事")
    assert count_writings(store, project_dir) == 0
    again = Desktop(store)
    (shown,) = again.box.view["writings"]
    assert (shown["stage"], shown["reason"], shown["text"]) == ("returned", "请写清自己手头的事", "太短")
    again.now += timedelta(minutes=30)
    again.hand_in("太短")  # even the same words, handed in again, are a text of their own
    assert count_writings(store, project_dir) == 1
    assert [one.stage for one in read_writings(store)] == ["returned", "handed_in"]


def test_accepted_text_counts_once_and_tells_its_writer(store: Store, project_dir: Path) -> None:
    Desktop(store).hand_in("一篇好心得")
    (writing,) = read_writings(store)
    decide(store, writing.record.record_id, "accept")
    assert Desktop(store).box.view["writings"][0]["stage"] == "accepted"
    assert count_writings(store, project_dir) == 1
    decide(store, writing.record.record_id, "return", "收错了", minutes=20)
    assert count_writings(store, project_dir) == 0


@pytest.mark.parametrize(("decision", "reason"), [("return", " "), ("return", "长" * 501)])
def test_return_without_a_fit_reason_is_refused_and_changes_nothing(store: Store, decision: str, reason: str) -> None:
    Desktop(store).hand_in("一篇")
    (writing,) = read_writings(store)
    with pytest.raises(BadInputError, match="原因"):
        decide(store, writing.record.record_id, decision, reason)
    assert [one.stage for one in read_writings(store)] == ["handed_in"]


def test_decision_on_what_is_decided_or_not_there_is_refused(store: Store) -> None:
    Desktop(store).hand_in("一篇")
    (writing,) = read_writings(store)
    decide(store, writing.record.record_id, "return", "重写")
    with pytest.raises(BadInputError, match="处理过"):
        decide(store, writing.record.record_id, "accept")
    with pytest.raises(BadInputError, match="找不到"):
        decide(store, UUID(int=1), "accept")


def test_trainer_reads_returns_and_accepts_on_the_tab(settings: Settings, store: Store) -> None:
    Desktop(store).hand_in("第一篇 <b>心得</b>")
    Desktop(store, "L2").hand_in("第二篇")
    desk = Desk(settings, start=lambda work: work())
    tab = open_writings_tab(desk)
    desk.refresh()
    _, wanted, chosen, shown, reason, deciding = tab.children
    buttons, result = deciding.children[0], deciding.children[-1]
    accept, send_back = (one for one in buttons.children if one.description != "停止")
    assert len(chosen.options) == 2
    first = next(value for words, value in chosen.options if "学员L1" in words)
    chosen.value = first
    assert "第一篇 &lt;b&gt;心得&lt;/b&gt;" in shown.value
    send_back.click()
    assert "没有写原因" in result.value
    reason.value = "请写具体"
    send_back.click()
    assert "已退回" in result.value
    assert len(chosen.options) == 1
    accept.click()
    assert "已收下" in result.value
    assert "已退回" not in result.value
    wanted.value = "returned"
    assert "请写具体" in shown.value
    assert {one.stage for one in read_writings(store)} == {"returned", "accepted"}


def test_list_names_who_wrote_what_and_text_of_a_stranger_still_shows(settings: Settings, store: Store) -> None:
    Desktop(store).hand_in("一篇")
    writings, learners = read_site_writings(settings)
    ((words, _value),) = list_writings(writings, learners, stage="")
    assert "学员L1　心得体会　第 08 课　待看" in words
    assert "学员L1（党政办）　心得体会　第 08 课　2 字" in render_writing(writings[0], learners)
    assert "L1　心得体会" in render_writing(writings[0], {})


@pytest.mark.parametrize(
    ("pasted", "clean"),
    [
        ("一、认识\r\n\r\n\r\n\r\n二、打算", "一、认识\n\n二、打算"),
        ("　　首行缩进\x0b软回车\u00a0", "首行缩进\n软回车"),
        ("行政\u00a0诉讼 法", "行政诉讼法"),
        ("学习 Word 2019  版", "学习 Word 2019 版"),
        ("零\u200b宽\ufeff和\u00ad软连字符", "零宽和软连字符"),
        ("\uf0b7 一条", "· 一条"),
        ("响铃\x07和\x1b控制符", "响铃和控制符"),
        ("生僻字𬣙不丢，“引号”也不丢。", "生僻字𬣙不丢，“引号”也不丢。"),
    ],
)
def test_text_pasted_from_word_comes_in_clean(pasted: str, clean: str) -> None:
    assert clean_text(pasted) == clean
    assert clean_text(clean) == clean


def test_clock_behind_the_records_is_told_with_what_to_do(store: Store) -> None:
    page = Desktop(store)
    assert page.writer.check_clock() == ""
    page.hand_in("一篇")
    page.now -= timedelta(minutes=9)
    assert page.writer.check_clock() == ""
    page.now = datetime(2020, 1, 1, tzinfo=UTC)
    told = page.writer.check_clock()
    assert "2020年01月01日 08:00" in told
    assert "2026年08月03日 12:00" in told
    assert "请告诉培训人员" in told
    page.hand_in("时间不对的时候写的")
    assert len(read_writings(store)) == 2


def make_docx(*paragraphs: str) -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "问题", "打算"
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def make_zip(entries: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries.items():
            package.writestr(name, data)
    return content.getvalue()


def test_attached_docx_gives_its_paragraphs_and_tables(store: Store) -> None:
    content = make_docx("第一段", "第二段\u00a0 ")
    assert read_docx_text(content) == "第一段\n第二段\n问题　打算"
    page = Desktop(store)
    page.ask(do="attach", content=base64.b64encode(content).decode())
    assert {"attached": "第一段\n第二段\n问题　打算"} in page.sent
    assert store.read_records() == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "老格式的 .doc，或者加了密码"),
        (b"%PDF-1.7", "不是合格的 .docx"),
        (b"", "不是合格的 .docx"),
        (make_docx("好")[:900], "不是合格的 .docx"),
        (make_zip({"a.txt": b"x"}), "不是合格的 .docx"),
        (make_zip({"word/document.xml": b"<w"}), "不是合格的 .docx"),
        (make_zip({"word/document.xml": b"0" * 70_000_000}), "解开后太大"),
        (make_zip({f"{number}": b"" for number in range(3100)}), "解开后太大"),
        (b"x" * (MAX_FILE_BYTES + 1), "文件超过 5 MB"),
        (make_docx("长" * (MAX_CHARACTERS + 1)), "超过 20000"),
    ],
    ids=["old_doc", "pdf", "empty", "cut_off", "other_zip", "broken_xml", "zip_bomb", "many_entries", "large", "long"],
)
def test_file_that_is_no_fit_docx_is_refused_in_chinese_with_the_way_out(
    store: Store, content: bytes, said: str
) -> None:
    with pytest.raises(BadInputError, match="请") as caught:
        read_docx_text(content)
    assert said in str(caught.value)
    page = Desktop(store)
    view = page.ask(do="attach", content=base64.b64encode(content).decode())
    assert view["problem"]
    assert not any("attached" in one for one in page.sent)


def test_attachment_that_names_entities_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("不许读", encoding="utf-8")
    with zipfile.ZipFile(io.BytesIO(make_docx("好"))) as package:
        entries = {name: package.read(name) for name in package.namelist()}
    head = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'.encode()
    body = entries["word/document.xml"].partition(b"?>")[2]
    entries["word/document.xml"] = head + body.replace("好".encode(), b"&s;")
    try:
        text = read_docx_text(make_zip(entries))
    except BadInputError:
        return
    assert "不许读" not in text
