"""`/v1/inflows/…`: the rate of reserve, surplus shared among the nations, and England's money after its directions."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import status
from pydantic import BaseModel, Field

from bank.api.door import ActKey, BankStaff, FundManager, In, Known, TrusteeOrManager, example, router
from bank.api.fields import Count, Day, Share
from bank.inflows import commands, queries
from bank.inflows.england import EnglandAllocationView, NationPaymentView
from bank.inflows.periods import queries as periods
from bank.inflows.periods.queries import AssetClassView, DormancyPeriodView
from bank.inflows.queries import ApportionmentView, DirectionView, ReserveRateView
from bank.inflows.recognition import queries as recognition
from bank.inflows.recognition.queries import ReceiptPolicyView
from bank.inflows.reserve import ReEstimateView
from bank.inflows.sharing import EnglandPaymentView
from bank.inflows.surplus import DistributionView
from ledger.dates import FinancialYear
from ledger.money import NOTHING, Money

routes = router("/inflows", "inflows")

Words = Annotated[str, Field(min_length=1, max_length=1000)]


class ReserveRateIn(In):
    """What part of transferred balances is to be set aside, from a day on."""

    model_config = example(rate="0.4", from_on="2012-04-01", basis="Actuary's report of March 2012")

    asset_class: str = "bank-account"
    rate: Share
    from_on: Day
    basis: Words


class DormancyPeriodIn(In):
    """After how many years without its owner an asset of a class is dormant, from a day on."""

    model_config = example(asset_class="bank-account", years=15, from_on="2008-11-26", source="The Act of 2008, s. 10")

    asset_class: Annotated[str, Field(min_length=1, max_length=40)]
    years: Count
    from_on: Day
    source: Words


class ReceiptPolicyIn(In):
    """By which journal dormant money is to be entered when it comes."""

    model_config = example(method="liability-first", from_on="2011-03-28", basis="Accounting policies, note 2")

    method: Literal["income-first", "liability-first"]
    from_on: Day
    basis: Words


class ReceiptPolicies(BaseModel):
    """Every policy on the journal of receipts."""

    items: list[ReceiptPolicyView]


class DormancyPeriods(BaseModel):
    """Every period of dormancy that was entered."""

    items: list[DormancyPeriodView]


class AssetClasses(BaseModel):
    """Every class of dormant asset."""

    items: list[AssetClassView]


class ReEstimateIn(In):
    """The class whose provision is to be brought to the rate in force, and from which day."""

    model_config = example(on="2012-04-16")

    asset_class: str = "bank-account"
    on: Day


class DistributionIn(In):
    """Surplus to declare and to pay on one day."""

    model_config = example(amount="30000000.00", on="2012-04-16")

    amount: Money
    on: Day


class ApportionmentIn(In):
    """What is to be shared among the nations, and the expenses that come off it first.

    Either all that a financial year brought and that is not shared yet, or an amount.
    """

    model_config = example(
        financial_year="2011/12", on="2012-04-16", distributor_expenses="12000.00", secretary_of_state_expenses="800.00"
    )

    on: Day
    financial_year: FinancialYear | None = None
    amount: Money | None = None
    distributor_expenses: Money = NOTHING
    secretary_of_state_expenses: Money = NOTHING


class EnglandPaymentIn(In):
    """England's money to pass to the trust."""

    model_config = example(amount="25000000.00", on="2012-04-16")

    amount: Money
    on: Day


class DirectionIn(In):
    """What England's money is for: each cause with its percentage, or each with its amount, as text."""

    model_config = example(
        measure="percentages",
        shares={"youth": "32.2", "financial-inclusion": "19.6", "social-investment": "48.2"},
        from_on="2012-04-01",
        source="An invented letter of the minister",
    )

    measure: Literal["percentages", "amounts"]
    shares: dict[str, str]
    from_on: Day
    source: Words


class EnglandAllocationIn(In):
    """England's money to share by the direction in force: all that is not directed yet when no amount is given."""

    model_config = example(on="2012-04-16")

    on: Day
    amount: Money | None = None


class NationPaymentIn(In):
    """A nation's money, or that of one of England's causes, to pay to somebody outside our books."""

    model_config = example(
        nation="northern_ireland", amount="7300000.00", on="2012-04-16", recipient="An invented fund for young people"
    )

    nation: Literal["england", "wales", "scotland", "northern_ireland"]
    amount: Money
    on: Day
    recipient: Annotated[str, Field(min_length=1, max_length=300)]
    cause: str | None = None


class ReserveRates(BaseModel):
    """Every rate of reserve."""

    items: list[ReserveRateView]


class Directions(BaseModel):
    """Every direction on England's money."""

    items: list[DirectionView]


@routes.get("/reserve-rates")
def reserve_rates(desk: TrusteeOrManager, known: Known) -> ReserveRates:
    """Every rate of reserve, who proposed it and who approved it."""
    with desk.reading() as session:
        return ReserveRates(items=queries.reserve_rates(session, at=known.of(session)))


@routes.post("/reserve-rates", status_code=status.HTTP_201_CREATED)
def propose_reserve_rate(desk: FundManager, rate: ReserveRateIn, key: ActKey) -> ReserveRateView:
    """Propose a rate of reserve; another fund manager approves it."""
    return commands.propose_reserve_rate(desk, **dict(rate), key=key)


@routes.post("/reserve-rates/{rate}/approve")
def approve_reserve_rate(desk: BankStaff, rate: str, key: ActKey) -> ReserveRateView:
    """Approve another's rate; it is in force from its day."""
    return commands.approve_reserve_rate(desk, id=rate, key=key)


@routes.get("/asset-classes")
def asset_classes(desk: BankStaff, known: Known, on: Day) -> AssetClasses:
    """The classes of dormant asset, the rule of dormancy of each in force on a day, and whether money may come in."""
    with desk.reading() as session:
        rules = periods.dormancy_rules(session, known.of(session))
        return AssetClasses(items=periods.asset_classes(on, rules))


@routes.get("/dormancy-periods")
def dormancy_periods(desk: BankStaff, known: Known) -> DormancyPeriods:
    """Every period of dormancy entered, by what law, and what became of it."""
    with desk.reading() as session:
        return DormancyPeriods(items=periods.dormancy_periods(session, at=known.of(session)))


@routes.post("/dormancy-periods", status_code=status.HTTP_201_CREATED)
def propose_dormancy_period(desk: FundManager, period: DormancyPeriodIn, key: ActKey) -> DormancyPeriodView:
    """Enter a class's period of dormancy with its source; another fund manager approves it."""
    return commands.propose_dormancy_period(desk, **dict(period), key=key)


@routes.post("/dormancy-periods/{period}/approve")
def approve_dormancy_period(desk: BankStaff, period: str, key: ActKey) -> DormancyPeriodView:
    """Approve another's entry; money of the class may be taken in from its day."""
    return commands.approve_dormancy_period(desk, id=period, key=key)


@routes.get("/receipt-policies")
def receipt_policies(desk: TrusteeOrManager, known: Known) -> ReceiptPolicies:
    """Every policy on the journal of receipts, who proposed it and what became of it."""
    with desk.reading() as session:
        return ReceiptPolicies(items=recognition.receipt_policies(session, at=known.of(session)))


@routes.post("/receipt-policies", status_code=status.HTTP_201_CREATED)
def propose_receipt_policy(desk: FundManager, policy: ReceiptPolicyIn, key: ActKey) -> ReceiptPolicyView:
    """Propose by which journal dormant money is entered when it comes; another fund manager approves it."""
    return commands.propose_receipt_policy(desk, **dict(policy), key=key)


@routes.post("/receipt-policies/{policy}/approve")
def approve_receipt_policy(desk: BankStaff, policy: str, key: ActKey) -> ReceiptPolicyView:
    """Approve another's policy, before money has come by another journal."""
    return commands.approve_receipt_policy(desk, id=policy, key=key)


@routes.post("/re-estimates", status_code=status.HTTP_201_CREATED)
def re_estimate(desk: FundManager, estimate: ReEstimateIn, key: ActKey) -> ReEstimateView:
    """Bring a class's provision to the approved rate from a day on; what was charged before stays."""
    return commands.re_estimate_reserve(desk, **dict(estimate), key=key)


@routes.post("/distributions", status_code=status.HTTP_201_CREATED)
def distribute(desk: FundManager, distribution: DistributionIn, key: ActKey) -> DistributionView:
    """Declare surplus and pay it to the distributor on the same day."""
    return commands.distribute(desk, **dict(distribution), key=key)


@routes.post("/apportionments", status_code=status.HTTP_201_CREATED)
def apportion(desk: FundManager, apportionment: ApportionmentIn, key: ActKey) -> ApportionmentView:
    """Share what was distributed among the four nations, after expenses, exact to the penny."""
    return commands.apportion(desk, **dict(apportionment), key=key)


@routes.post("/england-payments", status_code=status.HTTP_201_CREATED)
def pay_england(desk: FundManager, payment: EnglandPaymentIn, key: ActKey) -> EnglandPaymentView:
    """Pay England's money to the trust."""
    return commands.pay_england_to_trust(desk, **dict(payment), key=key)


@routes.get("/directions")
def directions(desk: TrusteeOrManager, known: Known) -> Directions:
    """Every direction on England's money, who entered it and who approved it."""
    with desk.reading() as session:
        return Directions(items=queries.directions(session, at=known.of(session)))


@routes.post("/directions", status_code=status.HTTP_201_CREATED)
def propose_direction(desk: FundManager, direction: DirectionIn, key: ActKey) -> DirectionView:
    """Enter a direction on England's money; another fund manager approves it."""
    return commands.propose_direction(desk, **dict(direction), key=key)


@routes.post("/directions/{direction}/approve")
def approve_direction(desk: BankStaff, direction: str, key: ActKey) -> DirectionView:
    """Approve another's direction; it is in force from its day."""
    return commands.approve_direction(desk, id=direction, key=key)


@routes.post("/england-allocations", status_code=status.HTTP_201_CREATED)
def direct_england(desk: FundManager, allocation: EnglandAllocationIn, key: ActKey) -> EnglandAllocationView:
    """Share what is held for England among the causes of the direction in force."""
    return commands.direct_england(desk, **dict(allocation), key=key)


@routes.post("/nation-payments", status_code=status.HTTP_201_CREATED)
def pay_nation(desk: FundManager, payment: NationPaymentIn, key: ActKey) -> NationPaymentView:
    """Pay a nation's money, or that of one of England's causes, to somebody outside our books."""
    return commands.pay_nation(desk, **dict(payment), key=key)
