"""W2: eight client processes at once, half of them always on one hot account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final

from ledger import queries
from tests import forks
from tests.benchmarks.ledger import clients, drivers, material
from tests.benchmarks.ledger.clients import Act, Client, Done
from tests.benchmarks.ledger.desks import desk_at
from tests.benchmarks.ledger.run import Run
from tests.benchmarks.ledger.table import Line, rate_line
from tests.benchmarks.ledger.timing import Rounds, median, probe, share

INLINE: Final = 0.45
DEFERRED: Final = 0.75
HOT_TO_COLD: Final = 2.0
_START_S: Final = 60
_USUAL: Final = "against bare appends by the driver as its users use it"
_SPAN: Final = 100_000


@dataclass
class Side:
    """One side of the comparison over all rounds: what each client did in each."""

    url: str
    act: Act
    way: str = ""
    done: list[Done] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    worker: Callable[[str, Any], float] | None = None
    placed: list[float] = field(default_factory=list)
    """Rates until the worker had placed the last."""
    trials: int = 0
    spans: Iterator[int] = field(default_factory=lambda: count(_SPAN, _SPAN))

    def latencies(self, *, hot: bool) -> list[float]:
        """The seconds of every post of the hot or of the cold clients."""
        return [seconds for done in self.done if done.hot is hot for seconds in done.seconds]

    @property
    def troubles(self) -> tuple[int, int]:
        """How often a client was asked to try again, and how many posts failed in the end."""
        return sum(done.retries for done in self.done), sum(done.errors for done in self.done)


def measure(run: Run) -> None:
    """W2: inline, deferred where the database can, and the bare appends, in rounds by turns."""
    inline = Side(run.place.fresh("w2"), clients.post)
    bare, ordered = (
        Side(run.place.bare("w2-bare"), clients.append),
        Side(run.place.bare("w2-order"), clients.keep_order),
    )
    usual = Side(run.place.bare("w2-usual"), clients.append)
    sides = {"inline": inline, "bare": bare, "ordered": ordered, "usual": usual}
    if run.engine == "postgresql":
        sides["deferred"] = Side(run.place.fresh("w2-later"), clients.post_later, worker=clients.place)
        sides["staged"] = Side(
            run.place.bare("w2-staged"), clients.stage, way="one row that waits", worker=clients.move
        )
    sample = clients.sample(inline.url)
    crowd, probes = _Crowd(run), []
    with drivers.connected(bare.url) as connection:
        crowd.choose(bare, list(connection.append_ways()), sample)
        usual.way = next(iter(connection.append_ways()))
        crowd.choose(ordered, list(connection.order_ways()), sample)
    for number in range(run.size.crowd_rounds):
        probes.append(probe())
        for name, side in sides.items():
            crowd.round(side, f"w2-{name}-{number}-", sample)
    crowd.dismiss()
    inline.trials = 1  # the sample
    _tell(run, "inline", inline, bare, INLINE, probes)
    _tell(run, "inline, against bare appends that keep one order", inline, ordered, None, probes)
    _tell(run, f"inline, {_USUAL}", inline, usual, None, probes)
    if later := sides.get("deferred"):
        _tell(run, "deferred, accepted while the worker places", later, bare, DEFERRED, probes)
        _tell(run, f"deferred, {_USUAL}", later, usual, None, probes)
        _tell(run, "deferred, until the last is placed", replace(later, rates=later.placed), bare, None, probes)
        staged = sides["staged"]
        _tell(run, "deferred, against bare rows that wait and are moved", later, staged, None, probes)
        _tell(run, "bare rows that wait and are moved, against bare appends", staged, bare, None, probes)
    for name, side in sides.items():
        _check(run, name, side)


class _Crowd:
    """The client processes, hired once, and the worker that places what they post for later."""

    def __init__(self, run: Run) -> None:
        self._size = run.size
        context = forks.context()
        self._gate, self._told = context.Barrier(run.size.clients), context.Queue()
        self._stop, self._emptied = context.Event(), context.Queue()
        self._asked = [context.Queue() for _ in range(run.size.clients)]
        self._placing = context.Queue()
        self._hired = [
            context.Process(target=clients.serve, args=(asked, self._gate, self._told), daemon=True)
            for asked in self._asked
        ]
        if run.engine == "postgresql":
            worker = (self._placing, self._stop, self._emptied)
            self._hired.append(context.Process(target=clients.keep_placing, args=worker, daemon=True))
        for process in self._hired:
            process.start()

    def round(self, side: Side, name: str, sample: clients.Sample) -> None:
        """All clients at once for a while; they begin together when the last of them is ready."""
        self._stop.clear()
        if side.worker:
            self._placing.put((side.worker, side.url))
        for number, asked in enumerate(self._asked):
            after, hot, seconds = next(side.spans), number % 2 == 0, self._size.crowd_seconds
            asked.put((side.act, Client(side.url, number, name, hot, seconds, after, side.way, sample)))
        done = [self._told.get(timeout=_START_S + self._size.crowd_seconds * 3) for _ in self._asked]
        self._stop.set()
        late = self._emptied.get(timeout=_START_S) if side.worker else 0.0
        side.done += done
        posted, lasted = sum(len(each.seconds) for each in done), max(each.lasted for each in done)
        side.rates.append(posted / lasted)
        side.placed.append(posted / (lasted + late))

    def choose(self, side: Side, ways: Sequence[str], sample: clients.Sample) -> None:
        """Settle on the baseline's fastest way by a round of each; a small run takes the first."""
        if self._size.crowd_rounds == 1:
            side.way = ways[0]
            return
        rates = {}
        for way in ways:
            side.way = way
            self.round(side, f"w2-{way[-5:]}-", sample)
            rates[way] = side.rates.pop()
        side.way = max(rates, key=lambda way: rates[way])
        side.trials = sum(each.before + len(each.seconds) for each in side.done)
        side.done.clear()

    def dismiss(self) -> None:
        """Ask nothing more."""
        for asked in (*self._asked, self._placing):
            asked.put(None)
        for process in self._hired:
            process.join(timeout=_START_S)


def _tell(run: Run, what: str, ours: Side, bare: Side, bound: float | None, probes: Sequence[float]) -> None:
    rounds = Rounds([1 / rate for rate in ours.rates], [1 / rate for rate in bare.rates], list(probes))
    retries, errors = ours.troubles
    said = f"{run.size.clients} clients, {what}"
    note = f"{retries} retries, {errors} errors; baseline: {bare.way}"
    run.table.add(rate_line(run.engine, "W2", said, rounds, 1, bound=bound, sense="at least", note=note))
    if bound is None:
        return
    hot, cold = ours.latencies(hot=True), ours.latencies(hot=False)
    told = f"p50 hot {median(hot) * 1e3:.1f} cold {median(cold) * 1e3:.1f} ms"
    last = share(hot, 0.99), share(cold, 0.99)
    run.table.add(
        Line(
            run.engine,
            "W2",
            f"{what}: p99 of the hot clients, against that of the cold",
            f"{last[0] * 1e3:.1f} ms",
            f"{last[1] * 1e3:.1f} ms",
            last[0] / last[1],
            bound=HOT_TO_COLD,
            note=told,
        )
    )


def _check(run: Run, name: str, side: Side) -> None:
    """Every post that was acknowledged is there, once, and the hot account has what was posted to it."""
    posted = side.trials + sum(done.before + len(done.seconds) for done in side.done)
    hot = sum(done.hot_pence for done in side.done)
    if name in {"bare", "ordered", "usual", "staged"}:
        with drivers.connected(side.url) as bare:
            run.table.check(f"W2 rows, {name}", bare.ask("SELECT count(*) FROM entry")[0][0], posted)
        return
    with desk_at(side.url) as desk, desk.reading() as session:
        run.table.check(f"W2 entries, {name}", queries.head(session).seq, posted)
        found = queries.balance_at(session, material.BOOK, material.HOT).pence
    run.table.check(f"W2 hot account, {name}", found, hot)
