"""`xuefa exam`: practice papers; the commands stand in the modules `exam_…`."""

from __future__ import annotations

from typing import Any

from xuefa.cli.app import add_group, current_settings, print_findings
from xuefa.cli.chinese import ChineseGroup

_WORKING_ORDER = (
    "set",
    "print",
    "release",
    "status",
    "pack",
    "collect",
    "mark",
    "remark",
    "feedback",
    "analyse",
    "export",
    "config",
)


class _ExamGroup(ChineseGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=_WORKING_ORDER.index)


exam = add_group("exam", "练习卷：组卷、发卷、收卷、阅卷、反馈、导出", cls=_ExamGroup)


def warn_of_other_course_config() -> None:
    """Say, on standard error, that the course's configuration is not today's, and how to take today's over."""
    from xuefa.workflows.exam_course import check_course

    print_findings(check_course(settings=current_settings()))
