"""`xuefa report export` and `rollup` from real records to the county's Word, Excel and Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from tests.command_line import run_xuefa
from tests.report_site import fill_site
from xuefa.demo import fill_in_report_settings
from xuefa.settings import Settings, site_settings


@pytest.fixture(scope="module")
def files(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What three townships sent, each written on its own site; to be read only."""
    tmp_path, sent = tmp_path_factory.mktemp("townships"), []
    for name in ("甲乡", "乙乡", "丙镇"):
        site = site_settings(project_dir=project_dir, site_dir=tmp_path / name)
        fill_site(site)
        text = site.report_toml.read_text(encoding="utf-8")
        unit = next(line for line in text.splitlines() if line.startswith("unit"))
        site.report_toml.write_text(text.replace(unit, f'unit = "{name}"'), encoding="utf-8")
        done = run_xuefa(site, "report", "export", "--year", "2022", "--to", str(tmp_path / f"{name}.json"))
        assert done.returncode == 0, done.stderr
        assert "校验码" in done.stdout
        sent.append(tmp_path / f"{name}.json")
    return sent


def test_townships_files_become_the_countys_section(settings: Settings, files: list[Path]) -> None:
    options = (
        "--county",
        "某某县",
        *(word for name in ("甲乡", "乙乡", "丙镇", "丁镇") for word in ("--expected", name)),
    )
    done = run_xuefa(settings, "report", "rollup", *map(str, files), *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert "尚未报送：丁镇。" in done.stdout

    stem = settings.report_output_dir / "某某县2022年度学法用法情况汇总"
    document = Document(f"{stem}.docx")
    assert "共组织集中学习9次" in "\n".join(paragraph.text for paragraph in document.paragraphs)
    first = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert first[1][:2] == ["甲乡", "3"]
    assert first[-2][:2] == ["丁镇", "未报送"]
    assert first[-1][:2] == ["合计", "9"]
    sheet = load_workbook(f"{stem}.xlsx")["分单位"]
    assert [sheet.cell(row, 1).value for row in range(2, 7)] == ["甲乡", "乙乡", "丙镇", "合计", "丁镇（未报送）"]
    assert [sheet.cell(row, 2).value for row in range(2, 6)] == [3, 3, 3, 9]

    verified = run_xuefa(settings, "report", "verify", f"{stem}.docx")
    assert verified.returncode == 1
    assert "数字来自各单位的报送文件" in verified.stderr


def test_the_county_reads_its_name_and_the_expected_townships_from_its_settings(
    settings: Settings, files: list[Path]
) -> None:
    text = (settings.project_dir / "reports" / "report.toml").read_text(encoding="utf-8")
    settings.report_toml.parent.mkdir(parents=True)
    filled = fill_in_report_settings(text).replace("townships = []", 'townships = ["甲乡", "乙乡", "丙镇", "丁镇"]')
    settings.report_toml.write_text(filled, encoding="utf-8")
    done = run_xuefa(settings, "report", "rollup", *map(str, files))

    assert done.returncode == 0
    assert "尚未报送：丁镇。" in done.stdout


def test_every_broken_file_is_named_and_nothing_is_written(
    settings: Settings, files: list[Path], tmp_path: Path
) -> None:
    broken = [tmp_path / file.name for file in files[:2]]
    for file, changed in zip(files, broken, strict=False):
        changed.write_text(file.read_text(encoding="utf-8").replace("2022", "2021", 1), encoding="utf-8")
    done = run_xuefa(settings, "report", "rollup", *map(str, [*broken, files[2]]), "--county", "某某县")

    assert done.returncode == 1
    assert "甲乡.json：封存校验不符" in done.stderr
    assert "乙乡.json：封存校验不符" in done.stderr
    assert not settings.report_output_dir.exists()
