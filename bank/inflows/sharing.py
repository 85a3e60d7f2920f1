"""What was passed on is shared among the four nations, after expenses, and England's part goes on to the trust."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bank.approvals.commands import refuse_unapproved
from bank.approvals.rules import PAY_ENGLAND, PAY_EXPENSES
from bank.inflows.england import for_the_trust
from bank.inflows.model import Apportionment
from bank.inflows.queries import ApportionmentView, apportioned_of_year, shown_apportionment
from bank.inflows.rules import DISTRIBUTOR, Shares, apportioned, named, order_on
from bank.inflows.standing import HELD_FOR
from bank.inflows.surplus import PaymentView
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.queries import lowest_balance
from bank.treasury.rules import (
    BadTerms,
    NotEnoughCash,
    Side,
    entry_of,
    happened_by,
    positive,
    refuse_over_cash,
)
from ledger import trail
from ledger.dates import FinancialYear
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, turnover
from ledger.store.work import Work, command


class EnglandPaymentView(PaymentView):
    """England's money passed from the distributor to the trust."""


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
    whole = positive(_to_apportion(work, on, amount, financial_year), "What is to be apportioned")
    expenses = (distributor_expenses, secretary_of_state_expenses)
    order = order_on(on)
    shares = apportioned(whole, expenses, order)
    if paid := Money.total(expenses):
        refuse_over_cash(paid, lowest_balance(work.session, DISTRIBUTOR, "1000", on), "The distributor")
        refuse_unapproved(work, PAY_EXPENSES, DISTRIBUTOR, paid)
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
    accounts = for_the_trust(work, on)
    held = Money.total(accounts.values())
    if amount > held:
        raise NotEnoughCash(
            f"{amount} cannot be paid to the trust: {held} is held for England and may go to it. Apportion more first, "
            "or share by the direction in force",
            amount=str(amount),
            held=str(held),
        )
    refuse_over_cash(amount, lowest_balance(work.session, DISTRIBUTOR, "1000", on), "The distributor")
    refuse_unapproved(work, PAY_ENGLAND, DISTRIBUTOR, amount)
    made = work.new_id("eng")
    seqs = posted(work, _england_entries(made, amount, on, accounts))
    trail.record(work, action="inflow.pay-england", subject=made, amount=amount, on=on, seqs=seqs)
    return EnglandPaymentView(id=made, amount=amount, on=on, seqs=tuple(seqs))


def _to_apportion(work: Work, on: date, amount: Money | None, year: FinancialYear | None) -> Money:
    """What is asked for, of what was received by the day and not shared out since; of a year what is left of it."""
    if (amount is None) == (year is None):
        raise BadTerms("Apportion either an amount or a financial year's money: give one of them")
    unshared = min(
        -Money.total(balance_at(work.session, DISTRIBUTOR, code, day) for code in ("4000", "5000", "5010", "5100"))
        for day in (on, None)
    )
    if year is not None:
        received = -turnover(work.session, DISTRIBUTOR, "4000", year.starts_on, year.ends_on).net
        amount = min(received - apportioned_of_year(work.session, str(year)), unshared)
    whole = amount or NOTHING
    if whole > unshared:
        raise NotEnoughCash(
            f"{whole} cannot be apportioned: of what the distributor received by {on}, {unshared} is not apportioned "
            f"yet",
            amount=str(whole),
            unshared=str(unshared),
        )
    return whole


def _england_entries(made: str, amount: Money, on: date, accounts: Mapping[str, Money]) -> list[Entry]:
    """The same payment in both books; out of the wholesaler's part first, then out of what nothing directs."""
    said, left, legs = "England's share of dormant money paid to the trust", amount, []
    for code, held in accounts.items():
        part = min(left, max(held, NOTHING))
        left -= part
        if part:
            legs.append(Posting(code, part))
    return [
        Entry(
            key=made,
            book=DISTRIBUTOR,
            effective_on=on,
            description=said,
            postings=(*legs, Posting("1000", -amount)),
            kind="payment",
            pair=made,
        ),
        entry_of(Side("trust", "1000", "4000"), amount, key=made, on=on, description=said, kind="payment", pair=made),
    ]


def _apportionment_entries(row: Apportionment, shares: Shares) -> list[Entry]:
    parts = {HELD_FOR[nation]: share for nation, share in named(shares).items() if share}
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
