"""The words of the portfolio's figures: how its money has done, where it lies, how long it took and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reports.figures import Measure, Unit

_SAID: Final[tuple[tuple[str, Unit, str, str], ...]] = (
    ("dpi", "number", "Paid back to paid in", "What has come back under all facilities, to each pound paid in."),
    ("rvpi", "number", "Left to paid in", "What all facilities are carried at in the books, to each pound paid in."),
    ("tvpi", "number", "Paid back and left to paid in", "What has come back and what is left, to each pound paid in."),
    (
        "xirr",
        "rate",
        "Yearly yield",
        "The yearly rate at which all dated payments balance, what is left coming back that day.",
    ),
    (
        "largest_share",
        "number",
        "Largest intermediary's part",
        "What is promised, guaranteed, lent and invested with the intermediary that has most, of all that is.",
    ),
    (
        "undrawn_over_a_year",
        "money",
        "Undrawn for over a year",
        "Signed commitments not yet drawn, of facilities signed more than 365 days before.",
    ),
    (
        "liquidity_cover",
        "number",
        "Liquidity cover",
        "How many times cash and treasury cover undrawn commitments, guarantees and the costs of the last year.",
    ),
    (
        "days_to_money",
        "days",
        "Days from enquiry to money",
        "The middle of the days from an enquiry to the first drawdown, over the facilities whose enquiry is recorded.",
    ),
    (
        "cost_of_intermediation",
        "number",
        "Costs of intermediaries",
        "Costs and fees that intermediaries have met from the bank's money, to each pound drawn.",
    ),
)

OF_THE_PORTFOLIO: Final[Mapping[str, Measure]] = {
    code: Measure(code=code, title=title, unit=unit, definition=words) for code, unit, title, words in _SAID
}
