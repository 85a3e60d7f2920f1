"""What PostgreSQL refuses of an entry, asked first of one entry alone: it is the commonest act, and soon answered for.

The guards refuse what they refused (`ledger.store.server_in_one`, `ledger.store.guards_in_short`), in the same words.
One entry that is sound in every part passes one question. What does not pass it, or is more than one entry, is asked
what it was asked before, part by part.

Postings that are told together, of one entry, as many as each of them says there are, are all there can be: each has a
number of its own, and none above what it says. So nothing was there before them to which they could be added.

What has been part of a migration is history: it is never edited, only followed by a new one.
"""

from __future__ import annotations

from typing import Final

from ledger.store.guards_in_short import ENTRIES_ARE_SOUND

_BEGINS: Final = "    BEGIN\n"

# Who has moved the head holds it until the commit, so that no close can pass the entry unseen.
_ONE_SOUND_ENTRY: Final = """
      IF (SELECT e.id = e.seq AND e.reverses IS NULL AND e.effective_on BETWEEN '2008-11-26' AND '2099-12-31'
                 AND octet_length(e.seal) = 32 AND octet_length(e.content_hash) = 32
                 AND EXISTS (SELECT FROM journal_head h WHERE h.seq >= e.seq AND h.recorded_at >= e.recorded_at)
                 AND (e.seq = 1 OR EXISTS (SELECT FROM entry b WHERE b.seq = e.seq - 1
                                              AND b.recorded_at <= e.recorded_at))
                 AND NOT EXISTS (SELECT FROM quarter_event WHERE state = 'closed' AND ends_on >= e.effective_on)
                 AND (SELECT count(*) = e.legs AND sum(p.amount) = 0 AND sum(greatest(p.amount, 0)) = e.gross
                             AND bool_and(p.legs = e.legs AND p.book_id = e.book_id
                                          AND p.effective_on = e.effective_on AND p.seq = e.seq)
                        FROM posting p WHERE p.entry_id = e.id)
            FROM fresh e WHERE (SELECT count(*) FROM (SELECT FROM fresh LIMIT 2) few) = 1) THEN
        RETURN NULL;
      END IF;
"""

_POSTINGS_ARE_WHOLE: Final = """
    CREATE OR REPLACE FUNCTION books_posting_is_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
      -- All the legs of one entry: nothing can have been there before them.
      IF (SELECT min(entry_id) = max(entry_id) AND min(legs) = max(legs) AND count(*) = max(legs) FROM fresh) THEN
        RETURN NULL;
      END IF;
      -- Postings come before their header or with it. Where it is there they are all there, and no more than it says.
      IF (SELECT min(entry_id) FROM fresh) <= (SELECT max(id) FROM entry) AND EXISTS (
           SELECT FROM fresh f JOIN entry e ON e.id = f.entry_id
            WHERE e.legs <> (SELECT count(*) FROM posting p WHERE p.entry_id = f.entry_id)) THEN
        RAISE EXCEPTION 'books: a posting cannot be added to an entry already there'
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NULL;
    END $$
"""

FUNCTIONS: Final = {
    "books_posting_is_sound()": _POSTINGS_ARE_WHOLE,
    "books_entries_are_sound()": ENTRIES_ARE_SOUND.replace(_BEGINS, _BEGINS + _ONE_SOUND_ENTRY.lstrip("\n"), 1),
}
"""The guards, made anew in place of those there are, by how they are called."""
