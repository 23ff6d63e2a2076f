"""The Python side of the sign-in card: who gets in, what the card tells, what is recorded."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.study_page import CODE, PIN, START, Page, fail_to_append, make_sign_in
from xuefa.records.evening import Opening
from xuefa.records.record import Verb
from xuefa.records.store import Store


def test_sign_in_offers_those_on_the_roster_and_the_open_sessions_of_today(page: Page) -> None:
    view = page.lesson.sign_in().view
    assert [one["id"] for one in view["learners"]] == ["L1", "L2"]
    assert view["sessions"] == [{"id": "s1", "label": "干部夜学：学诉讼法", "expected": []}]
    assert view["present"] is None


def test_today_is_the_townships_day_not_utcs(page: Page) -> None:
    page.now = datetime(2026, 8, 2, 17, 0, tzinfo=UTC)  # one in the morning of 3 August in China
    assert [one["id"] for one in page.lesson.sign_in().view["sessions"]] == ["s1"]


def test_sign_in_is_recorded_and_shown_with_its_local_time(page: Page, store: Store) -> None:
    view = page.sign_in()
    assert view["present"] == {
        "name": "学员01",
        "unit": "党政办",
        "session": "干部夜学：学诉讼法",
        "saved_at": "19:30",
        "again": False,
    }
    (record,) = store.read_records()
    assert (record.verb, record.learner_id, record.session_id, record.module) == (Verb.SIGNED_IN, "L1", "s1", 8)


def test_signing_in_twice_to_one_session_counts_once(page: Page, store: Store) -> None:
    page.sign_in()
    page.now += timedelta(minutes=10)
    view = Page(store).sign_in()
    assert (view["present"]["again"], view["present"]["saved_at"]) == (True, "19:30")
    assert len(store.read_records()) == 1


def test_self_study_counts_once_a_day(page: Page, store: Store) -> None:
    for minutes in (0, 10, 24 * 60):
        page.now = START + timedelta(minutes=minutes)
        assert page.sign_in(session_id=None)["present"]["session"] == "自学"
    assert [record.session_id for record in store.read_records()] == [None, None]


@pytest.mark.parametrize(
    "request_",
    [
        make_sign_in(learner="L9"),
        make_sign_in(learner="L3"),
        make_sign_in(learner=["L1"]),
        make_sign_in(pin=2580),
        make_sign_in(code=None),
        {"do": "sign_in", "learner": "L1", "session": None},
        {"do": "resume", "ticket": 1},
        {"do": "sign_out"},
        {},
        None,
        "x",
    ],
)
def test_sign_in_of_a_stranger_or_by_a_forged_message_is_refused(page: Page, store: Store, request_: object) -> None:
    view = page.send(page.lesson.sign_in(), request_)
    assert "没有接受" in view["problem"]
    assert view["present"] is None
    assert (store.read_records(), store.read_pin_holders()) == ((), {})


@pytest.mark.parametrize("session_id", ["s0", "s9", "s8", ["s1"]])
def test_sign_in_to_a_session_of_another_day_or_not_open_is_refused(
    page: Page, store: Store, session_id: object
) -> None:
    view = page.send(page.lesson.sign_in(), make_sign_in(session=session_id))
    assert "没有开场，或者已经收场" in view["problem"]
    assert (view["present"], store.read_records()) == (None, ())


def test_a_closed_session_takes_no_sign_in_even_from_a_page_that_still_shows_it(page: Page, store: Store) -> None:
    card = page.lesson.sign_in()
    store.write_opening(Opening(session_id="s1", code=CODE, opened_at=START, closed_at=START))
    assert "已经收场" in page.send(card, make_sign_in())["problem"]
    assert store.read_records() == ()


def test_a_pin_set_once_is_asked_of_everyone_who_takes_that_name(page: Page, store: Store) -> None:
    assert [one["pin_set_at"] for one in page.lesson.sign_in().view["learners"]] == ["", ""]
    page.sign_in()
    other = Page(store)
    view = other.send(other.lesson.sign_in(), make_sign_in(session=None, pin="1357", again="1357"))
    assert [one["pin_set_at"] for one in view["learners"]] == ["2026年8月3日 19:30", ""]
    assert "密码不对" in view["problem"]
    assert (view["present"], other.presence.learner) == (None, None)
    assert other.sign_in(session_id=None)["present"]["session"] == "自学"
    assert [(record.learner_id, record.session_id) for record in store.read_records()] == [("L1", "s1"), ("L1", None)]


def test_a_wrong_code_signs_nobody_in_and_is_slowed_like_a_wrong_pin(page: Page, store: Store) -> None:
    card = page.lesson.sign_in()
    for code in ("000000", "", "36912", CODE + " ", "０３６９１２"):
        view = page.send(card, make_sign_in(code=code))
        assert "签到码不对" in view["problem"]
    assert "请过 1 分钟再试" in view["problem"]
    assert "暂时不能再试" in page.send(card, make_sign_in())["problem"]
    assert (page.presence.learner, store.read_records()) == (None, ())
    page.now += timedelta(minutes=1)
    assert page.send(card, make_sign_in())["present"]["name"] == "学员01"


def test_who_sets_a_pin_and_mistypes_the_code_is_told_that_the_pin_is_set(page: Page) -> None:
    card = page.lesson.sign_in()
    assert page.send(card, make_sign_in(code="111111"))["problem"].startswith("密码已经设好。签到码不对")
    assert page.send(card, make_sign_in(code="111111"))["problem"].startswith("签到码不对")


def test_studying_on_ones_own_in_between_gives_no_more_guesses_at_the_code(page: Page, store: Store) -> None:
    card = page.lesson.sign_in()
    for number in range(5):
        page.send(card, make_sign_in(code=f"{number:06d}"))
        page.send(card, make_sign_in(session=None))
    assert "暂时不能再试" in page.send(card, make_sign_in(code=CODE))["problem"]
    assert {record.session_id for record in store.read_records()} == {None}


def test_the_cards_state_tells_of_a_pin_only_since_when_there_is_one(page: Page, store: Store) -> None:
    card = page.lesson.sign_in()
    page.send(card, make_sign_in())
    pin = store.read_pin("L1")
    assert pin
    state = {name: value for name, value in card.get_state().items() if name not in {"_esm", "_css"}}
    told = json.dumps(state, ensure_ascii=False, default=str)
    assert "pin_set_at" in told
    secrets = (PIN, CODE, pin.hash, "ticket", "scrypt", "wrong", "locked")
    assert [secret for secret in secrets if secret in told] == []


def test_the_next_page_of_the_same_tab_goes_on_by_ticket(page: Page, store: Store) -> None:
    ticket = sign_in_for_ticket(page)
    later = Page(store)
    later.now += timedelta(minutes=30)
    view = later.send(later.lesson.sign_in(), {"do": "resume", "ticket": ticket, "session": "s1"})
    assert (view["present"]["name"], view["present"]["session"], view["present"]["again"]) == (
        "学员01",
        "干部夜学：学诉讼法",
        True,
    )
    assert len(store.read_records()) == 1


def test_a_ticket_opens_no_session_that_its_holder_has_not_signed_in_to(page: Page, store: Store) -> None:
    ticket = sign_in_for_ticket(page, session=None)
    later = Page(store)
    view = later.send(later.lesson.sign_in(), {"do": "resume", "ticket": ticket, "session": "s1"})
    assert view["present"]["session"] == "自学"
    assert {record.session_id for record in store.read_records()} == {None}


def test_a_ticket_that_is_forged_old_or_of_an_earlier_pin_opens_nothing(page: Page, store: Store) -> None:
    ticket = sign_in_for_ticket(page)
    forged = [ticket.replace("L1", "L2"), ticket[:-1], ticket.replace("2026", "2027"), "", "|", "L1||", "\ud800|x|y"]
    later = Page(store)
    card = later.lesson.sign_in()
    for one in forged:
        assert later.send(card, {"do": "resume", "ticket": one, "session": "s1"})["present"] is None
    later.now += timedelta(hours=5)
    assert later.send(card, {"do": "resume", "ticket": ticket, "session": None})["present"] is None
    later.now = page.now
    store.remove_pin("L1")
    assert later.send(card, {"do": "resume", "ticket": ticket, "session": "s1"})["present"] is None
    assert later.presence.learner is None


def test_leaving_ends_the_page_for_everyone_until_the_next_sign_in(page: Page, store: Store) -> None:
    card = page.lesson.sign_in()
    quiz = page.lesson.quiz()
    page.send(card, make_sign_in())
    assert page.send(card, {"do": "leave"})["present"] is None
    assert quiz.view["learner"] is None
    assert "没有接受" in page.answer(quiz, 1, "C")["problem"]
    assert [record.verb for record in store.read_records()] == [Verb.SIGNED_IN]


def sign_in_for_ticket(page: Page, **other: object) -> str:
    """Sign in and give the ticket that the page gets."""
    card = page.lesson.sign_in()
    told: list[Any] = []
    card.send = lambda content, **_: told.append(content)  # what goes to the browser
    page.send(card, make_sign_in(**other))
    return str(next(one["ticket"] for one in told if "ticket" in one))


def test_failed_sign_in_is_told_and_signs_nobody_in(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_to_append(monkeypatch, after_writing=False)
    view = page.sign_in()
    assert "磁盘满了" in view["problem"]
    assert view["present"] is None
    assert page.presence.learner is None


def test_a_page_opened_before_its_session_learns_of_it_by_looking(page: Page, store: Store) -> None:
    store.write_opening(Opening(session_id="s1", code=CODE, opened_at=START, closed_at=START))
    card = page.lesson.sign_in()
    assert card.view["sessions"] == []
    store.write_opening(Opening(session_id="s1", code=CODE, opened_at=START))
    assert [one["id"] for one in page.send(card, {"do": "look"})["sessions"]] == ["s1"]
    assert page.send(card, make_sign_in())["present"]["session"] == "干部夜学：学诉讼法"


def test_looking_neither_signs_in_nor_takes_a_told_fault_away(page: Page, store: Store) -> None:
    card = page.lesson.sign_in()
    told = page.send(card, make_sign_in(code="000000"))
    assert page.send(card, {"do": "look"}) == told
    assert store.read_records() == ()


def test_a_page_left_open_over_midnight_writes_nothing_into_yesterdays_session_and_asks_who_is_there(
    page: Page,
) -> None:
    card = page.lesson.sign_in()
    page.send(card, make_sign_in())
    assert page.send(card, {"do": "look"})["present"]["name"] == "学员01"
    page.now = datetime(2026, 8, 3, 16, 1, tzinfo=UTC)  # one minute past midnight in China
    assert page.lesson._writer.make(Verb.REFLECTED, text="夜里写的").session_id is None
    view = page.send(card, {"do": "look"})
    assert (view["present"], view["sessions"], page.presence.learner) == (None, [], None)


def test_a_reset_pin_ends_the_pages_of_whoever_had_set_it(page: Page, store: Store) -> None:
    card = page.lesson.sign_in()
    page.send(card, make_sign_in())
    assert page.send(card, {"do": "look"})["present"]["name"] == "学员01"
    store.remove_pin("L1")
    assert page.send(card, {"do": "look"})["present"] is None
    rightful = Page(store)
    rightful.now += timedelta(minutes=1)
    own = rightful.lesson.sign_in()
    rightful.send(own, make_sign_in(pin="1357", again="1357"))
    assert rightful.send(own, {"do": "look"})["present"]["name"] == "学员01"
    assert page.presence.learner is None
