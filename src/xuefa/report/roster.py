"""The roster of one year day by day: who was here, and in which unit, so that denominators follow its dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xuefa.records.columns import Coded
from xuefa.records.record import Learner
from xuefa.report.calendar import Calendar

NOT_ON_ROSTER = "（不在名册）"


class Roster:
    """The learners on each day of a year. On a day between two postings a learner has the unit of the one before."""

    def __init__(self, learners: Iterable[Learner], calendar: Calendar) -> None:
        self._learners = tuple({learner.learner_id: learner for learner in learners}.values())
        self._calendar = calendar
        self._rows = {learner.learner_id: row for row, learner in enumerate(self._learners)}
        self._units = (*sorted({p.unit for learner in self._learners for p in learner.postings}), NOT_ON_ROSTER)
        unit_codes = {unit: code for code, unit in enumerate(self._units)}
        shape = (len(self._learners) + 1, calendar.days)
        self._is_here = np.zeros(shape, bool)
        self._unit_on = np.empty(shape, np.int32)
        self._is_here[-1], self._unit_on[-1] = True, len(self._units) - 1  # whoever is not on the roster
        for row, learner in enumerate(self._learners):
            self._unit_on[row] = unit_codes[learner.postings[0].unit]
            for posting in learner.postings:
                since, after = self._day(posting.since), self._day(posting.until, after=True)
                self._unit_on[row, since:] = unit_codes[posting.unit]
                self._is_here[row, since:after] = True

    def frame(self) -> pd.DataFrame:
        """The `learners` of `Frames`; the unit is that of the year's last day."""
        here = self._is_here[:-1]
        people = self._learners
        return pd.DataFrame(
            {
                **{name: _texts(learner.learner_id for learner in people) for name in ("row_id", "learner_id")},
                "name": _texts(learner.name for learner in people),
                "unit": _texts(self._units[code] for code in self._unit_on[:-1, -1]),
                "post": _texts(learner.post for learner in people),
                "exam_eligible": np.array([learner.exam_eligible for learner in people], bool),
                "in_year": here.any(axis=1),
                "whole_year": here.all(axis=1),
                "at_year_end": here[:, -1],
            }
        )

    def is_here(self, learner: Coded, day: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether each learner is on the roster on that day of the year; who never was on it counts as here."""
        here: NDArray[np.bool_] = self._is_here[self._positions(learner), self._within(day)]
        return here

    def columns(self, learner: Coded, day: NDArray[Any]) -> dict[str, pd.Categorical]:
        """`learner_id`, `name` and, as of the day, `unit` of each row; who is not on the roster is named so."""
        people = [self._rows.get(learner_id) for learner_id in learner.values]
        names = [NOT_ON_ROSTER if row is None else self._learners[row].name for row in people]
        units = self._unit_on[self._positions(learner), self._within(day)]
        units[learner.codes < 0] = -1
        return {
            "learner_id": categorical(learner),
            "name": relabelled(learner, names),
            "unit": pd.Categorical.from_codes(units, categories=pd.Index(self._units, dtype="str")),
        }

    def _positions(self, learner: Coded) -> NDArray[np.intp]:
        rows = [self._rows.get(learner_id, len(self._learners)) for learner_id in learner.values]
        return np.array([*rows, len(self._learners)], np.intp)[learner.codes]  # code -1 takes the last

    def _within(self, day: NDArray[Any]) -> NDArray[np.int16]:
        within: NDArray[np.int16] = np.clip(day, 0, self._calendar.days - 1).astype(np.int16)
        return within

    def _day(self, day: date | None, *, after: bool = False) -> int:
        """The day's place in the year, or the next one's; without a date the end of the year."""
        place = self._calendar.days if day is None else (day - self._calendar.first_day).days + after
        return min(max(place, 0), self._calendar.days)


def categorical(column: Coded) -> pd.Categorical:
    """The column for pandas; its values must differ."""
    return pd.Categorical.from_codes(column.codes, categories=pd.Index(column.values, dtype="str"))


def relabelled(column: Coded, labels: Iterable[str]) -> pd.Categorical:
    """The column with a label in place of each value; two values may have one label."""
    codes, unique = pd.factorize(np.array([*labels], object))
    return pd.Categorical.from_codes(
        np.array([*codes, -1], np.int32)[column.codes], categories=pd.Index(unique, dtype="str")
    )


def _texts(values: Iterable[str]) -> pd.Series[str]:
    return pd.Series(list(values), dtype="str")
