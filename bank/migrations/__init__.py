"""One history of the schema for all packages: Alembic, from the empty database to today."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from sqlalchemy import inspect, text

from ledger.store import confinement
from ledger.store.database import Database

NEWEST: Final = "0060"
"""The revision this version of the project needs, written down so that no command has to read the history for it."""


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring a database to a revision: created when it is empty, upgraded when it is older, left alone when it is there.

    All steps run in one transaction, which either ends whole or leaves the database as it was.
    """
    from alembic import command  # noqa: PLC0415 -- slow to import, and needed only here
    from alembic.config import Config  # noqa: PLC0415 -- the same

    configuration = Config()
    configuration.set_main_option("script_location", str(files("bank.migrations")))
    configuration.set_main_option("path_separator", "os")
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        configuration.attributes["connection"] = connection
        with confinement.lifted(connection):
            command.upgrade(configuration, revision)
    # An SQLite connection that has changed the schema compiles every statement anew for each transaction afterwards.
    database.engine.dispose()


def current(database: Database) -> str | None:
    """The revision a database stands at; none when it was never prepared."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)
