"""How an accepted return ties with the books: what is owed to the bank, what is out on loan, and why they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from intermediaries.loans.model import LoanTape
from intermediaries.loans.queries import live_tapes
from intermediaries.returns.breaks.kinds import (
    CASH_OVER,
    CASH_SHORT,
    KINDS,
    LENT_OVER,
    STANDING,
    Kind,
    Said,
    carried,
    gaps,
    of_all,
    within,
)
from intermediaries.returns.breaks.queries import breaks
from intermediaries.returns.model import Return, ReturnRun
from intermediaries.returns.queries import NoSuchReturn, filed
from intermediaries.returns.rules import CASH_AGREES
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
    ("interest-received", "4000"),
    ("recoveries", "4100"),
    ("released-by-write-off", "4200"),
)
"""Every account of a facility but cash, its own money put in, loans and what is owed: its book balances."""
_OWN_MONEY: Final = "own-money-put-in"
BalanceOf = Callable[[str, str, date], Money]
"""What an account of a book and all below it come to by a day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a return does not tie, by kind; what was said of it; and what is left of each kind."""

    gaps: Mapping[Kind, Money]
    said: Mapping[Kind, Sequence[Said]]

    def left(self, kind: Kind) -> Money:
        """What nobody has explained."""
        return self.gaps[kind] - of_all(self.said[kind])


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


def ties(
    session: ReadSession, quarter: Quarter, known: Known | None = None, balance: BalanceOf | None = None
) -> list[Tie]:
    """How each return that counts for a quarter ties, as known then.

    What accounts come to is asked of the books, unless it is told by somebody who has read them.
    """
    then = known or books.known(session)
    return [
        tie_of(session, tape, live_tapes(session, facility=tape.facility, known=then), then, balance)
        for tape in live_tapes(session, quarter=quarter, known=then)
    ]


def tie_of(
    session: ReadSession,
    tape: LoanTape,
    counting: Sequence[LoanTape],
    known: Known | None,
    balance: BalanceOf | None = None,
) -> Tie:
    """The tie of one return among all that count for its facility."""
    told = breaks(session, facility=tape.facility, known=known)
    balance = balance or balances_known(session, known)
    now = standing(session, tape, counting, told, balance)
    amounts = _amounts(tape, balance)
    left = amounts["cash"] - amounts["put-in"]
    held = left + now.gaps[CASH_OVER] + now.gaps[LENT_OVER] - now.gaps[CASH_SHORT]
    explained = [
        Explanation(kind="cash-held", amount=held),
        *(Explanation(kind=kind, amount=amounts[kind]) for kind, _ in _REASONS if amounts[kind]),
        *_explanations(now),
    ]
    return Tie(
        return_id=tape.return_id,
        facility=tape.facility,
        intermediary=tape.intermediary,
        quarter=tape.quarter,
        as_at=tape.effective_on,
        owed=amounts["owed"],
        own_outstanding=amounts["lent"],
        difference=amounts["owed"] - amounts["lent"],
        cash_expected=max(left, NOTHING),
        cash_held=held,
        own_money=amounts["put-in"],
        held_alongside=now.gaps[CASH_OVER],
        explained=tuple(explained),
        unexplained=now.left(CASH_SHORT) - now.left(CASH_OVER) - now.left(LENT_OVER),
        breaks=tuple(found for found in told if found.return_id == tape.return_id and found.state != "cleared"),
    )


def standing(
    session: ReadSession, tape: LoanTape, counting: Sequence[LoanTape], told: Sequence[BreakView], balance: BalanceOf
) -> Standing:
    """What of one return does not tie, and what was said of it: of the return itself, or earlier of the same money."""
    found = gaps_of(session, tape, counting, balance)
    if not _both_ways(session, tape):
        return Standing(
            found,
            {
                CASH_SHORT: _said_here(found[CASH_SHORT], CASH_SHORT, tape, told),
                CASH_OVER: within([("held-alongside", found[CASH_OVER])], found[CASH_OVER]),
                LENT_OVER: within([("own-money", found[LENT_OVER])], found[LENT_OVER]),
            },
        )
    said = {}
    for kind in KINDS:
        whose = _whose(session, (tape, counting), found[kind], kind, told, balance) if found[kind] else []
        said[kind] = [*whose, *_said_here(found[kind] - of_all(whose), kind, tape, told)]
    return Standing(found, said)


def gaps_of(
    session: ReadSession, tape: LoanTape, counting: Sequence[LoanTape], balance: BalanceOf
) -> dict[Kind, Money]:
    """What of a return does not tie, by kind, whatever was said of it.

    Nothing where a later quarter's return took effect on the same day: its cash is compared there.
    """
    left = _balance(tape, "1000", balance) + _balance(tape, "2200", balance)
    overtaken = any(one.effective_on == tape.effective_on and one.quarter > tape.quarter for one in counting)
    if overtaken:
        return gaps(left, max(left, NOTHING))
    row = session.get_one(Return, tape.return_id)
    return gaps(left, row.cash_held if row.cash_held is not None else NOTHING)


def _both_ways(session: ReadSession, tape: LoanTape) -> bool:
    """Whether a return was judged when more money than the books leave was asked after as well as less.

    Of those before, more was taken for the intermediary's own, and statements were issued that say so.
    """
    run = session.get(ReturnRun, tape.return_id)
    return run is not None and CASH_AGREES in run.rules


def _said_here(gap: Money, kind: Kind, tape: LoanTape, told: Sequence[BreakView]) -> list[Said]:
    """What was said of this return alone; a cost posted by its day is in the books already."""
    return within(
        (
            (event.category, event.amount)
            for found in told
            if found.return_id == tape.return_id and found.kind == kind
            for event in found.events
            if event.event == "explained"
            and event.category not in STANDING
            and not (event.effective_on is not None and event.effective_on <= tape.effective_on)
        ),
        gap,
    )


def _whose(
    session: ReadSession,
    place: tuple[LoanTape, Sequence[LoanTape]],
    gap: Money,
    kind: Kind,
    told: Sequence[BreakView],
    balance: BalanceOf,
) -> list[Said]:
    """Whose money was said to be there, in this quarter or in an earlier one since which it never was less."""
    tape, counting = place
    said: defaultdict[Quarter, list[Said]] = defaultdict(list)
    for found in told:
        if found.kind == kind:
            said[found.quarter] += [
                (event.category, event.amount)
                for event in found.events
                if event.event == "explained" and event.category in STANDING
            ]
    if not any(said.values()):
        return []
    since = min(quarter for quarter, events in said.items() if events)
    before = [one for one in counting if since <= one.quarter < tape.quarter]
    return carried(
        [
            *((gaps_of(session, one, counting, balance)[kind], said[one.quarter]) for one in before),
            (gap, said[tape.quarter]),
        ]
    )


def _explanations(now: Standing) -> list[Explanation]:
    """What was said, in the direction in which it makes what is owed and what is lent differ."""
    named = {(LENT_OVER, "own-money"): _OWN_MONEY}
    return [
        Explanation(kind=named.get((kind, category), category), amount=amount if kind == CASH_SHORT else -amount)
        for kind in KINDS
        for category, amount in now.said[kind]
    ]


def _amounts(tape: LoanTape, balance: BalanceOf) -> dict[str, Money]:
    """The balances of a facility's accounts on the day of a return, each in the direction that explains."""
    return {
        "owed": -_balance(tape, "2100", balance),
        "lent": _balance(tape, "1300", balance),
        "cash": _balance(tape, "1000", balance),
        "put-in": -_balance(tape, "2200", balance),
        **{kind: _balance(tape, code, balance) for kind, code in _REASONS},
    }


def _balance(tape: LoanTape, code: str, balance: BalanceOf) -> Money:
    return balance(tape.intermediary, f"{code}:{tape.facility}", tape.effective_on)


def balances_known(session: ReadSession, known: Known | None) -> BalanceOf:
    """What accounts come to as known then, each asked of the books."""
    return lambda book, code, day: books.balance_at(session, book, code, day, known)
