"""What kinds of limit there are, which hold on a day, what each reads for an act, and when the act is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bank.limits.placing import NOT_KNOWN
from ledger.dates import instant_text
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal
from ledger.store.work import a_role

Figure = Money | Fraction

APPROVE: Final = "approve"
SIGN: Final = "sign"
DRAW_DOWN: Final = "draw-down"
CAPITALISE: Final = "capitalise"
RECALLABLE: Final = "recallable"
DESCRIBE: Final = "describe"
TAKEN_ON: Final = (APPROVE, SIGN, DRAW_DOWN, CAPITALISE, RECALLABLE)
"""What is decided on a facility's money."""
ACTS: Final = (*TAKEN_ON, DESCRIBE)
"""What is decided on a facility."""
PROMISED_OR_PAID: Final = (APPROVE, SIGN, DRAW_DOWN)
"""Those of them that take cash, now or later. Interest made principal takes none, and is at risk all the same."""

SUBSCRIBE_A: Final = "subscribe-a"
SUBSCRIBE_B: Final = "subscribe-b"
PLACE: Final = "place"
HOUSE_ACTS: Final = (SUBSCRIBE_A, SUBSCRIBE_B, PLACE)
"""What is decided on the bank's own money."""

_PAID_IN: Final = "paid-in capital"
_LIQUID_MONEY: Final = "cash and treasury"


class LimitPassed(Refusal):
    """A hard limit would be passed, and nobody has let it be."""

    slug = "limit-passed"
    status = 409


class LimitNeedsReason(Refusal):
    """A soft limit would be passed, and no reason is given."""

    slug = "limit-needs-reason"
    status = 409


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that was proposed by one and approved by another, or one from outside, which names its source."""

    id: str
    kind: str
    scope: str
    amount: Money | None
    share: Decimal | None
    hard: bool
    waivable_by: str
    from_on: date
    approved_at: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """What is about to be decided: how much, and what comes from others beside it; of money placed, with whom, whose.

    `extra` is what of a payment was never promised and uses no commitment up, such as fees that are paid beside it. Of
    a distribution that may be called again, `received` is all the cash that comes and `returned` what of the risk ends.
    """

    action: str
    amount: Money
    co_investor_amount: Money = NOTHING
    counterparty: str = ""
    book: str = "bank"
    extra: Money = NOTHING
    received: Money = NOTHING
    returned: Money = NOTHING


@dataclass(frozen=True, slots=True)
class Stake:
    """One facility in the bank's risk: what it may lose there, and of what sort it is. None is not known."""

    facility: str
    intermediary: str
    product: str
    exposure: Money
    region: str | None = None
    secured: bool | None = None
    first_loss: bool | None = None
    signed: Money = NOTHING
    drawn: Money = NOTHING
    co_signed: Money = NOTHING
    co_drawn: Money = NOTHING
    contingent: bool = False
    """Whether what is drawn of it is paid only when it is called."""
    regions: Mapping[str, Money] = field(default_factory=dict)
    """The exposure by region, looked through to where it is at work."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What sort of risk a facility is told to be: where it is for, whether it is secured, who bears the first loss."""

    region: str | None
    secured: bool | None
    first_loss: bool | None


NO_STAKE: Final = Stake("", "", "", NOTHING)
"""What stands in the place of a facility where the bank's own money is decided on."""


@dataclass(frozen=True, slots=True)
class Position:
    """All that limits are read from: every stake, the one that is decided on, and the bank's own strength."""

    stakes: tuple[Stake, ...] = ()
    of: Stake = NO_STAKE
    capital: Money = NOTHING
    liquid: Money = NOTHING
    promised: Money = NOTHING
    in_principle: Money = NOTHING
    """Approved and not signed: whoever approves more must reckon with it."""
    costs: Money = NOTHING
    from_dormant: Money = NOTHING
    balance_sheet: Money = NOTHING
    placed: Mapping[str, Money] = field(default_factory=dict)
    """What the book that is decided on has placed with each counterparty, as it stands there."""
    borrowers: Mapping[str, Money] = field(default_factory=dict)
    """The bank's part of what each borrower of this intermediary owes through whomever, by name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A limit with its figure before the act and after it. A figure of None is not known, which is never within."""

    limit: Limit
    before: Figure | None
    after: Figure | None
    bound: Figure
    within: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of limit: its words, whether the bound is a floor, what acts it is read for, and how."""

    title: str
    read: Callable[[Limit, Position, Act], tuple[Figure | None, Figure | None, str] | None]
    share_of: str = ""
    floor: bool = False
    acts: tuple[str, ...] = TAKEN_ON


def _added(act: Act) -> Money:
    """What an act adds to the risk: approval takes it on, and so does interest made principal; the others carry on.

    What is distributed and may be called again is promised anew, less what of the risk ended with the distribution.
    """
    if act.action == RECALLABLE:
        return act.amount - act.returned
    return act.amount if act.action in {APPROVE, CAPITALISE} else NOTHING


def _total(position: Position, holds: Callable[[Stake], bool]) -> Money:
    return Money.total(stake.exposure for stake in position.stakes if holds(stake))


def _intermediary(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    who = position.of.intermediary
    if limit.scope not in {"", who}:
        return None
    before = _total(position, lambda stake: stake.intermediary == who)
    return before, before + _added(act), who


def _product(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    sort = position.of.product
    if limit.scope not in {"", sort}:
        return None
    before = _total(position, lambda stake: stake.product == sort)
    return before, before + _added(act), sort


def _region(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    where = position.of.region
    if where is None:
        return None, None, "the facility's region is not recorded"
    if limit.scope not in {"", where}:
        return None
    whole = _total(position, lambda _: True)
    before = Money.total(stake.regions.get(where, NOTHING) for stake in position.stakes)
    dark = Money.total(stake.regions.get(NOT_KNOWN, NOTHING) for stake in position.stakes)
    return before, before + _added(act), f"{where}, looked through to; of {whole} at risk {dark} is in no known region"


def _marked(
    position: Position, act: Act, limit: Limit, mark: Callable[[Stake], bool | None], what: str
) -> tuple[Figure | None, Figure | None, str] | None:
    """A sum, or its share of all risk, over the facilities that bear a mark; each must be known to bear it or not."""
    unknown = [stake.facility for stake in position.stakes if stake.exposure and mark(stake) is None]
    if mark(position.of) is None:
        unknown.append(position.of.facility)
    if unknown:
        return None, None, f"not recorded whether {what}: {', '.join(sorted(set(unknown)))}"
    before = _total(position, lambda stake: bool(mark(stake)))
    added = _added(act)
    after = before + (added if mark(position.of) else NOTHING)
    if limit.share is None:
        return before, after, what
    total = _total(position, lambda _: True)
    return _part(before, total), _part(after, total + added), f"{what}, of all that is at risk"


def _unsecured(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    return _marked(
        position, act, limit, lambda stake: None if stake.secured is None else not stake.secured, "unsecured"
    )


def _first_loss(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    return _marked(position, act, limit, lambda stake: stake.first_loss, "bearing the first loss")


def _match(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    del limit
    own, other = position.of, act.co_investor_amount
    if act.action == SIGN:
        return Fraction(0), _part(other, act.amount), "signed by co-investors to signed by the bank"
    before = _part(own.co_drawn, own.drawn)
    drawn = own.drawn + act.amount - act.extra
    if not drawn:
        return None
    return before, _part(own.co_drawn + other, drawn), "drawn from co-investors to drawn from the bank"


def _liquidity(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    del limit
    waiting = position.in_principle if act.action == APPROVE else NOTHING
    needs = position.promised + waiting + position.costs
    paid = act.amount if act.action == DRAW_DOWN and not position.of.contingent else NOTHING
    promised = waiting + (act.amount if act.action in {APPROVE, SIGN, RECALLABLE} else NOTHING)
    after = position.promised - (paid - act.extra) + position.costs + promised
    words = "cash and treasury to undrawn commitments, guarantees and a year's costs"
    before = cover(position.liquid, needs)
    if not after:
        return before, None, "nothing is promised and nothing is spent: any cover is enough"
    return before, cover(position.liquid - paid + act.received, after), words


def _borrower(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    del limit, act
    if not position.borrowers:
        return NOTHING, NOTHING, "no borrower of this intermediary owes anything through it"
    name = max(position.borrowers, key=lambda one: (position.borrowers[one], one))
    return position.borrowers[name], position.borrowers[name], f"{name}, through every intermediary"


def _ticket(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    if limit.scope not in {"", position.of.product}:
        return None
    return act.amount, act.amount, "the amount decided on"


def _dormant_capital(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    del limit
    return position.from_dormant, position.from_dormant + act.amount, "A shares, paid for with England's money"


def _balance_sheet(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    del limit
    return position.balance_sheet, position.balance_sheet + act.amount, "all the bank's assets"


def _counterparty(limit: Limit, position: Position, act: Act) -> tuple[Figure | None, Figure | None, str] | None:
    if limit.scope not in {"", act.counterparty}:
        return None
    before = position.placed.get(act.counterparty, NOTHING)
    return before, before + act.amount, act.counterparty


KINDS: Final[Mapping[str, Kind]] = {
    "intermediary": Kind("at risk with one intermediary", _intermediary, _PAID_IN),
    "product": Kind("at risk in one product", _product, _PAID_IN),
    "region": Kind("at risk in one region", _region, _PAID_IN, acts=ACTS),
    "unsecured": Kind("at risk without security", _unsecured, "all that is at risk", acts=ACTS),
    "first-loss": Kind("at risk bearing the first loss", _first_loss, "all that is at risk", acts=ACTS),
    "borrower": Kind("owed by one borrower, looked through to", _borrower, _PAID_IN, acts=PROMISED_OR_PAID),
    "match": Kind("match by co-investors", _match, "the bank's own", floor=True, acts=(SIGN, DRAW_DOWN)),
    "liquidity": Kind(
        "liquidity cover",
        _liquidity,
        "what is promised and a year's costs",
        floor=True,
        acts=(*PROMISED_OR_PAID, RECALLABLE),
    ),
    "ticket-least": Kind("smallest facility", _ticket, floor=True, acts=(APPROVE, SIGN)),
    "ticket-most": Kind("largest facility", _ticket, acts=(APPROVE, SIGN)),
    "dormant-capital": Kind("capital from dormant money", _dormant_capital, acts=(SUBSCRIBE_A,)),
    "balance-sheet": Kind("total of the balance sheet", _balance_sheet, acts=(SUBSCRIBE_A, SUBSCRIBE_B)),
    "counterparty": Kind("placed with one counterparty", _counterparty, _LIQUID_MONEY, acts=(PLACE,)),
}
"""Every kind of limit. None of them has a value until two people have given it one, or it came from outside."""

OF_THE_HOUSE: Final = tuple(code for code, kind in KINDS.items() if set(kind.acts) <= set(HOUSE_ACTS))
"""The kinds that bound the bank's own money. Nobody may let one be passed: it takes another limit."""


def in_force(limits: Iterable[Limit], day: date) -> list[Limit]:
    """The limits that hold on a day: of those of one kind, scope and hardness, the one that began last."""
    latest: dict[tuple[str, str, bool], Limit] = {}
    for limit in sorted(limits, key=_begins):
        if limit.from_on <= day:
            latest[limit.kind, limit.scope, limit.hard] = limit
    kept = [limit for limit in latest.values() if limit.amount is not None or limit.share is not None]
    return sorted(kept, key=_in_order)


def of_both(then: Iterable[Limit], now: Iterable[Limit]) -> list[Limit]:
    """The limits of two days, each once: where both have one of a kind and scope, both hold, so the stricter binds."""
    return sorted(dict.fromkeys((*then, *now)), key=_in_order)


def _in_order(limit: Limit) -> tuple[int, str, bool]:
    return list(KINDS).index(limit.kind), limit.scope, not limit.hard


def _begins(limit: Limit) -> tuple[date, str, str]:
    return limit.from_on, "" if limit.approved_at is None else instant_text(limit.approved_at), limit.id


def readings(limits: Iterable[Limit], position: Position, act: Act) -> list[Reading]:
    """Each limit that bears on an act, with its figure before and after."""
    found = []
    for limit in limits:
        kind = KINDS[limit.kind]
        told = kind.read(limit, position, act) if act.action in kind.acts else None
        if told is not None and _bears(kind, told, act):
            before, after, note = told
            bound = _bound(limit, position)
            found.append(Reading(limit, before, after, bound, _within(kind, after, bound, note), note))
    return found


def redescribed(limits: Iterable[Limit], was: Position, will: Position, act: Act) -> list[Reading]:
    """Each limit that asks what sort of risk a facility is, before it is described otherwise and after.

    Nothing is added to the risk, it lies elsewhere: a figure that is no worse than it was is within,
    whatever its bound, so that nobody is kept from telling that something is secured after all.
    """
    found = []
    for limit in limits:
        kind = KINDS[limit.kind]
        if DESCRIBE not in kind.acts:
            continue
        before, after = (kind.read(limit, each, act) for each in (replace(was, of=will.of), will))
        if before is None or after is None:
            continue
        bound, worse = _bound(limit, will), before[0] != after[0] and not _below(after[0], before[0])
        within = not worse or _within(kind, after[1], bound, after[2])
        found.append(Reading(limit, before[0], after[1], bound, within, after[2]))
    return found


def _bears(kind: Kind, told: tuple[Figure | None, Figure | None, str], act: Act) -> bool:
    """Whether a limit has a say. In money that comes back it has one only where more is promised than ends with it."""
    if act.action != RECALLABLE:
        return True
    before, after, _ = told
    if kind.floor:
        return before is None or _below(after, before)
    return _added(act) > NOTHING and (before is None or after is None or _below(before, after))


def _below(one: Figure | None, other: Figure | None) -> bool:
    if isinstance(one, Money) and isinstance(other, Money):
        return one < other
    return isinstance(one, Fraction) and isinstance(other, Fraction) and one < other


def cover(there: Money, needed: Money) -> Fraction | None:
    """How many times what is there covers what is needed; none where nothing is."""
    return _part(there, needed)


def _part(part: Money, whole: Money) -> Fraction | None:
    return Fraction(part.pence, whole.pence) if whole else None


def _bound(limit: Limit, position: Position) -> Figure:
    if limit.amount is not None:
        return limit.amount
    share = limit.share or Decimal(0)
    wholes = {_PAID_IN: position.capital, _LIQUID_MONEY: position.liquid}
    whole = wholes.get(KINDS[limit.kind].share_of)
    return Fraction(share) if whole is None else whole.times(share)


def _within(kind: Kind, after: Figure | None, bound: Figure, note: str) -> bool:
    if after is None:
        return note.startswith("nothing is promised")
    if isinstance(after, Money) and isinstance(bound, Money):
        return after >= bound if kind.floor else after <= bound
    if isinstance(after, Fraction) and isinstance(bound, Fraction):
        return after >= bound if kind.floor else after <= bound
    raise TypeError(f"{kind.title}: a figure of one sort and a bound of another")


def refuse_passed(found: Sequence[Reading], waived: Callable[[Reading], bool], reason: str, act: Act) -> None:
    """Pass when no hard limit is passed unless waived, and a reason is given where a soft one is."""
    passed = [reading for reading in found if not reading.within]
    hard = [reading for reading in passed if reading.limit.hard and not waived(reading)]
    if hard:
        first = hard[0].limit
        way = f"{a_role(first.waivable_by)} may waive it" if first.waivable_by else "nobody may waive it"
        raise LimitPassed(
            f"{act.action} of {act.amount} would pass {'; '.join(told(reading) for reading in hard)}: {way}",
            limits=[reading.limit.id for reading in hard],
            sources=[reading.limit.source for reading in hard],
            stand_at=[shown(reading.before) for reading in hard],
            figures=[shown(reading.after) for reading in hard],
            bounds=[shown(reading.bound) for reading in hard],
        )
    soft = [reading for reading in passed if not reading.limit.hard]
    if soft and not reason.strip():
        raise LimitNeedsReason(
            f"{act.action} of {act.amount} passes {'; '.join(told(reading) for reading in soft)}: give the reason in a "
            f"note, and it is kept with the decision",
            limits=[reading.limit.id for reading in soft],
        )


def told(reading: Reading) -> str:
    """A reading in words, with its figures."""
    kind = KINDS[reading.limit.kind]
    sort = "hard" if reading.limit.hard else "soft"
    side = "at least" if kind.floor else "at most"
    about = f" ({reading.note})" if reading.note else ""
    return (
        f"the {sort} limit on {kind.title}{about}: {shown(reading.after)} where {side} {shown(reading.bound)} is "
        f"allowed, and {shown(reading.before)} stands now ({reading.limit.source or reading.limit.id})"
    )


def shown(figure: Figure | None) -> str:
    """A figure as text: pounds, or a fraction to four decimals."""
    if figure is None:
        return "not known"
    if isinstance(figure, Money):
        return str(figure)
    return format(round(Decimal(figure.numerator) / Decimal(figure.denominator), 4), "f")


def waives(reading: Reading, up_to: str) -> bool:
    """Whether leave to go as far as a figure reaches the reading."""
    after = reading.after
    if after is None:
        return False
    floor = KINDS[reading.limit.kind].floor
    if isinstance(after, Money):
        far = Money.parse(up_to)
        return after >= far if floor else after <= far
    let = Fraction(up_to)
    return after >= let if floor else after <= let
