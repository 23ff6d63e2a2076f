"""The command `xuefa`: parse, call one workflow, print, set the exit status. User text is Chinese."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from xuefa.cli_chinese import ChineseCommand, ChineseGroup, UsageError, render_usage_error
from xuefa.errors import Finding, XuefaError
from xuefa.settings import Settings, read_settings

_Function = TypeVar("_Function", bound=Callable[..., Any])

app = typer.Typer(
    name="xuefa",
    help="学法：乡镇干部学法、执法考试练习和年度报告。",
    cls=ChineseGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _group(name: str, purpose: str) -> typer.Typer:
    group = typer.Typer(cls=ChineseGroup, no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name=name, help=purpose)
    return group


def _command(group: typer.Typer, name: str) -> Callable[[_Function], _Function]:
    return group.command(name, cls=ChineseCommand)


law = _group("law", "法律文本：导入官方文本")
bank = _group("bank", "题库：核对、统计")
module = _group("module", "模块：核对全年的课")
roster = _group("roster", "名册：导入、写出空表")
session = _group("session", "学习活动：登记")
records = _group("records", "记录：登记、合并")
exam = _group("exam", "练习卷：组卷、发卷、阅卷、反馈、导出")
report = _group("report", "报告：写出学习情况一节、核对数字")

_DAY_FORMATS = ["%Y-%m-%d"]
_Day = Annotated[
    datetime, typer.Option("--date", formats=_DAY_FORMATS, metavar="年-月-日", help="日期，如 2022-03-15。")
]
_PaperId = Annotated[str, typer.Argument(metavar="卷号", help="试卷的编号，如 2022-11-practice。")]
_InputFile = Annotated[Path, typer.Argument(metavar="文件", help="要读入的文件。")]


def main() -> None:
    """Run the command line; every error that the kit knows is printed in Chinese without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        status = app(prog_name="xuefa", standalone_mode=False)
    except UsageError as error:
        _print_error(render_usage_error(error))
        sys.exit(2)
    except XuefaError as error:
        _print_findings(error.findings)
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
        _print_error("已停止。")
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)


@_command(app, "demo")
def demo() -> None:
    """演示：一个乡一年的学法，从题库到报告。"""
    from xuefa.workflows.demonstration import run_demo

    section = run_demo(settings=_settings(), say=lambda line: print(line, flush=True))
    print("\n" + "\n\n".join(section.paragraphs[:3]) + "\n")
    _print_files(section.document, section.workbook, section.markdown)
    print("接下来：python3 run.py lab --demo，在浏览器里打开这一年的数据；python3 run.py lab，用自己的数据。")


@_command(app, "lab")
def lab(
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
    port: Annotated[int, typer.Option("--port", metavar="端口", help="端口。")] = 8888,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="不自动打开浏览器。")] = False,
) -> int:
    """打开 JupyterLab：培训人员和统计人员用，只在本机。"""
    from xuefa.workflows.opening import open_lab

    return open_lab(settings=_site(demo=demo), port=_require_port(port), open_browser=not no_browser)


@_command(app, "serve")
def serve(
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
    ip: Annotated[str, typer.Option("--ip", metavar="地址", help="监听的地址；学习室里用 0.0.0.0。")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="端口", help="端口。")] = 8866,
) -> int:
    """用 Voilà 开放学习页面：学员用手机或电脑访问。"""
    from xuefa.workflows.opening import serve as run_server

    return run_server(
        settings=_site(demo=demo), ip=ip, port=_require_port(port), say=lambda line: print(line, flush=True)
    )


@_command(law, "add")
def law_add(file: _InputFile) -> None:
    """导入从国家法律法规数据库下载的文本（.docx、.txt、.md）。"""
    from xuefa.workflows.content import add_law

    edition = add_law(settings=_settings(), file=file)
    print(
        f"已导入《{edition.title}》：{edition.adopted_on} 的文本，{edition.in_force_from} 起施行，"
        f"共 {len(edition.articles)} 条。"
    )


@_command(bank, "check")
def bank_check() -> None:
    """逐题对照法条原文核对题库，并看题量、题型和答案是否均衡、有没有重复。"""
    from xuefa.workflows.content import check_balance, check_bank

    check = check_bank(settings=_settings())
    print(f"题库：有据 {sum(check.proved.values())} 小题，无文本可核 {sum(check.unproved.values())} 小题。")
    _require_none([*check.findings, *check_balance(settings=_settings())])


@_command(bank, "stats")
def bank_stats() -> None:
    """按法律、题型、难度和能力统计在用的题。"""
    from xuefa.bank.item import KIND_NAMES, SKILL_NAMES
    from xuefa.workflows.content import summarise_bank

    head = ["题数", *KIND_NAMES.values(), *(f"难度{level}" for level in range(1, 6)), *SKILL_NAMES.values()]
    rows = [
        (
            summary.law.short_title if summary.law else "合计",
            [
                summary.items,
                *(summary.by_kind[kind] for kind in KIND_NAMES),
                *(summary.by_difficulty[level] for level in range(1, 6)),
                *(summary.by_skill[skill] for skill in SKILL_NAMES),
            ],
        )
        for summary in summarise_bank(settings=_settings())
    ]
    width = max(len(name) for name, _ in rows)
    print("　" * width + "".join(f"{title:>{8 - _wide(title)}}" for title in head))
    for name, counts in rows:
        print(name + "　" * (width - len(name)) + "".join(f"{count:>8}" for count in counts))


@_command(module, "check")
def module_check() -> None:
    """核对模块清单、笔记本和题库是否一致。"""
    from xuefa.workflows.content import check_modules

    findings = check_modules(settings=_settings())
    print(f"模块：发现 {len(findings)} 处问题。" if findings else "模块：清单、笔记本和题库一致。")
    _require_none(findings)


@_command(roster, "import")
def roster_import(file: _InputFile) -> None:
    """从 CSV 或 Excel 导入名册。"""
    from xuefa.workflows.records import import_roster

    print(f"已导入 {len(import_roster(settings=_settings(), file=file))} 人。")


@_command(roster, "template")
def roster_template(
    to: Annotated[Path, typer.Argument(metavar="文件", help="写到哪里。")] = Path("名册.xlsx"),
) -> None:
    """写出一份空的名册表。"""
    from xuefa.workflows.records import write_roster_template

    write_roster_template(to=to)
    print(f"已写出 {to}，填好后用 xuefa roster import {to} 导入。")


@_command(session, "add")
def session_add(
    day: _Day,
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
    """登记一次学习活动，签到页里随即可选。"""
    from xuefa.records.record import SESSION_KIND_NAMES, SessionKind
    from xuefa.workflows.records import add_session

    kinds = {name: key for key, names in _SESSION_KIND_WORDS.items() for name in names}
    if kind not in kinds:
        raise typer.BadParameter(f"可用的类别：{'、'.join(names[0] for names in _SESSION_KIND_WORDS.values())}")
    added = add_session(
        settings=_settings(),
        held_on=day.date(),
        kind=SessionKind(kinds[kind]),
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


@_command(session, "list")
def session_list() -> None:
    """列出登记过的学习活动和签到、请假人数。"""
    from xuefa.records.record import SESSION_KIND_NAMES
    from xuefa.workflows.records import list_sessions

    for held in list_sessions(settings=_settings()):
        one = held.session
        print(
            f"{one.session_id}  {SESSION_KIND_NAMES[one.kind]}  {one.title}  "
            f"应到 {len(one.expected)} 人，签到 {held.present} 人，请假 {held.excused} 人"
        )


@_command(session, "attend")
def session_attend(
    session_id: Annotated[str, typer.Argument(metavar="场次", help="学习活动的编号，见 xuefa session list。")],
    present: Annotated[list[str] | None, typer.Option("--present", metavar="编号", help="签到的人，可写多次。")] = None,
    excused: Annotated[list[str] | None, typer.Option("--excused", metavar="编号", help="请假的人，可写多次。")] = None,
) -> None:
    """照纸质签到表补登签到和请假；已经签到的不会重复。"""
    from xuefa.workflows.records import add_attendance

    added = add_attendance(settings=_settings(), session_id=session_id, present=present or [], excused=excused or [])
    print(f"已登记 {len(added)} 条。")


_SESSION_KIND_WORDS = {
    "evening": ("夜学", "干部夜学"),
    "twenty_minutes": ("学法二十分",),
    "study_group": ("中心组学习",),
    "seminar": ("研讨", "学习研讨"),
    "lecture": ("专题讲座",),
    "court_visit": ("旁听庭审",),
}

_ENTERED_BY_HAND = {
    "推送": "published",
    "执法考试通过": "certified",
    "心得体会": "reflected",
    "研讨材料": "presented",
}


@_command(records, "add")
def records_add(
    what: Annotated[str, typer.Argument(metavar="事项", help="推送、执法考试通过、心得体会、研讨材料。")],
    day: _Day,
    learner: Annotated[str | None, typer.Option("--learner", metavar="编号", help="谁；推送不用写。")] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="内容", help="题目或说明。")] = None,
) -> None:
    """登记一件没有用本工具记下的事。"""
    from xuefa.records.record import Verb
    from xuefa.workflows.records import add_record

    if what not in _ENTERED_BY_HAND:
        raise typer.BadParameter(f"可用的事项：{'、'.join(_ENTERED_BY_HAND)}")
    if what != "推送" and learner is None:
        raise typer.BadParameter(f"{what}要用 --learner 写明是谁")
    add_record(settings=_settings(), verb=Verb(_ENTERED_BY_HAND[what]), day=day.date(), learner_id=learner, text=text)
    print(f"已登记：{day:%Y-%m-%d} {what}{' ' + learner if learner else ''}。")


@_command(records, "list")
def records_list(
    day: Annotated[
        datetime | None, typer.Option("--date", formats=_DAY_FORMATS, metavar="年-月-日", help="只看这一天。")
    ] = None,
    learner: Annotated[str | None, typer.Option("--learner", metavar="编号", help="只看这个人。")] = None,
) -> None:
    """列出记录和它们的编号，作废时要用。"""
    from xuefa.records.record import VERB_NAMES
    from xuefa.workflows.records import list_records
    from xuefa.workflows.site import TIME_ZONE

    for record in list_records(settings=_settings(), day=day.date() if day else None, learner_id=learner):
        parts = (record.learner_id, record.session_id, record.item_id, record.text)
        at = record.occurred_at.astimezone(TIME_ZONE)
        print(f"{record.record_id}  {at:%Y-%m-%d %H:%M}  {VERB_NAMES[record.verb]}  {'  '.join(filter(None, parts))}")


@_command(records, "void")
def records_void(
    record_id: Annotated[str, typer.Argument(metavar="记录编号", help="见 xuefa records list。")],
    reason: Annotated[str, typer.Option("--reason", metavar="原因", help="为什么作废。")],
) -> None:
    """作废一条登记错的记录；原来的记录仍然保留，不再计入。"""
    from xuefa.workflows.records import void_record

    void_record(settings=_settings(), record_id=record_id, reason=reason)
    print(f"已作废 {record_id}。")


@_command(records, "merge")
def records_merge(file: _InputFile) -> None:
    """并入另一台电脑的记录文件；同一文件并入两次不会重复。"""
    from xuefa.workflows.records import merge_records

    summary = merge_records(settings=_settings(), file=file)
    print(
        f"新增 {summary.records_added} 条记录，已有 {summary.records_known} 条；"
        f"新增学员 {summary.learners_added} 人，学习活动 {summary.sessions_added} 次。"
    )


@_command(exam, "set")
def exam_set(
    paper_id: _PaperId,
    day: _Day,
    blueprint: Annotated[
        str, typer.Option("--blueprint", metavar="蓝图", help="grading/blueprints/ 里的名称。")
    ] = "practice",
    seed: Annotated[int | None, typer.Option("--seed", metavar="数", help="同一个数组出同一份卷。")] = None,
) -> None:
    """按蓝图组一份练习卷。"""
    from xuefa.workflows.exam import set_paper

    paper = set_paper(settings=_settings(), blueprint=blueprint, paper_id=paper_id, held_on=day.date(), seed=seed)
    print(
        f"已组卷《{paper.title}》：{len(paper.questions)} 道小题，满分 {paper.total_points:g} 分，种子 {paper.seed}。"
    )


@_command(exam, "release")
def exam_release(paper_id: _PaperId) -> None:
    """发卷：写出不含答案的试卷，并定下应考名单。"""
    from xuefa.workflows.exam import release_paper

    released, expected = release_paper(settings=_settings(), paper_id=paper_id)
    print(f"应考 {len(expected)} 人。")
    _print_files(released)


@_command(exam, "mark")
def exam_mark(paper_id: _PaperId) -> None:
    """阅卷：成绩写入 nbgrader 成绩册；可以重复运行，人工评分会保留。"""
    from xuefa.workflows.exam import mark_paper

    summary = mark_paper(settings=_settings(), paper_id=paper_id, progress=_print_progress)
    waiting = sum(marked.needs_manual_grade for marked in summary.marked)
    print(f"\n实考 {len(summary.marked)} 人，缺考 {len(summary.absent)} 人，待人工评阅 {waiting} 人。")
    if summary.unfinished:
        print(f"其中 {len(summary.unfinished)} 人没有交卷，按已保存的答案计分：{'、'.join(summary.unfinished)}。")
    for refused in summary.refused:
        print(f"未收：{refused.learner_id}，{refused.reason}")


@_command(exam, "feedback")
def exam_feedback(paper_id: _PaperId) -> None:
    """写出每个人的反馈页。"""
    from xuefa.workflows.exam import write_feedback

    pages = write_feedback(settings=_settings(), paper_id=paper_id)
    print(f"已写出 {len(pages)} 份反馈，每人一页：")
    _print_files(*pages)


@_command(exam, "export")
def exam_export(
    to: Annotated[Path, typer.Argument(metavar="文件", help="写到哪里。")] = Path("成绩.csv"),
    paper_id: Annotated[str | None, typer.Option("--paper", metavar="卷号", help="只导出这一份卷。")] = None,
) -> None:
    """把成绩导出为 Excel 能打开的 CSV。"""
    from xuefa.workflows.exam import export_scores

    _print_files(export_scores(settings=_settings(), to=to, paper_id=paper_id))


@_command(report, "build")
def report_build(
    year: Annotated[int | None, typer.Option("--year", metavar="年", help="哪一年；不写就按 report.toml。")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
) -> None:
    """写出学习情况一节：Word、Excel、Markdown。"""
    from xuefa.workflows.report import build_report

    section = build_report(settings=_site(demo=demo), year=year)
    _print_files(section.document, section.workbook, section.markdown)


@_command(report, "verify")
def report_verify(
    file: Annotated[Path, typer.Argument(metavar="文件", help="要核对的 Word 文件。")],
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
) -> None:
    """读回 Word 文件，用记录重算每一个数字。"""
    from xuefa.workflows.report import verify_report

    verification = verify_report(settings=_site(demo=demo), file=file)
    print(verification.summary)
    _require_none(verification.findings)


def _settings() -> Settings:
    return read_settings(os.environ)


def _site(*, demo: bool) -> Settings:
    from xuefa.workflows.demonstration import demo_settings

    return demo_settings(_settings()) if demo else _settings()


def _require_port(port: int) -> int:
    if not 1 <= port <= 65535:
        raise typer.BadParameter("端口应当在 1 到 65535 之间")
    return port


def _require_none(findings: Any) -> None:
    if findings:
        _print_findings(findings)
        raise typer.Exit(1)


def _print_findings(findings: tuple[Finding, ...] | list[Finding]) -> None:
    for finding in findings:
        _print_error(str(finding))


def _print_error(text: str) -> None:
    print(text, file=sys.stderr)


def _print_files(*paths: Path) -> None:
    for path in paths:
        print(f"  {path}")


def _print_progress(done: int, total: int) -> None:
    print(f"\r阅卷 {done}/{total}", end="", flush=True)


def _wide(text: str) -> int:
    """How many columns a terminal gives the text beyond one a character."""
    return sum(ord(char) > 0x2E80 for char in text)
