"""The files that are measured: sound first returns of so many loans, each of another borrower, as CSV and as Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

import xlsxwriter

from intermediaries.returns.layout import COLUMN, Kind

QUARTER: Final = "2012Q4"
PLACES: Final = (("postcode", "L1 8JQ"), ("lsoa", "E01033757"), ("local_authority", "E08000012"))
COLUMNS: Final = (
    *("loan_ref", "borrower_name", "borrower_ids", "legal_form", "purpose", "agreed_on", "maturity_on", "annual_rate"),
    *("amount_committed", "drawn", "principal_received", "interest_received", "written_off", "recovered"),
    *("principal_outstanding", "arrears_principal", "days_past_due", "status", "our_share", "outcome_area"),
    *("beneficiary_group", "place_basis", "postcode", "lsoa", "local_authority", "people_reached", "people_unit"),
)
_FORMS: Final = ("CIC-CLG", "CLG", "COOP", "BENCOM")
_AREAS: Final = ("employment", "housing", "arts", "environment", "mental-health")
_NUMERIC: Final = frozenset({Kind.MONEY, Kind.RATE, Kind.SHARE, Kind.COUNT})


def loan(number: int) -> dict[str, str]:
    """One loan, drawn in the quarter and a little of it repaid; amounts, days and places differ from loan to loan."""
    drawn = 1_000_000 + number * 37 % 4_000_000
    repaid = number * 13 % 90_000
    place, code = PLACES[number % len(PLACES)]
    return {
        "loan_ref": f"L-{number:06d}",
        "borrower_name": f"Borrower {number} (invented)",
        "borrower_ids": f"GB-COH-{number:08d}",
        "legal_form": _FORMS[number % len(_FORMS)],
        "purpose": "workingCapital",
        "agreed_on": f"2012-10-{number % 28 + 1:02d}",
        "maturity_on": f"20{17 + number % 5}-10-{number % 28 + 1:02d}",
        "annual_rate": f"0.0{number % 9 + 1}5",
        "amount_committed": _pounds(drawn),
        "drawn": _pounds(drawn),
        "principal_received": _pounds(repaid),
        "interest_received": _pounds(number % 5_000),
        "written_off": "0.00",
        "recovered": "0.00",
        "principal_outstanding": _pounds(drawn - repaid),
        "arrears_principal": "0.00",
        "days_past_due": "0",
        "status": "performing",
        "our_share": "0.5",
        "outcome_area": _AREAS[number % len(_AREAS)],
        "beneficiary_group": "general-public",
        "place_basis": "delivery",
        place: code,
        "people_reached": str(number % 300),
        "people_unit": "people",
    }


def _pounds(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02d}"


def lines(loans: int) -> Iterator[list[str]]:
    """The cells of each loan, in the order of the columns."""
    for number in range(1, loans + 1):
        told = loan(number)
        yield [told.get(name, "") for name in COLUMNS]


def as_csv(loans: int) -> bytes:
    """The return as a program writes CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(lines(loans))
    return out.getvalue().encode()


def as_workbook(loans: int) -> bytes:
    """The return as a spreadsheet program keeps it: numbers as numbers, texts shared or in their cells."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, COLUMNS)
        for row, cells in enumerate(lines(loans), 1):
            for place, (name, text) in enumerate(zip(COLUMNS, cells, strict=True)):
                if text and COLUMN[name].kind in _NUMERIC:
                    sheet.write_number(row, place, float(text))
                elif text:
                    sheet.write_string(row, place, text)
    return out.getvalue()
