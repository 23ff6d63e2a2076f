"""Kernels of the learners' door as copies of the nursery's process; where that fails, as processes of their own."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from xuefa.doors.nursery import READY

PROVISIONER = "xuefa-forked"

_START_SECONDS = 30
_FORK_SECONDS = 10


class Nursery:
    """The process that kernels are copied from; `warm` names what loads everything, as `module:function`."""

    def __init__(self, *, warm: str) -> None:
        self._warm = warm
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def start(self) -> None:
        """Start the process and wait until it has everything loaded; raise OSError if it does not come up."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own command line
                (sys.executable, "-m", "xuefa.doors.nursery", str(theirs.fileno()), self._warm),
                pass_fds=(theirs.fileno(),),
            )
        ours.settimeout(_START_SECONDS)
        self._line = ours
        if _read_line(ours) != READY:
            raise OSError("the nursery did not come up")
        ours.settimeout(_FORK_SECONDS)

    def make_kernel(self, *, argv: list[str], env: dict[str, str], cwd: str, kernel_id: str) -> int:
        """The process id of a new kernel; a nursery that is gone is started anew. Raises OSError if there is none."""
        if self._process is None or self._process.poll() is not None or self._line is None:
            self.close()
            self.start()
        line = self._line
        if line is None:
            raise OSError("there is no nursery")
        request = {"argv": argv, "env": env, "cwd": cwd, "kernel_id": kernel_id}
        try:
            line.sendall(json.dumps(request).encode() + b"\n")
            return int(_read_line(line))
        except (OSError, ValueError):
            self.close()
            raise OSError("the nursery made no kernel") from None

    def close(self) -> None:
        """End the process; the kernels that it made end with it."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._line = self._process = None


class ForkedProcess:
    """A process that is no child of this one, with the methods of `subprocess.Popen` that Jupyter uses.

    It is held by a file descriptor (`pidfd_open(2)`), so that a signal never reaches another process that got its
    number later.
    """

    stdin = stdout = stderr = None

    def __init__(self, process_id: int) -> None:
        self.pid = process_id
        self._held: int | None
        try:
            self._held = os.pidfd_open(process_id)
        except ProcessLookupError:
            self._held = None

    def poll(self) -> int | None:
        """None while it runs, else 0: how it ended is known only to its parent."""
        if self._held is not None and not select.select([self._held], [], [], 0)[0]:
            return None
        self._release()
        return 0

    def wait(self) -> int:
        if self._held is not None:
            select.select([self._held], [], [])
        self._release()
        return 0

    def send_signal(self, number: int) -> None:
        if self._held is not None:
            with suppress(ProcessLookupError):  # it ended between two looks
                signal.pidfd_send_signal(self._held, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _release(self) -> None:
        if self._held is not None:
            os.close(self._held)
        self._held = None


class ForkedKernel(LocalProvisioner):
    """Jupyter's way of starting a kernel, with a copy of the nursery's process in place of a new one."""

    nursery: ClassVar[Nursery | None] = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Have a copy made; if there is no nursery any more, start the kernel as Jupyter does."""
        if self.nursery is None or "-f" not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        try:
            process_id = self.nursery.make_kernel(
                argv=cmd, env=dict(kwargs["env"]), cwd=str(kwargs.get("cwd") or Path.cwd()), kernel_id=self.kernel_id
            )
        except OSError:
            self.log.warning("the nursery made no kernel; starting one the slow way")
            return await super().launch_kernel(cmd, **kwargs)
        self.process: Any = ForkedProcess(process_id)
        self.pid = self.pgid = process_id  # it leads a session of its own
        return self.connection_info


def use_nursery(nursery: Nursery) -> None:
    """From now on this process's kernels come from that nursery, wherever PROVISIONER is the default provisioner."""
    ForkedKernel.nursery = nursery
    entry = EntryPoint(PROVISIONER, f"{__name__}:ForkedKernel", KernelProvisionerFactory.GROUP_NAME)
    KernelProvisionerFactory.provisioners[PROVISIONER] = entry


def _read_line(line: socket.socket) -> bytes:
    text = b""
    while not text.endswith(b"\n"):
        received = line.recv(64)
        if not received:
            raise OSError("the nursery is gone")
        text += received
    return text
