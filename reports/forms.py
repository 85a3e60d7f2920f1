"""The forms of a statement by the list of loans that each carries: by its columns it is told which one a file has."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.refusals import Refusal
from reports import seal
from reports.attached import text_of

GROUPED: Final = ("region", "legal_form", "purpose", "outcome_area", "beneficiary_group")
LOANS: Final = (
    *("loan", "intermediary", "facility", "return", "quarter", "agreed_on", "maturity_on", "status", "our_share"),
    *("annual_rate", "days_past_due", "restructured"),
    *GROUPED,
    *("committed", "drawn", "repaid", "interest", "written_off", "recovered", "outstanding", "arrears"),
)
NAMED: Final = ("loan_ref", "borrower", "borrower_name", "local_authority")
"""What the whole form says of each loan besides: who owes it, and where it is at work."""
BLOCKS: Final = ("measure", "outcome_area", "region", "loans", "amount")
LIST: Final = "loans.csv"
_FORMS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "trustees": (frozenset({"loan"}), frozenset(LOANS)),
    "whole": (frozenset({"loan", *NAMED}), frozenset({*LOANS, *NAMED})),
    "public": (frozenset(BLOCKS), frozenset(BLOCKS)),
}
"""By form, the columns that its list of loans must have, and those that it may have."""


def form_faults(data: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    """What is wrong with the form and the format that figures say they have, beside what else is in the file."""
    statement, format_ = data["statement"], data["format"]
    if format_ not in {seal.FORMAT, seal.FORMER, seal.FORMED}:
        yield f"the figures are in the format {format_!r:.60}, not {seal.FORMAT!r}"
    elif ("form" in statement) != (format_ == seal.FORMED):
        yield f"the figures are in the format {format_!r}, and {'' if 'form' in statement else 'do not '}name a form"
    if format_ == seal.FORMER and any(table.keys() & {"adding", "fitted"} for table in data["tables"]):
        yield f"the figures are in the format {format_!r}, and their tables are fitted as in the one after it"
    form = statement.get("form", "trustees")
    if not isinstance(form, str) or form not in _FORMS:
        yield f"the figures name the form {form!r:.40}, and statements have none such"
    elif LIST in files and not _fits(form, files[LIST]):
        yield f"{LIST} does not have the columns that the form {form!r} has: the file is of another form than it says"


def _fits(form: str, content: bytes) -> bool:
    """Whether a list of loans has the columns of a form; of what is no list something else is said."""
    try:
        columns = next(csv.reader(io.StringIO(text_of(LIST, content), newline=""), strict=True), [])
    except (Refusal, csv.Error):
        return True
    least, most = _FORMS[form]
    return least <= {*columns} <= most and len({*columns}) == len(columns)
