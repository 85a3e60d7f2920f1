"""What a notice tells in figures: each with its unit and what exactly it means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reports.figures import Measure, Unit

_TOLD: Final[dict[str, tuple[Unit, str, str]]] = {
    "paid": (
        "money",
        "Paid by the bank",
        "What the bank drew down for this facility with this one act, its own money.",
    ),
    "paid_beside": ("money", "Paid by co-investors", "What co-investors paid with the same act: never in our books."),
    "paid_on": ("date", "Paid on", "The day the money was paid."),
    "entered_on": (
        "date",
        "Entered on",
        "The day the payment stands on in the books: later where its quarter had closed.",
    ),
    "undrawn_before": ("money", "Undrawn before", "What of the bank's promise was undrawn just before this act."),
    "undrawn_after": ("money", "Undrawn after", "What of the bank's promise was undrawn just after this act."),
    "drawn_to_date": ("money", "Drawn by then", "What the bank has paid under the facility, this act with it."),
    "beside_to_date": ("money", "Beside it by then", "What co-investors have paid beside it, this act with it."),
    "match_wanted": (
        "share",
        "Match agreed",
        "How many pounds of co-investors each pound of the bank must have beside it.",
    ),
    "first_due": ("date", "First due", "The first day after the payment on which an instalment falls due."),
    "rate": ("rate", "Interest a year", "The yearly rate in force on the day, as a part of what is owed."),
    "quarter_from": ("date", "Quarter from", "The first day that the return is of."),
    "quarter_to": ("date", "Quarter to", "The last day that the return is of."),
    "due_on": ("date", "Due on", "The last day on which the return was in time."),
    "filed_on": ("date", "Filed on", "The day the return came."),
    "attested_on": ("date", "Attested on", "The day somebody answered for the return by name."),
    "accepted_on": ("date", "Accepted on", "The day the bank took the return into its books."),
    "days_late": ("days", "Days late", "Days between the last day in time and the day the return came."),
    "version": ("count", "Version", "Which version of the quarter's return this is."),
    "loans": ("count", "Loans", "How many onward loans the return tells of."),
    "errors": ("count", "Errors", "Findings that keep a return from being attested."),
    "questions": ("count", "Questions", "Findings that ask for a reason."),
    "answered": ("count", "Questions confirmed", "Questions that the filer answered with a reason."),
    "opening": (
        "money",
        "Owed at the start",
        "Owed at the end less what was drawn, plus what was received and written off.",
    ),
    "drawn": ("money", "Drawn", "Principal drawn by borrowers in the quarter, all lenders together."),
    "principal_received": ("money", "Principal received", "Principal that borrowers repaid in the quarter."),
    "written_off": ("money", "Written off", "Principal written off in the quarter."),
    "closing": ("money", "Owed at the end", "Principal outstanding at the quarter's end, all lenders together."),
    "interest_received": ("money", "Interest received", "Interest that borrowers paid in the quarter."),
    "recovered": ("money", "Recovered", "What came back in the quarter of what had been written off."),
    "arrears": ("money", "Principal overdue", "Principal overdue at the quarter's end."),
    "amount": ("money", "Amount", "What the bank was asked to promise, its own money."),
    "in_principle": ("money", "Approved in principle", "What was approved for the facility, by the books."),
    "signed": ("money", "Signed", "What was promised by signature, by the books."),
    "paid_to_date": ("money", "Drawn", "What was paid under the facility, by the books."),
    "beside": ("money", "Beside it", "What co-investors commit beside the bank: never in our books."),
    "proposed_on": ("date", "Proposed on", "The day it was proposed."),
    "approved_on": ("date", "Approved on", "The day it was approved."),
    "available_from": ("date", "To draw from", "The first day on which it can be drawn."),
    "available_until": ("date", "To draw until", "The last day on which it can be drawn."),
    "matures_on": ("date", "Ends on", "The last day of the facility."),
    "impairment_stage": (
        "count",
        "Stage",
        "The stage of expected loss that the loan is in, one to three; one that began impaired is in the third.",
    ),
}

MEASURES: Final = {
    code: Measure(code=code, title=title, unit=unit, definition=definition)
    for code, (unit, title, definition) in _TOLD.items()
}
"""By code."""


def named(codes: Iterable[str]) -> tuple[Measure, ...]:
    """The measures of some codes, each once, in the order first met."""
    return tuple(MEASURES[code] for code in dict.fromkeys(codes))
