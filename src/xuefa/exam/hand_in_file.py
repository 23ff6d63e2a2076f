"""The hand-in file (交卷文件): what a learner passes on after an exam on a PC of their own, as one zip of two members.

The digests in it find damage and mix-ups. They are no signature: who can write answers can write their digest.
"""

from __future__ import annotations

import hashlib
import io
import json
import stat
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding
from xuefa.exam.answers import (
    ANSWERS_FILE,
    MAX_FILE_BYTES,
    Answers,
    read_answers,
    read_untrusted_file,
    receipt_code,
    render_answers,
)
from xuefa.exam.names import ID_PATTERN, require_learner_id
from xuefa.exam.paper import Paper
from xuefa.exam.submission import submission_dir
from xuefa.strict_yaml import StrictModel

MANIFEST_FILE = "manifest.json"
MAX_ZIP_BYTES = 2_000_000
_MAX_BYTES = {ANSWERS_FILE: MAX_FILE_BYTES, MANIFEST_FILE: 4_000}
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_AGAIN = "请让学员重新生成交卷文件，原样发来，不要打开改动"
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The same answers make the same file, byte for byte."""


class Manifest(StrictModel):
    """What a hand-in file says about itself; `paper_sha256` is `digest_paper`, `answers_sha256` of the member."""

    format: Literal["xuefa-hand-in-1"] = "xuefa-hand-in-1"
    paper_id: str = Field(pattern=ID_PATTERN)
    learner_id: str = Field(min_length=1, max_length=40)
    paper_sha256: str
    answers_sha256: str
    receipt: str


@dataclass(frozen=True, kw_only=True)
class HandInFile:
    """A hand-in file that was read: its manifest, and the bytes of its answers, still to be parsed."""

    name: str
    manifest: Manifest
    content: bytes


def digest_paper(paper: Paper) -> str:
    """SHA-256 (hex) of which questions stand in the paper, at which version and for how many points."""
    questions = [[question.question_id, question.item_version, question.points] for question in paper.questions]
    return hashlib.sha256(json.dumps([paper.paper_id, questions]).encode()).hexdigest()


def write_hand_in_file(paper: Paper, *, course_dir: Path, learner_id: str, folder: Path) -> Path:
    """Write `<paper>_<learner>_<receipt>.zip` of a submission that was handed in; give its path.

    Raises BadInputError if there is no submission, it cannot be read, or it was not handed in.
    """
    path = submission_dir(course_dir, paper_id=paper.paper_id, learner_id=learner_id) / ANSWERS_FILE
    if not path.exists() and not path.is_symlink():
        place = f"试卷 {paper.paper_id}，{learner_id}"
        raise BadInputError(
            Finding(place, "这台电脑上没有这个人的答卷", "请核对卷号和编号；还没有答题的，请先答题并交卷")
        )
    answers = read_answers(path, paper=paper, learner_id=learner_id)
    if answers.handed_in_at is None:
        raise BadInputError(Finding(f"试卷 {paper.paper_id}，{learner_id}", "还没有交卷", "请先在答题卡上交卷"))
    target = folder / f"{paper.paper_id}_{learner_id}_{receipt_code(answers)}.zip"
    write_atomically(target, render_hand_in_file(paper, answers))
    return target


def render_hand_in_file(paper: Paper, answers: Answers) -> bytes:
    """The bytes of a hand-in file; the same answers give the same bytes."""
    content = render_answers(answers).encode()
    manifest = Manifest(
        paper_id=paper.paper_id,
        learner_id=answers.learner_id,
        paper_sha256=digest_paper(paper),
        answers_sha256=hashlib.sha256(content).hexdigest(),
        receipt=receipt_code(answers),
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in ((MANIFEST_FILE, manifest.model_dump_json(indent=1).encode()), (ANSWERS_FILE, content)):
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def read_hand_in_file(path: Path) -> HandInFile:
    """Read a hand-in file that anyone may have made; nothing of it is ever written to a path of its own choosing.

    Raises BadInputError for what is no small ordinary zip of exactly the two members, each within its size, or whose
    manifest does not fit.
    """
    try:
        members = _read_members(read_untrusted_file(path, max_bytes=MAX_ZIP_BYTES))
        manifest = Manifest.model_validate_json(members[MANIFEST_FILE])
        require_learner_id(manifest.learner_id)
    except ValidationError:
        raise _refusal(path.name, "文件里的说明（manifest.json）写法不对") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise _refusal(path.name, "不是完好的交卷文件") from None
    except BadInputError as error:
        raise _refusal(path.name, error.findings[0].fault) from None
    if hashlib.sha256(members[ANSWERS_FILE]).hexdigest() != manifest.answers_sha256:
        raise _refusal(path.name, "答卷和说明里的校验码不符，文件被改动过或者传坏了")
    return HandInFile(name=path.name, manifest=manifest, content=members[ANSWERS_FILE])


def parse_hand_in(file: HandInFile, *, paper: Paper) -> Answers:
    """The answers in a hand-in file of that paper; raise BadInputError if they cannot be taken."""
    if digest_paper(paper) != file.manifest.paper_sha256:
        raise _refusal(file.name, f"卷号是 {paper.paper_id}，题目却不是这里的这份试卷")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ANSWERS_FILE
        path.write_bytes(file.content)
        try:
            answers = read_answers(path, paper=paper, learner_id=file.manifest.learner_id)
        except BadInputError as error:
            raise _refusal(file.name, error.findings[0].fault) from None
    if answers.handed_in_at is None:
        raise _refusal(file.name, "这份答卷还没有交卷")
    if receipt_code(answers) != file.manifest.receipt:
        raise _refusal(file.name, "回执码和答卷不符，文件被改动过")
    return answers


def _read_members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
        if sorted(info.orig_filename for info in infos) != sorted(_MAX_BYTES):
            names = "、".join(repr(info.orig_filename[:40]) for info in infos[:4])
            raise _fault(f"里面应当只有 answers.json 和 manifest.json，却是 {names or '空的'}")
        return {info.filename: _read_member(archive, info) for info in infos}


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    limit = _MAX_BYTES[info.filename]
    if info.flag_bits & _ENCRYPTED:
        raise _fault("加了密码")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _fault(f"{info.filename} 是链接")
    if info.compress_type not in _METHODS:
        raise _fault("压缩方式不对")
    with archive.open(info) as member:
        content = member.read(limit + 1)
    if len(content) > limit or info.file_size > limit:
        raise _fault(f"{info.filename} 超过 {limit:,} 字节")
    return content


def _fault(fault: str) -> BadInputError:
    return BadInputError(Finding("交卷文件", fault, _AGAIN))


def _refusal(name: str, fault: str) -> BadInputError:
    return BadInputError(Finding(name, fault, _AGAIN))
