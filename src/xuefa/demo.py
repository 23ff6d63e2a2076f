"""A whole year of a township, made up from a seed: the roster, the ledger, the records and the exam answers.

The events are those that the township's own report for 2022 tells of: ten 集中学习 on the laws it names, two seminars,
more than twenty 心得体会 and 研讨材料, more than ten pushes, eight passes of the official exam. Who did what is made
up; the learners have numbers for names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from xuefa.bank.item import Question, questions_in
from xuefa.bank.reader import Bank
from xuefa.records.record import Learner, Record, Session, SessionKind, Verb, make_record_id
from xuefa.settings import TIME_ZONE

YEAR = 2022
EXAM_DAY = date(YEAR, 11, 18)
CERTIFICATION_DAY = date(YEAR, 10, 28)

_SOURCE = "demo"
_UNITS = ("党政综合办公室", "综合执法办公室", "民生服务中心", "农业综合服务中心", "村镇建设站", "财经服务中心")
_LEADERS = 8
_ELIGIBLE = range(9, 23)
_CERTIFIED = range(9, 17)
_ABSENT_FROM_EXAM = ("学员13", "学员21")
_REFLECTIONS = 17
_PAPERS_PER_SEMINAR = (3, 4)
_QUESTIONS_PER_QUIZ = 10

# How often a question of that law is answered right, before the learner's strength and the difficulty count.
_MASTERY = {"xzss": 0.80, "fyzz": 0.66, "xczx": 0.86}
_MIDDLING = 0.75

_GATHERINGS: tuple[tuple[date, SessionKind, str, int, tuple[str, ...]], ...] = (
    (date(YEAR, 1, 18), SessionKind.EVENING, "重大行政决策的范围和程序", 90, ("zdjc",)),
    (date(YEAR, 2, 22), SessionKind.STUDY_GROUP, "法治政府建设的目标和任务", 120, ("fzzf",)),
    (date(YEAR, 3, 15), SessionKind.EVENING, "公众参与、专家论证和风险评估", 90, ("zdjc",)),
    (date(YEAR, 4, 19), SessionKind.EVENING, "受案范围、起诉期限和管辖", 90, ("xzss",)),
    (date(YEAR, 5, 17), SessionKind.EVENING, "有组织犯罪的预防和线索报告", 90, ("fyzz",)),
    (date(YEAR, 6, 14), SessionKind.TWENTY_MINUTES, "乡镇在乡村振兴中的职责", 20, ("xczx",)),
    (date(YEAR, 6, 28), SessionKind.SEMINAR, "习近平法治思想学习研讨", 120, ()),
    (date(YEAR, 7, 19), SessionKind.EVENING, "产业、人才、文化、生态和组织", 90, ("xczx",)),
    (date(YEAR, 8, 16), SessionKind.EVENING, "举证责任、应诉和负责人出庭", 90, ("xzss",)),
    (date(YEAR, 9, 20), SessionKind.STUDY_GROUP, "行政执法制度和执法人员资格", 120, ("fzzf",)),
    (date(YEAR, 10, 18), SessionKind.EVENING, "反有组织犯罪中的协助义务和责任", 90, ("fyzz",)),
    (date(YEAR, 12, 6), SessionKind.SEMINAR, "习近平法治思想学习研讨", 120, ()),
)
_PUSHES = (
    *((1, 20), (2, 24), (3, 17), (4, 21), (5, 4), (5, 19), (6, 16)),
    *((7, 21), (8, 18), (9, 22), (10, 20), (11, 24), (12, 4)),
)


REPORT_SETTINGS = {
    "unit": '"青山乡"',
    "year": str(YEAR),
    "addressee": '"中共盐池县委"',
    "signatories": '["中共青山乡委员会", "青山乡人民政府"]',
}
"""What the township's own report says of itself, as values of `report.toml`."""


@dataclass(frozen=True)
class DemoYear:
    """What the township's year left behind, in the values of the records."""

    learners: tuple[Learner, ...]
    sessions: tuple[Session, ...]
    records: tuple[Record, ...]


def make_year(bank: Bank, *, seed: int) -> DemoYear:
    """The same year for the same bank and seed: 30 learners, 12 gatherings and everything recorded at them."""
    learners = tuple(_make_learner(number) for number in range(1, 31))
    sessions = tuple(_make_session(number, learners) for number in range(1, len(_GATHERINGS) + 1))
    records: list[Record] = []
    for session in sessions:
        rng = Random(f"{seed}/{session.session_id}")  # noqa: S311  a made-up year, not a secret
        present, attendance = _make_attendance(session, rng)
        records += attendance
        records += _make_quiz_answers(session, present, bank, rng)
    rng = Random(f"{seed}/writings")  # noqa: S311
    records += _make_reflections(sessions, records, bank, rng)
    records += _make_seminar_papers(sessions, records, rng)
    records += _make_pushes(sessions, bank, rng)
    records += [
        _record(Verb.CERTIFIED, CERTIFICATION_DAY, rng, learner_id=_name(number), text="行政执法资格考试")
        for number in _CERTIFIED
    ]
    return DemoYear(
        learners, sessions, tuple(sorted(records, key=lambda record: (record.occurred_at, record.record_id)))
    )


def make_exam_answers(
    questions: Sequence[Question], candidates: Iterable[Learner], *, seed: int
) -> Mapping[str, Mapping[str, str]]:
    """What each candidate who came to the practice exam answered: learner id → question id → letters or essay text."""
    return {
        candidate.learner_id: _answer_paper(questions, candidate, seed)
        for candidate in candidates
        if candidate.learner_id not in _ABSENT_FROM_EXAM
    }


def fill_in_report_settings(template: str) -> str:
    """The text of `reports/report.toml` with the township's own name, year and signatories."""
    for key, value in REPORT_SETTINGS.items():
        template = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", template)
    return template


def mark_essay(learner_id: str, question_id: str, max_points: float, *, seed: int) -> float:
    """The marks that the demo's trainer gives an essay: between half and full marks, in half points."""
    rng = Random(f"{seed}/essay/{learner_id}/{question_id}")  # noqa: S311
    return round(max_points * rng.uniform(0.5, 1.0) * 2) / 2


def _name(number: int) -> str:
    return f"学员{number:02d}"


def _make_learner(number: int) -> Learner:
    return Learner(
        learner_id=_name(number),
        name=_name(number),
        unit=_UNITS[number % len(_UNITS)],
        post="班子成员" if number <= _LEADERS else "干部",
        since=date(YEAR, 4, 1) if number == 30 else date(2021, 1, 1),
        until=date(YEAR, 9, 30) if number == 29 else None,
        exam_eligible=number in _ELIGIBLE,
    )


def _make_session(number: int, learners: tuple[Learner, ...]) -> Session:
    held_on, kind, title, minutes, laws = _GATHERINGS[number - 1]
    leaders_only = kind in {SessionKind.STUDY_GROUP, SessionKind.TWENTY_MINUTES}
    expected = frozenset(
        learner.learner_id
        for learner in learners
        if learner.is_here(held_on) and (learner.post == "班子成员" or not leaders_only)
    )
    return Session(
        session_id=f"{held_on.isoformat()}-1",
        held_on=held_on,
        kind=kind,
        title=title,
        minutes=minutes,
        host=_name(1 + number % 2),
        laws=laws,
        expected=expected,
    )


def _make_attendance(session: Session, rng: Random) -> tuple[list[str], list[Record]]:
    present, records = [], []
    for learner_id in sorted(session.expected):
        luck = rng.random()
        if luck < 0.9:
            present.append(learner_id)
            verb, text = Verb.SIGNED_IN, None
        elif luck < 0.97:
            verb, text = Verb.EXCUSED, rng.choice(("下村值班", "外出培训", "病假"))
        else:
            continue
        minute = rng.uniform(-10, 5)
        records.append(
            _record(verb, session.held_on, rng, minute, learner_id=learner_id, session_id=session.session_id, text=text)
        )
    return present, records


def _make_quiz_answers(session: Session, present: list[str], bank: Bank, rng: Random) -> list[Record]:
    questions = [
        question
        for question in questions_in(bank.select(laws=session.laws))
        if session.laws and question.kind != "essay"
    ]
    records: list[Record] = []
    for learner_id in present if questions else []:
        minute = session.minutes * 0.6
        for question in rng.sample(questions, _QUESTIONS_PER_QUIZ):
            seconds = rng.uniform(15, 70)
            minute += seconds / 60
            response = _answer(question, learner_id, rng)
            records.append(
                _record(
                    Verb.ANSWERED,
                    session.held_on,
                    rng,
                    minute,
                    learner_id=learner_id,
                    session_id=session.session_id,
                    module=bank.law_of(question.item).module,
                    item_id=question.question_id,
                    item_version=question.item.version,
                    response=response,
                    points=float(response == question.key),
                    max_points=1.0,
                    seconds=round(seconds, 1),
                )
            )
        module = bank.law_of(questions[0].item).module
        records.append(
            _record(
                Verb.FINISHED,
                session.held_on,
                rng,
                minute,
                learner_id=learner_id,
                session_id=session.session_id,
                module=module,
            )
        )
    return records


def _make_reflections(sessions: Sequence[Session], records: Sequence[Record], bank: Bank, rng: Random) -> list[Record]:
    taught = [session for session in sessions if session.laws]
    written = []
    for number, session in enumerate(taught):
        law = bank.catalogue[session.laws[0]]
        text = (
            f"学习{law.name}，主题是{session.title}。我对照自己的岗位，理了理哪些事项要走程序、期限从哪一天算起。"
            "以后遇到拿不准的，先查条文，再问法律顾问，然后答复群众。"
        )
        for learner_id in rng.sample(_present(session, records), 2 if number < _REFLECTIONS - len(taught) else 1):
            day = session.held_on + timedelta(days=rng.randint(1, 6))
            written.append(
                _record(
                    Verb.REFLECTED,
                    day,
                    rng,
                    learner_id=learner_id,
                    session_id=session.session_id,
                    module=law.module,
                    text=text,
                )
            )
    return written


def _make_seminar_papers(sessions: Sequence[Session], records: Sequence[Record], rng: Random) -> list[Record]:
    seminars = [session for session in sessions if session.kind is SessionKind.SEMINAR]
    return [
        _record(
            Verb.PRESENTED,
            session.held_on,
            rng,
            10.0 * place,
            learner_id=learner_id,
            session_id=session.session_id,
            text="结合本单位的工作，谈依法办事中遇到的问题和打算。",
        )
        for session, count in zip(seminars, _PAPERS_PER_SEMINAR, strict=True)
        for place, learner_id in enumerate(rng.sample(_present(session, records), count), start=1)
    ]


def _make_pushes(sessions: Sequence[Session], bank: Bank, rng: Random) -> list[Record]:
    records = []
    for number, (month, day) in enumerate(_PUSHES):
        pushed_on = date(YEAR, month, day)
        taught = [session for session in sessions if session.laws and session.held_on < pushed_on]
        law = bank.catalogue[taught[-1].laws[0]]
        channel = "微信公众号" if number % 3 == 0 else "微信群"
        records.append(_record(Verb.PUBLISHED, pushed_on, rng, text=f"{channel}：{law.name}学习要点"))
    return records


def _answer_paper(questions: Sequence[Question], candidate: Learner, seed: int) -> dict[str, str]:
    rng = Random(f"{seed}/exam/{candidate.learner_id}")  # noqa: S311
    answers = {}
    for question in questions:
        if question.kind == "essay":
            answers[question.question_id] = (
                "先查清事实和依据，再看本机关有没有职权、程序是否走全、期限是否已过，最后把理由和救济途径告知当事人。"
            )
        elif rng.random() > 0.02:  # now and then a question is left unanswered
            answers[question.question_id] = _answer(question, candidate.learner_id, rng)
    return answers


def _answer(question: Question, learner_id: str, rng: Random) -> str:
    strength = (int(learner_id.removeprefix("学员")) * 7 % 11 - 5) * 0.025
    mastery = _MASTERY.get(question.item.law_slug, _MIDDLING) + strength - 0.05 * (question.item.difficulty - 3)
    if rng.random() < mastery:
        return question.key
    if question.kind != "multiple":
        return rng.choice([letter for letter in question.options if letter != question.key])
    changed = rng.choice(list(question.options))
    picked = set(question.key) ^ {changed}
    return "".join(sorted(picked)) or changed


def _present(session: Session, records: Iterable[Record]) -> list[str]:
    return [
        record.learner_id
        for record in records
        if record.verb is Verb.SIGNED_IN and record.session_id == session.session_id and record.learner_id
    ]


def _record(  # noqa: PLR0913  a record has many optional parts
    verb: Verb,
    day: date,
    rng: Random,
    minute: float = 0.0,
    *,
    learner_id: str | None = None,
    session_id: str | None = None,
    module: int | None = None,
    item_id: str | None = None,
    item_version: str | None = None,
    points: float | None = None,
    max_points: float | None = None,
    response: str | None = None,
    seconds: float | None = None,
    text: str | None = None,
) -> Record:
    """A record of that day, `minute` minutes after seven in the evening."""
    occurred_at = (datetime.combine(day, time(19), TIME_ZONE) + timedelta(minutes=minute)).astimezone(UTC)
    occurred_at = occurred_at.replace(microsecond=occurred_at.microsecond // 1000 * 1000)
    return Record(
        record_id=make_record_id(occurred_at, rng.getrandbits(74)),
        verb=verb,
        occurred_at=occurred_at,
        source=_SOURCE,
        learner_id=learner_id,
        session_id=session_id,
        module=module,
        item_id=item_id,
        item_version=item_version,
        points=points,
        max_points=max_points,
        response=response,
        seconds=seconds,
        text=text,
    )
