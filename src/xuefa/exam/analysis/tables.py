"""The tables of an analysis in Chinese words, the same for text, HTML and Excel."""

from __future__ import annotations

from dataclasses import dataclass

from xuefa.bank.item import KIND_NAMES
from xuefa.exam.analysis.paper_analysis import Analysis, GroupAnalysis
from xuefa.exam.analysis.watch import LEAST_LEARNERS, SMALL_SAMPLE, ItemAnalysis
from xuefa.exam.scoring import render_points

TOO_FEW = "人数太少，无法计算"
ALL_EQUAL = "得分全相同，无法计算"
ONE_QUESTION = "至少要两道题，无法计算"
NOT_MEASURED = "—"
_JUDGE = {"T": "正确", "F": "错误"}
Value = str | int | float


@dataclass(frozen=True)
class Table:
    """A table with its heading; every row is as long as `head`. Numbers stay numbers, rounded as they are shown."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def tables_of(analysis: Analysis) -> tuple[Table, ...]:
    """All tables: 概况、逐题、选项、分法律、分单位、需要留意的题."""
    return (
        Table("概况", ("项目", "数值", "说明"), _overview(analysis)),
        Table(
            "逐题",
            (
                *("题号", "题目编号", "题型", "法律", "答案", "实考", "满分", "难度P", "区分度"),
                *("鉴别指数D", "高低分组各", "用时中位数（秒）", "计时", "题干"),
            ),
            tuple(_item_row(item, group_size=analysis.group_size) for item in analysis.items),
        ),
        Table(
            "选项",
            ("题号", "选项", "是答案", "人数", "比例", "选的人其余题平均分", "高分组人数", "选项文字"),
            tuple(row for item in analysis.items for row in _option_rows(item)),
        ),
        Table(
            "分法律",
            ("法律", "题数", "作答次数", "平均得分率"),
            tuple((group.name, group.of, group.n, _rate(group)) for group in analysis.by_law),
        ),
        Table(
            "分单位",
            ("单位", "应考", "实考", "平均得分率"),
            tuple((group.name, group.of, group.n, _rate(group)) for group in analysis.by_unit),
        ),
        Table(
            "需要留意的题",
            ("题号", "题目编号", "要看什么"),
            tuple((watch.number, watch.question_id, watch.words) for watch in analysis.to_watch),
        ),
    )


def notes_of(analysis: Analysis) -> tuple[str, ...]:
    """What a reader has to know before the numbers (Chinese sentences)."""
    notes = []
    if analysis.waiting:
        notes.append(f"第 {_numbers(analysis.waiting)} 题还有答案没有人工评阅，没有算进来；评阅后请再分析一次。")
    if analysis.voided:
        notes.append(f"第 {_numbers(analysis.voided)} 题已作废，没有算进来。")
    if analysis.refused:
        notes.append(f"有 {analysis.refused} 份答卷没有阅成，不算实考也不算缺考；请看阅卷时的说明。")
    if analysis.sat < LEAST_LEARNERS:
        notes.append(f"实考 {analysis.sat} 人：{TOO_FEW}区分度、信度和标准差（至少要 {LEAST_LEARNERS} 人）。")
    elif analysis.sat < SMALL_SAMPLE:
        notes.append(f"实考只有 {analysis.sat} 人，不足 {SMALL_SAMPLE} 人，区分度和信度只能作参考。")
    return tuple(notes)


def render_value(value: Value) -> str:
    """A value as people read it: numbers that are not whole counts with two decimals."""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def bin_labels(bins: int) -> tuple[str, ...]:
    """The bins of the rate in words: 0%—10%, … 90%—100%; each begins with its lower bound, the last holds 100% too."""
    return tuple(f"{100 * n // bins}%—{100 * (n + 1) // bins}%" for n in range(bins))


def _overview(analysis: Analysis) -> tuple[tuple[Value, ...], ...]:
    why = TOO_FEW if analysis.sat < LEAST_LEARNERS else ALL_EQUAL if len(analysis.items) > 1 else ONE_QUESTION
    return (
        ("应考", analysis.expected, "发卷时名单上的人数"),
        ("实考", analysis.sat, "阅过的答卷"),
        ("缺考", analysis.absent, "没有答卷；不按零分计算"),
        ("答卷未收", analysis.refused, "有答卷但没有阅成"),
        *_passing_rows(analysis),
        ("分析的题数", len(analysis.items), "作废的和还没评阅完的不在内"),
        ("分析的满分", round(analysis.max_points, 2), "这些题的满分合计；不计迟交扣分"),
        ("平均分", _number(analysis.mean, 2, TOO_FEW), ""),
        ("中位数", _number(analysis.median, 2, TOO_FEW), ""),
        ("最低分", _number(analysis.lowest, 2, TOO_FEW), ""),
        ("最高分", _number(analysis.highest, 2, TOO_FEW), ""),
        ("标准差", _number(analysis.deviation, 2, TOO_FEW), "按 n−1 计算"),
        (
            f"信度（{analysis.reliability_name}）",
            _number(analysis.alpha, 3, why),
            "越接近 1，分数越稳定；案例题的小题互有关联，会使它偏高",
        ),
        (
            "测量标准误",
            _number(analysis.standard_error, 2, why),
            "标准差×√(1−信度)，单位是分；实际水平约有三分之二的把握在得分上下这么多分以内",
        ),
        *(
            (f"得分率 {label}", count, "人数；含下限不含上限，最后一档含 100%")
            for label, count in zip(bin_labels(len(analysis.bins)), analysis.bins, strict=True)
        ),
    )


def _passing_rows(analysis: Analysis) -> tuple[tuple[Value, ...], ...]:
    passing, sat = analysis.passing, analysis.sat
    rates = [f"占实考的 {count / sat:.1%}" if sat else "没有人实考" for count in (passing.passed, passing.excellent)]
    rows: list[tuple[Value, ...]] = [
        ("及格", passing.passed, f"{rates[0]}；按成绩册里的得分，迟交扣分算在内"),
        ("优秀", passing.excellent, f"{rates[1]}；也算在及格里"),
    ]
    if passing.undecided:
        rows.append(("还没有定", passing.undecided, "有题还没评阅完，及格或者优秀还可能变；现在按已有的分计算"))
    return tuple(rows)


def _item_row(item: ItemAnalysis, *, group_size: int) -> tuple[Value, ...]:
    why = "人太少" if item.n < LEAST_LEARNERS else "得分全同"
    return (
        item.number,
        item.question_id,
        KIND_NAMES[item.kind],
        item.law,
        _JUDGE.get(item.key, item.key) or NOT_MEASURED,
        item.n,
        render_points(item.max_points),
        _number(item.facility, 2, TOO_FEW),
        _number(item.discrimination, 2, why),
        _number(item.upper_lower, 2, why),
        NOT_MEASURED if item.upper_lower is None else group_size,
        _number(item.median_seconds, 0, NOT_MEASURED),
        item.timed,
        item.stem,
    )


def _option_rows(item: ItemAnalysis) -> list[tuple[Value, ...]]:
    if not item.options:
        return []
    rows: list[tuple[Value, ...]] = [
        (
            item.number,
            _JUDGE.get(option.letter, option.letter),
            "是" if option.is_key else "",
            option.n,
            NOT_MEASURED if option.share is None else f"{option.share:.0%}",
            _number(option.mean_rest, 2, NOT_MEASURED),
            option.n_upper,
            option.text,
        )
        for option in item.options
    ]
    share = f"{item.blank / item.n:.0%}" if item.n else NOT_MEASURED
    return [*rows, (item.number, "未作答", "", item.blank, share, NOT_MEASURED, NOT_MEASURED, "")]


def _rate(group: GroupAnalysis) -> str:
    return "没有人实考" if group.rate is None else f"{group.rate:.1%}"


def _number(value: float | None, digits: int, otherwise: str) -> Value:
    return otherwise if value is None else round(value, digits) if digits else round(value)


def _numbers(numbers: tuple[int, ...]) -> str:
    return "、".join(map(str, numbers))
