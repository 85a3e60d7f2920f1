"""Quasi-equity by what it is expected to bring in: journal 29, revisions caught up with, and facts that come late."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bank.allocations.commands import accrue, accrue_all, approve_forecast, propose_forecast
from bank.allocations.forecasts.commands import NoSuchForecast
from bank.allocations.forecasts.queries import ForecastView, forecasts
from bank.allocations.products.queries import PositionView, position
from bank.allocations.products.shape import BeyondTerms
from bank.allocations.queries import FacilityView
from bank.allocations.rules import WrongState
from bank.limits.queries import exposures
from bank.people.rules import SamePerson
from bank.proposals.commands import reject_proposal
from bank.quarters.queries import gates
from bank.treasury.rules import BadTerms
from ledger.agreeing import AlreadyApproved
from ledger.commands import close_quarter
from ledger.dates import Quarter
from ledger.money import Money
from ledger.queries import entries_behind, entry, pairs_that_disagree
from tests.bank.journals import journal, table
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_products import START, figures, happens, signed

YEAR = timedelta(days=365)
FIRST, SECOND, THIRD = START + YEAR, START + 2 * YEAR, START + 3 * YEAR


@pytest.fixture
def growing(small_bank: SmallBank) -> SmallBank:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    return small_bank


def bought(bank: SmallBank, amount: str = "1000.00", cap: str = "1500.00") -> FacilityView:
    made = signed(bank, "quasi-equity", cap=cap, income_share="0.5")
    happens(bank, made, "buy", amount=amount)
    return made


def forecast(
    bank: SmallBank, made: FacilityView, on: date, *flows: tuple[date, str], pay: tuple[tuple[date, str], ...] = ()
) -> ForecastView:
    told = propose_forecast(
        bank.maya,
        facility=made.id,
        from_on=on,
        receive=tuple((day, pounds(amount)) for day, amount in flows),
        pay=tuple((day, pounds(amount)) for day, amount in pay),
        basis="The business plan",
        key=bank.key(),
    )
    return approve_forecast(bank.tom, id=told.id, key=bank.key())


def share(bank: SmallBank, made: FacilityView, on: date, amount: str) -> PositionView:
    return happens(bank, made, "take-share", on, income="10000.00", amount=amount)


def posted_on(bank: SmallBank, made: FacilityView, on: date) -> list[tuple[str, str, str]]:
    """The lines of a day in the bank's book, in the order of the journal."""
    with bank.database.reading() as session:
        lines = [
            line for code in ("1330", "1331", "4000") for line in entries_behind(session, "bank", f"{code}:{made.id}")
        ]
        return journal(session, sorted({line.seq for line in lines if line.effective_on == on}))


def carried(bank: SmallBank, made: FacilityView, on: date) -> Money:
    with bank.database.reading() as session:
        return position(session, made.id, as_at=on).value


def test_a_receipt_is_split_and_a_revision_caught_up_with_at_the_original_effective_rate(growing: SmallBank) -> None:
    """Journal 29: paid 1,000 and expected back 110 and 1,089 in years of 365 days, so the rate is a tenth for good.

    Of the first 110 therefore 100 is income. Then less is expected: 605 is worth 550 of the 990 carried, and what is
    missing is lost on that day, not when it fails to come.
    """
    made = bought(growing)
    told = forecast(growing, made, START, (FIRST, "110.00"), (SECOND, "1089.00"))
    assert (told.rate, told.carried, told.caught_up) == (Decimal("0.100000000000"), pounds("1000.00"), Money(0))
    growing.at(FIRST)
    seen = share(growing, made, FIRST, "110.00")
    assert posted_on(growing, made, FIRST) == table(
        """
        1331 4000 100.00
        1000 1331 100.00
        1000 1330  10.00
        """
    )
    assert (str(seen.value), seen.value_is, seen.value_source) == ("990.00", "forecast", "The business plan")
    assert seen.measurement == "amortised-cost"
    told = forecast(growing, made, FIRST, (SECOND, "605.00"))
    assert posted_on(growing, made, FIRST)[3:] == table("4000 1331 440.00")
    assert (told.rate, told.carried, told.caught_up) == (Decimal("0.100000000000"), pounds("550.00"), pounds("-440.00"))
    growing.at(SECOND)
    last = share(growing, made, SECOND, "605.00")
    assert posted_on(growing, made, SECOND) == table(
        """
        1331 4000  55.00
        1000 1330 605.00
        """
    )
    assert str(last.value) == "0.00"
    gone = happens(growing, made, "lose", SECOND, amount="385.00", reason="The contract has run out")
    assert posted_on(growing, made, SECOND)[2:] == table("5010 1330 385.00\n1331 5010 385.00")
    assert figures(gone, "income", "caught_up", "cost", "beyond", "lost") == [
        *("-285.00", "-440.00", "0.00", "0.00", "385.00"),
    ]
    assert gone.state == "written-off"
    with growing.database.reading() as session:
        assert pairs_that_disagree(session) == []
        assert not exposures(session).get(made.id)


def test_what_comes_as_forecast_leaves_nothing_and_income_is_what_came_beyond_what_was_paid(growing: SmallBank) -> None:
    made = bought(growing)
    flows = ((START + timedelta(days=100), "333.33"), (FIRST, "400.00"), (SECOND, "471.11"))
    forecast(growing, made, START, *flows)
    growing.at(THIRD)
    for on, amount in flows:
        share(growing, made, on, amount)
    accrue(growing.maya, facility=made.id, until=THIRD, key=growing.key())
    with growing.database.reading() as session:
        end = position(session, made.id)
    assert figures(end, "income", "caught_up", "cost", "beyond", "capital_returned") == [
        *("204.44", "0.00", "0.00", "0.00", "1000.00")
    ]
    more = share(growing, made, THIRD, "100.00")
    assert posted_on(growing, made, THIRD) == table("1000 4000 100.00")
    assert more.state == "repaid"
    with pytest.raises(BeyondTerms, match="up to the cap"):
        share(growing, made, THIRD, "195.57")


def test_the_order_in_which_facts_become_known_does_not_matter(growing: SmallBank) -> None:
    """Receipts, a revision and an accrual, and all of it backwards, come to the same on every day."""
    sixth, now = START + timedelta(days=183), FIRST + timedelta(days=30)
    found = set()
    for number, order in enumerate(((0, 1, 2), (2, 1, 0))):
        growing.at(START)
        made = bought(growing) if not number else _again(growing)
        forecast(growing, made, START, (FIRST, "600.00"), (SECOND, "700.00"))
        growing.at(now)
        steps = (
            lambda one=made: share(growing, one, sixth, "50.00"),
            lambda one=made: forecast(growing, one, FIRST, (SECOND, "900.00")),
            lambda one=made: accrue(growing.maya, facility=one.id, until=now, key=growing.key()),
        )
        for step in order:
            steps[step]()
        found.add(tuple(str(carried(growing, made, day)) for day in (START, sixth, FIRST, now)))
    assert len(found) == 1


def _again(bank: SmallBank) -> FacilityView:
    made = bank.signed(
        bank.lender(bank.key()),
        "1000.00",
        product="quasi-equity",
        annual_rate=Decimal(0),
        product_terms={"income_share": "0.5", "cap": "1500.00", "principal_part": "0.8"},
    )
    happens(bank, made, "buy", amount="1000.00")
    return made


def test_a_forecast_that_comes_late_puts_the_contracts_split_right_on_open_days(growing: SmallBank) -> None:
    made = bought(growing)
    growing.at(FIRST)
    share(growing, made, FIRST, "110.00")
    assert posted_on(growing, made, FIRST) == table("1000 1330 88.00\n1000 4000 22.00")
    forecast(growing, made, START, (FIRST, "110.00"), (SECOND, "1089.00"))
    assert posted_on(growing, made, FIRST)[2:] == table("1331 4000 78.00")
    assert str(carried(growing, made, FIRST)) == "990.00"


def test_what_is_closed_stays_and_a_late_receipt_is_caught_up_with_in_the_first_open_quarter(
    growing: SmallBank,
) -> None:
    made = bought(growing)
    forecast(growing, made, START, (FIRST, "1331.00"))
    end = date(2012, 3, 31)
    growing.at(date(2012, 5, 20))
    with growing.database.reading() as session:
        assert [gate.subject for gate in gates(session, Quarter(2012, 1)) if gate.gate == "interest"] == [made.id]
    run = accrue_all(growing.maya, until=end, key=growing.key())
    before = carried(growing, made, end)
    assert run.accrued == before - pounds("1000.00")
    with growing.database.reading() as session:
        assert [gate for gate in gates(session, Quarter(2012, 1)) if gate.gate == "interest"] == []
    with growing.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=True)
    seen = share(growing, made, START + timedelta(days=1), "500.00")
    opens = date(2012, 4, 1)
    assert seen.events[-1].entered_on == opens
    assert carried(growing, made, end) == before
    with growing.database.reading() as session:
        late = entries_behind(session, "bank", f"4000:{made.id}", opens)
        assert entry(session, late[-1].seq).entry.original_effective_on == START + timedelta(days=1)
    assert carried(growing, made, opens) < pounds("600.00")
    revised = forecast(growing, made, START + timedelta(days=40), (FIRST, "665.50"))
    assert carried(growing, made, end) == before
    assert revised.caught_up is not None
    assert revised.caught_up < Money(0)


def test_money_still_to_be_paid_is_part_of_the_forecast(growing: SmallBank) -> None:
    made = bought(growing, "500.00")
    forecast(growing, made, START, (SECOND, "1155.00"), pay=((FIRST, "500.00"),))
    growing.at(FIRST)
    happens(growing, made, "buy", FIRST, amount="500.00")
    assert str(carried(growing, made, FIRST)) == "1050.00"
    assert posted_on(growing, made, FIRST) == table("1331 4000 50.00\n1330 1000 500.00")


def test_a_forecast_that_is_turned_down_changes_nothing_and_stays_in_view(growing: SmallBank) -> None:
    made = bought(growing)
    forecast(growing, made, START, (FIRST, "1100.00"))
    before = posted_on(growing, made, START)
    growing.clock.set(growing.clock.now() + timedelta(minutes=1))  # of two for one day the later told stands last
    told = propose_forecast(
        growing.maya, facility=made.id, from_on=START, receive=((FIRST, pounds("900.00")),), basis="Fear", key="fear"
    )
    assert told.id in growing.facility(made.id).pending[0]
    reject_proposal(growing.tom, proposal=told.id, reason="Too dark", key="no")
    with growing.database.reading() as session:
        assert [(one.state, one.rate is None) for one in forecasts(session, made.id)] == [
            ("approved", False),
            ("rejected", True),
        ]
    assert (growing.facility(made.id).pending, posted_on(growing, made, START)) == ((), before)


def test_a_forecast_is_held_to_the_contract_and_to_two_people(growing: SmallBank) -> None:
    made = bought(growing)
    told = {"facility": made.id, "from_on": START, "basis": "A plan"}
    with pytest.raises(BeyondTerms, match=r"the contract pays 1500\.00 at most"):
        propose_forecast(growing.maya, receive=((FIRST, pounds("1500.01")),), key="1", **told)  # type: ignore[arg-type]
    with pytest.raises(BeyondTerms, match=r"0\.00 of the commitment is left"):
        propose_forecast(
            growing.maya,
            receive=((FIRST, pounds("1.00")),),
            pay=((SECOND, pounds("1.00")),),
            key="2",
            **told,  # type: ignore[arg-type]
        )
    with pytest.raises(BadTerms, match="what comes later"):
        propose_forecast(growing.maya, receive=((START, pounds("1.00")),), key="3", **told)  # type: ignore[arg-type]
    with pytest.raises(BadTerms, match="Say what the forecast rests on"):
        propose_forecast(growing.maya, receive=(), key="4", **told | {"basis": " "})  # type: ignore[arg-type]
    nothing = propose_forecast(growing.maya, receive=(), key="5", **told)  # type: ignore[arg-type]
    with pytest.raises(SamePerson):
        approve_forecast(growing.maya, id=nothing.id, key="6")
    with pytest.raises(BadTerms, match="no effective rate can be found"):
        approve_forecast(growing.tom, id=nothing.id, key="7")
    agreed = forecast(growing, made, START, (FIRST, "1100.00"))
    with pytest.raises(AlreadyApproved):
        approve_forecast(growing.tom, id=agreed.id, key="8")
    with pytest.raises(NoSuchForecast):
        approve_forecast(growing.tom, id="fct_none", key="9")
    loan = growing.signed(growing.lender("A lender"))
    with pytest.raises(BadTerms, match="nothing to forecast"):
        propose_forecast(growing.maya, facility=loan.id, from_on=START, receive=(), basis="A plan", key="10")
    early = growing.proposed(
        growing.lender("Another"),
        product="quasi-equity",
        annual_rate=Decimal(0),
        product_terms={"income_share": "0.5", "cap": "1500.00", "principal_part": "0.8"},
    )
    with pytest.raises(WrongState):
        propose_forecast(growing.maya, facility=early.id, from_on=START, receive=(), basis="A plan", key="11")


def test_of_two_forecasts_of_one_day_the_later_approved_counts_and_what_was_known_stays_known(
    growing: SmallBank,
) -> None:
    made = bought(growing)
    first = forecast(growing, made, START, (FIRST, "1100.00"))
    then = growing.clock.now()
    growing.at(START + timedelta(days=1))
    second = forecast(growing, made, START, (FIRST, "1200.00"))
    with growing.database.reading() as session:
        told = forecasts(session, made.id)
    assert [(each.id, each.rate) for each in told] == [(first.id, None), (second.id, Decimal("0.200000000000"))]
    assert told[0].approved_at == then
