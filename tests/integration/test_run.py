"""`run.py` with a small project of its own: the real venv, the real pip, a lock of six real packages."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BUILD_PACKAGES = {"editables", "hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers"}

PYPROJECT = """
[build-system]
requires = ["hatchling", "editables"]
build-backend = "hatchling.build"
[project]
name = "xuefa"
version = "0"
[tool.hatch.build.targets.wheel]
packages = ["src/xuefa"]
"""


@pytest.fixture(scope="module")
def small_project(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("学法 project")
    shutil.copy(project_dir / "run.py", folder)
    lock = (project_dir / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.M)[1:]
    chosen = [entry for entry in entries if entry.partition("==")[0] in BUILD_PACKAGES]
    assert len(chosen) == len(BUILD_PACKAGES)
    (folder / "requirements.lock").write_text("".join(chosen), encoding="utf-8")
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    package = folder / "src" / "xuefa"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("import sys; print('ran', *sys.argv[1:])", encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run.py", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_a_fresh_project_is_set_up_once_and_mended_when_the_set_up_was_interrupted(small_project: Path) -> None:
    first = run(small_project, "demo", "--flag")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "正在准备运行环境" in first.stdout
    assert first.stdout.endswith("ran demo --flag\n")

    second = run(small_project, "demo")
    assert second.stdout == "ran demo\n"

    (small_project / ".venv" / "xuefa-ready").unlink()
    shutil.rmtree(next((small_project / ".venv").glob("[Ll]ib*/**/hatchling")))
    mended = run(small_project, "demo")
    assert "正在准备运行环境" in mended.stdout
    assert mended.stdout.endswith("ran demo\n")


def test_a_package_that_is_not_the_locked_one_stops_the_set_up_and_is_tried_again(small_project: Path) -> None:
    lock = small_project / "requirements.lock"
    good = lock.read_text(encoding="utf-8")
    lock.write_text(re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, good), encoding="utf-8")
    try:
        refused = run(small_project, "demo")
        again = run(small_project, "demo")
    finally:
        lock.write_text(good, encoding="utf-8")
    for done in (refused, again):
        assert done.returncode == 1
        assert "安装没有完成" in done.stdout
        assert "ran" not in done.stdout.split()


def test_an_old_python_is_told_so_in_one_line(small_project: Path) -> None:
    script = (
        "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = ['run.py', 'demo'];"
        "runpy.run_path('run.py', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=small_project, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 2
    assert done.stdout == "需要 Python 3.11 或更新的版本，现在是 3.9。请到 python.org 下载安装后再运行。\n"
    assert done.stderr == ""


def test_an_unknown_command_sets_up_nothing(project_dir: Path, tmp_path: Path) -> None:
    shutil.copy(project_dir / "run.py", tmp_path)
    done = run(tmp_path, "dance")
    assert done.returncode == 2
    assert not (tmp_path / ".venv").exists()
