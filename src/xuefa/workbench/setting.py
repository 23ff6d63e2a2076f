"""Tab 组卷: a paper from a blueprint, and a look at it with its keys before anyone else sees it."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding, XuefaError
from xuefa.exam.blueprint import read_blueprint
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.names import require_paper_id
from xuefa.exam.paper import Paper, PaperQuestion, read_course_paper, read_papers, source_dir
from xuefa.exam.scoring import render_points
from xuefa.workbench.cards import render_details, render_done, render_table
from xuefa.workbench.desk import Action, Desk, field, require_whole_number, show_text
from xuefa.workbench.papers import PaperChoice, is_released, one_by_one
from xuefa.workflows.exam_setting import set_papers
from xuefa.workflows.site import today

FORM_COUNTS = [
    ("按组卷方案", 0),  # a list shows nothing where its value is None
    ("一份", 1),
    *((f"{words}份平行卷，难度相当、题目不同", number) for number, words in enumerate("两三四", start=2)),
]
_NO_MAKEUP = ("不是补考", "")
JUDGE_WORDS = {"T": "正确", "F": "错误"}


def list_blueprints(folder: Path) -> tuple[tuple[str, str], ...]:
    """What the list of blueprints shows, with the name each stands for; one that cannot be read is named as such."""
    return tuple((_blueprint_label(path), path.stem) for path in sorted(folder.glob("*.yaml")))


def propose_paper_id(blueprint: str, *, held_on: date, taken: Collection[str]) -> str:
    """The first free id of that month and blueprint: 2026-11-practice-1."""
    stem = f"{held_on:%Y-%m}-{blueprint if blueprint.isascii() else 'paper'}"
    return next(name for number in itertools.count(1) if (name := f"{stem}-{number}") not in taken)


def render_preview(paper: Paper, bank: Bank) -> str:
    """A paper as its trainer sees it: sections, laws with difficulty, every question with its key."""
    sections = [
        (section.title, len(section.questions), section.total_points, _mean_difficulty(section.questions, bank))
        for section in paper.sections
    ]
    by_law: dict[str, list[PaperQuestion]] = defaultdict(list)
    for question in paper.questions:
        by_law[bank.law_of(bank[question.item_id]).name].append(question)
    laws = [
        (name, len(group), sum(one.points for one in group), _mean_difficulty(group, bank))
        for name, group in by_law.items()
    ]
    questions = "".join(
        render_details(
            f"{section.title}（{len(section.questions)} 题，看题目和答案）",
            f"<ol>{''.join(f'<li>{_render_question(one, bank)}</li>' for one in section.questions)}</ol>",
        )
        for section in paper.sections
    )
    return (
        f"<p><strong>{escape(paper.title)}</strong>（{escape(paper.paper_id)}）　{len(paper.questions)} 道小题，"
        f"满分 {render_points(paper.total_points)} 分，{paper.duration_minutes} 分钟，"
        f"{render_points(paper.pass_score)} 分及格，种子 {paper.seed}</p>"
        + render_table("题型", ("题型", "题数", "分值", "平均难度"), sections)
        + render_table("法律", ("法律", "题数", "分值", "平均难度"), laws)
        + questions
    )


def open_setting_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    makeup_of = field(widgets.Dropdown, "是不是补考", options=[_NO_MAKEUP])
    blueprint = field(widgets.Dropdown, "组卷方案", options=list_blueprints(settings.blueprints_dir))
    held_on = field(widgets.DatePicker, "考试日期", value=today())
    paper_id = field(widgets.Text, "卷号")
    forms = field(widgets.Dropdown, "份数", options=FORM_COUNTS)
    seed = field(widgets.Text, "随机种子", placeholder="一般不填；填同一个数，组出同一份卷")
    follow = _follow_proposal(settings.course_dir, blueprint=blueprint, held_on=held_on, paper_id=paper_id)
    desk.add_refresher(follow)
    desk.add_refresher(_follow_sittings(desk, makeup_of=makeup_of, blueprint=blueprint))
    chosen = PaperChoice(desk, wanted=lambda _: True, none_yet="还没有组过卷")

    def work(tell: Callable[[int, int], None]) -> str:
        if not blueprint.value:
            raise BadInputError(Finding("组卷方案", "还没有组卷方案", "请把方案放进 grading/blueprints 文件夹"))
        if held_on.value is None:
            raise BadInputError(Finding("考试日期", "没有填", "请选考试的日期"))
        papers = set_papers(
            settings=settings,
            blueprint=blueprint.value,
            paper_id=require_paper_id(paper_id.value.strip()),
            held_on=held_on.value,
            seed=require_whole_number(seed.value, place="随机种子"),
            forms=forms.value or None,
            makeup_of=makeup_of.value or None,
            progress=tell,
        )
        desk.made_papers = frozenset(paper.paper_id for paper in papers)
        return "".join(
            render_done(f"已组卷：{paper.title}（{paper.paper_id}），还没有发布。")
            + render_preview(paper, read_kept_items(paper.paper_id, course_dir=settings.course_dir))
            for paper in papers
        )

    def preview(_tell: Callable[[int, int], None]) -> str:
        paper = read_course_paper(chosen.require(), course_dir=settings.course_dir)
        return render_preview(paper, read_kept_items(paper.paper_id, course_dir=settings.course_dir))

    return widgets.VBox(
        [
            show_text(
                "<p>选组卷方案和日期，按“组卷”。组好的卷先看一遍，再到下一页发布。"
                "补考卷不用这次考试各份卷的题，发布时只发给还没有及格、也没有考满次数的人。</p>"
            ),
            *(makeup_of, blueprint, held_on, paper_id, forms, seed),
            Action(desk, "组卷", work, busy="组卷", stoppable=True).view,
            show_text("<p>以前组的卷，在这里看题目和答案。</p>"),
            chosen.view,
            Action(desk, "预览", preview, busy="读试卷").view,
        ]
    )


def _follow_proposal(course_dir: Path, *, blueprint: Any, held_on: Any, paper_id: Any) -> Callable[[], None]:
    """Keep proposing a free id until the trainer writes one of their own."""
    proposed = [""]

    def propose(_change: object = None) -> None:
        if paper_id.value in {"", proposed[0]} and blueprint.value and held_on.value:
            names = {path.name for path in source_dir(course_dir, "x").parent.glob("*")}
            taken = names | {re.sub(r"-[A-Z]$", "", name) for name in names}
            proposed[0] = propose_paper_id(blueprint.value, held_on=held_on.value, taken=taken)
            paper_id.value = proposed[0]

    blueprint.observe(propose, names="value")
    held_on.observe(propose, names="value")
    return propose


def _follow_sittings(desk: Desk, *, makeup_of: Any, blueprint: Any) -> Callable[[], None]:
    """Keep offering the released papers for a 补考; choosing one takes its blueprint, which may be changed again."""

    def show_papers() -> None:
        papers = [paper for paper in reversed(read_papers(desk.settings.course_dir)) if is_released(desk, paper)]
        options = [_NO_MAKEUP, *((f"{label} 的补考", paper_id) for label, (paper_id,) in one_by_one(papers))]
        if list(makeup_of.options) != options:
            chosen = makeup_of.value
            makeup_of.options = options
            makeup_of.value = chosen if any(chosen == value for _, value in options) else ""

    def take_blueprint(_change: object) -> None:
        if makeup_of.value:
            name = read_course_paper(makeup_of.value, course_dir=desk.settings.course_dir).blueprint
            if any(name == value for _, value in blueprint.options):
                blueprint.value = name

    makeup_of.observe(take_blueprint, names="value")
    return show_papers


def _blueprint_label(path: Path) -> str:
    try:
        blueprint = read_blueprint(path)
    except XuefaError:
        return f"{path.stem}（有错，读不出来）"
    points = render_points(blueprint.total_points)
    return f"{blueprint.title}：满分 {points} 分，{blueprint.duration_minutes} 分钟（{path.stem}）"


def _mean_difficulty(questions: Collection[PaperQuestion], bank: Bank) -> float:
    return sum(bank[one.item_id].difficulty for one in questions) / len(questions)


def _render_question(question: PaperQuestion, bank: Bank) -> str:
    key = bank.question(question.question_id).key
    answer = JUDGE_WORDS.get(key, key) if key else "由人评阅"
    options = "".join(
        f"<br>{letter}．{escape(text)}" for letter, text in question.options.items() if question.kind != "judge"
    )
    story = f"<span class='xuefa-note'>{escape(question.story)}</span><br>" if question.story else ""
    return (
        f"{story}{escape(question.stem)}{options}<br><strong>答案：{answer}</strong>"
        f"　<span class='xuefa-note'>{escape(question.question_id)}，{render_points(question.points)} 分，"
        f"难度 {bank[question.item_id].difficulty}</span>"
    )
