"""Shows the kit's errors on a page as a Chinese card in place of a traceback."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from IPython import get_ipython

from xuefa.errors import XuefaError
from xuefa.study.html import render_error


def show_errors_as_cards() -> None:
    """From now on this kernel shows every XuefaError as a card; outside a kernel nothing happens."""
    shell = get_ipython()
    if shell is not None:
        shell.set_custom_exc((XuefaError,), _show_card)


def _show_card(
    shell: Any, _kind: type[XuefaError], error: XuefaError, _traceback: TracebackType, tb_offset: int | None = None
) -> list[str]:
    del tb_offset  # IPython passes it by name
    shell.display_pub.publish({"text/html": render_error(error).text, "text/plain": str(error)})
    return [str(error)]
