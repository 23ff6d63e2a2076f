"""What a feedback page says: the values that the template shows, and the page itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from xuefa.bank.item import KIND_NAMES, EssayItem, Question
from xuefa.bank.reader import Bank
from xuefa.exam.answers import Answers
from xuefa.exam.paper import Paper, PaperQuestion
from xuefa.exam.scoring import render_points
from xuefa.exam.times import render_time
from xuefa.laws.citation import render_chinese_number
from xuefa.page_parts import PARTS_DIR

Keys = Literal["shown", "hidden"]
Verdict = Literal["right", "part", "wrong", "none", "waiting", "marked", "full", "out"]
VERDICTS: dict[Verdict, str] = {
    "right": "✓ 答对",
    "part": "△ 部分得分",
    "wrong": "✗ 答错",
    "none": "○ 未作答",
    "waiting": "… 待评阅",
    "marked": "已评阅",
    "full": "本题作废，人人得分",
    "out": "本题作废，不计入总分",
}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one learner did in a paper; `scores` are points by question id, None while a person has still to mark."""

    learner_id: str
    name: str
    answers: Answers
    total: float
    scores: Mapping[str, float | None]
    comments: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option; `is_key` is False wherever keys are hidden."""

    letter: str
    text: str
    is_chosen: bool
    is_key: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One question; `story` only where a case begins; `key`, `explanation`, `citations`, `guide` empty if hidden."""

    number: int
    kind: str
    story: str
    stem: str
    options: tuple[Option, ...]
    essay: tuple[str, ...]
    is_essay: bool
    response: str
    verdict: Verdict
    verdict_text: str
    points: str
    key: str
    explanation: str
    citations: tuple[str, ...]
    guide: tuple[tuple[str, str], ...]
    comment: str


@dataclass(frozen=True, kw_only=True)
class Subtotal:
    """Points of a section or a law; `waits` if a person has still to mark something in it."""

    title: str
    score: str
    points: str
    waits: bool


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of the paper with its questions."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class FeedbackPage:
    """All that a page shows; texts are not yet escaped, the template does that."""

    title: str
    learner_id: str
    name: str
    held_on: str
    handed_in: str
    score: str
    total: str
    pass_score: str
    excellent_score: str
    standing: str
    taken_off: str
    sections: tuple[Section, ...]
    by_section: tuple[Subtotal, ...]
    by_law: tuple[Subtotal, ...]


def make_page(paper: Paper, result: Result, *, bank: Bank, keys: Keys) -> FeedbackPage:
    """The page of one learner; `bank` holds the items as the paper was set."""
    sections, number = [], 0
    for place, section in enumerate(paper.sections, start=1):
        entries, story = [], ""
        for question in section.questions:
            number += 1
            item = bank.question(question.question_id)
            new_story = question.story if question.story != story else ""
            story = question.story
            entries.append(_entry(paper, question, item, result, number=number, story=new_story, bank=bank, keys=keys))
        title = f"{render_chinese_number(place)}、{section.title}"
        sections.append(Section(title=title, entries=tuple(entries)))
    waits = any(score is None for score in result.scores.values())
    taken_off = sum(score or 0 for score in result.scores.values()) - result.total
    laws: dict[str, list[PaperQuestion]] = {}
    for question in paper.questions:
        laws.setdefault(bank.law_of(bank[question.item_id]).title, []).append(question)
    return FeedbackPage(
        title=paper.title,
        learner_id=result.learner_id,
        name=result.name,
        held_on=f"{paper.held_on.year}年{paper.held_on.month}月{paper.held_on.day}日",
        handed_in=render_time(result.answers.handed_in_at)
        if result.answers.handed_in_at
        else "没有交卷，按已保存的答案计分",
        score=render_points(round(result.total, 2)),
        total=render_points(paper.total_points),
        pass_score=render_points(paper.counted_pass_score),
        excellent_score=render_points(paper.counted_excellent_score),
        standing=_standing(paper, result.total, waits=waits),
        taken_off=render_points(round(taken_off, 2)) if not waits and taken_off > 0.005 else "",
        sections=tuple(sections),
        by_section=tuple(
            _subtotal(shown.title, section.questions, paper=paper, result=result)
            for shown, section in zip(sections, paper.sections, strict=True)
        ),
        by_law=tuple(_subtotal(f"《{law}》", asked, paper=paper, result=result) for law, asked in laws.items()),
    )


def render_page(page: FeedbackPage) -> str:
    """The HTML of a page; everything in it is escaped."""
    return _template().render(page=page)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader([Path(__file__).parent, PARTS_DIR]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def _entry(
    paper: Paper,
    question: PaperQuestion,
    item: Question,
    result: Result,
    *,
    number: int,
    story: str,
    bank: Bank,
    keys: Keys,
) -> Entry:
    response = result.answers.response(question.question_id)
    is_essay, shown = question.kind == "essay", keys == "shown"
    verdict = _verdict(paper, question, result, response)
    score = result.scores.get(question.question_id)
    points = render_points(question.points)
    guide = item.item.guide if isinstance(item.item, EssayItem) and shown else ()
    law = bank.law_of(item.item).title
    return Entry(
        number=number,
        kind=KIND_NAMES[question.kind],
        story=story,
        stem=question.stem,
        options=tuple(
            Option(letter=letter, text=text, is_chosen=letter in response, is_key=shown and letter in item.key)
            for letter, text in ({} if is_essay else question.options).items()
        ),
        essay=tuple(response.strip().splitlines()) if is_essay else (),
        is_essay=is_essay,
        response=_in_words(question, response) or "未作答",
        verdict=verdict,
        verdict_text=VERDICTS[verdict],
        points="" if verdict == "out" else f"{'—' if score is None else render_points(round(score, 2))}／{points} 分",
        key=_in_words(question, item.key) if shown else "",
        explanation=item.explanation if shown else "",
        citations=tuple(f"《{one.law or law}》{one.number}" for one in item.citations) if shown else (),
        guide=tuple((part.element, render_points(part.points)) for part in guide),
        comment=result.comments.get(question.question_id, ""),
    )


def _verdict(paper: Paper, question: PaperQuestion, result: Result, response: str) -> Verdict:
    if void := paper.voided.get(question.question_id):
        return void
    score = result.scores.get(question.question_id)
    if score is None:
        return "waiting"
    if not response.strip():
        return "none"
    if question.kind == "essay":
        return "marked"
    if score >= question.points:
        return "right"
    return "part" if score > 0 else "wrong"


def _standing(paper: Paper, total: float, *, waits: bool) -> str:
    if waits:
        return "还有题待评阅，分数未定"
    if total >= paper.counted_excellent_score - 1e-9:
        return "优秀"
    return "及格" if total >= paper.counted_pass_score - 1e-9 else "不及格"


def _subtotal(title: str, questions: Iterable[PaperQuestion], *, paper: Paper, result: Result) -> Subtotal:
    asked = tuple(questions)
    scores = [result.scores.get(question.question_id, 0) for question in asked]
    return Subtotal(
        title=title,
        score=render_points(round(sum(score or 0 for score in scores), 2)),
        points=render_points(sum(paper.points_of(question) for question in asked)),
        waits=None in scores,
    )


def _in_words(question: PaperQuestion, letters: str) -> str:
    return question.options.get(letters, letters) if question.kind == "judge" else letters
