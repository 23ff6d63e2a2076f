from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.exam_course import FIXTURES, fixture_bank, small_paper
from xuefa.errors import BadInputError
from xuefa.exam.answers import (
    MAX_FILE_BYTES,
    Answer,
    Answers,
    check_response,
    read_answers,
    receipt_code,
    write_answers_file,
)
from xuefa.exam.paper import Paper

FAULTS = {
    "not_json.json": "从第 1 行第 1 个字起读不出来",
    "cut_off_half_way.json": "内容不完整或者写法不对",
    "nested_a_thousand_deep.json": "嵌套得太深",
    "not_a_number.json": "不成其为数的数",
    "top_level_is_a_list.json": "最外层不是",
    "unknown_question.json": "试卷里没有的题“xzss-9999”",
    "letter_is_no_option.json": "题 xczx-0001：“Z”不是选项",
    "two_letters_in_single.json": "只能选一项，却选了 2 项",
    "letters_out_of_order.json": "重复或者没有按顺序",
    "response_is_a_number.json": "答案不是文字",
    "nul_in_essay.json": "不可见的控制字符",
    "half_a_character_in_essay.json": "不可见的控制字符",
    "of_another_learner.json": "别的学员的答卷（学员02）",
    "of_another_paper.json": "别的试卷的答卷（practice-2）",
    "unknown_key.json": "不认识的项“score”",
    "key_repeated.json": "重复的项",
    "time_without_zone.json": "“handed_in_at”没有时区",
    "answers_is_a_list.json": "“answers”不是",
    "format_is_true.json": "格式是“True”",
    "gb18030.json": "不是 UTF-8",
    "nul_bytes.json": "从第 1 行第 1 个字起读不出来",
}


@pytest.fixture(scope="module")
def paper() -> Paper:
    return small_paper(fixture_bank())


def fault_of(path: Path, paper: Paper) -> str:
    with pytest.raises(BadInputError) as refused:
        read_answers(path, paper=paper, learner_id="学员01")
    return str(refused.value)


def test_every_answers_fixture_is_tested() -> None:
    assert {path.name for path in (FIXTURES / "answers").iterdir()} == {*FAULTS, "sound.json"}


def test_sound_answers_are_read(paper: Paper) -> None:
    answers = read_answers(FIXTURES / "answers" / "sound.json", paper=paper, learner_id="学员01")
    assert answers.response("xczx-0001") == "B"
    assert answers.response("xzss-0011") == ""
    assert answers.handed_in_at == datetime(2022, 11, 20, 11, 50, tzinfo=UTC)


@pytest.mark.parametrize("name", FAULTS)
def test_bad_answers_are_refused_with_place_and_fault(name: str, paper: Paper) -> None:
    message = fault_of(FIXTURES / "answers" / name, paper)
    assert FAULTS[name] in message
    assert name in message


def test_huge_answers_are_refused_without_being_read_whole(paper: Paper, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    with path.open("wb") as file:
        file.truncate(100 * MAX_FILE_BYTES)
    assert "超过 1,000,000 字节" in fault_of(path, paper)


def test_a_link_is_not_followed(paper: Paper, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.symlink_to(FIXTURES / "answers" / "sound.json")
    assert "不是普通文件" in fault_of(path, paper)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_and_not_waited_for(paper: Paper, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "answers.json")
    assert "不是普通文件" in fault_of(tmp_path / "answers.json", paper)


def test_missing_answers_are_an_error(paper: Paper, tmp_path: Path) -> None:
    assert "没有这个文件" in fault_of(tmp_path / "answers.json", paper)


def test_written_answers_are_read_back_unchanged(paper: Paper, tmp_path: Path) -> None:
    now = datetime(2022, 11, 20, 12, 0, tzinfo=UTC)
    answers = Answers(
        paper_id=paper.paper_id,
        learner_id="学员01",
        started_at=now,
        handed_in_at=now,
        answers={"xczx-0001": Answer("B", now), "xczx-0032": Answer("一\n\t二", now)},
    )
    write_answers_file(tmp_path / "answers.json", answers)
    assert read_answers(tmp_path / "answers.json", paper=paper, learner_id="学员01") == answers
    assert [path.name for path in tmp_path.iterdir()] == ["answers.json"]


@pytest.mark.parametrize(
    ("question_id", "response", "fault"),
    [
        ("xczx-0001", "", None),
        ("xczx-0001", "D", None),
        ("xzss-0011", "ABCD", None),
        ("xzss-0022", "T", None),
        ("xzss-0022", "TF", "只能选一项"),
        ("xzss-0022", "A", "不是选项"),
        ("xczx-0032", "字" * 20_000, None),
        ("xczx-0032", "字" * 20_001, "超过 20000 字"),
        ("xczx-0032", None, "不是文字"),
    ],
)
def test_a_response_is_checked_against_its_question(
    question_id: str, response: object, fault: str | None, paper: Paper
) -> None:
    question = paper.find(question_id)
    assert question is not None
    found = check_response(question, response)
    assert (fault is None) == (found is None)
    assert (fault or "") in (found or "")


def test_a_receipt_stands_for_who_answered_what_and_when() -> None:
    now = datetime(2022, 11, 20, 12, 0, tzinfo=UTC)
    answers = Answers(
        paper_id="practice-1",
        learner_id="学员01",
        started_at=now,
        handed_in_at=now,
        answers={"xczx-0001": Answer("B", now), "xzss-0002": Answer("A", now)},
    )
    code = receipt_code(answers)
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", code)
    same = replace(
        answers,
        answers={"xzss-0002": Answer("A", now, 7), "xzss-0003": Answer("", now), "xczx-0001": Answer("B", now)},
        flagged=("xczx-0001",),
        seconds={"xczx-0001": 3.0},
    )
    assert receipt_code(same) == code
    others = [
        replace(answers, learner_id="学员02"),
        replace(answers, paper_id="practice-2"),
        replace(answers, handed_in_at=now + timedelta(seconds=1)),
        replace(answers, answers={"xczx-0001": Answer("C", now), "xzss-0002": Answer("A", now)}),
    ]
    assert len({code, *map(receipt_code, others)}) == 5
