"""Looks at the lives of facilities: enquiries, steps, conditions, covenants, terms as amended, and the whole course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import func, select

from bank.allocations.life.asked import queries as asked
from bank.allocations.life.model import (
    ConditionSatisfied,
    Covenant,
    CovenantTest,
    FacilityAmendment,
    FacilityCondition,
    FacilityProfile,
    LifeStep,
)
from bank.allocations.life.rules import HEADS_OF_TERMS
from bank.allocations.many.queries import by_then, in_parts
from bank.allocations.model import Facility, FacilityEvent
from bank.allocations.products.guarantee import NOTE_CLAIM, PAY_CLAIM
from bank.allocations.products.model import ProductEvent
from bank.allocations.products.registry import PROMISES
from bank.allocations.products.shape import GUARANTEED
from bank.approvals.model import ApprovalOutcome, ApprovalRequest
from bank.approvals.rules import APPROVED, WAIVE
from ledger.money import NOTHING, Money
from ledger.queries import Known, known, nets_of
from ledger.store.database import ReadSession
from ledger.store.listed import listed
from ledger.store.work import View


class ConditionView(View):
    """A condition precedent, and whether it is open, satisfied or waived."""

    id: str
    text: str
    listed_on: date
    state: str
    settled_on: date | None
    evidence: str
    by: str
    listed_by: str
    listed_at: datetime
    settled_at: datetime | None


class AmendmentView(View):
    """Other terms from a day on; in force once the request is approved."""

    id: str
    request: str
    state: str
    effective_on: date
    available_until: date | None
    matures_on: date | None
    match_at_drawdown: Decimal | None
    words: str
    evidence: str
    asked_by: str
    decided_by: str
    decided_at: datetime | None


class CovenantTestView(View):
    """One test of a covenant, and who waived its breach, if anybody."""

    id: str
    tested_on: date
    value: Decimal
    threshold: Decimal
    passed: bool
    evidence: str
    by: str
    waived_by: str
    waived_on: date | None


class CovenantView(View):
    """A covenant with its tests; it stands breached while its last test failed and nobody waived that."""

    id: str
    name: str
    sense: str
    threshold: Decimal
    from_on: date
    state: str
    tests: tuple[CovenantTestView, ...]


@dataclass(frozen=True, slots=True)
class TermsNow:
    """The terms that amendments can change, as they stand on a day."""

    available_until: date
    matures_on: date
    match_at_drawdown: Decimal | None


class Waived(NamedTuple):
    """A condition or a breach is waived: since which day, by whom, why, and when that was recorded."""

    since: date
    by: str
    reason: str
    recorded_at: datetime


_GUARANTEED: Final = GUARANTEED.rstrip(":")


class Ended(NamedTuple):
    """What of a facility fell away with its availability, or its end, and is not entered yet."""

    facility: str
    name: str
    until: date
    promised: Money
    in_principle: Money
    guaranteed: Money = NOTHING
    """What was guaranteed, can be claimed no more and was not: past the end, and the days for a claim after it."""
    claimable_until: date = date.max
    """The last day on which a claim could be made, of what is guaranteed no more."""

    @property
    def no_more(self) -> Money:
        """What of it binds the bank no more: neither to be drawn nor to be claimed."""
        return self.promised + self.guaranteed


@dataclass(frozen=True, slots=True)
class Beside:
    """What is recorded beside a facility's money, as at a day and known then: what its stage is told from."""

    heads: bool
    conditions: int
    open_conditions: int
    amendments: tuple[FacilityAmendment, ...]


def next_test_number(session: ReadSession, covenant: str) -> int:
    """The number of a covenant's next test."""
    last = session.scalar(select(func.max(CovenantTest.number)).where(CovenantTest.covenant_id == covenant))
    return (last or 0) + 1


def conditions(session: ReadSession, facility: str, day: date, then: Known) -> list[ConditionView]:
    """The conditions precedent of a facility, as they stood on a day."""
    rows = session.execute(asked.conditions_of_one(), {"facility": facility, **_told(day, then)}).all()
    given = waived(session, [facility], then) if rows else {}
    return [_condition(row, satisfied, given, day, then) for row, satisfied in rows]


def waived(session: ReadSession, facilities: Iterable[str], then: Known) -> dict[str, Waived]:
    """What was waived on some facilities: conditions, and tests that failed, each by its id."""
    rows = session.execute(
        select(ApprovalRequest, ApprovalOutcome)
        .join(ApprovalOutcome, ApprovalOutcome.request_id == ApprovalRequest.id)
        .where(
            ApprovalRequest.action == WAIVE,
            ApprovalRequest.subject.in_(list(facilities)),
            ApprovalOutcome.decision == APPROVED,
            ApprovalOutcome.recorded_at <= then.instant,
        )
    )
    return {
        str(row.ApprovalRequest.facts["of"]): Waived(
            date.fromisoformat(str(row.ApprovalRequest.facts["from"])),
            row.ApprovalOutcome.decided_by,
            row.ApprovalRequest.reason,
            row.ApprovalOutcome.recorded_at,
        )
        for row in rows
    }


def profiles(session: ReadSession, facilities: Sequence[str], at: Known | None = None) -> dict[str, FacilityProfile]:
    """What sort of risk each facility is, as last recorded, or as was known then, for those of which it is."""
    theirs = listed(session, facilities)
    told = {"facilities": theirs.value} if at is None else {"facilities": theirs.value, "instant": at.instant}
    rows = session.scalars(asked.profiles_listed(theirs.form, then=at is not None), told)
    return {row.facility_id: row for row in rows}


def terms_at(session: ReadSession, row: Facility, day: date, at: Known | None = None) -> TermsNow:
    """The terms of a facility on a day, with every amendment agreed to by then."""
    then = at or known(session)
    made = amended(session, [row.id], then).get(row.id, [])
    kept = profiles(session, [row.id]).get(row.id)
    return TermsNow(
        available_until=_last(made, day, "available_until") or row.available_until,
        matures_on=_last(made, day, "matures_on") or row.matures_on,
        match_at_drawdown=_match(made, day, kept),
    )


def ends_of(session: ReadSession, rows: Iterable[Facility], day: date) -> dict[str, tuple[date, date]]:
    """The last day to draw and the last day of each of some facilities, by the amendments agreed to for a day."""
    wanted = list(rows)
    made = amended(session, [row.id for row in wanted], known(session))
    return {
        row.id: (
            _last(made.get(row.id, []), day, "available_until") or row.available_until,
            _last(made.get(row.id, []), day, "matures_on") or row.matures_on,
        )
        for row in wanted
    }


def ended(session: ReadSession, day: date, at: Known | None = None) -> list[Ended]:
    """What fell away with its availability by a day, and stands in the books as promised or approved all the same."""
    then = at or known(session)
    rows = session.scalars(asked.available_no_more(), _told(day, then)).all()
    found = []
    for part in in_parts(row.id for row in rows):
        changed = amended(session, part, then)
        there = nets_of(session, "bank", [f"{root}:{each}" for each in part for root in ("9110", *PROMISES)], day, then)
        sums: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
        for (account, _), net in there.items():
            sums[account] += net
        for row in (row for row in rows if row.id in set(part)):
            until = _last(changed.get(row.id, []), day, "available_until") or row.available_until
            promised = Money.total(sums[f"{root}:{row.id}"] for root in PROMISES)
            in_principle = sums[f"9110:{row.id}"]
            if until < day and (promised or in_principle):
                found.append(Ended(row.id, row.name, until, promised, in_principle))
    return _with_guarantees(found, ended_guarantees(session, day, then))


def _with_guarantees(found: list[Ended], guaranteed: dict[str, Ended]) -> list[Ended]:
    """What fell away, each facility once, with what of it was guaranteed."""
    both = {each.facility: each for each in found}
    for one, each in guaranteed.items():
        there = both.get(one, each)
        both[one] = there._replace(guaranteed=each.guaranteed, claimable_until=each.claimable_until)
    return [both[one] for one in sorted(both)]


def ended_guarantees(session: ReadSession, day: date, then: Known) -> dict[str, Ended]:
    """What stands in the books as guaranteed after the last day for a claim, but for claims noted and not yet paid."""
    rows = session.execute(asked.guarantees_over(), _told(day, then)).all()
    ids = [row.Facility.id for row in rows]
    if not ids:
        return {}
    changed, noted = amended(session, ids, then), _claims_noted(session, ids, day, then)
    there: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for (account, _), net in nets_of(session, "bank", [f"{_GUARANTEED}:{each}" for each in ids], day, then).items():
        there[account.partition(":")[2]] += net
    found = {}
    for row, told in rows:
        end = _last(changed.get(row.id, []), day, "matures_on") or row.matures_on
        last = end + timedelta(days=int((told or {}).get("claim_days", "0")))
        left = there[row.id] - min(there[row.id], noted[row.id])
        if last < day and left:
            found[row.id] = Ended(row.id, row.name, row.available_until, NOTHING, NOTHING, left, last)
    return found


def _claims_noted(session: ReadSession, ids: Sequence[str], day: date, then: Known) -> defaultdict[str, Money]:
    """What claims that were noted still ask for: those of each day less what was paid on that day's claims since."""
    rows = session.execute(
        select(ProductEvent.facility_id, ProductEvent.verb, ProductEvent.happened_on, ProductEvent.told)
        .join(FacilityEvent, FacilityEvent.id == ProductEvent.id)
        .where(
            ProductEvent.facility_id.in_(ids),
            ProductEvent.verb.in_((NOTE_CLAIM.name, PAY_CLAIM.name)),
            *by_then(day, then),
        )
        .order_by(FacilityEvent.facility_id, FacilityEvent.number)
    )
    asked: defaultdict[tuple[str, str], Money] = defaultdict(lambda: NOTHING)
    for facility, verb, on, told in rows:
        claim, amount = (facility, told.get("claimed_on", str(on))), Money.parse(told["amount"])
        asked[claim] += amount if verb == NOTE_CLAIM.name else -min(amount, asked[claim])
    found: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for (facility, _), amount in asked.items():
        found[facility] += amount
    return found


def amended(session: ReadSession, facilities: Sequence[str], then: Known) -> dict[str, list[FacilityAmendment]]:
    """The amendments of some facilities that were agreed to, in the order they take effect."""
    found: defaultdict[str, list[FacilityAmendment]] = defaultdict(list)
    theirs = listed(session, facilities)
    told = {"facilities": theirs.value, "instant": then.instant}
    for row in session.scalars(asked.amendments_agreed(theirs.form), told):
        found[row.facility_id].append(row)
    return dict(found)


def beside(session: ReadSession, facilities: Sequence[str], day: date, then: Known) -> dict[str, Beside]:
    """What is recorded beside the money of some facilities, in few questions however many they are."""
    agreed = select(LifeStep.subject).where(
        LifeStep.subject.in_(facilities),
        LifeStep.step == HEADS_OF_TERMS,
        LifeStep.effective_on <= day,
        LifeStep.recorded_at <= then.instant,
    )
    heads = set(session.scalars(agreed))
    listed: defaultdict[str, int] = defaultdict(int)
    still: defaultdict[str, int] = defaultdict(int)
    for facility, open_now in _open_conditions(session, facilities, day, then):
        listed[facility] += 1
        still[facility] += open_now
    changed = amended(session, facilities, then)
    return {
        facility: Beside(facility in heads, listed[facility], still[facility], tuple(changed.get(facility, ())))
        for facility in {*heads, *listed, *changed}
    }


def amendment_asked_for(session: ReadSession, request: str) -> FacilityAmendment | None:
    """The amendment that a request asks for, if it is for one."""
    return session.scalar(select(FacilityAmendment).where(FacilityAmendment.request_id == request))


def amendments(session: ReadSession, facility: str, then: Known) -> list[AmendmentView]:
    """Every amendment asked for on a facility, and what became of it."""
    rows = session.execute(
        select(FacilityAmendment, ApprovalOutcome)
        .outerjoin(ApprovalOutcome, ApprovalOutcome.request_id == FacilityAmendment.request_id)
        .where(FacilityAmendment.facility_id == facility, FacilityAmendment.recorded_at <= then.instant)
        .order_by(FacilityAmendment.recorded_at, FacilityAmendment.id)
    )
    return [_amendment(row.FacilityAmendment, row.ApprovalOutcome, then) for row in rows]


def covenants(session: ReadSession, facility: str, day: date, then: Known) -> list[CovenantView]:
    """The covenants of a facility with their tests up to a day."""
    rows = session.scalars(asked.covenants_of_one(), {"facility": facility, **_told(day, then)}).all()
    if not rows:
        return []
    theirs = listed(session, [row.id for row in rows])
    tested: defaultdict[str, list[CovenantTest]] = defaultdict(list)
    for test in session.scalars(asked.tests_listed(theirs.form), {"covenants": theirs.value, **_told(day, then)}):
        tested[test.covenant_id].append(test)
    given = waived(session, [facility], then) if tested else {}
    return [shown_covenant(row, [_test(test, given, day) for test in tested[row.id]]) for row in rows]


def _told(day: date, then: Known) -> dict[str, Any]:
    """The cuts of a statement on both time axes."""
    return {"day": day, "instant": then.instant}


def _open_conditions(session: ReadSession, facilities: Sequence[str], day: date, then: Known) -> list[tuple[str, bool]]:
    rows = session.execute(
        select(FacilityCondition, ConditionSatisfied)
        .outerjoin(ConditionSatisfied, ConditionSatisfied.condition_id == FacilityCondition.id)
        .where(
            FacilityCondition.facility_id.in_(facilities),
            FacilityCondition.listed_on <= day,
            FacilityCondition.recorded_at <= then.instant,
        )
    ).all()
    given = waived(session, facilities, then) if rows else {}
    return [
        (
            row.FacilityCondition.facility_id,
            _condition(row.FacilityCondition, row.ConditionSatisfied, given, day, then).state == "open",
        )
        for row in rows
    ]


def _condition(
    row: FacilityCondition,
    met: ConditionSatisfied | None,
    given: dict[str, Waived],
    day: date,
    then: Known,
) -> ConditionView:
    state, settled = "open", None
    if met is not None and met.effective_on <= day and met.recorded_at <= then.instant:
        state, settled = "satisfied", Waived(met.effective_on, met.actor, met.evidence, met.recorded_at)
    elif row.id in given and given[row.id].since <= day:
        state, settled = "waived", given[row.id]
    return ConditionView(
        id=row.id,
        text=row.text,
        listed_on=row.listed_on,
        state=state,
        settled_on=None if settled is None else settled.since,
        evidence="" if settled is None else settled.reason,
        by="" if settled is None else settled.by,
        listed_by=row.actor,
        listed_at=row.recorded_at,
        settled_at=None if settled is None else settled.recorded_at,
    )


def _last(made: Iterable[FacilityAmendment], day: date, term: str) -> date | None:
    found = [getattr(row, term) for row in made if row.effective_on <= day and getattr(row, term) is not None]
    return found[-1] if found else None


def _match(made: Iterable[FacilityAmendment], day: date, kept: FacilityProfile | None) -> Decimal | None:
    found = [row.match_at_drawdown for row in made if row.effective_on <= day and row.match_at_drawdown is not None]
    return found[-1] if found else None if kept is None else kept.match_at_drawdown


def _amendment(row: FacilityAmendment, outcome: ApprovalOutcome | None, then: Known) -> AmendmentView:
    ended = outcome if outcome is not None and outcome.recorded_at <= then.instant else None
    return AmendmentView(
        id=row.id,
        request=row.request_id,
        state="open" if ended is None else ended.decision,
        effective_on=row.effective_on,
        available_until=row.available_until,
        matures_on=row.matures_on,
        match_at_drawdown=row.match_at_drawdown,
        words=row.words,
        evidence=row.evidence,
        asked_by=row.actor,
        decided_by="" if ended is None else ended.decided_by,
        decided_at=None if ended is None else ended.recorded_at,
    )


def _test(row: CovenantTest, given: dict[str, Waived], day: date) -> CovenantTestView:
    let = given.get(row.id)
    told = let if let is not None and let.since <= day else None
    return CovenantTestView(
        id=row.id,
        tested_on=row.tested_on,
        value=row.value,
        threshold=row.threshold,
        passed=row.passed,
        evidence=row.evidence,
        by=row.actor,
        waived_by="" if told is None else told.by,
        waived_on=None if told is None else told.since,
    )


def shown_covenant(row: Covenant, tests: list[CovenantTestView]) -> CovenantView:
    """The row as a view, with its tests."""
    state = "not tested"
    if tests:
        last = tests[-1]
        state = "kept" if last.passed else "waived" if last.waived_by else "breached"
    return CovenantView(
        id=row.id,
        name=row.name,
        sense=row.sense,
        threshold=row.threshold,
        from_on=row.from_on,
        state=state,
        tests=tuple(tests),
    )
