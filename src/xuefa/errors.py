"""The errors of the kit: each tells its reader, in Chinese, the place, the fault and the fix."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong: where it stands, what it is, and what to do about it (all Chinese)."""

    place: str
    fault: str
    fix: str

    def __str__(self) -> str:
        return f"{self.place}：{self.fault}。{self.fix}。"


class XuefaError(Exception):
    """Base of every error that the kit raises on purpose; `findings` holds at least one finding."""

    def __init__(self, *findings: Finding) -> None:
        if not findings:
            raise ValueError("an error needs at least one finding")
        self.findings = findings
        super().__init__("\n".join(str(finding) for finding in findings))


class BadInputError(XuefaError):
    """A file or value that a user gave cannot be taken as it is; nothing of it was written."""


class MissingPartError(XuefaError):
    """Something the kit needs is not there (a package, a file, a law's text, a font)."""


class RecordsError(XuefaError):
    """The records database cannot be opened, read or written."""


class ConflictError(XuefaError):
    """Two contents claim the same permanent id."""
