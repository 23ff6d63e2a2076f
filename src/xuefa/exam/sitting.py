"""A sitting (一场考试): who is expected to sit a paper (应考名单), and from when to when it is open.

`sittings/<paper>.json` in the course is the staff's; a copy stands beside the released notebook, for a PC of one's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, ValidationError

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding
from xuefa.exam.names import require_learner_id, require_paper_id
from xuefa.records.record import Learner
from xuefa.strict_yaml import Many, StrictModel

SITTING_FILE = "sitting.json"


class Candidate(StrictModel):
    """Someone who is expected to sit a paper."""

    learner_id: str
    name: str


class Sitting(StrictModel):
    """One sitting; `opens_at` and `closes_at` are aware, None for open at any time. Candidates are in order of id."""

    format: Literal[1] = 1
    paper_id: str
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    candidates: Many[Candidate]

    def find(self, learner_id: str) -> Candidate | None:
        """The candidate of that id, or None if they are not expected."""
        return next((one for one in self.candidates if one.learner_id == learner_id), None)

    def is_open(self, now: datetime) -> bool:
        """Whether a candidate may begin at that time."""
        return not (self.opens_at and now < self.opens_at) and not (self.closes_at and now >= self.closes_at)


def make_sitting(
    paper_id: str,
    *,
    learners: Iterable[Learner],
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> Sitting:
    """A sitting of these learners; raise BadInputError for an id that cannot name a folder."""
    ids = {require_learner_id(learner.learner_id): learner.name for learner in learners}
    candidates = tuple(Candidate(learner_id=learner_id, name=ids[learner_id]) for learner_id in sorted(ids))
    return Sitting(paper_id=paper_id, opens_at=opens_at, closes_at=closes_at, candidates=candidates)


def write_sitting(sitting: Sitting, path: Path) -> None:
    """Write a sitting that `read_sitting` gives back unchanged."""
    write_atomically(path, sitting.model_dump_json(indent=1).encode())


def read_sitting(path: Path) -> Sitting:
    """Read a sitting; raise BadInputError if it is not there or spoilt."""
    try:
        sitting = Sitting.model_validate_json(path.read_bytes())
        for candidate in sitting.candidates:
            require_learner_id(candidate.learner_id)
    except FileNotFoundError:
        raise BadInputError(Finding(str(path), "没有这份试卷的应考名单", "请先发布试卷")) from None
    except ValidationError:
        raise BadInputError(Finding(str(path), "应考名单读不出来", "请重新发布试卷")) from None
    if len({candidate.learner_id for candidate in sitting.candidates}) != len(sitting.candidates):
        raise BadInputError(Finding(str(path), "应考名单里有重复的编号", "请重新发布试卷"))
    return sitting


def sitting_path(course_dir: Path, paper_id: str) -> Path:
    """Where the staff's copy of a paper's sitting stands."""
    return course_dir / "sittings" / f"{require_paper_id(paper_id)}.json"


def read_course_sitting(paper_id: str, *, course_dir: Path) -> Sitting:
    """The sitting of a paper of the course; raise BadInputError if it is not there or spoilt."""
    return read_sitting(sitting_path(course_dir, paper_id))
