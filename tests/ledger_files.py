"""A roster, plans and ledger workbooks, for the tests of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from xuefa.laws.catalogue import read_catalogue
from xuefa.records.ledger import Corrections, LedgerPlan, make_plan, read_ledger
from xuefa.records.record import Learner, Record, Session

PROJECT_DIR = Path(__file__).parents[1]
FIXTURES = Path(__file__).parent / "fixtures" / "ledger"
TODAY = date(2022, 12, 20)


def learner(learner_id: str, name: str, unit: str, *, until: date | None = None) -> Learner:
    return Learner(learner_id=learner_id, name=name, unit=unit, post="干部", since=date(2020, 1, 1), until=until)


ROSTER = (
    learner("学员01", "张三", "党政办"),
    learner("学员02", "李四", "司法所"),
    learner("学员03", "张三", "司法所"),
    learner("学员04", "王五", "党政办", until=date(2022, 9, 30)),
)


def plan(
    path: Path,
    *,
    sessions: Iterable[Session] = (),
    records: Iterable[Record] = (),
    corrections: Corrections | None = None,
) -> LedgerPlan:
    """What importing that file into 2022 would do."""
    return make_plan(
        read_ledger(path),
        learners=ROSTER,
        sessions=sessions,
        records=records,
        catalogue=read_catalogue(PROJECT_DIR / "question_bank" / "laws.yaml"),
        year=2022,
        today=TODAY,
        corrections=corrections,
    )


def write_ledger(path: Path, sheets: Mapping[str, list[tuple[Any, ...]]]) -> Path:
    """A workbook with those sheets, each with its header as the first row; a text that begins with = is text."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
            for cell in sheet[sheet.max_row]:
                cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    workbook.save(path)
    return path


SHEETS: dict[str, list[tuple[Any, ...]]] = {
    "集中学习": [
        ("日期", "形式", "主题", "时长", "主持人", "学习的法律", "应到人员"),
        (date(2022, 3, 10), "干部夜学", "学习行政诉讼法", 60, "李四", "行政诉讼法", None),
    ],
    "学习研讨": [
        ("日期", "主题", "时长", "参加人员", "提交材料人员", "主持人"),
        (date(2022, 6, 10), "研讨依法行政", 90, "学员01、李四", "李四", "李四"),
    ],
    "旁听庭审": [
        ("日期", "案件", "时长", "带队人", "参加人员"),
        (date(2022, 7, 1), "行政处罚案", 120, "李四", "李四、学员03"),
    ],
    "讲座培训": [("日期", "主题", "时长", "主讲人", "参加人员"), (date(2022, 8, 1), "民法典讲座", 60, "外请", "全体")],
    "签到请假": [
        ("日期", "主题", "姓名", "情况", "单位"),
        (date(2022, 3, 10), None, "李四、王五", "签到", None),
        (date(2022, 3, 10), "学习行政诉讼法", "张三", "请假", "党政办"),
    ],
    "心得体会": [("日期", "姓名", "题目"), (date(2022, 3, 12), "李四", "学习体会")],
    "推送": [("日期", "内容"), (date(2022, 3, 15), "推送一期")],
    "执法考试通过": [("日期", "姓名", "考试"), (date(2022, 10, 8), "李四", "行政执法资格考试")],
}
"""One or two rows of every kind: 4 sessions, and 3 + 3 + 2 + 4 + 3 records."""
