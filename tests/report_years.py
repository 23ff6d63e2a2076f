"""Small study years made by hand, for the tests of the report."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from xuefa.demo import fill_in_report_settings
from xuefa.laws.catalogue import read_catalogue
from xuefa.records.record import (
    ExamResult,
    Learner,
    Posting,
    Record,
    Session,
    SessionKind,
    UnmarkedPaper,
    Verb,
    make_record_id,
)
from xuefa.report.figure import Figures
from xuefa.report.frames import Frames, build_frames
from xuefa.report.markdown import render_markdown
from xuefa.report.options import ReportOptions, read_options
from xuefa.report.recipe import read_recipe
from xuefa.report.section import Section
from xuefa.settings import TIME_ZONE

PROJECT_DIR = Path(__file__).parents[1]
CATALOGUE = read_catalogue(PROJECT_DIR / "question_bank" / "laws.yaml")
WRITTEN_AT = datetime(2022, 12, 30, 1, 0, tzinfo=UTC)


def local(text: str) -> datetime:
    """A local time such as "2022-03-01 19:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=TIME_ZONE)


class Ledger:
    """Collects what happened in a year; each call adds one thing."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.learners: list[Learner] = []
        self.sessions: list[Session] = []
        self.exam_results: list[ExamResult] = []
        self.unmarked_papers: list[UnmarkedPaper] = []
        self.rules: dict[str, str] = {}
        self.today: date | None = None

    def learner(
        self,
        learner_id: str,
        *,
        unit: str = "党政办",
        name: str | None = None,
        since: str = "2020-01-01",
        until: str | None = None,
        earlier: Iterable[tuple[str, str, str]] = (),
    ) -> str:
        """`earlier` postings are (unit, first day, last day)."""
        self.learners.append(
            Learner(
                learner_id=learner_id,
                name=name or f"学员{learner_id}",
                unit=unit,
                post="干部",
                since=date.fromisoformat(since),
                until=date.fromisoformat(until) if until else None,
                exam_eligible=True,
                earlier=tuple(
                    Posting(unit=place, post="干部", since=date.fromisoformat(first), until=date.fromisoformat(last))
                    for place, first, last in earlier
                ),
            )
        )
        return learner_id

    def session(
        self,
        day: str,
        *,
        expected: Iterable[str] = (),
        laws: tuple[str, ...] = (),
        kind: SessionKind = SessionKind.EVENING,
        minutes: int = 60,
    ) -> str:
        session_id = f"s{len(self.sessions) + 1:02d}"
        self.sessions.append(
            Session(
                session_id=session_id,
                held_on=date.fromisoformat(day),
                kind=kind,
                title=f"第{len(self.sessions) + 1}次学习",
                minutes=minutes,
                host="主持人甲",
                laws=laws,
                expected=frozenset(expected),
            )
        )
        return session_id

    def record(self, verb: Verb, when: str, learner_id: str | None = None, **more: Any) -> UUID:
        moment = local(when).astimezone(UTC)
        record_id = make_record_id(moment, len(self.records))
        self.records.append(
            Record(record_id=record_id, verb=verb, occurred_at=moment, source="test", learner_id=learner_id, **more)
        )
        return record_id

    def answer(self, when: str, learner_id: str, item_id: str, *, correct: bool) -> UUID:
        return self.record(
            Verb.ANSWERED, when, learner_id, item_id=item_id, points=1.0 if correct else 0.0, max_points=1.0
        )

    def score(
        self, learner_id: str, score: float | None, *, paper_id: str = "2022-1", held_on: str = "2022-11-20"
    ) -> None:
        self.exam_results.append(
            ExamResult(
                paper_id=paper_id,
                paper_title=f"模拟考试{paper_id}",
                held_on=date.fromisoformat(held_on),
                learner_id=learner_id,
                score=score,
                max_score=100.0,
                pass_score=80.0,
                excellent_score=90.0,
            )
        )

    def frames(self, *, year: int = 2022, compare: bool = True) -> Frames:
        """The year's frames; if compared, with those of the year before where something happened in it."""
        if not compare:
            return self._frames(year, None)
        before = self._frames(year - 1, None)
        return self._frames(year, None if before.is_empty else before)

    def _frames(self, year: int, previous: Frames | None) -> Frames:
        return build_frames(
            records=self.records,
            learners=self.learners,
            sessions=self.sessions,
            exam_results=self.exam_results,
            unmarked_papers=self.unmarked_papers,
            catalogue=CATALOGUE,
            rules=self.rules,
            year=year,
            time_zone=TIME_ZONE,
            today=self.today,
            previous=previous,
        )


def build(ledger: Ledger, *, options: ReportOptions | None = None) -> tuple[Figures, Section]:
    """Figures and section of a ledger's 2022, by the project's own recipe."""
    chosen = options or project_options()
    recipe = read_recipe(PROJECT_DIR / "reports" / "study_section.py")
    figures = recipe.summarise_year(frames=ledger.frames(year=chosen.year), options=chosen)
    return figures, recipe.build_section(figures=figures, options=chosen)


def figures_of(ledger: Ledger) -> Figures:
    """The figures of a ledger's 2022."""
    return build(ledger)[0]


def project_options() -> ReportOptions:
    """The project's `report.toml`, filled in as the demo's township does."""
    text = (PROJECT_DIR / "reports" / "report.toml").read_text(encoding="utf-8")
    return ReportOptions.model_validate(tomllib.loads(fill_in_report_settings(text)))


def small_year() -> Ledger:
    """Four learners in two units, three sessions, one seminar, seven answers, one exam.

    2022-03-10 夜学 60 min 行政诉讼法: expected A B C D; A (twice), B, C sign in, D excused.
    2022-03-24 学法二十分 20 min 行政诉讼法, 民法典: expected A B C; A signs in, B is excused, C absent, D comes
        unexpected.
    2022-09-15 中心组 90 min 反有组织犯罪法: expected A B; both sign in (B was excused before but came).
    2022-06-10 研讨: expected A B C D; A, B sign in.
    """
    ledger = Ledger()
    a, b = ledger.learner("A"), ledger.learner("B")
    c, d = ledger.learner("C", unit="农业站"), ledger.learner("D", unit="农业站")
    first = ledger.session("2022-03-10", expected=(a, b, c, d), laws=("xzss",))
    second = ledger.session(
        "2022-03-24", expected=(a, b, c), laws=("xzss", "mfd"), kind=SessionKind.TWENTY_MINUTES, minutes=20
    )
    third = ledger.session("2022-09-15", expected=(a, b), laws=("fyzz",), kind=SessionKind.STUDY_GROUP, minutes=90)
    seminar = ledger.session("2022-06-10", expected=(a, b, c, d), kind=SessionKind.SEMINAR)
    for learner in (a, a, b, c):
        ledger.record(Verb.SIGNED_IN, "2022-03-10 19:30", learner, session_id=first)
    ledger.record(Verb.EXCUSED, "2022-03-10 12:00", d, session_id=first)
    for learner in (a, d):
        ledger.record(Verb.SIGNED_IN, "2022-03-24 09:00", learner, session_id=second)
    ledger.record(Verb.EXCUSED, "2022-03-24 08:00", b, session_id=second)
    ledger.record(Verb.EXCUSED, "2022-09-14 08:00", b, session_id=third)
    for learner in (a, b):
        ledger.record(Verb.SIGNED_IN, "2022-09-15 09:00", learner, session_id=third)
        ledger.record(Verb.SIGNED_IN, "2022-06-10 09:00", learner, session_id=seminar)
    for learner, item, correct in (
        (a, "xzss-0001", True),
        (a, "xzss-0002", True),
        (b, "xzss-0001", True),
        (b, "xzss-0030.1", False),
        (a, "fyzz-0001", False),
        (c, "fyzz-0001", True),
    ):
        ledger.answer(
            "2022-03-11 20:00" if item.startswith("xzss") else "2022-09-16 20:00", learner, item, correct=correct
        )
    ledger.record(Verb.ANSWERED, "2022-09-16 21:00", c, item_id="fyzz-0009", text="论述题，等待评阅")
    ledger.record(Verb.REFLECTED, "2022-03-12 20:00", a, module=8, text="第一稿")
    ledger.record(Verb.REFLECTED, "2022-03-13 20:00", a, module=8, text="第二稿")
    ledger.record(Verb.REFLECTED, "2022-03-13 20:00", b, module=8, text="心得")
    ledger.record(Verb.PRESENTED, "2022-06-09 20:00", a, session_id=seminar, text="发言提纲")
    for day in ("2022-03-15", "2022-06-15", "2022-09-20"):
        ledger.record(Verb.PUBLISHED, f"{day} 10:00", text="推送一期")
    ledger.record(Verb.CERTIFIED, "2022-10-08 10:00", a)
    ledger.record(Verb.CERTIFIED, "2022-10-09 10:00", a)
    ledger.record(Verb.CERTIFIED, "2022-10-08 10:00", b)
    for learner, score in ((a, 95.0), (b, 80.0), (c, 70.5), (d, None)):
        ledger.score(learner, score)
    return ledger


def text_of(section: Section) -> str:
    return render_markdown(section)


def written_options(tmp_path: Path, content: str) -> ReportOptions:
    path = tmp_path / "report.toml"
    path.write_text(content, encoding="utf-8")
    return read_options(path)
