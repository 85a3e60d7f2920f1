"""The word of others on what somebody proposed: of as many persons as the table says, and never of the proposer."""

from __future__ import annotations

from collections.abc import Callable

from bank.approvals.commands import agreed, require_a_voice
from bank.people.rules import refuse_same_person
from ledger.agreeing import Proposed, refuse_ended, second
from ledger.money import NOTHING, Money
from ledger.store.work import Work


def heard(work: Work, proposed: Proposed, what: str, *, act: str, amount: Money = NOTHING) -> bool:
    """The actor agrees to a proposal; whether all have by now whose agreement it takes.

    While no rule is made for the act, one other fund manager's is all. Refuses whoever has no voice in it, the
    proposer, and what was approved or turned down before.
    """
    require_a_voice(work, act)
    refuse_same_person(proposed.proposed_by, work.actor.id, f"This {what}")
    refuse_ended(work, proposed, what)
    return agreed(work, act, proposed.id, amount, proposed.proposed_by)


def seconded(
    work: Work,
    proposed: Proposed,
    what: str,
    approval: Callable[..., object],
    *,
    act: str,
    action: str,
    amount: Money = NOTHING,
) -> None:
    """The same, and once all have agreed the proposal is approved, by whoever was the last of them."""
    if heard(work, proposed, what, act=act, amount=amount):
        second(work, proposed, what, approval, action=action)
