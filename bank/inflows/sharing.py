"""What is not needed for claims is passed on and shared: the surplus, the four nations' shares, England's payments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from bank.inflows.model import Apportionment
from bank.inflows.queries import ApportionmentView, apportioned_of_year, shown_apportionment
from bank.inflows.rules import DISTRIBUTOR, FUND, Shares, apportioned, named, order_on
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.queries import lowest_balance
from bank.treasury.rules import (
    BadTerms,
    NotEnoughCash,
    Side,
    entry_of,
    happened_by,
    linked_pair,
    positive,
    refuse_over_cash,
)
from ledger import trail
from ledger.dates import FinancialYear
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, turnover
from ledger.refusals import Refusal
from ledger.store.work import View, Work, command

_HELD_FOR: Final = {"england": "2100", "wales": "2110", "scotland": "2120", "northern_ireland": "2130"}


class NotEnoughSurplus(Refusal):
    """What would be passed on is needed for claims."""

    slug = "not-enough-surplus"
    status = 409


class PaymentView(View):
    """A payment from one of our books to another."""

    id: str
    amount: Money
    on: date
    seqs: tuple[int, ...]


class DistributionView(PaymentView):
    """Surplus passed from the reclaim fund to the distributor."""


class EnglandPaymentView(PaymentView):
    """England's money passed from the distributor to the trust."""


@command
def distribute(work: Work, *, amount: Money, on: date, key: str) -> DistributionView:
    """Pass surplus on to the distributor: never more than the fund's cash less its provision."""
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    positive(amount, "A distribution")
    happened_by(on, work.today, "A distribution")
    surplus = lowest_balance(work.session, FUND, "1000", on) + balance_at(work.session, FUND, "2000")
    if amount > surplus:
        raise NotEnoughSurplus(
            f"{amount} cannot be passed on: the fund's surplus, its cash less its provision for claims, is {surplus}",
            amount=str(amount),
            surplus=str(surplus),
        )
    made, seqs = _paid(
        work,
        "dis",
        (Side(FUND, "5100", "1000"), Side(DISTRIBUTOR, "1000", "4000")),
        amount,
        on,
        "Surplus of dormant money passed to the distributor",
    )
    trail.record(work, action="inflow.distribute", subject=made, amount=amount, on=on, seqs=seqs)
    return DistributionView(id=made, amount=amount, on=on, seqs=tuple(seqs))


@command
def apportion(
    work: Work,
    *,
    on: date,
    amount: Money | None = None,
    financial_year: FinancialYear | None = None,
    distributor_expenses: Money = NOTHING,
    secretary_of_state_expenses: Money = NOTHING,
    key: str,
) -> ApportionmentView:
    """Share what the distributor received among the four nations, after expenses, exactly to the penny.

    Of an amount, or of all that a financial year brought and that is not shared yet (section 17 of the 2008 Act).
    Refuses more than was received, expenses beyond it, and a day on which no Order applies.
    """
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    happened_by(on, work.today, "An apportionment")
    whole = positive(_to_apportion(work, amount, financial_year), "What is to be apportioned")
    expenses = (distributor_expenses, secretary_of_state_expenses)
    order = order_on(on)
    shares = apportioned(whole, expenses, order)
    row = Apportionment(
        id=work.new_id("app"),
        financial_year=None if financial_year is None else str(financial_year),
        order_name=order.name,
        apportioned_on=on,
        amount=whole,
        distributor_expenses=distributor_expenses,
        secretary_of_state_expenses=secretary_of_state_expenses,
        **named(shares),
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    row.seqs = posted(work, _apportionment_entries(row, shares))
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="inflow.apportion",
        subject=row.id,
        amount=whole,
        on=on,
        order=order.name,
        shares=named(shares),
        seqs=row.seqs,
    )
    return shown_apportionment(row)


@command
def pay_england_to_trust(work: Work, *, amount: Money, on: date, key: str) -> EnglandPaymentView:
    """Pass money held for England to the trust; refuses more than is held for England."""
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    positive(amount, "A payment")
    happened_by(on, work.today, "A payment")
    held = -max(balance_at(work.session, DISTRIBUTOR, "2100", on), balance_at(work.session, DISTRIBUTOR, "2100"))
    if amount > held:
        raise NotEnoughCash(
            f"{amount} cannot be paid to the trust: {held} is held for England. Apportion more first",
            amount=str(amount),
            held=str(held),
        )
    refuse_over_cash(amount, lowest_balance(work.session, DISTRIBUTOR, "1000", on), "The distributor")
    made, seqs = _paid(
        work,
        "eng",
        (Side(DISTRIBUTOR, "2100", "1000"), Side("trust", "1000", "4000")),
        amount,
        on,
        "England's share of dormant money paid to the trust",
    )
    trail.record(work, action="inflow.pay-england", subject=made, amount=amount, on=on, seqs=seqs)
    return EnglandPaymentView(id=made, amount=amount, on=on, seqs=tuple(seqs))


def _to_apportion(work: Work, amount: Money | None, year: FinancialYear | None) -> Money:
    if (amount is None) == (year is None):
        raise BadTerms("Apportion either an amount or a financial year's money: give one of them")
    unshared = -Money.total(balance_at(work.session, DISTRIBUTOR, code) for code in ("4000", "5000", "5010", "5100"))
    if year is not None:
        received = -turnover(work.session, DISTRIBUTOR, "4000", year.starts_on, year.ends_on).net
        amount = received - apportioned_of_year(work.session, str(year))
    whole = amount or NOTHING
    if whole > unshared:
        raise NotEnoughCash(
            f"{whole} cannot be apportioned: of what the distributor received, {unshared} is not apportioned yet",
            amount=str(whole),
            unshared=str(unshared),
        )
    return whole


def _paid(
    work: Work, prefix: str, sides: Sequence[Side], amount: Money, on: date, description: str
) -> tuple[str, list[int]]:
    made = work.new_id(prefix)
    entries = linked_pair(sides, amount, key=made, on=on, description=description, kind="payment")
    return made, posted(work, entries)


def _apportionment_entries(row: Apportionment, shares: Shares) -> list[Entry]:
    parts = {_HELD_FOR[nation]: share for nation, share in named(shares).items() if share}
    entries: list[Entry] = []
    if parts:
        entries.append(
            Entry(
                key=f"{row.id}/shares",
                book=DISTRIBUTOR,
                effective_on=row.apportioned_on,
                description=f"Apportioned among the four nations under the {row.order_name}",
                postings=(
                    Posting("5100", Money.total(parts.values())),
                    *(Posting(code, -share) for code, share in parts.items()),
                ),
                kind="apportionment",
            )
        )
    for part, code, amount, said in (
        ("distributor", "5000", row.distributor_expenses, "Distributor's expenses"),
        ("secretary-of-state", "5010", row.secretary_of_state_expenses, "Secretary of State's expenses"),
    ):
        if amount:
            side = Side(DISTRIBUTOR, code, "1000")
            key = f"{row.id}/{part}"
            entries.append(
                entry_of(side, amount, key=key, on=row.apportioned_on, description=said, kind="apportionment")
            )
    return entries
