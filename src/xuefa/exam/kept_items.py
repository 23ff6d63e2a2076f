"""The items of a paper, kept in full when it was set (题目底本): `kept/<paper>.json` in the course, never released.

With it a paper is printed, marked, explained or analysed years later, whatever became of the bank.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from xuefa.atomic_file import write_atomically
from xuefa.bank.item import Item
from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.exam.names import require_paper_id
from xuefa.exam.paper import Paper
from xuefa.laws.catalogue import Catalogue, Law
from xuefa.strict_yaml import Many, StrictModel


class _KeptItems(StrictModel):
    format: Literal[1] = 1
    paper_id: str
    laws: Many[Law]
    items: Many[Item]


def write_kept_items(paper: Paper, *, bank: Bank, course_dir: Path) -> Path:
    """Keep the items of a paper, and the catalogue they cite, as they are in the bank now; give the file's path."""
    item_ids = dict.fromkeys(question.item_id for question in paper.questions)
    kept = _KeptItems(
        paper_id=paper.paper_id, laws=tuple(bank.catalogue), items=tuple(bank[item_id] for item_id in item_ids)
    )
    path = kept_path(course_dir, paper.paper_id)
    write_atomically(path, kept.model_dump_json(indent=1).encode())
    return path


def read_kept_items(paper_id: str, *, course_dir: Path) -> Bank:
    """The items of a paper as they were kept: a small bank; BadInputError if the file is not there or spoilt."""
    path = kept_path(course_dir, paper_id)
    try:
        kept = _KeptItems.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadInputError(Finding(str(path), "找不到这份试卷的题目底本", "请从备份恢复，或者重新组卷")) from None
    except ValidationError as error:
        raise BadInputError(
            Finding(str(path), f"题目底本不完整或被改动过（{error.error_count()} 处不合要求）", "请从备份恢复")
        ) from None
    if kept.paper_id != paper_id:
        raise BadInputError(Finding(str(path), f"是试卷 {kept.paper_id} 的题目底本", "请从备份恢复"))
    return Bank(
        catalogue=Catalogue(kept.laws),
        items=kept.items,
        places={item.id: f"{path} 的 {item.id}" for item in kept.items},
    )


def kept_path(course_dir: Path, paper_id: str) -> Path:
    """Where the kept items of a paper stand."""
    return course_dir / "kept" / f"{require_paper_id(paper_id)}.json"
