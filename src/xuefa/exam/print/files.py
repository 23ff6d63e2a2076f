"""The three Word files of a paper on disk; one that is there already, and may have been edited, is left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

from xuefa.atomic_file import write_file
from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.exam.paper import Paper
from xuefa.exam.print.answer_card import render_answer_card
from xuefa.exam.print.key_document import render_key_document
from xuefa.exam.print.paper_document import render_paper_document


def write_printed_files(
    paper: Paper,
    *,
    bank: Bank,
    folder: Path,
    written_at: datetime,
    existing: Literal["refuse", "overwrite"] = "refuse",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Path, Path, Path]:
    """Write `<paper>_试卷.docx`, `<paper>_答题卡.docx` and `<paper>_参考答案.docx`; give their paths in this order.

    `bank` holds the items as the paper was set with them. `progress` is told (done, all) of the documents made; what it
    raises writes none. Raises BadInputError, with no new file left, if one of the files is there (unless `existing` is
    "overwrite"), the bank lacks a question, or a file cannot be written.
    """
    _require_questions(paper, bank)
    paths = tuple(folder / f"{paper.paper_id}_{name}.docx" for name in ("试卷", "答题卡", "参考答案"))
    old = [path for path in paths if path.exists()]
    if old and existing == "refuse":
        fix = "如果要留着改过的文件，请用 --to 换一个文件夹；如果不要了，请加上 --overwrite"
        raise BadInputError(*(Finding(str(path), "已经有这个文件，里面可能有人改过", fix) for path in old))
    documents: tuple[Callable[..., bytes], ...] = (
        render_paper_document,
        render_answer_card,
        partial(render_key_document, bank=bank),
    )
    contents = []
    for number, render in enumerate(documents, start=1):
        contents.append(render(paper, written_at=written_at))
        if progress:
            progress(number, len(documents))
    try:
        for path, content in zip(paths, contents, strict=True):
            write_file(path, content)
    except BadInputError:
        for path in set(paths) - set(old):
            path.unlink(missing_ok=True)
        raise
    return paths[0], paths[1], paths[2]


def _require_questions(paper: Paper, bank: Bank) -> None:
    missing = dict.fromkeys(question.item_id for question in paper.questions if question.item_id not in bank)
    if missing:
        raise BadInputError(
            *(Finding(f"试卷 {paper.paper_id} 的题目底本", f"缺少 {item_id}", "请从备份恢复") for item_id in missing)
        )
