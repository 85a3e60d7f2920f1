"""A return sent back with the findings written into it, so that it can be mended in place and sent again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from intermediaries.returns.bounds import LIMITS, Limits, Unreadable
from intermediaries.returns.findings import Finding, findings_csv
from intermediaries.returns.intake import read
from intermediaries.returns.layout import COLUMNS, MARKING_COLUMN
from intermediaries.returns.raw import RawCell, RawReturn
from intermediaries.returns.template import as_csv
from intermediaries.returns.write_workbook import Sheets, as_workbook

_HALF: Final = re.compile("[\ud800-\udfff]")


def with_findings(
    data: bytes,
    findings: Sequence[Finding],
    *,
    as_format: Literal["xlsx", "csv"],
    filename: str | None = None,
    content_type: str | None = None,
    limits: Limits = LIMITS,
) -> bytes:
    """The same return with what was found in it: coloured cells, comments and a sheet, or a last column of CSV.

    Sent in again it says the same: rows keep their numbers, and our own writing is passed over. A formula comes back
    as the value it had. Of a file that could not be read only the findings come back.
    """
    try:
        raw = read(data, filename=filename, content_type=content_type, limits=limits)
        return _marked(raw, findings, as_format)
    except Unreadable:
        if as_format == "csv":
            return findings_csv(findings)
        return as_workbook(Sheets({}, [column.name for column in COLUMNS], (), findings=findings))


def _marked(raw: RawReturn, findings: Sequence[Finding], as_format: Literal["xlsx", "csv"]) -> bytes:
    header = {name: _storable(cells[0].text) for name, cells in raw.header.items()}
    named = [_storable(name) for name in dict.fromkeys(raw.columns) if name and name != MARKING_COLUMN]
    columns = named or [column.name for column in COLUMNS]  # JSON without a loan names none
    rows = ((row.number, _all_storable(row.cells)) for row in raw.rows)
    if as_format == "csv":
        return as_csv(header, columns, rows, _remarks(raw, findings))
    return as_workbook(Sheets(header, columns, rows, findings=findings))


def _all_storable(cells: Mapping[str, RawCell]) -> Mapping[str, RawCell]:
    if all(name.isascii() and cell.text.isascii() for name, cell in cells.items()):
        return cells
    return {_storable(name): cell._replace(text=_storable(cell.text)) for name, cell in cells.items()}


def _storable(text: str) -> str:
    """Text that a file can hold: for half a character, which only JSON can say, stands the sign of a lost letter.

    It is found fault with as the half was, so that what is sent back does not pass where what was sent did not.
    """
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def _remarks(raw: RawReturn, findings: Sequence[Finding]) -> dict[int, str]:
    """What was found, by row; what concerns the file as a whole stands beside its first line."""
    first = next((row.number for row in raw.rows), 1)
    remarks: dict[int, list[str]] = {}
    for finding in findings:
        said = f"{finding.column or 'file'}: {finding.message} {finding.remedy}"
        remarks.setdefault(first if finding.row is None else finding.row, []).append(said)
    return {row: " | ".join(said) for row, said in remarks.items()}
