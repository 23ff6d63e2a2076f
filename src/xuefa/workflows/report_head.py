"""Whose report it is and of which year: read from report.toml and written into it, all else left as it stands."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from typing import Any

from xuefa.settings import Settings
from xuefa.workflows.site import today


@dataclass(frozen=True)
class ReportHead:
    """The unit's name (empty while it is not filled in), the year, addressee, signatories, and the date of signing."""

    unit: str
    year: int
    addressee: str
    signatories: tuple[str, ...]
    date: date | None = None


def read_report_head(settings: Settings) -> ReportHead:
    """What report.toml says, or the project's where the site has none; a file that cannot be read gives this year."""
    path = settings.report_toml if settings.report_toml.is_file() else settings.project_dir / "reports" / "report.toml"
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        values = {}
    year, names, signed_on = values.get("year"), values.get("signatories"), values.get("date")
    return ReportHead(
        unit=str(values.get("unit", "")),
        year=year if isinstance(year, int) else today().year,
        addressee=str(values.get("addressee", "")),
        signatories=tuple(map(str, names)) if isinstance(names, list) else (),
        date=signed_on if isinstance(signed_on, date) else None,
    )


def write_report_head(settings: Settings, head: ReportHead) -> None:
    """Write the head into the site's report.toml, comments and wording kept; made from the project's where missing.

    Raises BadInputError, and leaves the file as it was, if the result is not as the file should be.
    """
    from xuefa.atomic_file import write_file
    from xuefa.report.options import parse_options

    path = settings.report_toml
    source = path if path.is_file() else settings.project_dir / "reports" / "report.toml"
    text = source.read_text(encoding="utf-8-sig")
    values = {
        "unit": head.unit,
        "year": head.year,
        "addressee": head.addressee,
        "signatories": list(head.signatories),
    }
    for key, value in values.items():
        text = _set_value(text, key, json.dumps(value, ensure_ascii=False))
    text = _set_value(text, "date", head.date.isoformat()) if head.date else _drop_line(text, "date")
    parse_options(text, place=str(path))
    write_file(path, text.encode())


def list_reminders(settings: Settings, *, year: int | None = None) -> tuple[str, ...]:
    """What whoever builds the section of that year, or of report.toml's, should still see to; in Chinese."""
    from xuefa.workflows.report import read_report_options

    options = read_report_options(settings, year)
    reminders = []
    if today() <= date(options.year, 12, 31):
        reminders.append(
            f"{options.year}年还没有过完：没有到月底的月份不列入“存在问题”；“全年”等说法请看是否合适，年底以后请再生成一次。"
        )
    if options.signatories and options.date is None:
        reminders.append(
            "还没有写成文日期：请在统计人员工作台里填，或者在 report.toml 的署名下面加一行，如 date = 2026-12-30。"
        )
    return tuple(reminders)


def _drop_line(text: str, key: str) -> str:
    head, table, rest = text.partition("\n[")
    return re.sub(rf"^{key}\s*=.*\n?", "", head, count=1, flags=re.MULTILINE) + table + rest


def _set_value(text: str, key: str, value: str) -> str:
    """Put the value into the line of that key at the head of the file; add the line at the top if there is none."""
    head, table, rest = text.partition("\n[")
    line = re.compile(rf'^{key}\s*=\s*(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^\s#]+)', re.MULTILINE)
    head, found = line.subn(lambda _: f"{key} = {value}", head, count=1)
    return (head if found else f"{key} = {value}\n{head}") + table + rest
