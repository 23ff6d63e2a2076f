"""Learning from results: the analysis of a paper, and of all marked papers for the bank's view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from xuefa.settings import Settings
from xuefa.workflows.site import open_site_store

if TYPE_CHECKING:
    from xuefa.exam.analysis.paper_analysis import Analysis


def analyse_paper(*, settings: Settings, paper_id: str, progress: Callable[[int, int], None] | None = None) -> Analysis:
    """Analyse a marked paper; raise BadInputError if submissions lie there and none was marked.

    `progress` is told (done, all) of the submissions.
    """
    from xuefa.exam.analysis.paper_analysis import analyse_responses
    from xuefa.exam.analysis.responses import read_responses
    from xuefa.exam.remark_undo import require_not_interrupted

    require_not_interrupted(paper_id, course_dir=settings.course_dir)
    responses = read_responses(paper_id, course_dir=settings.course_dir, progress=progress)
    with open_site_store(settings) as store:
        units = {learner.learner_id: learner.unit for learner in store.read_learners()}
    return analyse_responses(responses, units=units)


def render_analysis_html(analysis: Analysis) -> str:
    """The analysis as an HTML fragment with tables and bars, without scripts or anything from outside."""
    from xuefa.exam.analysis.html import render_analysis_html as render

    return render(analysis)


def render_analysis_text(analysis: Analysis) -> str:
    """The analysis as text for a terminal."""
    from xuefa.exam.analysis.text import render_analysis_text as render

    return render(analysis)


def write_analysis(analysis: Analysis, *, to: Path) -> Path:
    """Write the analysis as an Excel workbook; raise BadInputError if the file cannot be written."""
    from xuefa.exam.analysis.workbook import write_analysis_workbook

    return write_analysis_workbook(analysis, to)
