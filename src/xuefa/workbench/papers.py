"""The list from which a paper is chosen, the same on every tab."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding
from xuefa.exam.paper import Paper, read_papers
from xuefa.exam.sitting import sitting_path
from xuefa.workbench.desk import Desk, field


def is_released(desk: Desk, paper: Paper) -> bool:
    """Whether the paper has a sitting."""
    return sitting_path(desk.settings.course_dir, paper.paper_id).exists()


def one_by_one(papers: Iterable[Paper]) -> list[tuple[str, tuple[str, ...]]]:
    """Every paper as a list names it, with its id."""
    return [(f"{paper.held_on}　{paper.title}（{paper.paper_id}）", (paper.paper_id,)) for paper in papers]


def forms_together(papers: Iterable[Paper]) -> list[tuple[str, tuple[str, ...]]]:
    """Parallel forms (A, B …) of one assembly as one line with all their ids; other papers one by one."""
    rounds: dict[object, list[Paper]] = {}
    for paper in papers:
        rounds.setdefault(paper.assembly if paper.form else paper.paper_id, []).append(paper)
    return [
        (
            f"{group[0].held_on}　{group[0].title}（{'、'.join(sorted(paper.paper_id for paper in group))}）",
            tuple(sorted(paper.paper_id for paper in group)),
        )
        for group in rounds.values()
    ]


class PaperChoice:
    """A list of the course's papers that `wanted` accepts; it follows what is on disk."""

    def __init__(
        self,
        desk: Desk,
        *,
        wanted: Callable[[Paper], bool],
        none_yet: str,
        lines: Callable[[Iterable[Paper]], list[tuple[str, tuple[str, ...]]]] = one_by_one,
    ) -> None:
        self._desk, self._wanted, self._lines = desk, wanted, lines
        self.none_yet = none_yet
        self.view: Any = field(widgets.Dropdown, "试卷")
        desk.add_refresher(self.refresh)

    def refresh(self) -> None:
        """Read the papers anew, the latest first; the chosen one stays as long as it is there.

        One that this page's own work has just brought into the list is chosen for the next step. One that came from
        elsewhere is not: whoever is at work on a paper would find another under their hands.
        """
        papers = [paper for paper in reversed(read_papers(self._desk.settings.course_dir)) if self._wanted(paper)]
        options = self._lines(papers) or [(self.none_yet, ())]
        if list(self.view.options) != options:
            chosen, known = self.view.value, {value for _, value in self.view.options}
            values = [value for _, value in options]
            self.view.options = options
            made = (value for value in values if value not in known and self._desk.made_papers & set(value))
            kept = (value for value in values if set(chosen or ()) & set(value))
            self.view.value = next(chain(made, kept, values))

    def require(self) -> str:
        """The id of the chosen paper; raise BadInputError if there is none to choose."""
        return self.require_all()[0]

    def require_all(self) -> tuple[str, ...]:
        """The ids of the chosen line; raise BadInputError if there is none to choose."""
        if not self.view.value:
            raise BadInputError(Finding("试卷", self.none_yet, "请先做前面的步骤"))
        return tuple(self.view.value)
