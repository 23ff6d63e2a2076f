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
