"""`xuefa exam`: practice papers. The commands stand in `exam_setting`, `exam_sitting` and `exam_marking`."""

from __future__ import annotations

from xuefa.cli.app import add_group, current_settings, print_findings

exam = add_group("exam", "练习卷：组卷、发卷、收卷、阅卷、反馈、导出")


def warn_of_other_course_config() -> None:
    """Say, on standard error, that the course's configuration is not today's, and how to take today's over."""
    from xuefa.workflows.exam_course import check_course

    print_findings(check_course(settings=current_settings()))
