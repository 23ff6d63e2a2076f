"""The two doors: JupyterLab for staff, Voilà for learners."""

from __future__ import annotations

import os

from xuefa.settings import Settings


def open_lab(*, settings: Settings, port: int, open_browser: bool) -> int:
    """Run JupyterLab, the staff's door, until it is stopped; returns its exit status."""
    from xuefa.doors import lab_door, run_door

    return run_door(lab_door(settings=settings, environ=os.environ, port=port, open_browser=open_browser))


def serve(*, settings: Settings, ip: str, port: int) -> int:
    """Run Voilà, the learners' door, until it is stopped; returns its exit status."""
    from xuefa.doors import run_door, serve_door

    return run_door(serve_door(settings=settings, environ=os.environ, ip=ip, port=port))
