"""我的一年: what is counted of a learner's own year, on the page and in the Word file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.home_page import LEARNERS, SHANGHAI, HomePage, answer, record, session, texts
from xuefa.records.record import ExamResult, Verb
from xuefa.study.my_year import summarise_learner_year


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


def test_my_year_shows_and_gives_a_word_file_of_ones_own_facts(
    home_page: HomePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    home_page.results = (
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
    home_page.store.append_records(
        [
            record(1, Verb.SIGNED_IN, session_id="s1", day=date(2026, 8, 3)),
            answer(2, "xzss-0001", right=True),
            record(3, Verb.REFLECTED, module=8, text="先有证据，\n后有决定。"),
            record(4, Verb.REFLECTED, module=8, text="别人写的", learner_id="L2"),
            answer(5, "xzss-0001", right=True, day=date(2025, 11, 1)),
        ]
    )
    my_year = home_page.home.my_year()
    home_page.enter()
    assert my_year.view["year"] is None
    view = home_page.send(my_year, do="open")
    assert (view["year"], view["years"]) == (2026, [2026, 2025])
    assert view["attendance"] == (
        "参加集中学习 1 次，共 60 分钟，合 1.3 学时。应到 3 次，实到 1 次，参学率 33%（要求 80%）。"
    )
    assert view["results"] == ["2026年6月1日“模拟考试”：72 分（满分 100 分），及格"]
    assert [one["text"] for one in view["writings"]] == ["先有证据，\n后有决定。"]
    name, content = home_page.download(my_year, monkeypatch, do="file")
    text = texts(content)
    assert name == "2026年度个人学法情况.docx"
    for fact in ("学员01", "8月3日　干部夜学　第1次夜学　60", "《行政诉讼法》　1　1　100%", "72 分", "后有决定。"):
        assert fact in text
    for foreign in ("学员02", "别人写的"):
        assert foreign not in text
    assert home_page.send(my_year, do="open", year=2025)["attendance"].startswith("参加集中学习 0 次")


@pytest.mark.parametrize(
    "content",
    [{"do": "file"}, {"do": "open", "year": 1999}, {"do": "open", "year": "2026"}, {"do": "open", "year": True}, {}],
)
def test_my_year_refuses_what_the_page_would_never_ask(home_page: HomePage, content: dict[str, object]) -> None:
    my_year = home_page.home.my_year()
    home_page.enter()
    assert "没有接受" in home_page.send(my_year, **content)["problem"]
    assert my_year.view["year"] is None
