"""Every loan as figures are added up of it: the same as its full state says, in a third of the room and of the time.

Of what a loan's last report tells, nothing is read that no figure asks for; and what loans have alike is there once.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from json import JSONDecoder
from operator import attrgetter
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
_PLACE: Final = tuple(getattr(LoanReport, name) for name in Placed._fields)
_MOVED: Final = (
    LoanReport.drawn,
    LoanReport.own_drawn,
    LoanReport.own_principal_received,
    LoanReport.own_interest_received,
    LoanReport.own_written_off,
    LoanReport.own_recovered,
)
"""What moves on a loan: of the whole loan what is drawn, and of our share all."""
_read: Final = JSONDecoder().raw_decode
"""Reads a document from a text that holds nothing else: ours are written so, and it need not be asked of each."""
_BLANK: Final = ("",) * len(OPTIONAL)


_PLACE_FROM: Final = 11
_TO_DATE_FROM: Final = _PLACE_FROM + len(_PLACE)


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
    found = [reading.lent(row) for some in rows.partitions(_AT_ONCE) for row in some]
    found.sort(key=attrgetter("id"))  # which a database would do with all that it read of them in hand
    return found


@cache
def _reports(live: Select[str]) -> Select[*tuple[Any, ...]]:
    """The last report of each loan, with the loan and what moved on it to date."""
    to_date = [cast(func.sum(column), BigInteger).label(f"{column.key}_to_date") for column in _MOVED]
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
            *(last.c[one.name] for one in to_date),
        )
        .join(last, and_(last.c.loan == LoanReport.loan, last.c.quarter == LoanReport.quarter))
        .join(Loan, Loan.id == LoanReport.loan)
        .where(LoanReport.return_id.in_(live))
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
        return_id, quarter, body, told, loan, loan_ref, holder, facility, days, committed, late = row[:_PLACE_FROM]
        in_all, drawn, repaid, interest, lost, recovered = map(_money, row[_TO_DATE_FROM:])
        facts: dict[str, str] = _read(told)[0]
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
            drawn_in_all=in_all,
            drawn=drawn,
            repaid=repaid,
            interest=interest,
            written_off=lost,
            recovered=recovered,
            place=self._places[row[_PLACE_FROM:_TO_DATE_FROM]],
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
