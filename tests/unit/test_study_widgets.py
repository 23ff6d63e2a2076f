"""The Python side of the widgets: what a page may do, what it gets to know, and when an answer counts as saved."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from xuefa.bank.reader import read_bank
from xuefa.errors import Finding, RecordsError
from xuefa.laws.statutes import PackagedStatutes, Statutes
from xuefa.records import pins
from xuefa.records.evening import Opening
from xuefa.records.record import Learner, Record, Session, SessionKind, Verb
from xuefa.records.store import Store, open_store
from xuefa.study.lesson import Lesson
from xuefa.study.manifest import read_manifest
from xuefa.study.presence import Presence
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.base import StudyWidget
from xuefa.study.written_text import MAX_CHARACTERS

PROJECT = Path(__file__).parents[1] / "fixtures" / "study" / "project"
START = datetime(2026, 8, 3, 11, 30, tzinfo=UTC)
PIN, CODE = "2580", "036912"
KEYS = {"xzss-0001": "C", "xzss-0002": "ACD", "xzss-0003": "T", "xzss-0004.1": "B", "xzss-0004.2": "F"}


def learner(number: int, *, until: date | None = None) -> Learner:
    return Learner(
        learner_id=f"L{number}", name=f"学员0{number}", unit="党政办", post="干部", since=date(2020, 1, 1), until=until
    )


def session(session_id: str, day: date) -> Session:
    return Session(
        session_id=session_id, held_on=day, kind=SessionKind.EVENING, title="学诉讼法", minutes=60, host="学员01"
    )


class Page:
    """A lesson in one kernel, its clock, and what a browser sends to it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = START
        self.presence = Presence()
        bank = read_bank(PROJECT / "question_bank")
        self.lesson = Lesson(
            module=read_manifest(PROJECT / "notebooks" / "modules.yaml", catalogue=bank.catalogue)[8],
            notebooks_dir=PROJECT / "notebooks",
            bank=bank,
            statutes=Statutes((PackagedStatutes.installed(),)),
            writer=RecordWriter(
                store=store,
                presence=self.presence,
                module=8,
                clock=lambda: self.now,
                rng=random.Random(7),  # noqa: S311  the same draw each time
                time_zone=ZoneInfo("Asia/Shanghai"),
            ),
        )

    def send(self, widget: StudyWidget, content: object) -> dict[str, Any]:
        widget._handle_custom_msg(content, [])
        return dict(widget.view)

    def sign_in(self, learner_id: str = "L1", session_id: str | None = "s1") -> dict[str, Any]:
        return self.send(self.lesson.sign_in(), make_sign_in(learner=learner_id, session=session_id))

    def answer(self, quiz: StudyWidget, number: int, picked: str, **other: object) -> dict[str, Any]:
        request = {
            "do": "answer",
            "question": number,
            "response": list(picked),
            "seconds": 3,
            "answer": f"a-{number:08d}",
        }
        return self.send(quiz, request | other)


def make_sign_in(**other: object) -> dict[str, object]:
    """The message of the sign-in card."""
    return {"do": "sign_in", "learner": "L1", "session": "s1", "pin": PIN, "again": PIN, "code": CODE} | other


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(pins, "_COST", (2, 1, 1))
    with open_store(f"sqlite:///{tmp_path / 'xuefa.db'}") as store:
        store.write_learners([learner(1), learner(2), learner(3, until=date(2026, 1, 1))])
        store.write_sessions(
            [session("s1", date(2026, 8, 3)), session("s0", date(2026, 8, 2)), session("s9", date(2026, 8, 3))]
        )
        for session_id in ("s1", "s0"):
            store.write_opening(Opening(session_id=session_id, code=CODE, opened_at=START))
        yield store


@pytest.fixture
def page(store: Store) -> Page:
    return Page(store)


def fail_to_append(monkeypatch: pytest.MonkeyPatch, *, after_writing: bool) -> None:
    """Let the store's next append fail: before anything is written, or after the write but before it is told."""
    append = Store.append_records

    def broken(self: Store, records: Iterable[Record]) -> int:
        monkeypatch.setattr(Store, "append_records", append)
        if after_writing:
            append(self, records)
        raise RecordsError(Finding("记录数据库", "磁盘满了", "请腾出空间"))

    monkeypatch.setattr(Store, "append_records", broken)


def test_sign_in_offers_those_on_the_roster_and_the_open_sessions_of_today(page: Page) -> None:
    view = page.lesson.sign_in().view
    assert [one["id"] for one in view["learners"]] == ["L1", "L2"]
    assert view["sessions"] == [{"id": "s1", "label": "干部夜学：学诉讼法"}]
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
    assert (store.read_records(), store.read_pin_holders()) == ((), frozenset())


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
    assert [one["has_pin"] for one in page.lesson.sign_in().view["learners"]] == [False, False]
    page.sign_in()
    other = Page(store)
    view = other.send(other.lesson.sign_in(), make_sign_in(session=None, pin="1357", again="1357"))
    assert [one["has_pin"] for one in view["learners"]] == [True, False]
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


def test_studying_on_ones_own_in_between_gives_no_more_guesses_at_the_code(page: Page, store: Store) -> None:
    card = page.lesson.sign_in()
    for number in range(5):
        page.send(card, make_sign_in(code=f"{number:06d}"))
        page.send(card, make_sign_in(session=None))
    assert "暂时不能再试" in page.send(card, make_sign_in(code=CODE))["problem"]
    assert {record.session_id for record in store.read_records()} == {None}


def test_the_cards_state_tells_of_a_pin_only_that_there_is_one(page: Page, store: Store) -> None:
    card = page.lesson.sign_in()
    page.send(card, make_sign_in())
    pin = store.read_pin("L1")
    assert pin
    state = {name: value for name, value in card.get_state().items() if name not in {"_esm", "_css"}}
    told = json.dumps(state, ensure_ascii=False, default=str)
    assert "has_pin" in told
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


def test_quiz_takes_no_answer_before_sign_in_and_hears_of_it(page: Page, store: Store) -> None:
    quiz = page.lesson.quiz()
    assert quiz.view["learner"] is None
    assert "没有接受" in page.answer(quiz, 1, "C")["problem"]
    page.sign_in()
    assert quiz.view["learner"] == "学员01"
    assert [record.verb for record in store.read_records()] == [Verb.SIGNED_IN]


def test_every_answer_is_in_the_records_before_the_page_hears_of_it(page: Page, store: Store) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    seen: list[int] = []
    quiz.observe(
        lambda change: (
            seen.append(len(store.read_records(verbs={Verb.ANSWERED})))
            if change["new"]["stage"] == "feedback"
            else None
        ),
        "view",
    )
    for number, key in enumerate(KEYS.values(), start=1):
        page.now += timedelta(seconds=20)
        view = page.answer(quiz, number, key)
        assert (view["stage"], view["feedback"]["right"]) == ("feedback", True)
        page.send(quiz, {"do": "next"})
    assert seen == [1, 2, 3, 4, 5]
    answers = store.read_records(verbs={Verb.ANSWERED})
    assert {record.item_id: record.response for record in answers} == KEYS
    assert {(record.learner_id, record.session_id, record.module) for record in answers} == {("L1", "s1", 8)}
    assert {(record.points, record.max_points, record.seconds) for record in answers} == {(1.0, 1.0, 3.0)}
    assert answers[0].item_version == read_bank(PROJECT / "question_bank")["xzss-0001"].version


def test_wrong_answer_gets_no_points_and_the_feedback_tells_why(page: Page, store: Store) -> None:
    page.sign_in()
    feedback = page.answer(page.lesson.quiz(), 1, "A")["feedback"]
    assert feedback["right"] is False
    assert feedback["key"] == ["C"]
    assert feedback["key_text"] == "C 六个月"
    assert feedback["response_text"] == "A 十五日"
    assert feedback["saved_at"] == "19:30:00"
    assert "六个月内" in feedback["articles"][0]["text"]
    (record,) = store.read_records(verbs={Verb.ANSWERED})
    assert (record.response, record.points, record.max_points) == ("A", 0.0, 1.0)


def test_end_of_the_round_is_recorded_and_summed_up(page: Page, store: Store) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    for number, response in enumerate(("C", "AC", "F", "B", "F"), start=1):
        page.answer(quiz, number, response)
        view = page.send(quiz, {"do": "next"})
    assert view["stage"] == "summary"
    assert view["summary"]["overall"] == {"name": "合计", "right": 3, "total": 5}
    assert [one["right"] for one in view["summary"]["answers"]] == [True, False, False, True, True]
    parts = {part["name"]: part["rows"] for part in view["summary"]["parts"]}
    assert list(parts) == ["学习目标", "能力", "题型"]
    assert parts["学习目标"] == [
        {"name": "能够算清起诉的期限，说出判决的种类。", "right": 1, "total": 2},
        {"name": "能够按期答辩和举证。", "right": 2, "total": 3},
    ]
    (finished,) = store.read_records(verbs={Verb.FINISHED})
    assert (finished.module, finished.points, finished.max_points) == (8, 3.0, 5.0)
    assert page.send(quiz, {"do": "again"})["stage"] == "question"


def test_keys_and_explanations_stay_in_python_until_the_answer(page: Page) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    state = json.dumps(quiz.get_state(), ensure_ascii=False, default=str)
    assert "十五日" in state  # the options are there
    for secret in ('"key"', "第四十六条规定直接起诉", 'explanation":', '"answer": "C"'):
        assert secret not in state
    assert '"key"' in json.dumps(page.answer(quiz, 1, "C"))
    assert '"key"' not in json.dumps(page.send(quiz, {"do": "next"}))


def test_self_test_tells_nothing_before_its_end_and_saves_every_answer_at_once(page: Page, store: Store) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    page.send(quiz, {"do": "mode", "mode": "self_test"})
    for number, response in enumerate(("A", "AC", "F", "A"), start=1):
        view = page.answer(quiz, number, response)
        assert (view["stage"], view["number"], view["saved_at"]) == ("question", number + 1, "19:30:00")
        assert len(store.read_records(verbs={Verb.ANSWERED})) == number
        state = json.dumps(quiz.get_state(), ensure_ascii=False, default=str)
        for secret in ('"key"', '"right"', '"explanation"', "第四十六条规定直接起诉", "由被告举证"):
            assert secret not in state
    view = page.answer(quiz, 5, "F")
    assert view["stage"] == "summary"
    assert [one["right"] for one in view["summary"]["answers"]] == [False, False, False, False, True]
    assert view["summary"]["answers"][0]["key_text"] == "C 六个月"
    (finished,) = store.read_records(verbs={Verb.FINISHED})
    assert (finished.points, finished.max_points) == (1.0, 5.0)
    assert page.send(quiz, {"do": "again"})["mode"] == "self_test"


@pytest.mark.parametrize("mode", ["review", "", None, ["practice"]])
def test_mode_that_the_page_does_not_offer_is_refused(page: Page, mode: object) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    view = page.send(quiz, {"do": "mode", "mode": mode})
    assert ("没有接受" in view["problem"], view["mode"]) == (True, "practice")


def test_mode_is_not_changed_in_the_middle_of_a_round(page: Page) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    page.send(quiz, {"do": "mode", "mode": "self_test"})
    page.answer(quiz, 1, "A")
    view = page.send(quiz, {"do": "mode", "mode": "practice"})
    assert "没有接受" in view["problem"]
    assert (view["mode"], view["stage"], view["number"]) == ("self_test", "question", 2)


@pytest.mark.parametrize("mode", ["practice", "self_test"])
def test_reload_goes_on_with_the_round_after_its_last_saved_answer(page: Page, store: Store, mode: str) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    page.send(quiz, {"do": "mode", "mode": mode})
    for number, response in enumerate(("C", "AC", "T"), start=1):
        page.now += timedelta(minutes=1)
        page.answer(quiz, number, response)
        if mode == "practice":
            page.send(quiz, {"do": "next"})
    asked = quiz.view["question"]
    reloaded = Page(store)
    reloaded.now = page.now + timedelta(days=2)
    again = reloaded.lesson.quiz()
    reloaded.sign_in(session_id=None)
    assert (again.view["number"], again.view["mode"], again.view["resumed"]) == (4, mode, 3)
    assert again.view["question"] == asked
    for number, response in ((4, "B"), (5, "F")):
        reloaded.now += timedelta(minutes=1)
        view = reloaded.answer(again, number, response)
        if mode == "practice":
            view = reloaded.send(again, {"do": "next"})
    assert view["summary"]["overall"] == {"name": "合计", "right": 4, "total": 5}
    assert len(store.read_records(verbs={Verb.ANSWERED})) == 5
    (finished,) = store.read_records(verbs={Verb.FINISHED})
    assert (finished.points, finished.max_points) == (4.0, 5.0)


def test_finished_round_is_not_gone_on_with_and_nobody_gets_the_round_of_another(page: Page, store: Store) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    for number in range(1, 6):
        page.now += timedelta(minutes=1)
        page.answer(quiz, number, list(KEYS.values())[number - 1])
        page.send(quiz, {"do": "next"})
        if number == 2:
            other = Page(store)
            theirs = other.lesson.quiz()
            other.sign_in("L2")
            assert (theirs.view["number"], theirs.view["resumed"]) == (1, 0)
    later = Page(store)
    fresh = later.lesson.quiz()
    later.sign_in()
    assert (fresh.view["stage"], fresh.view["number"], fresh.view["resumed"]) == ("question", 1, 0)


def test_round_of_one_who_left_is_not_shown_to_the_next_and_waits_for_them(page: Page) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    page.answer(quiz, 1, "A")
    page.presence.leave()
    assert (quiz.view["learner"], quiz.view["stage"], quiz.view["number"]) == (None, "question", 1)
    page.sign_in("L2")
    assert (quiz.view["number"], quiz.view["begun"]) == (1, False)
    page.presence.leave()
    page.sign_in()
    assert (quiz.view["number"], quiz.view["resumed"]) == (2, 1)


def test_second_answer_to_a_question_is_refused(page: Page, store: Store) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    page.answer(quiz, 1, "A")
    assert "没有接受" in page.answer(quiz, 1, "C", answer="another-id")["problem"]
    page.send(quiz, {"do": "next"})
    assert "没有接受" in page.answer(quiz, 1, "C", answer="another-id")["problem"]
    assert [record.response for record in store.read_records(verbs={Verb.ANSWERED})] == ["A"]


def test_answer_sent_again_because_the_reply_was_lost_counts_once(page: Page, store: Store) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    page.answer(quiz, 1, "A")
    view = page.answer(quiz, 1, "A")
    assert (view["stage"], view["problem"]) == ("feedback", "")
    assert len(store.read_records(verbs={Verb.ANSWERED})) == 1


@pytest.mark.parametrize("after_writing", [False, True])
def test_failed_write_keeps_the_answer_and_trying_again_saves_it_once(
    page: Page, store: Store, monkeypatch: pytest.MonkeyPatch, *, after_writing: bool
) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    fail_to_append(monkeypatch, after_writing=after_writing)
    view = page.answer(quiz, 1, "A")
    assert (view["stage"], "feedback" in view) == ("question", False)
    assert "磁盘满了" in view["problem"]
    assert view["unsaved"] == {"answer": "a-00000001", "response": ["A"]}
    page.now += timedelta(minutes=1)
    assert "没有接受" in page.answer(quiz, 1, "C", answer="another-id")["problem"]
    assert page.answer(quiz, 1, "A")["stage"] == "feedback"
    (record,) = store.read_records(verbs={Verb.ANSWERED})
    assert (record.response, record.occurred_at) == ("A", START)


def test_unexpected_fault_is_told_in_chinese_as_not_saved(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    monkeypatch.setattr(Store, "append_records", lambda *_: 1 / 0)
    view = page.answer(quiz, 1, "A")
    assert "没有保存" in view["problem"]
    assert view["stage"] == "question"


@pytest.mark.parametrize(
    "other",
    [
        {"response": ["A", "B"]},
        {"response": ["Z"]},
        {"response": []},
        {"response": None},
        {"question": 2},
        {"question": "1"},
        {"answer": None},
        {"answer": "x" * 65},
        {"seconds": "3"},
        {"seconds": float("nan")},
        {"seconds": None},
        {"do": "again"},
        {"do": "next"},
        {"do": "__init__"},
    ],
)
def test_message_that_our_page_would_never_send_changes_nothing(
    page: Page, store: Store, other: dict[str, object]
) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    view = page.answer(quiz, 1, "A", **other)
    assert "没有接受" in view["problem"]
    assert (view["stage"], view["number"], view["unsaved"]) == ("question", 1, None)
    assert store.read_records(verbs={Verb.ANSWERED}) == ()


def test_claimed_seconds_never_exceed_those_that_passed(page: Page, store: Store) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    page.now += timedelta(seconds=5)
    page.answer(quiz, 1, "A", seconds=9999)
    assert store.read_records(verbs={Verb.ANSWERED})[0].seconds == 5.0


def test_state_that_a_browser_sends_is_ignored(page: Page) -> None:
    quiz = page.lesson.quiz()
    before = dict(quiz.view)
    quiz._handle_msg(
        {"content": {"data": {"method": "update", "state": {"view": {"stage": "summary"}}}}, "buffers": []}
    )
    assert quiz.view == before


def test_other_learner_at_the_same_page_gets_a_round_of_their_own(page: Page, store: Store) -> None:
    page.sign_in()
    quiz = page.lesson.quiz()
    page.answer(quiz, 1, "C")
    page.sign_in("L1", None)
    assert quiz.view["stage"] == "feedback"
    page.sign_in("L2", None)
    assert (quiz.view["stage"], quiz.view["number"], quiz.view["round"]) == ("question", 1, 2)
    page.answer(quiz, 1, "C", answer="another-id")
    assert {record.learner_id for record in store.read_records(verbs={Verb.ANSWERED})} == {"L1", "L2"}


def test_reflection_is_recorded_once_and_shown_with_its_time(page: Page, store: Store) -> None:
    box = page.lesson.reflection()
    assert box.view["learner"] is None
    page.sign_in()
    for _ in range(2):
        view = page.send(box, {"do": "hand_in", "kind": "reflected", "text": "  先有证据，\r\n后有决定。\0 "})
    (one,) = view["writings"]
    assert (one["text"], one["at"]) == ("先有证据，\n后有决定。", "2026年08月03日 19:30")
    assert (one["kind"], one["stage"]) == ("reflected", "handed_in")
    (record,) = store.read_records(verbs={Verb.REFLECTED})
    assert (record.text, record.module, record.session_id) == ("先有证据，\n后有决定。", 8, "s1")


def test_reflection_handed_in_before_is_shown_in_a_new_kernel(page: Page, store: Store) -> None:
    page.sign_in()
    page.send(page.lesson.reflection(), {"do": "hand_in", "kind": "reflected", "text": "第一篇"})
    later = Page(store)
    box = later.lesson.reflection()
    later.sign_in("L2")
    assert box.view["writings"] == []
    later.sign_in("L1")
    assert [one["text"] for one in box.view["writings"]] == ["第一篇"]


@pytest.mark.parametrize("text", ["", " \n", "字" * (MAX_CHARACTERS + 1), "\ud800", None, ["x"]])
def test_reflection_without_usable_text_is_refused(page: Page, store: Store, text: object) -> None:
    page.sign_in()
    view = page.send(page.lesson.reflection(), {"do": "hand_in", "kind": "reflected", "text": text})
    assert "没有接受" in view["problem"]
    assert store.read_records(verbs={Verb.REFLECTED}) == ()


def test_reflection_before_sign_in_is_refused(page: Page, store: Store) -> None:
    assert (
        "没有接受"
        in page.send(page.lesson.reflection(), {"do": "hand_in", "kind": "reflected", "text": "一篇"})["problem"]
    )
    assert store.read_records() == ()


@pytest.mark.parametrize("after_writing", [False, True])
def test_failed_hand_in_can_be_tried_again_and_counts_once(
    page: Page, store: Store, monkeypatch: pytest.MonkeyPatch, *, after_writing: bool
) -> None:
    page.sign_in()
    box = page.lesson.reflection()
    fail_to_append(monkeypatch, after_writing=after_writing)
    assert "磁盘满了" in page.send(box, {"do": "hand_in", "kind": "reflected", "text": "一篇"})["problem"]
    assert len(page.send(box, {"do": "hand_in", "kind": "reflected", "text": "一篇"})["writings"]) == 1
    assert len(store.read_records(verbs={Verb.REFLECTED})) == 1
