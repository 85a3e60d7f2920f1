"""Chance that is always the same: a choice follows from the words it is asked with, on every machine, in any order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

_Choice = TypeVar("_Choice")


def below(limit: int, *words: object) -> int:
    """A whole number from 0 to below the limit."""
    digest = hashlib.sha256("\n".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % limit


def one_of(choices: Sequence[_Choice], *words: object) -> _Choice:
    """One of the choices, each as likely as another."""
    return choices[below(len(choices), *words)]


def weighted(choices: Sequence[tuple[_Choice, int]], *words: object) -> _Choice:
    """One of the choices, each as likely as its weight says."""
    left = below(sum(weight for _, weight in choices), *words)
    for choice, weight in choices:
        left -= weight
        if left < 0:
            return choice
    raise ValueError("nothing can be chosen among nothing")


def happens(percent: int, *words: object) -> bool:
    """Whether something happens that happens so often in a hundred."""
    return below(100, *words) < percent
