"""Which entries of a facility say how something was divided by what was known then, and not what happened."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, or_, select

from bank.allocations.model import FacilityEvent
from bank.allocations.rules import CAPITALISED_BACK, LOSS_BACK, PAYMENT_AGAIN, PAYMENT_BACK, REPAYMENT
from ledger.store.database import ReadSession


class Divided(NamedTuple):
    """The places of all entries of a facility that say how something was divided, and not what happened.

    `payments` are those by which payments were divided by the contract, and not by hand; `turned` those by which what
    was divided by hand was turned back from its head, or put under it again; `settled` those by which interest that
    was given up or made principal came to be less, or as much again, as had been told.
    """

    payments: frozenset[int] = frozenset()
    turned: frozenset[int] = frozenset()
    settled: frozenset[int] = frozenset()


def divided(session: ReadSession, facility: str) -> Divided:
    """The places of the entries that divide what happened to a facility by what was known then."""
    payments: set[int] = set()
    turned: set[int] = set()
    settled: set[int] = set()
    for kind, shared_out, seqs in session.execute(_divided(), {"facility": facility}):
        if kind == PAYMENT_AGAIN or (kind == PAYMENT_BACK and not shared_out):
            turned.update(seqs)
        else:
            (payments if kind in {REPAYMENT, PAYMENT_BACK} else settled).update(seqs)
    return Divided(frozenset(payments), frozenset(turned), frozenset(settled))


@cache
def _divided() -> Select[str, bool | None, list[int]]:
    kinds = (LOSS_BACK, CAPITALISED_BACK, PAYMENT_BACK, PAYMENT_AGAIN)
    by_itself = or_(FacilityEvent.shared_out, FacilityEvent.kind.in_(kinds))
    told = select(FacilityEvent.kind, FacilityEvent.shared_out, FacilityEvent.seqs)
    return told.where(FacilityEvent.facility_id == bindparam("facility"), by_itself)
