from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from xuefa.bank.balance import check_balance
from xuefa.bank.checks import BankCheck, check_bank
from xuefa.bank.item import questions_of
from xuefa.bank.reader import Bank, read_bank
from xuefa.bank.summary import summarise_bank
from xuefa.errors import BadInputError
from xuefa.laws.citation import ArticleNumber
from xuefa.laws.statutes import Article, Edition, PackagedStatutes, Statutes

FIXTURES = Path(__file__).parents[1] / "fixtures" / "bank"
TODAY = date(2026, 11, 1)
LAWS_WITHOUT_PACKAGED_TEXT = {"fzzf", "zdjc", "xxgk"}

ReadOne = Callable[[str], Bank]


@pytest.fixture
def read_one(tmp_path: Path, project_dir: Path) -> ReadOne:
    """Reads a bank that holds one fixture as its only file of items."""

    def read(name: str) -> Bank:
        shutil.copy(project_dir / "question_bank" / "laws.yaml", tmp_path / "laws.yaml")
        shutil.copy(FIXTURES / f"{name}.yaml", tmp_path / "xzss.yaml")
        return read_bank(tmp_path)

    return read


@pytest.fixture(scope="module")
def statutes() -> Statutes:
    return Statutes((PackagedStatutes.installed(),))


def test_a_good_bank_is_read_and_proved(read_one: ReadOne, statutes: Statutes) -> None:
    check = check_bank(read_one("good"), statutes, as_of=TODAY)
    assert check == BankCheck(findings=(), proved={"xzss": 2}, unproved={})


@pytest.mark.parametrize(
    ("name", "line", "fault", "fix"),
    [
        ("broken_yaml", 8, "不是合格的 YAML", "缩进"),
        ("repeated_key", 8, "“answer”写了两次", "删去"),
        ("unknown_key", 12, "不认识的项“dificulty”", "是不是想写“difficulty”"),
        ("missing_answer", 3, "缺少“answer”", "补上"),
        ("two_keys_in_single", 3, "单选题有 2 个答案“BC”", "multiple"),
        ("answer_is_no_option", 3, "答案“E”不是选项", "A、B、C、D"),
        ("one_key_in_multiple", 3, "多选题的答案“B”写法不对", "ABD"),
        ("unknown_kind", 3, "“kind”的值“choice”不在允许的范围内", "single"),
        ("same_options", 3, "有两个选项的文字相同", "改写"),
        ("gap_in_letters", 3, "选项字母是 A、B、D、E", "从 A 起"),
        ("duplicate_id", 15, "编号 xzss-0001 已经用在", "换一个"),
        ("id_of_another_law", 3, "编号 fyzz-0001 不以 xzss- 开头", "xzss-"),
        ("bad_citation", 3, "法条“四十六条”写法不对", "46"),
        ("judge_answer_in_words", 18, "“answer”应当是 true 或 false", "true（正确）"),
        ("empty", None, "文件是空的", "补上内容"),
        ("not_utf8", None, "不是 UTF-8 编码", "另存为 UTF-8"),
    ],
)
def test_a_bad_file_is_refused_with_its_line_fault_and_fix(
    read_one: ReadOne, name: str, line: int | None, fault: str, fix: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        read_one(name)
    (finding,) = caught.value.findings
    assert fault in finding.fault
    assert fix in finding.fix
    assert "xzss.yaml" in finding.place
    if line is not None:
        assert f"第 {line} 行" in finding.place


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("article_that_does_not_exist", "《行政诉讼法》没有第一百四十六条"),
        ("evidence_not_in_article", "依据“九个月”不在第四十六条里"),
        ("law_not_in_catalogue", "目录里没有《刑法》"),
        ("copied_text", "照抄了法条原文"),
    ],
)
def test_a_question_that_its_article_does_not_bear_out_is_found(
    read_one: ReadOne, statutes: Statutes, name: str, fault: str
) -> None:
    check = check_bank(read_one(name), statutes, as_of=TODAY)
    assert [fault in finding.fault for finding in check.findings] == [True]


def test_without_a_text_at_hand_a_question_counts_as_unproved(read_one: ReadOne) -> None:
    check = check_bank(read_one("good"), Statutes(()), as_of=TODAY)
    assert check == BankCheck(findings=(), proved={}, unproved={"xzss": 2})


def test_a_newer_text_names_every_question_to_look_at_again(read_one: ReadOne) -> None:
    class Amended:
        def read_editions(self, title: str) -> tuple[Edition, ...]:
            articles = {ArticleNumber(n): Article(ArticleNumber(n), "六个月，知道或者应当知道", "") for n in (6, 46)}
            return (Edition(title, date(2026, 1, 1), date(2026, 3, 1), articles, "test"),)

    bank = read_one("good")
    before = check_bank(bank, Statutes((Amended(),)), as_of=date(2026, 2, 28))
    after = check_bank(bank, Statutes((Amended(),)), as_of=date(2026, 3, 1))
    assert before.findings == ()
    assert ["2026-01-01 的新文本" in finding.fault for finding in after.findings] == [True, True]


def test_an_items_version_changes_with_its_words_but_not_with_its_status(read_one: ReadOne) -> None:
    item = read_one("good")["xzss-0001"]
    assert item.model_copy(update={"status": "retired"}).version == item.version
    assert item.model_copy(update={"explanation": "另一种说法"}).version != item.version


def test_every_question_of_the_projects_bank_is_proved_where_its_text_is_at_hand(
    project_dir: Path, statutes: Statutes
) -> None:
    check = check_bank(read_bank(project_dir / "question_bank"), statutes, as_of=TODAY)
    assert check.findings == ()
    assert set(check.unproved) == LAWS_WITHOUT_PACKAGED_TEXT


def test_the_projects_bank_covers_every_law_and_is_balanced(project_dir: Path) -> None:
    bank = read_bank(project_dir / "question_bank")
    assert {item.law_slug for item in bank.select()} == {law.slug for law in bank.catalogue}
    assert [str(finding) for finding in check_balance(bank)] == []
    total = summarise_bank(bank)[-1]
    assert total.items >= 780
    assert set(total.by_kind) == {"single", "multiple", "judge", "case", "essay"}


def test_question_ids_name_the_part_of_a_case(project_dir: Path) -> None:
    bank = read_bank(project_dir / "question_bank")
    case = next(item for item in bank.items if item.kind == "case")
    ids = [question.question_id for question in questions_of(case)]
    assert ids == [f"{case.id}.{number}" for number in range(1, len(ids) + 1)]
    assert bank.question(ids[0]).story == case.stem
