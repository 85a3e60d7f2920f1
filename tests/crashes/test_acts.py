"""Those who look after a crash see what a crash can do: each loss and each half act is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from bank.wiring import OPERATOR
from ledger.dates import SetClock
from ledger.store import confinement
from ledger.store.database import Database
from ledger.store.work import Desk
from tests.crashes.acts import CLOSING, NOW, Client, Course, Found, do, found

COURSE = Course("looking", "client", 5, 0.5, ways=("command",), closing=CLOSING)


@pytest.fixture
def client(database: Database, clock: SetClock) -> Client:
    """A client whose acts were all done and answered."""
    clock.set(NOW)
    told = Client(COURSE.acts(10))
    for act in told.acts:
        told.answers[act.key] = do(Desk(database, OPERATOR), act)
    return told


def look(database: Database, client: Client) -> Found:
    with database.reading() as session:
        return found(lambda question: [tuple(row) for row in session.execute(text(question))], [client])


def unguarded(database: Database, *statements: str) -> None:
    """Run statements with every trigger and reference out of the way."""
    with (
        database.engine.connect().execution_options(writing=True) as connection,
        connection.begin(),
        confinement.lifted(connection),
    ):
        if database.dialect == "sqlite":
            names = connection.execute(text("SELECT name FROM sqlite_schema WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f'DROP TRIGGER "{name}"'))
            connection.execute(text("PRAGMA defer_foreign_keys = 1"))
        else:
            for table in ("entry", "posting", "trail", "journal_head", "key_claim"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))


def test_a_sound_bank_gives_no_cause_for_complaint(database: Database, client: Client) -> None:
    seen = look(database, client)
    assert (seen.faults, seen.there, seen.answered) == ([], 10, 10)


def test_an_act_that_was_answered_and_is_not_there_is_lost(database: Database, client: Client) -> None:
    client.acts.append(COURSE.act(10))
    client.answers["client/10"] = client.answers["client/0"]
    assert look(database, client).lost == ["client/10 was answered and is not there"]


def test_an_act_nobody_was_answered_may_be_there_or_not(database: Database, client: Client) -> None:
    client.acts.append(COURSE.act(10))
    del client.answers["client/9"]
    assert look(database, client).faults == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM posting WHERE entry_id = 1 AND leg = 1", "client/0 is there with other content"),
        (
            "UPDATE posting SET amount = amount + 1 WHERE entry_id = 1 AND leg = 1",
            "client/0 is there with other content",
        ),
        ("UPDATE entry SET key = 'strange' WHERE seq = 1", "strange is there, and nobody sent it"),
        ("DELETE FROM trail WHERE subject = 'client/2'", "half of client/2 is there"),
        ("DELETE FROM key_claim WHERE key = 'client/6'", "half of client/6 is there"),
        ("UPDATE journal_head SET seq = seq - 1", "the head says"),
        ("UPDATE entry SET seq = seq + 1000 WHERE seq = 2", "the places are not dense"),
    ],
)
def test_what_is_half_there_or_changed_is_told(database: Database, client: Client, damage: str, told: str) -> None:
    unguarded(database, damage)
    assert any(told in fault for fault in look(database, client).broken)


def test_an_answer_of_another_place_is_told(database: Database, client: Client) -> None:
    given = client.answers["client/0"]
    client.answers["client/0"] = given.model_copy(update={"places": [place + 1 for place in given.places]})
    assert any("stands elsewhere" in fault for fault in look(database, client).broken)


def test_an_act_there_without_the_one_before_it_is_told(database: Database, client: Client) -> None:
    moved = replace(client, acts=[COURSE.act(10), *client.acts])
    assert any("before it is not" in fault for fault in look(database, moved).broken)
