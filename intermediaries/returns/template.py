"""The empty return: a workbook, CSV or JSON with the right headings, begun with every loan that is still open."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from intermediaries.returns.bounds import Form
from intermediaries.returns.findings import guarded
from intermediaries.returns.intake import FORMATS, MEDIA_TYPES
from intermediaries.returns.layout import CASH_BEFORE, COLUMNS, HEADER_FIELDS, MARKING_COLUMN, OPENING, STATIC, Kind
from intermediaries.returns.raw import Format, RawCell
from intermediaries.returns.rows import OpenLoan
from intermediaries.returns.write_workbook import NUMERIC, Cells, Sheets, as_workbook
from ledger.dates import Quarter
from ledger.money import Money

__all__ = ["FORMATS", "MEDIA_TYPES", "as_csv", "template"]

_FORM: Final[dict[Kind, Form]] = {**dict.fromkeys(NUMERIC, Form.NUMBER), Kind.DATE: Form.DATE}


def template(
    format: Format,  # noqa: A002 -- the word that every door uses
    *,
    facility: str | None = None,
    quarter: Quarter | None = None,
    cash_held: Money | None = None,
    cash_before: Money | None = None,
    open_loans: Sequence[OpenLoan] = (),
) -> bytes:
    """An empty return in the format asked for, begun with the open loans.

    What rarely changes is filled in from the last accepted return; what happened in the quarter is left empty. Beside
    each loan stands what it owed when the quarter began, and beside the header what our books leave in cash before
    the loans moved (`cash_before`, where it is known): for the filer's eyes, and for a check without our books.
    """
    said = (facility, quarter, cash_held)
    header = {name: "" if value is None else str(value) for name, value in zip(HEADER_FIELDS, said, strict=True)}
    if cash_before is not None:
        header[CASH_BEFORE] = str(cash_before)
    kept = [
        {OPENING: str(loan.principal_outstanding)} | {name: loan.facts[name] for name in STATIC if name in loan.facts}
        for loan in open_loans
    ]
    if format == "json":
        return _as_json(header, kept)
    rows = [(number, _cells(loan)) for number, loan in enumerate(kept, 1)]
    columns = [column.name for column in COLUMNS]
    if kept:
        columns.insert(columns.index("amount_committed") + 1, OPENING)
    if format == "csv":
        return as_csv(header, columns, rows)
    remarks = {
        (number, "principal_outstanding"): f"Owed at the last accepted return: {loan.principal_outstanding}"
        for number, loan in enumerate(open_loans, 1)
    }
    return as_workbook(Sheets(header, columns, rows, remarks))


def _cells(facts: Mapping[str, str]) -> Cells:
    """Facts as cells: amounts and days as a spreadsheet knows them, unless they are one of the two marks."""
    found = {OPENING: RawCell(facts[OPENING], Form.NUMBER)}
    for column in COLUMNS:
        if column.name in facts:
            text = facts[column.name]
            form = Form.TEXT if text in column.answers else _FORM.get(column.kind, Form.TEXT)
            found[column.name] = RawCell(text, form)
    return found


def _as_json(header: Mapping[str, str], loans: Sequence[Mapping[str, str]]) -> bytes:
    """Every column of every loan, null where it is still to be filled."""
    names = [column.name for column in COLUMNS]
    filled = [{OPENING: loan[OPENING], **{name: loan.get(name) for name in names}} for loan in loans]
    whole = {**{name: text or None for name, text in header.items()}, "loans": filled}
    return (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode()


def as_csv(
    header: Mapping[str, str],
    columns: Sequence[str],
    rows: Iterable[tuple[int, Cells]],
    remarks: Mapping[int, str] | None = None,
) -> bytes:
    """Numbered rows as CSV in UTF-8 with a mark for spreadsheets; the header stands in columns of its own, said once.

    Rows keep their numbers: where one is missing, an empty line stands. Remarks go into a last column of their own.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    marked = [] if remarks is None else [MARKING_COLUMN]
    headed = [*HEADER_FIELDS, *([CASH_BEFORE] if CASH_BEFORE in header else [])]
    writer.writerow([*headed, *map(guarded, columns), *marked])

    def write(number: int, cells: Cells) -> None:
        said = [guarded(header.get(name, "")) if number == 1 else "" for name in headed]
        texts = [guarded(cells[name].text) if name in cells else "" for name in columns]
        remark = [] if remarks is None else [guarded(remarks.get(number, ""))]
        writer.writerow([*said, *texts, *remark])

    last = 0
    for number, cells in rows:
        for empty in range(last + 1, number):
            write(empty, {})
        write(number, cells)
        last = number
    if not last:
        write(1, {})
    return out.getvalue().encode("utf-8-sig")
