"""W4: every account's balance on both time axes, beside adding up all postings by account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

from ledger import commands, queries
from ledger.dates import Quarter
from ledger.store.work import Desk
from tests.benchmarks.ledger import drivers, material
from tests.benchmarks.ledger.bare import Bare, Plan
from tests.benchmarks.ledger.desks import desk_at
from tests.benchmarks.ledger.longbook import LongBook, post_act
from tests.benchmarks.ledger.run import Run
from tests.benchmarks.ledger.table import Line, spoken, time_line
from tests.benchmarks.ledger.timing import Rounds, fastest, probe, taken

OPEN: Final = 0.2
CLOSED: Final = 0.1


@dataclass(frozen=True, slots=True)
class Cut:
    """A day, and a place in the journal, or none for all that is known now."""

    what: str
    as_at: date
    known: int | None
    bound: float = OPEN


def measure(run: Run) -> None:
    """W4 on the long book as it was posted, after late entries, at a closed quarter, and after late entries again."""
    book = run.long_book
    middle = material.STARTS + timedelta(days=material.DAYS // 2 - 10)
    half = min(run.size.book // 2 + 1_717, run.size.book - 1)
    closed = Quarter.parse("2017Q4")
    with desk_at(book.url) as desk, drivers.connected(book.url) as bare:
        look = partial(_measure_cuts, run, desk, bare, book.oracle)
        look([Cut("mid day, known now", middle, None), Cut("mid day, known midway", middle, half)])
        _late(run, desk, bare, book, "late-a", material.STARTS, material.STARTS + timedelta(days=material.DAYS - 1))
        after = f"after {run.size.late:,} back-dated"
        look([Cut(f"mid day, known now, {after}", middle, None), Cut(f"mid day, known midway, {after}", middle, half)])
        seconds = taken(lambda: _close(desk, closed))
        run.table.add(Line(run.engine, "W4", f"{closed} closed for good, gates and all", spoken(seconds)))
        bare.settle()
        at_close = book.oracle.places
        look([Cut("closed quarter, known now", closed.ends_on, None, CLOSED)])
        _late(run, desk, bare, book, "late-b", closed.ends_on + timedelta(days=1), date(2021, 12, 31))
        look(
            [
                Cut(f"closed quarter, known now, {after}", closed.ends_on, None, CLOSED),
                Cut(f"closed quarter, known at its close, {after}", closed.ends_on, at_close, CLOSED),
                Cut(f"a day after the closed quarter, {after}", date(2019, 5, 17), None),
            ]
        )


def _late(run: Run, desk: Desk, bare: Bare, book: LongBook, name: str, since: date, until: date) -> None:
    entries = material.late_entries(run.size.late, name=name, since=since, until=until)
    for start in range(0, len(entries), run.size.act):
        post_act(desk, book.oracle, entries[start : start + run.size.act])
    bare.settle()


def _close(desk: Desk, quarter: Quarter) -> None:
    with desk.writing() as work:
        commands.close_quarter(work, quarter, hard=True)


def _measure_cuts(run: Run, desk: Desk, bare: Bare, oracle: material.Oracle, cuts: Sequence[Cut]) -> None:
    for cut in cuts:
        rounds, way = measure_cut(run, desk, bare, oracle, cut)
        run.table.add(time_line(run.engine, "W4", cut.what, rounds, bound=cut.bound, note=f"baseline: {way}"))


def measure_cut(run: Run, desk: Desk, bare: Bare, oracle: material.Oracle, cut: Cut) -> tuple[Rounds, str]:
    """One cut by both, by turns, each answer held against the oracle."""
    known = oracle.places if cut.known is None else cut.known
    way = _choose(bare, cut, known)
    add_up = partial(bare.ask, bare.cut_plans()[way].statement, (cut.as_at.isoformat(), known))
    _check(run, desk, bare, oracle.balances(cut.as_at, known), cut, add_up())
    rounds = Rounds()
    for _ in range(run.size.looks):
        rounds.probe.append(probe())
        rounds.ours.append(taken(partial(balances, desk, cut)))
        rounds.bare.append(taken(add_up))
    return rounds, way


def balances(desk: Desk, cut: Cut) -> queries.TrialBalance:
    """Every balance of the book, in a look of its own: what a caller of ours waits for."""
    with desk.reading() as session:
        return queries.trial_balance(session, material.BOOK, cut.as_at, queries.known(session, cut.known))


def _choose(bare: Bare, cut: Cut, known: int) -> str:
    """The fastest plan of the baseline for a cut, which is left set."""

    def trial(plan: Plan) -> float:
        bare.adopt(plan)
        return taken(lambda: bare.ask(plan.statement, (cut.as_at.isoformat(), known)))

    plans = bare.cut_plans()
    way = fastest({name: partial(trial, plan) for name, plan in plans.items()})
    bare.adopt(plans[way])
    return way


def _check(
    run: Run, desk: Desk, bare: Bare, wanted: Mapping[str, int], cut: Cut, added_up: Sequence[tuple[int, int]]
) -> None:
    codes = {number: code for code, number in bare.account_ids().items()}
    found = {line.code: (line.debit - line.credit).pence for line in balances(desk, cut).accounts}
    run.table.check(f"W4 {cut.what}", found, wanted)
    summed = {codes[account]: int(pence) for account, pence in added_up if pence}
    run.table.check(f"W4 baseline of {cut.what}", summed, wanted)
