"""The returns of the demonstration as their lenders file them: CSV, Excel and JSON in turn, attested and accepted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from bank.demo.acts import Act, Stage
from bank.demo.cast import APPROVER, SIGNATORY_ROLE, signatory
from bank.demo.partners import facilities
from bank.demo.story import Filing, as_csv, broken_rows, cash_held, explanations, filings, return_rows
from intermediaries.returns.bounds import Form
from intermediaries.returns.commands import accept_return, attest_return, explain_break, submit_return
from intermediaries.returns.layout import COLUMNS, Kind
from intermediaries.returns.raw import Format, RawCell
from intermediaries.returns.write_workbook import NUMERIC, Sheets, as_workbook
from ledger.dates import Quarter
from ledger.money import Money

BROKEN_FIRST: Final = ("tallowgate", Quarter(2012, 2))
"""The return that comes broken in the morning and mended in the afternoon."""

_FORMATS: Final[tuple[Format, ...]] = ("csv", "xlsx", "json")
_FORMS: Final[Mapping[Kind, Form]] = {**dict.fromkeys(NUMERIC, Form.NUMBER), Kind.DATE: Form.DATE}

Rows = Sequence[Mapping[str, str]]


def reporting() -> Iterator[Act]:
    """Every return filed, attested and accepted, each on its day."""
    for filing in filings():
        named = f"{filing.facility} {filing.quarter}"
        if (filing.facility, filing.quarter) == BROKEN_FIRST:
            yield Act(filing.filed_on, 9, f"{named} filed broken", partial(_file_broken, filing))
        yield Act(filing.filed_on, 14, f"{named} filed", partial(_file, filing))
        yield Act(filing.accepted_on, 15, f"{named} accepted", partial(_accept, filing))


def written(format: Format, rows: Rows, *, facility: str, quarter: Quarter, held: Money) -> bytes:  # noqa: A002 -- the word that every door uses
    """A return as a file; the workbook and the JSON say whose it is, of a CSV file that is told beside it."""
    header = {"facility": facility, "quarter": str(quarter), "cash_held": str(held)}
    if format == "csv":
        return as_csv(rows)
    if format == "json":
        return json.dumps({**header, "loans": list(rows)}, ensure_ascii=False, indent=1).encode()
    return as_workbook(
        Sheets(header, [column.name for column in COLUMNS], [(place, _cells(row)) for place, row in enumerate(rows, 1)])
    )


def _cells(row: Mapping[str, str]) -> dict[str, RawCell]:
    """Amounts and days as a spreadsheet knows them, unless they are one of the two marks."""
    kinds = {
        column.name: Form.TEXT if row.get(column.name) in column.answers else _FORMS.get(column.kind, Form.TEXT)
        for column in COLUMNS
    }
    return {name: RawCell(text, kinds[name]) for name, text in row.items() if text}


def _format_of(filing: Filing) -> Format:
    """Each lender's files go through the formats in turn, quarter by quarter."""
    place = [whole.key for whole in facilities()].index(filing.facility)
    return _FORMATS[(place + filing.quarter.year * 4 + filing.quarter.number) % len(_FORMATS)]


def _file_broken(filing: Filing, stage: Stage) -> None:
    _submit(stage, filing, broken_rows(filing.facility, filing.quarter), f"{_key(filing)} broken")


def _file(filing: Filing, stage: Stage) -> None:
    done = _submit(stage, filing, return_rows(filing.facility, filing.quarter, filing.version), _key(filing))
    attest_return(
        stage.desk(filing.facility),
        return_id=done,
        name=signatory(filing.facility),
        role=SIGNATORY_ROLE,
        key=_key(filing),
    )
    stage.filed[filing.facility, filing.quarter, filing.version] = done


def _submit(stage: Stage, filing: Filing, rows: Rows, key: str) -> str:
    facility, held = stage.facilities[filing.facility], cash_held(filing.facility, filing.quarter)
    form = _format_of(filing)
    done = submit_return(
        stage.desk(filing.facility),
        data=written(form, rows, facility=facility, quarter=filing.quarter, held=held),
        filename=f"{filing.facility}-{filing.quarter}.{form}",
        facility=facility,
        quarter=filing.quarter,
        cash_held=held,
        key=key,
    )
    return done.id


def _accept(filing: Filing, stage: Stage) -> None:
    """Accept a return, and explain what its cash does not explain by itself."""
    done = accept_return(
        stage.desk(APPROVER),
        return_id=stage.filed[filing.facility, filing.quarter, filing.version],
        explanation=filing.reason or None,
        key=_key(filing),
    )
    reasons = explanations(filing.facility, filing.quarter, filing.version)
    named = [found for found in done.tie.breaks if found.remaining]
    for found, reason in zip(named, reasons, strict=True):
        explain_break(
            stage.desk(APPROVER),
            break_id=found.id,
            category=reason.category,
            reason=reason.reason,
            amount=reason.amount,
            key=_key(filing),
        )


def _key(filing: Filing) -> str:
    return f"{filing.facility} {filing.quarter} {filing.version}"
