"""Who a name in the ledger is, found on the roster by name, unit, day or id; in doubt, who might be meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from datetime import date

from xuefa.errors import Finding
from xuefa.records.ledger.kinds import EVERYONE
from xuefa.records.record import Learner
from xuefa.records.sheets import parse_code

_BETWEEN_NAMES = re.compile(r"[、，,；;/]")
_NAMED_AT_MOST = 3


class People:
    """The roster, searched by what a clerk writes."""

    def __init__(self, learners: Iterable[Learner]) -> None:
        self._learners = tuple(learners)
        self._by_id = {learner.learner_id.casefold(): learner for learner in self._learners}
        self._by_name: dict[str, list[Learner]] = {}
        for learner in self._learners:
            self._by_name.setdefault(close_up(learner.name), []).append(learner)

    def select_present(self, day: date) -> tuple[str, ...]:
        """The ids of those on the roster that day."""
        return tuple(learner.learner_id for learner in self._learners if _is_present(learner, day))

    def find_all(self, text: str, *, unit: str, day: date, place: str) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        """The ids of the people that a cell lists, each once, and a finding for each one in doubt.

        Names stand apart by 、 ， ； / or, where that makes names of the roster, by spaces; 全体 is everyone that day.
        """
        ids: dict[str, None] = {}
        findings: list[Finding] = []
        for name in self._split(text):
            if name in EVERYONE:
                ids.update(dict.fromkeys(self.select_present(day)))
                continue
            found = self._find(name, unit=unit, day=day, place=place)
            if isinstance(found, Finding):
                findings.append(found)
            else:
                ids[found.learner_id] = None
        return tuple(ids), tuple(findings)

    def name(self, learner_id: str) -> str:
        learner = self._by_id.get(learner_id.casefold())
        return learner.name if learner else learner_id

    def _split(self, text: str) -> Iterator[str]:
        for part in _BETWEEN_NAMES.split(text):
            whole = close_up(part)
            if not whole:
                continue
            if whole in EVERYONE or whole in self._by_name or parse_code(part).casefold() in self._by_id:
                yield whole
            else:
                yield from (close_up(name) for name in part.split())

    def _find(self, name: str, *, unit: str, day: date, place: str) -> Learner | Finding:
        by_id = self._by_id.get(parse_code(name).casefold())
        same_name = [by_id] if by_id else self._by_name.get(name, [])
        if not same_name:
            return Finding(place, f"名册里没有“{name[:20]}”{self._suggest(name)}", "请改正姓名，或者先把这个人导入名册")
        in_unit = [one for one in same_name if not unit or close_up(one.unit) == close_up(unit)]
        if not in_unit:
            units = "、".join(dict.fromkeys(one.unit for one in same_name))
            return Finding(place, f"{name}不在“{unit[:20]}”，名册里的单位是{units}", "请改正单位，或者不填单位")
        present = [one for one in in_unit if _is_present(one, day)]
        if not present:
            spans = "；".join(_describe_span(one) for one in in_unit[:_NAMED_AT_MOST])
            return Finding(place, f"{name}在 {day} 这一天不在岗（{spans}）", "请改正日期或者姓名；名册有误的先更正名册")
        if len(present) > 1:
            several = "、".join(f"{one.learner_id}（{one.unit}）" for one in present)
            return Finding(place, f"有 {len(present)} 个人叫{name}：{several}", "请把姓名改写成编号，或者填写单位")
        return present[0]

    def _suggest(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._by_name, n=_NAMED_AT_MOST, cutoff=0.5)
        people = "、".join(f"{near_name}（{self._by_name[near_name][0].unit}）" for near_name in near)
        return f"，相近的有{people}" if people else ""


def close_up(text: str) -> str:
    """The text without the spaces that pad Chinese characters."""
    return "".join(text.split()) if not text.isascii() else " ".join(text.split())


def _is_present(learner: Learner, day: date) -> bool:
    return learner.since <= day and (learner.until is None or day <= learner.until)


def _describe_span(learner: Learner) -> str:
    return f"{learner.since} 到岗" + (f"，{learner.until} 离岗" if learner.until else "")
