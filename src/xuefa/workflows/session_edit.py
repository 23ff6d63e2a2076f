"""A session that was entered wrongly: what an edit would make of it, and the edit with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import SystemRandom
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError, Finding
from xuefa.records.record import Session, SessionKind
from xuefa.settings import Settings
from xuefa.workflows.records import find_laws, require_no_other, require_title_and_minutes
from xuefa.workflows.site import now, open_site_store, read_site_catalogue, today

if TYPE_CHECKING:
    from xuefa.records.store import Store
    from xuefa.study.attendance import Attendance


@dataclass(frozen=True, kw_only=True)
class SessionEdit:
    """A session as it stands and as it is to be, and one phrase for each change."""

    before: Session
    after: Session
    changes: tuple[str, ...]


def plan_session_edit(  # noqa: PLR0913  a session has these parts
    *,
    settings: Settings,
    session_id: str,
    held_on: date | None = None,
    kind: SessionKind | None = None,
    title: str | None = None,
    minutes: int | None = None,
    host: str | None = None,
    laws: Sequence[str] | None = None,
    expected: Sequence[str] | None = None,
    added: Sequence[str] = (),
    dropped: Sequence[str] = (),
) -> SessionEdit:
    """What these parts would make of the session; None leaves a part as it is, and nothing is written.

    `laws` and `expected` are the whole lists; `added` to and `dropped` from those expected. People are ids or names of
    the roster, whether they are still here or not. Raises BadInputError: no such session, law or person, another year,
    a day to come although people are recorded, an open session moved to another day, an empty title, host or list of
    people, a length that cannot be, another session of the same day, kind and title, nothing that changes.
    """
    from xuefa.records.corrections import render_changes
    from xuefa.study.attendance import read_attendance

    catalogue = read_site_catalogue(settings)
    with open_site_store(settings) as store:
        attendance = read_attendance(store, session_id)
        before = attendance.session
        after = replace(
            before,
            held_on=held_on or before.held_on,
            kind=kind or before.kind,
            title=before.title if title is None else title.strip(),
            minutes=before.minutes if minutes is None else minutes,
            host=before.host if host is None else host.strip(),
            laws=before.laws if laws is None else find_laws(catalogue, laws),
            expected=_select_expected(store, before, expected=expected, added=added, dropped=dropped),
        )
        require_title_and_minutes(after.title, after.minutes)
        _require_sound(attendance, after)
        others = [one for one in store.read_sessions() if one.session_id != session_id]
        require_no_other(others, held_on=after.held_on, kind=after.kind, title=after.title)
        names = {learner.learner_id: learner.name for learner in store.read_learners()}
    law_names = {law.slug: f"《{law.short_title}》" for law in catalogue}
    return SessionEdit(
        before=before, after=after, changes=render_changes(before, after, law_names=law_names, names=names)
    )


def edit_session(*, settings: Settings, edit: SessionEdit, reason: str, by: str) -> None:
    """Write the edit, and the record that tells what was changed, when, why and by whom; sign-ins and excuses stay.

    Raises BadInputError if `reason` or `by` is empty, or the session was changed since the edit was planned.
    """
    from xuefa.records.corrections import correct_session

    if not reason.strip():
        raise BadInputError(Finding("更正", "没有写原因", "请写明为什么更正，如 主题打错了"))
    if not by.strip():
        raise BadInputError(Finding("更正", "没有写更正人", "请写明是谁更正的"))
    with open_site_store(settings) as store:
        correct_session(
            store,
            edit.before,
            edit.after,
            says=f"{'；'.join(edit.changes)}。原因：{reason.strip()}。更正人：{by.strip()}",
            at=now(),
            random_bits=SystemRandom().getrandbits(74),
        )


def _select_expected(
    store: Store, session: Session, *, expected: Sequence[str] | None, added: Sequence[str], dropped: Sequence[str]
) -> frozenset[str]:
    from xuefa.study.attendance import select_expected

    roster = store.read_learners()
    select_expected(roster, people=(*(expected or ()), *added, *dropped), units=())  # every unknown person at once

    def find(people: Sequence[str]) -> frozenset[str]:
        return (
            frozenset(one.learner_id for one in select_expected(roster, people=people, units=()))
            if people
            else frozenset()
        )

    both = find(added) & find(dropped)
    if both:
        raise BadInputError(Finding("应到人员", f"{'、'.join(sorted(both))} 既写了加上又写了去掉", "请只留一个"))
    return (session.expected if expected is None else find(expected)) - find(dropped) | find(added)


def _require_sound(attendance: Attendance, after: Session) -> None:
    before = attendance.session
    if after == before:
        raise BadInputError(Finding(before.session_id, "和现在的一样，没有要改的", "请写明要改成什么"))
    if before.host and not after.host:
        raise BadInputError(Finding("主持人", "主持人是空的", "请写明主持人"))
    if before.expected and not after.expected:
        raise BadInputError(Finding("应到人员", "应到的人一个也没有了", "请至少留一个人；没有办过的一场可以删去"))
    if after.held_on == before.held_on:
        return
    if after.held_on.year != before.held_on.year:
        raise BadInputError(
            Finding(
                "日期",
                f"{after.held_on} 不在 {before.held_on.year} 年，学时按年度统计，一场学习不能移到别的年度",
                "请检查年份；确实记错年度的，请另登记一场，错的一场没有人签到时可以删去",
            )
        )
    if attendance.is_open:
        raise BadInputError(Finding("日期", "这一场正在签到，不能改到别的日子", "请先收场"))
    if after.held_on > today() and (attendance.signed_in or attendance.excused):
        raise BadInputError(Finding("日期", f"{after.held_on} 还没有到，而这一场已经有人签到或请假", "请检查日期"))
