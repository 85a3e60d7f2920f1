"""What the database refuses so that the journal has one order: no place is skipped, taken twice, or taken unheld.

The four rules hold each other. A mark stands beyond the head, and at the commit at an entry. The head moves forward
only to a mark with the same root and instant. An entry has a place that the head has come to, and the place before it
is taken. From these it follows that the entries are those from one to the head, none missing; and that whoever adds an
entry has moved, and so holds, the head row.

A guard that has been part of a migration is history: it is never edited, only followed by a new one.
"""

from __future__ import annotations

from typing import Final


def place_functions(dialect: str) -> list[str]:
    """The functions that PostgreSQL's triggers call; SQLite writes its triggers out."""
    if dialect == "sqlite":
        return []
    return [_PG_MARK, _PG_HEAD_BEGINS, _PG_HEAD_MOVES, _PG_ENTRIES, _PG_QUARTERS]


def guard_places(dialect: str) -> list[str]:
    """Statements that hold marks, the head, entries and the events of quarters to their order."""
    return list(_SQLITE if dialect == "sqlite" else _PG)


# SQLite's date() takes the 30th of February for a day as long as it need not reckon with it: so it is made to.
_SQLITE: Final = (
    """
    CREATE TRIGGER mark_is_next BEFORE INSERT ON mark BEGIN
      SELECT RAISE(ABORT, 'books: a mark stands beyond the head, and is written before the head moves to it')
        WHERE NOT EXISTS (SELECT 1 FROM journal_head
                          WHERE typeof(NEW.upto_seq) = 'integer' AND NEW.upto_seq > seq
                            AND NEW.recorded_at >= recorded_at AND length(NEW.recorded_at) = 27
                            AND typeof(NEW.root) = 'blob' AND length(NEW.root) = 32);
    END
    """,
    """
    CREATE TRIGGER journal_head_begins BEFORE INSERT ON journal_head BEGIN
      SELECT RAISE(ABORT, 'books: the journal has one head, and it begins at nought')
        WHERE NEW.seq IS NOT 0 OR EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM journal_head);
    END
    """,
    """
    CREATE TRIGGER journal_head_moves_on BEFORE UPDATE ON journal_head BEGIN
      SELECT RAISE(ABORT, 'books: the head moves forward, to a mark of the same root and instant')
        WHERE NEW.id IS NOT OLD.id OR NOT (
          (NEW.seq IS OLD.seq AND NEW.recorded_at IS OLD.recorded_at
             AND NEW.frontier IS OLD.frontier AND NEW.root IS OLD.root)
          OR coalesce(NEW.seq > OLD.seq AND EXISTS (
               SELECT 1 FROM mark
               WHERE upto_seq = NEW.seq AND recorded_at = NEW.recorded_at AND root = NEW.root), 0));
    END
    """,
    """
    CREATE TRIGGER journal_head_keeps_delete BEFORE DELETE ON journal_head BEGIN
      SELECT RAISE(ABORT, 'books: the journal never loses its head');
    END
    """,
    """
    CREATE TRIGGER entry_is_in_place BEFORE INSERT ON entry BEGIN
      SELECT RAISE(ABORT, 'books: an entry takes the next place, which the head has come to')
        WHERE NOT EXISTS (SELECT 1 FROM journal_head
                          WHERE NEW.id = NEW.seq AND NEW.seq <= seq AND NEW.recorded_at <= recorded_at)
           OR NOT (NEW.seq = 1 OR EXISTS (SELECT 1 FROM entry
                                          WHERE seq = NEW.seq - 1 AND recorded_at <= NEW.recorded_at));
      SELECT RAISE(ABORT, 'books: an entry has a day of the calendar, an instant, and hashes of their length')
        WHERE NEW.effective_on IS NOT date(NEW.effective_on, '+0 days')
           OR NEW.effective_on NOT BETWEEN '2008-11-26' AND '2099-12-31'
           OR NEW.original_effective_on IS NOT date(NEW.original_effective_on, '+0 days')
           OR length(NEW.recorded_at) <> 27
           OR typeof(NEW.seal) <> 'blob' OR length(NEW.seal) <> 32
           OR typeof(NEW.content_hash) <> 'blob' OR length(NEW.content_hash) <> 32;
      SELECT RAISE(ABORT, 'books: a reversal undoes an earlier entry of its own book')
        WHERE NEW.reverses IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM entry WHERE seq = NEW.reverses AND seq < NEW.seq AND book_id = NEW.book_id);
    END
    """,
    """
    CREATE TRIGGER posting_is_whole BEFORE INSERT ON posting BEGIN
      SELECT RAISE(ABORT, 'books: a posting is numbered in whole numbers')
        WHERE typeof(NEW.entry_id) <> 'integer' OR typeof(NEW.leg) <> 'integer' OR typeof(NEW.legs) <> 'integer'
           OR typeof(NEW.seq) <> 'integer' OR typeof(NEW.book_id) <> 'integer' OR typeof(NEW.account_id) <> 'integer';
    END
    """,
    """
    CREATE TRIGGER quarter_event_is_sound BEFORE INSERT ON quarter_event BEGIN
      SELECT RAISE(ABORT, 'books: a quarter ends on its last day, and is over before it is closed')
        WHERE NEW.ends_on IS NOT substr(NEW.quarter, 1, 4) || CASE substr(NEW.quarter, 5)
                WHEN 'Q1' THEN '-03-31' WHEN 'Q2' THEN '-06-30' WHEN 'Q3' THEN '-09-30' WHEN 'Q4' THEN '-12-31' END
           OR NEW.ends_on NOT BETWEEN '2008-11-26' AND '2099-12-31'
           OR coalesce(substr(NEW.recorded_at, 1, 10) <= NEW.ends_on, 1);
      SELECT RAISE(ABORT, 'books: a closed quarter stays closed, and so does everything before it')
        WHERE NEW.ends_on <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed');
      SELECT RAISE(ABORT, 'books: a quarter goes from open to soft-closed and back, or to closed')
        WHERE NEW.state IS NOT 'closed' AND coalesce(
          (SELECT state FROM quarter_event WHERE quarter = NEW.quarter ORDER BY id DESC LIMIT 1), 'open')
          IS NOT CASE NEW.state WHEN 'soft-closed' THEN 'open' WHEN 'open' THEN 'soft-closed' END;
      SELECT RAISE(ABORT, 'books: the event of a quarter keeps the head of its moment')
        WHERE NOT EXISTS (SELECT 1 FROM journal_head WHERE seq = NEW.upto_seq AND root = NEW.root)
           OR coalesce(NEW.id <= (SELECT max(id) FROM quarter_event), 0) AND NEW.id > 0
           OR typeof(NEW.trial_balance) <> 'blob' OR length(NEW.trial_balance) <> 32;
    END
    """,
)

_PG_MARK: Final = """
    CREATE FUNCTION books_mark_is_next() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
      IF NOT EXISTS (SELECT FROM journal_head
                     WHERE NEW.upto_seq > seq AND NEW.recorded_at >= recorded_at AND octet_length(NEW.root) = 32) THEN
        RAISE EXCEPTION 'books: a mark stands beyond the head, and is written before the head moves to it'
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$
"""

_PG_HEAD_BEGINS: Final = """
    CREATE FUNCTION books_head_begins() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
      IF NEW.seq <> 0 OR EXISTS (SELECT FROM entry) OR EXISTS (SELECT FROM journal_head) THEN
        RAISE EXCEPTION 'books: the journal has one head, and it begins at nought'
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$
"""

_PG_HEAD_MOVES: Final = """
    CREATE FUNCTION books_head_moves_on() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
      IF NEW.seq > OLD.seq AND NEW.id = OLD.id THEN
        IF EXISTS (SELECT FROM mark
                   WHERE upto_seq = NEW.seq AND recorded_at = NEW.recorded_at AND root = NEW.root) THEN
          RETURN NEW;
        END IF;
      ELSIF (NEW.id, NEW.seq, NEW.recorded_at, NEW.frontier, NEW.root)
          = (OLD.id, OLD.seq, OLD.recorded_at, OLD.frontier, OLD.root) THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'books: the head moves forward, to a mark of the same root and instant'
        USING ERRCODE = 'restrict_violation';
    END $$
"""

_PG_ENTRIES: Final = """
    CREATE OR REPLACE FUNCTION books_entries_are_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      found record;
    BEGIN
      SELECT count(*) AS entries, min(seq) AS first, max(seq) AS last, min(effective_on) AS opens,
             min(recorded_at) AS earliest, max(recorded_at) AS latest, bool_and(id = seq) AS by_place,
             bool_and(effective_on BETWEEN '2008-11-26' AND '2099-12-31'
                      AND octet_length(seal) = 32 AND octet_length(content_hash) = 32) AS whole,
             count(reverses) AS reversals
        INTO found FROM fresh;
      IF found.entries = 0 THEN
        RETURN NULL;
      END IF;
      -- Who has moved the head holds it until the commit, so that no close can pass the entry unseen.
      IF NOT found.by_place OR found.last - found.first + 1 <> found.entries
         OR NOT EXISTS (SELECT FROM journal_head WHERE seq >= found.last AND recorded_at >= found.latest)
         OR NOT (found.first = 1 OR EXISTS (SELECT FROM entry WHERE seq = found.first - 1
                                            AND recorded_at <= found.earliest)) THEN
        RAISE EXCEPTION 'books: an entry takes the next place, which the head has come to'
          USING ERRCODE = 'restrict_violation';
      END IF;
      IF found.opens <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed') THEN
        RAISE EXCEPTION 'books: the quarter is closed' USING ERRCODE = 'restrict_violation';
      END IF;
      IF NOT found.whole THEN
        RAISE EXCEPTION 'books: an entry has a day of the calendar, an instant, and hashes of their length'
          USING ERRCODE = 'check_violation';
      END IF;
      IF found.reversals > 0 AND EXISTS (
          SELECT FROM fresh WHERE fresh.reverses IS NOT NULL AND NOT EXISTS (
            SELECT FROM entry WHERE entry.seq = fresh.reverses AND entry.seq < fresh.seq
                                AND entry.book_id = fresh.book_id)) THEN
        RAISE EXCEPTION 'books: a reversal undoes an earlier entry of its own book'
          USING ERRCODE = 'check_violation';
      END IF;
      IF EXISTS (
        SELECT 1 FROM fresh e CROSS JOIN LATERAL (
          SELECT count(*) AS legs, sum(p.amount) AS net, sum(greatest(p.amount, 0)) AS gross,
                 bool_and(p.legs = e.legs AND p.book_id = e.book_id AND p.effective_on = e.effective_on
                          AND p.seq = e.seq) AS agree
            FROM posting p WHERE p.entry_id = e.id) made
         WHERE made.legs <> e.legs OR made.net IS DISTINCT FROM 0
            OR made.gross IS DISTINCT FROM e.gross OR made.agree IS NOT TRUE) THEN
        RAISE EXCEPTION 'books: an entry must have the postings it declares, and they must balance'
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$
"""

_PG_QUARTERS: Final = """
    CREATE FUNCTION books_quarter_event_is_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      head record;
      before text;
    BEGIN
      -- Nobody asks to wait any more from here on. To touch the head is to wait for whoever is posting, and to make
      -- whoever looked before this begin again.
      LOCK TABLE waiting_entry IN SHARE MODE;
      UPDATE journal_head SET seq = seq RETURNING seq, root INTO head;
      IF NEW.quarter !~ '^[12][0-9]{3}Q[1-4]$' OR NEW.ends_on IS DISTINCT FROM (
           make_date(left(NEW.quarter, 4)::int, right(NEW.quarter, 1)::int * 3, 1)
             + interval '1 month' - interval '1 day')::date
         OR (NEW.recorded_at AT TIME ZONE 'UTC')::date <= NEW.ends_on THEN
        RAISE EXCEPTION 'books: a quarter ends on its last day, and is over before it is closed'
          USING ERRCODE = 'check_violation';
      END IF;
      IF NEW.ends_on <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed') THEN
        RAISE EXCEPTION 'books: a closed quarter stays closed, and so does everything before it'
          USING ERRCODE = 'restrict_violation';
      END IF;
      IF NEW.state = 'closed' AND EXISTS (SELECT FROM waiting_entry WHERE effective_on <= NEW.ends_on) THEN
        RAISE EXCEPTION 'books: a quarter is not closed over an entry that waits for its place'
          USING ERRCODE = 'restrict_violation';
      END IF;
      SELECT state INTO before FROM quarter_event WHERE quarter = NEW.quarter ORDER BY id DESC LIMIT 1;
      IF NEW.state <> 'closed' AND (coalesce(before, 'open'), NEW.state)
           NOT IN (('open', 'soft-closed'), ('soft-closed', 'open')) THEN
        RAISE EXCEPTION 'books: a quarter goes from open to soft-closed and back, or to closed'
          USING ERRCODE = 'check_violation';
      END IF;
      IF (NEW.upto_seq, NEW.root) IS DISTINCT FROM (head.seq, head.root)
         OR NEW.id <= (SELECT max(id) FROM quarter_event) OR octet_length(NEW.trial_balance) <> 32 THEN
        RAISE EXCEPTION 'books: the event of a quarter keeps the head of its moment'
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$
"""

_PG: Final = (
    "CREATE TRIGGER mark_is_next BEFORE INSERT ON mark FOR EACH ROW EXECUTE FUNCTION books_mark_is_next()",
    "ALTER TABLE mark ENABLE ALWAYS TRIGGER mark_is_next",
    (
        "CREATE TRIGGER journal_head_begins BEFORE INSERT ON journal_head "
        "FOR EACH ROW EXECUTE FUNCTION books_head_begins()"
    ),
    "ALTER TABLE journal_head ENABLE ALWAYS TRIGGER journal_head_begins",
    (
        "CREATE TRIGGER journal_head_moves_on BEFORE UPDATE ON journal_head "
        "FOR EACH ROW EXECUTE FUNCTION books_head_moves_on()"
    ),
    "ALTER TABLE journal_head ENABLE ALWAYS TRIGGER journal_head_moves_on",
    (
        "CREATE TRIGGER journal_head_keeps_rows BEFORE DELETE ON journal_head "
        "FOR EACH ROW EXECUTE FUNCTION books_only_added_to()"
    ),
    "ALTER TABLE journal_head ENABLE ALWAYS TRIGGER journal_head_keeps_rows",
    (
        "CREATE TRIGGER journal_head_keeps_all BEFORE TRUNCATE ON journal_head "
        "FOR EACH STATEMENT EXECUTE FUNCTION books_only_added_to()"
    ),
    "ALTER TABLE journal_head ENABLE ALWAYS TRIGGER journal_head_keeps_all",
    (
        "CREATE TRIGGER quarter_event_is_sound BEFORE INSERT ON quarter_event "
        "FOR EACH ROW EXECUTE FUNCTION books_quarter_event_is_sound()"
    ),
    "ALTER TABLE quarter_event ENABLE ALWAYS TRIGGER quarter_event_is_sound",
)
