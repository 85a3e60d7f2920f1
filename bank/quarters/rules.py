"""Which gates of the close a reason can open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ledger.refusals import Malformed

INTEREST: Final = "interest"
MEMORANDUM: Final = "memorandum"
RETURN: Final = "return"
BREAK: Final = "break"
LAPSE: Final = "lapse"
BOOKS: Final = "books"

OWED: Final = ("2100", "2110")
"""What an intermediary's book owes the bank for a facility: for onward lending, and beside it."""

ACCEPTABLE: Final = frozenset({RETURN})
"""What may stay open when a reason is given: a late return is a fact of life, and figures then rest on the last one."""


class ReasonWanted(Malformed):
    """A reason that says nothing."""

    slug = "reason-wanted"


class NotOfTheBank(Malformed):
    """A person of an intermediary, where one of the bank is wanted."""

    slug = "not-of-the-bank"


def still_forbidding(found: Iterable[tuple[str, str]], reason: str) -> list[str]:
    """What still forbids the close, once a reason has been given: the sentences of the gates that it does not open."""
    opened = ACCEPTABLE if reason.strip() else frozenset()
    return [sentence for gate, sentence in found if gate not in opened]
