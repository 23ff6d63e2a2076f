"""Reads the cells of one row of a ledger as days, minutes, laws, people and sessions, and collects what is wrong."""

from __future__ import annotations

import re
from datetime import date

from xuefa.errors import Finding
from xuefa.laws.catalogue import Catalogue
from xuefa.records.ledger.known import Known
from xuefa.records.ledger.people import close_up
from xuefa.records.ledger.reading import LedgerRow
from xuefa.records.record import Session
from xuefa.records.sheets import parse_code, parse_date

LONGEST_SESSION_MINUTES = 600
_MONTH_AND_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_HOURS_AND_MINUTES = re.compile(r"(?:(\d+(?:\.\d+)?)个?小时)?(?:(\d+(?:\.\d+)?)(?:分钟?)?)?")
_BETWEEN_LAWS = re.compile(r"[、，,；;]|(?<=》)\s*(?=《)")


class CellReader:
    """Reads the cells of a row and collects what is wrong with them."""

    def __init__(self, row: LedgerRow) -> None:
        self._row = row
        self.found: list[Finding] = []
        for column in row.kind.needed:
            if not row.cells[column]:
                self.add(f"{column}是空的", "请补上")

    def add(self, fault: str, fix: str) -> None:
        self.found.append(Finding(self._row.place, fault, fix))

    def read_day(self, known: Known) -> date | None:
        text = self._row.cells["日期"]
        if not text:
            return None
        short = _MONTH_AND_DAY.fullmatch(parse_code(text).replace(" ", ""))
        try:
            day = date(known.year, int(short[1]), int(short[2])) if short else parse_date(text)
        except ValueError:
            self.add(f"日期“{text[:20]}”认不出来", "请写成 2026-03-10 的形式")
            return None
        if day.year != known.year:
            self.add(f"日期 {day} 不在 {known.year} 年", f"请改正日期；如果确是 {day.year} 年的事，请按那一年导入")
        elif day > known.today:
            self.add(f"日期 {day} 还没有到", "请改正日期；还没有办的事办完再登记")
        return day

    def read_minutes(self) -> int | None:
        text = parse_code(self._row.cells["时长"])
        if not text:
            return None
        match = _HOURS_AND_MINUTES.fullmatch(text.replace(" ", ""))
        minutes = 60 * float(match[1] or 0) + float(match[2] or 0) if match else 0.0
        if not minutes.is_integer() or not 1 <= minutes <= LONGEST_SESSION_MINUTES:
            self.add(
                f"时长“{text[:20]}”不对", f"请填 1 至 {LONGEST_SESSION_MINUTES} 的整数，单位是分钟；以小时计的写明小时"
            )
            return None
        return int(minutes)

    def read_laws(self, catalogue: Catalogue) -> tuple[str, ...]:
        slugs: dict[str, None] = {}
        for name in _BETWEEN_LAWS.split(self._row.cells.get("学习的法律", "")):
            if not name.strip():
                continue
            law = catalogue.find(name) or catalogue.find("".join(name.split()))
            if law is None:
                titles = "、".join(entry.short_title for entry in catalogue)
                self.add(f"目录里没有《{name.strip(' 《》')[:30]}》", f"可用的名称：{titles}")
            else:
                slugs[law.slug] = None
        return tuple(slugs)

    def read_people(self, column: str, known: Known, day: date, *, unit: str = "") -> tuple[str, ...]:
        ids, findings = known.people.find_all(
            self._row.cells.get(column, ""), unit=unit, day=day, place=self._row.place
        )
        self.found.extend(findings)
        return ids

    def find_session(self, known: Known, day: date) -> Session | None:
        """The session of that day and title; of that day alone, where no title is given and there is but one.

        A correction may have moved it away since: without a title, such a one is as likely as one that is held then.
        """
        title = self._row.cells["主题"]
        held = [one for one in known.sessions.values() if one.held_on == day]
        matching = [one for one in held if not title or close_up(one.title) == close_up(title)]
        if not (title and matching):
            matching += [one for one in known.list_formerly_held(day, title) if one not in matching]
        if len(matching) == 1:
            return matching[0]
        listed = [*held, *(one for one in matching if one not in held)]
        titles = "、".join(
            f"“{one.title}”" + (f"（已更正为 {one.held_on}）" if one.held_on != day else "") for one in listed
        )
        if not matching and (in_doubt := known.row_places.get(("in doubt", day))):
            self.add(f"{in_doubt} 的学习活动还存疑，这里先不能登记", "请先改好那一行")
        elif not listed:
            self.add(f"{day} 没有登记过学习活动", "请先在“集中学习”等表里填上这一场，或者改正日期")
        elif not matching:
            self.add(f"{day} 没有主题是“{title[:30]}”的学习活动", f"这一天有{titles}，请改成一致的主题")
        else:
            self.add(f"{day} 有 {len(matching)} 场学习活动对得上：{titles}", "请填写主题，分清是哪一场")
        return None
