"""The roster is read from what clerks really have, and every fault of a file is named in one go."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from xuefa.errors import BadInputError
from xuefa.records.record import Learner, Posting
from xuefa.records.roster import COLUMNS, read_roster, write_roster_template

FIXTURES = Path(__file__).parents[1] / "fixtures" / "records"

ZHANG = Learner(
    learner_id="学员01", name="张三", unit="党政办", post="主任", since=date(2022, 3, 1), exam_eligible=True
)
LI = Learner(
    learner_id="学员02", name="李四", unit="司法所", post="所长", since=date(2022, 3, 1), until=date(2022, 9, 30)
)


def write_workbook(path: Path, *rows: tuple[Any, ...]) -> Path:
    workbook = Workbook()
    for row in rows:
        workbook.worksheets[0].append(row)
    workbook.save(path)
    return path


def faults_of(path: Path) -> list[str]:
    with pytest.raises(BadInputError) as caught:
        read_roster(path)
    assert all(finding.place.startswith(str(path)) for finding in caught.value.findings)
    return [f"{finding.place.removeprefix(str(path)).strip()} {finding.fault}" for finding in caught.value.findings]


@pytest.mark.parametrize("name", ["utf8.csv", "utf8_bom.csv"])
def test_a_csv_in_utf8_is_read_with_and_without_mark(name: str) -> None:
    assert read_roster(FIXTURES / name) == (ZHANG, LI)


def test_a_csv_in_gb18030_is_read_with_its_rare_characters() -> None:
    assert [learner.name for learner in read_roster(FIXTURES / "gb18030.csv")] == ["张三", "李㐂"]


def test_stray_spaces_wide_digits_a_title_row_and_further_columns_are_understood() -> None:
    first, second = read_roster(FIXTURES / "stray_spaces_and_wide_digits.csv")
    assert (first.learner_id, first.name, first.unit, first.post) == ("A-01", "张三", "党政办", "副 主任")
    assert (first.since, first.until, first.exam_eligible) == (date(2022, 3, 1), None, True)
    assert (second.learner_id, second.name) == ("A-02", "欧阳·John Smith")
    assert (second.since, second.until) == (date(2022, 3, 5), date(2022, 12, 31))


def test_a_workbook_is_read_with_date_cells_and_numbers_as_ids(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "名册.xlsx",
        COLUMNS,
        (1, "张三", "党政办", None, datetime.fromisoformat("2022-03-01"), None, "是"),
        (),
        (2.0, "李四", "司法所", "所长", date(2022, 3, 2), 20221231, "否"),
    )
    first, second = read_roster(path)
    assert (first.learner_id, first.post, first.since) == ("1", "", date(2022, 3, 1))
    assert (second.learner_id, second.since, second.until) == ("2", date(2022, 3, 2), date(2022, 12, 31))


def test_a_workbook_is_read_from_the_sheet_that_holds_the_roster(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.worksheets[0].append(("填表说明",))
    roster = workbook.create_sheet("名单")
    roster.append(COLUMNS)
    roster.append(("学员01", "", "党政办", "", "2022-03-01", "", "是"))
    workbook.save(tmp_path / "名册.xlsx")
    assert faults_of(tmp_path / "名册.xlsx") == ["工作表“名单” 第 2 行 姓名是空的"]


def test_rows_of_one_person_are_postings_one_after_the_other() -> None:
    moved, on_leave = read_roster(FIXTURES / "moved_and_on_leave.csv")

    assert (moved.unit, moved.post, moved.since, moved.until) == ("司法所", "干部", date(2022, 7, 1), None)
    assert moved.earlier == (Posting(unit="党政办", post="主任", since=date(2020, 1, 1), until=date(2022, 6, 30)),)
    assert on_leave.exam_eligible
    assert [on_leave.is_here(day) for day in (date(2022, 3, 31), date(2022, 4, 1), date(2022, 9, 1))] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("overlapping_postings.csv", ["第 4 行 编号 A1 有两行，在岗时间重叠（党政办、司法所）"]),
        ("repeated_id.csv", [f"第 4 行 编号 a1 和 {FIXTURES / 'repeated_id.csv'} 第 2 行 重复"]),
        ("missing_columns.csv", ["第 1 行 表头缺少 职务、离岗日期"]),
        ("repeated_column.csv", ["第 1 行 表头里 姓名 出现了两次"]),
        ("separated_by_chinese_commas.csv", [f"第 1 行 表头缺少 {'、'.join(COLUMNS)}"]),
        ("empty_name.csv", ["第 2 行 姓名是空的"]),
        (
            "bad_dates.csv",
            [
                "第 2 行 到岗日期“2022-02-30”不是日期",
                "第 3 行 到岗日期“3月1日”不是日期",
                "第 4 行 离岗日期“至今”不是日期",
                "第 5 行 到岗日期是空的",
            ],
        ),
        ("leaves_before_joining.csv", ["第 2 行 离岗日期 2022-02-28 早于到岗日期 2022-03-01"]),
        ("id_is_a_path.csv", ["第 2 行 编号“../../x”不能用"]),
        ("id_is_reserved_by_windows.csv", ["第 2 行 编号“con”不能用"]),
        ("neither_yes_nor_no.csv", ["第 2 行 可参加执法考试填的是“可以”"]),
        ("nobody.csv", [" 名册里一个人也没有"]),
        (
            "four_faults.csv",
            [
                "第 2 行 姓名是空的",
                "第 2 行 到岗日期“2022-13-01”不是日期",
                "第 3 行 可参加执法考试填的是“”",
                "第 4 行 编号“../x”不能用",
            ],
        ),
    ],
)
def test_every_fault_of_a_roster_is_named_with_its_row(name: str, faults: list[str]) -> None:
    assert faults_of(FIXTURES / name) == faults


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("wrong_encoding.csv", "编码既不是 UTF-8 也不是 GB18030"),
        ("wrong_encoding_without_mark.csv", "编码既不是 UTF-8 也不是 GB18030"),
        ("unclosed_quote.csv", "第 2 行的引号不成对"),
        ("old_excel.xls", "旧格式的 Excel 文件（.xls）"),
        ("not_a_workbook.xlsx", "不是 Excel 工作簿，也不是 CSV"),
        ("no_such_file.csv", "找不到这个文件"),
        ("", "读不出来"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_whole(name: str, fault: str) -> None:
    [found] = faults_of(FIXTURES / name)
    assert fault in found


def test_the_refusal_of_an_old_workbook_names_the_way_out() -> None:
    with pytest.raises(BadInputError) as caught:
        read_roster(FIXTURES / "old_excel.xls")
    assert "另存为“Excel 工作簿（*.xlsx）”" in caught.value.findings[0].fix


def test_an_old_workbook_under_a_new_name_is_still_refused(tmp_path: Path) -> None:
    renamed = tmp_path / "renamed.xlsx"
    renamed.write_bytes((FIXTURES / "old_excel.xls").read_bytes())
    [found] = faults_of(renamed)
    assert "加了密码的或者旧格式" in found


def test_a_surplus_cell_is_the_one_fault_of_its_row() -> None:
    assert faults_of(FIXTURES / "surplus_cell.csv") == ["第 2 行 比表头多出 1 格"]


def test_a_roster_separated_by_chinese_commas_is_told_so() -> None:
    with pytest.raises(BadInputError, match="英文逗号"):
        read_roster(FIXTURES / "separated_by_chinese_commas.csv")


def test_an_id_whose_digits_excel_has_changed_is_a_fault(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "名册.xlsx", COLUMNS, (370827199001011234, "张三", "党政办", "", "2022-03-01", "", "是")
    )
    [found] = faults_of(path)
    assert "位数太多" in found


def test_a_formula_error_is_a_fault(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "名册.xlsx", COLUMNS, ("A1", "#N/A", "党政办", "", "2022-03-01", "", "是"))
    assert faults_of(path) == ["工作表“Sheet” 第 2 行 姓名是公式错误 #N/A"]


def test_a_workbook_cut_off_anywhere_is_refused_without_a_traceback(tmp_path: Path) -> None:
    whole = write_workbook(tmp_path / "whole.xlsx", COLUMNS).read_bytes()
    cut = tmp_path / "cut.xlsx"
    for length in range(4, len(whole), len(whole) // 40):
        cut.write_bytes(whole[:length])
        assert len(faults_of(cut)) == 1


def test_a_workbook_with_damaged_parts_is_refused_without_a_traceback(tmp_path: Path) -> None:
    whole = write_workbook(tmp_path / "whole.xlsx", COLUMNS)
    with zipfile.ZipFile(whole) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for damaged in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"):
        path = tmp_path / "damaged.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content[: len(content) // 2] if name == damaged else content)
        assert len(faults_of(path)) == 1


def test_a_file_of_countless_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(",".join(COLUMNS) + "\n" * 60_000, encoding="utf-8")
    [found] = faults_of(path)
    assert "超过 50000 行" in found


def test_the_template_filled_in_is_a_roster(tmp_path: Path) -> None:
    path = tmp_path / "名册.xlsx"
    write_roster_template(path)
    workbook = load_workbook(path)
    for column, value in enumerate(["学员01", "张三", "党政办", "主任", date(2022, 3, 1), None, "是"], start=1):
        workbook["名册"].cell(row=2, column=column).value = value
    workbook.save(path)
    assert read_roster(path) == (ZHANG,)


def test_the_template_untouched_says_that_nobody_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "名册.xlsx"
    write_roster_template(path)
    [found] = faults_of(path)
    assert "一个人也没有" in found


def test_the_template_never_overwrites_a_file(tmp_path: Path) -> None:
    path = tmp_path / "名册.xlsx"
    path.write_text("填好的名册", encoding="utf-8")
    with pytest.raises(BadInputError, match="已经有这个文件"):
        write_roster_template(path)
    assert path.read_text(encoding="utf-8") == "填好的名册"


def test_the_template_needs_a_folder_that_exists(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="写不了这个文件"):
        write_roster_template(tmp_path / "没有" / "名册.xlsx")


def test_importing_the_roster_loads_neither_sqlalchemy_nor_openpyxl() -> None:
    heavy = "{'sqlalchemy', 'openpyxl', 'pandas', 'alembic'}"
    code = f"import sys, xuefa.records.roster; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert shown.stdout == "[]\n"
