"""Builds the command line and the environment of each door; everything Jupyter needs comes from `src/xuefa/jupyter`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from xuefa.errors import BadInputError, Finding
from xuefa.settings import Settings

_JUPYTER = Path(__file__).parents[1] / "jupyter"
_INDEX = "index.ipynb"
_WARM = "xuefa.workflows.pages:prepare_pages"


@dataclass(frozen=True)
class Door:
    """A server to start: its command line, its whole environment, its folder, and where a browser finds it."""

    argv: tuple[str, ...]
    environ: dict[str, str]
    cwd: Path
    url: str


def lab_door(
    *,
    settings: Settings,
    environ: Mapping[str, str],
    port: int = 8888,
    token: str | None = None,
    open_browser: bool = True,
) -> Door:
    """JupyterLab on 127.0.0.1 with a token (a random one unless given), in Chinese, open on the year's index.

    Settings that a user changes in JupyterLab are kept in the site's `data/jupyter`.
    """
    index = (settings.notebooks_dir / _INDEX).relative_to(settings.project_dir).as_posix()
    argv = [
        *(sys.executable, "-m", "jupyterlab"),
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.log_level=WARN",
        "--ServerApp.answer_yes=True",  # Ctrl+C ends it without a question in English
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={settings.project_dir}",
        f"--LabApp.default_url=/lab/tree/{index}",
    ]
    if not open_browser:
        argv.append("--ServerApp.open_browser=False")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # Jupyter refuses root otherwise; a container has nobody else
        argv.append("--ServerApp.allow_root=True")
    door_environ = _door_environ(settings, environ)
    if token is not None:
        door_environ["JUPYTER_TOKEN"] = token  # not in argv, which every user of the machine can read
    return Door(tuple(argv), door_environ, settings.project_dir, f"http://127.0.0.1:{port}/lab/tree/{index}")


def serve_door(*, settings: Settings, environ: Mapping[str, str], ip: str = "127.0.0.1", port: int = 8866) -> Door:
    """Standalone Voilà over the notebooks; `ip` 0.0.0.0 lets the study room's network in.

    Raises BadInputError if the port is taken.
    """
    _require_free_port(ip, port)
    argv = (sys.executable, "-m", "xuefa.doors.learners", "--ip", ip, "--port", str(port), "--warm", _WARM)
    host = own_address() if ip in {"", "0.0.0.0"} else ip  # noqa: S104  only compared with
    return Door(argv, _door_environ(settings, environ), settings.project_dir, f"http://{host}:{port}/")


def run_door(door: Door) -> int:
    """Start the server and wait until it ends; Ctrl+C, or SIGTERM to this process, ends it. Returns its exit code."""
    with subprocess.Popen(door.argv, env=door.environ, cwd=door.cwd) as process:  # noqa: S603  our own command line
        signal.signal(signal.SIGTERM, lambda _number, _frame: process.terminate())
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the server hears it too and shuts its kernels down first
                continue


def _door_environ(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a door and of its kernels: this site's records, this kit's Jupyter folders first."""
    config_dirs = (str(_JUPYTER / "config"), str(settings.course_dir), environ.get("JUPYTER_CONFIG_PATH"))
    return {
        **environ,
        "XUEFA_PROJECT": str(settings.project_dir),
        "XUEFA_SITE": str(settings.site_dir),
        "XUEFA_DATABASE_URL": settings.database_url,
        "JUPYTER_PATH": _join_paths(str(_JUPYTER), environ.get("JUPYTER_PATH")),
        "JUPYTER_CONFIG_PATH": _join_paths(*config_dirs),
        "JUPYTER_CONFIG_DIR": str(settings.data_dir / "jupyter"),
        # nbgrader runs `alembic` from PATH.
        "PATH": _join_paths(str(Path(sys.executable).parent), environ.get("PATH")),
        "PYTHONUTF8": "1",
        # Names are searched character by character; the dictionary of phrases would cost every kernel 40 MB.
        "PYPINYIN_NO_PHRASES": "1",
    }


def _join_paths(*paths: str | None) -> str:
    return os.pathsep.join(path for path in paths if path)


def _require_free_port(ip: str, port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, port))
        except OSError:
            raise BadInputError(
                Finding(
                    f"{ip}:{port}",
                    "这个地址或端口用不了，可能已经开了一个服务",
                    "请先关掉原来的服务，或者用 --port 换一个端口",
                )
            ) from None


def own_address() -> str:
    """The address by which the local network reaches this machine, 127.0.0.1 if it has no network."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address; nothing is sent
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
