"""What is recorded already and what the rows of a ledger read so far add to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from xuefa.laws.catalogue import Catalogue
from xuefa.records.corrections import list_former, parse_corrections
from xuefa.records.ledger.people import People, close_up
from xuefa.records.record import Record, Session, SessionKind, Verb, find_taken_back
from xuefa.settings import TIME_ZONE

FactKey = tuple[Verb, str | None, str]


@dataclass
class Known:
    """What is recorded, and what the rows read so far add to it.

    `former` are the sessions as they stood before each of their corrections: a ledger may still say so.
    """

    people: People
    catalogue: Catalogue
    year: int
    today: date
    sessions: dict[str, Session]
    former: tuple[Session, ...]
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
        held = tuple(sessions)
        corrections = parse_corrections(every)
        taken_back = find_taken_back(every)
        kept = [record for record in every if record.record_id not in taken_back and record.voids is None]
        return cls(
            people=people,
            catalogue=catalogue,
            year=year,
            today=today,
            sessions={session.session_id: session for session in held},
            former=tuple(one for session in held for one in list_former(session, corrections)),
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
        """The session that is, or was before a correction, of that day, kind and title, however it is spaced."""
        wanted = (day, kind, close_up(title))
        return next(
            (
                self.sessions[one.session_id]
                for one in (*self.sessions.values(), *self.former)
                if (one.held_on, one.kind, close_up(one.title)) == wanted
            ),
            None,
        )

    def list_formerly_held(self, day: date, title: str) -> list[Session]:
        """The sessions that were of that day, and title if one is given, before a correction; each once."""
        found = {
            one.session_id
            for one in self.former
            if one.held_on == day and (not title or close_up(one.title) == close_up(title))
        }
        return [self.sessions[session_id] for session_id in sorted(found)]

    def was_corrected_away(self, session: Session, name: str, value: object) -> bool:
        """Whether a correction of the session has replaced that content of the field."""
        return any(getattr(one, name) == value for one in self.former if one.session_id == session.session_id)


def make_fact_key(record: Record) -> FactKey:
    """What makes two records one fact: a pass counts once a person and year, a text or push once a day and wording."""
    day = record.occurred_at.astimezone(TIME_ZONE).date()
    when = str(day.year) if record.verb is Verb.CERTIFIED else f"{day} {close_up(record.text or '')}"
    return (record.verb, record.learner_id, when)
