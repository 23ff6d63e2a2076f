"""The clerk's workbench (统计人员工作台): ledgers in, figures seen, the report built, verified and sent up."""
