"""The record of onward lending: at risk both ways, arrears, losses, vintages, first-time borrowers, and sizes.

Every line says what it rests on: how many loans of how many, and how much of the money.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bank.figures.borrowers import answer, of_borrowers, quantile
from bank.figures.covered import Covered
from bank.figures.evidence import Evidence, drawn_loans
from bank.figures.lending import covered
from bank.figures.vintages import Standing, Tallies, VintageLine, at_the_end_of, cohort_of, share, tallies, vintages
from intermediaries.loans.queries import reported
from intermediaries.loans.rules import BUCKETS, at_risk
from intermediaries.loans.views import Lent, Reported
from ledger.dates import Quarter
from ledger.money import Money
from ledger.store.work import View
from reports.figures import Coverage

YES, NO = "yes", "no"
ALL: Final = "all"
_DAYS: Final = (30, 90)
_YEAR_OF_QUARTERS: Final = 4


class RiskLine(Covered):
    """What stands in loans more than so many days behind, restructured loans out and in, of all that stands (IRIS)."""

    over_days: int
    outstanding: Money
    at_risk: Money
    at_risk_share: Decimal | None
    with_restructured: Money
    with_restructured_share: Decimal | None


class ArrearsLine(Covered):
    """Loans with a balance, by how many days the oldest unpaid instalment is late."""

    days: str
    loans: int
    outstanding: Money
    of_it_restructured: Money


class _Group(View):
    group: str
    of: str
    name: str


class LossLine(Standing, _Group):
    """What some loans lost and what came back of it: to date, and in the four quarters to the last whole one.

    `year_share` is what those quarters wrote off, to the mean of what was outstanding at their ends and before them.
    """

    net_loss_share: Decimal | None
    year_written_off: Money
    year_recovered: Money
    year_share: Decimal | None


class FirstTimeLine(Covered):
    """Who began to borrow in a quarter: bodies new to the bank's money, and what the new loans' borrowers say.

    A body is counted once, under whatever intermediary and number it was met. `said_…` and `drawn` are of the loans
    that were new in the quarter, and in it.
    """

    quarter: str
    borrowers: int
    new_borrowers: int
    new_loans: int
    said_first: int
    said_not: int
    said_nothing: int
    drawn: Money


class SizeLine(Covered):
    """How a size is spread: the ends, the quartiles and the median, over the loans for which it is known.

    A loan counts once in a size of its own, and a borrower in its own, as its last return has it. A quartile between
    two is read off the line between them, half a penny up, as the median is.
    """

    code: str
    title: str
    unit: str
    least: Decimal | None
    lower_quartile: Decimal | None
    median: Decimal | None
    upper_quartile: Decimal | None
    greatest: Decimal | None
    total: Decimal | None


class OnwardRecord(View):
    """Onward lending as at a day, as known then; the curves and losses run to the last quarter that had ended."""

    as_at: date
    known_at: datetime
    known_seq: int
    upto: Quarter
    risk: tuple[RiskLine, ...]
    arrears: tuple[ArrearsLine, ...]
    losses: tuple[LossLine, ...]
    vintages: tuple[VintageLine, ...]
    first_time: tuple[FirstTimeLine, ...]
    sizes: tuple[SizeLine, ...]


def onward_record(evidence: Evidence) -> OnwardRecord:
    """Every table of the record, from the returns that count on the day, as known then."""
    told = reported(evidence.session, evidence.as_at, evidence.known)
    upto = last_whole_quarter(evidence.as_at)
    whole = tallies(told, upto)
    return OnwardRecord(
        as_at=evidence.as_at,
        known_at=evidence.known.instant,
        known_seq=evidence.known.seq,
        upto=upto,
        risk=tuple(risk(evidence)),
        arrears=tuple(arrears(evidence)),
        losses=tuple(losses(evidence, told, whole, upto)),
        vintages=tuple(vintages(whole)),
        first_time=tuple(first_time(told, upto)),
        sizes=tuple(sizes(evidence.states)),
    )


def last_whole_quarter(day: date) -> Quarter:
    """The last quarter that had ended by a day."""
    own = Quarter.of(day)
    return own if own.ends_on == day else own.previous


def risk(evidence: Evidence) -> Iterator[RiskLine]:
    """The portfolio at risk at 30 and 90 days, both ways."""
    for days in _DAYS:
        found = at_risk(evidence.states, over=days)
        yield RiskLine(
            over_days=days,
            outstanding=found.outstanding,
            at_risk=found.past_due,
            at_risk_share=share(found.past_due, found.outstanding),
            with_restructured=found.with_restructured,
            with_restructured_share=share(found.with_restructured, found.outstanding),
            coverage=evidence.reported_for,
        )


def arrears(evidence: Evidence) -> Iterator[ArrearsLine]:
    """The loans with a balance under their bands of days."""
    left = evidence.standing
    for days in BUCKETS:
        some = [state for state in left if state.bucket == days]
        fresh = [state for state in some if state.quarter == evidence.quarter]
        yield ArrearsLine(
            days=days,
            loans=len(some),
            outstanding=_ours(some),
            of_it_restructured=_ours([state for state in some if state.restructured]),
            coverage=Coverage(known=len(fresh), of=len(some), known_money=_ours(fresh), of_money=_ours(some)),
        )


def _ours(states: Iterable[Lent]) -> Money:
    return Money.total(state.outstanding for state in states)


def losses(evidence: Evidence, told: Sequence[Reported], whole: Tallies, upto: Quarter) -> Iterator[LossLine]:
    """What was lost and came back: in all, by intermediary, and by the year in which the loans were first drawn."""
    called = evidence.knowledge.names
    yield _loss(ALL, ALL, "All onward loans", whole, upto)
    lenders = _parted(told, lambda one: one.intermediary)
    for lender in sorted(lenders, key=lambda one: (called.get(one, ""), one)):
        yield _loss("intermediary", lender, called.get(lender, lender), tallies(lenders[lender], upto), upto)
    for year in sorted({cohort.year for cohort, _ in whole}):
        some = {key: tally for key, tally in whole.items() if key[0].year == year}
        yield _loss("year", str(year), f"First drawn in {year}", some, upto)


def _parted(told: Iterable[Reported], of: Callable[[Reported], str]) -> dict[str, list[Reported]]:
    parts: defaultdict[str, list[Reported]] = defaultdict(list)
    for one in told:
        parts[of(one)].append(one)
    return dict(parts)


def _loss(group: str, of: str, name: str, told: Tallies, upto: Quarter) -> LossLine:
    ends = [upto]
    while len(ends) <= _YEAR_OF_QUARTERS:
        ends.append(ends[-1].previous)
    ended = [at_the_end_of(told, end) for end in ends]
    points = [one.standing() for one in ended]
    now, before = points[0], points[-1]
    lost = now.written_off - before.written_off
    mean = Fraction(sum(point.outstanding.pence for point in points), len(points))
    return LossLine(
        group=group,
        of=of,
        name=name,
        net_loss_share=share(now.written_off - now.recovered, now.drawn),
        year_written_off=lost,
        year_recovered=now.recovered - before.recovered,
        year_share=share(lost, Money.round_half_up(mean)),
        **ended[0].shown(),
    )


@dataclass(slots=True)
class _Begun:
    """What began in a quarter."""

    loans: list[Reported]
    borrowers: set[str]
    new: set[str]


def first_time(told: Iterable[Reported], upto: Quarter) -> Iterator[FirstTimeLine]:
    """The quarters in which borrowing began, and all of them together."""
    firsts: list[tuple[Quarter, Reported]] = []
    for history in _parted(told, lambda one: one.loan).values():
        history.sort(key=lambda one: one.quarter)
        cohort = cohort_of(history)
        if cohort is not None and cohort <= upto:
            # What the last return tells of the borrower, with what the first drew.
            drawn = next(one.drawn for one in history if one.quarter == cohort)
            firsts.append((cohort, history[-1]._replace(drawn=drawn)))
    known: set[str] = set()
    begun: list[_Begun] = []
    for quarter in sorted({cohort for cohort, _ in firsts}):
        some = [one for cohort, one in firsts if cohort == quarter]
        borrowers = {one.organisation for one in some}
        begun.append(_Begun(some, borrowers, borrowers - known))
        known |= borrowers
        yield _first_time(str(quarter), begun[-1])
    loans = [one for part in begun for one in part.loans]
    yield _first_time(ALL, _Begun(loans, known, known))


def _first_time(quarter: str, begun: _Begun) -> FirstTimeLine:
    said = [one for one in begun.loans if one.first_time in {YES, NO}]
    return FirstTimeLine(
        quarter=quarter,
        borrowers=len(begun.borrowers),
        new_borrowers=len(begun.new),
        new_loans=len(begun.loans),
        said_first=sum(one.first_time == YES for one in said),
        said_not=sum(one.first_time == NO for one in said),
        said_nothing=len(begun.loans) - len(said),
        drawn=Money.total(one.drawn for one in begun.loans),
        coverage=Coverage(
            known=len(said),
            of=len(begun.loans),
            known_money=Money.total(one.drawn for one in said),
            of_money=Money.total(one.drawn for one in begun.loans),
        ),
    )


_OF_LOANS: Final[Mapping[str, tuple[str, Callable[[Lent], Money]]]] = {
    "agreed": ("Whole loan agreed, all lenders together", lambda state: state.amount_committed),
    "ours": ("The bank's share of what was drawn", lambda state: state.drawn),
}
_OF_BORROWERS: Final[Mapping[str, tuple[str, str, str]]] = {
    "turnover": ("Yearly turnover of the borrower", "pounds", "turnover"),
    "staff": ("Staff of the borrower, full-time equivalents", "people", "employees_fte"),
}
"""By the size's code: what it is, its unit, and the column of the return that tells it."""


def sizes_told(state: Lent) -> Iterator[tuple[str, str]]:
    """What is told of each size of a loan and its borrower, by the size's code."""
    for code, (_, of) in _OF_LOANS.items():
        yield code, str(of(state))
    for code, (_, _, column) in _OF_BORROWERS.items():
        if (said := answer(state, column)) is not None:
            yield code, said


def sizes(states: Iterable[Lent]) -> Iterator[SizeLine]:
    """How loans and borrowers are spread by size: loans all of them, borrowers each once, over those that tell it."""
    drawn = drawn_loans(states)
    for code, (title, of) in _OF_LOANS.items():
        yield _spread(code, title, "pounds", map(of, drawn), covered(drawn, drawn))
    for code, (title, unit, column) in _OF_BORROWERS.items():
        known = [state for state in drawn if answer(state, column) is not None]
        told = (Money.round_half_up(size.scaleb(2)) for size in of_borrowers(known, column).values())
        yield _spread(code, title, unit, told, covered(known, drawn))


def _spread(code: str, title: str, unit: str, told: Iterable[Money], coverage: Coverage) -> SizeLine:
    """The ends, quartiles and sum of some sizes, which are reckoned in hundredths."""
    sizes_ = list(told)
    least, lower, middle, upper, greatest = (_shown(quantile(sizes_, Fraction(place, 4))) for place in range(5))
    return SizeLine(
        code=code,
        title=title,
        unit=unit,
        least=least,
        lower_quartile=lower,
        median=middle,
        upper_quartile=upper,
        greatest=greatest,
        total=_shown(Money.total(sizes_)) if sizes_ else None,
        coverage=coverage,
    )


def _shown(hundredths: Money | None) -> Decimal | None:
    """A size in its own unit, to two decimals: people are reckoned in hundredths too."""
    return None if hundredths is None else Decimal(str(hundredths))
