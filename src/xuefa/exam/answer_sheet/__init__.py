"""The answer sheet (答题卡): one widget for a whole paper."""

from xuefa.exam.answer_sheet.widget import AnswerSheet, open_answer_sheet

__all__ = ["AnswerSheet", "open_answer_sheet"]
