"""The grade cell of a question: the code with the key that nbgrader hides on release, and what it prints and returns.

Stock `nbgrader autograde` executes this code; the kit's marking reads the key out of it and executes nothing. Both give
the same text and the same plain float: nbgrader gives full credit for a last value that is False, None, negative or no
number, and none at all for anything on stderr.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from xuefa.bank.item import KIND_NAMES
from xuefa.errors import BadInputError, Finding
from xuefa.exam.answers import ANSWERS_FILE, read_answers
from xuefa.exam.paper import PAPER_FILE, PaperQuestion, read_paper
from xuefa.exam.scoring import MarkingKey, ObjectiveKind, render_points, score_response

Guide = tuple[tuple[str, float], ...]
"""The elements of an essay's marking guide, each with the points it is worth."""

_BEGIN, _END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


def render_grade_cell(marking_key: MarkingKey) -> str:
    """The source of the grade cell; what stands between the two marks is not released."""
    key = marking_key
    lines = [
        f"# {key.question_id} {KIND_NAMES[key.kind]}：自动评分",
        _BEGIN,
        "from xuefa.exam.grade_cell import mark_answer",
        "",
        f"mark_answer({key.question_id!r}, kind={key.kind!r}, key={key.key!r}, points={float(key.points)!r}, "
        f"rule={key.rule!r}, subset_ratio={float(key.subset_ratio)!r}, option_points={float(key.option_points)!r}, "
        f"deduction_points={float(key.deduction_points)!r}, void={key.void!r})",
        _END,
    ]
    return "\n".join(lines)


def parse_grade_cell(source: str, *, place: str) -> MarkingKey:
    """Read the key out of an instructor's grade cell; raise BadInputError if it was written over."""
    call = _find_call("mark_answer", source=source, place=place)
    try:
        values: dict[str, Any] = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
        return MarkingKey(question_id=ast.literal_eval(call.args[0]), **values)
    except (ValueError, IndexError, TypeError):
        raise _overwritten(place) from None


def render_outcome(marking_key: MarkingKey, response: str) -> str:
    """One line for formgrader and feedback: the learner's choice beside the key and the points."""
    points = render_points(score_response(marking_key, response))
    outcome = {
        None: f"得分：{points}／{render_points(marking_key.points)}",
        "full": f"本题作废，人人得 {points} 分",
        "out": "本题作废，不计入总分",
    }[marking_key.void]
    return (
        f"学员答案：{_in_words(marking_key.kind, response) or '未作答'}　"
        f"正确答案：{_in_words(marking_key.kind, marking_key.key)}　"
        f"{outcome}"
    )


def mark_answer(question_id: str, **marking: Any) -> float:
    """Mark one answer where stock nbgrader executes it: in `autograded/<learner>/<paper>/`.

    `marking` are the other fields of MarkingKey. Prints the outcome and returns the points as a plain float. Raises
    BadInputError if the answers cannot be taken.
    """
    marking_key = MarkingKey(question_id=question_id, **marking)
    folder = Path.cwd()
    answers = read_answers(folder / ANSWERS_FILE, paper=read_paper(folder / PAPER_FILE), learner_id=folder.parent.name)
    response = answers.response(question_id)
    print(render_outcome(marking_key, response))  # noqa: T201  the cell's output is what formgrader shows
    return score_response(marking_key, response)


def render_guide_cell(question: PaperQuestion, guide: Guide) -> str:
    """The source of an essay's guide cell (评分要点): worth no points, shown to the marker, not released."""
    elements = "".join(f"\n    ({element!r}, {float(points)!r})," for element, points in guide)
    lines = [
        f"# {question.question_id} {KIND_NAMES[question.kind]}：评分要点",
        _BEGIN,
        "from xuefa.exam.grade_cell import show_guide",
        "",
        f"show_guide([{elements}\n], points={float(question.points)!r})",
        _END,
    ]
    return "\n".join(lines)


def parse_guide_cell(source: str, *, place: str) -> tuple[Guide, float]:
    """Read guide and points out of an instructor's guide cell; raise BadInputError if it was written over."""
    call = _find_call("show_guide", source=source, place=place)
    try:
        guide = tuple((str(element), float(points)) for element, points in ast.literal_eval(call.args[0]))
        return guide, float(ast.literal_eval(call.keywords[0].value))
    except (ValueError, IndexError, TypeError):
        raise _overwritten(place) from None


def render_guide(guide: Guide, *, points: float) -> str:
    """The marking guide as lines of text."""
    total = sum(share for _, share in guide)
    note = "" if total == points else f"要点合计 {render_points(total)} 分，请按比例折算。"
    head = f"评分要点（本题 {render_points(points)} 分，请在上面“学员答案”处给分）。{note}"
    lines = [f"{number}. {element}（{render_points(share)} 分）" for number, (element, share) in enumerate(guide, 1)]
    return "\n".join([head, *lines])


def show_guide(guide: list[tuple[str, float]], *, points: float) -> float:
    """Print an essay's marking guide; the cell itself is worth nothing."""
    print(render_guide(tuple(guide), points=points))  # noqa: T201  the cell's output is what formgrader shows
    return 0.0


def _find_call(name: str, *, source: str, place: str) -> ast.Call:
    """The call that ends an instructor's cell; it is read, never executed."""
    try:
        statement = ast.parse(source).body[-1]
    except (SyntaxError, IndexError):
        raise _overwritten(place) from None
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != name:
        raise _overwritten(place)
    return call


def _overwritten(place: str) -> BadInputError:
    return BadInputError(Finding(place, "评分单元格被改动过，读不出答案或者评分要点", "请重新生成并发布这份试卷"))


def _in_words(kind: ObjectiveKind, letters: str) -> str:
    return {"T": "正确", "F": "错误"}.get(letters, letters) if kind == "judge" else letters
