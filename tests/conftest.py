"""What every test may ask for: a migrated database, on SQLite and on PostgreSQL, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store.database import Database
from tests import databases, servers

OPENING: Final = datetime(2011, 7, 4, 9, 0, tzinfo=UTC)
"""A Monday morning in the bank's first summer: where the tests' clock stands until a test moves it."""

_RUN = pytest.StashKey[Path]()
_OPEN = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the run its directory; a worker is told its controller's."""
    if hasattr(config, "workerinput"):
        config.stash[_RUN] = Path(config.workerinput["run_of_tests"])
        return
    opened = config.stash[_OPEN] = ExitStack()
    run = config.stash[_RUN] = opened.enter_context(servers.run_of_tests())
    opened.callback(databases.clear_away, run)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the run's directory is."""
    node.workerinput["run_of_tests"] = str(node.config.stash[_RUN])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run started."""
    if _OPEN in config.stash:
        config.stash[_OPEN].close()


@pytest.fixture(scope="session")
def run_of_tests(request: pytest.FixtureRequest) -> Path:
    """The directory that all workers of this run share."""
    return request.config.stash[_RUN]


@pytest.fixture
def clock() -> SetClock:
    """The tests' clock; `clock.set(...)` moves it."""
    return SetClock(OPENING)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """The kind of database; asking for it runs the test once on each."""
    return str(request.param)


@pytest.fixture
def empty_database_url(engine: str, run_of_tests: Path, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it."""
    with databases.empty(engine, run_of_tests, tmp_path) as url:
        yield url


@pytest.fixture
def database_url(engine: str, run_of_tests: Path, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own with the bank's tables in it, as the migrations make them."""
    with databases.migrated(engine, run_of_tests, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str, clock: SetClock) -> Iterator[Database]:
    """The same, opened; its identifiers come in the same order every time."""
    opened = Database.open(database_url, clock=clock, identifiers=CountedIdentifiers("tests"))
    yield opened
    opened.close()
