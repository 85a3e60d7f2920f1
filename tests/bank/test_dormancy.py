from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.inflows.dormancy import Silence, dormancy, years_after
from bank.inflows.queries import asset_classes
from bank.inflows.reference import DORMANCY_RULES
from bank.inflows.rules import BadReceipt, DormancyUnknown, dormancy_rule

DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2011, 8, 1))
ON = date(2011, 8, 2)


def verdict(opened: str, as_at: date = ON, **told: Any) -> tuple[bool, str]:
    days: dict[str, Any] = {
        name: date.fromisoformat(each) if isinstance(each, str) else each for name, each in told.items()
    }
    found = dormancy(Silence(date.fromisoformat(opened), **days), "bank-account", as_at)
    return found.dormant, str(found.dormant_from)


@pytest.mark.parametrize(
    ("opened", "told", "dormant", "from_on"),
    [
        ("1996-08-02", {}, True, "2011-08-02"),
        ("1996-08-03", {}, False, "2011-08-03"),
        ("1980-01-01", {"last_instruction_on": "1996-08-02"}, True, "2011-08-02"),
        ("1980-01-01", {"last_instruction_on": "1996-08-03"}, False, "2011-08-03"),
        ("1985-01-01", {"term_ends_on": "1996-08-02"}, True, "2011-08-02"),
        ("1985-01-01", {"term_ends_on": "2000-06-30"}, False, "2015-06-30"),
        ("1985-01-01", {"term_ends_on": "1990-06-30", "last_instruction_on": "1994-01-05"}, True, "2009-01-05"),
        ("1980-01-01", {"no_mail": True}, False, "None"),
        ("1978-09-01", {"child_born_on": "1978-08-02"}, True, "2011-08-02"),
        ("1978-09-01", {"child_born_on": "1978-08-03"}, False, "2011-08-03"),
        ("1996-02-29", {}, True, "2011-03-01"),
    ],
)
def test_an_account_is_dormant_after_fifteen_years_without_its_holder(
    opened: str, told: dict[str, Any], dormant: bool, from_on: str
) -> None:
    """Section 10 of the Dormant Bank and Building Society Accounts Act 2008, and its explanatory notes 57 to 61."""
    assert verdict(opened, **told) == (dormant, from_on)


@given(opened=DAYS, later=st.integers(min_value=0, max_value=8000))
def test_an_instruction_never_brings_dormancy_nearer(opened: date, later: int) -> None:
    instructed = min(opened + timedelta(days=later), date(2011, 8, 1))
    alone = dormancy(Silence(opened), "bank-account", ON)
    heard = dormancy(Silence(opened, instructed), "bank-account", ON)
    assert alone.dormant_from is not None
    assert heard.dormant_from is not None
    assert heard.dormant_from >= alone.dormant_from
    assert heard.dormant_from == years_after(instructed, 15)


@given(opened=DAYS, days=st.integers(min_value=0, max_value=9000))
def test_what_is_dormant_stays_so_while_nothing_is_heard(opened: date, days: int) -> None:
    as_at = max(opened, date(2008, 11, 26)) + timedelta(days=days)
    found = dormancy(Silence(opened), "bank-account", as_at)
    assert found.dormant_from is not None
    assert found.dormant == (as_at >= found.dormant_from)


def test_days_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(BadReceipt, match="opened on 2000-01-01"):
        verdict("2000-01-01", last_instruction_on="1999-12-31")
    with pytest.raises(BadReceipt, match="comes after"):
        verdict("2000-01-01", last_instruction_on="2012-01-01")
    with pytest.raises(BadReceipt, match="holds no account"):
        verdict("2000-01-01", child_born_on="2012-01-01")


def test_a_class_whose_period_is_not_known_stays_shut() -> None:
    with pytest.raises(DormancyUnknown):
        dormancy(Silence(date(1990, 1, 1)), "insurance", date(2023, 6, 1))
    shown = {each.code: each for each in asset_classes(date(2023, 6, 1))}
    assert [code for code, each in shown.items() if each.taken_in] == ["bank-account"]
    assert shown["bank-account"].dormancy_years == 15
    assert shown["pension"].dormancy_years is None


def test_every_rule_has_its_day_and_its_source() -> None:
    assert all(rule.source and rule.years > 0 for rule in DORMANCY_RULES)
    assert dormancy_rule("bank-account", date(2008, 11, 25)) is None
