"""The rows behind the figures: the columns people see of them, and all rows as files where the workbook has no room."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xuefa.report.figure import Source
from xuefa.report.frames import Frames
from xuefa.report.progress import Progress

COUNTED_FOR = "所依据的指标"
"""The heading of the column that lists, for each row, the numbers of the sheets whose figures count it."""
SOURCE_NAMES: dict[Source, str] = {
    "learners": "名册",
    "sessions": "学习活动",
    "session_laws": "学习活动的法律法规文件",
    "attendance": "参学",
    "answers": "答题",
    "writings": "心得体会和研讨材料",
    "publicity": "推送",
    "completions": "学完单元",
    "certifications": "执法考试通过",
    "unmarked_papers": "尚未阅卷的试卷",
    "exam_results": "模拟考试成绩",
}
_PERSON = {"learner_id": "学员编号", "name": "姓名", "unit": "单位"}
_RECORD = {"occurred_at": "时间", **_PERSON}
COLUMNS: dict[Source, dict[str, str]] = {
    "learners": {**_PERSON, "post": "职务"},
    "sessions": {
        "session_id": "场次编号",
        "held_on": "日期",
        "kind_name": "种类",
        "title": "内容",
        "minutes": "时长（分钟）",
        "host": "主持人",
    },
    "session_laws": {"session_id": "场次编号", "held_on": "日期", "title": "内容", "law_name": "法律法规文件"},
    "attendance": {
        "session_id": "场次编号",
        "held_on": "日期",
        "title": "内容",
        **_PERSON,
        "expected": "应到",
        "signed_in": "签到",
        "excused": "请假",
        "absent": "缺席",
    },
    "answers": {
        **_RECORD,
        "law_name": "法律法规文件",
        "item_id": "题目编号",
        "points": "得分",
        "max_points": "满分",
        "is_correct": "得满分",
    },
    "writings": {**_RECORD, "kind_name": "种类", "module": "单元", "session_id": "场次编号", "text": "正文"},
    "publicity": {"occurred_at": "时间", "text": "内容"},
    "completions": {**_RECORD, "module": "单元"},
    "certifications": {**_RECORD, "text": "说明"},
    "unmarked_papers": {"paper_title": "试卷", "held_on": "日期"},
    "exam_results": {
        "paper_title": "试卷",
        "held_on": "日期",
        **_PERSON,
        "score": "得分",
        "max_score": "满分",
        "has_sat": "实考",
        "has_passed": "及格",
        "is_excellent": "优秀",
    },
}
MOST_ROWS_OF_A_FILE = 1_000_000
"""Excel opens 1,048,576 rows of a file and drops the others."""
_CHUNK = 50_000


def list_values(column: pd.Series[Any]) -> list[Any]:
    """The values as Excel takes them: local times without a zone, 是 and empty for true and false, None for nothing."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_localize(None)
    values = column.astype("object").where(column.notna(), None).tolist()
    return [("是" if value else "") if isinstance(value, bool) else value for value in values]


def name_row_files(source: Source, count: int) -> list[str]:
    """The names of the files that hold so many rows of that frame."""
    parts = -(-count // MOST_ROWS_OF_A_FILE)
    return [f"{SOURCE_NAMES[source]}{number if parts > 1 else ''}.csv" for number in range(1, parts + 1)]


def render_all_rows(
    frames: Frames,
    counted: Mapping[Source, Mapping[str, NDArray[np.intp]]],
    *,
    written_at: datetime,
    progress: Progress,
) -> bytes:
    """A .zip with each of those frames as CSV files (UTF-8 with a byte-order mark), every row once.

    `counted` gives, of each frame, the positions of the rows that each numbered figure counts: the last column names
    those numbers. `progress` is told (done, all) of the rows.
    """
    content, done = io.BytesIO(), 0
    count = sum(len(getattr(frames, source)) for source in counted)
    with zipfile.ZipFile(content, "w") as archive:
        for source, positions in counted.items():
            frame: pd.DataFrame = getattr(frames, source)
            marks = _mark_rows(len(frame), positions)
            for number, name in enumerate(name_row_files(source, len(frame))):
                part = slice(number * MOST_ROWS_OF_A_FILE, (number + 1) * MOST_ROWS_OF_A_FILE)
                info = zipfile.ZipInfo(name, written_at.timetuple()[:6])
                info.compress_type = zipfile.ZIP_DEFLATED
                with (
                    archive.open(info, "w", force_zip64=True) as file,
                    io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text,
                ):
                    for lines in _chunks(frame.iloc[part], COLUMNS[source], marks[part]):
                        progress(done, count)
                        csv.writer(text).writerows(lines)
                        done += len(lines)
    return content.getvalue()


def _mark_rows(count: int, positions: Mapping[str, NDArray[np.intp]]) -> NDArray[np.object_]:
    """For each row the numbers of the figures that count it, as 第001、017号, which a spreadsheet leaves as it is."""
    codes, marks = np.zeros(count, np.int64), [""]
    for number, rows in positions.items():
        fresh, earlier = pd.factorize(codes[rows])
        codes[rows] = len(marks) + fresh
        marks += [f"{marks[code]}、{number}" for code in earlier]
    return np.array([mark and f"第{mark[1:]}号" for mark in marks], object)[codes]


def _chunks(
    rows: pd.DataFrame, columns: Mapping[str, str], marks: NDArray[np.object_]
) -> Iterator[Sequence[Iterable[str]]]:
    yield [(*columns.values(), COUNTED_FOR)]
    for start in range(0, len(rows), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        texts = (_texts(rows[name].iloc[chunk]) for name in columns)
        yield list(zip(*texts, marks[chunk].tolist(), strict=True))


def _texts(column: pd.Series[Any]) -> list[str]:
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return [_as_text(value) for value in list_values(column)]
    labels = np.array([*map(_as_text, column.cat.categories), ""], object)  # code -1 takes the last
    texts: list[str] = labels[column.cat.codes].tolist()
    return texts


def _as_text(value: object) -> str:
    """A time to the second, a day alone; a cell that a spreadsheet would take for a formula is marked as text."""
    if value is None:
        return ""
    text = str(value)
    if isinstance(value, datetime):
        return text[:19].removesuffix(" 00:00:00")
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
