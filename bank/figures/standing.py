"""Figures that rest on more than postings: rates and policies, headroom, co-investors' part, returns and ties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from bank.allocations.queries import FacilityFigures
from bank.figures.evidence import Evidence, Found
from bank.figures.measures import MEASURES
from bank.figures.money import FOLDS
from bank.inflows.queries import InflowView, inflows, reserve_rate_in_force
from intermediaries.returns.breaks.queries import breaks
from ledger.money import NOTHING, Money
from reports.figures import Coverage, Provenance, Value

_PAGE: Final = 500


def transfers(evidence: Evidence) -> list[InflowView]:
    """Every transfer of dormant money received by the day, as known then."""
    found: list[InflowView] = []
    cursor: str | None = None
    while True:
        page = inflows(evidence.session, at=evidence.known, cursor=cursor, limit=_PAGE)
        found += [view for view in page.items if view.received_on <= evidence.as_at]
        cursor = page.next_cursor
        if cursor is None:
            return found


def accounts(evidence: Evidence, code: str) -> Found:
    """How many dormant accounts came in, over the transfers that tell it."""
    all_of = transfers(evidence)
    told = [view for view in all_of if view.accounts is not None]
    return Found(
        measure=MEASURES[code],
        value=sum(view.accounts or 0 for view in told) if told or not all_of else None,
        provenance=evidence.provenance("accounts named with each transfer, added up", [FOLDS["received"][0]]),
        coverage=Coverage(
            known=len(told),
            of=len(all_of),
            known_money=Money.total(view.amount for view in told),
            of_money=Money.total(view.amount for view in all_of),
            what="transfers",
        ),
    )


def reserve_rate(evidence: Evidence, code: str) -> Found:
    """The rate of reserve for bank accounts that is in force on the day."""
    rate = reserve_rate_in_force(evidence.session, "bank-account", evidence.as_at, evidence.known)
    formula = "no rate of reserve was approved by then" if rate is None else f"approved rate {rate.id}: {rate.basis}"
    return Found(MEASURES[code], None if rate is None else rate.rate, _registered(evidence, formula))


def liquidity_fraction(evidence: Evidence, code: str) -> Found:
    """The fraction of paid-in capital that the approved policy keeps back."""
    view = evidence.headroom
    return Found(MEASURES[code], view.reserve_fraction, _registered(evidence, view.note))


def _registered(evidence: Evidence, formula: str) -> Provenance:
    return evidence.provenance(formula).model_copy(update={"source": "register"})


_LIQUIDITY: Final = {
    "bank_reserve": (
        "reserve",
        ("a_shares", "b_shares"),
        "paid-in capital, accounts 3000 and 3010 of the bank's book, times the approved fraction, to the nearest penny",
    ),
    "undrawn_commitments": (
        "undrawn_commitments",
        ("undrawn", "guarantees"),
        "signed and undrawn, accounts 9100 and 9130, and guarantees outstanding, account 9120, in the bank's book",
    ),
    "headroom": (
        "headroom",
        ("cash", "treasury", "a_shares", "b_shares", "undrawn", "guarantees"),
        "cash and treasury, 1000 and 1100 to 1120, less the reserve, undrawn commitments and guarantees, in its book",
    ),
    "free_to_approve": (
        "free_to_approve",
        ("cash", "treasury", "a_shares", "b_shares", "undrawn", "guarantees", "awaiting_signature"),
        "headroom less what is approved and not signed, account 9110, in the bank's book",
    ),
}


def liquidity(evidence: Evidence, code: str) -> Found:
    """A part of the reckoning of headroom."""
    name, rests_on, formula = _LIQUIDITY[code]
    selections = [FOLDS[fold][0] for fold in rests_on]
    value: Value = getattr(evidence.headroom, name)
    return Found(MEASURES[code], value, evidence.provenance(formula, selections, calculated=len(rests_on) > 1))


_MATCHED: Final[dict[str, tuple[Callable[[FacilityFigures], Money], str, tuple[str, ...]]]] = {
    "co_signed": (
        lambda figures: figures.co_investor_signed,
        "what co-investors signed beside each facility, by the record of its signature",
        (),
    ),
    "co_drawn": (
        lambda figures: figures.co_investor_drawn,
        "what was drawn from co-investors beside each drawdown, by its record",
        (),
    ),
    "signed_with_match": (
        lambda figures: figures.signed + figures.co_investor_signed,
        "signed, by the bank's book, and what co-investors signed beside it",
        ("signed",),
    ),
    "drawn_with_match": (
        lambda figures: figures.drawn + figures.co_investor_drawn,
        "drawn, by drawdowns in the bank's book, and what co-investors paid beside it",
        ("drawn",),
    ),
}


def matched(evidence: Evidence, code: str) -> Found:
    """Co-investors' part of the facilities, alone or together with the bank's."""
    part, formula, rests_on = _MATCHED[code]
    value = Money.total(part(view.figures) for view in evidence.facilities)
    opening = Money.total(part(view.figures) for view in evidence.knowledge.facilities(evidence.opening))
    return Found(
        MEASURES[code],
        value,
        evidence.provenance(formula, [FOLDS[fold][0] for fold in rests_on], calculated=True),
        opening=opening,
        added=max(value - opening, NOTHING),
        taken=max(opening - value, NOTHING),
    )


def approved_beside(evidence: Evidence, code: str) -> Found:
    """What co-investors meant to add to the facilities whose approval stands, signed since or not, as proposed."""
    value, opening = (_meant_beside(evidence, day) for day in (evidence.as_at, evidence.opening))
    return Found(
        MEASURES[code],
        value,
        evidence.provenance(
            "co-investors' part in the proposal of each facility whose approval stands in the bank's book",
            [FOLDS["in_principle"][0]],
            calculated=True,
        ),
        opening=opening,
        added=max(value - opening, NOTHING),
        taken=max(opening - value, NOTHING),
    )


def _meant_beside(evidence: Evidence, day: date) -> Money:
    """Of facilities with something in principle on the day; what lapsed and is not entered yet counts no more."""
    approved, lapsed = FOLDS["in_principle"][0], evidence.knowledge.lapsed(day)
    gone = {facility: each.in_principle for facility, each in lapsed.items()}
    return Money.total(
        view.figures.co_investor_committed
        for view in evidence.knowledge.facilities(day)
        if evidence.books.balance(approved.below(view.id), day) > gone.get(view.id, NOTHING)
    )


def facilities(evidence: Evidence, code: str) -> Found:
    """How many facilities are signed, or how many intermediaries have one."""
    signed = [view for view in evidence.facilities if view.signed_on is not None and _by(view.signed_on, evidence)]
    keys = {view.id if code == "facilities" else view.intermediary for view in signed}
    words = "facilities" if code == "facilities" else "different intermediaries among facilities"
    return Found(
        MEASURES[code], len(keys), evidence.provenance(f"{words} with a signature by the day", [FOLDS["signed"][0]])
    )


def _by(day: date, evidence: Evidence) -> bool:
    return day <= evidence.as_at


_PUNCTUAL: Final = {
    "returns_due": frozenset({"on-time", "late", "missing"}),
    "returns_received": frozenset({"on-time", "late"}),
    "returns_late": frozenset({"late"}),
    "returns_missing": frozenset({"missing"}),
}


def punctual(evidence: Evidence, code: str) -> Found:
    """How many of the quarter's returns were due, filed, late or missing, as known then."""
    found = [line for line in evidence.lateness if line.status in _PUNCTUAL[code]]
    provenance = _of_returns(
        evidence,
        f"facilities whose return for {evidence.quarter} is {' or '.join(sorted(_PUNCTUAL[code]))}, as known then",
        tuple(sorted(line.return_id for line in found if line.return_id is not None)),
    )
    return Found(MEASURES[code], len(found), provenance)


_OF_BREAKS: Final = {
    "breaks": "breaks of returns for {quarter} of which something is left unexplained",
    "oldest_break": "days since the oldest of the unexplained breaks of {quarter} was first seen, in whatever quarter",
    "breaks_unowned": "unexplained breaks of returns for {quarter} that are in nobody's hands",
}


def open_breaks(evidence: Evidence, code: str) -> Found:
    """How many breaks of the quarter are not wholly explained, how old they are, and how many nobody has in hand."""
    found = [one for one in breaks(evidence.session, quarter=evidence.quarter, known=evidence.known) if one.remaining]
    value: int | None = len(found)
    if code == "oldest_break":
        value = max((one.days for one in found), default=None)
    elif code == "breaks_unowned":
        value = sum(one.owner is None for one in found)
    return Found(
        MEASURES[code],
        value,
        _of_returns(
            evidence,
            _OF_BREAKS[code].format(quarter=evidence.quarter),
            tuple(sorted({one.return_id for one in found})),
        ),
    )


def unexplained(evidence: Evidence, code: str) -> Found:
    """What the ties of the quarter's returns leave unexplained, each taken without its sign."""
    return Found(
        MEASURES[code],
        Money.total(abs(tie.unexplained) for tie in evidence.ties),
        _of_returns(
            evidence,
            f"unexplained differences of the accepted returns for {evidence.quarter}, without their signs, added up",
            tuple(sorted(tie.return_id for tie in evidence.ties)),
        ),
    )


def _of_returns(evidence: Evidence, formula: str, returns: tuple[str, ...]) -> Provenance:
    return evidence.provenance(formula).model_copy(update={"source": "returns", "returns": returns})
