"""The facade in a real kernel: what a notebook of the kit shows, and what it shows when something is missing."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

PROJECT = Path(__file__).parents[1] / "fixtures" / "study" / "project"


def run_notebook(path: Path, monkeypatch: pytest.MonkeyPatch, *, database_url: str) -> list[Any]:
    """Run a notebook of a project in a kernel; the outputs of its cells, up to the first that fails."""
    monkeypatch.setenv("XUEFA_PROJECT", str(path.parents[1]))
    monkeypatch.setenv("XUEFA_DATABASE_URL", database_url)
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat publishes no types
    with suppress(CellExecutionError):
        NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(path.parent)}}).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_every_cell_of_a_module_shows_something_and_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{(tmp_path / 'xuefa.db').as_posix()}"
    outputs = run_notebook(PROJECT / "notebooks" / "08_行政诉讼法.ipynb", monkeypatch, database_url=url)
    widget = "application/vnd.jupyter.widget-view+json"
    shown = ["widget" if widget in output.data else "html" for output in outputs]
    assert shown == ["html", "widget", "html", "html", "html", "html", "widget", "widget"]


def test_every_cell_of_the_home_page_shows_something(
    project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{(tmp_path / 'xuefa.db').as_posix()}"
    outputs = run_notebook(project_dir / "notebooks" / "index.ipynb", monkeypatch, database_url=url)
    widget = "application/vnd.jupyter.widget-view+json"
    shown = ["widget" if widget in output.data else "html" for output in outputs]
    assert shown == ["html", "widget", "widget", "widget", "widget", "html"]


@pytest.mark.parametrize("number", range(1, 13))
def test_every_cell_of_the_years_modules_shows_something(
    project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (path,) = (project_dir / "notebooks").glob(f"{number:02d}_*.ipynb")
    url = f"sqlite:///{(tmp_path / 'xuefa.db').as_posix()}"
    outputs = run_notebook(path, monkeypatch, database_url=url)
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat publishes no types
    assert len(outputs) == sum(cell.cell_type == "code" for cell in notebook.cells)
    assert {output.output_type for output in outputs} <= {"execute_result", "display_data"}
    assert "这一步没有做成" not in str(outputs)


def test_records_that_cannot_be_opened_show_as_a_chinese_card_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xuefa.db").write_text("这不是数据库" * 100, encoding="utf-8")
    url = f"sqlite:///{(tmp_path / 'xuefa.db').as_posix()}"
    outputs = run_notebook(PROJECT / "notebooks" / "08_行政诉讼法.ipynb", monkeypatch, database_url=url)
    (card,) = outputs
    assert card.output_type == "display_data"
    assert "这一步没有做成" in card.data["text/html"]
    assert "Traceback" not in str(card)
