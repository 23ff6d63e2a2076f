"""What the three printed files say alike: titles, 一、二、三 of sections and the running numbers of questions."""

from __future__ import annotations

from dataclasses import dataclass

from xuefa.bank.item import KIND_NAMES
from xuefa.exam.paper import Paper, PaperQuestion, PaperSection
from xuefa.exam.scoring import render_points
from xuefa.laws.citation import render_chinese_number

JUDGE_MARKS = {"T": "√", "F": "×"}
"""How 正确 and 错误 are written on paper."""

NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True)
class NumberedQuestion:
    """A question under the number that paper, card and key give it: 1, 2, 3 … through all sections."""

    number: int
    question: PaperQuestion


@dataclass(frozen=True)
class NumberedSection:
    """A section with its 一, 二, 三 and its questions in the paper's order."""

    numeral: str
    section: PaperSection
    questions: tuple[NumberedQuestion, ...]

    @property
    def heading(self) -> str:
        return f"{self.numeral}、{one_line(self.section.title)}"


def number_sections(paper: Paper) -> tuple[NumberedSection, ...]:
    """The sections of a paper, numbered as they are printed."""
    sections, first = [], 1
    for section_number, section in enumerate(paper.sections, start=1):
        questions = tuple(NumberedQuestion(number, one) for number, one in enumerate(section.questions, start=first))
        sections.append(NumberedSection(render_chinese_number(section_number), section, questions))
        first += len(questions)
    return tuple(sections)


def render_title(paper: Paper) -> str:
    """The title without the round and form that `render_round` says."""
    title = one_line(paper.title)
    return title.removesuffix(f"（{paper.form}卷）").removesuffix("（补考）")


def render_round(paper: Paper) -> str:
    """Which form and which round: A卷, A卷　第一次补考; empty for the only form of a first round."""
    parts = [f"{paper.form}卷"] if paper.form else []
    if paper.attempt > 1:
        parts.append(f"第{render_chinese_number(paper.attempt - 1)}次补考")
    return "　".join(parts)


def render_running_text(paper: Paper) -> str:
    """What stands at the foot of every page: the paper's id and form."""
    return "　".join(filter(None, (f"卷号 {paper.paper_id}", render_round(paper))))


def render_section_note(section: PaperSection) -> str:
    """（共 20 题，每题 2 分，共 40 分）; the points of each are left out where they differ."""
    points = {question.points for question in section.questions}
    stories = len({question.item_id for question in section.questions}) if section.kind == "case" else 0
    parts = [f"{stories} 个案例，" if stories else "", f"共 {len(section.questions)} 题"]
    if len(points) == 1:
        parts.append(f"，每题 {render_points(points.pop())} 分")
    return f"（{''.join(parts)}，共 {render_points(section.total_points)} 分）"


def render_own_points(question: PaperQuestion) -> str:
    """（2.5 分）, which no line breaks in two."""
    return f"（{render_points(question.points)}{NO_BREAK_SPACE}分）"


def render_kind(question: PaperQuestion) -> str:
    """【多选】, where questions of several kinds stand side by side."""
    return f"【{KIND_NAMES[question.kind]}】"


def has_own_points(section: PaperSection) -> bool:
    """Whether the points must stand at each question, since they differ within the section."""
    return len({question.points for question in section.questions}) > 1


def one_line(text: str) -> str:
    """The text without line breaks: they are the bank file's, not the author's."""
    return " ".join(text.split())
