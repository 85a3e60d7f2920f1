"""Limits: dated and agreed by two, shown before a decision, kept with it; a hard one refuses, a soft one asks why."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bank.allocations.commands import approve, capitalise, draw_down, sign
from bank.allocations.life.commands import describe
from bank.allocations.products.registry import PRODUCTS
from bank.approvals.commands import ask, decide
from bank.approvals.rules import NotWanted, TooLate
from bank.limits.commands import ask_to_pass, decide_limit, propose_limit
from bank.limits.model import LimitEvaluation
from bank.limits.queries import evaluation, evaluations, exposures, limits_table
from bank.limits.rules import (
    RECALLABLE,
    Act,
    Limit,
    LimitNeedsReason,
    LimitPassed,
    Position,
    Stake,
    readings,
)
from bank.limits.sound import sound_scope
from bank.limits.waiving import waivers
from bank.people.rules import SamePerson
from bank.treasury.rules import BadTerms
from ledger.money import Money
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_products import START, happens, signed

DAY = date(2012, 3, 1)
UNTIL = date(2012, 3, 31)


@pytest.fixture
def bank(small_bank: SmallBank) -> SmallBank:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    return small_bank


def limit(bank: SmallBank, kind: str, **told: Any) -> str:
    terms: dict[str, Any] = {"from_on": DAY, "basis": "Example"} | told
    made = propose_limit(bank.maya, kind=kind, key=bank.key(), **terms)
    decide_limit(bank.tom, limit=made.id, approve=True, key=bank.key())
    return made.id


def test_no_limit_is_built_in(bank: SmallBank) -> None:
    with bank.database.reading() as session:
        assert limits_table(session) == []
    assert bank.drawn(bank.lender(), "1000.00").state == "drawing"


def test_a_hard_limit_refuses_with_the_figures_and_what_it_shows_before_is_kept(bank: SmallBank) -> None:
    made = limit(bank, "intermediary", share=Decimal("0.15"))
    lender = bank.lender()
    first = bank.proposed(lender, "100.00")
    with bank.database.reading() as session:
        before = evaluation(session, first.id, action="approve")
    assert [(line.before, line.after, line.bound, line.within) for line in before.readings] == [
        ("0.00", "100.00", "150.00", True)
    ]
    approve(bank.tom, facility=first.id, key="first")
    with bank.database.reading() as session:
        (kept,) = evaluations(session, first.id)
    assert (kept.readings, kept.decided_by) == (before.readings, bank.tom.actor.id)
    second = bank.proposed(lender, "50.01")
    with bank.database.reading() as session:
        assert not evaluation(session, second.id, action="approve").would_pass
    with pytest.raises(LimitPassed, match=r"150.01 where at most 150.00") as refused:
        approve(bank.tom, facility=second.id, key="second")
    assert refused.value.facts["limits"] == [made]
    assert bank.facility(second.id).state == "proposed"
    with bank.database.reading() as session:
        assert evaluations(session, second.id) == []
    assert approve(bank.tom, facility=bank.proposed(lender, "50.00").id, key="third").state == "approved"
    assert approve(bank.tom, facility=bank.proposed(bank.lender("Another"), "50.01").id, key="4").state == "approved"


def test_a_soft_limit_asks_for_a_reason_and_keeps_it(bank: SmallBank) -> None:
    limit(bank, "ticket-least", amount=pounds("500.00"), hard=False)
    made = bank.proposed(bank.lender(), "100.00")
    with pytest.raises(LimitNeedsReason, match=r"100.00 where at least 500.00"):
        approve(bank.tom, facility=made.id, key="no reason")
    approve(bank.tom, facility=made.id, note="A pilot", key="reason")
    with bank.database.reading() as session:
        (kept,) = evaluations(session, made.id)
    assert (kept.reason, kept.needs_reason) == ("A pilot", True)


def test_a_hard_limit_is_passed_only_by_leave_of_its_role_and_only_so_far(bank: SmallBank) -> None:
    made = limit(bank, "product", scope="senior-loan", amount=pounds("100.00"), waivable_by="trustee")
    fixed = limit(bank, "ticket-most", amount=pounds("900.00"))
    facility = bank.proposed(bank.lender(), "150.00")
    with pytest.raises(LimitPassed, match="a trustee may waive it"):
        approve(bank.tom, facility=facility.id, key="no leave")
    with pytest.raises(BadTerms, match="waived by nobody"):
        ask_to_pass(
            bank.maya, limit=fixed, facility=facility.id, up_to="950.00", until=UNTIL, reason="Big", key="fixed"
        )
    told: dict[str, Any] = {"limit": made, "facility": facility.id, "until": UNTIL, "reason": "So far"}
    short = ask_to_pass(bank.maya, up_to="149.99", key="short", **told)
    with pytest.raises(NotWanted):
        decide(bank.tom, request=short.id, approve=True, key="tom")
    decide(bank.desks["iris"], request=short.id, approve=True, key="iris")
    with pytest.raises(LimitPassed):
        approve(bank.tom, facility=facility.id, key="too short")
    far = ask_to_pass(bank.maya, up_to="150.00", key="far", **told)
    decide(bank.desks["iris"], request=far.id, approve=True, key="iris again")
    approve(bank.tom, facility=facility.id, key="leave")
    with bank.database.reading() as session:
        (kept,) = evaluations(session, facility.id)
    assert [(line.kind, line.within, line.waived_by_request) for line in kept.readings] == [
        ("product", False, far.id),
        ("ticket-most", True, ""),
    ]


def test_leave_to_pass_a_limit_ends_with_its_last_day_and_the_limit_holds_again(bank: SmallBank) -> None:
    made = limit(bank, "ticket-most", amount=pounds("100.00"), waivable_by="trustee")
    lender = bank.lender()
    facility, other = (bank.proposed(lender, "150.00", available_until=date(2013, 1, 1)).id for _ in range(2))
    with pytest.raises(BadTerms, match="would be over: today is 2012-03-01"):
        leave(bank, made, facility, until=date(2012, 2, 29))
    last = date(2012, 3, 10)
    given = leave(bank, made, facility, until=last)
    beside = leave(bank, made, other, until=last, agreed=False)
    bank.at(last)
    with bank.database.reading() as session:
        (before,) = evaluation(session, facility, action="approve").readings
        (shown,) = waivers(session, facility)
        assert waivers(session, other) == []
    assert (before.waived_by_request, before.waived_until) == (given, "2012-03-10")
    assert (shown.limit, shown.up_to, shown.until, shown.holds) == (made, "150.00", last, True)
    assert (shown.asked_by, shown.agreed_by) == (bank.maya.actor.id, (bank.desks["iris"].actor.id,))
    approve(bank.tom, facility=facility, key="within")
    bank.at(last + timedelta(days=1))
    with bank.database.reading() as session:
        (kept,) = evaluations(session, facility)
        assert not evaluation(session, facility, action="sign").would_pass
        assert [one.holds for one in waivers(session, facility)] == [False]
        assert [one.holds for one in waivers(session, facility, as_at=last)] == [True]
    assert [(line.waived_by_request, line.waived_until) for line in kept.readings] == [(given, "2012-03-10")]
    with pytest.raises(LimitPassed):
        sign(bank.maya, facility=facility, key="after")
    with pytest.raises(LimitPassed):  # nor by telling a day on which it held
        sign(bank.maya, facility=facility, on=last, key="dated back")
    with pytest.raises(TooLate):
        decide(bank.desks["iris"], request=beside, approve=True, key="late")


def test_leave_from_before_it_had_an_end_holds_as_it_was_told_and_says_so(bank: SmallBank) -> None:
    made = limit(bank, "ticket-most", amount=pounds("100.00"), waivable_by="trustee")
    facility = bank.proposed(bank.lender(), "150.00").id
    with bank.maya.writing() as work:  # as it was asked for then
        told = {"limit": made, "up_to": "150.00"}
        old = ask(
            work, action="waive-limit", subject=facility, reason="As then", facts=told, roles=("trustee",), key="o"
        ).id
    decide(bank.desks["iris"], request=old, approve=True, key="yes")
    bank.at(DAY + timedelta(days=200))
    with bank.database.reading() as session:
        assert [(one.until, one.ends, one.holds) for one in waivers(session, facility)] == [
            (None, "no end was told", True)
        ]
    approve(bank.tom, facility=facility, key="leave")
    with bank.database.writing() as session:  # and as what rested on it was kept
        row = session.scalars(select(LimitEvaluation)).one()
        lines = [{name: said for name, said in line.items() if name != "waived_until"} for line in row.readings]
        old_row = {column.name: getattr(row, column.name) for column in LimitEvaluation.__table__.columns}
        session.add(LimitEvaluation(**(old_row | {"id": "eva_old", "readings": lines})))
    with bank.database.reading() as session:
        kept = evaluations(session, facility)
    assert [line.waived_until for one in kept for line in one.readings] == ["no end was told"] * 2


def leave(bank: SmallBank, limit: str, facility: str, *, until: date, agreed: bool = True) -> str:
    """Leave for a facility to go as far as 150.00, asked for by Maya and agreed to by Iris; the request."""
    asked = ask_to_pass(
        bank.maya, limit=limit, facility=facility, up_to="150.00", until=until, reason="For a while", key=bank.key()
    )
    if agreed:
        decide(bank.desks["iris"], request=asked.id, approve=True, key=bank.key())
    return asked.id


def test_limits_are_dated_and_end_by_a_later_one_without_a_bound(bank: SmallBank) -> None:
    limit(bank, "ticket-most", amount=pounds("10.00"), from_on=date(2012, 3, 2))
    lender = bank.lender()
    assert approve(bank.tom, facility=bank.proposed(lender, "11.00").id, key="before").state == "approved"
    bank.at(date(2012, 3, 2))
    with pytest.raises(LimitPassed):
        approve(bank.tom, facility=bank.proposed(lender, "11.00").id, key="after")
    limit(bank, "ticket-most", from_on=date(2012, 3, 2))
    assert approve(bank.tom, facility=bank.proposed(lender, "11.00").id, key="ended").state == "approved"


def test_an_act_dated_before_a_limit_began_is_held_to_what_holds_now(bank: SmallBank) -> None:
    """Whatever day is told, the limits of today are read, and kept with the decision; those of the day as well."""
    lender = bank.lender()
    older = limit(bank, "intermediary", amount=pounds("120.00"), from_on=DAY)
    early, late = (bank.proposed(lender, "100.00", available_from=DAY) for _ in range(2))
    bank.at(date(2012, 3, 20))
    newer = limit(bank, "intermediary", amount=pounds("80.00"), from_on=date(2012, 3, 20))
    with pytest.raises(LimitPassed, match=r"100\.00 where at most 80\.00") as refused:
        approve(bank.tom, facility=early.id, on=date(2012, 3, 19), key="dated back")
    assert refused.value.facts["limits"] == [newer]
    limit(bank, "intermediary", amount=pounds("300.00"), from_on=date(2012, 3, 21))
    bank.at(date(2012, 3, 21))
    approve(bank.tom, facility=early.id, on=date(2012, 3, 19), key="wider now")
    with bank.database.reading() as session:
        (kept,) = evaluations(session, early.id)
    assert [(line.limit == older, line.bound, line.within) for line in kept.readings] == [
        (True, "120.00", True),
        (False, "300.00", True),
    ]
    with pytest.raises(LimitPassed, match=r"200\.00 where at most 120\.00"):
        approve(bank.tom, facility=late.id, on=date(2012, 3, 19), key="still bound by its day")
    assert approve(bank.tom, facility=late.id, key="today").state == "approved"


@pytest.mark.parametrize(
    ("kind", "scope", "known"),
    [
        ("product", "wrong", "senior-loan"),
        ("ticket-most", "senior loan", "senior-loan"),
        ("intermediary", "int_nothere", "int_"),
        ("region", "Narnia", "North East"),
    ],
)
def test_a_scope_that_would_bind_nothing_is_refused_with_what_is_known(
    bank: SmallBank, kind: str, scope: str, known: str
) -> None:
    lender = bank.lender()
    with pytest.raises(BadTerms, match=f"{scope}.* would bind nothing: what is known is .*{known}"):
        limit(bank, kind, scope=scope, amount=pounds("100.00"))
    right = {"intermediary": lender, "region": "Wales"}.get(kind, "senior-loan")
    assert limit(bank, kind, scope=right, amount=pounds("100.00"))


def test_of_a_long_register_a_refusal_names_a_few() -> None:
    with pytest.raises(BadTerms, match=r"int_100, .*int_119, and 5 more"):
        sound_scope("intermediary", "int_nothere", {f"int_{number}" for number in range(100, 125)})


def test_a_facility_is_meant_for_a_region_that_a_limit_would_find(bank: SmallBank) -> None:
    limit(bank, "region", amount=pounds("100.00"))
    made = bank.proposed(bank.lender(), "150.00")
    with pytest.raises(BadTerms, match="no region 'Narnia': it is one of North East"):
        describe(bank.maya, facility=made.id, on=DAY, region="Narnia", key="nowhere")


def test_who_proposes_a_limit_does_not_approve_it(bank: SmallBank) -> None:
    made = propose_limit(bank.maya, kind="liquidity", share=Decimal("1.2"), from_on=DAY, basis="Policy", key="p")
    with pytest.raises(SamePerson):
        decide_limit(bank.maya, limit=made.id, approve=True, key="own")
    turned = decide_limit(bank.tom, limit=made.id, approve=False, reason="Too low", key="no")
    assert (turned.decision, turned.in_force) == ("rejected", False)


def test_what_is_not_recorded_is_never_within_a_hard_limit(bank: SmallBank) -> None:
    limit(bank, "unsecured", share=Decimal("0.5"))
    lender = bank.lender()
    first, second = bank.proposed(lender, "100.00"), bank.proposed(lender, "99.00")
    with pytest.raises(LimitPassed, match="not known"):
        approve(bank.tom, facility=first.id, key="unknown")
    describe(bank.maya, facility=first.id, on=DAY, secured=True, key="secured")
    approve(bank.tom, facility=first.id, key="known")
    describe(bank.maya, facility=second.id, on=DAY, secured=False, key="unsecured")
    assert approve(bank.tom, facility=second.id, key="within").state == "approved"
    third = bank.proposed(lender, "2.00")
    describe(bank.maya, facility=third.id, on=DAY, secured=False, key="third")
    with pytest.raises(LimitPassed, match=r"0\.5025 where at most 0\.5000"):
        approve(bank.tom, facility=third.id, key="beyond")


def test_regions_and_first_loss_are_summed_over_those_that_bear_the_mark(bank: SmallBank) -> None:
    limit(bank, "region", scope="North East", amount=pounds("100.00"))
    limit(bank, "first-loss", amount=pounds("50.00"))
    lender = bank.lender()
    for number, (region, amount, first_loss, passes) in enumerate(
        (
            ("North East", "60.00", False, True),
            ("South East", "300.00", False, True),
            ("North East", "41.00", False, False),
            ("South East", "50.00", True, True),
            ("South East", "0.01", True, False),
        )
    ):
        made = bank.proposed(lender, amount)
        describe(bank.maya, facility=made.id, on=DAY, region=region, first_loss=first_loss, key=f"d{number}")
        if passes:
            assert approve(bank.tom, facility=made.id, key=f"a{number}").state == "approved"
        else:
            with pytest.raises(LimitPassed):
                approve(bank.tom, facility=made.id, key=f"a{number}")


def test_liquidity_cover_is_read_at_every_decision(bank: SmallBank) -> None:
    """1,000 in cash: 400 undrawn is covered 2.5 times; 600 more and it is not; paying 300 leaves 700 for 100."""
    limit(bank, "liquidity", share=Decimal("2.5"))
    lender = bank.lender()
    first = bank.signed(lender, "400.00")
    with pytest.raises(LimitPassed, match=r"2\.0000 where at least 2\.5000"):
        approve(bank.tom, facility=bank.proposed(lender, "100.00").id, key="more")
    draw_down(bank.maya, facility=first.id, amount=pounds("300.00"), on=DAY, key="draw")
    with bank.database.reading() as session:
        told = evaluations(session, first.id)
    assert {(one.action, one.readings[0].before, one.readings[0].after) for one in told} == {
        ("approve", "not known", "2.5000"),
        ("sign", "not known", "2.5000"),
        ("draw-down", "2.5000", "7.0000"),
    }


def test_two_approvals_do_not_pass_together_what_neither_passes_alone(bank: SmallBank) -> None:
    """1,000 in cash covers 400 promised 2.5 times, and 800 only 1.25 times."""
    limit(bank, "liquidity", share=Decimal("2.5"))
    lender = bank.lender()
    one, other = (bank.proposed(lender, "400.00").id for _ in range(2))
    approve(bank.tom, facility=one, key="one")
    with pytest.raises(LimitPassed, match=r"1\.2500 where at least 2\.5000"):
        approve(bank.tom, facility=other, key="other")
    sign(bank.maya, facility=one, key="sign")
    with pytest.raises(LimitPassed, match=r"1\.2500 where at least 2\.5000"):
        approve(bank.tom, facility=other, key="other again")


def test_a_signature_is_held_to_the_cover_that_holds_by_then(bank: SmallBank) -> None:
    made = [bank.proposed(bank.lender(f"Lender {place}"), "400.00").id for place in (1, 2)]
    for place, facility in enumerate(made):
        approve(bank.tom, facility=facility, key=f"approve {place}")
    limit(bank, "liquidity", share=Decimal("2.5"))
    sign(bank.maya, facility=made[0], key="sign one")
    with pytest.raises(LimitPassed, match=r"1\.2500 where at least 2\.5000"):
        sign(bank.maya, facility=made[1], key="sign the other")


def test_a_guarantee_issued_pays_nothing_and_leaves_the_cover_as_it_was(bank: SmallBank) -> None:
    made = signed(bank, "guarantee", "400.00")
    limit(bank, "liquidity", share=Decimal("2.5"))
    with bank.database.reading() as session:
        (seen,) = evaluation(session, made.id, action="draw-down", amount=pounds("300.00")).readings
    assert (seen.before, seen.after) == ("2.5000", "2.5000")
    happens(bank, made, "issue", on=DAY, amount="300.00", beneficiary="A lender")
    with bank.database.reading() as session:
        (kept,) = evaluations(session, made.id)
    assert (kept.readings[0].before, kept.readings[0].after) == ("2.5000", "2.5000")


def test_interest_made_principal_is_held_to_what_may_be_at_risk(bank: SmallBank) -> None:
    """100.00 at 6 %: after a year 6.00 is due. Made principal it brings what is at risk to 106.00 of 105.00."""
    limit(bank, "intermediary", amount=pounds("105.00"), waivable_by="trustee")
    limit(bank, "liquidity", share=Decimal(9))
    made = bank.drawn(bank.lender(), "100.00")
    bank.at(date(2013, 3, 1))
    with pytest.raises(LimitPassed, match=r"106\.00 where at most 105\.00 .*100\.00 stands now"):
        capitalise(bank.maya, facility=made.id, on=date(2013, 3, 1), reason="Clause 8", key="all")
    assert bank.balance("bank", f"1200:{made.id}") == "100.00"
    capitalise(bank.maya, facility=made.id, on=date(2013, 3, 1), amount=pounds("5.00"), reason="Clause 8", key="a part")
    with bank.database.reading() as session:
        kept = [one for one in evaluations(session, made.id) if one.action == "capitalise"]
        before = evaluation(session, made.id, action="capitalise", amount=pounds("0.01"))
    assert [(line.kind, line.before, line.after) for one in kept for line in one.readings] == [
        ("intermediary", "100.00", "105.00")
    ]
    assert [(line.after, line.within) for line in before.readings] == [("105.01", False)]


def test_what_a_distribution_promises_anew_is_held_to_what_may_be_at_risk(bank: SmallBank) -> None:
    """100.00 called, then 10.00 of income that may be called again: 110.00 at risk of 105.00. Capital ends it."""
    limit(bank, "intermediary", amount=pounds("105.00"), waivable_by="trustee")
    made = signed(bank, "fund-commitment", "100.00")
    happens(bank, made, "call", DAY, amount="100.00")
    with pytest.raises(LimitPassed, match=r"recallable of 10\.00 .*110\.00 where at most 105\.00 .*100\.00 stands now"):
        happens(bank, made, "distribute", DAY, income="10.00", recallable="10.00")
    assert (bank.balance("bank", "1000"), at_risk(bank, made.id)) == ("900.00", "100.00")
    happens(bank, made, "distribute", DAY, capital="5.00", income="5.00", recallable="10.00")
    assert at_risk(bank, made.id) == "105.00"
    happens(bank, made, "distribute", DAY, capital="9.00", income="3.00", recallable="9.00")
    with bank.database.reading() as session:
        kept = [one for one in evaluations(session, made.id) if one.action == "recallable"]
        before = evaluation(session, made.id, action="recallable", amount=pounds("0.01"))
    assert [(str(one.amount), [(line.before, line.after) for line in one.readings]) for one in kept] == [
        ("10.00", [("100.00", "105.00")]),
        ("9.00", []),
    ]
    assert [(line.after, line.within) for line in before.readings] == [("105.01", False)]
    asked = ask_to_pass(
        bank.maya,
        limit=kept[0].readings[0].limit,
        facility=made.id,
        up_to="106.00",
        until=UNTIL,
        reason="Calls are near",
        key="ask",
    )
    decide(bank.desks["iris"], request=asked.id, approve=True, key="yes")
    happens(bank, made, "distribute", DAY, income="1.00", recallable="1.00")
    assert at_risk(bank, made.id) == "106.00"


PENCE = st.integers(0, 10**6).map(Money)


@settings(max_examples=60)
@given(
    liquid=PENCE,
    promised=PENCE,
    exposed=PENCE,
    elsewhere=PENCE,
    again=st.integers(1, 10**6).map(Money),
    capital=PENCE,
    beside=PENCE,
    data=st.data(),
)
def test_money_that_comes_back_is_refused_only_where_it_leaves_a_limit_worse_and_passed(
    liquid: Money,
    promised: Money,
    exposed: Money,
    elsewhere: Money,
    again: Money,
    capital: Money,
    beside: Money,
    data: Any,
) -> None:
    """Whatever the distribution: what is read is worse than before, and what is not read is no worse."""
    received = max(capital + beside, again)
    secured = data.draw(st.booleans())
    limits = [
        Limit("lim_1", "intermediary", "", data.draw(PENCE), None, hard=True, waivable_by="", from_on=DAY),
        Limit("lim_2", "unsecured", "", None, Decimal("0.5"), hard=True, waivable_by="", from_on=DAY),
        Limit("lim_3", "liquidity", "", None, Decimal("1.5"), hard=True, waivable_by="", from_on=DAY),
    ]
    of = Stake("fac_1", "int_1", "fund-commitment", exposed, secured=secured)
    other = Stake("fac_2", "int_2", "senior-loan", elsewhere, secured=not secured)
    there = Position(stakes=(of, other), of=of, liquid=liquid, promised=promised)
    found = {
        one.limit.kind: one
        for one in readings(limits, there, Act(RECALLABLE, again, received=received, returned=capital))
    }
    assert ("intermediary" in found) == (again > capital)
    if "intermediary" in found:
        assert found["intermediary"].after == exposed + again - capital
    assert ("unsecured" in found) <= (again > capital)
    if not promised:
        assert "liquidity" in found
    else:
        now, then = Fraction(liquid.pence, promised.pence), liquid + received
        thinner = Fraction(then.pence, (promised + again).pence) < now
        assert ("liquidity" in found) == thinner


def test_a_general_match_is_read_at_signing_and_at_drawing(bank: SmallBank) -> None:
    limit(bank, "match", share=Decimal("0.5"))
    made = bank.proposed(bank.lender(), "100.00", co_investor_amount=pounds("49.99"))
    approve(bank.tom, facility=made.id, key="approve")
    with pytest.raises(LimitPassed, match=r"0\.4999 where at least 0\.5000"):
        sign(bank.maya, facility=made.id, key="short")
    sign(bank.maya, facility=made.id, co_investor_amount=pounds("50.00"), key="enough")
    with pytest.raises(LimitPassed):
        draw_down(bank.maya, facility=made.id, amount=pounds("10.00"), on=DAY, key="alone")
    draw_down(
        bank.maya, facility=made.id, amount=pounds("10.00"), co_investor_amount=pounds("5.00"), on=DAY, key="beside"
    )


def test_fees_beside_a_commitment_take_cash_and_no_promise_and_need_no_match() -> None:
    """1,000 of cash, 400 promised: 100 of it called, and 10 beside it, leave 890 for 300; 20 of 100 is matched."""
    held = [
        Limit("lim_1", "match", "", None, Decimal("0.2"), hard=True, waivable_by="", from_on=DAY),
        Limit("lim_2", "liquidity", "", None, Decimal(2), hard=True, waivable_by="", from_on=DAY),
    ]
    there = Position(liquid=pounds("1000.00"), promised=pounds("400.00"))
    called = Act("draw-down", pounds("110.00"), pounds("20.00"), extra=pounds("10.00"))
    assert [one.after for one in readings(held, there, called)] == [Fraction(1, 5), Fraction(89, 30)]
    fees_alone = Act("draw-down", pounds("10.00"), extra=pounds("10.00"))
    assert [one.limit.kind for one in readings(held, there, fees_alone)] == ["liquidity"]


@pytest.mark.parametrize("product", PRODUCTS)
def test_what_is_out_under_any_product_counts_as_it_did_when_it_was_promised(
    small_bank: SmallBank, product: str
) -> None:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    made = signed(small_bank, product)
    assert at_risk(small_bank, made.id) == "1000.00"
    paying = next((event.verb.name for event in PRODUCTS[product].events if event.promises), None)
    if paying is None:
        draw_down(small_bank.maya, facility=made.id, amount=pounds("400.00"), on=START, key="out")
    else:
        happens(small_bank, made, paying, amount="400.00")
    assert small_bank.balance("bank", f"{PRODUCTS[product].promise}:{made.id}") == "600.00"
    assert at_risk(small_bank, made.id) == "1000.00"


def at_risk(bank: SmallBank, facility: str) -> str:
    with bank.database.reading() as session:
        return str(exposures(session)[facility])


def test_what_limits_would_read_is_shown_for_another_day_than_today(bank: SmallBank) -> None:
    later = date(2012, 4, 1)
    limit(bank, "ticket-most", amount=pounds("50.00"), from_on=later)
    made = bank.proposed(bank.lender(), "100.00")
    with bank.database.reading() as session:
        now, then = (evaluation(session, made.id, action="approve", on=day) for day in (None, later))
    assert (now.readings, now.would_pass) == ((), True)
    assert ([line.after for line in then.readings], then.would_pass) == (["100.00"], False)
