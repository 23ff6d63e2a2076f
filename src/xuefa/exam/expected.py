"""Who is expected at an exam (应考名单): `expected/<paper>.json` in the course, which is never released."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding
from xuefa.exam.names import require_learner_id, require_paper_id
from xuefa.records.record import Learner


@dataclass(frozen=True, order=True)
class Candidate:
    """Someone who is expected to sit a paper."""

    learner_id: str
    name: str


def write_expected(paper_id: str, *, course_dir: Path, learners: Iterable[Learner]) -> tuple[Candidate, ...]:
    """Write who is expected, by id; raise BadInputError, writing nothing, for an id that cannot name a folder."""
    candidates = sorted(Candidate(require_learner_id(learner.learner_id), learner.name) for learner in learners)
    content = {"paper_id": paper_id, "expected": [[one.learner_id, one.name] for one in candidates]}
    write_atomically(_path(paper_id, course_dir), json.dumps(content, ensure_ascii=False, indent=1).encode())
    return tuple(candidates)


def read_expected(paper_id: str, *, course_dir: Path) -> tuple[Candidate, ...]:
    """Who is expected, by id; raise BadInputError if the list is not there or spoilt."""
    path = _path(paper_id, course_dir)
    try:
        content = json.loads(path.read_bytes())
        candidates = tuple(Candidate(require_learner_id(str(one)), str(name)) for one, name in content["expected"])
    except FileNotFoundError:
        raise BadInputError(Finding(str(path), "没有这份试卷的应考名单", "请先登记应考人员")) from None
    except (ValueError, KeyError, TypeError):
        raise BadInputError(Finding(str(path), "应考名单读不出来", "请重新登记应考人员")) from None
    if len({candidate.learner_id for candidate in candidates}) != len(candidates):
        raise BadInputError(Finding(str(path), "应考名单里有重复的编号", "请重新登记应考人员"))
    return candidates


def _path(paper_id: str, course_dir: Path) -> Path:
    return course_dir / "expected" / f"{require_paper_id(paper_id)}.json"
