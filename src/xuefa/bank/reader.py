"""Reads the question bank: one YAML file of items per law, every fault of every file found in one go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, RootModel

from xuefa.bank.item import (
    AnyItem,
    Item,
    Question,
    Status,
    questions_of,
)
from xuefa.errors import BadInputError, Finding
from xuefa.laws.catalogue import Catalogue, Law, read_catalogue
from xuefa.strict_yaml import Many, StrictModel, YamlSource


class _Head(StrictModel):
    law: str = Field(min_length=1)
    items: Many[dict[str, Any]] = Field(min_length=1)


class _Entry(RootModel[Item]):
    """One entry of `items`, told apart by its `kind`."""


@dataclass(frozen=True)
class Bank:
    """The items of all laws, in the order of the catalogue and of the files; `places` tells where each item stands."""

    catalogue: Catalogue
    items: tuple[AnyItem, ...]
    places: dict[str, str]

    @cached_property
    def _by_id(self) -> dict[str, AnyItem]:
        return {item.id: item for item in self.items}

    @cached_property
    def _questions(self) -> dict[str, Question]:
        return {question.question_id: question for item in self.items for question in questions_of(item)}

    def __getitem__(self, item_id: str) -> AnyItem:
        return self._by_id[item_id]

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._by_id

    def question(self, question_id: str) -> Question:
        """The question of that id (`xzss-0017`, `xzss-0030.1`); raise KeyError if there is none."""
        return self._questions[question_id]

    def law_of(self, item: AnyItem) -> Law:
        return self.catalogue[item.law_slug]

    def select(self, *, laws: tuple[str, ...] | None = None, status: Status = "active") -> tuple[AnyItem, ...]:
        """The items of that status, of those laws (slugs) or of all."""
        return tuple(item for item in self.items if item.status == status and (laws is None or item.law_slug in laws))


def read_bank(folder: Path) -> Bank:
    """Read `laws.yaml` and every `<slug>.yaml` beside it.

    Raises BadInputError with a finding for every fault in every file: broken YAML, an unknown key, a wrong key of an
    item, a repeated id, an id that does not begin with its law's slug, a file of no law in the catalogue.
    """
    catalogue = read_catalogue(folder / "laws.yaml")
    items: list[AnyItem] = []
    places: dict[str, str] = {}
    findings: list[Finding] = []
    order = {law.slug: number for number, law in enumerate(catalogue)}
    paths = sorted(folder.glob("*.yaml"), key=lambda path: (order.get(path.stem, -1), path.stem))
    for path in paths:
        if path.name == "laws.yaml":
            continue
        try:
            read = list(_read_items(path, catalogue))
        except BadInputError as error:
            findings.extend(error.findings)
            continue
        for place, item in read:
            if item.id in places:
                findings.append(
                    Finding(
                        place, f"编号 {item.id} 已经用在 {places[item.id]}", "请换一个没有用过的编号，编号永不重复使用"
                    )
                )
            places[item.id] = place
            items.append(item)
    if findings:
        raise BadInputError(*findings)
    return Bank(catalogue=catalogue, items=tuple(items), places=places)


def _read_items(path: Path, catalogue: Catalogue) -> Iterator[tuple[str, AnyItem]]:
    source = YamlSource(path)
    head = source.parse(_Head)
    findings: list[Finding] = []
    if head.law not in catalogue:
        raise BadInputError(
            Finding(
                source.place(("law",)), f"laws.yaml 里没有“{head.law}”", "请改成目录里的代号，或者先在 laws.yaml 里登记"
            )
        )
    if head.law != path.stem:
        raise BadInputError(
            Finding(source.place(("law",)), f"文件名是 {path.name}，law 却是“{head.law}”", "请让两者一致")
        )
    for number, entry in enumerate(head.items):
        location = ("items", number)
        label = str(entry.get("id", f"第 {number + 1} 题"))
        try:
            item = source.parse(_Entry, location=location, label=label).root
        except BadInputError as error:
            findings.extend(error.findings)
            continue
        place = source.place(location, label=label)
        if item.law_slug != head.law:
            findings.append(Finding(place, f"编号 {item.id} 不以 {head.law}- 开头", f"请改成 {head.law}-加四位数字"))
        yield place, item
    if findings:
        raise BadInputError(*findings)
