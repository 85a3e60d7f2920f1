"""How a loan that is impaired from the first begins in the books, and how it comes to be carried at more later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bank.allocations.credit.queries import agreed_receipts_of
from bank.allocations.facts import ALLOWANCES, GROSS, Facts, facts_of
from bank.allocations.impaired import Foretold
from bank.allocations.model import Facility
from bank.allocations.recording import Event, Happening, bank_side, open_all_own, write_all_down
from bank.allocations.rules import ADJUSTMENT, RAISED
from bank.treasury.rules import BadTerms, entry_of
from ledger.money import NOTHING, Money
from ledger.store.work import Work

AT_THE_END: Final = "Impairment loss at the end"


@dataclass(frozen=True, slots=True)
class Raise:
    """A loan that began impaired carried at more from a day on, or with a sign at less: a gain, or a loss."""

    on: date
    amount: Money
    note: str
    called: str = "Impairment loss at the beginning"
    """How a loss is called; a gain is an impairment gain."""


def may_begin(work: Work, row: Facility, on: date, amount: Money, fee: Money) -> None:
    """Pass when money may be lent under what is expected of an impaired loan, if that was told.

    Refuses a first day before that of which it was told, receipts that are expected by then, receipts that are worth
    what is lent at no rate that is not below nothing and that all of them bear on unless the market's is told, and more
    money under it than the receipts of that day were told with.
    """
    if row.id not in agreed_receipts_of(work.session, [row.id]):
        return
    course = facts_of(work.session, row).course
    if not course.foretold or (course.principal and course.begun is None):
        return
    told, begun = course.foretold_on(on), course.begun
    if told is None or (begun is not None and on < begun.on):
        raise BadTerms(
            f"What is expected of {row.name} was told from {course.foretold[0].from_on} on, and it begins impaired "
            f"with its first money: {on} is before that"
        )
    if begun is not None and on > begun.on:
        if told.from_on != on:
            raise BadTerms(
                f"{row.name} began impaired on {begun.on}: with more money other receipts are expected. Tell and "
                f"approve them from {on} on first"
            )
        return
    fees = Money.total(each for day, each in course.fees if day == on) + fee
    _refuse_unfit(row, told, course.lent_on(on) + amount - fee, fees, on)


def _refuse_unfit(row: Facility, told: Foretold, lent: Money, fees: Money, on: date) -> None:
    """Pass when a loan can begin with what is expected of it: all of it is to come, and it is worth what is lent."""
    early = [(day, amount) for day, amount in told.receipts if day <= on]
    if early:
        day, amount = early[0]
        raise BadTerms(
            f"{amount} is expected of {row.name} on {day}, and the money is only lent on {on}: what is expected of a "
            f"loan comes after that. Tell and approve anew what is expected from {on} on",
            expected=str(amount),
            on=str(day),
        )
    whole, rate = Money.total(amount for _, amount in told.receipts), told.rate(lent, on)
    if rate is not None and rate >= 0 and (told.market_rate is not None or told.bears(rate, on)):
        return
    if lent > whole:
        wrong = f"{lent - whole} more than will come"
    elif rate is None or lent <= NOTHING:
        wrong = "no yearly rate makes the one worth the other"
    else:
        last = max(day for day, _ in told.receipts)
        wrong = (
            f"the one is worth the other only at a yearly rate so high that what comes within days makes it alone, and "
            f"by it what is expected on {last} is worth nothing"
        )
    withheld = f" once a fee of {fees} is kept back" if fees else ""
    raise BadTerms(
        f"{whole} is expected of {row.name} in all, and {lent} is lent on {on}{withheld}: {wrong}. Tell and approve "
        "what is expected with the market's rate (`bank allocation expect-receipts … --market-rate`), by which the "
        "loan begins at what that is worth and the rest is lost at once, or lend less",
        expected=str(whole),
        lent=str(lent),
    )


def begin(work: Work, row: Facility, on: date) -> None:
    """Bring a loan that began impaired with its first money that day to its fair value: the rest is lost at once.

    IFRS 9, 5.1.1 and B5.1.1: only where the market's rate was told; otherwise what was lent is what it is worth.
    """
    if row.id not in agreed_receipts_of(work.session, [row.id]):
        return
    facts = facts_of(work.session, row)
    begun = facts.course.began_impaired_by(on)
    if begun is None or begun.on != on or begun.anew:
        return
    lacking = begun.cost - facts.balance(GROSS, on)
    if lacking:
        note = "It began impaired, and is worth what others would give for it"
        write_raises(work, [(row, Raise(on, lacking, note))])


def raises(facts: Facts, since: date) -> list[Raise]:
    """What a loan that began impaired must be raised by on each day from one on, so as not to stand below nothing.

    It does once more was received than ever was expected: a gain, as a favourable change of the losses is (5.5.14).
    With a sign, on the day that the contract claims nothing any more, by what it is still carried at: that is lost.
    """
    begun = facts.course.begun
    if begun is None:
        return []
    later = {line.effective_on for root in GROSS for line in facts.lines[root] if line.effective_on > since}
    found: list[Raise] = []
    raised = NOTHING
    for day in sorted(each for each in later | {since} if each >= begun.on):
        below = -(facts.balance(GROSS, day) + raised)
        if below > NOTHING:
            found.append(Raise(day, below, "More was received than was expected"))
            raised += below
    settled = facts.course.settled_on
    if settled is not None and settled >= begun.on:
        day = max(settled, since)
        left = facts.balance(GROSS, day) + Money.total(each.amount for each in found if each.on <= day)
        if left > NOTHING:
            found.append(
                Raise(day, -left, "All that was owed is paid or lost, and it is carried at nothing", AT_THE_END)
            )
    return found


def raise_all_to_nothing(work: Work, rows: Sequence[Facility], since: date, facts: Mapping[str, Facts]) -> set[str]:
    """Enter what each loan that began impaired must be raised by from a day on; those of which it was entered."""
    told = [(row, each) for row in rows for each in raises(facts[row.id], since)]
    write_raises(work, told)
    return {row.id for row, _ in told}


def write_raises(work: Work, told: Sequence[tuple[Facility, Raise]]) -> None:
    """Write down that loans are carried at more, or at less."""
    if told:
        open_all_own(work, [(row, account) for row, _ in told for account in ("5000:", "1230:")])
        write_all_down(work, [_raised(work, row, each) for row, each in told])


def net(facts: Facts, day: date) -> Money:
    """What a loan is carried at on a day once its allowance is taken off."""
    return facts.balance([*GROSS, *ALLOWANCES], day)


def _raised(work: Work, row: Facility, made: Raise) -> Event:
    happening = Happening(work.new_id("evt"), RAISED, made.on, amount=abs(made.amount), note=made.note)
    sides = ("1230:", "5000:") if made.amount > NOTHING else ("5000:", "1230:")
    called = "Impairment gain" if made.amount > NOTHING else made.called
    entry = entry_of(
        bank_side(*sides, row),
        abs(made.amount),
        key=f"{happening.id}/raised",
        on=made.on,
        description=f"{called}: {row.name}",
        kind=ADJUSTMENT,
    )
    return Event(row, happening, [entry])
