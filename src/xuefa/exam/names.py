"""Ids that become names of folders: learners and papers. What could lead out of the course is refused here."""

from __future__ import annotations

import re

from xuefa.errors import BadInputError, Finding
from xuefa.records.record import is_learner_id

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
"""A paper's id: nbgrader makes a folder, a notebook and an address of it."""


def require_learner_id(learner_id: str) -> str:
    """The id itself; raise BadInputError if it cannot be a folder's name (../../x, a/b, CON)."""
    if not is_learner_id(learner_id):
        raise BadInputError(
            Finding(
                f"学员编号“{learner_id[:40]}”",
                "不能用作文件夹名",
                "编号只能用文字、字母、数字、下划线和连字符，请在花名册里改正",
            )
        )
    return learner_id


def require_paper_id(paper_id: str) -> str:
    """The id itself; raise BadInputError if it is not made of ASCII letters, digits, _ and -, or is a device (CON)."""
    if not re.fullmatch(ID_PATTERN, paper_id) or not is_learner_id(paper_id[:40]):
        raise BadInputError(
            Finding(f"试卷编号“{paper_id[:40]}”", "写法不对", "请用英文字母、数字、连字符，如 2022-practice-1")
        )
    return paper_id
