"""What a product is made of: its terms, the events that may happen to it, the postings of each, and its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from bank.allocations.products.fields import Field, Told
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal
from ledger.workdays import Nation

CASH: Final = "1000"
COLLECTION: Final = "1010"
CONTRA: Final = "9199"
UNDRAWN: Final = "9100:"
UNCALLED: Final = "9130:"
GUARANTEED: Final = "9120:"
LOST: Final = "5010:"
LET_GO: Final = "release"
"""The kind of entry by which a guarantee ends that was not called."""

OUT: Final = "drawdown"
BACK: Final = "repayment"
LOSS: Final = "write-off"
RECOVERED: Final = "recovery"
RESTORED: Final = "restored"
SPENT: Final = "spent"
INCOME: Final = "income"
VALUED: Final = "revaluation"
NOTED: Final = "noted"
"""What an event does to a facility: money or a promise out, back, lost, or back after all; commitment given back, or
spent on fees that are no asset; and what touches neither commitment nor principal."""

PER_HUNDRED: Final = "per_hundred"
"""The field in which a value is told as a price."""

Measurement = Literal["amortised-cost", "fair-value", "cost-less-impairment"]
Standing = Literal["signed", "held"]


class BeyondTerms(Refusal):
    """More than the contract allows, or than is there."""

    slug = "beyond-terms"
    status = 409


@dataclass(frozen=True, slots=True)
class Partner:
    """The accounts of the memorandum book on the other side: where money arrives, what is owed for it, what pays."""

    money: str
    owed: str
    released: str = "4200:"
    paid: str = "5200:"
    recovered: str = "5210:"


LENT_ON: Final = Partner("1000:", "2100:")
"""The intermediary passes the money on: it holds it for the facility, and returns tell what became of it."""
OWN_USE: Final = Partner("1400:", "2110:")
"""The money becomes the intermediary's own, or a guarantee's loss: no onward loan is reported against it."""


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a journal: an account debited and one credited. A colon stands for the facility's own account below.

    `kind` is the entry's. `theirs` is the same money in the intermediary's book, where principal or its cash moves.
    """

    debit: str
    credit: str
    amount: Money
    kind: str
    said: str
    theirs: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event does to the commitment or to what is out under it."""

    kind: str
    amount: Money = NOTHING


@dataclass(frozen=True, slots=True)
class Done:
    """What comes of an event: its journal, its effects, and the value that it tells, if it tells one."""

    moves: tuple[Move, ...]
    effects: tuple[Effect, ...]
    value: Money | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a product's life, with the day on which it was true and what it did to cost and to revaluation."""

    verb: str
    on: date
    told: Mapping[str, str]
    value: Money | None = None
    cost: Money = NOTHING
    unrealised: Money = NOTHING


@dataclass(frozen=True, slots=True)
class Position:
    """Where a facility stands for an event of a day: its terms, what happened before, and what there is from then on.

    `there` answers for an account what it holds at the least from the day on, on its own side: nothing that has been
    used since can be used again.
    """

    terms: Told
    commitment: Money
    on: date
    there: Callable[[str], Money]
    past: tuple[Happened, ...]
    carried: Money | None = None
    """What it is carried at by its forecasts on the day; none where no forecast has told a rate before the day."""
    ends_on: Callable[[date], date] = lambda _: date.max
    """The last day of the contract, by the amendments that were in force on a day."""
    nation: Nation = Nation.ENGLAND
    """Whose bank holidays count, unless the terms say otherwise."""

    def of(self, code: str) -> Money:
        """What an account of the facility holds at the least from the day on."""
        return max(self.there(code.rstrip(":")), NOTHING)

    def told_before(self, verb: str, name: str) -> Money:
        """What one field of every such event came to so far."""
        return Money.total(Money.parse(one.told[name]) for one in self._told(verb, name))

    def not_yet_back(self, paid: str, back: str) -> Money:
        """What such events paid and others brought back, by each day: the least of it from the day on."""
        days = {self.on, *(one.on for one in self.past if one.on > self.on)}
        return min(self.told_by(day, paid) - self.told_by(day, back) for day in days)

    def told_by(self, day: date, verb: str) -> Money:
        """What such events came to by a day."""
        return Money.total(Money.parse(one.told["amount"]) for one in self._told(verb, "amount") if one.on <= day)

    def told_in(self, year: int, verb: str, name: str) -> Money:
        """The same of the events of one calendar year, before the day or after it."""
        return Money.total(Money.parse(one.told[name]) for one in self._told(verb, name) if one.on.year == year)

    def _told(self, verb: str, name: str) -> list[Happened]:
        return [one for one in self.past if one.verb == verb and name in one.told]


Rule = Callable[[Position, Told], Done]


@dataclass(frozen=True, slots=True)
class Verb:
    """A word for something that happens: as it is typed, its place under `/v1/allocations/{id}/`, and its fields.

    Two products that share a verb tell it in the same fields.
    """

    name: str
    path: str
    says: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A verb as it happens to one product: who may be paid, and the journal that comes of it."""

    verb: Verb
    rule: Rule
    when: Standing = "held"
    """Whether it takes a signed facility, or one under which something is or was out."""
    promises: bool = False
    """Whether it pays out or promises: then within the availability period and to an intermediary in good standing."""


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of one product: what some of the facility's accounts come to, by what was done."""

    code: str
    title: str
    accounts: tuple[str, ...]
    sign: int = 1
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Product:
    """One product of wholesale finance, whole: everything that the doors, the books and the reader need of it."""

    code: str
    title: str
    about: str
    measurement: Measurement
    principal: str
    """The account below which what is out under it stands at cost."""
    terms: tuple[Field, ...] = ()
    events: tuple[Event, ...] = ()
    figures: tuple[Line, ...] = ()
    unrealised: str = ""
    """The account of what its value differs from its cost; empty where it is not held at value."""
    amortised: str = ""
    """The account of what its amortised cost differs from its principal, where what it pays is forecast; else empty."""
    promise: str = "9100"
    """The memorandum account of what is signed and not yet drawn or called."""
    earns: bool = False
    """Whether interest accrues on its principal from day to day."""
    lent: bool = False
    """Whether it is drawn, repaid and written off by the verbs of lending."""

    contingent: bool = False
    """Whether using its promise up moves no money: it stays promised, and is paid only where it is called."""

    def event(self, verb: str) -> Event | None:
        """What a verb does to this product, if it can happen to it."""
        return next((event for event in self.events if event.verb.name == verb), None)


def within(amount: Money, there: Money, what: str) -> Money:
    """The amount, or a refusal when it is more than is there."""
    if amount > there:
        raise BeyondTerms(
            f"{amount} is more than {what}, which is {there}: nothing was recorded",
            amount=str(amount),
            there=str(there),
        )
    return amount


def moves(*wanted: Move) -> tuple[Move, ...]:
    """Those lines of a journal of which there is anything."""
    return tuple(move for move in wanted if move.amount)


def figure(code: str, title: str, *accounts: str, sign: int = 1, only: str = "") -> Line:
    """A figure by its accounts; `only` names the kinds of entry that count, apart by spaces."""
    return Line(code, title, accounts, sign, frozenset(only.split()))


RECOVERED_SINCE: Final = figure("recovered", "Recovered after it was lost", "4060", sign=-1)
ALLOWED_FOR: Final = figure("allowed", "Allowed for its loss", "1240", "1241", "1242", sign=-1)
"""Of what earns interest: what came back of what was given up, and what is expected to be lost of the rest."""
