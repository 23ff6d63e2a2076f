"""One JupyterLab, one Voilà and one browser for the whole session, over a site of their own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.browser.exam_hall import Hall
from tests.browser.visit import CODE, LAB_TOKEN, PATIENCE_MS, Visit
from tests.exam_course import PAPER_ID, STARTED_AT, release_practice_course
from tests.parts import require_part
from xuefa.doors import Door, lab_door, serve_door
from xuefa.exam.paper import Paper
from xuefa.records.evening import Opening
from xuefa.records.record import Learner, Session, SessionKind
from xuefa.records.store import Store, open_store
from xuefa.settings import Settings, site_settings
from xuefa.workflows.exam_setting import set_paper
from xuefa.workflows.exam_sitting import release_paper

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
_UNITS = ("党政办公室", "综合行政执法办公室（应急管理、生态环境）", "乡村振兴办公室")


@pytest.fixture(scope="session")
def site(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the kit's content with 40 learners and one session open today."""
    folder = tmp_path_factory.mktemp("site")
    for name in ("notebooks", "question_bank", "grading/blueprints"):
        shutil.copytree(project_dir / name, folder / name)
    shutil.copy(project_dir / "grading" / "nbgrader_config.py", folder / "grading")
    settings = site_settings(project_dir=folder, site_dir=folder)
    with open_store(settings.database_url) as store:
        store.write_learners(
            Learner(
                learner_id=f"L{number:02d}",
                name=f"学员{number:02d}",
                unit=_UNITS[number % 3],
                post="干部",
                since=date(2020, 1, 1),
                exam_eligible=number <= 5,
            )
            for number in range(1, 41)
        )
        store.write_sessions(
            [
                Session(
                    session_id="tonight",
                    held_on=datetime.now(ZoneInfo("Asia/Shanghai")).date(),
                    kind=SessionKind.EVENING,
                    title="学习《行政诉讼法》",
                    minutes=60,
                    host="学员01",
                    laws=("xzss",),
                )
            ]
        )
        store.write_opening(Opening(session_id="tonight", code=CODE, opened_at=datetime.now(UTC)))
    return settings


@pytest.fixture(scope="session")
def released_paper(site: Settings) -> Paper:
    """A practice paper released to the five who may sit it."""
    paper = set_paper(settings=site, blueprint="practice", paper_id="practice", held_on=date(2026, 1, 1), seed=1)
    release_paper(settings=site, paper_id=paper.paper_id)
    return paper


@pytest.fixture(scope="session")
def released_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the practice paper from the project's own bank: the longest texts there are; 75 minutes."""
    return release_practice_course(tmp_path_factory.mktemp("browser") / "course", expected=4).course_dir


@pytest.fixture
def hall(browser: Browser, released_course: Path, tmp_path: Path) -> Iterator[Hall]:
    """That course, for one test, with the answer sheet's page over it."""
    shutil.copytree(released_course, tmp_path / "course")
    pictures = Path(os.environ.get("XUEFA_SCREENSHOTS", tmp_path))
    hall = Hall(browser, tmp_path / "course", PAPER_ID, now=STARTED_AT, pictures=pictures)
    yield hall
    hall.close()
    assert hall.faults == []


@pytest.fixture
def store(site: Settings) -> Iterator[Store]:
    with open_store(site.database_url) as store:
        yield store


@pytest.fixture(scope="session")
def lab(site: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    door = lab_door(settings=site, environ=os.environ, port=free_port(), token=LAB_TOKEN, open_browser=False)
    with running(door, log=tmp_path_factory.mktemp("lab") / "log.txt"):
        yield door


@pytest.fixture(scope="session")
def voila(site: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    door = serve_door(settings=site, environ=os.environ, port=free_port())
    with running(door, log=tmp_path_factory.mktemp("voila") / "log.txt"):
        yield door


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    require_part("chromium", found=CHROMIUM.exists())
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_visit(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """Opens pages in a fresh browser profile; none of them may ask another machine for anything."""
    pictures = Path(os.environ.get("XUEFA_SCREENSHOTS", tmp_path))
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    foreign: list[str] = []
    faults: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            foreign.append(request.url)

    context.on("request", note)

    def open_page(*, width: int) -> Visit:
        page: Page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900 if width > 600 else 844})
        page.on("pageerror", lambda error: faults.append(str(error)))
        return Visit(page, pictures=pictures)

    yield open_page
    context.close()
    assert foreign == []
    assert faults == []


@contextmanager
def running(door: Door, *, log: Path) -> Iterator[Door]:
    """The server of that door until the block ends."""
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(door.argv, env=door.environ, cwd=door.cwd, stdout=output, stderr=output)
    try:
        _wait_until_it_answers(door, process, log)
        yield door
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(door: Door, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            urllib.request.urlopen(f"{door.url.partition('/lab')[0].rstrip('/')}/favicon.ico", timeout=2).close()  # noqa: S310  our own address
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{door.argv} does not answer:\n{log.read_text(encoding='utf-8')}")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
