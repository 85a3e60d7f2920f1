"""The allowance for loss in the books: moved between stages, set anew, used by write-offs, never beyond the loan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from bank.allocations.facts import ALLOWANCES, GROSS, Facts
from bank.allocations.model import Facility
from bank.allocations.recording import Event, Happening, bank_side, open_all_own, write_all_down
from bank.allocations.rules import ADJUSTMENT, RELEASE
from bank.treasury.rules import entry_of
from ledger.entries import Entry
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from ledger.store.work import Work


class Release(NamedTuple):
    """An allowance to be released: when, from the account of which stage, and how much."""

    on: date
    stage: Stage
    amount: Money


def account_of(stage: Stage) -> str:
    """The account of a stage's allowance."""
    return ALLOWANCES[stage - 1]


def allowance_entries(
    row: Facility, made: Happening, held: Mapping[str, Money], stage: Stage, target: Money
) -> list[Entry]:
    """What brings the allowances held to the target, all of it on the account of the stage.

    What other stages hold is moved over as it stands, and only then is the whole measured anew against the charge.
    """
    own = account_of(stage)
    entries = [
        _entry(row, made, f"{root}:", f"{own}:", amount, "Allowance moved with its stage")
        for root, amount in held.items()
        if amount and root != own
    ]
    change = target - Money.total(held.values())
    if change > NOTHING:
        entries.append(_entry(row, made, "5000:", f"{own}:", change, "Expected loss allowed for"))
    elif change:
        entries.append(_entry(row, made, f"{own}:", "5000:", -change, "Allowance for loss no longer needed"))
    return entries


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


def keep_all_within_gross(work: Work, rows: Sequence[Facility], since: date, facts: Mapping[str, Facts]) -> None:
    """Release, on each day from one on, what each facility's allowance comes to beyond what its loan is carried at.

    `facts` are those of each facility as they are now.
    """
    made: list[Event] = []
    for row in rows:
        for release in releases(facts[row.id], since):
            happening = Happening(work.new_id("evt"), RELEASE, release.on, note="No more can be lost than is owed")
            account = f"{account_of(release.stage)}:"
            entry = _entry(row, happening, account, "5000:", release.amount, "Allowance beyond the loan")
            made.append(Event(row, happening, [entry]))
    open_all_own(work, [(event.row, "5000:") for event in made])
    write_all_down(work, made)


def releases(facts: Facts, since: date) -> list[Release]:
    """What must be released on each day from one on, so that no more is allowed for than the loan is carried at."""
    if not any(facts.lines[root] for root in ALLOWANCES):
        return []
    found: list[Release] = []
    released = NOTHING
    later = {line.effective_on for lines in facts.lines.values() for line in lines if line.effective_on > since}
    for day in sorted(later | {since}):
        held = {root: -facts.balance([root], day) for root in ALLOWANCES}
        total = Money.total(held.values()) - released
        excess = total - max(facts.balance(GROSS, day), NOTHING)
        if excess > NOTHING:
            stage = max(
                (Stage(place) for place, root in enumerate(ALLOWANCES, start=1) if held[root]), default=Stage.IMPAIRED
            )
            amount = min(excess, total)
            found.append(Release(day, stage, amount))
            released += excess
    return found


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
