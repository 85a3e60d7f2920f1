"""The measures beyond those whose words stand with the statements, in the same form: code, title, unit, definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bank.figures.onward_measures import OF_ONWARD_LENDING
from reports.figures import Measure, Unit
from reports.statements.measures import MEASURES as PRINTED


def _listed(unit: Unit, *lines: tuple[str, str, str]) -> dict[str, Measure]:
    return {code: Measure(code=code, title=title, unit=unit, definition=words) for code, title, words in lines}


_FURTHER: Final = (
    _listed(
        "money",
        (
            "whole_balances",
            "Whole balances owed",
            "What owners of transferred accounts could still claim: the whole balances taken over, less claims met.",
        ),
        (
            "claims_notified",
            "Claims notified, not yet paid",
            "Claims that banks have told of and the reclaim fund has still to pay: a part of its reserve for reclaims.",
        ),
        ("reclaim_cash", "Cash of the reclaim fund", "Money in the reclaim fund's own accounts on the day."),
        (
            "reclaim_placed",
            "Placed by the reclaim fund",
            "Cash of the reclaim fund that waits on deposit, in short gilts or in money-market funds.",
        ),
        ("england_held", "Held for England", "England's share that the distributor has not yet paid on."),
        ("wales_held", "Held for Wales", "Wales's share that the distributor has not yet paid on."),
        ("scotland_held", "Held for Scotland", "Scotland's share that the distributor has not yet paid on."),
        (
            "northern_ireland_held",
            "Held for Northern Ireland",
            "Northern Ireland's share that the distributor has not yet paid on.",
        ),
        (
            "treasury_income",
            "Treasury income",
            "Interest and income that the bank's cash has earned while it waits, to date, gains and losses apart.",
        ),
        ("a_shares", "A share capital", "What the trust has paid the bank for A shares, with England's money."),
        (
            "awaiting_signature",
            "Approved, not yet signed",
            "Allocations the bank has approved for which no agreement is signed yet.",
        ),
        (
            "free_to_approve",
            "Free to approve",
            "Headroom less what is approved and not yet signed: what may still be approved.",
        ),
        (
            "guarantees",
            "Guarantees outstanding",
            "What the bank would have to pay if every guarantee it has issued were called in full.",
        ),
        (
            "owed_as_debt",
            "Owed as loans and bonds",
            "The part of what is out with intermediaries that is debt: loans, bonds and claims from guarantees.",
        ),
        (
            "interests_at_cost",
            "Held in funds, shares and contracts",
            "The part of what is out with intermediaries that is no debt, at cost: funds, shares and contracts.",
        ),
        (
            "value_beyond_cost",
            "Value beyond cost",
            "What fund interests, shares and bonds were last worth beyond what they cost; below nothing, less than it.",
        ),
        (
            "investment_income",
            "Dividends, income and gains",
            "What shares, fund interests and outcomes contracts have paid beyond capital, to date.",
        ),
        (
            "grants_held",
            "Grants held for others",
            "Grant money beside blended loans that waits to be paid on. It is never the bank's, nor in its headroom.",
        ),
        (
            "interest_accrued",
            "Interest accrued",
            "Interest that facilities have earned the bank, to date, whether or not it has been paid.",
        ),
        ("interest_due", "Interest due", "Interest accrued and neither paid nor written off."),
        (
            "interest_receivable",
            "Interest receivable",
            "Interest and default interest that intermediaries owe the bank, accrued and not yet paid.",
        ),
        (
            "loss_allowance",
            "Loss allowance",
            "What the bank allows for losses that it expects on loans, over all three stages.",
        ),
        (
            "commitment_provision",
            "Provision for undrawn commitments",
            "What the bank provides for losses that it expects on money promised as loans and not drawn.",
        ),
        (
            "impairment",
            "Impairment of loans",
            "What expected losses and changed terms have cost the bank to date, less what was reversed.",
        ),
        (
            "arrangement_fees",
            "Arrangement fees taken",
            "Fees for arranging loans, paid in or withheld to date; each is earned over its loan's life.",
        ),
        (
            "fees_to_earn",
            "Fees still to be earned",
            "Arrangement fees and adjustments to loans' values that belong to the years still to come.",
        ),
        (
            "commitment_fees",
            "Commitment fees",
            "Fees that the bank has earned on signed commitments while they waited to be drawn, to date.",
        ),
        ("fees_due", "Fees due", "Commitment fees earned and not yet paid."),
        ("interest_written_off", "Interest written off", "Accrued interest the bank no longer expects, to date."),
        (
            "co_outstanding",
            "Co-investors' money outstanding",
            "What borrowers have still to repay of co-investors' money in the same onward loans.",
        ),
        (
            "held_by_intermediaries",
            "Cash held by intermediaries",
            "The bank's money that intermediaries have drawn or had back from borrowers, and neither lent nor repaid.",
        ),
        (
            "own_money",
            "Intermediaries' own money",
            "Money of their own that intermediaries have put in for a facility, by their memorandum books.",
        ),
        ("costs", "Costs and fees", "Costs and fees that intermediaries have met from facilities, to date."),
        (
            "borrower_interest",
            "Interest from borrowers",
            "Interest that borrowers have paid on the bank's share of onward loans, to date.",
        ),
    )
    | _listed(
        "rate",
        (
            "reserve_rate",
            "Reserve rate in force",
            "The approved fraction of bank-account balances that the reclaim fund keeps back against claims.",
        ),
        (
            "liquidity_fraction",
            "Liquidity fraction",
            "The approved fraction of paid-in capital that the bank keeps in cash and does not commit.",
        ),
    )
    | _listed(
        "count",
        (
            "accounts",
            "Dormant accounts",
            "Accounts whose balances were transferred, to date, over the transfers that tell their number.",
        ),
        ("facilities", "Facilities", "Facilities with a signed agreement, to date."),
        ("intermediaries", "Intermediaries", "Intermediaries with at least one signed facility, each counted once."),
        (
            "loans_outstanding",
            "Loans outstanding",
            "Onward loans of which borrowers still owe principal, the bank's share or others'.",
        ),
    )
)

MEASURES: Final[Mapping[str, Measure]] = {**PRINTED, **_FURTHER, **OF_ONWARD_LENDING}
"""Every measure by code. Those the statements' own sentences speak of stand beside them, and only there."""
