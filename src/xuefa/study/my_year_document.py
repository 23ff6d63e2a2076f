"""我的一年 as a Word file: one learner's own facts, as material for their 年度述法."""

from __future__ import annotations

from datetime import datetime

from xuefa.records.record import SESSION_KIND_NAMES
from xuefa.study.articles import render_date
from xuefa.study.my_year import (
    Curriculum,
    LearnerYear,
    render_answers,
    render_attendance,
    render_result,
    render_writing,
)
from xuefa.study.word_document import WordDocument


def make_year_document(facts: LearnerYear, *, curriculum: Curriculum, written_at: datetime) -> bytes:
    """The .docx; `written_at` is the township's local time. Every number is counted from the learner's own records."""
    learner = facts.learner
    document = WordDocument(
        title=f"{facts.year}年度个人学法情况",
        subtitle=f"{learner.name}　{learner.unit}　{learner.post}　{render_date(written_at.date())}整理",
        written_at=written_at,
    )
    document.add_heading("一、参加学习")
    document.add_line(render_attendance(facts, curriculum.targets))
    if facts.attended:
        document.add_table(
            ("日期", "形式", "主题", "分钟"),
            [
                (f"{one.held_on.month}月{one.held_on.day}日", SESSION_KIND_NAMES[one.kind], one.title, f"{one.minutes}")
                for one in facts.attended
            ],
            widths=(2.4, 4, 6.6, 1.5),
        )
    document.add_heading("二、答题")
    document.add_line(render_answers(facts))
    if facts.by_law:
        document.add_table(
            ("法律法规文件", "答题", "答对", "正确率"),
            [
                (law.name, f"{tally.total}", f"{tally.right}", f"{100 * tally.right / tally.total:.0f}%")
                for law in curriculum.catalogue
                if (tally := facts.by_law.get(law.slug))
            ],
            widths=(7, 2, 2, 2),
        )
    document.add_heading("三、考试")
    document.add_line(
        "；".join(map(render_result, facts.exam_results)) + "。" if facts.exam_results else "没有已发回的成绩。"
    )
    for record in facts.certified:
        day = render_date(record.occurred_at.astimezone(written_at.tzinfo).date())
        document.add_line(f"{day}通过执法考试。{record.text or ''}")
    document.add_heading("四、心得体会和研讨材料")
    if not facts.writings:
        document.add_line("没有提交过。")
    for record in facts.writings:
        document.add_heading(render_writing(record, manifest=curriculum.manifest, at=written_at), level=2)
        document.add_text(record.text or "")
    return document.save()
