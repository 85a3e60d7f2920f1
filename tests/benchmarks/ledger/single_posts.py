"""W1 and W6: one client that posts and commits, post after post, on an empty book and on a long one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from ledger import commands, queries
from ledger.entries import Entry
from ledger.money import NOTHING
from ledger.store.work import Desk
from tests.benchmarks.ledger import by_sqlalchemy, drivers, material
from tests.benchmarks.ledger.bare import TABLES, Bare, Rows, Way, one_by_one
from tests.benchmarks.ledger.desks import desk_at
from tests.benchmarks.ledger.run import Run
from tests.benchmarks.ledger.table import Line, rate_line
from tests.benchmarks.ledger.timing import Rounds, fastest, median, probe, taken

REACH: Final = {"postgresql": 0.6, "sqlite": 0.5}
LASTING: Final = 0.8


def measure(run: Run) -> None:
    """W1: posts through the commands, and the same rows by the bare driver, by turns."""
    ours_url, bare_url, append_url = run.place.fresh("w1"), run.place.bare("w1-bare"), run.place.bare("w1-append")
    with (
        desk_at(ours_url) as desk,
        drivers.connected(ours_url) as reader,
        drivers.connected(bare_url) as bare,
        drivers.connected(append_url) as append,
        drivers.connected(run.place.bare("w1-usual")) as usual,
        drivers.connected(run.place.fresh("w1-guarded")) as guarded,
        by_sqlalchemy.connected(run.place.bare("w1-core"), usual) as core,
    ):
        scribe = _Scribe(run, desk, reader)
        single = _choose(scribe, bare.single_ways())
        plain = _choose(scribe, append.append_ways())
        whole, less, common, watched, naive = Rounds(), Rounds(), Rounds(), Rounds(), Rounds()
        warm = scribe.post("w1-warm")[1]
        # The guards have every entry follow on the one before: all that was posted, from the first on.
        _write(scribe.all(), guarded.guarded_single)
        driver, driven = next(iter(usual.single_ways().items()))
        for way in (driven, core):
            _write(warm, way)
        for number in range(run.size.rounds):
            seconds, rows = scribe.post(f"w1-{number}")
            sides = (
                (whole, bare.single_ways()[single]),
                (less, append.append_ways()[plain]),
                (common, driven),
                (watched, guarded.guarded_single),
            )
            for rounds, way in sides:
                rounds.probe.append(probe())
                rounds.ours.append(seconds)
                rounds.bare.append(_write(rows, way))
            naive.ours.append(_write(rows, core))
            naive.bare.append(whole.bare[-1])
        scribe.check()
    posts, bound = run.size.posts, REACH[run.engine]
    said = f"baseline by {single}"
    run.table.add(
        rate_line(
            run.engine,
            "W1",
            "post and commit, against the same rows",
            whole,
            posts,
            bound=bound,
            sense="at least",
            note=said,
        )
    )
    run.table.add(
        rate_line(run.engine, "W1", "post and commit, against postings and header alone", less, posts, note=plain)
    )
    what = "post and commit, against the same rows by the driver as its users use it"
    run.table.add(rate_line(run.engine, "W1", what, common, posts, note=driver))
    what = "post and commit, against the same rows by the bare driver with the guards on"
    run.table.add(rate_line(run.engine, "W1", what, watched, posts))
    what = "a naive SQLAlchemy Core post of the same rows, to tell how hard the baseline is"
    run.table.add(rate_line(run.engine, "W1", what, naive, posts))
    run.table.add(_probe_line(run.engine, "W1", whole))


def measure_on_long(run: Run) -> None:
    """W6: the same posts on the long book and on an empty one, by turns; the empty one stands as the baseline."""
    book, rounds = run.long_book, Rounds()
    with desk_at(run.place.fresh("w6")) as empty, desk_at(book.url) as full:
        warm = material.plain_entries(run.size.posts // 2, name="w6-warm-")
        for desk in (empty, full):
            posting_time(desk, warm)
        book.oracle.note(warm)
        for number in range(run.size.rounds):
            entries = material.plain_entries(run.size.posts, name=f"w6-{number}-")
            rounds.probe.append(probe())
            rounds.bare.append(posting_time(empty, entries))
            rounds.ours.append(posting_time(full, entries))
            book.oracle.note(entries)
    what = f"post and commit on a book of {run.size.book * 2:,} postings, against empty"
    run.table.add(rate_line(run.engine, "W6", what, rounds, run.size.posts, bound=LASTING, sense="at least"))


def posting_time(desk: Desk, entries: Sequence[Entry]) -> float:
    """Seconds to post entries one by one, a transaction each."""

    def act() -> None:
        for entry in entries:
            commands.post(desk, entry)

    return taken(act)


class _Scribe:
    """Posts round after round into one book, and reads back what rows that made."""

    def __init__(self, run: Run, desk: Desk, reader: Bare) -> None:
        self._run, self._desk, self._reader = run, desk, reader
        self._oracle = material.Oracle()
        self.rounds = 0
        self.names = {table: reader.names(table) for table in (*TABLES, "journal_head")}

    def post(self, name: str) -> tuple[float, list[Rows]]:
        """One round: its seconds, and the rows of each post."""
        entries = material.plain_entries(self._run.size.posts, name=f"{name}-")
        before = self._oracle.places
        self.rounds += 1
        seconds = posting_time(self._desk, entries)
        self._oracle.note(entries)
        return seconds, one_by_one(self._reader.written(before, self._oracle.places), self.names)

    def all(self) -> list[Rows]:
        """The rows of every post so far."""
        return one_by_one(self._reader.written(0, self._oracle.places), self.names)

    def check(self) -> None:
        """Hold the book against the oracle."""
        with self._desk.reading() as session:
            found = queries.balances_under(session, material.BOOK, material.HOT)
            head = queries.head(session).seq
        wanted = self._oracle.balances(material.STARTS.replace(year=2100), self._oracle.places)
        self._run.table.check("W1 head", head, self._oracle.places)
        self._run.table.check("W1 balance", found.get(material.HOT, NOTHING).pence, wanted.get(material.HOT, 0))


def _choose(scribe: _Scribe, ways: Mapping[str, Way]) -> str:
    """The fastest way of the baseline; finding it warms both sides up."""
    return fastest({name: partial(_trial, scribe, way) for name, way in ways.items()})


def _trial(scribe: _Scribe, way: Way) -> float:
    return _write(scribe.post(f"w1-trial-{scribe.rounds}")[1], way)


def _write(rows: Sequence[Rows], way: Way) -> float:
    """Seconds to write rows, a transaction for each post; making them ready is not counted."""
    acts = [way(each) for each in rows]
    return taken(lambda: [act() for act in acts])


def _probe_line(engine: str, work: str, rounds: Rounds) -> Line:
    least, middle, most = min(rounds.probe), median(rounds.probe), max(rounds.probe)
    return Line(
        engine,
        work,
        "the probe beside these rounds",
        f"{middle * 1e3:.0f} ms",
        note=f"{least * 1e3:.0f}-{most * 1e3:.0f} ms",
    )
