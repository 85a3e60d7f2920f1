"""What can befall the database itself during an act, and how the one who asked is told of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError

from ledger.refusals import Refusal

_GOING: Final = {"57P01", "57P02", "57P03"}
"""What a PostgreSQL says that is shutting down, has crashed beside us, or is not up yet."""

_HUNG_UP: Final = {"25P03", "25P04", "57P05"}
"""What it says when it ends a connection that rested, or whose transaction took, longer than its settings allow."""

_TOO_LONG: Final = {
    "57014": "a statement was stopped, by statement_timeout or by hand",
    "55P03": "a lock was waited for longer than lock_timeout",
}
_READ_ONLY: Final = "25006"

_FULL: Final = {"53100"}
_FULL_SQLITE: Final = "database or disk is full"


class ConnectionLost(Refusal):
    """The database went away during an act: nobody can say from here whether it was done."""

    slug = "connection-lost"
    status = 503


class NoRoom(Refusal):
    """The database's disk is full."""

    slug = "no-room"
    status = 503


class TookTooLong(Refusal):
    """The server stopped an act that took, or waited, longer than its settings allow."""

    slug = "took-too-long"
    status = 503


class OnlyForLooking(Refusal):
    """The server takes no writing at present."""

    slug = "read-only"
    status = 503


def told(problem: DBAPIError) -> Refusal | None:
    """The refusal that tells of a mishap; none where the problem is something else.

    Either may be sent again: an act under a key, or of entries, which have keys of their own, is done once however
    often it is sent.
    """
    found = problem.orig
    state = getattr(found, "sqlstate", "")  # SQLite's errors have none; PostgreSQL's have None when nobody answered
    if state in _FULL or _FULL_SQLITE in str(found):
        return NoRoom("The database's disk is full, and nothing was done: make room, then send the same again")
    if state in _TOO_LONG:
        return TookTooLong(
            f"Nothing was done: {_TOO_LONG[state]}. Send the same again; where it goes on, let who runs the database "
            "raise that setting, or look who holds the lock"
        )
    if state == _READ_ONLY:
        return OnlyForLooking(
            "Nothing was done: the database takes no writing, being a standby or told default_transaction_read_only. "
            "Name the one that does, or have the setting taken back, then send the same again"
        )
    lost = state is None or state in _GOING or state.startswith("08")
    if (lost and isinstance(problem, OperationalError)) or state in _HUNG_UP:
        return ConnectionLost(
            "The database went away, and whether this was done is not known: send the same again under the same key, "
            "and it is done once"
        )
    return None
