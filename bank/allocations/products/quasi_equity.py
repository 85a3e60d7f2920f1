"""Quasi-equity: money repaid as a share of income, up to a cap, whatever that income turns out to be.

How a receipt divides is told by forecasts, where there are any: what is expected, by whom and on which basis, gives the
original effective rate; income accrues at it on what is carried (1331 beyond principal, against 4000), a receipt takes
from what has accrued and then from principal (1330), and what a new forecast does to the carrying amount counts on its
day (IFRS 9, B5.4.6; FRS 102, 11.20).

Without a forecast there are no flows that a rate could be found from: then the contract says which part of a receipt
repays principal, the rest is interest income, and nothing is income before it is received. Either way, once nothing is
carried all further receipts up to the cap are income. What was not paid of the share of one year's income may be
caught up with later.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bank.allocations.products.fields import Field, Told
from bank.allocations.products.holdings import bought, lost
from bank.allocations.products.shape import (
    BACK,
    CASH,
    INCOME,
    LOSS,
    LOST,
    OWN_USE,
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
from bank.allocations.products.verbs import BUY, LOSE
from bank.treasury.rules import positive
from ledger.money import NOTHING, Money

TAKE_SHARE: Final = Verb(
    "take-share",
    "income-shares",
    "Take in a share of income, with what is caught up of earlier ones, within the contract's share and cap",
    (
        Field("amount", "money", "Received", "4000.00"),
        Field("income", "money", "The income of which it is a share", "200000.00"),
    ),
)


def share(position: Position, told: Told) -> Done:
    """A share of income, with what was left unpaid of earlier ones: its principal part repays, the rest is income."""
    amount = positive(told.money("amount"), "A share of income")
    terms = position.terms
    before = position.told_before("take-share", "amount")
    incomes = position.told_before("take-share", "income") + told.money("income")
    within(amount, terms.money("cap") - before, "what is left up to the cap")
    due = incomes.times(terms.number("income_share")) - before
    within(amount, due, "the contract's share of all income so far, less what was paid of it")
    accrued, back = _by_the_forecast(position, amount) if position.carried is not None else (NOTHING, NOTHING)
    if position.carried is None:
        back = min(amount.times(terms.number("principal_part")), position.of("1330:"))
    return Done(
        moves(
            Move(CASH, "1331:", accrued, INCOME, "Share of income: earned by the effective rate"),
            Move(CASH, "1330:", back, BACK, "Share of income: principal", (OWN_USE.owed, OWN_USE.money)),
            Move(CASH, "4000:", amount - accrued - back, INCOME, "Share of income: beyond principal"),
        ),
        (Effect(BACK, back) if back else Effect(INCOME),),
    )


def _by_the_forecast(position: Position, amount: Money) -> tuple[Money, Money]:
    """What a receipt meets of the income that has accrued, and of principal."""
    accrued = min(amount, position.of("1331:"))
    return accrued, min(amount - accrued, position.of("1330:"))


def given_up(position: Position, told: Told) -> Done:
    """Principal given up: what a forecast has taken off it already is no loss a second time."""
    done = lost("1330:", OWN_USE)(position, told)
    if position.carried is None:
        return done
    taken_off = min(told.money("amount"), max(position.of("1330:") - position.carried, NOTHING))
    used = moves(Move("1331:", LOST, taken_off, LOSS, "Expected no longer, and counted as lost then"))
    return replace(done, moves=(*done.moves, *used))


QUASI_EQUITY: Final = Product(
    code="quasi-equity",
    title="Quasi-equity, repaid as a share of income",
    about="Patient money for enterprises that cannot carry fixed repayments: a share of income, up to a cap.",
    measurement="cost-less-impairment",
    principal="1330",
    amortised="1331",
    terms=(
        Field("income_share", "rate", "The share of income that is paid", "0.02"),
        Field("cap", "money", "The most that is ever paid, principal and all", "75000.00"),
        Field(
            "principal_part", "rate", "The part of each receipt that repays principal, while none is forecast", "0.8"
        ),
    ),
    events=(
        Event(BUY, bought("1330:", OWN_USE), when="signed", promises=True),
        Event(TAKE_SHARE, share),
        Event(LOSE, given_up),
    ),
    figures=(
        figure("paid", "Paid to it", "1330", only="drawdown"),
        figure("undrawn", "Signed, not yet paid", "9100"),
        figure("capital_returned", "Received as principal", "1330", sign=-1, only="repayment"),
        figure("income", "Income: received beyond principal, or earned by the effective rate", "4000", sign=-1),
        figure("caught_up", "Of it, by changes of what is expected", "4000", sign=-1, only="adjustment"),
        figure("lost", "Lost", "1330", sign=-1, only="write-off"),
        figure("cost", "Principal outstanding", "1330"),
        figure("beyond", "Carried beyond principal, by forecast", "1331"),
    ),
)
