"""Sitting an exam (考试): who sits it, from when to when; what was handed in; taking hand-in files in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xuefa.errors import BadInputError, Finding
from xuefa.settings import TIME_ZONE, Settings
from xuefa.workflows.site import now, open_site_store, select_present

if TYPE_CHECKING:
    from xuefa.exam.collect import Collection
    from xuefa.exam.paper import Paper
    from xuefa.exam.room import Attendance
    from xuefa.exam.sitting import Sitting
    from xuefa.records.record import Learner


@dataclass(frozen=True, kw_only=True)
class Released:
    """A released paper: its notebook, those expected to sit it, in order of id, and its hours (aware).

    `notes` say what is odd about the hours, and how many are not called again (Chinese, whole sentences).
    """

    paper_id: str
    notebook: Path
    expected: tuple[Learner, ...]
    opens_at: datetime | None
    closes_at: datetime | None
    notes: tuple[str, ...]


def release_paper(*, settings: Settings, paper_id: str) -> tuple[Path, tuple[Learner, ...]]:
    """Release a paper without its key to those who may sit it, open at any time; they are its 应考 from then on."""
    (released,) = release_papers(settings=settings, paper_ids=[paper_id])
    return released.notebook, released.expected


def release_papers(
    *,
    settings: Settings,
    paper_ids: Sequence[str],
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Released, ...]:
    """Release papers without their keys; several (A, B …) share the candidates out in turn by id.

    A 补考 paper expects only those of the exam's other rounds who have not passed and have an attempt left. Released
    again, a paper keeps its hours where none are given, and everyone who has begun it. `progress` is told (done, all)
    of the papers; what it raises releases none. Raises BadInputError, releasing none, for times the wrong way round,
    papers that do not go together, a form that was released with others, or no one to expect.
    """
    from xuefa.exam.paper import read_course_paper
    from xuefa.exam.release import release_papers as release
    from xuefa.exam.remark_undo import require_not_interrupted
    from xuefa.exam.sitting import make_sitting

    papers = [read_course_paper(one, course_dir=settings.course_dir) for one in dict.fromkeys(paper_ids)]
    if len({(paper.held_on, paper.makeup_of, paper.attempt) for paper in papers}) > 1:
        raise BadInputError(
            Finding("试卷", "不是同一天、同一轮的试卷", "一起发的几份试卷会把考生分开，请分几次发布不同场次的试卷")
        )
    earlier = _read_earlier(papers, course_dir=settings.course_dir)
    for paper in papers:
        require_not_interrupted(paper.paper_id, course_dir=settings.course_dir)
    expected, not_called = _select_expected(papers, earlier=earlier.values(), settings=settings)
    shares = _deal(expected, papers, course_dir=settings.course_dir)
    sittings = []
    for paper in papers:
        opens, closes = _select_hours(opens_at, closes_at, before=earlier.get(paper.paper_id))
        sittings.append(make_sitting(paper.paper_id, learners=shares[paper.paper_id], opens_at=opens, closes_at=closes))
    notebooks = release(sittings, course_dir=settings.course_dir, progress=progress)
    return tuple(
        Released(
            paper_id=sitting.paper_id,
            notebook=notebook,
            expected=shares[sitting.paper_id],
            opens_at=sitting.opens_at,
            closes_at=sitting.closes_at,
            notes=(*_check_hours(sitting, paper=paper, now=now()), *not_called),
        )
        for paper, sitting, notebook in zip(papers, sittings, notebooks, strict=True)
    )


def read_status(*, settings: Settings, paper_id: str) -> tuple[Sitting, tuple[Attendance, ...]]:
    """When a paper is open, and how far every candidate is."""
    from xuefa.exam.room import read_attendances
    from xuefa.exam.sitting import read_course_sitting

    attendances = read_attendances(paper_id, course_dir=settings.course_dir)
    return read_course_sitting(paper_id, course_dir=settings.course_dir), attendances


def pack_hand_in(*, settings: Settings, paper_id: str, learner_id: str) -> Path:
    """Write the file that a learner passes on after handing in on a PC of their own, into `handed_in/`."""
    from xuefa.exam.hand_in_file import write_hand_in_file
    from xuefa.exam.names import require_paper_id
    from xuefa.exam.paper import PAPER_FILE, read_paper

    course_dir = settings.course_dir
    paper = read_paper(course_dir / "release" / require_paper_id(paper_id) / PAPER_FILE)
    return write_hand_in_file(paper, course_dir=course_dir, learner_id=learner_id, folder=course_dir / "handed_in")


def collect_files(*, settings: Settings, files: Sequence[Path]) -> Collection:
    """Take hand-in files in; each is taken or refused with its reason."""
    from xuefa.exam.collect import collect_hand_ins

    return collect_hand_ins(files, course_dir=settings.course_dir, now=now())


def _read_earlier(papers: Sequence[Paper], *, course_dir: Path) -> dict[str, Sitting]:
    """The sittings of papers that were released before; BadInputError if a form of the same round is left out."""
    from xuefa.exam.makeup import is_parallel_form
    from xuefa.exam.paper import read_papers
    from xuefa.exam.sitting import read_course_sitting, sitting_path

    chosen = {paper.paper_id for paper in papers}
    left_out = [
        one.paper_id
        for one in read_papers(course_dir)
        if one.paper_id not in chosen
        and is_parallel_form(one, papers[0])
        and sitting_path(course_dir, one.paper_id).exists()
    ]
    if left_out:
        together = "、".join(sorted(chosen | set(left_out)))
        raise BadInputError(
            Finding(
                f"试卷 {papers[0].paper_id}",
                f"同一轮的 {'、'.join(left_out)} 已经发过，考生已分在各卷",
                f"请把 {together} 一起再发",
            )
        )
    return {
        one: read_course_sitting(one, course_dir=course_dir)
        for one in sorted(chosen)
        if sitting_path(course_dir, one).exists()
    }


def _select_hours(
    opens_at: datetime | None, closes_at: datetime | None, *, before: Sitting | None
) -> tuple[datetime | None, datetime | None]:
    """The hours given, and those of the earlier release where none are; BadInputError for the wrong way round."""
    opens = opens_at or (before.opens_at if before else None)
    closes = closes_at or (before.closes_at if before else None)
    if opens and closes and closes <= opens:
        raise BadInputError(Finding("考试时间", "结束时间不晚于开始时间", "请检查 --from 和 --until"))
    return opens, closes


def _check_hours(sitting: Sitting, *, paper: Paper, now: datetime) -> Iterator[str]:
    if sitting.closes_at and sitting.closes_at <= now:
        yield "截止时间已经过了，学员不能再开始答题。"
    moment = sitting.opens_at or sitting.closes_at
    if moment and moment.astimezone(TIME_ZONE).date() != paper.held_on:
        yield f"组卷时定的日期是 {paper.held_on}，与考试时间不是同一天；应考名单和年度报告按组卷的日期算。"


def _select_expected(
    papers: Sequence[Paper], *, earlier: Iterable[Sitting], settings: Settings
) -> tuple[tuple[Learner, ...], tuple[str, ...]]:
    """Those here on the day who may sit the papers, for a 补考 only those who still need it; and whoever has begun.

    With a sentence on how many have used up their attempts, if any have.
    """
    from xuefa.exam.submission import submission_dir

    paper = papers[0]
    with open_site_store(settings) as store:
        roster = store.read_learners()
    begun = {
        one.learner_id
        for sitting in earlier
        for one in sitting.candidates
        if submission_dir(settings.course_dir, paper_id=sitting.paper_id, learner_id=one.learner_id).exists()
    }
    here = {learner.learner_id for learner in select_present(roster, paper.held_on) if learner.exam_eligible}
    if not here:
        raise BadInputError(
            Finding(
                "名册", f"{paper.held_on} 没有可参加执法考试的人", "请在名册里把“可参加执法考试”填成“是”，再导入一次"
            )
        )
    used_up: frozenset[str] = frozenset()
    if paper.makeup_of:
        from xuefa.exam.makeup import select_makeup_candidates

        candidates = select_makeup_candidates(papers, course_dir=settings.course_dir, now=now())
        used_up = (candidates.used_up & here) - begun
        here &= candidates.needed
    expected = tuple(learner for learner in roster if learner.learner_id in here | begun)
    if not expected:
        raise BadInputError(_no_one_for_makeup(paper, used_up=len(used_up)))
    if not used_up:
        return expected, ()
    return expected, (f"另有 {len(used_up)} 人没有及格，没有列入应考名单：{_render_limit(paper)}",)


def _no_one_for_makeup(paper: Paper, *, used_up: int) -> Finding:
    place = f"试卷 {paper.paper_id}"
    if used_up:
        return Finding(
            place,
            f"没有人可以补考：还有 {used_up} 人没有及格，{_render_limit(paper).rstrip('。')}",
            "不必发布这份补考卷；确要再考的，先在组卷方案里改 attempts，再从头组卷",
        )
    return Finding(place, "没有人需要补考", "这次考试应考的人里，考试那天在岗的都已及格，不必发布补考卷")


def _render_limit(paper: Paper) -> str:
    return f"按方案每人最多考 {paper.attempts} 次，他们已经考满，或者手里还有没考的卷。"


def _deal(learners: Sequence[Learner], papers: Sequence[Paper], *, course_dir: Path) -> dict[str, tuple[Learner, ...]]:
    """Deal the learners out over the papers in turn by id; who has begun one of the papers stays with it."""
    from xuefa.exam.submission import submission_dir

    shares: dict[str, tuple[Learner, ...]] = {paper.paper_id: () for paper in papers}
    for number, learner in enumerate(sorted(learners, key=lambda learner: learner.learner_id)):
        begun = (
            paper.paper_id
            for paper in papers
            if submission_dir(course_dir, paper_id=paper.paper_id, learner_id=learner.learner_id).exists()
        )
        shares[next(begun, papers[number % len(papers)].paper_id)] += (learner,)
    if empty := [paper_id for paper_id, share in shares.items() if not share]:
        raise BadInputError(
            Finding(f"试卷 {empty[0]}", "考生不够分，这份试卷一个人也没有", "请少发几份试卷，或者先补齐名册")
        )
    return shares
