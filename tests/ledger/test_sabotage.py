"""Every control has its sabotage: with the control an attack is refused, and with just that control gone it succeeds.

The controls are those of the database's own catalogue, so that one without an attack is a failure here.
"""

# ruff: noqa: S608 -- what an owner could write, put together from SQL against the tests' own databases

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from ledger import queries
from ledger.acts import after_mark, after_quarter, chain_start
from ledger.merkle import Frontier
from ledger.seals import content_hash, seal_of
from ledger.store.database import Database
from ledger.store.tables import Mark, QuarterEvent
from ledger.verification import Checkpoint
from tests.ledger.attacks import APPLICATION, KINDS, LAST, OUTSIDER, OWNER, POWERS, SQLITE, Attack
from tests.ledger.controls import Trial, trials
from tests.ledger.stage import Stage

TRIALS = [
    pytest.param(kind, control, trial, id=f"{kind}-{control}")
    for kind in KINDS
    for control, trial in trials(kind).items()
]


@pytest.mark.parametrize(("scene", "control", "trial"), TRIALS, indirect=["scene"])
def test_what_a_control_stops_succeeds_without_it(scene: Stage, control: str, trial: Trial) -> None:
    standing = scene.attempt(trial.person, trial.sql, removing=scene.removal(*trial.beside), looking=False)
    assert standing.refusal

    fallen = scene.attempt(trial.person, trial.sql, removing=scene.removal(*trial.beside, control), looking=False)
    assert not fallen.refusal


def test_every_control_of_the_books_has_its_attack(scene: Stage) -> None:
    own_test = {"key_claim_keeps_first"}
    assert set(scene.controls()) - own_test == set(trials(scene.kind))


TAKEN_BY_THE_MIGHTY = [
    pytest.param(attack.kinds[0], attack, id=f"{attack.kinds[0]}-{attack.name}")
    for attack in POWERS
    if attack.people == (APPLICATION,)
]


@pytest.mark.parametrize(("scene", "attack"), TAKEN_BY_THE_MIGHTY, indirect=["scene"])
def test_what_the_application_may_not_do_is_not_refused_to_whoever_may(scene: Stage, attack: Attack) -> None:
    """So it is the right that is missing, and not the statement that is wrong."""
    outcome = scene.attempt(OWNER if scene.kind == SQLITE else OUTSIDER, attack.sql, looking=False)
    assert "not authorized" not in outcome.refusal
    assert "permission denied" not in outcome.refusal
    assert "must be owner" not in outcome.refusal


def forged_ever_deeper(scene: Stage) -> tuple[list[list[str]], Checkpoint]:
    """The last entry in other words: then with its seal, then with the log's root, then with the chain made anew.

    Each list is the statements that one more layer takes; beside them, a checkpoint that somebody kept before.
    """
    database = Database.open(scene.url)
    with database.reading() as session:
        journal = list(queries.entries(session))
        marks = session.execute(select(Mark.upto_seq, Mark.recorded_at, Mark.root).order_by(Mark.upto_seq)).all()
        events = session.scalars(select(QuarterEvent).order_by(QuarterEvent.id)).all()
        kept = queries.head(session)
    database.close()
    last = journal[-1]
    entry = replace(last.entry, description="forged")
    seal = seal_of(entry, last.seq, last.recorded_at, last.actor)
    grown = Frontier().extended([*(bytes.fromhex(one.seal) for one in journal[:-1]), seal])
    chain = chain_start()
    for upto_seq, recorded_at, root in marks:
        chain = after_mark(chain, upto_seq, recorded_at, grown.root() if upto_seq == last.seq else root)
        for event in (one for one in events if one.upto_seq == upto_seq):
            chain = after_quarter(chain, **as_act(event))
    where = f"WHERE seq = {last.seq}"
    top, frontier = scene.written(grown.root()), scene.written(grown.to_bytes())
    layers = [
        [f"UPDATE entry SET description = 'forged' {where}"],
        [f"UPDATE entry SET seal = {scene.written(seal)}, content_hash = {scene.written(content_hash(entry))} {where}"],
        [
            f"UPDATE mark SET root = {top} WHERE upto_seq = {last.seq}",
            f"UPDATE journal_head SET root = {top}, frontier = {frontier}",
        ],
        [f"UPDATE journal_head SET chain = {scene.written(chain)}"],
    ]
    return layers, Checkpoint(seq=kept.seq, root=kept.root)


def as_act(event: QuarterEvent) -> dict[str, Any]:
    names = ("ends_on", "state", "recorded_at", "actor", "upto_seq", "root", "trial_balance")
    return {name: getattr(event, name) for name in names} | {"event_id": event.id, "quarter": str(event.quarter)}


def test_each_hash_finds_what_the_one_beneath_it_was_made_to_hide(scene: Stage) -> None:
    """Seal, log, chain, and last the checkpoint that was kept elsewhere: without one of them a layer goes unseen."""
    layers, kept = forged_ever_deeper(scene)
    guards = scene.removal(*(name for name in scene.controls() if name[:3] not in {"pk_", "uq_", "fk_", "ck_"}))
    found = []
    for depth in range(1, len(layers) + 1):
        statements = [statement for layer in layers[:depth] for statement in layer]
        verdict = scene.attempt(OWNER, statements, removing=guards).verdict
        assert verdict is not None
        found.append((verdict.seq, verdict.fault))
    assert [seq for seq, _ in found] == [LAST, LAST, None, None]
    assert "is not what was sealed" in found[0][1]
    assert "the mark kept at this place has another root" in found[1][1]
    assert "chain of acts is another" in found[2][1]
    assert found[3][1] == ""

    everything = [statement for layer in layers for statement in layer]
    seen = scene.attempt(OWNER, everything, removing=guards, kept=kept).verdict
    assert seen is not None
    assert not seen.holds
    assert (seen.seq, "those of the checkpoint" in seen.fault) == (LAST, True)
