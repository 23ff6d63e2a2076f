"""What several recipes need: the clock, the bank, the texts, the records of a site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from xuefa.settings import TIME_ZONE, Settings

if TYPE_CHECKING:
    from xuefa.bank.reader import Bank
    from xuefa.laws.catalogue import Catalogue
    from xuefa.laws.statutes import Statutes
    from xuefa.records.record import Learner
    from xuefa.records.store import Store
    from xuefa.study.manifest import Manifest


def now() -> datetime:
    """The real time, aware UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today where the township is."""
    return datetime.now(TIME_ZONE).date()


def read_site_bank(settings: Settings) -> Bank:
    """The question bank that comes with the kit; read again only when one of its files has changed."""
    folder = settings.question_bank_dir
    stats = [(path.name, path.stat()) for path in sorted(folder.glob("*.yaml"))]
    return _read_bank(folder, tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats))


@lru_cache(maxsize=1)
def _read_bank(folder: Path, _stamp: tuple[tuple[str, int, int], ...]) -> Bank:
    from xuefa.bank.reader import read_bank

    return read_bank(folder)


def read_site_catalogue(settings: Settings) -> Catalogue:
    """The laws of the year's plan, without reading the items."""
    from xuefa.laws.catalogue import read_catalogue

    return read_catalogue(settings.question_bank_dir / "laws.yaml")


def read_site_manifest(settings: Settings, catalogue: Catalogue) -> Manifest:
    """The year's modules."""
    from xuefa.study.manifest import read_manifest

    return read_manifest(settings.notebooks_dir / "modules.yaml", catalogue=catalogue)


def open_statutes(settings: Settings) -> Statutes:
    """The official texts at hand: the packaged data file and what this site imported."""
    from xuefa.laws.statutes import ImportedStatutes, PackagedStatutes, Statutes

    return Statutes((PackagedStatutes.installed(), ImportedStatutes(settings.statutes_dir)))


def open_site_store(settings: Settings) -> Store:
    """The site's records, made or upgraded if need be."""
    from xuefa.records.store import open_store

    return open_store(settings.database_url)


def select_present(learners: Sequence[Learner], day: date) -> tuple[Learner, ...]:
    """Those of the roster who are here on that day."""
    return tuple(learner for learner in learners if learner.is_here(day))
