"""Signs for the fund manager's eyes: ways in which a loan may have been made to look better than it is.

None of them proves anything, none stops a return, and the intermediary is not shown them. Each looks at what accepted
returns have told of a loan, quarter after quarter; they are the ways the field warns of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

from dateutil.relativedelta import relativedelta

from intermediaries.returns.case import said
from intermediaries.returns.checks import named, sentence_of
from intermediaries.returns.findings import counted
from intermediaries.returns.rows import Answer, LoanRow, value_of
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.workdays import Roll, rolled

LONGEST_MONTH: Final = 31
JUST_BEFORE: Final = timedelta(days=14)
"""How near to the end of a quarter a change is looked at twice."""
THRESHOLDS: Final = (30, 90)
"""Days past due beyond which principal counts as at risk (IRIS FP2635 and FP6373: more than so many)."""
ALWAYS: Final = 3
"""As many reports in a row make a habit."""
ROUNDING: Final = Money.parse("1.00")
"""What two amounts may differ by that a lender keeps in whole pounds."""
LEVEL: Final = 30
"""People from whom on a count that stays is a level; fewer come and go."""
STEADY: Final = Fraction(3, 2)
"""Two counts are of one level when neither is more than so many times the other."""
LEAP: Final = 3
"""So many times the level, from one return to the next, is a leap."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What the signs look at in a row, and no more: of very many loans all that was ever told is there at once."""

    loan_ref: str
    borrower_name: str
    borrower_ids: tuple[str, ...]
    outcome_area: str
    maturity_on: date | Answer
    restructured_on: date | Answer | None
    days_past_due: int
    people_reached: int | Answer | None
    people_unit: str | Answer | None
    drawn: Money
    principal_received: Money
    interest_received: Money
    written_off: Money
    recovered: Money
    arrears_principal: Money
    principal_outstanding: Money

    @classmethod
    def of(cls, facts: Mapping[str, str]) -> Glance:
        """What there is to see in a row's canonical text."""
        found: Any = {name: value_of(name, facts[name]) for name in _GLANCED if name in facts}
        return cls(**{"borrower_ids": (), "restructured_on": None, **_UNSAID, **found})


_UNSAID: Final = {"people_reached": None, "people_unit": None}
_GLANCED: Final = tuple(field.name for field in fields(Glance))


@dataclass(frozen=True, slots=True)
class Told:
    """What a return told of a loan in one quarter."""

    quarter: Quarter
    row: LoanRow | Glance


History = Sequence[Told]
"""What was told of one loan, earlier quarters first; at least once."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Something to look at: by which rule, of which loan, and what was seen."""

    rule: str
    loan_ref: str
    seen: str


def terms_moved_just_before_the_quarter_ended(history: History) -> str | None:
    """A loan that was late is restructured or given a later day within two weeks of the quarter's end."""
    now, before = history[-1], _before(history)
    if before is None or not before.row.days_past_due:
        return None
    day, ends_on = now.row.restructured_on, now.quarter.ends_on
    late = f"when the return before had told of {counted(before.row.days_past_due, 'day')} past due"
    told_now = isinstance(day, date) and day in now.quarter
    if isinstance(day, date) and told_now and ends_on - day <= JUST_BEFORE:
        return f"Restructured on {day}, {counted((ends_on - day).days, 'day')} before the quarter ended, {late}."
    earlier, later = before.row.maturity_on, now.row.maturity_on
    if not told_now and isinstance(earlier, date) and isinstance(later, date) and later > earlier:
        return f"Its last day went from {earlier} to {later} and no restructuring of the quarter was told, {late}."
    return None


def outcome_area_switched(history: History) -> str | None:
    """A loan is said to serve another outcome area than the quarter before."""
    now, before = history[-1], _before(history)
    if before is None or before.row.outcome_area == now.row.outcome_area:
        return None
    return f"It was for {before.row.outcome_area} in {before.quarter}, and is for {now.row.outcome_area} now."


def always_exactly_at_a_threshold(history: History) -> str | None:
    """A loan is, three times in a row, exactly as late as it may be without counting as at risk."""
    last = [told.row.days_past_due for told in history[-ALWAYS:]]
    if len(last) < ALWAYS or len(set(last)) > 1 or last[0] not in THRESHOLDS:
        return None
    return f"It was {last[0]} days past due in each of the last {ALWAYS} returns: one more would count as at risk."


def people_rise_with_no_new_money(history: History) -> str | None:
    """More people are reached in two returns in a row, and nothing was drawn in either quarter."""
    last = history[-ALWAYS:]
    counts = [told.row.people_reached for told in last]
    numbers = [count for count in counts if isinstance(count, int) and said(count)]
    if len(numbers) < ALWAYS or any(told.row.drawn > NOTHING for told in last[1:]):
        return None
    if not numbers[0] < numbers[1] < numbers[2]:
        return None
    return (
        f"People reached went from {numbers[0]:,} to {numbers[2]:,} since {last[0].quarter}; nothing was drawn since."
    )


def arrears_gone_without_money(history: History) -> str | None:
    """Arrears fall by more than was paid or written off in the quarter, and no change of terms was told."""
    now, before = history[-1], _before(history)
    if before is None or before.quarter != now.quarter.previous or _changed(now, before):
        return None
    paid = now.row.principal_received + now.row.written_off
    fallen = before.row.arrears_principal - now.row.arrears_principal
    if fallen > paid + ROUNDING:
        return (
            f"Arrears of {before.row.arrears_principal} in {before.quarter} are {now.row.arrears_principal} now, and "
            f"{paid} was paid or written off since."
        )
    anything = paid + now.row.interest_received + now.row.recovered
    if anything == NOTHING and now.row.days_past_due < before.row.days_past_due:
        return (
            f"It was {counted(before.row.days_past_due, 'day')} past due in {before.quarter} and is "
            f"{now.row.days_past_due} now, and nothing at all was paid since."
        )
    return None


def people_leap_with_no_new_money(history: History) -> str | None:
    """People reached are three times a level that had stayed, nothing was drawn, and the unit is the same.

    A level is two returns in a row of thirty people or more that are within a half of each other: a place that opens,
    or grows from return to return, has none.
    """
    last = history[-ALWAYS:]
    numbers = [count for told in last if isinstance(count := told.row.people_reached, int) and said(count)]
    if len(numbers) < ALWAYS or any(told.row.drawn > NOTHING for told in last):
        return None
    low, high = sorted(numbers[:2])
    if (
        low < LEVEL
        or high > STEADY * low
        or numbers[2] < LEAP * high
        or len({told.row.people_unit for told in last}) > 1
    ):
        return None
    return (
        f"People reached went from {numbers[1]:,} to {numbers[2]:,} since {last[1].quarter}; nothing was drawn since."
    )


def at_a_threshold_by_no_due_day(history: History) -> str | None:
    """A loan is at a threshold for the second time in three returns, and no one due day of the month explains both.

    Who is always a month behind is 30 days late at the end of March and of December, if the money is due on the 1st,
    and in June and September, if it is due on the last: the days must not fit any one due day, moved over days on
    which banks do not work or not, with the due day counted or not.
    """
    last = history[-ALWAYS:]
    there = [told for told in last if told.row.days_past_due in THRESHOLDS]
    if len(last) < ALWAYS or len(there) != ALWAYS - 1 or there[-1] is not last[-1]:
        return None
    if any(
        _one_due_day([told.quarter.ends_on - timedelta(told.row.days_past_due - more) for told in there])
        for more in (0, 1)
    ):
        return None
    times = " and ".join(f"{told.row.days_past_due} days past due in {told.quarter}" for told in there)
    return f"It was {times}, exactly as late as it may be: no one due day of the month comes to both."


def lent_again_after_a_loss(history: History, same_borrowers: Iterable[History]) -> str | None:
    """A borrower whose loan was written off is lent to again, in the same quarter or later."""
    new, before = history[-1], _before(history)
    if new.row.drawn == NOTHING or (before is not None and before.row.principal_outstanding > NOTHING):
        return None  # a further drawdown of a loan that runs is no new loan; one of a loan on which nothing is owed is
    for other in (*same_borrowers, history[:-1]):
        for told in other:
            if told.row.written_off > NOTHING and told.quarter <= new.quarter:
                return (
                    f"{new.row.drawn} was lent to {new.row.borrower_name}, of whose loan {told.row.loan_ref} "
                    f"{told.row.written_off} was written off in {told.quarter}."
                )
    return None


OF_ONE_LOAN: Final[tuple[Callable[[History], str | None], ...]] = (
    terms_moved_just_before_the_quarter_ended,
    outcome_area_switched,
    always_exactly_at_a_threshold,
    people_rise_with_no_new_money,
    arrears_gone_without_money,
    people_leap_with_no_new_money,
    at_a_threshold_by_no_due_day,
)

_ALL: Final[tuple[Callable[..., str | None], ...]] = (*OF_ONE_LOAN, lent_again_after_a_loss)

RULES: Final[Mapping[str, str]] = {named(rule): sentence_of(rule) for rule in _ALL}
"""Every sign's name, with its sentence."""


def signs(histories: Mapping[str, History], quarter: Quarter, borrowers: Mapping[str, str]) -> Iterator[Sign]:
    """Every sign in what a quarter's return tells, loan by loan.

    `histories` are of all loans of the intermediary, by reference, up to the quarter; `borrowers` says whose each is.
    Loans that the quarter's return does not tell of are only looked at beside others.
    """
    of_borrower: dict[str, list[str]] = {}
    for reference, borrower in borrowers.items():
        of_borrower.setdefault(borrower, []).append(reference)
    for reference, history in histories.items():
        if history[-1].quarter != quarter:
            continue
        for rule in OF_ONE_LOAN:
            seen = rule(history)
            if seen is not None:
                yield Sign(named(rule), reference, seen)
        others = [each for each in of_borrower.get(borrowers.get(reference, ""), ()) if each != reference]
        seen = lent_again_after_a_loss(history, [histories[each] for each in others if each in histories])
        if seen is not None:
            yield Sign(named(lent_again_after_a_loss), reference, seen)


def _before(history: History) -> Told | None:
    return history[-2] if len(history) > 1 else None


def _changed(now: Told, before: Told) -> bool:
    """Whether terms may have changed since: what was owed to be paid by now is then another amount."""
    return (
        now.row.restructured_on != before.row.restructured_on
        or (isinstance(now.row.restructured_on, date) and now.row.restructured_on in now.quarter)
        or now.row.maturity_on != before.row.maturity_on
    )


def _one_due_day(oldest: Sequence[date]) -> bool:
    """Whether days on which the oldest unpaid money was due may all be of one due day of the month."""
    return any(
        all(day in _due(day, each, roll) for day in oldest) for each in range(1, LONGEST_MONTH + 1) for roll in Roll
    )


def _due(near: date, due_day: int, roll: Roll) -> set[date]:
    """The days on which money due on a day of the month is due, as far as they may be near a day."""
    months = [near + relativedelta(months=more) for more in (-1, 0, 1)]
    return {rolled(month + relativedelta(day=due_day), roll) for month in months}
