"""Growth: every work on a book and on one four times as long, which is the same book later. Flat, or linear at worst.

What reads all of a book may take four times as long on the longer one, and is divided by four before it is compared.
The longer book stands in the table as ours, the shorter as the baseline.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from typing import Final

from ledger import commands, queries
from ledger.entries import Entry
from ledger.store.work import Desk
from tests.benchmarks.ledger import checking, drivers, material, one_side
from tests.benchmarks.ledger.cuts import Cut, balances
from tests.benchmarks.ledger.desks import desk_at
from tests.benchmarks.ledger.longbook import LongBook
from tests.benchmarks.ledger.run import Run
from tests.benchmarks.ledger.single_posts import posting_time
from tests.benchmarks.ledger.table import time_line
from tests.benchmarks.ledger.timing import Rounds, median, probe, rubbish_of_its_own, taken

REACH: Final = 1.3


def measure(run: Run) -> None:
    """Each work by turns on both books."""
    book = run.long_book
    shown = f"{book.quarter_places * 2:,} postings to {book.quarter_places * 8:,}"
    with ExitStack() as opened:
        short, long = (opened.enter_context(desk_at(url)) for url in (book.quarter_url, book.url))
        posts = _by_turns(run, partial(_posts, run, short), partial(_posts, run, long))
        _tell(run, f"post and commit, {shown}", posts)
        book.oracle.note(_noted(run))
        _tell(run, f"every balance, mid day, known midway, {shown}", _cuts(run, book, short, long))
        _tell(run, f"one balance of the hot account, {shown}", _ones(run, book, short, long))
    _tell(run, f"the check, {shown}, a quarter of it", _checks(run, book))
    _tell(run, f"one act of {run.size.bulk // 4:,} entries to {run.size.bulk:,}, a quarter of it", _acts(run))


def _tell(run: Run, what: str, rounds: Rounds) -> None:
    run.table.add(time_line(run.engine, "growth", what, rounds, bound=REACH))


def _by_turns(run: Run, short: Callable[[int], float], long: Callable[[int], float], times: int = 0) -> Rounds:
    """Rounds of both; each is told the number of the round."""
    rounds = Rounds()
    for number in range(times or run.size.looks):
        rounds.probe.append(probe())
        rounds.bare.append(short(number))
        rounds.ours.append(long(number))
    return rounds


def _posts(run: Run, desk: Desk, number: int) -> float:
    entries = material.plain_entries(run.size.posts, name=f"growth-{number}-")
    return posting_time(desk, entries) / len(entries)


def _noted(run: Run) -> list[Entry]:
    rounds = (material.plain_entries(run.size.posts, name=f"growth-{number}-") for number in range(run.size.looks))
    return [entry for entries in rounds for entry in entries]


def _cuts(run: Run, book: LongBook, short: Desk, long: Desk) -> Rounds:
    """In the middle of what each book has come to, as known when each was half as long."""
    cuts = []
    for places in (book.quarter_places, 4 * book.quarter_places):
        middle = material.STARTS + (book.last_day(places) - material.STARTS) / 2
        cuts.append(Cut("", middle, min(places // 2 + 917, places - 1)))
    for desk, cut in zip((short, long), cuts, strict=True):
        found = {line.code: (line.debit - line.credit).pence for line in balances(desk, cut).accounts}
        run.table.check("growth, balances", found, book.oracle.balances(cut.as_at, cut.known or 0))

    def look(desk: Desk, cut: Cut, _: int) -> float:
        return taken(partial(balances, desk, cut))

    return _by_turns(run, partial(look, short, cuts[0]), partial(look, long, cuts[1]))


def _ones(run: Run, book: LongBook, short: Desk, long: Desk) -> Rounds:
    """The account that has a tenth of all postings, at random days and places of each book.

    What W5 tells of it, the middle of single questions: of the longer book there is more to be read in from the disk,
    which the few questions that come first on a page pay for, and which is no growth of the work.
    """

    def look(desk: Desk, places: int, number: int) -> float:
        drawn = material.chance(f"growth {number}")
        questions = [_question(drawn, book, places) for _ in range(run.size.questions)]
        with desk.reading() as session, rubbish_of_its_own():
            at = [queries.known(session, known) for _, known in questions]
            took = []
            for (as_at, _), then in zip(questions, at, strict=True):
                began = time.perf_counter()
                queries.balance_at(session, material.BOOK, material.HOT, as_at, then)
                took.append(time.perf_counter() - began)
            return median(took)

    places = book.quarter_places
    return _by_turns(run, partial(look, short, places), partial(look, long, 4 * places))


def _question(drawn: random.Random, book: LongBook, places: int) -> tuple[date, int]:
    days = (book.last_day(places) - material.STARTS).days
    return material.STARTS + timedelta(days=drawn.randint(0, days)), drawn.randint(places // 20, places)


def _checks(run: Run, book: LongBook) -> Rounds:
    def check(url: str, part: int, _: int) -> float:
        return checking.took(url, one_side.OURS).seconds / part

    return _by_turns(run, partial(check, book.quarter_url, 1), partial(check, book.url, 4), run.size.checks)


def _acts(run: Run) -> Rounds:
    """Into an empty book each time."""

    def act(count: int, part: int, number: int) -> float:
        url = run.place.fresh(f"growth-{count}-{number}")
        entries = material.act_of(count, of=run.size.bulk)
        with desk_at(url) as desk:
            seconds = taken(lambda: commands.post_many(desk, entries))
        with drivers.connected(url) as bare:
            run.table.check("growth, entries", bare.ask("SELECT count(*) FROM entry")[0][0], count)
        run.place.drop(url)
        return seconds / part

    whole = run.size.bulk
    return _by_turns(run, partial(act, whole // 4, 1), partial(act, whole, 4), run.size.bulk_rounds)
