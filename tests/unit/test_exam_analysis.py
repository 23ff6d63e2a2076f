"""The formulas against published worked results, and where they say that they cannot tell."""

from __future__ import annotations

import pytest

from xuefa.exam.analysis.statistics import (
    cronbach_alpha,
    discrimination,
    facility,
    group_size,
    score_bins,
    standard_error,
    upper_lower_index,
)
from xuefa.exam.analysis.watch import ItemAnalysis, OptionAnalysis, guess_level, select_to_watch

# The five items of LSAT section 6, 1,000 examinees (Bock and Lieberman, Psychometrika 35, 1970, 179–197): how many gave
# each response pattern, from 00000 to 11111. The counts are the differences of `culm` in the data of the OpenBUGS
# example “LSAT: item response” (chjackson.github.io/openbugsdoc/Examples/Lsat.html).
LSAT = [3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15]
LSAT += [10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298]
LSAT_MATRIX = [[float(bit) for bit in f"{pattern:05b}"] for pattern, count in enumerate(LSAT) for _ in range(count)]

# Wuensch, “The Kuder-Richardson 20” (core.ecu.edu/wuenschk/StatHelp/KR20.txt): ten students, ten items.
WUENSCH_ROWS = """1111110110 1011011101 1111011001 0010001000 0000010010 1110111111 1101110111 1111111101
0101111101 1101101110"""
WUENSCH_MATRIX = [[float(bit) for bit in row] for row in WUENSCH_ROWS.split()]

# Denis, Applied Univariate, Bivariate, and Multivariate Statistics (Wiley): ten people, five items of many points,
# printed with SPSS's RELIABILITY output.
DENIS_ROWS = """10 12 15 11 12;12 18 12 12 1;8 16 14 14 4;6 8 16 8 6;4 7 8 7 5;
6 6 3 7 3;3 4 6 5 8;7 3 7 9 9;8 9 4 10 10;9 5 6 11 12"""
DENIS_MATRIX = [[float(points) for points in row.split()] for row in DENIS_ROWS.split(";")]


def test_facilities_are_those_published_of_the_lsat() -> None:
    """Column `mean` of `itemstats(dat)` on the page LSAT6 of the R package mirt (philchalmers.github.io/mirt)."""
    columns = list(zip(*LSAT_MATRIX, strict=True))
    assert [facility(column, max_points=1) for column in columns] == pytest.approx([0.924, 0.709, 0.553, 0.763, 0.870])


def test_discrimination_is_that_published_of_the_lsat_with_the_item_excluded() -> None:
    """Column `total.r_if_rm` of the same output, to three places."""
    found = []
    for item in range(5):
        own = [row[item] for row in LSAT_MATRIX]
        found.append(discrimination(own, [sum(row) - row[item] for row in LSAT_MATRIX]))
    assert found == pytest.approx([0.113, 0.153, 0.173, 0.144, 0.122], abs=5e-4)


def test_the_27_percent_index_is_that_of_a_published_worked_example() -> None:
    """Examoo question 6797 (examoo.com/mcqs/6797): of 40, 11 in each group, 9 and 3 right: D = (9 − 3)/11 ≈ 0.55.

    The same formula, (a − b)/n with the upper and lower 27 %, stands at teaching.ucla.edu, “Interpretation of
    Statistics”. Who was right outside the groups is ours.
    """
    totals = [float(total) for total in range(40, 0, -1)]
    points = [1.0] * 9 + [0.0] * 2 + [1.0, 0.0] * 9 + [1.0] * 3 + [0.0] * 8
    assert group_size(40) == 11
    assert upper_lower_index(points, totals, max_points=1) == pytest.approx(6 / 11)
    assert upper_lower_index([2 * one for one in points], totals, max_points=2) == pytest.approx(6 / 11)


def test_learners_tied_at_the_edge_of_a_group_count_in_part_whatever_their_order() -> None:
    """Of ten, three are in each group: of the two tied at the upper edge half a right answer is counted."""
    totals = [10.0, 9.0, 8.0, 8.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
    points = [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    found = upper_lower_index(points, totals, max_points=1)
    assert found == pytest.approx(2.5 / 3)
    assert upper_lower_index(points[::-1], totals[::-1], max_points=1) == found
    assert upper_lower_index(points, [5.0] * 10, max_points=1) is None
    assert upper_lower_index([1.0], [5.0], max_points=1) is None


def test_alpha_and_standard_error_are_those_published_of_the_lsat() -> None:
    """`alpha` 0.295 and `SEM.alpha` 0.869 of the same output; its items are 0/1, so this is KR-20 too.

    The package ltm gives the same 0.295: KDE/rkward, tests/item_response_theory/RKTestStandard.Cronbach_alpha.rkout.
    """
    alpha = cronbach_alpha(LSAT_MATRIX)
    assert alpha == pytest.approx(0.295, abs=5e-4)
    assert standard_error([sum(row) for row in LSAT_MATRIX], alpha) == pytest.approx(0.869, abs=5e-4)


def test_alpha_and_discrimination_of_items_of_many_points_are_those_spss_printed() -> None:
    """Denis prints Cronbach's Alpha 0.633 and, of Item_1, the Corrected Item-Total Correlation 0.712."""
    own = [row[0] for row in DENIS_MATRIX]
    assert cronbach_alpha(DENIS_MATRIX) == pytest.approx(0.633, abs=5e-4)
    assert discrimination(own, [sum(row[1:]) for row in DENIS_MATRIX]) == pytest.approx(0.712, abs=5e-4)


def test_kr20_by_its_own_formula_from_wuensch_published_sums() -> None:
    """He prints the answers, p of every item, pq of every item (their sum is 2.18) and 5.84, the totals' variance by n.

    The coefficient itself he leaves to the reader: 10/9 · (1 − 2.18/5.84).
    """
    shares = [facility(column, max_points=1) for column in zip(*WUENSCH_MATRIX, strict=True)]
    assert shares == pytest.approx([0.7, 0.7, 0.6, 0.7, 0.6, 0.8, 0.7, 0.7, 0.5, 0.6])
    assert cronbach_alpha(WUENSCH_MATRIX) == pytest.approx(10 / 9 * (1 - 2.18 / 5.84), abs=1e-3)


def test_standard_error_is_the_deviation_times_the_root_of_what_is_unreliable() -> None:
    """Variance of 2, 4, 6 with n − 1 is 4; with α = 0.75 half the deviation is error."""
    assert standard_error([2, 4, 6], 0.75) == pytest.approx(1.0)
    assert standard_error([2, 4, 6], None) is None


def test_what_has_no_variance_or_too_few_learners_cannot_be_told() -> None:
    assert facility([], max_points=2) is None
    assert discrimination([1], [1]) is None
    assert discrimination([1, 1, 1], [1, 2, 3]) is None
    assert discrimination([1, 0, 1], [2, 2, 2]) is None
    assert cronbach_alpha([]) is None
    assert cronbach_alpha([[1, 0]]) is None
    assert cronbach_alpha([[1], [0]]) is None
    assert cronbach_alpha([[1, 0], [0, 1]]) is None


def test_a_rate_on_a_boundary_counts_above_it_and_a_full_rate_in_the_last_bin() -> None:
    assert score_bins([0, 0.1 + 0.2, 0.999, 1]) == (1, 0, 0, 1, 0, 0, 0, 0, 0, 2)


def option(letter: str, *, n: int, n_upper: int, is_key: bool = False) -> OptionAnalysis:
    share = n / 40
    return OptionAnalysis(letter=letter, text=letter, is_key=is_key, n=n, share=share, mean_rest=5.0, n_upper=n_upper)


def item(*, facility: float, discrimination: float, options: tuple[OptionAnalysis, ...], n: int = 40) -> ItemAnalysis:
    return ItemAnalysis(
        number=1,
        question_id="xzss-0001",
        kind="single",
        law="《行政诉讼法》",
        stem="题干",
        key="A",
        max_points=2,
        n=n,
        facility=facility,
        discrimination=discrimination,
        upper_lower=None,
        median_seconds=None,
        timed=0,
        blank=0,
        options=options,
    )


def reasons(one: ItemAnalysis) -> list[str]:
    return [watch.reason for watch in select_to_watch((one,))]


def test_an_option_that_the_best_prefer_to_the_key_makes_the_key_doubtful() -> None:
    options = (option("A", n=15, n_upper=2, is_key=True), option("B", n=20, n_upper=9), option("C", n=5, n_upper=0))
    (watch,) = select_to_watch((item(facility=0.38, discrimination=-0.3, options=options),))
    assert watch.reason == "key"
    assert "9 人选 B" in watch.words
    assert "2 人选答案里的 A" in watch.words
    assert "不足 30 人" not in watch.words


def test_each_other_reason_is_found_by_its_own_bound() -> None:
    options = (option("A", n=30, n_upper=11, is_key=True), option("B", n=6, n_upper=0), option("C", n=4, n_upper=0))
    assert reasons(item(facility=0.75, discrimination=0.2, options=options)) == []
    assert reasons(item(facility=0.95, discrimination=0.2, options=options)) == ["easy"]
    assert reasons(item(facility=0.33, discrimination=0.2, options=options)) == ["hard"]
    assert reasons(item(facility=0.75, discrimination=0.19, options=options)) == ["discrimination"]
    unused = (*options[:2], option("C", n=0, n_upper=0))
    assert reasons(item(facility=0.75, discrimination=0.4, options=unused)) == ["unused"]


def test_a_small_sample_is_said_and_a_tiny_one_says_nothing() -> None:
    options = (option("A", n=10, n_upper=3, is_key=True), option("B", n=2, n_upper=1), option("C", n=1, n_upper=0))
    (watch,) = select_to_watch((item(facility=0.97, discrimination=0.5, options=options, n=13),))
    assert "只有 13 人作答，不足 30 人" in watch.words
    assert reasons(item(facility=1.0, discrimination=0.5, options=options, n=4)) == []


def test_blind_guessing_among_three_options_earns_a_third() -> None:
    options = tuple(option(letter, n=1, n_upper=0) for letter in "ABC")
    assert guess_level(item(facility=0.5, discrimination=0.5, options=options)) == pytest.approx(1 / 3)
