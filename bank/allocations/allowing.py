"""Expected loss in the books: the loan's allowance, moved between stages, used by write-offs, never beyond the loan.

What goes beyond the loan, as far as more may yet be drawn, is a provision: a liability (IFRS 7, B8E). With money that
is drawn it goes over to the allowance, and what the commitment no longer bears is released.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from bank.allocations.credit.rules import stage_at
from bank.allocations.facts import ALLOWANCES, GROSS, PROVISION, Facts
from bank.allocations.life.queries import ends_of
from bank.allocations.many.queries import measured_after
from bank.allocations.model import Facility
from bank.allocations.products.rules import product_of
from bank.allocations.recording import Event, Happening, bank_side, open_all_own, write_all_down
from bank.allocations.rules import ADJUSTMENT, RECLASSIFIED, RELEASE
from bank.treasury.rules import entry_of
from ledger.entries import Entry
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from ledger.store.work import Work


class Parts(NamedTuple):
    """An expected loss, or what it changes by, in its two parts: of the loan itself, and of what is undrawn."""

    loan: Money
    commitment: Money


class Shift(NamedTuple):
    """What must change on a day so that allowance and provision stay where they belong, and in which stage."""

    on: date
    stage: Stage
    by: Parts


class Standing(NamedTuple):
    """What is known beside the books: days on which a loss was measured, and the last on which money may be drawn."""

    measured: Collection[date] = ()
    until: date = date.max


def account_of(stage: Stage) -> str:
    """The account of a stage's allowance."""
    return ALLOWANCES[stage - 1]


def parted(loss: Money, gross: Money, undrawn: Money) -> Parts:
    """A loss as the loan's, as far as the loan is carried at as much, and beyond that the undrawn commitment's."""
    loan = min(loss, max(gross, NOTHING))
    return Parts(loan, min(loss - loan, max(undrawn, NOTHING)))


def may_be_drawn(row: Facility, facts: Facts, day: date, until: date) -> Money:
    """What of a commitment to lend may still be drawn at the close of a day, and is no loan that begins impaired.

    What is lost of such a one is in the rate that it then earns.
    """
    if day > until or not product_of(row.product).lent or facts.course.foretold:
        return NOTHING
    return max(facts.balance(["9100"], day), NOTHING)


def allowance_entries(
    row: Facility, made: Happening, held: Mapping[str, Money], stage: Stage, target: Parts
) -> list[Entry]:
    """What brings the allowances and the provision held to the target, all of the loan's on the account of the stage.

    What other stages hold is moved over as it stands, and only then is the whole measured anew against the charge.
    """
    own = account_of(stage)
    entries = [
        _entry(row, made, f"{root}:", f"{own}:", held[root], "Allowance moved with its stage")
        for root in ALLOWANCES
        if held[root] and root != own
    ]
    there = Money.total(held[root] for root in ALLOWANCES)
    return entries + _change(row, made, own, Parts(target.loan - there, target.commitment - held[PROVISION]))


def allowed(facts: Facts, day: date) -> dict[str, Money]:
    """What is held on a day on the account of each stage, and as a provision."""
    return {root: -facts.balance([root], day) for root in (*ALLOWANCES, PROVISION)}


def used_entries(row: Facility, made: Happening, held: Mapping[str, Money], lost: Money) -> list[Entry]:
    """What of a loss the allowance bears, from the third stage's account down, in the place of a charge of its own."""
    entries, left = [], lost
    for root in reversed(ALLOWANCES):
        part = min(left, max(held.get(root, NOTHING), NOTHING))
        if part:
            side = bank_side(f"{root}:", "5010:", row)
            said = f"Allowance used by the write-off of {row.name}"
            key = f"{made.id}/allowance-{root}"
            entries.append(entry_of(side, part, key=key, on=made.on, description=said, kind="write-off"))
            left -= part
    return entries


def held_at(facts: Facts, day: date) -> dict[str, Money]:
    """The least that each stage's allowance comes to from a day on: what an act of that day can use."""
    return {root: _least_from(facts, root, day) for root in ALLOWANCES}


def keep_all_in_place(work: Work, rows: Sequence[Facility], since: date, facts: Mapping[str, Facts]) -> None:
    """Put right, from a day on, each facility's allowance and provision after what happened to its loan.

    No more is allowed for than the loan is carried at, nor provided for than may yet be drawn; what was provided for
    money that is drawn is the loan's. A day on which a loss was measured keeps what it then came to. `facts` are those
    of each facility as they are now.
    """
    these = [row for row in rows if facts[row.id].lines[PROVISION] or shifts(facts[row.id], since)]
    if not these:
        return
    measured = measured_after(work.session, [row.id for row in these], since - timedelta(days=1))
    ends = ends_of(work.session, these, since)
    made: list[Event] = []
    for row in these:
        lent = product_of(row.product).lent
        there = Standing({day for day, _ in measured.get(row.id, ())}, ends[row.id][0] if lent else date.min)
        made += [_shifted(work, row, shift) for shift in shifts(facts[row.id], since, there)]
    open_all_own(work, [(each.row, account) for each in made for account in _ACCOUNTS])
    write_all_down(work, made)


def shifts(facts: Facts, since: date, there: Standing = Standing()) -> list[Shift]:  # noqa: B008 -- it never changes
    """What must change on each day from one on, day by day, each after those before it."""
    if not any(facts.lines[root] for root in (*ALLOWANCES, PROVISION)):
        return []
    later = {line.effective_on for lines in facts.lines.values() for line in lines if line.effective_on > since}
    found: list[Shift] = []
    carried = Parts(NOTHING, NOTHING)
    for day in sorted(later | {since}):
        held = allowed(facts, day)
        was = Parts(Money.total(held[root] for root in ALLOWANCES), held[PROVISION])
        before = Parts(was.loan + carried.loan, was.commitment + carried.commitment)
        wanted = _wanted(facts, day, was if day in there.measured else before, there)
        by = Parts(wanted.loan - before.loan, wanted.commitment - before.commitment)
        if by.loan or by.commitment:
            found.append(Shift(day, _stage(facts, held, day, by.loan), by))
        carried = Parts(wanted.loan - was.loan, wanted.commitment - was.commitment)
    return found


def _wanted(facts: Facts, day: date, there: Parts, standing: Standing) -> Parts:
    """Where what is there at the close of a day belongs.

    On a day on which it was measured all of it is parted anew. On any other what was provided for goes to the loan as
    far as that is now carried at more, as it is once money is drawn; what then goes beyond either is not needed, and
    what was released of more than is there now was not there to release.
    """
    gross, undrawn = (max(facts.balance(roots, day), NOTHING) for roots in (GROSS, ["9100"]))
    if day in standing.measured:
        return parted(there.loan + there.commitment, gross, undrawn if day <= standing.until else NOTHING)
    moved = min(there.commitment, max(gross - there.loan, NOTHING))
    loan, commitment = max(there.loan + moved, NOTHING), max(there.commitment - moved, NOTHING)
    return Parts(min(loan, gross), min(commitment, undrawn))


def _stage(facts: Facts, held: Mapping[str, Money], day: date, grown: Money) -> Stage:
    """The stage whose account changes: that of the day, and when something is taken away the worst that holds any."""
    if grown > NOTHING:
        return stage_at(facts.course.stages, day)
    return max((Stage(place) for place, root in enumerate(ALLOWANCES, 1) if held[root]), default=Stage.IMPAIRED)


def _shifted(work: Work, row: Facility, shift: Shift) -> Event:
    less = shift.by.loan + shift.by.commitment < NOTHING
    note = "No more can be lost than is owed or may be drawn" if less else "With the money that was drawn"
    made = Happening(work.new_id("evt"), RELEASE if less else RECLASSIFIED, shift.on, note=note)
    return Event(row, made, _change(row, made, account_of(shift.stage), shift.by))


_ACCOUNTS = ("5000:", f"{PROVISION}:", *(f"{root}:" for root in ALLOWANCES))


def _change(row: Facility, made: Happening, own: str, by: Parts) -> list[Entry]:
    """The entries of a change: what one part loses and the other gains goes over, the rest is a charge or income."""
    over = max(min(by.loan, -by.commitment), NOTHING) - max(min(-by.loan, by.commitment), NOTHING)
    loan, commitment = by.loan - over, by.commitment + over
    told = (
        (over, f"{PROVISION}:", f"{own}:", "Provision gone over to the allowance", "Allowance beyond the loan"),
        (loan, "5000:", f"{own}:", "Expected loss allowed for", "Allowance for loss no longer needed"),
        (commitment, "5000:", f"{PROVISION}:", "Expected loss on what is undrawn", "Provision no longer needed"),
    )
    return [
        _entry(row, made, debit, credit, amount, said)
        if amount > NOTHING
        else _entry(row, made, credit, debit, -amount, turned)
        for amount, debit, credit, said, turned in told
        if amount
    ]


def _least_from(facts: Facts, root: str, day: date) -> Money:
    before = -facts.balance([root], day)
    later: dict[date, Money] = {}
    for line in facts.lines[root]:
        if line.effective_on > day:
            later[line.effective_on] = later.get(line.effective_on, NOTHING) - line.amount
    return min(accumulate((later[on] for on in sorted(later)), initial=before))


def _entry(row: Facility, made: Happening, debit: str, credit: str, amount: Money, said: str) -> Entry:
    leg = (credit if debit.startswith("5") else debit).rstrip(":")
    return entry_of(
        bank_side(debit, credit, row),
        amount,
        key=f"{made.id}/{leg}-{credit.rstrip(':')}",
        on=made.on,
        description=f"{said}: {row.name}",
        kind=ADJUSTMENT,
    )
