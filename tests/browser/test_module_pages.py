"""A learner's page for every eye and hand: screen readers, keyboard, large type, dark device, paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.visit import MODULE_08, Visit
from xuefa.doors import Door
from xuefa.exam.paper import Paper

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}


def find_barriers(page: Page) -> list[str]:
    """What axe-core counts as a serious or critical barrier: rule, and where."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
        for one in violations
        if one["impact"] in SERIOUS
        for node in one["nodes"][:3]
    ]


def open_lesson(visit: Visit, voila: Door) -> None:
    visit.open_voila(voila, MODULE_08)
    expect(visit.quiz.locator("legend")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_barrier(
    voila: Door, open_visit: Callable[..., Visit], released_paper: Paper, scheme: Literal["light", "dark"]
) -> None:
    assert released_paper.questions
    visit = open_visit(width=390)
    page = visit.page
    page.emulate_media(color_scheme=scheme)
    visit.open_voila(voila)
    expect(page.locator("main a:visible").first).to_be_visible()
    assert find_barriers(page) == []
    visit.take_picture(f"page-390-index-{scheme}")

    open_lesson(visit, voila)
    assert find_barriers(page) == []
    visit.sign_in("学员26" if scheme == "light" else "学员27")
    page.locator(".xuefa-articles summary").first.click()
    visit.answer()
    assert find_barriers(page) == []
    visit.take_picture(f"page-390-feedback-{scheme}", part=visit.quiz)
    visit.card("心得体会").get_by_role("textbox").fill("一段话")
    assert find_barriers(page) == []
    visit.take_picture(f"page-390-writing-{scheme}", part=visit.card("心得体会"))

    visit.open_voila(voila, "exam.ipynb")
    expect(visit.card("考试")).to_be_visible()
    assert find_barriers(page) == []
    visit.take_picture(f"page-390-exam-{scheme}")


def test_device_set_to_dark_gets_a_dark_page(voila: Door, open_visit: Callable[..., Visit]) -> None:
    visit = open_visit(width=1280)
    visit.page.emulate_media(color_scheme="dark")
    open_lesson(visit, voila)
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 25, 31)"
    assert visit.quiz.evaluate("(card) => getComputedStyle(card).backgroundColor") == "rgb(27, 34, 42)"
    visit.take_picture("page-1280-dark")


def test_type_grows_stays_grown_and_still_fits_a_phone(voila: Door, open_visit: Callable[..., Visit]) -> None:
    visit = open_visit(width=390)
    open_lesson(visit, voila)
    line = visit.page.locator("#rendered_cells .jp-RenderedMarkdown p").first
    before = line.evaluate("(one) => one.getBoundingClientRect().height")
    larger = visit.page.get_by_role("button", name="字大一点")
    while larger.is_enabled():
        larger.click()
    assert line.evaluate("(one) => one.getBoundingClientRect().height") > 1.5 * before
    visit.expect_sound_layout()
    visit.page.reload()
    expect(visit.quiz.locator("legend")).to_be_visible()
    expect(larger).to_be_disabled()
    visit.expect_sound_layout()
    visit.take_picture("page-390-large")


def test_bar_stays_in_sight_and_tells_where_one_reads(voila: Door, open_visit: Callable[..., Visit]) -> None:
    visit = open_visit(width=390)
    open_lesson(visit, voila)
    bar = visit.page.get_by_role("progressbar", name="这一页读到哪里")
    visit.page.get_by_role("heading", name="小测验").scroll_into_view_if_needed()
    expect(bar).to_be_in_viewport()
    visit.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(visit.page.locator("#reading-place")).to_contain_text("15/15")
    expect(bar).to_have_js_property("value", 100)
    expect(bar).to_be_in_viewport()


def test_keyboard_alone_skips_to_the_text_and_opens_an_article(voila: Door, open_visit: Callable[..., Visit]) -> None:
    visit = open_visit(width=1280)
    open_lesson(visit, voila)
    keyboard = visit.page.keyboard
    keyboard.press("Tab")
    expect(visit.page.get_by_role("link", name="跳到正文")).to_be_focused()
    keyboard.press("Enter")
    article = visit.page.locator(".xuefa-articles details").first
    for _ in range(120):
        keyboard.press("Tab")
        if article.locator("summary").evaluate("(one) => one === document.activeElement"):
            break
    keyboard.press("Enter")
    expect(article.locator("blockquote")).to_be_visible()


def test_paper_gets_the_lesson_with_its_articles_and_nothing_to_press(
    voila: Door, open_visit: Callable[..., Visit]
) -> None:
    visit = open_visit(width=1280)
    open_lesson(visit, voila)
    visit.page.emulate_media(media="print")
    visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(visit.page.locator(".xuefa-articles blockquote").first).to_be_visible()
    assert visit.page.locator("button:visible, input:visible, textarea:visible").count() == 0
    printed = visit.page.locator(".xuefa-articles details[open] summary").all_inner_texts()
    cited = visit.page.locator(".xuefa-articles summary").all_inner_texts()
    assert len(printed) < len(cited)
    assert sorted(printed) == sorted(set(cited))  # an article cited again is on paper once
    visit.take_picture("page-1280-print")
    visit.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert visit.page.locator(".xuefa-articles details[open]").count() == 0
