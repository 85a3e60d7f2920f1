"""Programs are killed at their work with SIGKILL, round after round: `python -m tests.crashes.kills --rounds 200`.

Clients in processes of their own post to one bank, and tell of every answer they are given. A round kills them, or the
server they talk to, at a moment that nobody chose, and then looks: everything answered is there once and whole, what
was not answered is there whole or not at all, the books verify, and an act sent again is answered as before.

What this cannot see is whether anything was flushed to disk: the system keeps what a killed program wrote. That is
tried by cutting the power, in the programs beside this one.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any, Final, Literal, TypeAlias, get_args

from sqlalchemy import text

from bank.wiring import OPERATOR, open_prepared, prepare
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.verification import verify
from tests import forks, servers
from tests.crashes import mortal, writing
from tests.crashes.acts import CLOSING, Answer, Client, Course, Found, Way, found
from tests.crashes.writing import BEGUN

Victim: TypeAlias = Literal[
    "writers on SQLite", "writers on PostgreSQL", "workers", "a connection of PostgreSQL", "PostgreSQL"
]
VICTIMS: Final[tuple[Victim, ...]] = get_args(Victim)

_WRITERS: Final = 3
_BATCH: Final = 300
_MANY: Final = 0.06
"""The part of the acts that are batches: about half of the time goes into them."""

_ROUNDS_OF_A_HOUSE: Final = 8
_LONGEST_S: Final = 0.6
_PATIENCE_S: Final = 60.0
_SENT_AGAIN: Final = 3
_MOST_SHOWN: Final = 5

_AT_ONCE: Final[tuple[Way, ...]] = ("command", "by itself")
_NOW_AND_LATER: Final[tuple[Way, ...]] = ("command", "by itself", "later", "later", "later")
_WAYS: Final[dict[Victim, tuple[Way, ...]]] = {
    "writers on SQLite": _AT_ONCE,
    "writers on PostgreSQL": _AT_ONCE,
    "workers": _NOW_AND_LATER,
    "a connection of PostgreSQL": _AT_ONCE,
    "PostgreSQL": _NOW_AND_LATER,
}
_WORKERS: Final = 2

_PROCESSES: Final = forks.context()


class Writer:
    """A client at work in a process of its own, and what it has told so far."""

    def __init__(self, url: str, course: Course, client: Client) -> None:
        self._course = course
        self._client = client
        self._begun = ""
        receiving, sending = _PROCESSES.Pipe(duplex=False)
        self._process = _PROCESSES.Process(
            target=writing.write, args=(url, course, len(client.answers), sending), daemon=True
        )
        self._process.start()
        sending.close()
        self._ears = Thread(target=self._listen, args=(receiving,), daemon=True)
        self._ears.start()

    @property
    def answered(self) -> int:
        """How many answers the client has been given, now and in its lives before."""
        return len(self._client.answers)

    @property
    def in_flight(self) -> str:
        """The act that the client has begun and not been answered; empty when there is none."""
        return "" if self._begun in self._client.answers else self._begun

    def kill(self) -> None:
        """Kill it, and hear the last that it said."""
        self._process.kill()
        self._process.join()
        self._ears.join()

    def _listen(self, told: Connection) -> None:
        with told:
            while True:
                try:
                    said = told.recv_bytes()
                except (EOFError, OSError):
                    return
                if said.startswith(BEGUN):
                    self._begin(int(said.removeprefix(BEGUN)))
                else:
                    self._client.answers[self._begun] = Answer.model_validate_json(said)

    def _begin(self, number: int) -> None:
        act = self._course.act(number)
        if number == len(self._client.acts):
            self._client.acts.append(act)
        self._begun = act.key


class Workers:
    """Processes that place what waits, on PostgreSQL; as many at once as one likes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._processes = [self._hired() for _ in range(_WORKERS)] if url.startswith("postgresql") else []

    def _hired(self) -> Any:
        process = _PROCESSES.Process(target=writing.place, args=(self._url,), daemon=True)
        process.start()
        return process

    def kill(self) -> None:
        """Kill them all."""
        for process in self._processes:
            process.kill()
            process.join()

    def kill_often(self, chance: Random) -> None:
        """Kill them one after another, each with one in its place, and at moments that nobody chose."""
        for number in range(2 * len(self._processes)):
            time.sleep(chance.uniform(0.05, 0.3))
            place = number % len(self._processes)
            self._processes[place].kill()
            self._processes[place].join()
            self._processes[place] = self._hired()


@dataclass(slots=True)
class House:
    """A bank, and its clients over many rounds."""

    url: str
    courses: list[Course]
    clients: list[Client]
    desk: Desk

    @classmethod
    def open(cls, url: str, seed: str, victim: Victim) -> House:
        """A bank that was made ready, with clients that have all their acts before them; one also closes quarters."""
        ways = _WAYS[victim]
        courses = [
            Course(seed, f"client {number}", _BATCH, _MANY, ways, () if number else CLOSING)
            for number in range(_WRITERS)
        ]
        return cls(url, courses, [Client() for _ in courses], Desk(open_prepared(url), OPERATOR))

    def writers(self) -> list[Writer]:
        """Set every client to work, each from its first act without an answer on."""
        return [Writer(self.url, *each) for each in zip(self.courses, self.clients, strict=True)]

    def look(self) -> Found:
        """Place what waits, and compare the books with what the clients were told."""
        twice = writing.settle(self.desk)
        with self.desk.reading() as session:
            seen = found(lambda question: [tuple(row) for row in session.execute(text(question))], self.clients)
            verdict = verify(session)
        if not verdict.holds:
            seen.broken.append(f"the books do not hold: {verdict.fault}")
        seen.broken.extend(twice)
        return seen

    def send_again(self, chance: Random, begun: Sequence[str]) -> Iterator[str]:
        """Send some answered acts again, and those that were in flight: each must be answered as it was or will be."""
        for client in self.clients:
            answered = [act for act in client.acts if act.key in client.answers]
            for act in chance.sample(answered, min(_SENT_AGAIN, len(answered))):
                if writing.insist(self.desk, act) != client.answers[act.key]:
                    yield f"{act.key}, sent again, was answered otherwise"
            for act in client.acts:
                if act.key in begun:
                    client.answers[act.key] = writing.insist(self.desk, act)


@dataclass(slots=True)
class Tally:
    """What the rounds came to."""

    rounds: Counter[Victim] = field(default_factory=Counter)
    answered: int = 0
    entries: int = 0
    in_flight: int = 0
    in_flight_there: int = 0
    lost: int = 0
    broken: int = 0
    recoveries: list[float] = field(default_factory=list)
    seconds: float = 0.0
    examples: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} of {victim}" for victim, count in self.rounds.items())
        told = (
            f"{self.rounds.total()} rounds ({kinds}) in {self.seconds:.0f} s; {self.answered} acts answered, of "
            f"{self.entries} entries; {self.in_flight} in flight when killed, {self.in_flight_there} of them found "
            f"there whole; {self.lost} rounds lost something, {self.broken} left something broken"
        )
        if self.recoveries:
            told += (
                f"; {statistics.median(self.recoveries):.2f} s to the next answer, {max(self.recoveries):.2f} at most"
            )
        return "\n  ".join([told, *self.examples])


def kill_all(
    house: House, victim: Victim, chance: Random, tally: Tally, strike: Callable[[], None] | None
) -> list[str]:
    """Let the clients and the workers work, strike if there is anything to strike, and then kill them too.

    Answers which acts were in flight.
    """
    before = [len(client.answers) for client in house.clients]
    writers = house.writers()
    workers = Workers(house.url)
    try:
        _wait_for_all(writers, before)
        time.sleep(chance.uniform(0, _LONGEST_S))
        if victim == "workers":
            workers.kill_often(chance)
        if strike is not None:
            strike()
            struck, then = time.monotonic(), [writer.answered for writer in writers]
            _wait(lambda: any(writer.answered > was for writer, was in zip(writers, then, strict=True)))
            tally.recoveries.append(time.monotonic() - struck)
            _wait_for_all(writers, then)
    finally:
        for writer in chance.sample(writers, len(writers)):
            writer.kill()
            time.sleep(chance.uniform(0, 0.02))
        workers.kill()
    return [writer.in_flight for writer in writers if writer.in_flight]


def _wait_for_all(writers: Sequence[Writer], then: Sequence[int]) -> None:
    """Wait until each has been answered once more than it had been then."""
    _wait(lambda: all(writer.answered > was for writer, was in zip(writers, then, strict=True)))


def play(house: House, victim: Victim, server: mortal.Mortal | None, chance: Random, tally: Tally, name: str) -> None:
    """One round."""
    strike = None
    if server is not None and victim == "PostgreSQL":
        strike = _then(server.kill, server.start)
    elif server is not None and victim == "a connection of PostgreSQL":
        strike = _then(lambda: server.kill_one(chance))
    begun = kill_all(house, victim, chance, tally, strike)
    house.desk.database.close()  # its connections may be dead ones
    if server is not None:
        server.wait_until_it_answers()
    seen = house.look()
    there = seen.there - sum(len(client.answers) for client in house.clients)
    seen.broken.extend(house.send_again(chance, begun))
    seen.broken.extend(house.look().faults)
    tally.rounds[victim] += 1
    tally.in_flight += len(begun)
    tally.in_flight_there += there
    tally.lost += bool(seen.lost)
    tally.broken += bool(seen.broken)
    if seen.faults and len(tally.examples) < _MOST_SHOWN:
        tally.examples.append(f"{name}, {victim}: {'; '.join(seen.faults)[:500]}")


def _then(*acts: Callable[[], object]) -> Callable[[], None]:
    def all_of_them() -> None:
        for act in acts:
            act()

    return all_of_them


def _wait(true: Callable[[], bool]) -> None:
    servers.wait_until(true, _PATIENCE_S)
    if not true():
        raise TimeoutError("the clients do not get on")


@contextmanager
def banks(home: Path) -> Iterator[Callable[[Victim], tuple[str, mortal.Mortal | None]]]:
    """Gives a new bank for a kind of victim, made ready, with the server it is on, started when first needed."""
    with ExitStack() as stack:
        server: list[mortal.Mortal] = []
        serial = iter(range(1_000_000))

        def bank(victim: Victim) -> tuple[str, mortal.Mortal | None]:
            number = next(serial)
            if victim == "writers on SQLite":
                return _prepared(f"sqlite:///{home / f'{number}.db'}"), None
            if not server:
                server.append(stack.enter_context(mortal.mortal(Path(tempfile.mkdtemp(dir=home)))))
            name = f"house_{number}"
            servers.run_on(server[0].where, f"CREATE DATABASE {name}")
            servers.hang_up(server[0].where)
            writing.refuse_lesser(mortal.database(server[0].where, name))
            return _prepared(mortal.database(server[0].where, name)), server[0]

        yield bank


def _prepared(url: str) -> str:
    made = Database.open(url)
    prepare(made)
    made.close()
    return url


def run(home: Path, rounds: int, seed: int, victims: Sequence[Victim] = VICTIMS, minutes: float | None = None) -> Tally:
    """Play so many rounds, shared out among the victims in turn, with a new bank every few; fewer when time is up."""
    tally = Tally()
    begun = time.perf_counter()
    with banks(home) as bank:
        for first, victim, wanted in _houses(rounds, victims):
            name = f"seed {seed}, {victim}, house {first // _ROUNDS_OF_A_HOUSE}"
            url, server = bank(victim)
            house = House.open(url, name, victim)
            for each in range(first, first + wanted):
                if minutes is not None and time.perf_counter() - begun > minutes * 60:
                    break
                chance = Random(f"{name}/{each}")  # noqa: S311 -- to be had again
                try:
                    play(house, victim, server, chance, tally, f"{name}, round {each}")
                except TimeoutError as stuck:
                    tally.broken += 1
                    tally.examples.append(f"{name}, round {each}: {stuck}")
                    break
            _count(house, tally)
    tally.seconds = time.perf_counter() - begun
    return tally


def _houses(rounds: int, victims: Sequence[Victim]) -> Iterator[tuple[int, Victim, int]]:
    """The first round of each bank, whom it tries, and how many rounds it has."""
    wanted = {victim: (rounds + number) // len(victims) for number, victim in enumerate(victims)}
    for first in range(0, rounds, _ROUNDS_OF_A_HOUSE):
        for victim in victims:
            if first < wanted[victim]:
                yield first, victim, min(_ROUNDS_OF_A_HOUSE, wanted[victim] - first)


def _count(house: House, tally: Tally) -> None:
    house.desk.database.close()
    for client in house.clients:
        tally.answered += len(client.answers)
        tally.entries += sum(len(answer.places) for answer in client.answers.values())


def main() -> None:
    """Kill as often as asked."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--victim", choices=VICTIMS, action="append", help="only this; may be given several times")
    asked.add_argument("--minutes", type=float, help="begin no further round after so long")
    wanted: Any = asked.parse_args()
    home = Path(tempfile.mkdtemp(prefix="bank-kills-"))
    home.chmod(0o755)
    try:
        tally = run(home, wanted.rounds, wanted.seed, wanted.victim or VICTIMS, wanted.minutes)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"seed {wanted.seed}: {tally}")
    raise SystemExit(bool(tally.lost or tally.broken))


if __name__ == "__main__":
    main()
