"""What a holding is carried at beyond its cost: the values told, taken back with what is gone, never below nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from bank.allocations.products.shape import PER_HUNDRED, VALUED, Happened, Move, Position, moves
from bank.allocations.products.verbs import DISTRIBUTE
from ledger.money import NOTHING, Money


def wanting(past: Sequence[Happened]) -> dict[date, Money]:
    """What each day's value lacks in the books, or has too much, by all that is known of what happened when.

    A value is of the end of its day, with everything of that day in it; a price is of all the face value held then.
    The order in which the facts came does not matter: of two values told for one day the later told counts, what a
    late fact changes before a value is put right at that value, and what was sold or lost since takes its part of the
    value as it is known now.
    """
    lacking: dict[date, Money] = {}
    cost = beyond = made = NOTHING
    for day, facts in groupby(sorted(past, key=lambda one: one.on), key=lambda one: one.on):
        of_day = list(facts)
        for one in of_day:
            beyond -= _goes_with(one, cost, beyond)
            cost += one.cost
        told = [one for one in of_day if one.value is not None]
        beyond = _worth(told[-1], cost) - cost if told else max(beyond, -cost)
        made += Money.total(one.unrealised for one in of_day)
        lacking[day] = beyond - made
        made = beyond
    return {day: amount for day, amount in lacking.items() if amount}


def _goes_with(one: Happened, held: Money, beyond: Money) -> Money:
    """What of the value beyond cost goes with what happened: a gain distributed, or the part that was sold or lost."""
    if one.verb == DISTRIBUTE.name:
        return gain_realised(Money.parse(one.told.get("gain", "0.00")), beyond)
    return beyond.times(part_of(-one.cost, held)) if one.cost < NOTHING else NOTHING


def gain_realised(gain: Money, beyond: Money) -> Money:
    """The unrealised gain that a distributed gain makes real."""
    return max(min(gain, beyond), NOTHING)


def part_of(gone: Money, held: Money) -> Fraction:
    """Which part of what is held is gone: all of it at the most."""
    return Fraction(gone.pence, held.pence) if gone < held else Fraction(1)


def beyond_cost(position: Position) -> Money:
    """What is carried beyond cost on the day of what happens."""
    return Money.total(one.unrealised for one in position.past if one.on <= position.on)


def realised(position: Position, unrealised: str, gone: Money) -> tuple[Move, ...]:
    """The revaluation of a part that is gone, taken back: its gain or loss stands elsewhere now, as made."""
    if not unrealised:
        return ()
    held = Money.total(one.cost for one in position.past if one.on <= position.on)
    return taken_back(unrealised, beyond_cost(position).times(part_of(gone, held)))


def taken_back(unrealised: str, gone: Money) -> tuple[Move, ...]:
    """An unrealised gain, or an unrealised loss below nothing, that is unrealised no more."""
    return moves(
        Move("4050:", unrealised, max(gone, NOTHING), VALUED, "Unrealised gain taken back"),
        Move(unrealised, "5020:", max(-gone, NOTHING), VALUED, "Unrealised loss taken back"),
    )


def _worth(valued: Happened, held: Money) -> Money:
    """What a value told of a day comes to, by all that is known now to be held then."""
    if PER_HUNDRED not in valued.told:
        return valued.value or NOTHING
    return held.times(Decimal(valued.told[PER_HUNDRED]) / 100)
