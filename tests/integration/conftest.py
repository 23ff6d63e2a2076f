"""Fixtures that the integration tests share."""

from __future__ import annotations

import pytest

from tests.office import Convert, make_converter


@pytest.fixture(scope="session")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Convert a file with LibreOffice in a profile of its own; gives the new file's path."""
    return make_converter(tmp_path_factory.mktemp("libreoffice"))
