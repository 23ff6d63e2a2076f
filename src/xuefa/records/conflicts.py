"""What is wrong with values before they are written: one id with two contents, and text that no database keeps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, TypeVar

from xuefa.errors import BadInputError, ConflictError, Finding
from xuefa.records.record import SESSION_KIND_NAMES, VERB_NAMES, Learner, Posting, Record, Session, SessionKind, Verb

FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Record, Learner, Session)
}
"""The names of the fields of each value, in order, the id included."""

_KEYS: dict[type, tuple[str, str]] = {
    Record: ("记录", "record_id"),
    Learner: ("学员", "learner_id"),
    Session: ("学习活动", "session_id"),
}
_SHOWN = 20
FIELD_NAMES = {
    "verb": "种类",
    "occurred_at": "时间",
    "source": "来源",
    "learner_id": "学员",
    "session_id": "学习活动",
    "module": "单元",
    "item_id": "题号",
    "item_version": "题目版本",
    "points": "得分",
    "max_points": "满分",
    "response": "作答",
    "seconds": "用时（秒）",
    "text": "文字",
    "voids": "作废的记录",
    "name": "姓名",
    "unit": "单位",
    "post": "职务",
    "since": "到岗日期",
    "until": "离岗日期",
    "exam_eligible": "可参加执法考试",
    "earlier": "先前的任职",
    "held_on": "日期",
    "kind": "形式",
    "title": "主题",
    "minutes": "时长（分钟）",
    "host": "主持人",
    "laws": "学习的法律",
    "expected": "应到人员",
}
"""What the fields of the values are called in Chinese."""

_Value = TypeVar("_Value", Record, Learner, Session)


def index_by_id(values: Iterable[_Value], *, origin: str) -> dict[Any, _Value]:
    """The values by their ids, doubles left out.

    Raises ConflictError if an id comes with two contents, BadInputError for text that no database keeps; `origin` says
    in the message where the values come from.
    """
    by_id: dict[Any, _Value] = {}
    for value in values:
        _require_storable(value)
        if (known := by_id.setdefault(_id(value), value)) != value:
            raise ConflictError(_conflict(known, value, known_in=f"{origin}先", fresh_in="后来"))
    return by_id


def require_same(known: Iterable[_Value], fresh: dict[Any, _Value], *, known_in: str, fresh_in: str) -> None:
    """Raise ConflictError if a known value and the fresh one of its id differ, with a finding for each such pair."""
    contradictions = Contradictions(known_in=known_in, fresh_in=fresh_in)
    contradictions.add(known, fresh)
    contradictions.require_none()


class Contradictions:
    """Collects, part by part, the ids that have two contents: the first ones in words, the others as a count.

    `known_in` and `fresh_in` say where the two contents stand.
    """

    def __init__(self, *, known_in: str, fresh_in: str) -> None:
        self._known_in, self._fresh_in = known_in, fresh_in
        self._findings: list[Finding] = []
        self._count = 0

    def add(self, known: Iterable[_Value], fresh: dict[Any, _Value]) -> None:
        """Compare each known value with the fresh one of its id, if there is one."""
        for value in known:
            other = fresh.get(_id(value))
            if other is not None and value != other:
                self._count += 1
                if self._count <= _SHOWN:
                    self._findings.append(_conflict(value, other, known_in=self._known_in, fresh_in=self._fresh_in))

    def require_none(self) -> None:
        """Raise ConflictError if there is any."""
        if self._count > _SHOWN:
            rest = Finding(self._fresh_in, f"还有 {self._count - _SHOWN} 处同样的矛盾", "请先改正上面列出的")
            raise ConflictError(*self._findings, rest)
        if self._findings:
            raise ConflictError(*self._findings)


def render_brief(value: object) -> str:
    """A value of a field in at most 40 characters, in Chinese."""
    if value is None:
        return "（空）"
    if isinstance(value, Verb):
        return VERB_NAMES[value]
    if isinstance(value, SessionKind):
        return SESSION_KIND_NAMES[value]
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Posting):
        return f"{value.unit} {value.since}至{value.until}"
    if isinstance(value, frozenset | tuple):
        value = "、".join(sorted(part if isinstance(part, str) else render_brief(part) for part in value)) or "（空）"
    text = " ".join(str(value).encode(errors="replace").decode().split())
    return text if len(text) <= 40 else text[:39] + "…"


def _id(value: Record | Learner | Session) -> Any:
    return getattr(value, _KEYS[type(value)][1])


def _conflict(known: _Value, fresh: _Value, *, known_in: str, fresh_in: str) -> Finding:
    differing = [name for name in FIELDS[type(known)] if getattr(known, name) != getattr(fresh, name)]
    old, new = (
        "，".join(
            f"{FIELD_NAMES[name]} {_render_differing(getattr(value, name), getattr(other, name))}" for name in differing
        )
        for value, other in ((known, fresh), (fresh, known))
    )
    return Finding(
        f"{_KEYS[type(known)][0]} {render_brief(_id(known))}",
        f"同一个编号有两种内容：{known_in}是“{old}”，{fresh_in}是“{new}”",
        "没有写入任何内容；请查明哪一份正确，改正另一份后再试",
    )


def _render_differing(value: object, other: object) -> str:
    """The value in brief; of two long texts the part around the first difference."""
    if type(value) is not str or type(other) is not str:
        return render_brief(value)
    pairs = enumerate(zip(value, other, strict=False))
    parting = next((place for place, (old, new) in pairs if old != new), min(len(value), len(other)))
    return f"…{render_brief(value[parting - 10 :])}" if parting > 10 else render_brief(value)


def _require_storable(value: Record | Learner | Session) -> None:
    for name in FIELDS[type(value)]:
        content = getattr(value, name)
        if isinstance(content, str) and not is_storable(content):
            raise BadInputError(
                Finding(
                    f"{_KEYS[type(value)][0]} {render_brief(_id(value))} 的“{FIELD_NAMES[name]}”",
                    "含有不能保存的字符（空字符或残缺的字符）",
                    "请删去看不见的字符，或者重新输入这段文字",
                )
            )


def is_storable(text: str) -> bool:
    """Whether every database keeps the text: PostgreSQL cannot keep NUL, none can keep half of a surrogate pair."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
