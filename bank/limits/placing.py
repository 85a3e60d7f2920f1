"""In which region money at risk is at work: where the front line says, then where its facility is for, or not known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from bank.treasury.rules import BadTerms
from intermediaries.loans.views import Lent, Placed
from intermediaries.places.areas import NATIONS, REGIONS
from ledger.money import NOTHING, Money, split

NOT_KNOWN: Final = "not known"
"""A region of its own: what lies in it is counted, never left out."""


PLACES: Final = (*REGIONS.values(), *(nation for nation in NATIONS if nation != "England"))
"""Where money may be at work: the regions of England, and each other nation as one."""


def sound_region(name: str | None) -> str | None:
    """A region by its name, or none told; refuses one that there is not, for no limit would ever find it."""
    if name is not None and name not in PLACES:
        raise BadTerms(f"There is no region {name!r:.60}: it is one of {', '.join(PLACES)}", found=name[:60])
    return name


def region_of(place: Placed) -> str:
    """The region of England in which a loan is at work, or another nation; not known where its place is not matched."""
    if place.region is not None:
        return REGIONS.get(place.region, place.region)
    return NOT_KNOWN if place.nation in {None, "England"} else str(place.nation)


def at_the_front_line(states: Iterable[Lent]) -> dict[str, dict[str, Money]]:
    """What borrowers owe of the bank's money, for each facility by region."""
    found: defaultdict[str, defaultdict[str, Money]] = defaultdict(lambda: defaultdict(lambda: NOTHING))
    for state in states:
        if state.outstanding:
            found[state.facility][region_of(state.place)] += state.outstanding
    return {facility: dict(parts) for facility, parts in found.items()}


def placed(exposure: Money, lent_on: Mapping[str, Money], meant_for: str | None) -> dict[str, Money]:
    """What is at risk in a facility, by region, to the penny.

    What was lent on is where its borrowers are, at most all that is at risk; what is left is where the facility is
    meant for, if that is recorded.
    """
    found: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    there = {region: amount for region, amount in sorted(lent_on.items()) if amount > NOTHING}
    whole = Money.total(there.values())
    if whole > exposure and there:
        parts = split(max(exposure, NOTHING), [amount.pence for amount in there.values()])
        there = dict(zip(there, parts, strict=True))
    for region, amount in there.items():
        found[region] += amount
    found[meant_for or NOT_KNOWN] += exposure - Money.total(there.values())
    return {region: amount for region, amount in found.items() if amount}
