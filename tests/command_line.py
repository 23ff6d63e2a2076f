"""The command line for tests: in this process, where the heavy packages are loaded once, or in one of its own."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest

from xuefa.cli import main
from xuefa.settings import Settings

Done = subprocess.CompletedProcess[str]


def run_xuefa(settings: Settings, *arguments: str) -> Done:
    """Run a command on the settings' content and site; an error that the kit does not know is raised in the test."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in _environ(settings).items():
            patch.setenv(name, value)
        patch.delenv("XUEFA_DATABASE_URL", raising=False)
        patch.setattr(sys, "argv", ["xuefa", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
    return Done(arguments, int(end.value.code or 0), out.getvalue(), err.getvalue())


def run_xuefa_alone(settings: Settings, *arguments: str, largest_file: int | None = None) -> Done:
    """Run a command in a process of its own; `largest_file` (bytes) stands for a disk that is full."""

    def limit() -> None:
        if largest_file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.run(
        [sys.executable, "-m", "xuefa", *arguments],
        env={**os.environ, **_environ(settings), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


def _environ(settings: Settings) -> dict[str, str]:
    return {"XUEFA_PROJECT": str(settings.project_dir), "XUEFA_SITE": str(settings.site_dir)}
