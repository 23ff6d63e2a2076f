"""What the notebooks show: a lesson, the home page, the exam room, an answer sheet, for the person at this kernel."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from xuefa.settings import TIME_ZONE, Settings, read_settings
from xuefa.workflows.site import now, open_statutes, read_site_bank, read_site_catalogue, read_site_manifest

if TYPE_CHECKING:
    from xuefa.records.store import Store
    from xuefa.study.home import Home
    from xuefa.study.lesson import Lesson
    from xuefa.study.record_writer import RecordWriter

_STAFF_PAGES = {"培训人员工作台": "trainer.ipynb", "统计人员工作台": "reporting.ipynb"}
_LAB_SESSION = "JPY_SESSION_NAME"
"""Jupyter's server sets it for the kernel of a notebook that is open in JupyterLab."""


def prepare_pages() -> None:
    """Load what every page needs, in the process that the pages' kernels are copied from; nothing is opened."""
    from xuefa.study.name_search import read_initials

    read_initials("学员")  # loads the dictionary of characters
    for name in ("study.home", "study.lesson", "study.error_card", "records.store", "exam.room", "report.options"):
        import_module(f"xuefa.{name}")
    read_site_bank(read_settings(os.environ))


def open_lesson(number: int) -> Lesson:
    """The page of module `number`, for the person at this kernel."""
    from xuefa.study.error_card import show_errors_as_cards
    from xuefa.study.lesson import Lesson

    show_errors_as_cards()
    settings = read_settings(os.environ)
    bank = read_site_bank(settings)
    return Lesson(
        module=read_site_manifest(settings, bank.catalogue)[number],
        notebooks_dir=settings.notebooks_dir,
        bank=bank,
        statutes=open_statutes(settings),
        writer=_record_writer(settings, module=number),
    )


def open_home() -> Home:
    """The home page, for the person at this kernel."""
    from xuefa.study.error_card import show_errors_as_cards
    from xuefa.study.home import Home, HomeSources
    from xuefa.study.my_year import Curriculum
    from xuefa.workflows.learner_exams import read_handed_back_results, read_notices, read_targets

    show_errors_as_cards()
    settings = read_settings(os.environ)
    catalogue = read_site_catalogue(settings)
    pages = _STAFF_PAGES if _is_in_lab() else {}
    return Home(
        curriculum=Curriculum(
            catalogue=catalogue,
            manifest=read_site_manifest(settings, catalogue),
            targets=read_targets(settings),
        ),
        writer=_record_writer(settings, module=None),
        sources=HomeSources(
            read_bank=cache(lambda: read_site_bank(settings)),
            open_statutes=lambda: open_statutes(settings),
            read_exams=lambda learner_id: read_notices(settings, learner_id=learner_id, at=now()),
            read_results=lambda learner_id: read_handed_back_results(settings, learner_id=learner_id),
        ),
        staff_pages={title: name for title, name in pages.items() if (settings.notebooks_dir / name).is_file()},
    )


def open_answer_sheet() -> Any:
    """The answer sheet of the paper whose folder is the current one; handing in also writes the file to pass on."""
    from xuefa.exam.answer_sheet import open_answer_sheet as open_sheet
    from xuefa.exam.sitting import SITTING_FILE, read_sitting
    from xuefa.study.error_card import show_errors_as_cards
    from xuefa.workflows.exam_sitting import pack_hand_in

    show_errors_as_cards()
    settings = read_settings(os.environ)
    folder = Path.cwd()
    sitting = read_sitting(folder / SITTING_FILE)
    return open_sheet(
        paper_folder=folder,
        course_dir=settings.course_dir,
        candidates=sitting.candidates,
        closes_at=sitting.closes_at,
        clock=now,
        environ=os.environ,
        pack=lambda learner_id: pack_hand_in(settings=settings, paper_id=sitting.paper_id, learner_id=learner_id),
    )


def open_exam_room() -> Any:
    """The exam page: names, the exams that are open, and the answer sheet of the one that is chosen."""
    from xuefa.exam.answer_sheet.room_widget import open_exam_room as open_room
    from xuefa.study.error_card import show_errors_as_cards

    show_errors_as_cards()
    settings = read_settings(os.environ)
    return open_room(
        course_dir=settings.course_dir, store=_kernel_store(settings.database_url), clock=now, rng=SystemRandom()
    )


def _record_writer(settings: Settings, *, module: int | None) -> RecordWriter:
    """Writes what the person at this kernel does on the page of that module."""
    from xuefa.study.record_writer import RecordWriter

    return RecordWriter(
        store=_kernel_store(settings.database_url),
        presence=_kernel_presence(),
        module=module,
        clock=now,
        rng=SystemRandom(),
        time_zone=TIME_ZONE,
    )


def _is_in_lab() -> bool:
    """Whether this kernel is one of JupyterLab's, and not one that Voilà started, be it from within JupyterLab."""
    return _LAB_SESSION in os.environ and not os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


@cache
def _kernel_store(database_url: str) -> Store:
    from xuefa.records.store import open_store

    return open_store(database_url)


@cache
def _kernel_presence() -> Any:
    from xuefa.study.presence import Presence

    return Presence()
