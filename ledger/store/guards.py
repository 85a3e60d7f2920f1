"""What the database itself refuses, written for each of the two: the last line that no program of ours can talk round.

A guard that has been part of a migration is history: it is never edited, only followed by a new one.
"""

from __future__ import annotations

from typing import Final

APPEND_ONLY_BOOKS: Final = ("entry", "posting", "mark", "quarter_event", "trail", "key_claim", "key_answer")
"""The tables of the ledger package that are only ever added to."""


def append_only(table: str, dialect: str) -> list[str]:
    """Statements that make a table refuse UPDATE, DELETE and, where it exists, TRUNCATE.

    On SQLite, REPLACE deletes through the delete trigger because recursive triggers are on; a connection that has
    switched them off is met by the guard that refuses a row already there (`guard_entries`).
    """
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_keeps_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'books: {table} is only ever added to'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        (
            f"CREATE TRIGGER {table}_keeps_rows BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION books_only_added_to()"
        ),
        (
            f"CREATE TRIGGER {table}_keeps_all BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION books_only_added_to()"
        ),
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keeps_rows",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keeps_all",
    ]


def guard_functions(dialect: str) -> list[str]:
    """The functions that PostgreSQL's triggers call; SQLite writes its triggers out."""
    return [] if dialect == "sqlite" else [_PG_ONLY_ADDED, _PG_ENTRY, _PG_POSTING]


def guard_entries(dialect: str) -> list[str]:
    """Statements that hold each entry to its declaration: whole, balanced, in an open quarter, and never added to."""
    return list(_SQLITE_GUARDS) if dialect == "sqlite" else list(_PG_GUARDS)


_SQLITE_GUARDS: Final = (
    """
    CREATE TRIGGER entry_is_sound BEFORE INSERT ON entry BEGIN
      SELECT RAISE(ABORT, 'books: an entry is already there')
        WHERE EXISTS (SELECT 1 FROM entry WHERE id = NEW.id OR seq = NEW.seq
                      OR (book_id = NEW.book_id AND key = NEW.key)
                      OR (NEW.reverses IS NOT NULL AND reverses = NEW.reverses));
      SELECT RAISE(ABORT, 'books: the quarter is closed')
        WHERE NEW.effective_on <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed');
      SELECT RAISE(ABORT, 'books: an entry must have the postings it declares, and they must balance')
        WHERE coalesce((
          SELECT count(*) = NEW.legs AND sum(amount) = 0
             AND sum(CASE WHEN amount > 0 THEN amount ELSE 0 END) = NEW.gross
             AND min(legs) = NEW.legs AND max(legs) = NEW.legs
             AND min(book_id) = NEW.book_id AND max(book_id) = NEW.book_id
             AND min(effective_on) = NEW.effective_on AND max(effective_on) = NEW.effective_on
             AND min(seq) = NEW.seq AND max(seq) = NEW.seq
          FROM posting WHERE entry_id = NEW.id), 0) = 0;
    END
    """,
    """
    CREATE TRIGGER posting_is_sound BEFORE INSERT ON posting BEGIN
      SELECT RAISE(ABORT, 'books: a posting cannot be added to an entry already there')
        WHERE EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry_id);
      SELECT RAISE(ABORT, 'books: a posting is already there')
        WHERE EXISTS (SELECT 1 FROM posting WHERE entry_id = NEW.entry_id AND leg = NEW.leg);
      SELECT RAISE(ABORT, 'books: an amount is whole pence')
        WHERE typeof(NEW.amount) <> 'integer';
    END
    """,
)

_PG_ONLY_ADDED: Final = """
    CREATE FUNCTION books_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'books: % is only ever added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
"""

_PG_ENTRY: Final = """
    CREATE FUNCTION books_entry_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      found record;
    BEGIN
      IF NEW.effective_on <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed') THEN
        RAISE EXCEPTION 'books: the quarter is closed' USING ERRCODE = 'restrict_violation';
      END IF;
      SELECT count(*) AS legs, sum(amount) AS net, sum(greatest(amount, 0)) AS gross,
             bool_and(legs = NEW.legs AND book_id = NEW.book_id AND effective_on = NEW.effective_on
                      AND seq = NEW.seq) AS agree
        INTO found FROM posting WHERE entry_id = NEW.id;
      IF found.legs <> NEW.legs OR found.net IS DISTINCT FROM 0 OR found.gross IS DISTINCT FROM NEW.gross
         OR found.agree IS NOT TRUE THEN
        RAISE EXCEPTION 'books: an entry must have the postings it declares, and they must balance'
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$
"""

_PG_POSTING: Final = """
    CREATE FUNCTION books_posting_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM fresh JOIN entry ON entry.id = fresh.entry_id) THEN
        RAISE EXCEPTION 'books: a posting cannot be added to an entry already there'
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NULL;
    END $$
"""

_PG_GUARDS: Final = (
    "CREATE TRIGGER entry_is_sound BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION books_entry_is_sound()",
    "ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_is_sound",
    (
        "CREATE TRIGGER posting_is_sound AFTER INSERT ON posting REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION books_posting_is_sound()"
    ),
    "ALTER TABLE posting ENABLE ALWAYS TRIGGER posting_is_sound",
)
