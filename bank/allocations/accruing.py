"""Interest and fees accrue day by day and are posted in pence; a fact that comes late puts every open day right.

Whatever is done to one facility is done to many at once by the same functions: their facts are read together, what each
lacks is worked out from its own facts alone, and all of it is posted in one act.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from bank.allocations.allowing import keep_all_in_place
from bank.allocations.beginning import raise_all_to_nothing
from bank.allocations.changing import change_again
from bank.allocations.course import STREAMS
from bank.allocations.facts import POSTED, Facts, Lent, facts_of_all
from bank.allocations.forecasts.queries import income_missing
from bank.allocations.forecasts.settling import settle_all
from bank.allocations.many.queries import days_accrued
from bank.allocations.model import Facility
from bank.allocations.queries import FacilityView, all_facilities, facility
from bank.allocations.reapplying import reapply_all
from bank.allocations.recording import Event, Happening, bank_side, open_all_own, take, take_all, write_all_down
from bank.allocations.rules import (
    ACCRUAL,
    DRAWING,
    LAPSED,
    REPAID,
    SIGNED,
    WRITTEN_OFF,
    Life,
    accruals_wanting,
    refuse_unless,
)
from bank.allocations.terms.queries import agreed_terms
from bank.people.rules import FUND_MANAGER
from bank.treasury.rules import entry_of, happened_by
from ledger import trail
from ledger.dates import Quarter
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.periods import LATE_KINDS
from ledger.queries import quarter_state, watermark
from ledger.store.database import ReadSession
from ledger.store.work import View, Work, command

_RUNNING: Final = (DRAWING, REPAID, WRITTEN_OFF)
_LEGS: Final = {
    "interest": ("1210:", "4000", "Interest"),
    "default_interest": ("1220:", "4000", "Default interest"),
    "commitment_fee": ("1500:", "4010:", "Commitment fee"),
    "amortised": ("1230:", "4000", "Fees by the effective rate"),
    "taken_up": ("1210:", "5000:", "Reversal of impairment: interest left out in stage 3"),
    "taken_up_default": ("1220:", "5000:", "Reversal of impairment: default interest left out in stage 3"),
    "given_up": ("5000:", "5010:interest", "Interest left out in stage 3 and given up"),
    "made_principal": ("5000:", "1242:", "Interest left out in stage 3, made principal and allowed for"),
    "brought_over": ("5000:", "1230:", "Interest left out in stage 3, in the worth of the loan that begins"),
    "suspended": ("9140:", "9199", "Interest in suspense"),
    "suspended_default": ("9141:", "9199", "Default interest in suspense"),
}
"""The account that what is earned is owed or carried on, the income it is, and how it is called."""
_ROUNDS: Final = 8
"""How often at the most what is allowed for and what is earned on the rest are put right by one another."""
_EVERYDAY: Final = tuple(stream for stream in STREAMS if POSTED[stream].kinds[0] not in LATE_KINDS)
"""What a soft-closed quarter does not take: it comes with the next open day, and no close waits for it."""


class AccrualRun(View):
    """Interest accrued on every facility that owes some."""

    until: date
    facilities: tuple[FacilityView, ...]
    accrued: Money


@command
def accrue(work: Work, *, facility: str, until: date, key: str) -> FacilityView:
    """Accrue interest and fees on a facility up to a day: that day itself does not earn yet.

    The whole is counted from the first drawdown and only what is missing is posted, so accruing more or less often,
    or twice, comes to the same. Every open day on which something was accrued is put right as well.
    """
    work.actor.require(FUND_MANAGER)
    del key
    row, life = take(work, facility)
    _refuse_unless_earning(work, row, life)
    view = _accrued(work, row, until)
    trail.record(
        work, action="allocation.accrued-to", subject=row.id, until=until, accrued=view.figures.interest_accrued
    )
    return view


@command
def accrue_all(work: Work, *, until: date, key: str) -> AccrualRun:
    """Accrue interest up to a day on every facility that has been drawn."""
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(until, work.today, "An accrual")
    before = {each.id: each for each in all_facilities(work.session) if each.state in {*_RUNNING, SIGNED, LAPSED}}
    rows = take_all(work, before)
    facts = facts_of_all(work.session, rows, since=min(_opens(work), until))
    wanting = {row.id for row in rows if _concerns(facts[row.id], before[row.id], until)}
    _accrue_and_share(work, [row for row in rows if row.id in wanting], until, facts)
    settled = settle_all(work, rows, until)
    wanting |= set(settled)
    after = [each for each in all_facilities(work.session) if each.id in wanting] if wanting else []
    accrued = Money.total(each.figures.interest_accrued - before[each.id].figures.interest_accrued for each in after)
    accrued += Money.total(settled.values())
    trail.record(work, action="allocation.accrue-all", subject=str(until), facilities=len(after), accrued=accrued)
    return AccrualRun(until=until, facilities=tuple(after), accrued=accrued)


def accrue_to(work: Work, row: Facility, day: date) -> None:
    """Have everything accrued to a day, and every other open day on which something was accrued set right.

    Days in a closed quarter are left as they were reported; what they lack comes with the next open day.
    """
    accrue_all_to(work, [row], day)


def accrue_all_to(work: Work, rows: Sequence[Facility], day: date) -> dict[str, Facts]:
    """The same for many facilities, in one act; the facts of each as they are then."""
    since = _since(work, day)
    facts = facts_of_all(work.session, rows, since=since)
    return _accrue_and_share(work, rows, day, facts)


def set_right_after(work: Work, row: Facility, day: date) -> FacilityView:
    """After a fact dated a day: put right every open day on which something was accrued; the facility then."""
    put_right_after(work, row, day)
    return facility(work.session, row.id)


def put_right_after(work: Work, row: Facility, day: date) -> None:
    """After a fact dated a day: put right every open day on which something was accrued."""
    put_all_right_after(work, [row], day)


def put_all_right_after(work: Work, rows: Sequence[Facility], day: date) -> None:
    """The same for many facilities, in one act."""
    since = _since(work, day)
    facts = facts_of_all(work.session, rows, since=since)
    facts = _again(work, rows, facts, change_again(work, rows, facts), since)
    posted = _post_wanting(work, rows, _open_days(work, rows), facts)
    now = _share_anew(work, rows, _again(work, rows, facts, posted, since), day, posted)
    raised = raise_all_to_nothing(work, rows, max(day, _opens(work)), now)
    _keep_in_place(work, rows, max(day, _opens(work)), _again(work, rows, now, raised, since), posted)


def interest_missing(session: ReadSession, lent: Iterable[Lent], day: date) -> dict[str, Money]:
    """What each facility's accruals at a day lack of what it earned, over all streams; only those that lack any."""
    told = list(lent)
    lacking = {one: _lacking(facts, day) for one, facts in facts_of_all(session, told, since=day).items()}
    found = {one: Money.total(amounts.values()) for one, amounts in lacking.items() if any(amounts.values())}
    return found | income_missing(session, [each.id for each in told], day)


def _lacking(facts: Facts, day: date) -> dict[str, Money]:
    earned = facts.course.earned(day)
    lacking = {
        stream: earned.of(stream) - Money.total(amount for on, amount in facts.accrued(stream) if on <= day)
        for stream in facts.streams
        if stream not in _EVERYDAY
    }
    return {stream: abs(amount) for stream, amount in lacking.items()}


def charges_for_promises(work: Work, row: Facility) -> bool:
    """Whether any terms of a facility have a commitment fee, so that it earns before it is drawn on."""
    return any(each.commitment_fee for each in agreed_terms(work.session, row.id))


def _refuse_unless_earning(work: Work, row: Facility, life: Life) -> None:
    """A facility earns once it is drawn on, and from its signature where a commitment fee is agreed."""
    fee = charges_for_promises(work, row)
    refuse_unless(life.state, (*_RUNNING, SIGNED, LAPSED) if fee else _RUNNING, "accrued on")


def _accrued(work: Work, row: Facility, until: date) -> FacilityView:
    happened_by(until, work.today, "An accrual")
    accrue_all_to(work, [row], until)
    settle_all(work, [row], until)
    return facility(work.session, row.id)


def _concerns(facts: Facts, view: FacilityView, until: date) -> bool:
    """Whether a run has anything to do: money was out by the day, or is, and the day is not accrued already."""
    drawn = any(day < until for day, _ in facts.course.principal)
    return (drawn and bool(view.figures.outstanding)) or any(_lacking(facts, until).values())


def _again(
    work: Work, rows: Iterable[Facility], facts: Mapping[str, Facts], posted: Collection[str], since: date
) -> dict[str, Facts]:
    """The facts as they are after something was posted to some of the facilities: of no others have they changed."""
    changed = facts_of_all(work.session, (row for row in rows if row.id in posted), since=since)
    return {**facts, **changed}


def _accrue_and_share(work: Work, rows: Sequence[Facility], day: date, facts: Mapping[str, Facts]) -> dict[str, Facts]:
    """Bring each facility to a day, and share its payments out anew by what is known now; the facts then."""
    posted = _accrue(work, rows, day, facts)
    now = _share_anew(work, rows, _again(work, rows, facts, posted, _since(work, day)), day, posted)
    return _keep_in_place(work, [row for row in rows if row.id in posted], max(day, _opens(work)), now, posted)


def _keep_in_place(
    work: Work, rows: Sequence[Facility], day: date, facts: Mapping[str, Facts], posted: Mapping[str, bool]
) -> dict[str, Facts]:
    """Bring what is kept for losses to what the facts come to from a day on, and of a loan in stage 3 what it earns.

    Where earlier days were put right, so is what is kept on them. An impaired loan earns on what its allowance leaves,
    and its allowance is bounded by what it has earned: each is put right after the other until neither changes, which
    is soon, since what one changes in the other is interest on it. The facts then.
    """
    since, opens, now = _since(work, day), _opens(work), dict(facts)
    these, left = list(rows), _ROUNDS
    while these and left:
        first = {row.id: opens if posted.get(row.id) else day for row in these}
        changed = keep_all_in_place(work, these, first, now)
        now = _again(work, these, now, changed, since)
        these = [row for row in these if row.id in changed and now[row.id].course.impaired]
        posted = _post_wanting(work, these, _open_days(work, these), now) if these else {}
        these, left = [row for row in these if row.id in posted], left - 1
        now = _again(work, these, now, posted, since)
    return now


def _share_anew(
    work: Work, rows: Sequence[Facility], facts: Mapping[str, Facts], day: date, posted: Mapping[str, bool]
) -> dict[str, Facts]:
    """Put right what changed terms lost, and have payments shared out, by all that is known now; the facts then.

    `posted` tells of which facilities earlier days were just put right: only of those can a change have lost another
    amount.
    """
    since = _since(work, day)
    righted = [row for row in rows if posted.get(row.id)]
    changed = change_again(work, righted, facts)
    now = _again(work, righted, facts, changed, since)
    shared = reapply_all(work, rows, now, _opens(work), {row.id for row in righted})
    those = [row for row in rows if row.id in shared or row.id in changed]
    if not those:
        return dict(facts)
    now = _again(work, those, now, shared, since)
    now = _again(work, those, now, change_again(work, those, now), since)
    there = _open_days(work, those)
    days = {row.id: dict.fromkeys([*there.get(row.id, ()), *shared.get(row.id, ())], True) for row in those}
    return _again(work, those, now, _post_wanting(work, those, days, now), since)


def _since(work: Work, day: date) -> date:
    """The first day that somebody asks about who acts on a day: it, or the first open one."""
    return min(_opens(work), day)


def _accrue(work: Work, rows: Sequence[Facility], day: date, facts: Mapping[str, Facts]) -> dict[str, bool]:
    """Bring each facility to a day, and set its other open days right; answers as `_post_wanting` does."""
    opens = _opens(work)
    told = days_accrued(work.session, [row.id for row in rows], min(opens, day))
    days = {
        row.id: {day: False} | {on: True for on in told.get(row.id, ()) if on >= opens or on == day} for row in rows
    }
    return _post_wanting(work, rows, days, facts)


def _open_days(work: Work, rows: Sequence[Facility]) -> dict[str, dict[date, bool]]:
    """The open days on which something of each facility was accrued."""
    told = days_accrued(work.session, [row.id for row in rows], _opens(work))
    return {one: dict.fromkeys(days, True) for one, days in told.items()}


def _opens(work: Work) -> date:
    """The first day that is not closed for good."""
    closed_to = watermark(work.session)
    return date.min if closed_to is None else closed_to + timedelta(days=1)


def _post_wanting(
    work: Work, rows: Sequence[Facility], days: Mapping[str, Mapping[date, bool]], facts: Mapping[str, Facts]
) -> dict[str, bool]:
    """Post, on each facility's days, what each stream lacks of what was earned by then.

    Of each day it is told whether something was accrued on it before: such a day is left alone where nothing lacks.
    Answers the facilities posted to, each with whether a day on which something was accrued before was put right.
    """
    made: list[Event] = []
    opened: list[tuple[Facility, str]] = []
    for row in rows:
        there = days.get(row.id, {})
        for day, amounts in _wanting(work, facts[row.id], there).items():
            if amounts or not (there[day] or facts[row.id].idle):
                interest = amounts.get("interest", NOTHING) + amounts.get("taken_up", NOTHING)
                happening = Happening(work.new_id("evt"), ACCRUAL, day, interest=interest)
                opened += [(row, code) for stream in amounts for code in _LEGS[stream][:2]]
                entries = [_entry(row, happening, stream, amount) for stream, amount in amounts.items()]
                made.append(Event(row, happening, entries))
    open_all_own(work, opened)
    write_all_down(work, made)
    righted: dict[str, bool] = {}
    for event in made:
        if event.entries:
            one = event.row.id
            righted[one] = righted.get(one, False) or days[one][event.happening.on]
    return righted


def _wanting(work: Work, facts: Facts, days: Collection[date]) -> dict[date, dict[str, Money]]:
    """What each stream lacks on each of the days, in their order, of what was earned by then."""
    earned = {day: facts.course.earned(day) for day in sorted(days)}
    wanting = {}
    for stream in facts.streams:
        due = {day: each.of(stream) for day, each in earned.items()}
        if stream in _EVERYDAY and any(due.values()):
            due = {day: amount for day, amount in due.items() if quarter_state(work.session, Quarter.of(day)) == "open"}
        wanting[stream] = accruals_wanting(due, facts.accrued(stream))
    return {day: {stream: found[day] for stream, found in wanting.items() if found.get(day, NOTHING)} for day in earned}


def _entry(row: Facility, made: Happening, stream: str, amount: Money) -> Entry:
    debit, credit, called = _LEGS[stream]
    more = amount > NOTHING
    return entry_of(
        bank_side(*((debit, credit) if more else (credit, debit)), row),
        abs(amount),
        key=f"{made.id}/{stream.replace('_', '-')}",
        on=made.on,
        description=f"{called} {'accrued' if more else 'taken back'} to {made.on} on {row.name}",
        kind=POSTED[stream].kinds[0],
    )
