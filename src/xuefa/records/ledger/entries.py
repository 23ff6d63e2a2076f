"""Turns one row of a ledger into sessions and records, beside what is known already and what earlier rows gave."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Literal

from xuefa.errors import Finding
from xuefa.records.ledger.cells import CellReader
from xuefa.records.ledger.kinds import ABSENT_WORDS, EXCUSED_WORDS, SIGNED_IN_WORDS, parse_session_kind
from xuefa.records.ledger.known import Known, make_fact_key
from xuefa.records.ledger.people import close_up
from xuefa.records.ledger.reading import LedgerRow
from xuefa.records.record import SESSION_KIND_NAMES, VERB_NAMES, Record, Session, Verb, make_record_id
from xuefa.settings import TIME_ZONE

_SOURCE = "ledger"
_RANDOM_BITS = 74
_NOON, _EVENING = time(12), time(19)
_FIELD_WORDS = {"minutes": "时长", "host": "主持人", "laws": "学习的法律", "expected": "应到人员"}


@dataclass(frozen=True)
class Verdict:
    """What becomes of a row."""

    state: Literal["new", "corrected", "known", "doubled", "doubtful"] = "doubtful"
    says: str = ""
    findings: tuple[Finding, ...] = ()


def enter_session(row: LedgerRow, known: Known) -> Verdict:
    """A session, with those who came or handed in a paper where the sheet has such columns."""
    cells, faults = row.cells, CellReader(row)
    day = faults.read_day(known)
    kind = row.kind.session_kind or parse_session_kind(cells["形式"])
    if cells.get("形式") and kind is None:
        faults.add(f"形式“{cells['形式'][:20]}”不认识", f"可用的形式：{'、'.join(SESSION_KIND_NAMES.values())}")
    minutes = faults.read_minutes()
    laws = faults.read_laws(known.catalogue)
    if day is None:
        return _in_doubt(faults)
    came = faults.read_people("参加人员", known, day)
    wrote = faults.read_people("提交材料人员", known, day)
    listed = faults.read_people("应到人员", known, day)
    if faults.found or kind is None or minutes is None:
        known.row_places.setdefault(("in doubt", day), row.place)
        return _in_doubt(faults)
    title = cells[row.kind.title_column]
    by_default = known.people.select_present(day) if "应到人员" in cells else came
    fresh = Session(
        session_id=f"{day.isoformat()}-{_digest('session', kind.value, title)[:8]}",
        held_on=day,
        kind=kind,
        title=title,
        minutes=minutes,
        host=cells.get(row.kind.host_column, ""),
        laws=laws,
        expected=frozenset(listed or by_default),
    )
    earlier = known.find_session(day, kind, title)
    first = known.row_places.setdefault((day, kind, close_up(title)), row.place)
    if earlier and first != row.place and _differing(earlier, fresh, known, given=_given(row, listed)):
        faults.add(f"和 {first} 是同一场，内容却不同", "请留下正确的一行，删去另一行")
        return _in_doubt(faults)
    others = [one.title for one in known.sessions.values() if (one.held_on, one.kind) == (day, kind)]
    session, changed = _keep_or_correct(fresh, earlier, known, given=_given(row, listed))
    added = [_attend(Verb.SIGNED_IN, learner_id, session, known) for learner_id in came]
    added += [_hand_in(learner_id, session, known) for learner_id in wrote]
    if earlier and first != row.place and not any(added):
        return Verdict("doubled", f"和 {first} 相同，只计一次")
    return _session_verdict(session, fresh, changed, sum(added), others=others)


def enter_attendance(row: LedgerRow, known: Known) -> Verdict:
    """Who signed in or was excused on paper."""
    cells, faults = row.cells, CellReader(row)
    day = faults.read_day(known)
    verb = Verb.SIGNED_IN if cells["情况"] in SIGNED_IN_WORDS else Verb.EXCUSED
    is_absent = cells["情况"] in ABSENT_WORDS
    if cells["情况"] and verb is Verb.EXCUSED and cells["情况"] not in EXCUSED_WORDS | ABSENT_WORDS:
        faults.add(f"情况填的是“{cells['情况'][:20]}”", "请填“签到”或“请假”；缺席的不用填，由应到人员推算")
    if day is None:
        return _in_doubt(faults)
    session = faults.find_session(known, day)
    people = faults.read_people("姓名", known, day, unit=cells.get("单位", ""))
    if faults.found or session is None:
        return _in_doubt(faults)
    if is_absent:
        return _see_absent(row, faults, known, session, people)
    return _record_attendance(row, faults, known, session, people, verb=verb)


def _record_attendance(
    row: LedgerRow, faults: CellReader, known: Known, session: Session, people: tuple[str, ...], *, verb: Verb
) -> Verdict:
    for learner_id in people:
        earlier = known.row_places.get((session.session_id, learner_id))
        if earlier and known.attended.get((session.session_id, learner_id)) is not verb:
            name = known.people.name(learner_id)
            faults.add(f"{name}在 {earlier} 写的是另一种情况", "签到和请假只能留一个，请改正其中一行")
    if faults.found:
        return _in_doubt(faults)
    doubled = [known.row_places.get((session.session_id, learner_id)) for learner_id in people]
    added = 0
    for learner_id in people:
        added += _attend(verb, learner_id, session, known)
        known.row_places.setdefault((session.session_id, learner_id), row.place)
    if added:
        return Verdict("new", f"{session.held_on} “{session.title}”{VERB_NAMES[verb]} {added} 人")
    if all(doubled):
        return Verdict("doubled", f"和 {doubled[0]} 重复，只计一次")
    return Verdict("known", f"这 {len(people)} 人已经登记过")


def _see_absent(row: LedgerRow, faults: CellReader, known: Known, session: Session, people: tuple[str, ...]) -> Verdict:
    """Absence makes no record: it is what those expected have who neither came nor were excused."""
    for learner_id in people:
        name = known.people.name(learner_id)
        if verb := known.attended.get((session.session_id, learner_id)):
            faults.add(f"{name}已经登记为{VERB_NAMES[verb]}", "签到、请假、缺席只能留一个，请改正其中一行")
        elif learner_id not in session.expected:
            faults.add(f"{name}不在这一场的应到人员里，不能算缺席", "请补进应到人员，或者删去这一行")
        known.row_places.setdefault((session.session_id, learner_id), row.place)
    if faults.found:
        return _in_doubt(faults)
    return Verdict("known", f"这 {len(people)} 人缺席，由应到人员推算，不另登记")


def enter_fact(row: LedgerRow, known: Known) -> Verdict:
    """One record for each person of the row, or one without a person."""
    cells, faults = row.cells, CellReader(row)
    day = faults.read_day(known)
    if day is None or row.kind.verb is None:
        return _in_doubt(faults)
    people: tuple[str, ...] = ()
    if "姓名" in cells:
        people = faults.read_people("姓名", known, day, unit=cells.get("单位", ""))
    if faults.found:
        return _in_doubt(faults)
    added, doubled = 0, ""
    for learner_id in people or (None,):
        record = _make_record(row.kind.verb, day, _NOON, learner_id=learner_id, text=cells[row.kind.title_column])
        key = make_fact_key(record)
        doubled = known.row_places.setdefault(key, row.place)
        if key not in known.facts:
            added += known.add(record)
    if added:
        who = "、".join(known.people.name(learner_id) for learner_id in people)
        return Verdict("new", f"{day} {VERB_NAMES[row.kind.verb]} {who or cells[row.kind.title_column]}")
    if doubled != row.place:
        return Verdict("doubled", f"和 {doubled} 重复，只计一次")
    return Verdict("known", "已经登记过")


def _in_doubt(faults: CellReader) -> Verdict:
    return Verdict(findings=tuple(dict.fromkeys(faults.found)))


def _given(row: LedgerRow, listed: tuple[str, ...]) -> set[str]:
    """The fields of the session that the row speaks of; an empty cell leaves what is known as it is."""
    given = {"minutes"}
    given |= {"host"} if row.cells.get(row.kind.host_column) else set()
    given |= {"laws"} if row.cells.get("学习的法律") else set()
    return given | ({"expected"} if listed else set())


def _differing(session: Session, fresh: Session, known: Known, *, given: set[str]) -> list[str]:
    """The fields that the row gives otherwise, but for what a correction has replaced since the row was written."""
    return [
        name
        for name in _FIELD_WORDS
        if name in given
        and getattr(session, name) != (content := getattr(fresh, name))
        and not known.was_corrected_away(session, name, content)
    ]


def _keep_or_correct(
    fresh: Session, kept: Session | None, known: Known, *, given: set[str]
) -> tuple[Session, list[str]]:
    """The session as it will stand, and which fields of a known one change."""
    if kept is None:
        known.sessions[fresh.session_id] = known.new_sessions[fresh.session_id] = fresh
        return fresh, []
    changed = _differing(kept, fresh, known, given=given)
    if changed:
        kept = replace(kept, **{name: getattr(fresh, name) for name in changed})
        known.sessions[kept.session_id] = known.new_sessions[kept.session_id] = kept
    return kept, changed


def _session_verdict(
    session: Session, fresh: Session, changed: list[str], people: int, *, others: list[str]
) -> Verdict:
    name = f"{session.held_on} {SESSION_KIND_NAMES[session.kind]}“{session.title}”"
    also = f"，另登记 {people} 人次" if people else ""
    if session is fresh:
        expected = f"，应到 {len(session.expected)} 人" if session.expected else ""
        beside = f"；这一天已有“{'”“'.join(others)}”，如果是同一场，请改成一样的主题" if others else ""
        return Verdict("new", f"{name}，{session.minutes} 分钟{expected}{also}{beside}")
    if changed:
        return Verdict("corrected", f"{name}的{'、'.join(_FIELD_WORDS[field] for field in changed)}按这一行更正{also}")
    if people:
        return Verdict("new", f"{name}{also}")
    if (session.held_on, session.kind, close_up(session.title)) == (fresh.held_on, fresh.kind, close_up(fresh.title)):
        return Verdict("known", f"{name}已经登记过")
    return Verdict("known", f"登记过，后来更正为{name}；如果是另一场，请换个主题")


def _attend(verb: Verb, learner_id: str, session: Session, known: Known) -> bool:
    """Whether that is new: one who signed in stays so, whatever a later row says."""
    key = (session.session_id, learner_id)
    if known.attended.get(key) in (verb, Verb.SIGNED_IN):
        return False
    known.attended[key] = verb
    record = _make_record(verb, session.held_on, _EVENING, learner_id=learner_id, session_id=session.session_id)
    return known.add(record)


def _hand_in(learner_id: str, session: Session, known: Known) -> bool:
    key = (session.session_id, learner_id)
    if key in known.handed_in:
        return False
    known.handed_in.add(key)
    return known.add(
        _make_record(Verb.PRESENTED, session.held_on, _NOON, learner_id=learner_id, session_id=session.session_id)
    )


def _make_record(
    verb: Verb,
    day: date,
    clock: time,
    *,
    learner_id: str | None = None,
    session_id: str | None = None,
    text: str | None = None,
) -> Record:
    """A record whose id comes from its content: the same on every machine and at every import."""
    occurred_at = datetime.combine(day, clock, TIME_ZONE).astimezone(UTC)
    digest = _digest(verb.value, day.isoformat(), learner_id or "", session_id or "", text or "")
    return Record(
        record_id=make_record_id(occurred_at, int(digest, 16) >> (256 - _RANDOM_BITS)),
        verb=verb,
        occurred_at=occurred_at,
        source=_SOURCE,
        learner_id=learner_id,
        session_id=session_id,
        text=text or None,
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
