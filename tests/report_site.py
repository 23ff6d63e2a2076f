"""A real site that holds the small year, for tests that build, verify and export its report."""

from __future__ import annotations

from tests.report_years import Ledger, small_year
from xuefa.demo import fill_in_report_settings
from xuefa.records.record import Record
from xuefa.records.store import open_store
from xuefa.settings import Settings


def fill_site(settings: Settings, ledger: Ledger | None = None) -> Ledger:
    """Write the year into the site's records, and the report's settings as the demo has them."""
    ledger = ledger or small_year()
    with open_store(settings.database_url) as store:
        store.write_learners(ledger.learners)
        store.write_sessions(ledger.sessions)
        store.append_records(ledger.records)
    text = (settings.project_dir / "reports" / "report.toml").read_text(encoding="utf-8")
    settings.report_toml.parent.mkdir(parents=True, exist_ok=True)
    settings.report_toml.write_text(fill_in_report_settings(text), encoding="utf-8")
    return ledger


def append(settings: Settings, *records: Record) -> None:
    with open_store(settings.database_url) as store:
        store.append_records(records)
