"""Rules begin and end with quarters: a return is held to those of its own quarter, whenever it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from intermediaries.returns import rules as room
from intermediaries.returns.acceptance import recheck
from intermediaries.returns.case import Case
from intermediaries.returns.checking import Against, check
from intermediaries.returns.checks import FIRST_QUARTER, Check, Fault, named
from intermediaries.returns.model import Return, ReturnRun
from intermediaries.returns.queries import prior_state
from intermediaries.returns.rows import LoanRow
from intermediaries.returns.rules import CHECKS, ROW_CHECKS, RowCheck, RuleSet, rules_of
from ledger.dates import Quarter, SetClock
from ledger.money import Money
from ledger.store.database import Database
from tests.intermediaries.lending import Q1, Q3, Q4, House, document, loan
from tests.intermediaries.returns_strategies import before

OF_ALL_TOGETHER = (
    room.references_once,
    room.open_loans_are_reported,
    room.loans_are_there,
    room.carried_loans_have_nothing_due,
    room.opening_balance_stands,
    room.cash_agrees_with_the_books,
)


def lent_round_sums(row: LoanRow, _: Case) -> Fault | None:
    """Whole pounds are lent."""
    return Fault("Pence were lent.", "Leave them out.") if row.drawn.pence % 100 else None


@pytest.fixture
def from_the_fourth(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A rule that begins in the fourth quarter of 2011 and ends with it."""
    new = RowCheck(lent_round_sums, ("drawn",), "drawn", since=Q4, until=Q4)
    monkeypatch.setattr(room, "ROW_CHECKS", (*ROW_CHECKS, new))
    monkeypatch.setattr(room, "CHECKS", (*CHECKS, new.check))
    rules_of.cache_clear()
    yield
    rules_of.cache_clear()


def found(quarter: Quarter) -> list[str]:
    row = loan(drawn="10.01", principal_outstanding="10.01", agreed_on="2011-07-15")
    return [one.rule for one in check(document([row]), quarter=quarter).errors]


@pytest.mark.usefixtures("from_the_fourth")
def test_a_rule_is_asked_of_the_quarters_it_is_in_force_for_alone() -> None:
    assert [found(quarter) for quarter in (Q3, Q4, Q1)] == [[], ["lent-round-sums"], []]
    versions = [rules_of(quarter).version for quarter in (Q3, Q4, Q1)]
    assert versions[0] == versions[2] != versions[1]
    assert "lent-round-sums" in rules_of(None).names


def test_a_return_of_an_earlier_quarter_is_held_to_no_later_rule_however_often_it_is_looked_at(
    database: Database, clock: SetClock, request: pytest.FixtureRequest
) -> None:
    house = House.opened(database, clock)
    odd = loan(drawn="10.01", principal_outstanding="10.01")
    first = house.submit(odd, cash_held="99994.99")
    request.getfixturevalue("from_the_fourth")
    with house.bank.reading() as session:
        row, run = session.get_one(Return, first.id), session.get_one(ReturnRun, first.id)
        again = recheck(session, row, prior_state(session, house.facility, Q3))
    assert again.ok
    assert (again.rules_version, "lent-round-sums" in run.rules) == (run.rules_version, False)
    assert house.accept(house.attest(first.id).id).accepted.rules_version == run.rules_version
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    more = loan(drawn="1.01", principal_outstanding="11.02")
    held = house.submit(more, quarter=Q4, cash_held="99994.48")
    assert (held.state, [one.rule for one in held.findings]) == ("queried", ["lent-round-sums"])
    assert "lent-round-sums" in held.rules
    corrected = house.submit(odd | {"drawn": "10.03", "principal_outstanding": "10.03"}, cash_held="99994.98")
    assert (corrected.state, corrected.rules_version) == ("checked", first.rules_version)


@pytest.mark.parametrize("test", OF_ALL_TOGETHER, ids=named)
def test_a_rule_about_all_loans_together_begins_and_ends_too(
    test: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is broken by a file once it is in force, and not asked of the quarter before."""
    name = named(test)
    later = tuple(replace(one, since=Q4) if one.name == name else one for one in CHECKS)
    monkeypatch.setattr(room, "CHECKS", later)
    rules_of.cache_clear()
    assert [name in broken(quarter) for quarter in (Q3, Q4)] == [False, True]
    rules_of.cache_clear()


def broken(quarter: Quarter) -> set[str]:
    """What is found in three files that together break every rule about all loans together."""
    late = {"days_past_due": "3", "status": "in-arrears", "arrears_principal": "1.00"}
    row = loan(drawn="1.00", principal_outstanding="1.00", **late)
    open_ = {"L-8": before(row | {"loan_ref": "L-8"})}
    carried = {"L-9": row | {"loan_ref": "L-9"}}
    sent: tuple[tuple[list[dict[str, str]], Against], ...] = (
        ([row, row | {"opening_balance": "5.00"}], Against({}, "only-changes", carried)),
        ([row], Against(open_, cash=Money(0))),
        ([], Against(open_, "nil")),
    )
    return {
        one.rule
        for rows, against in sent
        for one in check(document(rows), quarter=quarter, cash_held=Money(7), against=against, filing=True).findings
    }


def test_what_makes_a_file_readable_does_not_depend_on_the_quarter() -> None:
    """What only a later rule could read would be read in no earlier quarter: such rules are of all quarters."""
    assert {(one.since, one.until) for one in CHECKS if one.tier <= 2} == {(FIRST_QUARTER, None)}


def test_the_version_says_whether_any_sentence_is_another() -> None:
    some = [Check("one", 3, "error", "One."), Check("two", 3, "error", "Two.", since=Q4)]
    whole = RuleSet.of(Q4, some, ())
    assert RuleSet.of(Q3, some, ()).version == RuleSet.of(None, some[:1], ()).version != whole.version
    assert RuleSet.of(Q4, [some[0], replace(some[1], sentence="Two!")], ()).version != whole.version
