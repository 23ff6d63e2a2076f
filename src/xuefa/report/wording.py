"""The prose and tables of the study section: templates of `report.toml` filled with figures."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator

from xuefa.report.figure import MONTHS, Figure, Figures
from xuefa.report.options import ReportOptions
from xuefa.report.section import Block, Number, Paragraph, Run, Runs, Table, Text
from xuefa.report.weak_spots import Values, WeakSpot

_ORDINALS = "一二三四五六七八九十"
_PAPERS_A_TABLE = 3
_OVERVIEW = ("study_sessions", "writings", "seminars", "pushes", "certified")


def fill(template: str, values: Values) -> Runs:
    """The runs of a template: figures become numbers with a reference, words stay words."""
    runs: list[Run] = []
    for words, name, _, _ in string.Formatter().parse(template):
        if words:
            runs.append(Text(words))
        if name is not None:
            value = values[name]
            if isinstance(value, Figure):
                runs.append(Number(value.figure_id, value.text))
            elif isinstance(value, tuple):
                runs += value
            else:
                runs.append(Text(str(value)))
    return _merge_texts(runs)


def sentence(template: str, **values: str | int | Figure | Runs) -> Paragraph:
    """One body paragraph of a filled template."""
    return Paragraph(fill(template, values))


def opening(figures: Figures, options: ReportOptions) -> tuple[Block, ...]:
    """The addressee, if there is one, and the lead."""
    words = options.wording
    lead = words.lead if _has_activity(figures) else words.lead_nothing
    addressee = (Paragraph((Text(f"{options.addressee}："),), role="addressee"),) if options.addressee else ()
    return (*addressee, sentence(lead, year=options.year, unit=options.unit))


def closing(options: ReportOptions) -> tuple[Block, ...]:
    """Who signs, and the date where one is given."""
    signatures = tuple(Paragraph((Text(name),), role="signature") for name in options.signatories)
    if options.date is None:
        return signatures
    date = f"{options.date.year}年{options.date.month}月{options.date.day}日"
    return (*signatures, Paragraph((Text(date),), role="date"))


def overview(figures: Figures, options: ReportOptions) -> tuple[Block, ...]:
    """The one sentence that the county's report takes over; what did not happen is not mentioned."""
    words = options.wording
    if not _has_activity(figures):
        return (sentence(words.overview_nothing),)
    laws = _named_laws(figures, options.laws_named)
    templates = {
        "study_sessions": words.overview_sessions if laws else words.overview_sessions_without_laws,
        "writings": words.overview_writings,
        "seminars": words.overview_seminars,
        "pushes": words.overview_pushes,
        "certified": words.overview_certified,
    }
    clauses = [
        fill(template, {figure_id: _count(figures, figure_id, options), "laws": laws})
        for figure_id, template in templates.items()
        if not figures[figure_id].is_nothing
    ]
    return (Paragraph(_merge_texts((*_join(clauses, "，"), Text("。")))),)


def gatherings(figures: Figures, options: ReportOptions, *, more: tuple[Paragraph, ...] = ()) -> tuple[Block, ...]:
    """集中学习: kinds, laws, 学时, quarters, attendance (with `more` sentences), and the table by month."""
    if figures["study_sessions"].is_nothing:
        return ()
    words = options.wording
    kinds = "、".join(figure.label for figure in figures.family("sessions_kind").values() if not figure.is_nothing)
    quarters = _join(
        [fill("{name}{n}次", {"name": f.label, "n": f}) for f in figures.family("sessions_quarter").values()], "，"
    )
    blocks: list[Block] = [
        sentence(
            words.gatherings,
            kinds=kinds,
            study_sessions=_count(figures, "study_sessions", options),
            laws_studied=figures["laws_studied"],
            study_hours=figures["study_hours"],
            quarters=quarters,
        )
    ]
    blocks.append(_run_together((*_attendance_sentences(figures, options), *more)))
    return (*blocks, _month_table(figures))


def writings_and_seminars(figures: Figures, options: ReportOptions) -> tuple[Block, ...]:
    """心得体会, 研讨材料, 学习研讨 and 推送."""
    words = options.wording
    parts = []
    if not figures["writings"].is_nothing:
        parts.append(
            sentence(
                words.writings,
                reflections=_count(figures, "reflections", options),
                discussion_papers=_count(figures, "discussion_papers", options),
                writers=figures["writers"],
            )
        )
    if not figures["seminars"].is_nothing:
        parts.append(
            sentence(
                words.seminars,
                seminars=_count(figures, "seminars", options),
                attendances=figures["seminar_attendances"],
                attendees=figures["seminar_attendees"],
            )
        )
    if not figures["pushes"].is_nothing:
        parts.append(sentence(words.pushes, pushes=_count(figures, "pushes", options)))
    return (_run_together(parts),) if parts else ()


def answers_and_exams(figures: Figures, options: ReportOptions) -> tuple[Block, ...]:
    """学法答题 with the table by law, then each 模拟考试; several exams get a table as well."""
    words = options.wording
    blocks: list[Block] = []
    if not figures["answers"].is_nothing:
        blocks += [
            sentence(words.answers, **{name: figures[name] for name in ("answerers", "answers", "accuracy")}),
            _law_table(figures),
        ]
    papers = figures.family("exam_expected")
    blocks += [
        sentence(
            words.exam,
            title=papers[paper].label,
            **{name: figures.family(f"exam_{name}")[paper] for name in _EXAM_ROWS},
        )
        for paper in papers
    ]
    if len(papers) > 1:
        blocks += _exam_tables(figures, list(papers))
    return tuple(blocks)


def certification(figures: Figures, options: ReportOptions) -> tuple[Block, ...]:
    """执法考试, as the clerk recorded it."""
    if figures["certified"].is_nothing:
        return ()
    return (sentence(options.wording.certified, certified=figures["certified"]),)


def problems(weak_spots: tuple[WeakSpot, ...], options: ReportOptions) -> tuple[Block, ...]:
    """存在问题, each with its ordinal: 一是…。二是…."""
    words = options.wording
    if not weak_spots:
        return (sentence(words.problems_none),)
    return (_enumerate(words.problems_lead, [fill(spot.problem, spot.values) for spot in weak_spots]),)


def next_steps(weak_spots: tuple[WeakSpot, ...], options: ReportOptions) -> tuple[Block, ...]:
    """下一步: one step for each kind of problem, in the same order."""
    words = options.wording
    if not weak_spots:
        return (sentence(words.steps_none),)
    steps = dict.fromkeys(fill(spot.step, spot.values) for spot in weak_spots)
    return (_enumerate(words.steps_lead, list(steps)),)


def _attendance_sentences(figures: Figures, options: ReportOptions) -> Iterator[Paragraph]:
    words = options.wording
    if figures["expected"].is_nothing:
        yield sentence(
            words.attendance_without_roster, attendances=figures["attendances"], attendees=figures["attendees"]
        )
        return
    counts = {name: figures[name] for name in ("expected", "present", "excused", "absent", "attendees")}
    yield sentence(words.attendance, rate=figures["attendance_rate"], **counts)
    if not figures["extra"].is_nothing:
        yield sentence(words.extra, extra=figures["extra"])


def _has_activity(figures: Figures) -> bool:
    return any(not figures[name].is_nothing for name in _OVERVIEW)


def _run_together(sentences: Iterable[Paragraph]) -> Paragraph:
    return Paragraph(_merge_texts(run for part in sentences for run in part.runs))


def _enumerate(lead: str, items: list[Runs]) -> Paragraph:
    if len(items) == 1:
        return Paragraph(_merge_texts((Text(lead), *items[0], Text("。"))))
    numbered = [(Text(f"{ordinal}是"), *item, Text("。")) for ordinal, item in zip(_ORDINALS, items, strict=False)]
    return Paragraph(_merge_texts((Text(lead), *(run for item in numbered for run in item))))


_EXAM_ROWS = {
    "expected": "应考人数",
    "present": "实考人数",
    "absent": "缺考人数",
    "rate": "参考率",
    "mean": "平均分",
    "pass_rate": "及格率",
    "excellent_rate": "优秀率",
}


def _month_table(figures: Figures) -> Table:
    families = ("sessions_month", "attendances_month", "attendance_rate_month", "answers_month", "accuracy_month")
    totals = ("study_sessions", "attendances", "attendance_rate", "answers", "accuracy")
    rows = [(_words(f"{month}月"), *(_cell(figures.family(name)[str(month)]) for name in families)) for month in MONTHS]
    return Table(
        caption="分月学习情况",
        columns=("月份", "学习次数", "参学人次", "参学率", "答题次数", "答题正确率"),
        widths=(34, 50, 50, 129, 50, 129),
        rows=(*rows, (_words("合计"), *(_cell(figures[name]) for name in totals))),
    )


def _law_table(figures: Figures) -> Table:
    answers, accuracy = figures.family("answers_law"), figures.family("accuracy_law")
    rows = [(_words(answers[law].label), _cell(answers[law]), _cell(accuracy[law])) for law in answers]
    return Table(
        caption="分法律法规答题情况",
        columns=("法律法规文件", "答题次数", "答题正确率"),
        widths=(46, 18, 28),
        rows=(*rows, (_words("合计"), _cell(figures["answers"]), _cell(figures["accuracy"]))),
    )


def _exam_tables(figures: Figures, papers: list[str]) -> list[Table]:
    """One column a paper, at most three papers a table."""
    expected = figures.family("exam_expected")
    tables = []
    for start in range(0, len(papers), _PAPERS_A_TABLE):
        part = papers[start : start + _PAPERS_A_TABLE]
        tables.append(
            Table(
                caption="模拟考试情况",
                columns=("项目", *(expected[paper].label for paper in part)),
                widths=(8, *(12 for _ in part)),
                rows=tuple(
                    (_words(name), *(_cell(figures.family(f"exam_{kind}")[paper]) for paper in part))
                    for kind, name in _EXAM_ROWS.items()
                ),
            )
        )
    return tables


def _named_laws(figures: Figures, most: int) -> str:
    """The laws studied most often, named in the order in which they were first studied: 《甲》《乙》."""
    studied = list(figures.family("sessions_law").values())
    chosen = sorted(studied, key=lambda figure: -int(figure.value or 0))[:most]
    return "".join(figure.label for figure in studied if figure in chosen)


def _count(figures: Figures, figure_id: str, options: ReportOptions) -> Runs:
    figure = figures[figure_id]
    if figure_id in options.more_than:
        return (Number(figure_id, figure.text_more_than, "more_than"),)
    return (Number(figure_id, figure.text),)


def _cell(figure: Figure) -> Runs:
    return (Number(figure.figure_id, figure.text),)


def _words(text: str) -> Runs:
    return (Text(text),)


def _join(parts: Iterable[Runs], separator: str) -> Runs:
    runs: list[Run] = []
    for number, part in enumerate(parts):
        runs += [Text(separator), *part] if number else part
    return tuple(runs)


def _merge_texts(runs: Iterable[Run]) -> Runs:
    """The same runs with neighbouring words in one."""
    merged: list[Run] = []
    for run in runs:
        last = merged[-1] if merged else None
        if isinstance(run, Text) and isinstance(last, Text):
            merged[-1] = Text(last.text + run.text)
        else:
            merged.append(run)
    return tuple(merged)
