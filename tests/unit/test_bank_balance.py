from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from xuefa.bank.balance import check_balance
from xuefa.bank.item import AnyItem, CaseItem, EssayItem, JudgeItem, MultipleItem, SingleItem
from xuefa.bank.reader import Bank
from xuefa.bank.twins import find_near_twins
from xuefa.laws.catalogue import read_catalogue

MakeBank = Callable[[Sequence[AnyItem]], Bank]


def words(number: int, length: int = 24) -> str:
    """Chinese-looking text that shares next to nothing with that of another number."""
    return "".join(chr(0x4E00 + (number * 7919 + place * 104729) % 20000) for place in range(length))


def make_item(number: int, kind: str, **changes: Any) -> AnyItem:
    common: dict[str, Any] = {
        "id": f"xzss-{number:04d}",
        "stem": words(number),
        "cites": (46,),
        "evidence": (words(number, 4),),
        "explanation": "见该条。",
        "objective": "xzss-o1",
        "difficulty": number % 5 + 1,
        "skill": ("recall", "understand", "apply")[number % 3],
        "status": "active",
    }
    options = {"A": "甲甲", "B": "乙乙", "C": "丙丙", "D": "丁丁"}
    key = "ABCD"[number % 4]
    question = {
        "stem": words(number + 5000),
        "cites": (46,),
        "evidence": (words(number + 5000, 4),),
        "explanation": "见",
    }
    if kind == "single":
        return SingleItem(**{**common, "kind": kind, "options": options, "answer": key, **changes})
    if kind == "multiple":
        return MultipleItem(**{**common, "kind": kind, "options": options, "answer": "ABD", **changes})
    if kind == "judge":
        return JudgeItem(**{**common, "kind": kind, "answer": number % 2 == 0, **changes})
    if kind == "essay":
        guide = ({"element": "甲", "points": 5.0}, {"element": "乙", "points": 5.0})
        return EssayItem(**{**common, "kind": kind, "guide": guide, **changes})
    other = {**question, "stem": words(number + 7000), "evidence": (words(number + 7000, 4),)}
    parts = tuple({**part, "kind": "judge", "answer": number % 2 == 0} for part in (question, other))
    listed = {key: common[key] for key in ("id", "stem", "objective", "difficulty", "skill", "status")}
    return CaseItem(**{**listed, "kind": "case", "questions": parts, **changes})


def good_items() -> list[AnyItem]:
    kinds = ["single"] * 24 + ["multiple"] * 15 + ["judge"] * 12 + ["case"] * 7 + ["essay"] * 2
    return [make_item(number, kind) for number, kind in enumerate(kinds, start=1)]


@pytest.fixture(scope="module")
def make_bank(project_dir: Path) -> MakeBank:
    catalogue = read_catalogue(project_dir / "question_bank" / "laws.yaml")
    return lambda items: Bank(catalogue, tuple(items), {item.id: f"xzss.yaml（{item.id}）" for item in items})


def changed(items: Sequence[AnyItem], kind: str, **changes: Any) -> list[AnyItem]:
    return [item.model_copy(update=changes) if item.kind == kind else item for item in items]


def test_a_balanced_bank_has_nothing_to_find(make_bank: MakeBank) -> None:
    assert check_balance(make_bank(good_items())) == []


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        (good_items()[1:], "在用的题只有 59 道"),
        (changed(good_items(), "single", status="retired"), "单选题 0 道"),
        (changed(good_items(), "case", status="retired"), "没有案例题"),
        (changed(good_items(), "essay", status="retired"), "论述题只有 0 道"),
        (changed(good_items(), "single", answer="A"), "单选答案 A 有 24 道，占 100%"),
        (changed(good_items(), "judge", answer=True), "判断题 26 道中正确的有 20 道"),
        (
            changed(good_items(), "single", options={"A": "长长长", "B": "乙", "C": "丙", "D": "丁"}, answer="A"),
            "答案是最长选项的有 24 道",
        ),
        ([item.model_copy(update={"skill": "recall"}) for item in good_items()], "考应用的题只有 0 道"),
        ([item.model_copy(update={"difficulty": 3}) for item in good_items()], "没有难度 1、2、4、5 的题"),
    ],
)
def test_a_lopsided_bank_is_found_out(make_bank: MakeBank, items: list[AnyItem], fault: str) -> None:
    assert any(fault in finding.fault for finding in check_balance(make_bank(items)))


def test_two_stems_that_differ_by_a_word_are_near_twins() -> None:
    stem = "公民直接向人民法院提起行政诉讼的，一般应当在知道行政行为之日起多长时间内提出？"
    one = make_item(1, "single", stem=stem)
    other = make_item(2, "single", stem=stem.replace("一般", "通常"))
    stranger = make_item(3, "single")
    assert [(a.question_id, b.question_id) for a, b in find_near_twins([one, other, stranger])] == [
        ("xzss-0001", "xzss-0002")
    ]


def test_one_article_and_one_evidence_make_near_twins_whatever_the_words() -> None:
    one = make_item(1, "single", evidence=("六个月",))
    other = make_item(2, "judge", evidence=("六个月",))
    assert len(find_near_twins([one, other])) == 1


def test_the_questions_of_one_case_are_no_twins_of_each_other() -> None:
    assert find_near_twins([make_item(1, "case")]) == []
