"""The application that the commands join: its errors in Chinese, and what several commands take and print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from xuefa.cli.chinese import ChineseCommand, ChineseGroup, UsageError, render_usage_error
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


def add_group(name: str, purpose: str, *, cls: type[ChineseGroup] = ChineseGroup) -> typer.Typer:
    """A group of commands, `xuefa NAME …`."""
    group = typer.Typer(cls=cls, no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name=name, help=purpose)
    return group


def command(group: typer.Typer, name: str) -> Callable[[_Function], _Function]:
    """Make the function a command of the group; its docstring is the Chinese help."""
    return group.command(name, cls=ChineseCommand)


DAY_FORMATS = ["%Y-%m-%d"]
Day = Annotated[datetime, typer.Option("--date", formats=DAY_FORMATS, metavar="年-月-日", help="日期，如 2022-03-15。")]
PaperId = Annotated[str, typer.Argument(metavar="卷号", help="试卷的编号，如 2022-11-practice。")]
InputFile = Annotated[Path, typer.Argument(metavar="文件", help="要读入的文件。")]


def main() -> None:
    """Run the command line; every error that the kit knows is printed in Chinese without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        status = app(prog_name="xuefa", standalone_mode=False)
    except UsageError as error:
        print_error(render_usage_error(error))
        sys.exit(2)
    except XuefaError as error:
        print_findings(error.findings)
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
        print_error("已停止。")
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)


def current_settings() -> Settings:
    """The user's own site."""
    return read_settings(os.environ)


def current_site(*, demo: bool) -> Settings:
    """The demo's site or the user's own."""
    from xuefa.workflows.demonstration import demo_settings

    return demo_settings(current_settings()) if demo else current_settings()


def require_none(findings: Any) -> None:
    """Print the findings and end with status 1, if there are any."""
    if findings:
        print_findings(findings)
        raise typer.Exit(1)


def print_findings(findings: tuple[Finding, ...] | list[Finding]) -> None:
    """One line each, to standard error."""
    for finding in findings:
        print_error(str(finding))


def print_error(text: str) -> None:
    """To standard error."""
    print(text, file=sys.stderr)


@contextmanager
def show_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Gives what long work is to be told (done, all): it draws a bar of twenty steps where a terminal is looked at.

    The bar stands on standard error, so that what is printed may go into a file; it is drawn at most a hundred times.
    """
    is_looked_at, drawn = sys.stderr.isatty(), -1

    def draw(done: int, total: int) -> None:
        nonlocal drawn
        percent = done * 100 // max(total, 1)
        if is_looked_at and percent != drawn:
            drawn = percent
            bar = f"[{'█' * (percent // 5)}{'░' * (20 - percent // 5)}]"
            print(f"\r{what} {bar} {done}/{total}", end="", file=sys.stderr, flush=True)

    try:
        yield draw
    finally:
        if drawn >= 0:
            print(file=sys.stderr)


def print_files(*paths: Path) -> None:
    """Where the files are, one a line."""
    for path in paths:
        print(f"  {path}")
