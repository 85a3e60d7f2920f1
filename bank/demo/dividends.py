"""The demonstration's first dividend: a policy, one that asks for too much and is refused, and one that is paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from bank.capital.dividends.commands import approve_dividend_policy, pay_dividend, propose_dividend_policy
from bank.capital.dividends.rules import DividendNotAllowed
from bank.demo.acts import Act, Stage
from bank.demo.cast import APPROVER, PROPOSER
from bank.demo.closing import closed_on
from bank.demo.loans import LAST
from ledger.money import Money

_POLICY_ON: Final = date(2013, 12, 2)
_PAID_ON: Final = closed_on(LAST)
"""By the accounts of the last quarter, on the day on which they are closed for good."""
_ASKED: Final = Money(100_000_00)
_PAID: Final = Money(25_000_00)


def dividends() -> Iterator[Act]:
    """The policy, and on the last day the dividend."""
    yield Act(_POLICY_ON, 9, "policy on dividends", _policy)
    yield Act(_PAID_ON, 18, "dividend asked for", _ask)
    yield Act(_PAID_ON, 18, "dividend paid", _pay)


def _policy(stage: Stage) -> None:
    made = propose_dividend_policy(
        stage.desk(PROPOSER),
        part=Decimal("0.10"),
        classes="AB",
        reserve_kept=Money(100_000_00),
        liquidity_kept=Money(10_000_000_00),
        from_on=_POLICY_ON,
        basis="Invented for the demonstration",
        key="policy on dividends",
    )
    approve_dividend_policy(stage.desk(APPROVER), id=made.id, key="policy on dividends approved")


def _ask(stage: Stage) -> None:
    try:
        pay_dividend(stage.desk(PROPOSER), amount=_ASKED, on=_PAID_ON, key="dividend asked for")
    except DividendNotAllowed as refusal:
        stage.no_dividend = refusal.sentence


def _pay(stage: Stage) -> None:
    pay_dividend(stage.desk(PROPOSER), amount=_PAID, on=_PAID_ON, key="dividend paid")
