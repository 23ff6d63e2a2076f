"""学法: a township's law study, exam practice and annual report.

A notebook needs these names: `xuefa.home()`, `xuefa.lesson(8)`, `xuefa.answer_sheet()`, `xuefa.exam_room()`,
`xuefa.trainer()`, `xuefa.clerk()`. What they stand for is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xuefa.workbench.clerk.page import open_clerk as clerk
    from xuefa.workbench.page import open_trainer as trainer
    from xuefa.workflows.pages import open_answer_sheet as answer_sheet
    from xuefa.workflows.pages import open_exam_room as exam_room
    from xuefa.workflows.pages import open_home as home
    from xuefa.workflows.pages import open_lesson as lesson

__all__ = ["answer_sheet", "clerk", "exam_room", "home", "lesson", "trainer"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'xuefa' has no attribute {name!r}")
    if name == "trainer":
        from xuefa.workbench.page import open_trainer  # noqa: PLC0415  as below

        return open_trainer
    if name == "clerk":
        from xuefa.workbench.clerk.page import open_clerk  # noqa: PLC0415  as below

        return open_clerk
    from xuefa.workflows import pages  # noqa: PLC0415  the command line must not pay for what only notebooks use

    return getattr(pages, f"open_{name}")
