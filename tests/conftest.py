"""Fixtures that every kind of test shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from xuefa.settings import Settings, site_settings


@pytest.fixture(scope="session")
def project_dir() -> Path:
    return Path(__file__).parents[1]


@pytest.fixture
def settings(project_dir: Path, tmp_path: Path) -> Settings:
    """The project's content with an empty site of its own."""
    return site_settings(project_dir=project_dir, site_dir=tmp_path)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together on one worker what shares servers or a module's fixtures (xdist's `--dist loadgroup`)."""
    for item in items:
        folder, name = item.path.parent.name, item.path.stem
        item.add_marker(pytest.mark.xdist_group("browser" if folder == "browser" else name))
