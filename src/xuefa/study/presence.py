"""Who is signed in on this page: shared by the widgets of one kernel, never stored."""

from __future__ import annotations

from collections.abc import Callable

from xuefa.records.record import Learner, Session


class Presence:
    """The learner at this page and the session they signed in to (None: 自学, study on one's own)."""

    def __init__(self) -> None:
        self.learner: Learner | None = None
        self.session: Session | None = None
        self._listeners: list[Callable[[], None]] = []

    def enter(self, learner: Learner, session: Session | None) -> None:
        """Note who is here now and tell every listener."""
        self.learner, self.session = learner, session
        self._tell()

    def leave(self) -> None:
        """Note that nobody is signed in any more and tell every listener."""
        self.learner = self.session = None
        self._tell()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever someone signs in or leaves."""
        self._listeners.append(listener)

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()
