"""`report.toml`: what a clerk may change in it, and how a fault is told."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from tests.report_years import PROJECT_DIR, build, project_options, small_year, text_of, written_options
from xuefa.errors import BadInputError, MissingPartError
from xuefa.report.options import ReportOptions, read_options
from xuefa.report.sentences import Wording


def test_the_projects_own_settings_word_every_sentence_as_the_defaults_do() -> None:
    shipped, default = project_options(), ReportOptions(unit="青山乡", year=2022)

    assert shipped.wording == default.wording
    assert shipped.targets == default.targets


def test_a_sentence_can_be_changed_in_the_settings(tmp_path: Path) -> None:
    options = written_options(
        tmp_path, 'unit = "青山乡"\nyear = 2022\n[wording]\noverview_pushes = "发布学习内容{pushes}期"\n'
    )

    assert "发布学习内容3期" in text_of(build(small_year(), options=options)[1])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('unit = "青山乡"\n', "缺少“year”"),
        ('unit = "青山乡"\nyear = "2022"\n', "应当是整数"),
        ('unit = "青山乡"\nyear = 2022\nyaer = 1\n', "不认识的项“yaer”"),
        ('unit = "青山乡"\nyear = 2022\nmore_than = ["accuracy"]\n', "不在允许的范围内"),
        ('unit = "青山乡"\nyear = 2022\ndate = 2025-01-01\n', "与 2022 年度不符"),
        ('unit = "青山乡"\nyear = 2022\n[targets]\nattendance = 120\n', "targets.attendance"),
        ('unit = "青山乡"\nyear = 2022\n[wording]\npushes = "{reflections}"\n', "不认识的“{reflections}”"),
        ('unit = "青山乡"\nyear = 2022\n[wording]\npushes = "{pushes"\n', "花括号不成对"),
        ("unit = 青山乡\n", "第 1 行：写法不合格式"),
        ('unit = "青山乡"\nyear = 2022\n[wording]\npushes = "推送20余次。"\n', "写了数字“20”"),
        ('unit = "青山乡"\nyear = 2022\n[wording]\npushes = "推送十余次。"\n', "写了数字“十余次”"),
        ('unit = "青山乡"\nyear = 2022\n[wording]\npushes = "推送{pushes}次"\n', "末尾没有标点"),
        ('unit = "青山乡"\nyear = 2022\n[wording]\noverview_pushes = "推送{pushes}次。"\n', "末尾多了“。”"),
    ],
)
def test_a_fault_in_the_settings_is_named_in_chinese(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(BadInputError) as caught:
        written_options(tmp_path, content)

    assert message in str(caught.value)
    assert "report.toml" in str(caught.value)
    assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} ", str(caught.value)), "words of the reader's own English"


def test_names_and_quotations_keep_their_numbers_and_common_words_are_no_numbers(tmp_path: Path) -> None:
    lead = "{unit}十分重视，落实《实施纲要（2021－2025年）》和“学法二十分”，每月一次，第三部分另报："

    options = written_options(tmp_path, f'unit = "青山乡"\nyear = 2022\n[wording]\nlead = "{lead}"\n')

    assert options.wording.lead == lead


def test_every_sentence_stands_in_the_projects_settings_for_the_clerk_to_change() -> None:
    lines = (PROJECT_DIR / "reports" / "report.toml").read_text(encoding="utf-8").splitlines()

    for name, field in Wording.model_fields.items():
        assert f'{name} = "{field.default}"' in {line.removeprefix("# ") for line in lines}


def test_a_sentence_that_is_emptied_is_left_out_without_a_trace(tmp_path: Path) -> None:
    empty = "".join(f'{name} = ""\n' for name in ("overview_writings", "problem_months", "step_months"))
    options = written_options(tmp_path, f'unit = "青山乡"\nyear = 2022\n[wording]\n{empty}')
    text = text_of(build(small_year(), options=options)[1])

    assert "3次，在全乡范围内" in text
    assert not re.search(r"，，|是。|。。", text)


@pytest.mark.parametrize(("target", "said"), [(0, False), (80, True)])
def test_a_target_of_nothing_is_no_target(tmp_path: Path, target: int, *, said: bool) -> None:
    options = written_options(tmp_path, f'unit = "青山乡"\nyear = 2022\n[targets]\nattendance = {target}\n')

    assert ("不低于0%" in text_of(build(small_year(), options=options)[1])) is False
    assert ("| 参学率 | 不低于" in text_of(build(small_year(), options=options)[1])) is said


def test_missing_settings_say_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match=r"reports/report\.toml"):
        read_options(tmp_path / "report.toml")


def test_another_year_does_not_keep_the_old_date() -> None:
    options = ReportOptions.model_validate({"unit": "青山乡", "year": 2022, "date": date(2022, 12, 30)})

    assert options.for_year(2023).date is None
    assert options.for_year(2022) is options
