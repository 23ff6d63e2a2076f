"""The golden files of the report. They change only by `python -m tests.golden_report`, and the change is reviewed."""

from __future__ import annotations

from pathlib import Path

from tests.report_years import Ledger, build, small_year
from xuefa.report.markdown import render_markdown

GOLDEN_DIR = Path(__file__).parent / "golden" / "report"


def render_golden_files() -> dict[str, str]:
    """File name → content, as the code has it now."""
    figures, section = build(small_year())
    table = "".join(f"{figure.figure_id}\t{figure.name}\t{figure.text}\t{figure.unit}\n" for figure in figures.values())
    return {
        "small_year_figures.tsv": table,
        "small_year.md": render_markdown(section),
        "empty_year.md": render_markdown(build(Ledger())[1]),
    }


def write_golden_files() -> None:
    GOLDEN_DIR.mkdir(parents=True, exist_ok=True)
    for name, content in render_golden_files().items():
        (GOLDEN_DIR / name).write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_golden_files()
