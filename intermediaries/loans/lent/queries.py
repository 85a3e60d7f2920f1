"""Every loan as figures are added up of it: the same as its full state says, in a third of the room and of the time.

Of what a loan's last report tells, nothing is read that no figure asks for; and what loans have alike is there once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from json import loads
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

_AT_ONCE: Final = 500
"""Loans that are read together: what they come to stays at hand meanwhile."""
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
_BLANK: Final = ("",) * len(OPTIONAL)
_WORDS: Final = ("legal_form", "purpose", "outcome_area", "beneficiary_group", "place_basis", "status")
"""What many loans answer alike."""


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
    found = [one for some in rows.partitions(_AT_ONCE) for one in reading.lent(some)]
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
            *(last.c[one.name] for one in to_date),
            *_PLACE,
        )
        .join(last, and_(last.c.loan == LoanReport.loan, last.c.quarter == LoanReport.quarter))
        .join(Loan, Loan.id == LoanReport.loan)
        .where(LoanReport.return_id.in_(live))
        .execution_options(yield_per=_AT_ONCE)
    )


class _Reading:
    """Some rows after others, with what was read before: texts, places and answers that are alike are there once."""

    def __init__(self, session: ReadSession, known: Known, owed: Owed) -> None:
        self._owed = owed
        self._stands_for = standing_for(session, known.instant)
        self._same = Alike()
        self._places = _Places()
        self._answers = _Answers()

    def lent(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> Iterator[Lent]:
        """The loans that some rows tell of: column by column, which takes half the time of a loan after another."""
        same = self._same.__getitem__
        return_ids, quarters, bodies, told, ids, refs, holders, facilities, days, committed, late, *rest = zip(
            *rows, strict=True
        )
        in_all, drawn, repaid, interest, lost, recovered = map(_amounts, rest[: len(_MOVED)])
        facts: list[dict[str, str]] = loads(f"[{','.join(told)}]")
        shares = [read_once(one["our_share"], "our_share") for one in facts]
        amounts = _amounts(committed)
        owed = [self._owed.of(*whose) for whose in zip(holders, facilities, ids, strict=True)]
        answers = [self._answers[tuple(map(one.get, OPTIONAL, _BLANK))] for one in facts]
        columns: dict[str, Iterable[Any]] = {
            **{name: [same(one[name]) for one in facts] for name in _WORDS},
            "id": ids,
            "loan_ref": refs,
            "intermediary": map(same, holders),
            "facility": map(same, facilities),
            "organisation": map(same, map(self._stands_for, bodies)),
            "borrower_name": [one["borrower_name"] for one in facts],
            "agreed_on": [read_once(one["agreed_on"], "agreed_on") for one in facts],
            "maturity_on": [given(read_once(one["maturity_on"], "maturity_on"), date) for one in facts],
            "annual_rate": [given(read_once(one["annual_rate"], "annual_rate"), Decimal) for one in facts],
            "our_share": shares,
            "quarter": map(_quarter, quarters),
            "return_id": map(same, return_ids),
            "days_past_due": days,
            "restructured": [is_restructured(one["status"], read_back(one, "restructured_on")) for one in facts],
            "amount_committed": amounts,
            "committed": map(ours, amounts, shares),
            "outstanding": [mine for mine, _ in owed],
            "outstanding_of_others": [others for _, others in owed],
            "arrears": map(ours, _amounts(late), shares),
            "drawn_in_all": in_all,
            "drawn": drawn,
            "repaid": repaid,
            "interest": interest,
            "written_off": lost,
            "recovered": recovered,
            "place": map(self._places.__getitem__, zip(*rest[len(_MOVED) :], strict=True)),
            "people_reached": [people for _, people, _ in answers],
            "people_unit": [unit for _, _, unit in answers],
            "answers": [texts for texts, _, _ in answers],
        }
        return map(Lent, *(columns[name] for name in Lent._fields))


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


def _amounts(column: Sequence[int]) -> list[Money]:
    return [Money(pence) if pence else NOTHING for pence in column]


@cache
def _quarter(text: str) -> Quarter:
    return Quarter.parse(text)
