"""What many cuts of the power came to: how many lost an answered act or broke something, and a few of them told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from tests.crashes.acts import Found
from tests.crashes.disk import Loss

MOST_SHOWN: Final = 5


@dataclass(slots=True)
class Tally:
    """What is counted of every cut, whatever the database."""

    cuts: int = 0
    in_doubt: int = 0
    answered: int = 0
    lost: int = 0
    lost_acts: int = 0
    broken: int = 0
    seconds: float = 0.0
    by_loss: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, seen: Found, loss: Loss, where: str) -> None:
        """Count one cut."""
        self.cuts += 1
        self.answered += seen.answered
        self.lost += bool(seen.lost)
        self.lost_acts += len(seen.lost)
        self.broken += bool(seen.broken)
        if seen.faults:
            self.by_loss[loss] += 1
            if len(self.examples) < MOST_SHOWN:
                self.examples.append(f"{where}, {loss}: {'; '.join(seen.faults)[:300]}")

    def told(self, whole: str) -> str:
        """The whole in a sentence, then each kind of loss and the examples, a line each."""
        return "\n  ".join([whole, *(f"{loss}: {count}" for loss, count in self.by_loss.items()), *self.examples])
