"""What limit can be meant: its kind, its scope, its bound, and who may let it be passed."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from bank.limits.rules import KINDS, OF_THE_HOUSE
from bank.people.rules import ROLES, sound_name
from bank.treasury.rules import BadTerms, positive
from ledger.money import Money

_SHARE_DECIMALS: Final = 12
_ONLY_SHARES: Final = ("match", "liquidity")
_TICKETS: Final = ("ticket-least", "ticket-most")
_ONLY_AMOUNTS: Final = (*_TICKETS, "dormant-capital", "balance-sheet")
_MOST_TOLD: Final = 20
"""How many scopes a refusal names, so that a long register does not fill it."""
_WITH_SCOPE: Final = ("intermediary", "product", "region", "counterparty", *_TICKETS)


def sound_scope(kind: str, scope: str, known: Collection[str]) -> str:
    """The scope of a limit that binds something; refuses one of which nobody has heard, with what there is.

    A counterparty is whom money is placed with, and may be new: any name will do.
    """
    if not scope or kind == "counterparty":
        return scope and sound_name(scope)
    if scope not in known:
        told = ", ".join(sorted(known)[:_MOST_TOLD]) or "nothing yet"
        more = f", and {len(known) - _MOST_TOLD} more" if len(known) > _MOST_TOLD else ""
        raise BadTerms(
            f"A limit of kind {kind} with the scope {scope!r:.60} would bind nothing: what is known is {told}{more}",
            found=scope[:60],
        )
    return scope


def sound_limit(
    *, kind: str, scope: str, amount: Money | None, share: Decimal | None, waivable_by: str, hard: bool
) -> None:
    """Pass when a limit can be meant."""
    if kind not in KINDS:
        raise BadTerms(f"There is no kind of limit {kind!r:.40}: it is one of {', '.join(KINDS)}")
    if scope and kind not in _WITH_SCOPE:
        raise BadTerms(f"A limit on {KINDS[kind].title} holds for the whole bank: leave the scope out")
    if amount is not None and (share is not None or kind in _ONLY_SHARES):
        raise BadTerms(f"A limit on {KINDS[kind].title} is {'a share' if share is None else 'one bound, not two'}")
    if share is not None and kind in _ONLY_AMOUNTS:
        raise BadTerms(f"A limit on {KINDS[kind].title} is an amount")
    if amount is not None:
        positive(amount, "A limit")
    if share is not None and (not share.is_finite() or share < 0 or share != round(share, _SHARE_DECIMALS)):
        raise BadTerms(f"A share is a plain number from nothing up, like 0.15, not {str(share)[:40]}")
    if waivable_by and kind in OF_THE_HOUSE:
        raise BadTerms(f"Nobody may let a limit on {KINDS[kind].title} be passed: propose another in its place")
    if waivable_by and (waivable_by not in ROLES or not hard):
        raise BadTerms(f"A hard limit may be waivable by one of {', '.join(ROLES)}; a soft one takes only a reason")
