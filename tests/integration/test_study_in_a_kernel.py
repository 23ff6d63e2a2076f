"""The facade in a real kernel: what a notebook of the kit shows, and what it shows when something is missing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

PROJECT = Path(__file__).parents[1] / "fixtures" / "study" / "project"
WIDGET = "application/vnd.jupyter.widget-view+json"


def run_notebook(
    path: Path, monkeypatch: pytest.MonkeyPatch, *, database_url: str, project: Path = PROJECT
) -> list[Any]:
    """Run a notebook of a project in a kernel; the outputs of its cells, up to the first that fails."""
    (outputs,) = run_notebooks([path], monkeypatch, database_url=database_url, project=project)
    return outputs


def run_notebooks(
    paths: Sequence[Path], monkeypatch: pytest.MonkeyPatch, *, database_url: str, project: Path
) -> list[list[Any]]:
    """Run notebooks of a project one after another in one kernel, none knowing another's names; each one's outputs."""
    monkeypatch.setenv("XUEFA_PROJECT", str(project))
    monkeypatch.setenv("XUEFA_DATABASE_URL", database_url)
    notebooks = [nbformat.read(path, as_version=4) for path in paths]  # type: ignore[no-untyped-call]  # no types
    joined = notebooks[0].copy()
    joined.cells = []
    for notebook in notebooks:
        joined.cells += [nbformat.v4.new_code_cell("%reset -f"), *notebook.cells]  # type: ignore[no-untyped-call]
    with suppress(CellExecutionError):
        NotebookClient(joined, timeout=60, resources={"metadata": {"path": str(project / "notebooks")}}).execute()
    return [[output for cell in notebook.cells for output in cell.get("outputs", [])] for notebook in notebooks]


def shown(outputs: list[Any]) -> list[str]:
    return ["widget" if WIDGET in output.data else "html" for output in outputs]


def test_every_cell_of_a_module_shows_something_and_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{(tmp_path / 'xuefa.db').as_posix()}"
    outputs = run_notebook(PROJECT / "notebooks" / "08_行政诉讼法.ipynb", monkeypatch, database_url=url)
    assert shown(outputs) == ["html", "widget", "html", "html", "html", "html", "widget", "widget"]


@pytest.fixture(scope="module")
def year_outputs(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What the home page shows in a new kernel, and the year's modules after it, by their names."""
    url = f"sqlite:///{(tmp_path_factory.mktemp('site') / 'xuefa.db').as_posix()}"
    notebooks = project_dir / "notebooks"
    paths = [notebooks / "index.ipynb", *sorted(notebooks.glob("[0-9][0-9]_*.ipynb"))]
    with pytest.MonkeyPatch.context() as monkeypatch:
        outputs = run_notebooks(paths, monkeypatch, database_url=url, project=project_dir)
    return {path.stem: one for path, one in zip(paths, outputs, strict=True)}


def test_every_cell_of_the_home_page_shows_something(year_outputs: dict[str, list[Any]]) -> None:
    assert shown(year_outputs["index"]) == ["html", "widget", "widget", "widget", "widget", "html"]


@pytest.mark.parametrize("number", range(1, 13))
def test_every_cell_of_the_years_modules_shows_something(
    project_dir: Path, year_outputs: dict[str, list[Any]], number: int
) -> None:
    (path,) = (project_dir / "notebooks").glob(f"{number:02d}_*.ipynb")
    outputs = year_outputs[path.stem]
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
