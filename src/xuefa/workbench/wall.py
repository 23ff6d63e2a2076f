"""The wall (大屏): code, address, QR code and count of an open session, kept up to date by a timer of the kernel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from xuefa.errors import XuefaError
from xuefa.page_parts import read_style
from xuefa.study.attendance import Attendance
from xuefa.study.qr_code import render_qr_uri

SECONDS_BETWEEN_LOOKS = 3.0

_HERE = Path(__file__).parent
_NEWEST = 8


class Wall(anywidget.AnyWidget):
    """What is thrown on the wall. The page gets all of it through `view` and sends nothing back.

    `view` is {} before a session is shown, else {"title", "code", "address", "qr", "expected", "signed_in", "excused",
    "missing", "newest", "is_open", "fault"}; `newest` are the names that came last.
    """

    _esm = _HERE / "wall.js"
    _css = read_style(_HERE, "wall")
    view = traitlets.Dict().tag(sync=True)

    def __init__(self, *, read: Callable[[str], Attendance]) -> None:
        """`read` gives a session as it stands now."""
        super().__init__()
        self._read = read
        self._session_id = ""
        self._address = ""
        self._timer: threading.Thread | None = None
        self._left = threading.Event()

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Take no state from the page; nothing a browser sends is trusted."""

    def follow(self, session_id: str, *, address: str) -> None:
        """Show that session from now on, anew every few seconds until it is closed."""
        self._session_id, self._address = session_id, address
        self.refresh()
        if self._timer is None or not self._timer.is_alive():
            self._left.clear()
            self._timer = threading.Thread(target=self._keep_up, daemon=True)
            self._timer.start()

    def refresh(self) -> bool:
        """Show the session as it stands now; False once it is closed. A fault is told on the wall itself."""
        try:
            attendance = self._read(self._session_id)
        except XuefaError as error:
            self.view = {**self.view, "fault": f"人数没有更新：{error.findings[0].fault}"}
            return True
        self.view = self._render(attendance)
        return attendance.is_open

    def close(self) -> None:
        """End the timer with the widget."""
        self._left.set()
        super().close()

    def _keep_up(self) -> None:
        while not self._left.wait(SECONDS_BETWEEN_LOOKS) and self.refresh():
            pass

    def _render(self, attendance: Attendance) -> dict[str, Any]:
        return {
            "title": attendance.session.title,
            "code": attendance.opening.code if attendance.opening else "",
            "address": self._address,
            "qr": render_qr_uri(self._address),
            "expected": len(attendance.session.expected),
            "signed_in": len(attendance.signed_in),
            "excused": len(attendance.excused),
            "missing": len(attendance.missing),
            "newest": [arrival.learner.name for arrival in attendance.signed_in[: -_NEWEST - 1 : -1]],
            "is_open": attendance.is_open,
            "fault": "",
        }
