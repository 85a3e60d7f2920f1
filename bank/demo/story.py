"""What the demonstration plays: the facilities' moments in order, and each return with its cells and its days."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Final, Literal

from bank.demo.cash import CashQuarter, cash, return_quarters, weekday
from bank.demo.chance import below, happens, one_of
from bank.demo.lives import Told, loan_history
from bank.demo.loans import LAST, Loan, loans
from bank.demo.partners import Facility, facilities, facility
from bank.demo.words import GOALS, INDICATOR_UNITS, INDICATORS
from intermediaries.returns.breaks.kinds import Category
from ledger.dates import Quarter
from ledger.money import NOTHING, Money

Kind = Literal["propose", "approve", "sign", "draw_down", "repay", "fail", "write_off", "recover"]

DUE_AFTER_DAYS: Final = 30
_FILED_AFTER: Final = (12, 14, 16, 19, 21, 23)
_LATE_AFTER: Final = 43
_CORRECTED_AFTER: Final = 66
"""After the quarter is closed for good, so that the correction is entered in the next one."""
_REVIEW_DAYS: Final = 4
_MOVEMENTS: Final = ("drawn", "principal_received", "interest_received", "written_off", "recovered")
_LOOKED_INTO: Final = (
    "The lender is looking for the difference between its loans and its cash, and will correct its return"
)
_ITS_OWN: Final = "The lender put in money of its own to go on lending, and takes it back as borrowers pay"
_THOUSAND: Final = 1000_00


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing done with a facility on a day. Amounts that do not belong to its kind are nothing."""

    on: date
    kind: Kind
    facility: str
    amount: Money = NOTHING
    interest: Money = NOTHING
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """One return as it is filed: of which facility and quarter, which version, and on which days."""

    facility: str
    quarter: Quarter
    version: int
    filed_on: date
    accepted_on: date
    reason: str = ""
    """Why an accepted return is filed once more; empty for a first version."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a difference of cash in a return is explained: in which way, how much, and in which words."""

    category: Category
    amount: Money
    reason: str


def cash_held(key: str, quarter: Quarter) -> Money:
    """What the facility's return of a quarter says it holds in cash."""
    return _cash_of(key, quarter).reported


def return_rows(key: str, quarter: Quarter, version: int | None = None) -> list[dict[str, str]]:
    """The cells of a facility's return of a quarter, as text: of the last version, or of the first if that is asked."""
    whole = facility(key)
    rows = [_cells(loan, told) for loan in loans(key) for told in loan_history(loan) if told.quarter == quarter]
    corrected = whole.corrected
    if version == 1 and corrected is not None and corrected.quarter == quarter:
        _mistake(rows, corrected.amount)
    return rows


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A return as a CSV file, with a heading for every column that any row fills."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def filings() -> tuple[Filing, ...]:
    """Every return in the order in which it is filed: one late, one corrected, none once the lender has failed."""
    told = [one for whole in facilities() for quarter in return_quarters(whole) for one in _filed(whole, quarter)]
    return tuple(sorted(told, key=lambda filing: (filing.filed_on, filing.facility, filing.version)))


def moments() -> tuple[Moment, ...]:
    """Everything done with the facilities in order of its day, from the first proposal to the last recovery."""
    told = [moment for whole in facilities() for moment in (*_beginning(whole), *_running(whole), *_failing(whole))]
    return tuple(sorted(told, key=lambda moment: moment.on))


def explanations(key: str, quarter: Quarter, version: int | None = None) -> list[Explanation]:
    """What explains that the cash held is not what the movements leave; empty where nothing needs explaining."""
    whole = facility(key)
    told = []
    if whole.costs is not None and whole.costs.quarter == quarter:
        told.append(Explanation("fees-and-costs", whole.costs.amount, whole.costs.reason))
    if whole.in_transit is not None and whole.in_transit.quarter == quarter:
        told.append(Explanation("timing", whole.in_transit.amount, whole.in_transit.reason))
    if quarter == whole.own_money_in:
        told.append(Explanation("own-money", _cash_of(key, quarter).own_money, _ITS_OWN))
    if version == 1 and whole.corrected is not None and whole.corrected.quarter == quarter:
        told.append(Explanation("other", whole.corrected.amount, _LOOKED_INTO))
    return told


def broken_rows(key: str, quarter: Quarter) -> list[dict[str, str]]:
    """A return with a different fault in each of its first loans, as a lender in a hurry might send it."""
    return spoilt(return_rows(key, quarter))


def quiet_rows(key: str) -> list[dict[str, str]]:
    """The return of the quarter after the last, in which nothing moved: what was owed is still owed."""
    still = dict.fromkeys(_MOVEMENTS, str(NOTHING))
    return [row | still for row in return_rows(key, LAST)]


def spoilt(sound: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Rows with a different fault in each of the first six, for whoever wants to see what the check says."""
    rows = [dict(row) for row in sound]
    faults = (
        ("annual_rate", "7.5"),
        ("drawn", "1,250.00"),
        ("status", "preforming"),
        ("agreed_on", "05/03/2012"),
        ("borrower_ids", "GB-COH-1164883"),
        ("principal_outstanding", "99999999.999"),
    )
    for row, (column, text) in zip(rows, faults, strict=False):
        row[column] = text
    return rows


@cache
def _by_quarter(key: str) -> dict[Quarter, CashQuarter]:
    return {told.quarter: told for told in cash(key)}


def _cash_of(key: str, quarter: Quarter) -> CashQuarter:
    return _by_quarter(key)[quarter]


def _cells(loan: Loan, told: Told) -> dict[str, str]:
    """The cells of one loan; what is not asked of every borrower is filled for some, as in life."""
    one = loan.borrower
    cells = {
        "loan_ref": loan.ref,
        "borrower_name": one.name,
        "borrower_ids": ";".join(one.identifiers),
        "legal_form": one.legal_form,
        "purpose": loan.purpose,
        "agreed_on": str(loan.agreed_on),
        "maturity_on": str(told.maturity_on) if told.maturity_on else "-",
        "annual_rate": str(loan.rate) if loan.rate is not None else "-",
        "amount_committed": str(loan.committed),
        "drawn": str(told.drawn),
        "principal_received": str(told.principal_received),
        "interest_received": str(told.interest_received),
        "written_off": str(told.written_off),
        "recovered": str(told.recovered),
        "principal_outstanding": str(told.outstanding),
        "arrears_principal": str(told.arrears),
        "days_past_due": str(told.days_past_due),
        "status": told.status,
        "our_share": str(loan.share),
        "outcome_area": one.outcome_area,
        "beneficiary_group": one.beneficiary_group,
        "place_basis": one.place_basis,
        one.place[0]: one.place[1],
        "product": loan.product,
        "secured": loan.secured,
        "interest_arrears": str(told.interest_arrears),
        "first_time_borrower": one_of(("yes", "yes", "no", "no", "?"), loan.ref, "first time"),
        "declined_by_bank": one_of(("yes", "no", "?"), loan.ref, "declined"),
    }
    return cells | _when_given(loan, told) | _reached(loan, told)


def _when_given(loan: Loan, told: Told) -> dict[str, str]:
    given = {}
    if loan.holiday_months:
        given["capital_holiday_months"] = str(loan.holiday_months)
    if told.restructured_on:
        given |= {"restructured_on": str(told.restructured_on), "restructure_kind": "extension"}
    if happens(70, loan.ref, "turnover told"):
        given |= {"turnover": f"{loan.borrower.turnover_pounds}.00", "employees_fte": loan.borrower.employees}
    if loan.grant is not None:
        given["grant_amount"] = str(loan.grant)
    return given


def _reached(loan: Loan, told: Told) -> dict[str, str]:
    """People and measures, told by three lenders in five, and sometimes not known."""
    outcome = loan.borrower.outcome_area
    given = {"sdg": GOALS[outcome]} if happens(40, loan.ref, "goals told") else {}
    if happens(60, loan.ref, "people told"):
        known = happens(90, loan.ref, "people known")
        people = 12 + below(380, loan.ref, "people")
        given |= {"people_reached": str(people) if known else "?", "people_unit": _unit(loan)}
    if happens(55, loan.ref, "measure told"):
        given |= _measure(loan, told, INDICATORS[outcome])
        given |= {"indicator_unit": INDICATOR_UNITS.get(outcome, "people"), "evidence_level": _evidence(loan)}
    return given


def _unit(loan: Loan) -> str:
    return one_of(("people",) * 6 + ("households", "contacts"), loan.ref, "unit")


def _evidence(loan: Loan) -> str:
    return one_of(("told", "told", "recorded", "recorded", "checked"), loan.ref, "evidence")


def _measure(loan: Loan, told: Told, name: str) -> dict[str, str]:
    """A measure that moves from its baseline towards its target by the quarter; some pass it, some never reach it."""
    baseline = below(30, loan.ref, "baseline")
    target = baseline + 5 + below(60, loan.ref, "target")
    gone = sum(1 for past in loan_history(loan) if past.quarter <= told.quarter) - 1
    pace = Fraction(below(130, loan.ref, "pace"), 100)
    actual = baseline + int((target - baseline) * pace * min(gone, 8) / 8)
    return {"indicator": name, "baseline": str(baseline), "target": str(target), "actual": str(actual)}


def _mistake(rows: list[dict[str, str]], amount: Money) -> None:
    """One repayment counted twice: principal received too high, and the balance too low, by the same sum."""
    row = next(row for row in rows if row["status"] == "performing" and _sound(row, amount))
    row["principal_received"] = str(Money.parse(row["principal_received"]) + amount)
    row["principal_outstanding"] = str(Money.parse(row["principal_outstanding"]) - amount)


def _sound(row: Mapping[str, str], amount: Money) -> bool:
    """Whether the mistake can hide in the row: something was repaid, and far more than the sum is still owed."""
    owed = Money.parse(row["principal_outstanding"])
    return Money.parse(row["principal_received"]) > NOTHING and owed > Money(20 * amount.pence)


def _filed(whole: Facility, quarter: Quarter) -> list[Filing]:
    end = quarter.ends_on
    days = one_of(_FILED_AFTER, whole.key, quarter, "filed")
    failing = whole.failure is not None and quarter == whole.failure.last_return
    if quarter == whole.late_return or failing:
        days = _LATE_AFTER - (4 if failing else 0)
    first = _version(whole, quarter, 1, end + timedelta(days), "")
    if whole.corrected is None or whole.corrected.quarter != quarter:
        return [first]
    return [first, _version(whole, quarter, 2, end + timedelta(_CORRECTED_AFTER), whole.corrected.reason)]


def _version(whole: Facility, quarter: Quarter, version: int, on: date, reason: str) -> Filing:
    filed_on = weekday(on)
    return Filing(whole.key, quarter, version, filed_on, weekday(filed_on + timedelta(_REVIEW_DAYS)), reason)


def _beginning(whole: Facility) -> list[Moment]:
    terms = whole.terms
    return [
        Moment(terms.proposed_on, "propose", whole.key, terms.amount),
        Moment(terms.approved_on, "approve", whole.key, terms.amount),
        Moment(terms.signed_on, "sign", whole.key, terms.amount),
    ]


def _running(whole: Facility) -> list[Moment]:
    told = []
    for quarter in cash(whole.key):
        if quarter.drawn:
            told.append(Moment(quarter.drawn_on, "draw_down", whole.key, quarter.drawn))
        if quarter.principal_repaid or quarter.interest_paid:
            told.append(Moment(quarter.paid_on, "repay", whole.key, quarter.principal_repaid, quarter.interest_paid))
    return told


def _failing(whole: Facility) -> list[Moment]:
    failure = whole.failure
    if failure is None:
        return []
    owed = Money.total(quarter.drawn - quarter.principal_repaid for quarter in cash(whole.key))
    lost = Money(int(owed.pence * Fraction(failure.written_off_share)) // _THOUSAND * _THOUSAND)
    return [
        Moment(failure.on, "fail", whole.key, reason=failure.reason),
        Moment(failure.written_off_on, "write_off", whole.key, lost, reason=failure.written_off_reason),
        Moment(failure.recovered_on, "recover", whole.key, failure.recovered),
    ]
