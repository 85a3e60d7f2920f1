"""W3: a hundred thousand entries in one act."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from ledger import commands, queries
from ledger.chunks import import_in_pieces
from ledger.entries import Entry, Recorded
from ledger.store.journal import EPOCH
from ledger.store.work import Desk
from tests.benchmarks.ledger import drivers, material
from tests.benchmarks.ledger.bare import Rows, Way
from tests.benchmarks.ledger.desks import desk_at
from tests.benchmarks.ledger.run import Run
from tests.benchmarks.ledger.table import time_line
from tests.benchmarks.ledger.timing import Rounds, fastest, probe, taken

REACH: Final = 2.0


def measure(run: Run) -> None:
    """The entries through `post_many`, each round into an empty book; the same rows by the bare driver, by turns.

    Beside it, not held to anything: all that the act writes, its cells too, by the bare driver in tables that keep
    their guards; and the same entries as lines of a journal file, read and posted a piece at a time.
    """
    way, rounds, guarded, pieces = "", Rounds(), Rounds(), Rounds()
    for number in range(run.size.bulk_rounds):
        rounds.probe.append(probe())
        seconds, rows = _ours(run, run.place.fresh(f"w3-{number}"))
        rounds.ours.append(seconds)
        way = way or _choose(run, rows)
        rounds.bare.append(_bare(run, way, rows, f"w3-bare-{number}"))
        guarded.bare.append(_guarded(run, rows, f"w3-guarded-{number}"))
        pieces.ours.append(_in_pieces(run, run.place.fresh(f"w3-pieces-{number}")))
    pieces.bare += rounds.bare
    guarded.ours += rounds.ours
    what = f"{run.size.bulk:,} entries in one act, against the same rows, by {way}"
    run.table.add(time_line(run.engine, "W3", what, rounds, bound=REACH, note=_rates(run, rounds)))
    what = "the same, against all that it writes, its cells too, by the bare driver with the guards on"
    run.table.add(time_line(run.engine, "W3", what, guarded, note=_rates(run, guarded)))
    what = f"a file of {run.size.bulk:,} lines read and posted in pieces, against those rows"
    run.table.add(time_line(run.engine, "W3", what, pieces, note=_rates(run, pieces)))


def _ours(run: Run, url: str) -> tuple[float, Rows]:
    entries, oracle = _act(run)
    with desk_at(url) as desk, drivers.connected(url) as reader:
        seconds = taken(lambda: commands.post_many(desk, entries))
        _check(run, desk, oracle)
        rows = replace(reader.written(0, oracle.places), cell=reader.cells())
    run.place.drop(url)
    return seconds, rows


def _act(run: Run) -> tuple[Sequence[Entry], material.Oracle]:
    return material.act_of(run.size.bulk, of=run.size.bulk), material.oracle_of(run.size.bulk, of=run.size.bulk)


def _in_pieces(run: Run, url: str) -> float:
    entries, oracle = _act(run)
    lines = [_line(entry) for entry in entries]
    with desk_at(url) as desk:
        seconds = taken(lambda: list(import_in_pieces(desk, lines)))
        _check(run, desk, oracle)
    run.place.drop(url)
    return seconds


def _line(entry: Entry) -> bytes:
    """The entry as a line of a journal file."""
    recorded = Recorded(entry, 0, EPOCH, "", "").as_line()
    wanted = ("key", "book", "effective_on", "description", "postings")
    return json.dumps({name: recorded[name] for name in wanted}).encode()


def _check(run: Run, desk: Desk, oracle: material.Oracle) -> None:
    as_at = material.STARTS.replace(year=material.STARTS.year + 5)
    with desk.reading() as session:
        found = queries.balances_under(session, material.BOOK, material.HOT, as_at)
        found |= queries.balances_under(session, material.BOOK, "1200", as_at)
        seq = queries.head(session).seq
    wanted = oracle.balances(as_at, oracle.places)
    wanted = {code: pence for code, pence in wanted.items() if code == material.HOT or code.startswith("1200")}
    run.table.check("W3 head", seq, oracle.places)
    run.table.check("W3 balances", {code: money.pence for code, money in found.items()}, wanted)


def _choose(run: Run, rows: Rows) -> str:
    """The fastest way of the baseline, each tried once on an empty table."""
    with drivers.connected(run.place.bare("w3-ways")) as bare:
        ways = list(bare.bulk_ways())
    if len(ways) == 1:
        return ways[0]
    return fastest({name: partial(_bare, run, name, rows, f"w3-{at}") for at, name in enumerate(ways)})


def _bare(run: Run, way: str, rows: Rows, name: str) -> float:
    url = run.place.bare(name)
    with drivers.connected(url) as bare:
        chosen: Way = bare.bulk_ways()[way]
        seconds = taken(chosen(rows))
        count = bare.ask("SELECT count(*) FROM posting")[0][0]
        run.table.check(f"W3 rows by {way}", count, len(rows.posting))
    run.place.drop(url)
    return seconds


def _guarded(run: Run, rows: Rows, name: str) -> float:
    url = run.place.fresh(name)
    with drivers.connected(url) as bare:
        seconds = taken(bare.guarded_bulk(rows))
        found = [bare.ask(f"SELECT count(*) FROM {table}")[0][0] for table in ("posting", "cell")]  # noqa: S608 -- our own names
        run.table.check("W3 rows under guards", found, [len(rows.posting), len(rows.cell)])
    run.place.drop(url)
    return seconds


def _rates(run: Run, rounds: Rounds) -> str:
    ours, bare = sorted(rounds.ours), sorted(rounds.bare)
    middle = len(ours) // 2
    return f"{run.size.bulk / ours[middle]:,.0f} against {run.size.bulk / bare[middle]:,.0f} entries/s"
