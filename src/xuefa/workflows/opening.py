"""The two doors: JupyterLab for staff, Voilà for learners."""

from __future__ import annotations

import os
from collections.abc import Callable

from xuefa.settings import Settings


def open_lab(*, settings: Settings, port: int, open_browser: bool) -> int:
    """Run JupyterLab, the staff's door, until it is stopped; returns its exit status."""
    from xuefa.doors import lab_door, run_door

    return run_door(lab_door(settings=settings, environ=os.environ, port=port, open_browser=open_browser))


def serve(*, settings: Settings, ip: str, port: int, say: Callable[[str], None]) -> int:
    """Run Voilà, the learners' door, until it is stopped; returns its exit status."""
    from xuefa.doors import run_door, serve_door

    door = serve_door(settings=settings, environ=os.environ, ip=ip, port=port)
    say(f"学员请在浏览器里打开：{door.url}")
    say("几秒钟后可用；手机要连在同一个网络里，打不开时请检查防火墙。按 Ctrl+C 停止。")
    return run_door(door)
