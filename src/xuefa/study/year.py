"""The year at a glance: twelve modules as cards, those that can be studied with a link to their notebook."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from xuefa.laws.catalogue import Catalogue, Law
from xuefa.study.html import Html, page_style
from xuefa.study.manifest import Manifest, Module, laws_of


def render_year(manifest: Manifest, catalogue: Catalogue, *, staff_pages: Mapping[str, str] | None = None) -> Html:
    """The modules in order; links are relative, which both JupyterLab and Voilà open in place.

    `staff_pages` are pages for the staff, title → notebook, which stand below the year.
    """
    cards = "".join(_render_card(module, laws_of(module, catalogue)) for module in manifest)
    return Html(
        f"{page_style()}<nav class='xuefa-year' aria-label='全年课程'><ol class='xuefa-months'>{cards}</ol></nav>"
        f"{_render_staff_pages(staff_pages or {})}"
    )


def _render_staff_pages(pages: Mapping[str, str]) -> str:
    links = "　".join(f"<a href='{quote(notebook)}'>{escape(title)}</a>" for title, notebook in pages.items())
    return f"<p class='xuefa-note'>工作人员：{links}</p>" if links else ""


def render_month(manifest: Manifest, catalogue: Catalogue, *, month: int) -> Html:
    """The card of the module of that month; it brings the page's styles."""
    module = next((module for module in manifest if module.month == month), None)
    if module is None:
        return Html(f"{page_style()}<p class='xuefa-card xuefa-header'>这个月没有安排课程，可以复习学过的各课。</p>")
    title = escape(module.title)
    if module.status == "ready":
        title = f"<a href='{quote(module.notebook)}'>{title}</a>"
    names = "、".join(escape(name) for name in _names_besides_title(module, laws_of(module, catalogue)))
    note = f"<p class='xuefa-note'>{names}</p>" if names else ""
    return Html(
        f"{page_style()}<section class='xuefa-card xuefa-header' aria-label='本月学习'>"
        f"<p class='xuefa-eyebrow'>本月学习　{month} 月　第 {module.number:02d} 课</p>"
        f"<p class='xuefa-title'>{title}</p>{note}</section>"
    )


def _render_card(module: Module, laws: tuple[Law, ...]) -> str:
    ready = module.status == "ready"
    title = escape(module.title)
    if ready:
        title = f"<a href='{quote(module.notebook)}'>{title}</a>"
    names = "".join(f"<li>{escape(name)}</li>" for name in _names_besides_title(module, laws))
    laws_line = f"<ul class='xuefa-laws'>{names}</ul>" if names else ""
    state = "" if ready else "<p class='xuefa-note'>筹备中</p>"
    return (
        f"<li class='xuefa-card{'' if ready else ' xuefa-planned'}'>"
        f"<p class='xuefa-eyebrow'>{module.month} 月　第 {module.number:02d} 课</p>"
        f"<p class='xuefa-title'>{title}</p>{laws_line}{state}</li>"
    )


def _names_besides_title(module: Module, laws: tuple[Law, ...]) -> list[str]:
    """The names of the laws that the title does not already say: a phone shows twelve such cards."""
    return [law.name for law in laws if law.name != f"《{module.title}》"]
