"""The facts that bear on what a facility earns, gathered from the books, its terms, the base rates and its stages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Final, NamedTuple, Protocol

from bank.allocations.course import STREAMS, Course
from bank.allocations.credit.queries import agreed_receipts_of, stages_of_all
from bank.allocations.impaired import Foretold
from bank.allocations.many.queries import in_parts
from bank.allocations.products.registry import EARNING
from bank.allocations.rules import (
    ACCRUAL,
    ADJUSTMENT,
    CAPITALISATION,
    EARNED,
    MODIFICATION,
    TAKEN_UP,
    WRITE_OFF,
)
from bank.allocations.terms.queries import agreed_terms_of
from bank.allocations.terms.rules import Agreed, charged
from bank.rates.queries import history
from ledger.daycounts import DayCount
from ledger.impairment import Stage
from ledger.instalments import Movement
from ledger.money import NOTHING, Money
from ledger.queries import Known, Moved, known, moves_of, moves_summed
from ledger.rates import RateHistory
from ledger.store.database import ReadSession

BANK: Final = "bank"
ALLOWANCES: Final = ("1240", "1241", "1242")
"""The loss allowance of each stage, first to third."""
PROVISION: Final = "2210"
"""The provision for losses on what of a loan commitment is not drawn, as far as the loan itself does not bear them."""
GROSS: Final = ("1200", "1210", "1220", "1230")
"""What a loan is carried at before its allowance: principal, interest, interest in arrears, and fees to be earned."""
SUSPENDED: Final = ("9140", "9141")
"""Memoranda of interest and of default interest that the contract claims and that stage 3 leaves out."""
GIVEN_UP: Final = "5010"
"""What was given up; of it only what of interest was."""


class Posted(NamedTuple):
    """Where a stream of what is earned shows: its account, the kinds of its entries, and whether it is credited."""

    root: str
    kinds: tuple[str, ...]
    credited: bool = False


POSTED: Final = {
    "interest": Posted("1210", (ACCRUAL,)),
    "default_interest": Posted("1220", (ACCRUAL,)),
    "commitment_fee": Posted("1500", (ACCRUAL,)),
    "amortised": Posted("1230", (ACCRUAL,)),
    "taken_up": Posted("1210", (ADJUSTMENT, TAKEN_UP)),
    "taken_up_default": Posted("1220", (ADJUSTMENT, TAKEN_UP)),
    "given_up": Posted(GIVEN_UP, (ADJUSTMENT,), credited=True),
    "made_principal": Posted("1242", (ACCRUAL,), credited=True),
    "brought_over": Posted("1230", (TAKEN_UP,), credited=True),
    "suspended": Posted("9140", (ACCRUAL,)),
    "suspended_default": Posted("9141", (ACCRUAL,)),
}
"""The account of each stream of what is earned, and the kinds of its entries: of more than one, the first is used."""
_ADJUSTING: Final = frozenset({MODIFICATION, ADJUSTMENT})
"""Entries by which a loan comes to be carried at more or less than before; other than these, 1230 takes fees."""
_ROOTS: Final = (*GROSS, *ALLOWANCES, PROVISION, "1500", "2300", "9100")
_READ: Final = tuple(dict.fromkeys((*_ROOTS, *EARNING)))
_SUMMED: Final = {ACCRUAL: ("1210", "1220", "1230", "1500"), ADJUSTMENT: ("1210", "1220", *ALLOWANCES, PROVISION)}
"""What comes quarter after quarter, by kind of entry and account: to whoever asks of later days only sums matter."""
_BESIDE: Final = (*SUSPENDED, f"{GIVEN_UP}:interest")
"""What is read besides of a loan that was ever in stage 3; what follows a colon stands below its own account."""
_KEPT_AS: Final = {root: "1200" if root in EARNING else root for root in (*_READ, *SUSPENDED, GIVEN_UP)}


_Lines = dict[str, list[Moved]]
"""The lines of one facility by the first part of their account."""


class Lent(Protocol):
    """What is asked of a facility, whether it is a row or a view."""

    @property
    def id(self) -> str:
        """What it is known by."""
        ...

    @property
    def annual_rate(self) -> Decimal:
        """The yearly rate agreed with it, until its first terms."""
        ...

    @property
    def day_count(self) -> str:
        """The convention by which days are counted."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """A facility's lines in the bank's book by account, and the course that they make with its terms."""

    lines: _Lines
    course: Course

    @property
    def last_on(self) -> date:
        """The last day that a line, terms or a stage are dated; as at it and after, these are all the facts."""
        days = [line.effective_on for lines in self.lines.values() for line in lines]
        days += [each.from_on for each in self.course.terms]
        days += [each.from_on for each in self.course.foretold]
        return max([*days, *(day for day, _ in self.course.stages)], default=date.min)

    @property
    def idle(self) -> bool:
        """Whether nothing was ever lent, and no terms take a fee for what is only promised: nothing can be earned."""
        return not self.course.principal and not any(each.commitment_fee for each in self.course.terms)

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams of what it earns: those of what is in suspense only if it was ever in stage 3."""
        return STREAMS if self.course.impaired else STREAMS[: STREAMS.index("taken_up")]

    def accrued(self, stream: str) -> list[Movement]:
        """What was posted as earned of a stream, by day."""
        there = POSTED[stream]
        lines = [line for line in self.lines[there.root] if line.kind in there.kinds]
        return [(line.effective_on, -line.amount if there.credited else line.amount) for line in lines]

    def balance(self, roots: Iterable[str], as_at: date = date.max) -> Money:
        """What some accounts come to by a day."""
        return Money.total(line.amount for root in roots for line in self.lines[root] if line.effective_on <= as_at)


def facts_of(session: ReadSession, lent: Lent, *, as_at: date = date.max, at: Known | None = None) -> Facts:
    """The facts of a facility dated up to a day, as known then."""
    return facts_of_all(session, [lent], as_at=as_at, at=at)[lent.id]


def facts_of_all(
    session: ReadSession,
    lent: Iterable[Lent],
    *,
    as_at: date = date.max,
    at: Known | None = None,
    since: date = date.min,
) -> dict[str, Facts]:
    """The facts of many facilities, read together, each as `facts_of` alone would give them.

    Whoever asks of no day before `since` says so: what was accrued and allowed for before it then comes as sums, and
    no more is read however many quarters have passed. Only a loan that was ever in stage 3, or began impaired, keeps
    every day of its allowance, since interest was counted on what it left.
    """
    wanted = {each.id: each for each in lent}
    if not wanted:
        return {}
    then = at or known(session)
    terms, stages = agreed_terms_of(session, wanted, at=then), stages_of_all(session, wanted, at=then)
    foretold = agreed_receipts_of(session, wanted, at=then)
    named = {one.base for agreed in terms.values() for one in agreed if one.base is not None and one.from_on <= as_at}
    bases = {base: history(session, base, at=then) for base in sorted(named)}
    found = {}
    for part in in_parts(wanted):
        whole = [each for each in part if each in foretold or _ever_impaired(stages.get(each, ()))]
        rest = [each for each in part if each not in set(whole)]
        lines = _lines(session, whole, as_at, at, date.min, _BESIDE) | _lines(session, rest, as_at, at, since)
        for each in part:
            agreed = tuple(one for one in terms.get(each, ()) if one.from_on <= as_at)
            moved = tuple((day, stage) for day, stage in stages.get(each, ()) if day <= as_at)
            expected = tuple(one for one in foretold.get(each, ()) if one.from_on <= as_at)
            found[each] = Facts(lines[each], _course(wanted[each], lines[each], agreed, bases, moved, expected))
    return found


def _ever_impaired(stages: Iterable[tuple[date, Stage]]) -> bool:
    return any(stage is Stage.IMPAIRED for _, stage in stages)


def _lines(
    session: ReadSession,
    ids: Sequence[str],
    as_at: date,
    at: Known | None,
    since: date,
    beside: Sequence[str] = (),
) -> dict[str, _Lines]:
    """The lines of each facility by account, in the journal's order; what earns is taken together as principal."""
    found: dict[str, _Lines] = {each: {root: [] for root in (*_ROOTS, *SUSPENDED, GIVEN_UP)} for each in ids}
    codes = [f"{root}:{each}" for each in ids for root in _READ]
    for each in ids:
        codes += [":".join((root, each, *below)) for root, *below in (one.split(":") for one in beside)]
    if since == date.min or not codes:
        moved = moves_of(session, BANK, codes, at) if codes else []
    else:
        moved = moves_summed(session, BANK, codes, _SUMMED, since, at)
    for line in moved:
        if line.effective_on <= as_at:
            root, owner, *_ = line.account.split(":")
            found[owner][_KEPT_AS[root]].append(line)
    return found


def _course(
    lent: Lent,
    lines: Mapping[str, list[Moved]],
    terms: tuple[Agreed, ...],
    bases: Mapping[str, RateHistory],
    stages: tuple[tuple[date, Stage], ...],
    foretold: tuple[Foretold, ...],
) -> Course:
    return Course(
        rates=charged(terms, bases, lent.annual_rate),
        day_count=DayCount(lent.day_count),
        terms=terms,
        principal=_happened(lines["1200"]),
        settled=_happened(line for line in lines["1210"] if line.kind not in EARNED),
        undrawn=_happened(lines["9100"]),
        fees=_credited(line for line in lines["1230"] if line.kind not in {ACCRUAL, TAKEN_UP, *_ADJUSTING}),
        adjusted=_netted(_credited(line for line in lines["1230"] if line.kind in _ADJUSTING)),
        allowed=_credited(line for root in ALLOWANCES for line in lines[root] if line.kind != ACCRUAL),
        stages=stages,
        arrears_settled=_happened(line for line in lines["1220"] if line.kind not in EARNED),
        given_up=_settled(line for line in lines["1210"] if line.kind == WRITE_OFF),
        made_principal=_settled(line for line in lines["1210"] if line.kind == CAPITALISATION),
        arrears_given_up=_settled(line for line in lines["1220"] if line.kind == WRITE_OFF),
        foretold=foretold,
    )


def _happened(lines: Iterable[Moved]) -> tuple[Movement, ...]:
    """What was really paid earns from the day on which it was paid, whenever it could be entered; in order of days.

    What was turned back of a payment counts as not paid: it is no money lent again.
    """
    told: dict[tuple[date, str], list[Money]] = {}
    for line in lines:
        told.setdefault((line.happened_on, line.kind), []).append(line.amount)
    found: list[Movement] = []
    for (day, _), amounts in told.items():
        both_ways = min(amounts) < NOTHING < max(amounts)
        found += [(day, amount) for amount in ([Money.total(amounts)] if both_ways else amounts) if amount]
    return tuple(sorted(found, key=itemgetter(0)))


def _settled(lines: Iterable[Moved]) -> tuple[Movement, ...]:
    return tuple((line.happened_on, -line.amount) for line in lines)


def _credited(lines: Iterable[Moved]) -> tuple[Movement, ...]:
    return tuple((line.effective_on, -line.amount) for line in lines)


def _netted(moved: Iterable[Movement]) -> tuple[Movement, ...]:
    """Each day's sum, where it is any: a loss that was taken back leaves a loan as one that never had it."""
    days: defaultdict[date, Money] = defaultdict(lambda: NOTHING)
    for day, amount in moved:
        days[day] += amount
    return tuple((day, amount) for day, amount in days.items() if amount)
