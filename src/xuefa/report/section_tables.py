"""The tables of the section: by month, by kind of session, by unit, by law, and of several exams."""

from __future__ import annotations

from dataclasses import dataclass

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
_OF_SCORES = ("mean", "median", "pass_rate", "excellent_rate")


@dataclass(frozen=True)
class TargetMet:
    """A rate, what `report.toml` asks of it, and whether it is reached."""

    rate: Figure
    target: str
    is_met: bool

    @property
    def verdict(self) -> str:
        return "达到" if self.is_met else "未达到"


def month_table(figures: Figures) -> Table:
    """学习次数, 参学, 答题 of each month and of the year; no 答题 where nobody answered."""
    families = ("sessions_month", "attendances_month", "attendance_rate_month", "answers_month", "accuracy_month")
    totals = ("study_sessions", "attendances", "attendance_rate", "answers", "accuracy")
    columns, widths = ("月份", "学习次数", "参学人次", "参学率", "答题次数", "答题正确率"), (34, 50, 50, 129, 50, 129)
    shown = 3 if figures["answers"].is_nothing else 5
    rows = [
        (text_cell(f"{month}月"), *(number_cell(figures.family(name)[str(month)]) for name in families[:shown]))
        for month in MONTHS
    ]
    return Table(
        caption="分月学习情况",
        columns=columns[: shown + 1],
        widths=widths[: shown + 1],
        rows=(*rows, (text_cell("合计"), *(number_cell(figures[name]) for name in totals[:shown]))),
        notes=definitions(*(figures[name] for name in ("expected", *totals[1:shown]))),
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
    shown, on_the_day = (2, "学习") if figures["answers"].is_nothing else (4, "学习、答题")
    rows = [
        (
            text_cell(unit),
            *(
                number_cell(part[unit]) if unit in part else text_cell(NO_VALUE)
                for part in (people, rates, answers, accuracy)[:shown]
            ),
        )
        for unit in rates
    ]
    table = Table(
        caption="分单位学习情况",
        columns=("单位", "应参学人数", "参学率", "答题次数", "答题正确率")[: shown + 1],
        widths=(105, 72, 118, 58, 118)[: shown + 1],
        rows=tuple(rows),
        notes=(
            f"单位以{on_the_day}当天的名册为准，年内调动的人在两个单位各计其在册期间。",
            f"不足{least}人的单位不单列。" if least > 1 else "",
        ),
    )
    return (table, *rate_chart(rates.values(), "分单位参学率"))


def target_table(met: list[TargetMet], options: ReportOptions) -> Table:
    """What `report.toml` asks, what the year gave, and whether that is enough; a target that nobody set is said so."""
    defined = {"exams_pass_rate", "hours_reached"}
    no_hours = () if options.targets.study_hours else ("每人全年学时没有设定要求，不作对照。",)
    return Table(
        caption="年度要求完成情况",
        columns=("项目", "要求", "实际", "是否达到"),
        widths=(30, 24, 30, 16),
        rows=tuple(
            (
                text_cell(one.rate.name),
                text_cell(f"不低于{one.target}" if one.target.endswith("%") else one.target),
                number_cell(one.rate),
                text_cell(one.verdict),
            )
            for one in met
        ),
        notes=(
            *definitions(*(one.rate for one in met if one.rate.figure_id in defined)),
            *no_hours,
            "是否达到按修约前的数判断。",
        ),
    )


def definitions(*figures: Figure) -> tuple[str, ...]:
    """参学率：集中学习实到人次除以应到人次。 for each, as it is printed below a table."""
    return tuple(f"{figure.name}：{figure.definition}。" for figure in figures)


def exam_tables(figures: Figures, options: ReportOptions, papers: list[str]) -> list[Table]:
    """One column a paper, at most three papers a table; no scores where few sat it."""
    expected, present = figures.family("exam_expected"), figures.family("exam_present")
    least = options.targets.min_unit_people

    def cell(kind: str, paper: str) -> Runs:
        few = 0 < int(present[paper].value or 0) < least
        return text_cell("不列") if few and kind in _OF_SCORES else number_cell(figures.family(f"exam_{kind}")[paper])

    tables = []
    for start in range(0, len(papers), _PAPERS_A_TABLE):
        part = papers[start : start + _PAPERS_A_TABLE]
        tables.append(
            Table(
                caption="模拟考试情况",
                columns=("项目", *(expected[paper].label for paper in part)),
                widths=(8, *(12 for _ in part)),
                rows=tuple(
                    (text_cell(name), *(cell(kind, paper) for paper in part)) for kind, name in EXAM_ROWS.items()
                ),
                notes=(
                    "参考率：实考人数除以应考人数。",
                    "及格率、优秀率：及格、优秀的人数除以实考人数，分数线以各卷为准。",
                    f"实考不足{least}人的不列成绩。" if least > 1 else "",
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
