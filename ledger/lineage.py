"""Which pounds paid for which: money followed from where it came in, through every pool, to where it went.

Money in a pool is mixed, so every payment out of it takes from each layer in proportion to what the layer holds, in
whole pence by largest remainder, the earlier layer first on a tie. No penny is made, lost or divided on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ledger.money import NOTHING, Money, split
from ledger.refusals import Refusal


class Untraceable(Refusal):
    """Movements that money cannot have made."""

    slug = "untraceable"
    status = 422


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moves between pools; without a source it comes from outside, and without a target it leaves.

    Money from outside founds a layer under the movement's own key, and keeps that origin wherever it goes.
    """

    key: str
    source: str | None
    target: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the money of one origin: what each pool still holds, and what left with each movement."""

    held: Mapping[str, Money]
    left: Mapping[str, Money]


@dataclass(frozen=True, slots=True)
class Lineage:
    """The movements traced: what each was made of, what every pool holds, and what left for good; all by origin."""

    made_of: Mapping[str, Mapping[str, Money]]
    held: Mapping[str, Mapping[str, Money]]
    left: Mapping[str, Mapping[str, Money]]

    def behind(self, key: str) -> Mapping[str, Money]:
        """Backward: the origins of the money in one movement. Refuses a movement that was not traced."""
        if key not in self.made_of:
            raise Untraceable(f"no movement {key!r:.80} was traced: ask for one of those given", key=key)
        return self.made_of[key]

    def ahead(self, origin: str) -> Fate:
        """Forward: where the money of one origin is now, or with which movements it left."""
        return Fate(_parts_of(origin, self.held), _parts_of(origin, self.left))


def trace(movements: Iterable[Movement]) -> Lineage:
    """Follow the movements in the order given, which is the order in which they happened.

    Refuses a movement of nothing or less, one from nowhere to nowhere or from a pool to itself, a key used twice, and
    a payment of more than its pool holds.
    """
    made_of: dict[str, Mapping[str, Money]] = {}
    pools: dict[str, dict[str, Money]] = {}
    left: dict[str, Mapping[str, Money]] = {}
    for movement in movements:
        _check(movement, made_of)
        parts = {movement.key: movement.amount} if movement.source is None else _taken(movement, pools)
        made_of[movement.key] = parts
        if movement.target is None:
            left[movement.key] = parts
            continue
        layers = pools.setdefault(movement.target, {})
        for origin, amount in parts.items():
            layers[origin] = layers.get(origin, NOTHING) + amount
    return Lineage(made_of, pools, left)


def _taken(movement: Movement, pools: dict[str, dict[str, Money]]) -> dict[str, Money]:
    """Take the movement's amount from its source's layers, each in proportion, and drop the layers it empties."""
    layers = pools.get(movement.source or "", {})
    there = Money.total(layers.values())
    if there < movement.amount:
        raise Untraceable(
            f"movement {movement.key!r:.80} takes {movement.amount} from {movement.source!r:.80}, which holds {there}: "
            "give the movements that filled it first",
            key=movement.key,
            source=movement.source,
            held=there,
        )
    shares = split(movement.amount, [amount.pence for amount in layers.values()])
    parts = {origin: share for origin, share in zip(layers, shares, strict=True) if share}
    for origin, share in parts.items():
        layers[origin] -= share
        if not layers[origin]:
            del layers[origin]
    return parts


def _check(movement: Movement, seen: Mapping[str, object]) -> None:
    fault = ""
    if movement.amount <= NOTHING:
        fault = f"moves {movement.amount}; only a positive amount can be followed"
    elif movement.source == movement.target:
        fault = "begins where it ends; name two different places"
    elif movement.key in seen:
        fault = "is there twice; give each movement a key of its own"
    if fault:
        raise Untraceable(f"movement {movement.key!r:.80} {fault}", key=movement.key)


def _parts_of(origin: str, holdings: Mapping[str, Mapping[str, Money]]) -> dict[str, Money]:
    return {holder: parts[origin] for holder, parts in holdings.items() if origin in parts}
