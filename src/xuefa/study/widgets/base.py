"""What the widgets of study share: one view pushed to the page, messages from it validated, faults told in Chinese."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from xuefa.errors import XuefaError
from xuefa.page_parts import read_script, read_widget_style
from xuefa.study.record_writer import RecordWriter

_HERE = Path(__file__).parent


class BadRequestError(ValueError):
    """A message from the page that our own page would never send."""


def read_assets(name: str) -> tuple[str, str]:
    """The module (`_esm`) and the style sheet (`_css`) of a widget, each with the shared part before its own."""
    return read_script(_HERE, ["shared", name]), read_widget_style(_HERE, ["shared", name])


class StudyWidget(anywidget.AnyWidget):
    """A widget whose state lives in Python: `view` is all that the page gets, messages are all that comes back.

    A message is `{"id": …, "do": name, …}`. After the work is done and `view` is set, `{"done": id}` goes back: the
    page shows a thing as saved only from a view that came after the write.
    """

    view = traitlets.Dict().tag(sync=True)

    def __init__(self, *, writer: RecordWriter) -> None:
        super().__init__()
        self._writer = writer
        self.on_msg(self._receive)

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Take no state from the page; nothing a browser sends is trusted."""

    def answer_request(self, name: str, request: Mapping[str, Any]) -> None:
        """Do what the page asks for; raise BadRequestError for what it may not ask, XuefaError for what failed."""
        raise NotImplementedError

    def show(self, *, problem: str = "") -> None:
        """Push the view of the present state; `problem` is told beside it."""
        raise NotImplementedError

    def send_file(self, name: str, content: bytes) -> None:
        """Hand a file to the browser that asked, as a download; as text, for that is all the learners' page takes."""
        self.send({"file": name, "base64": b64encode(content).decode()})

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        request = content if isinstance(content, dict) else {}
        try:
            self.answer_request(str(request.get("do", "")), request)
        except XuefaError as error:
            # Where the database lies is no business of a page that anyone in the room may open.
            reasons = "".join(f"{finding.fault}。{finding.fix}。" for finding in error.findings)
            self.show(problem=f"没有保存：{reasons}填的还在这一页上。自己处理不了，请告诉培训人员，好了以后再试一次。")
        except BadRequestError:
            self.show(problem="页面发来的内容不合要求，没有接受。请刷新页面后再试。")
        except Exception as error:  # whatever broke, the learner must know that nothing was saved
            self.show(problem=f"程序内部出错（{type(error).__name__}），没有保存。请重试；仍不行，请告诉培训人员。")
        self.send({"done": request.get("id")})
