"""Plain values to put into records databases, and the URL of a file."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from xuefa.records.record import Learner, Record, Session, SessionKind, Verb, make_record_id

POSTGRES_URL = os.environ.get("XUEFA_TEST_POSTGRES_URL", "")
START = datetime(2022, 3, 1, 11, 30, tzinfo=UTC)


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def make_record(number: int, **changes: Any) -> Record:
    """The `number`-th record: an answer, `number` minutes after the start."""
    occurred_at = START + timedelta(minutes=number)
    values: dict[str, Any] = {
        "record_id": make_record_id(occurred_at, abs(number)),
        "verb": Verb.ANSWERED,
        "occurred_at": occurred_at,
        "source": "test",
        "learner_id": "学员01",
        "item_id": "xzss-0017",
        "points": 1.0,
        "max_points": 2.0,
    }
    return Record(**(values | changes))


def make_learner(learner_id: str, **changes: Any) -> Learner:
    values: dict[str, Any] = {"name": "张三", "unit": "党政办", "post": "主任", "since": date(2022, 1, 1)}
    return Learner(learner_id=learner_id, **(values | changes))


def make_session(session_id: str, **changes: Any) -> Session:
    values: dict[str, Any] = {
        "held_on": date(2022, 3, 1),
        "kind": SessionKind.EVENING,
        "title": "学习行政诉讼法",
        "minutes": 60,
        "host": "李四",
        "laws": ("xzss", "fyzz"),
    }
    return Session(session_id=session_id, **(values | changes))
