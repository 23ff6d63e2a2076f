from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.exam_course import FIXTURES, PROJECT, assemble_paper, fixture_bank, small_paper
from xuefa.bank.reader import Bank, read_bank
from xuefa.errors import BadInputError
from xuefa.exam.assembly import split_points
from xuefa.exam.blueprint import Blueprint, read_blueprint
from xuefa.exam.notebook import render_essay, render_source, write_source
from xuefa.exam.paper import public_paper, read_paper, select_exam_papers, write_paper

BLUEPRINT_FAULTS = {
    "blueprint_unknown_key.yaml": ("不认识的项“point”", "是不是想写“points”"),
    "blueprint_pass_above_total.yaml": ("及格线 90、优秀线 95 与满分 40 不相配", "优秀线不高于满分"),
    "blueprint_third_of_a_point.yaml": ("第 8 行", "分值 0.3 不是半分的整数倍"),
    "blueprint_unknown_shuffle.yaml": ("“shuffle”的值“random”不在允许的范围内",),
    "blueprint_unknown_rule.yaml": (
        "“rule”的值“partial”不在允许的范围内",
        "可用的值：all_or_nothing、subset、subset_each、per_option",
    ),
}


@pytest.fixture(scope="module")
def bank() -> Bank:
    return fixture_bank()


@pytest.fixture(scope="module")
def blueprint() -> Blueprint:
    return read_blueprint(FIXTURES / "blueprint_small.yaml")


@pytest.mark.parametrize("name", BLUEPRINT_FAULTS)
def test_a_bad_blueprint_is_refused_with_its_fault_and_fix(name: str) -> None:
    with pytest.raises(BadInputError) as refused:
        read_blueprint(FIXTURES / name)
    for words in BLUEPRINT_FAULTS[name]:
        assert words in str(refused.value)


def test_the_practice_blueprint_makes_a_paper_of_100_points_from_the_bank() -> None:
    practice = read_blueprint(PROJECT / "grading" / "blueprints" / "practice.yaml")
    bank = read_bank(PROJECT / "question_bank")
    paper = assemble_paper(practice, bank=bank, seed=1)
    assert paper.total_points == practice.total_points == 100
    assert [len(section.questions) for section in paper.sections[:3]] == [20, 10, 10]
    points = Counter[str]()
    for question in paper.questions:
        points[question.item_id.partition("-")[0]] += round(question.points * 2)
    assert {law: round(points[law] / 2) for law in points}.keys() == {"xzss", "fyzz", "xczx"}
    assert max(points.values()) - min(points.values()) <= 20  # halves: within the points of one case


def test_a_profile_follows_the_published_format_it_names_and_no_other_is_named_after_a_place() -> None:
    """What the notices say is all that is known of these exams; of 湖南's the profile says that it is only alike."""
    plans = {path.stem: read_blueprint(path) for path in (PROJECT / "grading" / "blueprints").glob("*.yaml")}
    assert plans.keys() == {"practice", "drill", "jining", "hunan_like"}
    assert [(one.kind, one.count, one.points) for one in plans["jining"].sections] == [
        ("single", 40, 1),
        ("multiple", 20, 2),
        ("judge", 20, 1),
    ]
    assert (plans["jining"].total_points, plans["jining"].duration_minutes, plans["jining"].pass_score) == (100, 60, 80)
    assert (plans["hunan_like"].item_count, plans["hunan_like"].duration_minutes) == (85, 90)
    assert [one.kind for one in plans["hunan_like"].sections] == ["single", "multiple", "judge"]
    assert "仿" in plans["hunan_like"].title
    assert "相仿" in plans["hunan_like"].source
    assert all(plans[name].attempts > 1 for name in ("jining", "hunan_like"))
    for name in ("practice", "drill"):
        text = (PROJECT / "grading" / "blueprints" / f"{name}.yaml").read_text(encoding="utf-8")
        assert plans[name].source == ""
        assert "我们自己定的，不照哪里的考试" in text


def test_a_paper_meets_its_counts_and_repeats_no_item(bank: Bank, blueprint: Blueprint) -> None:
    for seed in range(20):
        paper = small_paper(bank, seed=seed)
        items = [{question.item_id for question in section.questions} for section in paper.sections]
        assert [len(chosen) for chosen in items] == [section.count for section in blueprint.sections]
        assert len(set().union(*items)) == sum(map(len, items))
        assert paper.total_points == blueprint.total_points


def test_the_same_seed_gives_the_same_paper_and_another_seed_another(bank: Bank) -> None:
    assert small_paper(bank, seed=5) == small_paper(bank, seed=5)
    assert small_paper(bank, seed=5).sections != small_paper(bank, seed=6).sections


def test_only_active_items_are_chosen(bank: Bank) -> None:
    first = small_paper(bank)
    taken = next(iter(first.questions)).item_id
    items = tuple(item.model_copy(update={"status": "retired"}) if item.id == taken else item for item in bank.items)
    for seed in range(20):
        paper = small_paper(replace(bank, items=items), seed=seed)
        assert taken not in {question.item_id for question in paper.questions}


def test_too_small_a_bank_names_section_needed_and_available(bank: Bank, blueprint: Blueprint) -> None:
    sections = tuple(
        section.model_copy(update={"count": 30}) if section.kind in {"single", "judge"} else section
        for section in blueprint.sections
    )
    greedy = blueprint.model_copy(update={"sections": sections})
    with pytest.raises(BadInputError) as refused:
        assemble_paper(greedy, bank=bank, seed=1)
    shortages = [re.findall(r"\d+", finding.fault) for finding in refused.value.findings]
    assert all(int(needed) - int(available) == int(short) for needed, available, short in shortages)
    assert [int(available) for _, available, _ in shortages] == [3, 3, 2, 2]
    assert sum(int(short) for _, _, short in shortages) == (30 - 6) + (30 - 4)
    assert "单选题、行政诉讼法" in refused.value.findings[0].place


def test_a_law_outside_the_catalogue_is_an_error(bank: Bank, blueprint: Blueprint) -> None:
    strange = blueprint.model_copy(update={"laws": {"xzss": 1.0, "minfa": 1.0}})
    with pytest.raises(BadInputError, match="里没有“minfa”"):
        assemble_paper(strange, bank=bank, seed=1)


@pytest.mark.parametrize("paper_id", ["../x", "a b", "", "试卷", "con", "a" * 80, "a\n"])
def test_a_paper_id_that_could_lead_elsewhere_is_refused(paper_id: str, bank: Bank) -> None:
    with pytest.raises(BadInputError, match="写法不对"):
        small_paper(bank, paper_id=paper_id)


def test_the_points_of_a_case_are_shared_exactly_in_halves() -> None:
    assert split_points(10, parts=3) == (3.5, 3.5, 3.0)
    assert split_points(10, parts=4) == (2.5, 2.5, 2.5, 2.5)
    assert split_points(0.5, parts=2) == (0.5, 0.0)


def test_a_paper_is_read_back_unchanged(bank: Bank, tmp_path: Path) -> None:
    paper = small_paper(bank)
    write_paper(paper, tmp_path / "paper.json")
    assert read_paper(tmp_path / "paper.json") == paper


def test_a_spoilt_paper_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "paper.json").write_text('{"paper_id": "x"}', encoding="utf-8")
    with pytest.raises(BadInputError, match="不完整或被改动过"):
        read_paper(tmp_path / "paper.json")


def test_what_a_learner_may_see_does_not_depend_on_the_keys(bank: Bank) -> None:
    """Two banks that differ in nothing but keys, explanations, evidence and guides show a learner the same paper."""
    other = with_other_keys(bank)
    paper, other_paper = small_paper(bank), small_paper(other)
    for one in (bank.question(question.question_id) for question in paper.questions):
        changed_one = other.question(one.question_id)
        assert changed_one.explanation != one.explanation
        assert not set(changed_one.evidence) & set(one.evidence)
    keys = {one.question_id: bank.question(one.question_id).key for one in paper.questions if one.kind != "essay"}
    changed = [question_id for question_id, key in keys.items() if other.question(question_id).key != key]
    assert changed == list(keys)
    assert public_paper(paper) == public_paper(other_paper)


def test_an_item_changed_after_assembly_cannot_be_written_into_the_paper(bank: Bank, tmp_path: Path) -> None:
    paper = small_paper(bank)
    with pytest.raises(BadInputError, match="在组卷以后改过"):
        write_source(paper, bank=with_other_keys(bank), course_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_question_has_one_grade_cell_with_its_points(bank: Bank) -> None:
    paper = small_paper(bank)
    cells = render_source(paper, bank=bank)["cells"]
    graded = {
        cell["id"].replace("_", "."): cell["metadata"]["nbgrader"]["points"]
        for cell in cells
        if cell["metadata"]["nbgrader"]["grade"] and not cell["id"].startswith("guide-")
    }
    assert graded == {question.question_id: question.points for question in paper.questions}
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert all(cell["metadata"]["jupyter"]["source_hidden"] for cell in cells if cell["cell_type"] == "code")


def test_an_essay_becomes_inert_text() -> None:
    rendered = render_essay('<img src=x onerror="alert(1)">\n`a` $x$ \\(y\\)\n\n第二段')
    assert rendered == (
        '<div class="mathjax_ignore tex2jax_ignore"><p>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;'
        "<br>&#96;a&#96; &#36;x&#36; &#92;(y&#92;)</p><p>第二段</p></div>"
    )


def test_an_exam_is_its_forms_and_every_makeup_of_any_of_them_and_no_other_paper() -> None:
    paper = small_paper(fixture_bank())
    chain = {"b": "", "a": "", "c": "b", "d": "c", "e": "a", "x": "", "y": "x", "z": "gone"}
    papers = [
        paper.model_copy(update={"paper_id": name, "makeup_of": before, "form": name.upper() if name in "ab" else ""})
        for name, before in chain.items()
    ]
    for name in "abcde":
        named = next(one for one in papers if one.paper_id == name)
        assert [one.paper_id for one in select_exam_papers(named, papers=papers)] == ["b", "a", "c", "d", "e"]
    assert [one.paper_id for one in select_exam_papers(papers[6], papers=papers)] == ["x", "y"]
    assert select_exam_papers(papers[7], papers=()) == (papers[7],)
    in_a_ring = [papers[0].model_copy(update={"makeup_of": "c"}), papers[2]]
    assert select_exam_papers(in_a_ring[0], papers=in_a_ring)


def with_other_keys(bank: Bank) -> Bank:
    """The same bank with every key, explanation, evidence and guide changed.

    The new words of evidence are alike where the old ones were: what rests on the same words still does.
    """

    def changed(part: object) -> object:
        update: dict[str, object] = {
            "explanation": "另一种说法",
            "evidence": tuple(f"别的字：{words[::-1]}" for words in getattr(part, "evidence", ())),
        }
        kind, answer = part.kind, getattr(part, "answer", None)  # type: ignore[attr-defined]
        if kind == "single":
            update["answer"] = "B" if answer == "A" else "A"
        elif kind == "multiple":
            update["answer"] = "AC" if answer == "AB" else "AB"
        elif kind == "judge":
            update["answer"] = not answer
        elif kind == "essay":
            update["guide"] = tuple(
                one.model_copy(update={"element": "别的要点"})
                for one in part.guide  # type: ignore[attr-defined]
            )
        elif kind == "case":
            update = {"questions": tuple(changed(one) for one in part.questions)}  # type: ignore[attr-defined]
        return part.model_copy(update=update)  # type: ignore[attr-defined]

    return replace(bank, items=tuple(changed(item) for item in bank.items))  # type: ignore[misc]
