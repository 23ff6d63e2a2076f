"""Taking hand-in files in: real zips of every sort, a real course, and nbgrader's own marking afterwards."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.exam_course import DUE_AT, PAPER_ID, STARTED_AT, Course, release_course
from xuefa.errors import BadInputError
from xuefa.exam import submission
from xuefa.exam.answers import Answer, Answers, receipt_code
from xuefa.exam.collect import Collection, collect_hand_ins
from xuefa.exam.hand_in_file import render_hand_in_file, write_hand_in_file
from xuefa.exam.marking import mark_paper
from xuefa.exam.paper import write_paper

WHO = "学员01"
NOW = DUE_AT + timedelta(days=1)
EARLY, LATER, AFTER = (STARTED_AT + timedelta(minutes=minutes) for minutes in (20, 30, 45))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return release_course(tmp_path_factory.mktemp("collect") / "course", expected=3)


@pytest.fixture
def course(released: Course, tmp_path: Path) -> Course:
    return released.copy_to(tmp_path / "course")


def answers_of(course: Course, *, learner_id: str = WHO, at: datetime | None = EARLY, letter: str = "A") -> Answers:
    """An essay of that letter and the first question answered with it."""
    responses = {course.paper.questions[0].question_id: letter, course.essay_id: f"论述{letter}"}
    return Answers(
        paper_id=PAPER_ID,
        learner_id=learner_id,
        started_at=STARTED_AT,
        handed_in_at=at,
        handed_in_by="learner" if at else None,
        answers={key: Answer(value, STARTED_AT + timedelta(minutes=5), 3) for key, value in responses.items()},
    )


def put(course: Course, answers: Answers, *, name: str = "hand-in") -> Path:
    path = course.course_dir.parent / f"{name}.zip"
    path.write_bytes(render_hand_in_file(course.paper, answers))
    return path


def collect(course: Course, *files: Path) -> Collection:
    return collect_hand_ins(files, course_dir=course.course_dir, now=NOW)


def outcomes(collection: Collection) -> list[str]:
    return [one.outcome for one in collection.collected]


def folder_of(course: Course, learner_id: str = WHO) -> Path:
    return course.course_dir / "submitted" / learner_id / PAPER_ID


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_file_packed_on_another_pc_gives_the_submission_it_was_there(course: Course, tmp_path: Path) -> None:
    shutil.copytree(course.course_dir, tmp_path / "pc")
    pc = replace(course, course_dir=tmp_path / "pc")
    pc.sit(WHO, {**course.right_answers(), course.essay_id: "应当公开，\n接受监督。"}, handed_in_at=EARLY)
    packed = write_hand_in_file(course.paper, course_dir=pc.course_dir, learner_id=WHO, folder=tmp_path / "out")
    collection = collect(course, packed)
    assert outcomes(collection) == ["taken"]
    assert collection.refused == ()
    assert packed.name == f"{PAPER_ID}_{WHO}_{collection.collected[0].receipt}.zip"
    assert snapshot(folder_of(course)) == snapshot(folder_of(pc))
    assert [total.learner_id for total in mark_paper(PAPER_ID, course_dir=course.course_dir).marked] == [WHO]


def test_the_same_file_twice_changes_nothing(course: Course) -> None:
    path = put(course, answers_of(course))
    assert outcomes(collect(course, path, path)) == ["taken", "unchanged"]
    before = snapshot(course.course_dir)
    assert outcomes(collect(course, path)) == ["unchanged"]
    assert snapshot(course.course_dir) == before


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 2, 1), (1, 0, 2)])
def test_whatever_the_order_the_latest_hand_in_before_the_deadline_is_kept(
    course: Course, order: tuple[int, ...]
) -> None:
    moments = {"A": EARLY, "B": LATER, "C": AFTER}
    files = [put(course, answers_of(course, at=at, letter=one), name=one) for one, at in moments.items()]
    collect(course, *(files[number] for number in order))
    stored = json.loads((folder_of(course) / "answers.json").read_bytes())
    assert datetime.fromisoformat(stored["handed_in_at"]) == LATER
    assert (folder_of(course) / "timestamp.txt").read_text() == f"{LATER:%Y-%m-%d %H:%M:%S.%f} UTC\n"
    assert "论述B" in (folder_of(course) / f"{PAPER_ID}.ipynb").read_text(encoding="utf-8")


def test_files_of_one_learner_collected_at_the_same_time_leave_the_best_and_keep_every_other(course: Course) -> None:
    """Eight collections at once; each looks, keeps what was there and writes, alone in the learner's folder."""
    moments = [EARLY + timedelta(minutes=number) for number in range(8)]
    letters = "ABCDABCD"
    files = [
        put(course, answers_of(course, at=at, letter=one), name=f"{number}")
        for number, (at, one) in enumerate(zip(moments, letters, strict=True))
    ]
    with ThreadPoolExecutor(max_workers=8) as pool:
        rounds = list(pool.map(lambda path: collect(course, path), files))
    assert all(not one.refused for one in rounds)
    stored = json.loads((folder_of(course) / "answers.json").read_bytes())
    assert datetime.fromisoformat(stored["handed_in_at"]) == moments[-1]
    assert (folder_of(course) / "timestamp.txt").read_text() == f"{moments[-1]:%Y-%m-%d %H:%M:%S.%f} UTC\n"
    outcome = [one for collection in rounds for one in outcomes(collection)]
    assert outcome.count("taken") == 1
    kept = list((course.course_dir / "replaced").glob("*.json")) if "replaced" in outcome else []
    assert len(kept) == outcome.count("replaced")


def test_a_file_waits_while_the_learners_own_page_writes_and_is_named_if_it_waits_too_long(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "_LOCK_SECONDS", 0.1)
    path = put(course, answers_of(course))
    folder_of(course).mkdir(parents=True)
    with submission.alone_in(folder_of(course)):
        (finding,) = collect(course, path).refused
    assert "另一个页面正在保存" in finding.fault
    assert not (folder_of(course) / "answers.json").exists()
    assert outcomes(collect(course, path)) == ["taken"]


def test_what_is_replaced_is_kept_beside(course: Course) -> None:
    first = answers_of(course, letter="A")
    collect(course, put(course, first), put(course, answers_of(course, at=LATER, letter="B"), name="second"))
    kept = course.course_dir / "replaced" / f"{PAPER_ID}_{WHO}_{receipt_code(first)}.json"
    assert "论述A" in kept.read_text(encoding="utf-8")


def test_a_file_after_the_deadline_is_taken_and_marked_late_here_and_by_nbgrader(course: Course) -> None:
    collection = collect(course, put(course, answers_of(course, at=AFTER)))
    assert [(one.outcome, one.late) for one in collection.collected] == [("taken", True)]
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    from nbgrader.api import Gradebook  # noqa: PLC0415  nbgrader's own word on lateness

    with Gradebook(f"sqlite:///{course.course_dir / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission(PAPER_ID, WHO).total_seconds_late == (AFTER - DUE_AT).total_seconds()


def test_a_file_replaces_answers_begun_here_and_never_handed_in(course: Course) -> None:
    course.sit(WHO, {course.essay_id: "只写了一半"}, handed_in_at=None)
    assert outcomes(collect(course, put(course, answers_of(course)))) == ["replaced"]
    assert any("只写了一半" in path.read_text(encoding="utf-8") for path in (course.course_dir / "replaced").iterdir())


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zip_of(contents: dict[str, bytes], *, mode: int = 0) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


Spoil = Callable[[dict[str, bytes]], bytes]


def with_manifest(**changes: str) -> Spoil:
    return lambda good: zip_of(
        {**good, "manifest.json": json.dumps({**json.loads(good["manifest.json"]), **changes}).encode()}
    )


def with_answers(spoil: Callable[[bytes], bytes]) -> Spoil:
    """Other answers under a digest that fits them."""

    def make(good: dict[str, bytes]) -> bytes:
        content = spoil(good["answers.json"])
        return with_manifest(answers_sha256=hashlib.sha256(content).hexdigest())({**good, "answers.json": content})

    return make


def encrypted(good: dict[str, bytes]) -> bytes:
    content = bytearray(zip_of(good))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + offset] |= 1
    return bytes(content)


def twice(good: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO(zip_of(good))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("answers.json", b"{}")
    return buffer.getvalue()


SPOILT: dict[str, tuple[Spoil, str]] = {
    "a member that climbs out": (lambda good: zip_of({**good, "../x": b"1"}), "只有"),
    "answers that climb out": (lambda good: zip_of({**good, "../answers.json": good["answers.json"]}), "只有"),
    "an absolute member": (lambda good: zip_of({**good, "/etc/cron.d/x": b"1"}), "只有"),
    "a name cut short by NUL": (
        lambda good: zip_of(
            {"manifest.json": good["manifest.json"], "answers.json?/../x": good["answers.json"]}
        ).replace(b"answers.json?", b"answers.json\0"),
        "只有",
    ),
    "a member twice": (twice, "只有"),
    "a notebook besides": (lambda good: zip_of({**good, "x.ipynb": b"{}"}), "只有"),
    "no answers": (lambda good: zip_of({"manifest.json": good["manifest.json"]}), "只有"),
    "links": (lambda good: zip_of(good, mode=stat.S_IFLNK | 0o777), "链接"),
    "a password": (encrypted, "密码"),
    "a bomb of 100 MB": (lambda good: zip_of({**good, "answers.json": bytes(100_000_000)}), "超过"),
    "a file that is large itself": (lambda good: zip_of(good) + os.urandom(3_000_000), "超过"),
    "no zip at all": (lambda _good: b"MZ" + bytes(500), "不是完好"),
    "half a zip": (lambda good: zip_of(good)[:-40], "不是完好"),
    "changed answers": (
        lambda good: zip_of({**good, "answers.json": good["answers.json"].replace(b'"A"', b'"B"')}),
        "校验码",
    ),
    "changed answers with a fitting digest": (
        with_answers(lambda text: text.replace(b'"response": "A"', b'"response": "B"')),
        "回执码",
    ),
    "answers with NUL bytes": (with_answers(lambda text: text.replace(b"\xe8\xae\xba", b"\x00")), "读不出来"),
    "answers of someone else": (with_manifest(learner_id="学员02"), "别的学员"),
    "answers nested deeply": (with_answers(lambda _text: b"[" * 200_000), ""),
    "a wrong receipt": (with_manifest(receipt="AAAA-AAAA"), "回执码"),
    "an unknown paper": (with_manifest(paper_id="other"), "找不到"),
    "a paper that climbs out": (with_manifest(paper_id="../../x"), "写法不对"),
    "a learner that climbs out": (with_manifest(learner_id="../../x"), "文件夹名"),
    "someone not expected": (with_manifest(learner_id="学员99"), "应考名单"),
    "other questions under the same number": (with_manifest(paper_sha256="0" * 64), "题目却不是"),
    "a strange entry": (with_manifest(run="import os"), "写法不对"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_file_is_refused_with_its_reason_and_the_others_are_taken(course: Course, what: str) -> None:
    spoil, reason = SPOILT[what]
    good = put(course, answers_of(course), name="good")
    other = put(course, answers_of(course, learner_id="学员02"), name="other")
    bad = course.course_dir.parent / "bad.zip"
    bad.write_bytes(spoil(members(good)))
    outside = {path for path in course.course_dir.parent.rglob("*") if "submitted" not in path.parts}
    collection = collect(course, bad, other)
    assert [one.learner_id for one in collection.collected] == ["学员02"]
    assert [finding.place for finding in collection.refused] == ["bad.zip"]
    assert reason in collection.refused[0].fault
    assert not folder_of(course).exists()
    assert {path for path in course.course_dir.parent.rglob("*") if "submitted" not in path.parts} == outside
    assert not (course.course_dir.parents[1] / "x").exists()


def test_a_link_in_place_of_the_file_or_of_the_learners_folder_is_refused(course: Course, tmp_path: Path) -> None:
    good = put(course, answers_of(course))
    link = tmp_path / "link.zip"
    link.symlink_to(good)
    (tmp_path / "elsewhere").mkdir()
    (course.course_dir / "submitted").mkdir(exist_ok=True)
    (course.course_dir / "submitted" / WHO).symlink_to(tmp_path / "elsewhere")
    collection = collect(course, link, good)
    assert collection.collected == ()
    assert ["链接" in finding.fault for finding in collection.refused] == [True, True]
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("at", "reason"), [(NOW + timedelta(hours=2), "还没有到"), (STARTED_AT - timedelta(minutes=1), "早于")]
)
def test_a_hand_in_at_a_time_that_cannot_be_is_refused(course: Course, at: datetime, reason: str) -> None:
    (finding,) = collect(course, put(course, answers_of(course, at=at))).refused
    assert reason in finding.fault


def test_answers_that_were_not_handed_in_are_neither_packed_nor_taken(course: Course, tmp_path: Path) -> None:
    course.sit(WHO, {}, handed_in_at=None)
    with pytest.raises(BadInputError, match="还没有交卷"):
        write_hand_in_file(course.paper, course_dir=course.course_dir, learner_id=WHO, folder=tmp_path / "out")
    (finding,) = collect(course, put(course, answers_of(course, learner_id="学员02", at=None))).refused
    assert "还没有交卷" in finding.fault


def test_a_void_declared_after_the_exam_keeps_no_hand_in_out(course: Course) -> None:
    path = put(course, answers_of(course))
    voided = course.paper.model_copy(update={"voided": {course.paper.questions[0].question_id: "full"}})
    write_paper(voided, course.course_dir / "source" / PAPER_ID / "paper.json")
    assert outcomes(collect(course, path)) == ["taken"]


def test_the_same_answers_make_the_same_file_byte_for_byte(course: Course) -> None:
    first = put(course, answers_of(course), name="first").read_bytes()
    assert put(course, answers_of(course), name="second").read_bytes() == first
    assert put(course, answers_of(course, letter="B"), name="third").read_bytes() != first
