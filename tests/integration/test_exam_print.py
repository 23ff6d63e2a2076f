"""Papers on paper: what stands in the three Word files, and how their pages fall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm
from typer.testing import CliRunner

from tests.command_line import Done, run_xuefa
from tests.exam_course import PROJECT, fixture_bank, small_paper
from tests.exam_secrets import secrets_of
from tests.office import Convert, read_page_texts, read_pages
from xuefa.bank.reader import Bank, read_bank
from xuefa.cli import app
from xuefa.errors import BadInputError
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.paper import Paper, read_course_paper
from xuefa.exam.print.files import write_printed_files
from xuefa.exam.print.key_document import render_citations
from xuefa.settings import site_settings

WRITTEN_AT = datetime(2022, 11, 1, tzinfo=UTC)
MARGIN_MM = 22


@dataclass(frozen=True)
class Printed:
    """A paper that the commands set and printed, with its items and its three files."""

    paper: Paper
    bank: Bank
    paper_file: Path
    card_file: Path
    key_file: Path


@pytest.fixture(scope="module")
def site_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a practice paper and two forms of the 济宁 format, all printed."""
    site_dir = tmp_path_factory.mktemp("site")
    for arguments in (
        ("set", "lianxi", "--date", "2026-11-24", "--seed", "1"),
        ("set", "jining", "--date", "2026-11-25", "--seed", "1", "--blueprint", "jining", "--forms", "2"),
        *(("print", paper_id) for paper_id in ("lianxi", "jining-A", "jining-B")),
    ):
        result = CliRunner().invoke(
            app, ["exam", *arguments], env={"XUEFA_SITE": str(site_dir)}, catch_exceptions=False
        )
        assert result.exit_code == 0
    return site_dir


@pytest.fixture(params=["lianxi", "jining-A", "jining-B"])
def printed(request: pytest.FixtureRequest, site_dir: Path) -> Printed:
    return read_printed(site_dir, request.param)


@pytest.fixture(scope="module")
def pdfs(site_dir: Path, convert: Convert) -> dict[str, Path]:
    """Every printed file as LibreOffice sets its pages, by its name."""
    files = site_settings(project_dir=PROJECT, site_dir=site_dir).course_dir.glob("printed/*.docx")
    return {pdf.stem: pdf for pdf in convert.together(sorted(files), "pdf")}


def read_printed(site_dir: Path, paper_id: str) -> Printed:
    course_dir = site_settings(project_dir=PROJECT, site_dir=site_dir).course_dir
    files = [course_dir / "printed" / f"{paper_id}_{name}.docx" for name in ("试卷", "答题卡", "参考答案")]
    return Printed(
        read_course_paper(paper_id, course_dir=course_dir), read_kept_items(paper_id, course_dir=course_dir), *files
    )


def read_lines(path: Path) -> list[str]:
    """The text of every paragraph, those in tables too, in order; a tab as it stands."""
    return ["".join(read_words(line)) for line in Document(str(path)).element.body.iter(qn("w:p"))]


def read_words(line: Any) -> Iterator[str]:
    for node in line.iter(qn("w:t"), qn("w:tab")):
        if node.tag == qn("w:t"):
            yield node.text or ""
        elif node.getparent().tag == qn("w:r"):
            yield "\t"


def test_neither_paper_nor_card_tells_a_key(printed: Printed) -> None:
    secrets = secrets_of(printed.paper, printed.bank)
    for path in (printed.paper_file, printed.card_file):
        with ZipFile(path) as package:
            for name in package.namelist():
                part = package.read(name).decode("utf-8", errors="replace")
                assert secrets.find(re.sub("<[^>]+>", "", part)) == []
        text = "\n".join(read_lines(path))
        assert not any(question.question_id in text for question in printed.paper.questions)


def test_the_paper_holds_every_question_once_with_its_options_in_order(printed: Printed) -> None:
    text = "\n".join(read_lines(printed.paper_file))
    at = 0
    for number, question in enumerate(printed.paper.questions, start=1):
        at = text.index(f"{number}.\t", at)
        at = text.index(question.stem, at)
        options = question.options if question.kind in ("single", "multiple") else {}
        for letter, option in options.items():
            at = text.index(f"{letter}．{option}", at)
    stories = {question.story for question in printed.paper.questions if question.story}
    assert all(text.count(story) == 1 for story in stories)


def test_the_card_has_a_bubble_for_every_option_of_every_question(printed: Printed) -> None:
    rows = [re.fullmatch(r"(\d+)\.\t((?:\[.\] ?)+)", line) for line in read_lines(printed.card_file)]
    bubbles = {int(row[1]): re.findall(r"\[(.)\]", row[2]) for row in rows if row}
    marks = {"T": "√", "F": "×"}
    assert bubbles == {
        number: [marks.get(letter, letter) for letter in question.options]
        for number, question in enumerate(printed.paper.questions, start=1)
        if question.kind != "essay"
    }


def test_the_key_gives_every_key_explanation_and_article(printed: Printed) -> None:
    lines = read_lines(printed.key_file)
    text = "\n".join(lines)
    assert secrets_of(printed.paper, printed.bank).find(text)
    cells = {"T": "√", "F": "×"}
    for number, question in enumerate(printed.paper.questions, start=1):
        kept = printed.bank.question(question.question_id)
        start = text.index(f"{number}.\t", text.index("解　析"))
        part = text[start : text.index("依据　", start) + 400]
        assert " ".join(kept.explanation.split()) in part
        assert render_citations(kept, bank=printed.bank) in part
        assert question.question_id in part
        if kept.key:
            key = "".join(cells.get(letter, letter) for letter in kept.key)
            assert f"答案：{key}（" in part
            assert lines[lines.index(str(number)) :].count(key) > 0
    assert "考试结束前保密" in read_footer(printed.key_file)


def test_the_articles_of_one_law_are_named_under_it_once() -> None:
    bank = read_bank(PROJECT / "question_bank")
    cited = render_citations(bank.question("xzss-0001"), bank=bank)
    assert cited == "《行政诉讼法》第四十六条、第四十五条、第八十八条、《行政复议法》第二十条"


def test_the_files_are_a4_with_margins_page_numbers_and_chinese_fonts_set_as_such(printed: Printed) -> None:
    for path in (printed.paper_file, printed.card_file, printed.key_file):
        document = Document(str(path))
        (page,) = document.sections
        margins = (page.left_margin, page.right_margin, page.top_margin, page.bottom_margin)
        lengths = (page.page_width, page.page_height, *margins)
        assert [round(length.mm) for length in lengths if length] == [210, 297, 22, 22, 22, 22]
        footer = page.footer._element
        assert [field.get(qn("w:instr")) for field in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
        assert f"卷号 {printed.paper.paper_id}" in read_footer(path)
        fonts = [node.get(qn("w:eastAsia")) for node in document.styles.element.iter(qn("w:rFonts"))]
        assert set(fonts) == {"宋体", "黑体", "仿宋"}
        for run in document.element.body.iter(qn("w:r")):
            if run.find(qn("w:t")) is not None:
                assert run.find(f".//{qn('w:rFonts')}").get(qn("w:hint")) == "eastAsia"


def test_form_and_round_are_said_once_at_the_head_and_on_every_page(printed: Printed) -> None:
    form = f"{printed.paper.form}卷" if printed.paper.form else ""
    for path in (printed.paper_file, printed.card_file):
        title, below = read_lines(path)[:2]
        assert title in printed.paper.title
        assert "卷）" not in title
        if form:
            assert form in below
            assert form in read_footer(path)


def test_a_makeup_paper_says_which_form_and_round_it_is(tmp_path: Path) -> None:
    paper = small_paper(fixture_bank()).model_copy(
        update={"title": "练习卷（补考）（B卷）", "form": "B", "attempt": 2, "attempts": 2, "makeup_of": "first"}
    )
    files = write_printed_files(paper, bank=fixture_bank(), folder=tmp_path, written_at=WRITTEN_AT)
    assert [read_lines(path)[:2] for path in files[:2]] == [
        ["练习卷", "（B卷　第一次补考）"],
        ["练习卷", "答题卡（B卷　第一次补考）"],
    ]
    assert read_lines(files[2])[0] == "练习卷参考答案及解析"
    assert all("B卷　第一次补考" in read_footer(path) for path in files)


def test_the_head_leaves_room_for_unit_name_and_number(printed: Printed) -> None:
    for path in (printed.paper_file, printed.card_file):
        table = Document(str(path)).tables[0]
        cells = table.rows[0].cells
        assert [cell.text for cell in cells] == ["单　位", "", "姓　名", "", "编　号", ""]
        assert all((cells[place].width or 0) >= Mm(25) for place in (1, 3, 5))
        assert (table.rows[0].height or 0) >= Mm(8)


def test_the_notes_promise_only_what_is_there(printed: Printed) -> None:
    lines = read_lines(printed.paper_file)
    notes = lines[lines.index("注意事项") + 1 : next(n for n, line in enumerate(lines) if line.startswith("一、"))]
    text = "".join(notes)
    paper = printed.paper
    assert f"本卷共 {len(paper.questions)} 题，满分 100 分，{paper.pass_score:g} 分及格" in text
    assert f"考试时间 {paper.duration_minutes} 分钟" in text
    assert "答案填写在答题卡上" in text
    assert "多选、少选、错选均不得分" in text
    assert "括号" not in text
    assert not re.search("（\\s*）", "".join(lines))


def test_an_essay_gets_room_in_measure(site_dir: Path) -> None:
    lines = [len(table.rows) for table in Document(str(read_printed(site_dir, "lianxi").card_file)).tables][-1]
    assert 12 <= lines <= 18


def test_printed_files_that_are_there_are_kept_unless_told_otherwise(site_dir: Path, tmp_path: Path) -> None:
    to = tmp_path / "打印"
    assert print_paper(site_dir, "lianxi", "--to", str(to)).returncode == 0
    edited = to / "lianxi_试卷.docx"
    edited.write_bytes(b"edited by hand")
    (to / "lianxi_答题卡.docx").unlink()

    refused = print_paper(site_dir, "lianxi", "--to", str(to))
    assert refused.returncode == 1
    assert "lianxi_试卷.docx：已经有这个文件，里面可能有人改过。" in refused.stderr
    assert "请用 --to 换一个文件夹" in refused.stderr
    assert "--overwrite" in refused.stderr
    assert edited.read_bytes() == b"edited by hand"
    assert not (to / "lianxi_答题卡.docx").exists()

    assert print_paper(site_dir, "lianxi", "--to", str(to), "--overwrite").returncode == 0
    assert read_lines(edited)[0] == "执法考试练习卷"
    assert len(list(to.iterdir())) == 3


def test_no_new_file_is_left_when_one_cannot_be_written(tmp_path: Path) -> None:
    bank = fixture_bank()
    paper = small_paper(bank)
    blocked = tmp_path / f"{paper.paper_id}_参考答案.docx"
    (blocked / "inside").mkdir(parents=True)
    with pytest.raises(BadInputError, match="文件写不进去"):
        write_printed_files(paper, bank=bank, folder=tmp_path, written_at=WRITTEN_AT, existing="overwrite")
    assert list(tmp_path.iterdir()) == [blocked]


@pytest.mark.office
def test_pages_keep_a_question_with_its_options_and_a_case_with_its_questions(
    printed: Printed, pdfs: dict[str, Path]
) -> None:
    card, paper = pdfs[printed.card_file.stem], pdfs[printed.paper_file.stem]
    for pdf in (paper, card, pdfs[printed.key_file.stem]):
        pages = read_pages(pdf)
        for number, page in enumerate(pages, start=1):
            assert min(left for left, *_ in page) >= MARGIN_MM - 0.5
            assert max(right for _, _, right, _, _ in page) <= 210 - MARGIN_MM + 4  # punctuation hangs over the edge
            body = [bottom for _, _, _, bottom, _ in page if bottom <= 297 - MARGIN_MM + 0.5]
            assert len(body) < len(page)
            foot = "".join(text for _, _, _, bottom, text in page if bottom > 297 - MARGIN_MM + 0.5)
            assert f"第{number}页共{len(pages)}页" in foot
    assert len(read_pages(card)) <= 2

    texts = read_page_texts(paper)
    for question in printed.paper.questions:
        parts = [question.story, question.stem]
        if question.kind in ("single", "multiple"):
            parts += [f"{letter}．{option}" for letter, option in question.options.items()]
        assert any(all("".join(part.split()) in text for part in parts) for text in texts), question.question_id


def print_paper(site_dir: Path, *arguments: str) -> Done:
    return run_xuefa(site_settings(project_dir=PROJECT, site_dir=site_dir), "exam", "print", *arguments)


def read_footer(path: Path) -> str:
    (page,) = Document(str(path)).sections
    return "".join(node.text or "" for node in page.footer._element.iter(qn("w:t")))
