"""A paper that a learner fetched through nbgrader's exchange (`nbgrader fetch_assignment`), into a folder of their own.

The answers are kept in the learner's course as on any PC; what `nbgrader submit` then passes on is the fetched folder,
so a hand-in is put there too.
"""

from __future__ import annotations

from pathlib import Path

from xuefa.atomic_file import write_atomically
from xuefa.exam.names import require_paper_id
from xuefa.exam.paper import PAPER_FILE, read_paper
from xuefa.exam.sitting import SITTING_FILE


def adopt_fetched_paper(folder: Path, *, course_dir: Path) -> Path | None:
    """Make the paper in `folder` known to the learner's course; give the folder, or None if it is the course's own.

    What the course holds of that paper already stays as it is. Raises BadInputError if there is no paper in the folder.
    """
    paper_id = require_paper_id(read_paper(folder / PAPER_FILE).paper_id)
    released = course_dir / "release" / paper_id
    if folder.resolve() == released.resolve():
        return None
    for name in (f"{paper_id}.ipynb", PAPER_FILE, SITTING_FILE):
        if not (released / name).exists() and (folder / name).is_file():
            write_atomically(released / name, (folder / name).read_bytes())
    return folder
