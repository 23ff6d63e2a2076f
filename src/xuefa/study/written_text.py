"""Text as a person wrote it, clean: from the keyboard, pasted from Word, or from an attached .docx file."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from typing import Any

from xuefa.errors import BadInputError, Finding

MAX_CHARACTERS = 20_000
MAX_FILE_BYTES = 5_000_000
MAX_UNPACKED_BYTES = 60_000_000
MAX_ENTRIES = 3_000

_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f]+")
_BULLETS = re.compile(r"[\uf000-\uf0ff\u2022\u25cf\u25a0\u25c6\uf0b7]")
_NOTHING = re.compile(r"[\ufff9-\ufffc\ufeff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\u3001-\u3011\uff01-\uff5e"
_GAP = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")
_BY_HAND = "请在 Word 或 WPS 里打开，全选、复制，再粘贴到框里"


def clean_text(text: str) -> str:
    """The text as plain paragraphs with line feeds between them.

    Word's line ends, fixed and thin spaces, bullets from symbol fonts and invisible characters are made plain; spaces
    between two Chinese characters, at the ends of lines and more than one in a row go, and so do blank lines beyond
    one. Words, punctuation and their order stay.
    """
    plain = _BULLETS.sub("·", _LINE_ENDS.sub("\n", text))
    plain = _SPACES.sub(" ", _NOTHING.sub("", plain))
    plain = "".join(one for one in plain if one == "\n" or unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co"})
    lines = (_GAP.sub("", line.strip()) for line in plain.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def read_docx_text(content: bytes) -> str:
    """The clean text of a .docx file, paragraphs and tables in their order; pictures are left out.

    Raises BadInputError: too large, an old .doc or one with a password, no .docx, packed to burst, no text, too long.
    """
    if len(content) > MAX_FILE_BYTES:
        raise _refusal(f"文件超过 {MAX_FILE_BYTES // 1_000_000} MB", f"只收文字，不收图片；{_BY_HAND}")
    if content.startswith(_OLD_WORD):
        raise _refusal("这是老格式的 .doc，或者加了密码", f"请另存为不加密码的 .docx；或者{_BY_HAND}")
    _require_sound_package(content)
    text = clean_text("\n".join(_read_lines(content)))
    if not text:
        raise _refusal("里面没有文字，也许只有图片", "请把文字打在框里，或者换一个文件")
    if len(text) > MAX_CHARACTERS:
        raise _refusal(f"有 {len(text)} 个字符，超过 {MAX_CHARACTERS}", "请删减后再试")
    return text


def _require_sound_package(content: bytes) -> None:
    """Look at the list of contents before anything is unpacked; zipfile never unpacks more than is listed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _not_docx() from None
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise _refusal("解开后太大，不像一篇文章", _BY_HAND)
    if "word/document.xml" not in {entry.filename for entry in entries}:
        raise _not_docx()


def _read_lines(content: bytes) -> Iterator[str]:
    from docx import Document  # noqa: PLC0415  slow to load, and needed only here

    try:
        document = Document(io.BytesIO(content))
        yield from _list_lines(document)
    except Exception:  # python-docx raises a dozen kinds, lxml more, for a file that is not what it says
        raise _not_docx() from None


def _list_lines(holder: Any) -> Iterator[str]:
    for part in holder.iter_inner_content():
        if hasattr(part, "rows"):
            for row in part.rows:
                cells = dict.fromkeys(cell.text.strip() for cell in row.cells)  # a merged cell comes once for each
                yield "　".join(text for text in cells if text)
        else:
            yield part.text


def _not_docx() -> BadInputError:
    return _refusal("不是合格的 .docx 文件", f"请在 Word 或 WPS 里另存为 .docx；或者{_BY_HAND}")


def _refusal(fault: str, fix: str) -> BadInputError:
    return BadInputError(Finding("附上的文件", fault, fix))
