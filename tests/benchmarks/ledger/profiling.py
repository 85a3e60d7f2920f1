"""Where the time of one work goes: our processor time, the server's, the waiting, the round trips, the functions."""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from ledger import commands, queries
from ledger.entries import Entry
from ledger.store.work import Desk
from ledger.verification import verify
from tests.benchmarks.ledger import drivers, material
from tests.benchmarks.ledger.bare import TABLES, Bare, one_by_one
from tests.benchmarks.ledger.cuts import Cut, balances
from tests.benchmarks.ledger.desks import desk_at
from tests.benchmarks.ledger.places import Place
from tests.benchmarks.ledger.sizes import Size
from tests.benchmarks.ledger.timing import flush_time, hash_time, median
from tests.benchmarks.ledger.turnstile import turnstile

_SHOWN: Final = 28
_NANO: Final = 1e9


@dataclass(frozen=True, slots=True)
class Spent:
    """What each of many acts took, on the average: seconds by the clock, on our processor, and on the server's."""

    wall: float
    own: float
    server: float

    def told(self, name: str) -> str:
        """In microseconds; what neither processor was busy with is mostly waiting for the disk."""
        rest = max(self.wall - self.own - self.server, 0)
        parts = (("by the clock", self.wall), ("own processor", self.own), ("server's", self.server), ("neither", rest))
        return f"{name:42} " + "  ".join(f"{what} {seconds * 1e6:7.0f} us" for what, seconds in parts)


def profile(place: Place, size: Size, work: str) -> None:
    """Print where the time of one work goes, on one kind of database."""
    print(f"\n{place.engine}: {work}\n{place.settings()}")
    {"W1": _one_post, "W3": _many_posts, "W4": _cut, "W5": _one_account, "W7": _check}[work](place, size)


WORKS: Final = ("W1", "W3", "W4", "W5", "W7")


def _one_post(place: Place, size: Size) -> None:
    url, bare_url = place.fresh("profile"), place.bare("profile-bare")
    count = size.posts
    with desk_at(url) as desk, drivers.connected(url) as reader, drivers.connected(bare_url) as bare:
        _post_all(desk, material.plain_entries(count, name="warm-"))
        clocked = material.plain_entries(count, name="clocked-")
        ours = _spent(lambda: _post_all(desk, clocked), reader, count)
        rows = one_by_one(reader.written(count, 2 * count), {t: reader.names(t) for t in (*TABLES, "journal_head")})
        acts = [next(iter(bare.single_ways().values()))(each) for each in rows]
        _run_all(acts[: count // 2])
        theirs = _spent(lambda: _run_all(acts[count // 2 :]), bare, len(acts) - count // 2)
        print(ours.told("a post"), theirs.told("the same rows by the bare driver"), sep="\n")
        _told_floors(reader)
        profiled = material.plain_entries(count, name="profiled-")
        _profiled(lambda: _post_all(desk, profiled))
    if place.engine == "postgresql":
        with turnstile(url) as counted, desk_at(counted.url) as desk:
            _post_all(desk, material.plain_entries(20, name="turn-warm-"))
            before = counted.turns, counted.sent, counted.received
            _post_all(desk, material.plain_entries(50, name="turn-"))
            turns, sent, received = counted.turns - before[0], counted.sent - before[1], counted.received - before[2]
            print(f"round trips a post {turns / 50:.2f}, bytes sent {sent // 50}, received {received // 50}")


def _spent(act: Callable[[], None], watched: Bare, count: int) -> Spent:
    """What an act took; the server's processes are watched where they run on this machine."""
    processes = watched.server_processes()
    before, own, began = _on_processor(processes), time.process_time(), time.perf_counter()
    act()
    wall, own = time.perf_counter() - began, time.process_time() - own
    return Spent(wall / count, own / count, (_on_processor(processes) - before) / count)


def _on_processor(processes: Sequence[int]) -> float:
    told = (Path(f"/proc/{process}/schedstat") for process in processes)
    return sum(int(each.read_text().split()[0]) for each in told if each.exists()) / _NANO


def _post_all(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in entries:
        commands.post(desk, entry)


def _run_all(acts: Sequence[Callable[[], None]]) -> None:
    for act in acts:
        act()


def _told_floors(reader: Bare) -> None:
    """The floors under a post on this machine: a flush, a round trip, a hash, an entry made and checked."""
    asked = []
    for _ in range(300):
        began = time.perf_counter()
        reader.ask("SELECT 1")
        asked.append(time.perf_counter() - began)
    began = time.perf_counter()
    material.plain_entries(500, name="made-")
    made = (time.perf_counter() - began) / 500
    floors = (
        ("one flush to the disk (fdatasync)", flush_time(Path.cwd())),
        ("one empty question to the database", median(asked)),
        ("hashing 400 bytes", hash_time()),
        ("making and checking an Entry (not in the post above)", made),
    )
    print(*(f"{what:56} {seconds * 1e6:7.1f} us" for what, seconds in floors), sep="\n")


def _many_posts(place: Place, size: Size) -> None:
    entries = material.act_of(size.bulk, of=size.bulk)
    with desk_at(place.fresh("profile")) as desk, drivers.connected(place.fresh("profile-idle")):
        _profiled(lambda: commands.post_many(desk, entries))


def _long(place: Place, size: Size) -> str:
    from tests.benchmarks.ledger.longbook import build  # noqa: PLC0415 -- two works of five need it

    return build(place, size).url


def _cut(place: Place, size: Size) -> None:
    cut = Cut("", date(2016, 12, 21), min(size.book // 2 + 1_717, size.book - 1))
    with desk_at(_long(place, size)) as desk:
        balances(desk, cut)
        _profiled(lambda: [balances(desk, cut) for _ in range(size.looks)])


def _one_account(place: Place, size: Size) -> None:
    with desk_at(_long(place, size)) as desk, desk.reading() as session:
        at = queries.known(session, min(size.book // 2 + 1_717, size.book - 1))

        def ask() -> None:
            for _ in range(size.questions):
                queries.balance_at(session, material.BOOK, material.COOL, date(2016, 12, 21), at)

        ask()
        _profiled(ask)


def _check(place: Place, size: Size) -> None:
    with desk_at(_long(place, size)) as desk, desk.reading() as session:
        _profiled(lambda: verify(session))


def _profiled(act: Callable[[], object]) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(act)
    told = io.StringIO()
    stats = pstats.Stats(profiler, stream=told)
    stats.sort_stats("tottime").print_stats(_SHOWN)
    print(told.getvalue())
