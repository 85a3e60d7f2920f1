"""How large a run is: the sizes that the targets speak of, or small ones that only show that everything works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """What each work does how often."""

    posts: int
    """Posts in one round of W1 and W6."""
    rounds: int
    clients: int
    crowd_rounds: int
    crowd_seconds: float
    """How long one round of W2 lasts."""
    bulk: int
    """Entries in the one act of W3."""
    bulk_rounds: int
    book: int
    """Entries of the long book: half as many as its postings."""
    act: int
    """Entries in each act that builds it."""
    late: int
    """Back-dated entries that come after."""
    looks: int
    """Rounds of W4."""
    checks: int
    """Rounds of W7."""
    questions: int
    """Balances asked for in W5, of each account."""


SIZES: Final = {
    "full": Size(
        posts=500,
        rounds=9,
        clients=8,
        crowd_rounds=3,
        crowd_seconds=4,
        bulk=100_000,
        bulk_rounds=3,
        book=500_000,
        act=25_000,
        late=100_000,
        looks=9,
        checks=3,
        questions=300,
    ),
    "small": Size(
        posts=10,
        rounds=2,
        clients=2,
        crowd_rounds=1,
        crowd_seconds=0.3,
        bulk=200,
        bulk_rounds=1,
        book=1_200,
        act=300,
        late=300,
        looks=1,
        checks=1,
        questions=10,
    ),
}
