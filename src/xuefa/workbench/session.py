"""Tab 夜学: open a session and show it on the wall, excuse, close, print the sign-in sheet, reset a PIN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding
from xuefa.records.record import SESSION_KIND_NAMES, Learner, Session, SessionKind
from xuefa.settings import TIME_ZONE
from xuefa.study.attendance import Attendance
from xuefa.workbench.cards import render_done, render_files, render_table
from xuefa.workbench.desk import Action, Desk, field, show_text
from xuefa.workbench.session_editing import SessionForm
from xuefa.workbench.wall import Wall
from xuefa.workbench.words import split_names
from xuefa.workflows.records import list_sessions
from xuefa.workflows.session import (
    OpenedSession,
    close_session,
    excuse_learner,
    find_address,
    open_new_session,
    open_session,
    read_pin_holders,
    read_present_learners,
    read_session,
    remove_session,
    reset_pin,
    write_sign_in_sheet,
)
from xuefa.workflows.site import read_site_catalogue

DEFAULT_PORT, DEFAULT_MINUTES, LONGEST_MINUTES = 8866, 60, 600
_NO_SESSION, _NOBODY = "还没有登记过学习活动", "没有可选的人"


def render_attendance(attendance: Attendance) -> str:
    """The counts of a session and its people, those who are missing first."""
    states = [(one, "未到", "") for one in attendance.missing]
    states += [(one.learner, "请假", one.reason) for one in attendance.excused]
    states += [(one.learner, "签到", "" if one.expected else "不在应到名单") for one in attendance.signed_in]
    rows = [
        (one.unit, one.name, state, "；".join(filter(None, (said, attendance.tell_new_pin(one, time_zone=TIME_ZONE)))))
        for one, state, said in states
    ]
    return render_done(f"{attendance.session.title}：{attendance.summary}。") + render_table(
        "名单", ("单位", "姓名", "情况", "说明"), rows
    )


def open_session_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    tab = _SessionTab(desk)
    return widgets.VBox([*tab.opening, *tab.following, *tab.pins])


class _SessionTab:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._settings = desk, desk.settings
        self._wall = Wall(read=lambda session_id: read_session(settings=self._settings, session_id=session_id))
        self._session = field(widgets.Dropdown, "场次", options=[(_NO_SESSION, "")])
        self._absent = field(widgets.Dropdown, "请假的人", options=[(_NOBODY, "")])
        self._holder = field(widgets.Dropdown, "忘了密码的人", options=[(_NOBODY, "")])
        self._reason = field(widgets.Text, "原因", placeholder="如 下村值班")
        self._form = SessionForm(desk)
        self._held: dict[str, Session] = {}
        self._port = field(widgets.BoundedIntText, "页面的端口", min=1, max=65535, value=DEFAULT_PORT)
        self.opening = self._make_opening()
        self.following = self._make_following()
        self.pins = [
            show_text(
                "<h3>重设密码</h3><p>学员忘了签到密码，或者密码不是本人设的（“看名单”里写着谁当天设了密码），"
                "在这里删去，本人下次签到时重新设；用旧密码打开的页面随即退出。</p>"
            ),
            self._holder,
            Action(desk, "重设密码", self._reset_pin, busy="重设密码").view,
        ]
        self._session.observe(lambda _: self._show_chosen(), names="value")
        desk.add_refresher(self._refresh)

    def _make_opening(self) -> list[Any]:
        kinds = [(name, kind) for kind, name in SESSION_KIND_NAMES.items()]
        self._kind = field(widgets.Dropdown, "类别", options=kinds, value=SessionKind.EVENING)
        self._laws = field(widgets.SelectMultiple, "学习的法律", options=[], rows=5)
        self._title = field(widgets.Text, "主题", placeholder="不写就是“学习某某法”")
        self._minutes = field(widgets.BoundedIntText, "时长（分钟）", min=1, max=LONGEST_MINUTES, value=DEFAULT_MINUTES)
        self._host = field(widgets.Combobox, "主持人", ensure_option=False)
        self._units = field(widgets.SelectMultiple, "应到的单位", options=[], rows=4)
        self._people = field(widgets.Text, "另外应到的人", placeholder="姓名或编号，用顿号隔开")
        return [
            show_text(
                "<h3>开场</h3><p>开场以后，学员凭名字、密码和签到码签到。学员的页面要开着："
                "<code>xuefa serve --ip 0.0.0.0</code>。</p>"
            ),
            *(self._kind, self._laws, self._title, self._minutes, self._host, self._units, self._people),
            show_text("<p class='xuefa-note'>按住 Ctrl 可以多选。单位和人都不选，就是全部在岗的人应到。</p>"),
            self._port,
            Action(self._desk, "开场", self._open_new, busy="开场").view,
        ]

    def _make_following(self) -> list[Any]:
        act = self._desk
        seeing = Action(act, "看名单", self._show_attendance, busy="看名单")
        Action(act, "写出签到表", self._write_sheet, busy="写签到表", beside=seeing)
        Action(act, "收场", self._close, busy="收场", beside=seeing)
        return [
            show_text("<h3>签到情况</h3>"),
            self._session,
            Action(act, "接着开这一场，显示大屏", self._open_again, busy="开场").view,
            *(self._wall, seeing.view),
            *(self._absent, self._reason),
            Action(act, "登记请假", self._excuse, busy="登记请假").view,
            show_text("<p class='xuefa-note'>登记错了的一场，还没有人签到的可以删去，已经有人签到的可以更正。</p>"),
            Action(act, "删去这一场", self._remove, busy="删去").view,
            self._form.view,
        ]

    def _open_new(self, _tell: Callable[[int, int], None]) -> str:
        laws = list(self._laws.value)
        if not laws and not self._title.value.strip():
            raise BadInputError(Finding("主题", "没有选法律，也没有写主题", "请选学习的法律，或者写明主题"))
        if not self._host.value.strip():
            raise BadInputError(Finding("主持人", "没有写主持人", "请写明主持人"))
        opened = open_new_session(
            settings=self._settings,
            kind=self._kind.value,
            title=self._title.value.strip() or f"学习{'、'.join(f'《{law}》' for law in laws)}",
            minutes=self._minutes.value,
            host=self._host.value.strip(),
            laws=laws,
            people=split_names(self._people.value),
            units=list(self._units.value),
            port=self._port.value,
        )
        self._refresh()
        self._session.value = opened.attendance.session.session_id
        return self._show_wall(opened)

    def _open_again(self, _tell: Callable[[int, int], None]) -> str:
        return self._show_wall(
            open_session(settings=self._settings, session_id=self._require_session(), port=self._port.value)
        )

    def _show_wall(self, opened: OpenedSession) -> str:
        session = opened.attendance.session
        self._wall.follow(session.session_id, address=opened.address)
        return render_done(f"已开场：{session.title}，应到 {len(session.expected)} 人。大屏在下面“签到情况”里。")

    def _show_attendance(self, _tell: Callable[[int, int], None]) -> str:
        return render_attendance(read_session(settings=self._settings, session_id=self._require_session()))

    def _excuse(self, _tell: Callable[[int, int], None]) -> str:
        attendance = excuse_learner(
            settings=self._settings,
            session_id=self._require_session(),
            person=self._absent.value or "",
            reason=self._reason.value,
        )
        self._reason.value = ""
        return render_done(f"已登记请假。{attendance.summary}。")

    def _close(self, _tell: Callable[[int, int], None]) -> str:
        attendance = close_session(settings=self._settings, session_id=self._require_session())
        self._wall.follow(attendance.session.session_id, address=find_address(self._port.value))
        return render_done(f"已收场。{attendance.summary}。")

    def _write_sheet(self, _tell: Callable[[int, int], None]) -> str:
        path = write_sign_in_sheet(settings=self._settings, session_id=self._require_session(), to=None)
        return render_done("签到表已写出，可以打印存档。") + render_files([path], site_dir=self._settings.site_dir)

    def _remove(self, _tell: Callable[[int, int], None]) -> str:
        session_id = self._require_session()
        remove_session(settings=self._settings, session_id=session_id)
        return render_done(f"已删去 {session_id}。")

    def _reset_pin(self, _tell: Callable[[int, int], None]) -> str:
        learner = reset_pin(settings=self._settings, person=self._holder.value or "")
        return render_done(f"{learner.name}的密码已删去，下次签到时重新设。")

    def _require_session(self) -> str:
        if not self._session.value:
            raise BadInputError(Finding("场次", _NO_SESSION, "请先在上面开场"))
        return str(self._session.value)

    def _refresh(self) -> None:
        """Follow what is in the records; what is chosen stays chosen while it is there."""
        learners = read_present_learners(settings=self._settings)
        self._host.options = tuple(dict.fromkeys(learner.name for learner in learners))
        units = tuple(dict.fromkeys(learner.unit for learner in learners))
        if self._units.options != units:
            self._units.options = units
        laws = tuple((f"《{law.short_title}》", law.short_title) for law in read_site_catalogue(self._settings))
        if self._laws.options != laws:
            self._laws.options = laws
        held = [one.session for one in reversed(list_sessions(settings=self._settings))]
        self._held = {one.session_id: one for one in held}
        _offer(
            self._session,
            [(f"{one.held_on}　{SESSION_KIND_NAMES[one.kind]}　{one.title}", one.session_id) for one in held],
            otherwise=_NO_SESSION,
        )
        holders = read_pin_holders(settings=self._settings)
        _offer(self._holder, [(_name(one), one.learner_id) for one in holders], otherwise=_NOBODY)
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Fill in what belongs to the session that is chosen."""
        self._form.show(self._held.get(self._session.value))
        missing = (
            read_session(settings=self._settings, session_id=self._session.value).missing if self._session.value else ()
        )
        _offer(self._absent, [(_name(one), one.learner_id) for one in missing], otherwise=_NOBODY)


def _name(learner: Learner) -> str:
    return f"{learner.name}（{learner.unit}）"


def _offer(choice: Any, options: list[tuple[str, str]], *, otherwise: str) -> None:
    offered = options or [(otherwise, "")]
    if list(choice.options) != offered:
        chosen = choice.value
        choice.options = offered
        choice.value = chosen if any(chosen == value for _, value in offered) else offered[0][1]
