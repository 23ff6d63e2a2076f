"""One learner's year: what they attended, answered, wrote and scored, as facts and in words; for their own eyes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal

from xuefa.laws.catalogue import Catalogue
from xuefa.records.record import VERB_NAMES, ExamResult, Learner, Record, Session, Verb
from xuefa.study.articles import render_date
from xuefa.study.manifest import Manifest
from xuefa.study.quiz import Tally


@dataclass(frozen=True, kw_only=True)
class StudyTargets:
    """What a learner's year is held to: `attendance` and `accuracy` in percent, `study_hours` None where none is set.

    A 学时 has `minutes_per_study_hour` minutes.
    """

    minutes_per_study_hour: int
    attendance: int
    accuracy: int
    study_hours: int | None = None


@dataclass(frozen=True, kw_only=True)
class Curriculum:
    """What the year of study is made of: the laws, the modules, and what a learner's year is held to."""

    catalogue: Catalogue
    manifest: Manifest
    targets: StudyTargets


@dataclass(frozen=True, kw_only=True)
class ExamNotice:
    """An exam that concerns a learner; `is_ahead` until they have handed in or it is closed, `can_enter` now."""

    title: str
    held_on: date
    says: str
    can_enter: bool
    is_ahead: bool


@dataclass(frozen=True, kw_only=True)
class ModuleDone:
    """What was done in one module: rounds of the quiz finished, 心得体会 handed in, answers given."""

    rounds: int = 0
    reflections: int = 0
    answers: int = 0


@dataclass(frozen=True, kw_only=True)
class LearnerYear:
    """The facts of one learner in one year, each list by time.

    `missed` are sessions held where they were expected, neither signed in nor excused. `expected` counts the sessions
    held where they were expected, `came` those of them that they signed in to.
    """

    learner: Learner
    year: int
    attended: tuple[Session, ...]
    excused: tuple[Session, ...]
    missed: tuple[Session, ...]
    expected: int
    came: int
    by_law: Mapping[str, Tally]
    modules: Mapping[int, ModuleDone]
    writings: tuple[Record, ...]
    certified: tuple[Record, ...]
    exam_results: tuple[ExamResult, ...]

    @property
    def minutes(self) -> int:
        return sum(session.minutes for session in self.attended)

    def study_hours(self, minutes_per_study_hour: int) -> Decimal:
        """学时 of the sessions attended, to one place, halves to even, as the report counts them."""
        return (Decimal(self.minutes) / minutes_per_study_hour).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)

    @property
    def answers(self) -> Tally:
        tallies = self.by_law.values()
        return Tally(right=sum(one.right for one in tallies), total=sum(one.total for one in tallies))


def summarise_learner_year(
    *,
    learner: Learner,
    year: int,
    today: date,
    records: Iterable[Record],
    sessions: Iterable[Session],
    exam_results: Iterable[ExamResult],
    law_of: Callable[[str], str | None],
    time_zone: tzinfo,
) -> LearnerYear:
    """Sum the learner's own records up; those of others and of other years are left out.

    A session belongs to the year of its day, a record to that of its own in `time_zone`; sessions after `today` are not
    held yet. `law_of` gives the slug of the law of an item id, None for an item of no law.
    """
    own = [record for record in records if record.learner_id == learner.learner_id]
    held = [one for one in sessions if one.held_on.year == year and one.held_on <= today]
    signed_in = {record.session_id for record in own if record.verb is Verb.SIGNED_IN}
    excused = {record.session_id for record in own if record.verb is Verb.EXCUSED} - signed_in
    own = [record for record in own if record.occurred_at.astimezone(time_zone).year == year]
    own.sort(key=lambda record: (record.occurred_at, record.record_id))
    answers = [record for record in own if record.verb is Verb.ANSWERED and record.max_points]
    laws = [(law_of(record.item_id or ""), record) for record in answers]
    expected = [one for one in held if learner.learner_id in one.expected]
    return LearnerYear(
        learner=learner,
        year=year,
        attended=tuple(one for one in held if one.session_id in signed_in),
        excused=tuple(one for one in held if one.session_id in excused),
        missed=tuple(one for one in expected if one.session_id not in signed_in | excused),
        expected=len(expected),
        came=sum(one.session_id in signed_in for one in expected),
        by_law={
            slug: _tally(record for law, record in laws if law == slug)
            for slug in dict.fromkeys(law for law, _ in laws)
            if slug
        },
        modules=_count_modules(own),
        writings=tuple(record for record in own if record.verb in {Verb.REFLECTED, Verb.PRESENTED}),
        certified=tuple(record for record in own if record.verb is Verb.CERTIFIED),
        exam_results=tuple(
            one for one in exam_results if one.learner_id == learner.learner_id and one.held_on.year == year
        ),
    )


def render_attendance(facts: LearnerYear, targets: StudyTargets) -> str:
    """参加学习 in a sentence or two."""
    hours = facts.study_hours(targets.minutes_per_study_hour)
    text = f"参加集中学习 {len(facts.attended)} 次，共 {facts.minutes} 分钟，合 {hours} 学时"
    text += f"（全年要求 {targets.study_hours} 学时）。" if targets.study_hours else "。"
    if facts.expected:
        text += f"应到 {facts.expected} 次，实到 {facts.came} 次，参学率 {100 * facts.came / facts.expected:.0f}%"
        text += f"（要求 {targets.attendance}%）。"
    if facts.excused:
        text += f"请假 {len(facts.excused)} 次。"
    return text


def render_answers(facts: LearnerYear) -> str:
    """答题 in a sentence."""
    answers = facts.answers
    if not answers.total:
        return "没有答过题。"
    rounds = sum(done.rounds for done in facts.modules.values())
    return (
        f"答题 {answers.total} 题次，答对 {answers.right} 题次，正确率 {100 * answers.right / answers.total:.0f}%；"
        f"做完小测验 {rounds} 轮。"
    )


def render_result(result: ExamResult) -> str:
    """One exam and what came of it."""
    if result.score is None:
        came = "缺考"
    else:
        came = f"{result.score:g} 分（满分 {result.max_score:g} 分），{_grade(result, result.score)}"
    return f"{render_date(result.held_on)}“{result.paper_title}”：{came}"


def render_writing(record: Record, *, manifest: Manifest, at: datetime) -> str:
    """What was handed in, for which module and when; times are shown in the zone of `at`."""
    day = render_date(record.occurred_at.astimezone(at.tzinfo).date())
    title = next((f"《{module.title}》" for module in manifest if module.number == record.module), "")
    return f"{day}　{VERB_NAMES[record.verb]}{title}"


def _grade(result: ExamResult, score: float) -> str:
    if score >= result.excellent_score:
        return "优秀"
    return "及格" if score >= result.pass_score else "不及格"


def _tally(records: Iterable[Record]) -> Tally:
    rights = [record.points == record.max_points for record in records]
    return Tally(right=sum(rights), total=len(rights))


def _count_modules(records: Iterable[Record]) -> dict[int, ModuleDone]:
    counts = Counter((record.module, record.verb) for record in records if record.module is not None)
    return {
        module: ModuleDone(
            rounds=counts[module, Verb.FINISHED],
            reflections=counts[module, Verb.REFLECTED],
            answers=counts[module, Verb.ANSWERED],
        )
        for module in sorted({module for module, _ in counts if module is not None})
    }
