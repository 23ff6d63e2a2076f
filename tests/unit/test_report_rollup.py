"""What townships send adds up to what the whole would give; whatever cannot be added, or is in doubt, is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.report_years import Ledger, build, small_year
from xuefa.errors import BadInputError
from xuefa.records.record import SessionKind, Verb
from xuefa.report.county import build_county_section
from xuefa.report.rollup import EXAM_TOTALS, Rollup, roll_up
from xuefa.report.section import Table
from xuefa.report.upward import Export, make_export, read_export, write_export

MADE_AT = datetime(2023, 1, 5, 1, 0, tzinfo=UTC)


def export(ledger: Ledger, unit: str, *, year: int = 2022) -> Export:
    return make_export(build(ledger)[0], unit=unit, year=year, made_at=MADE_AT)


def faults(*exports: Export, expected: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(BadInputError) as caught:
        roll_up(exports, expected=expected)
    return [f"{finding.place}：{finding.fault}" for finding in caught.value.findings]


@st.composite
def townships(draw: st.DrawFn) -> tuple[list[Ledger], Ledger]:
    """Some townships with people, sessions, records and an exam of their own, and the county that they make."""
    parts, whole = [], Ledger()
    for number in range(draw(st.integers(1, 3))):
        part = Ledger()
        people = [f"P{number}{who}" for who in range(draw(st.integers(0, 3)))]
        for person in people:
            part.learner(person)
        for index in range(draw(st.integers(0, 3))):
            day = f"2022-{draw(st.integers(1, 12)):02d}-{draw(st.integers(1, 28)):02d}"
            part.session(
                day,
                expected=draw(st.lists(st.sampled_from(people), unique=True)) if people else (),
                laws=tuple(draw(st.lists(st.sampled_from(["xzss", "mfd"]), unique=True))),
                kind=draw(st.sampled_from(list(SessionKind))),
                minutes=draw(st.integers(1, 200)),
            )
            part.sessions[-1] = type(part.sessions[-1])(
                **{**vars(part.sessions[-1]), "session_id": f"t{number}-{index}"}
            )
            for person in draw(st.lists(st.sampled_from(people), unique=True)) if people else ():
                part.record(
                    draw(st.sampled_from([Verb.SIGNED_IN, Verb.EXCUSED])),
                    f"{day} 19:30",
                    person,
                    session_id=f"t{number}-{index}",
                )
        for person in people:
            for _ in range(draw(st.integers(0, 3))):
                item = draw(st.sampled_from(["xzss-0001", "mfd-0001"]))
                part.answer("2022-05-01 20:00", person, item, correct=draw(st.booleans()))
            for verb in draw(st.lists(st.sampled_from([Verb.REFLECTED, Verb.PRESENTED, Verb.CERTIFIED]))):
                part.record(verb, "2022-06-01 10:00", person)
            if draw(st.booleans()):
                score = draw(st.one_of(st.none(), st.integers(0, 100).map(float)))
                part.score(person, score, paper_id=f"paper-{draw(st.integers(1, 2))}")
        for _ in range(draw(st.integers(0, 2))):
            part.record(Verb.PUBLISHED, "2022-07-01 10:00")
        parts.append(_with_ids_of_its_own(part, number))
        whole.learners += parts[-1].learners
        whole.sessions += parts[-1].sessions
        whole.records += parts[-1].records
        whole.exam_results += parts[-1].exam_results
    return parts, whole


def _with_ids_of_its_own(part: Ledger, number: int) -> Ledger:
    part.records = [
        type(record)(**{**vars(record), "record_id": type(record.record_id)(int=record.record_id.int + (number << 40))})
        for record in part.records
    ]
    return part


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(townships())
def test_the_rollup_of_parts_equals_the_whole(made: tuple[list[Ledger], Ledger]) -> None:
    parts, whole = made
    rolled = roll_up([export(part, f"{number}乡") for number, part in enumerate(parts)])
    expected = roll_up([export(whole, "全县")])

    assert {figure_id: figure.text for figure_id, figure in rolled.figures.items()} == {
        figure_id: figure.text for figure_id, figure in expected.figures.items()
    }
    assert len(rolled.figures) > 50


def test_every_count_and_rate_of_the_report_is_either_added_or_named_as_left_out() -> None:
    sent = export(small_year(), "甲乡")
    rolled = roll_up([sent])

    for figure in sent.figures:
        added = figure.figure_id in rolled.figures or figure.family in EXAM_TOTALS
        assert added != (figure.adding == "no")
    assert {"集中学习的法律法规文件", "集中学习学时", "平均分"} <= set(rolled.left_out)


def test_rates_add_their_numerators_and_denominators_and_are_no_averages_of_averages() -> None:
    one, other = small_year(), small_year()
    for _ in range(13):
        other.answer("2022-05-01 20:00", "A", "xzss-0001", correct=False)
    rolled = roll_up([export(one, "甲乡"), export(other, "乙乡")])
    accuracy = rolled.figures["accuracy"]

    assert (accuracy.numerator, accuracy.denominator, accuracy.percent) == (8, 25, Decimal("32.0"))
    assert rolled.parts["甲乡"]["accuracy"].text == "66.7%（4/6）"


def test_exams_of_different_papers_add_up_over_papers_and_townships() -> None:
    one, other = small_year(), small_year()
    other.score("A", 50.0, paper_id="another")
    figures = roll_up([export(one, "甲乡"), export(other, "乙乡")]).figures

    assert (figures["exam_expected"].value, figures["exam_present"].value) == (9, 7)
    assert figures["exam_pass_rate"].text == "57.1%（4/7）"


def test_an_export_is_read_back_and_holds_no_name_and_no_unit_of_few_people(tmp_path: Path) -> None:
    ledger, path = small_year(), tmp_path / "甲乡.json"
    sent = export(ledger, "甲乡")
    write_export(sent, path)
    text = path.read_text(encoding="utf-8")

    assert read_export(path) == sent
    assert not any(learner.name in text or learner.unit in text for learner in ledger.learners)
    assert "推送一期" not in text


@pytest.mark.parametrize(
    "edit", [('"value": 3', '"value": 30'), ('"甲乡"', '"乙乡"'), ('"year": 2022', '"year": 2021')]
)
def test_an_export_that_was_edited_has_a_broken_seal(tmp_path: Path, edit: tuple[str, str]) -> None:
    path = tmp_path / "甲乡.json"
    write_export(export(small_year(), "甲乡"), path)
    text = path.read_text(encoding="utf-8")
    assert edit[0] in text
    path.write_text(text.replace(*edit, 1), encoding="utf-8")

    with pytest.raises(BadInputError, match="封存校验不符"):
        read_export(path)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"PK\x03\x04", "不是报送文件"),
        (b"[]", "不是报送文件"),
        (b'{"format": "xuefa-report-export", "version": 2}', "格式版本是 2"),
        (b'{"format": "xuefa-report-export", "version": 1, "unit": 7}', "内容不完整"),
    ],
)
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)

    with pytest.raises(BadInputError, match=fault):
        read_export(path)


def test_a_rate_whose_n_exceeds_its_whole_is_refused_even_under_a_right_seal(tmp_path: Path) -> None:
    sent, path = export(small_year(), "甲乡"), tmp_path / "x.json"
    figures = [one.model_copy(update={"numerator": 99}) if one.figure_id == "accuracy" else one for one in sent.figures]
    write_export(sent.model_copy(update={"figures": tuple(figures)}), path)

    with pytest.raises(BadInputError, match="内容不完整"):
        read_export(path)


def test_two_files_of_one_unit_are_refused_with_their_times_and_codes() -> None:
    sent = export(small_year(), "甲乡")

    (fault,) = faults(sent, sent)
    assert fault.startswith("甲乡：有 2 份报送文件")
    assert sent.code in fault
    assert "2023-01-05 09:00（校验码" in fault, "the clocks of the townships, not UTC"


def test_mixed_years_and_strangers_are_refused() -> None:
    mixed = faults(export(small_year(), "甲乡"), export(small_year(), "乙乡", year=2021))
    assert mixed == ["报送文件：年度不一致（2021 年：乙乡；2022 年：甲乡）"]
    assert faults(export(small_year(), "丙乡"), expected=("甲乡",)) == ["丙乡：不在应报名单里"]
    assert faults() == ["报送文件：一个也没有"]


def test_who_is_missing_is_told_in_the_order_of_those_expected() -> None:
    rolled = roll_up(
        [export(small_year(), "乙乡"), export(small_year(), "甲乡")], expected=("甲乡", "丁镇", "乙乡", "丙乡")
    )

    assert (rolled.townships, rolled.missing) == (("甲乡", "乙乡"), ("丁镇", "丙乡"))


def county_text(rolled: Rollup) -> str:
    section = build_county_section(rolled, county="某某县", minutes_per_study_hour=45)
    return "\n".join(section.paragraphs)


def test_the_countys_section_says_sums_rates_gaps_and_what_is_left_out() -> None:
    rolled = roll_up([export(small_year(), "甲乡"), export(small_year(), "乙乡")], expected=("甲乡", "乙乡", "丙乡"))
    text = county_text(rolled)

    assert "某某县共有2个单位报送" in text
    assert "尚未报送的有丙乡，以下数字不包括这些单位" in text
    assert "共组织集中学习6次，累计340分钟（每45分钟为1学时，合7.6学时）" in text
    assert "参学率66.7%（12/18）" in text
    assert "平均分" in text.partition("不能相加，没有汇总：")[2]


def test_the_countys_tables_leave_out_what_no_township_did() -> None:
    ledger = Ledger()
    ledger.learner("p")
    ledger.record(Verb.PUBLISHED, "2022-03-01 10:00")
    section = build_county_section(roll_up([export(ledger, "甲乡")]), county="某某县", minutes_per_study_hour=45)

    assert [block.columns for block in section.blocks if isinstance(block, Table)] == [("单位", "推送次数")]


def test_an_export_tells_no_score_of_a_single_exam() -> None:
    ledger = Ledger()
    ledger.score(ledger.learner("p"), 61.5)
    scores = [figure for figure in export(ledger, "甲乡").figures if figure.family in ("exam_mean", "exam_median")]

    assert [(figure.value, figure.text) for figure in scores] == [(None, ""), (None, "")]


def test_a_year_in_which_nothing_happened_has_a_sensible_section() -> None:
    text = county_text(roll_up([export(Ledger(), "甲乡")]))

    assert "共组织" not in text
    assert "某某县共有1个单位报送" in text
