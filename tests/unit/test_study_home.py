"""首页: what a learner sees of their own year, what comes back today, and what they can take along."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from docx import Document

from xuefa.bank.reader import read_bank
from xuefa.laws.statutes import PackagedStatutes, Statutes
from xuefa.records.record import ExamResult, Learner, Record, Session, SessionKind, Verb
from xuefa.records.store import Store, open_store
from xuefa.study.home import Home, HomeSources
from xuefa.study.manifest import read_manifest
from xuefa.study.my_year import ExamNotice, StudyTargets, summarise_learner_year
from xuefa.study.presence import Presence
from xuefa.study.record_writer import RecordWriter
from xuefa.study.widgets.base import StudyWidget

PROJECT = Path(__file__).parents[1] / "fixtures" / "study" / "project"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 8, 20, 11, 30, tzinfo=UTC)
BANK = read_bank(PROJECT / "question_bank")
TARGETS = StudyTargets(minutes_per_study_hour=45, attendance=80, accuracy=80)
LEARNERS = tuple(
    Learner(learner_id=f"L{number}", name=f"学员0{number}", unit="党政办", post="干部", since=date(2020, 1, 1))
    for number in (1, 2)
)


def session(number: int, day: date, **fields: Any) -> Session:
    held = Session(
        session_id=f"s{number}",
        held_on=day,
        kind=SessionKind.EVENING,
        title=f"第{number}次夜学",
        minutes=60,
        host="学员01",
        expected=frozenset({"L1", "L2"}),
    )
    return replace(held, **fields)


def record(number: int, verb: Verb, *, day: date = date(2026, 8, 19), **fields: Any) -> Record:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    made = Record(record_id=UUID(int=number), verb=verb, occurred_at=at, source="notebook", learner_id="L1")
    return replace(made, **fields)


def answer(number: int, question_id: str, *, right: bool, day: date = date(2026, 8, 19), **fields: Any) -> Record:
    question = BANK.question(question_id)
    return record(
        number,
        Verb.ANSWERED,
        day=day,
        module=8,
        item_id=question_id,
        item_version=question.item.version,
        points=float(right),
        max_points=1.0,
        response=question.key if right else next(one for one in question.options if one != question.key),
        **fields,
    )


class HomePage:
    """The home page in one kernel, its clock, and what a browser gets from it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        self.presence = Presence()
        self.exams: tuple[ExamNotice, ...] = ()
        self.results: tuple[ExamResult, ...] = ()
        self.home = Home(
            manifest=read_manifest(PROJECT / "notebooks" / "modules.yaml", catalogue=BANK.catalogue),
            catalogue=BANK.catalogue,
            writer=RecordWriter(
                store=store,
                presence=self.presence,
                module=None,
                clock=lambda: self.now,
                rng=random.Random(7),  # noqa: S311  the same draw each time
                time_zone=SHANGHAI,
            ),
            targets=TARGETS,
            sources=HomeSources(
                read_bank=lambda: BANK,
                open_statutes=lambda: Statutes((PackagedStatutes.installed(),)),
                read_exams=lambda learner_id: self.exams if learner_id == "L1" else (),
                read_results=lambda learner_id: self.results if learner_id == "L1" else (),
            ),
        )

    def enter(self, number: int = 1) -> None:
        self.presence.enter(LEARNERS[number - 1], None)

    def send(self, widget: StudyWidget, **content: Any) -> dict[str, Any]:
        widget._handle_custom_msg(content, [])
        return dict(widget.view)

    def download(self, widget: StudyWidget, monkeypatch: pytest.MonkeyPatch, **content: Any) -> tuple[str, bytes]:
        """Ask for a file and take what is sent to the browser."""
        sent: list[tuple[str, bytes]] = []

        def send(message: dict[str, Any]) -> None:
            if "file" in message:
                sent.append((message["file"], b64decode(message["base64"])))

        monkeypatch.setattr(widget, "send", send)
        self.send(widget, **content)
        return sent[0]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'xuefa.db'}") as store:
        store.write_learners(LEARNERS)
        store.write_sessions(
            [
                session(1, date(2026, 8, 3)),
                session(2, date(2026, 8, 10), minutes=50),
                session(3, date(2026, 8, 17)),
                session(4, date(2026, 8, 30)),
                session(5, date(2025, 12, 1)),
                session(6, date(2026, 8, 5), expected=frozenset({"L2"}), minutes=30),
            ]
        )
        yield store


@pytest.fixture
def page(store: Store) -> HomePage:
    return HomePage(store)


def texts(content: bytes) -> str:
    """Every paragraph and cell of a .docx, line by line."""
    document = Document(io.BytesIO(content))
    lines = [paragraph.text for paragraph in document.paragraphs]
    lines += ["　".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    return "\n".join(lines)


def test_year_counts_own_records_of_the_townships_year_only() -> None:
    records = [
        record(1, Verb.SIGNED_IN, session_id="s1", day=date(2026, 8, 3)),
        record(2, Verb.SIGNED_IN, session_id="s1", day=date(2026, 8, 3)),
        record(3, Verb.EXCUSED, session_id="s2", day=date(2026, 8, 10)),
        record(4, Verb.SIGNED_IN, session_id="s6", day=date(2026, 8, 5)),
        record(5, Verb.SIGNED_IN, session_id="s3", day=date(2026, 8, 17), learner_id="L2"),
        answer(6, "xzss-0001", right=True),
        answer(7, "xzss-0002", right=False),
        answer(8, "xzss-0001", right=True, day=date(2025, 12, 1)),
        answer(9, "xzss-0003", right=True, learner_id="L2"),
        record(10, Verb.REFLECTED, module=8, text="先有证据，后有决定。"),
        record(11, Verb.FINISHED, module=8, points=1.0, max_points=2.0),
        record(12, Verb.REFLECTED, text="去年的", occurred_at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC)),
        record(13, Verb.PRESENTED, text="元旦零点写的", occurred_at=datetime(2025, 12, 31, 16, 0, tzinfo=UTC)),
    ]
    result = ExamResult(
        paper_id="p",
        paper_title="模拟考试",
        held_on=date(2026, 6, 1),
        learner_id="L1",
        score=91.5,
        max_score=100.0,
        pass_score=60.0,
        excellent_score=90.0,
    )
    facts = summarise_learner_year(
        learner=LEARNERS[0],
        year=2026,
        today=date(2026, 8, 20),
        records=records,
        sessions=[
            session(1, date(2026, 8, 3)),
            session(2, date(2026, 8, 10)),
            session(3, date(2026, 8, 17)),
            session(4, date(2026, 8, 30)),
            session(6, date(2026, 8, 5), expected=frozenset({"L2"}), minutes=30),
        ],
        exam_results=[result, replace(result, learner_id="L2"), replace(result, held_on=date(2025, 6, 1))],
        law_of=lambda item_id: item_id.partition("-")[0],
        time_zone=SHANGHAI,
    )
    assert [one.session_id for one in facts.attended] == ["s1", "s6"]
    assert [one.session_id for one in facts.excused] == ["s2"]
    assert [one.session_id for one in facts.missed] == ["s3"]
    assert (facts.expected, facts.came, facts.minutes) == (3, 1, 90)
    assert facts.study_hours(45) == Decimal("2.0")
    assert (facts.answers.right, facts.answers.total) == (1, 2)
    assert (facts.modules[8].rounds, facts.modules[8].reflections, facts.modules[8].answers) == (1, 1, 2)
    assert [one.text for one in facts.writings] == ["元旦零点写的", "先有证据，后有决定。"]
    assert facts.exam_results == (result,)


def test_nothing_of_anyone_shows_before_sign_in_and_only_ones_own_after(page: HomePage, store: Store) -> None:
    store.append_records([answer(1, "xzss-0001", right=False, learner_id="L2")])
    widgets = (page.home.overview(), page.home.review(), page.home.my_year())
    for widget in widgets:
        assert widget.view["learner"] is None
        state = json.dumps(widget.get_state(), ensure_ascii=False, default=str)
        assert "学员0" not in state
        assert "xzss" not in state
    page.enter(1)
    overview, review, _ = widgets
    assert (overview.view["learner"], overview.view["laws"], overview.view["review"]["due"]) == ("学员01", [], 0)
    assert review.view["stage"] == "empty"


def test_overview_tells_hours_attendance_accuracy_exams_and_what_is_done(page: HomePage, store: Store) -> None:
    page.exams = (
        ExamNotice(title="模拟考试", held_on=date(2026, 9, 1), says="可以开始作答", can_enter=True, is_ahead=True),
    )
    store.append_records(
        [
            record(1, Verb.SIGNED_IN, session_id="s1", day=date(2026, 8, 3)),
            answer(2, "xzss-0001", right=False),
            answer(3, "xzss-0003", right=True, day=date(2026, 8, 1)),
            record(4, Verb.FINISHED, module=8, points=1.0, max_points=2.0),
        ]
    )
    overview = page.home.overview()
    page.enter()
    view = overview.view
    assert view["hours"] == {
        "hours": "1.3",
        "target": None,
        "attended": 1,
        "expected": 3,
        "came": 1,
        "attendance_target": 80,
    }
    assert view["laws"] == [{"name": "《行政诉讼法》", "right": 1, "total": 2, "percent": 50, "below": True}]
    assert (view["review"]["due"], view["review"]["wrong"], view["review"]["exam"]) == (2, 1, "2026年9月1日")
    assert view["exams"] == [{"title": "模拟考试", "day": "2026年9月1日", "says": "可以开始作答", "can_enter": True}]
    august = next(month for month in view["months"] if month["month"] == 8)
    assert (august["now"], august["quiz"], august["reflection"], august["begun"]) == (True, True, False, True)
    assert august["page"].endswith(".ipynb")


def test_wrong_answers_due_today_are_asked_again_and_leave_todays_list_when_answered(
    page: HomePage, store: Store
) -> None:
    store.append_records(
        [answer(number, one, right=False) for number, one in enumerate(("xzss-0001", "xzss-0003", "xzss-0004.2"), 1)]
    )
    overview, review = page.home.overview(), page.home.review()
    page.enter()
    assert (review.view["mode"], review.view["total"], overview.view["review"]["due"]) == ("review", 3, 3)
    assert '"key"' not in json.dumps(review.get_state(), ensure_ascii=False, default=str)
    for number, letters in enumerate((["C"], ["F"], ["F"]), start=1):
        page.now += timedelta(minutes=1)
        page.send(review, do="answer", question=number, response=letters, seconds=1, answer=f"answer-{number}")
        assert page.send(review, do="next")["number"] == number + 1
    assert review.view["summary"]["overall"] == {"name": "合计", "right": 2, "total": 3}
    assert overview.view["review"]["due"] == 0
    assert overview.view["review"]["later"] == 3
    answered = store.read_records(verbs={Verb.ANSWERED}, since=NOW)
    assert {(one.module, (one.text or "").partition(" ")[0]) for one in answered} == {(8, "回头看")}
    assert page.send(review, do="again")["stage"] == "empty"


def test_reload_goes_on_with_todays_round_of_looking_back(page: HomePage, store: Store) -> None:
    store.append_records(
        [answer(number, one, right=False) for number, one in enumerate(("xzss-0001", "xzss-0003", "xzss-0004.2"), 1)]
    )
    review = page.home.review()
    page.enter()
    page.send(review, do="answer", question=1, response=["A"], seconds=1, answer="answer-1")
    reloaded = HomePage(store)
    reloaded.now += timedelta(minutes=5)
    again = reloaded.home.review()
    reloaded.enter()
    view = again.view
    assert (view["stage"], view["number"], view["total"], view["resumed"]) == ("question", 2, 3, 1)
    tomorrow = HomePage(store)
    tomorrow.now += timedelta(days=1)
    fresh = tomorrow.home.review()
    tomorrow.enter()
    assert (fresh.view["number"], fresh.view["total"], fresh.view["resumed"]) == (1, 3, 0)


def test_next_learner_at_the_same_page_gets_their_own_list(page: HomePage, store: Store) -> None:
    store.append_records([answer(1, "xzss-0001", right=False), answer(2, "xzss-0003", right=False, learner_id="L2")])
    review, my_year = page.home.review(), page.home.my_year()
    page.enter(1)
    first = review.view["question"]["stem"]
    page.send(my_year, do="open")
    page.enter(2)
    assert review.view["question"]["stem"] != first
    assert my_year.view["year"] is None


def test_after_leaving_nothing_of_the_learner_stays_on_the_page(page: HomePage, store: Store) -> None:
    store.append_records([answer(1, "xzss-0001", right=False), record(2, Verb.REFLECTED, text="先有证据，后有决定。")])
    overview, review, my_year = page.home.overview(), page.home.review(), page.home.my_year()
    page.enter()
    page.send(my_year, do="open")
    page.presence.leave()
    state = json.dumps([one.get_state() for one in (overview, review, my_year)], ensure_ascii=False, default=str)
    assert (overview.view["learner"], review.view["stage"], my_year.view["year"]) == (None, "empty", None)
    for own in ("学员01", "公民不经复议直接起诉", "先有证据", "《行政诉讼法》"):
        assert own not in state
    assert "没有接受" in page.send(my_year, do="file")["problem"]


def test_review_sheet_holds_the_weeks_questions_by_law_with_keys_on_the_last_pages(
    page: HomePage, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append_records([answer(1, "xzss-0001", right=False), answer(2, "xzss-0004.2", right=False)])
    review = page.home.review()
    page.enter()
    name, content = page.download(review, monkeypatch, do="sheet")
    text = texts(content)
    assert name == "回头看题单20260820.docx"
    assert "学员01　2026年8月20日至2026年8月26日，共 2 题" in text
    questions, _, keys = text.partition("答案和讲解")
    assert "案情：某乡人民政府拆除了村民甲的棚子" in questions
    assert "C．六个月" in questions
    assert "第四十六条规定直接起诉" not in questions
    assert "1．C　　上次（2026年8月19日）答 A，答错了" in keys
    assert "（《行政诉讼法》第三十五条）" in keys
    assert "学员02" not in text


def test_review_sheet_without_questions_says_so(page: HomePage, monkeypatch: pytest.MonkeyPatch) -> None:
    review = page.home.review()
    page.enter()
    assert "这七天没有要回头看的题" in texts(page.download(review, monkeypatch, do="sheet")[1])


def test_my_year_shows_and_gives_a_word_file_of_ones_own_facts(
    page: HomePage, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.results = (
        ExamResult(
            paper_id="p",
            paper_title="模拟考试",
            held_on=date(2026, 6, 1),
            learner_id="L1",
            score=72.0,
            max_score=100.0,
            pass_score=60.0,
            excellent_score=90.0,
        ),
    )
    store.append_records(
        [
            record(1, Verb.SIGNED_IN, session_id="s1", day=date(2026, 8, 3)),
            answer(2, "xzss-0001", right=True),
            record(3, Verb.REFLECTED, module=8, text="先有证据，\n后有决定。"),
            record(4, Verb.REFLECTED, module=8, text="别人写的", learner_id="L2"),
            answer(5, "xzss-0001", right=True, day=date(2025, 11, 1)),
        ]
    )
    my_year = page.home.my_year()
    page.enter()
    assert my_year.view["year"] is None
    view = page.send(my_year, do="open")
    assert (view["year"], view["years"]) == (2026, [2026, 2025])
    assert view["attendance"] == (
        "参加集中学习 1 次，共 60 分钟，合 1.3 学时。应到 3 次，实到 1 次，参学率 33%（要求 80%）。"
    )
    assert view["results"] == ["2026年6月1日“模拟考试”：72 分（满分 100 分），及格"]
    assert [one["text"] for one in view["writings"]] == ["先有证据，\n后有决定。"]
    name, content = page.download(my_year, monkeypatch, do="file")
    text = texts(content)
    assert name == "2026年度个人学法情况.docx"
    for fact in ("学员01", "8月3日　干部夜学　第1次夜学　60", "《行政诉讼法》　1　1　100%", "72 分", "后有决定。"):
        assert fact in text
    for foreign in ("学员02", "别人写的"):
        assert foreign not in text
    assert page.send(my_year, do="open", year=2025)["attendance"].startswith("参加集中学习 0 次")


@pytest.mark.parametrize(
    "content",
    [{"do": "file"}, {"do": "open", "year": 1999}, {"do": "open", "year": "2026"}, {"do": "open", "year": True}, {}],
)
def test_my_year_refuses_what_the_page_would_never_ask(page: HomePage, content: dict[str, object]) -> None:
    my_year = page.home.my_year()
    page.enter()
    assert "没有接受" in page.send(my_year, **content)["problem"]
    assert my_year.view["year"] is None


def test_nothing_is_opened_or_downloaded_before_sign_in(page: HomePage) -> None:
    assert "没有接受" in page.send(page.home.my_year(), do="open")["problem"]
    assert "没有接受" in page.send(page.home.review(), do="sheet")["problem"]
    assert "没有接受" in page.send(page.home.overview(), do="anything")["problem"]


def test_month_card_leads_to_this_months_module_and_says_where_there_is_none(page: HomePage) -> None:
    html = page.home.month().text
    assert "本月学习　8 月" in html
    assert "08_%E8%A1%8C" in html
    page.now = datetime(2026, 3, 1, tzinfo=UTC)
    assert "这个月没有安排课程" in page.home.month().text


def test_learners_page_loads_neither_pandas_nor_nbgrader_nor_word() -> None:
    program = (
        "import sys, xuefa; xuefa.home; xuefa.lesson; import xuefa.study.home, xuefa.study.lesson, "
        "xuefa.workflows.learner_exams, xuefa.exam.room, xuefa.report.options; "
        "print(sorted({'pandas', 'numpy', 'nbgrader', 'docx'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
