"""Which pounds paid for which: money followed from where it came in, through every pool, to where it went.

Money in a pool is mixed, so every payment out of it takes from each layer in proportion to what the layer holds, in
whole pence by largest remainder, the earlier layer first on a tie. No penny is made, lost or divided on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ledger.money import NOTHING, Money, split
from ledger.refusals import Refusal

Parts = Mapping[str, Money]


class Untraceable(Refusal):
    """Movements that money cannot have made."""

    slug = "untraceable"
    status = 422


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moves between pools; without a source it comes from outside, and without a target it leaves.

    Money from outside founds a layer under its `origin`, or under the movement's own key where none is told, and keeps
    that origin wherever it goes. A movement that `undoes` an earlier one brings back the very money of that, as far as
    it is there: what had left for good comes in again under its own origins, and has not left.
    """

    key: str
    source: str | None
    target: str | None
    amount: Money
    origin: str | None = None
    undoes: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the money of one origin: in what pools it is, with what movements it left, and what it settled."""

    held: Parts
    left: Parts
    settled: Parts


@dataclass(frozen=True, slots=True)
class Lineage:
    """The movements traced: what each was made of, what every pool holds, and what left for good; all by origin.

    Where a pool paid more than it held, the rest was `advanced` to it, under an origin of that name; what came into
    the pool afterwards first `settled` that, and went back to whoever had advanced it.
    """

    made_of: dict[str, Parts] = field(default_factory=dict)
    held: dict[str, dict[str, Money]] = field(default_factory=dict)
    left: dict[str, Parts] = field(default_factory=dict)
    settled: dict[str, dict[str, Money]] = field(default_factory=dict)
    advanced: dict[str, Money] = field(default_factory=dict)

    def behind(self, key: str) -> Parts:
        """Backward: the origins of the money in one movement. Refuses a movement that was not traced."""
        if key not in self.made_of:
            raise Untraceable(f"no movement {key!r:.80} was traced: ask for one of those given", key=key)
        return self.made_of[key]

    def ahead(self, origin: str) -> Fate:
        """Forward: where the money of one origin is now, or with which movements it left."""
        return Fate(_parts_of(origin, self.held), _parts_of(origin, self.left), _parts_of(origin, self.settled))


def trace(movements: Iterable[Movement], advancing: Callable[[str], str | None] = lambda _: None) -> Lineage:
    """Follow the movements in the order given, which is the order in which they happened.

    `advancing` names the origin of what is advanced to a pool that pays more than it holds; None where nobody would.
    Refuses a movement of nothing or less, one from nowhere to nowhere or from a pool to itself, a key used twice, and
    a payment of more than its pool holds and anybody would advance.
    """
    found = Lineage()
    for movement in movements:
        _check(movement, found.made_of)
        parts = (
            _come(movement, found) if movement.source is None else _taken(movement, movement.source, found, advancing)
        )
        found.made_of[movement.key] = parts
        if movement.target is None:
            found.left[movement.key] = parts
        else:
            _put(found, movement.target, _after_settling(found, movement.target, parts))
    return found


def _come(movement: Movement, found: Lineage) -> dict[str, Money]:
    """What comes in: a layer of its own origin, or what an undone movement had taken away."""
    had_left = found.left.get(movement.undoes, {})
    if Money.total(had_left.values()) == movement.amount:
        del found.left[movement.undoes]
        return dict(had_left)
    return {movement.origin or movement.key: movement.amount}


def _taken(movement: Movement, source: str, found: Lineage, advancing: Callable[[str], str | None]) -> dict[str, Money]:
    """Take the movement's amount from its source's layers, each in proportion, and drop the layers it empties.

    What undoes an earlier movement takes first what that one brought.
    """
    layers = found.held.setdefault(source, {})
    there = Money.total(layers.values())
    parts = _brought(found.made_of.get(movement.undoes, {}), layers)
    rest = min(there, movement.amount) - Money.total(parts.values())
    for origin, amount in _drawn(layers, rest).items():
        parts[origin] = parts.get(origin, NOTHING) + amount
    short = movement.amount - there
    if short > NOTHING:
        lender = advancing(source)
        if lender is None:
            raise Untraceable(
                f"movement {movement.key!r:.80} takes {movement.amount} from {source!r:.80}, which holds {there}: "
                "give the movements that filled it first",
                key=movement.key,
                source=source,
                held=there,
            )
        found.advanced[source] = found.advanced.get(source, NOTHING) + short
        parts[lender] = parts.get(lender, NOTHING) + short
    return parts


def _brought(parts: Parts, layers: dict[str, Money]) -> dict[str, Money]:
    """Take the parts out of the layers again, each as far as it is there."""
    again = {origin: min(amount, layers.get(origin, NOTHING)) for origin, amount in parts.items()}
    for origin, amount in again.items():
        if amount:
            layers[origin] -= amount
            if not layers[origin]:
                del layers[origin]
    return {origin: amount for origin, amount in again.items() if amount}


def _after_settling(found: Lineage, pool: str, parts: Parts) -> Parts:
    """What is left to put into a pool when what was advanced to it has been paid back out of what comes in."""
    owed = found.advanced.get(pool, NOTHING)
    if not owed:
        return parts
    left = dict(parts)
    back = _drawn(left, min(owed, Money.total(left.values())))
    settled = found.settled.setdefault(pool, {})
    for origin, amount in back.items():
        settled[origin] = settled.get(origin, NOTHING) + amount
    found.advanced[pool] = owed - Money.total(back.values())
    return left


def _drawn(layers: dict[str, Money], amount: Money) -> dict[str, Money]:
    """Draw an amount, no more than there is, from layers in proportion; what is empty then is no layer any more."""
    if not amount:
        return {}
    shares = split(amount, [held.pence for held in layers.values()])
    parts = {origin: share for origin, share in zip(layers, shares, strict=True) if share}
    for origin, share in parts.items():
        layers[origin] -= share
        if not layers[origin]:
            del layers[origin]
    return parts


def _put(found: Lineage, pool: str, parts: Parts) -> None:
    layers = found.held.setdefault(pool, {})
    for origin, amount in parts.items():
        layers[origin] = layers.get(origin, NOTHING) + amount


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


def _parts_of(origin: str, holdings: Mapping[str, Parts]) -> dict[str, Money]:
    return {holder: parts[origin] for holder, parts in holdings.items() if origin in parts}
