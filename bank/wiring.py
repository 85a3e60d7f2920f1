"""Where the rooms are brought together: every table of the schema, and a database made ready to work in."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from sqlalchemy import MetaData, text

from bank import migrations
from ledger.commands import open_house
from ledger.dates import Clock
from ledger.identifiers import Identifiers
from ledger.store.columns import Base
from ledger.store.database import Database, DatabaseUnusable
from ledger.store.work import Actor, Desk

ROOMS_WITH_TABLES: Final = (
    "ledger.store.tables",
    "ledger.store.keys",
    "ledger.trail",
    "ledger.store.outcomes",
    "intermediaries.register.model",
    "intermediaries.frontline.model",
    "intermediaries.places.model",
    "intermediaries.loans.model",
    "intermediaries.returns.model",
    "bank.people.model",
    "bank.inflows.model",
    "bank.inflows.periods.model",
    "bank.inflows.recognition.model",
    "bank.capital.model",
    "bank.capital.dividends.model",
    "bank.treasury.model",
    "bank.treasury.placements.model",
    "bank.approvals.model",
    "bank.limits.model",
    "bank.allocations.model",
    "bank.allocations.terms.model",
    "bank.allocations.credit.model",
    "bank.rates.model",
    "bank.allocations.life.model",
    "bank.allocations.life.evidence.model",
    "bank.stress.model",
    "bank.allocations.products.model",
    "bank.allocations.forecasts.model",
    "bank.cases.model",
    "bank.publishing.model",
    "bank.publishing.floors.model",
    "bank.jobs.model",
    "bank.figures.publications.model",
)
"""Every module that declares tables; `metadata` imports them all, so that none is forgotten by a migration."""

OPERATOR: Final = Actor(
    kind="operator", id="operator", name="The operator at the machine", roles=frozenset({"operator"})
)
"""Who acts when a command comes from the machine itself and names no person."""


_PREPARING: Final = 20_081_126
"""The lock that whoever prepares a database of PostgreSQL holds."""


def metadata() -> MetaData:
    """The schema of all packages."""
    for room in ROOMS_WITH_TABLES:
        import_module(room)
    return Base.metadata


def prepare(database: Database) -> None:
    """Create or upgrade the schema and open the house's books; done again, or by two at once, it changes nothing."""
    with _alone(database):
        migrations.upgrade(database)
        with Desk(database, OPERATOR).writing() as work:
            open_house(work)
            if database.dialect == "postgresql":
                # Until the server has looked at these of its own accord, every leg would be held to its account by
                # reading all accounts of its book.
                work.session.execute(text("ANALYZE book, account"))


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Nobody else prepares this database meanwhile. SQLite lets one writer in at a time as it is."""
    if database.dialect == "sqlite":
        yield
        return
    with database.engine.connect() as connection:
        connection.detach()  # what is prepared lets go of every connection of the pool; this one is closed at the end
        connection.execute(text("SELECT pg_advisory_xact_lock(:of_the_bank)"), {"of_the_bank": _PREPARING})
        yield


def open_prepared(
    url: str,
    *,
    clock: Clock | None = None,
    identifiers: Identifiers | None = None,
    compiled: MutableMapping[Any, Any] | None = None,
) -> Database:
    """Open a database that `prepare` has made ready; refuses one that is empty, older or newer than this version.

    `compiled` keeps what was compiled, as it does for `Database.open`.
    """
    metadata()
    _refuse_missing_file(url)
    database = Database.open(url, clock=clock, identifiers=identifiers, compiled=compiled)
    there, wanted = migrations.current(database), migrations.NEWEST
    if there != wanted:
        database.close()
        found = "is empty" if there is None else f"stands at revision {there}, and this version works at {wanted}"
        shown = database.engine.url.render_as_string(hide_password=True)
        raise DatabaseUnusable(
            f"The database at {shown} {found}. If it is the one you mean, run `bank init` on it first",
            found=there,
            expected=wanted,
        )
    return database


def _refuse_missing_file(url: str) -> None:
    """SQLite would make an empty file of any name it is given; a bank is only ever made by `prepare`."""
    scheme, _, path = url.partition(":///")
    if scheme.startswith("sqlite") and path and not Path(path).exists():
        where = path if Path(path).is_absolute() else f"{path}, seen from {Path.cwd()}"
        raise DatabaseUnusable(
            f"There is no database at {where}: name the one you mean, with --database or BANK_DATABASE_URL. To make a "
            f"new one, with nothing in it, run `bank --database {url} init`"
        )
