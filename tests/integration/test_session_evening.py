"""A session on its evening: opened, followed, excused, closed, printed, on a real records database."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from docx import Document

from tests.command_line import run_xuefa
from tests.study_page import Page, make_sign_in
from xuefa.errors import BadInputError
from xuefa.records import pins
from xuefa.records.evening import Opening, Pin
from xuefa.records.record import Learner, Record, Session, SessionKind, Verb, make_record_id
from xuefa.records.store import Store, open_store
from xuefa.settings import Settings
from xuefa.study.attendance import draw_code
from xuefa.workbench.session import render_attendance
from xuefa.workflows.records import add_attendance
from xuefa.workflows.session import (
    OpenedSession,
    close_session,
    excuse_learner,
    follow_session,
    open_new_session,
    open_session,
    read_session,
    remove_session,
    reset_pin,
    write_sign_in_sheet,
)
from xuefa.workflows.site import today

UNITS = ("党政办公室", "综合行政执法办公室（应急管理、生态环境）")


def make_person(number: int, **changes: Any) -> Learner:
    values: dict[str, Any] = {"name": f"学员{number:02d}", "unit": UNITS[number % 2], "post": "干部"}
    return Learner(learner_id=f"L{number:02d}", since=date(2020, 1, 1), **(values | changes))


@pytest.fixture
def site(settings: Settings) -> Settings:
    """Four learners here, two of one name, and one who has left."""
    with open_store(settings.database_url) as store:
        store.write_learners(
            [
                *(make_person(number) for number in (1, 2, 3)),
                make_person(4, name="学员03"),
                make_person(5, until=date(2021, 1, 1)),
            ]
        )
    return settings


@pytest.fixture
def store(site: Settings) -> Iterator[Store]:
    with open_store(site.database_url) as store:
        yield store


def open_evening(site: Settings, **changes: Any) -> OpenedSession:
    values: dict[str, Any] = {
        "kind": SessionKind.EVENING,
        "title": "学习《行政诉讼法》",
        "minutes": 60,
        "host": "学员01",
        "laws": ["行政诉讼法"],
        "people": [],
        "units": [],
        "port": 8866,
    }
    return open_new_session(settings=site, **(values | changes))


def sign_in(store: Store, session_id: str, learner_id: str, *, number: int = 1) -> None:
    at = datetime.now(UTC) + timedelta(seconds=number)
    store.append_records(
        [
            Record(
                record_id=make_record_id(at, number),
                verb=Verb.SIGNED_IN,
                occurred_at=at,
                source="notebook",
                learner_id=learner_id,
                session_id=session_id,
            )
        ]
    )


def test_an_opened_session_expects_everyone_here_and_has_a_code_and_an_address(site: Settings) -> None:
    opened = open_evening(site)
    session = opened.attendance.session
    assert re.fullmatch(r"[0-9]{6}", opened.code)
    assert re.fullmatch(r"http://[0-9.]+:8866/", opened.address)
    assert (session.held_on, session.laws) == (today(), ("xzss",))
    assert session.expected == {"L01", "L02", "L03", "L04"}
    assert opened.attendance.is_open


def test_a_code_is_never_that_of_another_open_session() -> None:
    taken = [Opening(session_id=str(number), code=f"{number:06d}", opened_at=datetime.now(UTC)) for number in range(9)]
    first = draw_code([], rng=Random(3))  # noqa: S311  the same draw twice
    clash = replace(taken[0], code=first)
    assert draw_code([*taken, clash], rng=Random(3)) != first  # noqa: S311  likewise
    assert draw_code([replace(clash, closed_at=clash.opened_at)], rng=Random(3)) == first  # noqa: S311  likewise


def test_units_and_people_by_name_or_id_are_expected_together(site: Settings) -> None:
    assert open_evening(site, units=[UNITS[1]], people=["L04", "学员01"]).attendance.session.expected == {
        "L01",
        "L03",
        "L04",
    }


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"people": ["学员03"]}, "有 2 个人叫这个名字（编号 L03、L04）"),
        ({"people": ["学员09"]}, "或者现在不在岗"),
        ({"people": ["L05"]}, "或者现在不在岗"),
        ({"units": ["财政所"]}, "没有在岗的人属于这个单位"),
        ({"laws": ["行政诉讼"]}, "目录里没有"),
        ({"minutes": 0}, "时长不能是 0 分钟"),
        ({"title": " "}, "主题是空的"),
    ],
)
def test_a_session_that_cannot_be_opened_leaves_nothing(
    site: Settings, store: Store, changes: dict[str, Any], fault: str
) -> None:
    with pytest.raises(BadInputError, match=re.escape(fault)):
        open_evening(site, **changes)
    assert (store.read_sessions(), store.read_openings()) == ((), ())


def test_the_same_session_is_not_opened_twice_as_another_one(site: Settings, store: Store) -> None:
    first = open_evening(site)
    with pytest.raises(BadInputError, match="今天已经登记过这一场"):
        open_evening(site)
    again = open_session(settings=site, session_id=first.attendance.session.session_id, port=8866)
    assert again.code == first.code
    assert len(store.read_sessions()) == 1


def test_the_count_follows_who_signs_in_is_excused_or_comes_unexpected(site: Settings, store: Store) -> None:
    session_id = open_evening(site, people=["L01", "L02", "L03"]).attendance.session.session_id
    excuse_learner(settings=site, session_id=None, person="学员02", reason=" 下村值班 ")
    sign_in(store, session_id, "L01", number=1)
    sign_in(store, session_id, "L01", number=2)
    sign_in(store, session_id, "L04", number=3)
    attendance = read_session(settings=site, session_id=None)
    assert attendance.summary == "应到 3 人，签到 2 人（其中 1 人不在应到名单），请假 1 人，未到 1 人"
    assert [(one.learner.learner_id, one.expected) for one in attendance.signed_in] == [("L01", True), ("L04", False)]
    assert [(one.learner.learner_id, one.reason) for one in attendance.excused] == [("L02", "下村值班")]
    assert [one.learner_id for one in attendance.missing] == ["L03"]


def test_who_was_excused_and_comes_after_all_counts_as_come(site: Settings, store: Store) -> None:
    session_id = open_evening(site, people=["L02"]).attendance.session.session_id
    excuse_learner(settings=site, session_id=session_id, person="L02", reason="病假")
    sign_in(store, session_id, "L02")
    attendance = read_session(settings=site, session_id=session_id)
    assert (len(attendance.signed_in), attendance.excused, attendance.missing) == (1, (), ())


def test_a_session_is_told_anew_at_each_change_until_it_is_closed(site: Settings, store: Store) -> None:
    session_id = open_evening(site, people=["L01", "L02"]).attendance.session.session_id
    steps: list[Callable[[], object]] = [
        lambda: sign_in(store, session_id, "L01"),
        lambda: None,
        lambda: excuse_learner(settings=site, session_id=None, person="L02", reason="病假"),
        lambda: close_session(settings=site, session_id=None),
    ]
    told: list[tuple[int, int, int, bool]] = []

    def wait() -> None:
        steps.pop(0)()

    follow_session(
        settings=site,
        session_id=None,
        tell=lambda now: told.append((len(now.signed_in), len(now.excused), len(now.missing), now.is_open)),
        wait=wait,
    )
    assert told == [(0, 0, 2, True), (1, 0, 1, True), (1, 1, 0, True), (1, 1, 0, False)]
    assert steps == []


@pytest.mark.parametrize(
    ("person", "reason", "fault"),
    [
        ("L01", "病假", "已经签到"),
        ("L02", "病假", "已经登记过请假"),
        ("L03", " ", "没有写原因"),
        ("L04", "病假", "不在这一场的应到名单里"),
        ("外人", "病假", "或者现在不在岗"),
    ],
)
def test_an_excuse_that_makes_no_sense_is_refused(
    site: Settings, store: Store, person: str, reason: str, fault: str
) -> None:
    session_id = open_evening(site, people=["L01", "L02", "L03"]).attendance.session.session_id
    sign_in(store, session_id, "L01")
    excuse_learner(settings=site, session_id=session_id, person="L02", reason="病假")
    with pytest.raises(BadInputError, match=fault):
        excuse_learner(settings=site, session_id=session_id, person=person, reason=reason)
    assert len(store.read_records()) == 2


def test_a_closed_session_is_closed_once_and_opens_again_with_its_code(site: Settings) -> None:
    opened = open_evening(site)
    session_id = opened.attendance.session.session_id
    assert not close_session(settings=site, session_id=None).is_open
    with pytest.raises(BadInputError, match="已经收场"):
        close_session(settings=site, session_id=session_id)
    again = open_session(settings=site, session_id=session_id, port=8866)
    assert (again.code, again.attendance.is_open) == (opened.code, True)


def test_a_session_of_another_day_is_not_opened(site: Settings, store: Store) -> None:
    store.write_sessions(
        [
            Session(
                session_id="old",
                held_on=today() - timedelta(days=1),
                kind=SessionKind.LECTURE,
                title="讲座",
                minutes=60,
                host="学员01",
            )
        ]
    )
    with pytest.raises(BadInputError, match="不是今天"):
        open_session(settings=site, session_id="old", port=8866)
    with pytest.raises(BadInputError, match="今天还没有开过场"):
        read_session(settings=site, session_id=None)


def test_a_session_made_by_mistake_is_removed_only_while_nothing_is_recorded(site: Settings, store: Store) -> None:
    first = open_evening(site).attendance.session.session_id
    remove_session(settings=site, session_id=first)
    assert store.read_sessions() == ()
    second = open_evening(site).attendance.session.session_id
    sign_in(store, second, "L01")
    with pytest.raises(BadInputError, match="不能删去"):
        remove_session(settings=site, session_id=second)
    assert [one.session_id for one in store.read_sessions()] == [second]


def test_the_code_of_the_evening_signs_a_learner_in_and_a_reset_pin_is_set_anew(
    site: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "_COST", (2, 1, 1))
    opened = open_evening(site)
    page = Page(store)
    page.now = datetime.now(UTC)
    card = page.lesson.sign_in()
    message = make_sign_in(learner="L01", session=opened.attendance.session.session_id, code=opened.code)
    assert page.send(card, message)["present"]["name"] == "学员01"
    assert len(read_session(settings=site, session_id=None).signed_in) == 1
    assert reset_pin(settings=site, person="学员01").learner_id == "L01"
    with pytest.raises(BadInputError, match="还没有设过密码"):
        reset_pin(settings=site, person="学员01")
    assert page.send(card, message | {"pin": "1357", "again": "1357"})["problem"] == ""


def test_a_paper_sheet_is_entered_by_the_names_that_stand_on_it(site: Settings, store: Store) -> None:
    session_id = open_evening(site).attendance.session.session_id
    add_attendance(settings=site, session_id=session_id, present=["学员02"], excused=["L03"])
    add_attendance(settings=site, session_id=session_id, present=["L02"], excused=[])
    entered = [(record.verb, record.learner_id) for record in store.read_records(session_id=session_id)]
    assert sorted(entered) == [(Verb.EXCUSED, "L03"), (Verb.SIGNED_IN, "L02")]
    with pytest.raises(BadInputError) as raised:
        add_attendance(settings=site, session_id=session_id, present=["学员03", "外人"], excused=["L01"])
    assert [finding.fault[:6] for finding in raised.value.findings] == ["名册里有 2", "名册里没有这"]
    assert len(store.read_records(session_id=session_id)) == 2


def test_a_pin_that_someone_set_tonight_in_anothers_name_shows_to_the_trainer(site: Settings, store: Store) -> None:
    opened = open_evening(site)
    store.write_pin(Pin(learner_id="L02", hash="scrypt$2$1$1$00$00", set_at=datetime.now(UTC)))
    store.write_pin(Pin(learner_id="L01", hash="scrypt$2$1$1$00$00", set_at=datetime(2020, 1, 1, tzinfo=UTC)))
    shown = run_xuefa(site, "session", "status").stdout.splitlines()[-1]
    assert re.fullmatch(r"新密码，请看是不是本人设的：学员02（当天 \d\d:\d\d 设的密码）", shown)
    table = render_attendance(read_session(settings=site, session_id=opened.attendance.session.session_id))
    assert re.findall(r"(学员\d\d)</td><td>未到</td><td>当天", table) == ["学员02"]


def test_the_sign_in_sheet_has_a_row_for_everyone_with_time_excuse_or_absence(site: Settings, store: Store) -> None:
    session_id = open_evening(site, people=["L01", "L02", "L03"]).attendance.session.session_id
    excuse_learner(settings=site, session_id=session_id, person="L02", reason="下村值班")
    sign_in(store, session_id, "L01")
    sign_in(store, session_id, "L04", number=2)
    before = read_sheet(write_sign_in_sheet(settings=site, session_id=None, to=None))
    close_session(settings=site, session_id=None)
    path = write_sign_in_sheet(settings=site, session_id=session_id, to=None)
    rows = read_sheet(path)
    assert rows[0] == ["序号", "姓名", "单位", "职务", "签到时间", "签名", "备注"]
    assert [(row[1], bool(re.fullmatch(r"[0-9]{2}:[0-9]{2}", row[4])), row[6]) for row in rows[1:]] == [
        ("学员02", False, "请假：下村值班"),
        ("学员03", True, "不在应到名单"),
        ("学员01", True, ""),
        ("学员03", False, "未到"),
    ]
    assert [row[6] for row in before[1:]][-1] == ""  # before it is closed, who is not there may still come
    text = "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)
    assert "干部夜学签到表" in text
    assert "应到 3 人，签到 2 人（其中 1 人不在应到名单），请假 1 人，未到 1 人。" in text


def test_a_sheet_that_may_have_been_written_on_is_not_overwritten(site: Settings, tmp_path: Path) -> None:
    open_evening(site)
    path = tmp_path / "签到表.docx"
    path.write_bytes(b"x")
    with pytest.raises(BadInputError, match="已经有这个文件"):
        write_sign_in_sheet(settings=site, session_id=None, to=path)
    assert path.read_bytes() == b"x"


def test_an_evening_from_the_command_line(site: Settings) -> None:
    opened = run_xuefa(site, "session", "open", "--law", "行政诉讼法", "--host", "学员01", "--unit", UNITS[0])
    assert opened.returncode == 0, opened.stderr
    assert re.search(r"签到码  [0-9 ]{11}\n网址    http://[0-9.]+:8866/", opened.stdout)
    assert opened.stdout.count("▄") > 50
    assert "应到 2 人" in opened.stdout
    assert "已登记 L02 请假" in run_xuefa(site, "session", "excuse", "L02", "--reason", "病假").stdout
    assert "未到：学员03" in run_xuefa(site, "session", "status").stdout
    sheet = run_xuefa(site, "session", "sheet")
    assert ".docx" in sheet.stdout
    assert "已收场" in run_xuefa(site, "session", "close").stdout
    assert "应到 2 人，签到 0 人，请假 1 人，未到 1 人。" in run_xuefa(site, "session", "status", "--watch").stdout
    refused = run_xuefa(site, "session", "remove", f"{today()}-1")
    assert (refused.returncode, "不能删去" in refused.stderr) == (1, True)
    assert "还没有设过密码" in run_xuefa(site, "roster", "reset-pin", "L01").stderr
    assert "要用 --host" in run_xuefa(site, "session", "open", "--law", "行政诉讼法").stderr
    assert (
        "可用的类别" in run_xuefa(site, "session", "open", "--kind", "茶话会", "--host", "甲", "--title", "乙").stderr
    )


def read_sheet(path: Path) -> list[list[str]]:
    (table,) = Document(io.BytesIO(path.read_bytes())).tables
    return [[cell.text for cell in row.cells] for row in table.rows]
