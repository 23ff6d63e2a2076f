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
        for box in self.parts(tab):
            row: Any = getattr(box, "children", ())
            for button in row[0].children if row and isinstance(row[0], widgets.HBox) else ():
                if button.description == label:
                    button.click()
                    return str(row[-1].value)
        raise AssertionError(label)


def _walk(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _walk(child)
