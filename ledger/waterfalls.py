"""How one payment is shared out among what is owed: head after head, in the order that the contract names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.faults import Fault, Faulty
from ledger.money import NOTHING, Money

FEES: Final = "fees"
DEFAULT_INTEREST: Final = "default-interest"
INTEREST: Final = "interest"
PRINCIPAL: Final = "principal"
USUAL_ORDER: Final = (FEES, DEFAULT_INTEREST, INTEREST, PRINCIPAL)
"""The order of a lender's usual facility agreement; a contract may name another, and heads of its own."""


class BadWaterfall(Faulty):
    """Money that cannot be shared out as asked."""

    slug = "bad-waterfall"


@dataclass(frozen=True, slots=True)
class Shares:
    """What each head was paid, in the contract's order, and what was left when nothing more was owed."""

    paid: Mapping[str, Money]
    left_over: Money

    def to(self, head: str) -> Money:
        """What one head was paid; nothing for a head of which nothing was owed."""
        return self.paid.get(head, NOTHING)


def share_out(received: Money, owed: Mapping[str, Money], order: Sequence[str] = USUAL_ORDER) -> Shares:
    """Pay each head what is owed to it until the money is used up; what is left over is told apart, never applied.

    The shares and what is left always add up to what was received. Refuses a payment or a debt below nothing, a head
    that is owed something and has no place in the order, and a head with two places.
    """
    wrong = _faults(received, owed, order)
    if wrong:
        raise BadWaterfall(wrong)
    left, paid = received, {}
    for head in order:
        paid[head] = min(left, owed.get(head, NOTHING))
        left -= paid[head]
    return Shares(paid, left)


def _faults(received: Money, owed: Mapping[str, Money], order: Sequence[str]) -> list[Fault]:
    wrong = []
    if received < NOTHING:
        wrong.append(Fault("/received", str(received), "nothing or more", "a refund is not a payment received"))
    for head, amount in owed.items():
        if amount < NOTHING:
            wrong.append(Fault(f"/owed/{head}", str(amount), "nothing or more", "take what is overpaid off elsewhere"))
        if amount and head not in order:
            wrong.append(Fault(f"/owed/{head}", str(amount), f"one of {', '.join(order)}", "give it a place"))
    wrong += [
        Fault(f"/order/{place}", head, "each head once", "keep its first place")
        for place, head in enumerate(order)
        if head in order[:place]
    ]
    return wrong
