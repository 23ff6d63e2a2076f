"""The study section in one minute: frames → figures → section.

`frames` are pandas data frames of the year (see `Frames` for their columns). Add a figure below, then say it in a
sentence; its evidence sheet and its check by `xuefa report verify` follow by themselves.
"""

from __future__ import annotations

from xuefa.report import wording as say
from xuefa.report.figure import Counting, Figures
from xuefa.report.figures import build_figures
from xuefa.report.frames import Frames
from xuefa.report.options import ReportOptions
from xuefa.report.section import Section, number_chapters
from xuefa.report.weak_spots import find_weak_spots


def summarise_year(*, frames: Frames, options: ReportOptions) -> Figures:
    """The standard figures, and one of our own: who came to at least half of the sessions where they were expected."""
    expected = frames.attendance.query("is_study and expected")
    share = expected.groupby("learner_id")["signed_in"].mean()
    regulars = frames.learners[frames.learners["learner_id"].isin(share[share >= 0.5].index)]
    return build_figures(frames, options).plus(
        Counting("learners").count(
            regulars, "regulars", "经常参学人数", "人", "在册人员中，实到次数占本人应到次数一半以上（含一半）的人数"
        )
    )


def build_section(*, figures: Figures, options: ReportOptions) -> Section:
    """The section in the order of the report; a part that has nothing to say is left out with its heading."""
    half = say.sentence("实到次数占本人应到次数一半以上的有{regulars}人。", regulars=figures["regulars"])
    regulars = () if figures["regulars"].is_nothing else (half,)
    weak_spots = find_weak_spots(figures, options)
    chapters = number_chapters(
        {
            "学习宣传贯彻情况": {
                "总体情况": say.overview(figures, options),
                "集中学习": say.gatherings(figures, options, more=regulars),
                "心得体会、研讨、讲座和推送": say.writings_and_seminars(figures, options),
                "学法答题和模拟考试": say.answers_and_exams(figures, options),
                "执法考试": say.certification(figures, options),
                "年度要求完成情况": say.targets_met(figures, options),
            },
            "存在问题": say.problems(weak_spots, options),
            "下一步工作打算": say.next_steps(weak_spots, options),
        }
    )
    title = options.wording.title.format(year=options.year)
    blocks = (*say.opening(figures, options), *chapters, *say.closing(options))
    return Section(title=title, unit=options.unit, year=options.year, blocks=blocks)
