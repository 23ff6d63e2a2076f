"""nbgrader's own autograde without executing anything: the kit's marked notebook takes the place of `Execute`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

from xuefa.errors import BadInputError, Finding
from xuefa.exam.marking import NOT_EXPECTED, read_marker, read_submission
from xuefa.exam.paper import read_course_paper
from xuefa.exam.sitting import read_course_sitting


class FillMarkedCells(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader is untyped
    """Stands in `c.Autograde.autograde_preprocessors` where stock nbgrader has `Execute`."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:  # noqa: ARG002  nbgrader's signature
        """Give the instructor's notebook with the outputs that the answers earn; the submitted one is not looked at.

        Raises BadInputError for a submission that cannot be taken; nbgrader then logs it and goes on with the next.
        """
        place = resources["nbgrader"]
        learner_id, paper_id = place["student"], place["assignment"]
        course_dir = Path(resources["metadata"]["path"]).resolve().parents[2]
        paper = read_course_paper(paper_id, course_dir=course_dir)
        if read_course_sitting(paper_id, course_dir=course_dir).find(learner_id) is None:
            raise BadInputError(Finding(f"学员 {learner_id}", NOT_EXPECTED, "请检查应考名单"))
        submission = read_submission(course_dir / "submitted" / learner_id / paper_id, paper=paper)
        text, _ = read_marker(paper, course_dir=course_dir).mark(submission.answers)
        marked = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]  # nbformat leaves it untyped
        return marked, resources
