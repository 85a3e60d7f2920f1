"""A demonstration is built whole or not at all: in a folder of its own, which takes its name when all is done."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bank.demo.cast import PEOPLE, PROPOSER
from bank.demo.loans import LAST
from bank.demo.play import DATABASE, Played, Progress, play
from bank.demo.story import as_csv, cash_held, quiet_rows, spoilt
from bank.demo.telling import told
from bank.stress.queries import StressResult, stress
from ledger import queries
from ledger.dates import Quarter
from ledger.money import Money
from ledger.refusals import Refusal
from ledger.store.database import Database

NEXT: Final = LAST.next
"""The quarter after the last: the one whose broken return is left for the reader to file."""

_RETURNS: Final = "returns"
_BROKEN: Final = "brindlewick"


class FolderTaken(Refusal):
    """There is something already where the demonstration would be built."""

    slug = "folder-taken"
    status = 409


@dataclass(frozen=True, slots=True)
class Broken:
    """A return with a fault in every line, and what is told with it when it is filed."""

    file: Path
    facility: str
    quarter: Quarter
    cash_held: Money


@dataclass(frozen=True, slots=True)
class Built:
    """A demonstration that stands: where, of which quarters, and what its books come to."""

    directory: Path
    quarters: tuple[Quarter, ...]
    books: int
    entries: int
    debits: Money
    credits: Money
    root: str
    manager: str
    broken: Broken
    untypeset: str
    stress: tuple[StressResult, ...]
    """What each scenario comes to from where the demonstration ends."""
    decided: tuple[str, ...]
    """A line for each way in which it was decided."""

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.directory / DATABASE


def build(directory: Path, progress: Progress) -> Built:
    """Build the whole institution in a new folder. Refuses one that holds anything; interrupted, it leaves nothing."""
    target = directory.absolute()
    refuse_taken(directory)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.parent / f".{target.name}-{secrets.token_hex(4)}"
    draft.mkdir()
    try:
        played = play(draft, progress)
        built = _finished(draft, directory, played)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return built


def refuse_taken(directory: Path) -> None:
    """Pass where there is nothing, or an empty folder; otherwise refuse and say what to do."""
    if (directory / DATABASE).exists():
        raise FolderTaken(
            f"{directory} holds a bank already: work with it, build another with --out and a new name, or remove the "
            "folder first",
            directory=str(directory),
        )
    if directory.exists() and not (directory.is_dir() and not any(directory.iterdir())):
        raise FolderTaken(
            f"{directory} is there already and is not an empty folder: name a new one with --out",
            directory=str(directory),
        )


def _finished(draft: Path, directory: Path, played: Played) -> Built:
    """What the reader is told, and the broken return that is left beside it."""
    file = Path(_RETURNS) / f"broken-{NEXT}.csv"
    (draft / _RETURNS).mkdir()
    (draft / file).write_bytes(as_csv(spoilt(quiet_rows(_BROKEN))))
    database = Database.open(f"sqlite:///{draft / DATABASE}", clock=played.stage.clock)
    try:
        with database.reading() as session:
            sums = [queries.trial_balance(session, book) for book in queries.books(session)]
            head, stressed = queries.head(session), tuple(stress(session))
            decided = told(session, played.stage)
    finally:
        database.close()
    return Built(
        directory=directory,
        quarters=played.quarters,
        books=len(sums),
        entries=head.seq,
        debits=Money.total(found.total_debit for found in sums),
        credits=Money.total(found.total_credit for found in sums),
        root=head.root,
        manager=PEOPLE[PROPOSER][1],
        broken=Broken(directory / file, played.stage.facilities[_BROKEN], NEXT, cash_held(_BROKEN, LAST)),
        untypeset=played.untypeset,
        stress=stressed,
        decided=decided,
    )
