"""Marking with real nbgrader: safe to run again, nothing lost that a person gave, nothing half written."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sysconfig
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests.exam_course import DUE_AT, PAPER_ID, STARTED_AT, Course, learners, release_course
from xuefa.errors import BadInputError, MissingPartError, RecordsError
from xuefa.exam import gradebook_file
from xuefa.exam.export import write_scores_csv
from xuefa.exam.feedback import write_feedback
from xuefa.exam.gradebook import read_exam_results, read_item_scores, read_totals, read_unmarked_papers, write_hand_mark
from xuefa.exam.gradebook_file import require_gradebook
from xuefa.exam.marking import mark_paper
from xuefa.exam.release import release_paper
from xuefa.exam.sitting import make_sitting, read_course_sitting, sitting_path, write_sitting
from xuefa.exam.submission import hand_in, open_submission, write_answers
from xuefa.records.record import Learner

NAMES = [learner.learner_id for learner in learners(6)]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return release_course(tmp_path_factory.mktemp("exam") / "released", expected=len(NAMES))


@pytest.fixture
def course(released: Course, tmp_path: Path) -> Course:
    """A copy of the released course for one test."""
    return released.copy_to(tmp_path / "course")


# What is released


def test_nothing_released_holds_a_key(released: Course) -> None:
    """The released files are searched for what the keys stand in; and they are the same whatever the keys are."""
    source = (released.course_dir / "source" / PAPER_ID / f"{PAPER_ID}.ipynb").read_text(encoding="utf-8")
    files = [path for path in (released.course_dir / "release").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {f"{PAPER_ID}.ipynb", "paper.json", "sitting.json"}
    for path in files:
        text = path.read_text(encoding="utf-8")
        for words in ("mark_answer", "show_guide", "key=", '"key"', "HIDDEN", "评分要点（", "正确答案"):
            assert words not in text
        for question in released.paper.questions:
            item = released.bank.question(question.question_id)
            assert item.explanation not in text
            for element in getattr(item.item, "guide", ()):
                assert element.element in source
                assert element.element not in text
    assert source.count("mark_answer(") == len(released.right_answers())


def test_the_released_notebook_keeps_only_comments_in_its_grade_cells(released: Course) -> None:
    notebook = json.loads((released.course_dir / "release" / PAPER_ID / f"{PAPER_ID}.ipynb").read_bytes())
    graded = [cell for cell in notebook["cells"] if cell["metadata"]["nbgrader"]["grade"]]
    code = [cell for cell in graded if cell["cell_type"] == "code"]
    assert len(code) == len(released.right_answers()) + 1
    assert all(line.startswith("# ") for cell in code for line in cell["source"])
    assert all(cell["metadata"]["jupyter"]["source_hidden"] for cell in code)
    assert notebook["metadata"]["xuefa"] == {"paper": PAPER_ID, "run_on_open": True}


def test_releasing_again_after_submissions_came_in_changes_nothing(course: Course) -> None:
    course.sit(NAMES[0], course.right_answers())
    before = mark_paper(PAPER_ID, course_dir=course.course_dir)
    release_paper(read_course_sitting(PAPER_ID, course_dir=course.course_dir), course_dir=course.course_dir)
    assert mark_paper(PAPER_ID, course_dir=course.course_dir) == before


def test_a_paper_that_was_not_released_cannot_be_sat(course: Course) -> None:
    shutil.rmtree(course.course_dir / "release")
    with pytest.raises(MissingPartError, match="还没有发布"):
        open_submission(course.paper, course_dir=course.course_dir, learner_id=NAMES[0], now=STARTED_AT)
    assert not (course.course_dir / "submitted").exists()


# What a person gave


def test_marking_again_keeps_marks_and_comments_given_by_hand(course: Course) -> None:
    for name in NAMES[:2]:
        course.sit(name, {**course.right_answers(), course.essay_id: "十五日内答辩。"})
    first = mark_paper(PAPER_ID, course_dir=course.course_dir)
    assert [total.needs_manual_grade for total in first.marked] == [True, True]
    options = {"paper_id": PAPER_ID, "learner_id": NAMES[0], "question_id": course.essay_id}
    write_hand_mark(course.course_dir, **options, score=8.5, comment="要点全，缺条文")
    again = mark_paper(PAPER_ID, course_dir=course.course_dir)
    assert [(total.score, total.needs_manual_grade) for total in again.marked] == [(38.5, False), (30, True)]
    with sqlite3.connect(course.course_dir / "gradebook.db") as connection:
        comments = connection.execute("select manual_comment from comment where manual_comment is not null").fetchall()
    assert comments == [("要点全，缺条文",)]


def test_a_hand_given_mark_of_an_answer_that_changed_is_kept_but_asks_for_a_look(course: Course) -> None:
    folder = course.sit(NAMES[0], {course.essay_id: "第一稿"})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    options = {"paper_id": PAPER_ID, "learner_id": NAMES[0], "question_id": course.essay_id}
    write_hand_mark(course.course_dir, **options, score=4)
    answers = (folder / "answers.json").read_text(encoding="utf-8").replace("第一稿", "第二稿")
    (folder / "answers.json").write_text(answers, encoding="utf-8")
    total = mark_paper(PAPER_ID, course_dir=course.course_dir).marked[0]
    assert (total.score, total.needs_manual_grade) == (4, True)


def test_a_hand_mark_above_the_points_or_for_nobody_is_refused(course: Course) -> None:
    course.sit(NAMES[0], {course.essay_id: "一稿"})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    for learner_id, score, fault in ((NAMES[0], 11, "满分是 10"), (NAMES[1], 5, "没有这份答卷")):
        with pytest.raises(BadInputError, match=fault):
            write_hand_mark(
                course.course_dir, paper_id=PAPER_ID, learner_id=learner_id, question_id=course.essay_id, score=score
            )


def test_marking_that_is_stopped_leaves_the_old_marks_and_run_again_gives_the_right_ones(course: Course) -> None:
    folders = [course.sit(name, {**course.right_answers(), course.essay_id: "第一稿"}) for name in NAMES[:3]]
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    options = {"paper_id": PAPER_ID, "learner_id": NAMES[0], "question_id": course.essay_id}
    write_hand_mark(course.course_dir, **options, score=4)
    before = course.scores()
    path = folders[0] / "answers.json"
    path.write_text(path.read_text(encoding="utf-8").replace("第一稿", "第二稿"), encoding="utf-8")
    (folders[1] / "answers.json").write_bytes((folders[1] / "answers.json").read_bytes().replace(b'"B"', b'""'))

    def stop(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mark_paper(PAPER_ID, course_dir=course.course_dir, progress=stop)
    assert course.scores() == before
    marked = mark_paper(PAPER_ID, course_dir=course.course_dir).marked
    assert (marked[0].score, marked[0].needs_manual_grade) == (34, True)
    assert marked[1].score < 30
    notebook = course.course_dir / "autograded" / NAMES[0] / PAPER_ID / f"{PAPER_ID}.ipynb"
    assert "第二稿" in notebook.read_text(encoding="utf-8")
    assert not list((course.course_dir / "autograded").rglob(".*.tmp"))


def test_marked_notebooks_are_valid_and_laid_out_as_json_is(course: Course) -> None:
    course.sit(NAMES[0], {**course.right_answers(), course.essay_id: "一\n\n“二”"})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    path = course.course_dir / "autograded" / NAMES[0] / PAPER_ID / f"{PAPER_ID}.ipynb"
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    nbformat.validate(nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call]  # nbformat is untyped


def test_marking_twice_writes_the_same_bytes_and_rows(course: Course) -> None:
    course.sit(NAMES[0], {**course.right_answers(), course.essay_id: "一稿"})
    course.sit(NAMES[1], {}, handed_in_at=None)

    def state() -> tuple[object, ...]:
        with sqlite3.connect(course.course_dir / "gradebook.db") as connection:
            rows = [connection.execute(f"select * from {table} order by 1").fetchall() for table in tables]  # noqa: S608  our own names
        files = sorted((course.course_dir / "autograded").rglob("*.*"))
        return rows, [(path, path.read_bytes()) for path in files]

    tables = ("submitted_assignment", "submitted_notebook", "grade", "comment")
    first = mark_paper(PAPER_ID, course_dir=course.course_dir)
    before = state()
    assert mark_paper(PAPER_ID, course_dir=course.course_dir) == first
    assert state() == before
    assert first.unfinished == (NAMES[1],)


# The gradebook


def test_nothing_is_half_written_when_the_gradebook_is_locked(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    course.sit(NAMES[0], course.right_answers())
    monkeypatch.setattr(gradebook_file, "LOCK_SECONDS", 0.1)
    with sqlite3.connect(course.course_dir / "gradebook.db") as other:
        other.execute("begin exclusive")
        with pytest.raises(RecordsError, match="正被别的程序占用"):
            mark_paper(PAPER_ID, course_dir=course.course_dir)
    assert course.scores()[NAMES[0]] is None


def test_a_file_that_is_no_gradebook_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "gradebook.db").write_bytes(b"no database" * 100)
    with pytest.raises(RecordsError, match="不是成绩册"):
        require_gradebook(tmp_path)


def test_a_gradebook_of_another_schema_is_an_error(course: Course) -> None:
    with sqlite3.connect(course.course_dir / "gradebook.db") as connection:
        connection.execute("update alembic_version set version_num = '167914646830'")
    with pytest.raises(RecordsError, match="结构版本是 167914646830"):
        mark_paper(PAPER_ID, course_dir=course.course_dir)


def test_a_gradebook_made_here_without_alembic_is_the_one_that_nbgrader_would_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.db"
    monkeypatch.setenv("PATH", sysconfig.get_path("scripts"))
    Gradebook(f"sqlite:///{own.as_posix()}", "xuefa").close()
    monkeypatch.setenv("PATH", str(tmp_path))
    made = require_gradebook(tmp_path / "course")
    one, other = (_contents(path) for path in (made, own))
    assert one == other
    assert ("INSERT INTO \"alembic_version\" VALUES('e43177bfe90b');") in one
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def _contents(path: Path) -> list[str]:
    """Every table with its rows, in an order of their own."""
    with closing(sqlite3.connect(path)) as database:
        return sorted(database.iterdump())


def test_results_tell_absent_from_zero(course: Course) -> None:
    course.sit(NAMES[0], {})
    course.sit(NAMES[1], course.right_answers(), handed_in_at=None)
    summary = mark_paper(PAPER_ID, course_dir=course.course_dir)
    results = read_exam_results(course.course_dir)
    assert read_unmarked_papers(course.course_dir) == ()
    assert [result.score for result in results] == [0, 30, None, None, None, None]
    assert {(result.max_score, result.pass_score, result.excellent_score) for result in results} == {(40, 24, 34)}
    assert summary.absent == tuple(NAMES[2:])
    assert summary.unfinished == (NAMES[1],)


def test_results_of_a_course_without_marks_are_none(course: Course, tmp_path: Path) -> None:
    assert read_exam_results(course.course_dir) == ()
    assert [paper.paper_id for paper in read_unmarked_papers(course.course_dir)] == [PAPER_ID]
    assert read_exam_results(tmp_path / "nothing") == ()
    assert read_unmarked_papers(tmp_path / "nothing") == ()
    assert not (tmp_path / "nothing").exists()


def test_item_scores_list_every_question_once(course: Course) -> None:
    course.sit(NAMES[0], {**course.right_answers(), course.essay_id: "一稿"})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    items = {item.question_id: item for item in read_item_scores(course.course_dir, paper_id=PAPER_ID)}
    assert items.keys() == {question.question_id for question in course.paper.questions}
    assert sum(item.score or 0 for item in items.values()) == 30
    assert items[course.essay_id].score is None
    assert items[course.essay_id].needs_manual_grade


def test_a_locked_source_that_was_changed_after_release_is_refused(course: Course) -> None:
    path = course.course_dir / "source" / PAPER_ID / f"{PAPER_ID}.ipynb"
    notebook = json.loads(path.read_bytes())
    del notebook["cells"][5]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(BadInputError, match="与发布的不一致"):
        mark_paper(PAPER_ID, course_dir=course.course_dir)


def test_points_in_tenths_add_up_to_what_a_person_gets(course: Course) -> None:
    """In binary fractions 0.7 + 0.1 falls short of 0.8, and a pass mark of 0.8 would be missed."""
    course.sit(NAMES[0], {})
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    for question_id, score in zip((course.paper.questions[0].question_id, course.essay_id), (0.7, 0.1), strict=True):
        write_hand_mark(course.course_dir, paper_id=PAPER_ID, learner_id=NAMES[0], question_id=question_id, score=score)
    assert read_totals(course.course_dir, paper_id=PAPER_ID) == {NAMES[0]: 0.8}
    assert [one.score for one in mark_paper(PAPER_ID, course_dir=course.course_dir).marked] == [0.8]


# What goes out


def test_scores_are_exported_for_excel_with_absence_and_no_formula(course: Course, tmp_path: Path) -> None:
    evil = Learner(**{**learners(1)[0].__dict__, "name": "=HYPERLINK(1)"})
    sitting = make_sitting(PAPER_ID, learners=[evil, *learners(6)[1:]])
    write_sitting(sitting, sitting_path(course.course_dir, PAPER_ID))
    course.sit(NAMES[0], course.right_answers())
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    content = write_scores_csv(course.course_dir, to=tmp_path / "成绩.csv", paper_id=PAPER_ID).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[1] == "practice-1,学员01,'=HYPERLINK(1),2022-11-20 19:50:00,30,40,0,否,否"
    assert lines[2] == "practice-1,学员02,学员02,,,40,,是,"
    assert len(lines) == 7


def test_feedback_before_anything_is_marked_says_what_to_do_first(course: Course) -> None:
    with pytest.raises(BadInputError, match="还没有阅过的答卷。请先收卷，再运行 xuefa exam mark"):
        write_feedback(PAPER_ID, course_dir=course.course_dir)


def test_feedback_shows_choice_key_and_points_and_needs_no_network(course: Course) -> None:
    course.sit(NAMES[0], course.right_answers())
    mark_paper(PAPER_ID, course_dir=course.course_dir)
    pages = write_feedback(PAPER_ID, course_dir=course.course_dir)
    assert [page.parts[-3] for page in pages] == [NAMES[0]]
    text = pages[0].read_text(encoding="utf-8")
    assert '<span class="label">你的答案</span>B　<span class="label">正确答案</span>B' in text
    assert "2／2 分" in text
    assert 'src="http' not in text


def test_answers_after_handing_in_are_refused(course: Course) -> None:
    first = course.paper.questions[0].question_id
    folder = course.sit(NAMES[0], {first: "B"})
    before = (folder / "answers.json").read_bytes()
    options = {"course_dir": course.course_dir, "learner_id": NAMES[0], "now": DUE_AT}
    with pytest.raises(BadInputError, match="已经交卷"):
        write_answers(course.paper, responses={first: "C"}, **options)  # type: ignore[arg-type]
    hand_in(course.paper, **options)  # type: ignore[arg-type]
    assert (folder / "answers.json").read_bytes() == before
