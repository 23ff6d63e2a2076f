"""Fixtures of the study pages' tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.home_page import LEARNERS, SESSIONS, HomePage
from tests.study_page import CODE, START, Page, learner, session
from xuefa.records import pins
from xuefa.records.evening import Opening
from xuefa.records.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(pins, "_COST", (2, 1, 1))
    with open_store(f"sqlite:///{tmp_path / 'xuefa.db'}") as store:
        store.write_learners([learner(1), learner(2), learner(3, until=date(2026, 1, 1))])
        store.write_sessions(
            [session("s1", date(2026, 8, 3)), session("s0", date(2026, 8, 2)), session("s9", date(2026, 8, 3))]
        )
        for session_id in ("s1", "s0"):
            store.write_opening(Opening(session_id=session_id, code=CODE, opened_at=START))
        yield store


@pytest.fixture
def page(store: Store) -> Page:
    return Page(store)


@pytest.fixture
def home_page(tmp_path: Path) -> Iterator[HomePage]:
    with open_store(f"sqlite:///{tmp_path / 'xuefa.db'}") as store:
        store.write_learners(LEARNERS)
        store.write_sessions(SESSIONS)
        yield HomePage(store)
