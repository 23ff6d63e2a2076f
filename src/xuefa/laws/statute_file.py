"""Reads a law's text as downloaded from the official database (.docx, .txt, .md) into an edition."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from xuefa.errors import BadInputError, Finding
from xuefa.laws.citation import ArticleNumber, parse_article_number
from xuefa.laws.statutes import Article, Edition

_ARTICLE = re.compile(r"(第[零一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?)[\s　]+(\S.*)")
_DIVISION = re.compile(r"第[零一二三四五六七八九十百]+(编|章|节)[\s　]+\S.*")
_DATED = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日((?:(?!\d{4}年\d).)*)")
_MAKING = re.compile(r"公布|通过|修订|修正|发布")


def read_statute_file(path: Path, *, title: str | None = None) -> Edition:
    """Read one law; its title is the first heading unless given.

    The days come from the lines above the first article: the latest day of 公布, 通过, 修订 or 修正 is the edition, the
    day of 施行 the day in force (the edition's day if the file names none).

    Raises BadInputError for another file type, a file of no text, no date, no article, or articles out of sequence.
    """
    paragraphs = [text for text in map(_clean, _read_paragraphs(path)) if text]
    first = next((number for number, text in enumerate(paragraphs) if _ARTICLE.fullmatch(text)), None)
    if first is None:
        raise BadInputError(
            Finding(str(path), "没有找到以“第一条”这样的条号开头的段落", "请确认这是法律正文，条号后面要有空格")
        )
    head = paragraphs[:first]
    adopted_on, in_force_from = _read_days(path, head)
    articles = _read_articles(path, paragraphs[first:], chapter=_last_division(head))
    return Edition(
        title=title or head[0],
        adopted_on=adopted_on,
        in_force_from=in_force_from,
        articles=articles,
        origin=path.name,
    )


def _read_paragraphs(path: Path) -> list[str]:
    suffix = path.suffix.lower()
    if not path.is_file():
        raise BadInputError(Finding(str(path), "找不到这个文件", "请检查文件名和所在的文件夹"))
    if suffix == ".docx":
        return _read_docx(path)
    if suffix in {".txt", ".md"}:
        return _decode(path).splitlines()
    raise BadInputError(
        Finding(
            str(path),
            f"不支持 {suffix or '没有扩展名的'} 文件",
            "请用 .docx、.txt 或 .md；.doc 请先在 Word 或 WPS 里另存为 .docx",
        )
    )


def _read_docx(path: Path) -> list[str]:
    # Loaded here: only an import of a Word file needs it.
    from docx import Document  # noqa: PLC0415
    from docx.opc.exceptions import PackageNotFoundError  # noqa: PLC0415

    try:
        return [line for paragraph in Document(str(path)).paragraphs for line in paragraph.text.splitlines()]
    except (PackageNotFoundError, KeyError, ValueError):
        raise BadInputError(
            Finding(str(path), "打不开，不是合格的 .docx 文件", "请重新下载，或者在 Word、WPS 里另存为 .docx")
        ) from None


def _decode(path: Path) -> str:
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInputError(Finding(str(path), "文字编码认不出来", "请在记事本里另存为 UTF-8 编码"))


def _clean(paragraph: str) -> str:
    text = paragraph.replace("　", " ").strip()
    return "" if text.startswith("<!--") else text.lstrip("#").strip().strip("*").strip()


def _read_days(path: Path, head: list[str]) -> tuple[date, date]:
    made: list[date] = []
    effective: list[date] = []
    for match in _DATED.finditer("\n".join(head)):
        day = date(*map(int, match.groups()[:3]))
        (effective if "施行" in match[4] and not _MAKING.search(match[4]) else made).append(day)
    if not made:
        raise BadInputError(
            Finding(
                str(path), "正文前面没有公布或修订的日期", "请在标题下补一行，如“2019年4月20日 国务院令第713号公布”"
            )
        )
    return max(made), max([*effective, max(made)])


def _read_articles(path: Path, paragraphs: list[str], *, chapter: str) -> dict[ArticleNumber, Article]:
    texts: dict[ArticleNumber, list[str]] = {}
    chapters: dict[ArticleNumber, str] = {}
    number: ArticleNumber | None = None
    for text in paragraphs:
        if match := _ARTICLE.fullmatch(text):
            following = parse_article_number(match.group(1))
            _require_sequence(path, number, following)
            number = following
            texts[number], chapters[number] = [match.group(2)], chapter
        elif division := _DIVISION.fullmatch(text):
            if division.group(1) != "节":
                chapter = text
        elif number is not None:
            texts[number].append(text)
    return {found: Article(found, "\n".join(lines), chapters[found]) for found, lines in texts.items()}


def _require_sequence(path: Path, last: ArticleNumber | None, following: ArticleNumber) -> None:
    expected = (
        {ArticleNumber(1)}
        if last is None
        else {
            ArticleNumber(last.article + 1),
            ArticleNumber(last.article, last.insertion + 1),
        }
    )
    if following not in expected:
        raise BadInputError(
            Finding(
                f"{path}（{following}）",
                f"条号不连续：{last or '开头'}之后是{following}",
                "请检查是否漏了条文，或者把目录、附件删去再导入",
            )
        )


def _last_division(head: list[str]) -> str:
    return next(
        (text for text in reversed(head) if (match := _DIVISION.fullmatch(text)) and match.group(1) != "节"), ""
    )
