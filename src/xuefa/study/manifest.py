"""The manifest of the year's modules (`notebooks/modules.yaml`): what is studied in which month, and to what end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from xuefa.errors import BadInputError, Finding
from xuefa.laws.catalogue import Catalogue, Law
from xuefa.strict_yaml import Many, StrictModel, YamlSource


class Objective(StrictModel):
    """What one can do after the module; items of the bank name it by `id`."""

    id: str = Field(pattern=r"^[a-z]+-o\d$")
    text: str = Field(min_length=1)


class Module(StrictModel):
    """One of the twelve modules. `status` is `planned` as long as its notebook is not written."""

    number: int = Field(ge=1, le=12)
    title: str = Field(min_length=1)
    laws: Many[str] = Field(min_length=1)
    notebook: str = Field(pattern=r"^\d{2}_[^/\\]+\.ipynb$")
    month: int = Field(ge=1, le=12)
    status: Literal["ready", "planned"]
    objectives: Many[Objective] = ()


class Manifest:
    """The modules in the order of their numbers; `places` tells where each stands in the file."""

    def __init__(self, modules: tuple[Module, ...], *, places: dict[int, str]) -> None:
        self.modules = tuple(sorted(modules, key=lambda module: module.number))
        self.places = places
        self._by_number = {module.number: module for module in modules}

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules)

    def __getitem__(self, number: int) -> Module:
        """The module of that number; raise BadInputError if there is none."""
        if number not in self._by_number:
            raise BadInputError(
                Finding(f"第 {number} 课", "课程目录 modules.yaml 里没有这一课", "请改成 1 到 12 之间已登记的课号")
            )
        return self._by_number[number]

    @property
    def ready(self) -> tuple[Module, ...]:
        return tuple(module for module in self.modules if module.status == "ready")


class _ManifestFile(StrictModel):
    modules: Many[Module] = Field(min_length=1)


def read_manifest(path: Path, *, catalogue: Catalogue) -> Manifest:
    """Read `modules.yaml` and hold it to the catalogue.

    Raises BadInputError with every fault: a repeated number, month, notebook or objective; a notebook whose name does
    not begin with the module's number; a law that is not in the catalogue, or that the catalogue gives to another
    module; an objective of another module's law; a ready module without objectives.
    """
    source = YamlSource(path)
    modules = source.parse(_ManifestFile).modules
    places = {
        module.number: source.place(("modules", index), label=f"第 {module.number:02d} 课")
        for index, module in enumerate(modules)
    }
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    for index, module in enumerate(modules):
        place = source.place(("modules", index), label=f"第 {module.number:02d} 课")
        for name in _unique_names(module):
            if name in seen:
                findings.append(
                    Finding(place, f"“{name}”已经用在第 {seen[name]:02d} 课", "课号、月份、文件名和目标编号都不能重复")
                )
            seen[name] = module.number
        findings += _check_against_catalogue(module, catalogue=catalogue, place=place)
        if module.status == "ready" and not module.objectives:
            findings.append(Finding(place, "这一课没有学习目标", "请补上 objectives，写明学完能做什么"))
    if findings:
        raise BadInputError(*findings)
    return Manifest(modules, places=places)


def laws_of(module: Module, catalogue: Catalogue) -> tuple[Law, ...]:
    """The module's laws, the chief one first."""
    return tuple(catalogue[slug] for slug in module.laws)


def _unique_names(module: Module) -> tuple[str, ...]:
    return (
        f"第 {module.number:02d} 课",
        f"{module.month} 月",
        module.notebook,
        *(objective.id for objective in module.objectives),
    )


def _check_against_catalogue(module: Module, *, catalogue: Catalogue, place: str) -> Iterator[Finding]:
    if not module.notebook.startswith(f"{module.number:02d}_"):
        yield Finding(
            place, f"文件名 {module.notebook} 与课号不一致", f"文件名应当以 {module.number:02d}_ 开头，请改正"
        )
    for slug in module.laws:
        if slug not in catalogue:
            yield Finding(place, f"laws.yaml 里没有“{slug}”", "请改成目录里的代号，或者先在 laws.yaml 里登记")
        elif catalogue[slug].module != module.number:
            yield Finding(
                place,
                f"laws.yaml 把{catalogue[slug].name}放在第 {catalogue[slug].module:02d} 课",
                "请让 laws.yaml 的 module 与这里一致",
            )
    for objective in module.objectives:
        if objective.id.partition("-")[0] not in module.laws:
            yield Finding(place, f"目标 {objective.id} 不属于这一课的法律", "目标编号应当以本课法律的代号开头，请改正")
