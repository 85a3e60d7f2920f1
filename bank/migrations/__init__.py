"""One history of the schema for all packages: Alembic, from the empty database to today."""

from __future__ import annotations

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger.store.database import Database


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring a database to a revision: created when it is empty, upgraded when it is older, left alone when it is there.

    All steps run in one transaction, which either ends whole or leaves the database as it was.
    """
    configuration = _configuration()
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)


def current(database: Database) -> str | None:
    """The revision a database stands at; none when it was never prepared."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision this version of the project needs."""
    head = ScriptDirectory.from_config(_configuration()).get_current_head()
    if head is None:
        raise RuntimeError("the migrations have no head: more than one, or none")
    return head


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(files("bank.migrations")))
    configuration.set_main_option("path_separator", "os")
    return configuration
