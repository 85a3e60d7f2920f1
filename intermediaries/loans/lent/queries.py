"""Every loan as figures are added up of it: the same as its full state says, in a third of the room and of the time.

Of what a loan's last report tells, nothing is read that no figure asks for; and what loans have alike is there once.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final, Protocol

from sqlalchemy import BigInteger, Row, Select, String, and_, cast, func, select, type_coerce

from intermediaries.frontline.queries import standing_for
from intermediaries.loans.counted.queries import live_returns
from intermediaries.loans.model import Loan, LoanReport
from intermediaries.loans.rules import is_restructured, ours
from intermediaries.loans.standing.queries import Balances, given, read_once
from intermediaries.loans.views import OPTIONAL, Lent, Placed
from intermediaries.returns.rows import read_back
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.queries import Known
from ledger.store.alike import Alike
from ledger.store.database import ReadSession

_AT_ONCE: Final = 2_000
_PLACE: Final = (
    LoanReport.lsoa,
    LoanReport.local_authority,
    LoanReport.region,
    LoanReport.nation,
    LoanReport.vanguard,
    LoanReport.decile,
    LoanReport.deprivation_index,
    LoanReport.deprivation_missing,
)
"""In the order of the members of `Placed`."""
_TO_DATE: Final = {
    "drawn_in_all": LoanReport.drawn,
    "drawn": LoanReport.own_drawn,
    "repaid": LoanReport.own_principal_received,
    "interest": LoanReport.own_interest_received,
    "written_off": LoanReport.own_written_off,
    "recovered": LoanReport.own_recovered,
}
"""What moved on a loan to date, by the member of `Lent` that tells it."""
_BLANK: Final = ("",) * len(OPTIONAL)


_TOLD_IN_ALL: Final = 11
"""The columns of a row before those of its place."""


class Owed(Protocol):
    """Whoever knows what the books say of a loan's principal."""

    def of(self, intermediary: str, facility: str, loan: str) -> tuple[Money, Money]:
        """Our part and the co-funders'; each loan is asked for once."""


def lent(session: ReadSession, as_at: date, known: Known, owed: Owed | None = None) -> list[Lent]:
    """Every loan by its last accepted report effective by a day and known then, closed loans too, in order of id.

    What is owed is read from the books, unless it is told by somebody who has read them.
    """
    live = live_returns(as_at, known)
    reading = _Reading(session, known, owed or Balances(session, None, as_at, known))
    rows = session.connection().execute(_reports(live.query), live.told)
    return [reading.lent(row) for some in rows.partitions(_AT_ONCE) for row in some]


@cache
def _reports(live: Select[str]) -> Select[*tuple[Any, ...]]:
    """The last report of each loan, with the loan and what moved on it to date."""
    to_date = [cast(func.sum(column), BigInteger).label(name) for name, column in _TO_DATE.items()]
    newest = func.max(LoanReport.quarter).label("quarter")
    counted = select(LoanReport.loan, newest, *to_date).where(LoanReport.return_id.in_(live))
    last = counted.group_by(LoanReport.loan).subquery()
    return (
        select(
            LoanReport.return_id,
            type_coerce(LoanReport.quarter, String),
            LoanReport.organisation,
            type_coerce(LoanReport.facts, String),
            Loan.id,
            Loan.loan_ref,
            Loan.intermediary,
            Loan.facility,
            LoanReport.days_past_due,
            type_coerce(LoanReport.amount_committed, BigInteger),
            type_coerce(LoanReport.arrears_principal, BigInteger),
            *_PLACE,
            *(last.c[name] for name in _TO_DATE),
        )
        .join(last, and_(last.c.loan == LoanReport.loan, last.c.quarter == LoanReport.quarter))
        .join(Loan, Loan.id == LoanReport.loan)
        .where(LoanReport.return_id.in_(live))
        .order_by(Loan.id)
        .execution_options(yield_per=_AT_ONCE)
    )


class _Reading:
    """Row after row, with what was read before: texts, places and answers that loans have alike are there once."""

    def __init__(self, session: ReadSession, known: Known, owed: Owed) -> None:
        self._owed = owed
        self._stands_for = standing_for(session, known.instant)
        self._same = Alike()
        self._places = _Places()
        self._answers = _Answers()

    def lent(self, row: Row[*tuple[Any, ...]]) -> Lent:
        """The loan that a row tells of."""
        return_id, quarter, body, told, loan, loan_ref, holder, facility, days, committed, late = row[:_TOLD_IN_ALL]
        facts: dict[str, str] = json.loads(told)
        same = self._same
        intermediary, facility, status = same[holder], same[facility], same[facts["status"]]
        share = read_once(facts["our_share"], "our_share")
        amount, arrears = _money(committed), _money(late)
        outstanding, of_others = self._owed.of(intermediary, facility, loan)
        answers, people, unit = self._answers[tuple(map(facts.get, OPTIONAL, _BLANK))]
        return Lent(
            id=loan,
            loan_ref=loan_ref,
            intermediary=intermediary,
            facility=facility,
            organisation=same[self._stands_for(body)],
            borrower_name=facts["borrower_name"],
            legal_form=same[facts["legal_form"]],
            purpose=same[facts["purpose"]],
            outcome_area=same[facts["outcome_area"]],
            beneficiary_group=same[facts["beneficiary_group"]],
            place_basis=same[facts["place_basis"]],
            status=status,
            agreed_on=read_once(facts["agreed_on"], "agreed_on"),
            maturity_on=given(read_once(facts["maturity_on"], "maturity_on"), date),
            annual_rate=given(read_once(facts["annual_rate"], "annual_rate"), Decimal),
            our_share=share,
            quarter=_quarter(quarter),
            return_id=same[return_id],
            days_past_due=days,
            restructured=is_restructured(status, read_back(facts, "restructured_on")),
            amount_committed=amount,
            committed=ours(amount, share),
            outstanding=outstanding,
            outstanding_of_others=of_others,
            arrears=ours(arrears, share) if arrears else NOTHING,
            **dict(zip(_TO_DATE, map(_money, row[_TOLD_IN_ALL + len(_PLACE) :]), strict=True)),
            place=self._places[row[_TOLD_IN_ALL : _TOLD_IN_ALL + len(_PLACE)]],
            people_reached=people,
            people_unit=unit,
            answers=answers,
        )


class _Places(dict[tuple[Any, ...], Placed]):
    """Where loans are at work; very many are at work in the same places."""

    def __missing__(self, told: tuple[Any, ...]) -> Placed:
        place = self[told] = Placed(*told)
        return place


class _Answers(dict[tuple[str, ...], tuple[tuple[str, ...], int | None, str | None]]):
    """What returns answer in the optional columns, with the people reached and what is counted as such."""

    def __missing__(self, told: tuple[str, ...]) -> tuple[tuple[str, ...], int | None, str | None]:
        facts = {name: text for name, text in zip(OPTIONAL, told, strict=True) if text}
        people, unit = given(read_back(facts, "people_reached"), int), given(read_back(facts, "people_unit"), str)
        answers = self[told] = told, people, unit
        return answers


def _money(pence: int) -> Money:
    return Money(pence) if pence else NOTHING


@cache
def _quarter(text: str) -> Quarter:
    return Quarter.parse(text)
