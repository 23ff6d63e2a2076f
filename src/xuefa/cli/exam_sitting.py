"""`xuefa exam`: handing papers out and taking them in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xuefa.cli.app import PaperId, command, current_settings, print_files, print_findings, show_progress
from xuefa.cli.exam import exam, warn_of_other_course_config
from xuefa.settings import TIME_ZONE

if TYPE_CHECKING:
    from xuefa.exam.room import Attendance

_MOMENT_FORMATS = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
_OUTCOMES = {
    "taken": "收下",
    "replaced": "收下，换下较早的一份",
    "unchanged": "已经收过",
    "not_better": "未采用，已有更合适的一份",
}
_BY = {"learner": "本人交卷", "time": "到时自动交卷"}


@command(exam, "release")
def exam_release(
    paper_ids: Annotated[list[str], typer.Argument(metavar="卷号…", help="一份或同一轮的几份试卷（如 A、B 卷）。")],
    opens_at: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=_MOMENT_FORMATS, metavar="时间", help='开考时间（北京），如 "2026-11-24 19:00"。'
        ),
    ] = None,
    closes_at: Annotated[
        datetime | None,
        typer.Option("--until", formats=_MOMENT_FORMATS, metavar="时间", help="截止时间（北京），此后交卷算迟交。"),
    ] = None,
) -> None:
    """发卷：写出不含答案的试卷，定下应考名单和时间；几份试卷一起发，考生按编号轮流分到各卷。"""
    from xuefa.exam.times import render_hours
    from xuefa.workflows.exam_sitting import release_papers

    with show_progress("发卷") as tell:
        released = release_papers(
            settings=current_settings(),
            paper_ids=paper_ids,
            opens_at=opens_at.replace(tzinfo=TIME_ZONE) if opens_at else None,
            closes_at=closes_at.replace(tzinfo=TIME_ZONE) if closes_at else None,
            progress=tell,
        )
    for one in released:
        print(f"{one.paper_id}：应考 {len(one.expected)} 人，{render_hours(one.opens_at, one.closes_at)}。")
    for note in dict.fromkeys(note for one in released for note in one.notes):
        print(note)
    print_files(*(one.notebook for one in released))
    warn_of_other_course_config()


@command(exam, "status")
def exam_status(paper_id: PaperId) -> None:
    """交卷情况：谁应考，谁在答，谁已交卷，是否迟交，回执码。"""
    from xuefa.exam.times import render_hours
    from xuefa.workflows.exam_sitting import read_status

    sitting, attendances = read_status(settings=current_settings(), paper_id=paper_id)
    handed_in = sum(bool(one.receipt) for one in attendances)
    begun = sum(bool(one.answers) for one in attendances) - handed_in
    print(f"{render_hours(sitting.opens_at, sitting.closes_at)}（北京时间）。")
    print(f"应考 {len(attendances)} 人，已交卷 {handed_in} 人，正在作答 {begun} 人。")
    for one in attendances:
        print(f"  {one.candidate.learner_id}　{one.candidate.name}　{_describe(one)}")


@command(exam, "pack")
def exam_pack(
    paper_id: PaperId,
    learner_id: Annotated[str, typer.Argument(metavar="学员编号", help="交卷的人。")],
) -> None:
    """在自己的电脑上交卷以后：把答卷装成一个文件，发给培训人员。"""
    from xuefa.workflows.exam_sitting import pack_hand_in

    path = pack_hand_in(settings=current_settings(), paper_id=paper_id, learner_id=learner_id)
    print("请把这个文件发给培训人员：")
    print_files(path)


@command(exam, "collect")
def exam_collect(
    files: Annotated[list[Path], typer.Argument(metavar="文件…", help="学员发来的交卷文件（.zip）。")],
) -> None:
    """收卷：收下学员发来的交卷文件；有问题的说明原因，其余照收。"""
    from xuefa.exam.times import render_time
    from xuefa.workflows.exam_sitting import collect_files

    collection = collect_files(settings=current_settings(), files=files)
    for one in collection.collected:
        late = "　迟交" if one.late else ""
        when = render_time(one.handed_in_at)
        print(f"  {one.paper_id}　{one.learner_id}　{one.name}　{when}{late}　{one.receipt}　{_OUTCOMES[one.outcome]}")
    print(f"收到 {len(collection.collected)} 份，退回 {len(collection.refused)} 份。")
    if collection.refused:
        print_findings(collection.refused)
        raise typer.Exit(1)


def _describe(one: Attendance) -> str:
    from xuefa.exam.times import render_time

    if one.fault:
        return f"答卷读不出来：{one.fault}"
    if one.answers is None:
        return "未到"
    if one.answers.handed_in_at is None:
        return f"正在作答（{render_time(one.answers.started_at)} 开始，已答 {one.answers.answered} 题）"
    how = _BY[one.answers.handed_in_by or "learner"]
    late = "　迟交" if one.late else ""
    return f"{render_time(one.answers.handed_in_at)} {how}{late}　{one.receipt}"
