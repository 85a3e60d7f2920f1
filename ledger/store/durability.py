"""Whether the database keeps what it says it has kept: its settings, read back from the server itself."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from ledger.store.database import ReadSession
from ledger.store.server_in_one import SETTLED

_NEEDED: Final = {
    "fsync": "a power cut may lose every entry since the last checkpoint, or break the database",
    "full_page_writes": "a power cut in the middle of a page may break the database",
    "synchronous_commit": "a power cut may lose the entries of the last moments, though they were answered for",
    "data_checksums": "a page that the disk has changed by itself would be taken for good",
}
"""The settings of PostgreSQL that must be on, and what may happen with each of them off."""


def lacking(session: ReadSession) -> list[str]:
    """What is set so that an entry once answered for could be lost; nothing, on a database that is fit for books.

    SQLite has nothing to look up here: a connection that will not hold our settings is refused as it opens.
    """
    if session.get_bind().dialect.name == "sqlite":
        return []
    rows = session.execute(
        text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names) ORDER BY name"), {"names": list(_NEEDED)}
    )
    return [
        f"PostgreSQL runs with {row.name}={row.setting}: {_NEEDED[row.name]}" for row in rows if row.setting == "off"
    ]


def settle(session: ReadSession) -> None:
    """Wait until all that this look sees is on the disk: for whoever will remember it where the database is not.

    PostgreSQL shows what is committed, and who posts among many is answered only once it is on the disk as well: in
    between, a crash may take what others saw. SQLite shows nothing before it is there, and a server that only follows
    another has what was on the other's disk.
    """
    if session.get_bind().dialect.name == "sqlite" or session.database is None:
        return
    # What the session sees, it sees from its first question on: so that is asked before the wait, not after.
    follows = session.scalar(text("SELECT pg_is_in_recovery()"))
    if not follows:
        with session.database.by_itself() as raw:
            raw.ask_straight(SETTLED, {})
