"""`/v1/allocations`: wholesale money out, from proposal to recovery. An intermediary reads its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import status
from pydantic import AliasChoices, Field

from bank.allocations import commands, queries
from bank.allocations.queries import FacilityPage, FacilityView
from bank.api.door import (
    ActKey,
    BankStaff,
    CursorQuery,
    FundManager,
    In,
    LimitQuery,
    ManagerOrIntermediary,
    TwoTimes,
    example,
    router,
)
from bank.api.fields import Day, Rate
from ledger.money import NOTHING, Money

routes = router("/allocations", "allocations")

Note = Annotated[str, Field(max_length=1000, validation_alias=AliasChoices("note", "reason"))]
"""Why, by either name."""
Evidence = Annotated[str, Field(max_length=1000)]
"""The document or minute that shows it."""


class ProposalIn(In):
    """An allocation to propose."""

    model_config = example(
        intermediary="int_leik34my2ikjux6i",
        product="senior-loan",
        amount="2000000.00",
        annual_rate="0.045",
        available_from="2012-03-01",
        available_until="2014-02-28",
        matures_on="2019-02-28",
        purpose="Loans to charities in two counties",
        additionality="Borrowers whom banks have declined",
    )

    intermediary: str
    product: str
    amount: Money
    annual_rate: Rate
    available_from: Day
    available_until: Day
    matures_on: Day
    purpose: Annotated[str, Field(min_length=1, max_length=1000)]
    additionality: Annotated[str, Field(min_length=1, max_length=2000)]
    day_count: str = "act/365f"
    co_investor_amount: Money = NOTHING
    name: Annotated[str, Field(max_length=200)] = ""
    enquiry: Annotated[str, Field(max_length=40)] = ""
    evidence: Evidence = ""
    product_terms: Annotated[dict[str, str], Field(default_factory=dict)]


class StepIn(In):
    """A step in an allocation's life."""

    model_config = example(on="2012-03-05", note="Within the year's plan", evidence="Minute 14")

    on: Day | None = None
    note: Note = ""
    evidence: Evidence = ""


class SignatureIn(In):
    """The signature of an allocation, with what co-investors signed and the conditions precedent."""

    model_config = example(on="2012-03-05", conditions=["The charge is registered"])

    on: Day | None = None
    co_investor_amount: Money | None = None
    conditions: Annotated[tuple[str, ...], Field(strict=False)] = ()
    note: Note = ""
    evidence: Evidence = ""


class DrawdownIn(In):
    """A drawdown; the co-investors' part is recorded beside ours and never added to it."""

    model_config = example(amount="400000.00", on="2012-03-12", co_investor_amount="400000.00")

    amount: Money
    on: Day
    co_investor_amount: Money = NOTHING
    note: Note = ""
    evidence: Evidence = ""


class RepaymentIn(In):
    """A repayment, divided into its parts, or as one amount that the contract's order shares out."""

    model_config = example(principal="25000.00", interest="4493.15", on="2012-06-29")

    principal: Money = NOTHING
    interest: Money = NOTHING
    fees: Money = NOTHING
    default_interest: Money = NOTHING
    amount: Money | None = None
    on: Day
    note: Note = ""
    evidence: Evidence = ""


class WriteOffIn(In):
    """Principal that will not come back, and why."""

    model_config = example(amount="150000.00", on="2013-09-30", reason="The lender is in administration")

    amount: Money
    on: Day
    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    interest: Money | None = None
    evidence: Evidence = ""


class RecoveryIn(In):
    """Money that came back after a write-off."""

    model_config = example(amount="21000.00", on="2013-12-20", note="First dividend of the administration")

    amount: Money
    on: Day
    note: Note = ""
    evidence: Evidence = ""


class RefusalIn(In):
    """Why a proposal is turned down."""

    model_config = example(reason="The plan rests on a lease that is not signed")

    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    on: Day | None = None
    evidence: Evidence = ""


class LapseIn(In):
    """When what is not drawn falls away; before the availability period ends, with the reason."""

    model_config = example(on="2012-06-30", reason="No longer wanted")

    on: Day
    reason: Annotated[str, Field(max_length=1000)] = ""
    evidence: Evidence = ""


class UntilIn(In):
    """The day to accrue to, which does not earn yet itself."""

    model_config = example(until="2012-06-30")

    until: Day


@routes.post("", status_code=status.HTTP_201_CREATED)
def propose(desk: FundManager, proposal: ProposalIn, key: ActKey) -> FacilityView:
    """Propose an allocation; another fund manager decides."""
    return commands.propose(desk, **dict(proposal), key=key)


@routes.get("")
def allocations(
    desk: ManagerOrIntermediary,
    times: TwoTimes,
    intermediary: str | None = None,
    state: str | None = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 100,
) -> FacilityPage:
    """Every allocation, with approved, signed, drawn and repaid as the separate figures they are."""
    with desk.reading() as session:
        return queries.facilities(
            session,
            as_at=times.as_at(session),
            at=times.known(session),
            intermediary=desk.actor.intermediary or intermediary,
            state=state,
            cursor=cursor,
            limit=limit,
        )


@routes.get("/{facility}")
def allocation(desk: ManagerOrIntermediary, facility: str, times: TwoTimes) -> FacilityView:
    """One allocation."""
    with desk.reading() as session:
        return queries.facility(
            session,
            facility,
            as_at=times.as_at(session),
            at=times.known(session),
            intermediary=desk.actor.intermediary,
        )


@routes.post("/{facility}/approve")
def approve(desk: BankStaff, facility: str, step: StepIn, key: ActKey) -> FacilityView:
    """Approve another fund manager's proposal; headroom is checked in the same act."""
    return commands.approve(desk, facility=facility, **dict(step), key=key)


@routes.post("/{facility}/sign")
def sign(desk: FundManager, facility: str, step: SignatureIn, key: ActKey) -> FacilityView:
    """Record the signature."""
    return commands.sign(desk, facility=facility, **dict(step), key=key)


@routes.post("/{facility}/drawdowns", status_code=status.HTTP_201_CREATED)
def draw_down(desk: FundManager, facility: str, drawdown: DrawdownIn, key: ActKey) -> FacilityView:
    """Pay out a tranche, within its availability and the bank's headroom."""
    return commands.draw_down(desk, facility=facility, **dict(drawdown), key=key)


@routes.post("/{facility}/repayments", status_code=status.HTTP_201_CREATED)
def repay(desk: FundManager, facility: str, repayment: RepaymentIn, key: ActKey) -> FacilityView:
    """Record a repayment; interest is accrued to its day first."""
    return commands.repay(desk, facility=facility, **dict(repayment), key=key)


@routes.post("/{facility}/write-offs", status_code=status.HTTP_201_CREATED)
def write_off(desk: FundManager, facility: str, loss: WriteOffIn, key: ActKey) -> FacilityView:
    """Write off principal."""
    return commands.write_off(desk, facility=facility, **dict(loss), key=key)


@routes.post("/{facility}/recoveries", status_code=status.HTTP_201_CREATED)
def recover(desk: FundManager, facility: str, recovery: RecoveryIn, key: ActKey) -> FacilityView:
    """Record money that came back after a write-off."""
    return commands.recover(desk, facility=facility, **dict(recovery), key=key)


@routes.post("/{facility}/reject")
def reject(desk: FundManager, facility: str, refusal: RefusalIn, key: ActKey) -> FacilityView:
    """Turn a proposal down, or withdraw one's own, for a reason that is kept."""
    return commands.reject(desk, facility=facility, **dict(refusal), key=key)


@routes.post("/{facility}/lapses", status_code=status.HTTP_201_CREATED)
def lapse(desk: FundManager, facility: str, lapsed: LapseIn, key: ActKey) -> FacilityView:
    """Let what is approved or signed and not drawn fall away."""
    return commands.lapse(desk, facility=facility, **dict(lapsed), key=key)


@routes.post("/{facility}/accruals", status_code=status.HTTP_201_CREATED)
def accrue(desk: FundManager, facility: str, accrual: UntilIn, key: ActKey) -> FacilityView:
    """Accrue interest and fees up to a day; only what is missing is posted."""
    return commands.accrue(desk, facility=facility, until=accrual.until, key=key)
