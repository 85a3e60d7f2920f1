"""How a loan is shown: its terms, its state at a day as known then, its place, and our share beside the co-funders'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Final, NamedTuple

from pydantic import ConfigDict

from intermediaries.loans.rules import bucket_of
from intermediaries.returns.layout import COLUMN, Presence
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.queries import Line
from ledger.store.work import View


# Of these there are a dozen to each loan of a portfolio, and portfolios of 100,000 loans: as views they would take ten
# times the room of what they hold.
@dataclass(frozen=True, slots=True)
class Split:
    """An amount of the whole loan and its two parts, which are never added to those of other kinds."""

    __pydantic_config__: ClassVar[ConfigDict] = View.model_config

    total: Money
    ours: Money
    others: Money

    @classmethod
    def of(cls, total: Money, ours: Money) -> Split:
        """The co-funders' part is what is not ours."""
        return cls(total=total, ours=ours, others=total - ours)


NO_SPLIT = Split.of(NOTHING, NOTHING)


@dataclass(frozen=True, slots=True)
class Movements:
    """What moved on a loan, in a quarter or to date."""

    __pydantic_config__: ClassVar[ConfigDict] = View.model_config

    drawn: Split
    repaid: Split
    interest: Split
    written_off: Split
    recovered: Split


@dataclass(frozen=True, slots=True)
class PlaceView:
    """Where a loan does its work, as far as the tables knew when its report was accepted; None is not matched."""

    __pydantic_config__: ClassVar[ConfigDict] = View.model_config

    given: str
    lsoa: str | None
    local_authority: str | None
    local_authority_name: str | None
    region: str | None
    nation: str | None
    vanguard: str | None
    decile: int | None
    deprivation_index: str
    deprivation_missing: str


@dataclass(frozen=True, slots=True)
class LoanState:
    """A loan by its last accepted report, effective by a day and known then. Movements are to date.

    `outstanding.ours` and `outstanding.others` are balances of the ledger at the same day, as known then.
    """

    __pydantic_config__: ClassVar[ConfigDict] = View.model_config

    id: str
    loan_ref: str
    intermediary: str
    facility: str
    organisation: str
    borrower_name: str
    legal_form: str
    purpose: str
    product: str | None
    outcome_area: str
    beneficiary_group: str
    place_basis: str
    status: str
    agreed_on: date
    maturity_on: date | None
    annual_rate: Decimal | None
    our_share: Decimal
    amount_committed: Money
    commitment: Split
    quarter: Quarter
    return_id: str
    days_past_due: int
    restructured: bool
    outstanding: Split
    arrears: Split
    drawn: Split
    repaid: Split
    interest: Split
    written_off: Split
    recovered: Split
    in_quarter: Movements
    place: PlaceView
    people_reached: int | None
    people_unit: str | None
    facts: dict[str, str]


OPTIONAL: Final = tuple(
    name for name, column in COLUMN.items() if column.presence is Presence.OPTIONAL and name != "note"
)
"""The columns of a return whose answers figures count; a note is for whoever reads the return."""
_ANSWERED: Final = {name: place for place, name in enumerate(OPTIONAL)}


class Placed(NamedTuple):
    """Where a loan does its work, as far as figures ask; None is not matched. See `PlaceView`."""

    lsoa: str | None
    local_authority: str | None
    region: str | None
    nation: str | None
    vanguard: str | None
    decile: int | None
    deprivation_index: str
    deprivation_missing: str


class Lent(NamedTuple):
    """A loan by its last accepted report, effective by a day and known then, as far as figures ask; see `LoanState`.

    Amounts are our share, movements to date; but `amount_committed` and `drawn_in_all` are of the whole loan, and
    `outstanding_of_others` is the co-funders' part. What is outstanding are balances of the ledger.
    """

    id: str
    loan_ref: str
    intermediary: str
    facility: str
    organisation: str
    borrower_name: str
    legal_form: str
    purpose: str
    outcome_area: str
    beneficiary_group: str
    place_basis: str
    status: str
    agreed_on: date
    maturity_on: date | None
    annual_rate: Decimal | None
    our_share: Decimal
    quarter: Quarter
    return_id: str
    days_past_due: int
    restructured: bool
    amount_committed: Money
    committed: Money
    outstanding: Money
    outstanding_of_others: Money
    arrears: Money
    drawn_in_all: Money
    drawn: Money
    repaid: Money
    interest: Money
    written_off: Money
    recovered: Money
    place: Placed
    people_reached: int | None
    people_unit: str | None
    answers: tuple[str, ...]
    """In the order of `OPTIONAL`, as they were written; see `said`."""

    @property
    def drawn_of_others(self) -> Money:
        """The co-funders' part of what was drawn to date."""
        return self.drawn_in_all - self.drawn

    @property
    def bucket(self) -> str:
        """The bucket of its days past due."""
        return bucket_of(self.days_past_due)

    def said(self, column: str) -> str:
        """What its last return said in an optional column; nothing where it was left empty."""
        return self.answers[_ANSWERED[column]]


class LoanPage(View):
    """Some loans, and where to read on."""

    items: tuple[LoanState, ...]
    next_cursor: str | None


class ToldLate(NamedTuple):
    """How many days past due one report says a loan is."""

    return_id: str
    loan: str
    quarter: Quarter
    days_past_due: int


class Reported(NamedTuple):
    """What an accepted return of a quarter tells of one loan, as far as its performance goes: amounts are our share."""

    loan: str
    intermediary: str
    organisation: str
    quarter: Quarter
    drawn: Money
    received: Money
    written_off: Money
    recovered: Money
    days_past_due: int
    restructured: bool
    first_time: str


class LoanMovement(View):
    """What an accepted return of a quarter says moved on one loan."""

    loan: str
    facility: str
    intermediary: str
    quarter: Quarter
    return_id: str
    drawn: Split
    repaid: Split
    interest: Split
    written_off: Split
    recovered: Split


class ReportLine(View):
    """One report in a loan's history; `counts` is false once a correction has taken its place."""

    return_id: str
    quarter: Quarter
    version: int
    effective_on: date
    recorded_at: datetime
    counts: bool
    status: str
    days_past_due: int
    moved: Movements
    outstanding: Money
    arrears: Money
    entry_seq: int | None


class LoanDetail(View):
    """A loan with every report of it and the entries that carry its principal."""

    state: LoanState
    history: tuple[ReportLine, ...]
    entries: tuple[Line, ...]
