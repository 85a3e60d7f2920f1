"""What is watched while a facility lives: covenants and their tests, co-investors' money, and what lapses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bank.allocations.letting_go import lapse_ended
from bank.allocations.life.agreeing import NoSuchCondition
from bank.allocations.life.gates import may_pass_covenant
from bank.allocations.life.model import (
    Covenant,
    CovenantTest,
)
from bank.allocations.life.noting import day_of, facility_now
from bank.allocations.life.queries import (
    CovenantView,
    next_test_number,
    shown_covenant,
)
from bank.allocations.life.rules import (
    covenant_holds,
    sound_number,
    sound_words,
)
from bank.allocations.products.commands import end_guarantees
from bank.allocations.queries import FacilityView
from bank.allocations.queries import facility as as_it_stands
from bank.allocations.recording import Happening, recorded, take
from bank.allocations.rules import (
    APPROVED,
    CO_COMMITMENT,
    CO_DRAWING,
    DRAWING,
    SIGNED,
    refuse_before,
    refuse_unless,
)
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom
from bank.treasury.rules import BadTerms, happened_by, positive
from ledger import trail
from ledger.dates import within_calendar
from ledger.money import NOTHING, Money
from ledger.store.work import View, Work, command


class LapseRun(View):
    """What fell away because its availability had ended."""

    on: date
    facilities: tuple[FacilityView, ...]
    lapsed: Money


@command
def set_covenant(
    work: Work, *, facility: str, name: str, sense: str, threshold: Decimal, from_on: date, key: str
) -> CovenantView:
    """Record what the intermediary has undertaken to keep: a figure at-least or at-most so much, from a day on."""
    work.actor.require(FUND_MANAGER)
    del key
    row, life = take(work, facility)
    refuse_unless(life.state, (APPROVED, SIGNED, DRAWING), "put under a covenant")
    if sense not in {"at-least", "at-most"}:
        raise BadTerms(f"A covenant asks for a figure at-least or at-most so much, not {sense!r:.40}")
    made = Covenant(
        id=work.new_id("cov"),
        facility_id=row.id,
        name=sound_words(name, "what is to be kept"),
        sense=sense,
        threshold=sound_number(threshold, "The threshold"),
        from_on=within_calendar(from_on),
        actor=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    trail.record(work, action="allocation.set-covenant", subject=row.id, covenant=made.id, name=made.name, sense=sense)
    return shown_covenant(made, [])


@command
def record_covenant_test(
    work: Work, *, covenant: str, on: date, value: Decimal, evidence: str, key: str
) -> FacilityView:
    """Record a test: the value found on a day, and whether it keeps the covenant. A breach stays, waived or not."""
    work.actor.require(FUND_MANAGER)
    del key
    kept = work.session.get(Covenant, covenant)
    if kept is None:
        raise NoSuchCondition(f"There is no covenant {covenant!r:.60}: `bank life course` lists them")
    row, _ = take(work, kept.facility_id)
    happened_by(on, work.today, "A test")
    refuse_before(on, kept.from_on, "the covenant begins")
    found = sound_number(value, "The value")
    passed = covenant_holds(kept.sense, found, kept.threshold)
    if passed:
        may_pass_covenant(work, row, kept.id)
    made = CovenantTest(
        id=work.new_id("tst"),
        covenant_id=kept.id,
        number=next_test_number(work.session, kept.id),
        tested_on=on,
        value=found,
        threshold=kept.threshold,
        passed=passed,
        evidence=sound_words(evidence, "on what evidence"),
        actor=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    trail.record(
        work,
        action="allocation.test-covenant",
        subject=row.id,
        covenant=kept.id,
        value=found,
        passed=made.passed,
        on=on,
    )
    return facility_now(work, row)


@command
def co_invest(
    work: Work, *, facility: str, investor: str, amount: Money, on: date, key: str, drawn: bool = False
) -> FacilityView:
    """Record what a named co-investor committed beside us, or paid; it never enters our books.

    This is beyond what was named with the signature or a drawdown. Refuses more paid than all of them committed.
    """
    work.actor.require(FUND_MANAGER)
    del key
    positive(amount, "Co-investors' money")
    happened_by(on, work.today, "Co-investors' money")
    row, life = take(work, facility)
    refuse_unless(life.state, (SIGNED, DRAWING), "co-invested in")
    refuse_before(on, day_of(work, row, SIGNED), "it was signed")
    if drawn and life.co_investor_drawn + amount > life.co_investor_signed:
        raise BadTerms(
            f"Co-investors have committed {life.co_investor_signed} and paid {life.co_investor_drawn} of it: {amount} "
            f"more would pass that. Record their commitment first"
        )
    kind = CO_DRAWING if drawn else CO_COMMITMENT
    who = sound_words(investor, "who invests beside us")
    return recorded(work, row, Happening(work.new_id("evt"), kind, on, co_investor_amount=amount, note=who))


@command
def lapse_due(work: Work, *, on: date, key: str) -> LapseRun:
    """Let fall away what is undrawn of every facility whose availability, as extended, has ended before a day.

    So is what was guaranteed and can be claimed no more, but for claims noted and not yet paid.
    Each lapses on the day after its end, or on the first day that still takes an entry. The close of a quarter does it
    too, so that nobody need.
    """
    work.actor.require(FUND_MANAGER)
    happened_by(on, work.today, "A lapse")
    del key
    hold_headroom(work)
    gone = lapse_ended(work, on)
    for one, amount in end_guarantees(work, on).items():
        gone[one] = gone.get(one, NOTHING) + amount
    lapsed = Money.total(gone.values())
    trail.record(work, action="allocation.lapse-due", subject=str(on), facilities=len(gone), lapsed=lapsed)
    return LapseRun(on=on, facilities=tuple(as_it_stands(work.session, each) for each in gone), lapsed=lapsed)
