"""`xuefa exam`: marking, feedback, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xuefa.cli.app import PaperId, command, current_settings, print_files
from xuefa.cli.exam import exam


@command(exam, "mark")
def exam_mark(paper_id: PaperId) -> None:
    """阅卷：成绩写入 nbgrader 成绩册；可以重复运行，人工评分会保留。"""
    from xuefa.workflows.exam_marking import mark_paper

    summary = mark_paper(settings=current_settings(), paper_id=paper_id, progress=_print_progress)
    waiting = sum(marked.needs_manual_grade for marked in summary.marked)
    print(f"\n实考 {len(summary.marked)} 人，缺考 {len(summary.absent)} 人，待人工评阅 {waiting} 人。")
    if summary.unfinished:
        print(f"其中 {len(summary.unfinished)} 人没有交卷，按已保存的答案计分：{'、'.join(summary.unfinished)}。")
    for refused in summary.refused:
        print(f"未收：{refused.learner_id}，{refused.reason}")


@command(exam, "feedback")
def exam_feedback(paper_id: PaperId) -> None:
    """写出每个人的反馈页。"""
    from xuefa.workflows.exam_marking import write_feedback

    pages = write_feedback(settings=current_settings(), paper_id=paper_id)
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


def _print_progress(done: int, total: int) -> None:
    print(f"\r阅卷 {done}/{total}", end="", flush=True)
