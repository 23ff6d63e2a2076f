"""Tab 导入台账: what a ledger would add, its doubtful rows to be put right in the page, and the import."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from xuefa.errors import BadInputError, Finding
from xuefa.records.ledger import LedgerPlan, PlannedRow
from xuefa.records.ledger.plan import STATE_NAMES
from xuefa.workbench.cards import (
    render_body,
    render_details,
    render_done,
    render_files,
    render_note,
    render_table,
)
from xuefa.workbench.clerk.year import YearChoice
from xuefa.workbench.desk import Action, Desk, field, show_text
from xuefa.workbench.uploads import choose_file, keep_upload, naming_files_in
from xuefa.workflows.ledger import import_ledger, plan_ledger, write_ledger_template

ROWS_AT_ONCE = 20
"""Doubtful rows shown to be put right at one time."""


def render_plan(plan: LedgerPlan) -> str:
    """How many rows of each sheet are new, known, doubled or doubtful, and what each new one adds."""
    states = list(STATE_NAMES)
    counts = plan.count_states()
    shown = [state for state in states if any(count[state] for count in counts.values())]
    parts = [
        render_table(
            f"{plan.file}（{plan.year} 年）",
            ("工作表", *(f"{STATE_NAMES[state]}（行）" for state in shown)),
            [(sheet, *(count[state] for state in shown)) for sheet, count in counts.items()],
        )
        if counts
        else render_note("台账是空的，没有要登记的内容。")
    ]
    rows = [
        (row.place, STATE_NAMES[row.state], row.says) for row in plan.rows if row.state not in ("doubtful", "left_out")
    ]
    if rows:
        parts.append(render_details("逐行看要登记什么", render_table("逐行", ("位置", "", "内容"), rows)))
    if plan.other_sheets:
        parts.append(render_note(f"没有读的工作表（不是台账）：{'、'.join(plan.other_sheets)}。"))
    doubtful = sum(row.state == "doubtful" for row in plan.rows)
    if doubtful:
        parts.append(
            render_note(f"有 {doubtful} 行存疑，在下面改好，再按“重新检查”。存疑的行改好以前，什么也不会写入。")
        )
    elif plan.adds_nothing:
        parts.append(render_done("没有要新增的内容，都已经登记过。"))
    else:
        parts.append(render_done("没有存疑的行，可以按“确认导入”。"))
    return "".join(parts)


class RowForm:
    """A doubtful row with its cells as fields, and a box to leave it out."""

    def __init__(self, row: PlannedRow) -> None:
        self.place = row.place
        faults = "".join(f"<li>{escape(one.fault)}。{escape(one.fix)}。</li>" for one in row.findings)
        self._fields = {column: field(widgets.Text, column, value=text) for column, text in row.cells.items()}
        self._leave_out = widgets.Checkbox(description="不导入这一行", indent=False, value=False)
        head = widgets.HTML(
            render_body(
                f"<div class='xuefa-problem'><p><strong>{escape(row.place)}</strong></p><ul>{faults}</ul></div>"
            )
        )
        self.view = widgets.VBox([head, *self._fields.values(), self._leave_out])

    @property
    def correction(self) -> Mapping[str, str] | None:
        """What the clerk says of the row."""
        if self._leave_out.value:
            return None
        return {column: widget.value.strip() for column, widget in self._fields.items()}


class LedgerWork:
    """The ledger at hand: its file, what the clerk said of its rows, and the forms that are shown."""

    def __init__(self, desk: Desk, year: YearChoice) -> None:
        self._desk, self._year = desk, year
        self._folder = tempfile.TemporaryDirectory()
        self._file: Path | None = None
        self._corrections: dict[str, Mapping[str, str] | None] = {}
        self._forms: list[RowForm] = []
        self._uploads = 0
        self.upload = choose_file("选择台账文件", ".xlsx,.csv,.xls")
        self.forms_view = widgets.VBox([])
        self.plan_view = widgets.HTML(layout={"width": "100%"})
        self.plan_view.add_class("xuefa-plan")

    def look(self, _tell: Callable[[int, int], None]) -> str:
        """Read the picked file anew and show its plan; what was said of an earlier one is forgotten."""
        self._uploads += 1
        place = Path(self._folder.name) / str(self._uploads)
        place.mkdir()
        self._file = keep_upload(self.upload, folder=place, place="台账文件")
        self._corrections = {}
        self._plan()
        return ""

    def look_again(self, _tell: Callable[[int, int], None]) -> str:
        """Plan again with what the forms say."""
        self._keep_forms()
        self._plan()
        return ""

    def write(self, _tell: Callable[[int, int], None]) -> str:
        """Import it, all or nothing."""
        self._keep_forms()
        self._plan()
        if self._forms:
            raise BadInputError(Finding("台账", "还有存疑的行，什么也没有写", "请先改好或者不导入那些行"))
        done = import_ledger(
            settings=self._desk.settings,
            file=self._require_file(),
            year=self._year.require(),
            corrections=self._corrections,
        )
        self._plan()
        return render_done(f"已写入：{done.records_added} 条记录，{done.sessions_written} 场学习活动。")

    def _plan(self) -> None:
        self._show_forms(())
        self.plan_view.value = ""
        file = self._require_file()
        with naming_files_in(file.parent):
            plan = plan_ledger(
                settings=self._desk.settings, file=file, year=self._year.require(), corrections=self._corrections
            )
        self._show_forms([row for row in plan.rows if row.state == "doubtful"][:ROWS_AT_ONCE])
        self.plan_view.value = render_body(render_plan(plan))

    def _require_file(self) -> Path:
        if self._file is None:
            raise BadInputError(Finding("台账文件", "还没有看过台账", "请先选文件，按“查看”"))
        return self._file

    def _keep_forms(self) -> None:
        self._corrections |= {form.place: form.correction for form in self._forms}

    def _show_forms(self, rows: Any) -> None:
        self._forms = [RowForm(row) for row in rows]
        self.forms_view.children = tuple(form.view for form in self._forms)


def open_ledger_tab(desk: Desk, year: YearChoice) -> Any:
    """The tab's widgets."""
    work = LedgerWork(desk, year)
    folder = desk.settings.report_output_dir

    def template(_tell: Callable[[int, int], None]) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "台账.xlsx"
        path.unlink(missing_ok=True)
        write_ledger_template(to=path)
        return render_files([path], site_dir=desk.settings.site_dir)

    checking = Action(desk, "重新检查", work.look_again, busy="检查")
    Action(desk, "确认导入", work.write, busy="导入", beside=checking)
    return widgets.VBox(
        [
            show_text("<p>没有用本工具记下的活动，填进台账再导入。先下载空台账，一类活动一张表。</p>"),
            Action(desk, "空台账", template, busy="写空台账").view,
            show_text("<p>填好的台账在这里查看：会登记什么、哪些行存疑。查看什么也不写，确认导入才写。</p>"),
            work.upload,
            Action(desk, "查看", work.look, busy="读台账").view,
            work.plan_view,
            work.forms_view,
            checking.view,
        ]
    )
