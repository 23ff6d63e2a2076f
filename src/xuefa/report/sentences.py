"""The sentences of the study section: what a clerk may change of them in `report.toml`, and what stays out of them."""

from __future__ import annotations

import re
import string

from pydantic import model_validator

from xuefa.strict_yaml import Fault, StrictModel

_NAMES_AND_QUOTATIONS = re.compile(r"《[^》]*》|“[^”]*”|\{[^{}]*\}")
_TYPED_NUMBER = re.compile(
    r"[\d０-９]+|(?<!第)(?:[二三四五六七八九十百千万两数几]|一[十百千万])[一二三四五六七八九十百千万]*[余多]?"
    r"(?:人次|个百分点|学时|分钟|分之|[次篇名部人场份])"
)
_END_MARKS = "。，；、：！"


def placeholders(template: str) -> set[str]:
    """The names in braces of a template; raise ValueError for unpaired braces."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


class Wording(StrictModel):
    """The sentences of the section; a name in braces is where a figure or a name goes, and no number is typed in."""

    title: str = "关于{year}年度学法用法情况的报告"
    lead: str = (
        "{year}年，{unit}认真学习贯彻习近平法治思想，将法治学习摆在理论学习的重要位置，制定以月、季度为时间单位的学习计划"
        "并组织实施。现将{year}年度学法用法情况报告如下："
    )
    lead_nothing: str = "现将{unit}{year}年度学法用法情况报告如下："
    overview_sessions: str = "全年集中学习了{laws}等法律法规文件{study_sessions}次"
    overview_sessions_without_laws: str = "全年组织集中学习{study_sessions}次"
    overview_sessions_some_laws: str = "全年组织集中学习{study_sessions}次，学习了{laws}等法律法规文件{laws_studied}部"
    overview_writings: str = "撰写心得体会、研讨材料{writings}篇"
    overview_seminars: str = "在全乡范围内组织开展习近平法治思想学习研讨活动{seminars}次"
    overview_pushes: str = "利用微信群及公众号平台推送习近平法治思想学习内容{pushes}次"
    overview_lectures: str = "举办专题讲座{lectures}次"
    overview_court_visits: str = "组织旁听庭审{court_visits}次"
    overview_certified: str = "{certified}名干部通过执法考试"
    overview_change: str = "与上年相比，{changes}。"
    overview_nothing: str = "全年没有学习活动的记录。"
    gatherings: str = (
        "坚持{kinds}等学习制度，全年集中学习{study_sessions}次，涉及法律法规文件{laws_studied}部，累计{study_hours}学时。"
        "按季度看，{quarters}。"
    )
    attendance: str = (
        "集中学习全年应到{expected}人次，实到{present}人次，请假{excused}人次，缺席{absent}人次，参学率{rate}，"
        "共有{attendees}人参加学习。"
    )
    attendance_nobody: str = "集中学习全年应到{expected}人次，请假{excused}人次，缺席{absent}人次，没有人员到会。"
    attendance_without_roster: str = "集中学习全年参加{attendances}人次，共有{attendees}人参加学习。"
    hours: str = "全年在册人员人均{hours_per_head}学时。"
    hours_target: str = "全年在册人员人均{hours_per_head}学时，学满{target}学时的占{hours_reached}。"
    extra: str = "另有{extra}人次在应到名单以外参加学习。"
    writings: str = "全年撰写心得体会{reflections}篇、研讨材料{discussion_papers}篇，共有{writers}人提交。"
    writings_reflections: str = "全年撰写心得体会{reflections}篇，共有{writers}人提交。"
    writings_papers: str = "全年撰写研讨材料{discussion_papers}篇，共有{writers}人提交。"
    seminars: str = "组织学习研讨活动{seminars}次，参加{attendances}人次，共{attendees}人。"
    lectures: str = "举办专题讲座{lectures}次，参加{attendances}人次，共{attendees}人。"
    court_visits: str = "组织旁听庭审{court_visits}次，参加{attendances}人次，共{attendees}人。"
    pushes: str = "利用微信群及公众号平台推送学习内容{pushes}次。"
    answers: str = "全年共有{answerers}人参加学法答题，答题{answers}次，正确率{accuracy}。"
    completion: str = "学完全部单元的占在册人员的{completion}。"
    exam: str = (
        "组织“{title}”，应考{expected}人，实考{present}人，缺考{absent}人，参考率{rate}，平均分{mean}分，中位数{median}分，"
        "及格率{pass_rate}，优秀率{excellent_rate}。"
    )
    exam_without_scores: str = "组织“{title}”，应考{expected}人，实考{present}人，缺考{absent}人，参考率{rate}。"
    exam_unmarked: str = "另有{exams_unmarked}份模拟考试试卷已经发放，尚未阅卷，成绩没有计入。"
    certified: str = "及时组织有考试资格的干部参加执法考试，全年共有{certified}名干部通过执法考试。"
    certified_rate: str = "年末可以参加执法考试的在册人员持证率为{certified_rate}。"
    targets: str = "对照年度要求，{targets}。"
    problems_lead: str = "从全年记录看，主要存在以下问题。"
    problems_none: str = "从全年记录看，参学率、答题正确率和模拟考试及格率均达到要求，没有明显落后的月份和单位。"
    steps_lead: str = "针对上述问题，下一步重点做好以下工作。"
    steps_none: str = "下一步继续按月、按季度抓好集中学习和学法答题，保持现有成效。"
    problem_no_sessions: str = "集中学习没有开展。全年没有集中学习的记录"
    step_no_sessions: str = "制定以月、季度为时间单位的学习计划，每月安排集中学习并做好签到记录"
    problem_months: str = "学习安排不够均衡。{months}没有组织集中学习"
    step_months: str = "把学习计划细化到每个月，月初定内容、月底查进度，做到月月有集中学习"
    problem_attendance: str = "参学率还不够高。全年参学率为{rate}，未达到{target}%的要求"
    problem_units: str = "部分单位参学率偏低。{units}，未达到{target}%的要求"
    problem_all_units: str = "各单位参学率都偏低。{units}，未达到{target}%的要求"
    problem_all_months: str = "各月参学率都偏低。{months}，未达到{target}%的要求"
    problem_months_attendance: str = "部分月份参学率偏低。{months}，未达到{target}%的要求"
    step_attendance: str = "严格签到、请假和补课制度，逐次通报参学情况，对参学率未达到要求的单位和月份组织补课"
    problem_law: str = "对部分法律法规掌握得还不够牢。{rates}，未达到{target}%的要求"
    problem_weakest_law: str = "各部法律法规的掌握程度有差距。{rates}，在所学法律法规中最低"
    step_law: str = "将{laws}列为重点学习内容，结合错题开展“回头看”，对照条文逐题讲清"
    problem_items: str = "对部分条款理解得不够准。{rates}"
    step_items: str = "围绕{rules}结合实际事例逐条讲解，并把答错的题目列入“回头看”"
    problem_hours: str = "学习时间还不够。全年在册人员学时达标率为{rate}"
    step_hours: str = "为学时不足的人员安排补课，按月公布每人的学时"
    problem_no_answers: str = "学习效果缺少检验。全年没有学法答题的记录"
    step_no_answers: str = "每学一部法律法规组织一次答题，以答题检验学习效果"
    problem_no_exam: str = "以考促学还没有开展。全年没有组织模拟考试"
    step_no_exam: str = "组织一次学法模拟考试，并做好阅卷和讲评"
    problem_exam_unmarked: str = "模拟考试阅卷不够及时。有{exams_unmarked}份试卷已经发放，尚未阅卷"
    step_exam_unmarked: str = "抓紧评阅已经收回的试卷，及时公布成绩并讲评"
    problem_exam_absent: str = "模拟考试参考率还需提高。{exams}"
    problem_exam_below: str = "模拟考试及格率还需提高。{exams}，未达到{target}%的要求"
    step_exam_absent: str = "组织缺考人员补考，把参加考试情况纳入日常学习通报"
    step_exam_below: str = "组织未及格人员补学补考，考后集中讲评失分较多的题目"

    @model_validator(mode="after")
    def _require_sound_sentences(self) -> Wording:
        for name, field in type(self).model_fields.items():
            _require_known_places(name, getattr(self, name), default=field.default)
            _require_no_typed_number(name, getattr(self, name), default=field.default)
            _require_end_mark(name, getattr(self, name), default=field.default)
        return self


def _require_known_places(name: str, template: str, *, default: str) -> None:
    known = placeholders(default)
    try:
        used = placeholders(template)
    except ValueError:
        raise Fault(f"“{name}”里的花括号不成对", "请写成 {名称} 的形式") from None
    if strangers := sorted(used - known):
        raise Fault(f"“{name}”里有不认识的“{{{strangers[0]}}}”", _name_places(known))


def _require_no_typed_number(name: str, template: str, *, default: str) -> None:
    """A number in the section comes from a figure; names of documents and quotations keep theirs."""
    typed = _TYPED_NUMBER.search(_NAMES_AND_QUOTATIONS.sub("", template))
    if typed:
        raise Fault(
            f"“{name}”里写了数字“{typed[0]}”，报告里的数字只能由记录算出",
            f"请改用花括号里的名称；{_name_places(placeholders(default))}；名称里的数字请连引号或者书名号一起写",
        )


def _require_end_mark(name: str, template: str, *, default: str) -> None:
    """A whole sentence ends with its mark, a clause without: it is joined to others."""
    ends = template.endswith(tuple(_END_MARKS))
    if template and ends != default.endswith(tuple(_END_MARKS)):
        if ends:
            raise Fault(f"“{name}”末尾多了“{template[-1]}”", "请删去，句末的标点由程序补上")
        raise Fault(f"“{name}”末尾没有标点", f"请补上“{default[-1]}”")


def _name_places(known: set[str]) -> str:
    return f"这里可用的有：{'、'.join(f'{{{place}}}' for place in sorted(known)) or '无'}"
