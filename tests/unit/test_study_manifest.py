"""The manifest of the modules: what it holds and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from xuefa.errors import BadInputError
from xuefa.laws.catalogue import Catalogue, read_catalogue
from xuefa.study.manifest import read_manifest

FIXTURES = Path(__file__).parents[1] / "fixtures" / "study"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue(FIXTURES / "project" / "question_bank" / "laws.yaml")


def test_manifest_of_the_project_lists_twelve_modules_one_a_month(project_dir: Path) -> None:
    catalogue = read_catalogue(project_dir / "question_bank" / "laws.yaml")
    manifest = read_manifest(project_dir / "notebooks" / "modules.yaml", catalogue=catalogue)
    assert [module.number for module in manifest] == list(range(1, 13))
    assert {module.month for module in manifest} == set(range(1, 13))
    assert {slug for module in manifest for slug in module.laws} == {law.slug for law in catalogue}
    assert {8, 10, 11} <= {module.number for module in manifest.ready}


def test_manifest_gives_a_module_by_number_and_names_the_fault_otherwise(catalogue: Catalogue) -> None:
    manifest = read_manifest(FIXTURES / "project" / "notebooks" / "modules.yaml", catalogue=catalogue)
    assert manifest[8].notebook == "08_行政诉讼法.ipynb"
    with pytest.raises(BadInputError, match="第 9 课"):
        manifest[9]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("repeated_number", "已经用在第 08 课"),
        ("repeated_month", "“8 月”已经用在第 07 课"),
        ("unknown_law", "没有“xzfyy”"),
        ("law_of_another_module", "放在第 08 课"),
        ("notebook_of_another_number", "与课号不一致"),
        ("ready_without_objectives", "没有学习目标"),
        ("objective_of_another_law", "不属于这一课的法律"),
        ("unknown_key", "不认识的项“mouth”"),
        ("unknown_status", "“maybe”不在允许的范围内"),
    ],
)
def test_faulty_manifest_is_refused_with_its_place_and_fault(catalogue: Catalogue, name: str, fault: str) -> None:
    with pytest.raises(BadInputError) as raised:
        read_manifest(FIXTURES / "manifests" / f"{name}.yaml", catalogue=catalogue)
    finding = raised.value.findings[0]
    assert fault in " ".join(str(one) for one in raised.value.findings)
    assert f"{name}.yaml 第 " in finding.place
    assert finding.fix
