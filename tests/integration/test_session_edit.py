"""A session entered wrongly is put right with a reason, keeps its sign-ins, and stays right after a merge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import run_xuefa
from tests.ledger_files import SHEETS, write_ledger
from tests.report_site import fill_site
from xuefa.errors import BadInputError, ConflictError
from xuefa.records.corrections import correct_session
from xuefa.records.evening import Opening
from xuefa.records.merge import merge_records
from xuefa.records.record import Learner, Session, SessionKind, Verb
from xuefa.records.store import Store, open_store
from xuefa.settings import Settings
from xuefa.workflows.ledger import import_ledger, plan_ledger
from xuefa.workflows.records import add_attendance, add_session, void_record
from xuefa.workflows.report import build_report, verify_report
from xuefa.workflows.session import remove_session
from xuefa.workflows.session_edit import edit_session, plan_session_edit
from xuefa.workflows.site import today

HELD, ID = date(2022, 3, 1), "2022-03-01-1"


@pytest.fixture
def site(settings: Settings) -> Settings:
    """Three learners, of whom one has left, and a session with a wrong title: one came, one is excused."""
    with open_store(settings.database_url) as store:
        store.write_learners(
            Learner(
                learner_id=f"L{number:02d}",
                name=f"学员{number:02d}",
                unit="党政办",
                post="干部",
                since=date(2020, 1, 1),
                until=date(2022, 12, 31) if number == 3 else None,
            )
            for number in (1, 2, 3)
        )
    enter(settings)
    add_attendance(settings=settings, session_id=ID, present=["L01"], excused=["L02"])
    return settings


@pytest.fixture
def store(site: Settings) -> Iterator[Store]:
    with open_store(site.database_url) as store:
        yield store


def enter(settings: Settings, **changes: Any) -> Session:
    values: dict[str, Any] = {
        "held_on": HELD,
        "kind": SessionKind.EVENING,
        "title": "学习刑法",
        "minutes": 60,
        "host": "学员01",
        "laws": ["行政诉讼法"],
        "expected": ["L01", "L02"],
    }
    return add_session(settings=settings, **(values | changes))


def edit(settings: Settings, **changes: Any) -> None:
    plan = plan_session_edit(settings=settings, session_id=ID, **changes)
    edit_session(settings=settings, edit=plan, reason="登记时打错了", by="学员02")


def test_every_part_is_put_right_and_who_when_and_why_is_kept_with_the_sign_ins(site: Settings, store: Store) -> None:
    before = store.read_records()
    edit(
        site,
        held_on=date(2022, 3, 8),
        kind=SessionKind.LECTURE,
        title=" 学习行政诉讼法 ",
        minutes=90,
        host="学员02",
        laws=["行政处罚法", "行政诉讼法", "中华人民共和国行政处罚法"],
        added=["学员03"],
        dropped=["L02"],
    )
    assert store.read_sessions() == (
        Session(
            session_id=ID,
            held_on=date(2022, 3, 8),
            kind=SessionKind.LECTURE,
            title="学习行政诉讼法",
            minutes=90,
            host="学员02",
            laws=("xzcf", "xzss"),
            expected=frozenset({"L01", "L03"}),
        ),
    )
    assert store.read_records(verbs={Verb.SIGNED_IN, Verb.EXCUSED}) == before
    (record,) = store.read_records(verbs={Verb.CORRECTED})
    assert record.text == (
        "日期由“2022-03-01”改为“2022-03-08”；形式由“干部夜学”改为“专题讲座”；"
        "主题由“学习刑法”改为“学习行政诉讼法”；时长（分钟）由“60”改为“90”；主持人由“学员01”改为“学员02”；"
        "学习的法律由“《行政诉讼法》”改为“《行政处罚法》、《行政诉讼法》”；"
        "应到人员加上学员03，去掉学员02，由 2 人改为 2 人。原因：登记时打错了。更正人：学员02"
    )
    assert (record.session_id, record.occurred_at.astimezone(UTC).date()) == (ID, datetime.now(UTC).date())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"session_id": "2022-03-01-9", "title": "甲"}, "2022-03-01-9：没有登记过这场学习活动"),
        ({"held_on": date(2021, 3, 1)}, "日期：2021-03-01 不在 2022 年.*请检查年份"),
        ({"title": "  "}, "主题是空的"),
        ({"host": ""}, "主持人是空的"),
        ({"minutes": 0}, "时长不能是 0 分钟"),
        ({"laws": ["没有这部法"]}, "目录里没有《没有这部法》"),
        ({"added": ["外人"], "dropped": ["生人"]}, "“外人”：名册里没有这个人(.|\n)*“生人”：名册里没有这个人"),
        ({"expected": []}, "应到的人一个也没有了"),
        ({"added": ["L03"], "dropped": ["学员03"]}, "L03 既写了加上又写了去掉"),
        ({}, f"{ID}：和现在的一样，没有要改的"),
        ({"title": "学习刑法", "laws": ["行政诉讼法"], "expected": ["学员02", "L01"]}, "没有要改的"),
        ({"title": "另一场"}, "“另一场”已经登记过"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_and_nothing_is_written(
    site: Settings, store: Store, changes: dict[str, Any], said: str
) -> None:
    enter(site, title="另一场")
    before = store.read_sessions(), store.read_records(with_voided=True)
    with pytest.raises(BadInputError, match=said):
        edit(site, **changes) if "session_id" not in changes else plan_session_edit(settings=site, **changes)
    assert (store.read_sessions(), store.read_records(with_voided=True)) == before


@pytest.mark.parametrize(("reason", "by", "said"), [(" ", "学员02", "没有写原因"), ("打错了", " ", "没有写更正人")])
def test_an_edit_needs_a_reason_and_a_name(site: Settings, store: Store, reason: str, by: str, said: str) -> None:
    plan = plan_session_edit(settings=site, session_id=ID, title="甲")
    with pytest.raises(BadInputError, match=said):
        edit_session(settings=site, edit=plan, reason=reason, by=by)
    assert store.read_sessions()[0].title == "学习刑法"


def test_a_session_is_moved_to_a_day_on_which_it_can_have_been(site: Settings, store: Store) -> None:
    held = enter(site, held_on=date(today().year, 1, 1), title="今年的").session_id
    coming = date(today().year, 12, 31)
    store.write_opening(Opening(session_id=held, code="123456", opened_at=datetime.now(UTC)))
    with pytest.raises(BadInputError, match="正在签到，不能改到别的日子"):
        plan_session_edit(settings=site, session_id=held, held_on=coming)
    store.write_opening(
        Opening(session_id=held, code="123456", opened_at=datetime.now(UTC), closed_at=datetime.now(UTC))
    )
    assert plan_session_edit(settings=site, session_id=held, held_on=coming).after.held_on == coming


def test_a_session_at_which_people_came_is_not_moved_to_a_day_to_come(
    site: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xuefa.workflows.session_edit.today", lambda: date(2022, 3, 5))
    with pytest.raises(BadInputError, match="2022-03-06 还没有到，而这一场已经有人签到或请假"):
        plan_session_edit(settings=site, session_id=ID, held_on=date(2022, 3, 6))
    assert plan_session_edit(settings=site, session_id=ID, held_on=date(2022, 3, 5)).changes
    assert store.read_sessions()[0].held_on == HELD


def test_a_session_changed_meanwhile_is_not_overwritten(site: Settings, store: Store) -> None:
    plan = plan_session_edit(settings=site, session_id=ID, title="甲")
    edit(site, minutes=90)
    with pytest.raises(BadInputError, match="刚才在别处改过"):
        edit_session(settings=site, edit=plan, reason="打错了", by="学员02")
    assert [one.title for one in store.read_sessions()] == ["学习刑法"]


def test_a_new_session_never_takes_the_number_of_one_that_was_moved_or_removed(site: Settings, store: Store) -> None:
    second = enter(site, title="第二场").session_id
    third = enter(site, title="第三场").session_id
    edit(site, held_on=date(2022, 3, 8))
    plan = plan_session_edit(settings=site, session_id=second, minutes=30)
    edit_session(settings=site, edit=plan, reason="打错了", by="学员02")
    remove_session(settings=site, session_id=second)
    fourth = enter(site, title="第四场").session_id
    assert len({ID, second, third, fourth}) == 4
    assert {one.title for one in store.read_sessions()} == {"学习刑法", "第三场", "第四场"}


def test_a_correction_is_not_voided_but_corrected_again(site: Settings, store: Store) -> None:
    edit(site, title="学习民法典")
    (record,) = store.read_records(verbs={Verb.CORRECTED})
    with pytest.raises(BadInputError, match=f"是一场学习活动的更正，不能作废.*xuefa session edit {ID}"):
        void_record(settings=site, record_id=str(record.record_id), reason="错了")
    edit(site, title="学习行政诉讼法")
    assert store.read_sessions()[0].title == "学习行政诉讼法"


def test_a_session_put_right_stays_so_whichever_machine_merges_which(
    site: Settings, store: Store, tmp_path: Path
) -> None:
    with open_store(f"sqlite:///{tmp_path / '另一台.db'}") as other:
        merge_records(other, store)
        edit(site, title="学习行政诉讼法", minutes=90)
        session = other.read_sessions()[0]
        correct_session(other, session, replace(session, host="学员03"), says="", at=datetime.now(UTC), random_bits=1)

        brought = merge_records(store, other)
        assert brought.text == "新增 1 条记录，已有 2 条；新增学员 0 人，学习活动 0 次，按更正改了学习活动 1 次。"
        right = store.read_sessions()
        assert [(one.title, one.minutes, one.host) for one in right] == [("学习行政诉讼法", 90, "学员03")]
        assert merge_records(store, other).sessions_corrected == 0
        assert merge_records(other, store).sessions_corrected == 1
        assert other.read_sessions() == store.read_sessions() == right
        assert len(store.read_records(verbs={Verb.SIGNED_IN, Verb.EXCUSED})) == 2


def test_the_last_correction_counts_even_where_that_machines_clock_is_behind(
    site: Settings, store: Store, tmp_path: Path
) -> None:
    edit(site, title="学习民法典")
    with open_store(f"sqlite:///{tmp_path / '另一台.db'}") as other:
        merge_records(other, store)
        session = other.read_sessions()[0]
        behind = datetime.now(UTC) - timedelta(days=30)
        right = replace(session, title="学习行政诉讼法")
        correct_session(other, session, right, says="", at=behind, random_bits=1)
        merge_records(store, other)
        assert store.read_sessions() == (right,)


def test_a_content_that_no_correction_explains_is_still_a_contradiction(
    site: Settings, store: Store, tmp_path: Path
) -> None:
    with open_store(f"sqlite:///{tmp_path / '另一台.db'}") as other:
        merge_records(other, store)
        edit(site, title="学习行政诉讼法")
        other.write_sessions([replace(other.read_sessions()[0], title="又一个主题")])
        before = store.read_sessions(), store.read_records(with_voided=True)
        with pytest.raises(ConflictError, match=r"主题 学习行政诉讼法.*主题 又一个主题"):
            merge_records(store, other)
        assert (store.read_sessions(), store.read_records(with_voided=True)) == before


def test_a_growing_ledger_imported_again_undoes_no_correction(site: Settings, store: Store, tmp_path: Path) -> None:
    store.write_learners(
        Learner(learner_id=one, name=name, unit="司法所", post="干部", since=date(2020, 1, 1))
        for one, name in (("学员01", "张三"), ("学员02", "李四"))
    )
    header, row = SHEETS["集中学习"]
    attended = [(date(2022, 3, 10), title, "李四", "签到", None) for title in ("学习行政诉讼法", None)]
    sheets = {"集中学习": [header, (*row[:6], "张三、李四")], "签到请假": [SHEETS["签到请假"][0], *attended]}
    file = write_ledger(tmp_path / "台账.xlsx", sheets)
    import_ledger(settings=site, file=file, year=2022)
    (session,) = [one for one in store.read_sessions() if one.session_id != ID]
    plan = plan_session_edit(
        settings=site,
        session_id=session.session_id,
        held_on=date(2022, 3, 11),
        title="学习行政处罚法",
        minutes=90,
        laws=["行政处罚法"],
        dropped=["张三"],
    )
    edit_session(settings=site, edit=plan, reason="台账记错了", by="张三")
    again = plan_ledger(settings=site, file=file, year=2022)
    assert again.adds_nothing
    assert again.rows[0].says == ("登记过，后来更正为2022-03-11 干部夜学“学习行政处罚法”；如果是另一场，请换个主题")

    sheets["集中学习"][1] = (*row[:3], 120, *row[4:6], "张三、李四")
    grown = plan_ledger(settings=site, file=write_ledger(tmp_path / "新台账.xlsx", sheets), year=2022)
    assert [one.state for one in grown.rows] == ["corrected", "known", "doubled"]
    assert grown.sessions == (replace(plan.after, minutes=120),)

    enter(site, held_on=date(2022, 3, 10), title="另一场")
    doubtful = plan_ledger(settings=site, file=file, year=2022)
    assert [one.state for one in doubtful.rows] == ["known", "known", "doubtful"]
    (finding,) = doubtful.findings
    assert finding.fault == "2022-03-10 有 2 场学习活动对得上：“另一场”、“学习行政处罚法”（已更正为 2022-03-11）"


def test_a_sealed_report_names_the_corrected_session_why_and_by_whom(settings: Settings) -> None:
    session = fill_site(settings).sessions[0]
    section = build_report(settings=settings, year=2022).document
    plan = plan_session_edit(settings=settings, session_id=session.session_id, minutes=75)
    edit_session(settings=settings, edit=plan, reason="照签到表", by="学员02")
    verification = verify_report(settings=settings, file=section)
    hours = next(one for one in verification.numbers if one.figure_id == "study_hours")
    assert hours.status == "changed"
    assert hours.because == (
        "更正：学习活动2022-03-10“第1次学习”（时长（分钟）由“60”改为“75”。原因：照签到表。更正人：学员02）"
    )
    assert verification.tampering == ()


def test_a_session_is_put_right_from_the_command_line_after_a_look(site: Settings, store: Store) -> None:
    command = (
        "session",
        "edit",
        ID,
        "--title",
        "学习行政诉讼法",
        "--minutes",
        "90",
        "--add",
        "学员03",
        "--date",
        "2022-03-08",
    )
    shown = run_xuefa(site, *command)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "主题由“学习刑法”改为“学习行政诉讼法”" in shown.stdout
    assert "还没有改动" in shown.stdout
    assert store.read_sessions()[0].title == "学习刑法"
    done = run_xuefa(site, *command, "--reason", "打错了", "--by", "学员02")
    assert (done.returncode, done.stderr) == (0, "")
    assert "已更正" in done.stdout
    assert (store.read_sessions()[0].minutes, len(store.read_sessions()[0].expected)) == (90, 3)
    assert (
        "更正  2022-03-01-1  日期由“2022-03-01”改为“2022-03-08”；主题由“学习刑法”改为"
        in run_xuefa(site, "records", "list").stdout
    )
    assert f"{ID}  2022-03-08  干部夜学  学习行政诉讼法" in run_xuefa(site, "session", "list").stdout
    other_year = run_xuefa(site, "session", "edit", ID, "--date", "2023-03-01")
    assert (other_year.returncode, "学时按年度统计" in other_year.stderr) == (1, True)
