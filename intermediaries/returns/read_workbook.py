"""How a workbook is read: in a process of its own, whose memory, time and writing are fenced in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from intermediaries.returns.cells import written
from intermediaries.returns.layout import HEADER_FIELDS
from intermediaries.returns.raw import Form, Limits, RawCell, RawReturn, Unreadable, heading, records

_ROOT: Final = str(Path(__file__).resolve().parents[2])
_PROGRAM: Final = (
    f"import sys; sys.path.insert(0, {_ROOT!r}); from intermediaries.returns.workbook import serve; serve()"
)


def read_workbook(data: bytes, limits: Limits) -> RawReturn:
    """The return in a workbook: its sheet "Loans", with the headings in the first filled row, and its sheet "Return".

    Refuses what is no workbook, bombs, and whatever the reading process does not survive.
    """
    sheets = _sheets(data, limits)
    loans = sheets["Loans"]
    top = next((place for place, line in enumerate(loans) if any(line)), len(loans))
    names = loans[top] if top < len(loans) else []
    columns = [heading(cell[1]) if cell else "" for cell in names]
    rows = records(columns, ([_cell(cell) for cell in line] for line in loans[top + 1 :]), limits)
    return RawReturn("xlsx", tuple(columns), rows, _header(sheets.get("Return", [])))


def _header(lines: Sequence[Sequence[list[str] | None]]) -> dict[str, tuple[RawCell, ...]]:
    """The labels in the first column of the sheet "Return", with what stands beside them in the second."""
    found: dict[str, tuple[RawCell, ...]] = {}
    for line in lines:
        label = heading(line[0][1]) if line and line[0] else ""
        cell = _cell(line[1]) if len(line) > 1 else None
        if label in HEADER_FIELDS and cell is not None:
            found[label] = (*found.get(label, ()), cell)
    return found


def _cell(cell: list[str] | None) -> RawCell | None:
    return None if cell is None else written(cell[1], Form(cell[0]))


def _sheets(data: bytes, limits: Limits) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603 -- our own program, with the file on its standard input and nothing else
            [sys.executable, "-I", "-B", "-c", _PROGRAM],
            input=data,
            capture_output=True,
            timeout=limits.deadline_seconds,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        answer = {}
    if "refused" in answer:
        rule, message, expected, remedy, value = answer["refused"]
        raise Unreadable(rule, message, expected=expected, remedy=remedy, value=value)
    if "sheets" not in answer:
        raise Unreadable(
            "broken-workbook",
            "The workbook could not be read within the memory and time that a return needs.",
            expected="a whole Excel workbook (.xlsx) made from our template",
            remedy="Copy the loans into our template and send that, or send CSV.",
        )
    sheets: dict[str, Any] = answer["sheets"]
    return sheets
