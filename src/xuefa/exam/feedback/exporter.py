"""The kit's feedback page out of nbgrader's own `generate_feedback` and out of formgrader's button for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from traitlets import Enum, default

from xuefa.errors import BadInputError, Finding
from xuefa.exam.feedback import MarkedPaper, read_marked_paper


class FeedbackExporter(Exporter):
    """Stands in `c.GenerateFeedback.exporter_class` where stock nbgrader has nbconvert's `HTMLExporter`."""

    keys = Enum(
        ("hidden", "shown"),
        "hidden",
        help="hidden unless a trainer says otherwise: nbgrader asks nobody, and keys given away cannot be taken back",
    ).tag(config=True)

    _marked: MarkedPaper | None = None

    @default("file_extension")
    def _html(self) -> str:
        return ".html"

    def from_filename(self, filename: str, resources: Any = None, **_options: Any) -> tuple[str, Any]:  # type: ignore[override]  # a page is no notebook
        """The page of the learner whose marked notebook that is, made from the gradebook; the notebook is not read.

        An exporter lives for one paper, which is read once. Raises BadInputError for what `write_feedback` refuses;
        nbgrader then logs it and goes on with the next.
        """
        place = resources["nbgrader"]
        if self._marked is None:
            self._marked = read_marked_paper(place["assignment"], course_dir=Path(filename).resolve().parents[3])
        if place["student"] not in self._marked.answers:
            raise BadInputError(Finding(f"学员 {place['student']}", "这份答卷还没有阅过", "请先阅卷"))
        page = self._marked.render(place["student"], keys="shown" if self.keys == "shown" else "hidden")
        return page, {**resources, "output_extension": self.file_extension}
