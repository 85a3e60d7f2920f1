"""Expected loss in the books: the loan's allowance, moved between stages, used by write-offs, never beyond the loan.

What goes beyond the loan, as far as more may yet be drawn, is a provision: a liability (IFRS 7, B8E). With money that
is drawn it goes over to the allowance, and what the commitment no longer bears is released.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Final, NamedTuple

from bank.allocations.credit.rules import stage_at
from bank.allocations.facts import ALLOWANCES, GIVEN_UP, GROSS, PROVISION, Facts
from bank.allocations.life.queries import ends_of
from bank.allocations.many.queries import Measured, measured_since
from bank.allocations.model import Facility
from bank.allocations.products.rules import product_of
from bank.allocations.recording import Event, Happening, bank_side, open_all_own, write_all_down
from bank.allocations.rules import ACCRUAL, ADJUSTMENT, DRAWDOWN, RECLASSIFIED, RELEASE, WRITE_OFF
from bank.treasury.rules import entry_of
from ledger.entries import Entry
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from ledger.store.work import Work

Kept = Mapping[str, Money]
"""What is kept for losses, by account: the allowance of each stage, and the provision."""
_KEPT: Final = (*ALLOWANCES, PROVISION)


class Parts(NamedTuple):
    """An expected loss, or what it changes by, in its two parts: of the loan itself, and of what is undrawn."""

    loan: Money
    commitment: Money


class Shift(NamedTuple):
    """What must change on a day so that allowance and provision are what the facts come to, account by account."""

    on: date
    by: Kept
    """More is kept of each, or with a sign less."""
    used: Kept
    """More of each is used by the losses of the day than was when they were told, or with a sign less."""


class Standing(NamedTuple):
    """What is known beside the books: what was measured on which days, and the last on which money may be drawn."""

    measured: Mapping[date, Measured] = {}
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


def keep_all_in_place(
    work: Work, rows: Sequence[Facility], since: Mapping[str, date], facts: Mapping[str, Facts]
) -> set[str]:
    """Bring each facility's allowance and provision, from its day on, to what the facts come to; those it changed.

    No more is allowed for than the loan is carried at, nor provided for than may yet be drawn; what was provided for
    money that is drawn is the loan's; and a loss uses what there is, whatever was known when it was told. `facts` are
    those of each facility as they are now.
    """
    these = [row for row in rows if any(facts[row.id].lines[root] for root in _KEPT)]
    if not these:
        return set()
    first = min(since[row.id] for row in these)
    measured = measured_since(work.session, [row.id for row in these], first)
    ends = ends_of(work.session, these, first)
    made: list[Event] = []
    for row in these:
        until = ends[row.id][0] if product_of(row.product).lent else date.min
        there = Standing(measured.get(row.id, {}), until)
        made += [_shifted(work, row, shift) for shift in shifts(facts[row.id], since[row.id], there)]
    open_all_own(work, [(each.row, account) for each in made for account in _ACCOUNTS])
    write_all_down(work, made)
    return {each.row.id for each in made}


def shifts(facts: Facts, since: date, there: Standing = Standing()) -> list[Shift]:  # noqa: B008 -- it never changes
    """What the books lack, on each day from one on, of what is to be kept by the facts: those alone, in any order.

    What stood before the first of the days stands. From there what is kept follows from day to day, from what was
    measured, lost, drawn and repaid; what was released or used by what was known at some time bears on nothing.
    """
    if not there.measured and not any(facts.lines[root] for root in _KEPT):
        return []
    books = _Books(facts, since)
    kept: Kept = books.before
    carried, found = _nothing(), []
    for day in books.days(since, there):
        books.go_to(day)
        kept, used = _kept_on(books, day, kept, there)
        shift = Shift(day, _less(kept, _sum(books.kept, carried)), _less(used, books.used(day)))
        if any(shift.by.values()) or any(shift.used.values()):
            found.append(shift)
        carried = _less(kept, books.kept)
    return found


class _Books:
    """What stands in the books of a facility, day after day."""

    def __init__(self, facts: Facts, since: date) -> None:
        self.facts = facts
        self.moved: defaultdict[date, defaultdict[str, Money]] = defaultdict(lambda: defaultdict(lambda: NOTHING))
        for root, lines in facts.lines.items():
            for line in lines:
                self.moved[line.effective_on][root] += line.amount
        self.stands: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
        self._ahead = sorted(self.moved, reverse=True)
        self._go_while(lambda day: day < since)
        self.before = self.kept

    def days(self, since: date, there: Standing) -> list[date]:
        """The days from one on, on which anything may be kept otherwise than before."""
        later = {day for day in (*self.moved, *there.measured) if day >= since}
        return sorted(later if since == date.min else later | {since})

    def go_to(self, day: date) -> None:
        """Stand at the close of a day."""
        self._go_while(lambda on: on <= day)

    def _go_while(self, then: Callable[[date], bool]) -> None:
        while self._ahead and then(self._ahead[-1]):
            for root, amount in self.moved[self._ahead.pop()].items():
                self.stands[root] += amount

    @property
    def kept(self) -> dict[str, Money]:
        """What is kept for losses."""
        return {root: -self.stands[root] for root in _KEPT}

    @property
    def stands_on(self) -> str | None:
        """The account on which most of the loan's allowance stands: it moves with its stage when it is measured."""
        held = {root: -self.stands[root] for root in ALLOWANCES}
        most = max(ALLOWANCES, key=lambda root: held[root])
        return most if held[most] > NOTHING else None

    @property
    def gross(self) -> Money:
        """What the loan is carried at before its allowance."""
        return max(Money.total(self.stands[root] for root in GROSS), NOTHING)

    def least(self, day: date) -> Money:
        """What the loan is carried at before the money is drawn that is drawn on a day: what is repaid is repaid."""
        drawn = Money.total(self._of(day, root, DRAWDOWN) for root in GROSS)
        return max(self.gross - max(drawn, NOTHING), NOTHING)

    @property
    def undrawn(self) -> Money:
        """What is promised and not drawn."""
        return max(self.stands["9100"], NOTHING)

    def used(self, day: date) -> dict[str, Money]:
        """What losses of a day have used of each allowance."""
        return _nothing() | {root: self._of(day, root, WRITE_OFF) for root in ALLOWANCES}

    def lost(self, day: date, told_since: Collection[int] | None = None) -> Money:
        """What the loan was carried at less by the losses of a day; by those of some entries only, if they are told.

        Interest that was given up and never recognised was carried at nothing.
        """
        if day not in self.moved:
            return NOTHING
        gone = -Money.total(self._of(day, root, WRITE_OFF, told_since) for root in GROSS)
        return max(gone + (self._of(day, GIVEN_UP, ADJUSTMENT) if told_since is None else NOTHING), NOTHING)

    def allowed_beside(self, day: date) -> Money:
        """What was allowed for, on a day, of interest in suspense that was made principal."""
        return -self._of(day, ALLOWANCES[-1], ACCRUAL)

    def _of(self, day: date, root: str, kind: str, seqs: Collection[int] | None = None) -> Money:
        if root not in self.moved.get(day, {}):
            return NOTHING
        lines = (line for line in self.facts.lines[root] if line.effective_on == day and line.kind == kind)
        return Money.total(line.amount for line in lines if seqs is None or line.seq in seqs)


def _kept_on(books: _Books, day: date, before: Kept, there: Standing) -> tuple[Kept, Kept]:
    """What is to be kept at the close of a day, and what of it losses use on the day.

    Losses that were told before the loss to come was measured for the day come before it, and others after it. On a
    day on which nothing was measured, what goes beyond the loan once that is paid is not needed; then what was provided
    for goes to the loan as far as that is carried at more, as it is once money is drawn.
    """
    kept, used, told = dict(before), _nothing(), there.measured.get(day)
    after = books.lost(day, told.losses_since) if told is not None else NOTHING
    _use(kept, used, max(books.lost(day) - after, NOTHING))
    kept[ALLOWANCES[-1]] += books.allowed_beside(day)
    course = books.facts.course
    stage = Stage.IMPAIRED if course.began_impaired_by(day) else stage_at(course.stages, day)
    if told is not None and told.amount is not None:
        may_be_drawn = NOTHING if day > there.until or course.foretold else books.undrawn
        loan, commitment = parted(told.amount, books.gross + after, may_be_drawn)
        kept = _nothing() | {books.stands_on or account_of(stage): loan, PROVISION: commitment}
        _use(kept, used, after)
    if told is not None and told.replaced and (stage is not Stage.IMPAIRED or course.began_impaired_by(day)):
        kept = _nothing() | {PROVISION: kept[PROVISION]}
    if told is None or told.amount is None:
        _use(kept, _nothing(), _allowed_in(kept) - books.least(day))
    drawn = min(kept[PROVISION], max(books.gross - _allowed_in(kept), NOTHING))
    kept[account_of(stage)] += drawn
    kept[PROVISION] = min(kept[PROVISION] - drawn, books.undrawn)
    _use(kept, _nothing(), _allowed_in(kept) - books.gross)
    return kept, used


def _allowed_in(kept: Kept) -> Money:
    return Money.total(kept[root] for root in ALLOWANCES)


def _use(kept: dict[str, Money], used: dict[str, Money], lost: Money) -> None:
    """Take what a loss uses, from the third stage's account down."""
    for root in reversed(ALLOWANCES):
        part = min(max(lost, NOTHING), max(kept[root], NOTHING))
        kept[root] -= part
        used[root] += part
        lost -= part


def _nothing() -> dict[str, Money]:
    return dict.fromkeys(_KEPT, NOTHING)


def _less(one: Kept, other: Kept) -> dict[str, Money]:
    return {root: one[root] - other[root] for root in _KEPT}


def _sum(one: Kept, other: Kept) -> dict[str, Money]:
    return {root: one[root] + other[root] for root in _KEPT}


def _shifted(work: Work, row: Facility, shift: Shift) -> Event:
    less = Money.total(shift.by.values()) < NOTHING
    note = "No more can be lost than is owed or may be drawn" if less else "With the money that was drawn"
    if any(shift.used.values()):
        note = "As losses use what is kept by what came to be known since"
    made = Happening(work.new_id("evt"), RELEASE if less else RECLASSIFIED, shift.on, note=note)
    return Event(row, made, [*_used_again(row, made, shift.used), *_moved(row, made, _sum(shift.by, shift.used))])


def _used_again(row: Facility, made: Happening, used: Kept) -> Iterator[Entry]:
    """What a loss uses more of an allowance, or less, in the place of a charge of its own."""
    for root, amount in used.items():
        if amount:
            sides = (f"{root}:", "5010:") if amount > NOTHING else ("5010:", f"{root}:")
            said = f"Allowance {'used' if amount > NOTHING else 'not used'} by the write-off of {row.name}"
            side, key = bank_side(*sides, row), f"{made.id}/allowance-{root}"
            yield entry_of(side, abs(amount), key=key, on=made.on, description=said, kind=WRITE_OFF)


def _moved(row: Facility, made: Happening, by: Kept) -> Iterator[Entry]:
    """What one account loses and another gains goes over between them; the rest is a charge, or income."""
    left = dict(by)
    for gains in _KEPT:
        for loses in _KEPT:
            over = min(left[gains], -left[loses])
            if over > NOTHING:
                yield _entry(row, made, f"{loses}:", f"{gains}:", over, _gone_over(loses, gains))
                left[gains] -= over
                left[loses] += over
    for root, amount in left.items():
        told = ("Expected loss on what is undrawn", "Provision no longer needed")
        if root != PROVISION:
            told = ("Expected loss allowed for", "Allowance for loss no longer needed")
        if amount > NOTHING:
            yield _entry(row, made, "5000:", f"{root}:", amount, told[0])
        elif amount:
            yield _entry(row, made, f"{root}:", "5000:", -amount, told[1])


def _gone_over(loses: str, gains: str) -> str:
    if PROVISION not in {loses, gains}:
        return "Allowance moved with its stage"
    return "Provision gone over to the allowance" if loses == PROVISION else "Allowance beyond the loan"


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
