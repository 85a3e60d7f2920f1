"""PostgreSQL by psycopg alone: its cursors, its COPY, and its thin binding of libpq."""
# ruff: noqa: S608 -- the names put into these statements are those of our own tables

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import psycopg
from psycopg import pq
from sqlalchemy import make_url

from ledger.entries import Entry
from ledger.seals import content_hash_of, opening, parts
from tests.benchmarks.ledger.bare import GUARDED, TABLES, Bare, Plan, Row, Rows, Way

_STAGE: Final = """
    INSERT INTO waiting_entry (actor, opening, text_before, text_between, accepted_at, book_id, key, effective_on, legs,
                               postings, content_hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_MOVE: Final = """
    WITH gone AS (
      DELETE FROM waiting_entry WHERE id IN (SELECT id FROM waiting_entry ORDER BY id LIMIT %s) RETURNING *
    ), numbered AS (
      SELECT *, (SELECT coalesce(max(id), 0) FROM entry) + row_number() OVER (ORDER BY id) AS seq FROM gone
    ), kept AS (
      INSERT INTO posting (entry_id, leg, legs, book_id, account_id, amount, effective_on, seq)
        SELECT seq, leg.ordinality, legs, book_id, (leg.value ->> 0)::bigint, (leg.value ->> 1)::bigint, effective_on,
               seq
          FROM numbered CROSS JOIN LATERAL jsonb_array_elements(postings::jsonb) WITH ORDINALITY leg
    )
    INSERT INTO entry (id, seq, book_id, key, kind, description, effective_on, recorded_at, actor, pair, legs, gross,
                       content_hash, seal)
      SELECT seq, seq, book_id, key, 'entry', text_before, effective_on, accepted_at, actor, '', legs, 1,
             content_hash, content_hash
        FROM numbered
"""


class BarePostgresql(Bare):
    """PostgreSQL by psycopg, each statement its own transaction unless told otherwise."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.connection = psycopg.connect(plain, autocommit=True)

    def ask(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and fetch all that it answers."""
        cursor = self.connection.execute(statement.encode(), values or None)
        return cursor.fetchall() if cursor.description else []

    def take_triggers_off(self) -> None:
        """Drop every trigger of ours; those that keep the foreign keys stay."""
        found = self.ask("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        for name, table in found:
            self.ask(f'DROP TRIGGER "{name}" ON {table}')

    def single_ways(self) -> Mapping[str, Way]:
        """One statement that writes everything, by psycopg's cursor or by its bare binding of libpq."""
        return {
            "one prepared statement, cursor": lambda rows: self._by_cursor(self._whole("%s", rows), rows),
            "one prepared statement, libpq": lambda rows: self._by_libpq("whole", self._whole, rows),
        }

    def order_ways(self) -> Mapping[str, Way]:
        """As one client does, or with the head let go before the wait for the disk, which all then share."""
        return {
            **self.single_ways(),
            "one prepared statement, libpq, the disk waited for afterwards": self._whole_then_settled,
        }

    def append_ways(self) -> Mapping[str, Way]:
        """One statement that writes postings and header alone."""
        return {
            "one prepared statement, cursor": lambda rows: self._by_cursor(self._append("%s", rows), _plain(rows)),
            "one prepared statement, libpq": lambda rows: self._by_libpq("append", self._append, _plain(rows)),
        }

    def stage(self, entry: Entry, accounts: Mapping[str, int], book: int) -> Callable[[], None]:
        """One row that waits for its place, with all that our own has in it, by the bare binding of libpq."""
        before, between = parts(entry)
        legs = json.dumps([[accounts[leg.account], leg.amount.pence] for leg in entry.postings])
        told = ("bench", opening("bench"), before, between, datetime.now(UTC), book, entry.key, entry.effective_on)
        values: Any = [_as_text(each) for each in (*told, len(entry.postings), legs, content_hash_of(before, between))]
        if b"stage" not in self._prepared:
            _sound(self.connection.pgconn.prepare(b"stage", _STAGE.encode()))
            self._prepared.add(b"stage")
        execute = self.connection.pgconn.exec_prepared
        return lambda: _sound(execute(b"stage", values))

    def move_staged(self, most: int) -> int:
        """Move rows that wait into the journal, in one statement and in their order, with nothing checked or sealed."""
        return self.connection.execute(_MOVE.encode(), (most,)).rowcount

    def bulk_ways(self) -> Mapping[str, Way]:
        """COPY, as text made before the clock starts."""
        return {"COPY": self._copy}

    def guarded_single(self, rows: Rows) -> Callable[[], None]:
        """One statement by libpq, in which the head moves to a mark that is there."""
        return self._by_libpq("guarded", self._behind_the_mark, rows)

    def guarded_bulk(self, rows: Rows) -> Callable[[], None]:
        """COPY, the head moved between them."""
        return self._copy(rows, GUARDED)

    def cut_plans(self) -> Mapping[str, Plan]:
        """Whatever the planner likes, on one processor or on several; through the table, or by the index alone."""
        added = "SELECT account_id, sum(amount) FROM posting WHERE effective_on <= %s AND seq <= %s GROUP BY account_id"
        every = ("SET work_mem = '64MB'", "SET plan_cache_mode = force_custom_plan")
        several, single = "SET max_parallel_workers_per_gather = 2", "SET max_parallel_workers_per_gather = 0"
        return {
            "several processes": Plan((*every, several, "SET enable_seqscan = on"), added),
            "one process": Plan((*every, single, "SET enable_seqscan = on"), added),
            "index alone, several processes": Plan((*every, several, "SET enable_seqscan = off"), added),
            "index alone, one process": Plan((*every, single, "SET enable_seqscan = off"), added),
        }

    def one_plans(self) -> Mapping[str, Plan]:
        """By the index alone, in one process or as the planner likes."""
        added = "SELECT sum(amount) FROM posting WHERE account_id = %s AND effective_on <= %s AND seq <= %s"
        single = ("SET max_parallel_workers_per_gather = 0", "SET enable_bitmapscan = off", "SET enable_seqscan = off")
        planned = ("SET max_parallel_workers_per_gather = 2", "SET enable_bitmapscan = on", "SET enable_seqscan = on")
        return {"index alone": Plan(single, added), "as planned": Plan(planned, added)}

    def hash_ways(self) -> Mapping[str, Callable[[], int]]:
        """Lines of COPY, which need no reading into Python's own types; or rows through a cursor of the server's."""
        return {"lines of COPY read and hashed": self._hash_copied, "rows read and hashed": self._hash_fetched}

    def _hash_copied(self) -> int:
        count, sha256 = 0, hashlib.sha256
        for table, order in (("entry", "seq"), ("posting", "entry_id, leg")):
            with (
                self.connection.cursor() as cursor,
                cursor.copy(f"COPY (SELECT * FROM {table} ORDER BY {order}) TO STDOUT".encode()) as copy,
            ):
                for line in copy:
                    sha256(line).digest()
                    count += 1
        return count

    def _hash_fetched(self) -> int:
        count, sha256 = 0, hashlib.sha256
        with self.connection.transaction():
            for table, order in (("entry", "seq"), ("posting", "entry_id, leg")):
                with self.connection.cursor(name=table) as cursor:
                    cursor.itersize = 10_000
                    for row in cursor.execute(f"SELECT * FROM {table} ORDER BY {order}".encode()):
                        sha256(repr(row).encode()).digest()
                        count += 1
        return count

    def server_processes(self) -> list[int]:
        """One process for each connection."""
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        return [row[0] for row in self.ask(asked)]

    def settle(self) -> None:
        """Vacuum, so that an index may answer alone."""
        self.ask("VACUUM (ANALYZE)")

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    def _names(self, table: str) -> list[str]:
        asked = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        return [row[0] for row in self.ask(f"{asked} ORDER BY attnum", (table,))]

    def _whole(self, mark: str, rows: Rows) -> str:
        return (
            f"WITH legs AS ({self._insert('posting', len(rows.posting), mark)}), "
            f"known AS ({self._insert('mark', len(rows.mark), mark)}), moved AS ({self._move_head(mark)}) "
            f"{self._insert('entry', len(rows.entry), mark)}"
        )

    def _behind_the_mark(self, mark: str, rows: Rows) -> str:
        return (
            f"WITH legs AS ({self._insert('posting', len(rows.posting), mark)}), "
            f"known AS ({self._insert('mark', len(rows.mark), mark)} RETURNING upto_seq), "
            f"moved AS ({self._move_head(mark)} FROM known) {self._insert('entry', len(rows.entry), mark)}"
        )

    def _append(self, mark: str, rows: Rows) -> str:
        legs = self._insert("posting", len(rows.posting), mark)
        return f"WITH legs AS ({legs}) {self._insert('entry', len(rows.entry), mark)}"

    def _by_cursor(self, statement: str, rows: Rows) -> Callable[[], None]:
        cursor, written, values = self.connection.cursor(), statement.encode(), _flat(rows)

        def act() -> None:
            cursor.execute(written, values, prepare=True)

        return act

    def _by_libpq(self, name: str, made: Callable[[str, Rows], str], rows: Rows) -> Callable[[], None]:
        called, values = self._called(name, made, rows)
        execute = self.connection.pgconn.exec_prepared
        return lambda: _sound(execute(called, values))

    def _called(self, name: str, made: Callable[[str, Rows], str], rows: Rows) -> tuple[bytes, Any]:
        """The name of a statement that is prepared for such rows, and the values that it is given."""
        values: Any = [_as_text(value) for value in _flat(rows)]  # the stubs know nothing of NULL
        called = f"{name}-{len(values)}".encode()
        if called not in self._prepared:
            parts = made("%s", rows).split("%s")
            numbered = "".join(f"{part}${at}" for at, part in enumerate(parts[:-1], start=1)) + parts[-1]
            _sound(self.connection.pgconn.prepare(called, numbered.encode()))
            self._prepared.add(called)
        return called, values

    def _whole_then_settled(self, rows: Rows) -> Callable[[], None]:
        hasty = "set_config('synchronous_commit', 'off', true) IS NOT NULL"
        pgconn = self.connection.pgconn
        if b"settled" not in self._prepared:
            _sound(pgconn.prepare(b"settled", b"SELECT pg_logical_emit_message(true, 'bench', '')"))
            self._prepared.add(b"settled")

        def whole(mark: str, rows: Rows) -> str:
            return f"{self._whole(mark, rows)} RETURNING {hasty}"

        called, values = self._called("hasty", whole, rows)

        def act() -> None:
            pgconn.enter_pipeline_mode()
            for name, given in ((called, values), (b"settled", [])):
                pgconn.send_query_prepared(name, given)
                pgconn.pipeline_sync()
            for _ in range(2):
                found = pgconn.get_result()
                while (more := pgconn.get_result()) is None or more.status != pq.ExecStatus.PIPELINE_SYNC:
                    pass
                _sound(found)
            pgconn.exit_pipeline_mode()

        return act

    @property
    def _prepared(self) -> set[bytes]:
        found: set[bytes] = self.__dict__.setdefault("_prepared_names", set())
        return found

    def _copy(self, rows: Rows, tables: Sequence[str] = (*TABLES, "journal_head")) -> Callable[[], None]:
        told = [table for table in tables if table != "journal_head"]
        lines = {table: _copy_text(rows.of(table)) for table in told}
        copies = {table: f"COPY {table} ({', '.join(self.names(table))}) FROM STDIN".encode() for table in told}
        moved = self._move_head("%s").encode()

        def act() -> None:
            with self.connection.transaction(), self.connection.cursor() as cursor:
                for table in tables:
                    if table == "journal_head":
                        cursor.execute(moved, rows.head[1:])
                        continue
                    with cursor.copy(copies[table]) as copy:
                        for block in lines[table]:
                            copy.write(block)

        return act


def _plain(rows: Rows) -> Rows:
    return Rows(rows.posting, rows.entry)


def _flat(rows: Rows) -> list[Any]:
    """Every value in the order of the statement: legs, mark, head, header."""
    inserted = [value for table in (rows.posting, rows.mark) for row in table for value in row]
    return [*inserted, *rows.head[1:], *(value for row in rows.entry for value in row)]


def _as_text(value: Any) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, (bytes, memoryview)):
        return b"\\x" + bytes(value).hex().encode()
    if isinstance(value, (date, datetime)):
        return value.isoformat().encode()
    return str(value).encode()


def _copy_text(rows: Sequence[Row]) -> list[bytes]:
    """Rows as PostgreSQL's COPY reads them, in blocks of about 64 KiB. No text of ours has a tab or a backslash."""
    lines = [b"\t".join(_copy_field(value) for value in row) + b"\n" for row in rows]
    return [b"".join(lines[start : start + 500]) for start in range(0, len(lines), 500)]


def _copy_field(value: Any) -> bytes:
    written = _as_text(value)
    if written is None:
        return rb"\N"
    return b"\\" + written if isinstance(value, (bytes, memoryview)) else written


def _sound(result: Any) -> None:
    if result.status not in {pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK}:
        raise psycopg.DatabaseError(result.error_message.decode())
