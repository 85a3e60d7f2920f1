"""What waits on a facility comes to its end with it."""

from __future__ import annotations

from bank.allocations.waiting.queries import undecided_on
from bank.approvals.commands import close_requests
from ledger.agreeing import turn_down
from ledger.queries import known
from ledger.store.work import Work


def close_waiting(work: Work, facility: str, reason: str) -> None:
    """Nothing waits any more on a facility that was turned down or taken back: all of it ends for the same reason.

    What was asked for on it, and what was proposed for it. The caller holds the facility.
    """
    close_requests(work, facility, reason)
    for act, proposed in undecided_on(work.session, facility, known(work.session)):
        turn_down(work, proposed, "proposal", reason, kind=act, subject=facility)
        close_requests(work, proposed.id, reason)
