"""Makes and appends the records of one page: who, which session, which module, when."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from xuefa.records.record import Learner, Record, Session, Verb, make_record_id
from xuefa.records.store import Store
from xuefa.study.presence import Presence


@dataclass(frozen=True, kw_only=True)
class RecordWriter:
    """Writes for the learner of `presence` in the module of that number, None for a page of no module.

    `clock` gives aware UTC times, `time_zone` is the township's; `rng` makes record ids (and draws questions): give
    `random.SystemRandom()` where records are real.
    """

    store: Store
    presence: Presence
    module: int | None
    clock: Callable[[], datetime]
    rng: random.Random
    time_zone: tzinfo

    def make(self, verb: Verb, **fields: Any) -> Record:
        """A record of the learner who is signed in, now; further fields as in `Record`."""
        if self.presence.learner is None:
            raise ValueError("nobody is signed in")
        return self.make_for(self.presence.learner, self.presence.session, verb, **fields)

    def make_for(self, learner: Learner, session: Session | None, verb: Verb, **fields: Any) -> Record:
        """A record of that learner in that session, now; in the page's module unless `fields` name another."""
        now = self.clock()
        return Record(
            record_id=make_record_id(now, self.rng.getrandbits(74)),
            verb=verb,
            occurred_at=now,
            source="notebook",
            learner_id=learner.learner_id,
            session_id=session.session_id if session else None,
            **{"module": self.module, **fields},
        )

    def append(self, *records: Record) -> None:
        """Append in one transaction; on return they are on disk. Appending the same records again adds nothing."""
        self.store.append_records(records)

    def today(self) -> date:
        return self.local_time(self.clock()).date()

    def local_time(self, moment: datetime) -> datetime:
        return moment.astimezone(self.time_zone)
