"""What PostgreSQL refuses of an entry that is to wait for its place: also amounts that are written in another way.

The guard reads an amount as a number, and 1e13 is one; whoever reads the text again takes it for none. Such a row would
be counted at once, could never be placed, and would hold its quarter open for good. So each leg has to be two texts, an
account's code and pounds and pence. It is asked last, of a text that is sound in all else.

What has been part of a migration is history: it is never edited, only followed by a new one.
"""

from __future__ import annotations

from typing import Final

from ledger.store.guards_of_waiting import FUNCTIONS as BEFORE

_NAME: Final = "books_waiting_is_sound()"
_LEGS: Final = r'^\[(?:\["[^"]+", "-?(?:0|[1-9][0-9]*)\.[0-9][0-9]"\](?:, |\]$))+$'
"""Legs as the server writes lists of two texts, in as few words as it takes: each counts in what the guard costs.

That an account is there and that the debits keep to the limit, which bounds the figures of every amount of an entry
that balances, has been seen before.
"""

_NUMERALS: Final = rf"""
      IF (told.others::text ~ '{_LEGS}') IS NOT TRUE THEN
        RAISE EXCEPTION 'books: an amount is written in pounds and pence, as 12.34' USING ERRCODE = 'check_violation';
      END IF;
"""
_QUARTERS: Final = "      IF told.decided THEN\n"

FUNCTIONS: Final = {_NAME: BEFORE[_NAME].replace(_QUARTERS, _NUMERALS.lstrip("\n") + _QUARTERS)}
"""By its signature, for a function made again has to be told again where it looks for tables."""
