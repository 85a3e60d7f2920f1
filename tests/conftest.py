"""What every test may ask for: a prepared database, on SQLite and on PostgreSQL, and a clock that stands still."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

from ledger.dates import SetClock
from ledger.store.database import Database
from tests import databases, forks, servers

_RUN = pytest.StashKey[Path]()
_OPEN = pytest.StashKey[ExitStack]()
_LOOKED_AFTER = 100_000

# The same commit has the same verdict: what a change is judged by is drawn from each test's own text, not anew each
# time, and no example is too slow on a busy machine. To look for more, run with `--hypothesis-profile explore`.
settings.register_profile("gate", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("gate")


def pytest_configure(config: pytest.Config) -> None:
    """Give the run its directory; a worker is told its controller's, and inherits its place for what is passing."""
    if hasattr(config, "workerinput"):
        config.stash[_RUN] = Path(config.workerinput["run_of_tests"])
        return
    servers.keep_what_is_passing_in_memory()
    opened = config.stash[_OPEN] = ExitStack()
    run = config.stash[_RUN] = opened.enter_context(servers.run_of_tests())
    opened.callback(databases.clear_away, run)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Have each of several workers read the tests from its own place on, and around.

    In a new checkout they are rewritten as they are read. Read in one order, every worker would rewrite every file;
    so each rewrites its share, and reads what the others have rewritten. What cannot be read is told when it is
    collected.
    """
    gc.disable()  # what is read stays: a tenth of the time it takes would go into looking it over
    told = getattr(session.config, "workerinput", {})
    if not told.get("all_of_them"):
        return
    number, of = int(told["workerid"].removeprefix("gw")), int(told["workercount"])
    files = sorted(Path(__file__).parent.rglob("test_*.py"))
    begin = len(files) * number // of
    for path in (*files[begin:], *files[:begin]):
        with suppress(Exception):
            import_module(".".join(path.relative_to(session.config.rootpath).with_suffix("").parts))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for cycles less often, and never among what was imported: a tenth of a run went into finding none.

    Where all tests are run, some will fork.
    """
    if getattr(session.config, "workerinput", {}).get("all_of_them"):
        forks.begin()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_LOOKED_AFTER)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the run's directory is, and whether the run is of all tests."""
    node.workerinput["run_of_tests"] = str(node.config.stash[_RUN])
    node.workerinput["all_of_them"] = node.config.args_source is pytest.Config.ArgsSource.TESTPATHS


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run started."""
    databases.hang_up(config.stash[_RUN])
    if _OPEN in config.stash:
        config.stash[_OPEN].close()


@pytest.fixture(scope="session")
def run_of_tests(request: pytest.FixtureRequest) -> Path:
    """The directory that all workers of this run share."""
    return request.config.stash[_RUN]


@pytest.fixture
def clock() -> SetClock:
    """The tests' clock: it stands at `databases.OPENING` until `clock.set(...)` moves it."""
    databases.CLOCK.set(databases.OPENING)
    return databases.CLOCK


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
def database_url(request: pytest.FixtureRequest, engine: str, run_of_tests: Path, tmp_path: Path) -> Iterator[str]:
    """A database made by the migrations, with the house's books opened in it: the test's own where it asks for it."""
    if "database" in request.fixturenames:
        database: Database = request.getfixturevalue("database")
        yield database.engine.url.render_as_string(hide_password=False)
        return
    with databases.prepared(engine, run_of_tests, tmp_path) as url:
        yield url


@pytest.fixture
def other_url(engine: str, run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A second database that is ready to work in, of the same kind, with nothing in its books."""
    with databases.prepared(engine, run_of_tests, tmp_path_factory.mktemp("other")) as url:
        yield url


@pytest.fixture
def began(request: pytest.FixtureRequest) -> databases.Began:
    """What the test's database begins with; a file whose tests want more than the house's books says so."""
    return "staffed" if "small_bank" in request.fixturenames else "opened"


@pytest.fixture
def database(
    engine: str, clock: SetClock, run_of_tests: Path, tmp_path: Path, began: databases.Began
) -> Iterator[Database]:
    """A database that is ready to work in, opened; its identifiers come in the same order every time.

    Where the test asks for a small bank, its people are in it already: they are the same in every one.
    """
    del clock  # it is the one that the database goes by
    with databases.opened(engine, run_of_tests, tmp_path, began) as opened:
        yield opened


@pytest.fixture(scope="session")
def demo(run_of_tests: Path) -> Path:
    """What `bank demo` builds, made once for the whole run; what it printed stands beside it. Copy it to change it."""
    made = run_of_tests / "home" / "demo"
    with FileLock(run_of_tests / "demo.lock"):
        if not made.exists():
            made.parent.mkdir(exist_ok=True)
            with made.with_name("printed").open("w") as printed:
                subprocess.run(
                    [Path(sys.executable).with_name("bank"), "demo"],
                    cwd=made.parent,
                    check=True,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                )
    return made
