"""Loads the recipe of the study section (`reports/study_section.py`), which a unit may change."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xuefa.errors import BadInputError, Finding, MissingPartError
from xuefa.report.figure import Figures
from xuefa.report.frames import Frames
from xuefa.report.options import ReportOptions
from xuefa.report.section import Section


class _SummariseYear(Protocol):
    def __call__(self, *, frames: Frames, options: ReportOptions) -> Figures: ...


class _BuildSection(Protocol):
    def __call__(self, *, figures: Figures, options: ReportOptions) -> Section: ...


@dataclass(frozen=True)
class Recipe:
    """The two functions of a recipe: frames → figures, figures → section."""

    summarise_year: _SummariseYear
    build_section: _BuildSection


def read_recipe(path: Path) -> Recipe:
    """Run the recipe's file, which is the unit's own code, and take its two functions.

    Raises MissingPartError if there is no such file, BadInputError if it does not run or lacks a function.
    """
    if not path.is_file():
        raise MissingPartError(Finding(str(path), "找不到报告脚本", "请恢复项目自带的 reports/study_section.py"))
    spec = importlib.util.spec_from_file_location("xuefa_study_section", path)
    if spec is None or spec.loader is None:
        raise BadInputError(Finding(str(path), "不是 Python 脚本", "请恢复项目自带的 reports/study_section.py"))
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        return Recipe(summarise_year=module.summarise_year, build_section=module.build_section)
    except (SyntaxError, ImportError, NameError, AttributeError) as error:
        raise BadInputError(
            Finding(str(path), f"脚本运行不了（{error}）", "请改正，或者恢复项目自带的 reports/study_section.py")
        ) from error
