"""The Python side of the quiz: what a page may do, what it gets to know, and when an answer counts as saved."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.study_page import KEYS, PROJECT, START, Page, fail_to_append
from xuefa.bank.reader import read_bank
from xuefa.records.record import Verb
from xuefa.records.store import Store


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
