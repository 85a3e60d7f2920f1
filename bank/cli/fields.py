"""How words on the command line become amounts, days, rates and quarters; one that cannot is told as a misuse."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import uuid4

import typer

from ledger.dates import FinancialYear, Quarter, parse_any_day, parse_day, parse_instant
from ledger.money import Money
from ledger.refusals import Malformed, Refusal
from ledger.whole_numbers import place_in

T = TypeVar("T")


def _reader(read: Callable[[str], T]) -> Callable[[str], T]:
    def understood(text: object) -> T:
        if not isinstance(text, str):
            return text  # type: ignore[return-value]  # a default is already what it should be
        try:
            return read(text)
        except Malformed as fault:
            raise typer.BadParameter(fault.sentence) from fault

    return understood


def _rate(text: str) -> Decimal:
    if not text.isascii() or not text.replace(".", "", 1).isdigit() or Decimal(text) >= 1:
        raise Malformed(f"{text!r} is not a rate: write a fraction below one, like 0.075 for 7.5 per cent")
    return Decimal(text)


def _number(text: str) -> Decimal:
    if not text.isascii() or not text.removeprefix("-").replace(".", "", 1).isdigit():
        raise Malformed(f"{text!r} is not a number: write it plainly, like 1.5")
    return Decimal(text)


@dataclass(frozen=True, slots=True)
class Point:
    """A point of knowledge as it was named: a place in the journal, or an instant."""

    named: datetime | int


def at(point: Point | None) -> datetime | int | None:
    """What the books resolve; nothing named means now."""
    return None if point is None else point.named


def _point(text: str) -> Point:
    place = place_in(text)
    return Point(parse_instant(text) if place is None else place)


def _dated(text: str) -> tuple[date, Money]:
    on, given, sum_ = text.partition("=")
    if not given:
        raise Malformed(f"{text!r} is not a day and its amount: write them like 2014-01-01=5000.00")
    return parse_day(on), Money.parse(sum_)


amount: Callable[[str], Money] = _reader(Money.parse)
dated: Callable[[str], tuple[date, Money]] = _reader(_dated)
day: Callable[[str], date] = _reader(parse_day)
rate: Callable[[str], Decimal] = _reader(_rate)
number: Callable[[str], Decimal] = _reader(_number)
past_day: Callable[[str], date] = _reader(parse_any_day)
"""A day of somebody's life, which may lie long before the bank's own calendar."""
quarter: Callable[[str], Quarter] = _reader(Quarter.parse)
financial_year: Callable[[str], FinancialYear] = _reader(FinancialYear.parse)
point: Callable[[str], Point] = _reader(_point)

AmountOption = Annotated[Money, typer.Option("--amount", parser=amount, metavar="POUNDS", help="Like 1234.56.")]
OnOption = Annotated[date, typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="The day it takes effect.")]
FromOption = Annotated[
    date, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="The day from which it holds.")
]
OptionalFrom = Annotated[
    date | None, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="The day from which it is to hold.")
]
"""The same, where the command also does something that takes no such day."""
QuarterArgument = Annotated[Quarter, typer.Argument(parser=quarter, metavar="QUARTER", help="Like 2012Q4.")]
BookOption = Annotated[str, typer.Option("--book", help="The book: bank, reclaim-fund, distributor, trust, or int_….")]
AsAtOption = Annotated[
    date | None,
    typer.Option("--as-at", parser=day, metavar="YYYY-MM-DD", help="Effective to this day, inclusive; default today."),
]
KnownAtOption = Annotated[
    Point | None,
    typer.Option(
        "--known-at",
        parser=point,
        metavar="INSTANT|PLACE",
        help="As known at this instant, or at this place in the journal; default now.",
    ),
]
KeyOption = Annotated[
    str | None, typer.Option("--key", help="Idempotency key: the same key again changes nothing. Default: a new one.")
]
NoteOption = Annotated[str, typer.Option("--note", help="A remark to keep with it.")]
WhyOption = Annotated[str, typer.Option("--note", "--reason", help="Why: it is kept with the step.")]
EvidenceOption = Annotated[str, typer.Option("--evidence", help="The document or minute that shows it.")]


def key_of(given: str | None) -> str:
    """The key given, or a new one: without a key each call is an act of its own."""
    return f"cli-{uuid4()}" if given is None else given


def refuse_unwritable(target: Path) -> None:
    """Pass when a new file may be written there: asked before anything is done that stays done without the file."""
    if os.path.lexists(target):
        raise _there_already(target)
    folder = target.parent
    if not folder.is_dir():
        raise Refusal(f"{target} cannot be written: {folder} is no folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refusal(f"{target} cannot be written: the folder {folder} takes no file of yours")


@contextmanager
def published_already(what: str, key: str) -> Iterator[None]:
    """Say of what could not be written that it is published all the same, and how to write it without publishing again.

    The same words with the same key are answered by what they came to before.
    """
    try:
        yield
    except Refusal as fault:
        raise Refusal(
            f"It is published as {what}, and could not be written: {fault.sentence}. Do not publish it anew: the same "
            f"command with --key {key}, and --out where there is room, writes what is published"
        ) from fault


def _there_already(target: Path) -> Refusal:
    return Refusal(f"{target} is there already: name another file with --out, or move it away")


def write_new(target: Path, content: bytes) -> None:
    """Write a file that is not there yet; refuses to write over one, and says where it cannot write."""
    try:
        with target.open("xb") as opened:
            opened.write(content)
    except FileExistsError as there:
        raise _there_already(target) from there
    except OSError as fault:
        raise Refusal(f"{target} cannot be written: {fault.strerror}") from fault
