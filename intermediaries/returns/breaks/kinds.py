"""What does not tie and why it may: cash too little, cash too much, more lent than came in, and what explains each.

What is owed to the bank is out on loan, held in cash, or gone in costs and losses. Where that does not come out, money
lacks that should be held, or money is there that never came from us. Of the latter only those who gave it can say whose
it is: the intermediary's own and its co-investors' money is never taken for ours, nor ours for theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal

from ledger.money import NOTHING, Money

Kind = Literal["cash-short", "cash-over", "lent-over"]
Category = Literal["fees-and-costs", "timing", "own-money", "co-investors-money", "other"]

CASH_SHORT: Final[Kind] = "cash-short"
CASH_OVER: Final[Kind] = "cash-over"
LENT_OVER: Final[Kind] = "lent-over"
KINDS: Final[tuple[Kind, ...]] = (CASH_SHORT, CASH_OVER, LENT_OVER)

_ANY: Final[tuple[Category, ...]] = ("timing", "other")
_WHOSE: Final[tuple[Category, ...]] = ("own-money", "co-investors-money")
EXPLAINED_BY: Final[Mapping[str, tuple[Category, ...]]] = MappingProxyType(
    {CASH_SHORT: ("fees-and-costs", *_ANY), CASH_OVER: (*_WHOSE, *_ANY), LENT_OVER: (*_WHOSE, *_ANY)}
)
"""What may be said of each kind: cash that lacks went on costs or is on its way; money too much is somebody else's."""
STANDING: Final[frozenset[str]] = frozenset(_WHOSE)
"""What is said once and holds as long as the money is there: whose it is does not change from quarter to quarter."""

_SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        CASH_SHORT: "cash short by {amount}",
        CASH_OVER: "cash over by {amount}: more is held than the books leave",
        LENT_OVER: "lent or paid {amount} more than was drawn from us and came back",
    }
)

Said = tuple[str, Money]
"""A category, and the amount that was said to be of it."""


def gaps(left: Money, held: Money) -> dict[Kind, Money]:
    """What does not tie, by kind, each at least nothing: `left` is the cash that the books leave, `held` what is told.

    Below nothing `left` is what went out beyond all that came in. held + short - over - lent over is always `left`.
    """
    there = max(left, NOTHING)
    return {
        CASH_SHORT: max(there - held, NOTHING),
        CASH_OVER: max(held - there, NOTHING),
        LENT_OVER: max(-left, NOTHING),
    }


def sentence(kind: str, amount: Money) -> str:
    """A break in words."""
    return _SENTENCES[kind].format(amount=amount)


def within(said: Iterable[Said], gap: Money) -> list[Said]:
    """What was said, as far as there is anything left to say it of; what was said first comes first."""
    found = []
    for category, amount in said:
        part = min(amount, gap)
        if part:
            found.append((category, part))
            gap -= part
    return found


def carried(quarters: Iterable[tuple[Money, Iterable[Said]]]) -> list[Said]:
    """What still holds at the last of some quarters of what was said in them of whose money it is.

    Each quarter comes with its gap and with what was said then, earlier ones first. Of money that went nothing is
    said any more when it comes back: then it is other money.
    """
    standing: list[Said] = []
    for gap, said in quarters:
        standing = within([*standing, *said], gap)
    return standing


def of_all(said: Iterable[Said]) -> Money:
    """The sum of what was said."""
    return Money.total(amount for _, amount in said)
