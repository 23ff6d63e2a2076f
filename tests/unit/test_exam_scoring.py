from __future__ import annotations

import pytest

from xuefa.errors import BadInputError
from xuefa.exam.grade_cell import parse_grade_cell, parse_guide_cell, render_grade_cell, render_outcome
from xuefa.exam.scoring import MarkingKey, MultipleRule, ObjectiveKind, score_response


def marking_key(
    kind: ObjectiveKind, key: str, *, rule: MultipleRule = "all_or_nothing", points: float = 3
) -> MarkingKey:
    return MarkingKey(question_id="xzss-0001", kind=kind, key=key, points=points, rule=rule)


@pytest.mark.parametrize(
    ("kind", "key", "rule", "response", "points"),
    [
        ("single", "B", "all_or_nothing", "B", 3),
        ("single", "B", "all_or_nothing", "C", 0),
        ("single", "B", "all_or_nothing", "", 0),
        ("judge", "T", "all_or_nothing", "T", 3),
        ("judge", "F", "all_or_nothing", "T", 0),
        ("multiple", "ABD", "all_or_nothing", "ABD", 3),
        ("multiple", "ABD", "all_or_nothing", "AB", 0),
        ("multiple", "ABD", "all_or_nothing", "ABCD", 0),
        ("multiple", "ABD", "subset", "ABD", 3),
        ("multiple", "ABD", "subset", "AB", 1.5),
        ("multiple", "ABD", "subset", "D", 1.5),
        ("multiple", "ABD", "subset", "AC", 0),
        ("multiple", "ABD", "subset", "ABCD", 0),
        ("multiple", "ABD", "subset", "", 0),
        ("single", "B", "subset", "", 0),
    ],
)
def test_a_response_earns_what_the_rule_says(
    kind: ObjectiveKind, key: str, rule: MultipleRule, response: str, points: float
) -> None:
    score = score_response(marking_key(kind, key, rule=rule), response)
    assert score == points
    assert type(score) is float


def test_every_score_lies_within_the_points() -> None:
    letters = ("A", "B", "C", "D")
    for number in range(16):
        response = "".join(letter for index, letter in enumerate(letters) if number >> index & 1)
        for rule in ("all_or_nothing", "subset"):
            assert 0 <= score_response(marking_key("multiple", "ABD", rule=rule, points=0.5), response) <= 0.5


def test_the_outcome_shows_choice_key_and_points_in_words() -> None:
    assert render_outcome(marking_key("judge", "T"), "F") == "学员答案：错误　正确答案：正确　得分：0／3"
    assert render_outcome(marking_key("multiple", "ABD", rule="subset"), "AB") == (
        "学员答案：AB　正确答案：ABD　得分：1.5／3"
    )
    assert render_outcome(marking_key("single", "B"), "").startswith("学员答案：未作答　")


def test_a_key_is_read_back_out_of_its_cell() -> None:
    for key in (marking_key("single", "B"), marking_key("multiple", "ABD", rule="subset", points=2.5)):
        assert parse_grade_cell(render_grade_cell(key), place="卷") == key


@pytest.mark.parametrize(
    "source",
    [
        "",
        "mark_answer(",
        "1.0",
        "other('xzss-0001', key='B')",
        "mark_answer('xzss-0001', key=open('x').read())",
        "mark_answer('xzss-0001', kind='single')",
        "mark_answer('xzss-0001', **{'key': 'B'})",
    ],
)
def test_a_cell_that_was_written_over_is_refused_and_not_executed(source: str) -> None:
    for parse in (parse_grade_cell, parse_guide_cell):
        with pytest.raises(BadInputError, match="评分单元格被改动过"):
            parse(source, place="卷")
