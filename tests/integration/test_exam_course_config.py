"""The course's nbgrader configuration: kept as it was begun with, compared with today's, renewed on demand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exam_course import PROJECT
from xuefa.errors import BadInputError
from xuefa.exam.course_config import check_course_config, prepare_course, read_course_config, renew_course_config

TODAY = PROJECT / "grading" / "nbgrader_config.py"
OLD = """
from pathlib import Path
c = get_config()
c.CourseDirectory.root = str(Path(__file__).parent)
c.CourseDirectory.course_id = "xuefa"
"""


def check(course_dir: Path) -> str:
    return "".join(map(str, check_course_config(course_dir, config_file=TODAY)))


def test_a_course_that_was_begun_today_has_todays_configuration(tmp_path: Path) -> None:
    assert check(tmp_path) == ""
    prepare_course(tmp_path, config_file=TODAY)
    assert check(tmp_path) == ""


def test_what_trainers_added_is_no_fault(tmp_path: Path) -> None:
    prepare_course(tmp_path, config_file=TODAY)
    with (tmp_path / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    assert check(tmp_path) == ""
    assert read_course_config(tmp_path).LateSubmissionPlugin.penalty_method == "zero"


def test_an_older_configuration_is_named_with_what_follows_and_kept_when_it_is_renewed(tmp_path: Path) -> None:
    config = tmp_path / "nbgrader_config.py"
    config.write_text(OLD, encoding="utf-8")
    prepare_course(tmp_path, config_file=TODAY)
    assert config.read_text(encoding="utf-8") == OLD
    found = check(tmp_path)
    assert "Autograde.autograde_preprocessors" in found
    assert "会运行学员交来的代码" in found
    assert "xuefa exam config --renew" in found
    kept = renew_course_config(tmp_path, config_file=TODAY)
    assert kept == tmp_path / "nbgrader_config.old-1.py"
    assert kept.read_text(encoding="utf-8") == OLD
    assert config.read_bytes() == TODAY.read_bytes()
    assert check(tmp_path) == ""
    assert renew_course_config(tmp_path, config_file=TODAY) is None
    config.write_text("c = get_config()\n", encoding="utf-8")
    assert renew_course_config(tmp_path, config_file=TODAY) == tmp_path / "nbgrader_config.old-2.py"


def test_a_configuration_that_python_cannot_read_is_named_with_the_fix(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config(\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="读不出来（SyntaxError"):
        check(tmp_path)
    renew_course_config(tmp_path, config_file=TODAY)
    assert check(tmp_path) == ""
