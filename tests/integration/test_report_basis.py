"""A written section keeps what its numbers rested on; later changes are told record by record, tampering as such."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from tests.command_line import run_xuefa
from tests.report_site import append, fill_site
from tests.report_years import Ledger, small_year
from xuefa.errors import BadInputError
from xuefa.records.record import Record, Verb
from xuefa.records.store import Store, open_store
from xuefa.report.basis import Holdings, digest_contents
from xuefa.report.evidence import Verification
from xuefa.settings import TIME_ZONE, Settings, site_settings
from xuefa.workflows.records import void_record
from xuefa.workflows.report import build_report, verify_report


@pytest.fixture(scope="module")
def written_site(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site in which the section of the small year was built."""
    settings = site_settings(project_dir=project_dir, site_dir=tmp_path_factory.mktemp("written"))
    fill_site(settings)
    build_report(settings=settings, year=2022)
    return settings.site_dir


@pytest.fixture
def ledger(settings: Settings, written_site: Path) -> Ledger:
    """What lies in that site, of which each test has a copy."""
    shutil.copytree(written_site, settings.site_dir, dirs_exist_ok=True)
    return small_year()


@pytest.fixture
def section(settings: Settings, ledger: Ledger) -> Path:
    assert ledger.records
    return settings.report_output_dir / "关于2022年度学法用法情况的报告.docx"


def verify(settings: Settings, section: Path) -> Verification:
    return verify_report(settings=settings, file=section)


def tamper(settings: Settings, statement: str, record: Record) -> None:
    """Change the database behind the kit's back, as someone with an SQL tool could."""
    with sqlite3.connect(settings.data_dir / "xuefa.db") as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        changed = connection.execute(statement, (record.record_id.hex,)).rowcount
    connection.close()
    assert changed == 1


def test_an_untouched_section_holds(settings: Settings, section: Path) -> None:
    verification = verify(settings, section)

    assert verification.ok
    assert verification.findings == ()


def test_the_part_to_paste_is_verified_as_the_document_is(settings: Settings, ledger: Ledger) -> None:
    part = settings.report_output_dir / "关于2022年度学法用法情况的报告（并入年度报告用）.docx"
    assert verify(settings, part).ok
    ledger.record(Verb.PUBLISHED, "2022-12-01 10:00", text="补登一期")
    append(settings, ledger.records[-1])

    assert "新增：2022-12-01 推送 “补登一期”" in str(verify(settings, part).findings[0])


def test_an_added_record_is_named_as_the_reason_in_the_words_of_the_section(
    settings: Settings, section: Path, ledger: Ledger
) -> None:
    ledger.record(Verb.PUBLISHED, "2022-12-01 10:00", text="补登一期")
    append(settings, ledger.records[-1])
    first, second = verify(settings, section).findings

    assert "推送次数" in second.place
    assert "“（一）总体情况”“利用微信群及公众号平台推送习近平法治思想学习内容3次”" in first.place
    assert "写的是3，现在是4。原因——新增：2022-12-01 推送 “补登一期”" in first.fault
    assert "fig_" not in str(first)


def test_a_sign_in_added_later_explains_a_rate_whose_rows_are_the_same(
    settings: Settings, section: Path, ledger: Ledger
) -> None:
    ledger.record(Verb.SIGNED_IN, "2022-03-24 09:05", "C", session_id="s02")
    append(settings, ledger.records[-1])
    rate = next(one for one in verify(settings, section).numbers if one.figure_id == "attendance_rate")

    assert rate.status == "changed"
    assert rate.because == "新增：2022-03-24 学员C（C） 签到 2022-03-24“第2次学习”"


def test_a_figure_of_people_is_explained_by_what_they_did(settings: Settings, section: Path, ledger: Ledger) -> None:
    """Its rows are the people on the roster, none of whom changed."""
    ledger.record(Verb.SIGNED_IN, "2022-03-24 09:05", "C", session_id="s02")
    session = ledger.sessions[0]
    append(settings, ledger.records[-1])
    with open_store(settings.database_url) as store:
        store.write_sessions([type(session)(**{**vars(session), "minutes": session.minutes + 90})])
    reasons = {one.figure_id: one.because for one in verify(settings, section).numbers if one.status == "changed"}

    assert "（C） 签到 2022-03-24“第2次学习”" in reasons["hours_per_head"]
    assert "更正：学习活动2022-03-10“第1次学习”" in reasons["hours_per_head"]


def test_a_voided_record_is_named_with_its_reason(settings: Settings, section: Path, ledger: Ledger) -> None:
    push = next(record for record in ledger.records if record.verb is Verb.PUBLISHED)
    void_record(settings=settings, record_id=str(push.record_id), reason="重复登记")
    pushes = next(one for one in verify(settings, section).numbers if one.figure_id == "pushes")

    assert pushes.because == "作废：2022-03-15 推送 “推送一期”（重复登记）"


def test_a_corrected_session_is_named(settings: Settings, section: Path, ledger: Ledger) -> None:
    session = ledger.sessions[0]
    changed = type(session)(**{**vars(session), "minutes": 75})
    with open_store(settings.database_url) as store:
        store.write_sessions([changed])
    hours = next(one for one in verify(settings, section).numbers if one.figure_id == "study_hours")

    assert hours.status == "changed"
    assert hours.because == "更正：学习活动2022-03-10“第1次学习”"


def test_a_point_of_a_chart_is_told_with_the_rows_that_changed_it(
    settings: Settings, section: Path, ledger: Ledger
) -> None:
    first = ledger.sessions[0]
    with open_store(settings.database_url) as store:
        store.write_sessions([type(first)(**{**vars(first), "held_on": date(2022, 4, 14)})])
    points = {one.figure_id: one for one in verify(settings, section).numbers if one.is_drawn and one.status != "holds"}

    assert {figure_id: (one.sealed, one.current) for figure_id, one in points.items()} == {
        "sessions_evening_m03": ("1", "0"),
        "sessions_evening_m04": ("0", "1"),
    }
    assert {one.because for one in points.values()} == {"更正：学习活动2022-04-14“第1次学习”"}


def test_a_record_that_was_altered_behind_the_kits_back_is_told_even_where_every_number_holds(
    settings: Settings, section: Path, ledger: Ledger
) -> None:
    push = next(record for record in ledger.records if record.verb is Verb.PUBLISHED)
    tamper(settings, "UPDATE records SET text = '改了' WHERE record_id = ?", push)
    verification = verify(settings, section)

    assert all(check.status == "holds" for check in verification.numbers)
    assert not verification.ok
    assert "封存以后这条记录被改动过" in str(verification.findings[0])


def test_a_record_that_was_deleted_behind_the_kits_back_is_told(
    settings: Settings, section: Path, ledger: Ledger
) -> None:
    push = next(record for record in ledger.records if record.verb is Verb.PUBLISHED)
    tamper(settings, "DELETE FROM records WHERE record_id = ?", push)
    verification = verify(settings, section)

    assert "1条记录在封存以后被改动或者删去" in verification.summary
    assert "现在数据库里没有了" in str(verification.findings[-1])


def test_a_kept_basis_that_was_changed_is_refused(settings: Settings, section: Path) -> None:
    (kept,) = settings.report_basis_dir.iterdir()
    kept.write_bytes(kept.read_bytes()[:-3])

    with pytest.raises(BadInputError, match="保存的数据依据被改动过或者损坏了"):
        verify(settings, section)


def test_without_the_kept_basis_the_numbers_are_still_checked(
    settings: Settings, section: Path, ledger: Ledger
) -> None:
    for kept in settings.report_basis_dir.iterdir():
        kept.unlink()
    ledger.record(Verb.PUBLISHED, "2022-12-01 10:00")
    append(settings, ledger.records[-1])
    pushes = next(one for one in verify(settings, section).numbers if one.figure_id == "pushes")

    assert (pushes.status, pushes.because) == ("changed", "")


def held_by(store: Store, ledger: Ledger) -> Holdings:
    return Holdings(store, tuple(ledger.sessions), tuple(ledger.learners), tuple(ledger.exam_results))


def test_the_digest_of_everything_held_is_that_of_the_bases_kept_by_earlier_versions(settings: Settings) -> None:
    ledger = small_year()
    moved = [("党政办", "2019-01-01", "2022-02-28")]
    ledger.learner("F", unit="农业站", since="2022-03-01", earlier=moved)
    fill_site(settings, ledger)
    with open_store(settings.database_url) as store:
        contents = dict(digest_contents(held_by(store, ledger), year=2022, time_zone=TIME_ZONE))

    digest = hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()
    assert digest == "36b374826f58a8bd856d0dd9497d289f5ba2939a57ef57a4d19f2b8484559f7f"


def test_a_basis_holds_what_the_year_may_rest_on_and_nothing_else(settings: Settings) -> None:
    """Two years, sessions of New Year's Eve past midnight, every pass; what was taken back only if it was restored."""
    ledger = Ledger()
    person = ledger.learner("A")
    eve = ledger.session("2022-12-31", expected=[person])
    kept = {
        "past midnight": ledger.record(Verb.SIGNED_IN, "2023-01-01 00:10", person, session_id=eve),
        "answered past midnight": ledger.record(
            Verb.ANSWERED, "2023-01-01 00:20", person, session_id=eve, item_id="xf-0001"
        ),
        "first instant": ledger.record(Verb.PUBLISHED, "2021-01-01 00:00"),
        "old pass": ledger.record(Verb.CERTIFIED, "2015-06-01 10:00", person),
        "restored": ledger.record(Verb.PUBLISHED, "2022-05-01 10:00"),
    }
    ledger.record(Verb.PUBLISHED, "2020-12-31 23:59")
    ledger.record(Verb.PUBLISHED, "2023-01-01 00:00")
    ledger.record(Verb.REFLECTED, "2023-01-01 00:00", person)
    mistake = ledger.record(Verb.PUBLISHED, "2022-06-01 10:00")
    ledger.record(Verb.VOIDED, "2022-06-02 10:00", voids=mistake)
    hasty = ledger.record(Verb.VOIDED, "2022-06-02 10:00", voids=kept["restored"])
    ledger.record(Verb.VOIDED, "2022-06-03 10:00", voids=hasty)
    fill_site(settings, ledger)
    with open_store(settings.database_url) as store:
        counting = held_by(store, ledger).select_counting(year=2022, time_zone=TIME_ZONE)

        assert {record.record_id for record in counting} == set(kept.values())


def test_a_correction_of_the_roster_is_named_as_the_reason(settings: Settings, section: Path, ledger: Ledger) -> None:
    """The records are the same; only the roster says that somebody had left before the second session."""
    left = next(learner for learner in ledger.learners if learner.learner_id == "C")
    with open_store(settings.database_url) as store:
        store.write_learners([type(left)(**{**vars(left), "until": date(2022, 3, 15)})])
    changed = {one.figure_id: one.because for one in verify(settings, section).numbers if one.status != "holds"}

    assert "attendance_rate" in changed
    assert set(changed.values()) == {"更正：名册里的学员C（C）"}


def test_a_session_whose_day_has_come_since_is_named_as_a_possible_reason(
    settings: Settings, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No record changed: the session stood in the ledger when the section was written."""
    first, second = sorted(session.held_on for session in ledger.sessions)[:2]
    with monkeypatch.context() as early:
        early.setattr("xuefa.workflows.report.today", lambda: first)
        section = build_report(settings=settings, year=2022).document
    sessions = next(one for one in verify(settings, section).numbers if one.figure_id == "study_sessions")

    assert second > first
    assert sessions.status == "changed"
    assert "可能是登记在前的学习活动到了日期" in sessions.because


def test_the_command_lists_every_number_with_its_place(settings: Settings, section: Path) -> None:
    done = run_xuefa(settings, "report", "verify", str(section), "--list")

    assert done.returncode == 0
    assert "一致：“（一）总体情况”“利用微信群及公众号平台推送习近平法治思想学习内容3次”推送次数 3" in done.stdout
    assert "fig_" not in done.stdout
