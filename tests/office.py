"""LibreOffice and poppler for the tests that look at pages: a file converted, the words of a PDF with their places."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.parts import require_part

Convert = Callable[[Path, str], Path]
POINTS_PER_MM = 72 / 25.4


def make_converter(profile: Path) -> Convert:
    """A function that converts a file to a kind (pdf, docx) in a profile of its own and gives the new file's path."""
    require_part("LibreOffice", found=shutil.which("soffice") is not None)
    require_part("poppler", found=shutil.which("pdftotext") is not None)

    def run(path: Path, kind: str) -> Path:
        target = path.parent / f"converted_{kind}"
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation={profile.as_uri()}",
                "--headless",
                *("--convert-to", kind, "--outdir", str(target), str(path)),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return target / path.with_suffix(f".{kind}").name

    return run


def read_pages(pdf: Path) -> list[list[tuple[float, float, float, float, str]]]:
    """For each page its words as (left, top, right, bottom, text) in millimetres from the upper left corner."""
    markup = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    pattern = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
    return [
        [(*(float(match[n]) / POINTS_PER_MM for n in range(1, 5)), match[5]) for match in pattern.finditer(page)]  # type: ignore[misc]
        for page in markup.split("<page ")[1:]
    ]


def read_page_texts(pdf: Path) -> list[str]:
    """For each page its text in reading order, without spaces and line breaks."""
    text = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    return ["".join(page.split()) for page in text.removesuffix("\f").split("\f")]
