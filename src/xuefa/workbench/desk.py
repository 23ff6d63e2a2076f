"""The desk that the tabs share: the site, one piece of work at a time in a thread, and what is shown anew after it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding, XuefaError
from xuefa.settings import Settings
from xuefa.workbench.cards import page_style, render_body, render_findings, render_note
from xuefa.workbench.words import in_form_words

WIDE = "620px"
"""How wide a field stands, so that long Chinese texts are not cut."""

_SECONDS_BETWEEN_LOOKS = 0.1


class StoppedError(Exception):
    """Someone pressed the stop button."""


class Desk:
    """What the tabs share; `start` runs a piece of work apart from the kernel's own thread, which hears the buttons.

    A Lab that is not set up as the kit's is hands its messages to a second thread of the kernel (a subshell) as soon as
    it has one, so that a tab may be opened in one thread and a button pressed in another.
    """

    def __init__(self, settings: Settings, *, start: Callable[[Callable[[], None]], None] | None = None) -> None:
        self.settings = settings
        self.made_papers: frozenset[str] = frozenset()
        """The papers that the work now at its end has set or released, while the lists are read anew after it."""
        self.problem = widgets.HTML()
        self._start = start or _start_thread
        self._busy, self._waking, self._refreshing = threading.Lock(), threading.Lock(), threading.RLock()
        self._buttons: list[Any] = []
        self._refreshers: list[Callable[[], None]] = []

    def add_button(self, button: Any) -> None:
        """From now on this button is disabled while any work runs."""
        self._buttons.append(button)

    def add_refresher(self, refresh: Callable[[], None]) -> None:
        """From now on this is called after each piece of work, and by `refresh`."""
        self._refreshers.append(refresh)

    def refresh(self) -> None:
        """Show what is on disk now; what cannot be read is told at the head of the page."""
        faults: dict[Finding, None] = {}
        with self._refreshing:
            for refresh in self._refreshers:
                try:
                    refresh()
                except XuefaError as error:
                    faults.update(dict.fromkeys(error.findings))
        self.problem.value = render_body(render_findings(in_form_words(faults), title="请留意：")) if faults else ""

    def refresh_if_idle(self) -> None:
        """Show what is on disk now, unless some work runs: its end shows it anyway."""
        with self._refreshing:
            if not self._busy.locked():
                self.refresh()

    def run(self, work: Callable[[], None]) -> None:
        """Run it unless something runs already; all buttons rest meanwhile."""
        if not self._busy.acquire(blocking=False):
            return
        with self._waking:
            self._set_disabled(disabled=True)
        self._start(lambda: self._finish(work))

    def _finish(self, work: Callable[[], None]) -> None:
        try:
            with self._refreshing:  # the lists are set anew under nobody's hands: work reads what was chosen in them
                pass
            work()
            self.refresh()
        finally:
            self.made_papers = frozenset()
            with self._waking:
                self._busy.release()  # before the buttons wake: a press on the first of them must be heard
                self._set_disabled(disabled=False)

    def _set_disabled(self, *, disabled: bool) -> None:
        for button in self._buttons:
            button.disabled = disabled


class Action:
    """A button and what comes of pressing it: progress, a stop button, the result as HTML.

    `work` gives that HTML. It is handed a function to be told (done, all), which raises StoppedError after the stop
    button was pressed; only with `stoppable` is there such a button. One that stands `beside` another has its button in
    that one's row, and shows its result in the same place.
    """

    def __init__(
        self,
        desk: Desk,
        label: str,
        work: Callable[[Callable[[int, int], None]], str],
        *,
        busy: str,
        stoppable: bool = False,
        beside: Action | None = None,
    ) -> None:
        self._desk, self._work, self._busy = desk, work, busy
        self._stop = threading.Event()
        self._began_at = self._looked_at = 0.0
        self.button = widgets.Button(description=label, button_style="primary", layout={"width": "auto"})
        self.stop_button = widgets.Button(description="停止", button_style="warning", layout={"width": "auto"})
        self._stoppable = stoppable
        if beside:
            self.view: Any = beside.view
        else:
            row = widgets.HBox(layout={"flex_flow": "row wrap"})
            bar = widgets.IntProgress(layout={"width": WIDE})
            self.view = widgets.VBox([row, bar, widgets.HTML(), widgets.HTML(layout={"width": "100%"})])
        buttons, self.bar, self.note, self.result = self.view.children
        buttons.children = (*buttons.children, self.button, self.stop_button)
        self._show_running(running=False)
        self.button.on_click(lambda _: desk.run(self._run))
        self.stop_button.on_click(lambda _: self._ask_to_stop())
        desk.add_button(self.button)

    def _ask_to_stop(self) -> None:
        self._stop.set()
        self.note.value = render_body(render_note("正在停止，请稍候……"))

    def _run(self) -> None:
        self._stop.clear()
        self._began_at = time.monotonic()
        self.bar.value = 0
        self.result.value = ""
        self.note.value = render_body(render_note(f"正在{self._busy}……"))
        self._show_running(running=True)
        try:
            self.result.value = render_body(self._work(self._tell))
        except XuefaError as error:
            self.result.value = render_body(render_findings(in_form_words(error.findings)))
        except StoppedError:
            self.result.value = render_body(render_note(f"{self._busy}已停止，可以再做一次。"))
        except Exception as error:  # whatever it is, the trainer sees a card and no traceback
            self.result.value = render_body(render_findings([_unforeseen(self._busy, error)]))
        finally:
            self.note.value = ""
            self._show_running(running=False)

    def _tell(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise StoppedError
        if done < total and time.monotonic() - self._looked_at < _SECONDS_BETWEEN_LOOKS:
            return
        self._looked_at = time.monotonic()
        self.bar.max, self.bar.value = total, done
        seconds = int(self._looked_at - self._began_at)
        self.note.value = render_body(render_note(f"正在{self._busy}：{done}／{total}，已用 {seconds} 秒"))

    def _show_running(self, *, running: bool) -> None:
        self.bar.layout.display = self.stop_button.layout.display = "" if running and self._stoppable else "none"


def open_page(desk: Desk, *parts: Any) -> Any:
    """The whole page of a desk: its style sheet, what cannot be read, the parts."""
    page = widgets.VBox([widgets.HTML(page_style()), desk.problem, *parts])
    page.add_class("xuefa-desk")
    return page


def field(kind: Any, label: str, **options: Any) -> Any:
    """A field with its Chinese label in full."""
    layout = {"width": WIDE, **options.pop("layout", {})}
    return kind(description=label, style={"description_width": "7.5em"}, layout=layout, **options)


def show_text(html: str) -> Any:
    """A piece of HTML among the fields."""
    return widgets.HTML(render_body(html))


def require_whole_number(text: str, *, place: str) -> int | None:
    """The number that a field holds, None if it is empty; raise BadInputError for anything else."""
    stripped = text.strip()
    if not stripped:
        return None
    if not stripped.isascii() or not stripped.isdigit():
        raise BadInputError(Finding(place, f"“{stripped[:20]}”不是一个整数", "请填 0、1、2 这样的数，或者不填"))
    return int(stripped)


def _unforeseen(what: str, error: Exception) -> Finding:
    return Finding(
        what, f"出了没有料到的错误（{type(error).__name__}：{error}）", "请重试；还是这样就把这段话发给维护人员"
    )


def _start_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()
