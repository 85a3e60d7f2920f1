"""The looks at lineage: any receipt forward and any loan backward, at every day and as known at any moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from bank.inflows.queries import InflowView, inflow, inflows
from bank.lineage.rules import (
    CASH,
    GRANTS,
    LENT,
    OWN_USE,
    PLACED,
    Flow,
    Outside,
    Part,
    Place,
    advanced_by,
    flows,
    on_loans,
    undone_by,
)
from bank.lineage.views import Backward, FacilityShare, Forward, LoanShare, Source, Stretch, Whereabouts
from intermediaries.loans.queries import portfolio
from intermediaries.loans.views import LoanState
from ledger.lineage import Lineage, trace
from ledger.money import NOTHING, Money
from ledger.queries import Known, books, known
from ledger.refusals import NotFound, Refusal
from ledger.store.database import ReadSession
from ledger.store.legs import legs

_LYING: Final[Mapping[str, str]] = {
    "reclaim-fund": "Kept by the reclaim fund",
    "distributor": "Held by the distributor",
    "trust": "Held by the trust",
    "bank": "The bank's cash",
}
_PLACED: Final = "Placed by the treasury"
_GRANTS: Final = "Grants held for others"
_ON_GUARANTEES: Final = "Paid on guarantees that were called"
_WITH: Final[Mapping[str, str]] = {
    CASH: "Cash held by intermediaries",
    LENT: "Out on onward loans",
    OWN_USE: "Put to intermediaries' own use",
}
_ADVANCED: Final = "Advanced by whoever held it"
_SETTLED: Final = "Kept by whoever had advanced it"


class NothingTraced(NotFound):
    """Nothing of this name that money could be followed from or to."""

    slug = "nothing-to-trace"


class SeveralLoans(Refusal):
    """A reference that loans of several intermediaries bear."""

    slug = "several-loans"
    status = 409


class _Where(NamedTuple):
    """A place or a way out, before what is there is added up."""

    what: str
    book: str
    account: str


@dataclass(slots=True)
class Traced:
    """Every flow of money by a day as known then, and what each was made of."""

    as_at: date
    known: Known
    flows: Sequence[Flow]
    lineage: Lineage
    receipts: Mapping[str, InflowView]
    loans: Mapping[str, LoanState]


def traced(session: ReadSession, as_at: date | None = None, at: Known | None = None) -> Traced:
    """The whole of the money, followed from the first receipt to a day, as known then."""
    then, day = at or known(session), as_at or session.now.date()
    receipts = {each.id: each for each in _receipts(session, then)}
    by_entry = {seq: each.id for each in receipts.values() for seq in each.seqs}
    postings = (leg for leg in legs(session, then.seq) if leg.effective_on <= day)
    found = flows(postings, books(session), by_entry)
    lineage = trace((flow.movement for flow in found), advanced_by)
    loans = {state.id: state for state in portfolio(session, day, then)}
    return Traced(day, then, found, lineage, receipts, loans)


def look_through(
    session: ReadSession, name: str, *, as_at: date | None = None, at: Known | None = None
) -> Forward | Backward:
    """Forward from a receipt (`inf_…`); backward from a loan (its id or its reference), an organisation or a facility.

    Refuses what is none of these by that day, as known then, and a reference that several intermediaries use.
    """
    if name.startswith("inf_"):
        inflow(session, name)
        return _forward(traced(session, as_at, at), name)
    whole = traced(session, as_at, at)
    found, what = meant(whole, name)
    return _backward(whole, name, found, what)


def _receipts(session: ReadSession, then: Known) -> Iterable[InflowView]:
    cursor = None
    while True:
        page = inflows(session, at=then, cursor=cursor, limit=500)
        yield from page.items
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def meant(whole: Traced, name: str) -> tuple[list[LoanState], str]:
    """The loans that a name means, and what they are in words."""
    kinds: list[tuple[Callable[[LoanState], str], str]] = [
        (lambda loan: loan.id, "loan"),
        (lambda loan: loan.loan_ref, "loan"),
        (lambda loan: loan.organisation, "organisation"),
        (lambda loan: loan.facility, "facility"),
    ]
    for of, what in kinds:
        found = [loan for loan in whole.loans.values() if of(loan) == name]
        if what == "loan" and len(found) > 1:
            ids = ", ".join(sorted(loan.id for loan in found))
            raise SeveralLoans(f"Several intermediaries have a loan {name!r:.60}: ask for one of {ids}")
        if found:
            return found, what
    raise NothingTraced(
        f"{name!r:.60} is no receipt, loan, organisation or facility with money in onward loans by {whole.as_at}, as "
        "known then: ask for an inf_…, lon_…, org_… or fac_… identifier, or a loan's reference"
    )


def _forward(whole: Traced, name: str) -> Forward:
    receipt = whole.receipts.get(name)
    if receipt is None or receipt.received_on > whole.as_at:
        raise NothingTraced(f"{name} had not been received by {whole.as_at}, as known then: ask for a later day")
    fate = whole.lineage.ahead(name)
    held = _gathered((_lying(Place.read(at)), amount) for at, amount in fate.held.items())
    by_key = {flow.key: flow for flow in whole.flows}
    ways_out = [(_gone(by_key[key]), amount) for key, amount in fate.left.items()]
    ways_out += [(_Where(_SETTLED, *Place.read(at)), amount) for at, amount in fate.settled.items()]
    left = _gathered(ways_out)
    return Forward(
        id=name,
        participant=receipt.participant_name,
        received_on=receipt.received_on,
        as_at=whole.as_at,
        known_at=whole.known.instant,
        known_seq=whole.known.seq,
        amount=receipt.amount,
        total_held=Money.total(each.amount for each in held),
        total_left=Money.total(each.amount for each in left),
        way=(*_way(held, gone=False), *_way(left, gone=True)),
        held=held,
        left=left,
        facilities=_facilities(whole, name),
        loans=_loans(whole, name),
    )


def _loans(whole: Traced, origin: str) -> tuple[LoanShare, ...]:
    moved = on_loans(whole.flows, whole.lineage)
    found = []
    for loan, by_origin in sorted(moved.items()):
        state, part = whole.loans.get(loan), by_origin.get(origin)
        if state is None or part is None:
            continue
        found.append(
            LoanShare(
                **{name: getattr(state, name) for name in _OF_LOAN},
                loan=loan,
                local_authority=state.place.local_authority_name or state.place.given,
                lent=part.lent,
                repaid=part.repaid,
                written_off=part.written_off,
                outstanding=part.outstanding,
            )
        )
    return tuple(found)


_OF_LOAN: Final = (
    *("loan_ref", "intermediary", "facility", "borrower_name", "status", "outcome_area", "beneficiary_group"),
)


def _facilities(whole: Traced, origin: str) -> tuple[FacilityShare, ...]:
    """What of one origin each facility had: by the flows between the bank and the intermediary's places for it."""
    drawn: defaultdict[tuple[str, str], Money] = defaultdict(lambda: NOTHING)
    back: defaultdict[tuple[str, str], Money] = defaultdict(lambda: NOTHING)
    undoing = undone_by(whole.flows)
    for flow in whole.flows:
        amount = whole.lineage.behind(flow.key).get(origin)
        if amount is None:
            continue
        source, target = _facility_of(flow.source), _facility_of(flow.target)
        if target and not source:
            undone = min(amount, back[target]) if flow.key in undoing else NOTHING
            back[target] -= undone
            drawn[target] += amount - undone
        elif source and not target and isinstance(flow.target, Place):
            undone = min(amount, drawn[source]) if flow.key in undoing else NOTHING
            drawn[source] -= undone
            back[source] += amount - undone
    held = {Place.read(at): amount for at, amount in whole.lineage.ahead(origin).held.items()}
    return tuple(
        FacilityShare(
            facility=facility,
            intermediary=book,
            drawn=drawn[book, facility],
            paid_back=back[book, facility],
            held=held.get(Place(book, f"{CASH}:{facility}"), NOTHING),
            own_use=held.get(Place(book, f"{OWN_USE}:{facility}"), NOTHING),
        )
        for book, facility in sorted(drawn)
    )


def _facility_of(place: Place | Outside) -> tuple[str, str] | None:
    """The intermediary's book and the facility of a place that is with an intermediary."""
    if not isinstance(place, Place) or place.book in _LYING:
        return None
    return place.book, place.account.split(":")[1]


def _backward(whole: Traced, name: str, loans: Sequence[LoanState], what: str) -> Backward:
    parts: defaultdict[tuple[str, str], Part] = defaultdict(Part)
    moved = on_loans(whole.flows, whole.lineage)
    for loan in loans:
        for origin, part in moved.get(loan.id, {}).items():
            into = parts[_named(whole, origin)]
            into.lent += part.lent
            into.repaid += part.repaid
            into.written_off += part.written_off
    sources = [_source(whole, origin, what, part) for (origin, what), part in parts.items()]
    return Backward(
        id=name,
        what=what,
        as_at=whole.as_at,
        known_at=whole.known.instant,
        known_seq=whole.known.seq,
        lent=Money.total(each.lent for each in sources),
        repaid=Money.total(each.repaid for each in sources),
        written_off=Money.total(each.written_off for each in sources),
        outstanding=Money.total(each.outstanding for each in sources),
        loans=tuple(sorted(loan.id for loan in loans)),
        sources=tuple(sorted(sources, key=lambda each: (each.received_on or date.max, each.origin, each.what))),
    )


def _named(whole: Traced, origin: str) -> tuple[str, str]:
    """A receipt by its id; other money by what it is called alone, whatever accounts it came by."""
    receipt = whole.receipts.get(origin)
    return (origin, f"Dormant money from {receipt.participant_name}") if receipt else ("", _called(origin))


def _source(whole: Traced, origin: str, what: str, part: Part) -> Source:
    return Source(
        origin=origin,
        what=what,
        received_on=whole.receipts[origin].received_on if origin else None,
        lent=part.lent,
        repaid=part.repaid,
        written_off=part.written_off,
        outstanding=part.outstanding,
    )


def _called(origin: str) -> str:
    """What money that is no receipt is called."""
    mark, _, rest = origin.partition("/")
    kind, _, root = rest.rpartition("/")
    return Outside(kind, root).words if mark == "outside" else f"{_ADVANCED}: {rest}"


def _lying(place: Place) -> _Where:
    return _Where(_at_home(place) if place.book in _LYING else _WITH[place.root], place.book, place.account)


def _at_home(place: Place) -> str:
    if place.root == CASH:
        return _LYING[place.book]
    return _PLACED if place.root in PLACED else _GRANTS if place.root == GRANTS else _ON_GUARANTEES


def _gone(flow: Flow) -> _Where:
    """The way out that a flow took: told by the account on the other side, and out of which book it went."""
    if not isinstance(flow.source, Place) or not isinstance(flow.target, Outside):
        raise TypeError(flow)
    return _Where(flow.target.words, flow.source.book, flow.target.root)


def _gathered(found: Iterable[tuple[_Where, Money]]) -> tuple[Whereabouts, ...]:
    """One line for each place or way out, in the order the money takes."""
    sums: defaultdict[_Where, Money] = defaultdict(lambda: NOTHING)
    for where, amount in found:
        sums[where] += amount
    rank = {book: number for number, book in enumerate(_LYING)}
    order = sorted(sums, key=lambda where: (rank.get(where.book, len(rank)), where.book, where.account, where.what))
    return tuple(
        Whereabouts(what=where.what, book=where.book, account=where.account, amount=sums[where]) for where in order
    )


def _way(lines: Iterable[Whereabouts], *, gone: bool) -> Iterator[Stretch]:
    sums: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for line in lines:
        sums[line.what] += line.amount
    return (Stretch(what=what, gone=gone, amount=amount) for what, amount in sums.items())
