"""Taking hand-in files in (收卷): each is checked as untrusted data, and the better hand-in of a learner is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding
from xuefa.exam.answers import ANSWERS_FILE, Answers, read_answers, receipt_code, render_answers
from xuefa.exam.hand_in_file import HandInFile, parse_hand_in, read_hand_in_file
from xuefa.exam.paper import Paper, read_course_paper
from xuefa.exam.room import is_late
from xuefa.exam.sitting import Sitting, read_course_sitting
from xuefa.exam.submission import alone_in, submission_dir, write_handed_in
from xuefa.exam.times import render_time

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far ahead the clock of a learner's PC may be."""

Outcome = Literal["taken", "replaced", "unchanged", "not_better"]


@dataclass(frozen=True, kw_only=True)
class Collected:
    """A hand-in file in order: taken as the first one, in place of another, there already, or no better than it."""

    file: str
    paper_id: str
    learner_id: str
    name: str
    handed_in_at: datetime
    late: bool
    receipt: str
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What came of a round of collecting: every file is in one of the two."""

    collected: tuple[Collected, ...]
    refused: tuple[Finding, ...]


def collect_hand_ins(files: Iterable[Path], *, course_dir: Path, now: datetime) -> Collection:
    """Take hand-in files into `submitted/`, as if they had been handed in here; in any order with the same result.

    Of one learner's hand-ins the latest before the sitting closed is kept, and one after it never replaces one before.
    What is replaced stays in `replaced/<paper>_<learner>_<receipt>.json`. A file that cannot be taken is refused with
    its reason and stops no other one; a file taken before changes nothing.
    """
    collected, refused = [], []
    for path in files:
        try:
            collected.append(_collect(read_hand_in_file(path), course_dir=course_dir, now=now))
        except BadInputError as error:
            refused.append(replace(error.findings[0], place=path.name))
    return Collection(collected=tuple(collected), refused=tuple(refused))


def _collect(file: HandInFile, *, course_dir: Path, now: datetime) -> Collected:
    paper = read_course_paper(file.manifest.paper_id, course_dir=course_dir)
    sitting = read_course_sitting(paper.paper_id, course_dir=course_dir)
    candidate = sitting.find(file.manifest.learner_id)
    if candidate is None:
        raise BadInputError(Finding(file.name, "这份试卷的应考名单里没有这个人", "请核对编号；要补人请重新发布试卷"))
    answers = parse_hand_in(file, paper=paper)
    handed_in_at = _require_plausible_times(answers, sitting, name=file.name, now=now)
    return Collected(
        file=file.name,
        paper_id=paper.paper_id,
        learner_id=candidate.learner_id,
        name=candidate.name,
        handed_in_at=handed_in_at,
        late=is_late(sitting, handed_in_at),
        receipt=receipt_code(answers),
        outcome=_keep_better(paper, answers, sitting=sitting, course_dir=course_dir),
    )


def _require_plausible_times(answers: Answers, sitting: Sitting, *, name: str, now: datetime) -> datetime:
    """When it was handed in; raise BadInputError for times that cannot be: they come from the learner's own clock."""
    handed_in_at = answers.handed_in_at or answers.started_at
    said = render_time(handed_in_at)
    fault = ""
    if handed_in_at > now + CLOCK_TOLERANCE:
        fault = f"交卷时间 {said} 还没有到"
    elif handed_in_at < answers.started_at:
        fault = f"交卷时间 {said} 早于开始答题的时间"
    elif sitting.opens_at and handed_in_at < sitting.opens_at:
        fault = f"交卷时间 {said} 早于开考时间 {render_time(sitting.opens_at)}"
    if fault:
        raise BadInputError(Finding(name, fault, "请核对那台电脑的时钟，由监考人员决定怎样处理"))
    return handed_in_at


def _keep_better(paper: Paper, answers: Answers, *, sitting: Sitting, course_dir: Path) -> Outcome:
    folder = submission_dir(course_dir, paper_id=paper.paper_id, learner_id=answers.learner_id)
    if any(part.is_symlink() for part in (folder, folder.parent)):
        raise BadInputError(Finding(str(folder), "服务器上这个学员的文件夹是链接", "请换成真正的文件夹，再收一次"))
    folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder):
        path = folder / ANSWERS_FILE
        before = None
        if path.exists() or path.is_symlink():
            before = _read_before(path, paper=paper, learner_id=answers.learner_id)
            if render_answers(before) == render_answers(answers):
                return "unchanged"
            if _rank(before, sitting) >= _rank(answers, sitting):
                return "not_better"
            name = f"{paper.paper_id}_{before.learner_id}_{receipt_code(before)}.json"
            write_atomically(course_dir / "replaced" / name, render_answers(before).encode())
        handed_in_at = answers.handed_in_at or answers.started_at
        write_handed_in(paper, answers, course_dir=course_dir, handed_in_at=handed_in_at)
        return "replaced" if before else "taken"


def _read_before(path: Path, *, paper: Paper, learner_id: str) -> Answers:
    try:
        return read_answers(path, paper=paper, learner_id=learner_id)
    except BadInputError as error:
        fault = f"服务器上已有的答卷读不出来（{error.findings[0].fault}）"
        raise BadInputError(Finding(str(path), fault, "请先移走那份坏答卷，再收一次")) from None


def _rank(answers: Answers, sitting: Sitting) -> tuple[bool, bool, datetime, str]:
    """What is better: handed in, in time, later; at the same moment the receipt decides, so that order does not."""
    moment = answers.handed_in_at
    in_time = moment is not None and not is_late(sitting, moment)
    return moment is not None, in_time, moment or answers.started_at, receipt_code(answers)
