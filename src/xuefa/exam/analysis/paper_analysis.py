"""What the results of one paper say: of the paper, of each question and option, by law and by unit."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from xuefa.bank.item import Question
from xuefa.exam.analysis.responses import Attempt, PaperResponses
from xuefa.exam.analysis.statistics import (
    cronbach_alpha,
    discrimination,
    facility,
    group_size,
    score_bins,
    standard_error,
    upper_lower_index,
)
from xuefa.exam.analysis.watch import LEAST_LEARNERS, ItemAnalysis, OptionAnalysis, Watch, select_to_watch

UNKNOWN_UNIT = "（名册里没有）"


@dataclass(frozen=True)
class GroupAnalysis:
    """A law or a unit: how many answers (law) or people who sat (unit), of how many, and their mean rate (0 to 1)."""

    name: str
    n: int
    of: int
    rate: float | None


@dataclass(frozen=True)
class Passing:
    """How many passed and reached 优秀 (of those who passed), and for how many either is open: an essay is unmarked."""

    passed: int
    excellent: int
    undecided: int


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """The analysis of a paper; points are of the counted questions, late penalties aside.

    `waiting` and `voided` are numbers of questions left out: still to be marked by hand for someone, or voided.
    `bins` counts learners by tenths of the rate; `by_law` counts questions in `of`, `by_unit` the expected.
    `passing` counts by the scores that stand in the gradebook. `group_size` is how many the best 27% are.
    """

    paper_id: str
    title: str
    expected: int
    sat: int
    absent: int
    refused: int
    max_points: float
    passing: Passing
    group_size: int
    waiting: tuple[int, ...]
    voided: tuple[int, ...]
    mean: float | None
    median: float | None
    deviation: float | None
    lowest: float | None
    highest: float | None
    reliability_name: str
    alpha: float | None
    standard_error: float | None
    bins: tuple[int, ...]
    items: tuple[ItemAnalysis, ...]
    by_law: tuple[GroupAnalysis, ...]
    by_unit: tuple[GroupAnalysis, ...]
    to_watch: tuple[Watch, ...]


def analyse_responses(responses: PaperResponses, *, units: Mapping[str, str]) -> Analysis:
    """Analyse a paper; `units` gives each learner's unit. Those who are absent count nowhere as zero."""
    paper, attempts = responses.paper, responses.attempts
    numbers = {question.question_id: number for number, question in enumerate(paper.questions, start=1)}
    voided = {one for one in numbers if one in paper.voided}
    waiting = {one for one in numbers if one not in voided and any(a.points.get(one) is None for a in attempts)}
    counted = [one for one in paper.questions if one.question_id not in voided | waiting]
    matrix = [[_points(attempt, one.question_id) for one in counted] for attempt in attempts]
    totals = [math.fsum(row) for row in matrix]
    max_points = math.fsum(one.points for one in counted)
    items = tuple(
        _analyse_item(
            responses.items.question(one.question_id),
            number=numbers[one.question_id],
            max_points=one.points,
            law=responses.items.law_of(responses.items[one.item_id]).name,
            points=[row[column] for row in matrix],
            totals=totals,
            attempts=attempts,
        )
        for column, one in enumerate(counted)
    )
    enough = len(attempts) >= LEAST_LEARNERS
    alpha = cronbach_alpha(matrix) if enough else None
    rates = {a.learner_id: total / max_points for a, total in zip(attempts, totals, strict=True) if max_points}
    steps = {round(value, 9) for row in matrix for value in row} - {0.0}
    return Analysis(
        paper_id=paper.paper_id,
        title=paper.title,
        expected=len(responses.expected),
        sat=len(attempts),
        absent=len(responses.absent),
        refused=len(responses.refused),
        max_points=max_points,
        passing=_count_passing(responses),
        group_size=group_size(len(attempts)),
        waiting=tuple(sorted(numbers[one] for one in waiting)),
        voided=tuple(sorted(numbers[one] for one in voided)),
        mean=statistics.fmean(totals) if totals else None,
        median=statistics.median(totals) if totals else None,
        deviation=statistics.stdev(totals) if enough else None,
        lowest=min(totals, default=None),
        highest=max(totals, default=None),
        reliability_name="KR-20" if len(steps) == 1 and {one.points for one in counted} == steps else "Cronbach α",
        alpha=alpha,
        standard_error=standard_error(totals, alpha),
        bins=score_bins(list(rates.values())),
        items=items,
        by_law=_by_law(items),
        by_unit=_by_unit(responses, units=units, rates=rates),
        to_watch=select_to_watch(items),
    )


def _count_passing(responses: PaperResponses) -> Passing:
    """Who is short of a mark with an essay still unmarked is undecided; what is reached already stays reached."""
    paper = responses.paper
    passed = excellent = undecided = 0
    for attempt in responses.attempts:
        passed += attempt.score >= paper.counted_pass_score - 1e-9
        reached = attempt.score >= paper.counted_excellent_score - 1e-9
        excellent += reached
        undecided += not reached and None in attempt.points.values()
    return Passing(passed, excellent, undecided)


def _points(attempt: Attempt, question_id: str) -> float:
    value = attempt.points[question_id]
    if value is None:
        raise ValueError(f"{question_id} is still to be marked")
    return value


def _analyse_item(
    question: Question,
    *,
    number: int,
    max_points: float,
    law: str,
    points: list[float],
    totals: list[float],
    attempts: tuple[Attempt, ...],
) -> ItemAnalysis:
    rest = [total - own for total, own in zip(totals, points, strict=True)]
    chosen = [attempt.answers.response(question.question_id) for attempt in attempts]
    seconds = [
        one.answers.seconds[question.question_id] for one in attempts if question.question_id in one.answers.seconds
    ]
    return ItemAnalysis(
        number=number,
        question_id=question.question_id,
        kind=question.kind,
        law=law,
        stem=question.stem,
        key=question.key,
        max_points=max_points,
        n=len(points),
        facility=facility(points, max_points=max_points),
        discrimination=discrimination(points, rest) if len(points) >= LEAST_LEARNERS else None,
        upper_lower=upper_lower_index(points, totals, max_points=max_points) if len(points) >= LEAST_LEARNERS else None,
        median_seconds=statistics.median(seconds) if seconds else None,
        timed=len(seconds),
        blank=sum(not response.strip() for response in chosen),
        options=tuple(
            _analyse_option(letter, text, key=question.key, chosen=chosen, rest=rest)
            for letter, text in question.options.items()
        ),
    )


def _analyse_option(letter: str, text: str, *, key: str, chosen: list[str], rest: list[float]) -> OptionAnalysis:
    """Count an option; those with the points of the last of the best 27% all belong to the upper group."""
    picked = [letter in response for response in chosen]
    of_choosers = [points for points, one in zip(rest, picked, strict=True) if one]
    upper = sorted(rest, reverse=True)[: group_size(len(rest))]
    return OptionAnalysis(
        letter=letter,
        text=text,
        is_key=letter in key,
        n=len(of_choosers),
        share=len(of_choosers) / len(chosen) if chosen else None,
        mean_rest=statistics.fmean(of_choosers) if of_choosers else None,
        n_upper=sum(points >= upper[-1] for points in of_choosers) if upper else 0,
    )


def _by_law(items: tuple[ItemAnalysis, ...]) -> tuple[GroupAnalysis, ...]:
    groups = []
    for law in dict.fromkeys(item.law for item in items):
        own = [item for item in items if item.law == law]
        possible = math.fsum(item.n * item.max_points for item in own)
        earned = math.fsum(item.n * item.max_points * (item.facility or 0.0) for item in own)
        rate = earned / possible if possible else None
        groups.append(GroupAnalysis(law, n=sum(item.n for item in own), of=len(own), rate=rate))
    return tuple(groups)


def _by_unit(
    responses: PaperResponses, *, units: Mapping[str, str], rates: Mapping[str, float]
) -> tuple[GroupAnalysis, ...]:
    groups = []
    for unit in sorted({units.get(one, UNKNOWN_UNIT) for one in responses.expected}):
        members = [one for one in responses.expected if units.get(one, UNKNOWN_UNIT) == unit]
        sat = [rates[one] for one in members if one in rates]
        groups.append(GroupAnalysis(unit, n=len(sat), of=len(members), rate=statistics.fmean(sat) if sat else None))
    return tuple(groups)
