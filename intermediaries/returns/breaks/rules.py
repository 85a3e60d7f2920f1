"""How old a break is: where it was first seen, and how long it stood, however often it was named anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ledger.dates import Quarter
from ledger.money import NOTHING, Money


@dataclass(frozen=True, slots=True)
class Named:
    """One break as far as its age goes.

    `lacking` is what of it is in no book and nobody's: unexplained, or told of and not posted. `cleared_at` is when
    the difference was gone, `answered_at` when the last of it was explained; none while that has not happened.
    `counts` is whether its return is still the one that counts for its quarter.
    """

    id: str
    facility: str
    kind: str
    quarter: Quarter
    counts: bool
    opened_at: datetime
    lacking: Money
    cleared_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Age:
    """Where a break was first seen, and how long it stood: whole days, and ends of quarters at which it was seen."""

    root: str
    chain: tuple[str, ...]
    quarter: Quarter
    seen_at: datetime
    days: int
    quarters: int


def ages(named: Iterable[Named], until: datetime) -> dict[str, Age]:
    """The age of each break, up to an instant or to when nothing of it was left unexplained.

    A break goes on from another of its facility and kind: from one of the same quarter that was named anew, in the act
    that cleared it because its amount changed, or by a correction under which the money still lacks; and from one of
    the quarter before of which something is still in no book, for what was said to be on its way and has not come is
    the same money.
    """
    told = sorted(named, key=lambda one: (one.quarter, one.opened_at, one.id))
    chains: dict[str, tuple[str, ...]] = {}
    by_id = {one.id: one for one in told}
    for one in told:
        before = _before(one, told)
        chains[one.id] = (*(chains[before.id] if before is not None else ()), one.id)
    return {one: _age(by_id, chain, until) for one, chain in chains.items()}


def _before(one: Named, told: Iterable[Named]) -> Named | None:
    """The break that this one goes on from; rather one of its own quarter, and of several the latest."""
    found = None
    for other in told:
        if (other.facility, other.kind) != (one.facility, one.kind) or other.opened_at >= one.opened_at:
            continue
        lacks = other.lacking > NOTHING
        renamed = other.cleared_at == one.opened_at or (lacks and not other.counts)
        carried = other.quarter == one.quarter.previous and lacks and other.counts
        if carried or (other.quarter == one.quarter and renamed):
            found = other
    return found


def _age(by_id: Mapping[str, Named], chain: tuple[str, ...], until: datetime) -> Age:
    root, last = by_id[chain[0]], by_id[chain[-1]]
    ended = last.cleared_at or last.answered_at or until
    seen = min(by_id[one].opened_at for one in chain)
    return Age(
        root=root.id,
        chain=chain,
        quarter=root.quarter,
        seen_at=seen,
        days=max((min(ended, until).date() - seen.date()).days, 0),
        quarters=len({by_id[one].quarter for one in chain}),
    )
