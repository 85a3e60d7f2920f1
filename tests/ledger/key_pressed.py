"""A very long act broken off by the key that breaks off a program, and more acts after it: it tells how they went."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from threading import Event, Thread
from typing import Any, Final

from bank.wiring import OPERATOR
from ledger import commands
from ledger.dates import SetClock
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.store import rows, writing
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.verification import verify

LONG: Final = 8_000
"""Entries of the act that is broken off."""
LEGS: Final = 50
_FIRST_PRESSED: Final = 20_000
"""Postings that have been asked for when the key is pressed."""
_PATIENCE_S: Final = 0.5
"""How long whoever presses it waits before pressing it again."""


class Postings:
    """The postings that an act tells the database, counted as they are asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self.under_way = Event()

    def told(self, acts: Sequence[tuple[Entry, str, datetime]], after: int, ids: rows.Ids) -> Iterator[rows.Row]:
        """Those of some entries, one after another."""
        for row in rows.legs_of(acts, after, ids):
            self.asked += 1
            if self.asked == _FIRST_PRESSED:
                self.under_way.set()
            yield row


def pressed(under_way: Event, ended: Event) -> None:
    """Press the key once the act is under way; and once more if that is not answered."""
    under_way.wait()
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGINT)
        if ended.wait(_PATIENCE_S):
            return


def entry(key: str, legs: int) -> Entry:
    """An entry of so many postings."""
    told = (Posting("1200", Money(legs - 1)), *[Posting("1000", Money(-1))] * (legs - 1))
    return Entry(key, "bank", date(2012, 1, 10), f"Entry {key}", told)


def after(desk: Desk) -> list[str]:
    """What comes of acts that have nothing to do with the one that was broken off."""
    faults = []
    for number in range(20):
        try:
            commands.post_many(desk, [entry(f"after-{number}-{each}", 2) for each in range(1 + 40 * (number % 2))])
        except Exception as problem:  # noqa: BLE001 -- whatever it is, it is told
            faults.append(f"{type(problem).__name__}: {problem}"[:200])
    return faults


def main() -> None:
    """Do it on the database that the command line names, which is there and prepared."""
    (url,) = sys.argv[1:]
    database = Database.open(url, clock=SetClock(datetime(2012, 5, 1, tzinfo=UTC)))
    desk, postings, ended, how = Desk(database, OPERATOR), Postings(), Event(), "posted"
    named: Any = vars(writing)
    named["legs_of"] = postings.told
    key = Thread(target=pressed, args=(postings.under_way, ended))
    key.start()
    try:
        commands.post_many(desk, [entry(f"long-{number}", LEGS) for number in range(LONG)])
    except KeyboardInterrupt:
        how = "broken off"
    ended.set()
    asked = postings.asked
    with suppress(KeyboardInterrupt):
        key.join()
    faults = after(desk)
    with database.reading() as session:
        verdict = verify(session)
    found = {"how": how, "asked": asked, "faults": faults, "holds": verdict.holds, "entries": verdict.entries}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
