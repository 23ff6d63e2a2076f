"""A ledger is read from what clerks really have; each doubtful row is told, and the same file never adds twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from tests.ledger_files import FIXTURES, ROSTER, SHEETS, plan, write_ledger
from xuefa.errors import BadInputError
from xuefa.records.ledger import LEDGER_KINDS, read_ledger, write_ledger_template
from xuefa.records.record import Posting, SessionKind, Verb
from xuefa.settings import TIME_ZONE


def test_sessions_of_a_csv_become_sessions_with_laws_and_those_expected() -> None:
    made = plan(FIXTURES / "sessions.csv")
    first, second = made.sessions

    assert (first.held_on, first.kind, first.minutes, first.host) == (
        date(2022, 3, 10),
        SessionKind.EVENING,
        60,
        "李四",
    )
    assert (first.laws, sorted(first.expected)) == (("xzss",), ["学员01", "学员02", "学员03", "学员04"])
    assert (second.kind, second.laws) == (SessionKind.TWENTY_MINUTES, ("mfd", "xzss"))
    assert second.expected == {"学员01", "学员02"}
    assert made.findings == ()


def test_gb18030_gives_the_same_as_utf8() -> None:
    assert plan(FIXTURES / "sessions_gb18030.csv").sessions == plan(FIXTURES / "sessions.csv").sessions[:1]


def test_wide_digits_spaces_quotes_hours_and_days_without_a_year_are_understood() -> None:
    first, second = plan(FIXTURES / "wide_digits_and_spaces.csv").sessions

    assert (first.held_on, first.kind, first.minutes, sorted(first.expected)) == (
        date(2022, 3, 10),
        SessionKind.TWENTY_MINUTES,
        20,
        ["学员02"],
    )
    assert (second.held_on, second.minutes, len(second.expected)) == (date(2022, 3, 24), 90, 4)


def test_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    words = ["=1+1", "+86", "-1", "@SUM(A1)"]
    rows = [("日期", "内容"), *((date(2022, 3, 15 + number), word) for number, word in enumerate(words))]
    workbook = plan(write_ledger(tmp_path / "台账.xlsx", {"推送": rows}))

    assert [record.text for record in plan(FIXTURES / "formula_like_text.csv").records] == words
    assert [record.text for record in workbook.records] == words


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("name_not_on_roster.csv", "名册里没有“李思”，相近的有李四（司法所）"),
        ("two_people_of_one_name.csv", "有 2 个人叫张三：学员01（党政办）、学员03（司法所）"),
        ("date_outside_year.csv", "日期 2021-12-31 不在 2022 年"),
        ("date_not_yet.csv", "日期 2022-12-31 还没有到"),
        ("date_in_words.csv", "日期“三月初”认不出来"),
        ("gone_by_that_day.csv", "王五在 2022-11-01 这一天不在岗（2020-01-01 到岗，2022-09-30 离岗）"),
        ("unknown_law.csv", "目录里没有《刑法》"),
        ("unknown_kind.csv", "形式“茶话会”不认识"),
        ("too_many_minutes.csv", "时长“9000”不对"),
        ("empty_title.csv", "主题是空的"),
        ("one_session_two_lengths.csv", "和 one_session_two_lengths.csv 第 2 行 是同一场，内容却不同"),
        ("attendance_without_session.csv", "2022-03-10 没有登记过学习活动"),
        ("neither_came_nor_excused.csv", "情况填的是“迟到”"),
        ("surplus_cell.csv", "比表头多出 1 格"),
    ],
)
def test_a_doubtful_row_is_told_and_adds_nothing(name: str, fault: str) -> None:
    made = plan(FIXTURES / name)

    assert made.findings[0].fault == fault
    assert made.findings[0].place.startswith(f"{name} 第 ")
    assert made.records == ()
    assert [row.state for row in made.rows][-1] == "doubtful"


def test_a_row_that_repeats_an_earlier_one_counts_once_and_says_which() -> None:
    made = plan(FIXTURES / "same_row_twice.csv")

    assert [row.state for row in made.rows] == ["new", "doubled"]
    assert "same_row_twice.csv 第 2 行" in made.rows[1].says
    assert len(made.records) == 1


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("missing_column.csv", "表头缺少 时长"),
        ("no_ledger_at_all.csv", "里面没有一张台账的表"),
        ("../records/old_excel.xls", "是旧格式的 Excel 文件（.xls）"),
        ("../records/wrong_encoding.csv", "编码既不是 UTF-8 也不是 GB18030"),
        ("nowhere.csv", "找不到这个文件"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused_with_the_way_out(name: str, fault: str) -> None:
    with pytest.raises(BadInputError, match=fault) as caught:
        read_ledger(FIXTURES / name)
    assert caught.value.findings[0].fix


def test_every_kind_of_sheet_becomes_what_it_says(tmp_path: Path) -> None:
    made = plan(write_ledger(tmp_path / "台账.xlsx", SHEETS))
    verbs = Counter(record.verb for record in made.records)

    assert made.findings == ()
    assert [session.kind for session in made.sessions] == [
        SessionKind.EVENING,
        SessionKind.SEMINAR,
        SessionKind.COURT_VISIT,
        SessionKind.LECTURE,
    ]
    assert verbs == {
        Verb.SIGNED_IN: 2 + 2 + 2 + 4,
        Verb.EXCUSED: 1,
        Verb.PRESENTED: 1,
        Verb.REFLECTED: 1,
        Verb.PUBLISHED: 1,
        Verb.CERTIFIED: 1,
    }
    passed = next(record for record in made.records if record.verb is Verb.CERTIFIED)
    assert passed.occurred_at.astimezone(TIME_ZONE) == datetime(2022, 10, 8, 12, tzinfo=TIME_ZONE)
    assert {record.source for record in made.records} == {"ledger"}


def test_the_same_content_gives_the_same_ids_and_a_second_import_adds_nothing(tmp_path: Path) -> None:
    first = plan(write_ledger(tmp_path / "台账.xlsx", SHEETS))
    again = plan(write_ledger(tmp_path / "另一台电脑的台账.xlsx", SHEETS))
    second = plan(tmp_path / "台账.xlsx", sessions=first.sessions, records=first.records)

    assert (again.sessions, again.records) == (first.sessions, first.records)
    assert second.adds_nothing
    assert {row.state for row in second.rows} == {"known"}


def test_what_the_kit_recorded_itself_is_not_added_again(tmp_path: Path) -> None:
    first = plan(write_ledger(tmp_path / "台账.xlsx", SHEETS))
    signed_in = next(record for record in first.records if record.verb is Verb.SIGNED_IN)
    from_the_kit = type(signed_in)(
        record_id=type(signed_in.record_id)(int=7),
        verb=Verb.SIGNED_IN,
        occurred_at=signed_in.occurred_at,
        source="notebook",
        learner_id=signed_in.learner_id,
        session_id=signed_in.session_id,
    )
    second = plan(tmp_path / "台账.xlsx", sessions=first.sessions, records=[from_the_kit])

    assert len(second.records) == len(first.records) - 1
    assert all(
        (one.verb, one.learner_id, one.session_id) != (Verb.SIGNED_IN, signed_in.learner_id, signed_in.session_id)
        for one in second.records
    )


def test_a_record_that_was_voided_does_not_come_back() -> None:
    first = plan(FIXTURES / "formula_like_text.csv")
    target = first.records[0]
    voiding = type(target)(
        record_id=type(target.record_id)(int=9),
        verb=Verb.VOIDED,
        occurred_at=target.occurred_at,
        source="ledger",
        voids=target.record_id,
    )
    second = plan(FIXTURES / "formula_like_text.csv", records=[*first.records, voiding])

    assert second.adds_nothing


def test_a_changed_length_corrects_the_session_and_empty_cells_leave_the_rest(tmp_path: Path) -> None:
    first = plan(FIXTURES / "sessions.csv")
    header, row = SHEETS["集中学习"]
    changed = (*row[:3], 90, None, None, None)
    second = plan(write_ledger(tmp_path / "台账.xlsx", {"集中学习": [header, changed]}), sessions=first.sessions)

    assert [one.state for one in second.rows] == ["corrected"]
    assert "时长" in second.rows[0].says
    (session,) = second.sessions
    assert (session.session_id, session.minutes) == (first.sessions[0].session_id, 90)
    assert (session.host, session.laws, session.expected) == (
        first.sessions[0].host,
        first.sessions[0].laws,
        first.sessions[0].expected,
    )


def test_merged_cells_count_for_every_row_that_they_cover(tmp_path: Path) -> None:
    path = tmp_path / "合并.xlsx"
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in (("全年心得体会", None, None), ("日期", "姓名", "题目"), (date(2022, 3, 12), "李四", "学习体会")):
        sheet.append(row)
    sheet.append((None, "学员01", None))
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A3:A6")
    sheet.merge_cells("C3:C6")
    workbook.save(path)
    made = plan(path)

    assert made.findings == ()
    assert [(one.learner_id, one.text) for one in made.records] == [("学员02", "学习体会"), ("学员01", "学习体会")]


def test_a_clerk_settles_doubtful_rows_by_other_words_or_leaves_them_out() -> None:
    path = FIXTURES / "two_people_of_one_name.csv"
    (place,) = (row.place for row in plan(path).rows)

    settled = plan(path, corrections={place: {"姓名": "学员03"}})
    assert [record.learner_id for record in settled.records] == ["学员03"]
    left_out = plan(path, corrections={place: None})
    assert (left_out.findings, left_out.records, left_out.rows[0].state) == ((), (), "left_out")


def test_names_in_one_cell_stand_apart_by_marks_lines_or_spaces(tmp_path: Path) -> None:
    rows = [("日期", "姓名", "题目"), (date(2022, 3, 12), "李 四；学员01\n王五", "体会")]
    made = plan(write_ledger(tmp_path / "台账.xlsx", {"心得体会": rows}))

    assert [record.learner_id for record in made.records] == ["学员02", "学员01", "学员04"]


def test_a_sheet_that_is_no_ledger_is_named_and_left(tmp_path: Path) -> None:
    made = plan(write_ledger(tmp_path / "台账.xlsx", {**SHEETS, "联系电话": [("姓名", "电话"), ("李四", "1")]}))

    assert made.other_sheets == ("联系电话",)


def test_the_template_has_a_sheet_for_each_kind_with_instructions_headings_and_lists(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    write_ledger_template(path)
    workbook = load_workbook(path)

    assert workbook.sheetnames == [*(kind.name for kind in LEDGER_KINDS), "填写说明"]
    for kind in LEDGER_KINDS:
        sheet = workbook[kind.name]
        assert sheet["A1"].value == kind.purpose
        assert tuple(cell.value for cell in sheet[2]) == kind.all_columns
        lists = {one.formula1 for one in sheet.data_validations.dataValidation if one.type == "list"}
        assert lists == {f'"{",".join(words)}"' for words in kind.choices.values()}
    assert plan(path).rows == ()
    with pytest.raises(BadInputError, match="已经有这个文件"):
        write_ledger_template(path)


def test_every_word_of_the_templates_lists_is_understood(tmp_path: Path) -> None:
    (header, row), kind = SHEETS["集中学习"], LEDGER_KINDS[0]
    rows = [(row[0], word, f"主题{word}", *row[3:]) for word in kind.choices["形式"]]
    made = plan(write_ledger(tmp_path / "台账.xlsx", {"集中学习": [header, *rows]}))

    assert made.findings == ()
    assert len({session.kind for session in made.sessions}) == len(rows)


def test_who_moved_is_found_by_either_unit_and_nobody_is_found_on_a_day_of_leave(tmp_path: Path) -> None:
    moved = replace(
        ROSTER[1],
        since=date(2022, 7, 1),
        earlier=(Posting(unit="农业站", post="干部", since=date(2020, 1, 1), until=date(2022, 5, 31)),),
    )
    rows = [
        ("日期", "姓名", "题目", "单位"),
        (date(2022, 3, 12), "李四", "春", "农业站"),
        (date(2022, 8, 1), "李四", "夏", "农业站"),
        (date(2022, 6, 15), "李四", "假", None),
    ]
    made = plan(write_ledger(tmp_path / "台账.xlsx", {"心得体会": rows}), learners=[moved])

    assert [row.state for row in made.rows] == ["new", "new", "doubtful"]
    assert "2020-01-01 到岗，2022-05-31 离岗；2022-07-01 到岗" in made.findings[0].fault


def test_a_row_of_totals_is_left_out_and_said_to_be_one(tmp_path: Path) -> None:
    header, row = SHEETS["推送"]
    seen = plan(write_ledger(tmp_path / "台账.xlsx", {"推送": [header, row, ("合计", 1), (None, "共计")]}))

    assert [row.state for row in seen.rows] == ["new", "left_out", "left_out"]
    assert seen.rows[1].says == "是合计行，不登记"


def test_days_lengths_and_answers_are_understood_as_clerks_write_them(tmp_path: Path) -> None:
    header = SHEETS["集中学习"][0]
    lengths = ("2小时30分", "1个小时", "45分钟", "1.5小时", "90")
    rows = [(f"{month}月6号", "夜学", f"第{month}次", length) for month, length in enumerate(lengths, start=1)]
    came = [("2022年1月6号", None, "全体干部职工", "√"), ("2月6日", None, "李四", "病假")]
    file = write_ledger(
        tmp_path / "台账.xlsx", {"集中学习": [header, *rows], "签到请假": [SHEETS["签到请假"][0], *came]}
    )

    seen = plan(file)
    assert seen.findings == ()
    assert [session.minutes for session in seen.sessions] == [150, 60, 45, 90, 90]
    assert [record.verb for record in seen.records] == [Verb.SIGNED_IN] * 4 + [Verb.EXCUSED]


@pytest.mark.parametrize("length", ["1.5", "半天", "2小时半", "小时", "0"])
def test_a_length_that_may_mean_two_things_is_asked_about(tmp_path: Path, length: str) -> None:
    row = ("2022-03-06", "夜学", "一次学习", length)
    seen = plan(write_ledger(tmp_path / "台账.xlsx", {"集中学习": [SHEETS["集中学习"][0], row]}))

    assert "时长" in str(seen.findings[0])


def test_an_absence_needs_no_record_where_the_person_was_expected(tmp_path: Path) -> None:
    header, absent = SHEETS["签到请假"][0], ("3月10日", None, "李四", "缺席")
    sheets = {"集中学习": [*SHEETS["集中学习"]], "签到请假": [header, absent]}
    seen = plan(write_ledger(tmp_path / "台账.xlsx", sheets))

    assert seen.findings == ()
    assert seen.records == ()
    assert seen.rows[1].says == "这 1 人缺席，由应到人员推算，不另登记"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([("3月10日", None, "李四", "签到"), ("3月10日", None, "李四", "缺席")], "李四已经登记为签到"),
        ([("3月10日", None, "李四", "缺席"), ("3月10日", None, "李四", "请假")], "写的是另一种情况"),
        ([("3月10日", None, "王五", "缺席")], "王五不在这一场的应到人员里"),
    ],
)
def test_an_absence_that_cannot_be_is_asked_about(
    tmp_path: Path, rows: list[tuple[str | None, ...]], fault: str
) -> None:
    session = (date(2022, 3, 10), "干部夜学", "学习", 60, "李四", None, "李四")
    sheets = {"集中学习": [SHEETS["集中学习"][0], session], "签到请假": [SHEETS["签到请假"][0], *rows]}
    seen = plan(write_ledger(tmp_path / "台账.xlsx", sheets))

    assert [fault in str(finding) for finding in seen.findings] == [True]


def test_attendance_of_a_doubtful_session_names_the_row_to_put_right_first(tmp_path: Path) -> None:
    header, session = SHEETS["集中学习"]
    sheets = {
        "集中学习": [header, (*session[:3], "半天")],
        "签到请假": [SHEETS["签到请假"][0], ("3月10日", None, "李四", "签到")],
    }
    seen = plan(write_ledger(tmp_path / "台账.xlsx", sheets))

    assert "工作表“集中学习” 第 2 行 的学习活动还存疑" in str(seen.findings[1])


def test_a_second_session_of_one_day_and_kind_is_pointed_out(tmp_path: Path) -> None:
    header, session = SHEETS["集中学习"]
    other = (session[0], session[1], "改了主题", *session[3:])
    seen = plan(write_ledger(tmp_path / "台账.xlsx", {"集中学习": [header, session, other]}))

    assert "这一天已有“学习行政诉讼法”，如果是同一场，请改成一样的主题" in seen.rows[1].says
    assert "这一天已有" not in seen.rows[0].says
