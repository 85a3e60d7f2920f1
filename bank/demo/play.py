"""The demonstration is played: an institution from its first day, act by act, quarter after quarter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final

from bank.demo.acts import OPENS_ON, Act, Stage, in_order
from bank.demo.asking import asking
from bank.demo.cases import case_studies
from bank.demo.cast import opening, registrations
from bank.demo.closing import closed_on, closing
from bank.demo.credit import credit
from bank.demo.dividends import dividends
from bank.demo.dormant import dormant_money
from bank.demo.foretelling import foretelling
from bank.demo.holding import holding
from bank.demo.issuing import STATEMENTS, issuing, press
from bank.demo.loans import FIRST, LAST
from bank.demo.products import products
from bank.demo.reporting import reporting
from bank.demo.treasury import treasury
from bank.demo.wholesale import wholesale
from bank.wiring import prepare
from ledger.dates import Quarter, SetClock, quarters
from ledger.identifiers import CountedIdentifiers
from ledger.store.database import Database
from reports.typeset import pdf

DATABASE: Final = "bank.db"


@dataclass(frozen=True, slots=True)
class Step:
    """How far the playing has come: the act just done, and how many of how many."""

    at: datetime
    what: str
    done: int
    of: int
    closes: Quarter | None


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Played:
    """What was played: the quarters closed, and why their statements could not be typeset, if they could not."""

    stage: Stage
    quarters: tuple[Quarter, ...]
    untypeset: str


def play(directory: Path, progress: Progress, until: Quarter = LAST) -> Played:
    """Play the whole institution into an empty directory: its database, and the statements of every quarter closed.

    Where the typesetter's library is missing, the books are played all the same, and what is missing is answered.
    """
    closes = tuple(quarters(FIRST, until))
    (directory / STATEMENTS).mkdir()
    try:
        with press() as pool:
            stage = play_books(directory, progress, until, [*issuing(closes, pool, directory)])
    except pdf.TypesetterMissing as missing:
        return Played(play_books(directory, progress, until), closes, missing.sentence)
    return Played(stage, closes, "")


def play_books(directory: Path, progress: Progress, until: Quarter = LAST, also: Sequence[Act] = ()) -> Stage:
    """Play everything up to the close of a quarter in a new database; the same each time, to the last seal."""
    clock = SetClock(datetime.combine(OPENS_ON, time(8), UTC))
    database = Database.open(
        f"sqlite:///{directory / DATABASE}", clock=clock, identifiers=CountedIdentifiers("demonstration")
    )
    stage = Stage(database, clock)
    try:
        prepare(database)
        acts = list(in_order([*_acts(until), *also]))
        for place, (instant, act) in enumerate(acts, start=1):
            clock.set(instant)
            act.do(stage)
            progress(Step(instant, act.what, place, len(acts), act.closes))
    finally:
        database.close()
    return stage


def _acts(until: Quarter) -> list[Act]:
    closes = list(quarters(FIRST, until))
    everything = [
        *opening(),
        *dormant_money(),
        *treasury(closes),
        *registrations(),
        *asking(),
        *holding(),
        *wholesale(),
        *credit(closes),
        *products(),
        *foretelling(),
        *dividends(),
        *reporting(),
        *case_studies(),
        *closing(closes),
    ]
    return [act for act in everything if act.on <= closed_on(until)]
