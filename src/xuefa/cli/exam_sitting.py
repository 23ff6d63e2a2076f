"""`xuefa exam`: handing papers out and taking them in."""

from __future__ import annotations

from xuefa.cli.app import PaperId, command, current_settings, print_files
from xuefa.cli.exam import exam


@command(exam, "release")
def exam_release(paper_id: PaperId) -> None:
    """发卷：写出不含答案的试卷，并定下应考名单。"""
    from xuefa.workflows.exam_sitting import release_paper

    released, expected = release_paper(settings=current_settings(), paper_id=paper_id)
    print(f"应考 {len(expected)} 人。")
    print_files(released)
