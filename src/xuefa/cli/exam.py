"""`xuefa exam`: practice papers. The commands stand in `exam_setting`, `exam_sitting` and `exam_marking`."""

from __future__ import annotations

from xuefa.cli.app import add_group

exam = add_group("exam", "练习卷：组卷、发卷、收卷、阅卷、反馈、导出")
