"""Laws, bank and modules: import a text, check the content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError, Finding
from xuefa.settings import Settings
from xuefa.workflows.site import open_statutes, read_site_bank, read_site_catalogue, read_site_manifest, today

if TYPE_CHECKING:
    from xuefa.bank.checks import BankCheck
    from xuefa.bank.summary import BankSummary
    from xuefa.exam.analysis.pooled import BankResults
    from xuefa.laws.statutes import Edition


def add_law(*, settings: Settings, file: Path) -> Edition:
    """Import the official text of a law from a downloaded file."""
    from xuefa.laws.statute_file import read_statute_file
    from xuefa.laws.statutes import ImportedStatutes

    catalogue = read_site_catalogue(settings)
    edition = read_statute_file(file)
    law = catalogue.find(edition.title)
    if law is None:
        raise BadInputError(
            Finding(
                str(file), f"目录里没有《{edition.title}》", "请先在 question_bank/laws.yaml 里登记，或检查文件的标题"
            )
        )
    edition = replace(edition, title=law.title)
    ImportedStatutes(settings.statutes_dir).write_edition(edition)
    return edition


def check_bank(*, settings: Settings) -> BankCheck:
    """Prove the bank against the official texts at hand as of today."""
    from xuefa.bank.checks import check_bank as check

    return check(read_site_bank(settings), open_statutes(settings), as_of=today())


def check_balance(*, settings: Settings) -> list[Finding]:
    """Look at the bank as a whole: enough of each kind, keys spread, nothing asked twice."""
    from xuefa.bank.balance import check_balance as check

    return check(read_site_bank(settings))


def summarise_bank(*, settings: Settings) -> tuple[BankSummary, ...]:
    """Count the bank's items by law, kind, difficulty and skill."""
    from xuefa.bank.summary import summarise_bank as summarise

    return summarise(read_site_bank(settings))


def summarise_bank_results(*, settings: Settings) -> BankResults:
    """What all marked papers of the course say of the bank's items; the bank itself is left as it is."""
    from xuefa.exam.analysis.paper_analysis import analyse_responses
    from xuefa.exam.analysis.pooled import pool_results
    from xuefa.exam.analysis.responses import read_marked_paper_ids, read_responses

    course_dir = settings.course_dir
    papers = (read_responses(paper_id, course_dir=course_dir) for paper_id in read_marked_paper_ids(course_dir))
    return pool_results([analyse_responses(paper, units={}) for paper in papers])


def check_modules(*, settings: Settings) -> list[Finding]:
    """Hold the manifest, the module notebooks and the bank together."""
    from xuefa.study.checks import check_modules as check

    bank = read_site_bank(settings)
    return check(
        manifest=read_site_manifest(settings, bank.catalogue),
        notebooks_dir=settings.notebooks_dir,
        bank=bank,
        statutes=open_statutes(settings),
        today=today(),
    )
