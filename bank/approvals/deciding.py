"""One other person's word on a line of a table: it is approved, turned down, or withdrawn by whoever proposed it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from bank.approvals.rules import APPROVED, REJECTED, WITHDRAWN, Settled, said
from bank.people.rules import refuse_same_person


class Decidable(Protocol):
    """A line as proposed, and what became of it so far."""

    @property
    def id(self) -> str:
        """What the line is known by."""
        ...

    @property
    def proposed_by(self) -> str:
        """Who proposed it."""
        ...

    @property
    def decision(self) -> str | None:
        """What became of it; nothing yet while it waits."""
        ...

    @property
    def decided_by(self) -> str | None:
        """Who decided."""
        ...


class Word(NamedTuple):
    """A decision, and the reason that is kept with it."""

    decision: str
    reason: str


def word_on(proposed: Decidable, what: str, by: str, *, approve: bool, reason: str) -> Word:
    """What somebody's word makes of a line that was proposed.

    Refuses a line that was decided before, the proposer's own approval, and a word against it without a reason.
    """
    if proposed.decision is not None:
        raise Settled(f"The {what} {proposed.id} was {proposed.decision} by {proposed.decided_by}")
    own = proposed.proposed_by == by
    if approve:
        refuse_same_person(proposed.proposed_by, by, f"This {what}")
        return Word(APPROVED, reason.strip())
    return Word(WITHDRAWN if own else REJECTED, said(reason, f"why the {what} is not to be"))
