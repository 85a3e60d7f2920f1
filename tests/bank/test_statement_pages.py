"""The pages of the portfolio statement, each figure worked out again some other way: from queries and postings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from bank.allocations import commands as allocations
from bank.allocations.queries import all_facilities, events
from bank.capital.queries import balance_sheet, paid_in
from bank.figures import accounts as accounting
from bank.figures import judged
from bank.figures.adequacy import adequacy
from bank.figures.borrowers import people_reached
from bank.figures.bounds import bounds, position
from bank.figures.bridge import bridge
from bank.figures.commitments import commitments
from bank.figures.evidence import Evidence, Knowledge
from bank.figures.holdings import holdings
from bank.figures.lending import lent_late
from bank.figures.quality import quality
from bank.figures.registry import REGISTRY
from bank.figures.stages import stages
from bank.limits.commands import decide_limit, propose_limit
from bank.publishing.gathering import compose
from bank.publishing.proof import Window
from bank.treasury.queries import headroom
from intermediaries.returns.queries import lateness
from ledger import queries
from ledger.chart import PLANS
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, balances_under, trial_balance
from ledger.store.database import ReadSession
from tests.bank import institution
from tests.bank.institution import Q2, Q3, Institution, pounds
from tests.reports import sample


@pytest.fixture(scope="module")
def lived(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Institution]:
    """Three quarters of the institution, with a correction in the third, and two limits."""
    with institution.lived("sqlite", run_of_tests, tmp_path_factory.mktemp("pages"), 3) as bank:
        for kind, amount, share in (("intermediary", pounds("1.00"), None), ("liquidity", None, Decimal("0.5"))):
            made = propose_limit(
                bank.desk("fay"),
                kind=kind,
                amount=amount,
                share=share,
                hard=True,
                from_on=date(2012, 1, 1),
                basis="for a test",
                key=kind,
            )
            decide_limit(bank.desk("flo"), limit=made.id, approve=True, key=f"{kind} agreed")
        yield bank


@pytest.fixture
def evidence(lived: Institution) -> Iterator[Evidence]:
    with lived.database.reading() as session:
        yield Evidence(Knowledge(session, queries.known(session)), Q3.ends_on)


@pytest.fixture
def later(run_of_tests: Path, tmp_path: Path) -> Iterator[Institution]:
    """The same institution in the quarter after, with the third closed for good over a return that was missing."""
    with institution.lived("sqlite", run_of_tests, tmp_path, 3) as bank:
        bank.clock.set(institution.at(2013, 1, 10))
        yield bank


def now_at(day: date, session: ReadSession) -> Evidence:
    return Evidence(Knowledge(session, queries.known(session)), day)


def test_what_returns_for_closed_quarters_bring_is_told_apart_in_the_quarter_they_fall_into(later: Institution) -> None:
    fourth, committed = Q3.next, "40000.00"
    third = [
        institution.said("G-1", "20000.00", drawn="2000.00", amount_committed=committed),
        institution.said("G-2", "15000.00"),
    ]
    later.file(institution.HILL, Q3, third, "15099.99", why="It came after the books had closed")
    with later.database.reading() as session:
        evidence = now_at(fourth.ends_on, session)
        assert lent_late(evidence) == REGISTRY["lent"].work_out(evidence).added == pounds("2000.00")
    third[0] |= {"drawn": "2500.00", "principal_outstanding": "20500.00"}
    later.file(institution.HILL, Q3, third, "14599.99", why="And it was wrong")
    fresh = [
        institution.said("G-1", "21500.00", drawn="1000.00", amount_committed=committed),
        institution.said("G-2", "15000.00"),
    ]
    later.file(institution.HILL, fourth, fresh, "13599.99", why="As it should be")
    with later.database.reading() as session:
        evidence = now_at(fourth.ends_on, session)
        assert lent_late(evidence) == pounds("2500.00")
        assert REGISTRY["lent"].work_out(evidence).added == pounds("3500.00")
        assert lent_late(now_at(Q3.ends_on, session)) == NOTHING


def test_a_lender_that_is_silent_and_what_the_bank_wrote_off_of_it_are_told_in_words(evidence: Evidence) -> None:
    """Hill has not answered for the third quarter: its loans stand as it last told of them, and nothing of it ties."""
    document = compose(evidence, "portfolio", window=Window())
    said = {one.code: one.heading.text for one in document.sections}
    fresh = [state for state in evidence.standing if state.quarter == Q3]
    behind = f"for {len(fresh)} of {len(evidence.standing)} loans)"
    assert len(fresh) < len(evidence.standing)
    assert document.headline.text.endswith("is known to have reached the front line")
    assert document.standfirst.text.endswith(f"No loan is known to be more than 90 days overdue ({behind}.")
    assert (
        f"(from 1 of 2 returns, {behind}; the bank has written off £10,000 (£750 came back), lenders £40,000 ("
        in (said["credit"])
    )
    assert said["ties"].endswith("; one has no return to tie")
    changed = str(document.cover[-1])
    for sentence in ("The bank wrote £10,000 off, and lenders £40,000.", "Lending is told from 1 of 2 returns."):
        assert sentence in changed
    heading = {one.code: one.heading.text for one in compose(evidence, "impact", window=Window()).sections}["losses"]
    assert heading == "Lenders wrote off £40,000, and £1,500 came back (from 1 of 2 returns)"


def test_what_co_investors_mean_to_add_is_told_from_the_approval_until_it_lapses(later: Institution) -> None:
    def meant() -> object:
        with later.database.reading() as session:
            return commitments(now_at(date(2013, 1, 10), session)).co_in_principle.value

    before = meant()
    assert before == pounds("400000.00")
    made = allocations.propose(
        later.desk("fay"),
        intermediary=later.intermediaries[institution.HILL],
        product="senior-loan",
        amount=pounds("1000.00"),
        annual_rate=Decimal("0.05"),
        available_from=date(2013, 1, 10),
        available_until=date(2013, 12, 31),
        matures_on=date(2018, 12, 31),
        purpose="Loans to charities",
        additionality="Borrowers whom banks have declined",
        co_investor_amount=pounds("700.00"),
        key="one more",
    )
    assert meant() == before
    allocations.approve(later.desk("flo"), facility=made.id, key="one more")
    assert meant() == pounds("400700.00")
    allocations.lapse(later.desk("fay"), facility=made.id, on=date(2013, 1, 10), reason="They withdrew", key="one more")
    assert meant() == before


def test_the_reserve_by_quarter_is_the_balances_of_the_reclaim_funds_accounts(evidence: Evidence) -> None:
    for one in adequacy(evidence).reserve:
        day = one.quarter.ends_on
        held = [balance_at(evidence.session, "reclaim-fund", code, day) for code in ("2000", "2010")]
        assert one.reserved == -Money.total(held)
        assert one.received == -balance_at(evidence.session, "reclaim-fund", "4000", day)


def test_holders_paid_what_the_banks_book_says_and_their_parts_are_the_whole(evidence: Evidence) -> None:
    found = adequacy(evidence).holders
    assert Money.total(one.paid for one in found) == paid_in(evidence.session, Q3.ends_on).total
    assert sum(one.economic for one in found) == 1


def test_match_by_year_is_what_each_facilitys_events_tell(evidence: Evidence) -> None:
    ours: dict[int, Money] = defaultdict(lambda: NOTHING)
    others: dict[int, Money] = defaultdict(lambda: NOTHING)
    for view in all_facilities(evidence.session, as_at=Q3.ends_on):
        for event in events(evidence.session, view.id, as_at=Q3.ends_on):
            if event.kind == "drawdown":
                ours[event.effective_on.year] += event.amount
                others[event.effective_on.year] += event.co_investor_amount
    found = commitments(evidence)
    assert {one.year: (one.ours, one.others) for one in found.years} == {
        year: (ours[year], others[year]) for year in ours
    }
    assert Money.total(one.others for one in found.years) == found.co_drawn.value
    assert Money.total(one.undrawn for one in found.ages) == REGISTRY["undrawn"].work_out(evidence).value


def test_groups_of_holdings_add_to_the_whole_and_curves_end_at_their_cash(evidence: Evidence) -> None:
    found = holdings(evidence)
    for lines in (found.products, found.vintages, found.intermediaries):
        assert Money.total(line.paid_in for line in lines) == found.whole.paid_in
        assert Money.total(line.left for line in lines) == found.whole.left
    for line, course in zip(found.vintages, found.courses, strict=True):
        assert course.points[-1].net == line.paid_back - line.paid_in


def test_limits_are_read_as_they_stand_and_the_nearest_is_named(evidence: Evidence) -> None:
    lines = {one.title: one for one in bounds(evidence).limits}
    one = lines["at risk with one intermediary"]
    exposed: dict[str, Money] = defaultdict(lambda: NOTHING)
    for view in all_facilities(evidence.session, as_at=Q3.ends_on):
        for root in ("9110", "9100", "9120", "9130", "1200"):
            for code, amount in balances_under(evidence.session, "bank", root, Q3.ends_on).items():
                if code.partition(":")[2].startswith(view.id):
                    exposed[view.intermediary] += amount
    assert one.stands == max(exposed.values())
    assert not one.within
    held = headroom(evidence.session, Q3.ends_on)
    cover = lines["liquidity cover"].stands
    costs = position(evidence, ()).costs
    assert cover == Fraction((held.cash + held.treasury).pence, (held.undrawn_commitments + costs).pence)
    assert lines["total of the balance sheet"].stands == balance_sheet(evidence.session, Q3.ends_on)


def test_stages_hold_all_that_is_owed_as_debt_and_all_that_is_allowed_for(evidence: Evidence) -> None:
    found = stages(evidence)
    assert Money.total(one.principal for one in found.moved) == REGISTRY["owed_as_debt"].work_out(evidence).value
    assert Money.total(found.allowances) == REGISTRY["loss_allowance"].work_out(evidence).value


def test_the_three_statements_tie_to_the_trial_balance(evidence: Evidence) -> None:
    found = accounting.accounts(evidence)
    lines = {
        one.key: one
        for part in (found.assets, found.liabilities, found.funds, found.income, found.cash)
        for one in part
    }
    told = trial_balance(evidence.session, "bank", Q3.ends_on).accounts

    def net(*kinds: str) -> Money:
        return Money.total(one.debit - one.credit for one in told if one.code[0] in kinds)

    assert lines["total-assets"].first == net("1")
    assert lines["total-liabilities"].first == -net("2")
    assert lines["net-assets"].first == lines["total-funds"].first == net("1", "2")
    assert lines["result"].second == -net("4", "5")
    assert lines["closing"].first == lines["closing"].second == balance_at(evidence.session, "bank", "1000", Q3.ends_on)
    assert lines["opening"].first == balance_at(evidence.session, "bank", "1000", Q2.ends_on)
    named = {
        root
        for groups in (accounting.ASSETS, accounting.LIABILITIES, accounting.FUNDS)
        for _, _, roots in groups
        for root in roots
    }
    assert {one.code.partition(":")[0] for one in told if one.code[0] in "123"} <= named


def test_cash_that_came_in_as_interest_is_told_as_interest_and_not_as_what_came_back(evidence: Evidence) -> None:
    told = {line.key: line.second for line in accounting.accounts(evidence).cash}
    by_kind: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for leg in evidence.books.legs("bank"):
        if leg.account == "1000" and leg.effective_on <= evidence.as_at:
            by_kind[leg.kind] += leg.amount
    assert by_kind["interest"] > NOTHING
    assert told["income"] == by_kind["interest"] + by_kind["fee"] + by_kind["income"]
    assert told["principal"] == Money.total(by_kind[kind] for kind in ("drawdown", "repayment", "recovery", "claim"))


def test_whatever_is_lent_or_invested_on_has_its_place_in_the_cash_flow() -> None:
    placed = Counter(root for _, _, roots in accounting.FLOWS for root in roots)
    assert set(placed.values()) == {1}
    lent = {line.code for line in PLANS["bank"].lines if line.code.startswith(("12", "13", "15"))}
    assert lent - set(placed) == {"1240", "1241", "1242"}, "what is allowed for is never paid"


def test_the_income_of_quarters_adds_to_the_result_to_date(evidence: Evidence) -> None:
    whole = accounting.accounts(evidence)
    quarters = [evidence.quarter]
    while len(quarters) < 6:
        quarters.append(quarters[-1].previous)
    sums = [accounting.accounts(Evidence(evidence.knowledge, quarter.ends_on)).income[-1].first for quarter in quarters]
    assert Money.total(sums) == whole.income[-1].second


def test_lateness_by_lender_is_the_worst_of_its_facilities(evidence: Evidence) -> None:
    found = {
        one.name: dict(zip(quality(evidence, None, "").quarters, one.states, strict=True))
        for one in quality(evidence, None, "").lenders
    }
    for line in lateness(evidence.session, Q2, evidence.known):
        assert found[evidence.knowledge.names[line.intermediary]][Q2] == line.status


def test_restated_figures_are_those_of_the_bridge_and_name_the_return(lived: Institution) -> None:
    """The second quarter's statement was known before its return was corrected in the third."""
    with lived.database.reading() as session:
        now = queries.known(session)
        evidence = Evidence(Knowledge(session, now), Q3.ends_on)
        before = institution.at(2012, 8, 31)
        found = quality(evidence, before, "sta_before").restated
        steps = {line.code: line for line in bridge(session, Q2, queries.known(session, before), now).lines}
        assert found.lines
        assert any("corrected return ret_" in cause for cause in found.causes)
        for line in found.lines:
            told = steps[line.code]
            assert line.shown == told.old
            if isinstance(line.shown, Money) and isinstance(line.known, Money):
                moved = [step.change for step in told.steps if step.cause != "days"]
                assert line.known - line.shown == Money.total(one for one in moved if isinstance(one, Money))
        assert quality(evidence, now.instant, "sta_now").restated.lines == ()


def test_the_deprived_half_and_indicators_are_counted_loan_by_loan(evidence: Evidence) -> None:
    placed = [s for s in evidence.states if s.drawn_in_all and s.place.nation == "England" and s.place.decile]
    whole = Money.total(state.drawn for state in placed)
    poor = Money.total(state.drawn for state in placed if str(state.place.decile) in "12345")
    found = judged.deprived_half(evidence, "deprived_half")
    assert found.value == Fraction(poor.pence, whole.pence)
    assert judged.moved(evidence, "moved_on").value == 1


def test_our_share_of_people_reached_is_split_by_the_money_of_each_loan(evidence: Evidence) -> None:
    found = {line.code: line for line in people_reached(evidence)}
    (only,) = (state for state in evidence.states if state.drawn_in_all and state.people_unit == "households")
    exact = Fraction(60 * only.drawn.pence, only.drawn.pence + only.drawn_of_others.pence)
    assert found["housing-households"].ours == int(exact + Fraction(1, 2))
    assert found["housing-households"].people == 60


@pytest.mark.parametrize(
    ("baseline", "target", "actual", "moved"),
    [
        (10, 40, 25, True),
        (40, 10, 45, False),
        (10, 40, 10, False),
        (5, 5, 5, False),
        (5, 5, 9, False),
        (10, 20, 35, True),
        (100, 90, 50, True),
    ],
)
def test_an_indicator_has_moved_on_when_it_went_towards_its_target_or_past_it(
    baseline: int, target: int, actual: int, moved: bool
) -> None:
    line = sample.impact().indicators[0]
    told = line.model_copy(update={"baseline": Decimal(baseline), "target": Decimal(target), "actual": Decimal(actual)})
    assert judged.towards(told) is moved
