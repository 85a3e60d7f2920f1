"""How a workbook is read: in a process of its own, whose memory, time and writing are fenced in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Final

from intermediaries.returns.cells import written
from intermediaries.returns.layout import HEADER_FIELDS
from intermediaries.returns.raw import Form, Limits, RawCell, RawReturn, Unreadable, heading, records

_ROOT: Final = str(Path(__file__).resolve().parents[2])
_LITTLE: Final = 512 * 1024
_MOST_KEPT: Final = 16
_SAID: Final[dict[bytes, bytes]] = {}
_ALONE: Final = Lock()
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
    """What the sheet "Return" says: beside each label, or below it where the labels stand in one row."""
    found: dict[str, tuple[RawCell, ...]] = {}
    for row, line in enumerate(lines):
        for place, label in enumerate(line):
            name = heading(label[1]) if label else ""
            if name in HEADER_FIELDS and (cell := _beside(lines, row, place)) is not None:
                found[name] = (*found.get(name, ()), cell)
    return found


def _beside(lines: Sequence[Sequence[list[str] | None]], row: int, place: int) -> RawCell | None:
    """The cell to the right, or else the one below; never another label."""
    right = lines[row][place + 1] if place + 1 < len(lines[row]) else None
    below = lines[row + 1][place] if row + 1 < len(lines) and place < len(lines[row + 1]) else None
    beside = (cell for cell in (right, below) if cell and heading(cell[1]) not in HEADER_FIELDS)
    return _cell(next(beside, None))


def _cell(cell: list[str] | None) -> RawCell | None:
    return None if cell is None else written(cell[1], Form(cell[0]))


def _read_once(data: bytes, limits: Limits) -> bytes:
    """What the reading process says of a workbook, kept in mind where it is little: a return is read again soon."""
    digest = sha256(data).digest()
    with _ALONE:
        said = _SAID.get(digest)
    if said is None:
        said = _read_apart(data, limits)
        with _ALONE:
            if len(said) <= _LITTLE:
                _SAID[digest] = said
            while len(_SAID) > _MOST_KEPT:
                del _SAID[next(iter(_SAID))]
    return said


def _read_apart(data: bytes, limits: Limits) -> bytes:
    done = subprocess.run(  # noqa: S603 -- our own program, with the file on its standard input and nothing else
        [sys.executable, "-I", "-B", "-c", _PROGRAM],
        input=data,
        capture_output=True,
        timeout=limits.deadline_seconds,
        check=True,
    )
    return done.stdout


def _sheets(data: bytes, limits: Limits) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(_read_once(data, limits))
    except (subprocess.SubprocessError, ValueError):
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
