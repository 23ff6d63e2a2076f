"""The study section: build it, verify it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xuefa.errors import BadInputError, Finding
from xuefa.settings import TIME_ZONE, Settings
from xuefa.workflows.site import now, open_site_store, read_site_bank, read_site_catalogue, today

if TYPE_CHECKING:
    from xuefa.records.record import ExamResult, UnmarkedPaper
    from xuefa.records.store import Store
    from xuefa.report.basis import Holdings
    from xuefa.report.changes import Change
    from xuefa.report.evidence import Verification
    from xuefa.report.figure import Figures
    from xuefa.report.frames import Frames
    from xuefa.report.options import ReportOptions
    from xuefa.report.progress import Progress
    from xuefa.report.recipe import Recipe

_STEPS_OF_A_SUMMARY = 3


@dataclass(frozen=True)
class StudySection:
    """The files of a study section, as a document of its own and as a part to paste, and its first paragraphs.

    `rows` holds every row of a large year, for which the workbook has no room; else None.
    """

    document: Path
    part: Path
    workbook: Path
    rows: Path | None
    markdown: Path
    paragraphs: tuple[str, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, in the order of use."""
        return (self.document, self.part, self.workbook, *((self.rows,) if self.rows else ()), self.markdown)


def build_report(*, settings: Settings, year: int | None = None, progress: Progress | None = None) -> StudySection:
    """Turn the year's records and gradebook into the 学习情况 section: Word, Markdown, Excel.

    `progress` is told (done, all); what it raises leaves the files of an earlier build as they were.
    """
    from xuefa.atomic_file import write_file
    from xuefa.report.basis import make_basis, pack_basis, write_basis
    from xuefa.report.document import render_document
    from xuefa.report.markdown import render_markdown
    from xuefa.report.places import places_by_figure
    from xuefa.report.progress import part_of
    from xuefa.report.workbook import write_workbook

    written_at = now()
    summary = summarise_year(settings, year, progress=part_of(progress, 0, 10))
    section = summary.recipe.build_section(figures=summary.figures, options=summary.options)
    folder = settings.report_output_dir
    document = folder / f"{section.title}.docx"
    part = folder / f"{section.title}（并入年度报告用）.docx"
    markdown = folder / f"{section.title}.md"
    workbook = folder / f"{section.title}.xlsx"
    with open_site_store(settings) as store:
        basis = make_basis(
            summary.figures,
            summary.frames,
            _read_holdings(settings, store),
            unit=section.unit,
            year=section.year,
            written_at=written_at,
            time_zone=TIME_ZONE,
            progress=part_of(progress, 10, 50),
        )
    packed = pack_basis(basis)
    del basis  # of a large year as large as everything else together
    whole = render_document(section, written_at=written_at, basis=packed.digest)
    to_paste = render_document(section, written_at=written_at, form="part", basis=packed.digest)
    rows = write_workbook(
        summary.figures,
        summary.frames,
        workbook,
        title=section.title,
        written_at=written_at,
        places=places_by_figure(whole.seal),
        progress=part_of(progress, 50, 100),
    )
    write_basis(packed, settings.report_basis_dir)
    write_file(document, whole.content)
    write_file(part, to_paste.content)
    write_file(markdown, render_markdown(section).encode())
    return StudySection(document, part, workbook, rows, markdown, section.paragraphs)


def verify_report(*, settings: Settings, file: Path, progress: Progress | None = None) -> Verification:
    """Read a section back and recompute each of its numbers from the records; say which records changed since.

    `progress` is told (done, all); what it raises stops the work.
    """
    from xuefa.report.basis import read_basis
    from xuefa.report.changes import find_changes
    from xuefa.report.county import COUNTY_BASIS
    from xuefa.report.document_reading import read_document
    from xuefa.report.evidence import verify_document
    from xuefa.report.progress import part_of

    reading = read_document(file)
    if reading.seal and reading.seal.basis == COUNTY_BASIS:
        raise BadInputError(
            Finding(file.name, "这是汇总的一节，数字来自各单位的报送文件", "请用 xuefa report rollup 重新汇总来核对")
        )
    basis = read_basis(settings.report_basis_dir, reading.seal.basis) if reading.seal else None
    changes: tuple[Change, ...] = ()
    if basis:
        with open_site_store(settings) as store:
            changes = find_changes(
                basis,
                _read_holdings(settings, store),
                time_zone=TIME_ZONE,
                progress=part_of(progress, 0, 70),
            )
    figures = summarise_year(settings, reading.year, progress=part_of(progress, 70, 100)).figures
    return verify_document(file, figures, basis=basis, changes=changes)


class YearSummary(NamedTuple):
    """A year as the report sees it."""

    options: ReportOptions
    frames: Frames
    recipe: Recipe
    figures: Figures


def summarise_year(settings: Settings, year: int | None, *, progress: Progress | None = None) -> YearSummary:
    """Options, frames, recipe and figures of the year, or of that in report.toml.

    `progress` is told (done, all) of the steps, and the same again while records are read; what it raises stops it.
    """
    from xuefa.report.recipe import read_recipe

    options = read_report_options(settings, year)
    tell = progress or (lambda _done, _all: None)
    frames = _build_frames(settings, options.year, tell=tell)
    recipe = read_recipe(settings.report_recipe)
    tell(2, _STEPS_OF_A_SUMMARY)
    figures = recipe.summarise_year(frames=frames, options=options)
    tell(_STEPS_OF_A_SUMMARY, _STEPS_OF_A_SUMMARY)
    return YearSummary(options, frames, recipe, figures)


def read_report_options(settings: Settings, year: int | None) -> ReportOptions:
    """The site's report.toml, which is made from the project's where there is none yet."""
    from xuefa.atomic_file import write_file
    from xuefa.report.options import read_options

    if not settings.report_toml.is_file():
        write_file(settings.report_toml, (settings.project_dir / "reports" / "report.toml").read_bytes())
    options = read_options(settings.report_toml)
    return options if year is None else options.for_year(year)


def _build_frames(settings: Settings, year: int, *, tell: Progress) -> Frames:
    """The frames of the year with those of the year before, if anything happened in it: two steps."""
    from xuefa.report.calendar import Calendar
    from xuefa.report.frames import build_frames

    exam_results, unmarked_papers = _read_exams(settings)
    catalogue, rules = read_site_catalogue(settings), _read_rules(settings)
    with open_site_store(settings) as store:
        learners = store.read_learners()
        sessions = [session for session in store.read_sessions() if session.held_on <= today()]

        def build(part: int, previous: Frames | None, *, step: int) -> Frames:
            calendar = Calendar(part, TIME_ZONE)
            tell(step, _STEPS_OF_A_SUMMARY)
            return build_frames(
                records=store.read_columns(
                    since=calendar.begins_at,
                    until=calendar.ends_at,
                    look=lambda: tell(step, _STEPS_OF_A_SUMMARY),
                ),
                learners=learners,
                sessions=sessions,
                exam_results=exam_results,
                unmarked_papers=unmarked_papers,
                catalogue=catalogue,
                rules=rules,
                year=part,
                time_zone=TIME_ZONE,
                today=today(),
                previous=previous,
            )

        before = build(year - 1, None, step=0)
        return build(year, None if before.is_empty else before, step=1)


def _read_holdings(settings: Settings, store: Store) -> Holdings:
    from xuefa.report.basis import Holdings

    exam_results, _unmarked = _read_exams(settings)
    return Holdings(
        store=store,
        sessions=store.read_sessions(),
        learners=store.read_learners(),
        exam_results=exam_results,
    )


def _read_rules(settings: Settings) -> Mapping[str, str]:
    """The rule of each question; a fault in the bank does not stop the report, which then names the law alone."""
    from xuefa.report.rules import name_rules

    try:
        return name_rules(read_site_bank(settings))
    except BadInputError:
        return {}


def _read_exams(settings: Settings) -> tuple[tuple[ExamResult, ...], tuple[UnmarkedPaper, ...]]:
    """What was marked, and what was released and is not marked yet."""
    if not (settings.course_dir / "gradebook.db").is_file():  # nbgrader takes a second to load: not where nothing is
        return (), ()
    from xuefa.exam.gradebook import read_exam_results, read_unmarked_papers

    return read_exam_results(settings.course_dir), read_unmarked_papers(settings.course_dir)
