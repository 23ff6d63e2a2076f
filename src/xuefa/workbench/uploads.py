"""Files that the browser sends: picked by a button, kept for a time, named in messages as their sender knows them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding, XuefaError


def write_uploads(uploads: Iterable[Mapping[str, Any]], *, folder: Path) -> list[Path]:
    """Write what the browser sent, each under the last part of its name; files of one name lie in folders apart."""
    paths = []
    for number, upload in enumerate(uploads):
        place = folder / str(number)
        place.mkdir()
        name = str(upload["name"]).replace("\\", "/").rpartition("/")[2].replace("\0", "")
        path = place / (name if name.strip(". ") else f"{number}.zip")
        path.write_bytes(bytes(upload["content"]))
        paths.append(path)
    return paths


def choose_file(label: str, accept: str) -> Any:
    """A button that picks one file of those kinds."""
    return widgets.FileUpload(
        description=label, accept=accept, multiple=False, layout={"width": "auto", "align_self": "flex-start"}
    )


def keep_upload(upload: Any, *, folder: Path, place: str) -> Path:
    """Write the picked file into the folder and forget it in the page; raise BadInputError if none was picked."""
    if not upload.value:
        raise BadInputError(Finding(place, "还没有选文件", "请先按选择文件的按钮"))
    path = write_uploads(upload.value, folder=folder)[0]
    upload.value = ()
    return path


@contextmanager
def open_upload(upload: Any, *, place: str) -> Iterator[Path]:
    """The picked file while it is worked on; errors name it without the folder that it lies in for that time."""
    with tempfile.TemporaryDirectory() as folder:
        path = keep_upload(upload, folder=Path(folder), place=place)
        with naming_files_in(path.parent):
            yield path


@contextmanager
def naming_files_in(folder: Path) -> Iterator[None]:
    """Errors name files of the folder by their name alone."""
    try:
        yield
    except XuefaError as error:
        prefix = f"{folder}{os.sep}"
        raise type(error)(
            *(Finding(one.place.replace(prefix, ""), one.fault, one.fix) for one in error.findings)
        ) from None
