"""Signing in and the 夜学 tab in real pages: found by initials, proved by PIN and code, counted on the wall."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, WebSocket, expect

from tests.browser.visit import CODE, MODULE_08, PIN, Visit
from xuefa.doors import Door
from xuefa.records.evening import Opening
from xuefa.records.record import Learner, Session, SessionKind, Verb
from xuefa.records.store import Store

pytestmark = pytest.mark.browser

SEARCH = "输入姓名、拼音首字母或单位查找"
TONIGHT = re.compile("学习《行政诉讼法》")


@pytest.fixture
def zeng(store: Store) -> Iterator[Learner]:
    """A learner whose first character has two readings."""
    learner = Learner(learner_id="Z01", name="曾学员", unit="司法所", post="干部", since=date(2020, 1, 1))
    store.write_learners([learner])
    yield learner
    store.remove_pin(learner.learner_id)
    store.write_learners([Learner(**{**vars(learner), "until": date(2021, 1, 1)})])


def fill_in(card: Locator, name: str, *, pin: str = PIN, code: str | None = CODE) -> None:
    card.get_by_label(SEARCH).fill(name)
    card.get_by_role("radio", name=re.compile(f"^{name}")).check()
    card.get_by_label("密码").first.fill(pin)
    again = card.get_by_label("再输一次密码")
    if again.is_visible():
        again.fill(pin)
    if code is not None:
        card.get_by_label("签到码").fill(code)
    card.get_by_role("button", name="签到").click()


def find_serious_barriers(visit: Visit, part: str) -> list[str]:
    """What axe-core calls serious or critical for keyboards and screen readers in a part of the page."""
    found = Axe().run(visit.page, context=part).response["violations"]
    return [f"{one['id']}: {one['help']}" for one in found if one["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize(("width", "letters"), [(390, "z'x"), (1280, "cxy")])
def test_a_learner_is_found_by_initials_sets_a_pin_and_gives_the_code(
    voila: Door, open_visit: Callable[..., Visit], store: Store, zeng: Learner, width: int, letters: str
) -> None:
    visit = open_visit(width=width)
    visit.open_voila(voila, MODULE_08)
    card = visit.card("签到")
    search = card.get_by_label(SEARCH)
    search.fill("qq")
    expect(card.get_by_text("名册里没有找到")).to_be_visible()
    search.fill(letters)
    expect(card.locator(".xuefa-names").get_by_role("radio")).to_have_count(1)
    visit.take_picture(f"sign-in-{width}-found", part=card)
    card.get_by_role("radio", name=re.compile("^曾学员")).check()
    expect(card.get_by_role("radio", name=TONIGHT)).to_be_checked()
    expect(card.get_by_text("第一次签到，请给自己设一个密码")).to_be_visible()
    visit.expect_sound_layout()
    visit.expect_no_english("section[aria-label='签到']")
    visit.take_picture(f"sign-in-{width}-first", part=card)
    assert find_serious_barriers(visit, "section[aria-label='签到']") == []
    fill_in(card, "曾学员", pin="1111")
    expect(card.get_by_role("alert")).to_contain_text("太容易猜到")
    fill_in(card, "曾学员", code="000000")
    expect(card.get_by_role("alert")).to_contain_text("签到码不对")
    expect(card.get_by_text("曾学员的密码")).to_be_visible()
    visit.take_picture(f"sign-in-{width}-wrong", part=card)
    fill_in(card, "曾学员")
    expect(card.locator(".xuefa-saved")).to_be_visible()
    visit.take_picture(f"sign-in-{width}-present", part=card)
    (record,) = store.read_records(verbs={Verb.SIGNED_IN}, learner_id=zeng.learner_id)[-1:]
    assert record.session_id == "tonight"
    visit.expect_sound_layout()


def test_the_next_page_of_a_tab_knows_who_signed_in_and_a_new_tab_asks(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, MODULE_08)
    visit.sign_in("学员14")
    visit.open_voila(voila, "07_行政复议法.ipynb")
    card = visit.card("签到")
    expect(card.locator(".xuefa-saved")).to_contain_text("已经签过到")
    expect(card).to_contain_text("学员14")
    assert len(store.read_records(verbs={Verb.SIGNED_IN}, learner_id="L14")) == 1
    other = open_visit(width=390)
    other.open_voila(voila, MODULE_08)
    expect(other.card("签到").get_by_label(SEARCH)).to_be_visible()
    card.get_by_role("button", name="换人或换场次").click()
    expect(card.get_by_label(SEARCH)).to_be_visible()
    visit.page.reload()
    expect(card.get_by_label(SEARCH)).to_be_visible()


def test_nobody_signs_in_for_another_and_guessing_is_slowed_on_every_page(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    owner = open_visit(width=390)
    owner.open_voila(voila, MODULE_08)
    owner.sign_in("学员15")
    stranger = open_visit(width=390)
    stranger.open_voila(voila, MODULE_08)
    card = stranger.card("签到")
    for number in range(5):
        fill_in(card, "学员15", pin=f"{1357 + number}")
        expect(card.get_by_role("alert")).to_contain_text("密码不对")
        expect(card.get_by_role("button", name="签到")).to_be_enabled()
    expect(card.get_by_role("alert")).to_contain_text("分钟再试")
    stranger.page.reload()
    fill_in(card, "学员15")
    expect(card.get_by_role("alert")).to_contain_text("暂时不能再试")
    stranger.take_picture("sign-in-390-locked", part=card)
    assert len(store.read_records(verbs={Verb.SIGNED_IN}, learner_id="L15")) == 1


def test_messages_forged_in_the_browser_sign_nobody_in(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    owner = open_visit(width=390)
    owner.open_voila(voila, MODULE_08)
    owner.sign_in("学员16")
    heard: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: heard.append(frame if isinstance(frame, str) else repr(frame)))

    visit = open_visit(width=390)
    visit.page.on("websocket", listen)
    # What our page sends is changed on its way; without a subprotocol the messages are texts.
    visit.page.add_init_script(
        """window.WebSocket = class extends WebSocket { constructor(url) { super(url); } };
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (data) {
          if (typeof data === "string" && data.includes('"do":"sign_in"')) {
            const message = JSON.parse(data);
            Object.assign(message.content.data.content, window.forged);
            data = JSON.stringify(message);
          }
          return send.call(this, data);
        };"""
    )
    visit.open_voila(voila, MODULE_08)
    card = visit.card("签到")
    forgeries: list[dict[str, object]] = [
        {"learner": "L16", "pin": "1357", "again": "1357"},
        {"learner": "L16", "pin": ""},
        {"learner": "L16", "pin": None},
        {"do": "resume", "ticket": "L16|2026-01-01T00:00:00+00:00|00", "session": "tonight"},
        {"session": "no-such-session"},
        {"do": "enter"},
    ]
    for forged in forgeries:
        visit.page.evaluate("forged => { window.forged = forged; }", forged)
        fill_in(card, "学员17")
        expect(card.get_by_role("button", name="签到")).to_be_enabled()
        expect(card.locator(".xuefa-saved")).to_have_count(0)
    assert store.read_records(learner_id="L17") == ()
    assert len(store.read_records(verbs={Verb.SIGNED_IN}, learner_id="L16")) == 1
    pin = store.read_pin("L16")
    assert pin is not None
    assert heard
    assert [frame for frame in heard if pin.hash[-32:] in frame or "scrypt" in frame] == []


def test_a_session_opened_after_the_page_shows_there_without_disturbing_who_types(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila)
    card = visit.card("签到")
    search = card.get_by_label(SEARCH)
    search.press_sequentially("学员3")
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    late = Session(
        session_id="late",
        held_on=today,
        kind=SessionKind.SEMINAR,
        title="晚开的一场",
        minutes=30,
        host="学员01",
        expected=frozenset({"L36"}),
    )
    store.write_sessions([late])
    opening = Opening(session_id="late", code="481516", opened_at=datetime.now(UTC))
    store.write_opening(opening)
    try:
        choice = card.get_by_role("radio", name=re.compile("晚开的一场"))
        expect(choice).to_be_visible()
        expect(search).to_be_focused()
        visit.page.keyboard.type("6")
        card.get_by_role("radio", name=re.compile("^学员36")).check()
        expect(choice).to_be_checked()
    finally:
        store.write_opening(replace(opening, closed_at=datetime.now(UTC)))
    visit.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # a page looks on coming to the front
    expect(choice).to_have_count(0)


def test_who_studies_on_their_own_is_not_asked_again_and_leaving_ends_every_tab(
    voila: Door, open_visit: Callable[..., Visit]
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila)
    card = visit.card("签到")
    card.get_by_label(SEARCH).fill("学员37")
    card.get_by_role("radio", name=re.compile("^学员37")).check()
    card.get_by_role("radio", name="自学").check()
    fill_in(card, "学员37", code=None)
    expect(card.locator(".xuefa-saved")).to_be_visible()
    with visit.page.expect_popup() as opened:
        visit.page.evaluate("path => { window.open(path); }", f"{voila.url}voila/render/{quote(MODULE_08)}")
    second = opened.value.locator("section[aria-label='签到']:visible")
    expect(second.locator(".xuefa-stem")).to_contain_text("学员37")
    visit.page.bring_to_front()
    card.get_by_role("button", name="换人或换场次").click()
    expect(second.get_by_label(SEARCH)).to_be_visible()
    expect(opened.value.get_by_text("请先在上面签到，再提交答案")).to_be_visible()


def test_leaving_while_the_line_is_down_says_that_one_has_not_left(
    voila: Door, open_visit: Callable[..., Visit]
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, MODULE_08)
    visit.sign_in("学员36")
    card = visit.card("签到")
    visit.page.context.set_offline(True)
    card.get_by_role("button", name="换人或换场次").click()
    expect(card.get_by_role("alert")).to_contain_text("还没有退出")
    visit.page.context.set_offline(False)
    expect(visit.page.locator("body[data-line=open], body[data-line=back]")).to_be_visible()
    card.get_by_role("button", name="换人或换场次").click()
    expect(card.get_by_label(SEARCH)).to_be_visible()
    expect(card.get_by_role("alert")).to_have_count(0)


def test_no_session_means_study_on_ones_own_with_the_pin_alone(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    (opening,) = [one for one in store.read_openings() if one.session_id == "tonight"]
    store.write_opening(
        Opening(session_id="tonight", code=CODE, opened_at=opening.opened_at, closed_at=datetime.now(UTC))
    )
    try:
        visit = open_visit(width=390)
        visit.open_voila(voila, MODULE_08)
        card = visit.card("签到")
        fill_in(card, "学员18", code=None)
        expect(card.locator(".xuefa-saved")).to_be_visible()
        expect(card.get_by_text("自学")).to_be_visible()
    finally:
        store.write_opening(opening)
    (record,) = store.read_records(verbs={Verb.SIGNED_IN}, learner_id="L18")
    assert record.session_id is None


def test_a_trainer_opens_an_evening_and_the_wall_counts_who_signs_in(
    lab: Door, voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=1280)
    visit.open_lab(lab, "trainer.ipynb")
    desk = visit.page.locator(".xuefa-desk")
    desk.get_by_role("tab", name="夜学签到").click()
    desk.get_by_label("主题").locator("visible=true").fill("旁听一起行政案件")
    desk.get_by_label("主持人").locator("visible=true").fill("学员01")
    visit.take_picture("evening-1280-form")
    desk.get_by_role("button", name="开场", exact=True).click()
    wall = desk.get_by_label("大屏")
    expect(wall.get_by_text("旁听一起行政案件")).to_be_visible()
    opening = store.read_openings()[-1]
    expect(wall.get_by_text(opening.code)).to_be_visible()
    expect(wall.get_by_role("img", name="二维码")).to_be_visible()
    try:
        learner = open_visit(width=390)
        learner.open_voila(voila, MODULE_08)
        card = learner.card("签到")
        card.get_by_label(SEARCH).fill("学员19")
        card.get_by_role("radio", name=re.compile("^学员19")).check()
        card.get_by_role("radio", name=re.compile("旁听一起行政案件")).check()
        learner.expect_sound_layout()
        fill_in(card, "学员19", code=opening.code)
        expect(card.locator(".xuefa-saved")).to_be_visible()
        expect(wall.locator("dd").nth(1)).to_have_text("1")
        expect(wall.get_by_text("刚刚签到：学员19")).to_be_visible()
        visit.take_picture("evening-1280-wall", part=wall)
        assert find_serious_barriers(visit, ".xuefa-wall") == []
        wall.get_by_role("button", name="全屏显示").click()
        left = wall.get_by_role("button", name="退出全屏")
        expect(left.or_(wall.get_by_role("button", name="请按 F11 键"))).to_be_visible()
        visit.take_picture("evening-1280-full")
        if left.is_visible():
            left.click()
        desk.get_by_role("button", name="写出签到表").click()
        expect(desk.get_by_role("link", name="下载 签到表")).to_be_visible()
        desk.get_by_role("button", name="更正登记错的一场").click()
        expect(desk.get_by_label("正确的主题")).to_have_value("旁听一起行政案件")
        desk.get_by_label("正确的主题").fill("旁听一起行政处罚案件")
        desk.get_by_label("更正的原因").fill("案由写错了")
        desk.get_by_label("更正人").fill("学员01")
        desk.get_by_role("button", name="更正", exact=True).click()
        expect(desk.get_by_text("已更正：主题由“旁听一起行政案件”改为“旁听一起行政处罚案件”")).to_be_visible()
        expect(wall.get_by_text("旁听一起行政处罚案件")).to_be_visible()
        visit.page.set_viewport_size({"width": 1280, "height": 2800})
        visit.take_picture("evening-1280-all")
    finally:
        desk.get_by_role("button", name="收场").click()
        expect(wall.get_by_text("已经收场")).to_be_visible()
    assert store.read_openings()[-1].closed_at is not None
