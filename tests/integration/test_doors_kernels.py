"""Kernels as copies of one process: they work, they are apart from each other, and they end when they should."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from xuefa.doors.forked_kernel import PROVISIONER, ForkedKernel, ForkedProcess, Nursery, use_nursery
from xuefa.doors.nursery import name_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are copied on Linux only")

Result = TypeVar("Result")
WARM = "xuefa.workflows.pages:prepare_pages"


@pytest.fixture
def nursery(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Nursery]:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(KernelProvisionerFactory, "provisioners", dict(KernelProvisionerFactory.provisioners))
    monkeypatch.setattr(ForkedKernel, "nursery", None)
    KernelProvisionerFactory.clear_instance()
    nursery = Nursery(warm=WARM)
    nursery.start()
    use_nursery(nursery)
    monkeypatch.setattr(KernelProvisionerFactory.instance(), "default_provisioner_name", PROVISIONER)
    yield nursery
    nursery.close()
    KernelProvisionerFactory.clear_instance()


def run_apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a thread of its own: Playwright, where a browser test came before, keeps a loop in this one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


@asynccontextmanager
async def kernel() -> AsyncIterator[tuple[Any, Callable[[str], Any]]]:
    """A running kernel, and how to have it evaluate an expression."""
    manager: Any = AsyncKernelManager()
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=30)

    async def evaluate(expression: str) -> str:
        reply = await client.execute_interactive("", user_expressions={"value": expression}, timeout=30)
        return str(reply["content"]["user_expressions"]["value"]["data"]["text/plain"])

    try:
        yield manager, evaluate
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 20
    while not condition() and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert condition()


def test_copied_kernel_has_the_kit_loaded_and_no_pandas_and_no_debugger(nursery: Nursery) -> None:
    async def look() -> None:
        async with kernel() as (manager, evaluate):
            assert isinstance(manager.provisioner, ForkedKernel)
            assert isinstance(manager.provisioner.process, ForkedProcess)
            loaded = "[name in __import__('sys').modules for name in ('xuefa.study.lesson', 'pandas', 'nbgrader')]"
            assert await evaluate(loaded) == "[True, False, False]"
            assert await evaluate("__import__('sys').modules['debugpy'] is None") == "True"
            name = Path(f"/proc/{manager.provisioner.pid}/comm").read_text(encoding="utf-8").strip()
            assert name == name_process(manager.provisioner.kernel_id)

    assert nursery
    run_apart(look())


def test_two_copies_share_neither_chance_nor_memory(nursery: Nursery) -> None:
    async def look() -> None:
        async with kernel() as (_, one), kernel() as (_, other):
            draw = "[__import__('random').random(), __import__('uuid').uuid4().hex]"
            assert await one(draw) != await other(draw)
            assert await one("__import__('builtins').__dict__.update(mark=1)") == "None"
            assert await other("hasattr(__import__('builtins'), 'mark')") == "False"

    assert nursery
    run_apart(look())


def test_kernel_ends_when_told_and_leaves_no_process_behind(nursery: Nursery) -> None:
    async def run() -> int:
        async with kernel() as (manager, _):
            assert await manager.is_alive()
            return int(manager.provisioner.pid)

    assert nursery
    process_id = run_apart(run())
    wait_until(lambda: not Path(f"/proc/{process_id}").exists())


def test_kernels_end_with_their_nursery_and_the_next_page_gets_a_new_one(nursery: Nursery) -> None:
    async def run() -> None:
        async with kernel() as (manager, _):
            process_id = int(manager.provisioner.pid)
            nursery.close()
            wait_until(lambda: not is_running(process_id))
        async with kernel() as (manager, evaluate):
            assert isinstance(manager.provisioner.process, ForkedProcess)
            assert await evaluate("1 + 1") == "2"

    run_apart(run())


def test_without_a_nursery_a_kernel_starts_as_jupyter_starts_it(
    nursery: Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> int:
        raise OSError("no memory for a copy")

    monkeypatch.setattr(nursery, "make_kernel", fail)

    async def run() -> None:
        async with kernel() as (manager, evaluate):
            assert not isinstance(manager.provisioner.process, ForkedProcess)
            assert await evaluate("1 + 1") == "2"

    run_apart(run())


def test_signal_to_an_ended_process_reaches_nobody() -> None:
    process_id = os.posix_spawn("/bin/true", ["true"], {})
    process = ForkedProcess(process_id)
    os.waitpid(process_id, 0)
    process.kill()
    assert process.wait() == 0
    process.terminate()
    assert process.poll() == 0
