from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xuefa.laws.citation import (
    ArticleNumber,
    Citation,
    find_article_numbers,
    parse_article_number,
    parse_chinese_number,
    parse_citation,
    render_chinese_number,
)


@given(st.integers(1, 9999))
def test_every_number_survives_being_written_in_chinese_and_read_back(number: int) -> None:
    assert parse_chinese_number(render_chinese_number(number)) == number


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (1, "一"),
        (10, "十"),
        (15, "十五"),
        (20, "二十"),
        (46, "四十六"),
        (102, "一百零二"),
        (110, "一百一十"),
        (115, "一百一十五"),
        (1010, "一千零一十"),
        (1260, "一千二百六十"),
    ],
)
def test_numbers_are_written_as_laws_write_them(number: int, written: str) -> None:
    assert render_chinese_number(number) == written


@given(st.integers(1, 2000), st.integers(0, 20))
def test_article_numbers_are_read_back_from_both_ways_of_writing(article: int, insertion: int) -> None:
    number = ArticleNumber(article, insertion)
    assert parse_article_number(str(number)) == number
    assert parse_article_number(number.plain) == number


@pytest.mark.parametrize("text", ["", "四十六条", "第条", "0", "第零条", "46.5", "-3", "第46"])
def test_what_is_no_article_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="article"):
        parse_article_number(text)


@pytest.mark.parametrize(
    ("value", "law", "printed"),
    [
        (46, None, "第四十六条"),
        ("17-1", None, "第十七条之一"),
        ("行政复议法 20", "行政复议法", "《行政复议法》第二十条"),
        ("《行政复议法》第二十条", "行政复议法", "《行政复议法》第二十条"),
    ],
)
def test_citations_are_parsed_and_printed(value: int | str, law: str | None, printed: str) -> None:
    citation = parse_citation(value)
    assert isinstance(citation, Citation)
    assert citation.law == law
    assert str(citation) == printed


def test_article_numbers_are_found_in_running_text() -> None:
    prose = "一般期限见第四十六条；第十七条之一另有规定，最后看第102条。"
    assert find_article_numbers(prose) == [ArticleNumber(46), ArticleNumber(17, 1), ArticleNumber(102)]
