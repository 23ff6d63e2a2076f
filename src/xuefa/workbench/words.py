"""Words in and out of the forms: names in one field; findings that name a button instead of a command or an option."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xuefa.errors import Finding

_FORM_WORDS = (
    (r"运行 xuefa exam mark [\w-]+", "在“4 阅卷”里按“阅卷”"),
    (r"运行 xuefa exam config --renew 换成这一版的", "按“换成这一版的设置”"),
    (r"用 --void 把它作废", "在“6 更正”里把它作废"),
    (
        r"请用 --to 换一个文件夹；如果不要了，请加上 --overwrite",
        "请先另存到别处",
    ),
    (r"；不写 --paper 就导出全部", ""),
    (r"请几份一起再发：xuefa exam release ([\w -]+)", r"请把几份一起选上再发布：\1"),
    (r"--from 和 --until", "开考时间和截止时间"),
    (r"--reason", "原因"),
    (r"用 xuefa session edit 更正", "按“更正登记错的一场”"),
    (r"--title", "主题"),
    (r"--minutes", "时长"),
    (r"用 xuefa law add 导入一次", "重新导入一次"),
)


_BETWEEN_NAMES = re.compile(r"[、，,；;\s]+")


def split_names(text: str) -> list[str]:
    """The names or ids that somebody wrote into one field."""
    return [one for one in _BETWEEN_NAMES.split(text) if one]


def in_form_words(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings as someone reads them who has forms and buttons and no command line."""
    return tuple(Finding(_translate(one.place), _translate(one.fault), _translate(one.fix)) for one in findings)


def _translate(text: str) -> str:
    for pattern, words in _FORM_WORDS:
        text = re.sub(pattern, words, text)
    return text
