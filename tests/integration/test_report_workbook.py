from __future__ import annotations

import csv
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.report_site import fill_site
from tests.report_years import WRITTEN_AT, Ledger, build, small_year
from xuefa.errors import BadInputError, MissingPartError
from xuefa.records.record import Verb
from xuefa.report import evidence_rows
from xuefa.report.figure import Counting
from xuefa.report.recipe import read_recipe
from xuefa.report.workbook import MOST_ROWS, name_sheets, write_workbook
from xuefa.report.workbook_charts import select_series
from xuefa.settings import Settings
from xuefa.workflows.report import build_report


def write(ledger: Ledger, path: Path, *, most_rows: int = MOST_ROWS) -> Workbook:
    figures, section = build(ledger)
    write_workbook(figures, ledger.frames(), path, title=section.title, written_at=WRITTEN_AT, most_rows=most_rows)
    return load_workbook(path)


@pytest.fixture(scope="module")
def small_book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """The workbook of the small year, to be read only."""
    return write(small_year(), tmp_path_factory.mktemp("small_year") / "evidence.xlsx")


def cells_of(book: Workbook, name: str) -> list[list[object]]:
    sheet = next(book[title] for title in book.sheetnames if title.endswith(f" {name}"))
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_every_figure_has_a_sheet_that_its_link_leads_to(small_book: Workbook) -> None:
    figures, _ = build(small_year())
    targets = [
        str(getattr(row[0].hyperlink, "location", None)) for row in small_book["目录"].iter_rows(min_row=5, max_col=1)
    ]
    links = [target.removeprefix("'").removesuffix("'!A1") for target in targets]

    assert small_book.sheetnames == ["目录", "图表", *links]
    assert len(links) == len(figures)
    assert all(len(name) <= 31 for name in small_book.sheetnames)


def test_the_chart_sheet_has_a_native_chart_for_each_series_over_its_own_cells(small_book: Workbook) -> None:
    figures, _ = build(small_year())
    sheet: Any = small_book["图表"]
    shown = select_series(figures)
    titles = [series.title for series, _ in shown]
    column = [str(cell.value) for cell in sheet["A"]]

    assert len(sheet._charts) == len(shown) >= 6
    for chart, (series, family) in zip(sheet._charts, shown, strict=True):
        top = column.index(series.title)
        assert chart.series[0].val.numRef.f == f"图表!$B${top + 3}:$B${top + 2 + len(family)}"
        values = [sheet.cell(top + 3 + number, 2).value for number in range(len(family))]
        assert values == [None if figure.value is None else float(figure.value) for figure in family]
    assert "各月参学率（%）" in titles


def test_every_number_of_the_chart_sheet_leads_to_the_sheet_of_its_figure(small_book: Workbook) -> None:
    figures, _ = build(small_year())
    sheet: Any = small_book["图表"]
    links = [cell.hyperlink.location for (cell,) in sheet.iter_rows(min_row=2, max_col=1) if cell.hyperlink]
    named = [small_book[link.removeprefix("'").removesuffix("'!A1")]["A2"].value for link in links]

    assert named == [figure.name for _, family in select_series(figures) for figure in family]


def test_an_empty_year_has_a_chart_sheet_that_says_so(tmp_path: Path) -> None:
    sheet: Any = write(Ledger(), tmp_path / "evidence.xlsx")["图表"]

    assert sheet._charts == []
    assert sheet["A3"].value == "全年没有可以作图的数据。"


def test_the_contents_say_where_the_section_speaks_of_a_figure(settings: Settings) -> None:
    fill_site(settings)
    book = load_workbook(build_report(settings=settings, year=2022).workbook)
    places = {row[7].value: row[6].value for row in book["目录"].iter_rows(min_row=5)}

    assert "“（一）总体情况”“利用微信群及公众号平台推送习近平法治思想学习内容3次”" in str(places["pushes"])
    assert places["sessions_m05"] == "“表1　分月学习情况”"
    assert places["sessions_evening_m03"] == "“图1　分月集中学习次数”“3月干部夜学”"


def test_a_sheet_shows_definition_n_and_the_rows_with_names(small_book: Workbook) -> None:
    rows = cells_of(small_book, "参学率")
    facts = {row[0]: row[1] for row in rows[:9]}
    header = next(number for number, row in enumerate(rows) if row[0] == "场次编号")

    assert facts["定义"] == "集中学习实到人次除以应到人次"
    assert (facts["数值"], facts["分子 n"], facts["分母 N"]) == ("66.7%", "6", "9")
    assert rows[header][3:9] == ["学员编号", "姓名", "单位", "应到", "签到", "请假"]
    assert len(rows) - header - 1 == 9
    assert rows[header + 1][:6] == ["s01", datetime(2022, 3, 10), "第1次学习", "A", "学员A", "党政办"]  # noqa: DTZ001  Excel has no zones


def test_times_are_local(small_book: Workbook) -> None:
    rows = cells_of(small_book, "推送次数")

    assert rows[-1][0] == datetime(2022, 9, 20, 10, 0)  # noqa: DTZ001  Excel has no zones


def test_a_cell_that_begins_like_a_formula_is_text(tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://example.invalid","x")']
    ledger = Ledger()
    for number, text in enumerate(texts):
        person = ledger.learner(f"A{number}", name=text)
        ledger.record(Verb.REFLECTED, f"2022-03-10 10:0{number}", person, text=text)
    book = write(ledger, tmp_path / "evidence.xlsx")
    sheet = next(book[name] for name in book.sheetnames if name.endswith(" 心得体会"))
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value in texts]

    assert sorted(str(cell.value) for cell in found) == sorted(texts * 2)
    assert {cell.data_type for cell in found} == {"s"}


def test_control_characters_and_very_long_texts_do_not_break_the_workbook(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.record(Verb.REFLECTED, "2022-03-10 10:00", ledger.learner("A"), text="字\x07" * 40_000)
    rows = cells_of(write(ledger, tmp_path / "evidence.xlsx"), "心得体会")

    assert rows[-1][7] == "字" * 32_767


def read_row_file(path: Path, name: str) -> list[list[str]]:
    with zipfile.ZipFile(path) as archive:
        return list(csv.reader(archive.read(name).decode("utf-8-sig").splitlines()))


def test_a_workbook_without_room_for_every_row_says_how_many_there_are_and_where_they_are(tmp_path: Path) -> None:
    """The file beside it has every row once, and leads from each figure to exactly its rows."""
    ledger, path = small_year(), tmp_path / "evidence.xlsx"
    figures, _ = build(ledger)
    most = len(figures)
    book = write(ledger, path, most_rows=most)
    rows, sheets = cells_of(book, "答题次数"), [name for name in book.sheetnames if name not in ("目录", "图表")]
    listed = sum(max(0, sheet.max_row - sheet_head(sheet)) for name in sheets for sheet in [book[name]])
    number = next(name.partition(" ")[0] for name in sheets if name.endswith(" 答题次数"))
    row_file = tmp_path / "evidence（数据依据全部记录）.zip"

    assert most - len(sheets) < listed <= most
    assert str(rows[4][1]).startswith("共7条，这里列出前")
    assert f"“{row_file.name}”里：答题.csv中“所依据的指标”一列含有{number}的就是" in str(rows[4][1])
    head, *answers = read_row_file(row_file, "答题.csv")
    assert head[:4] == ["时间", "学员编号", "姓名", "单位"]
    assert len(answers) == 7
    assert answers[0][:3] == ["2022-03-11 20:00:00", "A", "学员A"]
    for sheet, figure in zip(sheets, figures.values(), strict=True):
        if figure.source == "answers":
            marked = [row for row in answers if sheet.partition(" ")[0] in row[-1]]
            assert len(marked) == len(figure.row_ids), figure.figure_id


def sheet_head(sheet: Any) -> int:
    """The line on which the table of a figure's sheet has its headings."""
    return int(next(row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value == "所依据的记录")) + 2


def test_rows_beyond_what_a_spreadsheet_opens_go_into_further_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_rows, "MOST_ROWS_OF_A_FILE", 5)
    rows = cells_of(write(small_year(), tmp_path / "evidence.xlsx", most_rows=9), "答题次数")
    parts = [read_row_file(tmp_path / "evidence（数据依据全部记录）.zip", f"答题{n}.csv") for n in (1, 2)]

    assert "答题1.csv、答题2.csv中" in str(rows[4][1])
    assert [len(part) - 1 for part in parts] == [5, 2]
    assert parts[0][0] == parts[1][0]


def test_a_row_file_marks_what_a_spreadsheet_would_take_for_a_formula(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.record(Verb.REFLECTED, "2022-03-10 10:00", ledger.learner("A", name="=1+1"), text="@SUM(A1)")
    write(ledger, tmp_path / "evidence.xlsx", most_rows=0)
    _, row = read_row_file(tmp_path / "evidence（数据依据全部记录）.zip", "心得体会和研讨材料.csv")

    assert (row[2], row[7]) == ("'=1+1", "'@SUM(A1)")


def test_a_row_file_that_is_needed_no_more_is_taken_away(tmp_path: Path) -> None:
    write(small_year(), tmp_path / "evidence.xlsx", most_rows=9)
    write(small_year(), tmp_path / "evidence.xlsx")

    assert [path.name for path in tmp_path.iterdir()] == ["evidence.xlsx"]


def test_the_rows_of_a_recipes_own_figure_are_found_even_if_it_numbered_them_anew() -> None:
    frames = small_year().frames()
    joined = frames.answers.merge(frames.learners[["learner_id", "post"]], on="learner_id").iloc[::-1]
    figure = Counting("answers").count(joined[joined["item_id"] == joined["item_id"].iloc[0]], "own", "一题", "次", "")
    positions = figure.positions_in(frames.answers)

    assert len(positions) > 0
    assert tuple(frames.answers["row_id"].iloc[positions]) == figure.row_ids
    with pytest.raises(KeyError, match="own"):
        figure.positions_in(frames.answers.iloc[:0])


def test_an_empty_year_has_a_workbook(tmp_path: Path) -> None:
    book = write(Ledger(), tmp_path / "evidence.xlsx")

    assert cells_of(book, "参学率")[2][:2] == ["数值", "无"]


def test_sheet_names_are_unique_and_accepted_by_excel() -> None:
    names = name_sheets(["“很长的试卷名称”" * 5, "“很长的试卷名称”" * 5, "甲[乙]:丙*丁?戊/己\\庚", "'"])

    assert len({name.lower() for name in names}) == 4
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in names)
    assert all(not name.startswith("'") and not name.endswith("'") for name in names)


def test_a_recipe_that_does_not_run_is_named(tmp_path: Path) -> None:
    recipe = tmp_path / "study_section.py"
    recipe.write_text("def summarise_year(:\n", encoding="utf-8")

    with pytest.raises(BadInputError, match="脚本运行不了"):
        read_recipe(recipe)


def test_a_recipe_without_its_functions_is_named(tmp_path: Path) -> None:
    recipe = tmp_path / "study_section.py"
    recipe.write_text("pass\n", encoding="utf-8")

    with pytest.raises(BadInputError, match="summarise_year"):
        read_recipe(recipe)


def test_a_missing_recipe_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match="找不到报告脚本"):
        read_recipe(tmp_path / "study_section.py")
