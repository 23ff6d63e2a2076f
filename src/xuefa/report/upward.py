"""The one file that a township sends to the county: aggregates of a year, without names, sealed by a digest."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from xuefa.atomic_file import write_file
from xuefa.errors import BadInputError, Finding
from xuefa.report.figure import Figure, Figures
from xuefa.strict_yaml import Fault, Many, StrictModel

FORMAT: Literal["xuefa-report-export"] = "xuefa-report-export"
VERSION: Literal[1] = 1
Adding = Literal["count", "rate", "no"]
"""How the figures of several townships make one: add the counts; add n and add N; not at all."""

_MAX_BYTES = 5_000_000
_ADDED_COUNTS = frozenset(
    {
        *("study_sessions", "seminars", "lectures", "court_visits", "study_minutes"),
        *("expected", "present", "excused", "absent", "attendances", "extra", "attendees"),
        *("seminar_attendances", "seminar_attendees", "lecture_attendances", "lecture_attendees"),
        *(
            "court_visit_attendances",
            "court_visit_attendees",
            "reflections",
            "discussion_papers",
            "writings",
            "writers",
        ),
        *("pushes", "certified", "answers", "answerers", "exams_expected", "exams_present", "whole_year_staff"),
    }
)
_ADDED_FAMILIES = frozenset(
    {
        *("sessions_kind", "sessions_quarter", "sessions_month", "sessions_law", "attendances_month"),
        *("answers_law", "answers_month", "exam_expected", "exam_present", "exam_absent"),
    }
)
_SESSIONS_BY_KIND = "sessions_month_"
_NEVER_ADDED_FAMILIES = frozenset({"sessions_share", "change"})
_OF_UNITS = "_unit"


class ExportedFigure(StrictModel):
    """A figure as the township has it; `value` is a count, `numerator` and `denominator` are a rate's n and N.

    What cannot be added has its name alone: the mean of an exam that one person sat would tell that person's score.
    """

    figure_id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")
    name: str
    unit: str
    family: str
    key: str
    label: str
    adding: Adding
    text: str
    value: int | None = None
    numerator: int | None = None
    denominator: int | None = None

    @model_validator(mode="after")
    def _require_numbers(self) -> ExportedFigure:
        n, of = self.numerator, self.denominator
        if self.adding == "count" and (self.value is None or self.value < 0):
            raise Fault(f"“{self.name}”没有数值", "请让报送单位重新导出")
        if self.adding == "rate" and (n is None or of is None or not 0 <= n <= of):
            raise Fault(f"“{self.name}”的分子分母不对", "请让报送单位重新导出")
        return self


class Export(StrictModel):
    """The aggregates of one unit and year; `made_at` is when, as ISO text."""

    format: Literal["xuefa-report-export"]
    version: Literal[1]
    unit: str = Field(min_length=1)
    year: int
    made_at: str
    figures: Many[ExportedFigure]

    @property
    def digest(self) -> str:
        """SHA-256 of the content: it tells a changed file from the one that was written, not who wrote it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def code(self) -> str:
        """The first eight characters of the digest, to be compared over the telephone."""
        return self.digest[:8].upper()


def make_export(figures: Figures, *, unit: str, year: int, made_at: datetime) -> Export:
    """The export of a year's figures; figures of single units, where few people stand behind a number, stay out."""
    return Export(
        format=FORMAT,
        version=VERSION,
        unit=unit,
        year=year,
        made_at=made_at.isoformat(timespec="seconds"),
        figures=tuple(_export(figure) for figure in figures.values() if not figure.family.endswith(_OF_UNITS)),
    )


def write_export(export: Export, path: Path) -> None:
    """Write the export (.json) with its digest; raise BadInputError if the file cannot be written."""
    content = {**export.model_dump(), "digest": export.digest}
    write_file(path, json.dumps(content, ensure_ascii=False, indent=1).encode())


def read_export(path: Path) -> Export:
    """Read an export.

    Raises BadInputError: no such file, too large, no export, of a newer version, or changed since it was written.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _refuse(path, "文件太大，不是报送文件", "请检查是不是选错了文件")
        content = json.loads(path.read_bytes())
    except OSError:
        raise _refuse(path, "找不到或者读不出这个文件", "请检查文件名和所在的文件夹") from None
    except (ValueError, RecursionError):
        raise _refuse(path, "不是报送文件", "请使用乡镇用 xuefa report export 写出的文件") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _refuse(path, "不是报送文件", "请使用乡镇用 xuefa report export 写出的文件")
    if content.get("version") != VERSION:
        raise _refuse(path, f"格式版本是 {content.get('version')}，这里只认得 {VERSION}", "请把学法程序更新到最新版本")
    digest = content.pop("digest", None)
    try:
        export = Export.model_validate_json(json.dumps(content))
    except ValidationError:
        raise _refuse(path, "内容不完整或者不合格式", "请让报送单位重新导出") from None
    if export.digest != digest:
        raise _refuse(path, "封存校验不符，文件在写出以后被改动过", "请让报送单位重新导出，不要打开改动")
    return export


def _export(figure: Figure) -> ExportedFigure:
    adding = _adding(figure)
    return ExportedFigure(
        figure_id=figure.figure_id,
        name=figure.name,
        unit=figure.unit,
        family=figure.family,
        key=figure.key,
        label=figure.label,
        adding=adding,
        text="" if adding == "no" else figure.text,
        value=figure.value if adding == "count" and isinstance(figure.value, int) else None,
        numerator=figure.numerator,
        denominator=figure.denominator,
    )


def _adding(figure: Figure) -> Adding:
    if figure.family in _NEVER_ADDED_FAMILIES:
        return "no"
    if figure.denominator is not None:
        return "rate"
    known = (
        figure.figure_id in _ADDED_COUNTS
        or figure.family in _ADDED_FAMILIES
        or figure.family.startswith(_SESSIONS_BY_KIND)
    )
    return "count" if known and isinstance(figure.value, int) else "no"


def _refuse(path: Path, fault: str, fix: str) -> BadInputError:
    return BadInputError(Finding(path.name, fault, fix))
