"""The formulas of classical test theory, pure: None wherever a number cannot be given.

Variances are of the sample (n − 1), so the standard error of measurement is in points of these learners' scores;
the coefficient α and the correlations are the same under either convention.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

Matrix = Sequence[Sequence[float]]
"""One row per learner, one column per question, points; every row of the same length, nothing missing."""

_GROUP_SHARE = 0.27


def facility(points: Sequence[float], *, max_points: float) -> float | None:
    """Facility (难度 P): mean points over the most that could be had, 0 to 1; None without answers.

    Crocker and Algina, Introduction to Classical and Modern Test Theory (1986), chapter 14.
    """
    return statistics.fmean(points) / max_points if points and max_points > 0 else None


def discrimination(points: Sequence[float], rest: Sequence[float]) -> float | None:
    """Corrected item-total correlation (区分度): of the points with the points in all other questions.

    For 0/1 items it is the point-biserial with the item excluded. None for fewer than two learners, or where either
    side has no variance. Henrysson, Psychometrika 28 (1963), 211–218.
    """
    if len(points) < 2 or _is_constant(points) or _is_constant(rest):
        return None
    return statistics.correlation(points, rest)


def group_size(learners: int) -> int:
    """How many make up the best group, and the worst: 27% of those who sat, at least one; 0 if nobody sat.

    Kelley, Journal of Educational Psychology 30 (1939), 17–24.
    """
    return max(1, round(_GROUP_SHARE * learners)) if learners else 0


def upper_lower_index(points: Sequence[float], totals: Sequence[float], *, max_points: float) -> float | None:
    """Discrimination index D (鉴别指数): the facility among the best 27% by total minus that among the worst 27%.

    Those with one total at a group's edge share its last places evenly, so that the order of learners is no matter.
    None for fewer than two learners, or where all totals are equal. Formula: Crocker and Algina (1986), chapter 14.
    """
    if len(points) < 2 or max_points <= 0 or _is_constant(totals):
        return None
    lower = _mean_of_least(points, totals)
    upper = _mean_of_least(points, [-total for total in totals])
    return (upper - lower) / max_points


def cronbach_alpha(matrix: Matrix) -> float | None:
    """Cronbach's α (Psychometrika 16, 1951, 297–334); with 0/1 items it is Kuder and Richardson's formula 20.

    None for fewer than two learners or questions, or where all totals are equal.
    """
    questions = len(matrix[0]) if matrix else 0
    totals = [math.fsum(row) for row in matrix]
    if len(matrix) < 2 or questions < 2 or _is_constant(totals):
        return None
    of_items = math.fsum(statistics.variance(column) for column in zip(*matrix, strict=True))
    return questions / (questions - 1) * (1 - of_items / statistics.variance(totals))


def standard_error(totals: Sequence[float], alpha: float | None) -> float | None:
    """Standard error of measurement SD·√(1 − α), in points; None where α cannot be given."""
    if alpha is None or len(totals) < 2:
        return None
    return statistics.stdev(totals) * math.sqrt(max(0.0, 1 - alpha))


def score_bins(rates: Sequence[float], *, bins: int = 10) -> tuple[int, ...]:
    """How many rates (0 to 1) fall into each of equally wide bins; a full rate belongs to the last bin."""
    counts = [0] * bins
    for rate in rates:
        # rounded first, so that 0.3 made of tenths is not counted below 0.3
        counts[min(bins - 1, max(0, int(round(rate * bins, 9))))] += 1
    return tuple(counts)


def _mean_of_least(points: Sequence[float], ranks: Sequence[float]) -> float:
    """The mean points of the group with the least ranks; those tied at its edge count in part."""
    size = group_size(len(points))
    edge = sorted(ranks)[size - 1]
    inside = [own for own, rank in zip(points, ranks, strict=True) if rank < edge - 1e-9]
    tied = [own for own, rank in zip(points, ranks, strict=True) if abs(rank - edge) <= 1e-9]
    return (math.fsum(inside) + statistics.fmean(tied) * (size - len(inside))) / size


def _is_constant(values: Sequence[float]) -> bool:
    return max(values) - min(values) < 1e-9
