"""The words of what the bank holds: multiples and yields, concentration, match, limits, stages, stress and accounts."""

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
        "The yearly rate at which all dated payments balance, what is left coming back that day; of a year or more.",
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
        "unexplained",
        "money",
        "Unexplained in the ties",
        "What is left between the bank's books and the intermediaries' when all that is explained is taken off.",
    ),
    ("returns_due", "count", "Returns due", "Returns of facilities that had fallen due for the quarter by then."),
    ("returns_received", "count", "Returns received", "Returns for the quarter that had been filed by then."),
    (
        "returns_late",
        "count",
        "Returns late",
        "Returns for the quarter that were filed after the day they were due.",
    ),
    (
        "returns_missing",
        "count",
        "Returns missing",
        "Returns that had fallen due for the quarter and were not filed.",
    ),
    ("breaks", "count", "Breaks", "Differences between an accepted return and the books not wholly explained."),
    (
        "breaks_unowned",
        "count",
        "Breaks in nobody's hands",
        "Breaks not wholly explained that nobody of the bank has been named to clear.",
    ),
    (
        "oldest_break",
        "days",
        "Oldest break",
        "Days since the oldest break not wholly explained was first seen, however often it was named anew.",
    ),
    (
        "deprived_half",
        "share",
        "In the most deprived half",
        "Of the bank's money lent in England whose place has a published tenth, the part in tenths 1 to 5.",
    ),
    (
        "moved_on",
        "share",
        "Indicators that moved on",
        "Of indicators of one name and unit in one outcome area, the part that moved towards its target, or past it.",
    ),
    (
        "cost_of_intermediation",
        "number",
        "Costs of intermediaries",
        "Costs that intermediaries have met from the bank's money, without what the bank charged, to each pound drawn.",
    ),
)

OF_THE_PORTFOLIO: Final[Mapping[str, Measure]] = {
    code: Measure(code=code, title=title, unit=unit, definition=words) for code, unit, title, words in _SAID
}
"""The measures of the whole portfolio."""

_COLUMNS: Final[tuple[tuple[str, Unit, str, str], ...]] = (
    ("paid_in", "money", "Paid in", "Cash that the bank has paid under facilities, to date."),
    ("paid_back", "money", "Paid back", "Cash that has come back under facilities, interest and income with it."),
    ("left", "money", "Left", "What facilities are carried at in the bank's book, allowances for losses taken off."),
    ("net_paid", "money", "Net cash, to date", "What has come back under facilities less what was paid in, to date."),
    ("own", "money", "The bank's own", "The bank's own money at the stage that the row names, to date."),
    ("others", "money", "Co-investors'", "Co-investors' money at the same stage of the same facilities, to date."),
    ("together", "money", "Together", "The bank's own and co-investors' money at the stage that the row names."),
    ("match", "share", "Match", "Pounds of co-investors beside each pound of the bank's own, at the same stage."),
    ("exposed", "money", "At risk", "What is promised, guaranteed, lent and invested, by the bank's book."),
    ("used", "share", "Of the bound", "What stands against a limit, as a part of its bound; on the day."),
    ("voting", "share", "Part of the votes", "Votes do not follow capital: a holder's votes are capped by agreement."),
    ("economic", "share", "Part of the capital", "A holder's part of all share capital paid in."),
    ("called", "money", "Called", "Share capital that holders have been called to pay, to date."),
    ("paid_up", "money", "Paid up", "Share capital that holders have paid, to date."),
    (
        "in_stage",
        "money",
        "In stage",
        "Principal of loans and bonds in each stage of credit (IFRS 9) on the day; what began impaired is apart.",
    ),
    (
        "to_be_drawn",
        "money",
        "Undrawn",
        "What may still be drawn under the same loans and bonds on the day; losses are expected of it too.",
    ),
    (
        "allowed",
        "money",
        "Allowed for",
        "Allowance for expected losses in each stage, by accounts 1240 to 1242; what began impaired is apart.",
    ),
    ("covered", "share", "Allowed, %", "What is allowed for, as a part of principal and of what is undrawn together."),
    (
        "cost_of",
        "money",
        "Costs met",
        "Costs and fees that intermediaries have met from the bank's money, to date, without what the bank charged.",
    ),
    (
        "charged_by_bank",
        "money",
        "Charged by the bank",
        "Fees and default interest that the bank itself took from what it lent: it earns them, so they are no cost.",
    ),
    ("held_cash", "money", "Cash held", "The bank's money that intermediaries hold and have neither lent nor repaid."),
    (
        "repaid_by_borrower",
        "money",
        "Repaid by the borrower",
        "The bank's share of principal that the borrower of one onward loan has paid back to its lender, to date.",
    ),
    ("cost_pence", "share", "Costs to drawn", "Costs met, to each pound drawn."),
)

OF_COLUMNS: Final[Mapping[str, Measure]] = {
    code: Measure(code=code, title=title, unit=unit, definition=words) for code, unit, title, words in _COLUMNS
}
"""The measures that stand in columns alone."""
