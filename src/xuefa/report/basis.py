"""What the numbers of a section rested on when it was written: every record and figure, sealed by a digest."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import numpy as np
from pydantic import ValidationError

from xuefa.atomic_file import write_file
from xuefa.errors import BadInputError, Finding
from xuefa.records.record import TAKES_BACK, ExamResult, Learner, Record, Session, Verb, find_taken_back
from xuefa.records.store import Store
from xuefa.report.calendar import Calendar
from xuefa.report.figure import Figures
from xuefa.report.frames import Frames
from xuefa.report.progress import Progress
from xuefa.strict_yaml import Many, StrictModel

_DIGEST_CHARACTERS = 16
_RECORDS_BETWEEN_LOOKS = 1000
_OF_RECORDS = ("answers", "attendance", "writings", "publicity", "completions", "certifications")


@dataclass(frozen=True)
class Holdings:
    """What the site holds: sessions, roster, exam results; the records, maybe millions, are read as they are needed."""

    store: Store
    sessions: tuple[Session, ...]
    learners: tuple[Learner, ...]
    exam_results: tuple[ExamResult, ...]

    def find_taken_back(self) -> dict[UUID, Record]:
        """The record that takes back each one that no longer counts, by the id of the latter."""
        return find_taken_back(self.store.read_records(verbs=TAKES_BACK, with_voided=True))

    def select_counting(self, *, year: int, time_zone: tzinfo) -> Iterator[Record]:
        """The records that a report of the year may rest on: of that year and the one before, and every pass."""
        near = [session.session_id for session in self.sessions if session.held_on.year in (year - 1, year)]
        taken_back = self.find_taken_back()
        for record in self.store.stream_records(
            since=Calendar(year - 1, time_zone).begins_at,
            until=Calendar(year, time_zone).ends_at,
            session_ids=near,
            verbs={Verb.CERTIFIED},
        ):
            if record.record_id not in taken_back and record.voids is None:
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
    figures: Figures,
    frames: Frames,
    holdings: Holdings,
    *,
    unit: str,
    year: int,
    written_at: datetime,
    time_zone: tzinfo,
    progress: Progress | None = None,
) -> Basis:
    """The basis of those figures; `progress` is told (done, all) of the records, about as many as the frames hold."""
    rows, sealed = _number_rows(figures, frames)
    years = [frames, *([frames.previous] if frames.previous else [])]
    expected = sum(len(getattr(part, source)) for part in years for source in _OF_RECORDS)
    return Basis(
        unit=unit,
        year=year,
        written_at=written_at.isoformat(),
        rows=rows,
        contents=dict(digest_contents(holdings, year=year, time_zone=time_zone, progress=progress, expected=expected)),
        figures=sealed,
    )


def _number_rows(figures: Figures, frames: Frames) -> tuple[tuple[str, ...], tuple[SealedFigure, ...]]:
    """Every row that a figure counts, frame by frame, and the figures with the places of their rows among them."""
    rows: list[str] = []
    sealed: dict[str, SealedFigure] = {}
    for source in dict.fromkeys(figure.source for figure in figures.values()):
        frame = getattr(frames, source)
        counted = [(figure, figure.positions_in(frame)) for figure in figures.values() if figure.source == source]
        is_counted = np.zeros(len(frame), bool)
        for _, positions in counted:
            is_counted[positions] = True
        places = len(rows) + np.cumsum(is_counted) - 1
        rows.extend(frame["row_id"][is_counted])
        for figure, positions in counted:
            at = tuple(places[positions].tolist())
            sealed[figure.figure_id] = SealedFigure(figure_id=figure.figure_id, text=figure.text, rows=at)
    return tuple(rows), tuple(sealed[figure_id] for figure_id in figures)


def digest_contents(
    holdings: Holdings, *, year: int, time_zone: tzinfo, progress: Progress | None = None, expected: int = 0
) -> Iterator[tuple[str, str]]:
    """Id and digest of every value that a report of the year may rest on.

    `progress` is told (done, `expected`), the number of values that there may be.
    """
    for number, record in enumerate(holdings.select_counting(year=year, time_zone=time_zone)):
        if progress and not number % _RECORDS_BETWEEN_LOOKS:
            progress(number, expected)
        yield f"r:{record.record_id}", _digest_value(record)
    for session in holdings.sessions:
        if session.held_on.year in (year - 1, year):
            yield f"s:{session.session_id}", _digest_value(session)
    for learner in holdings.learners:
        yield f"l:{learner.learner_id}", _digest_value(learner)
    for result in holdings.exam_results:
        if result.held_on.year in (year - 1, year):
            yield f"e:{result.paper_id}/{result.learner_id}", _digest_value(result)


class PackedBasis(NamedTuple):
    """A basis as it is kept, with its digest: of a large year a small part of the basis itself."""

    digest: str
    content: bytes


def pack_basis(basis: Basis) -> PackedBasis:
    """The basis as it is kept."""
    content = basis.model_dump_json().encode()
    packed = gzip.compress(content, compresslevel=3, mtime=0)  # harder makes digests no smaller
    return PackedBasis(hashlib.sha256(content).hexdigest(), packed)


def write_basis(basis: PackedBasis, folder: Path) -> None:
    """Keep the basis in the folder under its digest; the same basis is kept once."""
    path = _path(folder, basis.digest)
    if not path.is_file():
        write_file(path, basis.content)


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
    names, read = _FIELDS[type(value)]
    content = dict(zip(names, read(value), strict=True))
    return hashlib.sha256(_ENCODE(content).encode()).hexdigest()[:_DIGEST_CHARACTERS]


def _plain(value: object) -> object:
    """What JSON does not have, as it has it; sets in order, so that the digest is the same on every run."""
    return sorted(value) if isinstance(value, frozenset) else str(value)


_FIELDS = {
    kind: (names, attrgetter(*names))
    for kind in (Record, Session, Learner, ExamResult)
    for names in [sorted(field.name for field in fields(kind))]
}
_ENCODE = json.JSONEncoder(ensure_ascii=False, default=_plain).encode
