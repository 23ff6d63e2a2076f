"""A learner's answers (`answers.json`): read as untrusted data, written atomically; nothing in it is ever executed."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NoReturn, cast

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding
from xuefa.exam.paper import Paper, PaperQuestion

ANSWERS_FILE = "answers.json"
MAX_FILE_BYTES = 1_000_000
MAX_ESSAY_CHARACTERS = 20_000
FORMAT = 1
HandedInBy = Literal["learner", "time"]
_KEYS = {"format", "paper_id", "learner_id", "started_at", "handed_in_at", "answers"}
_OPTIONAL_KEYS = {"handed_in_by", "flagged", "seconds"}
_ANSWER_KEYS = {"response", "saved_at"}
_MAX_SECONDS = 86_400.0
_RECEIPT_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0, O, 1 and I, which are misread
_RESTORE = "请让学员重新交卷，或者恢复没有改动过的 answers.json"


@dataclass(frozen=True)
class Answer:
    """One response (letters in order, or an essay's text; "" if it was taken back) and when it was saved (aware).

    `revision` counts how often the response to this question was saved, so that an older one never replaces a newer.
    """

    response: str
    saved_at: datetime
    revision: int = 1


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What one learner answered in one paper.

    `flagged` are the questions marked to look at again; `seconds` is how long each was on view, by question id.
    `handed_in_by` says whether the learner handed in or the time was up.
    """

    paper_id: str
    learner_id: str
    started_at: datetime
    handed_in_at: datetime | None = None
    handed_in_by: HandedInBy | None = None
    flagged: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)

    def response(self, question_id: str) -> str:
        """The response to a question, "" if there is none."""
        answer = self.answers.get(question_id)
        return answer.response if answer else ""

    @property
    def answered(self) -> int:
        """How many questions have a response."""
        return sum(bool(answer.response.strip()) for answer in self.answers.values())

    @property
    def latest_at(self) -> datetime:
        """The latest moment of which the answers know: the start or the newest save."""
        return max([self.started_at, *(answer.saved_at for answer in self.answers.values())])


def receipt_code(answers: Answers) -> str:
    """The receipt of a hand-in, such as “K7QM-2F4D”: 40 bits of a SHA-256 over who, what and when.

    Another response, hand-in time, learner or paper gives another code; flags, seconds and revisions do not count.
    """
    content = {
        "paper_id": answers.paper_id,
        "learner_id": answers.learner_id,
        "handed_in_at": answers.handed_in_at.astimezone(UTC).isoformat() if answers.handed_in_at else None,
        "responses": {key: answer.response for key, answer in answers.answers.items() if answer.response},
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:5])
    code = "".join(_RECEIPT_ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{code[:4]}-{code[4:]}"


def check_response(question: PaperQuestion, response: object) -> str | None:
    """What is wrong with a response to that question (Chinese), or None if it can be taken.

    A response is the chosen letters in order ("ABD"), an essay's text, or "" for none.
    """
    if not isinstance(response, str):
        return "答案不是文字"
    if any((ord(char) < 32 and char not in "\n\t") or 0xD800 <= ord(char) <= 0xDFFF for char in response):
        return "答案里有不可见的控制字符"
    if question.kind == "essay":
        too_long = len(response) > MAX_ESSAY_CHARACTERS
        return f"论述超过 {MAX_ESSAY_CHARACTERS} 字" if too_long else None
    return _check_letters(question, response)


def read_answers(path: Path, *, paper: Paper, learner_id: str) -> Answers:
    """Read an `answers.json` that anyone may have written.

    Raises BadInputError if it is missing, a link or no ordinary file, larger than `MAX_FILE_BYTES`, not UTF-8, not
    JSON, nested too deeply, of another learner or paper, or holds unknown questions or responses that cannot be taken.
    """
    return _Reader(path).read(paper=paper, learner_id=learner_id)


def write_answers_file(path: Path, answers: Answers) -> None:
    """Write the answers; when this returns they are on disk."""
    write_atomically(path, render_answers(answers).encode())


def render_answers(answers: Answers) -> str:
    """The text of an `answers.json`."""
    content = {
        "format": FORMAT,
        "paper_id": answers.paper_id,
        "learner_id": answers.learner_id,
        "started_at": answers.started_at.isoformat(),
        "handed_in_at": answers.handed_in_at.isoformat() if answers.handed_in_at else None,
        "handed_in_by": answers.handed_in_by,
        "flagged": list(answers.flagged),
        "seconds": dict(answers.seconds),
        "answers": {
            question_id: {
                "response": answer.response,
                "saved_at": answer.saved_at.isoformat(),
                "revision": answer.revision,
            }
            for question_id, answer in answers.answers.items()
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def read_untrusted_file(path: Path, *, max_bytes: int) -> bytes:
    """The bytes of a small ordinary file in a learner's folder; raise BadInputError for anything else.

    A link is not followed, a pipe or device is not opened, and no more than `max_bytes` are ever read.
    """
    place = _short_place(path)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise BadInputError(Finding(place, "不是普通文件（链接或设备）", _RESTORE))
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise BadInputError(Finding(place, "没有这个文件", _RESTORE)) from None
    except OSError as error:
        raise BadInputError(Finding(place, f"打不开（{error.strerror}）", "请检查文件的权限，再试一次")) from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise BadInputError(Finding(place, "不是普通文件（链接或设备）", _RESTORE))
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise BadInputError(Finding(place, f"超过 {max_bytes:,} 字节", _RESTORE))
    return content


def _check_letters(question: PaperQuestion, response: str) -> str | None:
    if strangers := [letter for letter in response if letter not in question.options]:
        return f"“{''.join(strangers)[:10]}”不是选项"
    if list(response) != sorted(set(response), key=list(question.options).index):
        return f"选项“{response[:10]}”重复或者没有按顺序"
    if question.kind != "multiple" and len(response) > 1:
        return f"只能选一项，却选了 {len(response)} 项"
    return None


class _Reader:
    """Turns bytes into Answers step by step; every step may refuse."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, *, paper: Paper, learner_id: str) -> Answers:
        content = self._parse(read_untrusted_file(self._path, max_bytes=MAX_FILE_BYTES))
        if not isinstance(content, dict):
            self._refuse("不是答卷：最外层不是“键: 值”")
        if strangers := sorted(content.keys() - _KEYS - _OPTIONAL_KEYS):
            self._refuse(f"有不认识的项“{strangers[0][:20]}”")
        if missing := sorted(_KEYS - content.keys()):
            self._refuse(f"缺少“{missing[0]}”")
        if type(content["format"]) is not int or content["format"] != FORMAT:
            self._refuse(f"格式是“{str(content['format'])[:20]}”，这里只认 {FORMAT}")
        if content["paper_id"] != paper.paper_id:
            self._refuse(f"是别的试卷的答卷（{str(content['paper_id'])[:40]}）")
        if content["learner_id"] != learner_id:
            self._refuse(f"是别的学员的答卷（{str(content['learner_id'])[:40]}）")
        if not isinstance(content["answers"], dict):
            self._refuse("“answers”不是“题号: 答案”")
        return Answers(
            paper_id=paper.paper_id,
            learner_id=learner_id,
            started_at=self._time(content["started_at"], "started_at"),
            handed_in_at=None
            if content["handed_in_at"] is None
            else self._time(content["handed_in_at"], "handed_in_at"),
            handed_in_by=self._handed_in_by(content.get("handed_in_by")),
            flagged=self._flagged(content.get("flagged", []), paper),
            seconds=self._seconds(content.get("seconds", {}), paper),
            answers={
                question_id: self._answer(question_id, value, paper)
                for question_id, value in content["answers"].items()
            },
        )

    def _parse(self, content: bytes) -> Any:
        try:
            return json.loads(
                content.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_refuse_repeated_keys
            )
        except UnicodeDecodeError:
            self._refuse("不是 UTF-8 编码的文字")
        except RecursionError:
            self._refuse("嵌套得太深")
        except json.JSONDecodeError as error:
            self._refuse(f"内容不完整或者写法不对，从第 {error.lineno} 行第 {error.colno} 个字起读不出来")
        except ValueError:  # a repeated key, NaN, a number of thousands of digits
            self._refuse("里面有重复的项，或者不成其为数的数")

    def _answer(self, question_id: str, value: Any, paper: Paper) -> Answer:
        question = paper.find(question_id)
        if question is None:
            self._refuse(f"有试卷里没有的题“{question_id[:40]}”")
        if not isinstance(value, dict) or not _ANSWER_KEYS <= value.keys() <= _ANSWER_KEYS | {"revision"}:
            self._refuse(f"题 {question_id} 的答案写法不对")
        revision = value.get("revision", 1)
        if type(revision) is not int or not 1 <= revision < 2**31:
            self._refuse(f"题 {question_id} 的修改次数不对")
        if fault := check_response(question, value["response"]):
            self._refuse(f"题 {question_id}：{fault}")
        return Answer(value["response"], self._time(value["saved_at"], f"{question_id} 的 saved_at"), revision)

    def _handed_in_by(self, value: Any) -> HandedInBy | None:
        if value not in (None, "learner", "time"):
            self._refuse("“handed_in_by”写法不对")
        return cast("HandedInBy | None", value)

    def _flagged(self, value: Any, paper: Paper) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) and paper.find(one) for one in value):
            self._refuse("“flagged”里有试卷没有的题")
        return tuple(dict.fromkeys(value))

    def _seconds(self, value: Any, paper: Paper) -> dict[str, float]:
        if not isinstance(value, dict) or not all(paper.find(one) for one in value):
            self._refuse("“seconds”里有试卷没有的题")
        for seconds in value.values():
            if type(seconds) not in (int, float) or not 0 <= seconds <= _MAX_SECONDS:
                self._refuse("“seconds”里有不合理的用时")
        return {question_id: float(seconds) for question_id, seconds in value.items()}

    def _time(self, value: Any, what: str) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self._refuse(f"“{what}”不是时间")
        if moment.tzinfo is None:
            self._refuse(f"“{what}”没有时区")
        return moment

    def _refuse(self, fault: str) -> NoReturn:
        raise BadInputError(Finding(_short_place(self._path), fault, _RESTORE))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key is repeated")
    return content


def _short_place(path: Path) -> str:
    """The file with its two folders, learner and paper: enough to find it."""
    return "/".join(path.parts[-3:])
