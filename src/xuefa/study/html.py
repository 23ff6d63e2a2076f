"""The parts of a page that need no kernel afterwards: header, articles, picture, errors (HTML text)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from xuefa.errors import BadInputError, Finding, XuefaError
from xuefa.laws.catalogue import Law
from xuefa.page_parts import read_style
from xuefa.study.articles import OpenedArticle, render_date
from xuefa.study.manifest import Module
from xuefa.study.outline import TWENTY_MINUTES_MARK, Outline

_HERE = Path(__file__).parent
_SVG = "http://www.w3.org/2000/svg"
_PICTURE_NAME = re.compile(r"[0-9]{2}_[a-z0-9_]+\.svg")


@dataclass(frozen=True, repr=False)
class Html:
    """A piece of HTML that a notebook shows."""

    text: str

    def _repr_html_(self) -> str:
        return self.text


def render_header(module: Module, *, laws: Sequence[Law], outline: Outline, now: datetime, warning: str = "") -> Html:
    """The card at the head of a module: number, laws with edition, objectives, minutes; carries the page's styles.

    `now` (aware) goes with it, so that the page can compare the server's clock with the device's; `warning` stands
    above it as an alert.
    """
    alert = f"<div class='xuefa-card xuefa-problem' role='alert'><p>{escape(warning)}</p></div>" if warning else ""
    law_lines = "".join(
        f"<li><strong>{escape(law.name)}</strong>　{escape(_edition_line(law))}"
        + (f"<br><span class='xuefa-note'>{escape(law.note)}</span>" if law.note else "")
        + "</li>"
        for law in laws
    )
    objectives = "".join(f"<li>{escape(objective.text)}</li>" for objective in module.objectives)
    return Html(
        f"{page_style()}{alert}"
        f"<header class='xuefa-card xuefa-header' data-server-time='{now.isoformat(timespec='seconds')}'>"
        f"<p class='xuefa-eyebrow'>第 {module.number:02d} 课　{module.month} 月"
        "　<a href='index.ipynb'>返回首页</a></p>"
        f"<p class='xuefa-title'>{escape(module.title)}</p>"
        f"<ul class='xuefa-laws'>{law_lines}</ul>"
        f"<p class='xuefa-label'>学完这一课，你</p><ul>{objectives}</ul>"
        f"<p class='xuefa-note'>全课约 {outline.minutes} 分钟。标有{TWENTY_MINUTES_MARK}的各节合计约"
        f" {outline.twenty_minutes} 分钟，供党委会“学法二十分”使用。</p></header>"
    )


def render_articles(articles: Iterable[OpenedArticle]) -> Html:
    """One `<details>` an article, closed at first; it opens in place without asking the kernel."""
    items = "".join(
        f"<details class='xuefa-article'><summary>{escape(article.heading)}</summary>{_article_body(article)}</details>"
        for article in articles
    )
    return Html(f"<div class='xuefa-articles'><p class='xuefa-label'>点开看原文</p>{items}</div>")


def render_picture(path: Path) -> Html:
    """The SVG inline with its title and description for screen readers; raise BadInputError if it cannot be shown."""
    if not _PICTURE_NAME.fullmatch(path.name):
        raise BadInputError(Finding(path.name, "图的文件名不对", "请用 08_litigation.svg 这样的名字"))
    try:
        root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  a file of the project itself
    except FileNotFoundError:
        raise BadInputError(Finding(str(path), "找不到这张图", "请检查文件名")) from None
    except (ET.ParseError, UnicodeDecodeError):
        raise BadInputError(Finding(str(path), "不是合格的 SVG", "请用浏览器打开检查，改正后再保存")) from None
    _make_ids_unique(root, prefix=path.stem)
    description = " ".join((root.findtext(f"{{{_SVG}}}desc") or "").split())
    root.set("width", "100%")
    root.attrib.pop("height", None)
    ET.register_namespace("", _SVG)
    return Html(
        f"<figure class='xuefa-picture'>{ET.tostring(root, encoding='unicode')}"
        f"<details><summary>图的文字说明</summary><p>{escape(description)}</p></details></figure>"
    )


def render_error(error: XuefaError) -> Html:
    """What went wrong, for a page in place of a traceback."""
    lines = "".join(
        f"<li><strong>{escape(finding.place)}</strong>：{escape(finding.fault)}。{escape(finding.fix)}。</li>"
        for finding in error.findings
    )
    return Html(
        f"{page_style()}<div class='xuefa-card xuefa-problem' role='alert'>"
        f"<p>这一步没有做成：</p><ul>{lines}</ul></div>"
    )


def page_style() -> str:
    """The page's style sheet, carried by what stands first on a page."""
    return f"<style>{read_style(_HERE, 'page')}</style>"


def _edition_line(law: Law) -> str:
    if law.kind == "文件":
        return f"{render_date(law.edition)}公开发布。{law.note}"
    return f"{render_date(law.edition)}通过或修改，{render_date(law.in_force_from)}起施行"


def _article_body(article: OpenedArticle) -> str:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in article.text.splitlines() if line.strip())
    chapter = f"<p class='xuefa-note'>{escape(article.chapter)}</p>" if article.chapter else ""
    quoted = f"<blockquote>{chapter}{paragraphs}</blockquote>" if paragraphs else ""
    return f"{quoted}<p class='xuefa-note'>{escape(article.note)}</p>"


def _make_ids_unique(root: ET.Element, *, prefix: str) -> None:
    """Put the picture's name before its ids: JupyterLab keeps several notebooks in one page."""
    ids = {node.get("id") for node in root.iter()} - {None}
    for node in root.iter():
        for name, value in tuple(node.attrib.items()):
            if name == "id":
                node.set(name, f"{prefix}-{value}")
            elif name in {"aria-labelledby", "aria-describedby"}:
                node.set(name, " ".join(f"{prefix}-{part}" if part in ids else part for part in value.split()))
            else:
                node.set(name, re.sub(r"#([\w-]+)", lambda match: _prefixed(match, ids, prefix), value))


def _prefixed(match: re.Match[str], ids: set[str | None], prefix: str) -> str:
    return f"#{prefix}-{match.group(1)}" if match.group(1) in ids else match.group()
