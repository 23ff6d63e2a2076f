"""Figures of what was written, pushed and finished: 心得体会, 研讨材料, 推送, modules."""

from __future__ import annotations

from collections.abc import Iterator

from xuefa.report.figure import ONCE_A_PERSON, Counting, Figure
from xuefa.report.frames import Frames

_ONCE_A_TEXT = "同一人就同一单元、同一次学习重复提交的只计最后一篇"


def writing_figures(frames: Frames) -> Iterator[Figure]:
    """心得体会, 研讨材料 and 推送."""
    of, kept = Counting("writings"), frames.writings[~frames.writings["is_replaced"]]
    reflected, presented = kept[kept["verb"] == "reflected"], kept[kept["verb"] == "presented"]
    yield of.count(reflected, "reflections", "心得体会", "篇", f"年度内提交的心得体会，{_ONCE_A_TEXT}")
    yield of.count(presented, "discussion_papers", "研讨材料", "篇", f"年度内提交的研讨材料，{_ONCE_A_TEXT}")
    yield of.count(kept, "writings", "心得体会、研讨材料", "篇", f"心得体会与研讨材料之和，{_ONCE_A_TEXT}")
    yield of.distinct(
        kept, "learner_id", "writers", "撰写人数", "人", f"提交过心得体会或者研讨材料的人数，{ONCE_A_PERSON}"
    )
    yield Counting("publicity").count(
        frames.publicity, "pushes", "推送次数", "次", "年度内利用微信群、公众号等推送学习内容的次数，以登记为准"
    )


def completion_figures(frames: Frames) -> Iterator[Figure]:
    """How many of the people on the roster finished each module, and all of them."""
    of, people = Counting("learners"), frames.learners[frames.learners["in_year"]]
    done = frames.completions.dropna(subset=["learner_id"])
    finished = {module: set(done.loc[done["module"] == module, "learner_id"]) for module in frames.modules}
    everything = set.intersection(*finished.values()) if finished else set()
    yield of.rate(
        people.assign(has_finished=people["learner_id"].isin(everything)),
        "has_finished",
        "completion",
        "全部单元完成率",
        f"年内学完全部{len(finished)}个单元的在册人数除以年内在册人数，一人一单元只计一次",
    )
    for module, learners in finished.items():
        yield of.rate(
            people.assign(has_finished=people["learner_id"].isin(learners)),
            "has_finished",
            f"completion_{module:02d}",
            f"第{module}单元完成率",
            f"年内学完第{module}单元的在册人数除以年内在册人数，{ONCE_A_PERSON}",
            family="completion_module",
            key=str(module),
            label=f"第{module}单元",
        )
