"""PINs, openings and drafts are kept, replaced and removed, on SQLite and on PostgreSQL, and never merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.records_values import START, make_learner, make_record, make_session, sqlite_url
from xuefa.errors import BadInputError
from xuefa.records.evening import Draft, Opening, Pin, StaleDraftError
from xuefa.records.merge import merge_records
from xuefa.records.store import Store, open_store

pytest_plugins = ["tests.integration.records_databases"]

DRAFT = Draft(learner_id="学员01", key="reflection:5", text="初稿", saved_at=START)
PIN = Pin(learner_id="学员01", hash="scrypt$1$salt$hash", set_at=START)
OPENING = Opening(session_id="s1", code="012345", opened_at=START)


@pytest.fixture
def evening(store: Store) -> Store:
    store.write_learners([make_learner("学员01"), make_learner("学员02")])
    store.write_sessions([make_session("s1", expected=frozenset({"学员01"})), make_session("s2")])
    return store


def test_a_pin_comes_back_is_replaced_and_is_forgotten(evening: Store) -> None:
    assert evening.read_pin("学员01") is None
    evening.write_pin(PIN)
    changed = replace(PIN, wrong_tries=5, locked_until=START + timedelta(microseconds=1))
    evening.write_pin(changed)
    assert evening.read_pin("学员01") == changed
    assert evening.read_pin_holders() == {"学员01": PIN.set_at}
    assert evening.remove_pin("学员01")
    assert not evening.remove_pin("学员01")
    assert (evening.read_pin("学员01"), evening.read_pin_holders()) == (None, {})


def test_openings_come_back_in_the_order_of_opening(evening: Store) -> None:
    later = Opening(session_id="s2", code="000000", opened_at=START + timedelta(minutes=1))
    evening.write_opening(later)
    evening.write_opening(OPENING)
    evening.write_opening(replace(later, closed_at=START + timedelta(hours=1)))
    assert evening.read_openings() == (OPENING, replace(later, closed_at=START + timedelta(hours=1)))


def test_a_draft_counts_its_revisions(evening: Store) -> None:
    assert evening.read_draft("学员01", "reflection:5") is None
    first = evening.write_draft(DRAFT, based_on=0)
    second = evening.write_draft(replace(DRAFT, text="第二稿"), based_on=1)
    assert (first, second) == (replace(DRAFT, revision=1), replace(DRAFT, text="第二稿", revision=2))
    assert evening.read_draft("学员01", "reflection:5") == second
    assert evening.read_draft("学员02", "reflection:5") is None
    assert evening.read_draft("学员01", "reflection:6") is None


def test_an_older_page_never_overwrites_a_newer_text(evening: Store) -> None:
    evening.write_draft(DRAFT, based_on=0)
    newer = evening.write_draft(replace(DRAFT, text="手机上写的"), based_on=1)
    for based_on in (0, 1):
        with pytest.raises(StaleDraftError, match="另一个页面里改过") as caught:
            evening.write_draft(replace(DRAFT, text="旧页面写的"), based_on=based_on)
        assert caught.value.newer == newer
    assert evening.read_draft("学员01", "reflection:5") == newer


def test_a_draft_removed_meanwhile_is_not_brought_back_by_an_older_page(evening: Store) -> None:
    evening.write_draft(DRAFT, based_on=0)
    evening.remove_draft("学员01", "reflection:5")
    with pytest.raises(StaleDraftError) as caught:
        evening.write_draft(replace(DRAFT, text="旧页面写的"), based_on=1)
    assert caught.value.newer is None
    assert evening.read_draft("学员01", "reflection:5") is None


def test_the_same_text_sent_twice_is_kept_once(evening: Store) -> None:
    first = evening.write_draft(DRAFT, based_on=0)
    assert evening.write_draft(DRAFT, based_on=0) == first


def test_a_draft_that_no_database_keeps_is_refused(evening: Store) -> None:
    with pytest.raises(BadInputError, match="不能保存的字符"):
        evening.write_draft(replace(DRAFT, text="心得\0体会"), based_on=0)
    assert evening.read_draft("学员01", "reflection:5") is None


def test_a_session_without_records_is_removed_with_its_opening(evening: Store) -> None:
    evening.write_opening(OPENING)
    evening.remove_session("s1")
    assert [session.session_id for session in evening.read_sessions()] == ["s2"]
    assert evening.read_openings() == ()


def test_a_session_that_a_record_names_is_not_removed(evening: Store) -> None:
    evening.append_records([make_record(1, session_id="s1")])
    with pytest.raises(BadInputError, match="不能删去"):
        evening.remove_session("s1")
    assert len(evening.read_sessions()) == 2


def test_pins_openings_and_drafts_stay_on_their_machine(evening: Store, tmp_path: Path) -> None:
    evening.write_pin(PIN)
    with open_store(sqlite_url(tmp_path / "other.db")) as other:
        other.write_learners([make_learner("学员01"), make_learner("学员02")])
        other.write_sessions([make_session("s3")])
        other.write_pin(replace(PIN, learner_id="学员02"))
        other.write_draft(DRAFT, based_on=0)
        other.write_opening(replace(OPENING, session_id="s3"))
    assert merge_records(evening, tmp_path / "other.db").sessions_added == 1
    assert evening.read_pin_holders() == {"学员01": PIN.set_at}
    assert (evening.read_openings(), evening.read_draft("学员01", "reflection:5")) == ((), None)
