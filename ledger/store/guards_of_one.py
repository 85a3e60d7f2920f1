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
from ledger.store.server_in_one import POSTINGS_ARE_WHOLE

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

_ALL_OF_ONE: Final = """
      -- All the legs of one entry: nothing can have been there before them.
      IF (SELECT min(entry_id) = max(entry_id) AND min(legs) = max(legs) AND count(*) = max(legs) FROM fresh) THEN
        RETURN NULL;
      END IF;
"""


def _asking_first(question: str, guard: str) -> str:
    """A guard with a question before all that it asks; without a place for it what comes out is no function at all."""
    declared, begin, asked = guard.partition("    BEGIN\n")
    return f"{declared}{begin}{question.lstrip(chr(10))}{asked}"


FUNCTIONS: Final = {
    "books_posting_is_sound()": _asking_first(_ALL_OF_ONE, POSTINGS_ARE_WHOLE),
    "books_entries_are_sound()": _asking_first(_ONE_SOUND_ENTRY, ENTRIES_ARE_SOUND),
}
"""The guards, made anew in place of those there are, by how they are called."""
