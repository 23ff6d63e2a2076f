"""Figures of the questions answered: how many and how well, by law, unit and month; counted in one pass each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import pandas as pd

from xuefa.report.figure import MONTHS, ONCE_A_PERSON, Counting, Figure, digest, identifier
from xuefa.report.frames import Frames
from xuefa.report.options import ReportOptions

_ACCURACY = "得满分的答题次数除以有评分的答题次数，同一人同一题每答一次计一次"
_EACH_TIME = "同一人同一题每答一次计一次"
_MOST_ITEMS = 3
_OF = Counting("answers")


def answer_figures(frames: Frames, options: ReportOptions) -> Iterator[Figure]:
    """答题次数, 答题人数 and 正确率."""
    answers = frames.answers
    yield _OF.count(answers, "answers", "答题次数", "次", f"年度内学法答题的次数，{_EACH_TIME}")
    yield _OF.distinct(
        answers, "learner_id", "answerers", "答题人数", "人", f"年度内至少答过一题的人数，{ONCE_A_PERSON}"
    )
    total = _Tally(answers, None)
    yield _OF.ratio(total.correct(), total.marked(), total.select(marked=True), "accuracy", "答题正确率", _ACCURACY)
    by_law = _Tally(answers, "law")
    known = {*frames.law_names}
    for law in (*(law for law in frames.law_names if law in by_law), *sorted(by_law.keys - known)):
        yield from _pair(
            by_law,
            law,
            ids=(f"answers_law_{identifier(law)}", f"accuracy_law_{identifier(law)}"),
            name=frames.law_names.get(law, law),
            what="{name}题目的答题次数，" + _EACH_TIME,
            family="law",
        )
    yield from _worst_items(frames, options)
    by_unit = _Tally(answers, "unit")
    for unit in sorted(by_unit.keys):
        yield from _pair(
            by_unit,
            unit,
            ids=(f"answers_u{digest(unit)}", f"accuracy_u{digest(unit)}"),
            name=unit,
            what="{name}人员答题的次数，单位以答题当天的名册为准",
            family="unit",
        )
    by_month = _Tally(answers, "month")
    for month in MONTHS:
        yield from _pair(
            by_month,
            month,
            ids=(f"answers_m{month:02d}", f"accuracy_m{month:02d}"),
            name=f"{month}月",
            what="{name}学法答题的次数，按答题时间",
            family="month",
        )


def _worst_items(frames: Frames, options: ReportOptions) -> Iterator[Figure]:
    """The questions that most answers missed, worst first: those answered often enough and right less than half."""
    by_item, least = _Tally(frames.answers, "item_id"), options.targets.min_answers
    known = [item for item in sorted(by_item.keys) if by_item.marked(item) >= least]
    missed = [item for item in known if 2 * by_item.correct(item) < by_item.marked(item)]
    for item in sorted(missed, key=lambda item: Fraction(by_item.correct(item), by_item.marked(item)))[:_MOST_ITEMS]:
        rule = frames.rules.get(item) or frames.law_names.get(item.partition("-")[0], item)
        yield _OF.ratio(
            by_item.correct(item),
            by_item.marked(item),
            by_item.select(item, marked=True),
            f"accuracy_item_{digest(item)}",
            f"题目{item}正确率",
            f"题目{item}（依据{rule}）{_ACCURACY}；只列答满{least}次、过半答错的题目，最多{_MOST_ITEMS}道",
            family="accuracy_item",
            key=item,
            label=rule,
        )


def _pair(
    tally: _Tally, key: str | int, *, ids: tuple[str, str], name: str, what: str, family: str
) -> Iterator[Figure]:
    """How many answers of one law, unit or month there are, and how many of them are right."""
    yield _OF.number(
        tally.size(key),
        tally.select(key),
        ids[0],
        f"{name}答题次数",
        "次",
        what.format(name=name),
        family=f"answers_{family}",
        key=str(key),
        label=name,
    )
    yield _OF.ratio(
        tally.correct(key),
        tally.marked(key),
        tally.select(key, marked=True),
        ids[1],
        f"{name}答题正确率",
        f"{name}{'题目' if family == 'law' else ''}{_ACCURACY}",
        family=f"accuracy_{family}",
        key=str(key),
        label=name,
    )


class _Tally:
    """Answers counted by one column in a single pass; rows are looked up only when they are asked for."""

    def __init__(self, answers: pd.DataFrame, by: str | None) -> None:
        self._answers, self._by = answers, by
        keys = pd.Series(0, index=answers.index) if by is None else answers[by]
        self._sizes, self._marked, self._correct = (
            {key: int(count) for key, count in part.value_counts(sort=False).items() if count}
            for part in (keys, keys[answers["is_marked"]], keys[answers["is_correct"]])
        )

    @property
    def keys(self) -> set[str]:
        return {str(key) for key in self._sizes}

    def __contains__(self, key: object) -> bool:
        return key in self._sizes

    def size(self, key: str | int = 0) -> int:
        return self._sizes.get(key, 0)

    def marked(self, key: str | int = 0) -> int:
        return self._marked.get(key, 0)

    def correct(self, key: str | int = 0) -> int:
        return self._correct.get(key, 0)

    def select(self, key: str | int = 0, *, marked: bool = False) -> Callable[[], pd.Series[str]]:
        def look_up() -> pd.Series[str]:
            rows = self._answers
            wanted = rows["row_id"].notna() if self._by is None else rows[self._by] == key
            return rows.loc[wanted & rows["is_marked"] if marked else wanted, "row_id"]

        return look_up
