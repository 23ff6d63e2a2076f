"""The doors: what is started, with which environment, and what the learners' door may serve."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from voila.exporter import VoilaExporter

from xuefa.doors import lab_door, run_door, serve_door
from xuefa.doors.launch import Door
from xuefa.doors.learners import voila_config
from xuefa.doors.page_exporter import PageExporter
from xuefa.errors import BadInputError
from xuefa.settings import Settings, site_settings
from xuefa.workflows.site import read_site_bank

JUPYTER = Path(__file__).parents[2] / "src" / "xuefa" / "jupyter"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with closing(socket.socket()) as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_lab_opens_the_index_on_this_machine_only_and_keeps_the_token_out_of_the_command_line(
    settings: Settings,
) -> None:
    door = lab_door(settings=settings, environ={}, port=9999, token="secret", open_browser=False)  # noqa: S106  of no server
    assert "--ServerApp.ip=127.0.0.1" in door.argv
    assert "--LabApp.default_url=/lab/tree/notebooks/index.ipynb" in door.argv
    assert "--ServerApp.open_browser=False" in door.argv
    assert not any("secret" in argument for argument in door.argv)
    assert door.environ["JUPYTER_TOKEN"] == "secret"  # noqa: S105  of no server
    assert door.url == "http://127.0.0.1:9999/lab/tree/notebooks/index.ipynb"


def test_lab_without_a_token_lets_jupyter_make_a_random_one(settings: Settings) -> None:
    door = lab_door(settings=settings, environ={})
    assert "JUPYTER_TOKEN" not in door.environ
    assert not any("token" in argument for argument in door.argv)


def test_kernels_get_the_site_and_jupyter_gets_the_kits_folders_before_the_users(settings: Settings) -> None:
    environ = {"PATH": "/bin", "JUPYTER_PATH": "/their/data", "JUPYTER_CONFIG_PATH": "/their/config", "HOME": "/home/u"}
    given = dict(environ)
    door = lab_door(settings=settings, environ=environ)
    assert environ == given
    assert door.environ["XUEFA_SITE"] == str(settings.site_dir)
    assert door.environ["XUEFA_PROJECT"] == str(settings.project_dir)
    assert door.environ["XUEFA_DATABASE_URL"] == settings.database_url
    assert door.environ["JUPYTER_PATH"].split(os.pathsep) == [str(JUPYTER), "/their/data"]
    assert door.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep) == [
        str(JUPYTER / "config"),
        str(settings.course_dir),
        "/their/config",
    ]
    assert door.environ["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/bin"]
    assert door.environ["HOME"] == "/home/u"


def test_taken_port_is_refused_with_the_way_out(settings: Settings, taken_port: int) -> None:
    with pytest.raises(BadInputError, match="--port"):
        serve_door(settings=settings, environ={}, port=taken_port)


def test_learners_door_for_the_room_names_an_address_that_others_can_reach(settings: Settings) -> None:
    everywhere = "0.0.0.0"  # noqa: S104  what is tested
    door = serve_door(settings=settings, environ={}, ip=everywhere, port=0)
    assert everywhere in door.argv
    assert everywhere not in door.url


def test_learners_door_serves_no_files_shows_no_tracebacks_and_takes_no_template_from_the_address(
    settings: Settings,
) -> None:
    config = voila_config(settings=settings, ip="127.0.0.1", port=1)
    voila = config["VoilaConfiguration"]
    assert voila["file_allowlist"] == []
    assert voila["show_tracebacks"] is False
    assert (voila["allow_template_override"], voila["allow_theme_override"]) == ("NO", "NO")
    assert config["LearnersVoila"]["config_file_paths"] == []
    assert 0 < config["MappingKernelManager"]["cull_idle_timeout"] <= 3600


def test_run_door_gives_the_exit_code(tmp_path: Path) -> None:
    argv = (sys.executable, "-c", "import os, sys; sys.exit(int(os.environ['CODE']))")
    assert run_door(Door(argv, {**os.environ, "CODE": "7"}, tmp_path, "")) == 7


def test_nothing_of_the_jupyter_folder_asks_another_machine() -> None:
    files = [path for path in JUPYTER.rglob("*") if path.suffix in {".js", ".css", ".json", ".j2", ".html"}]
    assert len(files) >= 9
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "http://" not in text, path
        assert "https://" not in text, path
        if path.suffix == ".json":
            json.loads(text)


def test_lab_follows_the_notebooks_of_its_project(project_dir: Path, tmp_path: Path) -> None:
    door = lab_door(settings=site_settings(project_dir=tmp_path, site_dir=tmp_path), environ={})
    assert f"--ServerApp.root_dir={tmp_path}" in door.argv
    assert door.cwd == tmp_path != project_dir


def test_pages_look_as_voilas_own_exporter_makes_them(project_dir: Path) -> None:
    notebook = json.loads((project_dir / "notebooks" / "08_行政诉讼法.ipynb").read_text(encoding="utf-8"))
    texts = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    assert texts
    for text in texts:
        plain = VoilaExporter().markdown2html({"cell": {}}, text)
        assert [PageExporter().markdown2html({"cell": {}}, text) for _ in range(2)] == [plain, plain]


def test_bank_is_read_again_only_when_a_file_of_it_changed(project_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(project_dir / "question_bank", tmp_path / "question_bank")
    settings = site_settings(project_dir=tmp_path, site_dir=tmp_path)
    bank = read_site_bank(settings)
    assert read_site_bank(settings) is bank
    path = tmp_path / "question_bank" / "xzss.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# 改过\n", encoding="utf-8")
    assert read_site_bank(settings) is not bank


def test_server_ends_when_the_command_that_started_it_is_told_to(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    server = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    starter = (
        "import os, sys; from pathlib import Path; from xuefa.doors.launch import Door, run_door;"
        "sys.exit(run_door(Door((sys.executable, '-c', sys.argv[1]), dict(os.environ), Path('.'), '')) != 0)"
    )
    process = subprocess.Popen((sys.executable, "-c", starter, server))
    give_up_at = time.monotonic() + 30
    while not (mark.exists() and mark.read_text()) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    server_id = int(mark.read_text())
    process.terminate()
    assert process.wait(timeout=30) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(server_id, 0)
