"""SQLite by its own driver alone."""
# ruff: noqa: S608 -- the names put into these statements are those of our own tables

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.benchmarks.ledger.bare import GUARDED, TABLES, Bare, Plan, Row, Rows, Way

try:
    import pysqlite3.dbapi2 as sqlite_driver
except ImportError:
    sqlite_driver = sqlite3

Busy: type[Exception] = sqlite_driver.OperationalError
"""What the driver raises when the file stays locked."""


class BareSqlite(Bare):
    """SQLite by its driver, held to the settings that the bank holds it to."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.connection = sqlite_driver.connect(url.removeprefix("sqlite:///"), timeout=20, isolation_level=None)
        settings = ("journal_mode=wal", "synchronous=2", "foreign_keys=1", "recursive_triggers=1", "cache_size=-16384")
        for setting in settings:
            self.connection.execute(f"PRAGMA {setting}")

    def ask(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and fetch all that it answers."""
        found: list[Row] = self.connection.execute(statement, values).fetchall()
        return found

    def take_triggers_off(self) -> None:
        """Drop every trigger."""
        for (name,) in self.ask("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            self.connection.execute(f'DROP TRIGGER "{name}"')

    def single_ways(self) -> Mapping[str, Way]:
        """Statement by statement, or with the legs in one."""
        return {
            "one statement for the legs": lambda rows: self._together(rows, ("posting", "entry", "mark"), head=True),
            "one statement for each row": lambda rows: self._each(rows, ("posting", "entry", "mark"), head=True),
        }

    def append_ways(self) -> Mapping[str, Way]:
        """The same without the mark and the head."""
        return {
            "one statement for the legs": lambda rows: self._together(rows, ("posting", "entry"), head=False),
            "one statement for each row": lambda rows: self._each(rows, ("posting", "entry"), head=False),
        }

    def bulk_ways(self) -> Mapping[str, Way]:
        """One prepared statement for each table, or a statement for twenty rows."""
        return {
            "executemany": lambda rows: self._each(rows, TABLES, head=True),
            "twenty rows a statement": self._scores,
        }

    def guarded_single(self, rows: Rows) -> Callable[[], None]:
        """A statement for each table, the head moved between them."""
        mark, posting, entry = (self._whole_table(table, rows) for table in ("mark", "posting", "entry"))
        steps = [mark, (self._move_head("?"), rows.head[1:]), posting, entry]
        return lambda: self._run(steps)

    def guarded_bulk(self, rows: Rows) -> Callable[[], None]:
        """Statements for twenty rows, the head moved between them."""
        steps: list[tuple[str, Sequence[Row]]] = []
        for table in GUARDED:
            steps += [(self._move_head("?"), [rows.head[1:]])] if table == "journal_head" else self._scored(table, rows)
        return lambda: self._run_many(steps)

    def cut_plans(self) -> Mapping[str, Plan]:
        """By the index in order of account, or through the table."""
        added = (
            "SELECT account_id, sum(amount) FROM posting {} WHERE effective_on <= ? AND seq <= ? GROUP BY account_id"
        )
        return {
            "index alone": Plan((), added.format("INDEXED BY ix_posting_read")),
            "the table": Plan((), added.format("NOT INDEXED")),
        }

    def one_plans(self) -> Mapping[str, Plan]:
        """By the index."""
        return {
            "index alone": Plan(
                (), "SELECT sum(amount) FROM posting WHERE account_id = ? AND effective_on <= ? AND seq <= ?"
            )
        }

    def hash_ways(self) -> Mapping[str, Callable[[], int]]:
        """The rows as Python writes them, or as one text that SQLite puts together."""
        return {
            "rows read and hashed": lambda: self._hash_each("{}", lambda row: repr(row).encode()),
            "rows joined to text by SQLite, read and hashed": lambda: self._hash_each(
                "concat_ws('|', {})", lambda row: row[0].encode()
            ),
        }

    def _hash_each(self, shape: str, written: Callable[[Row], bytes]) -> int:
        count, sha256 = 0, hashlib.sha256
        for table in ("entry", "posting"):
            columns = [f"hex({name})" if name in {"seal", "content_hash"} else name for name in self.names(table)]
            asked = shape.format(", ".join(columns if shape != "{}" else self.names(table)))
            for row in self.connection.execute(f"SELECT {asked} FROM {table} ORDER BY seq"):
                sha256(written(row)).digest()
                count += 1
        return count

    def settle(self) -> None:
        """Write the log home."""
        self.ask("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    def _names(self, table: str) -> list[str]:
        return [row[1] for row in self.ask(f"PRAGMA table_info({table})")]

    def _together(self, rows: Rows, tables: Sequence[str], *, head: bool) -> Callable[[], None]:
        steps = [self._whole_table(table, rows) for table in tables if rows.of(table)]
        if head:
            steps.append((self._move_head("?"), rows.head[1:]))
        return lambda: self._run(steps)

    def _whole_table(self, table: str, rows: Rows) -> tuple[str, Row]:
        found = rows.of(table)
        return self._insert(table, len(found), "?"), tuple(value for row in found for value in row)

    def _run(self, steps: Sequence[tuple[str, Row]]) -> None:
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        for statement, values in steps:
            execute(statement, values)
        execute("COMMIT")

    def _each(self, rows: Rows, tables: Sequence[str], *, head: bool) -> Callable[[], None]:
        steps = [(self._insert(table, 1, "?"), rows.of(table)) for table in tables]
        if head:
            steps.append((self._move_head("?"), [rows.head[1:]]))
        return lambda: self._run_many(steps)

    def _run_many(self, steps: Sequence[tuple[str, Sequence[Row]]]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        for statement, many in steps:
            self.connection.executemany(statement, many)
        self.connection.execute("COMMIT")

    def _scores(self, rows: Rows) -> Callable[[], None]:
        steps = [step for table in TABLES for step in self._scored(table, rows)]
        steps.append((self._move_head("?"), [rows.head[1:]]))
        return lambda: self._run_many(steps)

    def _scored(self, table: str, rows: Rows) -> list[tuple[str, Sequence[Row]]]:
        found = rows.of(table)
        whole = len(found) // 20 * 20
        many = [tuple(value for row in found[start : start + 20] for value in row) for start in range(0, whole, 20)]
        return [(self._insert(table, 20, "?"), many), (self._insert(table, 1, "?"), found[whole:])]
