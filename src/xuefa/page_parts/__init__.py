"""What every widget's page stands on: helpers in JavaScript, and the reader that makes one module of several files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_HELPERS = Path(__file__).parent / "helpers.js"


def read_script(folder: Path, names: Sequence[str]) -> str:
    """The module of a widget (`_esm`): the helpers, then `<name>.js` of the folder for each name, in that order.

    A browser gets them as one module, without a build step; so a name at the top of one file is seen in all of them.
    """
    paths = [_HELPERS, *(folder / f"{name}.js" for name in names)]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def read_style(folder: Path, names: Sequence[str]) -> str:
    """The style sheet of a widget (`_css`): `<name>.css` of the folder for each name, in that order."""
    return "\n".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in names)
