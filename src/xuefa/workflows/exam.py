"""Practice papers: set, release, mark, give back, export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError, Finding
from xuefa.settings import Settings
from xuefa.workflows.site import open_site_store, read_site_bank, select_present

if TYPE_CHECKING:
    from xuefa.exam.marking import MarkingSummary
    from xuefa.exam.paper import Paper
    from xuefa.records.record import Learner


def set_paper(*, settings: Settings, blueprint: str, paper_id: str, held_on: date, seed: int | None) -> Paper:
    """Assemble a practice paper to a blueprint and write it as the source of an nbgrader assignment."""
    from xuefa.exam.assembly import assemble_paper
    from xuefa.exam.blueprint import read_blueprint
    from xuefa.exam.notebook import write_source
    from xuefa.exam.paper import paper_path
    from xuefa.exam.release import prepare_course

    if paper_path(settings.course_dir, paper_id).exists():
        raise BadInputError(Finding(f"试卷 {paper_id}", "这个卷号已经用过", "请换一个卷号；组好的试卷不会被覆盖"))
    bank = read_site_bank(settings)
    prepare_course(settings.course_dir, config_file=settings.blueprints_dir.parent / "nbgrader_config.py")
    paper = assemble_paper(
        read_blueprint(settings.blueprints_dir / f"{blueprint}.yaml"),
        bank=bank,
        paper_id=paper_id,
        held_on=held_on,
        seed=SystemRandom().getrandbits(31) if seed is None else seed,
    )
    write_source(paper, bank=bank, course_dir=settings.course_dir)
    return paper


def release_paper(*, settings: Settings, paper_id: str) -> tuple[Path, tuple[Learner, ...]]:
    """Release a paper without its key to those who may sit it; they are its 应考 from then on."""
    from xuefa.exam.expected import write_expected
    from xuefa.exam.paper import paper_path, read_paper
    from xuefa.exam.release import release_paper as release

    paper = read_paper(paper_path(settings.course_dir, paper_id))
    with open_site_store(settings) as store:
        on_roster = select_present(store.read_learners(), paper.held_on)
    expected = tuple(learner for learner in on_roster if learner.exam_eligible)
    if not expected:
        raise BadInputError(
            Finding(
                "名册", f"{paper.held_on} 没有可参加执法考试的人", "请在名册里把“可参加执法考试”填成“是”，再导入一次"
            )
        )
    write_expected(paper_id, course_dir=settings.course_dir, learners=expected)
    return release(paper_id, course_dir=settings.course_dir), expected


def mark_paper(
    *, settings: Settings, paper_id: str, progress: Callable[[int, int], None] | None = None
) -> MarkingSummary:
    """Mark every submission of a paper into nbgrader's gradebook; nothing of a learner's is executed."""
    from xuefa.exam.marking import mark_paper as mark

    return mark(paper_id, course_dir=settings.course_dir, progress=progress)


def write_feedback(*, settings: Settings, paper_id: str) -> tuple[Path, ...]:
    """Write each learner's feedback page."""
    from xuefa.exam.feedback import write_feedback as write

    return write(paper_id, course_dir=settings.course_dir)


def export_scores(*, settings: Settings, to: Path, paper_id: str | None) -> Path:
    """Write the scores of one paper, or of all, as CSV that Excel opens."""
    from xuefa.exam.export import write_scores_csv

    return write_scores_csv(settings.course_dir, to=to, paper_id=paper_id)
