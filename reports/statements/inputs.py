"""What a statement is composed from: every part that is filled from the books, frozen and checked for sense."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from reports.attached import Attached
from reports.figures import Coverage, Figure, Frozen, Movement, Provenance, Series


class SealHead(Frozen):
    """The head of the seal chain: the last entry covered, the Merkle root over all entries, when it was recorded."""

    seq: int = Field(ge=0)
    root: str
    recorded_at: datetime | None = None
    """None while no entry has ever been recorded."""


class Issue(Frozen):
    """Which statement this is, of which quarter, as at which day, as known when, anchored where."""

    statement: str
    """`sta_…`"""
    quarter: Quarter
    as_at: date
    known_at: datetime
    known_seq: int
    head: SealHead
    institution: str = "Big Society Bank"
    caution: str = ""
    """A sentence every page must carry, such as that the intermediaries are invented."""
    supersedes: str = ""
    """The statement that this one replaces, when it does."""
    subject: str = ""
    """Of a notice, what it is about: a facility with the place of a drawdown's entry, a return, or a facility."""
    form: str = ""
    """For which readers it is, where it is not the trustees', which is the form that statements had from the first."""
    fewest: int = Field(default=0, ge=0)
    """Of a form that says so: of how few borrowers it may tell, 0 where it withholds nothing."""
    version: int | None = Field(default=None, ge=1)
    """The version of the statements that composed it; none of one that was composed before they named themselves."""
    attached: tuple[Attached, ...] = ()
    """What goes into the file beside the figures."""

    @model_validator(mode="after")
    def _aware(self) -> Self:
        if self.known_at.tzinfo is None:
            raise ValueError("the instant of knowledge carries its zone")
        return self


class MoneyPath(Frozen):
    """Every box on the money's way, each with opening, in, out and closing. All to date, not for the quarter."""

    received: Movement
    reclaimed: Movement
    reserved: Movement
    distributed: Movement
    england: Movement
    wales: Movement
    scotland: Movement
    northern_ireland: Movement
    trust: Movement
    bank: Movement
    in_principle: Movement
    signed: Movement
    drawn: Movement
    lent: Movement
    outstanding: Movement

    def boxes(self) -> tuple[Movement, ...]:
        """All of them, in the order the money takes."""
        return tuple(getattr(self, name) for name in type(self).model_fields)


ReturnStatus = Literal["on-time", "late", "missing", "not-due"]


class AllocationLine(Frozen):
    """One facility: its seven separate sums to date, and what became of its return for the quarter."""

    facility: str
    intermediary: str
    product: str
    name: str = ""
    """What the facility is called, for where its lender has several of one product."""
    in_principle: Money
    signed: Money
    drawn: Money
    undrawn: Money
    repaid: Money
    outstanding: Money
    written_off: Money
    return_status: ReturnStatus = "not-due"
    return_filed_on: date | None = None

    @model_validator(mode="after")
    def _filed_when_it_says_so(self) -> Self:
        if (self.return_filed_on is not None) != (self.return_status in {"on-time", "late"}):
            raise ValueError(f"{self.facility}: a return has a filing date exactly when it was filed")
        return self


class Slice(Frozen):
    """One bar of a breakdown: how many onward loans, and the money lent to date, ours and co-investors' apart."""

    code: str = Field(pattern=r"^\S+$")
    label: str
    loans: int = Field(ge=0)
    ours: Money
    others: Money
    kind: Literal["known", "unmatched", "unavailable"] = "known"
    """`unmatched`: something was reported that no list knows. `unavailable`: nothing was reported."""


class Breakdown(Frozen):
    """Onward lending to date by one classification, in the order it is to be printed, with how much of it is known."""

    code: str
    title: str
    slices: tuple[Slice, ...]
    coverage: Coverage
    provenance: Provenance
    edition: str = ""
    """The code list or index with its version and year: "English Indices of Deprivation 2010"."""
    nation: str = ""
    """For an index of one nation: which."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        codes = [part.code for part in self.slices]
        if len(set(codes)) != len(codes):
            raise ValueError(f"{self.code}: two slices have the same code")
        return self


BucketCode = Literal["current", "1-30", "31-60", "61-90", "over-90"]
BUCKETS: tuple[BucketCode, ...] = ("current", "1-30", "31-60", "61-90", "over-90")


class Bucket(Frozen):
    """Onward loans by how long their oldest instalment is overdue: number, principal outstanding, restructured part."""

    code: BucketCode
    loans: int = Field(ge=0)
    outstanding: Money
    restructured: Money
    """The part of `outstanding` that is on restructured terms."""


class BucketQuarter(Frozen):
    """Principal outstanding in each bucket at the end of one quarter, in the order of `BUCKETS`."""

    quarter: Quarter
    amounts: tuple[Money, Money, Money, Money, Money]


class Arrears(Frozen):
    """How onward loans are being repaid, from the intermediaries' accepted returns."""

    buckets: tuple[Bucket, ...]
    history: tuple[BucketQuarter, ...]
    overdue: Figure
    """Principal past its due date (money)."""
    at_risk_30: Figure
    """Share of principal outstanding on loans more than 30 days overdue."""
    at_risk_90: Figure
    at_risk_30_restructured: Figure
    """The same with every restructured loan counted as at risk."""
    at_risk_90_restructured: Figure
    coverage: Coverage
    provenance: Provenance

    @model_validator(mode="after")
    def _every_bucket(self) -> Self:
        if tuple(bucket.code for bucket in self.buckets) != BUCKETS:
            raise ValueError(f"arrears have exactly the buckets {', '.join(BUCKETS)}, in this order")
        return self


class Losses(Frozen):
    """What was written off and what came back, at both levels."""

    onward_written_off: Movement
    onward_recovered: Movement
    bank_written_off: Movement
    bank_recovered: Movement


class ReturnLine(Frozen):
    """What became of one return that was due for the quarter."""

    facility: str
    intermediary: str
    due_on: date
    status: ReturnStatus
    filed_on: date | None = None
    accepted_on: date | None = None
    loans: int | None = None


class TieBreak(Frozen):
    """A facility whose two books do not tie after everything explained is taken off."""

    facility: str
    intermediary: str
    in_our_book: Money
    in_their_book: Money
    explained: Money
    difference: Money
    explanation: str


class Correction(Frozen):
    """Something that an earlier quarter's statement showed and that is now known otherwise."""

    quarter: Quarter
    subject: str
    what: str
    before: Money | None
    after: Money | None
    recorded_at: datetime
    reason: str


class BookBalance(Frozen):
    """The trial balance of one book in one line."""

    book: str
    title: str
    accounts: int
    entries: int
    debits: Money
    credits: Money


class Proof(Frozen):
    """What shows that the books hold: trial balances, linked pairs, ties, returns and corrections."""

    books: tuple[BookBalance, ...]
    pairs_checked: int = 0
    pairs_that_disagree: int = 0
    ties_checked: int = 0
    breaks: tuple[TieBreak, ...] = ()
    corrections: tuple[Correction, ...] = ()
    returns: tuple[ReturnLine, ...] = ()
    closed_over: str = ""
    """Why the quarter was closed although returns were missing, in the words of whoever closed it."""
    provenance: Provenance


class Onward(Frozen):
    """Onward lending to date seen from every side. An empty tuple of slices is honest before any lending."""

    outcome_areas: Breakdown
    beneficiary_groups: Breakdown
    nations: Breakdown
    regions: Breakdown
    """The twelve regions and nations, by their ONS codes E12000001 ... E12000009, W92000004, S92000003, N92000002."""
    deprivation: tuple[Breakdown, ...]
    """One for each nation's index; slices coded "1" (most deprived) to "10", then unmatched and unavailable ones."""


class PeopleReached(Frozen):
    """How many people loans of one outcome area report to have reached, in one unit that is never mixed."""

    code: str
    label: str
    unit: str
    loans: int
    people: int
    ours: int
    """The part of them that goes with the bank's part of the money in each of those loans, rounded half up in all."""
    coverage: Coverage


class IndicatorLine(Frozen):
    """One like-for-like indicator of an outcome area: where it began, what was hoped, what was reached.

    `coverage` is of the area's loans. `evidence` is how many of its own loans bring each kind of evidence: every kind
    by its name, the strongest first, and those that say nothing last.
    """

    outcome_area: str
    indicator: str
    unit: str
    loans: int
    coverage: Coverage
    evidence: tuple[tuple[str, int], ...]
    baseline: Decimal | None
    target: Decimal | None
    actual: Decimal | None


class FieldAnswers(Frozen):
    """How one optional question of the return was answered; "not known" and "not applicable" are different answers."""

    field: str
    title: str
    answered: int
    not_known: int
    not_applicable: int
    blank: int


CaseOutcome = Literal["succeeded", "mixed", "failed"]


class CaseLine(Frozen):
    """One case study as it is printed, with our share of its loan's sums to date; `co_invested` is the others'."""

    code: str = Field(pattern=r"^\S+$")
    title: str
    text: str
    outcome: CaseOutcome
    borrower: str
    """Its name where its consent is to be named; empty otherwise."""
    evidence: str
    consented_on: date
    lent: Money
    co_invested: Money
    repaid: Money
    written_off: Money
    recovered: Money
    outstanding: Money


class CaseStudies(Frozen):
    """The case studies chosen, in the order in which they are printed, and what their sums rest on."""

    lines: tuple[CaseLine, ...]
    provenance: Provenance


class ImpactStatement(Frozen):
    """Everything that the impact statement of one quarter prints."""

    issue: Issue
    lent: Movement
    """The bank's money lent on to the front line, to date."""
    lent_late: Money = NOTHING
    """The part of the quarter's change in it that late and corrected returns for earlier quarters brought."""
    co_invested: Movement
    """Others' money in the same loans, to date."""
    loans: Figure
    organisations: Figure
    places: Figure
    """Local-authority areas in which a loan is at work."""
    history: tuple[Series, ...]
    """At least lent and co_invested."""
    onward: Onward
    legal_forms: Breakdown
    asset_locks: Breakdown
    purposes: Breakdown
    sizes: Breakdown
    """By size of loan."""
    vanguard: Breakdown
    """The four vanguard areas."""
    rural_urban: Breakdown | None = None
    """By the classes of the rural-urban classification; none where no list of it is held, and then it is said."""
    borrowers: tuple[Figure, ...]
    """Median loan, median turnover, first-time borrowers, declined by a bank and the like, each with its coverage."""
    people: tuple[PeopleReached, ...]
    people_provenance: Provenance
    indicators: tuple[IndicatorLine, ...]
    indicators_provenance: Provenance
    answers: tuple[FieldAnswers, ...]
    answers_provenance: Provenance
    cases: CaseStudies
    losses: Losses
    proof: Proof
