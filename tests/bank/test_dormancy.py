from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.cli import main
from bank.inflows.commands import (
    approve_dormancy_period,
    approve_reserve_rate,
    propose_dormancy_period,
    propose_reserve_rate,
    record_receipt,
)
from bank.inflows.dormancy import Silence, dormancy, years_after
from bank.inflows.periods.queries import asset_classes, dormancy_periods, dormancy_rules
from bank.inflows.reference import DORMANCY_RULES, DormancyRule
from bank.inflows.rules import BadReceipt, DormancyUnknown, dormancy_rule, sound_period
from bank.people.rules import SamePerson
from bank.proposals.commands import reject_proposal
from bank.treasury.rules import BadTerms
from ledger.queries import known
from tests.bank.small_bank import SmallBank, pounds

DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2011, 8, 1))
ON = date(2011, 8, 2)
IN_2023 = date(2023, 6, 6)


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


def test_of_rules_from_one_day_the_later_told_holds_and_later_ones_from_their_day() -> None:
    law = DORMANCY_RULES[0]
    shorter, longer = (DormancyRule("bank-account", years, date(2012, 1, 1), "An order") for years in (10, 12))
    rules = (law, shorter, longer)
    assert dormancy_rule("bank-account", date(2011, 12, 31), rules) == law
    assert dormancy_rule("bank-account", date(2012, 1, 1), rules) == longer
    assert dormancy_rule("bank-account", date(2012, 1, 1), (law, longer, shorter)) == shorter
    opened = Silence(date(2001, 6, 1))
    assert not dormancy(opened, "bank-account", date(2011, 12, 31), rules).dormant
    assert dormancy(opened, "bank-account", date(2013, 6, 1), rules).dormant
    assert dormancy(opened, "bank-account", date(2013, 6, 1), rules).source == "An order"


@pytest.mark.parametrize(
    ("asset_class", "years", "from_on"),
    [("gold", 7, IN_2023), ("insurance", 0, IN_2023), ("insurance", 101, IN_2023), ("insurance", 7, date(2022, 2, 23))],
)
def test_a_period_is_of_a_class_that_there_is_from_a_day_that_it_was_there(
    asset_class: str, years: int, from_on: date
) -> None:
    with pytest.raises(BadReceipt):
        sound_period(asset_class, years, from_on)


def test_a_class_is_shut_until_two_people_have_entered_its_period_and_open_from_its_day(small_bank: SmallBank) -> None:
    small_bank.at(IN_2023)

    def reserve() -> str:
        return propose_reserve_rate(
            small_bank.maya, asset_class="insurance", rate=Decimal("0.5"), from_on=IN_2023, basis="Minute"
        ).id

    def received() -> None:
        record_receipt(
            small_bank.maya,
            participant="An insurer",
            amount=pounds("100.00"),
            asset_class="insurance",
            consented_on=IN_2023,
            received_on=IN_2023,
            key="received",
        )

    with pytest.raises(DormancyUnknown, match="bank inflow dormancy-period"):
        reserve()
    told: dict[str, Any] = {"asset_class": "insurance", "from_on": IN_2023}
    with pytest.raises(BadTerms, match="Name the law"):
        propose_dormancy_period(small_bank.maya, years=7, source=" ", **told)
    wrong = propose_dormancy_period(small_bank.maya, years=70, source="A slip", **told)
    made = propose_dormancy_period(small_bank.maya, years=7, source="The Act", **told)
    for waits in (reserve, received):
        with pytest.raises(DormancyUnknown):
            waits()
    before = small_bank.clock.now()
    small_bank.clock.set(before + timedelta(hours=1))
    with pytest.raises(SamePerson):
        approve_dormancy_period(small_bank.maya, id=made.id)
    approve_dormancy_period(small_bank.tom, id=made.id)
    reject_proposal(small_bank.tom, proposal=wrong.id, reason="Ten times too long", key="no")
    with small_bank.database.reading() as session:
        assert [one.state for one in dormancy_periods(session)] == ["rejected", "approved"]
        now, then = dormancy_rules(session), dormancy_rules(session, known(session, before))
    assert (now[-1].years, now[-1].source, then) == (7, "The Act", DORMANCY_RULES)
    shown = {each.code: each for each in asset_classes(IN_2023, now)}
    assert (shown["insurance"].taken_in, shown["insurance"].dormancy_years) == (True, 7)
    assert not {each.code: each for each in asset_classes(IN_2023 - timedelta(days=1), now)}["insurance"].taken_in
    approve_reserve_rate(small_bank.tom, id=reserve())
    received()
    assert small_bank.balance("reclaim-fund", "2000:insurance") == "-50.00"
    assert dormancy(Silence(date(2016, 6, 6)), "insurance", IN_2023, now).dormant


def test_the_classes_are_shown_by_the_law_without_a_database_and_by_what_was_entered_with_one(
    small_bank: SmallBank,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    small_bank.at(IN_2023)
    made = propose_dormancy_period(
        small_bank.maya, asset_class="pension", years=7, from_on=IN_2023, source="The Act", key="entered"
    )
    approve_dormancy_period(small_bank.tom, id=made.id, key="approved")
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    monkeypatch.chdir(nowhere)
    monkeypatch.delenv("BANK_DATABASE_URL", raising=False)

    def open_by(*words: str) -> list[str]:
        monkeypatch.setattr(
            sys, "argv", ["bank", *words, "inflow", "classes", "--on", str(IN_2023), "--format", "json"]
        )
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0
        return [each["code"] for each in json.loads(capsys.readouterr().out) if each["taken_in"]]

    assert open_by() == ["bank-account"]
    assert open_by("--database", database_url) == ["bank-account", "pension"]
