"""A lesson in one kernel and what a browser sends to it: what the tests of the study widgets share."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from xuefa.bank.reader import read_bank
from xuefa.errors import Finding, RecordsError
from xuefa.laws.statutes import PackagedStatutes, Statutes
from xuefa.records.record import Learner, Record, Session, SessionKind
from xuefa.records.store import Store
from xuefa.study.lesson import Lesson
from xuefa.study.manifest import read_manifest
from xuefa.study.presence import Presence
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.base import StudyWidget

PROJECT = Path(__file__).parent / "fixtures" / "study" / "project"
START = datetime(2026, 8, 3, 11, 30, tzinfo=UTC)
PIN, CODE = "2580", "036912"
KEYS = {"xzss-0001": "C", "xzss-0002": "ACD", "xzss-0003": "T", "xzss-0004.1": "B", "xzss-0004.2": "F"}


def learner(number: int, *, until: date | None = None) -> Learner:
    return Learner(
        learner_id=f"L{number}", name=f"学员0{number}", unit="党政办", post="干部", since=date(2020, 1, 1), until=until
    )


def session(session_id: str, day: date) -> Session:
    return Session(
        session_id=session_id, held_on=day, kind=SessionKind.EVENING, title="学诉讼法", minutes=60, host="学员01"
    )


class Page:
    """A lesson in one kernel, its clock, and what a browser sends to it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = START
        self.presence = Presence()
        bank = read_bank(PROJECT / "question_bank")
        self.lesson = Lesson(
            module=read_manifest(PROJECT / "notebooks" / "modules.yaml", catalogue=bank.catalogue)[8],
            notebooks_dir=PROJECT / "notebooks",
            bank=bank,
            statutes=Statutes((PackagedStatutes.installed(),)),
            writer=RecordWriter(
                store=store,
                presence=self.presence,
                module=8,
                clock=lambda: self.now,
                rng=random.Random(7),  # noqa: S311  the same draw each time
                time_zone=ZoneInfo("Asia/Shanghai"),
            ),
        )

    def send(self, widget: StudyWidget, content: object) -> dict[str, Any]:
        widget._handle_custom_msg(content, [])
        return dict(widget.view)

    def sign_in(self, learner_id: str = "L1", session_id: str | None = "s1") -> dict[str, Any]:
        return self.send(self.lesson.sign_in(), make_sign_in(learner=learner_id, session=session_id))

    def answer(self, quiz: StudyWidget, number: int, picked: str, **other: object) -> dict[str, Any]:
        request = {
            "do": "answer",
            "question": number,
            "response": list(picked),
            "seconds": 3,
            "answer": f"a-{number:08d}",
        }
        return self.send(quiz, request | other)


def make_sign_in(**other: object) -> dict[str, object]:
    """The message of the sign-in card."""
    return {"do": "sign_in", "learner": "L1", "session": "s1", "pin": PIN, "again": PIN, "code": CODE} | other


def fail_to_append(monkeypatch: pytest.MonkeyPatch, *, after_writing: bool) -> None:
    """Let the store's next append fail: before anything is written, or after the write but before it is told."""
    append = Store.append_records

    def broken(self: Store, records: Iterable[Record]) -> int:
        monkeypatch.setattr(Store, "append_records", append)
        if after_writing:
            append(self, records)
        raise RecordsError(Finding("记录数据库", "磁盘满了", "请腾出空间"))

    monkeypatch.setattr(Store, "append_records", broken)
