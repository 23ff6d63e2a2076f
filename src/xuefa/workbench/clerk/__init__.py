"""The clerk's workbench (统计人员工作台): ledgers in, figures seen, the report built, verified and sent up."""

from xuefa.workbench.clerk.page import open_clerk

__all__ = ["open_clerk"]
