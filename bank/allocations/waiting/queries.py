"""What waits on a facility: acts that were asked for on it, and what is proposed for it and not decided on yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, exists, select, text

from bank.allocations.credit.model import ReceiptsForetold
from bank.allocations.forecasts.model import ReceiptForecast
from bank.allocations.life.model import FacilityDescription
from bank.allocations.many.queries import in_parts
from bank.allocations.model import Facility
from bank.allocations.terms.model import LoanTerms
from bank.approvals.queries import pending_on, waited_for
from bank.approvals.rules import DESCRIBE, EXPECT_RECEIPTS, FORECAST, PROPOSALS, TERMS
from ledger.money import Money
from ledger.queries import Known
from ledger.store.columns import InstantType
from ledger.store.database import ReadSession
from ledger.store.listed import Form, is_listed, listed
from ledger.store.outcomes import ProposalOutcome

_KINDS: Final[tuple[tuple[str, Any], ...]] = (
    (TERMS, LoanTerms),
    (DESCRIBE, FacilityDescription),
    (FORECAST, ReceiptForecast),
    (EXPECT_RECEIPTS, ReceiptsForetold),
)
"""What is proposed for a facility, and agreed to by the proposal itself."""

_UNDECIDED: Final = " OR ".join(
    f"EXISTS (SELECT 1 FROM {row.__tablename__} AS told WHERE facility_id IN :ids AND NOT EXISTS "  # noqa: S608 -- names of our own tables
    "(SELECT 1 FROM proposal_outcome WHERE proposal_id = told.id AND recorded_at <= :instant))"
    for _, row in _KINDS
)
_ANYTHING: Final = text(
    "SELECT EXISTS (SELECT 1 FROM life_step WHERE subject IN :ids) "  # noqa: S608 -- as above
    "OR EXISTS (SELECT 1 FROM facility_condition WHERE facility_id IN :ids) "
    "OR EXISTS (SELECT 1 FROM facility_amendment WHERE facility_id IN :ids) AS anything, "
    "EXISTS (SELECT 1 FROM approval_request WHERE subject IN :ids) AS asked, "
    f"{_UNDECIDED} AS proposed"
).bindparams(bindparam("ids", expanding=True), bindparam("instant", type_=InstantType))


class There(NamedTuple):
    """Whether anything at all is recorded beside the money of some facilities, asked for on them, proposed for them."""

    anything: bool
    asked: bool
    proposed: bool


def any_beside(session: ReadSession, facilities: Sequence[str], then: Known) -> There:
    """Asked in one go before the rest is: most facilities have none of it, and are looked at most often."""
    told = [session.execute(_ANYTHING, {"ids": part, "instant": then.instant}).one() for part in in_parts(facilities)]
    return There(*(any(row[place] for row in told) for place in range(len(There._fields))))


def waiting_on(session: ReadSession, ids: Sequence[str], then: Known, there: There) -> dict[str, tuple[str, ...]]:
    """What waits on each of some facilities, in words."""
    asked = pending_on(session, ids, then) if there.asked else {}
    proposed = _proposed_for(session, ids, then) if there.proposed else {}
    return {one: (*asked.get(one, ()), *proposed.get(one, ())) for one in {*asked, *proposed}}


def undecided_on(session: ReadSession, facility: str, then: Known) -> list[tuple[str, Any]]:
    """What is proposed for a facility and not decided on: each with what agreeing to it is called."""
    return [(act, one) for act, row in _KINDS for one, _ in _undecided(session, row, [facility], then)]


def _proposed_for(session: ReadSession, ids: Sequence[str], then: Known) -> dict[str, list[str]]:
    told = [(act, *one) for act, row in _KINDS for one in _undecided(session, row, ids, then)]
    wanted = waited_for(session, [(act, row.id, amount) for act, row, amount in told], then)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for act, row, _ in sorted(told, key=lambda each: (each[1].recorded_at, each[1].id)):
        found[row.facility_id].append(
            f"{row.id}: {PROPOSALS[act]} from {row.from_on}, proposed by {row.proposed_by}; it waits for "
            f"{wanted[row.id]}"
        )
    return found


def _undecided(session: ReadSession, row: Any, ids: Sequence[str], then: Known) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    for part in in_parts(ids):
        told = listed(session, part)
        rows = session.execute(_not_ended(row, told.form), {"facilities": told.value, "instant": then.instant})
        found += [(one, amount) for one, amount in rows]
    return found


@cache
def _not_ended(row: Any, form: Form) -> Select[Any, Money]:
    ended = exists().where(ProposalOutcome.proposal_id == row.id, ProposalOutcome.recorded_at <= bindparam("instant"))
    return (
        select(row, Facility.amount)
        .join(Facility, Facility.id == row.facility_id)
        .where(is_listed(row.facility_id, form, "facilities"), row.recorded_at <= bindparam("instant"), ~ended)
    )
