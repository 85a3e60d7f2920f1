"""What SQLite refuses of an entry, asked in one breath: each guard first asks whether anything at all is wrong.

They refuse what they refused before, in the same words (`ledger.store.guards_for_less`). An entry that is sound passes
one condition and starts no statement; only what that stops is asked which of the rules it breaks. That a posting's
numbers are whole is seen where its entry is held against its legs: an amount and the number of a leg may be other than
whole in a column of whole numbers, every other column is held to one of the entry's by being equal to it.

A guard that has been part of a migration is history: it is never edited, only followed by a new one.
"""

from __future__ import annotations

from typing import Final

_BEHIND: Final = """
    NEW.entry_id <= (SELECT max(id) FROM entry)
    OR (NEW.rowid <> -1 AND EXISTS (SELECT 1 FROM posting WHERE rowid = NEW.rowid))
"""
"""Where nobody has named the hidden number of a row it is -1 here: there is nothing to look for."""

_OUT_OF_PLACE: Final = """
    NEW.id IS NOT NEW.seq
    OR NOT coalesce((SELECT id = NEW.id - 1 AND recorded_at <= NEW.recorded_at FROM entry ORDER BY id DESC LIMIT 1),
                    NEW.id = 1)
    OR NOT EXISTS (SELECT 1 FROM journal_head WHERE seq >= NEW.seq AND recorded_at >= NEW.recorded_at)
"""

_THERE: Final = """
    EXISTS (SELECT 1 FROM entry WHERE book_id = NEW.book_id AND key = NEW.key)
    OR (NEW.reverses IS NOT NULL AND EXISTS (SELECT 1 FROM entry WHERE reverses = NEW.reverses))
"""

_CLOSED: Final = "coalesce(NEW.effective_on <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed'), 0)"

_NO_DAY: Final = """
    NEW.effective_on IS NOT date(NEW.effective_on, '+0 days')
    OR NEW.effective_on NOT BETWEEN '2008-11-26' AND '2099-12-31'
    OR (NEW.original_effective_on IS NOT NULL
        AND NEW.original_effective_on IS NOT date(NEW.original_effective_on, '+0 days'))
    OR length(NEW.recorded_at) <> 27
    OR typeof(NEW.seal) <> 'blob' OR length(NEW.seal) <> 32
    OR typeof(NEW.content_hash) <> 'blob' OR length(NEW.content_hash) <> 32
"""

_UNDOES_NOTHING: Final = """
    NEW.reverses IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM entry WHERE id = NEW.reverses AND book_id = NEW.book_id)
"""

_NOT_MADE: Final = """
    (SELECT count(*) = NEW.legs AND sum(amount) = 0 AND sum(max(amount, 0)) = NEW.gross
            AND total(legs IS NOT NEW.legs OR book_id IS NOT NEW.book_id OR effective_on IS NOT NEW.effective_on
                      OR seq IS NOT NEW.seq OR typeof(amount) <> 'integer' OR typeof(leg) <> 'integer') = 0
       FROM posting WHERE entry_id = NEW.id) IS NOT 1
"""

_ENTRY: Final = (
    ("an entry takes the next place, which the head has come to", _OUT_OF_PLACE),
    ("an entry is already there", _THERE),
    ("the quarter is closed", _CLOSED),
    ("an entry has a day of the calendar, an instant, and hashes of their length", _NO_DAY),
    ("a reversal undoes an earlier entry of its own book", _UNDOES_NOTHING),
    ("an entry must have the postings it declares, and they must balance", _NOT_MADE),
)


def statements() -> list[str]:
    """Statements that replace the guards of postings and entries on SQLite."""
    anything = " OR ".join(f"({condition})" for _, condition in _ENTRY)
    each = "".join(f"SELECT RAISE(ABORT, 'books: {said}') WHERE {condition};" for said, condition in _ENTRY)
    return [
        "DROP TRIGGER posting_is_sound",
        "DROP TRIGGER entry_is_sound",
        (
            f"CREATE TRIGGER posting_is_sound BEFORE INSERT ON posting WHEN {_BEHIND} BEGIN "
            "SELECT RAISE(ABORT, 'books: a posting cannot be added to an entry already there'); END"
        ),
        (
            f"CREATE TRIGGER entry_is_sound BEFORE INSERT ON entry WHEN coalesce({anything}, 1) BEGIN {each} "
            "SELECT RAISE(ABORT, 'books: an entry is whole in every part'); END"
        ),
    ]
