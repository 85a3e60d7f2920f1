"""That nobody approves what they themselves proposed."""

from __future__ import annotations

from ledger.refusals import Refusal


class SamePerson(Refusal):
    """Whoever proposes does not approve: four eyes, and they must belong to two people."""

    slug = "same-person"
    status = 409


def refuse_same_person(proposed_by: str, approver: str, what: str) -> None:
    """Pass when two people are involved; it is persons that are compared, not their keys or accounts."""
    if proposed_by == approver:
        raise SamePerson(
            f"{what} was proposed by you: another fund manager must approve it", proposed_by=proposed_by, by=approver
        )
