"""What a return may hold at most, how a cell may be written, and what is said of a file that cannot be read at all.

All that the process needs which reads a workbook apart: whoever sends one waits for that process to begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.refusals import Malformed


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of anything a return may hold. Beyond them a file is refused before it costs memory or time."""

    max_bytes: int = 40 * 1024 * 1024
    max_rows: int = 100_000
    max_columns: int = 256
    max_cells: int = 4_500_000
    max_members: int = 2_000_000
    max_faults: int = 5_000
    max_parts: int = 200
    max_inflated: int = 200 * 1024 * 1024
    max_ratio: int = 100
    memory_bytes: int = 768 * 1024 * 1024
    cpu_seconds: int = 90
    deadline_seconds: float = 180.0


LIMITS: Final = Limits()


class Form(StrEnum):
    """How a cell was written, where that matters to whether it may be believed. BARE is a JSON value without quotes."""

    TEXT = "text"
    NUMBER = "number"
    BARE = "bare"
    DATE = "date"
    FORMULA = "formula"
    ERROR = "error"
    NESTED = "nested"

    __hash__ = str.__hash__
    """Cells are looked up by the million, and the hash that an enumeration brings is written in Python."""


class Unreadable(Malformed):
    """A file that cannot be read as a return at all: the rule it breaks, and what to do instead."""

    slug = "unreadable-return"

    def __init__(self, rule: str, message: str, *, expected: str, remedy: str, value: str = "") -> None:
        super().__init__(f"{message} {remedy}", rule=rule, expected=expected, remedy=remedy, found=value)
        self.rule = rule
        self.message = message
        self.expected = expected
        self.remedy = remedy
        self.value = value


def too_many(limits: Limits) -> Unreadable:
    """The refusal of a file with more loans than a return can have."""
    return Unreadable(
        "too-many-rows",
        f"The file has more than {limits.max_rows:,} rows, {limits.max_columns} columns or {limits.max_cells:,} cells.",
        expected=f"at most {limits.max_rows:,} loans",
        remedy="Delete what is not a loan below and beside the table, or ask us to take the return in parts.",
    )


def protected() -> Unreadable:
    """The refusal of a workbook that a password closes."""
    return Unreadable(
        "protected-workbook",
        "The workbook is protected by a password.",
        expected="a workbook that opens without a password",
        remedy="Take the password off in Excel (File, Info, Protect Workbook) and save it again.",
    )
