"""A written section keeps what its numbers rested on; later changes are told record by record, tampering as such."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.integration.test_cli import run_xuefa
from tests.report_site import append, fill_site
from tests.report_years import Ledger
from xuefa.errors import BadInputError
from xuefa.records.record import Record, Verb
from xuefa.records.store import open_store
from xuefa.report.evidence import Verification
from xuefa.settings import Settings
from xuefa.workflows.records import void_record
from xuefa.workflows.report import build_report, verify_report


@pytest.fixture
def ledger(settings: Settings) -> Ledger:
    return fill_site(settings)


@pytest.fixture
def section(settings: Settings, ledger: Ledger) -> Path:
    assert ledger.records
    return build_report(settings=settings, year=2022).document


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
    part = build_report(settings=settings, year=2022).part
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


def test_the_command_lists_every_number_with_its_place(settings: Settings, section: Path) -> None:
    done = run_xuefa(settings, "report", "verify", str(section), "--list")

    assert done.returncode == 0
    assert "一致：“（一）总体情况”“利用微信群及公众号平台推送习近平法治思想学习内容3次”推送次数 3" in done.stdout
    assert "fig_" not in done.stdout
