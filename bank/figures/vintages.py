"""How loans fare as they age: what those first drawn in one quarter had repaid, lost and owed at each quarter's end.

All amounts are the bank's share. A loan that a quarter's return does not tell of stands as last told of, and the
coverage of the line says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bank.figures.covered import Covered
from intermediaries.loans.views import Reported
from ledger.dates import Quarter, quarters
from ledger.money import NOTHING, Money
from ledger.store.work import View
from reports.figures import Coverage

_PLACES = Decimal("0.000001")


class Standing(Covered):
    """What some loans had done by a quarter's end, to date, and what stood at risk of what was left.

    `at_risk_…` is the whole balance of every loan so many days behind; `…_restructured` counts those on changed terms
    in, though they be paid to date. `coverage` is of the loans with a balance: how many the quarter's returns tell of.
    """

    loans: int
    borrowers: int
    drawn: Money
    received: Money
    written_off: Money
    recovered: Money
    outstanding: Money
    at_risk_30: Money
    at_risk_30_restructured: Money
    at_risk_90: Money
    at_risk_90_restructured: Money
    written_off_share: Decimal | None
    recovered_share: Decimal | None


class _PointOfAVintage(View):
    cohort: Quarter
    age: int
    quarter: Quarter


class VintageLine(Standing, _PointOfAVintage):
    """One point of a vintage's curves: `age` 0 is the quarter in which its loans were first drawn."""


@dataclass(slots=True)
class Tally:
    """Pence added up over the loans of one cohort at one quarter's end, and their borrowers."""

    loans: int = 0
    borrowers: set[str] = field(default_factory=set)
    sums: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    with_balance: int = 0
    fresh: int = 0

    def add(self, loan: _Running, last: Reported, *, fresh: bool) -> None:
        """One loan as it stood."""
        owed = loan.drawn - loan.received - loan.written_off
        self.loans += 1
        self.borrowers.add(last.organisation)
        parts = {name: getattr(loan, name) for name in ("drawn", "received", "written_off", "recovered")}
        parts["outstanding"] = owed
        for days in (30, 90):
            late = last.days_past_due > days
            parts[f"at_risk_{days}"] = owed * late
            parts[f"at_risk_{days}_restructured"] = owed * (late or last.restructured)
        for name, pence in parts.items():
            self.sums[name] += pence
        if owed:
            self.with_balance += 1
            self.fresh += fresh
            self.sums["told"] += owed * fresh

    def put(self, other: Tally) -> None:
        """Another tally, of other loans, on top of this one."""
        self.loans += other.loans
        self.borrowers |= other.borrowers
        self.with_balance += other.with_balance
        self.fresh += other.fresh
        for name, pence in other.sums.items():
            self.sums[name] += pence

    def standing(self) -> Standing:
        """As it is shown."""
        return Standing(**self.shown())

    def shown(self) -> dict[str, Any]:
        """The members of what is shown."""
        sums = {name: Money(self.sums[name]) for name in _AMOUNTS}
        return sums | {
            "loans": self.loans,
            "borrowers": len(self.borrowers),
            "written_off_share": share(sums["written_off"], sums["drawn"]),
            "recovered_share": share(sums["recovered"], sums["written_off"]),
            "coverage": Coverage(
                known=self.fresh,
                of=self.with_balance,
                known_money=Money(self.sums["told"]),
                of_money=sums["outstanding"],
            ),
        }


@dataclass(slots=True)
class _Running:
    """A loan's movements to date, in pence."""

    drawn: int = 0
    received: int = 0
    written_off: int = 0
    recovered: int = 0

    def add(self, told: Reported) -> None:
        """What one report moved."""
        self.drawn += told.drawn.pence
        self.received += told.received.pence
        self.written_off += told.written_off.pence
        self.recovered += told.recovered.pence


_AMOUNTS = (
    *("drawn", "received", "written_off", "recovered", "outstanding"),
    *("at_risk_30", "at_risk_30_restructured", "at_risk_90", "at_risk_90_restructured"),
)

Tallies = Mapping[tuple[Quarter, Quarter], Tally]
"""By the quarter in which the loans were first drawn, and the quarter at whose end they stood so."""


def share(part: Money, whole: Money) -> Decimal | None:
    """One amount to another, to six decimals, half up; None of nothing."""
    if whole == NOTHING:
        return None
    return (Decimal(part.pence) / Decimal(whole.pence)).quantize(_PLACES, rounding=ROUND_HALF_UP)


def histories(reports: Iterable[Reported]) -> dict[str, list[Reported]]:
    """What was told of each loan, earlier quarters first."""
    found: defaultdict[str, list[Reported]] = defaultdict(list)
    for one in sorted(reports, key=lambda one: one.quarter):
        found[one.loan].append(one)
    return dict(found)


def cohort_of(history: Sequence[Reported]) -> Quarter | None:
    """The quarter in which a loan was first drawn; None while nothing was."""
    return next((one.quarter for one in history if one.drawn), None)


def tallies(reports: Iterable[Reported], upto: Quarter) -> Tallies:
    """Every cohort at every quarter's end from its own to one, each loan gone through once."""
    found: defaultdict[tuple[Quarter, Quarter], Tally] = defaultdict(Tally)
    for history in histories(reports).values():
        cohort = cohort_of(history)
        if cohort is None or cohort > upto:
            continue
        told = {one.quarter: one for one in history}
        running, last = _Running(), history[0]
        for quarter in quarters(history[0].quarter, upto):
            if quarter in told:
                last = told[quarter]
                running.add(last)
            if quarter >= cohort:
                found[cohort, quarter].add(running, last, fresh=quarter in told)
    return found


def vintages(told: Tallies) -> Iterator[VintageLine]:
    """The curves, cohort by cohort and age by age."""
    for (cohort, quarter), tally in sorted(told.items(), key=lambda item: item[0]):
        age = (quarter.year - cohort.year) * 4 + quarter.number - cohort.number
        yield VintageLine(cohort=cohort, age=age, quarter=quarter, **tally.shown())


def at_the_end_of(told: Tallies, quarter: Quarter) -> Tally:
    """All loans, whenever they were first drawn, at one quarter's end."""
    whole = Tally()
    for (_, end), tally in told.items():
        if end == quarter:
            whole.put(tally)
    return whole
