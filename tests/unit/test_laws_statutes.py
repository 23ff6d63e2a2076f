from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from docx import Document

from xuefa.errors import BadInputError
from xuefa.laws.catalogue import read_catalogue
from xuefa.laws.citation import ArticleNumber
from xuefa.laws.statute_file import read_statute_file
from xuefa.laws.statutes import ImportedStatutes, PackagedStatutes, Statutes

LITIGATION = "中华人民共和国行政诉讼法"
RECONSIDERATION = "中华人民共和国行政复议法"

SHORT_LAW = """# 某乡学习办法

2021年3月1日 某乡人民政府公布

2021年5月1日 施行

<!-- INFO END -->

## 第一章 总则

第一条 为了学习，制定本办法。

第二条 学习分为两种：

(一)集中学习；

(二)个人自学。

## 第二章 附则

第三条 本办法自2021年5月1日起施行。
"""


@pytest.fixture(scope="module")
def packaged() -> Statutes:
    return Statutes((PackagedStatutes.installed(),))


def test_the_packaged_text_gives_an_article_in_its_chapter(packaged: Statutes) -> None:
    edition = packaged.edition_as_of(LITIGATION, date(2022, 6, 1))
    assert edition is not None
    article = edition.articles[ArticleNumber(46)]
    assert "六个月内提出" in article.text
    assert article.chapter == "第六章 起诉和受理"


def test_a_law_not_yet_in_force_gives_no_text(packaged: Statutes) -> None:
    assert packaged.edition_as_of(RECONSIDERATION, date(2023, 12, 31)) is None
    edition = packaged.edition_as_of(RECONSIDERATION, date(2024, 1, 1))
    assert edition is not None
    assert edition.adopted_on == date(2023, 9, 1)


@pytest.mark.parametrize(
    ("number", "ending"), [(204, "或者当事人另有约定的除外。"), (1258, "应当承担侵权责任。"), (1260, "同时废止。")]
)
def test_a_heading_stuck_to_a_chapters_last_article_is_taken_off(packaged: Statutes, number: int, ending: str) -> None:
    edition = packaged.edition_as_of("中华人民共和国民法典", date(2022, 1, 1))
    assert edition is not None
    article = edition.articles[ArticleNumber(number)]
    assert article.text.endswith(ending)


def test_no_article_of_a_catalogued_law_ends_in_a_heading(packaged: Statutes, project_dir: Path) -> None:
    for law in read_catalogue(project_dir / "question_bank" / "laws.yaml"):
        for edition in packaged.editions(law.title):
            loose = [str(one.number) for one in edition.articles.values() if one.text.rstrip()[-1] not in "。；：”）"]
            assert loose == [], law.title


def test_the_texts_of_the_catalogue_are_in_the_edition_it_names(packaged: Statutes, project_dir: Path) -> None:
    catalogue = read_catalogue(project_dir / "question_bank" / "laws.yaml")
    without_text = {law.slug for law in catalogue if not packaged.editions(law.title)}
    assert without_text == {"fzzf", "zdjc", "xxgk"}
    for law in catalogue:
        if law.slug not in without_text:
            assert law.edition in {edition.adopted_on for edition in packaged.editions(law.title)}, law.slug


@pytest.mark.parametrize(("name", "encoding"), [("law.md", "utf-8"), ("law.txt", "gb18030"), ("law.docx", "")])
def test_a_downloaded_text_is_read_from_each_kind_of_file(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / name
    if path.suffix == ".docx":
        document = Document()
        for line in SHORT_LAW.splitlines():
            document.add_paragraph(line)
        document.save(str(path))
    else:
        path.write_text(SHORT_LAW, encoding=encoding)
    edition = read_statute_file(path)
    assert (edition.title, edition.adopted_on, edition.in_force_from) == (
        "某乡学习办法",
        date(2021, 3, 1),
        date(2021, 5, 1),
    )
    assert [article.text for article in edition.articles.values()] == [
        "为了学习，制定本办法。",
        "学习分为两种：\n(一)集中学习；\n(二)个人自学。",
        "本办法自2021年5月1日起施行。",
    ]
    assert edition.articles[ArticleNumber(3)].chapter == "第二章 附则"


def test_days_in_one_bracketed_line_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "law.txt"
    head = "某条例\n（2019年4月20日国务院令第713号公布　自2019年9月1日起施行）\n第一条 内容。\n"
    path.write_text(head, encoding="utf-8")
    edition = read_statute_file(path)
    assert (edition.adopted_on, edition.in_force_from) == (date(2019, 4, 20), date(2019, 9, 1))


def test_an_imported_text_is_found_like_a_packaged_one(tmp_path: Path) -> None:
    source = tmp_path / "law.md"
    source.write_text(SHORT_LAW, encoding="utf-8")
    imported = ImportedStatutes(tmp_path / "statutes")
    imported.write_edition(read_statute_file(source))
    statutes = Statutes((imported,))
    edition = statutes.edition_as_of("某乡学习办法", date(2021, 5, 1))
    assert edition is not None
    article = edition.articles[ArticleNumber(1)]
    assert article.text == "为了学习，制定本办法。"
    assert statutes.edition_as_of("某乡学习办法", date(2021, 4, 30)) is None


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("no_article.txt", "某办法\n2021年3月1日公布\n内容", "没有找到"),
        ("no_date.txt", "某办法\n第一条 内容。", "没有公布或修订的日期"),
        ("missing_article.txt", "某办法\n2021年3月1日公布\n第一条 甲。\n第三条 乙。", "条号不连续"),
        ("old_word.doc", "某办法", "不支持 .doc 文件"),
        ("not_word.docx", "某办法", "不是合格的 .docx"),
    ],
)
def test_a_text_that_cannot_be_taken_is_refused_with_its_fault(
    tmp_path: Path, name: str, content: str, fault: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInputError, match=fault):
        read_statute_file(path)


def test_a_spoilt_import_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "某办法(2021-03-01).json").write_text("{", encoding="utf-8")
    with pytest.raises(BadInputError, match="xuefa law add"):
        ImportedStatutes(tmp_path).read_editions("某办法")
