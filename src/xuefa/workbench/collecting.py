"""Tab 收卷: who has begun and who has handed in, and taking in the files that learners pass on."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding
from xuefa.exam.collect import Collection
from xuefa.exam.room import Attendance
from xuefa.exam.sitting import Sitting
from xuefa.exam.times import render_hours, render_time
from xuefa.workbench.cards import render_done, render_findings, render_table
from xuefa.workbench.desk import Action, Desk, show_text
from xuefa.workbench.papers import PaperChoice, is_released
from xuefa.workbench.uploads import write_uploads
from xuefa.workflows.exam_sitting import collect_files, read_status

OUTCOMES = {
    "taken": "收下",
    "replaced": "收下，换下较早的一份",
    "unchanged": "已经收过",
    "not_better": "未采用，已有更合适的一份",
}


def render_status(sitting: Sitting, attendances: Sequence[Attendance]) -> str:
    """How many are expected, have begun, handed in or are late, and every one of them with time and receipt."""
    handed_in = sum(bool(one.receipt) for one in attendances)
    begun = sum(bool(one.answers) for one in attendances) - handed_in
    late = sum(bool(one.receipt) and one.late for one in attendances)
    rows = [(one.candidate.learner_id, one.candidate.name, *_attendance_cells(one)) for one in attendances]
    return (
        f"<p><strong>应考 {len(attendances)} 人，已交卷 {handed_in} 人（迟交 {late} 人），正在作答 {begun} 人，"
        f"未到 {len(attendances) - handed_in - begun} 人。</strong>"
        f"{render_hours(sitting.opens_at, sitting.closes_at)}（北京时间）。</p>"
        + render_table("名单", ("编号", "姓名", "情况", "时间", "回执码"), rows)
    )


def render_collection(collection: Collection) -> str:
    """Which files were taken, and which were sent back and why."""
    rows = [
        (
            one.file,
            one.paper_id,
            one.name,
            f"{render_time(one.handed_in_at)}{'，迟交' if one.late else ''}",
            one.receipt,
            OUTCOMES[one.outcome],
        )
        for one in collection.collected
    ]
    parts = [render_done(f"收到 {len(rows)} 份，退回 {len(collection.refused)} 份。")]
    if rows:
        parts.append(render_table("收到的文件", ("文件", "卷号", "姓名", "交卷时间", "回执码", "结果"), rows))
    if collection.refused:
        parts.append(render_findings(collection.refused, title="没有收下的文件："))
    return "".join(parts)


def open_collecting_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    chosen = PaperChoice(desk, wanted=lambda paper: is_released(desk, paper), none_yet="还没有发布过卷")
    files = widgets.FileUpload(
        description="选择交卷文件", accept=".zip", multiple=True, layout={"width": "auto", "align_self": "flex-start"}
    )

    def status(_tell: Callable[[int, int], None]) -> str:
        return render_status(*read_status(settings=settings, paper_id=chosen.require()))

    def collect(_tell: Callable[[int, int], None]) -> str:
        if not files.value:
            raise BadInputError(Finding("交卷文件", "还没有选文件", "请先按“选择交卷文件”，可以一次选几个"))
        with tempfile.TemporaryDirectory() as folder:
            collection = collect_files(settings=settings, files=write_uploads(files.value, folder=Path(folder)))
        files.value = ()
        return render_collection(collection)

    return widgets.VBox(
        [
            show_text("<p>按“刷新”，看谁在答题、谁已交卷、有没有迟交。</p>"),
            chosen.view,
            Action(desk, "刷新", status, busy="看交卷情况").view,
            show_text("<p>学员在自己电脑上答题的，会发来一个交卷文件，在这里收下；是哪一份试卷，文件里写着。</p>"),
            files,
            Action(desk, "收下文件", collect, busy="收卷").view,
        ]
    )


def _attendance_cells(one: Attendance) -> tuple[str, str, str]:
    if one.fault:
        return (f"答卷读不出来：{one.fault}", "", "")
    if one.answers is None:
        return ("未到", "", "")
    if one.answers.handed_in_at is None:
        return (f"正在作答，已答 {one.answers.answered} 题", f"{render_time(one.answers.started_at)} 开始", "")
    state = "到时自动交卷" if one.answers.handed_in_by == "time" else "已交卷"
    return (f"{state}，迟交" if one.late else state, render_time(one.answers.handed_in_at), one.receipt)
