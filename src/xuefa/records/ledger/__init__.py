"""The ledger (台账): what happened on paper, as a workbook that people fill in, and its way into the records."""

from xuefa.records.ledger.kinds import LEDGER_KINDS, LedgerKind
from xuefa.records.ledger.plan import LedgerPlan, PlannedRow, make_plan, write_plan
from xuefa.records.ledger.reading import Corrections, LedgerRow, Reading, read_ledger
from xuefa.records.ledger.template import write_ledger_template

__all__ = [
    "LEDGER_KINDS",
    "Corrections",
    "LedgerKind",
    "LedgerPlan",
    "LedgerRow",
    "PlannedRow",
    "Reading",
    "make_plan",
    "read_ledger",
    "write_ledger_template",
    "write_plan",
]
