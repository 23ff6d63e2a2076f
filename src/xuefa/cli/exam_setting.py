"""`xuefa exam`: setting papers."""

from __future__ import annotations

from typing import Annotated

import typer

from xuefa.cli.app import Day, PaperId, command, current_settings, print_files, require_none, show_progress
from xuefa.cli.exam import exam, warn_of_other_course_config

MOST_FORMS = 26


@command(exam, "set")
def exam_set(
    paper_id: PaperId,
    day: Day,
    blueprint: Annotated[
        str | None,
        typer.Option(
            "--blueprint", metavar="蓝图", help="grading/blueprints/ 里的名称；不写为 practice，补考为原卷的蓝图。"
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="数", help="同一个数组出同一份卷。")] = None,
    forms: Annotated[
        int | None,
        typer.Option(
            "--forms", min=1, max=MOST_FORMS, metavar="份数", help="平行卷的份数，卷号后加 -A、-B……；不写按蓝图。"
        ),
    ] = None,
    makeup_of: Annotated[
        str | None, typer.Option("--makeup-of", metavar="卷号", help="是哪一份卷的补考；不用这次考试各份卷的题。")
    ] = None,
) -> None:
    """按蓝图组卷，一份或几份平行卷。"""
    from xuefa.workflows.exam_setting import set_papers, summarise_papers

    settings = current_settings()
    with show_progress("组卷") as tell:
        papers = set_papers(
            settings=settings,
            blueprint=blueprint,
            paper_id=paper_id,
            held_on=day.date(),
            seed=seed,
            forms=forms,
            makeup_of=makeup_of,
            progress=tell,
        )
    for paper in papers:
        print(
            f"已组卷 {paper.paper_id}《{paper.title}》：{len(paper.questions)} 道小题，"
            f"满分 {paper.total_points:g} 分，种子 {paper.seed}。"
        )
    print("卷号\t题数\t满分\t平均难度\t各法分值")
    for summary, law_points in summarise_papers(papers, settings=settings):
        shares = "、".join(f"{law}{points:g}" for law, points in law_points.items())
        print(f"{summary.paper_id}\t{summary.items}\t{summary.points:g}\t{summary.mean_difficulty:.2f}\t{shares}")
    warn_of_other_course_config()


@command(exam, "config")
def exam_config(
    renew: Annotated[bool, typer.Option("--renew", help="换成这一版学法自带的；原来的文件会留下。")] = False,
) -> None:
    """核对考试文件夹里的 nbgrader 设置是不是这一版的；不是的可以换成这一版的。"""
    from xuefa.workflows.exam_course import check_course, renew_course

    settings = current_settings()
    if renew:
        kept = renew_course(settings=settings)
        print("课程设置已是这一版的。")
        if kept:
            print("原来的留在这里，自己加过的设置请从里面抄过来：")
            print_files(kept)
        return
    require_none(check_course(settings=settings))
    print("课程设置和这一版的一致。")
