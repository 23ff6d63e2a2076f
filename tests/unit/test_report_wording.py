from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from tests.report_years import Ledger, build, project_options, small_year, text_of, written_options
from xuefa.records.record import SessionKind, Verb
from xuefa.report.markdown import render_markdown
from xuefa.report.options import ReportOptions
from xuefa.report.section import Heading, Number, Paragraph, Table


def test_the_overview_states_what_the_annual_report_states() -> None:
    _, section = build(small_year())

    assert section.paragraphs[1] == (
        "全年集中学习了《行政诉讼法》《民法典》《反有组织犯罪法》等法律法规文件3次，撰写心得体会、研讨材料3篇，"
        "在全乡范围内组织开展习近平法治思想学习研讨活动1次，利用微信群及公众号平台推送习近平法治思想学习内容3次，"
        "2名干部通过执法考试。"
    )


def test_every_number_of_the_section_is_the_text_of_its_figure() -> None:
    figures, section = build(small_year())
    numbers = list(section.numbers)

    assert len(numbers) > 80
    assert all(number.text == figures[number.figure_id].text for number in numbers)


def test_the_words_around_the_numbers_hold_no_result_typed_in() -> None:
    """What is left without the numbers: the year, names of months, targets of report.toml, the paper's title."""
    _, section = build(small_year())
    words = "".join(
        run.text
        for block in section.blocks
        if isinstance(block, Paragraph)
        for run in block.runs
        if not isinstance(run, Number)
    )
    words = re.sub(r"2022年|\d+月|“模拟考试2022-1”|[89]0%的要求", "", words)

    assert not re.search(r"\d", words)


def test_no_name_and_no_host_appears_in_the_section() -> None:
    ledger = small_year()
    text = text_of(build(ledger)[1])

    for learner in ledger.learners:
        assert learner.name not in text
    assert "主持人甲" not in text


def test_the_word_yu_is_used_only_where_the_clerk_asks_for_it() -> None:
    ledger = Ledger()
    for day in range(1, 13):
        ledger.record(Verb.PUBLISHED, f"2022-03-{day:02d} 10:00")
    exact = text_of(build(ledger)[1])
    rounded = text_of(build(ledger, options=project_options().model_copy(update={"more_than": ("pushes",)}))[1])

    assert "推送习近平法治思想学习内容12次" in exact
    assert "推送习近平法治思想学习内容10余次" in rounded


def test_parts_without_content_are_left_out_and_the_rest_is_numbered_through() -> None:
    ledger = Ledger()
    ledger.session("2022-03-10", laws=("xf",))
    _, section = build(ledger)

    assert [block.text for block in section.blocks if isinstance(block, Heading)] == [
        "一、学习宣传贯彻情况",
        "（一）总体情况",
        "（二）集中学习",
        "二、存在问题",
        "三、下一步工作打算",
    ]


def test_an_empty_year_claims_nothing() -> None:
    _, section = build(Ledger())

    assert section.paragraphs[0] == "现将青山乡2022年度学法用法情况报告如下："
    assert section.paragraphs[1] == "全年没有学习活动的记录。"
    assert "没有集中学习的记录" in section.paragraphs[2]
    assert not any(isinstance(block, Table) for block in section.blocks)


def problems_and_steps(ledger: Ledger, *, options: ReportOptions | None = None) -> tuple[str, str]:
    _, section = build(ledger, options=options)
    return section.paragraphs[-2], section.paragraphs[-1]


def full_attendance_year() -> tuple[Ledger, list[str]]:
    ledger = Ledger()
    people = [ledger.learner(f"p{number}", unit="党政办" if number < 4 else "农业站") for number in range(8)]
    for month in range(1, 13):
        session = ledger.session(f"2022-{month:02d}-10", expected=people, laws=("xzss",))
        for person in people:
            ledger.record(Verb.SIGNED_IN, f"2022-{month:02d}-10 19:00", person, session_id=session)
    return ledger, people


def answer_many(ledger: Ledger, person: str, law: str, *, right: int, wrong: int) -> None:
    for number in range(right + wrong):
        ledger.answer(f"2022-05-11 20:{number:02d}", person, f"{law}-0001", correct=number < right)


def test_a_year_that_meets_every_target_names_no_problem() -> None:
    ledger, people = full_attendance_year()
    answer_many(ledger, people[0], "xzss", right=20, wrong=0)
    ledger.score(people[0], 95.0)

    problems, steps = problems_and_steps(ledger)
    assert problems == project_options().wording.problems_none
    assert steps == project_options().wording.steps_none


def test_the_weakest_laws_are_named_worst_first_with_n_and_n() -> None:
    ledger, people = full_attendance_year()
    answer_many(ledger, people[0], "xzss", right=15, wrong=5)
    answer_many(ledger, people[0], "fyzz", right=10, wrong=10)
    answer_many(ledger, people[0], "mfd", right=20, wrong=0)
    ledger.score(people[0], 95.0)

    problems, steps = problems_and_steps(ledger)
    assert "《反有组织犯罪法》答题正确率为50.0%（10/20）、《行政诉讼法》为75.0%（15/20），未达到80%的要求" in problems
    assert "《民法典》" not in problems
    assert "将《反有组织犯罪法》《行政诉讼法》列为重点学习内容" in steps


def test_a_law_with_few_answers_is_not_called_weak() -> None:
    ledger, people = full_attendance_year()
    answer_many(ledger, people[0], "xzss", right=20, wrong=0)
    answer_many(ledger, people[0], "fyzz", right=0, wrong=19)
    ledger.score(people[0], 95.0)

    assert "《反有组织犯罪法》" not in problems_and_steps(ledger)[0]


def test_above_the_target_the_lowest_law_is_still_named_and_said_to_be_the_lowest() -> None:
    ledger, people = full_attendance_year()
    answer_many(ledger, people[0], "xzss", right=18, wrong=2)
    answer_many(ledger, people[0], "fyzz", right=20, wrong=0)
    ledger.score(people[0], 95.0)

    problems, _ = problems_and_steps(ledger)
    assert "《行政诉讼法》答题正确率为90.0%（18/20），在所学法律法规中最低" in problems
    assert "未达到" not in problems


def test_units_and_months_that_fell_behind_are_named() -> None:
    ledger, people = full_attendance_year()
    session = ledger.session("2022-08-20", expected=people[4:])
    ledger.record(Verb.EXCUSED, "2022-08-20 12:00", people[4], session_id=session)

    problems, _ = problems_and_steps(ledger)
    assert "8月参学率为66.7%（8/12）" in problems
    for month in range(8, 13):
        ledger.session(f"2022-{month:02d}-21", expected=people[4:])
    assert "农业站参学率为" in problems_and_steps(ledger)[0]


def test_a_unit_of_one_person_is_not_singled_out() -> None:
    ledger, people = full_attendance_year()
    loner = ledger.learner("loner", unit="司法所")
    for month in range(1, 13):
        ledger.session(f"2022-{month:02d}-22", expected=[*people, loner])

    assert "司法所" not in text_of(build(ledger)[1])


def test_months_without_a_session_are_named() -> None:
    ledger, _ = full_attendance_year()
    ledger.sessions = [session for session in ledger.sessions if session.held_on.month not in (3, 7)]

    problems, steps = problems_and_steps(ledger)
    assert "3月、7月没有组织集中学习" in problems
    assert "月月有集中学习" in steps


def test_months_in_a_row_without_a_session_are_named_as_a_span() -> None:
    ledger, _ = full_attendance_year()
    ledger.sessions = [one for one in ledger.sessions if one.held_on.month not in (2, 3, 5, 8, 9, 10, 12)]

    assert "2月、3月、5月、8月至10月、12月没有组织集中学习" in problems_and_steps(ledger)[0]


def test_more_than_three_that_fell_behind_are_all_named_the_worst_with_their_rates() -> None:
    ledger, people = full_attendance_year()
    for right, law in enumerate(("xzss", "fyzz", "mfd", "xf")):
        answer_many(ledger, people[0], law, right=10 + right, wrong=10 - right)

    problems, steps = problems_and_steps(ledger)
    assert "为60.0%（12/20），以及《宪法》，未达到80%的要求" in problems
    assert "《宪法》列为重点学习内容" in steps


def test_one_month_or_one_unit_alone_is_not_set_apart_from_the_whole() -> None:
    ledger = Ledger()
    people = [ledger.learner(f"p{number}") for number in range(4)]
    ledger.session("2022-03-10", expected=people, laws=("xf",))

    problems, _ = problems_and_steps(ledger)
    assert "全年参学率为0.0%（0/4）" in problems
    assert "部分" not in problems


def test_sessions_without_a_law_are_not_counted_as_study_of_one() -> None:
    ledger, _ = full_attendance_year()
    assert "集中学习了《行政诉讼法》等法律法规文件12次" in text_of(build(ledger)[1])

    ledger.session("2022-12-20")
    assert "全年组织集中学习13次，学习了《行政诉讼法》等法律法规文件1部" in text_of(build(ledger)[1])


def test_a_session_that_nobody_came_to_is_said_in_words() -> None:
    ledger = Ledger()
    people = [ledger.learner(f"p{number}") for number in range(4)]
    ledger.session("2022-03-10", expected=people, laws=("xf",))

    text = text_of(build(ledger)[1])
    assert "集中学习全年应到4人次，请假0人次，缺席4人次，没有人员到会。" in text
    assert "有0人" not in text


def test_tables_leave_out_what_nobody_did() -> None:
    ledger, people = full_attendance_year()
    assert "答题" not in render_markdown(build(ledger)[1]).partition("## 二")[0]

    answer_many(ledger, people[0], "xzss", right=1, wrong=0)
    assert "| 月份 | 学习次数 | 参学人次 | 参学率 | 答题次数 | 答题正确率 |" in text_of(build(ledger)[1])


@pytest.mark.parametrize(("hours", "verdict"), [(16, "达到"), (17, "未达到")])
def test_the_target_of_hours_is_held_against_everyone(tmp_path: Path, hours: int, verdict: str) -> None:
    options = written_options(tmp_path, f'unit = "青山乡"\nyear = 2022\n[targets]\nstudy_hours = {hours}\n')
    text = text_of(build(full_attendance_year()[0], options=options)[1])

    assert f"，{verdict}人人学满的要求" in text
    assert f"| 学时达标率 | 人人学满{hours}学时 |" in text
    assert "没有设定要求" not in text


def test_a_target_of_hours_that_nobody_set_is_said_under_the_table() -> None:
    text = text_of(build(full_attendance_year()[0])[1])

    assert "每人全年学时没有设定要求，不作对照。" in text
    assert "模拟考试及格率：" not in text, "there was no exam to define"


@pytest.mark.parametrize(("scores", "told"), [((60.0, None), False), ((60.0, 95.0, 70.0), True)])
def test_scores_of_an_exam_that_few_sat_are_not_told(scores: tuple[float | None, ...], *, told: bool) -> None:
    ledger, people = full_attendance_year()
    for paper in ("2022-1", "2022-2"):
        for person, score in zip(people, scores, strict=False):
            ledger.score(person, score, paper_id=paper)

    text = text_of(build(ledger)[1])
    assert "参考率" in text
    for words in ("平均分75.0分", "及格率33.3%（1/3）", "| 中位数 | 70.0 | 70.0 |"):
        assert (words in text) is told
    assert ("| 平均分 | 不列 | 不列 |" in text) is not told
    assert ("60.0" in text) is False


def test_lectures_and_court_visits_are_told_and_are_activities_of_the_year() -> None:
    ledger = Ledger()
    person = ledger.learner("p")
    lecture = ledger.session("2022-06-10", kind=SessionKind.LECTURE)
    ledger.session("2022-07-10", kind=SessionKind.COURT_VISIT)
    ledger.record(Verb.SIGNED_IN, "2022-06-10 19:00", person, session_id=lecture)

    _, section = build(ledger)
    assert section.paragraphs[0] == "现将青山乡2022年度学法用法情况报告如下：", "no plan of 集中学习 to speak of"
    assert section.paragraphs[1] == "举办专题讲座1次，组织旁听庭审1次。"
    assert section.paragraphs[2] == "举办专题讲座1次，参加1人次，共1人。组织旁听庭审1次。"
    assert "没有学习活动" not in text_of(section)


def test_a_year_of_answers_or_an_exam_alone_is_no_year_without_activity() -> None:
    answered, sat = Ledger(), Ledger()
    answered.answer("2022-05-11 20:00", answered.learner("p"), "xf-0001", correct=True)
    sat.score(sat.learner("p"), None)

    for ledger in (answered, sat):
        assert "没有学习活动" not in text_of(build(ledger)[1])
        assert "总体情况" not in text_of(build(ledger)[1])


def test_what_happened_in_neither_year_is_not_compared() -> None:
    ledger, people = full_attendance_year()
    ledger.session("2021-03-10", expected=people, laws=("xzss",))

    overview = build(ledger)[1].paragraphs[1]
    assert "集中学习次数增加11次" in overview
    assert "持平" not in overview


def test_writings_of_one_kind_are_told_alone() -> None:
    ledger = Ledger()
    ledger.record(Verb.REFLECTED, "2022-03-10 10:00", ledger.learner("p"), text="心得")

    assert "全年撰写心得体会1篇，共有1人提交。" in text_of(build(ledger)[1])


def test_units_and_months_that_all_fell_behind_are_not_called_some_of_them() -> None:
    ledger, _ = full_attendance_year()
    ledger.records = []

    problems, _ = problems_and_steps(ledger)
    assert "各单位参学率都偏低" in problems
    loner = ledger.learner("loner", unit="司法所")
    session = ledger.session("2022-12-20", expected=[loner])
    ledger.record(Verb.SIGNED_IN, "2022-12-20 19:00", loner, session_id=session)
    assert "部分单位参学率偏低" in problems_and_steps(ledger)[0], "a unit too small to be named counts as one"
    assert "各月参学率都偏低。1月参学率为0.0%（0/8）、2月为0.0%（0/8）、3月为0.0%（0/8），以及4月至12月，" in problems
    assert "部分" not in problems


def test_a_section_written_before_the_year_is_over_blames_no_month_that_is_not_over() -> None:
    ledger, _ = full_attendance_year()
    ledger.sessions = [session for session in ledger.sessions if session.held_on.month not in (3, 11, 12)]
    ledger.today = date(2022, 11, 30)
    assert "均衡。3月没有组织集中学习" in problems_and_steps(ledger)[0]

    ledger.today = date(2022, 12, 1)
    assert "均衡。3月、11月没有组织集中学习" in problems_and_steps(ledger)[0]

    ledger.today = date(2023, 1, 1)
    assert "均衡。3月、11月、12月没有组织集中学习" in problems_and_steps(ledger)[0]


def test_absentees_of_an_exam_are_counted_and_not_named() -> None:
    ledger, people = full_attendance_year()
    for person, score in zip(people, (95.0, 95.0, 60.0, None), strict=False):
        ledger.score(person, score)

    problems, steps = problems_and_steps(ledger)
    assert "“模拟考试2022-1”缺考1人" in problems
    assert "“模拟考试2022-1”及格率为66.7%（2/3），未达到90%的要求" in problems
    assert "组织缺考人员补考" in steps


def test_several_exams_get_a_table_of_three_papers_at_most() -> None:
    ledger, people = full_attendance_year()
    for number in range(4):
        ledger.score(people[0], 90.0, paper_id=f"p{number}", held_on=f"2022-0{number + 1}-20")
    tables = [
        block for block in build(ledger)[1].blocks if isinstance(block, Table) and block.caption == "模拟考试情况"
    ]

    assert [len(table.columns) for table in tables] == [4, 2]


def test_markdown_marks_in_a_name_stay_plain() -> None:
    options = project_options().model_copy(update={"unit": "青*山|乡_<b>"})

    assert r"青\*山\|乡\_\<b\>" in text_of(build(small_year(), options=options)[1])
