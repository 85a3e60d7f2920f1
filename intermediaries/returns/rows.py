"""What a return says once it is believed: a loan's row in exact types, and the state of a loan between two returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self, cast

from intermediaries.outcomes.lists import NOT_APPLICABLE, NOT_KNOWN
from intermediaries.returns.layout import COLUMN, Column, Kind
from ledger.dates import parse_day
from ledger.money import NOTHING, Money

CLOSED: Final = frozenset({"repaid", "written-off"})
"""States in which nothing more is owed; a closed loan need not be reported again."""


class Answer(StrEnum):
    """The two ways of giving no answer. They differ from each other, from an empty cell and from zero."""

    NOT_KNOWN = NOT_KNOWN
    NOT_APPLICABLE = NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class LoanRow:
    """One onward loan in one quarter. Money columns are for the quarter unless their help in the layout says otherwise.

    An optional column is None where the cell was left empty. Amounts are of the whole loan, all lenders together.
    """

    loan_ref: str
    borrower_name: str
    borrower_ids: tuple[str, ...]
    legal_form: str
    purpose: str
    agreed_on: date
    maturity_on: date | Answer
    annual_rate: Decimal | Answer
    amount_committed: Money
    drawn: Money
    principal_received: Money
    interest_received: Money
    written_off: Money
    recovered: Money
    principal_outstanding: Money
    arrears_principal: Money
    days_past_due: int
    status: str
    our_share: Decimal
    outcome_area: str
    beneficiary_group: str
    place_basis: str
    postcode: str | Answer | None = None
    lsoa: str | Answer | None = None
    local_authority: str | Answer | None = None
    product: str | Answer | None = None
    secured: bool | Answer | None = None
    capital_holiday_months: int | Answer | None = None
    restructured_on: date | Answer | None = None
    restructure_kind: str | Answer | None = None
    interest_arrears: Money | Answer | None = None
    turnover: Money | Answer | None = None
    employees_fte: Decimal | Answer | None = None
    first_time_borrower: bool | Answer | None = None
    declined_by_bank: bool | Answer | None = None
    grant_amount: Money | Answer | None = None
    people_reached: int | Answer | None = None
    people_unit: str | Answer | None = None
    indicator: str | Answer | None = None
    baseline: Decimal | Answer | None = None
    target: Decimal | Answer | None = None
    actual: Decimal | Answer | None = None
    indicator_unit: str | Answer | None = None
    evidence_level: str | Answer | None = None
    sdg: tuple[str, ...] | Answer | None = None
    note: str | None = None

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Self:
        """The row with these values by column; columns left out are empty."""
        return cls(**cast("dict[str, Any]", values if "borrower_ids" in values else {"borrower_ids": (), **values}))

    def ours(self, amount: Money) -> Money:
        """This facility's part of an amount of the whole loan, rounded half up to the penny."""
        return amount.times(self.our_share)


@dataclass(frozen=True, slots=True)
class PriorLoan:
    """A loan as the last accepted return left it, with its movements since it was made."""

    loan_ref: str
    principal_outstanding: Money
    drawn_to_date: Money
    written_off_to_date: Money
    recovered_to_date: Money
    amount_committed: Money
    agreed_on: date
    maturity_on: date | Answer
    our_share: Decimal
    status: str
    borrower_name: str

    @classmethod
    def after(cls, row: LoanRow, before: PriorLoan | None) -> Self:
        """The state once a row is accepted on top of an earlier state; without one the loan is new."""
        return cls(
            loan_ref=row.loan_ref,
            principal_outstanding=row.principal_outstanding,
            drawn_to_date=(before.drawn_to_date if before else NOTHING) + row.drawn,
            written_off_to_date=(before.written_off_to_date if before else NOTHING) + row.written_off,
            recovered_to_date=(before.recovered_to_date if before else NOTHING) + row.recovered,
            amount_committed=row.amount_committed,
            agreed_on=row.agreed_on,
            maturity_on=row.maturity_on,
            our_share=row.our_share,
            status=row.status,
            borrower_name=row.borrower_name,
        )


@dataclass(frozen=True, slots=True)
class OpenLoan:
    """A loan that the next return must report: its facts by column as last accepted, and what was owed then."""

    facts: Mapping[str, str]
    principal_outstanding: Money


def text_of(value: object) -> str:
    """The one canonical writing of a value of any column."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, Decimal):
        return plain(value)
    return str(value)


def plain(number: Decimal) -> str:
    """A decimal number without exponent and without zeros at its end."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def texts(row: LoanRow) -> dict[str, str]:
    """The canonical text of every filled column, in the order of the columns."""
    values = ((name, getattr(row, name)) for name in _NAMES)
    return {name: text_of(value) for name, value in values if value is not None and value != ()}


_NAMES: Final = tuple(field.name for field in fields(LoanRow))


def row_from_texts(facts: Mapping[str, str]) -> LoanRow:
    """The row that `texts` wrote. It trusts them: what comes from outside goes through the checks instead."""
    return LoanRow.of({name: _READ_BACK[name](text) for name, text in facts.items()})


def read_back(facts: Mapping[str, str], name: str) -> Any:
    """The value of one column in what `texts` wrote, trusted in the same way; None where the column is empty."""
    text = facts.get(name)
    return None if text is None else _READ_BACK[name](text)


def value_of(name: str, text: str) -> object:  # noqa: PLR0911 -- one line for each kind of column
    """The value of a column from its canonical text."""
    column = COLUMN[name]
    if text in column.answers:
        return Answer(text)
    match column.kind:
        case Kind.MONEY:
            return Money.parse(text)
        case Kind.DATE:
            return parse_day(text)
        case Kind.RATE | Kind.SHARE | Kind.NUMBER:
            return Decimal(text)
        case Kind.COUNT:
            return int(text)
        case Kind.YES_NO:
            return text == "yes"
        case Kind.IDS | Kind.GOALS:
            return tuple(text.split(";")) if text else ()
        case _:
            return text


def _amount_back(text: str) -> Money:
    return Money(int(text[:-3] + text[-2:])) if text[-3:-2] == "." else Money.parse(text)


def _reading_back(column: Column) -> Callable[[str], object]:
    """How a column's own canonical text becomes its value: as `value_of` reads it, without doubting it."""
    plainly: dict[Kind, Callable[[str], object]] = {
        Kind.MONEY: _amount_back,
        Kind.DATE: date.fromisoformat,
        **dict.fromkeys((Kind.RATE, Kind.SHARE, Kind.NUMBER), Decimal),
        Kind.COUNT: int,
        Kind.CODE: str,
        Kind.REFERENCE: str,
    }
    if column.kind not in plainly:
        return lambda text: value_of(column.name, text)
    read = plainly[column.kind]
    return (lambda text: Answer(text) if text in column.answers else read(text)) if column.answers else read


_READ_BACK: Final[Mapping[str, Callable[[str], object]]] = {name: _reading_back(one) for name, one in COLUMN.items()}
