"""The form in the tab 夜学 that puts a session entered wrongly right: filled in as it is now, with a reason to give."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding
from xuefa.laws.catalogue import Catalogue
from xuefa.records.record import SESSION_KIND_NAMES, Session
from xuefa.workbench.cards import render_done, render_note
from xuefa.workbench.desk import Action, Desk, field, show_text
from xuefa.workbench.words import split_names
from xuefa.workflows.records import LONGEST_SESSION_MINUTES
from xuefa.workflows.session_edit import SessionEdit, edit_session, plan_session_edit
from xuefa.workflows.site import read_site_catalogue

_T = TypeVar("_T")


class SessionForm:
    """The form of the session that was shown to it last; `view` is a button that opens it, and the form."""

    def __init__(self, desk: Desk) -> None:
        self._settings = desk.settings
        self._session: Session | None = None
        self._shown_laws: tuple[str, ...] = ()
        kinds = [(name, kind) for kind, name in SESSION_KIND_NAMES.items()]
        self._day = field(widgets.DatePicker, "正确的日期")
        self._kind = field(widgets.Dropdown, "正确的类别", options=kinds)
        self._title = field(widgets.Text, "正确的主题")
        self._minutes = field(widgets.BoundedIntText, "正确的分钟数", min=1, max=LONGEST_SESSION_MINUTES)
        self._host = field(widgets.Text, "正确的主持人")
        self._laws = field(widgets.SelectMultiple, "正确的法律", options=[], rows=5)
        self._added = field(widgets.Text, "漏了的应到人", placeholder="姓名或编号，用顿号隔开")
        self._dropped = field(widgets.Text, "不该应到的人", placeholder="姓名或编号，用顿号隔开")
        self._reason = field(widgets.Text, "更正的原因", placeholder="如 主题打错了")
        self._by = field(widgets.Text, "更正人")
        looking = Action(desk, "看会改什么", self._look, busy="看会改什么")
        Action(desk, "更正", self._edit, busy="更正", beside=looking)
        form = widgets.VBox(
            [
                show_text(
                    "<p class='xuefa-note'>现在登记的写在下面，改成正确的。签到和请假都留着；"
                    "谁、什么时候、为什么更正也记下来，并入别的电脑的记录时不会变回去。</p>"
                ),
                *(self._day, self._kind, self._title, self._minutes, self._host, self._laws),
                *(self._added, self._dropped, self._reason, self._by),
                looking.view,
            ],
            layout={"display": "none"},
        )
        opener = widgets.ToggleButton(description="更正登记错的一场", layout={"width": "auto"})
        opener.observe(lambda change: setattr(form.layout, "display", "" if change["new"] else "none"), names="value")
        self.view = widgets.VBox([widgets.HBox([opener]), form])

    def show(self, session: Session | None) -> None:
        """Fill the form in with the session, unless it is the one that it shows: somebody may be typing."""
        if session is None or session == self._session:
            self._session = session
            return
        self._session = session
        catalogue = read_site_catalogue(self._settings)
        self._laws.options = [(f"《{law.short_title}》", law.short_title) for law in catalogue]
        self._shown_laws = self._laws.value = _name_laws(session, catalogue)
        self._day.value, self._kind.value = session.held_on, session.kind
        self._title.value, self._host.value, self._minutes.value = session.title, session.host, session.minutes
        self._added.value = self._dropped.value = self._reason.value = ""

    def _plan(self) -> SessionEdit:
        if self._session is None:
            raise BadInputError(Finding("场次", "还没有登记过学习活动", "请先在上面开场"))
        shown = self._session
        return plan_session_edit(
            settings=self._settings,
            session_id=shown.session_id,
            held_on=_if_other(self._day.value, shown.held_on),
            kind=_if_other(self._kind.value, shown.kind),
            title=_if_other(self._title.value, shown.title),
            minutes=_if_other(self._minutes.value, shown.minutes),
            host=_if_other(self._host.value, shown.host),
            laws=_if_other(self._laws.value, self._shown_laws),
            added=split_names(self._added.value),
            dropped=split_names(self._dropped.value),
        )

    def _look(self, _tell: Callable[[int, int], None]) -> str:
        return render_note(f"会这样改：{'；'.join(self._plan().changes)}。写明原因和更正人，再按“更正”。")

    def _edit(self, _tell: Callable[[int, int], None]) -> str:
        plan = self._plan()
        edit_session(settings=self._settings, edit=plan, reason=self._reason.value, by=self._by.value)
        return render_done(f"已更正：{'；'.join(plan.changes)}。封存过的报告请再核对。")


def _if_other(value: _T, shown: _T) -> _T | None:
    """The value if it was changed in the form; what was not stays as it is, even if it is changed elsewhere."""
    return None if value == shown else value


def _name_laws(session: Session, catalogue: Catalogue) -> tuple[str, ...]:
    return tuple(law.short_title for law in catalogue if law.slug in session.laws)
