"""`/v1/allocations/{id}/…`, the routes of interest and credit: terms, schedules, fees, stages and allowances."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import status
from pydantic import Field

from bank.allocations import commands, instalments, standing
from bank.allocations.credit.queries import ForetoldView, RebuttalView, StageMoveView, receipts_foretold
from bank.allocations.credit.rules import MOST_RECEIPTS
from bank.allocations.instalments import ArrearsView, ScheduleView
from bank.allocations.judging import terms_judged
from bank.allocations.queries import FacilityView
from bank.allocations.standing import CreditView
from bank.allocations.terms.queries import LoanTermsView
from bank.api.door import ActKey, BankStaff, FundManager, In, Known, ManagerOrIntermediary, TwoTimes, example, router
from bank.api.fields import Count, Day, Rate
from ledger.money import NOTHING, Money
from ledger.waterfalls import USUAL_ORDER
from ledger.workdays import Nation, Roll

routes = router("/allocations", "allocations")

Why = Annotated[str, Field(min_length=1, max_length=1000)]
Note = Annotated[str, Field(max_length=1000)]
Stage = Annotated[int, Field(ge=1, le=3)]


class TermsIn(In):
    """What a facility pays from a day on: with a base the rate is the margin over it."""

    model_config = example(
        from_on="2012-03-12",
        base="bank-rate",
        rate="0.04",
        floor="0.045",
        default_margin="0.01",
        commitment_fee="0.005",
        arrangement_fee="20000.00",
        fee_withheld=True,
        repayment="equal-principal",
        first_due_on="2012-06-29",
        every_months=3,
        instalments=20,
        capital_holiday=4,
    )

    from_on: Day
    rate: Rate
    repayment: str
    first_due_on: Day
    instalments: Annotated[Count, Field(ge=1)]
    base: str | None = None
    floor: Rate | None = None
    cap: Rate | None = None
    default_margin: Rate = Decimal(0)
    commitment_fee: Rate = Decimal(0)
    fee_day_count: str | None = None
    arrangement_fee: Money = NOTHING
    fee_withheld: bool = False
    every_months: Annotated[Count, Field(ge=1)] = 3
    capital_holiday: Count = 0
    bespoke: Annotated[tuple[Money, ...], Field(strict=False)] = ()
    nation: str = Nation.ENGLAND.value
    roll: str = Roll.MODIFIED_FOLLOWING.value
    waterfall: Annotated[tuple[str, ...], Field(strict=False)] = USUAL_ORDER
    market_rate: Rate | None = None
    reschedules: bool = False
    reason: Note = ""


class FeeIn(In):
    """The arrangement fee that is paid in; the agreed amount unless another is told."""

    model_config = example(on="2012-03-12")

    on: Day
    amount: Money | None = None
    note: Note = ""


class CapitalisationIn(In):
    """Interest that becomes principal, and by which clause; all that is due unless an amount is told."""

    model_config = example(on="2012-12-31", reason="Clause 8.2: interest of the first year is made principal")

    on: Day
    reason: Why
    amount: Money | None = None


class RefundIn(In):
    """What is given back of money received beyond all that was owed."""

    model_config = example(amount="123.45", on="2013-06-28")

    amount: Money
    on: Day
    note: Note = ""
    evidence: Note = ""


class StageMoveIn(In):
    """The stage of impairment that a facility is put in, and why."""

    model_config = example(stage=2, on="2013-05-07", reason="Management accounts are four months late")

    stage: Stage
    on: Day
    reason: Why


class AllowanceIn(In):
    """The day at which the allowance is measured; an amount of its own takes a reason."""

    model_config = example(on="2013-06-28", amount="60000.00", reason="The administrator expects 40p in the pound")

    on: Day
    amount: Money | None = None
    reason: Note = ""


class ReceiptIn(In):
    """One receipt that is expected."""

    on: Day
    amount: Money


class ReceiptsIn(In):
    """What is expected of an impaired loan from a day on, and what that rests on."""

    model_config = example(
        from_on="2013-01-01",
        receipts=[{"on": "2014-01-01", "amount": "57000.00"}, {"on": "2015-01-01", "amount": "57000.00"}],
        basis="The administrators' report of December",
    )

    from_on: Day
    receipts: Annotated[tuple[ReceiptIn, ...], Field(strict=False, min_length=1, max_length=MOST_RECEIPTS)]
    market_rate: Rate | None = None
    basis: Why


class RebuttalIn(In):
    """Why arrears do not mean what a back-stop takes them to mean."""

    model_config = example(stage=2, on="2013-05-07", reason="The payment lay in the collection account by mistake")

    stage: Stage
    on: Day
    reason: Why


@routes.get("/{facility}/terms")
def terms(desk: FundManager, facility: str, knowing: Known) -> list[LoanTermsView]:
    """The interest terms of a facility, as proposed and as approved, and how changes would be judged now."""
    with desk.reading() as session:
        return terms_judged(session, facility, at=knowing.of(session))


@routes.post("/{facility}/terms", status_code=status.HTTP_201_CREATED)
def propose_terms(desk: FundManager, facility: str, terms: TermsIn, key: ActKey) -> LoanTermsView:
    """Propose what a facility pays from a day on."""
    return commands.propose_terms(desk, facility=facility, **dict(terms), key=key)


@routes.post("/{facility}/terms/{terms}/approve")
def approve_terms(desk: BankStaff, facility: str, terms: str, key: ActKey) -> LoanTermsView:  # noqa: ARG001 -- the terms know their facility
    """Approve another's terms; where money is out, the gain or loss of the change is entered."""
    return commands.approve_terms(desk, id=terms, key=key)


@routes.get("/{facility}/schedule")
def schedule(desk: ManagerOrIntermediary, facility: str, times: TwoTimes) -> ScheduleView:
    """What falls due when: past instalments as they were, later ones as they are expected."""
    with desk.reading() as session:
        return instalments.schedule(
            session,
            facility,
            as_at=times.as_at(session),
            at=times.known(session),
            intermediary=desk.actor.intermediary,
        )


@routes.get("/{facility}/arrears")
def arrears(desk: ManagerOrIntermediary, facility: str, times: TwoTimes) -> ArrearsView:
    """What of a facility is overdue, and since when."""
    with desk.reading() as session:
        return instalments.arrears(
            session,
            facility,
            as_at=times.as_at(session),
            at=times.known(session),
            intermediary=desk.actor.intermediary,
        )


@routes.get("/{facility}/credit")
def credit(desk: FundManager, facility: str, times: TwoTimes) -> CreditView:
    """How a facility's credit stands: stage, what it is carried at, what is allowed for, what is late."""
    with desk.reading() as session:
        return standing.credit(session, facility, as_at=times.as_at(session), at=times.known(session))


@routes.post("/{facility}/fees", status_code=status.HTTP_201_CREATED)
def take_fee(desk: FundManager, facility: str, fee: FeeIn, key: ActKey) -> FacilityView:
    """Take in the arrangement fee that is paid and not withheld."""
    return commands.take_fee(desk, facility=facility, **dict(fee), key=key)


@routes.post("/{facility}/capitalisations", status_code=status.HTTP_201_CREATED)
def capitalise(desk: FundManager, facility: str, interest: CapitalisationIn, key: ActKey) -> FacilityView:
    """Make accrued interest principal."""
    return commands.capitalise(desk, facility=facility, **dict(interest), key=key)


@routes.post("/{facility}/refunds", status_code=status.HTTP_201_CREATED)
def refund(desk: FundManager, facility: str, given_back: RefundIn, key: ActKey) -> FacilityView:
    """Give back what was received beyond all that was owed."""
    return commands.refund(desk, facility=facility, **dict(given_back), key=key)


@routes.post("/{facility}/stages", status_code=status.HTTP_201_CREATED)
def move_stage(desk: FundManager, facility: str, move: StageMoveIn, key: ActKey) -> StageMoveView:
    """Put a facility in a stage of impairment from a day on."""
    return commands.move_stage(desk, facility=facility, **dict(move), key=key)


@routes.post("/{facility}/allowances", status_code=status.HTTP_201_CREATED)
def allow_for_loss(desk: FundManager, facility: str, allowance: AllowanceIn, key: ActKey) -> FacilityView:
    """Measure the allowance for loss at a day."""
    return commands.allow_for_loss(desk, facility=facility, **dict(allowance), key=key)


@routes.get("/{facility}/expected-receipts")
def receipts(desk: FundManager, facility: str, knowing: Known) -> list[ForetoldView]:
    """What was told to be expected of an impaired loan, as proposed and as approved."""
    with desk.reading() as session:
        return receipts_foretold(session, facility, at=knowing.of(session))


@routes.post("/{facility}/expected-receipts", status_code=status.HTTP_201_CREATED)
def expect_receipts(desk: FundManager, facility: str, expected: ReceiptsIn, key: ActKey) -> ForetoldView:
    """Propose what is expected of a loan that begins impaired, or has become so; another approves it."""
    told = tuple((each.on, each.amount) for each in expected.receipts)
    return commands.expect_receipts(desk, facility=facility, **(dict(expected) | {"receipts": told}), key=key)


@routes.post("/{facility}/expected-receipts/{foretold}/approve")
def approve_receipts(desk: BankStaff, facility: str, foretold: str, key: ActKey) -> ForetoldView:  # noqa: ARG001 -- what is foretold knows its facility
    """Approve what another expects of a loan."""
    return commands.approve_receipts(desk, id=foretold, key=key)


@routes.post("/{facility}/rebuttals", status_code=status.HTTP_201_CREATED)
def rebut_backstop(desk: FundManager, facility: str, rebuttal: RebuttalIn, key: ActKey) -> RebuttalView:
    """Say why arrears do not mean what a back-stop takes them to mean."""
    return commands.rebut_backstop(desk, facility=facility, **dict(rebuttal), key=key)
