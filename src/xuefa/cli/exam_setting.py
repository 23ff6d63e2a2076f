"""`xuefa exam`: setting papers."""

from __future__ import annotations

from typing import Annotated

import typer

from xuefa.cli.app import Day, PaperId, command, current_settings
from xuefa.cli.exam import exam


@command(exam, "set")
def exam_set(
    paper_id: PaperId,
    day: Day,
    blueprint: Annotated[
        str, typer.Option("--blueprint", metavar="蓝图", help="grading/blueprints/ 里的名称。")
    ] = "practice",
    seed: Annotated[int | None, typer.Option("--seed", metavar="数", help="同一个数组出同一份卷。")] = None,
) -> None:
    """按蓝图组一份练习卷。"""
    from xuefa.workflows.exam_setting import set_paper

    paper = set_paper(
        settings=current_settings(), blueprint=blueprint, paper_id=paper_id, held_on=day.date(), seed=seed
    )
    print(
        f"已组卷《{paper.title}》：{len(paper.questions)} 道小题，满分 {paper.total_points:g} 分，种子 {paper.seed}。"
    )
