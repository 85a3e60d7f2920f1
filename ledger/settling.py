"""A moment of knowledge that stays what it was: nothing that bears an earlier instant is still on its way in.

An act bears the instant at which it began, and is there for others once it is committed; a long one, such as a return
of 100,000 loans or a load of two million postcodes, some minutes later. Whoever looked meanwhile has not seen it, and
whoever asks later what was known at the instant of that look is told of it: of its entries not, which come after the
last place that was there, but of all else that it wrote. What is published for good waits until that cannot be.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from ledger.moments import Known, known, known_by
from ledger.refusals import Refusal
from ledger.store.database import WriteSession
from ledger.store.holding import hold
from ledger.store.raw import Raw

_MOST_S: Final = 120.0
_FIRST_S: Final = 0.01
_PAUSE_S: Final = 0.2

_UNDER_WAY: Final = """
    WITH RECURSIVE waits_for_us (pid) AS (
      SELECT pg_backend_pid()
       UNION
      SELECT l.pid FROM waits_for_us w JOIN pg_locks l ON NOT l.granted AND w.pid = ANY(pg_blocking_pids(l.pid))
    )
    SELECT DISTINCT l.virtualtransaction
      FROM pg_locks l
     WHERE l.granted
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (l.locktype = 'advisory'
            OR l.locktype = 'relation' AND l.mode IN ('RowShareLock', 'RowExclusiveLock', 'ShareLock'))
       AND l.pid NOT IN (SELECT pid FROM waits_for_us)
"""
"""Whoever has begun an act, or to write. Who only looks holds no such lock. Who waits for us, or for one who does,
would wait for ever: we hold nothing by then but our key, so that is the same act sent again, or one who asks as we do.
"""
_SETTLING: Final = "a moment of knowledge"

_HEAD: Final = "SELECT recorded_at FROM journal_head"


class StillUnderWay(Refusal):
    """Acts that began before are not over yet."""

    slug = "acts-under-way"
    status = 503


def settled(session: WriteSession, at: datetime | int | None = None) -> Known:
    """A point of knowledge as `known` resolves it, once every act that had begun to write before it is over.

    SQLite has one writer, and this is it. PostgreSQL tells who has begun an act; they are waited for. Of two who ask at
    once, one asks after the other has done what it asks for. Refuses (`StillUnderWay`) where one of them takes longer
    than two minutes.
    """
    hold(session, _SETTLING)
    raw = Raw.within(session)
    placed = raw.ask(_HEAD)
    present = max(session.now, raw.read_instant(placed[0][0])) if placed else session.now
    if not raw.sqlite:
        _wait(raw)
    return known_by(session, present) if at is None else known(session, at)


def _wait(raw: Raw) -> None:
    left, pause, until = _under_way(raw), _FIRST_S, time.monotonic() + _MOST_S
    while left:
        if time.monotonic() > until:
            raise StillUnderWay(
                f"{len(left)} acts that began before are not over after {_MOST_S:.0f} seconds, and what is published "
                "now would not know of them: nothing was done, ask again once they are over"
            )
        time.sleep(pause)
        pause = min(2 * pause, _PAUSE_S)
        left &= _under_way(raw)


def _under_way(raw: Raw) -> set[str]:
    return {one for (one,) in raw.ask(_UNDER_WAY)}
