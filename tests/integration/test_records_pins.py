"""PINs on a real database: set once, asked afterwards, and wrong tries slowed whichever page they come from."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from tests.integration.records_values import START, make_learner
from xuefa.errors import BadInputError
from xuefa.records import pins
from xuefa.records.evening import Pin
from xuefa.records.pins import CodeTry, admit, check_ticket, make_ticket
from xuefa.records.store import Store, open_store

pytest_plugins = ["tests.integration.records_databases"]

RIGHT, WRONG = "2580", "1357"


@pytest.fixture
def room(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with one learner; hashing is cheap here, its real cost has a test of its own."""
    monkeypatch.setattr(pins, "_COST", (2, 1, 1))
    store.write_learners([make_learner("学员01")])
    return store


def try_pin(
    store: Store, pin: str, *, again: str = "", now: datetime = START, code: CodeTry = "not_asked", salt: bytes = b"s"
) -> Pin:
    return admit(store, learner_id="学员01", pin=pin, again=again, now=now, salt=salt, code=code)


def refusal(store: Store, pin: str, *, now: datetime = START, code: CodeTry = "not_asked") -> str:
    with pytest.raises(BadInputError) as caught:
        try_pin(store, pin, now=now, code=code)
    return str(caught.value)


def test_a_pin_is_set_at_first_use_and_asked_afterwards(room: Store) -> None:
    assert try_pin(room, RIGHT, again=RIGHT) == room.read_pin("学员01")
    assert try_pin(room, RIGHT) == room.read_pin("学员01")
    assert "密码不对" in refusal(room, WRONG)


def test_whoever_comes_second_cannot_set_another_pin(room: Store) -> None:
    first = try_pin(room, RIGHT, again=RIGHT)
    with pytest.raises(BadInputError, match="密码不对"):
        try_pin(room, WRONG, again=WRONG)
    kept = room.read_pin("学员01")
    assert kept is not None
    assert kept.hash == first.hash


@pytest.mark.parametrize(
    ("pin", "again", "fault"),
    [
        (RIGHT, "", "两次输入的密码不一样"),
        (RIGHT, WRONG, "两次输入的密码不一样"),
        ("258", "258", "4 至 6 位数字"),
        ("2580369", "2580369", "4 至 6 位数字"),
        ("２５８０", "２５８０", "4 至 6 位数字"),
        ("25a0", "25a0", "4 至 6 位数字"),
        ("", "", "4 至 6 位数字"),
        ("2222", "2222", "太容易猜到"),
        ("1234", "1234", "太容易猜到"),
        ("987654", "987654", "太容易猜到"),
    ],
)
def test_a_pin_that_is_none_or_easily_guessed_is_not_set(room: Store, pin: str, again: str, fault: str) -> None:
    with pytest.raises(BadInputError, match=fault):
        try_pin(room, pin, again=again)
    assert room.read_pin("学员01") is None


def test_the_database_holds_no_pin_and_equal_pins_look_different(store: Store) -> None:
    store.write_learners([make_learner("学员01"), make_learner("学员02")])
    one, other = (
        admit(store, learner_id=learner_id, pin=RIGHT, again=RIGHT, now=START, salt=salt)
        for learner_id, salt in (("学员01", b"a" * 16), ("学员02", b"b" * 16))
    )
    assert one.hash.startswith(f"scrypt${2**14}$8$5$")
    assert one.hash.rpartition("$")[2] != other.hash.rpartition("$")[2]
    assert len(one.hash.rpartition("$")[2]) == 64
    assert RIGHT not in repr(one)


def test_five_wrong_tries_make_one_wait_even_with_the_right_pin_and_longer_each_time(room: Store) -> None:
    try_pin(room, RIGHT, again=RIGHT)
    for left in (4, 3, 2, 1):
        assert f"还剩 {left} 次" in refusal(room, WRONG)
    now, waits = START, []
    for _ in range(8):
        refusal(room, WRONG, now=now)
        kept = room.read_pin("学员01")
        assert kept
        assert kept.locked_until
        assert "暂时不能再试" in refusal(room, RIGHT, now=kept.locked_until - timedelta(microseconds=1))
        waits.append((kept.locked_until - now) // timedelta(minutes=1))
        now = kept.locked_until
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    assert try_pin(room, RIGHT, now=now)


def test_a_days_guesses_are_a_small_part_of_all_pins(room: Store) -> None:
    try_pin(room, RIGHT, again=RIGHT)
    now, guesses = START, 0
    while now < START + timedelta(days=1):
        refusal(room, WRONG, now=now)
        guesses += 1
        kept = room.read_pin("学员01")
        assert kept
        now = kept.locked_until or now
    assert guesses < 100


def test_tries_count_across_stores_and_at_the_same_moment(room: Store, database_url: str) -> None:
    try_pin(room, RIGHT, again=RIGHT)
    heard: list[str] = []

    def guess() -> None:
        with open_store(database_url) as store:
            heard.append(refusal(store, WRONG))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = room.read_pin("学员01")
    assert kept
    assert kept.wrong_tries == 5
    assert sum("暂时不能再试" in one for one in heard) == 7


def test_a_right_code_clears_the_tries_and_a_right_pin_alone_does_not(room: Store) -> None:
    try_pin(room, RIGHT, again=RIGHT)
    refusal(room, RIGHT, code="wrong")
    assert try_pin(room, RIGHT).wrong_tries == 1
    assert try_pin(room, RIGHT, code="right").wrong_tries == 0


def test_tries_are_forgotten_after_half_a_day(room: Store) -> None:
    try_pin(room, RIGHT, again=RIGHT)
    for _ in range(4):
        refusal(room, WRONG)
    assert "还剩 4 次" in refusal(room, WRONG, now=START + timedelta(hours=12, seconds=1))


def test_a_pin_reset_by_the_trainer_is_set_anew_and_the_wait_is_over(room: Store) -> None:
    try_pin(room, RIGHT, again=RIGHT)
    for _ in range(5):
        refusal(room, WRONG)
    assert room.remove_pin("学员01")
    assert try_pin(room, WRONG, again=WRONG, salt=b"t").wrong_tries == 0


def test_a_ticket_names_its_holder_for_four_hours_and_dies_with_the_pin(room: Store) -> None:
    pin = try_pin(room, RIGHT, again=RIGHT)
    ticket = make_ticket(pin, now=START)
    assert pin.hash not in ticket
    assert check_ticket(room, ticket, now=START + timedelta(hours=4)) == pin
    assert check_ticket(room, ticket, now=START + timedelta(hours=4, seconds=1)) is None
    assert check_ticket(room, ticket, now=START - timedelta(seconds=1)) is None
    assert check_ticket(room, ticket[:-1] + ("0" if ticket[-1] != "0" else "1"), now=START) is None
    room.remove_pin("学员01")
    assert check_ticket(room, ticket, now=START) is None
    try_pin(room, RIGHT, again=RIGHT, salt=b"t")
    assert check_ticket(room, ticket, now=START) is None
