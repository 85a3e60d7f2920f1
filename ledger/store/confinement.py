"""What an SQLite connection of the application may not ask: it takes no guard away, and rewrites nothing that is kept.

SQLite has no roles. What a role is refused on PostgreSQL (`ledger.store.roles`) is refused here by the connection
itself, before a statement is even compiled. It holds for every connection that `ledger.store.database` opens, except
while a migration runs; whoever opens the file with another program meets the guards in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, MetaData

from ledger.store.columns import Base

_ALLOWED: Final = 0
_DENIED: Final = 1
_DELETE: Final = 9
_PRAGMA: Final = 19
_READ: Final = 20
_SELECT: Final = 21
_TRANSACTION: Final = 22
_UPDATE: Final = 23
_INSERT: Final = 18
_FUNCTION: Final = 31
_SAVEPOINT: Final = 32
_RECURSIVE: Final = 33
"""The numbers of `sqlite3.h`; Python's module does not name them all."""

_FREELY: Final = frozenset({_READ, _SELECT, _TRANSACTION, _SAVEPOINT, _RECURSIVE})
_NEVER_CALLED: Final = frozenset({"load_extension", "writefile", "edit", "fts3_tokenizer"})
_ASKED: Final = frozenset(
    {
        "table_info",
        "table_xinfo",
        "table_list",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
        "foreign_key_check",
        "integrity_check",
        "quick_check",
        "database_list",
        "compile_options",
        "data_version",
        "page_count",
        "page_size",
        "freelist_count",
        "wal_checkpoint",
        "optimize",
    }
)
"""The pragmas that look, or that tidy the file without touching what it says."""

_LOOKED_AT: Final = frozenset({"journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "trusted_schema"})
"""The settings: they may be asked for and not set. A connection gets them before it is confined."""


_MEET: Final = "SELECT count(*) FROM json_each('[]')"
"""On an SQLite of some years ago (3.40 is one) a connection that meets this table for the first time asks whether it
may update `sqlite_master`, as if it were made there. So it meets it before it is confined, and does not ask again; the
update is allowed to nobody."""


def may_change(metadata: MetaData, table: str) -> frozenset[str]:
    """The columns of a table that its model says may change (`info={"changes": (...)}`); of most there are none."""
    known = metadata.tables.get(table)
    return frozenset() if known is None else frozenset(known.info.get("changes", ()))


def may_go(metadata: MetaData, table: str) -> bool:
    """Whether a table's model says that its rows may go (`info={"goes": True}`)."""
    known = metadata.tables.get(table)
    return known is not None and bool(known.info.get("goes", False))


def confine(connection: Any, metadata: MetaData = Base.metadata) -> None:
    """Refuse from now on whatever would change a table's shape, a guard, a setting, or a row that is kept.

    Asked once for each statement that is compiled, and not again while the driver keeps it: an act that repeats pays
    nothing for it.
    """
    connection.execute(_MEET).fetchall()
    connection.set_authorizer(_judge(metadata))


def release(connection: Any) -> None:
    """Let a connection do everything again."""
    connection.set_authorizer(None)


@contextmanager
def lifted(connection: Connection) -> Iterator[None]:
    """Let a connection do everything until the block ends, as a migration must; nothing to do on PostgreSQL."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    release(driver)
    try:
        yield
    finally:
        confine(driver)


def _judge(metadata: MetaData) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    def judge(action: int, first: str | None, second: str | None, schema: str | None, source: str | None) -> int:
        del source
        if action in _FREELY:
            return _ALLOWED
        if action == _PRAGMA:
            return _ALLOWED if _may_ask(first or "", second) else _DENIED
        if schema == "temp" or (first or "").startswith("sqlite_"):
            return _DENIED  # a table of one's own beside the books could be taken for one of them
        return _ALLOWED if _may(metadata, action, first or "", second) else _DENIED

    return judge


def _may(metadata: MetaData, action: int, first: str, second: str | None) -> bool:
    if action == _INSERT:
        return True
    if action == _UPDATE:
        return second in may_change(metadata, first)
    if action == _DELETE:
        return may_go(metadata, first)
    return action == _FUNCTION and second not in _NEVER_CALLED


def _may_ask(pragma: str, value: str | None) -> bool:
    return pragma in _ASKED or (pragma in _LOOKED_AT and value is None)
