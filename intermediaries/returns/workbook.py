"""An Excel workbook taken apart with suspicion; runs in a process of its own, bounded in memory and time.

Nothing in the file is believed: the archive's directory is judged first, each part that is needed is inflated against a
counter, document types are refused, cells are counted before room is made for them, and the reading library is handed
a fresh archive of only the parts that passed.
"""

from __future__ import annotations

import io
import json
import math
import posixpath
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Final
from xml.parsers import expat

from python_calamine import CalamineSheet, load_workbook

from intermediaries.returns.bounds import LIMITS, Form, Limits, Unreadable, protected
from intermediaries.returns.scanning import Scan

Line = list[list[str] | None]
"""A row of cells; a cell is its form and its text, or nothing."""

_WORKBOOK: Final = "xl/workbook.xml"
_WORKBOOK_LINKS: Final = "xl/_rels/workbook.xml.rels"
_FURNITURE: Final = ("[Content_Types].xml", "_rels/.rels", "xl/styles.xml", "xl/sharedStrings.xml")
_ARCHIVES: Final = (".zip", ".xlsx", ".xlsm", ".xlsb", ".docx", ".jar", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar")
_OUR_OTHERS: Final = frozenset({"return", "guide", "codes", "findings"})
_FEW_SHEETS: Final = 8
"""So many other sheets are named."""
_LONGEST_CELL: Final = 32_767
"""Signs that a cell of a spreadsheet can hold."""
_CHUNK: Final = 64 * 1024
_LAST_BITS: Final = 4
_SHOWN: Final = 16
"""Signs of the fifteen digits that a spreadsheet shows, and the point."""
_EXACT: Final = 1e15
"""Below it every whole number of a spreadsheet is written with its own digits."""
_TEXT, _NUMBER, _BARE, _DATE, _FORMULA, _ERROR = (
    form.value for form in (Form.TEXT, Form.NUMBER, Form.BARE, Form.DATE, Form.FORMULA, Form.ERROR)
)
_SMALL: Final = 4 * 1024 * 1024
"""Below this size no ratio is suspicious: a short sheet of equal lines packs very well."""
_SAVE_AGAIN: Final = "Open the file in Excel, save it as an Excel workbook (.xlsx) and send that, or send CSV."


def serve() -> None:
    """Read a workbook from standard input and write its cells to standard output, a line of JSON for each row.

    A line that is an object names the sheet whose rows follow, says that this was all, or says why not.
    """
    with suppress(ImportError, ValueError, OSError):
        _fence()
    try:
        for said in told(sys.stdin.buffer.read(LIMITS.max_bytes + 1)):
            sys.stdout.write(json.dumps(said) + "\n")
        answer: Mapping[str, object] = {"end": True}
    except Unreadable as no:
        answer = {"refused": [no.rule, no.message, no.expected, no.remedy, no.value]}
    except BaseException as broken:  # noqa: BLE001 -- whatever a hostile file does to the libraries ends here
        answer = {"broken": type(broken).__name__}
    sys.stdout.write(json.dumps(answer) + "\n")


def _fence() -> None:
    """Limit this process for good: memory, processor time, no file written, no core left behind."""
    import resource  # noqa: PLC0415 -- the module exists on Unix only; elsewhere the deadline of the caller must do

    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, LIMITS.cpu_seconds),
        (resource.RLIMIT_AS, LIMITS.memory_bytes),
    ):
        resource.setrlimit(what, (most, most))


def told(data: bytes, limits: Limits = LIMITS) -> Iterator[Mapping[str, str] | Line]:
    """The cells of the sheets "Return", where there is one, and "Loans": each sheet's name, and its rows below it.

    Refuses what is no workbook, an archive that is a bomb or carries what a return never needs, and cells beyond reach.
    """
    parts = Parts.opened(data, limits)
    links = _links(parts.read(_WORKBOOK_LINKS))
    named, epoch = _sheet_links(parts.read(_WORKBOOK))
    places = {name: links.get(link, "") for name, (link, _) in named.items()}
    wanted = {"Return": one} if (one := _called("Return", list(places))) else {}
    wanted["Loans"] = _loans_sheet(list(places))
    hidden = named[wanted["Loans"]][1]
    for name in _FURNITURE:
        if parts.holds(name):
            _parse(parts.read(name), _pass_by)
    scans = {title: Scan(limits, title) for title in wanted}
    fresh = parts.repacked({places[name]: scans[title] for title, name in wanted.items()})
    with load_workbook(io.BytesIO(fresh)) as book:
        for title, name in wanted.items():
            scan = scans[title]
            kept = "; ".join(filter(None, ("the whole sheet" if hidden else "", *scan.kept_from_sight())))
            merged, beside = ", ".join(scan.merged), _beside(wanted["Loans"], list(places))
            yield {"sheet": title, "epoch": epoch, "hidden": kept, "merged": merged, "beside": beside}
            yield from _sheet(book.get_sheet_by_name(name), scans[title])


def _loans_sheet(names: list[str]) -> str:
    """The sheet called "Loans", or the only sheet there is besides our own other ones."""
    called = _called("Loans", names)
    others = [name for name in names if name.strip().lower() not in _OUR_OTHERS]
    if called or len(others) == 1:
        return called or others[0]
    raise Unreadable(
        "no-loans-sheet",
        "The workbook has no sheet called Loans.",
        expected='a sheet "Loans" with one row for each loan',
        remedy="Rename the sheet that holds the loans to Loans.",
        value=", ".join(names),
    )


def _beside(loans: str, names: list[str]) -> str:
    """The other sheets that are named as the loans' is, such as the copy "Loans (2)" that a spreadsheet makes."""
    alike = [name for name in names if name != loans and name.strip().lower().startswith("loan")]
    return ", ".join(alike[:_FEW_SHEETS])


def _called(title: str, names: list[str]) -> str | None:
    """The sheet of a name, however it is written; refuses two of one name, of which nobody knows which is meant."""
    called = [name for name in names if name.strip().lower() == title.lower()]
    if len(called) > 1:
        raise Unreadable(
            "no-loans-sheet",
            f"The workbook has {len(called)} sheets called {title}.",
            expected=f'one sheet "{title}"',
            remedy="Keep the one that is meant, and delete the others or give them another name.",
            value=", ".join(called),
        )
    return next(iter(called), None)


@dataclass
class Parts:
    """The parts of the archive, inflated only when asked for and only within what is left of the allowance."""

    archive: zipfile.ZipFile
    left: int
    read_so_far: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def opened(cls, data: bytes, limits: Limits) -> Parts:
        """The archive, once its directory has been judged."""
        if data.count(b"PK\x01\x02") > limits.max_parts:
            raise _bomb(f"The workbook has more than {limits.max_parts} parts.")
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as broken:
            raise Unreadable(
                "broken-workbook",
                "The file begins like an Excel workbook but is damaged or cut off.",
                expected="a whole Excel workbook (.xlsx)",
                remedy=_SAVE_AGAIN,
            ) from broken
        _judge(archive.infolist(), len(data), limits)
        return cls(archive, limits.max_inflated)

    def holds(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self.archive.NameToInfo

    def read(self, name: str) -> bytes:
        """One part, whole; refuses one that is not there and one that inflates beyond what is left."""
        if name not in self.read_so_far:
            self.read_so_far[name] = self._inflated(name)
        return self.read_so_far[name]

    def _inflated(self, name: str) -> bytes:
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """One part, piece by piece."""
        if not self.holds(name):
            raise Unreadable(
                "not-a-workbook",
                "The file is an archive, but not an Excel workbook (.xlsx).",
                expected="an Excel workbook (.xlsx), CSV or JSON",
                remedy=_SAVE_AGAIN,
            )
        with self.archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                self.left -= len(chunk)
                if self.left < 0:
                    raise _bomb("The workbook grows far beyond what its directory says.")
                yield chunk

    def repacked(self, sheets: Mapping[str, Scan]) -> bytes:
        """A fresh archive of the parts that were read, and of the sheets, each scanned as it is packed.

        What the library sees is what was judged. A sheet is never there unpacked as a whole.
        """
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as fresh:
            for name, content in self.read_so_far.items():
                fresh.writestr(name, content)
            for name, scan in sheets.items():
                if name in self.read_so_far:
                    raise _bomb("The workbook gives one part two meanings.")
                parser = _Parser(scan.start)
                with fresh.open(name, "w") as part:
                    for piece in self.pieces(name):
                        parser.feed(piece)
                        part.write(piece)
                parser.end()
                scan.refuse_too_wide()
        return out.getvalue()


_KINDS: Final = (
    ("xl/workbook.bin", "a binary workbook (.xlsb)", ""),
    ("content.xml", "an OpenDocument file (.ods)", "In LibreOffice choose File, Save As, Excel 2007-365 (.xlsx)."),
    ("Index/Document.iwa", "a Numbers file", "In Numbers choose File, Export To, Excel."),
    ("word/document.xml", "a Word document", "Copy the table into our template, and send that."),
    ("ppt/presentation.xml", "a presentation", "Copy the table into our template, and send that."),
)
"""What other archives hold, and what to do with them."""


def _refuse_other_kind(names: list[str]) -> None:
    """Refuse an archive that is something else, calling it by its name."""
    if _WORKBOOK in names:
        return
    inside = next((name for name in names if name.lower().endswith((".xlsx", ".csv", ".json"))), None)
    kind = next(((kind, remedy) for part, kind, remedy in _KINDS if part in names), None)
    if inside is not None:
        kind = (f"a zip archive with {inside[:60]} in it", "Take the return out of the archive, and send it alone.")
    if kind is not None:
        raise Unreadable(
            "not-a-workbook",
            f"The file is {kind[0]}, not an Excel workbook (.xlsx).",
            expected="an Excel workbook (.xlsx), CSV or JSON",
            remedy=kind[1] or _SAVE_AGAIN,
        )


def _judge(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    names = [entry.filename for entry in entries]
    _refuse_other_kind(names)
    inflated = sum(entry.file_size for entry in entries)
    if len(set(names)) != len(names) or any(not _plain_name(name) for name in names):
        raise _bomb("The workbook has parts whose names repeat or lead outside of it.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise protected()
    if any("vbaproject" in name.lower() or "macrosheets/" in name.lower() for name in names):
        raise Unreadable(
            "workbook-with-macros",
            "The workbook carries macros.",
            expected="an Excel workbook without macros (.xlsx)",
            remedy="Save it in Excel as a workbook without macros (.xlsx).",
        )
    if any(name.lower().endswith(_ARCHIVES) for name in names):
        raise _bomb("The workbook carries another archive within it.")
    if any(entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for entry in entries):
        raise _bomb("The workbook is packed in a way that Excel does not use.")
    if inflated > limits.max_inflated or inflated > max(_SMALL, size * limits.max_ratio):
        raise _bomb(f"The workbook would unpack to {inflated // 1024 // 1024:,} MiB.")


def _plain_name(name: str) -> bool:
    return not name.startswith("/") and "\\" not in name and ":" not in name and ".." not in name.split("/")


def _bomb(message: str) -> Unreadable:
    return Unreadable(
        "suspicious-workbook",
        message,
        expected="a workbook of at most 50 MiB unpacked, with nothing but sheets in it",
        remedy="Copy the loans into our template, and send that. A very large return can be sent as CSV.",
    )


class _Parser:
    """Walks through one part; refuses a document type, whatever it declares, and what is not well formed."""

    def __init__(self, start: Callable[[str, dict[str, str]], object]) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = start
        self._parser.StartDoctypeDeclHandler = _refuse_document_type
        self._parser.buffer_text = True

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Go on with the next piece."""
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as broken:
            raise Unreadable(
                "broken-workbook",
                f"A part of the workbook is damaged: {expat.errors.messages[broken.code]}.",
                expected="a whole Excel workbook (.xlsx)",
                remedy=_SAVE_AGAIN,
            ) from broken

    def end(self) -> None:
        """There is no more of it."""
        self.feed(b"", last=True)


def _parse(xml: bytes, start: Callable[[str, dict[str, str]], object]) -> None:
    parser = _Parser(start)
    parser.feed(xml)
    parser.end()


def _pass_by(tag: str, attributes: dict[str, str]) -> None:
    """A part whose elements need no counting, only to be well formed and without a document type."""


def _refuse_document_type(*_: object) -> None:
    raise _bomb("The workbook declares a document type, which no spreadsheet program writes.")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _sheet_links(xml: bytes) -> tuple[dict[str, tuple[str, bool]], str]:
    """The link of each sheet by its name with whether it is hidden, and the year that days are counted from."""
    found: dict[str, tuple[str, bool]] = {}
    epochs = ["1900"]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            link = next((value for name, value in attributes.items() if name.endswith("relationships id")), "")
            name = attributes.get("name", "")
            if name in found:
                _called(name, [name, name])
            found[name] = (link, attributes.get("state", "visible") != "visible")
        elif _local(tag) == "workbookPr" and attributes.get("date1904", "0") not in {"0", "false"}:
            epochs.append("1904")

    _parse(xml, start)
    return found, epochs[-1]


def _links(xml: bytes) -> dict[str, str]:
    found: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            found[attributes.get("Id", "")] = posixpath.normpath(
                posixpath.join("/xl", attributes.get("Target", ""))
            ).lstrip("/")

    _parse(xml, start)
    return found


def _sheet(sheet: CalamineSheet, scan: Scan) -> Iterator[Line]:
    """The rows of a sheet from its first line on, empty ones included; columns before the first filled one too."""
    right = sheet.start[1] if sheet.start is not None else 0
    for number, line in enumerate(_rows(sheet), 1):
        if right + len(line) > scan.limits.max_columns or number > scan.limits.max_rows * 2:
            # The library may find cells where the scan did not: what it found is what has to fit.
            raise scan.too_far()
        yield [*(None for _ in range(right)), *_line(number, line, scan, right)]


def _rows(sheet: CalamineSheet) -> Iterator[Sequence[object]]:
    """The rows as the library gives them; names the one whose cell it cannot give.

    A number that is shown as a day or a length of time it makes one of Python's, and fails where there is none so far
    off: with an error of its own language, which is no `Exception`.
    """
    rows = iter(sheet.iter_rows())
    for number in count(1):
        try:
            line = next(rows, None)
        except BaseException as broken:
            if not isinstance(broken, OverflowError) and "TimeDelta" not in str(broken):
                raise
            raise Unreadable(
                "broken-workbook",
                f'Row {number} of the sheet "{sheet.name}" has a number that is shown as a day or a length of time, '
                "and no calendar goes so far.",
                expected="numbers shown as numbers, and days of our calendar",
                remedy="Find the cell of that row that shows ##### or a strange time, write what is meant, and show "
                "it as a number or as text.",
            ) from broken
        if line is None:
            return
        yield line


def _line(number: int, line: Sequence[object], scan: Scan, right: int) -> Iterator[list[str] | None]:
    for column, value in enumerate(line, right + 1):
        form, text = _written(value)
        if scan.errors and (number, column) in scan.errors:
            yield [_ERROR, text]
        elif not text and scan.formulas and (number, column) in scan.formulas:
            yield [_FORMULA, text]
        else:
            yield [form, text] if text else None


def _written(value: object) -> tuple[str, str]:
    """A cell's value as text: numbers in their shortest exact decimal writing, days in ours."""
    if isinstance(value, str):
        if len(value) > _LONGEST_CELL:
            raise _bomb(f"A cell holds {len(value):,} signs, more than a spreadsheet can.")
        return _TEXT, value
    if isinstance(value, bool):
        return _BARE, "true" if value else "false"
    if isinstance(value, int | float):
        return _NUMBER, number_text(float(value))
    if isinstance(value, datetime):
        whole = value.time() == time()
        return _DATE, value.date().isoformat() if whole else value.isoformat(" ")
    if isinstance(value, date):
        return _DATE, value.isoformat()
    return _TEXT, str(value)


def number_text(number: float) -> str:
    """The shortest decimal that means this very number, without an exponent: what a person typed into the cell."""
    if number.is_integer() and abs(number) < _EXACT:
        return str(int(number))
    text = repr(number)
    if len(text) > _SHOWN:
        text = repr(_as_shown(number))
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _as_shown(number: float) -> float:
    """The number of the fifteen digits that a spreadsheet shows, where what it holds is that but for its last bits.

    0.1 + 0.2 is 0.30000000000000004 to a computer, and 0.3 to whoever looks at the cell.
    """
    short = float(format(number, ".15g"))
    return short if abs(short - number) <= _LAST_BITS * math.ulp(number) else number
