"""What is recorded already and what the rows of a ledger read so far add to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from xuefa.laws.catalogue import Catalogue
from xuefa.records.ledger.people import People, close_up
from xuefa.records.record import Record, Session, SessionKind, Verb, find_taken_back
from xuefa.settings import TIME_ZONE

FactKey = tuple[Verb, str | None, str]


@dataclass
class Known:
    """What is recorded, and what the rows read so far add to it."""

    people: People
    catalogue: Catalogue
    year: int
    today: date
    sessions: dict[str, Session]
    record_ids: set[UUID]
    facts: set[FactKey]
    attended: dict[tuple[str, str], Verb]
    handed_in: set[tuple[str, str]]
    new_sessions: dict[str, Session] = field(default_factory=dict)
    new_records: dict[UUID, Record] = field(default_factory=dict)
    row_places: dict[object, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        sessions: Iterable[Session],
        records: Iterable[Record],
        *,
        people: People,
        catalogue: Catalogue,
        year: int,
        today: date,
    ) -> Known:
        """From all sessions and all records, voided ones included."""
        every = tuple(records)
        taken_back = find_taken_back(every)
        kept = [record for record in every if record.record_id not in taken_back and record.voids is None]
        return cls(
            people=people,
            catalogue=catalogue,
            year=year,
            today=today,
            sessions={session.session_id: session for session in sessions},
            record_ids={record.record_id for record in every},
            facts={make_fact_key(record) for record in kept},
            attended={
                (record.session_id, record.learner_id): record.verb
                for record in sorted(kept, key=lambda record: record.verb is Verb.SIGNED_IN)
                if record.verb in (Verb.SIGNED_IN, Verb.EXCUSED) and record.session_id and record.learner_id
            },
            handed_in={
                (record.session_id, record.learner_id)
                for record in kept
                if record.verb is Verb.PRESENTED and record.session_id and record.learner_id
            },
        )

    def add(self, record: Record) -> bool:
        """Keep a record to be written; False if its id is there already, voided or not."""
        if record.record_id in self.record_ids:
            return False
        self.record_ids.add(record.record_id)
        self.new_records[record.record_id] = record
        self.facts.add(make_fact_key(record))
        return True

    def find_session(self, day: date, kind: SessionKind, title: str) -> Session | None:
        """The session of that day, kind and title, however the title is spaced."""
        wanted = (day, kind, close_up(title))
        return next(
            (one for one in self.sessions.values() if (one.held_on, one.kind, close_up(one.title)) == wanted), None
        )


def make_fact_key(record: Record) -> FactKey:
    """What makes two records one fact: a pass counts once a person and year, a text or push once a day and wording."""
    day = record.occurred_at.astimezone(TIME_ZONE).date()
    when = str(day.year) if record.verb is Verb.CERTIFIED else f"{day} {close_up(record.text or '')}"
    return (record.verb, record.learner_id, when)
