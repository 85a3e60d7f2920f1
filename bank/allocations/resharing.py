"""How payments would have been shared out had all that is known now been known then: what was paid beyond a head.

A payment is shared by what was owed on its day as it was known. A lower base rate, an earlier payment or a later stage
that comes to be known afterwards leaves more under a head than was ever owed there. Day by day, in order, such an
excess is turned back and shared out again by the contract's waterfall, with what was left unapplied on the day: so the
order in which facts came to be known makes no difference. What nobody owes then stays unapplied, to be refunded.

Fees and interest are due as they run up, from day to day, and so is all of them that is owed on the day of a payment.
Principal is due as its instalments are. Where it comes before them in the waterfall, it does so as far as it is due:
what of it is not is paid ahead of its day, out of what is left when nothing is due any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import itemgetter
from typing import Final

from bank.allocations.course import Course
from bank.allocations.divisions.queries import Divided
from bank.allocations.facts import Facts
from bank.allocations.rules import CAPITALISATION, EARNED, INTEREST_PAID, REPAYMENT, WRITE_OFF
from bank.allocations.terms.rules import in_force
from ledger.instalments import Movement
from ledger.money import NOTHING, Money
from ledger.queries import Moved
from ledger.waterfalls import DEFAULT_INTEREST, FEES, INTEREST, PRINCIPAL, USUAL_ORDER, Shares, share_out

HEADS: Final = {PRINCIPAL: "1200", INTEREST: "1210", DEFAULT_INTEREST: "1220", FEES: "1500"}
"""The account on which the bank's book keeps what is owed under each head of a payment."""
UNAPPLIED: Final = "2300"
_PAYMENT: Final = (REPAYMENT, INTEREST_PAID)
_IN_TURN: Final = (INTEREST, DEFAULT_INTEREST, FEES, PRINCIPAL)
"""Interest comes first: what of it was made principal without having accrued is principal no more."""

_BOTH: Final = (INTEREST, DEFAULT_INTEREST)
_Days = Mapping[date, Money]


@dataclass(frozen=True, slots=True)
class Anew:
    """What is put right of one day's payments, and of interest made principal or given up on it."""

    on: date
    back: Mapping[str, Money]
    """Turned back from each head: put there by hand, and never owed under it."""
    again: Mapping[str, Money]
    """Put under each head again: turned back from it before, and owed there after all."""
    less: Mapping[str, Money]
    """What the contract's waterfall had given to each head, and gives to it no more."""
    paid: Mapping[str, Money]
    """Paid to each head out of both, and out of what had been left unapplied on the day."""
    capitalised: Money = NOTHING
    """Interest made principal that had not accrued; with a sign, that has accrued after all."""
    lost: Mapping[str, Money] = field(default_factory=dict)
    """Interest and default interest given up that had not accrued; with a sign, that has accrued after all."""

    @property
    def empty(self) -> bool:
        """Whether the day stays as it was recorded."""
        heads = (self.back, self.again, self.less, self.paid, self.lost)
        return not (self.capitalised or any(amount for each in heads for amount in each.values()))


def in_doubt(facts: Facts, opens: date) -> bool:
    """Whether more was settled under a head than was posted to it by an open day, or money is held unapplied.

    Or any terms name an order of their own: then what was due on a day, and by which terms, bears on every payment
    since. Or something was turned back before, which may turn out to have been owed after all. Of any other facility
    every payment is shared as it would be now, so that nobody need look closer.
    """
    if facts.balance([UNAPPLIED]) < NOTHING or any(each.waterfall != USUAL_ORDER for each in facts.course.terms):
        return True
    heads = [facts.lines[account] for account in HEADS.values()]
    if any(line.amount > NOTHING and line.kind in _PAYMENT for lines in heads for line in lines):
        return True
    return any(_falls_below_nothing(lines, opens) for lines in heads)


def shared_anew(facts: Facts, opens: date, spare: Sequence[Movement], divided: Divided) -> list[Anew]:
    """What must be put right of each day on which something was settled, in the order of the days.

    `opens` is the first day not closed for good. What the contract divided is divided again, while what was divided by
    hand stays as it was told where it was owed; so counts interest given up or made principal.
    `spare` is what was lost, and with a sign what was recovered, by the day of its entry: no more of a loss is taken
    back than leaves what was recovered by any day within what was lost by it.
    """
    standing = _Standing(facts, divided)
    standing.spare += spare
    standing.opens = opens
    for head, found in standing.trimmed.items():
        standing.spare += [(max(day, opens), amount) for day, amount in found.items() if head == INTEREST]
    return [each for day in standing.days if not (each := standing.put_right(day)).empty]


def shared_on(facts: Facts, day: date, received: Money, divided: Divided) -> Shares:
    """How the contract shares out a payment of a day by all that is known now, as if no payment came later.

    Those that came later are shared out again after this one; a loss, or interest made principal since, stays.
    """
    return _Standing(facts, divided, after=day).shares(day, received)


def least_owed(facts: Facts, head: str, day: date) -> Money:
    """The least that the contract claims under a head from the close of a day on, after all that was settled since."""
    standing = _Standing(facts, Divided())
    days = (day, *(on for on in standing.days if on > day))
    return max(min(standing.owed(head, on) for on in days), NOTHING)


class _Standing:
    """What was settled of a loan, by true days, as it is by what is put right so far."""

    def __init__(self, facts: Facts, divided: Divided, after: date = date.min) -> None:
        self.course: Course = facts.course
        self.opens = date.min
        self.spare: list[Movement] = []
        lines = {head: facts.lines[account] for head, account in HEADS.items()}
        self.fees = tuple((line.happened_on, line.amount) for line in lines[FEES] if line.kind not in EARNED)
        self.paid = {head: _credited(found, _PAYMENT) for head, found in lines.items()}
        self.shared = {
            head: _after(after, _credited((line for line in found if line.seq in divided.payments), _PAYMENT))
            for head, found in lines.items()
        }
        self.turned = {
            head: _after(after, _negated(_credited((line for line in found if line.seq in divided.turned), _PAYMENT)))
            for head, found in lines.items()
        }
        told = {head: [line for line in lines[head] if line.seq not in divided.settled] for head in _BOTH}
        again = {head: [line for line in lines[head] if line.seq in divided.settled] for head in _BOTH}
        self.given_up = {head: _credited(found, (WRITE_OFF,)) for head, found in told.items()}
        self.capitalised = _credited(told[INTEREST], (CAPITALISATION,))
        self.trimmed = {head: _negated(_credited(found, (WRITE_OFF,))) for head, found in again.items()}
        self.less_principal = _negated(_credited(again[INTEREST], (CAPITALISATION,)))
        self._begin()
        self.left = _credited(facts.lines[UNAPPLIED], _PAYMENT)
        self.held = [(line.happened_on, -line.amount) for line in facts.lines[UNAPPLIED]]
        self.days = sorted(
            {*self.left, *(line.happened_on for found in lines.values() for line in found if _settles(line))}
        )

    def _begin(self) -> None:
        """Stand as if the contract had divided nothing yet, and as if all that was told had been owed.

        That is what was paid by hand, given up or made principal.
        """
        for head, days in self.shared.items():
            for day, amount in days.items():
                self._settle(head, day, -amount)
        for head, turned in self.turned.items():
            for day, amount in turned.items():
                self._settle(head, day, amount)
        for head, trimmed in self.trimmed.items():
            for day, amount in trimmed.items():
                self._settle(head, day, amount)
        for day, amount in self.less_principal.items():
            self._settle(INTEREST, day, amount)
            self._move_principal(day, amount)

    def put_right(self, day: date) -> Anew:
        """What is put right of one day; every day before it is right already."""
        by_contract = {head: days[day] for head, days in self.shared.items() if days.get(day)}
        back: dict[str, Money] = {}
        lost: dict[str, Money] = {}
        capitalised = NOTHING
        for head in _IN_TURN:
            if self.owed(head, day) >= NOTHING:
                continue
            back[head] = self._take_back(head, day, self._by_hand(head, day))
            if head == INTEREST:
                capitalised = self._take_back(head, day, self.capitalised)
                self._move_principal(day, -capitalised)
            if head in self.given_up:
                lost[head] = self._take_back(head, day, self._given_up(head, day))
            if head == INTEREST:
                self.spare.append((max(day, self.opens), -lost[head]))
        capitalised -= self.less_principal.get(day, NOTHING)
        lost = {head: lost.get(head, NOTHING) - found.get(day, NOTHING) for head, found in self.trimmed.items()}
        turned = {head: back.get(head, NOTHING) - days.get(day, NOTHING) for head, days in self.turned.items()}
        pool = Money.total(by_contract.values())
        turned = self._within(day, turned, pool)
        paid = self._share(day, pool + Money.total(turned.values()))
        change = {head: paid.get(head, NOTHING) - by_contract.get(head, NOTHING) for head in HEADS}
        (back, again), (extra, less) = _by_sign(turned), _by_sign(change)
        return Anew(day, back, again, less, extra, capitalised, lost)

    def owed(self, head: str, day: date) -> Money:
        """What the contract claims under a head at the close of a day; below nothing where more was settled.

        What of it a stage recognises is no matter of whoever owes it.
        """
        course = self.course
        if head == PRINCIPAL:
            return _by(course.principal, day)
        if head == INTEREST:
            return course.interest_owed(day)
        if head == DEFAULT_INTEREST:
            return course.default_owed(day)
        return course.commitment_fee(day) + _by(self.fees, day)

    def _take_back(self, head: str, day: date, settled: _Days) -> Money:
        """Take back what was settled on a day beyond what the contract claims."""
        taken = min(max(-self.owed(head, day), NOTHING), max(settled.get(day, NOTHING), NOTHING))
        self._settle(head, day, -taken)
        return taken

    def _by_hand(self, head: str, day: date) -> _Days:
        """What was put under a head on a day by who told of the payment, whatever of it was turned back since."""
        paid = self.paid[head].get(day, NOTHING) - self.shared[head].get(day, NOTHING)
        return {day: paid + self.turned[head].get(day, NOTHING)}

    def _within(self, day: date, turned: Mapping[str, Money], pool: Money) -> dict[str, Money]:
        """What is turned back from each head, or with a sign put there again, as far as its money is there still.

        It may have been given back since; nothing else can have become of it but what the contract divides again.
        """
        left = pool + self._left(day) + Money.total(amount for amount in turned.values() if amount > NOTHING)
        found = dict(turned)
        for head in _IN_TURN:
            if found[head] < NOTHING:
                short = max(-found[head] - left, NOTHING)
                self._settle(head, day, -short)
                found[head] += short
                left += found[head]
        return found

    def _given_up(self, head: str, day: date) -> _Days:
        """What was given up on a day; of interest no more than leaves what was recovered within what was lost."""
        amount = self.given_up[head].get(day, NOTHING)
        if head != INTEREST or not amount:
            return {day: amount}
        entered = max(day, self.opens)
        days = {entered, *(on for on, _ in self.spare if on > entered)}
        return {day: min(amount, max(min(_by(self.spare, on) for on in days), NOTHING))}

    def _share(self, day: date, back: Money) -> dict[str, Money]:
        """Share out what was turned back on a day and what was left unapplied on it."""
        pool = back + self._left(day)
        paid = {head: amount for head, amount in self.shares(day, pool).paid.items() if amount} if pool else {}
        for head, amount in paid.items():
            self._settle(head, day, amount)
        self.held.append((day, back - Money.total(paid.values())))
        return paid

    def shares(self, day: date, received: Money) -> Shares:
        """How the contract of a day shares out what was received on it, principal that is not due last of all."""
        agreed = in_force(self.course.terms, day)
        owed = {head: self.still_owed(head, day) for head in HEADS}
        ahead = owed[PRINCIPAL] - min(owed[PRINCIPAL], self.course.principal_due(day))
        return share_out(received, owed, USUAL_ORDER if agreed is None else agreed.waterfall, {PRINCIPAL: ahead})

    def _left(self, day: date) -> Money:
        """What payments of a day left unapplied and is held still, after all that was given back since."""
        held = [_by(self.held, on) for on, _ in self.held if on >= day]
        return max(min([self.left.get(day, NOTHING), *held]), NOTHING)

    def still_owed(self, head: str, day: date) -> Money:
        """What is owed under a head from a day on, as if no payment came later: those that do have their turn.

        What the contract divides is divided after it. What was divided by hand is turned back on its own day, and only
        as far as it is more than is owed by then: a day on which less is owed than that is the bound for those before.
        Interest made principal since is no principal of the day, and may turn out not to have accrued.
        """
        bound: Money | None = None
        made = self.capitalised if head == PRINCIPAL else {}
        for on in sorted((on for on in self.days if on > day), reverse=True):
            owed = self.owed(head, on) - Money.total(amount for then, amount in made.items() if day < then <= on)
            if bound is None or owed <= bound:
                bound = owed + self._by_hand(head, on)[on]
        owed = self.owed(head, day)
        return max(owed if bound is None else min(owed, bound), NOTHING)

    def _settle(self, head: str, day: date, amount: Money) -> None:
        """Have so much more settled under a head on a day; with a sign, so much less."""
        if not amount:
            return
        if head == FEES:
            self.fees = _with(self.fees, day, -amount)
        elif head == PRINCIPAL and amount > NOTHING:
            # What is paid on a day on which money was lent as well is paid, and lent that money stays.
            moved = sorted((*self.course.principal, (day, -amount)), key=itemgetter(0))
            self.course = replace(self.course, principal=tuple(moved))
        elif head == PRINCIPAL:
            self._move_principal(day, -amount)
        elif head == INTEREST:
            self.course = replace(self.course, settled=_with(self.course.settled, day, -amount))
        else:
            self.course = replace(self.course, arrears_settled=_with(self.course.arrears_settled, day, -amount))

    def _move_principal(self, day: date, amount: Money) -> None:
        """Take back what was repaid on a day, or with a sign what was made principal on it."""
        if amount:
            self.course = replace(self.course, principal=_with(self.course.principal, day, amount))


def _with(movements: Sequence[Movement], day: date, amount: Money) -> tuple[Movement, ...]:
    """Movements and one more, which first makes less what moved the other way on its day."""
    left, found = amount, []
    for on, moved in movements:
        undone = NOTHING
        if on == day and (moved > NOTHING) != (left > NOTHING):
            undone = min(abs(moved), abs(left)) if left > NOTHING else -min(abs(moved), abs(left))
        left -= undone
        if moved + undone:
            found.append((on, moved + undone))
    if left:
        found.append((day, left))
    return tuple(sorted(found, key=itemgetter(0)))


def _settles(line: Moved) -> bool:
    return line.amount < NOTHING and line.kind not in EARNED


def _falls_below_nothing(lines: Iterable[Moved], opens: date) -> bool:
    """Whether an account stands below nothing at the close of an open day."""
    days: defaultdict[date, Money] = defaultdict(lambda: NOTHING)
    for line in lines:
        days[max(line.effective_on, opens)] += line.amount
    balance = NOTHING
    for day in sorted(days):
        balance += days[day]
        if balance < NOTHING:
            return True
    return False


def _credited(lines: Iterable[Moved], kinds: Sequence[str]) -> dict[date, Money]:
    """What was credited by entries of some kinds, net, by the day it was true of."""
    found: defaultdict[date, Money] = defaultdict(lambda: NOTHING)
    for line in lines:
        if line.kind in kinds:
            found[line.happened_on] -= line.amount
    return dict(found)


def _after(day: date, found: Mapping[date, Money]) -> dict[date, Money]:
    return {on: amount for on, amount in found.items() if on > day}


def _by_sign(found: Mapping[str, Money]) -> tuple[dict[str, Money], dict[str, Money]]:
    """What is above nothing, and with the sign turned what is below."""
    above = {head: amount for head, amount in found.items() if amount > NOTHING}
    return above, {head: -amount for head, amount in found.items() if amount < NOTHING}


def _negated(found: Mapping[date, Money]) -> dict[date, Money]:
    return {on: -amount for on, amount in found.items()}


def _by(moved: Iterable[Movement], day: date) -> Money:
    return Money.total(amount for on, amount in moved if on <= day)
