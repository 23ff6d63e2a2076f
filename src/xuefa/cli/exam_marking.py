"""`xuefa exam`: marking, feedback, export."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from xuefa.cli.app import PaperId, command, current_settings, print_files, show_progress
from xuefa.cli.exam import exam, warn_of_other_course_config
from xuefa.errors import BadInputError, Finding

PASSED = {True: "改为及格", False: "改为不及格"}


class VoidedAs(StrEnum):
    """What a voided question counts."""

    full = "full"
    out = "out"


@command(exam, "mark")
def exam_mark(paper_id: PaperId) -> None:
    """阅卷：成绩写入 nbgrader 成绩册；可以重复运行，人工评分会保留。"""
    from xuefa.workflows.exam_marking import mark_paper

    with show_progress("阅卷") as tell:
        summary = mark_paper(settings=current_settings(), paper_id=paper_id, progress=tell)
    waiting = sum(marked.needs_manual_grade for marked in summary.marked)
    print(f"实考 {len(summary.marked)} 人，缺考 {len(summary.absent)} 人，待人工评阅 {waiting} 人。")
    if summary.unfinished:
        print(f"其中 {len(summary.unfinished)} 人没有交卷，按已保存的答案计分：{'、'.join(summary.unfinished)}。")
    for refused in summary.refused:
        print(f"未收：{refused.learner_id}，{refused.reason}")
    warn_of_other_course_config()


@command(exam, "remark")
def exam_remark(
    paper_id: PaperId,
    reason: Annotated[str, typer.Option("--reason", metavar="原因", help="为什么重新阅卷；会留下记录。")],
    void: Annotated[
        list[str] | None, typer.Option("--void", metavar="题号", help="作废的题，可以写多次；案例可写整题或小题。")
    ] = None,
    how: Annotated[
        VoidedAs | None,
        typer.Option("--as", metavar="full|out", help="作废的题怎么算：full=人人得分，out=不计入总分。"),
    ] = None,
) -> None:
    """改正题库里的答案或作废有错的题以后，重新阅卷；列出谁的分数变了。"""
    from xuefa.workflows.exam_marking import remark_paper

    if bool(void) != bool(how):
        raise BadInputError(Finding("--void", "--void 和 --as 要一起写", "请写成 --void 题号 --as full（或者 out）"))
    with show_progress("阅卷") as tell:
        done = remark_paper(
            settings=current_settings(),
            paper_id=paper_id,
            reason=reason,
            void=dict.fromkeys(void or (), how.value) if how else None,
            progress=tell,
        )
    if done is None:
        print("答案和作废的题都没有变，没有重新阅卷，也没有留下记录。")
        return
    for key in done.keys:
        print(f"答案改正：{key.question_id}　{key.before}→{key.after}")
    for item_id in done.rewritten:
        print(f"解析、法条或者评分要点改过：{item_id}")
    for question_id, one in done.voided.items():
        print(f"作废：{question_id}　{'人人得分' if one == 'full' else '不计入总分'}")
    if done.total_before != done.total_after:
        print(f"满分 {done.total_before:g}→{done.total_after:g}，及格线 {done.pass_before:g}→{done.pass_after:g}。")
    print(f"分数或者及格与否有变化的 {len(done.changes)} 人。")
    for change in done.changes:
        passed = "" if change.passed_before == change.passed_after else f"　{PASSED[change.passed_after]}"
        print(f"  {change.learner_id} {change.name} {change.before:g}→{change.after:g}{passed}")


@command(exam, "feedback")
def exam_feedback(
    paper_id: PaperId,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="不写答案、解析和评分要点：这份卷以后还要用。")
    ] = False,
) -> None:
    """写出每个人的反馈页。"""
    from xuefa.workflows.exam_marking import write_feedback

    keys: Literal["hidden", "shown"] = "hidden" if without_keys else "shown"
    with show_progress("写反馈") as tell:
        pages = write_feedback(settings=current_settings(), paper_id=paper_id, keys=keys, progress=tell)
    print(f"已写出 {len(pages)} 份反馈，每人一页：")
    print_files(*pages)


@command(exam, "export")
def exam_export(
    to: Annotated[Path, typer.Argument(metavar="文件", help="写到哪里。")] = Path("成绩.csv"),
    paper_id: Annotated[str | None, typer.Option("--paper", metavar="卷号", help="只导出这一份卷。")] = None,
) -> None:
    """把成绩导出为 Excel 能打开的 CSV。"""
    from xuefa.workflows.exam_marking import export_scores

    print_files(export_scores(settings=current_settings(), to=to, paper_id=paper_id))
