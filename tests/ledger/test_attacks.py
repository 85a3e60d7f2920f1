"""The books under attack by SQL: refused by the database, or done and then found by the check, as the table says."""

from __future__ import annotations

import pytest

from tests.ledger.attacks import ATTACKS, KINDS, NOWHERE, Attack
from tests.ledger.stage import Stage

CASES = [
    pytest.param(kind, attack, id=f"{kind}-{attack.name}")
    for kind in KINDS
    for attack in ATTACKS
    if kind in attack.kinds
]


@pytest.mark.parametrize(("scene", "attack"), CASES, indirect=["scene"])
def test_an_attack_is_refused_or_found(scene: Stage, attack: Attack) -> None:
    for person in attack.people:
        place = attack.place(scene.kind, person)
        outcome = scene.attempt(person, attack.sql)
        if place is None:
            assert outcome.refusal, f"{person} did it, and then: {outcome.verdict}"
        else:
            assert outcome.verdict is not None, f"{person} was refused: {outcome.refusal}"
            assert not outcome.verdict.holds, f"{person} did it unseen"
            assert (outcome.verdict.seq or NOWHERE) == place, f"{person}: {outcome.verdict.fault}"
