"""The prose and tables of the study section: templates of `report.toml` filled with figures."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator

from xuefa.report.figure import Figure, Figures
from xuefa.report.options import ReportOptions
from xuefa.report.section import Block, Number, Paragraph, Run, Runs, Text
from xuefa.report.section_charts import rate_chart, sessions_chart
from xuefa.report.section_tables import (
    EXAM_ROWS,
    TargetMet,
    exam_tables,
    kind_table,
    law_table,
    month_table,
    number_cell,
    target_table,
    unit_blocks,
)
from xuefa.report.weak_spots import Values, WeakSpot, has_scores, is_below

_ORDINALS = "一二三四五六七八九十"
_ACTIVITIES = (
    *("study_sessions", "writings", "seminars", "lectures", "court_visits"),
    *("pushes", "certified", "answers", "exams_expected"),
)


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
    """The addressee, if there is one, and the lead, which speaks of study by plan where there was some."""
    words = options.wording
    lead = words.lead_nothing if figures["study_sessions"].is_nothing else words.lead
    addressee = (Paragraph((Text(f"{options.addressee}："),), role="addressee"),) if options.addressee else ()
    return (*addressee, Paragraph(fill(lead, {"year": options.year, "unit": options.unit}), role="lead"))


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
    if all(figures[name].is_nothing for name in _ACTIVITIES):
        return (sentence(words.overview_nothing),)
    laws = _named_laws(figures, options.laws_named)
    with_laws = words.overview_sessions if _every_session_names_a_law(figures) else words.overview_sessions_some_laws
    templates = {
        "study_sessions": with_laws if laws else words.overview_sessions_without_laws,
        "writings": words.overview_writings,
        "seminars": words.overview_seminars,
        "lectures": words.overview_lectures,
        "court_visits": words.overview_court_visits,
        "pushes": words.overview_pushes,
        "certified": words.overview_certified,
    }
    clauses = [
        fill(
            template,
            {figure_id: _count(figures, figure_id, options), "laws": laws, "laws_studied": figures["laws_studied"]},
        )
        for figure_id, template in templates.items()
        if template and not figures[figure_id].is_nothing
    ]
    if not clauses:
        return ()
    changes = _change_clauses(figures)
    compared = (Text("。"), *fill(words.overview_change, {"changes": changes})) if changes else (Text("。"),)
    return (Paragraph(_merge_texts((*_join(clauses, "，"), *compared))),)


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
    return (
        *blocks,
        sessions_chart(figures),
        month_table(figures),
        kind_table(figures),
        *unit_blocks(figures, options),
    )


def writings_and_seminars(figures: Figures, options: ReportOptions) -> tuple[Block, ...]:
    """心得体会, 研讨材料, 学习研讨, 专题讲座, 旁听庭审 and 推送."""
    words = options.wording
    parts = []
    if not figures["writings"].is_nothing:
        both = words.writings_papers if figures["reflections"].is_nothing else words.writings
        parts.append(
            sentence(
                words.writings_reflections if figures["discussion_papers"].is_nothing else both,
                reflections=_count(figures, "reflections", options),
                discussion_papers=_count(figures, "discussion_papers", options),
                writers=figures["writers"],
            )
        )
    gathered = {
        "seminars": (words.seminars, words.overview_seminars),
        "lectures": (words.lectures, words.overview_lectures),
        "court_visits": (words.court_visits, words.overview_court_visits),
    }
    for name, (with_people, without_people) in gathered.items():
        people = figures[f"{name.removesuffix('s')}_attendances"], figures[f"{name.removesuffix('s')}_attendees"]
        held = fill(
            without_people if people[0].is_nothing else with_people,
            {name: _count(figures, name, options), "attendances": people[0], "attendees": people[1]},
        )
        if not figures[name].is_nothing:
            parts.append(Paragraph((*held, Text("。")) if people[0].is_nothing and held else held))
    if not figures["pushes"].is_nothing:
        parts.append(sentence(words.pushes, pushes=_count(figures, "pushes", options)))
    return (_run_together(parts),) if parts else ()


def answers_and_exams(figures: Figures, options: ReportOptions) -> tuple[Block, ...]:
    """学法答题 with the table by law, then each 模拟考试; several exams get a table as well."""
    words = options.wording
    blocks: list[Block] = []
    if not figures["answers"].is_nothing:
        blocks += [
            _run_together(_answer_sentences(figures, options)),
            law_table(figures),
            *rate_chart(figures.family("accuracy_law").values(), "分法律法规答题正确率"),
        ]
    papers = figures.family("exam_expected")
    pass_rates = figures.family("exam_pass_rate")
    blocks += [
        sentence(
            words.exam if has_scores(pass_rates[paper], options) else words.exam_without_scores,
            title=papers[paper].label,
            **{name: figures.family(f"exam_{name}")[paper] for name in EXAM_ROWS},
        )
        for paper in papers
    ]
    if not figures["exams_unmarked"].is_nothing:
        blocks.append(sentence(words.exam_unmarked, exams_unmarked=figures["exams_unmarked"]))
    if len(papers) > 1:
        blocks += exam_tables(figures, options, list(papers))
    return tuple(blocks)


def certification(figures: Figures, options: ReportOptions) -> tuple[Block, ...]:
    """执法考试, as the clerk recorded it, and 持证率 where somebody on the roster may take the exam."""
    words = options.wording
    parts = []
    if not figures["certified"].is_nothing:
        parts.append(sentence(words.certified, certified=figures["certified"]))
    if figures["certified_rate"].numerator:
        parts.append(sentence(words.certified_rate, certified_rate=figures["certified_rate"]))
    return tuple(parts)


def targets_met(figures: Figures, options: ReportOptions) -> tuple[Block, ...]:
    """Each target of `report.toml` against the year, met or not; left out where there is nothing to compare."""
    targets = options.targets
    passed = figures["exams_pass_rate"]
    compared = [(figures["attendance_rate"], targets.attendance), (figures["accuracy"], targets.accuracy)]
    compared += [(passed, targets.exam_pass)] if has_scores(passed, options) else []
    met = [
        TargetMet(rate, f"{target}%", not is_below(rate, target))
        for rate, target in compared
        if rate.denominator and target
    ]
    verdicts = [
        (Text(f"{one.rate.name}为"), *number_cell(one.rate), Text(f"，{one.verdict}{one.target}的要求")) for one in met
    ]
    hours = figures.get("hours_reached")
    if hours is not None and hours.denominator:
        met.append(TargetMet(hours, f"人人学满{targets.study_hours}学时", hours.numerator == hours.denominator))
        begin, end = f"学满{targets.study_hours}学时的占", f"，{met[-1].verdict}人人学满的要求"
        verdicts.append((Text(begin), *number_cell(hours), Text(end)))
    if not met:
        return ()
    return (sentence(options.wording.targets, targets=_join(verdicts, "；")), target_table(met, options))


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
    return (_enumerate(words.steps_lead, steps),)


def _attendance_sentences(figures: Figures, options: ReportOptions) -> Iterator[Paragraph]:
    words = options.wording
    if figures["expected"].is_nothing:
        yield sentence(
            words.attendance_without_roster, attendances=figures["attendances"], attendees=figures["attendees"]
        )
        return
    counts = {name: figures[name] for name in ("expected", "present", "excused", "absent", "attendees")}
    came = words.attendance_nobody if figures["attendees"].is_nothing else words.attendance
    yield sentence(came, rate=figures["attendance_rate"], **counts)
    if not figures["hours_per_head"].is_nothing:
        head, target = figures["hours_per_head"], options.targets.study_hours
        if target:
            reached = figures["hours_reached"]
            yield sentence(words.hours_target, hours_per_head=head, target=target, hours_reached=reached)
        else:
            yield sentence(words.hours, hours_per_head=head)
    if not figures["extra"].is_nothing:
        yield sentence(words.extra, extra=figures["extra"])


def _answer_sentences(figures: Figures, options: ReportOptions) -> Iterator[Paragraph]:
    words = options.wording
    yield sentence(words.answers, **{name: figures[name] for name in ("answerers", "answers", "accuracy")})
    if figures["completion"].numerator:
        yield sentence(words.completion, completion=figures["completion"])


def _change_clauses(figures: Figures) -> Runs:
    """集中学习次数增加3次，参学率提高2.5个百分点; nothing where the year before is not known."""
    changes = [
        change for change in figures.family("change").values() if change.value or not figures[change.key].is_nothing
    ]
    return _join([(Text(figure.label), Number(figure.figure_id, figure.text)) for figure in changes], "，")


def _run_together(sentences: Iterable[Paragraph]) -> Paragraph:
    return Paragraph(_merge_texts(run for part in sentences for run in part.runs))


def _enumerate(lead: str, sentences: Iterable[Runs]) -> Paragraph:
    items = [item for item in sentences if item]
    if len(items) == 1:
        return Paragraph(_merge_texts((Text(lead), *items[0], Text("。"))))
    numbered = [(Text(f"{ordinal}是"), *item, Text("。")) for ordinal, item in zip(_ORDINALS, items, strict=False)]
    return Paragraph(_merge_texts((Text(lead), *(run for item in numbered for run in item))))


def _every_session_names_a_law(figures: Figures) -> bool:
    with_laws = {row.rpartition("/")[0] for law in figures.family("sessions_law").values() for row in law.row_ids}
    return with_laws.issuperset(figures["study_sessions"].row_ids)


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
