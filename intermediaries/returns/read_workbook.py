"""How a workbook is read: in a process of its own, whose memory, time and writing are fenced in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Lock, Thread, Timer
from typing import IO, Any, Final
from weakref import finalize

from intermediaries.returns.bounds import Form, Limits, Unreadable
from intermediaries.returns.cells import written
from intermediaries.returns.days import day_counted
from intermediaries.returns.layout import DAYS, HEADER_TOLD
from intermediaries.returns.raw import RawCell, RawReturn, Records, heading

_ROOT: Final = str(Path(__file__).resolve().parents[2])
_LITTLE: Final = 512 * 1024
_PIECE: Final = 256 * 1024
_MOST_KEPT: Final = 16
_HEADER_ROWS: Final = 1000
"""So far down the sheet "Return" is looked through."""
_SAID: Final[dict[bytes, bytes]] = {}
_ALONE: Final = Lock()
_PROGRAM: Final = (
    f"import sys; sys.path.insert(0, {_ROOT!r}); from intermediaries.returns.workbook import serve; serve()"
)

Line = list[list[str] | None]


class Said:
    """What the reading process said of a workbook: a line of JSON for each row, in a file of ours where it is much.

    Each time it is gone through it is read from the beginning, by its own place in the file.
    """

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        finalize(self, spool.close)

    def lines(self) -> Iterator[Any]:
        """What was said, line by line."""
        place, rest = 0, b""
        while True:
            self._spool.seek(place)
            piece = self._spool.read(_PIECE)
            if not piece:
                break
            place += len(piece)
            *whole, rest = (rest + piece).split(b"\n")
            yield from map(json.loads, whole)
        if rest:
            yield json.loads(rest)

    def of_sheet(self, title: str) -> Iterator[Line]:
        """The rows of a sheet."""
        here = False
        for said in self.lines():
            if isinstance(said, dict):
                here = said.get("sheet") == title
            elif here:
                yield said

    def whole(self) -> bytes | None:
        """All of it where it is little."""
        self._spool.seek(0)
        said = self._spool.read(_LITTLE + 1)
        return said if len(said) <= _LITTLE else None

    def end(self) -> dict[str, Any]:
        """What was said last: that this was all, or why not."""
        self._spool.seek(0, 2)
        self._spool.seek(max(self._spool.tell() - _LITTLE, 0))
        try:
            last = json.loads(self._spool.read().rstrip(b"\n").rpartition(b"\n")[2] or b"{}")
        except ValueError:
            last = None
        return last if isinstance(last, dict) else {}


def read_workbook(data: bytes, limits: Limits) -> RawReturn:
    """The return in a workbook: its sheet "Loans", with the headings in the first filled row, and its sheet "Return".

    Refuses what is no workbook, bombs, and whatever the reading process does not survive.
    """
    said = _read_once(data, limits)
    _refuse_unfinished(said.end())
    top, names = next(((place, line) for place, line in enumerate(said.of_sheet("Loans")) if any(line)), (0, []))
    columns = [heading(cell[1]) if cell else "" for cell in names]

    since_1904 = _since_1904(said)
    days = [name in DAYS for name in columns]

    def lines() -> Iterator[Sequence[RawCell | None]]:
        for line in islice(said.of_sheet("Loans"), top + 1, None):
            cells = [_cell(cell) for cell in line]
            for place, cell in enumerate(cells[: len(days)]):
                if days[place] and cell is not None and cell.form is Form.NUMBER:
                    cells[place] = _counted(cell, since_1904=since_1904)
            yield cells

    header = _header(list(islice(said.of_sheet("Return"), _HEADER_ROWS)))
    about = next((one for one in said.lines() if isinstance(one, dict) and one.get("sheet") == "Loans"), {})
    rows = Records(columns, lines, limits)
    seen = (about.get(name, "") for name in ("hidden", "merged", "beside"))
    return RawReturn("xlsx", tuple(columns), rows, header, *seen)


def _since_1904(said: Said) -> bool:
    first = next(said.lines(), None)
    return isinstance(first, dict) and first.get("epoch") == "1904"


def _counted(cell: RawCell, *, since_1904: bool) -> RawCell:
    """A day told as the spreadsheet counts days, in a cell that shows it as a number."""
    day = day_counted(cell.text, since_1904=since_1904)
    return cell if day is None else RawCell(day, Form.DATE)


def _header(lines: Sequence[Sequence[list[str] | None]]) -> dict[str, tuple[RawCell, ...]]:
    """What the sheet "Return" says: beside each label, or below it where the labels stand in one row."""
    found: dict[str, tuple[RawCell, ...]] = {}
    for row, line in enumerate(lines):
        for place, label in enumerate(line):
            name = heading(label[1]) if label else ""
            if name in HEADER_TOLD and (cell := _beside(lines, row, place)) is not None:
                found[name] = (*found.get(name, ()), cell)
    return found


def _beside(lines: Sequence[Sequence[list[str] | None]], row: int, place: int) -> RawCell | None:
    """The cell to the right, or else the one below; never another label."""
    right = lines[row][place + 1] if place + 1 < len(lines[row]) else None
    below = lines[row + 1][place] if row + 1 < len(lines) and place < len(lines[row + 1]) else None
    beside = (cell for cell in (right, below) if cell and heading(cell[1]) not in HEADER_TOLD)
    return _cell(next(beside, None))


def _cell(cell: list[str] | None) -> RawCell | None:
    return None if cell is None else written(cell[1], Form(cell[0]))


def _read_once(data: bytes, limits: Limits) -> Said:
    """What the reading process says of a workbook, kept in mind where it is little: a return is read again soon."""
    digest = sha256(data).digest()
    with _ALONE:
        kept = _SAID.get(digest)
    if kept is not None:
        return Said(_spooled(kept))
    said = _read_apart(data, limits)
    little = said.whole()
    with _ALONE:
        if little is not None:
            _SAID[digest] = little
        while len(_SAID) > _MOST_KEPT:
            del _SAID[next(iter(_SAID))]
    return said


def _spooled(said: bytes = b"") -> IO[bytes]:
    spool = SpooledTemporaryFile(max_size=8 * _LITTLE)  # noqa: SIM115 -- it goes with the return that is read from it
    spool.write(said)
    return spool


def _read_apart(data: bytes, limits: Limits) -> Said:
    """Have a process of its own read it; a process that dies or is late leaves what it said unfinished."""
    spool = _spooled()
    with subprocess.Popen(  # noqa: S603 -- our own program, with the file on its standard input and nothing else
        [sys.executable, "-I", "-B", "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        late = Timer(limits.deadline_seconds, process.kill)
        late.start()
        giving = Thread(target=_give, args=(process.stdin, data))
        giving.start()
        try:
            while process.stdout is not None and (piece := process.stdout.read(_PIECE)):
                spool.write(piece)
        finally:
            late.cancel()
            giving.join()
    return Said(spool)


def _give(pipe: IO[bytes] | None, data: bytes) -> None:
    if pipe is not None:
        try:
            with pipe:
                pipe.write(data)
        except OSError:
            return  # the process is gone; what it left unsaid tells that


def _refuse_unfinished(answer: dict[str, Any]) -> None:
    if "refused" in answer:
        rule, message, expected, remedy, value = answer["refused"]
        raise Unreadable(rule, message, expected=expected, remedy=remedy, value=value)
    if answer.get("broken", "MemoryError") not in {"MemoryError", "RecursionError"}:
        raise Unreadable(
            "broken-workbook",
            "The workbook is damaged: a part of it cannot be read.",
            expected="a whole Excel workbook (.xlsx)",
            remedy="Open the file in Excel, save it as an Excel workbook (.xlsx) and send that, or send CSV.",
        )
    if "end" not in answer:
        raise Unreadable(
            "broken-workbook",
            "The workbook could not be read within the memory and time that a return needs.",
            expected="a whole Excel workbook (.xlsx) made from our template",
            remedy="Copy the loans into our template and send that, or send CSV.",
        )
