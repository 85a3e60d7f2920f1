"""The guarantee: a promise to bear part of somebody else's loss, paid only when it is called.

Issued it is a memorandum (9120) against the signed line. A call pays cash; what can be had back by stepping into the
lender's shoes stands as a claim (1510), and the rest is a loss (5030), after the fee that was kept for it (2200).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bank.allocations.products.fields import Field, Told
from bank.allocations.products.holdings import lost
from bank.allocations.products.shape import (
    BACK,
    CASH,
    CONTRA,
    GUARANTEED,
    LET_GO,
    LOSS,
    NOTED,
    OUT,
    OWN_USE,
    UNDRAWN,
    Done,
    Effect,
    Event,
    Move,
    Position,
    Product,
    Verb,
    figure,
    moves,
    within,
)
from bank.allocations.products.verbs import LOSE
from bank.treasury.rules import BadTerms, positive
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal


class ClaimedTooLate(Refusal):
    """A claim that was made, or fell, after the guarantee had ended."""

    slug = "claimed-too-late"
    status = 409


ISSUE: Final = Verb(
    "issue",
    "guarantees",
    "Issue a guarantee out of the signed line",
    (
        Field("amount", "money", "Guaranteed at the most", "60000.00"),
        Field("beneficiary", "text", "To whom", "A lender to the borrower", required=False),
    ),
)
TAKE_FEE: Final = Verb(
    "take-guarantee-fee",
    "guarantee-fees",
    "Take in a guarantee's fee",
    (Field("amount", "money", "Received", "1200.00"),),
)
PAY_CLAIM: Final = Verb(
    "pay-claim",
    "claims",
    "Pay a call on a guarantee; what of it can be recovered stands as a claim of our own",
    (
        Field("loss", "money", "The whole loss of the lender", "40000.00"),
        Field("amount", "money", "Paid under the guarantee", "20000.00"),
        Field("recoverable", "money", "Of it, what is expected back", "5000.00", required=False),
        Field("claimed_on", "day", "The day the claim was made, where it is paid later", "2014-12-30", required=False),
        Field(
            "lost_on", "day", "The day of the loss, where it was claimed after the end", "2014-12-01", required=False
        ),
    ),
)
NOTE_CLAIM: Final = Verb(
    "note-claim",
    "claims-made",
    "Note a claim on a guarantee that is not paid yet: what it asks for is guaranteed until it is paid or released",
    (
        Field("amount", "money", "Claimed", "20000.00"),
        Field(
            "lost_on", "day", "The day of the loss, where it was claimed after the end", "2014-12-01", required=False
        ),
    ),
)
RECOVER_CLAIM: Final = Verb(
    "recover-claim",
    "claim-recoveries",
    "Take in what comes back on a claim that was paid",
    (Field("amount", "money", "Received", "5000.00"),),
)
RELEASE: Final = Verb(
    "release",
    "releases",
    "Let a guarantee end that was not called; with the last of them the fee kept for calls is earned",
    (Field("amount", "money", "Guaranteed until now", "40000.00"),),
)


END: Final = Verb(
    "end",
    "ends",
    "What was guaranteed ends with the last day for a claim; told by the books themselves, and by nobody",
    (Field("amount", "money", "Guaranteed until then", "40000.00"),),
)


def issued(position: Position, told: Told) -> Done:
    """From the signed line to a guarantee outstanding: both are memoranda, and no money moves."""
    amount = positive(told.money("amount"), "A guarantee")
    within(amount, position.of(UNDRAWN), "what is left of the signed line")
    return Done(
        moves(
            Move(GUARANTEED, CONTRA, amount, "guarantee", "Guarantee issued"),
            Move(CONTRA, UNDRAWN, amount, "guarantee", "Line used by a guarantee"),
        ),
        (Effect(OUT, amount),),
    )


def fee(position: Position, told: Told) -> Done:
    """A fee is kept against calls, or is income at once, as the terms say and once there is nothing left to call."""
    amount = positive(told.money("amount"), "A fee")
    may_be_called = position.of(GUARANTEED) or position.of(UNDRAWN)
    to = "2200:" if position.terms.text("fee_is") == "kept" and may_be_called else "4010:"
    return Done((Move(CASH, to, amount, "fee", "Guarantee fee"),), (Effect("fee"),))


def claimed(position: Position, told: Told) -> Done:
    """A call: cash is paid, the fee kept for it is used first, and a claim is taken up at what it should bring.

    It was made while the guarantee was in force; when it is paid does not matter.
    """
    _refuse_claim_too_late(position, told)
    amount, recoverable = positive(told.money("amount"), "A claim"), told.money("recoverable")
    within(amount, told.money("loss").times(position.terms.number("covers")), "the part of that loss that is covered")
    again = _guaranteed_again(position, amount)
    within(recoverable, amount, "what is paid")
    held = position.of("2200:")
    kept = min(held, amount)
    return Done(
        moves(
            again,
            Move("2200:", CASH, kept, "claim", "Guarantee called, met by the fee kept"),
            Move("5030:", CASH, amount - kept, "claim", "Guarantee called"),
            Move("1510:", "5030:", recoverable, OUT, "Claim taken over", (OWN_USE.money, OWN_USE.owed)),
            Move(CONTRA, GUARANTEED, amount, "claim", "No longer guaranteed"),
            _earned(position, amount, held - kept),
        ),
        tuple(effect for effect in (Effect(LOSS, amount - recoverable), Effect(NOTED)) if effect.amount)
        or (Effect(NOTED),),
    )


def noted(position: Position, told: Told) -> Done:
    """A claim that was made in time and waits to be paid; what ended before it was told is guaranteed again."""
    _refuse_claim_too_late(position, told)
    amount = positive(told.money("amount"), "A claim")
    return Done(moves(_guaranteed_again(position, amount)), (Effect(NOTED),))


def _guaranteed_again(position: Position, amount: Money) -> Move:
    """What of a claim in time had been entered as ended before it was told, and is guaranteed after all.

    Refuses more than is guaranteed, or was when the guarantee ended by itself.
    """
    there = position.of(GUARANTEED)
    if any(one.verb == END.name for one in position.past):
        used = position.told_before(PAY_CLAIM.name, "amount") + position.told_before(RELEASE.name, "amount")
        there = position.told_before(ISSUE.name, "amount") - used
    within(amount, there, "what is guaranteed")
    lacking = max(amount - position.of(GUARANTEED), NOTHING)
    return Move(GUARANTEED, CONTRA, lacking, "guarantee", "Guaranteed again: claimed in time")


def _refuse_claim_too_late(position: Position, told: Told) -> None:
    """Pass a claim made by the last day of the guarantee; or, for a loss by then, within the days its terms allow.

    A guarantee answers for what falls in its time, and the demand must reach the guarantor by its expiry (Uniform
    Rules for Demand Guarantees, URDG 758, articles 14 and 25); a claims period lets the demand come a little later.
    """
    made = told.day("claimed_on") or position.on
    if made > position.on:
        raise BadTerms(f"A claim made on {made} is not paid before, on {position.on}")
    ends = position.ends_on(made)
    lost, last = told.day("lost_on") or made, ends + timedelta(days=position.terms.count("claim_days"))
    if lost > made:
        raise BadTerms(f"What was lost on {lost} was not claimed before, on {made}: the claim follows the loss")
    if lost > ends or made > last:
        raise ClaimedTooLate(
            f"The guarantee ended on {ends}, and a loss by then could be claimed until {last}: this one fell on "
            f"{lost} and was claimed on {made}. Where it was made in time and is paid later, tell claimed_on, and "
            f"lost_on with a claim after the end",
            ended_on=str(ends),
            claimed_on=str(made),
            lost_on=str(lost),
            until=str(last),
        )


def recovered(position: Position, told: Told) -> Done:
    """What comes back settles the claim; beyond its carrying amount it lessens the loss, up to what was paid.

    Nothing comes back before it was paid.
    """
    amount = positive(told.money("amount"), "A recovery")
    first = min((one.on for one in position.past if one.verb == PAY_CLAIM.name), default=position.on)
    if position.on < first:
        raise BadTerms(f"{position.on} is too early: the first claim was paid on {first}", earliest=str(first))
    left = position.not_yet_back(PAY_CLAIM.name, RECOVER_CLAIM.name)
    within(amount, left, f"what was paid by {position.on} and has not come back")
    settled = min(amount, position.of("1510:"))
    return Done(
        moves(
            Move(CASH, "1510:", settled, BACK, "Claim recovered", (OWN_USE.owed, OWN_USE.money)),
            Move(CASH, "5030:", amount - settled, "claim", "Recovered beyond the claim"),
        ),
        (Effect(BACK, settled) if settled else Effect(NOTED),),
    )


def released(position: Position, told: Told) -> Done:
    """A guarantee ends; when none is left, what was kept of fees is earned."""
    amount = positive(told.money("amount"), "A release")
    outstanding = position.of(GUARANTEED)
    within(amount, outstanding, "what is guaranteed")
    if not outstanding:
        raise BadTerms("No guarantee is outstanding under this line")
    return Done(
        moves(
            Move(CONTRA, GUARANTEED, amount, LET_GO, "Guarantee ended"),
            _earned(position, amount, position.of("2200:")),
        ),
        (Effect(BACK, amount),),
    )


def _earned(position: Position, ended: Money, kept: Money) -> Move:
    """What is still kept of fees once the last guarantee ends and no further one can be issued: earned by then."""
    last = ended == position.of(GUARANTEED) and not position.of(UNDRAWN)
    return Move("2200:", "4010:", kept if last else NOTHING, "fee", "Fee earned: no guarantee is left")


GUARANTEE: Final = Product(
    code="guarantee",
    title="Guarantee, paid only when called",
    about="Cover for part of another lender's losses, so that it lends where it would ask for security.",
    measurement="cost-less-impairment",
    principal="1510",
    contingent=True,
    terms=(
        Field("covers", "rate", "The part of each loss that is covered", "0.5"),
        Field("fee_is", "choice", "Whether fees are kept against calls or earned", "kept", choices=("kept", "earned")),
        Field("claim_days", "count", "Days after its end in which a loss by then may be claimed", "60", required=False),
    ),
    events=(
        Event(ISSUE, issued, when="signed", promises=True),
        Event(TAKE_FEE, fee),
        Event(NOTE_CLAIM, noted),
        Event(PAY_CLAIM, claimed),
        Event(RECOVER_CLAIM, recovered),
        Event(LOSE, lost("1510:", OWN_USE)),
        Event(RELEASE, released),
    ),
    figures=(
        figure("undrawn", "Signed, no guarantee issued yet", "9100"),
        figure("issued", "Guarantees issued, to date", "9120", only="guarantee"),
        figure("outstanding", "Guarantees outstanding", "9120"),
        figure("called", "Called and paid, to date", "9120", sign=-1, only="claim"),
        figure("fee_kept", "Fees kept against calls", "2200", sign=-1),
        figure("fee_earned", "Fees earned", "4010", sign=-1),
        figure("claims", "Claims taken over, not yet recovered", "1510"),
        figure("recovered", "Claims recovered", "1510", sign=-1, only="repayment"),
        figure("loss", "Loss on guarantees", "5030"),
    ),
)
