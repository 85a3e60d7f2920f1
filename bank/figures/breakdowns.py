"""Onward lending to date from every side: by outcome, people, place, form, purpose and size, each with coverage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bank.figures.books import OUR_PRINCIPAL, THEIR_PRINCIPAL
from bank.figures.evidence import Evidence
from intermediaries.frontline.queries import UNTOLD
from intermediaries.frontline.rules import AssetLock, Basis
from intermediaries.loans.views import Lent, Placed
from intermediaries.outcomes.codes import (
    BENEFICIARY_GROUP,
    ELIGIBILITY_BASIS,
    LEGAL_FORM,
    OUTCOME_AREA,
    PLACE_BASIS,
    PURPOSE,
)
from intermediaries.outcomes.lists import CodeList
from intermediaries.places.areas import NATIONS, REGIONS, VANGUARD, index_on
from intermediaries.places.queries import rural_urban as places_held
from intermediaries.places.rules import NOT_AVAILABLE
from ledger.money import Money
from reports.figures import Coverage
from reports.statements.inputs import Breakdown, Onward, Slice

UNMATCHED: Final = "unmatched"
UNAVAILABLE: Final = "unavailable"
ELSEWHERE: Final = "elsewhere"

_NOT_MATCHED: Final = "Place not matched"
_NATION_CODES: Final = {"Wales": "W92000004", "Scotland": "S92000003", "Northern Ireland": "N92000002"}
_TENTHS: Final = tuple(str(tenth) for tenth in range(1, 11))

SIZES: Final[tuple[tuple[str, str, Money | None], ...]] = (
    ("under-10k", "Under £10,000", Money.parse("10000")),
    ("10k-25k", "£10,000 to £24,999", Money.parse("25000")),
    ("25k-50k", "£25,000 to £49,999", Money.parse("50000")),
    ("50k-100k", "£50,000 to £99,999", Money.parse("100000")),
    ("100k-250k", "£100,000 to £249,999", Money.parse("250000")),
    ("250k-500k", "£250,000 to £499,999", Money.parse("500000")),
    ("500k-up", "£500,000 and more", None),
)
"""Bands of the whole loan agreed, all lenders together: code, label, and where the next begins."""

_LOCKS: Final = {
    AssetLock.LOCKED: "Assets locked to the social purpose",
    AssetLock.UNLOCKED: "No lock on assets",
    AssetLock.NOT_KNOWN: "Not known from form, registrations or what was read",
}

Sorting = Callable[[Lent], str]


def onward(evidence: Evidence) -> Onward:
    """The five breakdowns that both statements print."""
    return Onward(
        outcome_areas=outcome_areas(evidence),
        beneficiary_groups=beneficiary_groups(evidence),
        nations=nations(evidence),
        regions=regions(evidence),
        deprivation=deprivation(evidence),
    )


def outcome_areas(evidence: Evidence) -> Breakdown:
    """By the area of life each loan is meant to change."""
    return _listed(evidence, "outcome-area", "Outcome area", OUTCOME_AREA, lambda state: state.outcome_area)


def beneficiary_groups(evidence: Evidence) -> Breakdown:
    """By the people each loan is meant to serve first."""
    return _listed(
        evidence, "beneficiary-group", "People served", BENEFICIARY_GROUP, lambda state: state.beneficiary_group
    )


def legal_forms(evidence: Evidence) -> Breakdown:
    """By the legal form of the borrower."""
    return _listed(evidence, "legal-form", "Legal form", LEGAL_FORM, lambda state: state.legal_form)


def purposes(evidence: Evidence) -> Breakdown:
    """By what each loan is for."""
    return _listed(evidence, "purpose", "Purpose", PURPOSE, lambda state: state.purpose)


def nations(evidence: Evidence) -> Breakdown:
    """By the nation where the loan is at work."""
    labels = {nation.lower().replace(" ", "-"): nation for nation in NATIONS} | {UNMATCHED: _NOT_MATCHED}
    return _sorted(
        evidence,
        "nation",
        "Nation",
        labels,
        lambda state: UNMATCHED if state.place.nation is None else state.place.nation.lower().replace(" ", "-"),
        formula="by the nation in which the place named in each loan's last return lies",
    )


def regions(evidence: Evidence) -> Breakdown:
    """By the nine regions of England and the three other nations, under their official codes."""
    names = {**REGIONS, **{code: nation for nation, code in _NATION_CODES.items()}}
    return _sorted(
        evidence,
        "region",
        "Region",
        names | {UNMATCHED: _NOT_MATCHED},
        lambda state: region_of(state.place),
        formula="by the region of England, or the other nation, in which the place named in the last return lies",
    )


def region_of(place: Placed) -> str:
    """The official code of a place's region; the other nations stand for themselves."""
    return place.region or _NATION_CODES.get(place.nation or "", UNMATCHED)


def vanguard(evidence: Evidence) -> Breakdown:
    """By the four vanguard areas, all other places together."""
    labels = {name.lower().replace(" ", "-"): name for name in VANGUARD.values()}
    return _sorted(
        evidence,
        "vanguard",
        "Vanguard area",
        labels | {ELSEWHERE: "Everywhere else", UNMATCHED: _NOT_MATCHED},
        _vanguard_of,
        formula="by the four local authorities named in July 2010 as vanguard areas",
    )


def _vanguard_of(state: Lent) -> str:
    if state.place.vanguard is not None:
        return state.place.vanguard.lower().replace(" ", "-")
    return UNMATCHED if state.place.local_authority is None else ELSEWHERE


def rural_urban(evidence: Evidence) -> Breakdown | None:
    """By the classes of the rural-urban classification of England and Wales; none where no list of it was held.

    Looked up as known then, by the neighbourhood that each loan's last return was placed in. The other nations have
    classifications of their own, which are never put on this scale: their loans stand as not available.
    """
    drawn = evidence.drawn
    held = places_held(evidence.session, {state.place.lsoa for state in drawn if state.place.lsoa}, evidence.known)
    if held is None:
        return None

    def class_of(state: Lent) -> str:
        if state.place.nation is not None and not held.covers(state.place.nation):
            return UNAVAILABLE
        return held.classes.get(state.place.lsoa or "", UNMATCHED)

    return _sorted(
        evidence,
        RURAL_URBAN,
        "Rural or urban",
        dict(sorted(held.titles.items()))
        | {UNMATCHED: "Not matched", UNAVAILABLE: "Not available: another nation's classification"},
        class_of,
        formula=f"by the class of the neighbourhood in {held.edition}, as known then",
        unknown=frozenset({UNAVAILABLE}),
        edition=held.edition,
        nation="England and Wales",
    )


def place_bases(evidence: Evidence) -> Breakdown:
    """By what the place of each loan is the place of: a registered office is seldom where a loan does its good."""
    return _listed(
        evidence, "place-basis", "What the place is the place of", PLACE_BASIS, lambda state: state.place_basis
    )


def sizes(evidence: Evidence) -> Breakdown:
    """By the whole amount agreed with the borrower."""
    return _sorted(
        evidence,
        "size",
        "Size of the whole loan",
        {code: label for code, label, _ in SIZES},
        lambda state: size_of(state.amount_committed),
        formula="by the whole amount agreed, all lenders together",
    )


def size_of(amount: Money) -> str:
    """The band of a whole loan."""
    return next(code for code, _, below in SIZES if below is None or amount < below)


def asset_locks(evidence: Evidence) -> Breakdown:
    """By whether what the borrower owns is locked to its social purpose."""
    held = evidence.bodies
    return _sorted(
        evidence,
        "asset-lock",
        "Asset lock",
        {str(lock): label for lock, label in _LOCKS.items()},
        lambda state: str(held.get(state.organisation, UNTOLD).lock.asset_lock),
        formula="by what form, registrations and recorded evidence tell of a lock on the borrower's assets",
        unknown=frozenset({str(AssetLock.NOT_KNOWN)}),
    )


def eligibility(evidence: Evidence) -> Breakdown:
    """By why the borrower may be lent dormant money."""
    held = evidence.bodies
    return _sorted(
        evidence,
        "eligibility",
        "Why the borrower is eligible",
        {_basis_code(basis): ELIGIBILITY_BASIS.title_of(basis) for basis in Basis},
        lambda state: _basis_code(held.get(state.organisation, UNTOLD).eligibility),
        formula="by whether form, register or a test of its constitution makes the borrower a social body",
        unknown=frozenset({_basis_code(Basis.UNDECIDED)}),
    )


def _basis_code(basis: Basis) -> str:
    """The code of a row: what nobody has decided is not known, as it is on every side."""
    return str(AssetLock.NOT_KNOWN) if basis is Basis.UNDECIDED else str(basis)


def deprivation(evidence: Evidence) -> tuple[Breakdown, ...]:
    """By tenth of deprivation: each nation by its own index and edition, never on one scale."""
    found = []
    for nation in NATIONS:
        inside = [state for state in evidence.drawn if state.place.nation == nation]
        for edition, some in _by_edition(evidence, nation, inside):
            found.append(_tenths(evidence, nation, edition, some))
    return tuple(found)


def _by_edition(evidence: Evidence, nation: str, inside: Sequence[Lent]) -> Iterator[tuple[str, Sequence[Lent]]]:
    """The loans of a nation by the edition in which their place was looked up, when their return was accepted.

    Those of returns that did not keep in which they had looked in vain go with the edition of the day.
    """
    current = index_on(evidence.as_at)
    usual = current.name if current.nation == nation else ""
    editions: defaultdict[str, list[Lent]] = defaultdict(list)
    for state in inside:
        editions[state.place.deprivation_index or usual].append(state)
    yield from sorted(editions.items())


def _tenths(evidence: Evidence, nation: str, edition: str, states: Sequence[Lent]) -> Breakdown:
    code = "-".join(("deprivation", *nation.lower().split(), *edition.lower().removeprefix(nation.lower()).split()[1:]))
    return _sorted(
        evidence,
        code,
        f"Tenth of areas in {nation}",
        {tenth: tenth for tenth in _TENTHS} | {UNMATCHED: "Not matched", UNAVAILABLE: "Not available"},
        _tenth_of,
        formula=f"by the published tenth of the neighbourhood in {edition}, 1 the most deprived"
        if edition
        else "no index of deprivation of this nation was held, so no loan has a tenth",
        unknown=frozenset({UNAVAILABLE}),
        states=states,
        edition=edition or "No index held",
        nation=nation,
    )


def _tenth_of(state: Lent) -> str:
    if state.place.decile is not None:
        return str(state.place.decile)
    return UNAVAILABLE if state.place.deprivation_missing == NOT_AVAILABLE else UNMATCHED


def _listed(evidence: Evidence, code: str, title: str, scheme: CodeList, sorting: Sorting) -> Breakdown:
    """By a code list, in its own order; a code of another version stands after them as it was written."""
    labels = {one.code: one.title for one in scheme.codes}
    others = {sorting(state) for state in evidence.drawn} - set(labels)
    return _sorted(
        evidence,
        code,
        title,
        labels | {one: one for one in sorted(others)},
        sorting,
        formula=f"by {scheme.name} of each loan's last return",
        edition=f"List {scheme.version}",
        shown_empty=False,
    )


def _sorted(
    evidence: Evidence,
    code: str,
    title: str,
    labels: Mapping[str, str],
    sorting: Sorting,
    *,
    formula: str,
    unknown: frozenset[str] = frozenset(),
    states: Iterable[Lent] | None = None,
    edition: str = "",
    nation: str = "",
    shown_empty: bool = True,
) -> Breakdown:
    """Loans with anything drawn, put under the labels in their order. What is not known is a row, never left out."""
    groups: defaultdict[str, _Tally] = defaultdict(_Tally)
    for state in evidence.drawn if states is None else states:
        tally = groups[sorting(state)]
        tally.loans += 1
        tally.ours += state.drawn.pence
        tally.in_all += state.drawn_in_all.pence
    dark = unknown | {UNMATCHED}
    return Breakdown(
        code=code,
        title=title,
        slices=tuple(
            _slice(one, label, groups.get(one, _NOBODY))
            for one, label in labels.items()
            if one in groups or (shown_empty and one not in dark and groups)
        ),
        coverage=_covered([tally for one, tally in groups.items() if one not in dark], groups.values()),
        provenance=evidence.provenance(
            f"what was drawn on each onward loan to date, {formula}", [OUR_PRINCIPAL, THEIR_PRINCIPAL], reported=True
        ),
        edition=edition,
        nation=nation,
    )


@dataclass(slots=True)
class _Tally:
    """Loans under one label: how many, and what was drawn of our money and in all, in pence."""

    loans: int = 0
    ours: int = 0
    in_all: int = 0


_NOBODY: Final = _Tally()


def _covered(known: Sequence[_Tally], all_of: Collection[_Tally]) -> Coverage:
    """The coverage of loans that were added up already."""
    return Coverage(
        known=sum(one.loans for one in known),
        of=sum(one.loans for one in all_of),
        known_money=Money(sum(one.ours for one in known)),
        of_money=Money(sum(one.ours for one in all_of)),
    )


def _slice(code: str, label: str, tally: _Tally) -> Slice:
    return Slice(
        code=code,
        label=label,
        loans=tally.loans,
        ours=Money(tally.ours),
        others=Money(tally.in_all - tally.ours),
        kind="unmatched" if code == UNMATCHED else "unavailable" if code == UNAVAILABLE else "known",
    )


RURAL_URBAN: Final = "rural-urban"
"""The breakdown that is there once a list of the classification is held."""

BREAKDOWNS: Final[Mapping[str, Callable[[Evidence], Breakdown]]] = {
    "outcome-area": outcome_areas,
    "beneficiary-group": beneficiary_groups,
    "nation": nations,
    "region": regions,
    "vanguard": vanguard,
    "place-basis": place_bases,
    "legal-form": legal_forms,
    "asset-lock": asset_locks,
    "eligibility": eligibility,
    "purpose": purposes,
    "size": sizes,
}
"""By code; deprivation stands beside them, one for each nation and edition."""
