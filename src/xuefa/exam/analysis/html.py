"""An analysis as an HTML fragment: tables and bars of plain HTML and CSS, nothing that runs or is loaded."""

from __future__ import annotations

from html import escape

from xuefa.exam.analysis.paper_analysis import Analysis
from xuefa.exam.analysis.tables import Table, Value, bin_labels, notes_of, render_value, tables_of

_STYLE = """
.xuefa-analysis table{border-collapse:collapse;margin:.3em 0 1em}
.xuefa-analysis th,.xuefa-analysis td{border:1px solid #b8c2cf;padding:.25em .6em;text-align:left;vertical-align:top}
.xuefa-analysis th{background:#e7edf5;white-space:nowrap}
.xuefa-analysis .bar{display:inline-block;height:.9em;background:#0b57a4;vertical-align:middle;margin-right:.5em}
.xuefa-analysis .note{background:#fff6dd;border-left:4px solid #b7791f;padding:.4em .8em;margin:.4em 0}
.xuefa-analysis .wide{overflow-x:auto}
.xuefa-analysis .charts{display:flex;flex-wrap:wrap;gap:0 1.5rem;align-items:flex-start}
.xuefa-analysis td.number{text-align:right;white-space:nowrap}
.xuefa-analysis td.short{white-space:nowrap}
.xuefa-analysis td.long{min-width:17em}
""".strip()
_FOLDED = {"逐题", "选项"}
_BAR_REM = 14
_BARS_IN_A_COLUMN = 25
_LONG, _SHORT = {"题干", "选项文字", "说明", "要看什么"}, {"题目编号", "法律", "项目", "单位", "答案"}


def render_analysis_html(analysis: Analysis) -> str:
    """A `<section>` with its own style; long tables are folded, what to look at comes right after the overview."""
    overview, items, options, laws, units, watch = tables_of(analysis)
    plain = Table(overview.name, overview.head, overview.rows[: len(overview.rows) - len(analysis.bins)])
    parts = [
        f"<h3>试卷分析：{escape(analysis.title)}（{escape(analysis.paper_id)}）</h3>",
        *(f'<p class="note">{escape(note)}</p>' for note in notes_of(analysis)),
        _render_table(plain),
        _render_table(watch),
        _render_bars(
            "得分分布（人数）",
            [
                (label, count / max(1, *analysis.bins), str(count))
                for label, count in zip(bin_labels(len(analysis.bins)), analysis.bins, strict=True)
            ],
        ),
        _render_bars(
            "各题难度（得分率，越长越容易）",
            [
                (f"第 {item.number} 题", item.facility, f"{item.facility:.2f}")
                for item in analysis.items
                if item.facility is not None
            ],
        ),
        *(_render_table(table) for table in (laws, units, items, options)),
    ]
    return f'<section class="xuefa-analysis"><style>{_STYLE}</style>{"".join(parts)}</section>'


def _render_table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in table.head)
    rows = "".join(f"<tr>{''.join(map(_render_cell, row, table.head))}</tr>" for row in table.rows)
    grid = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    body = grid if table.rows else "<p>没有。</p>"
    if table.name in _FOLDED:
        return f"<details><summary><b>{escape(table.name)}</b>（点击展开）</summary>{body}</details>"
    return f"<h4>{escape(table.name)}</h4>{body}"


def _render_cell(value: Value, title: str) -> str:
    kind = "long" if title in _LONG else "short" if title in _SHORT else "text" if isinstance(value, str) else "number"
    return f'<td class="{kind}">{escape(render_value(value))}</td>'


def _render_bars(heading: str, bars: list[tuple[str, float, str]]) -> str:
    """Bars from 0 to 1 with their numbers beside them, so that nothing is said by length or colour alone."""
    if not bars:
        return ""
    rows = [
        f'<tr><th scope="row">{escape(label)}</th>'
        f'<td><span class="bar" style="width:{share * _BAR_REM:.2f}rem"></span>{escape(shown)}</td></tr>'
        for label, share, shown in bars
    ]
    columns = -(-len(rows) // _BARS_IN_A_COLUMN)
    height = -(-len(rows) // columns)
    tables = (
        f"<table><tbody>{''.join(rows[start : start + height])}</tbody></table>"
        for start in range(0, len(rows), height)
    )
    return f'<h4>{escape(heading)}</h4><div class="charts">{"".join(tables)}</div>'
