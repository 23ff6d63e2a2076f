"""The workbench as the notebook shows it: one tab for each step of an exam, and one for the evening session."""

from __future__ import annotations

import os
from typing import Any

import ipywidgets as widgets

from xuefa.settings import read_settings
from xuefa.workbench.collecting import open_collecting_tab
from xuefa.workbench.correcting import open_correcting_tab
from xuefa.workbench.course import open_course_notice
from xuefa.workbench.desk import Desk, open_page
from xuefa.workbench.marking import open_marking_tab
from xuefa.workbench.output import open_output_tab
from xuefa.workbench.releasing import open_releasing_tab
from xuefa.workbench.results import open_results_tab
from xuefa.workbench.session import open_session_tab
from xuefa.workbench.setting import open_setting_tab
from xuefa.workbench.writings import open_writings_tab

_EXAM_TABS = (
    ("组卷", open_setting_tab),
    ("发布", open_releasing_tab),
    ("收卷", open_collecting_tab),
    ("阅卷", open_marking_tab),
    ("分析", open_results_tab),
    ("更正", open_correcting_tab),
    ("反馈打印", open_output_tab),
)
_STUDY_TABS = (("夜学签到", open_session_tab), ("心得研讨", open_writings_tab))


def open_trainer() -> Any:
    """The workbench over the site of this kernel's environment."""
    return open_workbench(Desk(read_settings(os.environ)))


def open_workbench(desk: Desk) -> Any:
    """The workbench over the site of that desk."""
    steps = [f"{number} {title}" for number, (title, _) in enumerate(_EXAM_TABS, start=1)]
    tabs = widgets.Tab([open_tab(desk) for _, open_tab in (*_EXAM_TABS, *_STUDY_TABS)])
    tabs.titles = (*steps, *(title for title, _ in _STUDY_TABS))
    notice = open_course_notice(desk)
    desk.refresh()
    tabs.observe(lambda _: desk.refresh_if_idle(), names="selected_index")  # learners hand in while the page is open
    return open_page(desk, notice, tabs)
