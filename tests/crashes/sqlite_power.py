"""The power is cut on a SQLite bank, many thousand times: `python -m tests.crashes.sqlite_power --cuts 10000`.

The bank itself, on its migrated schema, is run over a file system that writes every operation down. From the record
any moment can be had again, with any part of what was not synced by then: that is one cut. SQLite as it is installed
then recovers the file, and what is in it is compared with what the bank's clients had been told by that moment.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from bank.wiring import OPERATOR, prepare
from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store import database
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.verification import verify
from tests.crashes.acts import CLOSING, NOW, Act, Answer, Client, Course, Found, do, found
from tests.crashes.disk import LOSSES, Disk, Loss, Note, Operation
from tests.crashes.recording import Driver, Recorder
from tests.crashes.tallies import MOST_SHOWN, Tally

FILE: Final = "bank.db"
FULL: Final = 2
NORMAL: Final = 1
OFF: Final = 0
"""What SQLite calls its settings of `synchronous`."""

_INSTALLED: Final[Any] = vars(database)["sqlite_driver"]
"""The driver that the bank itself has chosen."""

_GENERATIONS: Final = 3
_CUTS_OF_A_CHAIN: Final = 500 * _GENERATIONS
_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 -- directories of our own are made in it
_OFTEN: Final = 40
"""Pages after which SQLite is told to checkpoint, in every other record: so as to meet more of them."""
_ACTS: Final = 18
_BATCH: Final = 12
_DEEP_EVERY: Final = 100


@dataclass(frozen=True, slots=True)
class Record:
    """A course of work as the disk saw it, from a given state of the files on."""

    start: Path
    operations: list[Operation]
    acts: list[Act]
    before: dict[str, Answer]
    answers: dict[str, Answer]


@dataclass(slots=True)
class Cuts(Tally):
    """What many cuts of SQLite's power came to."""

    different: int = 0
    verified: int = 0

    def add_all(self, other: Cuts) -> None:
        """Count what another has counted."""
        for name in ("cuts", "in_doubt", "different", "answered", "lost", "lost_acts", "broken", "verified"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.by_loss += other.by_loss
        self.examples = [*self.examples, *other.examples][:MOST_SHOWN]

    def __str__(self) -> str:
        return self.told(
            f"{self.cuts} cuts, {self.in_doubt} with something unsynced, {self.different} states of the files; "
            f"{self.answered} answered acts looked for; {self.lost} lost one, {self.broken} left something broken; "
            f"{self.verified} verified and gone on with; {self.cuts / (self.seconds or 1):.0f} cuts/s"
        )


@contextmanager
def _recorded(home: Path, recorder: Recorder, synchronous: int, checkpoint: int | None) -> Iterator[Database]:
    """The bank's own database, opened over the recorder; only the setting under trial may be another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "sqlite_driver", Driver(recorder))
        patch.setitem(database._PRAGMAS, "synchronous", synchronous)  # noqa: SLF001 -- the setting under trial
        if checkpoint is not None:
            patch.setitem(database._PRAGMAS, "wal_autocheckpoint", checkpoint)  # noqa: SLF001 -- to meet more of them
        opened = Database.open(
            f"sqlite:///{home / FILE}", clock=SetClock(NOW), identifiers=CountedIdentifiers("crashes")
        )
        try:
            yield opened
        finally:
            opened.close()


def template(home: Path) -> Path:
    """A directory with a bank that is made ready and at rest."""
    home.mkdir()
    made = Database.open(f"sqlite:///{home / FILE}", clock=SetClock(NOW), identifiers=CountedIdentifiers("crashes"))
    prepare(made)
    made.close()
    return home


def record(
    start: Path,
    work: Path,
    acts: list[Act],
    before: dict[str, Answer],
    *,
    synchronous: int = FULL,
    checkpoint: int | None,
) -> Record:
    """Run the acts, in two sittings, from a state of the files on, and write down all that the disk is asked."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(start, work)
    answers: dict[str, Answer] = {}
    recorder = Recorder(work, {path: number for path, (number, _) in _numbered(start).items()})
    half = len(acts) // 2
    for sitting in (acts[:half], acts[half:]):
        with _recorded(work, recorder, synchronous, checkpoint) as opened:
            desk = Desk(opened, OPERATOR)
            for act in sitting:
                answers[act.key] = do(desk, act)
                recorder.note(act.key)
    recorder.unregister()
    return Record(start, recorder.operations, acts, before, answers)


def _numbered(start: Path) -> dict[str, tuple[int, Path]]:
    files = {path.name: path for path in sorted(start.iterdir()) if not path.name.endswith("-shm")}
    disk = Disk(files)
    return {name: (disk.file(name), path) for name, path in files.items()}


def cuts(record: Record, chance: Random, number: int) -> Iterator[tuple[int, Loss, Disk, Client]]:
    """Moments of the record in order, each with what may be lost, the disk then, and what the client had been told."""
    disk = Disk({name: path for name, (_, path) in _numbered(record.start).items()})
    client = Client(list(record.acts), dict(record.before))
    played = 0
    for moment in sorted(chance.randint(0, len(record.operations)) for _ in range(number)):
        for operation in record.operations[played:moment]:
            disk.play(operation)
            if isinstance(operation, Note):
                client.answers[operation.text] = record.answers[operation.text]
        played = moment
        yield moment, chance.choice(LOSSES), disk, client


def state(disk: Disk, chance: Random, loss: Loss) -> dict[str, Path | bytes]:
    """The files that a cut leaves, by name: bytes, or the file that one is still like."""
    return {name: content for name, content in disk.after_cut(chance, loss) if content is not None}


def lay_out(files: dict[str, Path | bytes], home: Path) -> None:
    """Make a directory hold these files and no others."""
    home.mkdir(exist_ok=True)
    for there in home.iterdir():
        if there.name not in files:
            there.unlink()
    for name, content in files.items():
        written = content if isinstance(content, bytes) else content.read_bytes()
        with (home / name).open("r+b" if (home / name).exists() else "wb") as file:
            file.write(written)
            file.truncate()


@dataclass(slots=True)
class Examiner:
    """Recovers files with the SQLite that the bank uses; the same files, left by another cut, are recovered once."""

    home: Path
    known: dict[bytes, _Reading] = field(default_factory=dict)

    def examine(self, files: dict[str, Path | bytes], client: Client) -> Found:
        """Tell what is wrong with files, and with what a client finds in them."""
        mark = _mark(files)
        reading = self.known.get(mark)
        if reading is None:
            lay_out(files, self.home)
            reading = self.known[mark] = _read(self.home)
        if reading.damage:
            return Found(broken=reading.damage)
        return found(reading.rows.__getitem__, [client])


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a recovered file held: what is wrong with the file itself, and the rows that answer each question."""

    damage: list[str]
    rows: dict[str, list[Any]]


def _mark(files: dict[str, Path | bytes]) -> bytes:
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name} {len(content) if isinstance(content, bytes) else content}\n".encode())
        if isinstance(content, bytes):
            digest.update(content)
    return digest.digest()


def _read(home: Path) -> _Reading:
    rows: dict[str, list[Any]] = {}
    connection = _INSTALLED.connect(str(home / FILE))

    def read(question: str) -> list[Any]:
        rows[question] = list(connection.execute(question))
        return rows[question]

    try:
        damage = [row[0] for row in read("PRAGMA integrity_check") if row[0] != "ok"]
        damage += [f"a broken reference: {row}" for row in read("PRAGMA foreign_key_check")]
        if not damage:
            found(read, [])
    except _INSTALLED.Error as problem:
        damage = [f"it cannot be read: {problem}"]
    finally:
        connection.close()
    return _Reading(damage, rows)


def go_on(home: Path, client: Client) -> list[str]:
    """Open the bank on the recovered file, verify it, and send every act again: what goes wrong, in sentences."""
    opened = Database.open(f"sqlite:///{home / FILE}", clock=SetClock(NOW), identifiers=CountedIdentifiers("after"))
    desk = Desk(opened, OPERATOR)
    faults = list(_unverified(desk))
    for act in client.acts:
        answer = do(desk, act)
        if client.answers.setdefault(act.key, answer) != answer:
            faults.append(f"{act.key}, sent again, was answered otherwise")
    faults.extend(_unverified(desk))
    opened.close()
    reading = _read(home)
    return faults + reading.damage + found(reading.rows.__getitem__, [client]).faults


def _unverified(desk: Desk) -> Iterator[str]:
    with desk.reading() as session:
        verdict = verify(session)
    if not verdict.holds:
        yield f"the books do not hold: {verdict.fault}"


def run(fresh: Path, number: int, seed: int, *, synchronous: int = FULL, processes: int = 1) -> Cuts:
    """Cut the power so many times on banks that begin as the files in `fresh`, over as many chains as that takes."""
    begun = time.perf_counter()
    shares = [min(_CUTS_OF_A_CHAIN, number - done) for done in range(0, number, _CUTS_OF_A_CHAIN)]
    tasks = [(fresh, share, f"seed {seed}, chain {chain}", synchronous) for chain, share in enumerate(shares)]
    tally = Cuts()
    if processes == 1:
        for task in tasks:
            tally.add_all(_chain(*task))
    else:
        with ProcessPoolExecutor(processes) as pool:
            for part in pool.map(_chain, *zip(*tasks, strict=True)):
                tally.add_all(part)
    tally.seconds = time.perf_counter() - begun
    return tally


@dataclass(frozen=True, slots=True)
class _Start:
    files: Path
    acts: list[Act]
    answers: dict[str, Answer]


def _chain(files: Path, number: int, name: str, synchronous: int) -> Cuts:
    """Records that each begin with what a cut of the one before left: the power goes again and again."""
    tally = Cuts()
    with tempfile.TemporaryDirectory(dir=_quick_place()) as room:
        rooms = Path(room)
        start = fresh = _Start(files, [], {})
        for generation in range(_GENERATIONS):
            chance = Random(f"{name}, generation {generation}")  # noqa: S311 -- to be had again
            further = Course(name, f"g{generation}", _BATCH, closing=() if start.acts else CLOSING)
            acts = [*start.acts, *further.acts(_ACTS)]
            checkpoint = chance.choice([None, _OFTEN])
            written = record(
                start.files, rooms / "work", acts, start.answers, synchronous=synchronous, checkpoint=checkpoint
            )
            share = (number + generation) // _GENERATIONS
            _cut_often(written, chance, share, tally, rooms, f"{name}, generation {generation}")
            start = _survivor(written, chance, rooms / f"generation {generation}") or fresh
    return tally


def _cut_often(written: Record, chance: Random, number: int, tally: Cuts, rooms: Path, where: str) -> None:
    examiner = Examiner(rooms / "after")
    for count, (moment, loss, disk, client) in enumerate(cuts(written, chance, number)):
        files = state(disk, chance, loss)
        tally.in_doubt += bool(disk.unsynced())
        seen = examiner.examine(files, client)
        if count % _DEEP_EVERY == 0 and not seen.faults:
            again = replace(client, answers=dict(client.answers))
            lay_out(files, rooms / "deep")
            seen.broken.extend(go_on(rooms / "deep", again))
            tally.verified += 1
        tally.add(seen, loss, f"{where}, moment {moment}")
    tally.different += len(examiner.known)


def _survivor(written: Record, chance: Random, home: Path) -> _Start | None:
    """What one more cut leaves, for the next record to begin with: a power cut soon after a power cut.

    None where it left the books broken: there is no going on with those.
    """
    ((_, loss, disk, client),) = cuts(written, chance, 1)
    files = state(disk, chance, loss)
    if Examiner(home).examine(files, client).faults:
        return None
    lay_out(files, home)
    return _Start(home, list(client.acts), dict(client.answers))


def _quick_place() -> Path | None:
    """Where files are quick: what lasts here is decided by the record, and by no real disk."""
    return _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None


def main() -> None:
    """Cut as often as asked, then show that the lesser settings would have been found out."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cuts", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--controls", type=int, default=1_000, help="cuts of each lesser setting, which must lose")
    asked.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    wanted = asked.parse_args()
    with tempfile.TemporaryDirectory(dir=_quick_place()) as room:
        fresh = template(Path(room) / "template")
        full = run(fresh, wanted.cuts, wanted.seed, processes=wanted.processes)
        print(f"synchronous=FULL, seed {wanted.seed}: {full}", flush=True)
        failed = bool(full.lost or full.broken)
        for name, setting in (("NORMAL", NORMAL), ("OFF", OFF)):
            control = run(fresh, wanted.controls, wanted.seed, synchronous=setting, processes=wanted.processes)
            print(f"synchronous={name}, seed {wanted.seed} (must lose): {control}", flush=True)
            failed = failed or not control.lost
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
