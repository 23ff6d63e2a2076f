"""Verification: which numbers of a section, in words and charts, still hold, which changed, what was edited by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from xuefa.errors import Finding
from xuefa.report.basis import Basis
from xuefa.report.changes import Change, check_tampering, explain
from xuefa.report.charts import DrawnChart, render_value
from xuefa.report.document_reading import DocumentReading, read_document
from xuefa.report.figure import Figure, Figures
from xuefa.report.places import locate_numbers, locate_points
from xuefa.report.seal import Seal, SealedNumber, SealedPoint, show_numbers
from xuefa.report.section import NumberStyle

Status = Literal["holds", "changed", "edited", "removed", "no_figure"]


@dataclass(frozen=True)
class NumberCheck:
    """One number of the document: as sealed when written, as it stands in the file, as the records give it now.

    `status`: holds, changed (the records give another number now), edited (the file no longer says what was written),
    removed (its place in the file is gone), no_figure (the records no longer give this figure). `where` is its place in
    the words of the section; `because` says which records changed, empty where that is not known. `name` is empty where
    the figure is gone. A number that `is_drawn` is the point of a chart.
    """

    reference: str
    figure_id: str
    name: str
    status: Status
    sealed: str | None
    written: str | None
    current: str | None
    where: str = ""
    because: str = ""
    is_drawn: bool = False

    @property
    def line(self) -> str:
        """The number, its place and what became of it, in one line of Chinese."""
        now = f"，现在是{self.current or '没有'}" if self.status != "holds" else ""
        return f"{STATUS_NAMES[self.status]}：{self.where}{self.name} {self.written or self.sealed}{now}"

    @property
    def needs_telling(self) -> bool:
        """Whether it does not hold; a point that was drawn over by hand is told with its chart, before and after."""
        return self.status in _OF_RECORDS if self.is_drawn else self.status != "holds"


@dataclass(frozen=True)
class TextEdit:
    """A line or a chart of the document, number from 1, that is not as it was written; None: added or removed."""

    line: int
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Verification:
    """What became of a written section."""

    path: Path
    is_sealed: bool
    numbers: tuple[NumberCheck, ...]
    edits: tuple[TextEdit, ...]
    chart_edits: tuple[TextEdit, ...] = ()
    tampering: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every number holds, the text is as it was written, and no sealed record was tampered with."""
        holds = all(check.status == "holds" for check in self.numbers)
        return self.is_sealed and holds and not self.edits and not self.chart_edits and not self.tampering

    @property
    def summary(self) -> str:
        """One line in Chinese."""
        count = {status: sum(check.status == status for check in self.numbers) for status in _FAULTS}
        holding = len(self.numbers) - sum(count.values())
        parts = [f"共核对{len(self.numbers)}处数字，{holding}处与现有记录一致"]
        parts += [f"{number}处{_SHORT[status]}" for status, number in count.items() if number]
        if self.edits:
            parts.append(f"{len(self.edits)}处文字改动过")
        if self.chart_edits:
            parts.append(f"{len(self.chart_edits)}幅图改动过")
        if self.tampering:
            parts.append(f"{len(self.tampering)}条记录在封存以后被改动或者删去")
        if not self.is_sealed:
            parts.append("文件里没有封存信息（或者封存信息被改动过），无法判断文字是否改动过")
        return "，".join(parts) + "。"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is not as it should be, in Chinese."""
        place = self.path.name
        missing_seal = Finding(
            place,
            "文件里没有封存信息，或者封存信息被改动过，无法判断是否手工改过",
            "请核对的是由 xuefa report build 写出的文件，必要时重新生成",
        )
        return (
            *(() if self.is_sealed else (missing_seal,)),
            *(_number_finding(place, check) for check in self.numbers if check.needs_telling),
            *(_edit_finding(place, edit) for edit in self.edits),
            *(_chart_finding(place, edit) for edit in self.chart_edits),
            *self.tampering,
        )


STATUS_NAMES: dict[Status, str] = {
    "holds": "一致",
    "changed": "有变化",
    "edited": "手工改过",
    "removed": "已删去",
    "no_figure": "没有这个指标",
}
_OF_RECORDS = ("changed", "no_figure")
_SHORT: dict[Status, str] = {
    "changed": "记录有变化",
    "edited": "手工改过",
    "removed": "已被删去",
    "no_figure": "现有记录里没有",
}
_FAULTS: dict[Status, tuple[str, str]] = {
    "changed": ("记录有变化：写的是{sealed}，现在是{current}{because}", "请重新生成这一节，或者更正记录"),
    "edited": (
        "手工改过：生成时是{sealed}，文件里是{written}，按现有记录是{current}",
        "请改回，或者先更正记录再重新生成",
    ),
    "removed": ("文件里找不到这个数字了：生成时是{sealed}，按现有记录是{current}", "如果不是有意删去，请重新生成"),
    "no_figure": ("现有记录里没有这个指标了：文件里是{written}{because}", "请检查年度、单位和成绩册是否与生成时相同"),
}


def verify_document(
    path: Path, figures: Figures, *, basis: Basis | None = None, changes: tuple[Change, ...] = ()
) -> Verification:
    """Compare each number of a Word file, drawn ones too, with its figure now, and its text with the sealed one.

    `figures` are those of the file's year (`read_document(path).year`). With the `basis` of the file and the `changes`
    since then, each changed number is told with the records behind the change, and tampering with records is told.
    Raises MissingPartError or BadInputError if the file cannot be read.
    """
    reading = read_document(path)
    seal = reading.seal
    sealed = seal.numbers if seal else _unsealed_numbers(reading)
    places = {**locate_numbers(seal), **locate_points(seal)} if seal else {}
    checks = [_check_number(number, reading, figures, is_sealed=seal is not None) for number in sealed]
    checks += [_check_point(point, reading.charts, figures) for point in (seal.points if seal else ())]
    told = []
    for check in checks:
        where, because = places.get(check.reference, ""), ""
        if basis and check.status in _OF_RECORDS:
            because = explain(changes, basis.rows_of(check.figure_id) | _rows_now(figures, check.figure_id))
        name = check.name or ("" if where else check.figure_id)
        told.append(replace(check, where=where, name=name, because=because))
    return Verification(
        path,
        seal is not None,
        tuple(told),
        _find_edits(seal, reading) if seal else (),
        _find_chart_edits(seal.charts, reading.charts) if seal and seal.charts is not None else (),
        check_tampering(changes),
    )


def _rows_now(figures: Figures, figure_id: str) -> frozenset[str]:
    figure = figures.get(figure_id)
    return frozenset(figure.row_ids) if figure else frozenset()


def _unsealed_numbers(reading: DocumentReading) -> tuple[SealedNumber, ...]:
    """What the bookmarks alone tell of a file without a seal."""
    return tuple(
        SealedNumber(
            reference=reference,
            figure_id=reference.removeprefix("fig_").rpartition("_")[0],
            style="more_than" if text.endswith("余") else "exact",
            text=text,
        )
        for reference, text in reading.numbers.items()
    )


def _check_number(sealed: SealedNumber, reading: DocumentReading, figures: Figures, *, is_sealed: bool) -> NumberCheck:
    figure = figures.get(sealed.figure_id)
    written = reading.numbers.get(sealed.reference)
    current = _text_now(figure, sealed.style)
    return NumberCheck(
        reference=sealed.reference,
        figure_id=sealed.figure_id,
        name=figure.name if figure else "",
        status=_status(sealed.text, written, current),
        sealed=sealed.text if is_sealed else None,
        written=written,
        current=current,
    )


def _check_point(sealed: SealedPoint, charts: tuple[DrawnChart, ...], figures: Figures) -> NumberCheck:
    """A change of the records goes before an edit by hand, which is told with the chart anyway."""
    figure = figures.get(sealed.figure_id)
    current = _text_now(figure, "exact")
    drawn = charts[sealed.chart - 1].find_values(sealed.series, sealed.category) if sealed.chart <= len(charts) else ()
    status = _status(sealed.text, sealed.text, current)
    as_sealed = sealed.value is None if not drawn else sealed.value is not None and render_value(sealed.value) in drawn
    if status == "holds" and not as_sealed:
        status = "edited" if drawn else "removed"
    return NumberCheck(
        reference=sealed.reference,
        figure_id=sealed.figure_id,
        name=figure.name if figure else "",
        status=status,
        sealed=sealed.text,
        written=sealed.text if as_sealed else "、".join(drawn) or None,
        current=current,
        is_drawn=True,
    )


def _text_now(figure: Figure | None, style: NumberStyle) -> str | None:
    if figure is None:
        return None
    return figure.text_more_than if style == "more_than" else figure.text


def _status(sealed: str, written: str | None, current: str | None) -> Status:
    if written is None or not written.strip():
        return "removed"
    if written != sealed:
        return "edited"
    if current is None:
        return "no_figure"
    return "holds" if current == sealed else "changed"


def _find_edits(seal: Seal, reading: DocumentReading) -> tuple[TextEdit, ...]:
    """The lines that differ once their numbers are set aside."""
    edits = []
    for kind, a, a_end, b, b_end in SequenceMatcher(None, seal.lines, reading.lines, autojunk=False).get_opcodes():
        if kind != "equal":
            for offset in range(max(a_end - a, b_end - b)):
                before = seal.line(a + offset) if a + offset < a_end else None
                after = show_numbers(reading.lines[b + offset], dict(reading.numbers)) if b + offset < b_end else None
                edits.append(TextEdit(min(b + offset, b_end) + 1, before, after))
    return tuple(edits)


def _find_chart_edits(sealed: tuple[str, ...], drawn: tuple[DrawnChart, ...]) -> tuple[TextEdit, ...]:
    """The charts that no longer draw what they drew, each by its place."""
    pairs = enumerate(zip_longest(sealed, (chart.text for chart in drawn)), start=1)
    return tuple(TextEdit(number, before, after) for number, (before, after) in pairs if before != after)


def _chart_finding(place: str, edit: TextEdit) -> Finding:
    if edit.before is None or edit.after is None:
        return Finding(f"{place} 图{edit.line}", "图增加了或者删去了", "请确认是有意的，或者重新生成")
    before, after = _around_difference(edit.before, edit.after)
    return Finding(f"{place} 图{edit.line}", f"图里的数改动过：原为“{before}”，现为“{after}”", "请改回，或者重新生成")


def _number_finding(place: str, check: NumberCheck) -> Finding:
    fault, fix = _FAULTS[check.status]
    values = {
        "sealed": check.sealed or check.written,
        "written": check.written or "没有",
        "current": check.current or "没有",
        "because": f"。原因——{check.because}" if check.because else "",
    }
    name = f"（{check.name}）" if check.name else ""
    return Finding(f"{place} {check.where}{name}", fault.format_map(values), fix)


def _edit_finding(place: str, edit: TextEdit) -> Finding:
    if edit.before is None:
        return Finding(
            f"{place} 第 {edit.line} 段", f"是后来加上的：“{_shorten(edit.after or '')}”", "请确认这一段的内容"
        )
    if edit.after is None:
        return Finding(f"{place} 第 {edit.line} 段", f"删去了原有的“{_shorten(edit.before)}”", "请确认是有意删去")
    before, after = _around_difference(edit.before, edit.after)
    return Finding(f"{place} 第 {edit.line} 段", f"文字改动过：原为“{before}”，现为“{after}”", "请确认改动属实")


def _around_difference(before: str, after: str, *, margin: int = 8, most: int = 60) -> tuple[str, str]:
    """The parts of two lines that differ, with a few characters on either side."""
    start = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    tail = 0
    while tail < min(len(before), len(after)) - start and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    first = max(0, start - margin)
    return (
        _shorten(before[first : len(before) - tail + margin], most=most),
        _shorten(after[first : len(after) - tail + margin], most=most),
    )


def _shorten(text: str, *, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
