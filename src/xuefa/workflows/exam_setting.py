"""Setting papers (组卷)."""

from __future__ import annotations

from datetime import date
from random import SystemRandom
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError, Finding
from xuefa.settings import Settings
from xuefa.workflows.site import read_site_bank

if TYPE_CHECKING:
    from xuefa.exam.paper import Paper


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
