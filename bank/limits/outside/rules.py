"""What of the bank's limits and of its people's reasons an intermediary is told: what is its own, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

OWN: Final = frozenset({"intermediary", "match", "ticket-least", "ticket-most"})
"""The kinds of limit that are read from the facility and its intermediary alone.

Every other is read from what the bank has with others too: less its own part, it tells theirs to the penny.
"""


class _Told(Protocol):
    @property
    def kind(self) -> str: ...

    @property
    def within(self) -> bool: ...


def of_others(readings: Iterable[_Told]) -> str:
    """What is told of the limits that are not the reader's own: that they were read and what came of it, no figure."""
    others = [one for one in readings if one.kind not in OWN]
    if not others:
        return ""
    kept = all(one.within for one in others)
    came = "and were kept" if kept else "and those not kept were accepted by those who decide"
    return f"The bank's limits on all it lends and holds were read with it too, {came}: their sums are the bank's own"


def told_outside(words: str, inside: frozenset[str]) -> str:
    """A note as an intermediary reads it: nothing, where it is a reason that is kept inside."""
    return "" if words.strip() in inside else words
