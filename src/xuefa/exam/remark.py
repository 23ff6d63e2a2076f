"""Marking again after a wrong key (重新阅卷): put keys right or void questions, mark again, say who changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from xuefa.bank.item import AnyItem, questions_of
from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.exam.gradebook import read_totals
from xuefa.exam.hand_marks import write_void_marks
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.marking import MarkingSummary, mark_paper
from xuefa.exam.names import require_paper_id
from xuefa.exam.notebook import write_source
from xuefa.exam.paper import Paper, read_course_paper
from xuefa.exam.release import release_paper
from xuefa.exam.remark_log import KeyChange, Remark, ReplacedMark, ScoreChange, append_remark
from xuefa.exam.remark_undo import old_paper_on_failure, put_back_interrupted
from xuefa.exam.scoring import Void
from xuefa.exam.sitting import Sitting, read_course_sitting

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Plan:
    """The paper before and after, and the items it will be marked by."""

    before: Paper
    after: Paper
    bank: Bank
    keys: tuple[KeyChange, ...]
    rewritten: tuple[str, ...]


def remark_paper(
    paper_id: str,
    *,
    bank: Bank,
    course_dir: Path,
    reason: str,
    remarked_at: datetime,
    void: Mapping[str, Void] | None = None,
    progress: Progress | None = None,
) -> Remark | None:
    """Mark a released paper by today's `bank`; give what changed, or None (and record nothing) if the paper did not.

    Only keys, explanations, citations and guides may differ from the items as they were set. `void` maps questions, or
    whole cases, to `full` (everyone gets the points) or `out` (not counted; total, pass mark and mark for 优秀 shrink
    in proportion); in them a hand-given mark is replaced, all others stay. Raises BadInputError, with a finding for
    everything that stands against it, before anything is written; if a later step fails the old paper is put back, and
    so it is first if the marking again before this one was cut off.
    """
    put_back_interrupted(require_paper_id(paper_id), course_dir=course_dir)
    plan = _make_plan(paper_id, bank=bank, course_dir=course_dir, reason=reason, void=void or {})
    sitting = read_course_sitting(paper_id, course_dir=course_dir)
    if plan is None:
        return None
    before = read_totals(course_dir, paper_id=paper_id)
    with old_paper_on_failure(paper_id, voided=plan.after.voided, course_dir=course_dir):
        write_source(plan.after, bank=plan.bank, course_dir=course_dir)
        release_paper(sitting, course_dir=course_dir)
        _summary, replaced = mark_counting_voids(plan.after, course_dir=course_dir, progress=progress)
        remark = Remark(
            paper_id=paper_id,
            remarked_at=remarked_at,
            reason=reason.strip(),
            keys=plan.keys,
            rewritten=plan.rewritten,
            voided={one: how for one, how in plan.after.voided.items() if plan.before.voided.get(one) != how},
            replaced=replaced,
            total_before=plan.before.total_points,
            total_after=plan.after.total_points,
            pass_before=plan.before.counted_pass_score,
            pass_after=plan.after.counted_pass_score,
            changes=_compare(plan, sitting=sitting, before=before, after=read_totals(course_dir, paper_id=paper_id)),
        )
        append_remark(remark, course_dir=course_dir)
    return remark


def mark_counting_voids(
    paper: Paper, *, course_dir: Path, progress: Progress | None = None
) -> tuple[MarkingSummary, tuple[ReplacedMark, ...]]:
    """Mark, and where a voided question had to be settled by hand mark again, so that totals and penalties follow."""
    summary = mark_paper(paper.paper_id, course_dir=course_dir, progress=progress)
    if not paper.voided:
        return summary, ()
    learner_ids = [marked.learner_id for marked in summary.marked]
    replaced, changed = write_void_marks(paper, learner_ids=learner_ids, course_dir=course_dir)
    if changed:
        summary = mark_paper(paper.paper_id, course_dir=course_dir, progress=progress)
    return summary, replaced


def _make_plan(paper_id: str, *, bank: Bank, course_dir: Path, reason: str, void: Mapping[str, Void]) -> _Plan | None:
    paper = read_course_paper(paper_id, course_dir=course_dir)
    kept = read_kept_items(paper_id, course_dir=course_dir)
    findings = []
    if not reason.strip():
        findings.append(Finding("--reason", "没有写原因", "请写明为什么要重新阅卷"))
    voided: dict[str, Void] = dict(paper.voided)
    for one, how in void.items():
        chosen = [
            question.question_id for question in paper.questions if one in (question.question_id, question.item_id)
        ]
        if not chosen:
            findings.append(Finding(f"试卷 {paper_id}", f"卷里没有题 {one}", "请检查题号，如 xzss-0017 或 xzss-0030.1"))
        voided |= dict.fromkeys(chosen, how)
    items = []
    for item in kept.items:
        faults = _check_item(item, bank=bank, place=f"试卷 {paper_id}")
        if faults and all(question.question_id in voided for question in questions_of(item)):
            items.append(item)
        else:
            findings += faults
            items.append(item if faults else bank[item.id])
    after = _rewrite_paper(paper, versions={item.id: item.version for item in items}, voided=voided)
    if after.total_points <= 0:
        findings.append(Finding(f"试卷 {paper_id}", "所有的题都不计入总分了", "请至少留下一题，或者重新组织考试"))
    if findings:
        raise BadInputError(*findings)
    fixed = replace(kept, items=tuple(items))
    keys = tuple(
        KeyChange(question_id=one, before=kept.question(one).key, after=fixed.question(one).key)
        for one in (question.question_id for question in paper.questions)
        if kept.question(one).key != fixed.question(one).key
    )
    with_new_key = {change.question_id.partition(".")[0] for change in keys}
    rewritten = tuple(
        item.id for item in items if item.version != kept[item.id].version and item.id not in with_new_key
    )
    if after == paper:
        return None
    return _Plan(before=paper, after=after, bank=fixed, keys=keys, rewritten=rewritten)


def _check_item(item: AnyItem, *, bank: Bank, place: str) -> list[Finding]:
    """What stands against marking by today's item: it asks something else than what learners answered."""
    if item.id not in bank:
        return [Finding(place, f"题库里没有 {item.id} 了", "请恢复这道题，或者用 --void 把它作废")]
    today = bank[item.id]
    if today.status == "retired":
        return [Finding(place, f"{item.id} 已经停用", "请恢复这道题，或者用 --void 把它作废")]
    asked = [(one.question_id, one.kind, one.story, one.stem, one.options) for one in questions_of(item)]
    if asked == [(one.question_id, one.kind, one.story, one.stem, one.options) for one in questions_of(today)]:
        return []
    return [
        Finding(
            place,
            f"{item.id} 的题型、题干或者选项在组卷以后改过，与学员答的不是同一道题",
            "请改回原来的文字（只可改答案、解析、法条和评分要点），或者用 --void 把它作废",
        )
    ]


def _rewrite_paper(paper: Paper, *, versions: Mapping[str, str], voided: Mapping[str, Void]) -> Paper:
    content = paper.model_dump(mode="json")
    content["voided"] = dict(sorted(voided.items()))
    for section in content["sections"]:
        for question in section["questions"]:
            question["item_version"] = versions[question["question_id"].partition(".")[0]]
    return Paper.model_validate_json(json.dumps(content))


def _compare(
    plan: _Plan, *, sitting: Sitting, before: Mapping[str, float], after: Mapping[str, float]
) -> tuple[ScoreChange, ...]:
    names = {candidate.learner_id: candidate.name for candidate in sitting.candidates}
    changes = (
        ScoreChange(
            learner_id=learner_id,
            name=names.get(learner_id, ""),
            before=score,
            after=after[learner_id],
            passed_before=score >= plan.before.counted_pass_score - 1e-9,
            passed_after=after[learner_id] >= plan.after.counted_pass_score - 1e-9,
        )
        for learner_id, score in sorted(before.items())
        if learner_id in after
    )
    return tuple(one for one in changes if one.before != one.after or one.passed_before != one.passed_after)
