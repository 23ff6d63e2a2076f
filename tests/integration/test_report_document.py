from __future__ import annotations

import re
import zipfile
from itertools import cycle, islice
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from tests.office import POINTS_PER_MM, Convert, read_pages
from tests.report_years import WRITTEN_AT, Ledger, build, small_year
from xuefa.errors import BadInputError
from xuefa.report.document import write_document
from xuefa.report.document_reading import read_document
from xuefa.report.section import Block, Chart, Paragraph, Point, Section, Series, Table, Text

SENTENCE = "依法治国是坚持和发展中国特色社会主义的本质要求和重要保障"


def write(path: Path, *blocks: Block) -> Path:
    section = Section("关于学法情况的报告", "青山乡", 2022, blocks)
    write_document(section, path, written_at=WRITTEN_AT)
    return path


def write_small_year(path: Path) -> Path:
    write_document(build(small_year())[1], path, written_at=WRITTEN_AT)
    return path


@pytest.fixture(scope="module")
def small_year_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small year's section, to be read only."""
    return write_small_year(tmp_path_factory.mktemp("small_year") / "section.docx")


def lines_of(page: list[tuple[float, float, float, float, str]]) -> list[str]:
    """The text of each line above the page number."""
    lines: dict[int, str] = {}
    for _, top, _, _, text in sorted(word for word in page if word[1] < 262):
        lines[round(top)] = lines.get(round(top), "") + text
    return [lines[top] for top in sorted(lines)]


@pytest.mark.office
def test_a_full_page_has_22_lines_of_28_characters_within_the_prescribed_margins(
    tmp_path: Path, convert: Convert
) -> None:
    body = "".join(islice(cycle(SENTENCE), 28 * 60 - 2))
    pages = read_pages(convert(write(tmp_path / "full.docx", Paragraph((Text(body),))), "pdf"))

    full = lines_of(pages[1])
    assert [len(line) for line in full] == [28] * 22
    inside = [word for word in pages[1] if word[1] < 262]
    assert min(word[0] for word in inside) == pytest.approx(28, abs=0.6)
    assert max(word[2] for word in inside) == pytest.approx(184, abs=1.2)
    pitches = [
        low[1] - high[1]
        for high, low in zip(sorted(inside, key=lambda w: w[1]), sorted(inside, key=lambda w: w[1])[1:], strict=False)
    ]
    assert sum(pitches) / len(pitches) == pytest.approx(225 / 22, abs=0.03)


@pytest.mark.office
def test_the_first_line_of_a_paragraph_is_two_characters_in(tmp_path: Path, convert: Convert) -> None:
    pages = read_pages(convert(write(tmp_path / "indent.docx", Paragraph((Text(SENTENCE * 3),))), "pdf"))
    first = next(word for word in pages[0] if word[4].startswith("依法治国"))

    assert first[0] == pytest.approx(28 + 2 * 156 / 28, abs=0.6)


@pytest.mark.office
def test_page_numbers_stand_right_on_odd_and_left_on_even_pages(tmp_path: Path, convert: Convert) -> None:
    body = "".join(islice(cycle(SENTENCE), 28 * 60))
    pages = read_pages(convert(write(tmp_path / "numbers.docx", Paragraph((Text(body),))), "pdf"))
    numbers = [[word for word in page if word[1] > 262] for page in pages]

    assert ["".join(word[4] for word in words) for words in numbers] == ["—1—", "—2—", "—3—"]
    one_character = 14 / POINTS_PER_MM
    assert max(word[2] for word in numbers[0]) == pytest.approx(184 - one_character, abs=1)
    assert min(word[0] for word in numbers[1]) == pytest.approx(28 + one_character, abs=1)
    middle = (numbers[0][0][1] + numbers[0][0][3]) / 2
    assert middle - 262 == pytest.approx(7, abs=1)


@pytest.mark.office
def test_a_long_table_repeats_its_header_on_every_page(tmp_path: Path, convert: Convert) -> None:
    rows = tuple(((Text(f"第{number}行"),), (Text("内容"),)) for number in range(100))
    table = Table(caption="长表", columns=("序号栏", "内容栏"), widths=(1, 3), rows=rows)
    pages = read_pages(convert(write(tmp_path / "table.docx", table), "pdf"))

    assert len(pages) >= 3
    assert all("序号栏" in [word[4] for word in page] for page in pages)


@pytest.mark.office
def test_charts_are_drawn_with_their_chinese_labels_above_their_captions(tmp_path: Path, convert: Convert) -> None:
    points = tuple(Point(f"f{number}", value, str(value)) for number, value in enumerate((75.0, 50.0)))
    chart = Chart("分单位参学率", "bars", ("党政办", "农业站"), (Series("百分比", points),), "%", most=100)
    page = read_pages(convert(write(tmp_path / "chart.docx", chart), "pdf"))[0]
    tops = {word[4]: word[1] for word in page}
    caption = next(top for text, top in tops.items() if "分单位参学率" in text)

    assert tops["党政办"] < tops["农业站"] < caption
    assert abs(tops["75.0%"] - tops["党政办"]) < 3
    assert abs(tops["50.0%"] - tops["农业站"]) < 3
    lefts = {word[4]: word[0] for word in page}
    assert lefts["75.0%"] > lefts["50.0%"] > lefts["农业站"]


@pytest.mark.office
def test_the_signature_stands_after_a_blank_line_at_the_right(tmp_path: Path, convert: Convert) -> None:
    blocks = (
        Paragraph((Text("正文。"),)),
        Paragraph((Text("青山乡人民政府"),), role="signature"),
        Paragraph((Text("2022年12月30日"),), role="date"),
    )
    page = read_pages(convert(write(tmp_path / "signed.docx", *blocks), "pdf"))[0]
    body = next(word for word in page if word[4].startswith("正文"))
    signature = next(word for word in page if "人民政府" in word[4])
    date_right = max(word[2] for word in page if abs(word[1] - signature[1] - 225 / 22) < 2)

    assert signature[1] - body[1] == pytest.approx(2 * 225 / 22, abs=0.5)
    assert signature[2] == pytest.approx(184 - 2 * 156 / 28, abs=1)
    assert date_right == pytest.approx(184 - 4 * 156 / 28, abs=1)


@pytest.mark.office
def test_a_document_saved_by_libreoffice_still_reads_the_same(small_year_file: Path, convert: Convert) -> None:
    before, after = read_document(small_year_file), read_document(convert(small_year_file, "docx"))

    assert after == before
    assert before.seal is not None


def test_the_page_is_set_as_the_standard_says(small_year_file: Path) -> None:
    document = Document(str(small_year_file))
    page = document.sections[0]
    millimetres = [
        round(length.mm)
        for length in (
            page.page_width,
            page.page_height,
            page.top_margin,
            page.left_margin,
            page.bottom_margin,
            page.right_margin,
        )
        if length is not None
    ]
    grid = page._sectPr.find(qn("w:docGrid"))

    assert millimetres == [210, 297, 37, 28, 35, 26]
    assert grid.get(qn("w:type")) == "linesAndChars"
    assert 22 * int(grid.get(qn("w:linePitch"))) <= 225 / 25.4 * 1440 < 22 * (int(grid.get(qn("w:linePitch"))) + 1)
    character = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    assert 28 * character <= 156 * POINTS_PER_MM < 28 * (character + 1 / 4096)


@pytest.mark.parametrize(
    ("style", "font", "half_points"),
    [
        ("Title", "方正小标宋简体", 44),
        ("Heading 1", "黑体", 32),
        ("Heading 2", "楷体_GB2312", 32),
        ("Footer", "宋体", 28),
    ],
)
def test_styles_carry_the_fonts_and_sizes_of_the_standard(
    small_year_file: Path, style: str, font: str, half_points: int
) -> None:
    document = Document(str(small_year_file))
    fonts = document.styles[style].element.rPr.find(qn("w:rFonts"))

    assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia")} == {font}
    size = document.styles[style].element.rPr.find(qn("w:sz"))
    assert int(size.get(qn("w:val")) if size is not None else 32) == half_points


def test_headings_and_paragraphs_use_the_styles_of_their_level(small_year_file: Path) -> None:
    document = Document(str(small_year_file))
    styles = {paragraph.text: str(getattr(paragraph.style, "name", "")) for paragraph in document.paragraphs}

    assert styles["关于2022年度学法用法情况的报告"] == "Title"
    assert styles["中共盐池县委："] == "Salutation"
    assert styles["一、学习宣传贯彻情况"] == "Heading 1"
    assert styles["（一）总体情况"] == "Heading 2"
    assert styles["青山乡人民政府"] == "Signature"
    assert next(style for text, style in styles.items() if text.startswith("全年集中学习了")) == "Body Text"


def test_the_file_names_its_title_and_language_and_nothing_of_the_library_that_made_it(small_year_file: Path) -> None:
    properties = Document(str(small_year_file)).core_properties
    with zipfile.ZipFile(small_year_file) as package:
        names = package.namelist()
        everything = b"".join(package.read(name) for name in names)

    assert (properties.title, properties.language) == ("关于2022年度学法用法情况的报告", "zh-CN")
    assert properties.author == "青山乡"
    assert b"python-docx" not in everything
    assert b"Theme=" not in everything
    assert not [name for name in names if "theme" in name or "thumbnail" in name]


def test_every_number_stands_in_a_bookmark_of_its_own_that_word_accepts(small_year_file: Path) -> None:
    figures, section = build(small_year())
    reading = read_document(small_year_file)
    names = list(reading.numbers)

    assert len(names) == len(set(names)) == len(list(section.numbers))
    assert all(re.fullmatch(r"fig_[a-z0-9_]+_\d+", name) and len(name) <= 40 for name in names)
    assert reading.numbers["fig_study_sessions_1"] == figures["study_sessions"].text


def test_a_section_without_numbers_is_written_too(tmp_path: Path) -> None:
    path = tmp_path / "empty.docx"
    write_document(build(Ledger())[1], path, written_at=WRITTEN_AT)

    assert read_document(path).numbers == {}


def test_a_target_that_cannot_be_written_is_said_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "taken.docx"
    target.mkdir()

    with pytest.raises(BadInputError, match=r"写不进去"):
        write_small_year(target)
    assert list(tmp_path.iterdir()) == [target]
