"""What the database refuses so that a row stays itself: its identity is never changed, and no row is put over it.

A guard that has been part of a migration is history: it is never edited, only followed by a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """A table whose rows stay, by what tells one row of it from another.

    `keys` are its unique keys. A table that is written to by "insert, or leave what is there" is `asked`: there a row
    that stands is left as it is without a word, as such a statement means it. A table made WITHOUT ROWID is `keyed`:
    its rows have no hidden number that could name one of them.
    """

    table: str
    keys: tuple[tuple[str, ...], ...]
    asked: bool = False
    keyed: bool = False


def keeps_first(kept: Kept, dialect: str) -> list[str]:
    """Statements that make SQLite refuse a row put over another; an upsert of PostgreSQL is an UPDATE.

    REPLACE deletes before it inserts, and fires the triggers of that deletion only where recursive triggers are on,
    which each connection decides for itself. It may also name the hidden number of the row it is after.
    """
    if dialect != "sqlite":
        return []
    there = " OR ".join(
        f"EXISTS (SELECT 1 FROM {kept.table} WHERE {' AND '.join(f'{column} = NEW.{column}' for column in key)})"  # noqa: S608 -- names of our own tables
        for key in (*kept.keys, *(() if kept.keyed else (("rowid",),)))
    )
    answer = "IGNORE" if kept.asked else f"ABORT, 'books: a row of {kept.table} is already there'"
    return [
        (
            f"CREATE TRIGGER {kept.table}_keeps_first BEFORE INSERT ON {kept.table} WHEN {there} "
            f"BEGIN SELECT RAISE({answer}); END"
        )
    ]


def keeps_identity(table: str, fixed: Sequence[str], changes: Iterable[str], dialect: str) -> list[str]:
    """Statements that keep a row and its identity, the `fixed` columns, and let only the `changes` be changed."""
    if dialect == "sqlite":
        other = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in fixed)
        return [
            (
                f"CREATE TRIGGER {table}_keeps_identity BEFORE UPDATE ON {table} WHEN {other} "
                f"BEGIN SELECT RAISE(ABORT, 'books: what a row of {table} is called by never changes'); END"
            ),
            (
                f"CREATE TRIGGER {table}_keeps_delete BEFORE DELETE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'books: {table} is only ever added to'); END"
            ),
        ]
    named = ", ".join(f"'{column}'" for column in changes)
    return [
        (
            f"CREATE TRIGGER {table}_keeps_identity BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION books_keeps_identity({named})"
        ),
        (
            f"CREATE TRIGGER {table}_keeps_rows BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION books_only_added_to()"
        ),
        (
            f"CREATE TRIGGER {table}_keeps_all BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION books_only_added_to()"
        ),
        *(
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}"
            for name in ("keeps_identity", "keeps_rows", "keeps_all")
        ),
    ]


def identity_functions(dialect: str) -> list[str]:
    """The function that PostgreSQL's triggers call. It compares whole rows, so that it keeps a column added later."""
    return [] if dialect == "sqlite" else [_PG_KEEPS_IDENTITY]


_PG_KEEPS_IDENTITY = """
    CREATE FUNCTION books_keeps_identity() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF to_jsonb(NEW) - coalesce(TG_ARGV, '{}') IS DISTINCT FROM to_jsonb(OLD) - coalesce(TG_ARGV, '{}') THEN
        RAISE EXCEPTION 'books: what a row of % is called by never changes', TG_TABLE_NAME
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$
"""
