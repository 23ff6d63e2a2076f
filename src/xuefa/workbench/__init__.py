"""The trainer's workbench (培训人员工作台): the exam's recipes behind forms and buttons, for the trainer's notebook."""

from xuefa.workbench.page import open_trainer

__all__ = ["open_trainer"]
