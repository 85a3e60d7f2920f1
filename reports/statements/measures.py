"""The measures that statements print: code, title, unit and definition, in the words of the definitions page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reports.figures import Measure, Unit
from reports.statements.measures_held import OF_COLUMNS, OF_THE_PORTFOLIO


def _listed(unit: Unit, *lines: tuple[str, str, str]) -> dict[str, Measure]:
    return {code: Measure(code=code, title=title, unit=unit, definition=words) for code, title, words in lines}


MEASURES: Final[Mapping[str, Measure]] = (
    _listed(
        "money",
        (
            "received",
            "Received from dormant accounts",
            (
                "Money transferred by banks and building societies from accounts untouched for fifteen years or more, "
                "to date, before any reclaim."
            ),
        ),
        ("reclaimed", "Reclaims paid", "Money paid back to account holders who came forward, to date."),
        (
            "reserved",
            "Reserve held for reclaims",
            (
                "What the reclaim fund keeps back against claims: those yet to come, by its approved rate on what it "
                "received, and those notified and not yet paid."
            ),
        ),
        ("distributed", "Distributed", "Money the reclaim fund has passed to the distributor, to date."),
        ("england", "England", "England's share of what was distributed, after expenses, by the 2011 Order, to date."),
        ("wales", "Wales", "Wales's share of what was distributed, after expenses, by the 2011 Order, to date."),
        (
            "scotland",
            "Scotland",
            "Scotland's share of what was distributed, after expenses, by the 2011 Order, to date.",
        ),
        (
            "northern_ireland",
            "Northern Ireland",
            "Northern Ireland's share of what was distributed, after expenses, by the 2011 Order, to date.",
        ),
        ("trust", "Paid to the trust", "England's money granted to the trust that owns the bank, to date."),
        ("bank", "Subscribed to the bank", "Share capital that the trust has paid into the bank, to date."),
        ("b_shares", "B share capital", "What the merchant banks have paid the bank for B shares, to date."),
        (
            "in_principle",
            "Committed in principle",
            (
                "Allocations that the bank has approved, to date, whether or not they have since been signed; "
                "an approval that lapsed or was withdrawn is taken off."
            ),
        ),
        ("signed", "Signed", "The part of the approvals for which an agreement has been signed, to date."),
        ("drawn", "Drawn", "The part of what was signed that intermediaries have drawn, to date."),
        (
            "lent",
            "At the front line",
            (
                "The bank's own money that intermediaries have lent on to frontline organisations, to date. "
                "Co-investors' money in the same loans is never counted in it."
            ),
        ),
        (
            "outstanding",
            "Outstanding with borrowers",
            "The bank's money that frontline organisations have still to repay, written-off sums taken off.",
        ),
        (
            "co_invested",
            "Co-investors' money",
            "What others, the intermediaries among them, lent in the same onward loans, to date.",
        ),
        (
            "co_in_principle",
            "Meant by co-investors",
            "What others meant to add to the facilities whose approval stands, as proposed. Never the bank's own.",
        ),
        (
            "co_signed",
            "Signed by co-investors",
            "What others have signed beside the bank in the same facilities, to date. Never counted in the bank's own.",
        ),
        (
            "co_drawn",
            "Drawn from co-investors",
            "What intermediaries have drawn from others beside the bank in the same facilities, to date.",
        ),
        (
            "signed_with_match",
            "Signed with match",
            "The bank's and its co-investors' signed commitments together; the bank's own part is shown as signed.",
        ),
        (
            "drawn_with_match",
            "Drawn with match",
            "What intermediaries have drawn from the bank and its co-investors; the bank's own part is shown as drawn.",
        ),
        ("undrawn", "Undrawn", "What is signed and neither drawn nor issued as a guarantee, less what was cancelled."),
        ("repaid", "Repaid", "Principal repaid, and capital returned by funds and contracts, to the bank, to date."),
        (
            "owed",
            "Out with intermediaries",
            (
                "The bank's own money still out with intermediaries, at cost: drawn, less repaid, less written off. "
                "Loans and bonds are owed; interests in funds, shares and contracts are held, and are shown apart."
            ),
        ),
        ("written_off", "Written off", "Principal that the bank no longer expects from intermediaries, to date."),
        ("bank_recovered", "Recovered by the bank", "Money received on sums the bank had written off, to date."),
        (
            "onward_written_off",
            "Onward loans written off",
            "The bank's share of onward loans that lenders wrote off, to date.",
        ),
        (
            "onward_recovered",
            "Onward loans recovered",
            "The bank's share of money lenders received on loans written off, to date.",
        ),
        ("cash", "Cash", "Money in the bank's own accounts on the day."),
        (
            "treasury",
            "Treasury",
            "Cash that waits on deposit, in short gilts or in money-market funds, at cost or at amortised cost.",
        ),
        ("bank_reserve", "Reserve", "Cash that the bank's policy keeps back and does not commit."),
        (
            "undrawn_commitments",
            "Undrawn commitments",
            "What intermediaries may still draw or call under signed agreements, guarantees with it.",
        ),
        (
            "headroom",
            "Headroom",
            "Cash and treasury less the reserve less undrawn commitments: what may still be committed.",
        ),
        ("repaid_interest", "Interest received", "Interest that intermediaries have paid to the bank, to date."),
        ("overdue", "Principal overdue", "Principal of onward loans that is past its due date and unpaid."),
        (
            "bucket_outstanding",
            "Outstanding",
            "Principal outstanding of the onward loans in the row, the bank's share.",
        ),
        (
            "bucket_restructured",
            "Restructured",
            "The part of the row's outstanding principal that is on changed terms.",
        ),
        (
            "median_loan",
            "Median loan",
            "Half of the onward loans are larger and half smaller, all lenders' money together.",
        ),
        (
            "median_turnover",
            "Median turnover",
            "Half of the borrowers that stated a yearly turnover have more and half less; each counts once.",
        ),
        ("grant", "Grant beside loans", "Grant that borrowers received together with their loan, to date."),
    )
    | _listed(
        "share",
        (
            "at_risk_30",
            "At risk, more than 30 days",
            (
                "Whole principal of every onward loan with an instalment more than 30 days overdue, as a share of all "
                "principal outstanding."
            ),
        ),
        (
            "at_risk_90",
            "At risk, more than 90 days",
            (
                "Whole principal of every onward loan with an instalment more than 90 days overdue, as a share of all "
                "principal outstanding."
            ),
        ),
        (
            "at_risk_30_restructured",
            "At risk, more than 30 days, with restructured",
            (
                "Principal at risk by more than 30 days, with every restructured loan counted as at risk even when "
                "it is paid to date."
            ),
        ),
        (
            "at_risk_90_restructured",
            "At risk, more than 90 days, with restructured",
            (
                "Principal at risk by more than 90 days, with every restructured loan counted as at risk even when "
                "it is paid to date."
            ),
        ),
        (
            "first_time",
            "First-time borrowers",
            "Loans to an organisation that had never borrowed before, as a share of loans that answered.",
        ),
        (
            "declined",
            "Declined by a bank",
            "Loans to an organisation that a bank had turned down, as a share of loans that answered.",
        ),
    )
    | _listed(
        "count",
        ("loans", "Onward loans", "Onward loans of which anything has been drawn, if only a penny, to date."),
        ("organisations", "Organisations", "Different frontline organisations that have had an onward loan, to date."),
        ("places", "Areas", "Local-authority areas in which the place of at least one onward loan lies."),
        (
            "people",
            "People reached",
            "People that borrowers report to have reached, added over loans in the unit stated; units are never added.",
        ),
        (
            "people_ours",
            "Our funded share",
            (
                "The part of the people reached that goes with the bank's part of the money drawn, loan by loan; the "
                "rest goes with co-investors' money."
            ),
        ),
        ("answered", "Answered", "Loans whose return gives a value for the question."),
        ("not_known", "Not known", "Loans whose return says that the answer is not known."),
        ("not_applicable", "Not applicable", "Loans whose return says that the question does not apply."),
        ("blank", "Left blank", "Loans whose return says nothing at all."),
    )
    | _listed(
        "share",
        (
            "of_way",
            "Of the way",
            (
                "What an indicator has gone of the way from where it began to its target, as a part of that way; less "
                "than nothing where it went the other way."
            ),
        ),
    )
    | _listed(
        "number",
        ("baseline", "At the start", "The indicator when the loan was made, added over the loans that report it."),
        ("target", "Target", "What the borrowers set out to reach, added over the loans that report it."),
        ("actual", "Reached", "The indicator now, added over the loans that report it."),
    )
    | _listed(
        "days",
        ("days_late", "Days late", "Days from the day a return fell due to the day it was filed."),
    )
    | dict(OF_THE_PORTFOLIO)
    | dict(OF_COLUMNS)
)
"""By code. The one place where these words stand; whoever works a figure out takes its measure from here."""
