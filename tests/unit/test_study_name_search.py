"""A name is found by the initials of any reading of its characters."""

from __future__ import annotations

import pytest

from xuefa.study.name_search import read_initials


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("曾毅", ("cz", "y")),
        ("单雄信", ("cds", "x", "sx")),
        ("吕梁", ("l", "l")),
        ("欧阳", ("o", "y")),
        ("学员01", ("x", "y", "0", "1")),
        ("A·b", ("a", "", "b")),
    ],
)
def test_every_character_begins_with_the_letters_of_all_its_readings(name: str, initials: tuple[str, ...]) -> None:
    assert read_initials(name) == initials
