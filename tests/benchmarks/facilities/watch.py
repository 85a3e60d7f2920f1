"""Time by what was done: on the clock, of the processor, and the part of either that went into the database.

The drivers' own connections and cursors are watched, so that fetching counts as well as asking, and what the books
write past the ORM counts as well as what goes through it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import event

from ledger.store import database as opening
from ledger.store.database import Database

_SQLITE: Final[Any] = vars(opening)["sqlite_driver"]
_ASKED: Final = ("execute", "executemany", "fetchone", "fetchmany", "fetchall")


@dataclass
class Spent:
    """Seconds on the clock and of the processor, and of both what was spent in the database."""

    clock: float = 0.0
    processor: float = 0.0
    clock_in_sql: float = 0.0
    processor_in_sql: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.clock + other.clock,
            self.processor + other.processor,
            self.clock_in_sql + other.clock_in_sql,
            self.processor_in_sql + other.processor_in_sql,
        )


@dataclass
class Watch:
    """What each kind of work took."""

    spent: defaultdict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    _now: str = ""

    def over(self, database: Database) -> None:
        """Watch everything that is asked of a database from here on."""
        database.close()
        its_own = database.engine.pool._dialect  # noqa: SLF001 -- it connects; the engine's may be another database's too
        event.listen(its_own, "do_connect", self._connect)

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Whatever is done inside counts as this."""
        self._now, clock, processor = what, time.perf_counter(), time.process_time()
        yield
        there = self.spent[what]
        there.clock += time.perf_counter() - clock
        there.processor += time.process_time() - processor
        self._now = ""

    def _connect(self, dialect: Any, record: Any, told: Any, named: dict[str, Any]) -> None:
        """Have the driver make connections and cursors that are watched."""
        del record, told
        if dialect.name == "sqlite":
            named["factory"] = self._watched_connection()
        else:
            named["cursor_factory"] = _watched(dialect.loaded_dbapi.Cursor, ("copy", *_ASKED), self._timed)

    def _watched_connection(self) -> type:
        """SQLite's connection makes its own cursors: of a kind that is watched, and so is its commit."""
        cursors = _watched(_SQLITE.Cursor, _ASKED, self._timed)
        watched = _watched(_SQLITE.Connection, ("commit",), self._timed)
        plain = _SQLITE.Connection.cursor
        return type("WatchedConnection", (watched,), {"cursor": lambda connection: plain(connection, cursors)})

    def _timed(self, act: Callable[..., Any], *told: Any, **named: Any) -> Any:
        clock, processor = time.perf_counter(), time.process_time()
        try:
            return act(*told, **named)
        finally:
            there = self.spent[self._now]
            there.clock_in_sql += time.perf_counter() - clock
            there.processor_in_sql += time.process_time() - processor


def _watched(kind: type, verbs: tuple[str, ...], timed: Callable[..., Any]) -> type:
    """A kind of connection or cursor some verbs of which are timed."""

    def watched(verb: str) -> Callable[..., Any]:
        plain = getattr(kind, verb)

        def act(self: Any, *told: Any, **named: Any) -> Any:
            return timed(plain, self, *told, **named)

        return act

    return type(f"Watched{kind.__name__}", (kind,), {verb: watched(verb) for verb in verbs})
