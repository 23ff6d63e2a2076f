"""The command `xuefa`: parse, call one workflow, print, set the exit status. User text is Chinese."""

from xuefa.cli import (
    content,
    doors,
    exam_marking,
    exam_printing,
    exam_results,
    exam_setting,
    exam_sitting,
    ledger,
    records,
    report,
    session,
)
from xuefa.cli.app import app, main

__all__ = [
    "app",
    "content",
    "doors",
    "exam_marking",
    "exam_printing",
    "exam_results",
    "exam_setting",
    "exam_sitting",
    "ledger",
    "main",
    "records",
    "report",
    "session",
]
