"""首页 as its notebook meets it: this month's module, sign-in, one's own year, 回头看, the year's modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xuefa.bank.reader import Bank
from xuefa.laws.statutes import Statutes
from xuefa.records.record import ExamResult, Learner, Verb
from xuefa.study.articles import ArticleShelf
from xuefa.study.html import Html
from xuefa.study.my_year import Curriculum, ExamNotice, LearnerYear, summarise_learner_year
from xuefa.study.record_writer import RecordWriter
from xuefa.study.review import ReviewPlan, plan_review, replay_answers
from xuefa.study.rounds import ReviewRounds
from xuefa.study.widgets.my_year import MyYearWidget
from xuefa.study.widgets.overview import OverviewWidget
from xuefa.study.widgets.quiz import QuizWidget
from xuefa.study.widgets.sign_in import SignInWidget
from xuefa.study.year import render_month, render_year


@dataclass(frozen=True, kw_only=True)
class HomeSources:
    """What the home page reads elsewhere, each when it is needed: the bank and texts, and by learner id their exams.

    `read_results` gives the results that have been handed back.
    """

    read_bank: Callable[[], Bank]
    open_statutes: Callable[[], Statutes]
    read_exams: Callable[[str], tuple[ExamNotice, ...]]
    read_results: Callable[[str], tuple[ExamResult, ...]]


class Home:
    """The home page opened in a kernel; `writer` knows who is signed in. The bank is read for 回头看 only.

    `staff_pages` are pages for the staff, title → notebook.
    """

    def __init__(
        self,
        *,
        curriculum: Curriculum,
        writer: RecordWriter,
        sources: HomeSources,
        staff_pages: Mapping[str, str] | None = None,
    ) -> None:
        self._curriculum = curriculum
        self._writer = writer
        self._sources = sources
        self._staff_pages = staff_pages or {}
        self._overview: OverviewWidget | None = None

    def __repr__(self) -> str:
        return "首页"

    def month(self) -> Html:
        """The card of this month's module; it brings the page's styles."""
        return render_month(self._curriculum.manifest, self._curriculum.catalogue, month=self._writer.today().month)

    def sign_in(self) -> SignInWidget:
        """The 签到 card."""
        return SignInWidget(writer=self._writer)

    def overview(self) -> OverviewWidget:
        """The card of the year so far."""
        self._overview = OverviewWidget(
            writer=self._writer,
            curriculum=self._curriculum,
            facts=lambda: self._summarise(self._writer.today().year, results=()),
            plan=self._plan,
            exams=lambda: self._sources.read_exams(self._learner.learner_id),
        )
        return self._overview

    def review(self) -> QuizWidget:
        """回头看: what comes back today, by FSRS."""
        bank, manifest = self._sources.read_bank(), self._curriculum.manifest
        return QuizWidget(
            writer=self._writer,
            bank=bank,
            shelf=ArticleShelf(
                catalogue=self._curriculum.catalogue, statutes=self._sources.open_statutes(), today=self._writer.today()
            ),
            source=ReviewRounds(bank=bank, writer=self._writer, plan=self._plan),
            objectives={objective.id: objective.text for module in manifest for objective in module.objectives},
            on_finish=self._refresh,
            sheet=self._make_sheet,
        )

    def my_year(self) -> MyYearWidget:
        """我的一年: one's own facts, and the Word file of them."""
        return MyYearWidget(
            writer=self._writer,
            curriculum=self._curriculum,
            facts=lambda year: self._summarise(year, results=self._sources.read_results(self._learner.learner_id)),
            years=self._read_years,
        )

    def year(self) -> Html:
        """The year's modules as cards."""
        return render_year(self._curriculum.manifest, self._curriculum.catalogue, staff_pages=self._staff_pages)

    @property
    def _learner(self) -> Learner:
        learner = self._writer.presence.learner
        if learner is None:
            raise ValueError("nobody is signed in")
        return learner

    def _summarise(self, year: int, *, results: tuple[ExamResult, ...]) -> LearnerYear:
        slugs = {law.slug for law in self._curriculum.catalogue}
        return summarise_learner_year(
            learner=self._learner,
            year=year,
            today=self._writer.today(),
            records=self._writer.store.read_records(learner_id=self._learner.learner_id),
            sessions=self._writer.store.read_sessions(),
            exam_results=results,
            law_of=lambda item_id: slug if (slug := item_id.partition("-")[0]) in slugs else None,
            time_zone=self._writer.time_zone,
        )

    def _plan(self) -> ReviewPlan | None:
        """What comes back to the learner who is signed in, towards their next exam."""
        learner = self._writer.presence.learner
        if learner is None:
            return None
        answers = self._writer.store.read_records(verbs={Verb.ANSWERED}, learner_id=learner.learner_id)
        cards = replay_answers(answers, bank=self._sources.read_bank(), time_zone=self._writer.time_zone)
        today = self._writer.today()
        ahead = [one.held_on for one in self._sources.read_exams(learner.learner_id) if one.is_ahead]
        return plan_review(cards, today=today, exam_on=min((day for day in ahead if day >= today), default=None))

    def _read_years(self) -> tuple[int, ...]:
        """The years in which the learner did something, and the present one, the last first."""
        writer = self._writer
        records = writer.store.read_records(learner_id=self._learner.learner_id)
        years = {writer.local_time(record.occurred_at).year for record in records} | {writer.today().year}
        return tuple(sorted(years, reverse=True))

    def _make_sheet(self) -> tuple[str, bytes] | None:
        from xuefa.study.review_sheet import make_review_sheet  # noqa: PLC0415  python-docx only when asked for

        plan = self._plan()
        if plan is None:
            return None
        written_at = self._writer.local_time(self._writer.clock())
        content = make_review_sheet(plan, learner=self._learner, bank=self._sources.read_bank(), written_at=written_at)
        return f"回头看题单{plan.today:%Y%m%d}.docx", content

    def _refresh(self) -> None:
        if self._overview:
            self._overview.show()
