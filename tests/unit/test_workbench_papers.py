"""The lists of papers: a choice stays under the trainer's hands, whatever comes onto the disk meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exam_course import fixture_bank, small_paper
from xuefa.errors import BadInputError
from xuefa.exam.paper import paper_path, write_paper
from xuefa.settings import site_settings
from xuefa.workbench.desk import Action, Desk
from xuefa.workbench.papers import PaperChoice, forms_together


class Papers:
    """A desk with one list of all its papers, and the disk behind it."""

    def __init__(self, site_dir: Path) -> None:
        self.desk = Desk(site_settings(project_dir=site_dir, site_dir=site_dir), start=lambda run: run())
        self.choice = PaperChoice(self.desk, wanted=lambda _: True, none_yet="还没有卷", lines=forms_together)
        self.plan = small_paper(fixture_bank())
        self.desk.refresh()

    def add(self, *paper_ids: str) -> None:
        """Papers come onto the disk; the later letters are the later papers, forms if their ids end in -A or -B."""
        for paper_id in paper_ids:
            form = paper_id.partition("-")[2]
            write_paper(self.plan.model_copy(update={"paper_id": paper_id, "form": form}), self._path(paper_id))

    def remove(self, paper_id: str) -> None:
        self._path(paper_id).unlink()

    def work(self, *paper_ids: str) -> None:
        """This page sets papers; another one, "zz", comes from elsewhere in the meantime."""

        def set_papers(_tell: object) -> str:
            self.add(*paper_ids, "zz")
            self.desk.made_papers = frozenset(paper_ids)
            return ""

        Action(self.desk, "组卷", set_papers, busy="组卷").button.click()

    def _path(self, paper_id: str) -> Path:
        return paper_path(self.desk.settings.course_dir, paper_id)


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(tmp_path)


def test_a_paper_that_comes_from_elsewhere_leaves_the_choice_alone(papers: Papers) -> None:
    with pytest.raises(BadInputError, match="还没有卷"):
        papers.choice.require()
    papers.add("a", "b")
    papers.desk.refresh_if_idle()
    assert papers.choice.require() == "b"
    papers.choice.view.value = ("a",)
    papers.add("c")
    papers.desk.refresh_if_idle()
    assert [value for _, value in papers.choice.view.options] == [("c",), ("b",), ("a",)]
    assert papers.choice.require() == "a"
    papers.remove("a")
    papers.desk.refresh_if_idle()
    assert papers.choice.require() == "c"


def test_a_paper_that_this_page_has_just_set_is_chosen_once(papers: Papers) -> None:
    papers.add("a", "b")
    papers.desk.refresh()
    papers.choice.view.value = ("a",)
    papers.work("c")
    assert papers.choice.require() == "c"
    papers.choice.view.value = ("a",)
    papers.remove("c")
    papers.desk.refresh_if_idle()
    papers.add("c")
    papers.desk.refresh_if_idle()
    assert papers.choice.require() == "a"


def test_forms_set_together_are_chosen_together_and_what_is_left_of_them_stays_chosen(papers: Papers) -> None:
    papers.add("a")
    papers.work("b-A", "b-B")
    assert papers.choice.require_all() == ("b-A", "b-B")
    papers.remove("b-A")
    papers.desk.refresh_if_idle()
    assert papers.choice.require_all() == ("b-B",)
