from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from intermediaries.loans.queries import NoSuchLoan, loans, portfolio
from intermediaries.loans.queries import loan as loan_detail
from intermediaries.returns.acceptance import start_of
from intermediaries.returns.breaks.queries import breaks_unexplained
from intermediaries.returns.commands import accept_return, attest_return, explain_break, reject_return, submit_return
from intermediaries.returns.comparing import difference, signs_in
from intermediaries.returns.layout import MOVEMENTS
from intermediaries.returns.queries import (
    NoSuchReturn,
    corrections,
    lateness,
    prior_state,
    return_,
    returns,
    returns_missing,
)
from intermediaries.returns.refusals import (
    BadExplanation,
    LaterReturnsFollow,
    NobodyNamed,
    NotAcceptable,
    NotAttestable,
    QuarterNotBegun,
)
from intermediaries.returns.template import template
from intermediaries.returns.tying import tie
from ledger import queries as books
from ledger.dates import Quarter, SetClock
from ledger.money import Money
from ledger.periods import QuarterNotOver
from ledger.refusals import NotAllowed, NotFound
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.words import UnreadableText
from tests.intermediaries.lending import MANAGER, Q1, Q2, Q3, Q4, House, actor_of, loan


@pytest.fixture
def house(database: Database, clock: SetClock) -> House:
    return House.opened(database, clock)


def money(text: str) -> Money:
    return Money.parse(text)


def balance(house: House, code: str, as_at: date | None = None) -> str:
    with house.bank.reading() as session:
        return str(books.balance_at(session, house.intermediary, f"{code}:{house.facility}", as_at))


DRAWN = loan(drawn="1000.01", principal_outstanding="1000.01")


def test_an_accepted_return_moves_our_share_and_the_co_funders_apart(house: House) -> None:
    done = house.accepted(DRAWN, cash_held="99499.99")
    assert done.posted == 1
    assert balance(house, "1300") == "500.01"
    assert balance(house, "1390") == "500.00"
    assert balance(house, "2390") == "-500.00"
    assert balance(house, "1000") == "99499.99"
    assert done.tie.unexplained == money("0.00")
    assert str(done.tie.difference) == "99499.99"
    assert done.tie.breaks == ()


def test_every_kind_of_movement_goes_to_its_own_account(house: House) -> None:
    house.accepted(DRAWN, cash_held="99499.99")
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    house.accepted(
        loan(
            principal_received="200.00",
            interest_received="15.01",
            written_off="800.01",
            recovered="20.00",
            status="written-off",
        ),
        quarter=Q4,
        cash_held="99617.50",
    )
    assert balance(house, "1300") == "0.00"
    assert balance(house, "1390") == "0.00"
    assert balance(house, "4000") == "-7.51"
    assert balance(house, "4100") == "-10.00"
    assert balance(house, "5000") == "400.01"
    state = house.states()["L-1"]
    assert (str(state.drawn.ours), str(state.drawn.others)) == ("500.01", "500.00")
    assert (str(state.written_off.total), str(state.written_off.ours)) == ("800.01", "400.01")
    assert str(state.recovered.ours) == "10.00"
    assert state.status == "written-off"


def test_a_return_with_errors_is_kept_as_queried_and_posts_nothing(house: House) -> None:
    filed = house.submit(loan(drawn="100.00", principal_outstanding="90.00"))
    assert filed.state == "queried"
    assert [found.rule for found in filed.findings if found.severity == "error"] == ["rolls-forward"]
    with pytest.raises(NotAttestable, match="queried"):
        house.attest(filed.id)
    mended = house.submit(loan(drawn="100.00", principal_outstanding="100.00"))
    assert (mended.version, mended.supersedes, mended.state) == (2, filed.id, "checked")
    with house.bank.reading() as session:
        assert return_(session, filed.id, viewer=MANAGER).state == "superseded"
        assert books.head(session).seq == 1


def test_the_same_content_sent_again_is_the_return_already_there(house: House) -> None:
    filed = house.submit(DRAWN)
    assert house.submit(DRAWN).id == filed.id
    assert house.submit(loan(drawn="1.00", principal_outstanding="1.00")).version == 2


@pytest.mark.parametrize("name", ["Ada\x1b]0;owned\x07 Smith", "Ada\u202e Smith", "Ada\u2028Smith", "Ada\nSmith"])
def test_who_attests_is_named_in_one_line_that_can_be_read(house: House, name: str) -> None:
    filed = house.submit(DRAWN)
    for told in ({"name": name, "role": "Director"}, {"name": "A. Test", "role": name}):
        with pytest.raises((UnreadableText, NobodyNamed)):
            attest_return(house.lender, return_id=filed.id, **told)
    assert house.attest(filed.id).state == "attested"


def test_a_return_is_accepted_once_attested_by_its_own_intermediary(house: House) -> None:
    filed = house.submit(DRAWN)
    with pytest.raises(NotAcceptable, match="attested"):
        house.accept(filed.id)
    with pytest.raises(NotAllowed):
        attest_return(house.bank, return_id=filed.id, name="A. Test", role="Fund manager")
    house.attest(filed.id)
    with pytest.raises(NotAllowed):
        accept_return(house.lender, return_id=filed.id, key="mine")
    assert house.accept(filed.id).accepted.state == "accepted"
    with pytest.raises(NotAcceptable, match="accepted"):
        house.accept(filed.id)


def test_the_same_key_accepts_once_and_answers_alike(house: House) -> None:
    filed = house.attested(DRAWN, cash_held="99499.99")
    first = accept_return(house.bank, return_id=filed.id, key="once")
    assert accept_return(house.bank, return_id=filed.id, key="once") == first
    assert balance(house, "1300") == "500.01"


def test_to_another_intermediary_nothing_of_it_is_there(house: House) -> None:
    done = house.accepted(DRAWN, cash_held="99499.99")
    stranger = Desk(house.database, actor_of("int_stranger"))
    with stranger.reading() as session:
        assert returns(session, viewer=stranger.actor).items == ()
        assert loans(session, viewer=stranger.actor).items == ()
        assert loans(session, viewer=stranger.actor, intermediary=house.intermediary).items == ()
        with pytest.raises(NoSuchReturn):
            return_(session, done.accepted.id, viewer=stranger.actor)
        with pytest.raises(NoSuchReturn):
            tie(session, done.accepted.id, viewer=stranger.actor)
        with pytest.raises(NoSuchLoan):
            loan_detail(session, house.states()["L-1"].id, viewer=stranger.actor)
        with pytest.raises(NotFound):
            start_of(session, house.facility, Q4, viewer=stranger.actor)
    with pytest.raises(NotFound):
        house.submit(DRAWN, desk=stranger)
    with pytest.raises(NotFound):
        attest_return(stranger, return_id=done.accepted.id, name="X", role="Y")
    with pytest.raises(NotFound):
        reject_return(stranger, return_id=done.accepted.id, reason="mischief")


def test_cash_below_nothing_is_money_put_in_until_cash_returns_and_each_excess_is_a_break(house: House) -> None:
    big = loan(amount_committed="250000.00", drawn="240000.00", principal_outstanding="240000.00", status="drawing")
    done = house.accepted(big, cash_held="0.00")
    assert (balance(house, "1000"), balance(house, "2200")) == ("0.00", "-20000.00")
    assert str(done.tie.own_money) == "20000.00"
    assert str(done.tie.unexplained) == "-20000.00"
    (found,) = done.tie.breaks
    assert found.sentence == "lent or paid 20000.00 more than was drawn from us and came back"
    done = house.accepted(
        loan(amount_committed="250000.00", principal_received="60000.00", principal_outstanding="180000.00"),
        quarter=Q4,
        cash_held="12000.00",
    )
    assert (balance(house, "1000"), balance(house, "2200")) == ("10000.00", "0.00")
    assert str(done.tie.held_alongside) == "2000.00"
    (found,) = done.tie.breaks
    assert found.sentence == "cash over by 2000.00: more is held than the books leave"


def test_cash_held_short_is_a_named_break_until_it_is_explained(house: House) -> None:
    done = house.accepted(DRAWN, cash_held="99000.00")
    (found,) = done.tie.breaks
    assert found.sentence == "cash short by 499.99"
    assert str(done.tie.unexplained) == "499.99"
    with pytest.raises(BadExplanation, match="at most"):
        explain_break(house.bank, break_id=found.id, category="timing", reason="r", amount=money("500.00"), key="a")
    fees = explain_break(
        house.bank,
        break_id=found.id,
        category="fees-and-costs",
        reason="Management fee",
        amount=money("400.00"),
        key="b",
    )
    assert (str(fees.remaining), fees.state) == ("99.99", "open")
    assert (balance(house, "5300"), balance(house, "1000")) == ("400.00", "99099.99")
    rest = explain_break(house.bank, break_id=found.id, category="timing", reason="In the post", key="c")
    assert rest.state == "explained"
    with house.bank.reading() as session:
        assert breaks_unexplained(session) == []
        now = tie(session, done.accepted.id)
    assert now.unexplained == money("0.00")
    assert now.difference == Money.total(one.amount for one in now.explained)
    assert {one.kind for one in now.explained} == {"cash-held", "costs-and-fees", "timing"}


def test_a_correction_undoes_and_posts_only_what_changed(house: House) -> None:
    same = loan("L-2", drawn="10.00", principal_outstanding="10.00")
    first = house.accepted(DRAWN, same, cash_held="99494.99")
    then = house.clock.now()
    house.move_on(datetime(2012, 2, 1, tzinfo=UTC))
    second = house.accepted(loan(drawn="900.00", principal_outstanding="900.00"), same, cash_held="99545.00")
    assert (second.posted, second.reversed) == (1, 1)
    assert balance(house, "1300") == "455.00"
    with house.bank.reading() as session:
        assert return_(session, first.accepted.id, viewer=MANAGER).state == "superseded"
        assert return_(session, first.accepted.id, viewer=MANAGER).superseded_by == second.accepted.id
        changed = difference(session, second.accepted.id, viewer=MANAGER)
        assert {(line.column, line.before, line.after) for line in changed.lines} == {
            ("drawn", "1000.01", "900.00"),
            ("principal_outstanding", "1000.01", "900.00"),
        }
        assert (changed.against, changed.against_state) == (first.accepted.id, "superseded")
        assert [(one.column, str(one.before), str(one.after), str(one.change)) for one in changed.totals] == [
            ("drawn", "1010.01", "910.00", "-100.01"),
            ("principal_outstanding", "1010.01", "910.00", "-100.01"),
        ]
        before = portfolio(session, None, books.known(session, then))
        assert {str(state.outstanding.ours) for state in before} == {"500.01", "5.00"}
        (correction,) = corrections(session, then, house.clock.now())
        assert (correction.supersedes, correction.loans_changed) == (first.accepted.id, 1)
        history = loan_detail(session, house.states()["L-1"].id, viewer=MANAGER).history
        assert [(line.version, line.counts) for line in history] == [(1, False), (2, True)]


def test_what_a_correction_changes_is_shown_against_what_counts_before_it_is_accepted(house: House) -> None:
    """A version with errors in between is not what its place is taken of."""
    first = house.accepted(DRAWN, cash_held="99499.99")
    with house.bank.reading() as session:
        alone = difference(session, first.accepted.id, viewer=MANAGER)
    assert (alone.against, alone.lines, alone.totals) == (None, (), ())
    wrong = house.submit(loan(drawn="900.00", principal_outstanding="1.00"), cash_held="99545.00")
    assert wrong.state == "queried"
    right = house.submit(
        loan(drawn="900.00", principal_outstanding="900.00"),
        loan("L-2", drawn="1.00", principal_outstanding="1.00"),
        cash_held="99545.00",
    )
    with house.bank.reading() as session:
        changed = difference(session, right.id, viewer=MANAGER)
    assert (changed.against, changed.against_state) == (first.accepted.id, "accepted")
    assert (changed.added, changed.removed) == (("L-2",), ())
    assert {one.column: str(one.change) for one in changed.totals} == {
        "amount_committed": "100000.00",
        "drawn": "-99.01",
        "principal_outstanding": "-99.01",
    }


def test_signs_are_for_the_fund_manager_and_look_at_what_was_accepted_before(house: House) -> None:
    house.accepted(DRAWN, cash_held="99499.99")
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    later = house.submit(
        loan(drawn="0.00", principal_outstanding="1000.01", outcome_area="housing"),
        cash_held="99499.99",
        quarter=Q4,
    )
    with house.bank.reading() as session:
        [sign] = signs_in(session, later.id, viewer=MANAGER)
        assert (sign.rule, sign.loan_ref) == ("outcome-area-switched", "L-1")
        with pytest.raises(NotAllowed):
            signs_in(session, later.id, viewer=actor_of(house.intermediary))


def test_a_loan_that_a_correction_takes_out_is_undone(house: House) -> None:
    house.accepted(DRAWN, loan("L-2", drawn="10.00", principal_outstanding="10.00"), cash_held="99494.99")
    house.accepted(DRAWN, cash_held="99499.99")
    assert set(house.states()) == {"L-1"}
    assert balance(house, "1300") == "500.01"


def test_a_correction_of_a_closed_quarter_counts_from_the_first_open_day(house: House) -> None:
    house.accepted(DRAWN, cash_held="99499.99")
    house.close(Q3)
    done = house.accepted(loan(drawn="900.00", principal_outstanding="900.00"), cash_held="99550.00")
    assert done.accepted.effective_on == date(2011, 10, 1)
    assert balance(house, "1300", Q3.ends_on) == "500.01"
    assert balance(house, "1300", date(2011, 10, 1)) == "450.00"
    assert str(house.states(Q3.ends_on)["L-1"].outstanding.total) == "1000.01"
    assert str(house.states(date(2011, 10, 1))["L-1"].outstanding.total) == "900.00"
    with house.bank.reading() as session:
        last = books.entries(session, book=house.intermediary)[-1].entry
    assert last.original_effective_on == Q3.ends_on


def test_a_soft_closed_quarter_still_takes_its_return(house: House) -> None:
    house.close(Q3, hard=False)
    assert house.accepted(DRAWN, cash_held="99499.99").accepted.effective_on == Q3.ends_on


def test_a_correction_that_later_returns_do_not_follow_from_waits_for_theirs(house: House) -> None:
    house.accepted(DRAWN, cash_held="99499.99")
    house.accepted(loan(principal_received="100.01", principal_outstanding="900.00"), quarter=Q4, cash_held="99550.00")
    mended = house.attested(loan(drawn="1000.00", principal_outstanding="1000.00"), cash_held="99500.00")
    with pytest.raises(LaterReturnsFollow, match="2011Q4"):
        house.accept(mended.id)
    wrong = house.submit(
        loan(principal_received="100.00", principal_outstanding="900.00"), quarter=Q4, cash_held="99550.00"
    )
    assert wrong.state == "checked"
    house.attest(wrong.id)
    done = house.accept(mended.id)
    assert done.also_accepted == (wrong.id,)
    assert balance(house, "1300") == "450.00"
    assert str(house.states()["L-1"].outstanding.total) == "900.00"


def test_the_next_return_starts_from_the_last_accepted_one(house: House) -> None:
    house.accepted(DRAWN, loan("L-2", status="signed-undrawn"), cash_held="99499.99")
    with house.bank.reading() as session:
        prior = prior_state(session, house.facility, Q4)
        assert str(prior["L-1"].drawn_to_date) == "1000.01"
        assert prior_state(session, house.facility, Q3) == {}
        start = start_of(session, house.facility, Q4, viewer=house.lender.actor)
        assert {one.facts["loan_ref"] for one in start.loans} == {"L-1", "L-2"}
        assert (start.until, start.lacks) == (Q3, None)
    left_out = house.submit(DRAWN | {"drawn": "0.00"}, quarter=Q4)
    assert [found.rule for found in left_out.findings if found.severity == "error"] == ["open-loans-are-reported"]


def test_a_form_starts_from_the_returns_that_it_will_be_checked_against(house: House) -> None:
    house.accepted(DRAWN, cash_held="99499.99")
    house.clock.set(datetime(2012, 9, 1, 9, 0, tzinfo=UTC))
    sent = loan("L-1", principal_received="200.00", principal_outstanding="800.01", drawn="0.00")
    house.attested(sent, quarter=Q4, cash_held="99599.99")
    with house.bank.reading() as session:
        start, gap = (start_of(session, house.facility, each, viewer=house.lender.actor) for each in (Q1, Q2))
        (owed,) = start.loans
        assert (str(owed.principal_outstanding), start.until, start.lacks) == ("800.01", Q4, None)
        assert (gap.until, gap.lacks) == (Q4, Q1)
        with pytest.raises(QuarterNotBegun, match="2030Q1 begins on 2030-01-01"):
            start_of(session, house.facility, Quarter(2030, 1), viewer=house.lender.actor)
    form = json.loads(
        template("json", facility=house.facility, quarter=Q1, cash_before=start.cash, open_loans=start.loans)
    )
    form["loans"][0] |= {"principal_outstanding": "800.01", "days_past_due": "0"} | dict.fromkeys(MOVEMENTS, "0.00")
    form["loans"][0] |= {"arrears_principal": "0.00"}
    filed = submit_return(
        house.lender,
        data=json.dumps(form | {"cash_held": form["cash_before"]}).encode(),
        filename="form.json",
        key="from the form",
    )
    assert [one.rule for one in filed.findings if one.rule in {"opening-balance-stands", "rolls-forward"}] == []


def test_a_reference_belongs_to_one_facility(house: House) -> None:
    house.accepted(DRAWN, cash_held="99499.99")
    other = house.sign(house.intermediary, drawn="500.00")
    filed = house.submit(DRAWN, facility=other)
    assert [(found.rule, found.row) for found in filed.findings if found.severity == "error"] == [
        ("loan-of-another-facility", 1)
    ]


def test_a_return_that_does_not_come_is_missed_and_one_that_comes_late_is_late(house: House) -> None:
    with house.bank.reading() as session:
        (missing,) = returns_missing(session, Q3)
        assert (missing.facility, missing.due_on, missing.days_late) == (house.facility, date(2011, 10, 30), 82)
        (late,) = lateness(session, Q4)
        assert late.status == "not-due"
    house.accepted(DRAWN, cash_held="99499.99")
    with house.bank.reading() as session:
        assert returns_missing(session, Q3) == []
        (late,) = lateness(session, Q3)
        assert (late.status, late.filed_on, late.days_late, late.loans) == ("late", date(2012, 1, 20), 82, 1)
        assert returns_missing(session, Q3.previous) == []


def test_a_facility_that_owes_the_bank_nothing_reports_as_long_as_it_has_lent(house: House) -> None:
    """Up to the quarter in which the last of it came back, and none after it: by the books, for nothing is filed."""
    house.accepted(DRAWN, cash_held="0.00")
    house.book(house.intermediary, house.facility, Q3.ends_on, ("2100", "100000.00"), ("1000", "-100000.00"))
    house.book(house.intermediary, house.facility, Q1.starts_on, ("1300", "-500.01"), ("1000", "500.01"))
    with house.bank.reading() as session:
        missing = {quarter: [one.facility for one in returns_missing(session, quarter)] for quarter in (Q4, Q1, Q2)}
    assert missing == {Q4: [house.facility], Q1: [house.facility], Q2: []}


def test_returns_and_loans_are_read_page_by_page(house: House) -> None:
    some = [loan(f"L-{number}", drawn="1.00", principal_outstanding="1.00") for number in range(5)]
    house.accepted(*some, cash_held="99997.50")
    house.submit(*(row | {"drawn": "0.00"} for row in some), quarter=Q4)
    with house.bank.reading() as session:
        first = returns(session, viewer=MANAGER, limit=1)
        then = returns(session, viewer=MANAGER, limit=1, cursor=first.next_cursor)
        assert [page.items[0].quarter for page in (first, then)] == [Q3, Q4]
        assert then.next_cursor is None
        seen, cursor = [], None
        while True:
            page = loans(session, viewer=house.lender.actor, limit=2, cursor=cursor, status="performing")
            seen += [item.loan_ref for item in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert sorted(seen) == [row["loan_ref"] for row in some]


def test_a_quarter_that_has_not_ended_takes_no_return(house: House) -> None:
    with pytest.raises(NotFound):
        house.submit(DRAWN, facility="fac_elsewhere")
    with pytest.raises(QuarterNotOver, match="ends on"):
        house.submit(DRAWN, quarter=Q1)
