"""What a lesson shows without a kernel's help: header, articles, picture, year, errors."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from xuefa.bank.reader import read_bank
from xuefa.errors import BadInputError, Finding
from xuefa.laws.catalogue import read_catalogue
from xuefa.laws.citation import ArticleNumber, parse_citation
from xuefa.laws.statutes import Article, Edition, PackagedStatutes, Statutes
from xuefa.records.store import open_store
from xuefa.study.articles import ArticleShelf
from xuefa.study.html import render_error
from xuefa.study.lesson import Lesson
from xuefa.study.manifest import read_manifest
from xuefa.study.presence import Presence
from xuefa.study.record_writer import RecordWriter
from xuefa.study.year import render_year

PROJECT = Path(__file__).parents[1] / "fixtures" / "study" / "project"


class HostileStatutes:
    """One edition whose words look like HTML, adopted after the catalogue's."""

    def read_editions(self, title: str) -> tuple[Edition, ...]:
        number = ArticleNumber(46)
        return (
            Edition(
                title=title,
                adopted_on=date(2025, 1, 1),
                in_force_from=date(2025, 2, 1),
                articles={number: Article(number, "<script>alert(1)</script>\n第二款", "第一章 <b>")},
                origin="文件.json",
            ),
        )


def make_lesson(tmp_path: Path, statutes: Statutes) -> Lesson:
    bank = read_bank(PROJECT / "question_bank")
    return Lesson(
        module=read_manifest(PROJECT / "notebooks" / "modules.yaml", catalogue=bank.catalogue)[8],
        notebooks_dir=PROJECT / "notebooks",
        bank=bank,
        statutes=statutes,
        writer=RecordWriter(
            store=open_store(f"sqlite:///{tmp_path / 'xuefa.db'}"),
            presence=Presence(),
            module=8,
            clock=lambda: datetime(2026, 8, 3, 12, 0, tzinfo=UTC),
            rng=random.Random(1),  # noqa: S311  the same draw each time
            time_zone=ZoneInfo("Asia/Shanghai"),
        ),
    )


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    return make_lesson(tmp_path, Statutes((PackagedStatutes.installed(),)))


def test_header_tells_edition_objectives_and_minutes(lesson: Lesson) -> None:
    text = lesson.header().text
    assert "第 08 课" in text
    assert "2017年6月27日通过或修改，2017年7月1日起施行" in text
    assert "能够按期答辩和举证。" in text
    assert "全课约 50 分钟" in text
    assert "合计约 15 分钟" in text


def test_articles_open_official_words_of_this_and_other_laws(lesson: Lesson) -> None:
    text = lesson.articles(46, "行政复议法 20").text
    assert text.count("<details") == 2
    assert "《行政诉讼法》第四十六条" in text
    assert "知道或者应当知道作出行政行为之日起六个月内" in text
    assert "《行政复议法》第二十条" in text
    assert "2023年9月1日版本，文本来源：随软件提供的法律数据" in text


def test_articles_escape_what_a_text_holds_and_name_a_newer_edition(tmp_path: Path) -> None:
    text = make_lesson(tmp_path, Statutes((HostileStatutes(),))).articles(46).text
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "第一章 &lt;b&gt;" in text
    assert "本课按2017年6月27日的版本编写，现行文本已经不同" in text


def test_articles_without_a_text_at_hand_say_how_to_get_it(tmp_path: Path) -> None:
    text = make_lesson(tmp_path, Statutes(())).articles(46).text
    assert "这里还没有《行政诉讼法》的原文，请在国家法律法规数据库里查阅" in text
    assert "xuefa law add" in text
    assert "<blockquote>" not in text


@pytest.mark.parametrize(
    ("citation", "heading", "way"),
    [
        ("法治政府建设实施纲要 15", "《法治政府建设实施纲要（2021－2025年）》第（十五）项", "请查阅公开发布的文本"),
        ("政府信息公开条例 20", "《政府信息公开条例》第二十条", "请在国家行政法规库里查阅"),
    ],
)
def test_documents_and_regulations_without_a_text_are_cited_and_found_in_their_own_way(
    project_dir: Path, citation: str, heading: str, way: str
) -> None:
    catalogue = read_catalogue(project_dir / "question_bank" / "laws.yaml")
    shelf = ArticleShelf(catalogue=catalogue, statutes=Statutes(()), today=date(2026, 9, 1))
    opened = shelf.open(parse_citation(citation), law_at_hand=catalogue["xzss"])
    assert opened.heading == heading
    assert way in opened.note


def test_article_that_does_not_exist_says_so(lesson: Lesson) -> None:
    assert "现行文本里没有第九百九十九条" in lesson.articles(999).text


def test_citation_that_cannot_be_read_is_refused(lesson: Lesson) -> None:
    with pytest.raises(BadInputError, match="写法不对"):
        lesson.articles("第几条")


def test_picture_is_inline_with_its_own_ids_and_description(lesson: Lesson) -> None:
    text = lesson.picture("08_steps.svg").text
    assert 'aria-labelledby="08_steps-t 08_steps-d"' in text
    assert 'id="08_steps-m"' in text
    assert "url(#08_steps-m)" in text
    assert 'fill="#ffffff"' in text
    assert "<p>直接起诉六个月，复议以后十五日。</p>" in text
    assert "height=" not in text.partition("viewBox")[0] + text.partition("viewBox")[2][:60]


@pytest.mark.parametrize("name", ["../modules.yaml", "08_gone.svg", "/etc/passwd", "08_steps.svg/../x"])
def test_picture_outside_the_folder_or_missing_is_refused(lesson: Lesson, name: str) -> None:
    with pytest.raises(BadInputError):
        lesson.picture(name)


def test_year_links_ready_modules_only() -> None:
    catalogue = read_bank(PROJECT / "question_bank").catalogue
    text = render_year(read_manifest(PROJECT / "notebooks" / "modules.yaml", catalogue=catalogue), catalogue).text
    assert text.count("<a href=") == 1
    assert "<a href='08_%E8%A1%8C%E6%94%BF%E8%AF%89%E8%AE%BC%E6%B3%95.ipynb'>行政诉讼法</a>" in text
    assert "筹备中" in text
    assert "《行政诉讼法》" not in text  # the title says it


def test_error_card_escapes_and_keeps_place_fault_and_fix() -> None:
    text = render_error(BadInputError(Finding("<x>", "坏了", "请修"))).text
    assert "<strong>&lt;x&gt;</strong>：坏了。请修。" in text
