"""How figures are rounded, shared out, compared and named."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.report_years import Ledger, build, figures_of, small_year
from xuefa.records.record import Verb
from xuefa.report.figure import Counting, Figure, round_half_even, split_hundred


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("66.65", "66.6"), ("66.75", "66.8"), ("66.651", "66.7"), ("0.05", "0.0"), ("0.25", "0.2"), ("0.35", "0.4")],
)
def test_rounding_follows_gb_t_8170(value: str, rounded: str) -> None:
    assert str(round_half_even(Decimal(value), places=1)) == rounded


def test_a_tie_of_a_rate_goes_to_the_even_digit() -> None:
    ledger = Ledger()
    people = [ledger.learner(f"p{number}") for number in range(80)]
    session = ledger.session("2022-05-05", expected=people)
    for person in people[:5]:
        ledger.record(Verb.SIGNED_IN, "2022-05-05 19:00", person, session_id=session)

    assert figures_of(ledger)["attendance_rate"].text == "6.2%（5/80）"  # 6.25


@pytest.mark.parametrize(("count", "text"), [(0, "0"), (9, "9"), (10, "10"), (11, "10余"), (24, "20余"), (30, "30")])
def test_the_wording_with_yu_is_never_false(count: int, text: str) -> None:
    frames = Ledger().frames()
    figure = Counting("publicity").count(frames.publicity, "pushes", "推送", "次", "推送次数")

    assert Figure(**{**vars(figure), "value": count}).text_more_than == text


def test_a_figure_id_that_no_bookmark_can_hold_is_refused() -> None:
    frames = Ledger().frames()

    with pytest.raises(ValueError, match="bookmark"):
        Counting("publicity").count(frames.publicity, "x" * 33, "推送", "次", "推送次数")


def test_two_figures_of_one_id_are_refused() -> None:
    figures = figures_of(Ledger())

    with pytest.raises(ValueError, match="study_sessions"):
        figures.plus(figures["study_sessions"])


def test_the_change_is_that_of_the_printed_numbers() -> None:
    """Last year 1 of 3 came (33.3 %), this year 2 of 3 (66.7 %): 33.4 points, as a reader subtracts."""
    ledger = Ledger()
    people = [ledger.learner(name) for name in "ABC"]
    for day, came in (("2021-03-01", "A"), ("2022-03-01", "AB")):
        session = ledger.session(day, expected=people)
        for person in came:
            ledger.record(Verb.SIGNED_IN, f"{day} 19:00", person, session_id=session)
    ledger.record(Verb.PUBLISHED, "2021-05-01 10:00", text="推送")
    figures, section = build(ledger)

    assert figures["change_attendance_rate"].text == "提高33.4个百分点"
    assert figures["change_study_sessions"].text == "持平"
    assert figures["change_pushes"].text == "减少1次"
    assert "change_accuracy" not in figures
    assert any("与上年相比" in paragraph for paragraph in section.paragraphs)


def test_without_a_year_before_nothing_is_compared() -> None:
    figures, section = build(small_year())

    assert not figures.family("change")
    assert not any("上年" in paragraph for paragraph in section.paragraphs)


@pytest.mark.parametrize(
    ("counts", "shares"),
    [
        ((1, 1, 1), "33.4 33.3 33.3"),
        ((2, 1, 0), "66.7 33.3 0.0"),
        ((1, 2, 3), "16.7 33.3 50.0"),
        ((0, 0), "0.0 0.0"),
        ((3,), "100.0"),
    ],
)
def test_shares_follow_the_largest_remainder(counts: tuple[int, ...], shares: str) -> None:
    assert " ".join(str(share) for share in split_hundred(counts)) == shares
