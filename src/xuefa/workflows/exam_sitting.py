"""Sitting an exam (考试): who sits it, from when to when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError, Finding
from xuefa.settings import Settings
from xuefa.workflows.site import open_site_store, select_present

if TYPE_CHECKING:
    from xuefa.records.record import Learner


def release_paper(*, settings: Settings, paper_id: str) -> tuple[Path, tuple[Learner, ...]]:
    """Release a paper without its key to those who may sit it; they are its 应考 from then on."""
    from xuefa.exam.paper import paper_path, read_paper
    from xuefa.exam.release import release_paper as release
    from xuefa.exam.sitting import make_sitting

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
    return release(make_sitting(paper_id, learners=expected), course_dir=settings.course_dir), expected
