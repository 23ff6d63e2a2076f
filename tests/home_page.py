"""首页 in one kernel and what a browser gets from it: what the tests of the home page share."""

from __future__ import annotations

import io
import random
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from docx import Document

from xuefa.bank.reader import read_bank
from xuefa.laws.statutes import PackagedStatutes, Statutes
from xuefa.records.record import ExamResult, Learner, Record, Session, SessionKind, Verb
from xuefa.records.store import Store
from xuefa.study.home import Home, HomeSources
from xuefa.study.manifest import read_manifest
from xuefa.study.my_year import Curriculum, ExamNotice, StudyTargets
from xuefa.study.presence import Presence
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.base import StudyWidget

PROJECT = Path(__file__).parent / "fixtures" / "study" / "project"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 8, 20, 11, 30, tzinfo=UTC)
BANK = read_bank(PROJECT / "question_bank")
TARGETS = StudyTargets(minutes_per_study_hour=45, attendance=80, accuracy=80)
LEARNERS = tuple(
    Learner(learner_id=f"L{number}", name=f"学员0{number}", unit="党政办", post="干部", since=date(2020, 1, 1))
    for number in (1, 2)
)


def session(number: int, day: date, **fields: Any) -> Session:
    held = Session(
        session_id=f"s{number}",
        held_on=day,
        kind=SessionKind.EVENING,
        title=f"第{number}次夜学",
        minutes=60,
        host="学员01",
        expected=frozenset({"L1", "L2"}),
    )
    return replace(held, **fields)


SESSIONS = (
    session(1, date(2026, 8, 3)),
    session(2, date(2026, 8, 10), minutes=50),
    session(3, date(2026, 8, 17)),
    session(4, date(2026, 8, 30)),
    session(5, date(2025, 12, 1)),
    session(6, date(2026, 8, 5), expected=frozenset({"L2"}), minutes=30),
)


def record(number: int, verb: Verb, *, day: date = date(2026, 8, 19), **fields: Any) -> Record:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    made = Record(record_id=UUID(int=number), verb=verb, occurred_at=at, source="notebook", learner_id="L1")
    return replace(made, **fields)


def answer(number: int, question_id: str, *, right: bool, day: date = date(2026, 8, 19), **fields: Any) -> Record:
    question = BANK.question(question_id)
    return record(
        number,
        Verb.ANSWERED,
        day=day,
        module=8,
        item_id=question_id,
        item_version=question.item.version,
        points=float(right),
        max_points=1.0,
        response=question.key if right else next(one for one in question.options if one != question.key),
        **fields,
    )


class HomePage:
    """The home page in one kernel, its clock, and what a browser gets from it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        self.presence = Presence()
        self.exams: tuple[ExamNotice, ...] = ()
        self.results: tuple[ExamResult, ...] = ()
        self.home = Home(
            curriculum=Curriculum(
                catalogue=BANK.catalogue,
                manifest=read_manifest(PROJECT / "notebooks" / "modules.yaml", catalogue=BANK.catalogue),
                targets=TARGETS,
            ),
            writer=RecordWriter(
                store=store,
                presence=self.presence,
                module=None,
                clock=lambda: self.now,
                rng=random.Random(7),  # noqa: S311  the same draw each time
                time_zone=SHANGHAI,
            ),
            sources=HomeSources(
                read_bank=lambda: BANK,
                open_statutes=lambda: Statutes((PackagedStatutes.installed(),)),
                read_exams=lambda learner_id: self.exams if learner_id == "L1" else (),
                read_results=lambda learner_id: self.results if learner_id == "L1" else (),
            ),
        )

    def enter(self, number: int = 1) -> None:
        self.presence.enter(LEARNERS[number - 1], None)

    def send(self, widget: StudyWidget, **content: Any) -> dict[str, Any]:
        widget._handle_custom_msg(content, [])
        return dict(widget.view)

    def download(self, widget: StudyWidget, monkeypatch: pytest.MonkeyPatch, **content: Any) -> tuple[str, bytes]:
        """Ask for a file and take what is sent to the browser."""
        sent: list[tuple[str, bytes]] = []

        def send(message: dict[str, Any]) -> None:
            if "file" in message:
                sent.append((message["file"], b64decode(message["base64"])))

        monkeypatch.setattr(widget, "send", send)
        self.send(widget, **content)
        return sent[0]


def texts(content: bytes) -> str:
    """Every paragraph and cell of a .docx, line by line."""
    document = Document(io.BytesIO(content))
    lines = [paragraph.text for paragraph in document.paragraphs]
    lines += ["　".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    return "\n".join(lines)
