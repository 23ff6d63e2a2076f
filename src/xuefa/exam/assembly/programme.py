"""A mixed-integer programme: columns and rows as plain numbers, solved by HiGHS in one thread, repeatably."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any

import highspy
import numpy as np

NODE_LIMIT = 20_000
"""Branches after which the best solution so far is taken; counted, not timed, so that every machine stops alike."""

_DOUBLETON_EQUATIONS, _AGGREGATOR = 1 << 9, 1 << 12

HIGHS_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    # HiGHS 1.15 with these two presolve steps calls costs optimal that are not; a test holds it to solving without them
    "presolve_rule_off": _DOUBLETON_EQUATIONS | _AGGREGATOR,
    "mip_max_nodes": NODE_LIMIT,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.99,  # all costs and values are whole numbers: what is closer than one is equal
}


@dataclass(frozen=True)
class Solution:
    """Whole values of the columns, and the relative gap (0 = proven best) that HiGHS reports."""

    values: tuple[int, ...]
    gap: float


@dataclass
class Programme:
    """Minimise the cost of whole, non-negative columns under rows `lower ≤ Σ coefficient·column ≤ upper`."""

    _costs: list[int] = field(default_factory=list)
    _lowers: list[float] = field(default_factory=list)
    _uppers: list[float] = field(default_factory=list)
    _row_bounds: list[tuple[float, float]] = field(default_factory=list)
    _row_ends: list[int] = field(default_factory=lambda: [0])
    _indices: list[int] = field(default_factory=list)
    _coefficients: list[int] = field(default_factory=list)

    def add_column(self, *, cost: int = 0, lower: float = 0, upper: float = inf) -> int:
        """A new column; gives its number."""
        self._costs.append(cost)
        self._lowers.append(lower)
        self._uppers.append(upper)
        return len(self._costs) - 1

    def add_row(self, terms: Iterable[tuple[int, int]], *, lower: float = -inf, upper: float = inf) -> None:
        """A new row of (column, coefficient)."""
        for column, coefficient in terms:
            self._indices.append(column)
            self._coefficients.append(coefficient)
        self._row_ends.append(len(self._indices))
        self._row_bounds.append((lower, upper))

    def add_distance(self, terms: Iterable[tuple[int, int]], *, target: int, cost: int) -> None:
        """Charge `cost` for each unit by which the terms miss the target."""
        under, over = self.add_column(cost=cost), self.add_column(cost=cost)
        self.add_row([*terms, (under, 1), (over, -1)], lower=target, upper=target)

    def solve(self, *, look: Callable[[], None] = lambda: None) -> Solution:
        """The best solution; raises RuntimeError if there is none, which a programme with slack always has.

        HiGHS calls `look` about ten times a second, and every few seconds within its heuristics; what that raises ends
        the search and is raised here.
        """
        columns = len(self._costs)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, len(self._row_bounds)
        lp.col_cost_ = np.array(self._costs, dtype=np.double)
        lp.col_lower_ = np.array(self._lowers, dtype=np.double)
        lp.col_upper_ = np.array(self._uppers, dtype=np.double)
        bounds = np.array(self._row_bounds, dtype=np.double).reshape(-1, 2)
        lp.row_lower_, lp.row_upper_ = bounds[:, 0].copy(), bounds[:, 1].copy()
        lp.integrality_ = [highspy.HighsVarType.kInteger] * columns
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = columns, len(self._row_bounds)
        lp.a_matrix_.start_ = np.array(self._row_ends, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(self._indices, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(self._coefficients, dtype=np.double)
        highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy leaves its constructor without types
        for name, value in HIGHS_OPTIONS.items():
            highs.setOptionValue(name, value)
        highs.passModel(lp)
        faults: list[BaseException] = []

        def look_up(event: Any) -> None:
            try:
                look()
            except BaseException as fault:  # whatever it is, it cannot pass through HiGHS, which is C++
                faults.append(fault)
                event.interrupt()

        highs.cbMipInterrupt.subscribe(look_up)
        highs.run()
        if faults:
            raise faults[0]
        info = highs.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            raise RuntimeError(f"HiGHS: {highs.modelStatusToString(highs.getModelStatus())}")
        solution = highs.getSolution()
        return Solution(values=tuple(round(value) for value in solution.col_value), gap=max(0.0, info.mip_gap))
