from __future__ import annotations

import hashlib
import zipfile
from html import escape
from pathlib import Path

import pytest
from docx import Document

from tests.report_years import WRITTEN_AT, Ledger, build, small_year
from xuefa.errors import BadInputError, MissingPartError
from xuefa.records.record import Verb
from xuefa.report.document import render_document
from xuefa.report.document_reading import read_document
from xuefa.report.evidence import Verification, verify_document


@pytest.fixture
def ledger() -> Ledger:
    return small_year()


@pytest.fixture(scope="module")
def written() -> bytes:
    return render_document(build(small_year())[1], written_at=WRITTEN_AT).content


@pytest.fixture
def section_file(written: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "section.docx"
    path.write_bytes(written)
    return path


def verify(path: Path, ledger: Ledger) -> Verification:
    return verify_document(path, build(ledger)[0])


def replace_in_body(path: Path, old: str, new: str) -> None:
    """Change words inside one run, as a hand in Word does."""
    document = Document(str(path))
    run = next(run for paragraph in document.paragraphs for run in paragraph.runs if old in run.text)
    run.text = run.text.replace(old, new, 1)
    document.save(str(path))


def edit_number(path: Path, reference: str, new: str) -> None:
    document = Document(str(path))
    bookmark = document.element.body.xpath(f'//w:bookmarkStart[@w:name="{reference}"]')[0]
    bookmark.getnext().text = new
    document.save(str(path))


def replace_seal(path: Path, text: str) -> None:
    document = Document(str(path))
    item = next(part for part in document.part.related_parts.values() if part.partname.endswith("customXml/item1.xml"))
    item._blob = f'<seal xmlns="urn:xuefa:section:1">{escape(text)}</seal>'.encode()
    document.save(str(path))


def statuses(verification: Verification) -> dict[str, str]:
    return {check.reference: check.status for check in verification.numbers if check.status != "holds"}


def test_an_untouched_document_verifies(section_file: Path, ledger: Ledger) -> None:
    verification = verify(section_file, ledger)

    assert verification.ok
    assert verification.findings == ()
    assert "与现有记录一致" in verification.summary


def test_opening_and_saving_without_a_change_still_verifies(section_file: Path, ledger: Ledger) -> None:
    Document(str(section_file)).save(str(section_file))

    assert verify(section_file, ledger).ok


def test_a_record_added_later_is_told_as_a_change_of_the_records(section_file: Path, ledger: Ledger) -> None:
    ledger.record(Verb.PUBLISHED, "2022-12-01 10:00", text="补登一期")
    verification = verify(section_file, ledger)

    assert not verification.ok
    assert statuses(verification) == {"fig_pushes_1": "changed", "fig_pushes_2": "changed"}
    assert "写的是3，现在是4" in str(verification.findings[0])
    assert verification.edits == ()


def test_a_number_edited_by_hand_is_told_as_an_edit(section_file: Path, ledger: Ledger) -> None:
    edit_number(section_file, "fig_pushes_1", "13")
    verification = verify(section_file, ledger)

    assert statuses(verification) == {"fig_pushes_1": "edited"}
    assert "手工改过：生成时是3，文件里是13，按现有记录是3" in str(verification.findings[0])


def test_an_edit_and_a_new_record_at_once_are_told_apart(section_file: Path, ledger: Ledger) -> None:
    edit_number(section_file, "fig_pushes_1", "13")
    ledger.record(Verb.CERTIFIED, "2022-12-01 10:00", "C")

    found = statuses(verify(section_file, ledger))
    assert found["fig_pushes_1"] == "edited"
    assert found["fig_certified_1"] == "changed"
    assert "fig_pushes_2" not in found


def test_a_number_edited_to_what_the_records_say_now_is_still_an_edit(section_file: Path, ledger: Ledger) -> None:
    ledger.record(Verb.PUBLISHED, "2022-12-01 10:00")
    edit_number(section_file, "fig_pushes_1", "4")

    assert statuses(verify(section_file, ledger)) == {"fig_pushes_1": "edited", "fig_pushes_2": "changed"}


def test_edited_words_are_shown_before_and_after(section_file: Path, ledger: Ledger) -> None:
    replace_in_body(section_file, "等法律法规文件", "等重要法律法规文件")
    verification = verify(section_file, ledger)

    assert statuses(verification) == {}
    assert len(verification.edits) == 1
    assert "现为“" in str(verification.findings[0])
    assert "等重要法律法规文件" in str(verification.findings[0])


def test_a_chart_that_was_edited_by_hand_is_told(section_file: Path, ledger: Ledger) -> None:
    document = Document(str(section_file))
    chart = next(part for part in document.part.related_parts.values() if part.partname.endswith("chart2.xml"))
    assert b"<c:v>75.0</c:v>" in chart.blob
    chart._blob = chart.blob.replace(b"<c:v>75.0</c:v>", b"<c:v>95.0</c:v>")
    document.save(str(section_file))

    verification = verify(section_file, ledger)
    assert not verification.ok
    assert "1幅图改动过" in verification.summary
    (finding,) = verification.findings
    assert finding.place.endswith("图2")
    assert "《行政诉讼法》 75" in finding.fault
    assert "《行政诉讼法》 95" in finding.fault


def test_a_point_of_a_chart_that_no_longer_holds_is_told_with_chart_place_and_numbers(
    section_file: Path, ledger: Ledger
) -> None:
    ledger.session("2022-05-12")
    verification = verify(section_file, ledger)
    drawn = {check.reference: check for check in verification.numbers if check.is_drawn}
    (changed,) = [check for check in drawn.values() if check.status != "holds"]

    assert len(drawn) == 3 * 12 + 2
    assert (changed.figure_id, changed.status) == ("sessions_evening_m05", "changed")
    assert verification.chart_edits == ()
    told = [str(finding) for finding in verification.findings if "图1" in finding.place]
    assert len(told) == 1
    assert "“图1　分月集中学习次数”“5月干部夜学”（5月干部夜学次数）：记录有变化：写的是0，现在是1" in told[0]


def test_a_point_drawn_over_by_hand_and_a_change_of_the_records_are_both_told(
    section_file: Path, ledger: Ledger
) -> None:
    document = Document(str(section_file))
    chart = next(part for part in document.part.related_parts.values() if part.partname.endswith("chart2.xml"))
    chart._blob = chart.blob.replace(b"<c:v>75.0</c:v>", b"<c:v>95.0</c:v>")
    document.save(str(section_file))
    over = next(check for check in verify(section_file, ledger).numbers if check.is_drawn and check.status != "holds")
    ledger.answer("2022-03-12 20:00", "C", "xzss-0001", correct=True)
    changed = verify(section_file, ledger)

    assert (over.status, over.written, over.current) == ("edited", "95", "75.0%（3/4）")
    assert (
        over.line
        == "手工改过：“图2　分法律法规答题正确率”“《行政诉讼法》”《行政诉讼法》答题正确率 95，现在是75.0%（3/4）"
    )
    told = [finding.fault for finding in changed.findings if "图2" in finding.place]
    assert told[0] == "记录有变化：写的是75.0%（3/4），现在是80.0%（4/5）"
    assert "图里的数改动过：原为“" in told[1]
    assert len(told) == 2


def test_a_point_whose_figure_the_records_no_longer_give_is_told_by_its_place(
    section_file: Path, ledger: Ledger
) -> None:
    ledger.records[:] = [record for record in ledger.records if not (record.item_id or "").startswith("fyzz")]
    (gone,) = [check for check in verify(section_file, ledger).numbers if check.is_drawn and check.status != "holds"]

    assert (gone.status, gone.name, gone.current) == ("no_figure", "", None)
    assert gone.line == "没有这个指标：“图2　分法律法规答题正确率”“《反有组织犯罪法》” 50.0%（1/2），现在是没有"


def test_a_section_sealed_before_points_were_is_still_verified_by_its_drawings(
    section_file: Path, ledger: Ledger
) -> None:
    seal = read_document(section_file).seal
    assert seal is not None
    content = seal.model_dump_json(exclude={"points"})
    replace_seal(section_file, f"{hashlib.sha256(content.encode()).hexdigest()} {content}")
    ledger.session("2022-05-12")
    verification = verify(section_file, ledger)

    assert verification.is_sealed
    assert verification.chart_edits == ()
    assert "fig_sessions_m05_1" in statuses(verification)
    assert not any(check.is_drawn for check in verification.numbers)


def test_a_chart_saved_with_more_places_is_the_same_and_a_deleted_one_is_told(
    section_file: Path, ledger: Ledger
) -> None:
    document = Document(str(section_file))
    chart = next(part for part in document.part.related_parts.values() if part.partname.endswith("chart2.xml"))
    chart._blob = chart.blob.replace(b"<c:v>75.0</c:v>", b"<c:v>75.000000000000014</c:v>")
    document.save(str(section_file))
    assert verify(section_file, ledger).ok

    drawing = document.element.body.xpath("//w:drawing")[-1]
    drawing.getparent().remove(drawing)
    document.save(str(section_file))
    assert ["图增加了或者删去了" in str(one) for one in verify(section_file, ledger).findings] == [True]


def test_a_paragraph_that_was_deleted_is_told_with_its_numbers(section_file: Path, ledger: Ledger) -> None:
    document = Document(str(section_file))
    paragraph = next(p for p in document.paragraphs if p.text.startswith("及时组织有考试资格"))
    paragraph._p.getparent().remove(paragraph._p)
    document.save(str(section_file))
    verification = verify(section_file, ledger)

    assert statuses(verification) == {"fig_certified_2": "removed"}
    assert [edit.after for edit in verification.edits] == [None]
    assert "全年共有2名干部通过执法考试" in (verification.edits[0].before or "")


def test_a_paragraph_that_was_added_is_told(section_file: Path, ledger: Ledger) -> None:
    document = Document(str(section_file))
    document.paragraphs[-1].insert_paragraph_before("另外补充一句。")
    document.save(str(section_file))

    assert [edit.after for edit in verify(section_file, ledger).edits] == ["另外补充一句。"]


def test_a_figure_that_the_records_no_longer_give_is_told(section_file: Path, ledger: Ledger) -> None:
    ledger.exam_results.clear()
    found = statuses(verify(section_file, ledger))

    assert found["fig_exam_mean_2022_1_1"] == "no_figure"


def test_a_document_without_a_seal_is_checked_against_the_records_alone(section_file: Path, ledger: Ledger) -> None:
    bare = section_file.with_name("bare.docx")
    with zipfile.ZipFile(section_file) as source, zipfile.ZipFile(bare, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, b"<none/>" if name == "customXml/item1.xml" else content)
    ledger.record(Verb.PUBLISHED, "2022-12-01 10:00")
    verification = verify(bare, ledger)

    assert not verification.is_sealed
    assert not verification.ok
    assert statuses(verification) == {"fig_pushes_1": "changed", "fig_pushes_2": "changed"}
    assert "没有封存信息" in verification.summary


def test_a_seal_that_was_tampered_with_is_no_seal(section_file: Path, ledger: Ledger) -> None:
    broken = section_file.with_name("broken.docx")
    with zipfile.ZipFile(section_file) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(b'"unit"', b'"town"') if "item1.xml" in name else content)

    assert not verify(broken, ledger).is_sealed


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_word_document_is_refused_in_chinese(tmp_path: Path, content: bytes, ledger: Ledger) -> None:
    path = tmp_path / "fake.docx"
    path.write_bytes(content)

    with pytest.raises(BadInputError, match="这不是 Word 文档"):
        verify(path, ledger)


def test_a_workbook_given_for_a_document_is_refused(tmp_path: Path, ledger: Ledger) -> None:
    path = tmp_path / "book.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(
            "[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"
        )

    with pytest.raises(BadInputError, match="这不是 Word 文档"):
        verify(path, ledger)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path, ledger: Ledger) -> None:
    with pytest.raises(MissingPartError, match="找不到这个文件"):
        verify(tmp_path / "none.docx", ledger)
