"""Which floors there can be, and that a form without one is not issued."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bank.publishing.rules import PUBLIC, TRUSTEES, Form, sound_form
from ledger.refusals import Malformed, NotFound, Refusal

FLOORED: Final[tuple[Form, ...]] = (TRUSTEES, PUBLIC)
"""The forms that withhold anything; the whole one has no floor."""
LEAST: Final = 2
MOST: Final = 1_000
HALF: Final = Decimal("0.5")
"""Less than this of a group's pounds, and hardly any group of a small bank could be told of."""


class BadFloor(Malformed):
    """A floor there cannot be."""

    slug = "bad-disclosure-floor"


class NoSuchFloor(NotFound):
    """No floor of this id."""

    slug = "no-such-disclosure-floor"


class NoFloor(Refusal):
    """A form that withholds small groups, and nobody has agreed yet what is small."""

    slug = "no-disclosure-floor"
    status = 409


def sound_floor(form: str, fewest: int, most_of_one: Decimal | None = None) -> Form:
    """The form that the floor is for; refuses one that withholds nothing, and a floor that hides none or all.

    How much of a group's pounds one borrower may be is said of the public form alone: the trustees' shows each loan.
    """
    found = sound_form(form)
    if found not in FLOORED:
        raise BadFloor(f"The {found} form withholds nothing: a floor is of the form {' or '.join(FLOORED)}")
    if not LEAST <= fewest <= MOST:
        raise BadFloor(f"A floor of {fewest} borrowers is none: it is from {LEAST} to {MOST}", found=fewest)
    if most_of_one is not None and found != PUBLIC:
        raise BadFloor(f"The {found} form tells of single loans: what one may be of a group is said of {PUBLIC}")
    if most_of_one is not None and not HALF <= most_of_one < 1:
        raise BadFloor(
            f"One borrower may be {most_of_one} of a group's pounds: it is a fraction from {HALF} up, below 1",
            found=str(most_of_one),
        )
    return found
