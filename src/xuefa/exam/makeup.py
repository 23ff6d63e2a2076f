"""Who sits a 补考: those expected at the sitting before it, in whichever parallel form, who were absent or failed."""

from __future__ import annotations

from pathlib import Path

from xuefa.errors import BadInputError, Finding
from xuefa.exam.gradebook import read_exam_results, read_item_scores
from xuefa.exam.paper import Paper, read_course_paper, read_papers
from xuefa.exam.room import read_attendances


def select_makeup_candidates(paper: Paper, *, course_dir: Path) -> frozenset[str]:
    """The ids of those who still have to pass; `paper.makeup_of` names one paper of the sitting before.

    Raises BadInputError while that sitting is not wholly marked: nobody is called back whose marks are still to come.
    """
    earlier = read_course_paper(paper.makeup_of, course_dir=course_dir)
    forms = [earlier, *(one for one in read_papers(course_dir) if is_parallel_form(one, earlier))]
    needed: set[str] = set()
    for form in forms:
        if (course_dir / "sittings" / f"{form.paper_id}.json").exists():
            needed |= _select_failed(form, course_dir=course_dir)
    return frozenset(needed)


def is_parallel_form(paper: Paper, other: Paper) -> bool:
    """Whether both are forms (A, B …) of one assembly."""
    return paper.paper_id != other.paper_id and bool(paper.form and other.form) and paper.assembly == other.assembly


def _select_failed(paper: Paper, *, course_dir: Path) -> set[str]:
    began = {
        one.candidate.learner_id
        for one in read_attendances(paper.paper_id, course_dir=course_dir)
        if one.answers or one.fault
    }
    results = read_exam_results(course_dir, paper_id=paper.paper_id)
    marked = {result.learner_id for result in results if result.score is not None}
    waiting = {
        score.learner_id for score in read_item_scores(course_dir, paper_id=paper.paper_id) if score.needs_manual_grade
    }
    if unmarked := (began - marked) | waiting:
        raise BadInputError(
            Finding(
                f"试卷 {paper.paper_id}",
                f"还有 {len(unmarked)} 份答卷没有阅完",
                f"请先运行 xuefa exam mark {paper.paper_id}，并评完论述题",
            )
        )
    return {result.learner_id for result in results if result.score is None or result.score < result.pass_score}
