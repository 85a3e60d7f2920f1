"""How the bank's money has done and where it lies: multiples and yields, concentration, undrawn ageing, days, costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bank.allocations.life.enquiries.queries import enquired_on
from bank.allocations.life.queries import profiles
from bank.allocations.products.registry import AT_RISK
from bank.allocations.queries import FacilityView
from bank.allocations.rules import PRODUCTS
from bank.figures.books import Selection
from bank.figures.charges import costs_apart
from bank.figures.evidence import Evidence, Found
from bank.figures.flows import HELD, Flows, together
from bank.figures.measures import MEASURES
from bank.figures.money import FOLDS
from bank.limits.placing import NOT_KNOWN, at_the_front_line, placed
from bank.limits.rules import cover
from bank.treasury.rules import LIQUID, PROMISED
from ledger.money import NOTHING, Money
from ledger.store.work import View
from ledger.yields import DAYS_A_YEAR, Yield, xirr
from reports.figures import Coverage, Provenance, Value

_BANK: Final = "bank"
_YEAR: Final = timedelta(days=365)
_PLACES: Final = Decimal("0.0001")
AGES: Final = ((90, "up to 90 days"), (180, "91 to 180 days"), (365, "181 to 365 days"), (None, "over 365 days"))


class PerformanceLine(View):
    """What was paid in and came back, what is left, and what that comes to; none with the reason why.

    DPI is what came back to what was paid in, RVPI what is left to it, TVPI both together. XIRR is the yearly rate at
    which the dated flows, with what is left taken as coming back on the day, balance.
    """

    group: str
    of: str
    name: str
    paid_in: Money
    paid_back: Money
    value: Money
    dpi: Decimal | None
    rvpi: Decimal | None
    tvpi: Decimal | None
    xirr: str | None
    reason: str


class FunnelLine(View):
    """In principle, and the four investment numbers beside it: never added together."""

    of: str
    name: str
    in_principle: Money
    signed: Money
    drawn: Money
    signed_with_match: Money
    drawn_with_match: Money


class ConcentrationLine(View):
    """What is at risk with one intermediary, in one product or in one region, and what part of all at risk that is.

    A region is where the money is at work: where the borrowers are that it was lent on to, for the rest where the
    facility is meant for. What lies in no known region is a line of its own.
    """

    group: str
    of: str
    name: str
    at_risk: Money
    share: Decimal | None


class UndrawnLine(View):
    """How much of what is signed has not been drawn for how long since the signature."""

    age: str
    facilities: int
    undrawn: Money


class CourseLine(View):
    """How long a facility took from the enquiry, or where none is recorded the proposal, to the first money."""

    facility: str
    name: str
    intermediary: str
    enquired_on: date | None
    proposed_on: date
    first_money_on: date | None
    days_from_enquiry: int | None
    days_from_proposal: int | None


class CostLine(View):
    """What an intermediary's costs and fees have taken out of what it drew, and the cash it holds of it.

    `charged` is what the bank itself took in fees and default interest under loans: it earns that, so it is no cost.
    """

    intermediary: str
    name: str
    drawn: Money
    costs: Money
    charged: Money
    held: Money
    cost_share: Decimal | None
    held_share: Decimal | None


class PortfolioView(View):
    """The portfolio as at a day, as known then."""

    as_at: date
    known_at: datetime
    known_seq: int
    funnel: tuple[FunnelLine, ...]
    performance: tuple[PerformanceLine, ...]
    concentration: tuple[ConcentrationLine, ...]
    undrawn: tuple[UndrawnLine, ...]
    liquidity_cover: Decimal | None
    courses: tuple[CourseLine, ...]
    costs: tuple[CostLine, ...]


def performance(group: str, of: str, name: str, told: Flows, as_at: date) -> PerformanceLine:
    """The multiples and the yield of some flows."""
    nothing = "" if told.paid_in else "nothing was paid in"
    found = Yield(None, nothing) if nothing else _yearly(told, as_at)
    return PerformanceLine(
        group=group,
        of=of,
        name=name,
        paid_in=told.paid_in,
        paid_back=told.paid_back,
        value=told.value,
        dpi=_times(told.paid_back, told.paid_in),
        rvpi=_times(told.value, told.paid_in),
        tvpi=_times(told.paid_back + told.value, told.paid_in),
        xirr=found.text,
        reason=found.reason,
    )


def _yearly(told: Flows, as_at: date) -> Yield:
    """The yield of flows that span a year at least.

    The return of a shorter time is not told as a yearly one (Global Investment Performance Standards 2010, I.5.A.4):
    two days' interest would be a fortune, and two days' costs a loss of all.
    """
    dated = [*told.dated, (as_at, told.value)] if told.value else list(told.dated)
    if (dated[-1][0] - dated[0][0]).days < DAYS_A_YEAR:
        return Yield(None, "its payments span less than a year, and the return of days is not told as a yearly one")
    return xirr(dated)


def portfolio(evidence: Evidence) -> PortfolioView:
    """Every table of the portfolio, each line worked out from the books of the day."""
    views = evidence.facilities
    told = evidence.flows
    return PortfolioView(
        as_at=evidence.as_at,
        known_at=evidence.known.instant,
        known_seq=evidence.known.seq,
        funnel=tuple(_funnel(view) for view in views),
        performance=tuple(_performances(evidence, views, told)),
        concentration=tuple(_concentrations(evidence, views)),
        undrawn=tuple(undrawn_by_age(views, evidence.as_at)),
        liquidity_cover=_shown(liquidity_cover(evidence)),
        courses=tuple(courses(evidence, views, told)),
        costs=tuple(_costs(evidence, views)),
    )


def _performances(
    evidence: Evidence, views: Sequence[FacilityView], told: dict[str, Flows]
) -> Iterable[PerformanceLine]:
    def grouped(group: str, of: Callable[[FacilityView], str], name: Callable[[str], str]) -> Iterable[PerformanceLine]:
        parts: defaultdict[str, list[Flows]] = defaultdict(list)
        for view in views:
            if told[view.id].dated:
                parts[of(view)].append(told[view.id])
        for key in sorted(parts):
            yield performance(group, key, name(key), together(parts[key]), evidence.as_at)

    names = {view.id: view.name for view in views}
    yield performance("all", "all", "The whole portfolio", together(told.values()), evidence.as_at)
    for year, some in by_vintage(evidence).items():
        key, name = vintage_of(year)
        yield performance("vintage", key, name, together(told[view.id] for view in some), evidence.as_at)
    yield from grouped(
        "intermediary", lambda view: view.intermediary, lambda key: evidence.knowledge.names.get(key, key)
    )
    yield from grouped("facility", lambda view: view.id, lambda key: names[key])


def by_vintage(evidence: Evidence) -> dict[int | None, list[FacilityView]]:
    """Facilities under which cash moved, by the year in which the bank first paid; last those where it never did."""
    parts: defaultdict[int | None, list[FacilityView]] = defaultdict(list)
    for view in evidence.facilities:
        if evidence.flows[view.id].dated:
            parts[evidence.flows[view.id].vintage].append(view)
    return dict(sorted(parts.items(), key=lambda item: (item[0] is None, item[0] or 0)))


def vintage_of(year: int | None) -> tuple[str, str]:
    """How a vintage is keyed and called."""
    return ("unpaid", "Nothing paid in yet") if year is None else (str(year), str(year))


def _funnel(view: FacilityView) -> FunnelLine:
    figures = view.figures
    return FunnelLine(
        of=view.id,
        name=view.name,
        in_principle=figures.awaiting_signature,
        signed=figures.signed,
        drawn=figures.drawn,
        signed_with_match=figures.signed_with_match,
        drawn_with_match=figures.drawn_with_match,
    )


def at_risk(evidence: Evidence) -> dict[str, Money]:
    """What is promised, guaranteed, lent and invested in each facility, by the bank's book."""
    found: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for leg in evidence.books.legs(_BANK):
        root, _, below = leg.account.partition(":")
        if below and root in AT_RISK and leg.effective_on <= evidence.as_at:
            found[below.partition(":")[0]] += leg.amount
    for each in evidence.knowledge.lapsed(evidence.as_at).values():
        found[each.facility] -= each.no_more + each.in_principle
    return dict(found)


def _concentrations(evidence: Evidence, views: Sequence[FacilityView]) -> Iterable[ConcentrationLine]:
    exposed = at_risk(evidence)
    total = Money.total(exposed.get(view.id, NOTHING) for view in views)
    for group, of in (("intermediary", "intermediary"), ("product", "product")):
        sums: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
        for view in views:
            sums[getattr(view, of)] += exposed.get(view.id, NOTHING)
        for key, amount in sorted(sums.items(), key=lambda item: (-item[1].pence, item[0])):
            name = PRODUCTS.get(key) or evidence.knowledge.names.get(key, key)
            yield ConcentrationLine(group=group, of=key, name=name, at_risk=amount, share=_times(amount, total))
    for region, amount in _by_region(evidence, views, exposed):
        yield ConcentrationLine(group="region", of=region, name=region, at_risk=amount, share=_times(amount, total))


def _by_region(
    evidence: Evidence, views: Sequence[FacilityView], exposed: Mapping[str, Money]
) -> Iterable[tuple[str, Money]]:
    """What is at risk by region, largest first; what lies in no known region is the last of them, however large."""
    lent_on, marks = (
        at_the_front_line(evidence.states),
        profiles(evidence.session, [view.id for view in views], evidence.known),
    )
    sums: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for view in views:
        meant_for = marks[view.id].region if view.id in marks else None
        for region, amount in placed(exposed.get(view.id, NOTHING), lent_on.get(view.id, {}), meant_for).items():
            sums[region] += amount
    return sorted(sums.items(), key=lambda item: (item[0] == NOT_KNOWN, -item[1].pence, item[0]))


def undrawn_by_age(views: Iterable[FacilityView], as_at: date) -> Iterable[UndrawnLine]:
    """What is signed and undrawn, by how long ago it was signed."""
    waiting = [(view, (as_at - view.signed_on).days) for view in views if view.signed_on and view.figures.undrawn]
    least = 0
    for most, words in AGES:
        these = [view for view, days in waiting if days >= least and (most is None or days <= most)]
        yield UndrawnLine(age=words, facilities=len(these), undrawn=Money.total(view.figures.undrawn for view in these))
        least = 0 if most is None else most + 1


def liquidity_cover(evidence: Evidence) -> Fraction | None:
    """Cash and treasury to undrawn commitments, guarantees, uncalled capital and the costs of the year to the day."""
    liquid, promised, costs = NOTHING, NOTHING, NOTHING
    for leg in evidence.books.legs(_BANK):
        if leg.effective_on > evidence.as_at:
            continue
        root = leg.account.partition(":")[0]
        liquid += leg.amount if root in LIQUID else NOTHING
        promised += leg.amount if root in PROMISED else NOTHING
        costs += leg.amount if root == "5100" and leg.effective_on > evidence.as_at - _YEAR else NOTHING
    promised -= Money.total(each.no_more for each in evidence.knowledge.lapsed(evidence.as_at).values())
    return cover(liquid, promised + costs)


def courses(evidence: Evidence, views: Sequence[FacilityView], told: dict[str, Flows]) -> Iterable[CourseLine]:
    """The days each facility took to its first money."""
    asked = enquired_on(evidence.session)
    for view in views:
        out = [day for day, amount in told[view.id].dated if amount < NOTHING]
        first = min(out, default=None)
        since = asked.get(view.id)
        yield CourseLine(
            facility=view.id,
            name=view.name,
            intermediary=view.intermediary,
            enquired_on=since,
            proposed_on=view.proposed_on,
            first_money_on=first,
            days_from_enquiry=(first - since).days if first is not None and since is not None else None,
            days_from_proposal=None if first is None else (first - view.proposed_on).days,
        )


def _costs(evidence: Evidence, views: Sequence[FacilityView]) -> Iterable[CostLine]:
    apart = costs_apart(evidence, views)
    for who in dict.fromkeys(view.intermediary for view in views):
        drawn = Money.total(view.figures.drawn for view in views if view.intermediary == who)
        costs, charged = apart(who)
        held = evidence.books.balance(Selection(who, ("1000",)), evidence.as_at)
        yield CostLine(
            intermediary=who,
            name=evidence.knowledge.names.get(who, who),
            drawn=drawn,
            costs=costs,
            charged=charged,
            held=held,
            cost_share=_times(costs, drawn),
            held_share=_times(held, drawn),
        )


def _times(part: Money, whole: Money) -> Decimal | None:
    return _shown(cover(part, whole))


def _shown(ratio: Fraction | None) -> Decimal | None:
    if ratio is None:
        return None
    return (Decimal(ratio.numerator) / Decimal(ratio.denominator)).quantize(_PLACES)


_FORMULAS: Final = {
    "dpi": "cash that came back under facilities to cash paid under them, account 1000 of the bank's book",
    "rvpi": "what is left under facilities, accounts 12xx and 13xx of the bank's book, to cash paid under them",
    "tvpi": "what came back and what is left under facilities to cash paid under them",
    "xirr": "the yearly rate, Actual/365, at which the cash under facilities and what is left on the day balance",
    "largest_share": "the largest sum at risk with one intermediary to all at risk, by the bank's book",
    "undrawn_over_a_year": "accounts 9100 and 9130 of facilities signed more than 365 days before the day",
    "liquidity_cover": "accounts 1000 and 11xx to accounts 9100, 9120, 9130 and a year of account 5100",
    "days_to_money": "the middle of the days from enquiry to first drawdown, over facilities that have both",
    "cost_of_intermediation": "account 5300 over every memorandum book, less what the bank charged, to what was drawn",
}


_RESTS_ON: Final[Mapping[str, tuple[Selection, ...]]] = {
    "rvpi": (HELD,),
    "tvpi": (HELD,),
    "xirr": (HELD,),
    "largest_share": (Selection(_BANK, AT_RISK),),
    "undrawn_over_a_year": (FOLDS["undrawn"][0],),
    "liquidity_cover": (Selection(_BANK, (*LIQUID, *PROMISED, "5100")),),
    "days_to_money": (FOLDS["drawn"][0],),
    "cost_of_intermediation": (FOLDS["costs"][0], FOLDS["drawn"][0]),
}
"""The postings behind each; those of cash under facilities are told one by one."""
_OF_FLOWS: Final = frozenset({"dpi", "rvpi", "tvpi", "xirr"})


def of_the_portfolio(evidence: Evidence, code: str) -> Found:
    """One figure of the whole portfolio."""
    views = evidence.facilities
    value: Value
    coverage: Coverage | None = None
    reason = ""
    if code in _OF_FLOWS:
        line = performance("all", "all", "", together(evidence.flows.values()), evidence.as_at)
        value, reason = _of_performance(line, code)
    elif code == "days_to_money":
        value, coverage = _days_to_money(evidence, views)
    else:
        value = _PLAIN[code](evidence)
    formula = f"{_FORMULAS[code]}{f' (not known: {reason})' if reason else ''}"
    return Found(
        measure=MEASURES[code], value=value, provenance=_provenance(evidence, code, formula), coverage=coverage
    )


def _provenance(evidence: Evidence, code: str, formula: str) -> Provenance:
    """The entries that a figure rests on: of cash, those that moved it under facilities and no others."""
    rests_on = _RESTS_ON.get(code, ())
    if code not in _OF_FLOWS:
        return evidence.provenance(formula, rests_on, calculated=True)
    moved = together(evidence.flows.values()).seqs
    told = evidence.provenance(formula, rests_on, entries=moved, calculated=True)
    return told.model_copy(update={"book": _BANK, "accounts": ("1000", *told.accounts)})


def _of_performance(line: PerformanceLine, code: str) -> tuple[Value, str]:
    if code == "xirr":
        return None if line.xirr is None else Decimal(line.xirr).quantize(Decimal("0.000001")), line.reason
    return getattr(line, code), "" if line.paid_in else line.reason


def _days_to_money(evidence: Evidence, views: Sequence[FacilityView]) -> tuple[Value, Coverage]:
    told = evidence.flows
    drawn = [line for line in courses(evidence, views, told) if line.first_money_on is not None]
    known = sorted(line.days_from_enquiry for line in drawn if line.days_from_enquiry is not None)
    paid = {line.facility: told[line.facility].paid_in for line in drawn}
    return (
        known[(len(known) - 1) // 2] if known else None,
        Coverage(
            known=len(known),
            of=len(drawn),
            known_money=Money.total(paid[line.facility] for line in drawn if line.days_from_enquiry is not None),
            of_money=Money.total(paid.values()),
            what="facilities",
        ),
    )


def _largest(evidence: Evidence) -> Value:
    lines = [line for line in _concentrations(evidence, evidence.facilities) if line.group == "intermediary"]
    return lines[0].share if lines else None


def _over_a_year(evidence: Evidence) -> Value:
    return [line.undrawn for line in undrawn_by_age(evidence.facilities, evidence.as_at)][-1]


def _cost(evidence: Evidence) -> Value:
    lines = list(_costs(evidence, evidence.facilities))
    return _times(Money.total(line.costs for line in lines), Money.total(line.drawn for line in lines))


_PLAIN: Final[dict[str, Callable[[Evidence], Value]]] = {
    "largest_share": _largest,
    "undrawn_over_a_year": _over_a_year,
    "liquidity_cover": lambda evidence: _shown(liquidity_cover(evidence)),
    "cost_of_intermediation": _cost,
}
CODES: Final = tuple(_FORMULAS)
