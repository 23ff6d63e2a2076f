"""Tab 反馈、导出、打印: each learner's feedback page, the scores as a file, the paper as Word files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from xuefa.atomic_file import write_atomically
from xuefa.workbench.cards import render_done, render_files
from xuefa.workbench.desk import Action, Desk, field, show_text
from xuefa.workbench.papers import PaperChoice, is_released
from xuefa.workflows.exam_marking import export_scores, write_feedback
from xuefa.workflows.exam_printing import print_paper


def pack_feedback(pages: Iterable[Path], *, to: Path) -> Path:
    """Write a zip with every learner's page under the learner's id; give its path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages:
            archive.write(page, f"{page.parents[1].name}.html")
    write_atomically(to, buffer.getvalue())
    return to


def open_output_tab(desk: Desk) -> Any:
    """The tab's widgets."""
    settings = desk.settings
    export_dir = settings.course_dir / "export"
    chosen = PaperChoice(desk, wanted=lambda paper: is_released(desk, paper), none_yet="还没有发布过卷")
    printable = PaperChoice(desk, wanted=lambda _: True, none_yet="还没有组过卷")

    keys = field(
        widgets.Dropdown,
        "反馈里的答案",
        options=[("显示答案和解析", "shown"), ("不显示答案（这份卷还要再用）", "hidden")],
    )

    def feedback(tell: Callable[[int, int], None]) -> str:
        paper_id = chosen.require()
        pages = write_feedback(settings=settings, paper_id=paper_id, keys=keys.value, progress=tell)
        packed = pack_feedback(pages, to=export_dir / f"反馈-{paper_id}.zip")
        return render_done(
            f"已写出 {len(pages)} 份反馈，每人一页，以编号为文件名，装在一个压缩文件里。"
        ) + render_files([packed], site_dir=settings.site_dir)

    def export(_tell: Callable[[int, int], None]) -> str:
        paper_id = chosen.require()
        to = export_dir / f"成绩-{paper_id}.csv"
        path = export_scores(settings=settings, to=to, paper_id=paper_id)
        return render_done("成绩已导出，可以用 Excel 打开。") + render_files([path], site_dir=settings.site_dir)

    def print_out(tell: Callable[[int, int], None]) -> str:
        paths = print_paper(
            settings=settings, paper_id=printable.require(), to=None, existing="overwrite", progress=tell
        )
        return render_done("已写出试卷、答题卡和答案三个文件。") + render_files(paths, site_dir=settings.site_dir)

    return widgets.VBox(
        [
            chosen.view,
            show_text("<p>反馈：每个学员一页，写明自己的答案和得分。先阅卷，再写反馈。</p>"),
            keys,
            Action(desk, "写反馈", feedback, busy="写反馈", stoppable=True).view,
            show_text("<p>成绩：导出为表格文件。</p>"),
            Action(desk, "导出成绩", export, busy="导出成绩").view,
            show_text("<p>打印：试卷、答题卡、答案和解析，都是 Word 文件，可以再改；原来写出的会被换掉。</p>"),
            printable.view,
            Action(desk, "写出打印文件", print_out, busy="写打印文件", stoppable=True).view,
        ]
    )
