"""Surplus is declared, which commits it, and paid, which settles that: neither is counted for the other."""

from __future__ import annotations

from datetime import date

from bank.approvals.commands import refuse_unapproved
from bank.approvals.rules import PAY_SURPLUS
from bank.inflows.model import SurplusDeclaration, SurplusPayment
from bank.inflows.queries import DeclarationView, declarations, shown_declaration
from bank.inflows.rules import DISTRIBUTOR, FUND
from bank.inflows.standing import notified, payable
from bank.people.rules import FUND_MANAGER
from bank.stress.policing import refuse_declaration_under_stress
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.queries import lowest_balance, lowest_liquid
from bank.treasury.rules import (
    BadTerms,
    Side,
    entry_of,
    happened_by,
    linked_pair,
    positive,
    refuse_over_cash,
)
from ledger import trail
from ledger.money import Money
from ledger.queries import balance_at
from ledger.refusals import NotFound, Refusal
from ledger.store.work import View, Work, command


class NotEnoughSurplus(Refusal):
    """What would be passed on is needed for claims."""

    slug = "not-enough-surplus"
    status = 409


class NoSuchDeclaration(NotFound):
    """No declaration of this id."""

    slug = "no-such-declaration"


class BeyondDeclaration(Refusal):
    """More paid than was declared."""

    slug = "beyond-declaration"
    status = 409


class PaymentView(View):
    """A payment from one of our books to another."""

    id: str
    amount: Money
    on: date
    seqs: tuple[int, ...]


class DistributionView(PaymentView):
    """Surplus passed from the reclaim fund to the distributor, and the declaration that it settles."""

    declaration: str


@command
def declare_surplus(work: Work, *, amount: Money, on: date, basis: str = "", key: str) -> DeclarationView:
    """Commit surplus to the distributor: the fund owes it from that day, and has it in cash until it is paid.

    Refuses more than the fund's cash and what it has placed, less its provision, less claims notified and less what is
    declared already and still to be paid, and what would make a scenario fail that must hold.
    """
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    positive(amount, "A declaration")
    happened_by(on, work.today, "A declaration")
    _refuse_over_surplus(work, amount, on)
    refuse_declaration_under_stress(work, amount)
    row = SurplusDeclaration(
        id=work.new_id("dec"),
        amount=amount,
        declared_on=on,
        basis=basis.strip(),
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    said = "Surplus of dormant money declared"
    row.seqs = posted(
        work,
        [entry_of(Side(FUND, "5100", "2100"), amount, key=row.id, on=on, description=said, kind="declaration")],
    )
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    trail.record(work, action="inflow.declare", subject=row.id, reason=row.basis, amount=amount, on=on, seqs=row.seqs)
    return shown_declaration(row, Money(0))


@command
def pay_surplus(work: Work, *, declaration: str, on: date, amount: Money | None = None, key: str) -> DistributionView:
    """Pay declared surplus to the distributor: all that is left of a declaration, or a part of it.

    Refuses more than is left, a day before the declaration, and more than the fund's cash: what is owed to owners who
    have asked for it comes first.
    """
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    happened_by(on, work.today, "A payment")
    declared = next((each for each in declarations(work.session, as_at=work.today) if each.id == declaration), None)
    if declared is None:
        raise NoSuchDeclaration(f"There is no declaration {declaration!r:.60}: list them first")
    if on < declared.on:
        raise BadTerms(f"{on} is too early: this surplus was declared on {declared.on}")
    left = declared.unpaid
    sum_paid = positive(left if amount is None else amount, "A payment of surplus")
    if sum_paid > left:
        raise BeyondDeclaration(
            f"{sum_paid} cannot be paid: of the {declared.amount} declared, {left} is still to be paid",
            amount=str(sum_paid),
            left=str(left),
        )
    free = lowest_balance(work.session, FUND, "1000", on) - notified(work.session)
    refuse_over_cash(sum_paid, free, "The reclaim fund, beside what it owes for claims notified,")
    refuse_unapproved(work, PAY_SURPLUS, FUND, sum_paid)
    return _settled(work, declared, sum_paid, on)


@command
def distribute(work: Work, *, amount: Money, on: date, key: str) -> DistributionView:
    """Declare surplus and pay it on the same day, which must have the cash for it beside the provision."""
    work.actor.require(FUND_MANAGER)
    del key
    declared = declare_surplus(work, amount=amount, on=on, key=work.new_id("key"))
    paid = pay_surplus(work, declaration=declared.id, on=on, key=work.new_id("key"))
    return paid.model_copy(update={"seqs": (*declared.seqs, *paid.seqs)})


def _settled(work: Work, declared: DeclarationView, amount: Money, on: date) -> DistributionView:
    row = SurplusPayment(
        id=work.new_id("dis"),
        declaration_id=declared.id,
        amount=amount,
        paid_on=on,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    sides = (Side(FUND, "2100", "1000"), Side(DISTRIBUTOR, "1000", "4000"))
    said = "Surplus of dormant money passed to the distributor"
    row.seqs = posted(work, linked_pair(sides, amount, key=row.id, on=on, description=said, kind="payment"))
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="inflow.distribute",
        subject=row.id,
        declaration=declared.id,
        amount=amount,
        on=on,
        seqs=row.seqs,
    )
    return DistributionView(id=row.id, amount=amount, on=on, seqs=tuple(row.seqs), declaration=declared.id)


def _refuse_over_surplus(work: Work, amount: Money, on: date) -> None:
    """Money dated back must not be passed on when it was not there yet, nor when it has been used since.

    What is placed may be declared, for it comes home; only cash is paid.
    """
    cash, placed = lowest_liquid(work.session, FUND, on)
    provision, committed = -balance_at(work.session, FUND, "2000"), payable(work.session)
    claims = notified(work.session)
    surplus = cash + placed - provision - claims - committed
    if amount > surplus:
        raise NotEnoughSurplus(
            f"{amount} cannot be passed on: the fund's surplus is {surplus}, its cash of {cash} and {placed} placed, "
            f"less its provision for claims of {provision}, less {claims} of claims notified and less {committed} "
            "declared and still to be paid",
            amount=str(amount),
            surplus=str(surplus),
            cash=str(cash),
            placed=str(placed),
            provision=str(provision),
            notified=str(claims),
            payable=str(committed),
        )
