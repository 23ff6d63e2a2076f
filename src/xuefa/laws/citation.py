"""Article numbers and citations, written both ways: 第四十六条 ↔ 46, 第十七条之一 ↔ 17-1."""

from __future__ import annotations

import re
from typing import NamedTuple

_DIGITS = "零一二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))
_CHINESE_NUMBER = r"[零一二三四五六七八九十百千]+"
_ARTICLE = re.compile(rf"第({_CHINESE_NUMBER}|\d+)条(?:之({_CHINESE_NUMBER}|\d+))?")
_PLAIN = re.compile(r"(\d+)(?:-(\d+))?")


class ArticleNumber(NamedTuple):
    """The number of an article; `insertion` is 1 for 之一, 2 for 之二, 0 for none."""

    article: int
    insertion: int = 0

    def __str__(self) -> str:
        """As the law writes it: 第四十六条, 第十七条之一."""
        suffix = f"之{render_chinese_number(self.insertion)}" if self.insertion else ""
        return f"第{render_chinese_number(self.article)}条{suffix}"

    @property
    def plain(self) -> str:
        """As the question bank writes it: 46, 17-1."""
        return f"{self.article}-{self.insertion}" if self.insertion else str(self.article)


class Citation(NamedTuple):
    """An article of a law; `law` is a title or short title, None for the law at hand."""

    law: str | None
    number: ArticleNumber

    def __str__(self) -> str:
        return f"《{self.law}》{self.number}" if self.law else str(self.number)


def parse_article_number(text: str) -> ArticleNumber:
    """Parse 46, 17-1, 第四十六条 or 第十七条之一; raise ValueError for anything else."""
    stripped = text.strip()
    match = _PLAIN.fullmatch(stripped) or _ARTICLE.fullmatch(stripped)
    if match is None:
        raise ValueError(f"not an article number: {text!r}")
    article, insertion = (_parse_number(part) if part else 0 for part in match.groups())
    if article == 0:
        raise ValueError(f"articles count from one: {text!r}")
    return ArticleNumber(article, insertion)


def parse_citation(value: int | str) -> Citation:
    """Parse what an item's `cites` holds: 46, "17-1", "行政复议法 20", "《行政复议法》第二十条".

    Raises ValueError for anything else.
    """
    text = str(value).strip()
    if match := re.fullmatch(r"《(.+?)》\s*(.+)", text):
        law, number = match.groups()
    elif " " in text:
        law, number = text.rsplit(" ", 1)
    else:
        return Citation(None, parse_article_number(text))
    return Citation(law.strip(), parse_article_number(number))


def find_article_numbers(prose: str) -> list[ArticleNumber]:
    """Every 第…条 that stands in running text, in order, doubles kept."""
    return [parse_article_number(match.group()) for match in _ARTICLE.finditer(prose)]


def render_chinese_number(number: int) -> str:
    """Write 1–9999 as a law does: 十, 四十六, 一百零二, 一千二百六十."""
    if not 1 <= number <= 9999:
        raise ValueError(f"out of range: {number}")
    text, rest, gap = "", number, False
    for unit, name in _UNITS:
        digit, rest = divmod(rest, unit)
        if digit:
            text += ("零" if gap else "") + _DIGITS[digit] + name
            gap = False
        else:
            gap = bool(text)
    if rest:
        text += ("零" if gap else "") + _DIGITS[rest]
    return text.removeprefix("一") if 10 <= number < 20 else text


def parse_chinese_number(text: str) -> int:
    """Read a number below ten thousand written in Chinese numerals; raise ValueError if it is not one."""
    total, digit = 0, None
    values = {name: unit for unit, name in _UNITS}
    for char in text:
        if char in values:
            total += (1 if digit is None else digit) * values[char]
            digit = None
        elif char in _DIGITS:
            digit = _DIGITS.index(char)
        else:
            raise ValueError(f"not a Chinese number: {text!r}")
    return total + (digit or 0)


def _parse_number(text: str) -> int:
    return int(text) if text.isdecimal() else parse_chinese_number(text)
