"""What the numbers of a section rested on when it was written: every record and figure, sealed by a digest."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from xuefa.atomic_file import write_file
from xuefa.errors import BadInputError, Finding
from xuefa.records.record import ExamResult, Learner, Record, Session, Verb, find_taken_back
from xuefa.report.figure import Figures
from xuefa.strict_yaml import Many, StrictModel

_DIGEST_CHARACTERS = 16


@dataclass(frozen=True)
class Holdings:
    """What the site holds: all records, voided ones and those that void included; sessions, roster, exam results."""

    records: tuple[Record, ...]
    sessions: tuple[Session, ...]
    learners: tuple[Learner, ...]
    exam_results: tuple[ExamResult, ...]

    def select_counting(self, *, year: int, time_zone: tzinfo) -> Iterator[Record]:
        """The records that a report of the year may rest on: of that year and the one before, and every pass."""
        near = {session.session_id for session in self.sessions if session.held_on.year in (year - 1, year)}
        taken_back = find_taken_back(self.records)
        for record in self.records:
            if record.record_id not in taken_back and record.voids is None:
                local_year = record.occurred_at.astimezone(time_zone).year
                if local_year in (year - 1, year) or record.verb is Verb.CERTIFIED or record.session_id in near:
                    yield record


class SealedFigure(StrictModel):
    """A figure as it was: how it was printed, and the rows that it was counted from, as places in `Basis.rows`."""

    figure_id: str
    text: str
    rows: Many[int]


class Basis(StrictModel):
    """Unit, year and time of writing; what every figure rested on; the digest of every value held then.

    `rows` are the ids of all rows that a figure counts; `contents` maps `r:` record, `s:` session, `l:` learner and
    `e:` exam result ids to the digest of their content.
    """

    unit: str
    year: int
    written_at: str
    rows: Many[str]
    contents: dict[str, str]
    figures: Many[SealedFigure]

    def rows_of(self, figure_id: str) -> frozenset[str]:
        """The ids of the rows that the figure was counted from; empty if there was no such figure."""
        return frozenset(
            self.rows[row] for figure in self.figures if figure.figure_id == figure_id for row in figure.rows
        )


def make_basis(
    figures: Figures, holdings: Holdings, *, unit: str, year: int, written_at: datetime, time_zone: tzinfo
) -> Basis:
    """The basis of those figures."""
    rows: dict[str, int] = {}
    sealed = tuple(
        SealedFigure(
            figure_id=figure.figure_id,
            text=figure.text,
            rows=tuple(rows.setdefault(str(row), len(rows)) for row in figure.rows),
        )
        for figure in figures.values()
    )
    return Basis(
        unit=unit,
        year=year,
        written_at=written_at.isoformat(),
        rows=tuple(rows),
        contents=dict(digest_contents(holdings, year=year, time_zone=time_zone)),
        figures=sealed,
    )


def digest_contents(holdings: Holdings, *, year: int, time_zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Id and digest of every value that a report of the year may rest on."""
    for record in holdings.select_counting(year=year, time_zone=time_zone):
        yield f"r:{record.record_id}", _digest_value(record)
    for session in holdings.sessions:
        if session.held_on.year in (year - 1, year):
            yield f"s:{session.session_id}", _digest_value(session)
    for learner in holdings.learners:
        yield f"l:{learner.learner_id}", _digest_value(learner)
    for result in holdings.exam_results:
        if result.held_on.year in (year - 1, year):
            yield f"e:{result.paper_id}/{result.learner_id}", _digest_value(result)


def write_basis(basis: Basis, folder: Path) -> str:
    """Keep the basis in the folder under its digest, which is returned; the same basis is kept once."""
    content = basis.model_dump_json().encode()
    digest = hashlib.sha256(content).hexdigest()
    path = _path(folder, digest)
    if not path.is_file():
        write_file(path, gzip.compress(content, mtime=0))
    return digest


def read_basis(folder: Path, digest: str) -> Basis | None:
    """The basis of that digest, None if it is not in the folder; raise BadInputError if the kept file was changed."""
    path = _path(folder, digest)
    if not digest.isalnum() or not path.is_file():
        return None
    try:
        content = gzip.decompress(path.read_bytes())
        if hashlib.sha256(content).hexdigest() == digest:
            return Basis.model_validate_json(content)
    except (OSError, EOFError, ValidationError):
        pass
    raise BadInputError(
        Finding(str(path), "保存的数据依据被改动过或者损坏了", "请从备份里恢复这个文件；恢复前不能断定数字从哪里来")
    )


def _path(folder: Path, digest: str) -> Path:
    return folder / f"{digest[:_DIGEST_CHARACTERS]}.json.gz"


def _digest_value(value: Record | Session | Learner | ExamResult) -> str:
    content = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """The value as JSON has it; sets in order, so that the digest is the same on every run."""
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def select_values(values: Iterable[Any], name: str) -> dict[str, Any]:
    """The values by the field that is their id."""
    return {str(getattr(value, name)): value for value in values}
