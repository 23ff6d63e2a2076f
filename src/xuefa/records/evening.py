"""What an evening keeps and changes in place: PINs, opened sessions, drafts; never merged, exported or reported."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, delete, select

from xuefa.errors import BadInputError, Finding
from xuefa.records import tables
from xuefa.records.conflicts import is_storable
from xuefa.records.rows import upsert_rows


@dataclass(frozen=True, kw_only=True)
class Pin:
    """The PIN of a learner; `hash` tells the method, its cost, the salt and the hash, never the PIN itself.

    `wrong_tries` counts since the last right one; until `locked_until` (aware) no try is looked at.
    """

    learner_id: str
    hash: str = field(repr=False)
    set_at: datetime
    wrong_tries: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A session opened for signing in: its six-digit code, from when to when (None: still open; aware times)."""

    session_id: str
    code: str
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a learner has written and not handed in; `key` says of what (`reflection:5`).

    `revision` counts the writings: 0 for one that is not kept yet, 1 for the first kept.
    """

    learner_id: str
    key: str
    text: str
    saved_at: datetime
    revision: int = 0


class StaleDraftError(BadInputError):
    """A newer text of the draft is kept already; `newer` is that one, None if it was removed."""

    def __init__(self, newer: Draft | None) -> None:
        self.newer = newer
        super().__init__(
            Finding("草稿", "这份草稿在另一个页面里改过，这里的是旧的，没有覆盖", "请先看新的那份，再决定留哪一份")
        )


def read_pin(connection: Connection, learner_id: str) -> Pin | None:
    """See `Store.read_pin`."""
    row = connection.execute(select(tables.pins).where(tables.pins.c.learner_id == learner_id)).one_or_none()
    return Pin(**row._asdict()) if row else None


def read_pin_holders(connection: Connection) -> dict[str, datetime]:
    """See `Store.read_pin_holders`."""
    pins = tables.pins
    return {row.learner_id: row.set_at for row in connection.execute(select(pins.c.learner_id, pins.c.set_at))}


def write_pin(connection: Connection, pin: Pin) -> None:
    """See `Store.write_pin`."""
    upsert_rows(connection, tables.pins, [vars(pin)])


def remove_pin(connection: Connection, learner_id: str) -> bool:
    """See `Store.remove_pin`."""
    return connection.execute(delete(tables.pins).where(tables.pins.c.learner_id == learner_id)).rowcount > 0


def read_openings(connection: Connection) -> tuple[Opening, ...]:
    """See `Store.read_openings`."""
    openings = (Opening(**row._asdict()) for row in connection.execute(select(tables.openings)))
    return tuple(sorted(openings, key=lambda opening: (opening.opened_at, opening.session_id)))


def write_opening(connection: Connection, opening: Opening) -> None:
    """See `Store.write_opening`."""
    upsert_rows(connection, tables.openings, [vars(opening)])


def read_draft(connection: Connection, learner_id: str, key: str) -> Draft | None:
    """See `Store.read_draft`."""
    drafts = tables.drafts
    query = select(drafts).where(drafts.c.learner_id == learner_id, drafts.c.key == key)
    row = connection.execute(query).one_or_none()
    return Draft(**row._asdict()) if row else None


def write_draft(connection: Connection, draft: Draft, *, based_on: int) -> Draft:
    """See `Store.write_draft`."""
    if not is_storable(draft.text):
        raise BadInputError(Finding("草稿", "含有不能保存的字符（空字符或残缺的字符）", "请删去看不见的字符后再试"))
    kept = read_draft(connection, draft.learner_id, draft.key)
    if (kept.revision if kept else 0) != based_on:
        if kept is not None and kept.text == draft.text:
            return kept  # sent twice: the answer to the first was lost on the way
        raise StaleDraftError(kept)
    written = replace(draft, revision=based_on + 1)
    upsert_rows(connection, tables.drafts, [vars(written)])
    return written


def remove_draft(connection: Connection, learner_id: str, key: str) -> None:
    """See `Store.remove_draft`."""
    drafts = tables.drafts
    connection.execute(delete(drafts).where(drafts.c.learner_id == learner_id, drafts.c.key == key))
