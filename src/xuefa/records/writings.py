"""心得体会 and 研讨材料: what was handed in, and whether the trainer returned or accepted it, read from the records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from xuefa.errors import BadInputError, Finding
from xuefa.records.record import Record, Verb, find_taken_back, make_record_id
from xuefa.records.store import Store

WRITING_VERBS = (Verb.REFLECTED, Verb.PRESENTED)
MAX_REASON_CHARACTERS = 500

Stage = Literal["handed_in", "returned", "accepted"]


@dataclass(frozen=True)
class Writing:
    """One text that was handed in; `reason` is that of its return, or of its acceptance.

    A returned one counts nowhere, for its return takes it back like a voiding; one accepted or not yet read counts.
    """

    record: Record
    stage: Stage
    reason: str = ""


def read_writings(store: Store, *, learner_id: str | None = None, module: int | None = None) -> tuple[Writing, ...]:
    """The texts that fit, by time; those that were voided as mistakes are left out, returned ones are not."""
    verbs = {*WRITING_VERBS, Verb.RETURNED, Verb.ACCEPTED, Verb.VOIDED}
    records = store.read_records(verbs=verbs, learner_id=learner_id, with_voided=True)
    if learner_id is not None:  # a voiding names no learner
        records = (*records, *store.read_records(verbs={Verb.VOIDED}, with_voided=True))
    return tuple(one for one in select_writings(records) if module is None or one.record.module == module)


def select_writings(records: Iterable[Record]) -> tuple[Writing, ...]:
    """The texts among `records`, voided and voiding ones included there, in their order."""
    ordered = sorted({one.record_id: one for one in records}.values(), key=lambda one: (one.occurred_at, one.record_id))
    undone = find_taken_back(ordered)
    returns = {target: taker for target, taker in undone.items() if taker.verb is Verb.RETURNED}
    accepted = {one.item_id: one for one in ordered if one.verb is Verb.ACCEPTED and one.record_id not in undone}
    found = []
    for record in ordered:
        if record.verb not in WRITING_VERBS:
            continue
        if record.record_id in returns:
            found.append(Writing(record, "returned", returns[record.record_id].text or ""))
        elif record.record_id in undone:
            continue
        elif str(record.record_id) in accepted:
            found.append(Writing(record, "accepted", accepted[str(record.record_id)].text or ""))
        else:
            found.append(Writing(record, "handed_in"))
    return tuple(found)


def append_decision(
    store: Store,
    *,
    record_id: UUID,
    decision: Literal["return", "accept"],
    reason: str,
    now: datetime,
    random_bits: int,
) -> None:
    """Return or accept a text; a return needs its reason, which the writer reads.

    `now` is an aware time, `random_bits` 74 bits for the new record's id. Raises BadInputError if there is no such
    text, it was decided before, or the reason is missing or longer than MAX_REASON_CHARACTERS.
    """
    words = reason.strip()
    writing = next((one for one in read_writings(store) if one.record.record_id == record_id), None)
    if writing is None:
        raise BadInputError(Finding("心得体会和研讨材料", "找不到这一篇，可能已经作废", "请重新读取列表后再试"))
    if writing.stage == "returned" or (writing.stage == "accepted" and decision == "accept"):
        raise BadInputError(Finding("心得体会和研讨材料", "这一篇已经处理过", "请重新读取列表后再看"))
    if decision == "return" and not words:
        raise BadInputError(Finding("退回", "没有写原因", "请写明要改什么，写的人会看到"))
    if len(words) > MAX_REASON_CHARACTERS:
        raise BadInputError(Finding("退回", "原因太长", f"请控制在 {MAX_REASON_CHARACTERS} 字以内"))
    text = writing.record
    store.append_records(
        [
            Record(
                record_id=make_record_id(now, random_bits),
                verb=Verb.RETURNED if decision == "return" else Verb.ACCEPTED,
                occurred_at=now,
                source="workbench",
                learner_id=text.learner_id,
                session_id=text.session_id,
                module=text.module,
                item_id=str(record_id) if decision == "accept" else None,
                text=words or None,
                voids=record_id if decision == "return" else None,
            )
        ]
    )
