"""首页: what a learner sees of their own year, what comes back today, and what they can take along."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.home_page import NOW, HomePage, answer, record, texts
from xuefa.records.record import Verb
from xuefa.study.my_year import ExamNotice


def test_nothing_of_anyone_shows_before_sign_in_and_only_ones_own_after(home_page: HomePage) -> None:
    home_page.store.append_records([answer(1, "xzss-0001", right=False, learner_id="L2")])
    widgets = (home_page.home.overview(), home_page.home.review(), home_page.home.my_year())
    for widget in widgets:
        assert widget.view["learner"] is None
        state = json.dumps(widget.get_state(), ensure_ascii=False, default=str)
        assert "学员0" not in state
        assert "xzss" not in state
    home_page.enter(1)
    overview, review, _ = widgets
    assert (overview.view["learner"], overview.view["laws"], overview.view["review"]["due"]) == ("学员01", [], 0)
    assert review.view["stage"] == "empty"


def test_overview_tells_hours_attendance_accuracy_exams_and_what_is_done(home_page: HomePage) -> None:
    home_page.exams = (
        ExamNotice(title="模拟考试", held_on=date(2026, 9, 1), says="可以开始作答", can_enter=True, is_ahead=True),
    )
    home_page.store.append_records(
        [
            record(1, Verb.SIGNED_IN, session_id="s1", day=date(2026, 8, 3)),
            answer(2, "xzss-0001", right=False),
            answer(3, "xzss-0003", right=True, day=date(2026, 8, 1)),
            record(4, Verb.FINISHED, module=8, points=1.0, max_points=2.0),
        ]
    )
    overview = home_page.home.overview()
    home_page.enter()
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


def test_wrong_answers_due_today_are_asked_again_and_leave_todays_list_when_answered(home_page: HomePage) -> None:
    home_page.store.append_records(
        [answer(number, one, right=False) for number, one in enumerate(("xzss-0001", "xzss-0003", "xzss-0004.2"), 1)]
    )
    overview, review = home_page.home.overview(), home_page.home.review()
    home_page.enter()
    assert (review.view["mode"], review.view["total"], overview.view["review"]["due"]) == ("review", 3, 3)
    assert '"key"' not in json.dumps(review.get_state(), ensure_ascii=False, default=str)
    for number, letters in enumerate((["C"], ["F"], ["F"]), start=1):
        home_page.now += timedelta(minutes=1)
        home_page.send(review, do="answer", question=number, response=letters, seconds=1, answer=f"answer-{number}")
        assert home_page.send(review, do="next")["number"] == number + 1
    assert review.view["summary"]["overall"] == {"name": "合计", "right": 2, "total": 3}
    assert overview.view["review"]["due"] == 0
    assert overview.view["review"]["later"] == 3
    answered = home_page.store.read_records(verbs={Verb.ANSWERED}, since=NOW)
    assert {(one.module, (one.text or "").partition(" ")[0]) for one in answered} == {(8, "回头看")}
    assert home_page.send(review, do="again")["stage"] == "empty"


def test_reload_goes_on_with_todays_round_of_looking_back(home_page: HomePage) -> None:
    home_page.store.append_records(
        [answer(number, one, right=False) for number, one in enumerate(("xzss-0001", "xzss-0003", "xzss-0004.2"), 1)]
    )
    review = home_page.home.review()
    home_page.enter()
    home_page.send(review, do="answer", question=1, response=["A"], seconds=1, answer="answer-1")
    reloaded = HomePage(home_page.store)
    reloaded.now += timedelta(minutes=5)
    again = reloaded.home.review()
    reloaded.enter()
    view = again.view
    assert (view["stage"], view["number"], view["total"], view["resumed"]) == ("question", 2, 3, 1)
    tomorrow = HomePage(home_page.store)
    tomorrow.now += timedelta(days=1)
    fresh = tomorrow.home.review()
    tomorrow.enter()
    assert (fresh.view["number"], fresh.view["total"], fresh.view["resumed"]) == (1, 3, 0)


def test_next_learner_at_the_same_page_gets_their_own_list(home_page: HomePage) -> None:
    home_page.store.append_records(
        [answer(1, "xzss-0001", right=False), answer(2, "xzss-0003", right=False, learner_id="L2")]
    )
    review, my_year = home_page.home.review(), home_page.home.my_year()
    home_page.enter(1)
    first = review.view["question"]["stem"]
    home_page.send(my_year, do="open")
    home_page.enter(2)
    assert review.view["question"]["stem"] != first
    assert my_year.view["year"] is None


def test_after_leaving_nothing_of_the_learner_stays_on_the_page(home_page: HomePage) -> None:
    home_page.store.append_records(
        [answer(1, "xzss-0001", right=False), record(2, Verb.REFLECTED, text="先有证据，后有决定。")]
    )
    overview, review, my_year = home_page.home.overview(), home_page.home.review(), home_page.home.my_year()
    home_page.enter()
    home_page.send(my_year, do="open")
    home_page.presence.leave()
    state = json.dumps([one.get_state() for one in (overview, review, my_year)], ensure_ascii=False, default=str)
    assert (overview.view["learner"], review.view["stage"], my_year.view["year"]) == (None, "empty", None)
    for own in ("学员01", "公民不经复议直接起诉", "先有证据", "《行政诉讼法》"):
        assert own not in state
    assert "没有接受" in home_page.send(my_year, do="file")["problem"]


def test_review_sheet_holds_the_weeks_questions_by_law_with_keys_on_the_last_pages(
    home_page: HomePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    home_page.store.append_records([answer(1, "xzss-0001", right=False), answer(2, "xzss-0004.2", right=False)])
    review = home_page.home.review()
    home_page.enter()
    name, content = home_page.download(review, monkeypatch, do="sheet")
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


def test_review_sheet_without_questions_says_so(home_page: HomePage, monkeypatch: pytest.MonkeyPatch) -> None:
    review = home_page.home.review()
    home_page.enter()
    assert "这七天没有要回头看的题" in texts(home_page.download(review, monkeypatch, do="sheet")[1])


def test_nothing_is_opened_or_downloaded_before_sign_in(home_page: HomePage) -> None:
    assert "没有接受" in home_page.send(home_page.home.my_year(), do="open")["problem"]
    assert "没有接受" in home_page.send(home_page.home.review(), do="sheet")["problem"]
    assert "没有接受" in home_page.send(home_page.home.overview(), do="anything")["problem"]


def test_month_card_leads_to_this_months_module_and_says_where_there_is_none(home_page: HomePage) -> None:
    html = home_page.home.month().text
    assert "本月学习　8 月" in html
    assert "08_%E8%A1%8C" in html
    home_page.now = datetime(2026, 3, 1, tzinfo=UTC)
    assert "这个月没有安排课程" in home_page.home.month().text


def test_learners_page_loads_neither_pandas_nor_nbgrader_nor_word() -> None:
    program = (
        "import sys, xuefa; xuefa.home; xuefa.lesson; import xuefa.study.home, xuefa.study.lesson, "
        "xuefa.workflows.learner_exams, xuefa.exam.room, xuefa.report.options; "
        "print(sorted({'pandas', 'numpy', 'nbgrader', 'docx'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
