"""Whole numbers as they come from outside: how large they may be, so that every database and every loop takes them."""

from __future__ import annotations

from typing import Final

MOST_COUNTED: Final = 1_000_000_000
"""The most that is counted of anything told to us: accounts, months, parts. More than a country has of any of them, and
still a number that the columns of both databases hold."""

_PLACE_DIGITS: Final = 18
FARTHEST_PLACE: Final = 10**_PLACE_DIGITS - 1
"""The farthest place in the journal that can be named: beyond any journal, and a number that both databases hold."""


def place_in(text: str) -> int | None:
    """The place in the journal that a text names in plain digits; None where it names none, or none that could be."""
    plain = text.isascii() and text.isdigit() and len(text) <= _PLACE_DIGITS
    return int(text) if plain else None


def count_in(text: str) -> int | None:
    """How many of something a text says in plain digits; None where it says none, or more than is ever counted."""
    found = place_in(text)
    return None if found is None or found > MOST_COUNTED else found
