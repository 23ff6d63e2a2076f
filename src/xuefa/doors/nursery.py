"""A process with everything loaded that a page needs; on request it turns a copy of itself into a kernel (Linux).

Starting Python and loading the kit costs a kernel two seconds of one core, and 80 MB. A copy costs hundredths of both:
its memory stays shared until it is written to.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import random
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

READY = b"ready\n"

_PR_SET_NAME = 15


def name_process(kernel_id: str) -> str:
    """What the process of that kernel is called in the system's lists (at most 15 bytes)."""
    return f"kernel-{kernel_id[:8]}"


def main(argv: Sequence[str]) -> None:
    """Serve requests from the socket of file descriptor `argv[0]` until its other end is gone.

    `argv[1]` names what loads everything, as `module:function`. A request is a line of JSON `{"argv", "env", "cwd",
    "kernel_id"}`, its answer a line with the kernel's process id.
    """
    line = socket.socket(fileno=int(argv[0]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which ends the kernels and then this
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that no ended kernel stays in the process table
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # half of a kernel's start; nobody debugs a learner's page
    for name in ("ipykernel.kernelapp", "ipykernel.zmqshell", "ipykernel.debugger"):
        import_module(name)
    module, _, function = argv[1].partition(":")
    getattr(import_module(module), function)()
    gc.collect()
    gc.freeze()  # what is loaded is never looked through again: its memory stays shared
    line.sendall(READY)
    with line.makefile("rb") as requests:
        for text in requests:
            request = json.loads(text)
            process_id = os.fork()
            if process_id == 0:
                line.close()
                _become_kernel(request)
            line.sendall(b"%d\n" % process_id)


def _become_kernel(request: Mapping[str, Any]) -> NoReturn:
    status = 1
    try:
        nursery = os.getppid()
        os.setsid()
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name_process(request["kernel_id"]).encode(), 0, 0, 0)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        with Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        random.seed()
        command = request["argv"]
        sys.argv = command
        options = [
            f"--IPKernelApp.parent_handle={nursery}",
            "--IPKernelApp.log_level=ERROR",
            "--IPKernelApp.extra_extensions=ipywidgets",  # loaded before there was a kernel, it answers no page yet
            "--HistoryManager.enabled=False",
        ]
        application = import_module("ipykernel.kernelapp").IPKernelApp
        application.launch_instance([*command[command.index("-f") :], *options])
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
