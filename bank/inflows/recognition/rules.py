"""The two journals that dormant money may be entered by when it comes, and what either leaves to be read from where."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Final

from ledger.money import NOTHING, Money
from ledger.refusals import Malformed

INCOME_FIRST: Final = "income-first"
LIABILITY_FIRST: Final = "liability-first"
METHODS: Final = (INCOME_FIRST, LIABILITY_FIRST)
"""Income with its reserve charged, or owed with what need not be kept released; the first where none is agreed."""

_INCOME: Final = "4000"

_CAME: Final = "Dormant money received from {}"


class BadMethod(Malformed):
    """A journal that there is not."""

    slug = "bad-receipt-method"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a receipt: what part of it, how much, the two accounts of the fund's book, and its words."""

    part: str
    amount: Money
    debit: str
    credit: str
    said: str


def sound_method(method: str) -> str:
    """The method; refuses one that there is not."""
    if method not in METHODS:
        known = " or ".join(METHODS)
        raise BadMethod(f"There is no journal {method!r:.60} for receipts: it is {known}", found=method[:60])
    return method


def method_by(accounts: Container[str]) -> str:
    """The journal of a receipt, told by the accounts of the entry that brought its cash: income, or what is owed."""
    return INCOME_FIRST if _INCOME in accounts else LIABILITY_FIRST


def lines(method: str, asset_class: str, came: Money, kept: Money, participant: str) -> list[Line]:
    """The entries of money that came, of which so much is to be kept for claims; those of nothing are left out.

    Income first (rows 1 and 2 of the journals): the cash is income, and what is kept is charged. Liability first (row
    2b): the cash is owed, all of it, and what need not be kept is released to income; where more is to be kept than
    came, as under the alternative scheme it may, the rest is charged. Either way the cash, the provision and what
    income and charge come to together are the same.
    """
    provision, charge = f"2000:{asset_class}", f"5000:{asset_class}"
    reserve = "Reserve against claims on dormant money received"
    if method == INCOME_FIRST:
        told = [
            Line("cash", came, "1000", _INCOME, _CAME.format(participant)),
            Line("reserve", kept, charge, provision, reserve),
        ]
    else:
        freed = "Released of dormant money received: what need not be kept for claims on it"
        told = [
            Line("cash", came, "1000", provision, f"{_CAME.format(participant)}, owed to its owners"),
            Line("release", max(came - kept, NOTHING), provision, _INCOME, freed),
            Line("reserve", max(kept - came, NOTHING), charge, provision, reserve),
        ]
    return [line for line in told if line.amount]
