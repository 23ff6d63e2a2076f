"""首页 in real Voilà: one's own year, 回头看 and 自测 on a phone and on a PC, and the Word files that come of it."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Locator, expect

from tests.browser.test_module_pages import find_barriers
from tests.browser.visit import MODULE_08, Visit
from xuefa.bank.item import Question, questions_in
from xuefa.bank.reader import read_bank
from xuefa.doors import Door
from xuefa.exam.paper import Paper
from xuefa.records.record import Record, Verb, make_record_id
from xuefa.records.store import Store
from xuefa.settings import Settings

pytestmark = pytest.mark.browser

_STYLES_THAT_MATTER_LAST = """() => {
    const look = () => JSON.stringify([...document.querySelectorAll('.xuefa, .xuefa *')].map((one) => {
        const { color, backgroundColor, border, font, margin, padding } = getComputedStyle(one);
        return [one.className, color, backgroundColor, border, font, margin, padding];
    }));
    const before = look();
    return [...document.querySelectorAll('head style')].filter((style) => {
        document.head.append(style);
        return look() !== before;
    }).map((style) => style.textContent.slice(-400));
}"""


def answer_days_ago(store: Store, questions: list[Question], *, learner_id: str, days: int, right: bool) -> None:
    """Answers that a learner gave some days ago."""
    rng = random.Random(f"{learner_id}{days}")  # noqa: S311  ids for a test
    at = datetime.now(UTC) - timedelta(days=days)
    store.append_records(
        Record(
            record_id=make_record_id(at, rng.getrandbits(74)),
            verb=Verb.ANSWERED,
            occurred_at=at,
            source="notebook",
            learner_id=learner_id,
            module=8 if question.item.law_slug == "xzss" else 7,
            item_id=question.question_id,
            item_version=question.item.version,
            points=float(right),
            max_points=1.0,
            response=question.key if right else next(one for one in question.options if one != question.key),
        )
        for question in questions
    )


def select_questions(site: Settings, slug: str) -> list[Question]:
    """A plain question and all those of a case of that law."""
    items = read_bank(site.question_bank_dir).select(laws=(slug,))
    single = next(item for item in items if item.kind == "single")
    case = next(item for item in items if item.kind == "case")
    return list(questions_in((single, case)))


def download(visit: Visit, button: Locator) -> tuple[str, str]:
    """Press the button and read the Word file that the browser got: its name and its text."""
    with visit.page.expect_download() as waiting:
        button.click()
    file = waiting.value
    document = Document(io.BytesIO(Path(file.path()).read_bytes()))
    return file.suggested_filename, "\n".join(paragraph.text for paragraph in document.paragraphs)


@pytest.mark.parametrize("width", [390, 1280])
def test_learner_sees_their_year_looks_back_and_takes_both_word_files_along(
    voila: Door, open_visit: Callable[..., Visit], store: Store, site: Settings, width: int
) -> None:
    number = 21 if width == 390 else 22
    learner_id = f"L{number}"
    questions = select_questions(site, "xzss")
    answer_days_ago(store, questions, learner_id=learner_id, days=3, right=False)
    answer_days_ago(store, select_questions(site, "xzfy")[:1], learner_id=learner_id, days=30, right=True)
    visit = open_visit(width=width)
    visit.open_voila(voila)
    overview, review, year = visit.card("我的学习"), visit.card("回头看"), visit.card("我的一年")
    expect(overview.get_by_text("签到以后")).to_be_visible()
    visit.expect_sound_layout()
    visit.take_picture(f"home-{width}-before")
    visit.sign_in(f"学员{number}")

    expect(overview.get_by_text("今天回头看")).to_be_visible()
    due = len(questions) + 1
    expect(overview.locator(".xuefa-value").first).to_have_text(f"{due} 题")
    expect(overview.get_by_text("50%").or_(overview.get_by_text("100%")).first).to_be_visible()
    visit.expect_sound_layout()
    visit.expect_no_english(".xuefa, .xuefa-card")
    visit.take_picture(f"home-{width}-overview", part=overview)

    expect(review.locator(".xuefa-title")).to_have_text("回头看")
    name, text = download(visit, review.get_by_role("button", name="下载题单"))
    assert re.fullmatch(r"回头看题单\d{8}\.docx", name)
    assert f"共 {due} 题" in text
    look_back(visit, review, due=due)
    expect(review.get_by_text(f"这一轮共 {due} 题")).to_be_visible()
    expect(overview.locator(".xuefa-value").first).to_have_text("0 题")
    review.locator("details").first.click()
    visit.expect_sound_layout()
    visit.take_picture(f"home-{width}-review-summary", part=review)
    assert len(store.read_records(verbs={Verb.ANSWERED}, learner_id=learner_id)) == 2 * due

    year.get_by_role("button", name="看我的一年").click()
    expect(year.get_by_text("题次")).to_be_visible()
    visit.expect_sound_layout()
    visit.take_picture(f"home-{width}-my-year", part=year)
    name, text = download(visit, year.get_by_role("button", name="下载文档"))
    assert "年度个人学法情况.docx" in name
    assert f"学员{number}" in text
    assert find_barriers(visit.page) == []
    visit.page.emulate_media(color_scheme="dark")
    visit.take_picture(f"home-{width}-dark")
    assert find_barriers(visit.page) == []


def look_back(visit: Visit, review: Locator, *, due: int) -> None:
    """Answer all that is due today, with a look at the layout of every question."""
    width = visit.page.viewport_size["width"] if visit.page.viewport_size else 0
    for question_number in range(1, due + 1):
        expect(review.locator(".xuefa-progress strong")).to_have_text(f"第 {question_number} 题/共 {due} 题")
        story = review.locator(".xuefa-story")
        if story.count():
            visit.take_picture(f"home-{width}-case-{question_number}", part=review)
            check_story_beside_or_above(review, width=width)
        options = review.locator("fieldset input")
        options.first.check()
        if options.first.get_attribute("type") == "checkbox":
            options.nth(1).check()
        review.get_by_role("button", name="提交").click()
        expect(review.locator(".xuefa-saved")).to_contain_text("已保存")
        visit.expect_sound_layout()
        if question_number == 2:
            visit.take_picture(f"home-{width}-feedback", part=review)
            assert visit.page.evaluate(_STYLES_THAT_MATTER_LAST) == []
        if story.count():
            visit.page.emulate_media(color_scheme="dark")
            visit.take_picture(f"home-{width}-case-{question_number}-dark", part=review)
            visit.page.emulate_media(color_scheme="light")
        review.get_by_role("button", name="下一题").or_(review.get_by_role("button", name="看结果")).click()


def check_story_beside_or_above(review: Locator, *, width: int) -> None:
    """On a PC the story stands beside the choices; on a phone above them, and stays in sight while one scrolls."""
    story, choices = review.locator(".xuefa-story"), review.locator("fieldset")
    story_box, choices_box = story.bounding_box(), choices.bounding_box()
    assert story_box is not None
    assert choices_box is not None
    if width == 1280:
        assert story_box["x"] + story_box["width"] <= choices_box["x"]
        assert abs(story_box["y"] - choices_box["y"]) < 2
    else:
        assert story_box["y"] + story_box["height"] <= choices_box["y"]
        review.get_by_role("button", name="提交").evaluate("(button) => button.scrollIntoView({block: 'end'})")
        expect(story).to_be_in_viewport(ratio=0.9)
        bar = review.page.get_by_role("banner").bounding_box()
        story_box = story.bounding_box()
        assert bar is not None
        assert story_box is not None
        assert bar["y"] + bar["height"] <= story_box["y"] + 1


def test_self_test_on_a_phone_goes_on_after_a_reload_and_explains_at_the_end(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, MODULE_08)
    visit.sign_in("学员23")
    expect(visit.quiz.get_by_role("button", name="自测")).to_be_visible()
    visit.quiz.get_by_role("button", name="自测").click()
    expect(visit.quiz.get_by_role("button", name="自测")).to_have_attribute("aria-pressed", "true")
    visit.take_picture("self-test-390-begin", part=visit.quiz)
    for number in range(1, 11):
        if number == 4:
            visit.page.reload()
            visit.sign_in("学员23")
            expect(visit.quiz.get_by_text("这一轮已经答了 3 题")).to_be_visible()
        expect(visit.quiz.locator(".xuefa-progress strong")).to_have_text(f"第 {number} 题/共 10 题")
        expect(visit.quiz.locator(".xuefa-verdict, .xuefa-key")).to_have_count(0)
        options = visit.quiz.locator("fieldset input")
        options.first.check()
        if options.first.get_attribute("type") == "checkbox":
            options.nth(1).check()
        visit.quiz.get_by_role("button", name="提交").click()
        if number < 10:
            expect(visit.quiz.locator(".xuefa-saved")).to_contain_text(f"第 {number} 题已保存")
        if number == 5:
            visit.take_picture("self-test-390-saved", part=visit.quiz)
    expect(visit.quiz.get_by_text("这一轮共 10 题")).to_be_visible()
    expect(visit.quiz.get_by_text("学习目标")).to_be_visible()
    visit.quiz.locator("details").first.click()
    visit.expect_sound_layout()
    visit.take_picture("self-test-390-summary", part=visit.quiz)
    assert len(store.read_records(verbs={Verb.ANSWERED}, learner_id="L23")) == 10
    assert len(store.read_records(verbs={Verb.FINISHED}, learner_id="L23")) == 1


def test_exam_open_to_the_learner_stands_on_the_home_page_with_the_way_to_it(
    voila: Door, open_visit: Callable[..., Visit], released_paper: Paper
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila)
    visit.sign_in("学员03")
    overview = visit.card("我的学习")
    expect(overview.get_by_text("我的考试")).to_be_visible()
    expect(overview.get_by_text("可以开始作答")).to_be_visible()
    visit.expect_sound_layout()
    visit.take_picture("home-390-exam", part=overview)
    overview.get_by_role("link", name=released_paper.title).click()
    expect(visit.page).to_have_title(re.compile("考试"))
