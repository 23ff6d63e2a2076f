"""A session on its evening: open it, follow who comes, excuse, close, print the sheet; and a learner's PIN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError, Finding
from xuefa.records.record import Learner, Record, SessionKind, Verb, make_record_id
from xuefa.settings import TIME_ZONE, Settings
from xuefa.workflows.records import add_session
from xuefa.workflows.site import now, open_site_store, read_site_catalogue, select_present, today

if TYPE_CHECKING:
    from xuefa.records.store import Store
    from xuefa.study.attendance import Attendance


@dataclass(frozen=True, kw_only=True)
class OpenedSession:
    """A session that takes sign-ins, and the address that learners open."""

    attendance: Attendance
    code: str
    address: str


def open_new_session(  # noqa: PLR0913  a session has these parts
    *,
    settings: Settings,
    kind: SessionKind,
    title: str,
    minutes: int,
    host: str,
    laws: Sequence[str],
    people: Sequence[str],
    units: Sequence[str],
    port: int,
) -> OpenedSession:
    """Enter a session of today and open it for signing in.

    Expected are `people` (ids or names) and all of `units`; everybody on the roster today if neither is given. Raises
    BadInputError, and then nothing is written.
    """
    from xuefa.study.attendance import select_expected

    day = today()
    with open_site_store(settings) as store:
        for one in store.read_sessions():
            if (one.held_on, one.kind, one.title) == (day, kind, title):
                fix = f"接着签到请用 xuefa session open {one.session_id}；如果是另一场，请换个主题"
                raise BadInputError(Finding(f"“{title}”", f"今天已经登记过这一场，编号 {one.session_id}", fix))
        present = select_present(store.read_learners(), day)
        expected = [learner.learner_id for learner in select_expected(present, people=people, units=units)]
    if not expected:
        raise BadInputError(Finding("名册", "今天没有在岗的人", "请先用 xuefa roster import 导入名册"))
    session = add_session(
        settings=settings,
        held_on=day,
        kind=kind,
        title=title,
        minutes=minutes,
        host=host,
        laws=laws,
        expected=expected,
    )
    return open_session(settings=settings, session_id=session.session_id, port=port)


def open_session(*, settings: Settings, session_id: str, port: int) -> OpenedSession:
    """Open a session of today that is entered already, or was closed too early; one that is open keeps its code."""
    from xuefa.records.evening import Opening
    from xuefa.study.attendance import draw_code, read_attendance

    with open_site_store(settings) as store:
        attendance = read_attendance(store, session_id)
        if attendance.session.held_on != today():
            raise BadInputError(
                Finding(
                    session_id,
                    f"这场学习的日期是 {attendance.session.held_on}，不是今天",
                    "过去的活动请照签到表用 xuefa session attend 补登",
                )
            )
        opening = attendance.opening
        if opening is None or not attendance.is_open:
            code = opening.code if opening else draw_code(store.read_openings(), rng=SystemRandom())
            opening = Opening(session_id=session_id, code=code, opened_at=opening.opened_at if opening else now())
            store.write_opening(opening)
        attendance = read_attendance(store, session_id)
    return OpenedSession(attendance=attendance, code=opening.code, address=find_address(port))


def find_address(port: int) -> str:
    """Where phones in the study room's network find this machine's pages."""
    from xuefa.doors.launch import own_address

    return f"http://{own_address()}:{port}/"


def read_session(*, settings: Settings, session_id: str | None) -> Attendance:
    """How a session stands; without an id the one that is open today, or was opened last today."""
    from xuefa.study.attendance import read_attendance

    with open_site_store(settings) as store:
        return read_attendance(store, session_id or _require_opened_today(store))


def follow_session(
    *, settings: Settings, session_id: str | None, tell: Callable[[Attendance], None], wait: Callable[[], None]
) -> None:
    """Tell how a session stands now and after every change until it is closed, with a `wait` between two looks."""
    told: Attendance | None = None
    while told is None or told.is_open:
        attendance = read_session(settings=settings, session_id=session_id)
        session_id = attendance.session.session_id
        if attendance != told:
            tell(attendance)
            told = attendance
        if attendance.is_open:
            wait()


def excuse_learner(*, settings: Settings, session_id: str | None, person: str, reason: str) -> Attendance:
    """Enter that someone expected is excused (请假) and why; `person` is an id or a name."""
    from xuefa.study.attendance import find_learner, read_attendance

    if not reason.strip():
        raise BadInputError(Finding("请假", "没有写原因", "请写明请假的原因，如 下村值班"))
    with open_site_store(settings) as store:
        attendance = read_attendance(store, session_id or _require_opened_today(store))
        session = attendance.session
        learner = find_learner(store.read_learners(), person)
        if learner.learner_id not in session.expected:
            raise BadInputError(Finding(learner.name, "不在这一场的应到名单里", "不用请假"))
        if learner in {arrival.learner for arrival in attendance.signed_in}:
            fix = "如果签到登记错了，先用 xuefa records void 作废那一条"
            raise BadInputError(Finding(learner.name, "已经签到，不能再登记请假", fix))
        if learner in {absence.learner for absence in attendance.excused}:
            raise BadInputError(Finding(learner.name, "已经登记过请假", "不用再登记"))
        store.append_records([_make_excuse(learner, session.session_id, reason.strip())])
        return read_attendance(store, session.session_id)


def close_session(*, settings: Settings, session_id: str | None) -> Attendance:
    """End the signing in to a session; it can be opened again on the same day."""
    from xuefa.study.attendance import read_attendance

    with open_site_store(settings) as store:
        attendance = read_attendance(store, session_id or _require_opened_today(store))
        if attendance.opening is None or not attendance.is_open:
            raise BadInputError(Finding(attendance.session.session_id, "这场学习没有开场，或者已经收场", "不用再收场"))
        store.write_opening(replace(attendance.opening, closed_at=now()))
        return read_attendance(store, attendance.session.session_id)


def remove_session(*, settings: Settings, session_id: str) -> None:
    """Remove a session made by mistake that nothing was recorded for."""
    from xuefa.study.attendance import read_attendance

    with open_site_store(settings) as store:
        read_attendance(store, session_id)
        store.remove_session(session_id)


def write_sign_in_sheet(*, settings: Settings, session_id: str | None, to: Path | None) -> Path:
    """Write a session's sign-in sheet (.docx), by default into the site's `data/签到表/`; an old one there is replaced.

    Raises BadInputError if the file cannot be written, or the one that `to` names is there already.
    """
    from xuefa.atomic_file import write_file
    from xuefa.study.sign_in_sheet import render_sign_in_sheet

    attendance = read_session(settings=settings, session_id=session_id)
    if to is not None and to.exists():
        raise BadInputError(Finding(str(to), "已经有这个文件，没有改动它", "请换一个文件名"))
    path = to or settings.data_dir / "签到表" / f"签到表_{attendance.session.session_id}.docx"
    content = render_sign_in_sheet(
        attendance, catalogue=read_site_catalogue(settings), written_at=now(), time_zone=TIME_ZONE
    )
    write_file(path, content)
    return path


def read_present_learners(*, settings: Settings) -> tuple[Learner, ...]:
    """Those of the roster who are here today."""
    with open_site_store(settings) as store:
        return select_present(store.read_learners(), today())


def read_pin_holders(*, settings: Settings) -> tuple[Learner, ...]:
    """The learners who have a PIN."""
    with open_site_store(settings) as store:
        holders = store.read_pin_holders()
        return tuple(learner for learner in store.read_learners() if learner.learner_id in holders)


def reset_pin(*, settings: Settings, person: str) -> Learner:
    """Forget the PIN of a learner (id or name), who sets a new one at the next sign-in."""
    from xuefa.study.attendance import find_learner

    with open_site_store(settings) as store:
        learner = find_learner(store.read_learners(), person)
        if not store.remove_pin(learner.learner_id):
            raise BadInputError(Finding(learner.name, "还没有设过密码", "不用重设，下次签到时自己设"))
    return learner


def _require_opened_today(store: Store) -> str:
    """The session to speak of when none is named."""
    days = {session.session_id: session.held_on for session in store.read_sessions()}
    openings = [one for one in store.read_openings() if days.get(one.session_id) == today()]
    if not openings:
        raise BadInputError(Finding("学习活动", "今天还没有开过场", "请写明场次，编号见 xuefa session list"))
    return max(openings, key=lambda one: (one.closed_at is None, one.opened_at)).session_id


def _make_excuse(learner: Learner, session_id: str, reason: str) -> Record:
    moment = now()
    return Record(
        record_id=make_record_id(moment, SystemRandom().getrandbits(74)),
        verb=Verb.EXCUSED,
        occurred_at=moment,
        source="ledger",
        learner_id=learner.learner_id,
        session_id=session_id,
        text=reason,
    )
