"""`xuefa session open`, `status`, `excuse`, `close`, `sheet`, `edit`, `remove` and `xuefa roster reset-pin`."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xuefa.cli.app import DAY_FORMATS, command, current_settings
from xuefa.cli.records import SESSION_KINDS, require_session_kind, roster, session
from xuefa.settings import TIME_ZONE

if TYPE_CHECKING:
    from xuefa.study.attendance import Attendance

_SECONDS_BETWEEN_LOOKS = 3

_SessionId = Annotated[
    str | None, typer.Argument(metavar="场次", help="学习活动的编号，见 xuefa session list；不写就是今天开的这一场。")
]


@command(session, "open")
def session_open(  # noqa: PLR0917  typer makes options of parameters
    session_id: Annotated[
        str | None, typer.Argument(metavar="场次", help="已经登记的编号；写了它，别的就不用写。")
    ] = None,
    kind: Annotated[str, typer.Option("--kind", metavar="类别", help=f"{'、'.join(SESSION_KINDS)}。")] = "夜学",
    title: Annotated[str | None, typer.Option("--title", metavar="主题", help="不写就是“学习某某法”。")] = None,
    minutes: Annotated[int, typer.Option("--minutes", metavar="分钟", help="时长，单位为分钟。")] = 60,
    host: Annotated[str | None, typer.Option("--host", metavar="主持人", help="主持人。")] = None,
    laws: Annotated[list[str] | None, typer.Option("--law", metavar="法律", help="学习的法律，可写多次。")] = None,
    people: Annotated[
        list[str] | None,
        typer.Option("--expected", metavar="编号或姓名", help="应到的人，可写多次；不写就是全部在岗的人。"),
    ] = None,
    units: Annotated[
        list[str] | None, typer.Option("--unit", metavar="单位", help="整个单位都应到，可写多次。")
    ] = None,
    port: Annotated[int, typer.Option("--port", metavar="端口", help="xuefa serve 用的端口。")] = 8866,
) -> None:
    """开场：登记今天的一场学习，给出签到码、网址和二维码。"""
    from xuefa.study.qr_code import render_qr_text
    from xuefa.workflows.session import open_new_session, open_session

    settings = current_settings()
    if session_id is not None:
        opened = open_session(settings=settings, session_id=session_id, port=port)
    else:
        if host is None:
            raise typer.BadParameter("要用 --host 写明主持人")
        if title is None and not laws:
            raise typer.BadParameter("要用 --law 写明学习的法律，或者用 --title 写明主题")
        opened = open_new_session(
            settings=settings,
            kind=SESSION_KINDS[require_session_kind(kind)],
            title=title or f"学习{'、'.join(f'《{law}》' for law in laws or [])}",
            minutes=minutes,
            host=host,
            laws=laws or [],
            people=people or [],
            units=units or [],
            port=port,
        )
    print(f"已开场：{opened.attendance.session.title}，编号 {opened.attendance.session.session_id}。")
    print(f"{opened.attendance.summary}。")
    print(f"\n签到码  {' '.join(opened.code)}\n网址    {opened.address}\n")
    print(render_qr_text(opened.address))
    print(f"\n学员的页面要开着：xuefa serve --ip 0.0.0.0 --port {port}。手机要连在同一个网络里。")


@command(session, "status")
def session_status(
    session_id: _SessionId = None,
    watch: Annotated[bool, typer.Option("--watch", help="一直看下去，有变化就再显示，收场时停。")] = False,
) -> None:
    """看谁签到、谁请假、谁未到。"""
    from xuefa.workflows.session import follow_session, read_session

    settings = current_settings()
    if watch:
        follow_session(
            settings=settings,
            session_id=session_id,
            tell=_print_change,
            wait=lambda: time.sleep(_SECONDS_BETWEEN_LOOKS),
        )
    else:
        _print_attendance(read_session(settings=settings, session_id=session_id))


@command(session, "excuse")
def session_excuse(
    person: Annotated[str, typer.Argument(metavar="编号或姓名", help="谁请假。")],
    reason: Annotated[str, typer.Option("--reason", metavar="原因", help="请假的原因，如 下村值班。")],
    session_id: Annotated[
        str | None, typer.Option("--session", metavar="场次", help="不写就是今天开的这一场。")
    ] = None,
) -> None:
    """登记请假和原因。"""
    from xuefa.workflows.session import excuse_learner

    attendance = excuse_learner(settings=current_settings(), session_id=session_id, person=person, reason=reason)
    print(f"已登记 {person} 请假。{attendance.summary}。")


@command(session, "close")
def session_close(session_id: _SessionId = None) -> None:
    """收场：不再接受签到；当天可以再开。"""
    from xuefa.workflows.session import close_session

    attendance = close_session(settings=current_settings(), session_id=session_id)
    print("已收场。")
    _print_attendance(attendance)


@command(session, "sheet")
def session_sheet(
    session_id: _SessionId = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="文件", help="写到哪里；不写就放在 data/签到表。")] = None,
) -> None:
    """写出签到表（Word），可以打印存档。"""
    from xuefa.workflows.session import write_sign_in_sheet

    print(f"已写出 {write_sign_in_sheet(settings=current_settings(), session_id=session_id, to=to)}。")


@command(session, "edit")
def session_edit(  # noqa: PLR0917  typer makes options of parameters
    session_id: Annotated[str, typer.Argument(metavar="场次", help="学习活动的编号，见 xuefa session list。")],
    day: Annotated[
        datetime | None, typer.Option("--date", formats=DAY_FORMATS, metavar="年-月-日", help="正确的日期，同一年内。")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="类别", help=f"正确的类别：{'、'.join(SESSION_KINDS)}。")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="主题", help="正确的主题。")] = None,
    minutes: Annotated[int | None, typer.Option("--minutes", metavar="分钟", help="正确的时长，单位为分钟。")] = None,
    host: Annotated[str | None, typer.Option("--host", metavar="主持人", help="正确的主持人。")] = None,
    laws: Annotated[
        list[str] | None, typer.Option("--law", metavar="法律", help="学习的法律，全部重写，可写多次。")
    ] = None,
    expected: Annotated[
        list[str] | None, typer.Option("--expected", metavar="编号或姓名", help="应到的人，全部重写，可写多次。")
    ] = None,
    added: Annotated[
        list[str] | None, typer.Option("--add", metavar="编号或姓名", help="漏了的应到的人，可写多次。")
    ] = None,
    dropped: Annotated[
        list[str] | None, typer.Option("--drop", metavar="编号或姓名", help="不该应到的人，可写多次。")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="原因", help="为什么更正；不写就只看会改什么。")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="更正人", help="谁更正的；和原因一起写。")] = None,
) -> None:
    """更正登记错的一场：先看会改什么，写明原因和更正人才改；签到和请假都留着。"""
    from xuefa.workflows.session_edit import edit_session, plan_session_edit

    if (reason is None) != (by is None):
        raise typer.BadParameter("--reason 和 --by 要一起写")
    settings = current_settings()
    edit = plan_session_edit(
        settings=settings,
        session_id=session_id,
        held_on=day.date() if day else None,
        kind=SESSION_KINDS[require_session_kind(kind)] if kind else None,
        title=title,
        minutes=minutes,
        host=host,
        laws=laws or None,
        expected=expected or None,
        added=added or [],
        dropped=dropped or [],
    )
    print(f"{session_id}  {edit.before.held_on}  {edit.before.title}")
    for change in edit.changes:
        print(f"  {change}")
    if reason is None or by is None:
        print("还没有改动。确认后加上 --reason 原因 --by 更正人，再运行一次。")
        return
    edit_session(settings=settings, edit=edit, reason=reason, by=by)
    print("已更正，签到和请假都留着；封存过的报告请用 xuefa report verify 核对。")


@command(session, "remove")
def session_remove(
    session_id: Annotated[str, typer.Argument(metavar="场次", help="学习活动的编号，见 xuefa session list。")],
) -> None:
    """删去登记错、还没有人签到的一场。"""
    from xuefa.workflows.session import remove_session

    remove_session(settings=current_settings(), session_id=session_id)
    print(f"已删去 {session_id}。")


@command(roster, "reset-pin")
def roster_reset_pin(
    person: Annotated[str, typer.Argument(metavar="编号或姓名", help="谁忘了密码。")],
) -> None:
    """重设密码：删去旧密码，本人下次签到时重新设。"""
    from xuefa.workflows.session import reset_pin

    print(f"{reset_pin(settings=current_settings(), person=person).name} 的密码已删去，下次签到时重新设。")


def _print_change(attendance: Attendance) -> None:
    newest = attendance.signed_in[-1].learner.name if attendance.signed_in else ""
    print(f"{attendance.summary}{f'；最近签到：{newest}' if newest else ''}。", flush=True)


def _print_attendance(attendance: Attendance) -> None:
    one = attendance.session
    print(f"{one.session_id}  {one.title}  {'签到中' if attendance.is_open else '未开场或已收场'}")
    print(f"{attendance.summary}。")
    if attendance.signed_in:
        print(f"签到：{'、'.join(one.learner.name for one in attendance.signed_in)}")
    if attendance.excused:
        print(f"请假：{'、'.join(f'{one.learner.name}（{one.reason}）' for one in attendance.excused)}")
    if attendance.missing:
        print(f"未到：{'、'.join(one.name for one in attendance.missing)}")
    came, excused = [one.learner for one in attendance.signed_in], [one.learner for one in attendance.excused]
    new_pins = [
        f"{one.name}（{said}）"
        for one in (*came, *excused, *attendance.missing)
        if (said := attendance.tell_new_pin(one, time_zone=TIME_ZONE))
    ]
    if new_pins:
        print(f"新密码，请看是不是本人设的：{'、'.join(new_pins)}")
