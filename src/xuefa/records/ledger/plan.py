"""What an import of a ledger would add, row by row, before anything is written; and writing it, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from xuefa.errors import BadInputError, Finding
from xuefa.laws.catalogue import Catalogue
from xuefa.records import rows
from xuefa.records.ledger.entries import Verdict, enter_attendance, enter_fact, enter_session
from xuefa.records.ledger.kinds import LEDGER_KINDS, TOTAL_WORDS
from xuefa.records.ledger.known import Known
from xuefa.records.ledger.people import People
from xuefa.records.ledger.reading import Corrections, LedgerRow, Reading
from xuefa.records.record import Learner, Record, Session
from xuefa.records.store import Store

RowState = Literal["new", "corrected", "known", "doubled", "doubtful", "left_out"]
STATE_NAMES: dict[RowState, str] = {
    "new": "新增",
    "corrected": "更正",
    "known": "已有",
    "doubled": "重复",
    "doubtful": "存疑",
    "left_out": "不导入",
}


@dataclass(frozen=True)
class PlannedRow:
    """A row and what becomes of it.

    `state`: new (adds something), corrected (changes a session that is there), known (all of it is recorded already),
    doubled (the same as an earlier row of the file), doubtful (`findings` say why), left_out (as the clerk said, or a
    row of totals).
    `says` tells in words what it adds, or which row it repeats.
    """

    place: str
    sheet: str
    cells: Mapping[str, str]
    state: RowState
    says: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class LedgerPlan:
    """All that an import would write, and what it makes of every row."""

    file: str
    year: int
    rows: tuple[PlannedRow, ...]
    sessions: tuple[Session, ...]
    records: tuple[Record, ...]
    other_sheets: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is doubtful, in the order of the rows; nothing can be written before it is settled."""
        return tuple(finding for row in self.rows for finding in row.findings)

    @property
    def adds_nothing(self) -> bool:
        return not self.sessions and not self.records

    def count_states(self) -> dict[str, Counter[RowState]]:
        """For each sheet that has rows, how many rows are of each state; in the order of the sheets."""
        counts = {kind.name: Counter[RowState]() for kind in LEDGER_KINDS}
        for row in self.rows:
            counts[row.sheet][row.state] += 1
        return {name: states for name, states in counts.items() if states}


def make_plan(
    reading: Reading,
    *,
    learners: Iterable[Learner],
    sessions: Iterable[Session],
    records: Iterable[Record],
    catalogue: Catalogue,
    year: int,
    today: date,
    corrections: Corrections | None = None,
) -> LedgerPlan:
    """Compare a ledger with what is there. `records` are all of the store, voided ones and those that void included.

    Ids come from the content, so that the same row gives the same record on every machine and at every import. A row is
    doubtful if a cell cannot be understood, the date is outside `year` or after `today`, or a person cannot be told.
    """
    known = Known.of(sessions, records, people=People(learners), catalogue=catalogue, year=year, today=today)
    planned = [_plan_row(row, known, (corrections or {}).get(row.place, {})) for row in reading.rows]
    return LedgerPlan(
        file=reading.file,
        year=year,
        rows=tuple(planned),
        sessions=tuple(known.new_sessions.values()),
        records=tuple(known.new_records.values()),
        other_sheets=reading.other_sheets,
    )


def write_plan(store: Store, plan: LedgerPlan) -> int:
    """Write the plan in one transaction and give the number of records added; sessions come first.

    Raises BadInputError with every doubtful row, and writes nothing then.
    """
    if plan.findings:
        raise BadInputError(*plan.findings)
    with store.writing() as connection:
        rows.write_sessions(connection, plan.sessions)
        return rows.append_records(connection, plan.records)


def _plan_row(row: LedgerRow, known: Known, correction: Mapping[str, str] | None) -> PlannedRow:
    if correction is None:
        return PlannedRow(row.place, row.kind.name, row.cells, "left_out", "按所选不导入")
    if next(filter(None, row.cells.values()), "") in TOTAL_WORDS:
        return PlannedRow(row.place, row.kind.name, row.cells, "left_out", "是合计行，不登记")
    cells = {**row.cells, **correction}
    row = LedgerRow(row.place, row.kind, cells, () if correction else row.findings)
    enter = {"session": enter_session, "attendance": enter_attendance, "fact": enter_fact}[row.kind.row_kind]
    verdict = Verdict(findings=row.findings) if row.findings else enter(row, known)
    return PlannedRow(row.place, row.kind.name, cells, verdict.state, verdict.says, verdict.findings)
