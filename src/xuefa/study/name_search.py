"""A name found by the initials of its pinyin, whichever reading of a character one has in mind."""

from __future__ import annotations

import unicodedata


def read_initials(name: str) -> tuple[str, ...]:
    """For each character of the name, the letters it can begin with, as one lower-case text: 曾毅 → ("cz", "y").

    Letters and digits stand for themselves; other characters have none. The readings are pypinyin's.
    """
    # It loads a dictionary of phrases too, unless PYPINYIN_NO_PHRASES is set, as the doors do for their kernels.
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415

    return tuple(_initials(character, pinyin_dict.get(ord(character), "")) for character in name)


def _initials(character: str, readings: str) -> str:
    if readings:
        plain = unicodedata.normalize("NFD", readings)
        return "".join(sorted({reading[0].lower() for reading in plain.split(",") if reading}))
    return character.lower() if character.isalnum() else ""
