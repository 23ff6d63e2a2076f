"""Corrections of a session entered wrongly: the record of what was and what is right, and how two machines agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from xuefa.errors import BadInputError, Finding
from xuefa.records import rows
from xuefa.records.conflicts import FIELD_NAMES
from xuefa.records.record import SESSION_KIND_NAMES, Record, Session, SessionKind, Verb, make_record_id
from xuefa.records.store import Store
from xuefa.strict_yaml import StrictModel

_LATER = timedelta(milliseconds=1)
_NAMED_AT_MOST = 20


class SessionChange(StrictModel):
    """The fields that a correction changed, each as it was and as it is right; None stayed. `expected` is sorted."""

    held_on: tuple[date, date] | None = None
    kind: tuple[SessionKind, SessionKind] | None = None
    title: tuple[str, str] | None = None
    minutes: tuple[int, int] | None = None
    host: tuple[str, str] | None = None
    laws: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    expected: tuple[tuple[str, ...], tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Correction:
    """What one record (verb CORRECTED) changed in which session."""

    session_id: str
    change: SessionChange


def correct_session(
    store: Store, before: Session, after: Session, *, says: str, at: datetime, random_bits: int
) -> Record:
    """Put `after` in place of `before` and append the record that tells so; `says` tells people what, why and who.

    The record is later than every earlier correction of the session, whatever the clock says, so that the last one
    counts wherever it is merged. Raises BadInputError if the session is not `before` any more, or somebody expected is
    not on the roster; nothing is written then.
    """
    with store.writing() as connection:
        if before not in rows.read_sessions(connection):
            raise BadInputError(
                Finding(f"学习活动 {before.session_id}", "刚才在别处改过或者删去了", "请重新看一遍，再更正")
            )
        earlier = rows.read_records(connection, verbs={Verb.CORRECTED}, session_id=before.session_id, with_voided=True)
        occurred_at = max([at, *(record.occurred_at + _LATER for record in earlier)])
        record = Record(
            record_id=make_record_id(occurred_at, random_bits),
            verb=Verb.CORRECTED,
            occurred_at=occurred_at,
            source="ledger",
            session_id=before.session_id,
            response=_compare(before, after).model_dump_json(exclude_none=True),
            text=says,
        )
        rows.write_sessions(connection, [after])
        rows.append_records(connection, [record])
    return record


def parse_corrections(records: Iterable[Record]) -> tuple[Correction, ...]:
    """What the records of verb CORRECTED changed, oldest first; raise RecordsError for one that cannot be read."""
    by_id = {record.record_id: record for record in records if record.verb is Verb.CORRECTED}
    return tuple(_parse(one) for one in sorted(by_id.values(), key=lambda one: (one.occurred_at, one.record_id)))


def settle_session(one: Session, other: Session, corrections: Sequence[Correction]) -> Session | None:
    """What counts of two contents of a session, whichever comes first; None if corrections do not tell.

    `corrections` are those of both machines, oldest first. Of each field that differs the newest correction counts,
    provided that both contents are known from corrections of that field, as what was or as what is right.
    """
    ours = [correction.change for correction in corrections if correction.session_id == one.session_id]
    settled = one
    for name in SessionChange.model_fields:
        contents = {_plain(one, name), _plain(other, name)}
        if len(contents) == 1:
            continue
        pairs = [pair for change in ours if (pair := getattr(change, name))]
        if not contents <= {content for pair in pairs for content in pair}:
            return None
        settled = _replace(settled, {name: pairs[-1][1]})
    return settled


def list_former(session: Session, corrections: Sequence[Correction]) -> tuple[Session, ...]:
    """The session as it stood before each of its corrections, newest first; `corrections` are oldest first."""
    former: list[Session] = []
    for correction in reversed(corrections):
        if correction.session_id == session.session_id:
            wrong = {
                name: pair[0]
                for name in SessionChange.model_fields
                if (pair := getattr(correction.change, name)) is not None
            }
            former.append(_replace(former[-1] if former else session, wrong))
    return tuple(former)


def render_changes(
    before: Session, after: Session, *, law_names: Mapping[str, str], names: Mapping[str, str]
) -> tuple[str, ...]:
    """One phrase of Chinese for each field that differs; `law_names` by slug, `names` of people by learner id."""
    change = _compare(before, after)
    said = []
    for name in SessionChange.model_fields:
        if (pair := getattr(change, name)) is None:
            continue
        if name == "expected":
            said.append(_render_expected(*pair, names=names))
        else:
            was, becomes = (_render(name, value, law_names) for value in pair)
            said.append(f"{FIELD_NAMES[name]}由“{was}”改为“{becomes}”")
    return tuple(said)


def _compare(before: Session, after: Session) -> SessionChange:
    pairs = {name: (_plain(before, name), _plain(after, name)) for name in SessionChange.model_fields}
    return SessionChange(**{name: pair for name, pair in pairs.items() if pair[0] != pair[1]})


def _plain(session: Session, name: str) -> Any:
    value = getattr(session, name)
    return tuple(sorted(value)) if isinstance(value, frozenset) else value


def _replace(session: Session, values: Mapping[str, Any]) -> Session:
    fields: dict[str, Any] = {name: frozenset(value) if name == "expected" else value for name, value in values.items()}
    return replace(session, **fields)


def _parse(record: Record) -> Correction:
    try:
        change = SessionChange.model_validate_json(record.response or "")
    except ValidationError as error:
        raise rows.unreadable(f"记录 {record.record_id}") from error
    return Correction(record.session_id or "", change)


def _render(name: str, value: Any, law_names: Mapping[str, str]) -> str:
    if isinstance(value, SessionKind):
        return SESSION_KIND_NAMES[value]
    if name == "laws":
        return "、".join(law_names.get(law, law) for law in value) or "（空）"
    return str(value) or "（空）"


def _render_expected(was: tuple[str, ...], becomes: tuple[str, ...], *, names: Mapping[str, str]) -> str:
    parts = []
    for word, people in (("加上", sorted({*becomes} - {*was})), ("去掉", sorted({*was} - {*becomes}))):
        if people:
            listed = "、".join(names.get(one, one) for one in people[:_NAMED_AT_MOST])
            parts.append(f"{word}{listed}" + (f"等 {len(people)} 人" if len(people) > _NAMED_AT_MOST else ""))
    return f"应到人员{'，'.join(parts)}，由 {len(was)} 人改为 {len(becomes)} 人"
