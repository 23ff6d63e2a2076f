"""The catalogue of the prescribed laws (`question_bank/laws.yaml`): which laws, in which edition, for which module."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field

from xuefa.errors import BadInputError, Finding
from xuefa.laws.citation import ArticleNumber, render_chinese_number
from xuefa.strict_yaml import Many, StrictModel, YamlSource


class Law(StrictModel):
    """One law of the year's plan.

    `edition` is the day on which the text we teach was adopted or last amended; `in_force_from` the day from which
    that text applies. `other_titles` are names that reports use for it (乡村振兴法 for 乡村振兴促进法).
    """

    slug: str = Field(pattern=r"^[a-z]+$")
    title: str = Field(min_length=1)
    short_title: str = Field(min_length=1)
    other_titles: Many[str] = ()
    kind: Literal["宪法", "法律", "行政法规", "文件"]
    issuer: str = Field(min_length=1)
    edition: date
    in_force_from: date
    module: int = Field(ge=1, le=12)
    note: str = ""

    @property
    def name(self) -> str:
        """The short title in title marks: 《行政诉讼法》."""
        return f"《{self.short_title}》"

    def cite(self, number: ArticleNumber) -> str:
        """《行政诉讼法》第四十六条; a policy document counts paragraphs: 《…纲要》第（十五）项."""
        if self.kind == "文件":
            return f"{self.name}第（{render_chinese_number(number.article)}）项"
        return f"{self.name}{number}"

    @property
    def titles(self) -> tuple[str, ...]:
        return (self.title, self.short_title, *self.other_titles)


class Catalogue:
    """The laws of the year's plan, found by slug or by any of their titles."""

    def __init__(self, laws: tuple[Law, ...]) -> None:
        self._by_slug = {law.slug: law for law in laws}
        self._by_title = {title: law for law in laws for title in law.titles}

    def __iter__(self) -> Iterator[Law]:
        return iter(self._by_slug.values())

    def __len__(self) -> int:
        return len(self._by_slug)

    def __contains__(self, slug: str) -> bool:
        return slug in self._by_slug

    def __getitem__(self, slug: str) -> Law:
        return self._by_slug[slug]

    def find(self, title: str) -> Law | None:
        """The law of that full, short or other title (title marks are ignored), or None."""
        return self._by_title.get(title.strip().strip("《》"))

    def in_module(self, module: int) -> tuple[Law, ...]:
        return tuple(law for law in self if law.module == module)


class _CatalogueFile(StrictModel):
    laws: Many[Law] = Field(min_length=1)


def read_catalogue(path: Path) -> Catalogue:
    """Read `laws.yaml`; raise BadInputError for a fault in it or a slug or title that two laws share."""
    source = YamlSource(path)
    laws = source.parse(_CatalogueFile).laws
    seen: dict[str, str] = {}
    for number, law in enumerate(laws):
        for name in (law.slug, *dict.fromkeys(law.titles)):
            if name in seen:
                raise BadInputError(
                    Finding(
                        source.place(("laws", number), label=law.slug),
                        f"“{name}”已经用于 {seen[name]}",
                        "每部法律的代号和名称只能出现一次，请改掉其中一个",
                    )
                )
            seen[name] = law.slug
    return Catalogue(laws)
