"""The one table of columns of a lending return: template, readers, checks and documentation all derive from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from intermediaries.outcomes.codes import CODE_LISTS
from intermediaries.outcomes.lists import NOT_APPLICABLE, NOT_KNOWN, CodeList

LOANS_SHEET: Final = "Loans"
HEADER_SHEET: Final = "Return"
HEADER_FIELDS: Final = ("facility", "quarter", "cash_held")
"""What a return says once: in an Excel sheet "Return", as members in JSON, as further columns in CSV."""
CASH_BEFORE: Final = "cash_before"
"""What our books leave in cash before the quarter's loans moved: told by our template beside those, and never asked."""
HEADER_TOLD: Final = (*HEADER_FIELDS, CASH_BEFORE)
OPENING: Final = "opening_balance"
"""The column of what each loan owed when the quarter began: filled in by our template, and never asked."""
MARKING_COLUMN: Final = "findings"
"""A column of this name is our own writing on a return that we sent back: it is skipped when it comes in again."""


class Kind(StrEnum):
    """What sort of answer a column takes."""

    REFERENCE = "reference"
    TEXT = "text"
    IDS = "identifiers"
    CODE = "code"
    MONEY = "money"
    DATE = "date"
    RATE = "rate"
    SHARE = "share"
    COUNT = "whole number"
    NUMBER = "number"
    YES_NO = "yes or no"
    POSTCODE = "postcode"
    LSOA = "small area"
    AUTHORITY = "local authority"
    GOALS = "goals"


class Presence(StrEnum):
    """Whether a column must be filled."""

    REQUIRED = "required"
    ONE_OF_PLACES = "one of the three places"
    UNLESS_UNREGISTERED = "required unless UNINC"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the answers it takes, and the sentence that explains it to the person who fills it."""

    name: str
    kind: Kind
    presence: Presence
    help: str
    example: str
    codes: str = ""
    answers: tuple[str, ...] = ()
    """Which of "?" (not known) and "-" (not applicable) may stand in it. They differ from each other and from zero."""
    longest: int = 60

    @property
    def code_list(self) -> CodeList:
        """The list that a code column takes its codes from."""
        return CODE_LISTS[self.codes]

    @property
    def expected(self) -> str:
        """In a phrase, what belongs into a cell of this column."""
        if self.kind is Kind.CODE:
            phrase = f"one of {', '.join(self.code_list.names())}"
        else:
            phrase = EXPECTED[self.kind].format(longest=self.longest)
        marks = [_MARKS[answer] for answer in self.answers]
        return " or ".join([phrase, *marks])


EXPECTED: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.REFERENCE: "letters, digits and . _ / - up to {longest} signs, beginning with a letter or digit",
        Kind.TEXT: "text of at most {longest} signs",
        Kind.IDS: "register and number, like GB-CHC-1164883, with ; between several",
        Kind.MONEY: "pounds with at most two decimals, like 1234.56",
        Kind.DATE: "a day written YYYY-MM-DD, like 2012-03-31",
        Kind.RATE: "a fraction from 0 to 1, like 0.075 for 7.5%",
        Kind.SHARE: "a fraction from 0 to 1, like 0.5 for one half",
        Kind.COUNT: "a whole number, like 12",
        Kind.NUMBER: "a number with at most six decimals, like 12.5",
        Kind.YES_NO: "yes or no",
        Kind.POSTCODE: "a postcode, like L1 8JQ",
        Kind.LSOA: "the code of a small area, like E01033757",
        Kind.AUTHORITY: "the code of a local authority, like E08000012",
        Kind.GOALS: "goal numbers from 1 to 17 with ; between, like 8 or 8;10",
    }
)
_MARKS: Final[Mapping[str, str]] = MappingProxyType(
    {NOT_KNOWN: '"?" where it is not known', NOT_APPLICABLE: '"-" where it does not apply'}
)

_EITHER: Final = (NOT_KNOWN, NOT_APPLICABLE)
_NONE_FITS: Final = (NOT_APPLICABLE,)


def _required(
    name: str, kind: Kind, text: str, example: str, *, codes: str = "", answers: tuple[str, ...] = (), longest: int = 60
) -> Column:
    return Column(name, kind, Presence.REQUIRED, text, example, codes, answers, longest)


def _place(name: str, kind: Kind, text: str, example: str) -> Column:
    return Column(name, kind, Presence.ONE_OF_PLACES, text, example, answers=_EITHER)


def _optional(name: str, kind: Kind, text: str, example: str, *, codes: str = "", longest: int = 60) -> Column:
    return Column(name, kind, Presence.OPTIONAL, text, example, codes, _EITHER, longest)


COLUMNS: Final[tuple[Column, ...]] = (
    _required(
        "loan_ref",
        Kind.REFERENCE,
        "Your own reference of the loan. It never changes and is never used again.",
        "L-0042",
    ),
    _required("borrower_name", Kind.TEXT, "Name of the borrower, in full.", "Harbour Kitchen Limited", longest=200),
    Column(
        "borrower_ids",
        Kind.IDS,
        Presence.UNLESS_UNREGISTERED,
        "Every register number the borrower has, with ; between. May be empty only for UNINC.",
        "GB-COH-09506232;GB-CHC-1164883",
        longest=600,
    ),
    _required("legal_form", Kind.CODE, "Legal form of the borrower.", "CLG", codes="legal_form"),
    _required("purpose", Kind.CODE, "What the loan is for.", "workingCapital", codes="purpose"),
    _required("agreed_on", Kind.DATE, "Day on which the loan agreement was signed.", "2012-05-14"),
    _required(
        "maturity_on",
        Kind.DATE,
        'Day on which the last payment falls due; "-" where the finance has no fixed end.',
        "2017-05-14",
        answers=_NONE_FITS,
    ),
    _required(
        "annual_rate",
        Kind.RATE,
        'Yearly interest rate at the end of the quarter, as a fraction: 0.075 means 7.5%. "-" where none is charged '
        "because the finance is no loan.",
        "0.075",
        answers=_NONE_FITS,
    ),
    _required("amount_committed", Kind.MONEY, "The whole amount agreed, all lenders together.", "50000.00"),
    _required(
        "drawn",
        Kind.MONEY,
        "Paid out to the borrower in the quarter. Unpaid interest that was added to principal counts as drawn, and in "
        "interest_received as paid: no cash moved.",
        "20000.00",
    ),
    _required("principal_received", Kind.MONEY, "Principal repaid by the borrower in the quarter.", "1250.00"),
    _required("interest_received", Kind.MONEY, "Interest paid by the borrower in the quarter.", "340.25"),
    _required("written_off", Kind.MONEY, "Principal written off in the quarter.", "0.00"),
    _required("recovered", Kind.MONEY, "Received in the quarter on principal written off before.", "0.00"),
    _required(
        "principal_outstanding", Kind.MONEY, "Principal owed at the end of the quarter, no interest.", "18750.00"
    ),
    _required(
        "arrears_principal", Kind.MONEY, "Principal that fell due and is unpaid at the end of the quarter.", "0.00"
    ),
    _required("days_past_due", Kind.COUNT, "Days since the oldest unpaid instalment fell due; 0 when none is.", "0"),
    _required("status", Kind.CODE, "State of the loan at the end of the quarter.", "performing", codes="status"),
    _required("our_share", Kind.SHARE, "Fraction of the loan that this facility funds.", "0.5"),
    _required("outcome_area", Kind.CODE, "What the loan is meant to change.", "employment", codes="outcome_area"),
    _required(
        "beneficiary_group",
        Kind.CODE,
        "Whom it is meant to serve first.",
        "long-term-unemployed",
        codes="beneficiary_group",
    ),
    _required("place_basis", Kind.CODE, "What the place is the place of.", "delivery", codes="place_basis"),
    _place("postcode", Kind.POSTCODE, "Postcode of the place; one of the three places is enough.", "L1 8JQ"),
    _place("lsoa", Kind.LSOA, "Lower-layer super output area, data zone or small area of the place.", "E01033757"),
    _place("local_authority", Kind.AUTHORITY, "Code of the local authority of the place.", "E08000012"),
    _optional("product", Kind.CODE, "Kind of finance.", "unsecured-loan", codes="product"),
    _optional("secured", Kind.YES_NO, "Whether the loan is secured on an asset.", "no"),
    _optional("capital_holiday_months", Kind.COUNT, "Months at the start without repayment of principal.", "6"),
    _optional("restructured_on", Kind.DATE, "Day on which the terms were last changed in difficulty.", "2012-11-02"),
    _optional("restructure_kind", Kind.CODE, "How they were changed.", "extension", codes="restructure_kind"),
    _optional(
        "interest_arrears", Kind.MONEY, "Interest that fell due and is unpaid at the end of the quarter.", "0.00"
    ),
    _optional("turnover", Kind.MONEY, "The borrower's yearly turnover when the loan was agreed.", "180000.00"),
    _optional("employees_fte", Kind.NUMBER, "The borrower's staff when agreed, as full-time equivalents.", "4.5"),
    _optional("first_time_borrower", Kind.YES_NO, "Whether the borrower never borrowed before.", "yes"),
    _optional("declined_by_bank", Kind.YES_NO, "Whether a bank had declined the borrower before.", "yes"),
    _optional("grant_amount", Kind.MONEY, "Grant given beside the loan.", "5000.00"),
    _optional("people_reached", Kind.COUNT, "People reached in the last year, in the unit of the next column.", "120"),
    _optional("people_unit", Kind.CODE, "What is counted as people reached.", "people", codes="people_unit"),
    _optional(
        "indicator", Kind.TEXT, "Name of the measure in the next three columns.", "Places in training", longest=200
    ),
    _optional("baseline", Kind.NUMBER, "The measure before the loan.", "10"),
    _optional("target", Kind.NUMBER, "What the measure is meant to become.", "40"),
    _optional("actual", Kind.NUMBER, "What the measure is now.", "25"),
    _optional("indicator_unit", Kind.TEXT, "What the measure is counted in: only like is added to like.", "places"),
    _optional("evidence_level", Kind.CODE, "What shows the value of now.", "recorded", codes="evidence_level"),
    _optional("sdg", Kind.GOALS, "Sustainable Development Goals served, with ; between.", "8;10"),
    Column("note", Kind.TEXT, Presence.OPTIONAL, "Anything we should know.", "Second tranche in June.", longest=1000),
)
"""Every column of the return, in the order in which it is shown."""

COLUMN: Final[Mapping[str, Column]] = MappingProxyType({column.name: column for column in COLUMNS})
PLACES: Final = tuple(column.name for column in COLUMNS if column.presence is Presence.ONE_OF_PLACES)
MUST_HAVE: Final = tuple(
    column.name for column in COLUMNS if column.presence in {Presence.REQUIRED, Presence.UNLESS_UNREGISTERED}
)
"""Columns whose heading must stand in every file; of the places, one heading is enough."""
DAYS: Final = frozenset(column.name for column in COLUMNS if column.kind is Kind.DATE)
"""The columns that hold a day."""
MONEY_COLUMNS: Final = tuple(column.name for column in COLUMNS if column.kind is Kind.MONEY)
TOTALLED: Final = (
    "amount_committed",
    "drawn",
    "principal_received",
    "interest_received",
    "written_off",
    "recovered",
    "principal_outstanding",
    "arrears_principal",
)
MOVEMENTS: Final = ("drawn", "principal_received", "interest_received", "written_off", "recovered")
"""What happened to a loan in the quarter: nothing of it where it is carried on."""
STATIC: Final = tuple(
    column.name
    for column in COLUMNS
    if column.name
    not in {
        "drawn",
        "principal_received",
        "interest_received",
        "written_off",
        "recovered",
        "principal_outstanding",
        "arrears_principal",
        "days_past_due",
        "interest_arrears",
        "people_reached",
        "actual",
        "note",
    }
)
"""Columns that a template carries over from the last accepted return; the others are this quarter's news."""
