"""The way up: the file that a township sends, and the county's section made of such files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError, Finding
from xuefa.settings import Settings
from xuefa.workflows.report import read_report_options, summarise_year
from xuefa.workflows.site import now

if TYPE_CHECKING:
    from xuefa.report.progress import Progress
    from xuefa.report.rollup import Rollup
    from xuefa.report.upward import Export


def export_report(
    *, settings: Settings, year: int | None = None, to: Path | None = None, progress: Progress | None = None
) -> tuple[Path, Export]:
    """Write the one file that goes to the county: aggregates only; without `to` it lies with the report.

    `progress` is told (done, all); what it raises writes nothing.
    """
    from xuefa.report.upward import make_export, write_export

    summary = summarise_year(settings, year, progress=progress)
    unit, reported_year = summary.options.unit, summary.options.year
    export = make_export(summary.figures, unit=unit, year=reported_year, made_at=now())
    path = to or settings.report_output_dir / f"{reported_year}年度学法情况报送-{unit}.json"
    write_export(export, path)
    return path, export


@dataclass(frozen=True)
class CountySection:
    """The files of a county's section, and what they were made of."""

    document: Path
    markdown: Path
    workbook: Path
    rollup: Rollup


def roll_up_reports(
    *, settings: Settings, files: Sequence[Path], county: str | None = None, expected: Sequence[str] = ()
) -> CountySection:
    """Make the county's section of the townships' files.

    Without `county` its name, the expected townships and the length of a 学时 are those of report.toml.
    """
    from xuefa.atomic_file import write_file
    from xuefa.report.county import COUNTY_BASIS, build_county_section, write_county_workbook
    from xuefa.report.document import write_document
    from xuefa.report.markdown import render_markdown
    from xuefa.report.options import MINUTES_PER_STUDY_HOUR
    from xuefa.report.rollup import roll_up
    from xuefa.report.upward import read_export

    options = None if county else read_report_options(settings, None)
    rollup = roll_up(_read_all(files, read_export), expected=tuple(expected) or (options.townships if options else ()))
    section = build_county_section(
        rollup,
        county=county or (options.unit if options else ""),
        minutes_per_study_hour=options.minutes_per_study_hour if options else MINUTES_PER_STUDY_HOUR,
    )
    folder = settings.report_output_dir
    built = CountySection(
        document=folder / f"{section.title}.docx",
        markdown=folder / f"{section.title}.md",
        workbook=folder / f"{section.title}.xlsx",
        rollup=rollup,
    )
    write_document(section, built.document, written_at=now(), basis=COUNTY_BASIS)
    write_file(built.markdown, render_markdown(section).encode())
    write_county_workbook(rollup, built.workbook, title=section.title)
    return built


def _read_all(files: Sequence[Path], read: Callable[[Path], Export]) -> tuple[Export, ...]:
    """Every file; raise BadInputError with the faults of all of them."""
    exports: list[Export] = []
    findings: list[Finding] = []
    for file in files:
        try:
            exports.append(read(file))
        except BadInputError as error:
            findings += error.findings
    if findings:
        raise BadInputError(*findings)
    return tuple(exports)
