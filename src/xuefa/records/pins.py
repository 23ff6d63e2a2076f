"""PINs (密码): set at first use, asked afterwards, slowed after wrong tries, for every page where one acts as someone.

Hashed with scrypt at the cost of the OWASP Password Storage Cheat Sheet (N 2^14, r 8, p 5). Four to six digits are few:
what protects them is that wrong tries count in the database, whichever page they come from.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from xuefa.errors import BadInputError, Finding
from xuefa.records import evening, rows
from xuefa.records.conflicts import is_storable
from xuefa.records.evening import Pin
from xuefa.records.store import Store

FREE_TRIES = 5
"""The fifth wrong try in a row is the first that makes its maker wait."""

TRIES_FORGOTTEN_AFTER = timedelta(hours=12)
TICKET_LASTS = timedelta(hours=4)

CodeTry = Literal["not_asked", "right", "wrong"]
"""How the code of the session, which is asked together with the PIN, turned out."""

_PIN = re.compile(r"[0-9]{4,6}")
_RUNS = ("0123456789", "9876543210")
_COST = (2**14, 8, 5)
_MAX_MEMORY = 64 * 2**20
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)
_PLACE = "密码"


def admit(
    store: Store, *, learner_id: str, pin: str, again: str, now: datetime, salt: bytes, code: CodeTry = "not_asked"
) -> Pin:
    """The PIN of the learner whom `pin` proves; at first use it is set, if `again` is the same.

    `now` is aware, `salt` 16 random bytes. A wrong PIN and a wrong code count alike: from the fifth wrong try on one
    waits a minute, then two, four … at most thirty, and meanwhile nothing is looked at, the right PIN neither. Tries
    are forgotten after a sign-in with the right code, and after twelve hours. Raises BadInputError.
    """
    known = store.read_pin(learner_id)
    if known is None:
        if pin != again:
            raise BadInputError(Finding(_PLACE, "两次输入的密码不一样", "请重新输入两次"))
        known = _set(store, learner_id=learner_id, pin=pin, now=now, salt=salt)
    _require_patience(known, now)
    is_right = _PIN.fullmatch(pin) is not None and hmac.compare_digest(_hash(pin, like=known.hash), known.hash)
    with store.writing() as connection:
        kept = evening.read_pin(connection, learner_id)
        if kept is None or kept.hash != known.hash:
            raise BadInputError(Finding(_PLACE, "密码刚刚改过", "请刷新页面后再试"))
        _require_patience(kept, now)  # of many tries at once, the wrong ones before this one count already
        if is_right and code != "wrong":
            if code == "right" and kept.wrong_tries:
                kept = replace(kept, wrong_tries=0, locked_until=None)
                evening.write_pin(connection, kept)
            return kept
        kept = _count_wrong_try(kept, now)
        evening.write_pin(connection, kept)
    raise BadInputError(_explain_wrong("签到码不对" if is_right else "密码不对", kept, now))


def make_ticket(pin: Pin, *, now: datetime) -> str:
    """What a browser shows instead of the PIN for the next hours; worthless once the PIN is set anew."""
    return _sign(pin, now.astimezone(UTC).isoformat())


def check_ticket(store: Store, ticket: str, *, now: datetime) -> Pin | None:
    """The PIN whose holder that ticket was made for, None if it is forged, too old or of a PIN set anew."""
    learner_id, _, rest = ticket.partition("|")
    issued, _, _mac = rest.partition("|")
    try:
        issued_at = datetime.fromisoformat(issued)
        known = store.read_pin(learner_id) if is_storable(learner_id) else None
    except ValueError:
        return None
    if known is None or issued_at.tzinfo is None or not timedelta() <= now - issued_at <= TICKET_LASTS:
        return None
    expected = _sign(known, issued).encode()
    return known if hmac.compare_digest(expected, ticket.encode(errors="replace")) else None


def _set(store: Store, *, learner_id: str, pin: str, now: datetime, salt: bytes) -> Pin:
    if not _PIN.fullmatch(pin):
        raise BadInputError(Finding(_PLACE, "密码要用 4 至 6 位数字", "请重新设一个"))
    if len(set(pin)) == 1 or any(pin in run for run in _RUNS):
        raise BadInputError(Finding(_PLACE, "这个密码太容易猜到", "请不要用相同的数字或连着的数字，重新设一个"))
    n, r, p = _COST
    fresh = Pin(learner_id=learner_id, hash=_hash(pin, like=f"scrypt${n}${r}${p}${salt.hex()}$"), set_at=now)
    with store.writing() as connection:
        if all(learner.learner_id != learner_id for learner in rows.read_learners(connection)):
            raise BadInputError(Finding(_PLACE, "名册里没有这个人", "请找培训人员先导入名册"))
        if evening.read_pin(connection, learner_id) is not None:
            raise BadInputError(
                Finding(_PLACE, "刚刚已经有人给这个名字设了密码", "如果不是你设的，请找培训人员重设密码")
            )
        evening.write_pin(connection, fresh)
    return fresh


def _hash(pin: str, *, like: str) -> str:
    """The PIN hashed with the cost and the salt of `like` (`scrypt$N$r$p$salt$…`, salt and hash in hex)."""
    method, n, r, p, salt, _ = like.split("$")
    digest = hashlib.scrypt(
        pin.encode(), salt=bytes.fromhex(salt), n=int(n), r=int(r), p=int(p), maxmem=_MAX_MEMORY, dklen=32
    )
    return "$".join((method, n, r, p, salt, digest.hex()))


def _sign(pin: Pin, issued: str) -> str:
    # The hash never leaves the database and holds a random salt: nobody else can make this, or find the PIN from it.
    mac = hmac.new(pin.hash.encode(), f"{pin.learner_id}|{issued}".encode(), hashlib.sha256).hexdigest()
    return f"{pin.learner_id}|{issued}|{mac}"


def _count_wrong_try(pin: Pin, now: datetime) -> Pin:
    """`locked_until` is set at every wrong try, so that it also tells when the last one was."""
    is_old = pin.locked_until is not None and now - pin.locked_until > TRIES_FORGOTTEN_AFTER
    tries = 1 if is_old else pin.wrong_tries + 1
    wait = min(_FIRST_WAIT * 2 ** min(tries - FREE_TRIES, 10), _LONGEST_WAIT) if tries >= FREE_TRIES else timedelta()
    return replace(pin, wrong_tries=tries, locked_until=now + wait)


def _require_patience(pin: Pin, now: datetime) -> None:
    if pin.locked_until is not None and now < pin.locked_until:
        raise BadInputError(_explain_wrong(f"已经连错 {pin.wrong_tries} 次，暂时不能再试", pin, now))


def _explain_wrong(fault: str, pin: Pin, now: datetime) -> Finding:
    if pin.locked_until is not None and now < pin.locked_until:
        minutes = -(-(pin.locked_until - now) // timedelta(minutes=1))
        return Finding(_PLACE, fault, f"请过 {minutes} 分钟再试；忘了密码，请找培训人员重设")
    left = FREE_TRIES - pin.wrong_tries
    return Finding(_PLACE, fault, f"请再试，错满 {FREE_TRIES} 次要等一会儿，现在还剩 {left} 次")
