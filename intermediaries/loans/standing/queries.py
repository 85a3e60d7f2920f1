"""Loans as their last accepted reports tell of them at a day, as known then: read row after row, in little room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, func, select, type_coerce

from intermediaries.frontline.queries import standing_for
from intermediaries.loans.counted.queries import MOVED, Live, live_returns, summed
from intermediaries.loans.model import Loan, LoanReport
from intermediaries.loans.rules import is_restructured, ours
from intermediaries.loans.views import NO_SPLIT, LoanState, Movements, PlaceView, Split
from intermediaries.returns.rows import read_back
from ledger import queries as books
from ledger.money import NOTHING, Money
from ledger.queries import Known
from ledger.store.alike import Alike
from ledger.store.database import ReadSession
from ledger.store.listed import Form, is_listed, listed

_Value = TypeVar("_Value")
_AT_ONCE: Final = 1_000
_PLACE: Final = (
    LoanReport.place_given,
    LoanReport.lsoa,
    LoanReport.local_authority,
    LoanReport.local_authority_name,
    LoanReport.region,
    LoanReport.nation,
    LoanReport.vanguard,
    LoanReport.decile,
    LoanReport.deprivation_index,
    LoanReport.deprivation_missing,
)
"""In the order of the members of `PlaceView`."""
_TOLD: Final = (LoanReport.return_id, LoanReport.quarter, LoanReport.organisation, LoanReport.facts)
_WHOSE: Final = (Loan.id.label("loan"), Loan.loan_ref, Loan.intermediary, Loan.facility)
_PLACE_FROM: Final = len(_TOLD) + len(_WHOSE)
_MOVED_FROM: Final = _PLACE_FROM + len(_PLACE)
_TO_DATE_FROM: Final = _MOVED_FROM + 2 * len(MOVED)
_OFTEN_ALIKE: Final = ("agreed_on", "maturity_on", "annual_rate", "our_share")


def states(
    session: ReadSession,
    as_at: date | None,
    known: Known | None,
    *,
    intermediary: str | None = None,
    facility: str | None = None,
    status: str | None = None,
    after: str | None = None,
    only: str | None = None,
    limit: int | None = None,
) -> list[LoanState]:
    """Loans by their last accepted report effective by a day and known then, closed loans too, in order of id.

    Cut by whose they are and by their state; at most so many of those after an id, or one alone.
    """
    then = known or books.known(session)
    day = as_at or session.now.date()
    live = live_returns(day, then, intermediary=intermediary, facility=facility)
    cut = limit is not None or status is not None or after is not None
    wanted = _wanted(session, live, status, after, limit) if cut else None if only is None else [only]
    if wanted == []:
        return []
    rows = _rows(session, live, wanted)
    stands_for = standing_for(session, then.instant)
    balances = Balances(session, facility, day, then)
    same = Alike()
    return [_state(row, same[stands_for(row.organisation)], balances, same) for row in rows]


def _wanted(session: ReadSession, live: Live, status: str | None, after: str | None, limit: int | None) -> list[str]:
    """The ids of a page of loans."""
    last = _last(live.query)
    query = select(LoanReport.loan).join(last, and_(*_is_of(last))).where(LoanReport.return_id.in_(live.query))
    if status is not None:
        query = query.where(LoanReport.status == status)
    if after is not None:
        query = query.where(LoanReport.loan > after)
    return list(session.scalars(query.order_by(LoanReport.loan).limit(limit), live.told))


def _is_of(last: Any) -> Sequence[ColumnElement[bool]]:
    return last.c.loan == LoanReport.loan, last.c.quarter == LoanReport.quarter


def _last(live: Select[str]) -> Any:
    """Each loan with the last quarter for which a report of it counts."""
    newest = func.max(LoanReport.quarter).label("quarter")
    counted = select(LoanReport.loan, newest).where(LoanReport.return_id.in_(live))
    return counted.group_by(LoanReport.loan).subquery()


def _rows(session: ReadSession, live: Live, wanted: Sequence[str] | None) -> Iterable[Row[*tuple[Any, ...]]]:
    """The last report of each loan, with the loan and what moved on it to date; of some loans or of all."""
    if wanted is None:
        return session.execute(_reports(live.query, None), live.told)
    told = listed(session, wanted)
    return session.execute(_reports(live.query, told.form), live.told | {"loans": told.value})


@cache
def _reports(live: Select[str], form: Form | None) -> Select[*tuple[Any, ...]]:
    some = () if form is None else (is_listed(LoanReport.loan, form, "loans"),)
    newest = func.max(LoanReport.quarter).label("quarter")
    last = summed(live, newest).where(*some).subquery()
    moved = (type_coerce(column, BigInteger) for pair in MOVED.values() for column in pair)
    to_date = (type_coerce(column, BigInteger) for column in last.c if column.name not in {"loan", "quarter"})
    return (
        select(*_TOLD, *_WHOSE, *_PLACE, *moved, *to_date)
        .join(last, and_(*_is_of(last)))
        .join(Loan, Loan.id == LoanReport.loan)
        .where(LoanReport.return_id.in_(live))
        .order_by(Loan.id)
        .execution_options(yield_per=_AT_ONCE)
    )


class Balances:
    """The ledger's balances of loans' principal, of each book when first asked for, and each told once."""

    def __init__(self, session: ReadSession, facility: str | None, day: date, then: Known) -> None:
        self._asked = session, facility, day, then
        self._found: dict[str, dict[str, Money]] = {}

    def of(self, intermediary: str, facility: str, loan: str) -> tuple[Money, Money]:
        """Our part and the co-funders'."""
        if intermediary not in self._found:
            self._found[intermediary] = dict(self._read(intermediary))
        found, below = self._found[intermediary], f"{facility}:{loan}"
        return found.pop(f"1300:{below}", NOTHING), found.pop(f"1390:{below}", NOTHING)

    def _read(self, holder: str) -> Iterator[tuple[str, Money]]:
        session, facility, day, then = self._asked
        for role in ("1300", "1390"):
            code = role if facility is None else f"{role}:{facility}"
            yield from books.balances_under(session, holder, code, day, then).items()


def _state(row: Row[*tuple[Any, ...]], organisation: str, balances: Balances, same: Alike) -> LoanState:
    facts: dict[str, str] = {same[name]: same[text] for name, text in row.facts.items()}
    agreed_on, maturity_on, annual_rate, share = (read_once(facts.get(name), name) for name in _OFTEN_ALIKE)
    committed, arrears = read_back(facts, "amount_committed"), read_back(facts, "arrears_principal")
    status, (mine, others) = facts["status"], balances.of(row.intermediary, row.facility, row.loan)
    return LoanState(
        id=row.loan,
        loan_ref=row.loan_ref,
        intermediary=same[row.intermediary],
        facility=same[row.facility],
        organisation=organisation,
        borrower_name=facts["borrower_name"],
        legal_form=facts["legal_form"],
        purpose=facts["purpose"],
        product=given(read_back(facts, "product"), str),
        outcome_area=facts["outcome_area"],
        beneficiary_group=facts["beneficiary_group"],
        place_basis=facts["place_basis"],
        status=status,
        agreed_on=agreed_on,
        maturity_on=given(maturity_on, date),
        annual_rate=given(annual_rate, Decimal),
        our_share=share,
        amount_committed=committed,
        commitment=Split.of(committed, ours(committed, share)),
        quarter=same[row.quarter],
        return_id=same[row.return_id],
        days_past_due=read_back(facts, "days_past_due"),
        restructured=is_restructured(status, read_back(facts, "restructured_on")),
        outstanding=Split(read_back(facts, "principal_outstanding"), mine, others),
        arrears=Split.of(arrears, ours(arrears, share)),
        in_quarter=Movements(*_splits(row[_MOVED_FROM:_TO_DATE_FROM])),
        **dict(zip(MOVED, _splits(row[_TO_DATE_FROM:]), strict=True)),
        place=PlaceView(*(same[told] for told in row[_PLACE_FROM:_MOVED_FROM])),
        people_reached=given(read_back(facts, "people_reached"), int),
        people_unit=given(read_back(facts, "people_unit"), str),
        facts=facts,
    )


def _splits(pence: Sequence[Any]) -> Iterator[Split]:
    """What moved, in the order of `MOVED`: two numbers of pence each, of the whole loan and of our share.

    PostgreSQL's sums are decimal numbers.
    """
    for total, mine in zip(pence[::2], pence[1::2], strict=True):
        yield Split.of(Money(int(total)), Money(int(mine))) if total or mine else NO_SPLIT


@lru_cache(maxsize=4_096)
def read_once(text: str | None, name: str) -> Any:
    """The value of a column that many loans have alike."""
    return None if text is None else read_back({name: text}, name)


def given(value: object, kind: type[_Value]) -> _Value | None:
    """A value that was answered; None for an empty cell and for both answers that give none."""
    answered = isinstance(value, kind) and not (isinstance(value, str) and value in {"?", "-"})
    return value if answered and isinstance(value, kind) else None
