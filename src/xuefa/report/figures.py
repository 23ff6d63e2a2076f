"""The figures of a study year, each counted from one frame, with its definition in Chinese."""

from __future__ import annotations

from xuefa.report.answer_figures import answer_figures
from xuefa.report.attendance_figures import attendance_figures, gathering_figures, hour_figures
from xuefa.report.exam_figures import certification_figures, exam_figures
from xuefa.report.figure import Figures
from xuefa.report.frames import Frames
from xuefa.report.options import ReportOptions
from xuefa.report.session_figures import law_figures, session_figures
from xuefa.report.writing_figures import completion_figures, writing_figures
from xuefa.report.year_change import compare_years


def build_figures(frames: Frames, options: ReportOptions) -> Figures:
    """Every figure of the year, and its change where the year before is known. A rate without an N has value None."""
    figures = Figures(
        (
            *session_figures(frames, options),
            *law_figures(frames),
            *attendance_figures(frames),
            *hour_figures(frames, options),
            *gathering_figures(frames),
            *writing_figures(frames),
            *completion_figures(frames),
            *answer_figures(frames, options),
            *exam_figures(frames),
            *certification_figures(frames),
        )
    )
    if frames.previous is None:
        return figures
    return figures.plus(*compare_years(figures, build_figures(frames.previous, options), year=frames.year))
