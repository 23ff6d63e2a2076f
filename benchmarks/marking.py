"""How fast a paper of 80 items is marked by the kit and by stock nbgrader, and how much memory the kit's marking takes.

Both mark the same 30 submissions as whole processes; then the kit alone marks 250 and 1,000, each in a fresh process
and timed after its imports. The last line is JSON: {"ratio_30", "submissions_per_second_1000", "equal", "peak_mb"}.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

from xuefa.bank.item import Kind, questions_of
from xuefa.bank.reader import Bank, read_bank
from xuefa.exam.answers import Answer, Answers, render_answers
from xuefa.exam.course_config import prepare_course
from xuefa.exam.notebook import write_source
from xuefa.exam.paper import Paper, PaperQuestion, PaperSection
from xuefa.exam.release import release_paper
from xuefa.exam.sitting import make_sitting
from xuefa.exam.times import render_nbgrader_time
from xuefa.records.record import Learner
from xuefa.settings import read_settings

PROJECT = Path(__file__).parents[1]
PAPER_ID = "benchmark-80"
STARTED_AT = datetime(2022, 11, 20, 1, 0, tzinfo=UTC)
STOCK = """
c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.Execute", *c.Autograde.autograde_preprocessors[1:]]
"""
MARK = """
import json, resource, sys
from pathlib import Path
from time import perf_counter
from xuefa.exam.marking import mark_paper
started = perf_counter()
summary = mark_paper(sys.argv[1], course_dir=Path(sys.argv[2]))
seconds = perf_counter() - started
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "peak_mb": peak_mb, "marked": len(summary.marked)}))
"""
GRADES = """
select s.student_id, c.name, g.auto_score, g.manual_score, g.needs_manual_grade, n.late_submission_penalty
from grade g join base_cell c on c.id = g.cell_id join submitted_notebook n on n.id = g.notebook_id
join submitted_assignment s on s.id = n.assignment_id order by 1, 2
"""


def main() -> None:
    bank = read_bank(read_settings(os.environ).question_bank_dir)
    paper = set_paper(bank)
    with tempfile.TemporaryDirectory() as folder:
        ours, stock = Path(folder) / "ours", Path(folder) / "stock"
        make_course(ours, paper, bank, submissions=30)
        shutil.copytree(ours, stock)
        with (stock / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(STOCK)
        ours_seconds, _ = run_timed([sys.executable, "-c", MARK, PAPER_ID, str(ours)], folder=ours)
        stock_seconds, _ = run_timed([sys.executable, "-m", "nbgrader", "autograde", PAPER_ID], folder=stock)
        equal = len(read_grades(ours)) == 30 * len(paper.questions) and read_grades(ours) == read_grades(stock)
        runs = {}
        for submissions in (250, 1000):
            course_dir = Path(folder) / str(submissions)
            make_course(course_dir, paper, bank, submissions=submissions)
            _, output = run_timed([sys.executable, "-c", MARK, PAPER_ID, str(course_dir)], folder=course_dir)
            runs[submissions] = json.loads(output)
    print(f"30 份：xuefa {ours_seconds:.2f} 秒，nbgrader {stock_seconds:.2f} 秒（整个进程）")
    for submissions, run in runs.items():
        print(f"{submissions} 份：{run['seconds']:.2f} 秒，内存最多 {run['peak_mb']:.0f} MB")
    print(
        json.dumps(
            {
                "ratio_30": round(stock_seconds / ours_seconds, 1),
                "submissions_per_second_1000": round(runs[1000]["marked"] / runs[1000]["seconds"]),
                "equal": equal,
                "peak_mb": round(runs[1000]["peak_mb"]),
            }
        )
    )


def set_paper(bank: Bank) -> Paper:
    """The first 40 单选, 20 多选 and 20 判断 of the bank: what is measured does not depend on which they are."""
    kinds: tuple[tuple[Kind, int, float], ...] = (("single", 40, 1.0), ("multiple", 20, 2.0), ("judge", 20, 1.0))
    sections = tuple(
        PaperSection(title=kind, kind=kind, questions=select_questions(bank, kind, count=count, points=points))
        for kind, count, points in kinds
    )
    return Paper(
        paper_id=PAPER_ID,
        title="阅卷测速卷",
        held_on=date(2022, 11, 20),
        duration_minutes=60,
        pass_score=80,
        excellent_score=90,
        blueprint="benchmark",
        blueprint_digest="",
        bank_digest="",
        seed=0,
        sections=sections,
    )


def select_questions(bank: Bank, kind: Kind, *, count: int, points: float) -> tuple[PaperQuestion, ...]:
    items = [item for item in bank.items if item.kind == kind][:count]
    return tuple(
        PaperQuestion(
            question_id=part.question_id,
            item_version=item.version,
            kind=part.kind,
            story=part.story,
            stem=part.stem,
            options=part.options,
            points=points,
        )
        for item in items
        for part in questions_of(item)
    )


def make_course(course_dir: Path, paper: Paper, bank: Bank, *, submissions: int) -> None:
    """A released course with random submissions, as they lie there after everyone handed in."""
    prepare_course(course_dir, config_file=PROJECT / "grading" / "nbgrader_config.py")
    write_source(paper, bank=bank, course_dir=course_dir)
    since = date(2022, 1, 1)
    ids = [f"学员{number:04d}" for number in range(1, submissions + 1)]
    learners = [Learner(learner_id=one, name=one, unit="青山乡", post="干部", since=since) for one in ids]
    released = release_paper(make_sitting(PAPER_ID, learners=learners), course_dir=course_dir)
    rng = random.Random(3)  # noqa: S311  a benchmark repeats its choices
    handed_in_at = STARTED_AT + timedelta(minutes=40)
    for learner_id in ids:
        folder = course_dir / "submitted" / learner_id / PAPER_ID
        folder.mkdir(parents=True)
        answers = {question.question_id: Answer(respond(question, rng), STARTED_AT) for question in paper.questions}
        content = Answers(
            paper_id=PAPER_ID,
            learner_id=learner_id,
            started_at=STARTED_AT,
            handed_in_at=handed_in_at,
            answers=answers,
        )
        (folder / "answers.json").write_text(render_answers(content), encoding="utf-8")
        (folder / "timestamp.txt").write_text(render_nbgrader_time(handed_in_at), encoding="utf-8")
        shutil.copyfile(released, folder / released.name)


def respond(question: PaperQuestion, rng: random.Random) -> str:
    if question.kind == "multiple":
        return "".join(letter for letter in question.options if rng.random() < 0.5)
    return rng.choice(["", *question.options])


def run_timed(command: list[str], *, folder: Path) -> tuple[float, str]:
    """Seconds of the whole process and what it printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    started = perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return perf_counter() - started, done.stdout.decode()


def read_grades(course_dir: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(course_dir / "gradebook.db") as connection:
        return connection.execute(GRADES).fetchall()


if __name__ == "__main__":
    main()
