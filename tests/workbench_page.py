"""Someone at a workbench without a browser: the buttons of its tabs pressed, what they show read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets as widgets

from xuefa.settings import Settings
from xuefa.workbench.desk import Desk


class Workbench:
    """A workbench with tabs, counted from 1; work runs at once instead of in a thread."""

    def __init__(self, open_page: Callable[[Desk], Any], settings: Settings) -> None:
        self.page = open_page(Desk(settings, start=lambda work: work()))

    def parts(self, tab: int) -> Iterator[Any]:
        """The tab, and everything in it."""
        return _walk(self.page.children[-1].children[tab - 1])

    def press(self, label: str, *, tab: int) -> str:
        """Press a button and give what is shown under it."""
        button, box = self._find(label, tab)
        button.click()
        return str(box.children[-1].value)

    def press_and_stop(self, label: str, *, tab: int) -> str:
        """Press a button, and the stop button beside it as soon as the page says that the work runs."""
        button, box = self._find(label, tab)
        buttons = box.children[0].children
        stop = buttons[buttons.index(button) + 1]
        stop.layout.observe(lambda change: None if change["new"] else stop.click(), names="display")
        button.click()
        return str(box.children[-1].value)

    def _find(self, label: str, tab: int) -> tuple[Any, Any]:
        for box in self.parts(tab):
            row: Any = getattr(box, "children", ())
            for button in row[0].children if row and isinstance(row[0], widgets.HBox) else ():
                if button.description == label:
                    return button, box
        raise AssertionError(label)


def _walk(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _walk(child)
