"""Opens cited articles: the official words as of a day, where they come from, or how to get them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from xuefa.laws.catalogue import Catalogue, Law
from xuefa.laws.citation import Citation
from xuefa.laws.statutes import Statutes


@dataclass(frozen=True)
class OpenedArticle:
    """One cited article as a reader sees it; `text` is empty where no official text is at hand.

    `heading` is like 《行政诉讼法》第四十六条; `note` tells origin and edition, or what to do to get the text.
    """

    heading: str
    chapter: str
    text: str
    note: str

    def as_view(self) -> dict[str, str]:
        """The plain values that a widget shows."""
        return asdict(self)


class ArticleShelf:
    """The official texts, opened by citation."""

    def __init__(self, *, catalogue: Catalogue, statutes: Statutes, today: date) -> None:
        self._catalogue = catalogue
        self._statutes = statutes
        self._today = today

    def open(self, citation: Citation, *, law_at_hand: Law) -> OpenedArticle:
        """Open the article; a citation without a law means `law_at_hand`."""
        law = self._catalogue.find(citation.law) if citation.law else law_at_hand
        title = law.title if law else (citation.law or "")
        name = law.name if law else f"《{citation.law}》"
        heading = law.cite(citation.number) if law else f"{name}{citation.number}"
        edition = self._statutes.edition_as_of(title, self._today)
        if edition is None:
            return OpenedArticle(heading, "", "", _say_how_to_get(name, law))
        article = edition.articles.get(citation.number)
        if article is None:
            return OpenedArticle(heading, "", "", f"{name}的现行文本里没有{citation.number}，请告诉培训人员。")
        note = f"{render_date(edition.adopted_on)}版本，文本来源：{edition.origin}"
        if law and law.edition != edition.adopted_on:
            note += f"。注意：本课按{render_date(law.edition)}的版本编写，现行文本已经不同"
        return OpenedArticle(heading, article.chapter, article.text, note)


def _say_how_to_get(name: str, law: Law | None) -> str:
    if law and law.kind == "文件":
        return f"这里没有{name}的原文，请查阅公开发布的文本。"
    source = "国家行政法规库" if law and law.kind == "行政法规" else "国家法律法规数据库"
    return (
        f"这里还没有{name}的原文，请在{source}里查阅。"
        "培训人员从那里下载（.docx 或 .txt），用 xuefa law add 文件名 导入以后，就能在这里点开。"
    )


def render_date(day: date) -> str:
    """2017-06-27 as 2017年6月27日."""
    return f"{day.year}年{day.month}月{day.day}日"
