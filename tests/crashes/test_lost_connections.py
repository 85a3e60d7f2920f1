"""A server that goes away and comes back is no reason to refuse anything for longer than it was away."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import text

from bank.wiring import OPERATOR
from ledger import commands, placing
from ledger.store.database import Database
from ledger.store.mishaps import ConnectionLost
from ledger.store.work import Desk
from tests.crashes.acts import Course

_SEND_OTHERS_AWAY = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_a_lost_connection_refuses_one_act_at_the_most_and_that_can_be_sent_again(
    database: Database, database_url: str
) -> None:
    entries = [act.entries[0] for act in Course("lost", "client", 2, 0).acts(4)]
    desk = Desk(database, OPERATOR)
    assert commands.post(desk, entries[0]).seq == 1
    _send_everybody_away(database_url)
    with suppress(ConnectionLost):
        commands.post(desk, entries[1])
    assert [commands.post(desk, entry).seq for entry in entries] == [1, 2, 3, 4]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_the_same_holds_of_entries_that_wait_for_their_place(database: Database, database_url: str) -> None:
    entries = [act.entries[0] for act in Course("lost", "client", 2, 0).acts(4)]
    desk = Desk(database, OPERATOR)
    commands.post_later(desk, entries[0])
    _send_everybody_away(database_url)
    with suppress(ConnectionLost):
        commands.post_later(desk, entries[1])
    for entry in entries:
        commands.post_later(desk, entry)
    assert placing.place_waiting(desk) == placing.Placed(placed=4, waiting=0)


def _send_everybody_away(url: str) -> None:
    """Every connection but this one ends, as when the server is started again; SQLite has no server to lose."""
    other = Database.open(url)
    if other.dialect == "postgresql":
        with other.engine.connect() as connection:
            connection.execute(text(_SEND_OTHERS_AWAY))
    other.close()
