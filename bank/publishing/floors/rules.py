"""Which floors there can be, and that a form without one is not issued."""

from __future__ import annotations

from typing import Final

from bank.publishing.rules import PUBLIC, TRUSTEES, Form, sound_form
from ledger.refusals import Malformed, NotFound, Refusal

FLOORED: Final[tuple[Form, ...]] = (TRUSTEES, PUBLIC)
"""The forms that withhold anything; the whole one has no floor."""
LEAST: Final = 2
MOST: Final = 1_000


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


def sound_floor(form: str, fewest: int) -> Form:
    """The form that the floor is for; refuses one that withholds nothing, and a floor that hides none or all."""
    found = sound_form(form)
    if found not in FLOORED:
        raise BadFloor(f"The {found} form withholds nothing: a floor is of the form {' or '.join(FLOORED)}")
    if not LEAST <= fewest <= MOST:
        raise BadFloor(f"A floor of {fewest} borrowers is none: it is from {LEAST} to {MOST}", found=fewest)
    return found
