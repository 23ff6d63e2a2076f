"""The days and months of one year in local time, for columns of UTC microseconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Calendar:
    """A year where the clocks show `time_zone`; days count from 0 for 1 January."""

    year: int
    time_zone: tzinfo

    @property
    def first_day(self) -> date:
        return date(self.year, 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, 12, 31)

    @property
    def begins_at(self) -> datetime:
        """The year's first instant, aware."""
        return self._midnight(self.first_day)

    @property
    def ends_at(self) -> datetime:
        """The next year's first instant, aware."""
        return self._midnight(date(self.year + 1, 1, 1))

    @property
    def days(self) -> int:
        """365 or 366."""
        return (self.last_day - self.first_day).days + 1

    def day_of(self, occurred_at: NDArray[np.int64]) -> NDArray[np.int16]:
        """The day of each instant (microseconds since 1970 UTC); -1 before the year, `days` after it."""
        midnights = [self._midnight(self.first_day + timedelta(days=day)) for day in range(self.days + 1)]
        bounds = np.array([round(midnight.timestamp()) * 1_000_000 for midnight in midnights], np.int64)
        return (np.searchsorted(bounds, occurred_at, side="right") - 1).astype(np.int16)

    def month_of(self, day: NDArray[np.int16]) -> NDArray[np.int8]:
        """The month, 1–12, of each day; what lies outside the year is given the nearest."""
        months = np.array([(self.first_day + timedelta(days=n)).month for n in range(self.days)], np.int8)
        return months[np.clip(day, 0, self.days - 1)]

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.time_zone).astimezone(UTC)
