"""What learners handed in as 心得体会 and 研讨材料: read for the trainer, returned or accepted."""

from __future__ import annotations

from random import SystemRandom
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from xuefa.settings import Settings
from xuefa.workflows.site import now, open_site_store

if TYPE_CHECKING:
    from xuefa.records.record import Learner
    from xuefa.records.writings import Writing


def read_site_writings(settings: Settings) -> tuple[tuple[Writing, ...], dict[str, Learner]]:
    """The texts of all learners, the latest first, and the learners by id."""
    from xuefa.records.writings import read_writings

    with open_site_store(settings) as store:
        learners = {learner.learner_id: learner for learner in store.read_learners()}
        return tuple(reversed(read_writings(store))), learners


def decide_writing(
    *, settings: Settings, record_id: str, decision: Literal["return", "accept"], reason: str = ""
) -> None:
    """Return a text for its reason, or accept it; raises BadInputError, and then nothing is written."""
    from xuefa.records.writings import append_decision

    with open_site_store(settings) as store:
        append_decision(
            store,
            record_id=UUID(record_id),
            decision=decision,
            reason=reason,
            now=now(),
            random_bits=SystemRandom().getrandbits(74),
        )
