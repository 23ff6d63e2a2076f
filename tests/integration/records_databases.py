"""A fresh records database of each kind, as fixtures (`pytest_plugins` of the tests that want them)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from tests.integration.records_values import POSTGRES_URL, sqlite_url
from tests.parts import require_part
from xuefa.records.store import Store, open_store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database: a file that is not there yet, or a schema of its own on the test server."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "数据" / "xuefa.db")
        return
    require_part("PostgreSQL (XUEFA_TEST_POSTGRES_URL)", found=bool(POSTGRES_URL))
    url = make_url(POSTGRES_URL).set(drivername="postgresql")
    schema = f"test_{uuid4().hex}"
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as server:
        server.execute(f"CREATE SCHEMA {schema}".encode())
        yield url.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
        server.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as opened:
        yield opened
