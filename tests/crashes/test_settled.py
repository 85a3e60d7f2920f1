"""What is answered for is on the disk, also where many post at once and no one waits for it with the head in hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bank.wiring import OPERATOR, open_prepared, prepare
from ledger import commands, queries, signing
from ledger.signing import HistoryChanged
from ledger.store import durability, writing
from ledger.store.database import Database
from ledger.store.work import Desk
from tests.crashes.acts import Course
from tests.crashes.mortal import DURABLE, Mortal, database, mortal

LATE = {"wal_writer_delay": "10s", "autovacuum": "off"}
"""Nobody else brings to the disk what was committed without a wait for it."""

NO_WAIT = "SELECT 1"


@pytest.fixture
def server(run_of_tests: Path) -> Iterator[Mortal]:
    home = run_of_tests / "settled"  # the server's lesser user can pass through there
    home.mkdir(mode=0o755)
    with mortal(home, DURABLE | LATE) as started:
        yield started


@contextmanager
def crowded(url: str) -> Iterator[Desk]:
    """A desk that takes itself for one of many, and so does not try to foresee where its entries go."""
    opened = open_prepared(url)
    opened.foresight._resting = 100  # noqa: SLF001 -- as after expectations that were wrong
    yield Desk(opened, OPERATOR)
    opened.close()


def killed(server: Mortal) -> None:
    server.kill()
    server.start()


def test_a_crash_takes_nothing_that_was_answered_or_signed(
    server: Mortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database(server.where, "postgres")
    made = Database.open(url)
    prepare(made)
    made.close()
    entries = iter([act.entries[0] for act in Course("settled", "client", 4, 0).acts(4)])
    keys = [tmp_path / name for name in ("settled.key", "hasty.key")]
    for key in keys:
        signing.new_key(key, "bank.example/books")

    with crowded(url) as desk:
        commands.post(desk, next(entries))
        with monkeypatch.context() as hasty:
            hasty.setattr(writing, "SETTLED", NO_WAIT)
            assert commands.post(desk, next(entries)).seq == 2
    killed(server)
    with crowded(url) as desk, monkeypatch.context() as hasty:
        with desk.reading() as session:
            assert queries.head(session).seq == 1, "an entry that nobody waited for should have been lost"
        hasty.setattr(writing, "SETTLED", NO_WAIT)
        commands.post(desk, next(entries))
        signing.sign_checkpoint(desk, keys[0])
        commands.post(desk, next(entries))
        hasty.setattr(durability, "SETTLED", NO_WAIT)
        assert signing.sign_checkpoint(desk, keys[1]).size == 3
    killed(server)
    with crowded(url) as desk:
        assert signing.sign_checkpoint(desk, keys[0]).size == 2
        with pytest.raises(HistoryChanged, match="3 were signed"):
            signing.sign_checkpoint(desk, keys[1])
