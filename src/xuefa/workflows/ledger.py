"""The ledger (台账): write the empty one, look at what a filled one would add, import it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xuefa.records.record import Verb
from xuefa.settings import Settings
from xuefa.workflows.site import open_site_store, read_site_catalogue, today

if TYPE_CHECKING:
    from xuefa.records.ledger import Corrections, LedgerPlan

_LEDGER_VERBS = (
    Verb.SIGNED_IN,
    Verb.EXCUSED,
    Verb.REFLECTED,
    Verb.PRESENTED,
    Verb.PUBLISHED,
    Verb.CERTIFIED,
    Verb.CORRECTED,
    Verb.RETURNED,
    Verb.VOIDED,
)


@dataclass(frozen=True)
class LedgerImport:
    """What was made of a ledger, and how many records and sessions were written."""

    plan: LedgerPlan
    records_added: int
    sessions_written: int


def write_ledger_template(*, to: Path) -> None:
    """Write an empty ledger to fill in."""
    from xuefa.records.ledger import write_ledger_template as write

    write(to)


def plan_ledger(
    *, settings: Settings, file: Path, year: int | None = None, corrections: Corrections | None = None
) -> LedgerPlan:
    """What importing the ledger would add, and which of its rows are doubtful; nothing is written.

    Without `year` it is this year.
    """
    from xuefa.records.ledger import make_plan, read_ledger

    reading = read_ledger(file)
    catalogue = read_site_catalogue(settings)
    with open_site_store(settings) as store:
        return make_plan(
            reading,
            learners=store.read_learners(),
            sessions=store.read_sessions(),
            records=store.read_records(verbs=_LEDGER_VERBS, with_voided=True),
            catalogue=catalogue,
            year=year or today().year,
            today=today(),
            corrections=corrections,
        )


def import_ledger(
    *, settings: Settings, file: Path, year: int | None = None, corrections: Corrections | None = None
) -> LedgerImport:
    """Take a ledger into the records, all of it or nothing; raise BadInputError with every doubtful row."""
    from xuefa.records.ledger import write_plan

    plan = plan_ledger(settings=settings, file=file, year=year, corrections=corrections)
    with open_site_store(settings) as store:
        added = write_plan(store, plan)
    return LedgerImport(plan, added, len(plan.sessions))
