from __future__ import annotations

import json
import math
from collections import Counter
from datetime import date
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest

from bank.allocations.products.registry import PRODUCTS
from bank.demo.borrowers import borrower
from bank.demo.cash import cash, return_quarters
from bank.demo.lives import loan_history
from bank.demo.loans import FIRST, LAST, every_loan, loans
from bank.demo.partners import facilities, facility
from bank.demo.story import (
    as_csv,
    broken_rows,
    cash_held,
    explanations,
    filings,
    moments,
    return_rows,
)
from intermediaries.frontline.identifiers import problems_with, registration
from intermediaries.outcomes.codes import CODE_LISTS
from intermediaries.places.areas import NATIONS, VANGUARD
from intermediaries.places.rules import place_of
from intermediaries.returns.checking import check
from intermediaries.returns.layout import COLUMN
from intermediaries.returns.rows import PriorLoan
from ledger.dates import FinancialYear, Quarter, quarters
from ledger.money import NOTHING, Money, split

KEYS = [one.key for one in facilities()]
ORDER_2011 = [839, 49, 84, 28]


def shipped(name: str) -> Any:
    return json.loads(files("bank.demo").joinpath("data", name).read_text(encoding="utf-8"))


def pounds(text: str) -> Money:
    """Published millions as whole pence."""
    return Money(int(Fraction(text) * 100_000_000))


@pytest.mark.parametrize("key", KEYS)
def test_every_return_of_a_facility_passes_every_check_and_raises_no_question(key: str) -> None:
    prior: dict[str, PriorLoan] = {}
    for quarter in return_quarters(facility(key)):
        for version in (1, 2):
            rows = return_rows(key, quarter, version)
            checked = check(
                as_csv(rows),
                quarter=quarter,
                facility="fac_x",
                cash_held=cash_held(key, quarter),
                prior=prior,
                filing=True,
            )
            assert checked.findings == ()
            assert len(checked.rows) == len(rows) > 0
        prior |= {row.loan_ref: PriorLoan.after(row, prior.get(row.loan_ref)) for row in checked.rows}


@pytest.mark.parametrize("key", KEYS)
def test_cash_ties_to_the_penny_with_what_the_returns_say_and_what_the_bank_paid(key: str) -> None:
    whole = facility(key)
    held = NOTHING
    for told in cash(key):
        rows = return_rows(key, told.quarter)
        share = whole.lending.share
        lent = Money.total(Money.parse(row["drawn"]).times(share) for row in rows)
        columns = ("principal_received", "interest_received", "recovered")
        received = Money.total(Money.parse(row[column]).times(share) for row in rows for column in columns)
        assert (lent, received) == (told.lent, told.received)
        held += told.drawn - lent + received - told.interest_paid - told.principal_repaid - told.costs + told.own_money
        short = Money.total(one.amount for one in explanations(key, told.quarter) if one.category == "timing")
        assert held == told.held >= NOTHING
        assert cash_held(key, told.quarter) == held - short


@pytest.mark.parametrize("key", KEYS)
def test_no_facility_draws_more_than_it_has_or_outside_its_days(key: str) -> None:
    terms = facility(key).terms
    assert Money.total(told.drawn for told in cash(key)) <= terms.amount
    drawn_on = [moment.on for moment in moments() if moment.facility == key and moment.kind == "draw_down"]
    assert terms.proposed_on <= terms.approved_on <= terms.signed_on < min(drawn_on)
    assert max(drawn_on) <= terms.available_until < terms.matures_on
    assert Money.parse("500000") <= terms.amount <= Money.parse("15000000")


@pytest.mark.parametrize("key", KEYS)
def test_no_onward_loan_is_agreed_or_drawn_before_the_facility_has_drawn(key: str) -> None:
    first = min(moment.on for moment in moments() if moment.facility == key and moment.kind == "draw_down")
    assert all(first < loan.agreed_on < loan.tranches[0][0] for loan in loans(key))


@pytest.mark.parametrize("key", KEYS)
def test_our_share_of_every_movement_of_principal_is_whole_pence(key: str) -> None:
    for loan in loans(key):
        for told in loan_history(loan):
            for amount in (told.drawn, told.principal_received, told.written_off, told.recovered):
                assert (amount.pence * Fraction(loan.share)).denominator == 1


def test_there_are_nine_invented_intermediaries_of_nine_kinds_and_every_name_says_so() -> None:
    told = shipped("intermediaries.json")["intermediaries"]
    assert len({one["kind"] for one in told}) == len(told) == 9
    assert all(one["invented"] is True and one["name"].endswith("(invented)") for one in told)
    assert {one["kind"] for one in told} == set(CODE_LISTS["intermediary_kind"].names())
    further = {one["product"] for one in shipped("products.json")["facilities"]}
    assert {one["facility"]["product"] for one in told} | further == set(PRODUCTS)


def test_there_are_more_than_420_borrowers_and_some_are_known_to_two_lenders() -> None:
    whole = list(every_loan())
    assert len(whole) == len({loan.ref for loan in whole}) == 440
    assert len({loan.borrower.name for loan in whole}) == 432
    lenders: dict[str, set[str]] = {}
    for loan in whole:
        for org_id in loan.borrower.identifiers:
            lenders.setdefault(registration(org_id), set()).add(loan.facility)
    assert sum(len(names) > 1 for names in lenders.values()) == 8


def test_identifiers_are_well_formed_and_lie_beyond_what_registers_have_issued() -> None:
    unissued = (
        "GB-CHC-99",
        "GB-SC-SC099",
        "GB-NIC-199",
        "GB-MPR-99",
        "GB-COH-9900",
        "GB-COH-SC99",
        "GB-COH-NI99",
        "GB-COH-RS99",
    )
    for loan in every_loan():
        for org_id in loan.borrower.identifiers:
            assert problems_with(org_id) is None
            assert org_id.startswith(unissued)
        assert loan.borrower.identifiers or loan.borrower.legal_form == "UNINC"


def test_borrowers_are_in_real_places_in_all_nations_and_all_vanguard_areas() -> None:
    places = [place_of(lsoa=loan.borrower.lsoa) for loan in every_loan()]
    assert all(place.matched for place in places)
    nations = Counter(place.nation for place in places)
    assert set(nations) == set(NATIONS)
    assert min(nations.values()) >= 8
    vanguard = Counter(place.vanguard for place in places if place.vanguard)
    assert set(vanguard) == set(VANGUARD.values())
    assert min(vanguard.values()) >= 10
    for loan in every_loan():
        column, text = loan.borrower.place
        assert place_of(**{column: text}).nation == place_of(lsoa=loan.borrower.lsoa).nation  # type: ignore[arg-type]


def test_no_charitable_incorporated_organisation_borrows_before_there_were_any() -> None:
    assert all(loan.agreed_on.year >= 2013 for loan in every_loan() if loan.borrower.legal_form == "CIO")


def test_small_loans_are_about_the_size_price_and_length_of_the_growth_fund() -> None:
    small = [
        loan
        for loan in every_loan()
        if loan.product in {"unsecured-loan", "blended-loan", "guaranteed-loan", "secured-loan"}
    ]
    mean = Money.total(loan.committed for loan in small).pence / len(small) / 100
    assert 55_000 <= mean <= 85_000
    assert 40 <= sum(loan.months or 0 for loan in small) / len(small) <= 54
    assert Fraction(6, 100) <= Fraction(sum(loan.rate or 0 for loan in small)) / len(small) <= Fraction(8, 100)


def test_everything_that_befalls_loans_befalls_some() -> None:
    told = [row for loan in every_loan() for row in loan_history(loan)]
    seen = Counter(row.status for row in told)
    assert set(seen) == set(CODE_LISTS["status"].names())
    assert any(row.recovered for row in told)
    assert any(row.written_off for row in told)
    assert any(row.days_past_due > 90 for row in told)
    assert {row.quarter for row in told} == set(quarters(FIRST, LAST))


def test_one_return_is_late_one_is_corrected_after_its_quarter_and_one_lender_stops_filing() -> None:
    told = filings()
    after = {(one.facility, str(one.quarter), one.version): (one.filed_on - one.quarter.ends_on).days for one in told}
    assert [which for which, days in after.items() if days > 40] == [
        ("tallowgate", "2012Q4", 1),
        ("saltmeadow", "2013Q1", 2),
    ]
    assert [one.facility for one in told if one.reason] == ["saltmeadow"]
    assert max(one.quarter for one in told if one.facility == "thistlecombe") == Quarter(2013, 2)
    assert all(one.quarter.ends_on < one.filed_on < one.accepted_on for one in told)
    assert all((one.accepted_on - one.quarter.ends_on).days < 50 for one in told if one.version == 1)
    assert all(day.weekday() < 5 for one in told for day in (one.filed_on, one.accepted_on))


def test_the_first_version_of_the_corrected_return_differs_in_one_loan_by_one_thousand_pounds() -> None:
    quarter = Quarter(2013, 1)
    wrong, right = return_rows("saltmeadow", quarter, 1), return_rows("saltmeadow", quarter)
    differing = [(one, other) for one, other in zip(wrong, right, strict=True) if one != other]
    assert len(differing) == 1
    one, other = differing[0]
    assert {name for name in one if one[name] != other[name]} == {"principal_received", "principal_outstanding"}
    thousand = Money.parse("1000")
    assert Money.parse(one["principal_received"]) - Money.parse(other["principal_received"]) == thousand
    assert return_rows("saltmeadow", quarter, 2) == right


def test_a_broken_return_has_a_finding_in_each_of_its_first_rows() -> None:
    checked = check(as_csv(broken_rows("tallowgate", Quarter(2012, 4))), quarter=Quarter(2012, 4))
    assert {finding.row for finding in checked.findings} == {1, 2, 3, 4, 5, 6}


def test_moments_are_told_in_order_and_hold_one_failure_with_its_loss_and_what_came_back() -> None:
    told = moments()
    assert [moment.on for moment in told] == sorted(moment.on for moment in told)
    kinds = Counter(moment.kind for moment in told)
    assert kinds["propose"] == kinds["approve"] == kinds["sign"] == 9
    assert kinds["fail"] == kinds["write_off"] == kinds["recover"] == 1
    lost = next(moment.amount for moment in told if moment.kind == "write_off")
    back = next(moment.amount for moment in told if moment.kind == "recover")
    assert NOTHING < back < lost < Money.total(quarter.drawn for quarter in cash("thistlecombe"))
    assert all(moment.on <= date(2013, 12, 31) for moment in told)


def test_the_story_is_the_same_every_time_and_each_cell_stands_under_a_column_of_the_return() -> None:
    assert borrower("a key", 3, 2012) == borrower("a key", 3, 2012)
    for quarter in return_quarters(facility("tallowgate")):
        assert {name for row in return_rows("tallowgate", quarter) for name in row} <= set(COLUMN)
    first = return_rows("quillmere", FIRST)[0]
    assert (first["loan_ref"], first["borrower_name"]) == ("QSB-0001", "Amberbourne Neighbours Society Limited")


def test_englands_part_of_each_distribution_is_exact_and_its_years_are_those_published() -> None:
    told = shipped("published.json")
    england: dict[str, Money] = {}
    for line in told["path"]["distributions"]:
        amount, part = Money.parse(line["amount"]), Money.parse(line["england"])
        assert split(amount, ORDER_2011)[0] == part
        assert str(FinancialYear.of(date.fromisoformat(line["on"]))) == line["financial_year"]
        england[line["financial_year"]] = england.get(line["financial_year"], NOTHING) + part
    published = told["published"]["england_by_financial_year"]["amounts"]
    assert england["2011/12"] == pounds(published["2011/12"])
    assert england["2012/13"] == pounds(published["2012/13"])
    assert england["2013/14"] == pounds(published["2013/14"]).times(Fraction(3, 4))
    tranche = told["published"]["first_tranche_to_distributor"]
    assert Money.parse(told["path"]["distributions"][0]["amount"]) == pounds(tranche["amount"])


def test_the_published_years_add_up_to_826_million() -> None:
    years = shipped("published.json")["published"]["england_by_financial_year"]["amounts"]
    assert sum(Fraction(amount) for amount in years.values()) == 826


def test_each_receipt_leaves_after_its_reserve_what_is_distributed_next() -> None:
    path = shipped("published.json")["path"]
    kept = 1 - Fraction(path["reserve"]["rate"])
    for receipt, distribution in zip(path["receipts"], path["distributions"], strict=True):
        amount = Money.parse(receipt["amount"])
        assert amount.pence == math.ceil(Money.parse(distribution["amount"]).pence / kept)
        assert amount - amount.times(1 - kept) >= Money.parse(distribution["amount"])
        assert receipt["consented_on"] <= receipt["received_on"] < distribution["on"]


def test_shares_are_called_at_60_to_40_from_money_that_is_there_up_to_the_published_equity() -> None:
    told = shipped("published.json")
    path, published = told["path"], told["published"]
    a_shares = b_shares = NOTHING
    for call in path["capital_calls"]:
        a_shares += Money.parse(call["a_shares"])
        b_shares += Money.parse(call["b_shares"])
        there = Money.total(Money.parse(line["england"]) for line in path["distributions"] if line["on"] <= call["on"])
        assert a_shares <= there
        assert a_shares.pence * 40 == b_shares.pence * 60
        assert Money.parse(call["b_shares"]).pence % 4 == 0
        assert call["on"] > published["state_aid"]["on"]
        if call["on"] == "2012-11-30":
            assert a_shares + b_shares == pounds(published["bank_equity_received_2012"]["amount"])
    assert b_shares <= pounds("200")
    assert a_shares <= pounds(published["state_aid"]["dormant_capital_up_to"])


def test_every_line_of_the_path_says_whether_it_is_published_derived_or_invented() -> None:
    path = shipped("published.json")["path"]
    for part in ("receipts", "reclaims", "distributions", "capital_calls"):
        assert {line["label"] for line in path[part]} <= {"published", "derived", "invented"}
    sources = shipped("published.json")["published"]["sources"]
    assert all(" " not in source.rsplit(": ", 1)[-1].split(" and ")[0] for source in sources.values())
