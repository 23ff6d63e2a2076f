"""What someone with a browser's tools tries on the learners' door: code, other people's texts, other files."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from websockets.sync.client import ClientConnection, connect

from tests.browser.visit import MODULE_08, Visit, find_kernel_process
from xuefa.doors import Door
from xuefa.records.record import Verb
from xuefa.records.store import Store

pytestmark = pytest.mark.browser

REFUSED = (
    ("shell", "execute_request", {"silent": False, "store_history": False, "user_expressions": {}}),
    ("control", "execute_request", {"silent": False, "store_history": False, "user_expressions": {}}),
    ("control", "debug_request", {"type": "request", "seq": 1, "command": "debugInfo"}),
    ("shell", "inspect_request", {"cursor_pos": 1, "detail_level": 1}),
    ("shell", "complete_request", {"cursor_pos": 1}),
    ("shell", "history_request", {"output": True, "raw": True, "hist_access_type": "tail", "n": 9}),
    ("stdin", "input_reply", {"value": "x"}),
)


class Line:
    """A websocket to a page's kernel, as a script of one's own would open it."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._session = uuid.uuid4().hex

    def send(self, channel: str, kind: str, content: Mapping[str, Any], **metadata: str) -> None:
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": "", "session": self._session}
        message = {"header": {**header, "version": "5.3"}, "parent_header": {}, "metadata": metadata}
        self._socket.send(json.dumps({**message, "content": content, "channel": channel, "buffers": []}))

    def hear(self, *, until: str) -> list[dict[str, Any]]:
        """All messages up to the first of that kind."""
        heard: list[dict[str, Any]] = []
        while not heard or heard[-1]["header"]["msg_type"] != until:
            heard.append(json.loads(self._socket.recv(timeout=15)))
        return heard

    def read_states(self) -> dict[str, dict[str, Any]]:
        """The state of every widget of the page, by comm."""
        control = uuid.uuid4().hex
        opening = {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}}
        self.send("shell", "comm_open", opening, version="1.0.0")
        self.send("shell", "comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
        while True:
            content = json.loads(self._socket.recv(timeout=15))["content"]
            if content.get("comm_id") == control:
                return {key: one["state"] for key, one in content["data"]["states"].items()}


@contextmanager
def line_to(voila: Door, kernel_id: str) -> Iterator[Line]:
    url = f"{voila.url.replace('http', 'ws', 1)}api/kernels/{kernel_id}/channels?session_id={uuid.uuid4().hex}"
    with connect(url, max_size=None) as socket:
        yield Line(socket)


def fetch_status(door: Door, path: str) -> int:
    try:
        with urllib.request.urlopen(door.url + path) as response:  # noqa: S310  our own address
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_no_message_but_those_of_widgets_reaches_the_kernel(
    voila: Door, open_visit: Callable[..., Visit], tmp_path: Path
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, MODULE_08)
    expect(visit.quiz.locator("legend")).to_be_visible()
    mark = tmp_path / "run"
    code = f"open({str(mark)!r}, 'w').close()"
    with line_to(voila, visit.voila_kernel_id) as line:
        for channel, kind, content in REFUSED:
            line.send(channel, kind, {"code": code, **content})
        line.send("shell", "kernel_info_request", {})
        kinds = {message["header"]["msg_type"] for message in line.hear(until="kernel_info_reply")}
    replies = {kind.replace("_request", "_reply") for _, kind, _ in REFUSED}
    assert not kinds & (replies | {"execute_input", "execute_result", "error"})
    assert not mark.exists()
    assert find_kernel_process(visit.voila_kernel_id)


def test_widgets_made_in_the_browser_and_states_set_from_it_change_nothing(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, MODULE_08)
    visit.sign_in("学员28")
    with line_to(voila, visit.voila_kernel_id) as line:
        before = line.read_states()
        quiz = next(key for key, state in before.items() if "QuizWidget" in state.get("_anywidget_id", ""))
        forged = {**before[quiz]["view"], "learner": "学员01", "stage": "summary"}
        line.send("shell", "comm_msg", {"comm_id": quiz, "data": {"method": "update", "state": {"view": forged}}})
        made = {**before[quiz], "view": {}}
        opening = {"comm_id": uuid.uuid4().hex, "target_name": "jupyter.widget", "data": {"state": made}}
        line.send("shell", "comm_open", opening, version="2.1.0")
        after = line.read_states()
    assert after[quiz]["view"] == before[quiz]["view"]
    assert store.read_records(verbs={Verb.ANSWERED, Verb.FINISHED}, learner_id="L28") == ()


def test_forged_messages_read_no_other_learners_text_and_write_nothing_in_another_name(
    voila: Door, open_visit: Callable[..., Visit], store: Store
) -> None:
    writer = open_visit(width=390)
    writer.open_voila(voila, MODULE_08)
    writer.sign_in("学员29")
    box = writer.card("心得体会")
    box.get_by_role("textbox").fill("只有我看的草稿")
    expect(box.get_by_text("草稿已存")).to_be_visible()

    forger = open_visit(width=390)
    forger.open_voila(voila, MODULE_08)
    forger.sign_in("学员30")
    with line_to(voila, forger.voila_kernel_id) as line:
        states = line.read_states()
        writing = next(key for key, state in states.items() if "ReflectionWidget" in state.get("_anywidget_id", ""))
        quiz = next(key for key, state in states.items() if "QuizWidget" in state.get("_anywidget_id", ""))
        other = {"learner": "L29", "learner_id": "L29", "key": "reflected:8"}
        for comm_id, request in (
            (writing, {"do": "draft", "kind": "reflected", "text": "改掉", "based_on": 1, **other}),
            (writing, {"do": "read", **other}),
            (writing, {"do": "hand_in", "kind": "signed_in", "text": "代签", **other}),
            (writing, {"do": "hand_in", "kind": "reflected", "text": "冒名顶替", **other}),
            (
                quiz,
                {"do": "answer", "answer": "forged-answer", "question": 9, "response": ["A"], "seconds": 1, **other},
            ),
            (quiz, {"do": "show_key", **other}),
        ):
            content = {"comm_id": comm_id, "data": {"method": "custom", "content": {"id": "f", **request}}}
            line.send("shell", "comm_msg", content)
        states = line.read_states()
    told = json.dumps(states, ensure_ascii=False)
    assert "只有我看的草稿" not in told
    assert '"feedback":' not in told
    draft = store.read_draft("L29", "reflected:8")
    assert draft is not None
    assert draft.text == "只有我看的草稿"
    assert store.read_records(verbs={Verb.REFLECTED, Verb.ANSWERED}, learner_id="L29") == ()
    (own,) = store.read_records(verbs={Verb.REFLECTED}, learner_id="L30")
    assert own.text == "冒名顶替"


def test_files_beside_the_pages_are_served_under_no_address(voila: Door, site_files: tuple[str, ...]) -> None:
    ways = ("", "voila/render/", "voila/files/", "voila/static/", "voila/templates/xuefa/static/", "files/", "static/")
    climbs = ("", "../", "..%2f", "../../", "..%2f..%2f", "%2e%2e/%2e%2e/", "../../../../../../../../")
    for name in site_files:
        for way in ways:
            for climb in climbs:
                path = f"{way}{climb}{quote(name)}"
                assert fetch_status(voila, path) in {400, 403, 404, 405}, path


@pytest.fixture
def site_files(store: Store) -> tuple[str, ...]:
    assert store.place
    return ("data/xuefa.db", "question_bank/xzss.yaml", "modules.yaml", "trainer.ipynb", "etc/passwd")


def test_a_kernel_that_one_does_not_know_cannot_be_found(voila: Door, open_visit: Callable[..., Visit]) -> None:
    visit = open_visit(width=390)
    visit.open_voila(voila, "index.ipynb")
    assert fetch_status(voila, "api/kernels") in {403, 404, 405}
    assert fetch_status(voila, f"api/kernels/{uuid.uuid4()}") == 404
    assert fetch_status(voila, "api/sessions") in {403, 404, 405}
    assert fetch_status(voila, "api/status") in {403, 404, 405}
