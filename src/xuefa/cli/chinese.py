"""Chinese for what typer itself says: the headings of its help pages and its complaints about a command line."""

from __future__ import annotations

import difflib
import re
from typing import Any

from typer._click import exceptions as usage
from typer.core import TyperCommand, TyperGroup

# typer's own words → ours; it offers no translations of its own.
_HEADINGS = {
    "Usage: ": "用法：",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]……",
    "\nArguments:\n": "\n参数：\n",
    "\nOptions:\n": "\n选项：\n",
    "\nCommands:\n": "\n命令：\n",
    "Show this message and exit.": "显示这份说明。",
    "[required]": "［必填］",
}


class _ChineseHelp:
    def get_help(self, ctx: Any) -> str:
        text: str = super().get_help(ctx)  # type: ignore[misc]  # mixed into typer's classes, which have it
        for theirs, ours in _HEADINGS.items():
            text = text.replace(theirs, ours)
        text = re.sub(r" <(?:str|path|list\[\w+\])>", lambda found: " " * len(found.group()), text)
        return re.sub(r"\[default: ([^\]]*)\]", r"［默认：\1］", text)


class ChineseGroup(_ChineseHelp, TyperGroup):
    """A group of commands whose help page is in Chinese."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if self.get_command(ctx, args[0]) is None:
            raise UnknownCommandError(args[0], sorted(self.commands), ctx)
        return super().resolve_command(ctx, args)


class ChineseCommand(_ChineseHelp, TyperCommand):
    """A command whose help page is in Chinese."""


UsageError = usage.UsageError


class UnknownCommandError(usage.UsageError):
    """A word stands where a command should."""

    def __init__(self, word: str, known: list[str], ctx: Any) -> None:
        super().__init__(word, ctx)
        self.word = word
        self.near = difflib.get_close_matches(word, known, n=1)


def render_usage_error(error: usage.UsageError) -> str:
    """What is wrong with the command line and how to see the right usage, in Chinese."""
    if isinstance(error, usage.NoArgsIsHelpError):
        return error.format_message()
    path = error.ctx.command_path if error.ctx else "xuefa"
    return f"用法不对：{_describe(error)}。请看 {path} --help。"


def _describe(error: usage.UsageError) -> str:
    if isinstance(error, UnknownCommandError):
        return f"没有命令 {error.word}" + (f"，是不是想写 {error.near[0]}" if error.near else "")
    if isinstance(error, usage.NoSuchOption):
        near = f"，是不是想写 {'、'.join(sorted(error.possibilities))}" if error.possibilities else ""
        return f"没有选项 {error.option_name}{near}"
    if isinstance(error, usage.MissingParameter):
        return f"缺少 {_name(error.param)}"
    if isinstance(error, usage.BadParameter):
        # What our own code raises carries no parameter and says in Chinese what is wrong; typer's own words do not.
        return error.message if error.param is None else f"{_name(error.param)} 的值不合要求：{_help(error.param)}"
    if isinstance(error, usage.BadOptionUsage):
        return f"选项 {error.option_name} 后面缺少值，或者多写了值"
    return "参数的个数不对"


def _name(param: Any) -> str:
    return str(param.opts[0] if param.param_type_name == "option" else param.metavar)


def _help(param: Any) -> str:
    return str(param.help or "").rstrip("。")
