"""What a clerk decides about the report without touching code: `reports/report.toml`, read strictly."""

from __future__ import annotations

import re
import tomllib
from datetime import date as Date  # noqa: N812  the field is called `date` as in the file
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from xuefa.errors import BadInputError, Finding, MissingPartError
from xuefa.report.sentences import Wording
from xuefa.strict_yaml import Fault, Many, StrictModel

CountInWords = Literal["study_sessions", "reflections", "discussion_papers", "writings", "seminars", "pushes"]
MINUTES_PER_STUDY_HOUR = 45
_FAULTS = {
    "missing": ("缺少“{key}”", "请补上这一项"),
    "extra_forbidden": ("不认识的项“{key}”", "请检查拼写，或者删去"),
    "string_type": ("“{key}”应当是文字", "请放在英文双引号里"),
    "string_too_short": ("“{key}”还没有填写", "请填在英文双引号里，存盘后再运行一次"),
    "int_type": ("“{key}”应当是整数", "请改成不带引号的整数"),
    "date_type": ("“{key}”应当是日期", "请写成 2022-12-30 的形式，不带引号"),
    "tuple_type": ("“{key}”应当是几个词", '请写成 ["甲", "乙"] 的形式'),
    "literal_error": ("“{key}”的值“{value}”不在允许的范围内", "可用的值：{expected}"),
    "greater_than_equal": ("“{key}”的值“{value}”太小", "不能小于 {ge}"),
    "less_than_equal": ("“{key}”的值“{value}”太大", "不能大于 {le}"),
}


class Targets(StrictModel):
    """Thresholds below which the section speaks of a problem (percent, answers, persons); a percentage of 0 is none.

    `study_hours` is what each person has to reach in the year (学时), 0 where nobody has set it; learners see it too.
    """

    attendance: int = Field(default=80, ge=0, le=100)
    accuracy: int = Field(default=80, ge=0, le=100)
    exam_pass: int = Field(default=90, ge=0, le=100)
    study_hours: int = Field(default=0, ge=0)
    min_answers: int = Field(default=20, ge=1)
    min_unit_people: int = Field(default=3, ge=1)


class ReportOptions(StrictModel):
    """The content of `report.toml`.

    `unit` and `year` are what the section is about; `more_than` names the counts that are worded 20余 instead of 24;
    `laws_named` is how many laws the overview names; a 学时 has `minutes_per_study_hour` minutes; `townships` are those
    that a county expects to report.
    """

    unit: str = Field(min_length=1)
    year: int = Field(ge=1949, le=2100)
    addressee: str = ""
    signatories: Many[str] = ()
    date: Date | None = None
    minutes_per_study_hour: int = Field(default=MINUTES_PER_STUDY_HOUR, ge=1)
    laws_named: int = Field(default=5, ge=1)
    more_than: Many[CountInWords] = ()
    townships: Many[str] = ()
    targets: Targets = Targets()
    wording: Wording = Wording()

    @model_validator(mode="after")
    def _require_date_near_year(self) -> ReportOptions:
        if self.date and self.date.year not in (self.year, self.year + 1):
            raise Fault(f"成文日期 {self.date} 与 {self.year} 年度不符", "请改 date 或者 year")
        return self

    def for_year(self, year: int) -> ReportOptions:
        """The same options for another year; the date of signing does not go along."""
        return self if year == self.year else self.model_copy(update={"year": year, "date": None})


def read_options(path: Path) -> ReportOptions:
    """Read `report.toml`.

    Raises MissingPartError if there is no such file and BadInputError, with every fault, if it is not as it should be.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MissingPartError(
            Finding(str(path), "找不到报告的设置文件", "请从项目的 reports/report.toml 复制一份到这里")
        ) from None
    except UnicodeDecodeError:
        raise BadInputError(Finding(str(path), "不是 UTF-8 编码的文字", "请在编辑器里另存为 UTF-8 编码")) from None
    return parse_options(text, place=str(path))


def parse_options(text: str, *, place: str) -> ReportOptions:
    """The options that the text of a `report.toml` holds; raise BadInputError, with every fault found at `place`."""
    try:
        values: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInputError(
            Finding(f"{place}{_line_of(error)}", "写法不合格式", "请检查引号、等号和日期，文字要放在英文双引号里")
        ) from None
    try:
        return ReportOptions.model_validate(values)
    except ValidationError as error:
        raise BadInputError(*(_finding(place, details) for details in error.errors())) from None


def _finding(place: str, details: Any) -> Finding:
    key = ".".join(str(step) for step in details["loc"]) or "内容"
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, Fault):
        return Finding(f"{place}（{key}）", cause.fault, cause.fix)
    values = {"key": key, "value": details["input"], **details.get("ctx", {})}
    if "expected" in values:
        values["expected"] = values["expected"].replace("'", "").replace(" or ", "、").replace(", ", "、")
    fault, fix = _FAULTS.get(details["type"], ("“{key}”的值“{value}”不合要求", "请改正"))
    return Finding(f"{place}（{key}）", fault.format_map(values), fix.format_map(values))


def _line_of(error: tomllib.TOMLDecodeError) -> str:
    """Where the reader stopped; Python 3.11 tells it in the message alone."""
    at = re.search(r"line (\d+)", str(error))
    return f" 第 {at[1]} 行" if at else ""
