"""The portfolio's figures, each worked out here some other way: from events, from balances, by present values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from bank.allocations.commands import accrue_all, draw_down, recover, repay, write_off
from bank.allocations.life.commands import enquire, step_enquiry
from bank.allocations.queries import all_facilities, events
from bank.figures.portfolio import CODES, PerformanceLine, PortfolioView
from bank.figures.queries import figure, portfolio
from bank.treasury.queries import headroom
from ledger.commands import post
from ledger.dates import SetClock
from ledger.entries import Entry, Posting
from ledger.identifiers import CountedIdentifiers
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, entries
from ledger.store.database import Database
from tests import databases
from tests.bank.small_bank import SmallBank, pounds

START, LATER, DAY = date(2012, 1, 2), date(2013, 1, 1), date(2013, 12, 31)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lived(
    request: pytest.FixtureRequest, run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SmallBank]:
    """The bank that all tests which only look share, on each kind of database."""
    clock = SetClock(databases.OPENING)
    home = tmp_path_factory.mktemp("portfolio")
    with databases.prepared(request.param, run_of_tests, home, "staffed") as url:
        database = Database.open(url, clock=clock, identifiers=CountedIdentifiers("p"), compiled=databases.COMPILED)
        bank = SmallBank(database, clock)
        bank.open()
        yield live(bank)
        database.close()


@pytest.fixture
def living(small_bank: SmallBank) -> SmallBank:
    """One of the same that a test may go on with."""
    return live(small_bank)


def live(bank: SmallBank) -> SmallBank:
    """Two lenders: one repays a part, one loses a part and finds some again; a third facility waits to be drawn."""
    bank.at(START)
    bank.capital("1000.00")
    asked = enquire(
        bank.maya, name="First", product="senior-loan", amount=pounds("300.00"), on=START, summary="Asked", key="e"
    )
    one, two = bank.lender("First"), bank.lender("Second")
    bank.at(date(2012, 3, 2))
    step_enquiry(bank.maya, enquiry=asked.id, step="screened", on=date(2012, 1, 9), reason="It fits", key="s")
    first = bank.signed(one, "300.00", enquiry=asked.id, co_investor_amount=pounds("150.00"))
    draw_down(
        bank.maya,
        facility=first.id,
        amount=pounds("200.00"),
        co_investor_amount=pounds("100.00"),
        on=date(2012, 3, 2),
        key="1",
    )
    bank.at(LATER)
    second = bank.drawn(two, "100.00")
    bank.signed(two, "50.00")
    bank.at(DAY)
    accrue_all(bank.maya, until=DAY, key="accrue")
    repay(bank.maya, facility=first.id, principal=pounds("80.00"), interest=pounds("5.00"), on=DAY, key="2")
    write_off(bank.maya, facility=second.id, amount=pounds("60.00"), on=DAY, reason="Lost", key="3")
    recover(bank.maya, facility=second.id, amount=pounds("10.00"), on=DAY, key="4")
    with bank.maya.writing() as work:
        legs = (Posting("5100", pounds("20.00")), Posting("1000", -pounds("20.00")))
        post(work, Entry("costs", "bank", DAY, "Costs of the house", legs))
    return bank


def told(bank: SmallBank) -> PortfolioView:
    with bank.database.reading() as session:
        return portfolio(session, as_at=DAY)


def lines(view: PortfolioView, group: str) -> dict[str, PerformanceLine]:
    return {line.name: line for line in view.performance if line.group == group}


def test_what_was_paid_in_and_came_back_is_what_the_events_say(lived: SmallBank) -> None:
    paid, back = {}, {}
    with lived.database.reading() as session:
        for view in all_facilities(session):
            happened = events(session, view.id)
            paid[view.id] = Money.total(each.amount for each in happened if each.kind == "drawdown")
            back[view.id] = Money.total(
                each.amount + each.interest for each in happened if each.kind in {"repayment", "recovery"}
            )
    found = {line.of: line for line in told(lived).performance if line.group == "facility"}
    assert {key: line.paid_in for key, line in found.items()} == {key: paid[key] for key in found}
    assert {key: line.paid_back for key, line in found.items()} == {key: back[key] for key in found}
    whole = lines(told(lived), "all")["The whole portfolio"]
    assert (whole.paid_in, whole.paid_back) == (pounds("300.00"), pounds("95.00"))


def test_the_multiples_are_sums_divided_and_the_vintages_part_the_whole(lived: SmallBank) -> None:
    found = told(lived)
    with lived.database.reading() as session:
        left = balance_at(session, "bank", "1200") + balance_at(session, "bank", "1210")
    whole = lines(found, "all")["The whole portfolio"]
    assert (whole.value, whole.dpi) == (left, Decimal("0.3167"))
    assert whole.tvpi == (Decimal(9500 + left.pence) / 30000).quantize(Decimal("0.0001"))
    assert whole.rvpi == (Decimal(left.pence) / 30000).quantize(Decimal("0.0001"))
    for group in ("vintage", "intermediary", "facility"):
        parts = lines(found, group).values()
        assert Money.total(line.paid_in for line in parts) == whole.paid_in
        assert Money.total(line.value for line in parts) == whole.value
    assert set(lines(found, "vintage")) == {"2012", "2013"}


def test_at_the_yield_the_dated_money_balances(lived: SmallBank) -> None:
    """Present values by hand: 200 out on 2 March 2012, 85 back on the last day of 2013, and what is left on it."""
    line = lines(told(lived), "intermediary")["First"]
    assert line.xirr is not None
    with localcontext() as exact:
        exact.prec = 40
        years = Decimal((DAY - date(2012, 3, 2)).days) / 365
        rate = Decimal(line.xirr)
        back = Decimal(8500 + line.value.pence) / (1 + rate) ** years
    assert abs(back - 20000) < Decimal("0.0001")


def test_where_there_is_no_yield_the_reason_stands_beside_it(lived: SmallBank) -> None:
    with lived.database.reading() as session:
        before = portfolio(session, as_at=date(2012, 3, 1))
        first_day = portfolio(session, as_at=date(2012, 3, 2))
    (nothing,) = before.performance
    assert (nothing.dpi, nothing.xirr, nothing.reason) == (None, None, "nothing was paid in")
    assert first_day.performance[0].xirr is None
    assert first_day.performance[0].reason
    with lived.database.reading() as session:
        found = figure(session, "xirr", as_at=date(2012, 3, 2)).figure
    assert found.value is None
    assert "not known" in found.provenance.formula


def test_the_four_numbers_stand_beside_what_is_in_principle(living: SmallBank) -> None:
    waiting = living.proposed(living.lender("Third"), "40.00")
    from bank.allocations.commands import approve  # noqa: PLC0415 -- used here only

    approve(living.tom, facility=waiting.id, key="wait")
    found = told(living).funnel
    names = ("in_principle", "signed", "drawn", "signed_with_match", "drawn_with_match")
    sums = {name: str(Money.total(getattr(line, name) for line in found)) for name in names}
    assert sums == {
        "in_principle": "40.00",
        "signed": "450.00",
        "drawn": "300.00",
        "signed_with_match": "600.00",
        "drawn_with_match": "400.00",
    }


def test_concentration_and_undrawn_ageing_part_what_the_books_hold(lived: SmallBank) -> None:
    found = told(lived)
    with lived.database.reading() as session:
        held = {code: balance_at(session, "bank", code) for code in ("9100", "9110", "1200")}
    for group in ("intermediary", "product"):
        parts = [line for line in found.concentration if line.group == group]
        assert Money.total(line.at_risk for line in parts) == Money.total(held.values())
        assert sum(line.share or 0 for line in parts) == 1
    assert [(line.name, str(line.at_risk)) for line in found.concentration if line.group == "intermediary"] == [
        ("First", "220.00"),
        ("Second", "90.00"),
    ]
    assert [(line.age, str(line.undrawn)) for line in found.undrawn] == [
        ("up to 90 days", "0.00"),
        ("91 to 180 days", "0.00"),
        ("181 to 365 days", "50.00"),
        ("over 365 days", "100.00"),
    ]
    assert Money.total(line.undrawn for line in found.undrawn) == held["9100"]


def test_liquidity_cover_is_cash_over_promises_and_a_years_costs(lived: SmallBank) -> None:
    with lived.database.reading() as session:
        parts = headroom(session, DAY)
    expected = Decimal(parts.cash.pence) / Decimal(parts.undrawn_commitments.pence + 2000)
    assert told(lived).liquidity_cover == expected.quantize(Decimal("0.0001"))


def test_days_to_money_count_from_the_enquiry_and_say_where_none_is_recorded(lived: SmallBank) -> None:
    found = {line.intermediary: line for line in told(lived).courses if line.first_money_on}
    assert sorted((line.days_from_enquiry, line.days_from_proposal) for line in found.values() if line.enquired_on) == [
        ((date(2012, 3, 2) - START).days, 0)
    ]
    with lived.database.reading() as session:
        days = figure(session, "days_to_money", as_at=DAY).figure
    assert days.value == 60
    assert days.coverage is not None
    assert (days.coverage.known, days.coverage.of) == (1, 2)


def test_costs_of_intermediaries_are_their_books_costs_to_what_they_drew(living: SmallBank) -> None:
    (first,) = [line for line in told(living).costs if line.name == "First"]
    with living.maya.writing() as work:
        legs = (Posting("5300", pounds("10.00")), Posting("1000", -pounds("10.00")))
        post(work, Entry("fees", first.intermediary, DAY, "Fees", legs))
    (after,) = [line for line in told(living).costs if line.name == "First"]
    assert (str(after.costs), after.cost_share) == ("10.00", Decimal("0.0500"))
    assert after.held == first.held - pounds("10.00")
    with living.database.reading() as session:
        assert figure(session, "cost_of_intermediation", as_at=DAY).figure.value == Decimal("0.0333")


def test_each_figure_names_the_very_entries_it_rests_on(lived: SmallBank) -> None:
    """Cash that moved under facilities alone for what was paid in and back, and each other its own accounts."""
    with lived.database.reading() as session:
        journal = {one.seq: one.entry for one in entries(session, limit=10_000)}
        found = {code: figure(session, code, as_at=DAY).figure.provenance for code in CODES}
        whole = portfolio(session, as_at=DAY).performance[0]

    def moved(code: str, *roots: str) -> list[Money]:
        told = found[code]
        named = [seq for first, last in told.entries for seq in range(first, last + 1)]
        assert len(named) == told.entry_count
        assert set(roots) <= set(told.accounts)
        return [
            posting.amount
            for seq in named
            for posting in journal[seq].postings
            if posting.account.partition(":")[0] in roots and journal[seq].book in {"bank", *told.book.split(", ")}
        ]

    for code in ("dpi", "rvpi", "tvpi", "xirr"):
        cash = moved(code, "1000")
        assert Money.total(amount for amount in cash if amount > NOTHING) == whole.paid_back, code
        assert -Money.total(amount for amount in cash if amount < NOTHING) == whole.paid_in, code
    held = moved("rvpi", *(account for account in found["rvpi"].accounts if account != "1000"))
    assert Money.total(held) == whole.value
    cover = found["liquidity_cover"]
    assert {"1000", "9100", "9120", "9130", "5100"} <= set(cover.accounts)
    assert set(found["undrawn_over_a_year"].accounts) == {"9100", "9130"}
    assert "5300" in found["cost_of_intermediation"].accounts
    assert "9100" in found["largest_share"].accounts
