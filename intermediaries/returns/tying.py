"""How an accepted return ties with the books: what is owed to the bank, what is out on loan, and why they differ."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from intermediaries.loans.model import LoanTape
from intermediaries.loans.queries import live_tapes
from intermediaries.returns.breaks.queries import breaks
from intermediaries.returns.model import Return
from intermediaries.returns.queries import NoSuchReturn, filed
from intermediaries.returns.views import BreakView, Explanation, Tie
from ledger import queries as books
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.queries import Known
from ledger.store.database import ReadSession
from ledger.store.work import Actor

_REASONS: Final = (
    ("written-off-by-intermediary", "5000"),
    ("interest-paid-to-the-bank", "5200"),
    ("paid-on-finance-written-off", "5210"),
    ("costs-and-fees", "5300"),
    ("own-money-put-in", "2200"),
    ("interest-received", "4000"),
    ("recoveries", "4100"),
    ("released-by-write-off", "4200"),
)
"""Every account of a facility but cash, loans and what is owed: its book balances, so they explain the difference."""

OVERTAKEN: Final = "counted-with-a-later-return"
"""Why cash is not compared: a later quarter's return took effect on the same day, and the cash is compared there."""


def tie(session: ReadSession, return_id: str, *, viewer: Actor | None = None, known: Known | None = None) -> Tie:
    """How a return that counts ties with its facility, by the books as known then; refuses one that does not count."""
    then = known or books.known(session)
    if viewer is not None:
        filed(session, return_id, viewer)
    tape = session.get(LoanTape, return_id)
    counting = [] if tape is None else live_tapes(session, facility=tape.facility, known=then)
    if tape is None or all(one.return_id != return_id for one in counting):
        raise NoSuchReturn(f"The return {return_id!r:.80} is not one that counts: only an accepted return ties")
    return tie_of(session, tape, counting, then)


def ties(session: ReadSession, quarter: Quarter, known: Known | None = None) -> list[Tie]:
    """How each return that counts for a quarter ties, as known then."""
    then = known or books.known(session)
    return [
        tie_of(session, tape, live_tapes(session, facility=tape.facility, known=then), then)
        for tape in live_tapes(session, quarter=quarter, known=then)
    ]


def tie_of(session: ReadSession, tape: LoanTape, counting: list[LoanTape], known: Known | None) -> Tie:
    """The tie of one return among all that count for its facility."""
    amounts = _amounts(session, tape, known)
    expected = amounts["cash"]
    overtaken = any(one.effective_on == tape.effective_on and one.quarter > tape.quarter for one in counting)
    held = expected if overtaken else _held(session, tape)
    short = max(expected - held, NOTHING)
    told = breaks(session, return_id=tape.return_id, known=known)
    said = _said_of(told, short, tape.effective_on)
    explained = [
        Explanation(kind="cash-held", amount=min(held, expected)),
        *(Explanation(kind=kind, amount=amounts[kind]) for kind, _ in _REASONS if amounts[kind]),
        *said,
    ]
    difference = amounts["owed"] - amounts["lent"]
    return Tie(
        return_id=tape.return_id,
        facility=tape.facility,
        intermediary=tape.intermediary,
        quarter=tape.quarter,
        as_at=tape.effective_on,
        owed=amounts["owed"],
        own_outstanding=amounts["lent"],
        difference=difference,
        cash_expected=expected,
        cash_held=held,
        own_money=-amounts["own-money-put-in"],
        held_alongside=max(held - expected, NOTHING),
        explained=tuple(explained),
        unexplained=short - Money.total(one.amount for one in said),
        breaks=tuple(found for found in told if found.state != "cleared"),
    )


def _said_of(told: Iterable[BreakView], short: Money, day: date) -> list[Explanation]:
    """What was said of cash that is short, up to what is short now; a cost posted by then is in the books already."""
    said = []
    for event in (event for found in told for event in found.events):
        part = min(event.amount, short)
        posted = event.effective_on is not None and event.effective_on <= day
        if event.event == "explained" and part and not posted:
            said.append(Explanation(kind=event.category, amount=part))
            short -= part
    return said


def _amounts(session: ReadSession, tape: LoanTape, known: Known | None) -> dict[str, Money]:
    """The balances of a facility's accounts on the day of a return, each in the direction that explains."""

    def balance(code: str) -> Money:
        return books.balance_at(session, tape.intermediary, f"{code}:{tape.facility}", tape.effective_on, known)

    return {
        "owed": -balance("2100"),
        "lent": balance("1300"),
        "cash": balance("1000"),
        **{kind: balance(code) for kind, code in _REASONS},
    }


def _held(session: ReadSession, tape: LoanTape) -> Money:
    row = session.get_one(Return, tape.return_id)
    return row.cash_held if row.cash_held is not None else NOTHING
