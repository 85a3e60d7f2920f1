"""What the database refuses of an entry, asked in as few steps as it can be: these run once for every row of an import.

One guard for a table takes the place of three, and refuses the same. A posting stands behind the last entry there is,
so that neither can it be added to one, nor put in place of one of its legs: one look at the end of the journal. An
entry takes the very next place, so that it stands over no other. Its legs are counted, added up and compared in one
pass.

A guard that has been part of a migration is history: it is never edited, only followed by a new one.
"""

from __future__ import annotations

from typing import Final


def statements(dialect: str) -> list[str]:
    """Statements that replace the guards."""
    return list(_SQLITE if dialect == "sqlite" else _PG)


_SQLITE: Final = (
    "DROP TRIGGER posting_is_sound",
    "DROP TRIGGER posting_is_whole",
    "DROP TRIGGER posting_keeps_first",
    "DROP TRIGGER entry_is_sound",
    "DROP TRIGGER entry_is_in_place",
    "DROP TRIGGER entry_keeps_first",
    """
    CREATE TRIGGER posting_is_sound BEFORE INSERT ON posting BEGIN
      SELECT RAISE(ABORT, 'books: a posting cannot be added to an entry already there')
        WHERE NEW.entry_id <= (SELECT max(id) FROM entry) OR EXISTS (SELECT 1 FROM posting WHERE rowid = NEW.rowid);
      SELECT RAISE(ABORT, 'books: an amount is whole pence, and a posting is numbered in whole numbers')
        WHERE typeof(NEW.amount) <> 'integer' OR typeof(NEW.entry_id) <> 'integer' OR typeof(NEW.leg) <> 'integer'
           OR typeof(NEW.legs) <> 'integer' OR typeof(NEW.seq) <> 'integer' OR typeof(NEW.book_id) <> 'integer'
           OR typeof(NEW.account_id) <> 'integer';
    END
    """,
    """
    CREATE TRIGGER entry_is_sound BEFORE INSERT ON entry BEGIN
      SELECT RAISE(ABORT, 'books: an entry takes the next place, which the head has come to')
        WHERE NEW.id IS NOT NEW.seq OR NEW.id IS NOT coalesce((SELECT max(id) FROM entry), 0) + 1
           OR NOT EXISTS (SELECT 1 FROM journal_head WHERE seq >= NEW.seq AND recorded_at >= NEW.recorded_at)
           OR NEW.recorded_at < (SELECT recorded_at FROM entry WHERE id = NEW.id - 1);
      SELECT RAISE(ABORT, 'books: an entry is already there')
        WHERE EXISTS (SELECT 1 FROM entry WHERE book_id = NEW.book_id AND key = NEW.key)
           OR (NEW.reverses IS NOT NULL AND EXISTS (SELECT 1 FROM entry WHERE reverses = NEW.reverses));
      SELECT RAISE(ABORT, 'books: the quarter is closed')
        WHERE NEW.effective_on <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed');
      SELECT RAISE(ABORT, 'books: an entry has a day of the calendar, an instant, and hashes of their length')
        WHERE NEW.effective_on IS NOT date(NEW.effective_on, '+0 days')
           OR NEW.effective_on NOT BETWEEN '2008-11-26' AND '2099-12-31'
           OR NEW.original_effective_on IS NOT date(NEW.original_effective_on, '+0 days')
           OR length(NEW.recorded_at) <> 27
           OR typeof(NEW.seal) <> 'blob' OR length(NEW.seal) <> 32
           OR typeof(NEW.content_hash) <> 'blob' OR length(NEW.content_hash) <> 32;
      SELECT RAISE(ABORT, 'books: a reversal undoes an earlier entry of its own book')
        WHERE NEW.reverses IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM entry WHERE id = NEW.reverses AND book_id = NEW.book_id);
      SELECT RAISE(ABORT, 'books: an entry must have the postings it declares, and they must balance')
        WHERE (SELECT count(*) = NEW.legs AND sum(amount) = 0 AND sum(max(amount, 0)) = NEW.gross
                  AND sum(legs IS NOT NEW.legs OR book_id IS NOT NEW.book_id
                          OR effective_on IS NOT NEW.effective_on OR seq IS NOT NEW.seq) = 0
               FROM posting WHERE entry_id = NEW.id) IS NOT 1;
    END
    """,
)

_PG: Final = (
    """
    CREATE OR REPLACE FUNCTION books_entries_are_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      found record;
    BEGIN
      SELECT count(*) AS entries, min(e.seq) AS first, max(e.seq) AS last, min(e.effective_on) AS opens,
             min(e.recorded_at) AS earliest, max(e.recorded_at) AS latest, bool_and(e.id = e.seq) AS by_place,
             bool_and(e.effective_on BETWEEN '2008-11-26' AND '2099-12-31'
                      AND octet_length(e.seal) = 32 AND octet_length(e.content_hash) = 32) AS whole,
             count(e.reverses) AS reversals,
             bool_and(made.legs = e.legs AND made.net IS NOT DISTINCT FROM 0
                      AND made.gross IS NOT DISTINCT FROM e.gross AND made.agree IS TRUE) AS made,
             (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed') AS sealed
        INTO found
        FROM fresh e CROSS JOIN LATERAL (
          SELECT count(*) AS legs, sum(p.amount) AS net, sum(greatest(p.amount, 0)) AS gross,
                 bool_and(p.legs = e.legs AND p.book_id = e.book_id AND p.effective_on = e.effective_on
                          AND p.seq = e.seq) AS agree
            FROM posting p WHERE p.entry_id = e.id) made;
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
      IF found.opens <= found.sealed THEN
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
      IF NOT found.made THEN
        RAISE EXCEPTION 'books: an entry must have the postings it declares, and they must balance'
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$
    """,
)
