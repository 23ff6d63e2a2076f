"""The tables of the section: by month, by kind of session, by unit, by law, and of several exams."""

from __future__ import annotations

from xuefa.report.figure import MONTHS, NO_VALUE, Figure, Figures
from xuefa.report.options import ReportOptions
from xuefa.report.section import Block, Number, Runs, Table, Text
from xuefa.report.section_charts import rate_chart

_PAPERS_A_TABLE = 3
EXAM_ROWS = {
    "expected": "应考人数",
    "present": "实考人数",
    "absent": "缺考人数",
    "rate": "参考率",
    "mean": "平均分",
    "median": "中位数",
    "pass_rate": "及格率",
    "excellent_rate": "优秀率",
}


def month_table(figures: Figures) -> Table:
    """学习次数, 参学, 答题 of each month and of the year."""
    families = ("sessions_month", "attendances_month", "attendance_rate_month", "answers_month", "accuracy_month")
    totals = ("study_sessions", "attendances", "attendance_rate", "answers", "accuracy")
    rows = [
        (text_cell(f"{month}月"), *(number_cell(figures.family(name)[str(month)]) for name in families))
        for month in MONTHS
    ]
    return Table(
        caption="分月学习情况",
        columns=("月份", "学习次数", "参学人次", "参学率", "答题次数", "答题正确率"),
        widths=(34, 50, 50, 129, 50, 129),
        rows=(*rows, (text_cell("合计"), *(number_cell(figures[name]) for name in totals))),
        notes=definitions(*(figures[name] for name in ("expected", *totals[1:]))),
    )


def kind_table(figures: Figures) -> Table:
    """How often each kind of 集中学习 was held, and its share."""
    counts, shares = figures.family("sessions_kind"), figures.family("sessions_share")
    rows = [(text_cell(kind), number_cell(counts[kind]), number_cell(shares[kind])) for kind in counts]
    return Table(
        caption="各种形式的集中学习",
        columns=("形式", "次数", "占集中学习次数的比重（%）"),
        widths=(46, 20, 30),
        rows=tuple(rows),
        notes=("各种形式的比重按最大余数法修约，合计为100.0%。",),
    )


def law_table(figures: Figures) -> Table:
    """Answers and 正确率 of each law."""
    answers, accuracy = figures.family("answers_law"), figures.family("accuracy_law")
    rows = [(text_cell(answers[law].label), number_cell(answers[law]), number_cell(accuracy[law])) for law in answers]
    return Table(
        caption="分法律法规答题情况",
        columns=("法律法规文件", "答题次数", "答题正确率"),
        widths=(46, 18, 28),
        rows=(*rows, (text_cell("合计"), number_cell(figures["answers"]), number_cell(figures["accuracy"]))),
        notes=definitions(figures["answers"], figures["accuracy"]),
    )


def unit_blocks(figures: Figures, options: ReportOptions) -> tuple[Block, ...]:
    """The table by unit and its chart; units so small that they single out people are not named."""
    people, answers, accuracy = (figures.family(f"{name}_unit") for name in ("expected_people", "answers", "accuracy"))
    least = options.targets.min_unit_people
    rates = {
        unit: rate
        for unit, rate in figures.family("attendance_rate_unit").items()
        if int(people[unit].value or 0) >= least
    }
    if len(rates) < 2:
        return ()
    rows = [
        (
            text_cell(unit),
            number_cell(people[unit]),
            number_cell(rate),
            *(
                (number_cell(answers[unit]), number_cell(accuracy[unit]))
                if unit in answers
                else (text_cell("0"), text_cell(NO_VALUE))
            ),
        )
        for unit, rate in rates.items()
    ]
    table = Table(
        caption="分单位学习情况",
        columns=("单位", "应参学人数", "参学率", "答题次数", "答题正确率"),
        widths=(105, 72, 118, 58, 118),
        rows=tuple(rows),
        notes=(
            "单位以学习、答题当天的名册为准，年内调动的人在两个单位各计其在册期间。",
            f"不足{least}人的单位不单列。" if least > 1 else "",
        ),
    )
    return (table, *rate_chart(rates.values(), "分单位参学率"))


def definitions(*figures: Figure) -> tuple[str, ...]:
    """参学率：集中学习实到人次除以应到人次。 for each, as it is printed below a table."""
    return tuple(f"{figure.name}：{figure.definition}。" for figure in figures)


def exam_tables(figures: Figures, papers: list[str]) -> list[Table]:
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
                    (text_cell(name), *(number_cell(figures.family(f"exam_{kind}")[paper]) for paper in part))
                    for kind, name in EXAM_ROWS.items()
                ),
            )
        )
    return tables


def number_cell(figure: Figure) -> Runs:
    """A cell that holds a figure."""
    return (Number(figure.figure_id, figure.text),)


def text_cell(text: str) -> Runs:
    """A cell that holds words."""
    return (Text(text),)
