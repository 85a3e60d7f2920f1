"""Every limit in force with what stands nearest to it, as at a day and as known then; and what lending costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Final

from bank.allocations.life.queries import profiles
from bank.allocations.products.queries import terms_of_all
from bank.allocations.products.registry import PRODUCTS
from bank.figures.books import Selection
from bank.figures.charges import costs_apart
from bank.figures.evidence import Evidence
from bank.figures.money import FOLDS
from bank.figures.portfolio import at_risk
from bank.figures.registry import REGISTRY
from bank.limits.placing import NOT_KNOWN, PLACES, at_the_front_line
from bank.limits.queries import limits_in_force, outside_limits, stake_of
from bank.limits.rules import (
    APPROVE,
    DRAW_DOWN,
    KINDS,
    PLACE,
    SUBSCRIBE_A,
    SUBSCRIBE_B,
    Act,
    Limit,
    Position,
    Reading,
    readings,
)
from bank.treasury.placements.queries import placements
from bank.treasury.rules import LIQUID, PROMISED
from ledger.money import NOTHING, Money
from reports.statements.bounds import Bounds, CostLine, LimitLine

_YEAR: Final = timedelta(days=365)
_ACTS: Final = {
    "match": DRAW_DOWN,
    "borrower": DRAW_DOWN,
    "liquidity": DRAW_DOWN,
    "dormant-capital": SUBSCRIBE_A,
    "balance-sheet": SUBSCRIBE_B,
    "counterparty": PLACE,
}
"""The act of nothing by which each kind of limit is read as it stands; approval where none is named."""
_TICKETS: Final = ("ticket-least", "ticket-most")
_OUTSIDE: Final = ("dormant-capital", "balance-sheet")


def bounds(evidence: Evidence) -> Bounds:
    """Everything the page on limits, liquidity and costs prints."""
    limits = [*outside_limits(evidence.as_at), *limits_in_force(evidence.session, evidence.as_at, evidence.known)]
    standing = [limit for limit in limits if limit.kind not in _TICKETS]
    return Bounds(
        limits=tuple(limit_lines(evidence, standing)),
        at_each_act=tuple(dict.fromkeys(KINDS[limit.kind].title for limit in limits if limit.kind in _TICKETS)),
        cover=REGISTRY["liquidity_cover"].work_out(evidence).figure,
        intermediation=REGISTRY["cost_of_intermediation"].work_out(evidence).figure,
        days_to_money=REGISTRY["days_to_money"].work_out(evidence).figure,
        costs=tuple(costs(evidence)),
        limits_provenance=evidence.provenance(
            "each limit in force on the day, read for an act of nothing, for whatever stands nearest to it",
            [FOLDS["owed"][0], FOLDS["undrawn"][0]],
            calculated=True,
        ),
        costs_provenance=evidence.provenance(
            "accounts 5300 and 1000 of every memorandum book, what the bank charged apart, and what each of them drew",
            [FOLDS["costs"][0], FOLDS["held_by_intermediaries"][0], FOLDS["drawn"][0]],
        ),
    )


def limit_lines(evidence: Evidence, limits: Iterable[Limit]) -> Iterator[LimitLine]:
    """Each limit with the figure nearest to its bound, or that is not known."""
    some = list(limits)
    if not some:
        return
    held = position(evidence, some)
    for limit in some:
        read = [one for act, whole in _cases(limit, held) for one in readings([limit], whole, act)]
        if read:
            nearest = max(read, key=_nearness)
            yield LimitLine(
                key=limit.id,
                title=KINDS[limit.kind].title,
                of=_named(evidence, limit, nearest),
                hard=limit.hard,
                floor=KINDS[limit.kind].floor,
                stands=nearest.before,
                bound=nearest.bound,
                within=nearest.within,
                outside=limit.kind in _OUTSIDE,
            )


def _cases(limit: Limit, held: Position) -> Iterator[tuple[Act, Position]]:
    """Every case a limit is read for: each counterparty, each region, each facility, or the bank as a whole."""
    action = _ACTS.get(limit.kind, APPROVE)
    if limit.kind == "counterparty":
        for name in sorted(held.placed) or [""]:
            yield Act(action, NOTHING, counterparty=name), held
    elif limit.kind == "region":
        for place in (*PLACES, NOT_KNOWN):
            yield Act(action, NOTHING), replace(held, of=replace(held.of, region=place))
    elif limit.kind in {"intermediary", "product", "match"}:
        for stake in held.stakes:
            yield Act(action, NOTHING), replace(held, of=stake)
    else:
        yield Act(action, NOTHING), replace(held, of=replace(held.of, secured=True, first_loss=False))


def _nearness(reading: Reading) -> tuple[bool, Fraction]:
    """How near a reading is to its bound: what is not within first, then by the part used, or of a floor left over."""
    stands, bound = reading.before, reading.bound
    if stands is None:
        return not reading.within, Fraction(0)
    part = Fraction(_number(stands)) / _number(bound) if _number(bound) else Fraction(0)
    return not reading.within, -part if KINDS[reading.limit.kind].floor else part


def _number(value: Money | Fraction) -> Fraction:
    return Fraction(value.pence) if isinstance(value, Money) else value


def _named(evidence: Evidence, limit: Limit, reading: Reading) -> str:
    """What stands nearest, by its name; the whole bank where a limit is on nothing less."""
    if limit.kind == "intermediary":
        return evidence.knowledge.names.get(reading.note, reading.note)
    if limit.kind == "product":
        return PRODUCTS[reading.note].title if reading.note in PRODUCTS else reading.note
    if limit.kind == "region":
        return reading.note.partition(",")[0]
    if limit.kind == "borrower":
        return "one borrower, through every intermediary"
    if limit.kind == "counterparty":
        return reading.note or "nothing is placed"
    return "the whole bank"


def position(evidence: Evidence, limits: Iterable[Limit]) -> Position:
    """All that limits are read from, by the books of the day, as known then."""
    wanted = {limit.kind for limit in limits}
    marks = profiles(evidence.session, [view.id for view in evidence.facilities], evidence.known)
    exposed, told = at_risk(evidence), terms_of_all(evidence.session)
    states = evidence.states if wanted & {"region", "borrower"} else []
    lent_on = at_the_front_line(states)
    sums = _roots(evidence)
    gone = evidence.knowledge.lapsed(evidence.as_at).values()
    return Position(
        stakes=tuple(
            stake_of(view, exposed.get(view.id, NOTHING), marks.get(view.id), told.get(view.id, {}), lent_on)
            for view in evidence.facilities
        ),
        capital=-Money.total(sums[root] for root in ("3000", "3010", "3020")),
        liquid=Money.total(sums[root] for root in LIQUID),
        promised=Money.total(sums[root] for root in PROMISED) - Money.total(each.no_more for each in gone),
        in_principle=sums["9110"] - Money.total(each.in_principle for each in gone),
        costs=_costs_of_the_year(evidence),
        from_dormant=-sums["3000"],
        balance_sheet=Money.total(amount for root, amount in sums.items() if root.startswith("1")),
        placed=_placed(evidence) if "counterparty" in wanted else {},
        borrowers=_borrowers(evidence) if "borrower" in wanted else {},
    )


def _roots(evidence: Evidence) -> defaultdict[str, Money]:
    """What every account of the bank's book comes to by the day, by the first part of its code."""
    sums: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for leg in evidence.books.legs("bank"):
        if leg.effective_on <= evidence.as_at:
            sums[leg.account.partition(":")[0]] += leg.amount
    return sums


def _costs_of_the_year(evidence: Evidence) -> Money:
    since = evidence.as_at - _YEAR
    return Money.total(
        leg.amount
        for leg in evidence.books.legs("bank")
        if leg.account.partition(":")[0] == "5100" and since < leg.effective_on <= evidence.as_at
    )


def _placed(evidence: Evidence) -> Mapping[str, Money]:
    found: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for each in placements(evidence.session, book="bank", as_at=evidence.as_at, at=evidence.known, open_only=True):
        found[each.counterparty] += each.carried
    return dict(found)


def _borrowers(evidence: Evidence) -> Mapping[str, Money]:
    owed: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for state in evidence.states:
        owed[state.organisation] += state.outstanding
    return {organisation: amount for organisation, amount in owed.items() if amount}


def costs(evidence: Evidence) -> Iterator[CostLine]:
    """What each intermediary drew, what of it costs and the bank's own charges took, and the cash it holds."""
    drawn: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for view in evidence.facilities:
        drawn[view.intermediary] += evidence.books.balance(FOLDS["drawn"][0].below(view.id), evidence.as_at)
    apart = costs_apart(evidence, evidence.facilities)
    for who in sorted(drawn, key=lambda one: (-drawn[one].pence, one)):
        if drawn[who]:
            met, charged = apart(who)
            yield CostLine(
                key=who,
                name=evidence.knowledge.names.get(who, who),
                drawn=drawn[who],
                charged=charged,
                costs=met,
                held=evidence.books.balance(Selection(who, ("1000",)), evidence.as_at),
            )
