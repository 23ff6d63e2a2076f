"""`xuefa roster`, `session`, `records`: what the clerk keeps."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from xuefa.cli.app import DAY_FORMATS, Day, InputFile, add_group, command, current_settings
from xuefa.records.record import SESSION_KIND_NAMES, VERB_NAMES, SessionKind, Verb
from xuefa.settings import TIME_ZONE

roster = add_group("roster", "名册：导入、写出空表、重设密码")
session = add_group("session", "学习活动：开场签到、登记、签到表")
records = add_group("records", "记录：登记、合并")


SESSION_KINDS = {
    "夜学": SessionKind.EVENING,
    "学法二十分": SessionKind.TWENTY_MINUTES,
    "中心组学习": SessionKind.STUDY_GROUP,
    "研讨": SessionKind.SEMINAR,
    "专题讲座": SessionKind.LECTURE,
    "旁听庭审": SessionKind.COURT_VISIT,
}
_ENTERED_BY_HAND = {VERB_NAMES[verb]: verb for verb in (Verb.PUBLISHED, Verb.CERTIFIED, Verb.REFLECTED, Verb.PRESENTED)}


def require_session_kind(kind: str) -> str:
    """The kind as the command line takes it; any other is a usage error."""
    if kind not in SESSION_KINDS:
        raise typer.BadParameter(f"可用的类别：{'、'.join(SESSION_KINDS)}")
    return kind


@command(roster, "import")
def roster_import(file: InputFile) -> None:
    """从 CSV 或 Excel 导入名册。"""
    from xuefa.workflows.records import import_roster

    print(f"已导入 {len(import_roster(settings=current_settings(), file=file))} 人。")


@command(roster, "template")
def roster_template(
    to: Annotated[Path, typer.Argument(metavar="文件", help="写到哪里。")] = Path("名册.xlsx"),
) -> None:
    """写出一份空的名册表。"""
    from xuefa.workflows.records import write_roster_template

    write_roster_template(to=to)
    print(f"已写出 {to}，填好后用 xuefa roster import {to} 导入。")


@command(session, "add")
def session_add(
    day: Day,
    kind: Annotated[
        str, typer.Option("--kind", metavar="类别", help="夜学、学法二十分、中心组学习、研讨、专题讲座、旁听庭审。")
    ],
    title: Annotated[str, typer.Option("--title", metavar="主题", help="学习的主题。")],
    minutes: Annotated[int, typer.Option("--minutes", metavar="分钟", help="时长，单位为分钟。")],
    host: Annotated[str, typer.Option("--host", metavar="主持人", help="主持人。")],
    laws: Annotated[list[str] | None, typer.Option("--law", metavar="法律", help="学习的法律，可写多次。")] = None,
    expected: Annotated[
        list[str] | None, typer.Option("--expected", metavar="编号", help="应到的人，可写多次；不写就是当日在册的人。")
    ] = None,
) -> None:
    """登记一次没有用本工具签到的学习活动；今天要签到的用 xuefa session open。"""
    from xuefa.workflows.records import add_session

    added = add_session(
        settings=current_settings(),
        held_on=day.date(),
        kind=SESSION_KINDS[require_session_kind(kind)],
        title=title,
        minutes=minutes,
        host=host,
        laws=laws or [],
        expected=expected or [],
    )
    print(
        f"已登记 {added.held_on} 的{SESSION_KIND_NAMES[added.kind]}，"
        f"编号 {added.session_id}，应到 {len(added.expected)} 人。"
    )


@command(session, "list")
def session_list() -> None:
    """列出登记过的学习活动和签到、请假人数。"""
    from xuefa.workflows.records import list_sessions

    for held in list_sessions(settings=current_settings()):
        one = held.session
        print(
            f"{one.session_id}  {one.held_on}  {SESSION_KIND_NAMES[one.kind]}  {one.title}  "
            f"应到 {len(one.expected)} 人，签到 {held.present} 人，请假 {held.excused} 人"
        )


@command(session, "attend")
def session_attend(
    session_id: Annotated[str, typer.Argument(metavar="场次", help="学习活动的编号，见 xuefa session list。")],
    present: Annotated[
        list[str] | None, typer.Option("--present", metavar="编号或姓名", help="签到的人，可写多次。")
    ] = None,
    excused: Annotated[
        list[str] | None, typer.Option("--excused", metavar="编号或姓名", help="请假的人，可写多次。")
    ] = None,
) -> None:
    """照纸质签到表补登签到和请假；已经签到的不会重复。"""
    from xuefa.workflows.records import add_attendance

    added = add_attendance(
        settings=current_settings(), session_id=session_id, present=present or [], excused=excused or []
    )
    print(f"已登记 {len(added)} 条。")


@command(records, "add")
def records_add(
    what: Annotated[str, typer.Argument(metavar="事项", help="推送、执法考试通过、心得体会、研讨材料。")],
    day: Day,
    learner: Annotated[str | None, typer.Option("--learner", metavar="编号", help="谁；推送不用写。")] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="内容", help="题目或说明。")] = None,
) -> None:
    """登记一件没有用本工具记下的事。"""
    from xuefa.workflows.records import add_record

    if what not in _ENTERED_BY_HAND:
        raise typer.BadParameter(f"可用的事项：{'、'.join(_ENTERED_BY_HAND)}")
    if _ENTERED_BY_HAND[what] is not Verb.PUBLISHED and learner is None:
        raise typer.BadParameter(f"{what}要用 --learner 写明是谁")
    add_record(settings=current_settings(), verb=_ENTERED_BY_HAND[what], day=day.date(), learner_id=learner, text=text)
    print(f"已登记：{day:%Y-%m-%d} {what}{' ' + learner if learner else ''}。")


@command(records, "list")
def records_list(
    day: Annotated[
        datetime | None, typer.Option("--date", formats=DAY_FORMATS, metavar="年-月-日", help="只看这一天。")
    ] = None,
    learner: Annotated[str | None, typer.Option("--learner", metavar="编号", help="只看这个人。")] = None,
) -> None:
    """列出记录和它们的编号，作废时要用。"""
    from xuefa.workflows.records import list_records

    for record in list_records(settings=current_settings(), day=day.date() if day else None, learner_id=learner):
        parts = (record.learner_id, record.session_id, record.item_id, record.text)
        at = record.occurred_at.astimezone(TIME_ZONE)
        print(f"{record.record_id}  {at:%Y-%m-%d %H:%M}  {VERB_NAMES[record.verb]}  {'  '.join(filter(None, parts))}")


@command(records, "void")
def records_void(
    record_id: Annotated[str, typer.Argument(metavar="记录编号", help="见 xuefa records list。")],
    reason: Annotated[str, typer.Option("--reason", metavar="原因", help="为什么作废。")],
) -> None:
    """作废一条登记错的记录；原来的记录仍然保留，不再计入。"""
    from xuefa.workflows.records import void_record

    void_record(settings=current_settings(), record_id=record_id, reason=reason)
    print(f"已作废 {record_id}。")


@command(records, "merge")
def records_merge(file: InputFile) -> None:
    """并入另一台电脑的记录文件；同一文件并入两次不会重复。"""
    from xuefa.workflows.records import merge_records

    print(merge_records(settings=current_settings(), file=file).text)
