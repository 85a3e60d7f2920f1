"""What the books and the partners' returns say of one day, as known at one moment: read when first asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial
from typing import Final

from bank.allocations.life.queries import Ended, ended
from bank.allocations.many.queries import places_told
from bank.allocations.queries import FacilityView, all_facilities
from bank.figures.books import OUR_PRINCIPAL, THEIR_PRINCIPAL, Books, Selection, runs
from bank.figures.flows import Flows, flows
from bank.treasury.queries import HeadroomView, headroom
from intermediaries.frontline.queries import Body, bodies
from intermediaries.loans import queries as loans
from intermediaries.loans.lent.queries import lent
from intermediaries.loans.views import Lent, ToldLate
from intermediaries.register import queries as register
from intermediaries.returns import queries as returns
from intermediaries.returns import tying
from intermediaries.returns.views import Lateness, Tie
from ledger import queries
from ledger.chart import INTERMEDIARY
from ledger.dates import Quarter, quarters
from ledger.money import NOTHING, Money
from ledger.queries import Known
from ledger.store.database import ReadSession
from ledger.store.leg_columns import leg_columns
from reports.figures import Coverage, Figure, Measure, Movement, Provenance, Value

_BANK: Final = "bank"


@dataclass(frozen=True, slots=True)
class Found:
    """A measure worked out: its value, what it rests on, and for sums of money what the quarter did to them."""

    measure: Measure
    value: Value
    provenance: Provenance
    coverage: Coverage | None = None
    opening: Money | None = None
    added: Money | None = None
    taken: Money | None = None

    @property
    def figure(self) -> Figure:
        """As a figure."""
        return Figure(measure=self.measure, value=self.value, provenance=self.provenance, coverage=self.coverage)

    @property
    def movement(self) -> Movement:
        """As the quarter's movement; only a sum of money that is followed through the quarter has one."""
        if not isinstance(self.value, Money) or self.opening is None or self.added is None or self.taken is None:
            raise TypeError(f"{self.measure.code} is not followed through the quarter")
        return Movement(
            measure=self.measure,
            opening=self.opening,
            added=self.added,
            taken=self.taken,
            closing=self.value,
            provenance=self.provenance,
        )


def drawn_loans(states: Iterable[Lent]) -> list[Lent]:
    """The loans on which anything has been drawn."""
    return [state for state in states if state.drawn_in_all]


def standing_loans(states: Iterable[Lent]) -> list[Lent]:
    """The loans on which anybody's principal is outstanding."""
    return [state for state in states if state.outstanding or state.outstanding_of_others]


class Knowledge:
    """Everything known at one moment, of whatever day; statements of several quarters may share it."""

    def __init__(self, session: ReadSession, known: Known) -> None:
        self.session = session
        self.known = known
        self._states: dict[date, list[Lent]] = {}
        self._facilities: dict[date, list[FacilityView]] = {}
        self._ended: dict[date, dict[str, Ended]] = {}

    @cached_property
    def books(self) -> Books:
        """The postings of every book."""
        kinds = queries.books(self.session)
        partners = [code for code, kind in kinds.items() if kind == INTERMEDIARY.kind]
        return Books(leg_columns(self.session, self.known.seq), partners)

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the intermediaries, by id."""
        return register.names(self.session)

    def states(self, day: date) -> list[Lent]:
        """Every onward loan as it stood on a day."""
        if day not in self._states:
            self._states[day] = lent(self.session, day, self.known, _Owed(self.books, day))
        return self._states[day]

    def principal(self, day: date) -> dict[str, int]:
        """The bank's share of each onward loan's principal on a day in pence, by the loan, from the books alone."""
        return _by_loan(self.books, OUR_PRINCIPAL, day)

    def days_past_due(self, day: date) -> dict[str, int]:
        """How late each onward loan was on a day that was ever late, by the last of its reports that counted then."""
        counted = {tape.return_id for tape in loans.live_tapes(self.session, as_at=day, known=self.known)}
        return {told.loan: told.days_past_due for told in self._told_late if told.return_id in counted}

    @cached_property
    def _told_late(self) -> list[ToldLate]:
        return loans.told_late(self.session, self.known)

    def facilities(self, day: date) -> list[FacilityView]:
        """Every facility as it stood on a day."""
        if day not in self._facilities:
            self._facilities[day] = all_facilities(self.session, as_at=day, at=self.known)
        return self._facilities[day]

    def lapsed(self, day: date) -> dict[str, Ended]:
        """What had fallen away with its availability by a day and stood in the books all the same, by facility."""
        if day not in self._ended:
            self._ended[day] = {each.facility: each for each in ended(self.session, day, self.known)}
        return self._ended[day]


class _Owed:
    """What the books say of each loan's principal on a day, told once of each."""

    def __init__(self, books: Books, day: date) -> None:
        self._ours, self._others = (_by_loan(books, part, day) for part in (OUR_PRINCIPAL, THEIR_PRINCIPAL))

    def of(self, intermediary: str, facility: str, loan: str) -> tuple[Money, Money]:
        """Our part and the co-funders'; a loan is of one facility and intermediary for ever."""
        del intermediary, facility
        ours, others = self._ours.pop(loan, 0), self._others.pop(loan, 0)
        return Money(ours) if ours else NOTHING, Money(others) if others else NOTHING


def _by_loan(books: Books, part: Selection, day: date) -> dict[str, int]:
    """What a part of onward loans' principal comes to on a day in pence, by the loan that its account is of."""
    pence: defaultdict[str, int] = defaultdict(int)
    for account, balance in books.by_account(part, day):
        pence[account.rpartition(":")[2]] += balance
    return pence


class Evidence:
    """What figures of one day are worked out from: the day, its quarter as far as it has run, and what is known."""

    def __init__(self, knowledge: Knowledge, as_at: date) -> None:
        self.knowledge = knowledge
        self.session = knowledge.session
        self.known = knowledge.known
        self.as_at = as_at
        self.quarter = Quarter.of(as_at)
        self.since = self.quarter.starts_on
        self.opening = self.since - timedelta(days=1)
        self._runs: dict[tuple[tuple[Selection, ...], frozenset[int]], tuple[tuple[tuple[int, int], ...], int]] = {}

    @property
    def books(self) -> Books:
        """The postings of every book."""
        return self.knowledge.books

    @property
    def states(self) -> list[Lent]:
        """Every onward loan as it stood on the day."""
        return self.knowledge.states(self.as_at)

    @cached_property
    def drawn(self) -> list[Lent]:
        """Those on which anything has been drawn, worked out once for the many figures that ask."""
        return drawn_loans(self.states)

    @cached_property
    def standing(self) -> list[Lent]:
        """Those on which principal is outstanding, in the same way."""
        return standing_loans(self.states)

    @cached_property
    def reported_for(self) -> Coverage:
        """How many of the loans outstanding are in a return for this very quarter, and how much of the principal."""
        fresh = [state for state in self.standing if state.quarter == self.quarter]
        return Coverage(
            known=len(fresh),
            of=len(self.standing),
            known_money=Money.total(state.outstanding for state in fresh),
            of_money=Money.total(state.outstanding for state in self.standing),
        )

    @cached_property
    def bodies(self) -> dict[str, Body]:
        """What the borrowers are, by the organisation: their lock on the day, and what makes them eligible."""
        return bodies(self.session, {state.organisation for state in self.states}, self.known.instant, self.as_at)

    @property
    def facilities(self) -> list[FacilityView]:
        """Every facility as it stood on the day."""
        return self.knowledge.facilities(self.as_at)

    @cached_property
    def flows(self) -> dict[str, Flows]:
        """The bank's cash that moved under each facility by the day, and what is left there."""
        ids = [view.id for view in self.facilities]
        told = partial(places_told, self.session, ids, self.as_at, self.known)
        return flows(self.books.legs(_BANK), self.as_at, ids, told)

    @cached_property
    def headroom(self) -> HeadroomView:
        """How far the bank's cash reached on the day."""
        return headroom(self.session, self.as_at, self.known)

    @cached_property
    def lateness(self) -> list[Lateness]:
        """How punctual the quarter's returns were, as known then."""
        return returns.lateness(self.session, self.quarter, self.known)

    @cached_property
    def ties(self) -> list[Tie]:
        """How the quarter's accepted returns tie with the books, as known then."""
        return tying.ties(self.session, self.quarter, self.known, self.books.balance_under)

    @cached_property
    def earlier_returns(self) -> dict[str, str]:
        """The accepted returns that stand in for one of this quarter that is not, each with a sentence on it."""
        lacking = {line.facility for line in self.lateness if line.accepted_on is None}
        tapes = loans.live_tapes(self.session, as_at=self.as_at, known=self.known) if lacking else []
        last = {tape.facility: tape for tape in tapes if tape.facility in lacking}  # the later quarters come later
        lacks = f"has no accepted return for {self.quarter}: this rests on that for"
        return {tape.return_id: f"{facility} {lacks} {tape.quarter}" for facility, tape in last.items()}

    @cached_property
    def return_ids(self) -> tuple[str, ...]:
        """The accepted returns that onward lending to date rests on."""
        tapes = loans.live_tapes(self.session, as_at=self.as_at, known=self.known)
        return tuple(sorted(tape.return_id for tape in tapes))

    def provenance(
        self,
        formula: str,
        selections: Sequence[Selection] = (),
        *,
        entries: Iterable[int] = (),
        reported: bool = False,
        calculated: bool = False,
    ) -> Provenance:
        """Where a figure of the day comes from: the working in words, and the entries and returns it rests on.

        `entries` are places of others than those that the selections find.
        """
        told, count = self._places(tuple(selections), frozenset(entries))
        return Provenance(
            formula=formula,
            as_at=self.as_at,
            known_seq=self.known.seq,
            known_at=self.known.instant,
            source="returns" if reported else "calculation" if calculated else "ledger",
            book=", ".join(dict.fromkeys(selection.book for selection in selections)),
            accounts=tuple(dict.fromkeys(code for selection in selections for code in selection.accounts)),
            entries=told,
            entry_count=count,
            returns=self.return_ids if reported else (),
        )

    def _places(
        self, selections: tuple[Selection, ...], entries: frozenset[int]
    ) -> tuple[tuple[tuple[int, int], ...], int]:
        """The runs of the entries that figures rest on, and how many: many figures rest on the same."""
        if (selections, entries) not in self._runs:
            seqs = sorted({*self.seqs(selections), *entries})
            self._runs[selections, entries] = runs(seqs), len(seqs)
        return self._runs[selections, entries]

    def seqs(self, selections: Iterable[Selection]) -> list[int]:
        """The places of all entries that the selections rest on, each once, in order."""
        strands = [self.books.strand(selection) for selection in selections]
        return sorted({seq for strand in strands for seq in strand.seqs(self.as_at)})

    def quarters_to_date(self, most: int) -> list[Quarter]:
        """The quarters with something in them, the last of them this one; at most so many."""
        first = min(self.books.columns.earliest or self.as_at, self.as_at)
        return list(quarters(Quarter.of(first), self.quarter))[-most:]

    def day_of(self, quarter: Quarter) -> date:
        """The last day of a quarter, or the day asked of when the quarter has run no further."""
        return min(quarter.ends_on, self.as_at)
