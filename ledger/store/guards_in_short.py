"""What PostgreSQL refuses of an entry, in fewer words: the legs are looked at in place, and the rest after them.

It refuses what it refused (`ledger.store.server_in_one`), in the same words. A join made for any number of entries and
their legs costs more to start than to run for one entry; an entry's own question to its legs starts with it.

What has been part of a migration is history: it is never edited, only followed by a new one.
"""

from __future__ import annotations

from typing import Final

_CLOSED: Final = "(SELECT max(ends_on) FROM quarter_event WHERE state = 'closed')"

# Who has moved the head holds it until the commit, so that no close can pass the entry unseen.
_FOLLOWS: Final = """
        found.last - found.first + 1 = found.entries
        AND EXISTS (SELECT FROM journal_head h WHERE h.seq >= found.last AND h.recorded_at >= found.latest)
        AND (found.first = 1 OR EXISTS (SELECT FROM entry b WHERE b.seq = found.first - 1
                                           AND b.recorded_at <= found.earliest))
"""

_ENTRIES_ARE_SOUND: Final = """
    CREATE OR REPLACE FUNCTION books_entries_are_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      found record;
    BEGIN
      SELECT count(*) AS entries, min(e.seq) AS first, max(e.seq) AS last, bool_and(e.id = e.seq) AS by_place,
             min(e.recorded_at) AS earliest, max(e.recorded_at) AS latest, min(e.effective_on) AS opens,
             count(e.reverses) AS reversals,
             bool_and(e.effective_on BETWEEN '2008-11-26' AND '2099-12-31'
                      AND octet_length(e.seal) = 32 AND octet_length(e.content_hash) = 32) AS whole,
             bool_and((SELECT count(*) = e.legs AND sum(p.amount) = 0 AND sum(greatest(p.amount, 0)) = e.gross
                              AND bool_and(p.legs = e.legs AND p.book_id = e.book_id
                                           AND p.effective_on = e.effective_on AND p.seq = e.seq)
                         FROM posting p WHERE p.entry_id = e.id) IS TRUE) AS made
        INTO found FROM fresh e;
      IF found.entries = 0 THEN
        RETURN NULL;
      END IF;
      IF found.by_place AND found.whole AND found.reversals = 0 AND found.made AND <follows>
         AND (found.opens <= <closed>) IS NOT TRUE THEN
        RETURN NULL;
      END IF;
      IF (found.by_place AND <follows>) IS NOT TRUE THEN
        RAISE EXCEPTION 'books: an entry takes the next place, which the head has come to'
          USING ERRCODE = 'restrict_violation';
      END IF;
      IF found.opens <= <closed> THEN
        RAISE EXCEPTION 'books: the quarter is closed' USING ERRCODE = 'restrict_violation';
      END IF;
      IF found.whole IS NOT TRUE THEN
        RAISE EXCEPTION 'books: an entry has a day of the calendar, an instant, and hashes of their length'
          USING ERRCODE = 'check_violation';
      END IF;
      IF EXISTS (
          SELECT FROM fresh WHERE fresh.reverses IS NOT NULL AND NOT EXISTS (
            SELECT FROM entry WHERE entry.seq = fresh.reverses AND entry.seq < fresh.seq
                                AND entry.book_id = fresh.book_id)) THEN
        RAISE EXCEPTION 'books: a reversal undoes an earlier entry of its own book'
          USING ERRCODE = 'check_violation';
      END IF;
      IF found.made IS NOT TRUE THEN
        RAISE EXCEPTION 'books: an entry must have the postings it declares, and they must balance'
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$
"""

ENTRIES_ARE_SOUND: Final = _ENTRIES_ARE_SOUND.replace("<follows>", _FOLLOWS).replace("<closed>", _CLOSED)
"""The guard, made anew in place of the one there is."""
