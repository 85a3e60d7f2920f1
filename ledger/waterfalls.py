"""How one payment is shared out among what is owed: head after head, in the order that the contract names.

What is due comes before what is not: a head that the contract puts first comes first as far as it has fallen due, and
what of it is owed and still to fall due is paid ahead of its day, after all that is due under any head. So orders the
partial payments clause of a facility agreement (the Loan Market Association's shares them among amounts due but unpaid
alone), and Apache Fineract its past due, due and in advance. Otherwise an order that names principal first would pay
principal of years to come before today's interest, and whoever pays each bill on its day would fall into arrears.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ledger.faults import Fault, Faulty
from ledger.money import NOTHING, Money

FEES: Final = "fees"
DEFAULT_INTEREST: Final = "default-interest"
INTEREST: Final = "interest"
PRINCIPAL: Final = "principal"
USUAL_ORDER: Final = (FEES, DEFAULT_INTEREST, INTEREST, PRINCIPAL)
"""The order of a lender's usual facility agreement; a contract may name another, and heads of its own."""
_NONE: Final[Mapping[str, Money]] = MappingProxyType({})


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


def share_out(
    received: Money,
    owed: Mapping[str, Money],
    order: Sequence[str] = USUAL_ORDER,
    not_due: Mapping[str, Money] = _NONE,
) -> Shares:
    """Pay each head what is due of it until the money is used up, and then in the same order what is not due yet.

    `not_due` is the part of what is owed to a head that has not fallen due: of a head that is not in it, all is due.
    What is left over when nothing is owed any more is told apart, never applied. The shares and what is left always
    add up to what was received. Refuses a payment or a debt below nothing, more not due than is owed, a head that is
    owed something and has no place in the order, and a head with two places.
    """
    wrong = _faults(received, owed, order, not_due)
    if wrong:
        raise BadWaterfall(wrong)
    left, paid = received, dict.fromkeys(order, NOTHING)
    later = {head: not_due.get(head, NOTHING) for head in order}
    due = {head: owed.get(head, NOTHING) - later[head] for head in order}
    for parts in (due, later):
        for head in order:
            part = min(left, parts[head])
            paid[head] += part
            left -= part
    return Shares(paid, left)


def _faults(
    received: Money, owed: Mapping[str, Money], order: Sequence[str], not_due: Mapping[str, Money]
) -> list[Fault]:
    wrong = []
    if received < NOTHING:
        wrong.append(Fault("/received", str(received), "nothing or more", "a refund is not a payment received"))
    for head, amount in owed.items():
        if amount < NOTHING:
            wrong.append(Fault(f"/owed/{head}", str(amount), "nothing or more", "take what is overpaid off elsewhere"))
        if amount and head not in order:
            wrong.append(Fault(f"/owed/{head}", str(amount), f"one of {', '.join(order)}", "give it a place"))
    for head, amount in not_due.items():
        whole = max(owed.get(head, NOTHING), NOTHING)
        if not NOTHING <= amount <= whole:
            wrong.append(Fault(f"/not-due/{head}", str(amount), f"nothing to {whole}", "tell what of it is owed"))
    wrong += [
        Fault(f"/order/{place}", head, "each head once", "keep its first place")
        for place, head in enumerate(order)
        if head in order[:place]
    ]
    return wrong
