from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx.oxml import parse_xml
from openpyxl import load_workbook

from tests.report_years import WRITTEN_AT, Ledger, build, small_year
from xuefa.report.charts import render_chart
from xuefa.report.document import render_document, write_document
from xuefa.report.document_reading import read_document
from xuefa.report.figure import Figures
from xuefa.report.section import Chart, Point, Section, Series

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/%s}"


@pytest.fixture(scope="module")
def year() -> tuple[Figures, Section]:
    """The small year with a third learner in each unit: units of two are not named."""
    ledger = small_year()
    newcomers = {ledger.learner(f"E{number}", unit=unit) for number, unit in enumerate(("党政办", "农业站"))}
    first = ledger.sessions[0]
    ledger.sessions[0] = replace(first, expected=first.expected | newcomers)
    return build(ledger)


@pytest.fixture(scope="module")
def package(year: tuple[Figures, Section], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    path = tmp_path_factory.mktemp("charts") / "section.docx"
    write_document(year[1], path, written_at=WRITTEN_AT)
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def charts_of(section: Section) -> list[Chart]:
    return [block for block in section.blocks if isinstance(block, Chart)]


def test_the_section_shows_sessions_by_month_and_rates_by_unit_and_law(year: tuple[Figures, Section]) -> None:
    captions = [chart.caption for chart in charts_of(year[1])]

    assert captions == ["分月集中学习次数", "分单位参学率", "分法律法规答题正确率"]


def test_every_point_of_a_chart_is_a_figure(year: tuple[Figures, Section]) -> None:
    figures, section = year
    points = [point for chart in charts_of(section) for series in chart.series for point in series.points]

    assert len(points) > 30
    for point in points:
        value = figures[point.figure_id].value
        assert point.value == (None if value is None else float(value))
        assert point.text == figures[point.figure_id].text


def test_every_part_of_the_file_has_a_type_and_every_relation_a_target(package: dict[str, bytes]) -> None:
    types = parse_xml(package["[Content_Types].xml"])
    known = {part.get("PartName", "").lstrip("/") for part in types.iter(PACKAGE % "content-types" + "Override")}
    endings = {part.get("Extension") for part in types.iter(PACKAGE % "content-types" + "Default")}
    for name, content in package.items():
        assert name == "[Content_Types].xml" or name in known or name.rpartition(".")[2] in endings, name
        if name.endswith(".rels"):
            folder = Path(name).parent.parent
            for relation in parse_xml(content):
                target = relation.get("Target", "")
                resolved = target.lstrip("/") if target.startswith("/") else _resolve(folder, target)
                assert relation.get("TargetMode") == "External" or resolved in package, (name, target)
    assert sum(name.startswith("word/charts/chart") and name.endswith(".xml") for name in package) == 3


def _resolve(folder: Path, target: str) -> str:
    parts: list[str] = []
    for part in (folder / target).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def test_a_chart_opens_its_own_numbers_for_editing(year: tuple[Figures, Section], package: dict[str, bytes]) -> None:
    for number, chart in enumerate(charts_of(year[1]), start=1):
        sheet = load_workbook(io.BytesIO(package[f"word/embeddings/chart{number}.xlsx"])).worksheets[0]
        rows = [row for row in sheet.iter_rows(values_only=True) if any(cell is not None for cell in row)]
        shown = {row[0]: row[1:] for row in rows[1:]}

        assert rows[0][1:] == tuple(series.name for series in chart.series)
        assert set(shown) == set(chart.categories)
        for place, category in enumerate(chart.categories):
            assert shown[category] == tuple(series.points[place].value for series in chart.series)


def test_a_chart_draws_the_values_of_its_workbook(year: tuple[Figures, Section], package: dict[str, bytes]) -> None:
    for number, chart in enumerate(charts_of(year[1]), start=1):
        root = parse_xml(package[f"word/charts/chart{number}.xml"])
        for drawn, series in zip(root.iter(f"{CHART}ser"), chart.series, strict=True):
            names = [node.text for node in drawn.find(f"{CHART}cat").iter(f"{CHART}v")]
            values = [float(node.text or "") for node in drawn.find(f"{CHART}val").iter(f"{CHART}v")]
            expected = dict(zip(chart.categories, (point.value for point in series.points), strict=True))
            assert dict(zip(names, values, strict=True)) == expected


def test_charts_name_a_chinese_font_and_speak_to_who_cannot_see_them(
    year: tuple[Figures, Section], package: dict[str, bytes]
) -> None:
    document = parse_xml(package["word/document.xml"])
    told = [node.get("descr") for node in document.iter(f"{WP}docPr")]

    assert told == [chart.alt_text for chart in charts_of(year[1])]
    assert told[2] == "分法律法规答题正确率（%）：《行政诉讼法》75.0%（3/4），《反有组织犯罪法》50.0%（1/2）。"
    for number in (1, 2, 3):
        root = parse_xml(package[f"word/charts/chart{number}.xml"])
        fonts = {
            (node.tag, node.get("typeface")) for node in root.iter() if node.tag in (f"{DRAWING}latin", f"{DRAWING}ea")
        }
        assert fonts == {(f"{DRAWING}latin", "宋体"), (f"{DRAWING}ea", "宋体")}


def test_a_point_without_a_value_is_left_out_of_the_drawing() -> None:
    points = (Point("a", None, "无"), Point("b", 50.0, "50.0%（1/2）"))
    chart = Chart("正确率", "bars", ("甲", "乙"), (Series("百分比", points),), "%", most=100)
    root = parse_xml(render_chart(chart).xml)
    values = root.find(f".//{CHART}val")

    assert values is not None
    assert [node.text for node in values.iter(f"{CHART}v")] == ["50.0"]


def test_a_year_without_answers_or_units_has_no_chart_of_them() -> None:
    ledger = Ledger()
    ledger.session("2022-03-01", expected=[ledger.learner("A")])

    assert [chart.caption for chart in charts_of(build(ledger)[1])] == ["分月集中学习次数"]
    assert charts_of(build(Ledger())[1]) == []


def test_a_part_to_paste_begins_with_its_first_heading_and_is_signed_by_nobody(
    year: tuple[Figures, Section], tmp_path: Path
) -> None:
    (tmp_path / "part.docx").write_bytes(render_document(year[1], written_at=WRITTEN_AT, form="part").content)
    write_document(year[1], tmp_path / "whole.docx", written_at=WRITTEN_AT)
    part, whole = read_document(tmp_path / "part.docx"), read_document(tmp_path / "whole.docx")

    assert part.lines[0] == "一、学习宣传贯彻情况"
    assert whole.lines[0] == year[1].title
    assert "青山乡人民政府" in whole.lines
    assert not {"青山乡人民政府", "中共盐池县委："} & set(part.lines)
    assert part.numbers == whole.numbers
