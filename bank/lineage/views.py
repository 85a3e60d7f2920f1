"""What lineage answers: a receipt followed to where its money is, and a loan followed back to whose money it was."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from ledger.money import Money
from ledger.store.work import View


class Whereabouts(View):
    """Money of one receipt that lies somewhere, or has left for good: where in words, and by account."""

    what: str
    book: str
    account: str
    amount: Money


class Stretch(View):
    """Money of one receipt on one stretch of its way, in all places together: still there, or gone for good."""

    what: str
    gone: bool
    amount: Money


class LoanShare(View):
    """What of one receipt went into an onward loan, came back, was lost and is still owed; the bank's share alone."""

    loan: str
    loan_ref: str
    intermediary: str
    facility: str
    borrower_name: str
    status: str
    outcome_area: str
    beneficiary_group: str
    local_authority: str
    lent: Money
    repaid: Money
    written_off: Money
    outstanding: Money


class FacilityShare(View):
    """What of one receipt an intermediary drew under a facility, paid back, and holds for it in cash or its own use."""

    facility: str
    intermediary: str
    drawn: Money
    paid_back: Money
    held: Money
    own_use: Money


class Forward(View):
    """One transfer of dormant money, followed to where every penny of it is: `held` and `left` make its amount."""

    direction: Literal["forward"] = "forward"
    id: str
    participant: str
    received_on: date
    as_at: date
    known_at: datetime
    known_seq: int
    amount: Money
    total_held: Money
    total_left: Money
    way: tuple[Stretch, ...]
    held: tuple[Whereabouts, ...]
    left: tuple[Whereabouts, ...]
    facilities: tuple[FacilityShare, ...]
    loans: tuple[LoanShare, ...]


class Source(View):
    """Whose money went into some loans: a receipt by its id, or other money by what it is called."""

    origin: str
    what: str
    received_on: date | None
    lent: Money
    repaid: Money
    written_off: Money
    outstanding: Money


class Backward(View):
    """Some onward loans, followed back to every source of the bank's money in them: the sources make the totals."""

    direction: Literal["backward"] = "backward"
    id: str
    what: str
    as_at: date
    known_at: datetime
    known_seq: int
    lent: Money
    repaid: Money
    written_off: Money
    outstanding: Money
    loans: tuple[str, ...]
    sources: tuple[Source, ...]
