"""What changed terms do to a loan: a gain or loss at its original effective rate, or its end and another's start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bank.allocations.allowing import Parts, allowance_entries, allowed
from bank.allocations.course import Course
from bank.allocations.credit.model import StageMove
from bank.allocations.credit.queries import stages_of
from bank.allocations.credit.rules import stage_at
from bank.allocations.facts import GROSS, PROVISION, Facts, Lent, facts_of
from bank.allocations.impaired import Foretold
from bank.allocations.model import Facility
from bank.allocations.recording import Event, Happening, bank_side, open_all_own, open_own, write_all_down, write_down
from bank.allocations.rules import MODIFICATION, REPLACEMENT, accruals_wanting
from bank.allocations.terms.queries import threshold_on
from bank.allocations.terms.rules import Agreed, charged
from bank.rates.queries import history
from bank.treasury.rules import BadTerms, entry_of
from ledger.entries import Entry
from ledger.impairment import Stage
from ledger.instalments import Movement
from ledger.money import NOTHING, Money
from ledger.periods import open_day
from ledger.present_values import difference
from ledger.queries import Known, watermark
from ledger.store.database import ReadSession
from ledger.store.work import Work

_PLACES = 12
_AGAIN = "As it is by what came to be known since the terms were approved"


@dataclass(frozen=True, slots=True)
class Change:
    """What terms do to a loan from their day on: by what part its worth differs, and what is lost by that."""

    on: date
    difference: Decimal | None
    """None where nothing was to come by the terms before: then nothing can be compared."""
    replaces: bool
    loss: Money
    """A gain is negative."""
    impaired: bool = False
    """Whether the loan that begins is impaired from the first: then it earns its credit-adjusted rate."""


def change_of(work: Work, row: Facility, agreed: Agreed) -> Change | None:
    """What terms that are about to be approved will do to the value of what is lent; none where nothing is lent.

    The money to come by the old terms and by the new is compared at the original effective rate, with a fee taken for
    the change (IFRS 9, B3.3.6, by analogy): from the threshold of the day on, the loan ends and another begins. What is
    overdue is still to come by either: at once, unless the new terms reschedule it. An impaired loan that ends by it
    begins impaired anew (B5.5.26), at its fair value, where what is expected of it was told for the day.
    """
    facts = facts_of(work.session, row)
    course, since = facts.course, agreed.from_on
    outstanding = Money.total(amount for day, amount in course.principal if day <= since)
    before = tuple(each for each in course.terms if each.from_on < since)
    if outstanding <= NOTHING or not before:
        return None
    old = under_terms(work.session, row, course, before)
    was, effective = old.value.at(since)
    begun = course.began_impaired_by(since)
    effective = effective if begun is None else begun.rate
    if effective is None:
        return None
    part = _difference(old, under_terms(work.session, row, course, (*before, agreed)), agreed, effective)
    replaces = part is not None and part >= threshold_on(work.session, since).part
    told = _begins_impaired(work, row, course, since)
    rounded = None if part is None else round(part, _PLACES)
    if replaces and told is not None and told.market_rate is not None:
        worth = told.worth(told.market_rate, since)
        return Change(since, rounded, replaces, facts.balance(GROSS, since) - worth, impaired=True)
    if begun is not None:
        return _of_what_began_impaired(row, since, rounded, replaces=replaces)
    new = under_terms(work.session, row, course, (*before, replace(agreed, replaces=replaces)))
    carried = bool(course.adjusted) or any(day <= since for day, _ in course.fees)
    return Change(since, rounded, replaces, _lost(was, new, since, carried=carried))


def change_again(work: Work, rows: Iterable[Facility], facts: Mapping[str, Facts]) -> set[str]:
    """Put right what changed terms did to the value of loans, by all that is known now; those of which it was.

    So a loss or gain is the same whether a payment before the change came to be known before it was agreed or after.
    Whether the loan was replaced stays as it was approved. What is lacking of a closed day comes with the first open.
    """
    made = [event for row in rows for event in _changed(work, row, facts[row.id])]
    open_all_own(work, [(event.row, code) for event in made for code in ("5000:", "1230:")])
    write_all_down(work, made)
    return {event.row.id for event in made}


def _changed(work: Work, row: Facility, facts: Facts) -> list[Event]:
    """What the books lack of the losses and gains by changed terms, each on its day or the first that is open."""
    if len(facts.course.terms) <= 1 or facts.course.foretold or not facts.course.principal:
        return []
    closed_to = watermark(work.session)
    due: dict[date, Money] = {}
    whole = NOTHING
    for day, loss in _losses(work, row, facts.course):
        whole += loss
        due[open_day(day, closed_to)[0]] = whole
    posted = [(line.effective_on, -line.amount) for line in facts.lines["1230"] if line.kind == MODIFICATION]
    wanting = accruals_wanting(due, posted)
    found = []
    for day, amount in wanting.items():
        if amount:
            made = Happening(work.new_id("evt"), MODIFICATION, day, amount=abs(amount), note=_AGAIN)
            found.append(Event(row, made, [_entry(row, made, Change(day, None, replaces=False, loss=amount))]))
    return found


def _losses(work: Work, row: Facility, course: Course) -> list[tuple[date, Money]]:
    """What each change of terms lost on its day, by the facts as they are; a gain is negative.

    Nothing where nothing was owed any more, as it may turn out to have been: what was thought lost is put right too.
    """
    found: list[tuple[date, Money]] = []
    for place, agreed in enumerate(course.terms[1:], start=1):
        since = agreed.from_on
        owed = Money.total(amount for day, amount in course.principal if day <= since)
        was, effective = under_terms(work.session, row, course, course.terms[:place]).value.at(since)
        if owed <= NOTHING or effective is None:
            found.append((since, NOTHING))
            continue
        carried = any(loss for _, loss in found) or any(day <= since for day, _ in course.fees)
        new = under_terms(work.session, row, course, course.terms[: place + 1])
        found.append((since, _lost(was, new, since, carried=carried)))
    return found


def _lost(was: Decimal, new: Course, since: date, *, carried: bool) -> Money:
    """What of the value a change of terms takes; `carried` tells whether the loan was carried at other than is owed."""
    there = Money.round_half_up(was) if carried else NOTHING
    return Money.round_half_up(new.value.at(since)[0]) - there


def differences_now(session: ReadSession, row: Lent, course: Course, at: Known) -> dict[date, Decimal]:
    """By what part each change of terms differs, by the day of the terms, by all that a course now knows.

    It is the comparison of the approval made anew, and decides nothing: whether a loan was replaced stays as it was
    approved by what was known then. What has no worth to compare is left out.
    """
    found = {}
    for place, agreed in enumerate(course.terms[1:], start=1):
        since, before = agreed.from_on, course.terms[:place]
        seen = replace(course, fees=tuple(fee for fee in course.fees if fee[0] < since))
        old, begun = under_terms(session, row, seen, before, at), course.began_impaired_by(since)
        effective = old.value.at(since)[1] if begun is None else begun.rate
        owed = Money.total(amount for day, amount in course.principal if day <= since)
        if effective is None or owed <= NOTHING:
            continue
        part = _difference(old, under_terms(session, row, seen, (*before, agreed), at), agreed, effective)
        if part is not None:
            found[since] = round(part, _PLACES)
    return found


def post_change(work: Work, row: Facility, change: Change, reason: str) -> None:
    """Post what approved terms do to the value of what is lent.

    Where they replace the loan, its allowance goes with it and what begins is in stage 1; but a loan in stage 3 begins
    impaired: it stays there, and keeps its allowance unless it was told what is expected of the new one. A day in a
    closed quarter is entered on the first open day, with the true day beside it.
    """
    on, original = open_day(change.on, watermark(work.session))
    kind = REPLACEMENT if change.replaces else MODIFICATION
    made = Happening(work.new_id("evt"), kind, on, amount=abs(change.loss), note=reason)
    open_own(work, row, ["5000:", "1230:"])
    entries = [_entry(row, made, change)] if change.loss else []
    stage = stage_at(stages_of(work.session, row.id), change.on)
    if change.replaces and (change.impaired or stage is not Stage.IMPAIRED):
        entries += _allowance_gone(facts_of(work.session, row), row, made)
        if stage is not Stage.PERFORMING and not change.impaired:
            _begin_again(work, row, change)
    write_down(work, row, made, [replace(entry, original_effective_on=original) for entry in entries])


def under_terms(
    session: ReadSession, row: Lent, course: Course, terms: tuple[Agreed, ...], at: Known | None = None
) -> Course:
    """The course as it would be by some terms."""
    bases = {each.base: history(session, each.base, at=at) for each in terms if each.base is not None}
    return replace(course, terms=terms, rates=charged(terms, bases, row.annual_rate))


def _difference(old: Course, new: Course, agreed: Agreed, effective: Decimal) -> Decimal | None:
    since = agreed.from_on
    left, coming = (_to_come(each, since) for each in (old, new))
    if not left:
        return None
    fee = () if old.fees or not agreed.arrangement_fee else ((since, agreed.arrangement_fee),)
    return difference(left, (*coming, *fee), effective, since)


def _begins_impaired(work: Work, row: Facility, course: Course, day: date) -> Foretold | None:
    """What was told for a day to be expected of the loan that begins then in the place of an impaired one."""
    impaired = stage_at(stages_of(work.session, row.id), day) is Stage.IMPAIRED
    told = course.foretold_on(day)
    if told is None or told.from_on != day or not (impaired or course.began_impaired_by(day)):
        return None
    return told


def _of_what_began_impaired(row: Facility, on: date, part: Decimal | None, *, replaces: bool) -> Change:
    """Changed terms leave such a loan at what is expected of it, which is told by itself and measured; or it ends."""
    if replaces:
        raise BadTerms(
            f"These terms end {row.name}, which began impaired, and another begins: tell and approve first what is "
            f"expected of that from {on} on, with the market's rate"
        )
    return Change(on, part, replaces, NOTHING)


def _to_come(course: Course, day: date) -> tuple[Movement, ...]:
    """The money still to come at the close of a day: what is overdue then, and what falls due after it.

    With the next instalment comes the interest run up since the last; where there is none any more, it is owed at once.
    """
    late, coming = course.late(day), course.value.expected(day).flows(day)
    overdue = late.principal + (late.interest if coming else max(course.interest_owed(day), NOTHING))
    return (*(((day, overdue),) if overdue else ()), *coming)


def _allowance_gone(facts: Facts, row: Facility, made: Happening) -> list[Entry]:
    held = allowed(facts, made.on)
    return allowance_entries(row, made, held, Stage.PERFORMING, Parts(NOTHING, held[PROVISION]))


def _begin_again(work: Work, row: Facility, change: Change) -> None:
    work.session.add(
        StageMove(
            id=work.new_id("stg"),
            facility_id=row.id,
            stage=int(Stage.PERFORMING),
            effective_on=change.on,
            reason="The loan was replaced by another: its terms changed substantially",
            actor=work.actor.id,
            recorded_at=work.now,
        )
    )
    work.session.flush()


def _entry(row: Facility, made: Happening, change: Change) -> Entry:
    sides = ("5000:", "1230:") if change.loss > NOTHING else ("1230:", "5000:")
    called = "loss" if change.loss > NOTHING else "gain"
    said = f"Modification {called} at the original effective rate"
    if change.replaces:
        said = f"Derecognition {called}: the loan ended, and another began at its fair value"
    return entry_of(
        bank_side(*sides, row),
        abs(change.loss),
        key=f"{made.id}/modification",
        on=made.on,
        description=f"{said}: {row.name}",
        kind=MODIFICATION,
    )
