"""The power is cut on a PostgreSQL bank: `python -m tests.crashes.postgres_power --cuts 50`.

The server's files lie on a file system that writes every operation down, and clients, as they are answered, have that
written down in the same order. From the record any moment can be had again, with any part of what was not flushed by
then, single sectors included. The server then recovers from those files, and what it holds is compared with what the
clients had been told by that moment.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any, Final

from sqlalchemy import text

from bank.wiring import OPERATOR, open_prepared, prepare
from ledger import placing
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.verification import verify
from tests import servers
from tests.crashes import mortal, writing
from tests.crashes.acts import CLOSING, Answer, Client, Course, Found, Way, do, found
from tests.crashes.disk import LOSSES, Disk, Loss, Note, Operation
from tests.crashes.mortal import DURABLE, Mortal
from tests.crashes.tallies import Tally

try:
    from tests.crashes.watched import TOLD, read
except (ImportError, OSError) as missing:
    _NO_FUSE = f"mfusepy or the FUSE library it needs is not here: {missing}"
else:
    _NO_FUSE = "" if Path("/dev/fuse").exists() and shutil.which("fusermount3") else "this machine mounts no FUSE"

BANK: Final = "bank"
SETTINGS: Final[Mapping[str, str]] = DURABLE | {"max_wal_size": "4MB", "checkpoint_completion_target": "0.1"}
"""Durable, and at a checkpoint every few megabytes."""

DURABLY: Final = "durable settings"
"""The trial that must lose nothing."""

CONTROLS: Final[Mapping[str, Mapping[str, str]]] = {
    "fsync=off": {"fsync": "off"},
    "synchronous_commit=off": {"synchronous_commit": "off"},
    "full_page_writes=off": {"full_page_writes": "off"},
}
"""Settings that must lose or break something, or the cuts prove nothing."""

_BATCH: Final = 60
_WAYS: Final[tuple[tuple[Way, ...], ...]] = (("command",), ("command", "by itself"), ("by itself",), ("later",))
"""How each of the clients sends its acts; a worker places what is sent to be placed later."""

_ACTS_TO_A_CHECKPOINT: Final = 10
_BEFORE: Final = 15
"""Operations before the first answer with which the cuts begin: before those the server only starts."""

_MOUNT_S: Final = 20
_TRIED: Final = 3


class Unmountable(Exception):
    """This machine cannot mount the file system."""


def why_not() -> str:
    """Why the power cannot be cut on this machine; empty when it can."""
    return _NO_FUSE


@dataclass(frozen=True, slots=True)
class Record:
    """A course of work as the disk saw it, and what each client was answered in it."""

    start: Path
    operations: list[Operation]
    clients: list[Client]


@dataclass(slots=True)
class Cuts(Tally):
    """What many cuts of PostgreSQL's power came to."""

    operations: int = 0

    def __str__(self) -> str:
        return self.told(
            f"{self.cuts} cuts in {self.operations} operations, {self.in_doubt} with something unsynced; of "
            f"{self.answered} answered acts {self.lost_acts} lost in {self.lost} cuts; {self.broken} left something "
            f"broken; {self.seconds / (self.cuts or 1):.1f} s a cut"
        )


@contextmanager
def laid_out(home: Path) -> Iterator[tuple[Mortal, Path]]:
    """A server at rest with a bank made ready on it, and the directory of its files as they then lie."""
    home.chmod(0o755)
    server = Mortal(home, SETTINGS)
    server.lay_out()
    server.start()
    servers.run_on(server.where, f"CREATE DATABASE {BANK}")
    servers.hang_up(server.where)
    writing.refuse_lesser(mortal.database(server.where, BANK))
    made = Database.open(mortal.database(server.where, BANK))
    prepare(made)
    made.close()
    server.stop()
    try:
        yield server, home / "data"
    finally:
        server.stop(signal.SIGQUIT)


@contextmanager
def _mounted(beneath: Path, mount: Path, record: Path) -> Iterator[None]:
    mount.mkdir(exist_ok=True)
    mount.chmod(0o755)
    program = [sys.executable, "-m", "tests.crashes.watched", str(beneath), str(mount), str(record)]
    process = subprocess.Popen(program, cwd=Path(__file__).parents[2])
    try:
        servers.wait_until(lambda: mount.is_mount() or process.poll() is not None, _MOUNT_S)
        if not mount.is_mount():
            raise Unmountable("the file system did not come up")
        yield
    finally:
        if mount.is_mount():
            subprocess.run(["fusermount3", "-u", str(mount)], check=True)
        process.wait(_MOUNT_S)


def record(server: Mortal, start: Path, room: Path, seed: str, acts: int, lesser: Mapping[str, str]) -> Record:
    """Let clients work for so many acts each over the watched files, and write down all that the disk is asked."""
    beneath = room / "beneath"
    shutil.rmtree(beneath, ignore_errors=True)
    _copy(start, beneath)
    courses = [
        Course(seed, f"client {number}", _BATCH, ways=ways, closing=CLOSING if number == 0 else ())
        for number, ways in enumerate(_WAYS)
    ]
    clients = [Client(course.acts(acts)) for course in courses]
    with _mounted(beneath, room / "mounted", room / "record"):
        server.start(room / "mounted", lesser)
        try:
            _work(mortal.database(server.where, BANK), clients, room / "mounted" / TOLD)
        finally:
            server.stop(signal.SIGQUIT)
    return Record(start, list(read(room / "record")), clients)


def _work(url: str, clients: list[Client], told: Path) -> None:
    threads = [Thread(target=_do_all, args=(url, client, told)) for client in clients]
    done = Event()
    worker = Thread(target=_place, args=(url, done))
    for thread in (worker, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    worker.join()
    if any(len(client.answers) != len(client.acts) for client in clients):
        raise RuntimeError("a client did not come to the end of its acts")


def _do_all(url: str, client: Client, told: Path) -> None:
    database = open_prepared(url)
    desk = Desk(database, OPERATOR)
    for number, act in enumerate(client.acts):
        if number % _ACTS_TO_A_CHECKPOINT == _ACTS_TO_A_CHECKPOINT - 1:
            with database.engine.connect() as connection:
                connection.execute(text("CHECKPOINT"))
        client.answers[act.key] = writing.insist(desk, act)
        with told.open("wb", buffering=0) as file:
            file.write(act.key.encode())
    database.close()


def _place(url: str, done: Event) -> None:
    database = open_prepared(url)
    placing.place_until(Desk(database, OPERATOR), done, told=lambda _: None, failed=lambda _: None)
    database.close()


def _copy(start: Path, target: Path) -> None:
    """A copy with the same owners, which is what PostgreSQL insists on."""
    subprocess.run(["cp", "-a", str(start), str(target)], check=True)


def lay_out(disk: Disk, start: Path, chance: Random, loss: Loss, target: Path) -> None:
    """Make the files that a cut leaves, owned as those it began with."""
    shutil.rmtree(target, ignore_errors=True)
    _copy(start, target)
    left = dict(disk.after_cut(chance, loss))
    for there in sorted(target.rglob("*"), reverse=True):
        if str(there.relative_to(target)) not in left:
            there.rmdir() if there.is_dir() else there.unlink()
    owner = start.stat()
    for name, content in left.items():
        path = target / name
        if content is None and not path.exists():
            path.mkdir(mode=0o700)
        elif isinstance(content, bytes) or (isinstance(content, Path) and content != start / name):
            path.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
            path.chmod(0o600)
        os.chown(path, owner.st_uid, owner.st_gid)
    (target / "postmaster.pid").unlink(missing_ok=True)  # the machine has been off: no process of that number is ours


def recover(server: Mortal, files: Path, clients: list[Client], chance: Random) -> Found:
    """Start the server on the files, and tell what is wrong with what it holds, and with going on."""
    try:
        server.start(files, {"restart_after_crash": "off"})
    except servers.NoServer as problem:
        return Found(broken=[f"the server does not start: {_last(str(problem))}"])
    try:
        database = open_prepared(mortal.database(server.where, BANK))
        try:
            return _look(Desk(database, OPERATOR), clients, chance)
        finally:
            database.close()
    except Exception as problem:  # noqa: BLE001 -- whatever it is that a broken database says
        return Found(broken=[f"it cannot be read: {str(problem)[:200]}"])
    finally:
        server.stop(signal.SIGQUIT)


def _look(desk: Desk, clients: list[Client], chance: Random) -> Found:
    seen = _compared(desk, clients)
    if seen.faults:
        return seen
    for client in clients:
        answered = [act for act in client.acts if act.key in client.answers]
        further = client.acts[len(answered) :]
        for act in [*chance.sample(answered, min(_TRIED, len(answered))), *further[:_TRIED]]:
            answer = do(desk, act)
            if client.answers.setdefault(act.key, answer) != answer:
                seen.broken.append(f"{act.key}, sent again, was answered otherwise")
    seen.broken.extend(_compared(desk, clients).faults)
    return seen


def _compared(desk: Desk, clients: list[Client]) -> Found:
    twice = writing.settle(desk)
    with desk.reading() as session:
        seen = found(lambda question: [tuple(row) for row in session.execute(text(question))], clients)
        verdict = verify(session)
    if not verdict.holds:
        seen.broken.append(f"the books do not hold: {verdict.fault}")
    seen.broken.extend(twice)
    return seen


def _last(log: str) -> str:
    said = [line for line in log.splitlines() if "PANIC" in line or "FATAL" in line or "ERROR" in line]
    return said[-1][:200] if said else log[-200:]


def cut(
    server: Mortal, written: Record, room: Path, number: int, seed: str, tally: Cuts, losses: Sequence[Loss]
) -> None:
    """Cut the power at so many moments of the record, in order; the last is its end."""
    chance = Random(seed)  # noqa: S311 -- to be had again
    files = {str(path.relative_to(written.start)): path for path in written.start.rglob("*") if path.is_file()}
    folders = [str(path.relative_to(written.start)) for path in written.start.rglob("*") if path.is_dir()]
    disk = Disk(dict(sorted(files.items())), folders)
    told: set[str] = set()
    played = 0
    earliest = next(place for place, each in enumerate(written.operations) if isinstance(each, Note)) - _BEFORE
    ends = len(written.operations)
    for moment in [*sorted(chance.randint(earliest, ends) for _ in range(number - 1)), ends]:
        for operation in written.operations[played:moment]:
            disk.play(operation)
            if isinstance(operation, Note):
                told.add(operation.text)
        played = moment
        loss = chance.choice(losses)
        tally.in_doubt += bool(disk.unsynced())
        lay_out(disk, written.start, chance, loss, room / "after")
        clients = [Client(client.acts, _told(client, told)) for client in written.clients]
        tally.add(recover(server, room / "after", clients, chance), loss, f"{seed}, moment {moment}")


def _told(client: Client, told: set[str]) -> dict[str, Answer]:
    return {key: answer for key, answer in client.answers.items() if key in told}


def run(
    home: Path, seed: int, acts: int, trials: Mapping[str, int], losses: Sequence[Loss] = LOSSES
) -> Iterator[tuple[str, Cuts]]:
    """For each trial, by its name, record a course of work under its settings and cut the power on it so many times."""
    with laid_out(home) as (server, start):
        for name, number in trials.items():
            tally = Cuts()
            begun = time.perf_counter()
            written = record(server, start, home, f"seed {seed}", acts, CONTROLS.get(name, {}))
            tally.operations = len(written.operations)
            cut(server, written, home, number, f"seed {seed}", tally, losses)
            tally.seconds = time.perf_counter() - begun
            yield name, tally


def main() -> None:
    """Cut as often as asked, then show that lesser settings would have been found out."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cuts", type=int, default=50)
    asked.add_argument("--acts", type=int, default=60, help="acts of each client in the course that is recorded")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--controls", type=int, default=12, help="cuts of each lesser setting")
    wanted: Any = asked.parse_args()
    if why_not():
        raise SystemExit(f"The power cannot be cut here: {why_not()}")
    failed = False
    trials = {DURABLY: wanted.cuts} | dict.fromkeys(CONTROLS, wanted.controls)
    with tempfile.TemporaryDirectory(dir=servers.quick_place()) as home:
        for name, tally in run(Path(home), wanted.seed, wanted.acts, trials):
            print(f"{name}, seed {wanted.seed}{' (must go wrong)' if name in CONTROLS else ''}: {tally}", flush=True)
            failed = failed or bool(tally.lost or tally.broken) != (name in CONTROLS)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
