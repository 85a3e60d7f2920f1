"""Looks at periods of dormancy: those entered, and the rules that they and the law written down here come to."""

from __future__ import annotations

from datetime import date, datetime

from bank.inflows.periods.model import DormancyPeriod, DormancyPeriodApproval
from bank.inflows.reference import ASSET_CLASSES, DORMANCY_RULES, DormancyRule
from bank.inflows.rules import dormancy_rule
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View


class DormancyPeriodView(View):
    """A period of dormancy as entered and, once another fund manager agreed, approved."""

    id: str
    asset_class: str
    years: int
    from_on: date
    source: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class AssetClassView(View):
    """A class of dormant asset: no money of it is taken in while its period of dormancy is not known."""

    code: str
    title: str
    from_on: date
    dormancy_years: int | None
    rule_from_on: date | None
    source: str
    taken_in: bool


class NoSuchPeriod(NotFound):
    """No period of dormancy of this id."""

    slug = "no-such-dormancy-period"


def dormancy_periods(session: ReadSession, *, at: Known | None = None) -> list[DormancyPeriodView]:
    """Every period entered, with its approval if it has one, in the order entered."""
    then = at or known(session)
    link = DormancyPeriodApproval.period_id
    told = proposals(session, DormancyPeriod, DormancyPeriodApproval, link, then.instant)
    return [_shown(*each) for each in told]


def dormancy_period(session: ReadSession, wanted: str) -> DormancyPeriodView:
    """A period by its id; refuses an unknown one."""
    for period in dormancy_periods(session):
        if period.id == wanted:
            return period
    raise NoSuchPeriod(f"There is no period of dormancy {wanted!r:.60}: `bank inflow dormancy-period` lists them")


def dormancy_rules(session: ReadSession, at: Known | None = None) -> tuple[DormancyRule, ...]:
    """The rules of every class: those of the law written down here, then the approved ones by when they were."""
    approved = [(one.approved_at, one) for one in dormancy_periods(session, at=at) if one.approved_at is not None]
    entered = [
        DormancyRule(one.asset_class, one.years, one.from_on, one.source)
        for _, one in sorted(approved, key=lambda each: (each[0], each[1].id))
    ]
    return (*DORMANCY_RULES, *entered)


def asset_classes(on: date, rules: tuple[DormancyRule, ...] = DORMANCY_RULES) -> list[AssetClassView]:
    """The classes of dormant asset with the rule of dormancy in force on a day, and whether money may be taken in."""
    shown = []
    for each in ASSET_CLASSES:
        rule = dormancy_rule(each.code, on, rules)
        shown.append(
            AssetClassView(
                code=each.code,
                title=each.title,
                from_on=each.from_on,
                dormancy_years=None if rule is None else rule.years,
                rule_from_on=None if rule is None else rule.from_on,
                source=each.source if rule is None else rule.source,
                taken_in=rule is not None and each.from_on <= on,
            )
        )
    return shown


def _shown(
    row: DormancyPeriod, agreed: DormancyPeriodApproval | None, ended: ProposalOutcome | None
) -> DormancyPeriodView:
    return DormancyPeriodView(
        id=row.id,
        asset_class=row.asset_class,
        years=row.years,
        from_on=row.from_on,
        source=row.source,
        **outcome_of(row, agreed, ended),
    )
