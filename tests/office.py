"""LibreOffice and poppler for the tests that look at pages: a file converted, the words of a PDF with their places."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.parts import require_part

POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Convert:
    """LibreOffice with a profile of its own."""

    profile: Path

    def __call__(self, path: Path, kind: str) -> Path:
        """Convert a file to a kind (pdf, docx) and give the new file's path."""
        (made,) = self.together([path], kind)
        return made

    def together(self, paths: Sequence[Path], kind: str) -> list[Path]:
        """Convert files of one folder by starting LibreOffice once; give the new files' paths."""
        target = paths[0].parent / f"converted_{kind}"
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation={self.profile.as_uri()}",
                "--headless",
                *("--convert-to", kind, "--outdir", str(target), *map(str, paths)),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return [target / path.with_suffix(f".{kind}").name for path in paths]


def make_converter(profile: Path) -> Convert:
    """LibreOffice, if it and poppler are on this machine."""
    require_part("LibreOffice", found=shutil.which("soffice") is not None)
    require_part("poppler", found=shutil.which("pdftotext") is not None)
    return Convert(profile)


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
