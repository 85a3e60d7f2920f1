"""What the demonstration prints is so: its stress, a forecast, a loan that begins impaired, and its dividend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bank.allocations.forecasts.queries import forecasts
from bank.allocations.queries import FacilityView, all_facilities
from bank.allocations.standing import credit
from bank.capital.dividends.queries import distributable, dividends
from bank.demo.closing import closed_on
from bank.demo.loans import LAST
from bank.demo.play import DATABASE
from bank.stress.queries import StressResult, scenarios_in_force, stress
from bank.wiring import open_prepared
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.queries import balance_at
from ledger.store.database import ReadSession

ENDS: date = closed_on(LAST)
DRAWN = date(2014, 1, 13)


@pytest.fixture(scope="module")
def printed(demo: Path) -> str:
    return demo.with_name("printed").read_text()


@pytest.fixture(scope="module")
def books(demo: Path) -> Iterator[ReadSession]:
    """The demonstration's database, to look at."""
    database = open_prepared(f"sqlite:///{demo / DATABASE}")
    with database.reading() as session:
        yield session
    database.close()


def named(books: ReadSession, name: str) -> FacilityView:
    (found,) = (each for each in all_facilities(books, as_at=date.max) if each.name.startswith(name))
    return found


def read(words: str) -> tuple[str, str]:
    """When the reserve fails and when the cash does, as a printed half-line says it; empty for never."""
    failing = dict(re.findall(r"(reserve|cash) fails in (\d{4}Q\d)", words))
    both = "reserve and cash hold" in words
    holding = {what for what in ("reserve", "cash") if both or re.search(rf"{what} holds\b", words)}
    assert failing.keys() | holding == {"reserve", "cash"}, words
    assert not failing.keys() & holding, words
    return failing.get("reserve", ""), failing.get("cash", "")


def seen(result: StressResult) -> tuple[tuple[str, str], tuple[str, str]]:
    """The same, found by going through the quarters of the projection."""
    fund_reserve = [line.quarter for line in result.fund if line.beyond_provision > NOTHING]
    fund_cash = [line.quarter for line in result.fund if line.cash < NOTHING]
    bank_reserve = [line.quarter for line in result.bank if line.cash + line.placed < line.reserve]
    bank_cash = [line.quarter for line in result.bank if line.cash < NOTHING]
    first = [str(min(each)) if each else "" for each in (fund_reserve, fund_cash, bank_reserve, bank_cash)]
    return (first[0], first[1]), (first[2], first[3])


def test_each_printed_line_of_stress_says_when_its_projection_first_fails(books: ReadSession, printed: str) -> None:
    head, _, rest = printed.partition("Under stress, ")[2].partition(":")
    lines = [line.strip() for line in rest.splitlines() if line.startswith("  ")][: len(stress(books, as_at=ENDS))]
    told = {line.partition(":")[0]: line.partition(":")[2].split(";") for line in lines}
    results = {one.scenario: one for one in stress(books, as_at=ENDS)}
    assert set(told) == set(results) == {one.name for one in scenarios_in_force(books, ENDS)}
    assert len(told) == 3
    for name, (fund, bank) in told.items():
        assert fund.strip().startswith("reclaim fund:")
        assert bank.strip().startswith("bank:")
        assert (read(fund), read(bank)) == seen(results[name]), name
        assert [len(lines) for lines in (results[name].fund, results[name].bank)] == [20, 20]
        assert head.startswith(f"{results[name].first_quarter} to {results[name].fund[-1].quarter}")
    assert results["as things have gone"].first_quarter == Quarter(2014, 2)
    assert any(quarter for halves in told.values() for half in halves for quarter in read(half))


def test_growth_finance_is_carried_by_its_forecasts_and_the_second_is_told_with_what_it_cost(
    books: ReadSession, printed: str
) -> None:
    held = named(books, "Tallowgate growth finance")
    first, second = forecasts(books, held.id)
    assert {first.proposed_by, first.approved_by} == {second.proposed_by, second.approved_by}
    assert first.proposed_by != first.approved_by
    assert (first.rate, first.caught_up) == (second.rate, NOTHING)
    assert second.caught_up is not None
    assert second.caught_up < NOTHING
    assert Money.total(balance_at(books, "bank", f"{root}:{held.id}") for root in ("1330", "1331")) == second.carried
    line = re.search(r"^Forecast: +817000\.00 of Tallowgate growth finance at first, .*$", printed, re.MULTILINE)
    assert line is not None
    assert all(part in line[0] for part in ("6.58%", str(second.expected), str(second.caught_up), str(second.carried)))


def test_a_loan_began_impaired_and_earns_what_is_expected_of_it(books: ReadSession, printed: str) -> None:
    """240,000 for three times 84,000: worth it at about 2.48 %, though the contract says 8 %."""
    lent = named(books, "Saltmeadow: an estate")
    shown = credit(books, lent.id, as_at=date(2014, 1, 31))
    assert shown.began_impaired_on == DRAWN
    rate = shown.credit_adjusted_rate
    assert rate is not None
    worth = sum(84_000 / (1 + float(rate)) ** year for year in (1, 2, 3))
    assert abs(worth - 240_000) < 100
    assert str(shown.still_expected) == "252000.00"
    assert shown.net == shown.gross, "what is expected of it is in its rate, and nothing is allowed for beside it"
    earned = Decimal(240_000) * ((1 + rate) ** (Decimal(18) / 365) - 1)
    assert abs(shown.gross.pounds - 240_000 - earned) < 1
    assert f"240000.00 lent and 252000.00 expected, which is {rate:.2%} a year where its contract says 8.00%" in printed


def test_a_dividend_beyond_the_policy_was_refused_and_one_within_it_paid(books: ReadSession, printed: str) -> None:
    (paid,) = dividends(books, as_at=date.max)
    assert (str(paid.amount), paid.on, paid.accounts_to) == ("25000.00", ENDS, LAST.ends_on)
    assert Money.total(share.amount for share in paid.shares) == paid.amount
    assert -balance_at(books, "trust", "4100") == paid.shares[0].amount
    left = distributable(books, on=ENDS)
    assert (left.reserve, left.paid_this_year) == (paid.reserve - paid.amount, paid.amount)
    assert re.search(
        rf"^Dividend: +25000\.00 paid to 5 holders on {ENDS}, out of {paid.reserve} ", printed, re.MULTILINE
    )
    let = Money(paid.reserve.pence // 10)
    assert re.search(rf"^Refused dividend: A dividend of 100000\.00 is not allowed: {let} is\.", printed, re.MULTILINE)
