"""What every page stands on: its colours, what the widgets have in common, and the readers that join the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

PARTS_DIR = Path(__file__).parent
"""Where a template of a page finds `palette.css`."""


def read_script(folder: Path, names: Sequence[str]) -> str:
    """The module of a widget (`_esm`): the helpers, then `<name>.js` of the folder for each name, in that order.

    A browser gets them as one module, without a build step; so a name at the top of one file is seen in all of them.
    """
    return _join([PARTS_DIR / "helpers.js", *(folder / f"{name}.js" for name in names)])


def read_style(folder: Path, name: str) -> str:
    """The style sheet of a page, or of a piece of one: the palette, then `<name>.css` of the folder."""
    return _join([PARTS_DIR / "palette.css", folder / f"{name}.css"])


def read_widget_style(folder: Path, names: Sequence[str]) -> str:
    """The style sheet of a widget (`_css`): the palette, the controls, then `<name>.css` of the folder by name."""
    own = (folder / f"{name}.css" for name in names)
    return _join([PARTS_DIR / "palette.css", PARTS_DIR / "controls.css", *own])


def _join(paths: Iterable[Path]) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
