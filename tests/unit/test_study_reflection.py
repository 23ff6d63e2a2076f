"""The Python side of the 心得体会 card: recorded once, whatever goes wrong."""

from __future__ import annotations

import pytest

from tests.study_page import Page, fail_to_append
from xuefa.records.record import Verb
from xuefa.records.store import Store
from xuefa.study.written_text import MAX_CHARACTERS


def test_reflection_is_recorded_once_and_shown_with_its_time(page: Page, store: Store) -> None:
    box = page.lesson.reflection()
    assert box.view["learner"] is None
    page.sign_in()
    for _ in range(2):
        view = page.send(box, {"do": "hand_in", "kind": "reflected", "text": "  先有证据，\r\n后有决定。\0 "})
    (one,) = view["writings"]
    assert (one["text"], one["at"]) == ("先有证据，\n后有决定。", "2026年08月03日 19:30")
    assert (one["kind"], one["stage"]) == ("reflected", "handed_in")
    (record,) = store.read_records(verbs={Verb.REFLECTED})
    assert (record.text, record.module, record.session_id) == ("先有证据，\n后有决定。", 8, "s1")


def test_reflection_handed_in_before_is_shown_in_a_new_kernel(page: Page, store: Store) -> None:
    page.sign_in()
    page.send(page.lesson.reflection(), {"do": "hand_in", "kind": "reflected", "text": "第一篇"})
    later = Page(store)
    box = later.lesson.reflection()
    later.sign_in("L2")
    assert box.view["writings"] == []
    later.sign_in("L1")
    assert [one["text"] for one in box.view["writings"]] == ["第一篇"]


@pytest.mark.parametrize("text", ["", " \n", "字" * (MAX_CHARACTERS + 1), "\ud800", None, ["x"]])
def test_reflection_without_usable_text_is_refused(page: Page, store: Store, text: object) -> None:
    page.sign_in()
    view = page.send(page.lesson.reflection(), {"do": "hand_in", "kind": "reflected", "text": text})
    assert "没有接受" in view["problem"]
    assert store.read_records(verbs={Verb.REFLECTED}) == ()


def test_reflection_before_sign_in_is_refused(page: Page, store: Store) -> None:
    assert (
        "没有接受"
        in page.send(page.lesson.reflection(), {"do": "hand_in", "kind": "reflected", "text": "一篇"})["problem"]
    )
    assert store.read_records() == ()


@pytest.mark.parametrize("after_writing", [False, True])
def test_failed_hand_in_can_be_tried_again_and_counts_once(
    page: Page, store: Store, monkeypatch: pytest.MonkeyPatch, *, after_writing: bool
) -> None:
    page.sign_in()
    box = page.lesson.reflection()
    fail_to_append(monkeypatch, after_writing=after_writing)
    assert "磁盘满了" in page.send(box, {"do": "hand_in", "kind": "reflected", "text": "一篇"})["problem"]
    assert len(page.send(box, {"do": "hand_in", "kind": "reflected", "text": "一篇"})["writings"]) == 1
    assert len(store.read_records(verbs={Verb.REFLECTED})) == 1
