"""The statements of the demonstration: each quarter's two, typeset side by side and filed once it is closed."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache, partial
from multiprocessing.context import BaseContext
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, Final

from bank.demo.acts import Act, Stage
from bank.demo.cast import APPROVER, PROPOSER
from bank.demo.closing import closed_on
from bank.publishing.commands import Draft, Wanted, drafted, file_statement, seal_statement
from bank.publishing.floors.commands import approve_floor, propose_floor
from bank.publishing.queries import statement
from bank.publishing.rules import KINDS, PUBLIC
from bank.publishing.vouching import Notary
from ledger import signing
from ledger.dates import Quarter, SetClock
from ledger.store.database import Database
from reports.sealing import Press, Sealer, new_key
from reports.typeset import apart, fonts, pdf

STATEMENTS: Final = "statements"

CAUTION: Final = (
    "Demonstration: its lenders, borrowers and people are invented; its dormant money is as published or as assumed."
)

FEWEST: Final = 5
MOST_OF_ONE: Final = Decimal("0.85")
WHY_SO_FEW: Final = "Assumption of the demonstration: as few as the trustees' form names, and nobody nearly all of them"
"""Of how few borrowers the public is told in the demonstration, how much of them one may be, and why."""
SIGNED_BY: Final = "demonstration.example/books"
"""Whose log the checkpoints of the demonstration are of, by its name."""
SEALED_BY: Final = "Demonstration of a big society bank, nobody's seal"
_DAYS: Final = 14_600
"""How long the certificate of its key says that it lasts."""
_PROCESSES: Final = 2
_DEADLINE_S: Final = 120
_LOOKED_AFTER: Final = 200_000

_COMPILED: Final[dict[Any, Any]] = {}
"""What a worker has compiled for one statement, at hand for its next."""


@contextmanager
def press() -> Iterator[Pool]:
    """Two processes that typeset, kept for the whole play. Refuses where the typesetter's library is missing."""
    pdf.load()
    fonts.faces()  # on a new machine they are cut now: each of the two would cut them for itself
    with _context().Pool(_PROCESSES, _begin) as pool:
        yield pool


def _context() -> BaseContext:
    """How the processes begin: where the system can, both from one that has loaded what they need, else each anew."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "weasyprint"])
    return context


def issuing(quarters: Sequence[Quarter], pool: Pool, directory: Path) -> Iterator[Act]:
    """Both statements of each quarter, on the evening of its close, as known then; the last ones for the public too."""
    for quarter in quarters:
        yield Act(closed_on(quarter), 18, f"{quarter} published", partial(_publish, pool, directory, quarter))
    if quarters:
        last = quarters[-1]
        told = partial(_tell_the_public, pool, directory, last)
        yield Act(closed_on(last), 19, f"{last} told to the public", told)


@lru_cache(maxsize=1)
def sealing_press(directory: Path) -> Press:
    """The key that the demonstration seals with: made on the spot, and said to be nobody's."""
    key, passphrase = directory / "seal.p12", directory / "seal.passphrase"
    passphrase.write_text("demonstration\n", encoding="utf-8")
    new_key(key, b"demonstration", SEALED_BY, datetime(2011, 1, 1, tzinfo=UTC), days=_DAYS)
    press = Press(Sealer(key, passphrase))
    (directory / "seal.pem").write_text(press.certificate, encoding="ascii")
    return press


@lru_cache(maxsize=1)
def checkpoint_key(directory: Path) -> Path:
    """The key that the demonstration signs its books with, made on the spot; beside it what is handed out."""
    key = directory / "checkpoint.key"
    (directory / "checkpoint-key.txt").write_text(f"{signing.new_key(key, SIGNED_BY)}\n", encoding="ascii")
    return key


def _publish(pool: Pool, directory: Path, quarter: Quarter, stage: Stage) -> None:
    _issue(pool, directory, stage, [Wanted(kind, quarter, stage.clock.now()) for kind in KINDS])


def _tell_the_public(pool: Pool, directory: Path, quarter: Quarter, stage: Stage) -> None:
    """Two people agree of how few borrowers the public may be told, and both statements are issued in its form.

    One after the other: what each tells is held against what was told before it.
    """
    floor = propose_floor(
        stage.desk(PROPOSER),
        form=PUBLIC,
        fewest=FEWEST,
        most_of_one=MOST_OF_ONE,
        from_on=closed_on(quarter),
        basis=WHY_SO_FEW,
    )
    approve_floor(stage.desk(APPROVER), id=floor.id)
    for kind in KINDS:
        _issue(pool, directory, stage, [Wanted(kind, quarter, stage.clock.now(), PUBLIC)])


def _issue(pool: Pool, directory: Path, stage: Stage, wanted: Sequence[Wanted]) -> None:
    press, key = sealing_press(directory), checkpoint_key(directory)
    url = str(stage.database.engine.url)
    jobs = [(url, one, key) for one in wanted]
    for draft, pages in pool.starmap_async(_set, jobs).get(_DEADLINE_S):
        desk = stage.desk(APPROVER)
        file_statement(desk, draft, pages, None)
        seal_statement(desk, draft.id, press)
        with desk.reading() as session:
            filed = statement(session, draft.id)
        (directory / STATEMENTS / filed.filename).write_bytes(filed.issued)


def _begin() -> None:
    """Make a worker ready. An interruption is left to the process that plays, which ends its workers.

    What the typesetter makes is let go of page by page, without cycles worth looking for: looking for them less often
    saves a quarter of its time.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pdf.load()
    apart.confine(apart.LIMITS, processor=False)
    gc.freeze()
    gc.set_threshold(_LOOKED_AFTER)


def _set(url: str, wanted: Wanted, key: Path) -> tuple[Draft, bytes]:
    """Gather a statement from the books as known then, and typeset it: what one worker does."""
    clock = SetClock(wanted.known_at) if isinstance(wanted.known_at, datetime) else None
    database = Database.open(url, clock=clock, compiled=_COMPILED)
    try:
        with database.reading() as session:
            draft = drafted(session, wanted, caution=CAUTION, notary=Notary(database, key))
        return draft, pdf.render(draft.document)
    finally:
        database.close()
