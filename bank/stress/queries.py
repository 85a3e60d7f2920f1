"""Looks at the scenarios, and at what each comes to from where the fund and the bank stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from bank.allocations.course import Course
from bank.allocations.facts import Facts, facts_of_all
from bank.allocations.life.queries import ended
from bank.allocations.products.queries import terms_told
from bank.allocations.products.registry import PRODUCTS
from bank.allocations.queries import FacilityView, all_facilities
from bank.inflows.claims.queries import claims
from bank.inflows.mix.queries import reserved_on
from bank.inflows.queries import position, reserve_rate_in_force
from bank.inflows.rules import FUND
from bank.stress.counting import Counted, counted_on
from bank.stress.expecting import ByNothing
from bank.stress.model import StressScenario, StressScenarioApproval
from bank.stress.rules import (
    Assumptions,
    Bank,
    BankQuarter,
    Commitment,
    Failure,
    Fund,
    FundQuarter,
    Placed,
    bank_failure,
    bank_projection,
    fund_failure,
    fund_projection,
    left_out,
    must_hold,
    next_quarters,
)
from bank.treasury.placements.queries import PlacementView, placements
from bank.treasury.queries import headroom
from ledger.dates import Quarter
from ledger.in_force import each_in_force
from ledger.money import NOTHING, Money
from ledger.queries import Known, balances_under, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View

_FIRST_CLASS: Final = "bank-account"


@dataclass(frozen=True, slots=True)
class Otherwise:
    """How a facility would stand if it were changed: until when it is drawn, when it ends, its course; None: as it is.

    `promised` is what more may be called of it, `received` the cash that comes with the change.
    """

    available_until: date | None = None
    matures_on: date | None = None
    course: Course | None = None
    promised: Money = NOTHING
    received: Money = NOTHING


_AS_IT_IS: Final = Otherwise()


class NoSuchScenario(NotFound):
    """No scenario of this name or id is in force."""

    slug = "no-such-scenario"


class ScenarioView(View):
    """A scenario as proposed and, once another fund manager agreed, approved."""

    id: str
    name: str
    claims_rate: Decimal
    claims_interest: Decimal
    receipts: Money
    drawn_over: int
    repayment_shortfall: Decimal
    treasury_rate: Decimal
    costs: Money
    holds_for: int
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None

    @property
    def assumptions(self) -> Assumptions:
        """What the projection takes of it."""
        return Assumptions(
            claims_rate=self.claims_rate,
            claims_interest=self.claims_interest,
            receipts=self.receipts,
            drawn_over=self.drawn_over,
            repayment_shortfall=self.repayment_shortfall,
            treasury_rate=self.treasury_rate,
            costs=self.costs,
            holds_for=self.holds_for,
        )


class FundLine(View):
    """A quarter of the reclaim fund: `cash` can be had at once, `placed` on a day still to come."""

    quarter: Quarter
    receipts: Money
    treasury: Money
    claims: Money
    beyond_provision: Money
    distributed: Money
    cash: Money
    placed: Money
    provision: Money
    owed: Money


class BankLine(View):
    """A quarter of the bank: `cash` can be had at once, `placed` on a day still to come."""

    quarter: Quarter
    drawdowns: Money
    repayments: Money
    interest: Money
    treasury: Money
    costs: Money
    cash: Money
    placed: Money
    reserve: Money


class StressResult(View):
    """What a scenario comes to: the first quarter in which each reserve and each liquidity fails, or none.

    `holds` tells whether nothing fails in the quarters in which nothing may; None where it may in all of them, and the
    scenario is only shown. `left_out` is what the contracts of doubtful loans would bring within these quarters, before
    any shortfall, beyond what is counted on.
    """

    scenario: str
    scenario_id: str
    as_at: date
    known_at: datetime
    known_seq: int
    first_quarter: Quarter
    holds_for: int
    holds: bool | None
    fund_reserve_fails: Quarter | None
    fund_liquidity_fails: Quarter | None
    bank_reserve_fails: Quarter | None
    bank_liquidity_fails: Quarter | None
    left_out: Money
    fund: tuple[FundLine, ...]
    bank: tuple[BankLine, ...]

    def told(self) -> str:
        """The result in one line of words."""
        fund = told_of("reclaim fund", Failure(self.fund_reserve_fails, self.fund_liquidity_fails))
        bank = told_of("bank", Failure(self.bank_reserve_fails, self.bank_liquidity_fails))
        return f"{self.scenario}: {fund}; {bank}"


def scenarios(session: ReadSession, *, at: Known | None = None) -> list[ScenarioView]:
    """Every scenario proposed, with its approval if it has one, in the order proposed."""
    then = at or known(session)
    told = proposals(
        session,
        StressScenario,
        StressScenarioApproval,
        StressScenarioApproval.scenario_id,
        then.instant,
    )
    return [_shown(*each) for each in told]


def scenarios_in_force(session: ReadSession, on: date, at: Known | None = None) -> list[ScenarioView]:
    """The approved scenarios of a day, one of each name: the one that starts last by then, or was approved last."""
    found = each_in_force(scenarios(session, at=at), on, lambda each: each.name)
    return [found[name] for name in sorted(found)]


def stress(
    session: ReadSession, *, scenario: str | None = None, as_at: date | None = None, at: Known | None = None
) -> list[StressResult]:
    """What each scenario in force comes to from a day on, as known then; or the one that is named."""
    then, day = at or known(session), as_at or session.now.date()
    wanted = [each for each in scenarios_in_force(session, day, then) if scenario in (None, each.name, each.id)]
    if scenario is not None and not wanted:
        raise NoSuchScenario(f"No scenario {scenario!r:.80} is approved and in force on {day}")
    if not wanted:
        return []
    fund, bank, first = fund_stands(session, day, then), bank_stands(session, day, then), Quarter.of(day).next
    return [_result(each, fund, bank, first, day, then) for each in wanted]


def fund_stands(session: ReadSession, day: date, at: Known | None = None) -> Fund:
    """The reclaim fund as the projection begins with it."""
    now, rate = position(session, as_at=day, at=at), reserve_rate_in_force(session, _FIRST_CLASS, day, at)
    coming = [quarter.starts_on for quarter in next_quarters(Quarter.of(day).next)]
    asked_for = Money.total(each.unpaid_principal for each in claims(session, as_at=day, at=at))
    return Fund(
        cash=now.cash,
        provision=now.provision,
        owed=max(now.obligation - asked_for, NOTHING),
        payable=now.payable,
        notified=now.notified,
        reserve_rate=Decimal(0) if rate is None else rate.rate,
        as_at=day,
        placed=_all_placed(session, FUND, day, at),
        reserved=reserved_on(session, coming, day, at),
    )


def bank_stands(
    session: ReadSession,
    day: date,
    at: Known | None = None,
    *,
    in_principle: bool = True,
    otherwise: Mapping[str, Otherwise] | None = None,
) -> Bank:
    """The bank as the projection begins with it; what is approved and not signed counts unless it is left out.

    With `otherwise`, as it would if some facilities were changed.
    """
    now, changed = headroom(session, day, at), otherwise or {}
    views = [_changed(view, changed.get(view.id, _AS_IT_IS)) for view in all_facilities(session, as_at=day, at=at)]
    issued = balances_under(session, "bank", "9120", day, at)
    for each in ended(session, day, at):
        if each.guaranteed:
            issued[f"9120:{each.facility}"] -= each.guaranteed
    undrawn = {
        view.id: max(view.figures.undrawn, NOTHING)
        + issued.get(f"9120:{view.id}", NOTHING)
        + (view.figures.awaiting_signature if in_principle else NOTHING)
        + changed.get(view.id, _AS_IT_IS).promised
        for view in views
    }
    live = [view for view in views if undrawn[view.id] or view.figures.outstanding > NOTHING]
    told = facts_of_all(session, [view for view in live if _earns(view)], as_at=day, at=at)
    pays = {
        view.id: _counted_on(session, view, told.get(view.id), changed.get(view.id, _AS_IT_IS).course, day)
        for view in live
    }
    return Bank(
        as_at=day,
        cash=now.cash + Money.total(each.received for each in changed.values()),
        reserve=now.reserve,
        commitments=tuple(
            Commitment(
                undrawn[view.id],
                # what is guaranteed may be called to the end, and not only while more can be
                view.matures_on if issued.get(f"9120:{view.id}") else view.available_until,
                pays[view.id].expecting,
                pays[view.id].contract,
            )
            for view in live
        ),
        placed=_all_placed(session, "bank", day, at),
    )


def _changed(view: FacilityView, change: Otherwise) -> FacilityView:
    days = {"available_until": change.available_until, "matures_on": change.matures_on}
    return view.model_copy(update={name: day for name, day in days.items() if day is not None})


def _earns(view: FacilityView) -> bool:
    return PRODUCTS[view.product].earns


def _counted_on(
    session: ReadSession, view: FacilityView, told: Facts | None, other: Course | None, day: date
) -> Counted:
    """How a facility pays: on its own course or another, by its coupons and its end, or on no day that is agreed."""
    if told is None:
        return Counted(ByNothing())
    course = other or told.course
    months = 0 if course.terms else int(terms_told(session, view.id).get("coupon_months", "0"))
    return counted_on(told, course, day, view.matures_on, months)


def _all_placed(session: ReadSession, book: str, day: date, at: Known | None) -> tuple[Placed, ...]:
    return tuple(_placed(each) for each in placements(session, book=book, as_at=day, at=at, open_only=True))


def _placed(view: PlacementView) -> Placed:
    terms = view.terms
    return Placed(
        cost=view.carried,
        nominal=view.nominal_left,
        rate=view.rate or Decimal(0),
        count=terms.day_count,
        matures_on=view.matures_on,
        locked=terms.locked,
        due=max(view.interest_due, NOTHING),
        coupons=terms.calendar,
    )


def _result(scenario: ScenarioView, fund: Fund, bank: Bank, first: Quarter, day: date, then: Known) -> StressResult:
    told = scenario.assumptions
    of_fund, of_bank = fund_projection(fund, told, first), bank_projection(bank, told, first)
    fund_fails, bank_fails = fund_failure(of_fund), bank_failure(of_bank)
    return StressResult(
        scenario=scenario.name,
        scenario_id=scenario.id,
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
        first_quarter=first,
        holds_for=told.holds_for,
        holds=all(must_hold(each, first, told.holds_for) for each in (fund_fails, bank_fails))
        if told.holds_for
        else None,
        fund_reserve_fails=fund_fails.reserve,
        fund_liquidity_fails=fund_fails.liquidity,
        bank_reserve_fails=bank_fails.reserve,
        bank_liquidity_fails=bank_fails.liquidity,
        left_out=left_out(bank, told, first),
        fund=tuple(_fund_line(line) for line in of_fund),
        bank=tuple(_bank_line(line) for line in of_bank),
    )


def _holds(first: Quarter, holds_for: int, *failures: Failure) -> bool | None:
    return all(must_hold(each, first, holds_for) for each in failures) if holds_for else None


def told_of(name: str, failure: Failure) -> str:
    """How a failure is told, in words."""
    if failure.first is None:
        return f"{name}: reserve and cash hold"
    reserve = "reserve holds" if failure.reserve is None else f"reserve fails in {failure.reserve}"
    cash = "cash holds" if failure.liquidity is None else f"cash fails in {failure.liquidity}"
    return f"{name}: {reserve}, {cash}"


def _fund_line(line: FundQuarter) -> FundLine:
    return FundLine(**{name: getattr(line, name) for name in FundLine.model_fields})


def _bank_line(line: BankQuarter) -> BankLine:
    return BankLine(**{name: getattr(line, name) for name in BankLine.model_fields})


def _shown(row: StressScenario, agreed: StressScenarioApproval | None, ended: ProposalOutcome | None) -> ScenarioView:
    return ScenarioView(
        id=row.id,
        name=row.name,
        claims_rate=row.claims_rate,
        claims_interest=row.claims_interest,
        receipts=row.receipts,
        drawn_over=row.drawn_over,
        repayment_shortfall=row.repayment_shortfall,
        treasury_rate=row.treasury_rate,
        costs=row.costs,
        holds_for=row.holds_for,
        from_on=row.from_on,
        basis=row.basis,
        **outcome_of(row, agreed, ended),
    )
