"""Setting papers (组卷)."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import date
from random import SystemRandom
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError, Finding
from xuefa.settings import Settings
from xuefa.workflows.site import read_site_bank

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from xuefa.bank.reader import Bank
    from xuefa.exam.assembly.summary import FormSummary
    from xuefa.exam.paper import Paper

DEFAULT_BLUEPRINT = "practice"

_STEPS = 3
"""Reading the bank, choosing, writing."""


def set_paper(*, settings: Settings, blueprint: str, paper_id: str, held_on: date, seed: int | None) -> Paper:
    """Assemble one paper to a blueprint and write it as the source of an nbgrader assignment."""
    (paper,) = set_papers(
        settings=settings, blueprint=blueprint, paper_id=paper_id, held_on=held_on, seed=seed, forms=1
    )
    return paper


def set_papers(
    *,
    settings: Settings,
    blueprint: str | None,
    paper_id: str,
    held_on: date,
    seed: int | None,
    forms: int | None = None,
    makeup_of: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Paper, ...]:
    """Assemble the forms of a paper and write them, all or none; several are called PAPER-A, PAPER-B and on.

    A 补考 of any paper of an exam (`makeup_of`) follows the last round released (`find_round_before`). Without a
    blueprint it takes that of the paper before it, any other the practice paper's; without a number of forms the
    blueprint's own holds. `progress` is told (done, all) of the steps, and the same again while the choice is searched
    for; what it raises leaves nothing written. Raises BadInputError if an id is taken or the bank falls short.
    """
    from xuefa.exam.assembly import FORM_LETTERS, assemble
    from xuefa.exam.blueprint import read_blueprint
    from xuefa.exam.course_config import prepare_course
    from xuefa.exam.paper import read_papers

    previous = _find_previous(makeup_of, settings) if makeup_of else None
    if previous and held_on < previous.held_on:
        raise BadInputError(
            Finding("补考日期", f"{held_on} 早于这次考试上一场的 {previous.held_on}", "请改成上一场当天或以后的日期")
        )
    name = blueprint or (previous.blueprint if previous else DEFAULT_BLUEPRINT)
    plan = read_blueprint(_find_blueprint(name, settings))
    count = plan.forms if forms is None else forms
    paper_ids = [paper_id] if count == 1 else [f"{paper_id}-{letter}" for letter in FORM_LETTERS[:count]]
    _require_new_ids(paper_ids, settings)
    tell = progress or (lambda _done, _all: None)
    tell(0, _STEPS)
    bank = read_site_bank(settings)
    tell(1, _STEPS)
    assembled = assemble(
        plan,
        bank=bank,
        paper_ids=paper_ids,
        held_on=held_on,
        seed=SystemRandom().getrandbits(31) if seed is None else seed,
        earlier=read_papers(settings.course_dir),
        makeup_of=previous,
        look=lambda: tell(1, _STEPS),
    ).papers
    tell(2, _STEPS)
    papers = tuple(paper.model_copy(update={"blueprint": name}) for paper in assembled)
    prepare_course(settings.course_dir, config_file=settings.course_config)
    _write_all(papers, bank=bank, course_dir=settings.course_dir)
    return papers


def summarise_papers(papers: Sequence[Paper], *, settings: Settings) -> list[tuple[FormSummary, dict[str, float]]]:
    """For each paper how it is made up, and the points of each law by its name."""
    from xuefa.exam.assembly.summary import summarise_form

    bank = read_site_bank(settings)
    summaries = [summarise_form(paper, bank=bank) for paper in papers]
    return [
        (summary, {bank.catalogue[law].name: points for law, points in summary.law_points.items()})
        for summary in summaries
    ]


def _find_previous(paper_id: str, settings: Settings) -> Paper:
    from xuefa.exam.makeup import find_round_before
    from xuefa.exam.paper import read_course_paper

    return find_round_before(
        read_course_paper(paper_id, course_dir=settings.course_dir), course_dir=settings.course_dir
    )


def _find_blueprint(name: str, settings: Settings) -> Path:
    files = {path.stem: path for path in settings.blueprints_dir.glob("*.yaml")}
    if name not in files:
        known = f"可用的有：{'、'.join(sorted(files))}"
        raise BadInputError(Finding(f"蓝图“{name}”", f"{settings.blueprints_dir} 里没有", known))
    return files[name]


def _require_new_ids(paper_ids: Sequence[str], settings: Settings) -> None:
    """Nothing of these papers is there yet, so that nothing is overwritten, and all can be taken back."""
    from xuefa.exam.kept_items import kept_path
    from xuefa.exam.names import require_paper_id
    from xuefa.exam.paper import source_dir

    findings = [
        Finding(f"试卷 {paper_id}", "这个卷号已经用过", "请换一个卷号；组好的试卷不会被覆盖")
        for paper_id in paper_ids
        if source_dir(settings.course_dir, require_paper_id(paper_id)).exists()
        or kept_path(settings.course_dir, paper_id).exists()
    ]
    if findings:
        raise BadInputError(*findings)


def _write_all(papers: Sequence[Paper], *, bank: Bank, course_dir: Path) -> None:
    from xuefa.exam.kept_items import kept_path
    from xuefa.exam.notebook import write_source
    from xuefa.exam.paper import source_dir

    try:
        for paper in papers:
            write_source(paper, bank=bank, course_dir=course_dir)
    except BaseException as error:
        for paper in papers:
            shutil.rmtree(source_dir(course_dir, paper.paper_id), ignore_errors=True)
            with suppress(OSError):
                kept_path(course_dir, paper.paper_id).unlink()
        if isinstance(error, OSError):
            raise BadInputError(
                Finding(
                    str(error.filename or course_dir),
                    f"文件写不进去（{error.strerror}），试卷一份也没有留下",
                    "请看磁盘是否已满、文件夹能否写入，再组一次",
                )
            ) from None
        raise
