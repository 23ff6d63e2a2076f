"""Who was expected, came, was excused or stayed away at each session of a year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xuefa.records.columns import Coded, EventColumns
from xuefa.records.record import Session, Verb
from xuefa.report.calendar import Calendar
from xuefa.report.roster import Roster

_OF_SESSION = ("held_on", "month", "quarter", "minutes", "is_study")
_NAMED = ("session_id", "title", "kind")


def build_attendance(
    sessions: Sequence[Session], session_frame: pd.DataFrame, events: EventColumns, roster: Roster, calendar: Calendar
) -> pd.DataFrame:
    """The `attendance` of `Frames`; `session_frame` holds `sessions` in the same order."""
    people = sorted({*events.learner_id.values, *(person for session in sessions for person in session.expected)})
    number = {person: code for code, person in enumerate(people)}
    named = [
        place * len(people) + np.sort(np.fromiter(map(number.__getitem__, session.expected), np.int64))
        for place, session in enumerate(sessions)
    ]
    expected = np.concatenate([np.empty(0, np.int64), *named])
    present, excused = (
        _pairs(events, verb, {session.session_id: place for place, session in enumerate(sessions)}, number)
        for verb in (Verb.SIGNED_IN, Verb.EXCUSED)
    )
    pairs = np.unique(np.concatenate([expected, present, excused]))
    place, person = np.divmod(pairs, max(len(people), 1))
    learner = Coded(person.astype(np.int32), tuple(people))
    first = np.datetime64(calendar.first_day, "D")
    held_on = session_frame["held_on"].to_numpy().astype("datetime64[D]")
    day = (held_on[place] - first).astype(np.int16)
    has_signed_in = np.isin(pairs, present)
    is_expected = np.isin(pairs, expected) & roster.is_here(learner, day)
    is_excused = np.isin(pairs, excused) & ~has_signed_in
    columns: dict[str, Any] = {
        "row_id": pd.Series(
            [f"{sessions[s].session_id}/{people[p]}" for s, p in zip(place.tolist(), person.tolist(), strict=True)],
            dtype="str",
        ),
        **roster.columns(learner, day),
        **{name: session_frame[name].astype("category").array.take(place) for name in _NAMED},
        **{name: session_frame[name].to_numpy()[place] for name in _OF_SESSION},
        "expected": is_expected,
        "signed_in": has_signed_in,
        "excused": is_excused,
        "absent": is_expected & ~has_signed_in & ~is_excused,
    }
    frame = pd.DataFrame(columns)
    return frame[frame[["expected", "signed_in", "excused"]].any(axis=1)].reset_index(drop=True)


def _pairs(events: EventColumns, verb: Verb, places: dict[str, int], number: dict[str, int]) -> NDArray[np.int64]:
    """Session × people + person of every event of that verb that names both, if the session is one of `places`."""
    wanted = [*(value == verb.value for value in events.verb.values), False]
    place = np.array([*(places.get(session, -1) for session in events.session_id.values), -1], np.int64)
    person = np.array([*(number[learner] for learner in events.learner_id.values), -1], np.int64)
    at, who = place[events.session_id.codes], person[events.learner_id.codes]
    kept = np.array(wanted)[events.verb.codes] & (at >= 0) & (who >= 0)
    return np.unique(at[kept] * len(number) + who[kept])
