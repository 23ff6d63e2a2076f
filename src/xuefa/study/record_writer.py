"""Makes and appends the records of one page: who, which session, which module, when."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from xuefa.records.record import Learner, Record, Session, Verb, make_record_id
from xuefa.records.store import Store
from xuefa.study.presence import Presence

TOLERATED = timedelta(minutes=10)
"""How far the clock may be behind the latest record before someone is told."""


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
        """A record of the learner who is signed in, now, in their session until its day ends; fields as in `Record`."""
        if self.presence.learner is None:
            raise ValueError("nobody is signed in")
        session = self.presence.session
        is_over = session is not None and session.held_on != self.today()
        return self.make_for(self.presence.learner, None if is_over else session, verb, **fields)

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

    def check_clock(self) -> str:
        """What to tell if the clock cannot be right, for there are records of a later time; else an empty string.

        Up to TOLERATED is no fault: two machines whose records were merged never agree to the second.
        """
        now = self.clock()
        later = self.store.read_records(since=now + TOLERATED)
        if not later:
            return ""
        said, last = (f"{self.local_time(moment):%Y年%m月%d日 %H:%M}" for moment in (now, later[-1].occurred_at))
        return (
            f"电脑的时间现在是 {said}，而已有的记录到了 {last}，时间可能不对。"
            "已经保存的都在，现在做的也会保存，但记下的时间不准。请告诉培训人员，校对服务器的时间以后再接着做。"
        )

    def today(self) -> date:
        return self.local_time(self.clock()).date()

    def local_time(self, moment: datetime) -> datetime:
        return moment.astimezone(self.time_zone)
