"""Feedback pages of a marked paper, made by nbgrader's generate_feedback: `feedback/<learner>/<paper>/<paper>.html`."""

from __future__ import annotations

import re
from pathlib import Path

from nbgrader.converters import GenerateFeedback

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding
from xuefa.exam.names import require_paper_id
from xuefa.exam.release import run_converter

_REMOTE_SCRIPT = re.compile(r"<script[^>]+src=[\"']https?://[^>]*>\s*</script>")


def write_feedback(paper_id: str, *, course_dir: Path) -> tuple[Path, ...]:
    """Write a page for every marked submission; give their paths, by learner.

    nbgrader's template asks a CDN for MathJax; a township's network may have no internet, and a page must not wait for
    it: such scripts are taken out. Raises BadInputError if nothing of that paper is marked yet.
    """
    if not any(course_dir.glob(f"autograded/*/{require_paper_id(paper_id)}")):
        raise BadInputError(
            Finding(f"试卷 {paper_id}", "还没有阅过的答卷", f"请先收卷，再运行 xuefa exam mark {paper_id}")
        )
    run_converter(GenerateFeedback, course_dir=course_dir, paper_id=paper_id, student_id="*")
    pages = sorted(course_dir.glob(f"feedback/*/{paper_id}/{paper_id}.html"))
    for page in pages:
        write_atomically(page, _REMOTE_SCRIPT.sub("", page.read_text(encoding="utf-8")).encode())
    return tuple(pages)
