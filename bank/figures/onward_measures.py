"""The words of the record of onward lending: what is lost of it and comes back, and who borrows for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reports.figures import Measure, Unit

_SAID: Final[tuple[tuple[str, Unit, str, str], ...]] = (
    (
        "onward_loss_rate",
        "share",
        "Written off of what was lent",
        "The bank's share of onward loans written off to date, to all that was drawn. Recoveries are not taken off.",
    ),
    (
        "onward_recovery_rate",
        "share",
        "Recovered of what was written off",
        "What borrowers paid after a write-off, to what was written off: the bank's share of both, to date.",
    ),
    (
        "first_borrowers",
        "count",
        "Organisations borrowing for the first time",
        "Organisations that say of a loan that they had never borrowed before, each counted once.",
    ),
    (
        "loan_lower_quartile",
        "money",
        "Lower quartile loan",
        "A quarter of the onward loans are smaller and the rest larger, all lenders' money together.",
    ),
    (
        "loan_upper_quartile",
        "money",
        "Upper quartile loan",
        "A quarter of the onward loans are larger and the rest smaller, all lenders' money together.",
    ),
)

OF_ONWARD_LENDING: Final[Mapping[str, Measure]] = {
    code: Measure(code=code, title=title, unit=unit, definition=words) for code, unit, title, words in _SAID
}
