"""An evening in one room: 30 learners come within a minute, open the lesson, sign in and answer, on one PC.

Each learner is a client that sends what a browser sends: the year's page over HTTP, its kernel ended as the page is
left, the lesson, a websocket to its kernel, the states of the widgets, then the widgets' messages with pauses as people
make them. Some lose their connection just after an answer was sent, come back and send it again, as the page does.
The server is `xuefa serve` as a process of its own, on the same machine as the clients. What a browser itself needs to
draw the page is not in the times; with `--browser`, chromium opens the lesson in the midst of it and that time is told.

Memory is the sum of the proportional set sizes (PSS) of the server, the process its kernels come from, and the kernels.
The last line is JSON: {"usable_p50_s", "usable_p95_s", "saved_p95_ms", "memory_gb", "lost", "doubled"}.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from websockets.asyncio.client import ClientConnection, connect

from xuefa.records.evening import Opening
from xuefa.records.record import Learner, Session, SessionKind
from xuefa.records.store import open_store
from xuefa.settings import TIME_ZONE, Settings, site_settings

PROJECT = Path(__file__).parents[1]
LESSON = "08_行政诉讼法.ipynb"
SESSION, CODE, PIN = "tonight", "036912", "2580"
QUIZ, SIGN_IN = "QuizWidget", "SignInWidget"
REPLY_SECONDS = 30
LOSES_LINE = 0.1
MEMORY_EVERY_SECONDS = 15


class EveningError(Exception):
    """A page did not do what a learner needs of it."""


@dataclass
class Measured:
    """What the clients saw: seconds until a question can be answered, until an answer is saved, who saved how many."""

    usable: list[float] = field(default_factory=list)
    saved: list[float] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    resent: int = 0
    failed: list[str] = field(default_factory=list)
    memory_bytes: int = 0


class Tab:
    """One page open in a browser: its kernel, its websocket, the widgets' states."""

    def __init__(self, base: str, cookie: str, kernel_id: str) -> None:
        self.base, self.cookie, self.kernel_id = base, cookie, kernel_id
        self.session = uuid.uuid4().hex
        self.states: dict[str, dict[str, Any]] = {}
        self._line: ClientConnection | None = None

    @classmethod
    async def open(cls, base: str, notebook: str) -> Tab:
        """Fetch the page to its end."""
        request = HTTPRequest(f"{base}/voila/render/{quote(notebook)}", request_timeout=60)
        reply = await AsyncHTTPClient().fetch(request)
        found = re.search(r'"kernelId": "([0-9a-f-]+)"', reply.body.decode())
        if not found:
            raise EveningError("the page names no kernel")
        cookie = re.search(r"_xsrf=([^;]+)", reply.headers.get("Set-Cookie", ""))
        return cls(base, cookie.group(1) if cookie else "", found.group(1))

    @property
    def line(self) -> ClientConnection:
        if self._line is None:
            raise EveningError("not connected")
        return self._line

    async def connect(self) -> None:
        """Open the websocket and have the widgets' states sent, as line.js does."""
        url = f"{self.base.replace('http', 'ws')}/api/kernels/{self.kernel_id}/channels?session_id={self.session}"
        self._line = await connect(url, max_size=None)
        control = uuid.uuid4().hex
        opening = {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}}
        await self._send("comm_open", opening, {"version": "1.0.0"})
        await self._send("comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
        while True:
            content = await self._hear()
            if content.get("comm_id") == control:
                for comm_id, one in content["data"]["states"].items():
                    self.states[comm_id] = one["state"]
                return

    async def ask(self, widget: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request to the widget, wait until it is done, and give the widget's view."""
        comm_id, message = await self.tell(widget, request)
        while True:
            content = await self._hear()
            data = content.get("data", {})
            if data.get("method") == "update":
                self.states.get(content["comm_id"], {}).update(data["state"])
            if data.get("method") == "custom" and data["content"].get("done") == message["id"]:
                return dict(self.states[comm_id]["view"])

    async def tell(self, widget: str, request: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Send a request without waiting."""
        comm_id = next(key for key, state in self.states.items() if widget in state.get("_anywidget_id", ""))
        message = {**request, "id": uuid.uuid4().hex}
        await self._send("comm_msg", {"comm_id": comm_id, "data": {"method": "custom", "content": message}})
        return comm_id, message

    def view(self, widget: str) -> dict[str, Any]:
        return next(dict(one["view"]) for one in self.states.values() if widget in one.get("_anywidget_id", ""))

    async def drop(self) -> None:
        """Lose the connection."""
        if self._line:
            await self._line.close()

    async def leave(self) -> None:
        """Close the page: its kernel ends."""
        await self.drop()
        request = HTTPRequest(
            f"{self.base}/voila/api/shutdown/{self.kernel_id}",
            method="POST",
            body=urlencode({"_xsrf": self.cookie}),
            headers={"Cookie": f"_xsrf={self.cookie}"},
        )
        await AsyncHTTPClient().fetch(request)

    async def _send(self, kind: str, content: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "username": "",
            "session": self.session,
            "version": "5.3",
            "date": datetime.now(UTC).isoformat(),
        }
        message = {"header": header, "parent_header": {}, "metadata": metadata or {}, "content": content}
        await self.line.send(json.dumps({**message, "channel": "shell", "buffers": []}))

    async def _hear(self) -> dict[str, Any]:
        text = await asyncio.wait_for(self.line.recv(), REPLY_SECONDS)
        message = json.loads(text)
        return dict(message["content"]) if message["header"]["msg_type"].startswith("comm") else {}


async def attend(base: str, learner_id: str, *, answers: int, rng: random.Random, measured: Measured) -> Tab:
    """One learner's evening up to the last answer; the page stays open."""
    index = await Tab.open(base, "index.ipynb")
    await asyncio.sleep(rng.uniform(1, 3))
    await index.leave()
    came = perf_counter()
    tab = await Tab.open(base, LESSON)
    await tab.connect()
    who = {"learner": learner_id, "session": SESSION, "pin": PIN, "again": PIN, "code": CODE}
    signed_in = await tab.ask(SIGN_IN, {"do": "sign_in", **who})
    if not signed_in["present"] or tab.view(QUIZ)["stage"] != "question":
        raise EveningError(f"not signed in: {signed_in['problem']}")
    measured.usable.append(perf_counter() - came)
    for number in range(1, answers + 1):
        await asyncio.sleep(rng.uniform(2, 6))
        view = tab.view(QUIZ)
        letters = [letter for letter, _text in view["question"]["options"]]
        response = letters[: 2 if view["question"]["several"] else 1]
        request = {"do": "answer", "answer": uuid.uuid4().hex, "question": number, "response": response, "seconds": 3}
        asked = perf_counter()
        if rng.random() < LOSES_LINE:
            await tab.tell(QUIZ, request)
            await tab.drop()
            await tab.connect()
            measured.resent += 1
        view = await tab.ask(QUIZ, request)
        measured.saved.append(perf_counter() - asked)
        if view["stage"] != "feedback" or view["problem"]:
            raise EveningError(f"not saved: {view['problem']}")
        measured.answered[learner_id] += 1
        if number < answers:
            await tab.ask(QUIZ, {"do": "next"})
    return tab


async def hold_evening(base: str, options: argparse.Namespace, server: int) -> Measured:
    """Let all come, spread over the time given; their pages stay open until the last has answered."""
    measured = Measured()
    rng = random.Random(options.seed)  # noqa: S311  when people come and what they pick
    AsyncHTTPClient.configure(None, max_clients=200)

    async def come(number: int, after: float, chance: random.Random) -> Tab | None:
        await asyncio.sleep(after)
        try:
            return await attend(base, f"L{number:02d}", answers=options.answers, rng=chance, measured=measured)
        except Exception as error:  # whatever it was, the evening goes on and the line below tells it
            measured.failed.append(f"L{number:02d}: {type(error).__name__} {error}")
            return None

    async def watch_memory() -> None:
        while True:
            await asyncio.sleep(MEMORY_EVERY_SECONDS)
            measured.memory_bytes = max(measured.memory_bytes, await asyncio.to_thread(sum_memory, server))

    watching = asyncio.create_task(watch_memory())
    comings = [
        come(number, rng.uniform(0, options.spread), random.Random(number))  # noqa: S311
        for number in range(1, options.clients + 1)
    ]
    if options.browser:
        comings.append(open_in_browser(base, after=options.spread / 2))
    tabs = await asyncio.gather(*comings)
    measured.memory_bytes = max(measured.memory_bytes, await asyncio.to_thread(sum_memory, server))
    watching.cancel()
    for tab in tabs:
        if tab:
            await tab.leave()
    return measured


async def open_in_browser(base: str, *, after: float) -> None:
    """Open the lesson as a phone in chromium and print when its first question stood there."""
    from playwright.async_api import async_playwright  # noqa: PLC0415  only with --browser

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await asyncio.sleep(after)
        came = perf_counter()
        await page.goto(f"{base}/voila/render/{quote(LESSON)}", wait_until="commit")
        await page.wait_for_selector("section[aria-label='小测验'] legend", timeout=60_000)
        print(f"chromium：{perf_counter() - came:.2f} 秒后看到第一题")
        await browser.close()


def sum_memory(server: int) -> int:
    """Bytes of the process and all it started, shared pages counted once (PSS)."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # ended meanwhile
            continue
    family = {server}
    while True:
        more = {process for process, parent in parents.items() if parent in family} - family
        if not more:
            break
        family |= more
    total = 0
    for process in family:
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.findall(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[0]) * 1024
    return total


def compare_with_records(settings: Settings, measured: Measured) -> tuple[int, int]:
    """(answers that showed 已保存 and are not there, answers that are there more than once)."""
    with closing(sqlite3.connect(settings.database_url.removeprefix("sqlite:///"))) as database:
        query = "select learner_id, count(*), count(distinct item_id) from records where verb = 'answered' group by 1"
        kept = {learner: (rows, items) for learner, rows, items in database.execute(query)}
    lost = sum(max(count - kept.get(learner, (0, 0))[1], 0) for learner, count in measured.answered.items())
    doubled = sum(rows - items for rows, items in kept.values())
    return lost, doubled


@contextmanager
def serving(settings: Settings, port: int) -> Iterator[int]:
    """`xuefa serve` until the block ends; gives its process id once it answers."""
    environ = {**os.environ, "XUEFA_PROJECT": str(settings.project_dir), "XUEFA_SITE": str(settings.site_dir)}
    command = (sys.executable, "-m", "xuefa", "serve", "--port", str(port))
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)
        try:
            asyncio.run(_wait_until_it_answers(f"http://127.0.0.1:{port}/x"))
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)


async def _wait_until_it_answers(url: str) -> None:
    for _ in range(300):
        try:
            await AsyncHTTPClient().fetch(url, raise_error=False)
        except OSError:
            await asyncio.sleep(0.2)
        else:
            return
    raise SystemExit("xuefa serve 没有启动")


def make_site(folder: Path, *, learners: int) -> Settings:
    """A site with a roster and a session today; the content is the project's."""
    settings = site_settings(project_dir=PROJECT, site_dir=folder)
    people = [
        Learner(
            learner_id=f"L{number:02d}", name=f"学员{number:02d}", unit="示例单位", post="干部", since=date(2020, 1, 1)
        )
        for number in range(1, learners + 1)
    ]
    session = Session(
        session_id=SESSION,
        held_on=datetime.now(TIME_ZONE).date(),
        kind=SessionKind.EVENING,
        title="学习《行政诉讼法》",
        minutes=60,
        host="学员01",
        laws=("xzss",),
    )
    with open_store(settings.database_url) as store:
        store.write_learners(people)
        store.write_sessions([session])
        store.write_opening(Opening(session_id=SESSION, code=CODE, opened_at=datetime.now(UTC)))
    return settings


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile, infinite where nobody got so far."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--spread", type=float, default=60, help="seconds over which they come")
    parser.add_argument("--answers", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--browser", action="store_true", help="also open the lesson in chromium")
    options = parser.parse_args()
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    print(f"开始时的负载（1 分钟）：{os.getloadavg()[0]:.1f}，处理器 {os.cpu_count()} 个")
    with tempfile.TemporaryDirectory() as folder:
        settings = make_site(Path(folder), learners=options.clients)
        with serving(settings, port) as server:
            measured = asyncio.run(hold_evening(f"http://127.0.0.1:{port}", options, server))
        lost, doubled = compare_with_records(settings, measured)
    print(f"结束时的负载（1 分钟）：{os.getloadavg()[0]:.1f}")
    print(f"{len(measured.usable)} 人打开，{len(measured.saved)} 次作答，其中 {measured.resent} 次断线后重发")
    for line in measured.failed:
        print(line)
    print(
        json.dumps(
            {
                "usable_p50_s": round(percentile(measured.usable, 0.5), 2),
                "usable_p95_s": round(percentile(measured.usable, 0.95), 2),
                "saved_p95_ms": round(percentile(measured.saved, 0.95) * 1000),
                "memory_gb": round(measured.memory_bytes / 1e9, 2),
                "lost": lost + len(measured.failed),
                "doubled": doubled,
            }
        )
    )


if __name__ == "__main__":
    main()
