"""Lending returns for tests: valid ones made by Hypothesis, and faults planted one at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final

import xlsxwriter
from hypothesis import strategies as st

from intermediaries.returns.checking import Checked, check
from intermediaries.returns.layout import COLUMN, COLUMNS, HEADER_FIELDS, Kind
from intermediaries.returns.rows import Answer, PriorLoan
from ledger.dates import Quarter
from ledger.money import NOTHING, Money

QUARTER: Final = Quarter(2012, 4)
Loan = dict[str, str]


@dataclass(frozen=True)
class Written:
    """A return as somebody means it: the header, the loans as text, and what was accepted before."""

    loans: tuple[Loan, ...]
    prior: Mapping[str, PriorLoan] | None = None
    header: Mapping[str, str] = field(
        default_factory=lambda: {"facility": "fac_7Q", "quarter": str(QUARTER), "cash_held": "1250.40"}
    )
    columns: tuple[str, ...] = tuple(COLUMN)

    def as_json(self) -> bytes:
        loans = [{name: loan.get(name) for name in self.columns} for loan in self.loans]
        return json.dumps({**self.header, "loans": loans}).encode()

    def as_csv(self) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow([*HEADER_FIELDS, *self.columns])
        for loan in self.loans or ({},):
            header = [self.header.get(name, "") for name in HEADER_FIELDS]
            writer.writerow([*header, *(loan.get(name, "") for name in self.columns)])
        return out.getvalue().encode()

    def as_xlsx(self, *, typed: bool = False) -> bytes:
        out = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(out, options) as book:
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            about, loans = book.add_worksheet("Return"), book.add_worksheet("Loans")
            for row, (name, text) in enumerate(self.header.items()):
                about.write_string(row, 0, name)
                about.write_string(row, 1, text)
            for place, name in enumerate(self.columns):
                loans.write_string(0, place, name)
                for row, loan in enumerate(self.loans, 1):
                    if text := loan.get(name, ""):
                        _write(loans, (row, place), name, text, day if typed else None)
        return out.getvalue()

    def in_format(self, name: str) -> bytes:
        return {"json": self.as_json, "csv": self.as_csv, "xlsx": self.as_xlsx}[name]()

    def checked(self, name: str = "json", **options: Any) -> Checked:
        return check(self.in_format(name), prior=self.prior, **options)


def _write(sheet: Any, at: tuple[int, int], name: str, text: str, day: Any) -> None:
    """A cell as text or, when typed, as a spreadsheet user would have it: numbers as numbers, days as days."""
    kind = COLUMN[name].kind if name in COLUMN else Kind.TEXT
    if day is not None and kind is Kind.DATE and text not in {"?", "-"}:
        sheet.write_datetime(*at, date.fromisoformat(text), day)
    elif day is not None and kind in {Kind.MONEY, Kind.RATE, Kind.SHARE, Kind.COUNT, Kind.NUMBER} and text not in "?-":
        sheet.write_number(*at, float(text))
    else:
        sheet.write_string(*at, text)


def a_loan(loan_ref: str = "L-1", **changes: str | None) -> Loan:
    """A performing loan of earlier, half a year old; None takes a column away."""
    loan: dict[str, str | None] = {
        "loan_ref": loan_ref,
        "borrower_name": "Harbour Kitchen CIC",
        "borrower_ids": "GB-COH-09506232",
        "legal_form": "CIC-CLG",
        "purpose": "workingCapital",
        "agreed_on": "2012-05-14",
        "maturity_on": "2017-05-14",
        "annual_rate": "0.075",
        "amount_committed": "50000.00",
        "drawn": "0.00",
        "principal_received": "1250.00",
        "interest_received": "340.25",
        "written_off": "0.00",
        "recovered": "0.00",
        "principal_outstanding": "18750.00",
        "arrears_principal": "0.00",
        "days_past_due": "0",
        "status": "performing",
        "our_share": "0.5",
        "outcome_area": "employment",
        "beneficiary_group": "long-term-unemployed",
        "place_basis": "delivery",
        "lsoa": "E01033757",
        **changes,
    }
    return {name: text for name, text in loan.items() if text is not None}


def before(loan: Loan, **changes: Any) -> PriorLoan:
    """The state from which this loan's row follows, as a performing loan of which nothing was ever written off."""
    opening = _money(loan, "principal_outstanding") - _money(loan, "drawn")
    opening = opening + _money(loan, "principal_received") + _money(loan, "written_off")
    state = PriorLoan(
        loan_ref=loan["loan_ref"],
        principal_outstanding=opening,
        drawn_to_date=opening,
        written_off_to_date=NOTHING,
        recovered_to_date=NOTHING,
        amount_committed=_money(loan, "amount_committed"),
        agreed_on=date.fromisoformat(loan["agreed_on"]),
        maturity_on=Answer("-") if loan["maturity_on"] == "-" else date.fromisoformat(loan["maturity_on"]),
        our_share=Decimal(loan["our_share"]),
        status="performing",
        borrower_name=loan["borrower_name"],
    )
    return replace(state, **changes)


def _money(loan: Loan, name: str) -> Money:
    return Money.parse(loan[name])


NAMES: Final = st.text(
    alphabet=st.characters(categories=("Lu", "Ll", "Nd"), include_characters=" '&-.,", max_codepoint=0x17F),
    min_size=1,
    max_size=40,
).map(lambda text: f"A {text} Trust")
IDENTIFIERS: Final = st.sampled_from(("GB-COH-09506232", "GB-CHC-1164883", "GB-SC-SC042386", "GB-NIC-100019"))
FORMS_THERE_WERE: Final = tuple(name for name in COLUMN["legal_form"].code_list.names() if name != "CIO")
"""The legal forms of the time of these returns: the first charitable incorporated organisations are of 2013."""
PLACE: Final = st.sampled_from((("postcode", "L1 8JQ"), ("lsoa", "E01033757"), ("local_authority", "E08000012")))


@st.composite
def valid_returns(draw: st.DrawFn, max_loans: int = 4) -> Written:
    """A return without a single finding, with the state before it."""
    made = [draw(_loans(f"L-{number}")) for number in range(draw(st.integers(0, max_loans)))]
    loans = tuple(loan for loan, _ in made)
    return Written(loans, {loan["loan_ref"]: prior for loan, prior in made if prior is not None})


_SOME_IDENTIFIERS: Final = st.lists(IDENTIFIERS, unique=True, max_size=3)
_IDENTIFIED: Final = st.lists(IDENTIFIERS, unique=True, min_size=1, max_size=3)
_AGREED: Final = st.dates(date(2011, 1, 1), date(2012, 12, 31))
_LASTS: Final = st.integers(800, 4000)
_PENCE: Final = st.integers(0, 5_000_000)


@cache
def _one_of(choices: tuple[str, ...]) -> st.SearchStrategy[str]:
    """One of some texts: kept, since to look a strategy over for the first time takes longer than to draw from it."""
    return st.sampled_from(choices)


@st.composite
def _loans(draw: st.DrawFn, loan_ref: str) -> tuple[Loan, PriorLoan | None]:
    loan = draw(_facts(loan_ref))
    prior = draw(_movements(loan))
    loan |= draw(_optional())
    return loan, prior


@st.composite
def _facts(draw: st.DrawFn, loan_ref: str) -> Loan:
    agreed = draw(_AGREED)
    lasts = draw(_LASTS)
    place, code = draw(PLACE)
    form = draw(_one_of(FORMS_THERE_WERE))
    ids = draw(_SOME_IDENTIFIERS if form == "UNINC" else _IDENTIFIED)
    if form.startswith("CIC"):
        ids = ["GB-COH-09506232"]
    elif form == "SCIO":
        ids = [*dict.fromkeys((*ids, "GB-SC-SC042386"))]
    return {
        "loan_ref": loan_ref,
        "borrower_name": draw(NAMES),
        "borrower_ids": ";".join(ids),
        "legal_form": form,
        "agreed_on": str(agreed),
        "maturity_on": draw(st.sampled_from(("-", str(agreed + timedelta(days=lasts))))),
        "annual_rate": draw(_one_of(("-", "0", "0.075", "0.3", "0.0425"))),
        "our_share": draw(_one_of(("1", "0.5", "0.25", "0.333"))),
        place: code,
        **{
            name: draw(_one_of(COLUMN[name].code_list.names()))
            for name in ("purpose", "outcome_area", "beneficiary_group", "place_basis")
        },
    }


@st.composite
def _movements(draw: st.DrawFn, loan: Loan) -> PriorLoan | None:
    """Fill the money columns and the status so that they follow from a life before, which is given back."""
    new = loan["agreed_on"] >= str(QUARTER.starts_on)
    lost_before, paid_before, opening = (0, 0, 0) if new else (draw(_PENCE), draw(_PENCE), draw(_PENCE))
    drawn = draw(_PENCE)
    received = draw(st.integers(0, opening + drawn))
    lost = draw(st.sampled_from((0, draw(st.integers(0, opening + drawn - received)))))
    owed = opening + drawn - received - lost
    drawn_before = opening + paid_before + lost_before
    recovered = draw(st.integers(0, lost_before + lost))
    status = draw(_one_of(_fitting(owed, drawn_before + drawn, lost_before + lost)))
    late = status in {"in-arrears", "defaulted"}
    loan |= {
        "amount_committed": _text(drawn_before + drawn + draw(_PENCE) + 1),
        "drawn": _text(drawn),
        "principal_received": _text(received),
        "interest_received": _text(draw(_PENCE)),
        "written_off": _text(lost),
        "recovered": _text(recovered),
        "principal_outstanding": _text(owed),
        "arrears_principal": _text(draw(st.integers(1, owed)) if late else 0),
        "days_past_due": str(draw(st.integers(1, 900)) if late else 0),
        "status": status,
    }
    if status == "restructured":
        loan |= {"restructured_on": str(QUARTER.ends_on), "restructure_kind": "extension"}
    if new:
        return None
    return before(
        loan,
        principal_outstanding=Money(opening),
        drawn_to_date=Money(drawn_before),
        written_off_to_date=Money(lost_before),
    )


def _fitting(owed: int, ever_drawn: int, ever_lost: int) -> tuple[str, ...]:
    """The states that a loan with these amounts may truthfully be called."""
    if owed:
        return ("drawing", "performing", "in-arrears", "restructured", "defaulted")
    if ever_lost:
        return ("written-off",)
    return ("repaid",) if ever_drawn else ("signed-undrawn",)


def _text(pence: int) -> str:
    return str(Money(pence))


@st.composite
def _optional(draw: st.DrawFn) -> Loan:
    """Some optional columns, answered, not known, not applicable or left out."""
    found: Loan = {}
    skipped = {"restructured_on", "restructure_kind", "interest_arrears", "indicator", "people_unit", "note"}
    for column in COLUMNS:
        if column.answers and column.name not in skipped and column.name not in _ALREADY:
            answer = draw(_one_of(("", "", *column.answers, column.example)))
            found |= {column.name: answer} if answer else {}
    found["indicator"] = "Places in training"
    found["people_unit"] = "people"
    return found


_ALREADY: Final = frozenset({"maturity_on", "annual_rate", "postcode", "lsoa", "local_authority"})


@dataclass(frozen=True)
class Plant:
    """One fault: what is changed in a sound loan, and in its state before, and the one finding that must come of it."""

    rule: str
    column: str
    changes: Mapping[str, str | None]
    prior: Mapping[str, Any] | None = field(default_factory=dict)
    """Changes to the state before; None when the loan is new to us."""

    def planted(self, sound: Written, place: int) -> tuple[Written, int]:
        """The sound return with the faulty loan put in at a place; and the row it then has."""
        plain = a_loan("X-1")
        faulty = {name: text for name, text in {**plain, **self.changes}.items() if text is not None}
        place = min(place, len(sound.loans))
        loans = (*sound.loans[:place], faulty, *sound.loans[place:])
        prior = dict(sound.prior or {})
        if self.prior is not None:
            prior["X-1"] = before(a_loan("X-1"), **self.prior)
        return replace(sound, loans=loans, prior=prior), place + 1


def _pounds(text: str) -> Money:
    return Money.parse(text)


def _plants() -> Sequence[Plant]:
    make: Callable[..., Plant] = Plant
    return (
        make("required-cell", "purpose", {"purpose": None}),
        make("no-formula", "note", {"note": "=1+1"}),
        make("no-spreadsheet-error", "annual_rate", {"annual_rate": "#REF!"}),
        make("visible-signs-only", "borrower_name", {"borrower_name": "Harbour\u202eKitchen"}),
        make("visible-signs-only", "note", {"note": "two\nlines"}),
        make("letters-as-they-were", "borrower_name", {"borrower_name": "CaffÃ¨ Kitchen"}),
        make("letters-as-they-were", "note", {"note": "Caff\ufffd"}),
        make("not-too-long", "borrower_name", {"borrower_name": "x" * 201}),
        make("answer-that-may-stand", "status", {"status": "?"}),
        make("answer-that-may-stand", "annual_rate", {"annual_rate": "?"}),
        make("finite-number", "drawn", {"drawn": "NaN"}),
        make("finite-number", "turnover", {"turnover": "-Infinity"}),
        make("no-exponent", "principal_received", {"principal_received": "1.25E+3"}),
        make("plain-digits", "principal_received", {"principal_received": "1,250.00"}),
        make("plain-digits", "principal_received", {"principal_received": "£1250"}),
        make("plain-digits", "principal_received", {"principal_received": "\uff11\uff12\uff15\uff10"}),
        make("whole-pence", "interest_received", {"interest_received": "340.255"}),
        make("amount-within-limit", "amount_committed", {"amount_committed": "90000000000000.01"}),
        make("amount-within-limit", "amount_committed", {"amount_committed": "9" * 25}),
        make("not-negative", "interest_received", {"interest_received": "-0.01"}),
        make("not-negative", "days_past_due", {"days_past_due": "-3"}),
        make("fraction-not-percentage", "annual_rate", {"annual_rate": "7.5"}),
        make("fraction-not-percentage", "annual_rate", {"annual_rate": "7.5%"}),
        make("fraction-not-percentage", "our_share", {"our_share": "50"}),
        make("few-decimals", "our_share", {"our_share": "0.33333333333"}),
        make("whole-number", "days_past_due", {"days_past_due": "1.5"}),
        make("day-as-we-write-it", "agreed_on", {"agreed_on": "05/06/2012"}),
        make("day-as-we-write-it", "maturity_on", {"maturity_on": "2017-02-30"}),
        make("day-within-calendar", "agreed_on", {"agreed_on": "2008-11-25"}),
        make("day-within-calendar", "maturity_on", {"maturity_on": "2112-05-14"}),
        make("code-on-the-list", "purpose", {"purpose": "working-capital"}),
        make("yes-or-no", "secured", {"secured": "perhaps"}),
        make("reference-in-plain-signs", "loan_ref", {"loan_ref": "X#1"}),
        make("identifiers-of-registers", "borrower_ids", {"borrower_ids": "GB-CHC-12"}),
        make("identifiers-of-registers", "borrower_ids", {"borrower_ids": "GB-CHC-1164883;GB-CHC-1164883"}),
        make("no-charity-number-as-company", "borrower_ids", {"borrower_ids": "GB-COH-1164883"}),
        make("no-charity-number-as-company", "borrower_ids", {"borrower_ids": "GB-CHC-1164883;GB-COH-279417"}),
        make("goals-by-number", "sdg", {"sdg": "8;18"}),
        make("postcode-shaped", "postcode", {"postcode": "LIVERPOOL"}),
        make("small-area-shaped", "lsoa", {"lsoa": "E02000001"}),
        make("authority-shaped", "local_authority", {"local_authority": "Liverpool"}),
        make("borrower-is-identified", "borrower_ids", {"borrower_ids": None}),
        make("place-is-given", "postcode", {"lsoa": None}),
        make("place-is-given", "postcode", {"lsoa": "?"}),
        make("agreed-by-quarter-end", "agreed_on", {"agreed_on": "2013-01-01"}),
        make("matures-after-agreed", "maturity_on", {"maturity_on": "2012-05-13"}),
        make("agreement-day-stands", "agreed_on", {"agreed_on": "2012-05-15"}),
        make("share-stands", "our_share", {"our_share": "0.6"}),
        make("restructuring-is-whole", "restructured_on", {"status": "restructured"}),
        make("restructuring-is-whole", "restructure_kind", {"restructured_on": "2012-11-01"}),
        make("restructuring-is-whole", "restructured_on", {"restructure_kind": "holiday"}),
        make(
            "restructured-in-its-life",
            "restructured_on",
            {"status": "restructured", "restructured_on": "2013-01-01", "restructure_kind": "holiday"},
        ),
        make("closed-stays-closed", "status", {}, {"status": "repaid"}),
        make("drawn-within-commitment", "drawn", {"drawn": "30000.01", "principal_outstanding": "48750.01"}),
        make("rolls-forward", "principal_outstanding", {"principal_outstanding": "18750.01"}),
        make("rolls-forward", "principal_outstanding", {}, {"principal_outstanding": _pounds("1")}),
        make(
            "owed-within-commitment",
            "principal_outstanding",
            {"principal_received": "0.00", "principal_outstanding": "50000.01"},
            {"principal_outstanding": _pounds("50000.01")},
        ),
        make(
            "arrears-within-balance",
            "arrears_principal",
            {"arrears_principal": "18750.01", "days_past_due": "3", "status": "in-arrears"},
        ),
        make("arrears-have-days", "days_past_due", {"arrears_principal": "10.00"}),
        make("arrears-have-days", "days_past_due", {"days_past_due": "4"}),
        make("late-loans-are-called-late", "status", {"arrears_principal": "10.00", "days_past_due": "4"}),
        make("in-arrears-means-late", "status", {"status": "in-arrears"}),
        make("repaid-means-repaid", "status", {"status": "repaid"}),
        make(
            "repaid-means-repaid",
            "status",
            {"status": "repaid", "principal_received": "20000.00", "principal_outstanding": "0.00"},
            {"written_off_to_date": _pounds("5")},
        ),
        make("written-off-means-written-off", "status", {"status": "written-off"}),
        make(
            "written-off-means-written-off",
            "status",
            {"status": "written-off", "principal_received": "20000.00", "principal_outstanding": "0.00"},
        ),
        make("undrawn-means-undrawn", "status", {"status": "signed-undrawn"}),
        make("recovered-after-loss", "recovered", {"recovered": "0.01"}),
        make("measures-are-named", "indicator", {"actual": "12"}),
        make("measures-are-named", "indicator", {"evidence_level": "checked"}),
        make(
            "new-loans-are-recent",
            "agreed_on",
            {"drawn": "20000.00", "loan_ref": "X-2"},
            {"status": "repaid", "principal_outstanding": NOTHING},
        ),
        make("commitment-stands", "amount_committed", {"amount_committed": "60000.00"}),
        make("maturity-stands", "maturity_on", {"maturity_on": "2018-05-14"}),
        make("form-had-begun", "legal_form", {"legal_form": "CIO", "borrower_ids": "GB-CHC-1164883"}),
        make("form-fits-registers", "legal_form", {"borrower_ids": "GB-COH-09506232;GB-CHC-1164883"}),
        make("form-fits-registers", "legal_form", {"legal_form": "SCIO", "borrower_ids": "GB-COH-09506232"}),
        make("name-stands", "borrower_name", {"borrower_name": "Harbour Bakery CIC"}),
        make("rate-is-usual", "annual_rate", {"annual_rate": "0.75"}),
        make("share-is-something", "our_share", {"our_share": "0"}, {"our_share": Decimal(0)}),
        make("past-its-last-day", "maturity_on", {"maturity_on": "2012-12-01"}, {"maturity_on": date(2012, 12, 1)}),
        make("term-is-usual", "maturity_on", {"maturity_on": "2071-05-14"}, {"maturity_on": date(2071, 5, 14)}),
        make("something-is-owed", "status", {"principal_received": "20000.00", "principal_outstanding": "0.00"}),
        make("no-stand-in-numbers", "people_reached", {"people_reached": "9999", "people_unit": "people"}),
        make("authority-is-known", "local_authority", {"local_authority": "E08000099"}),
        make("authority-had-begun", "local_authority", {"local_authority": "E06000065"}),
        make("places-agree", "local_authority", {"local_authority": "E08000003"}),
        make("places-agree", "postcode", {"postcode": "EH1 1YZ"}),
        make("people-are-counted-in-units", "people_unit", {"people_reached": "120"}),
    )


PLANTS: Final = tuple(_plants())
