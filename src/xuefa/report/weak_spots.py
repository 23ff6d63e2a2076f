"""The year's weak spots, chosen from the figures alone: what fell behind, and the step that follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from xuefa.report.figure import Figure, Figures
from xuefa.report.options import ReportOptions
from xuefa.report.section import Number, Run, Runs, Text

Values = Mapping[str, str | int | Figure | Runs]
_MOST_NAMED = 3


@dataclass(frozen=True)
class WeakSpot:
    """One problem and its next step: two templates and the values for their places."""

    problem: str
    step: str
    values: Values


def find_weak_spots(figures: Figures, options: ReportOptions) -> tuple[WeakSpot, ...]:
    """The weak spots of the year, in the order of the report: sessions, attendance, 学时, laws, questions, exams."""
    return (
        *_sessions(figures, options),
        *_attendance(figures, options),
        *_hours(figures, options),
        *_laws(figures, options),
        *_items(figures, options),
        *_exams(figures, options),
    )


def _sessions(figures: Figures, options: ReportOptions) -> Iterator[WeakSpot]:
    words = options.wording
    if figures["study_sessions"].is_nothing:
        yield WeakSpot(words.problem_no_sessions, words.step_no_sessions, {})
        return
    held = figures.family("sessions_month")
    empty = [int(month) for month, figure in held.items() if figure.is_nothing and not figure.is_open]
    if empty:
        yield WeakSpot(words.problem_months, words.step_months, {"months": _spans(empty)})


def _attendance(figures: Figures, options: ReportOptions) -> Iterator[WeakSpot]:
    words, target = options.wording, options.targets.attendance
    rate = figures["attendance_rate"]
    if is_below(rate, target):
        yield WeakSpot(words.problem_attendance, words.step_attendance, {"rate": rate, "target": target})
    people = figures.family("expected_people_unit")
    units = [
        figure
        for unit, figure in figures.family("attendance_rate_unit").items()
        if int(people[unit].value or 0) >= options.targets.min_unit_people
    ]
    if behind := _below(units, target, among=2):
        by_unit: Values = {"units": _named(behind, "参学率为"), "target": target}
        every = figures.family("attendance_rate_unit").values()
        some = words.problem_all_units if all(is_below(rate, target) for rate in every) else words.problem_units
        yield WeakSpot(some, words.step_attendance, by_unit)
    months = [rate for rate in figures.family("attendance_rate_month").values() if rate.denominator]
    if behind := _below(months, target, among=2):
        by_month: Values = {"months": _named(behind, "参学率为"), "target": target}
        some = words.problem_months_attendance if len(behind) < len(months) else words.problem_all_months
        yield WeakSpot(some, words.step_attendance, by_month)


def _hours(figures: Figures, options: ReportOptions) -> Iterator[WeakSpot]:
    rate = figures.get("hours_reached")
    if rate is not None and rate.denominator and rate.numerator != rate.denominator:
        yield WeakSpot(options.wording.problem_hours, options.wording.step_hours, {"rate": rate})


def _laws(figures: Figures, options: ReportOptions) -> Iterator[WeakSpot]:
    words, targets = options.wording, options.targets
    if figures["answers"].is_nothing:
        yield WeakSpot(words.problem_no_answers, words.step_no_answers, {})
        return
    known = [
        figure for figure in figures.family("accuracy_law").values() if (figure.denominator or 0) >= targets.min_answers
    ]
    problem = words.problem_law
    behind = _below(known, targets.accuracy)
    if not behind and len({figure.value for figure in known}) > 1:
        problem, behind = words.problem_weakest_law, _lowest(known)
    if behind:
        named = "".join(figure.label for figure in behind)
        yield WeakSpot(
            problem,
            words.step_law,
            {"rates": _named(behind, "答题正确率为"), "laws": named, "target": targets.accuracy},
        )


def _items(figures: Figures, options: ReportOptions) -> Iterator[WeakSpot]:
    """The questions that most answers missed, named by the rule they hang on and never by their words."""
    worst = list(figures.family("accuracy_item").values())
    if worst:
        rates = _joined([(Text(f"涉及{figure.label}的一道题正确率为"), _number(figure)) for figure in worst])
        rules = "、".join(dict.fromkeys(figure.label for figure in worst))
        yield WeakSpot(options.wording.problem_items, options.wording.step_items, {"rates": rates, "rules": rules})


def _exams(figures: Figures, options: ReportOptions) -> Iterator[WeakSpot]:
    words, target = options.wording, options.targets.exam_pass
    if not figures["exams_unmarked"].is_nothing:
        unmarked: Values = {"exams_unmarked": figures["exams_unmarked"]}
        yield WeakSpot(words.problem_exam_unmarked, words.step_exam_unmarked, unmarked)
    elif figures["exams"].is_nothing:
        yield WeakSpot(words.problem_no_exam, words.step_no_exam, {})
    absent = [figure for figure in figures.family("exam_absent").values() if not figure.is_nothing]
    if absent:
        exams = _joined([(Text(f"“{figure.label}”缺考"), _number(figure), Text("人")) for figure in absent])
        yield WeakSpot(words.problem_exam_absent, words.step_exam_absent, {"exams": exams})
    scored = [rate for rate in figures.family("exam_pass_rate").values() if has_scores(rate, options)]
    if behind := _below(scored, target)[:_MOST_NAMED]:
        exams = _joined([(Text(f"“{figure.label}”及格率为"), _number(figure)) for figure in behind])
        yield WeakSpot(words.problem_exam_below, words.step_exam_below, {"exams": exams, "target": target})


def has_scores(rate: Figure, options: ReportOptions) -> bool:
    """Whether so many sat an exam that its scores do not tell those of a person; `rate` counts them as its N."""
    return (rate.denominator or 0) >= options.targets.min_unit_people


def is_below(rate: Figure, target: int) -> bool:
    """Whether n/N is below `target` percent, unrounded (全数值比较法, GB/T 8170-2008, 4.3); without an N it is not."""
    return bool(rate.denominator) and Decimal(100 * (rate.numerator or 0)) < target * Decimal(rate.denominator or 0)


def _below(rates: list[Figure], target: int, *, among: int = 1) -> list[Figure]:
    """Those below the target, worst first; none where fewer than `among` have a value, for then they are the whole."""
    known = [rate for rate in rates if rate.denominator]
    return sorted((rate for rate in known if is_below(rate, target)), key=_ratio) if len(known) >= among else []


def _lowest(rates: list[Figure]) -> list[Figure]:
    lowest = min(map(_ratio, rates))
    return [rate for rate in rates if _ratio(rate) == lowest][:_MOST_NAMED]


def _ratio(rate: Figure) -> Decimal:
    return Decimal(rate.numerator or 0) / Decimal(rate.denominator or 1)


def _named(rates: list[Figure], what: str) -> Runs:
    """《甲》答题正确率为60.0%（12/20）、《乙》为…，以及《丁》: the three worst with their numbers, then the rest."""
    worst = _joined(
        [
            (Text(f"{rate.label}{'为' if number else what}"), _number(rate))
            for number, rate in enumerate(rates[:_MOST_NAMED])
        ]
    )
    rest = rates[_MOST_NAMED:]
    if not rest:
        return worst
    is_months = rest[0].family == "attendance_rate_month"
    others = _spans(sorted(int(rate.key) for rate in rest)) if is_months else "、".join(rate.label for rate in rest)
    return (*worst, Text(f"，以及{others}".replace("》、《", "》《")))


def _spans(months: list[int]) -> str:
    """1月至3月、7月、9月: three or more in a row are a span."""
    runs: list[list[int]] = []
    for month in months:
        if runs and month == runs[-1][-1] + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    spans = [f"{run[0]}月至{run[-1]}月" if len(run) > 2 else "、".join(f"{month}月" for month in run) for run in runs]
    return "、".join(spans)


def _number(figure: Figure) -> Number:
    return Number(figure.figure_id, figure.text)


def _joined(parts: list[tuple[Run, ...]]) -> Runs:
    runs: list[Run] = []
    for number, part in enumerate(parts):
        runs += [Text("、"), *part] if number else part
    return tuple(runs)
