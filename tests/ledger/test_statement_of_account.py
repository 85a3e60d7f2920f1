"""A statement of account tells every posting once, with the balance after it; and a tree adds up its levels."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.wiring import OPERATOR
from ledger import commands, queries
from ledger.account_statement import NoDays, _Mark
from ledger.dates import SetClock
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.store.database import Database, ReadSession
from ledger.store.work import Desk
from ledger.whole_numbers import FARTHEST_PLACE

START = date(2012, 1, 1)
BELOW = ("fac_a", "fac_b", "fac_a:deep:deeper")


@pytest.fixture
def desk(database: Database, clock: SetClock) -> Desk:
    """Twenty entries, each third dated back, each with two or three legs on the account asked for."""
    clock.set(datetime(2013, 1, 1, tzinfo=UTC))
    desk = Desk(database, OPERATOR)
    with desk.writing() as work:
        commands.sub_accounts(work, "bank", {f"1200:{part}": f"Part {part}" for part in BELOW})
        commands.open_account(work, "bank", "12000", name="A longer number, which is not below 1200")
        commands.post_many(work, [several_legs(number) for number in range(20)])
    return desk


def several_legs(number: int) -> Entry:
    day = START + timedelta(days=number // 2 - (5 if number % 3 == 0 else 0) + 10)
    legs = [Posting("1200", Money(number + 1)), Posting("1200:fac_a", Money(-3)), Posting("1200", Money(number + 1))]
    if number % 2:
        legs.append(Posting("12000" if number == 19 else "1200:fac_a:deep:deeper", Money(7)))
    away = sum(leg.amount.pence for leg in legs)
    return Entry(f"k{number:02}", "bank", day, f"Entry {number}", (*legs, Posting("1000", Money(-away))))


def several_legs_of(session: ReadSession, code: str, seq: int) -> list[tuple[date, int, int, Money]]:
    """What a statement must tell, from the whole entries."""
    return sorted(
        (found.entry.effective_on, found.seq, leg, posting.amount)
        for found in queries.entries(session, limit=100)
        if found.seq <= seq
        for leg, posting in enumerate(found.entry.postings, start=1)
        if posting.account == code or posting.account.startswith(f"{code}:")
    )


def told(page: queries.AccountStatement) -> list[tuple[date, int, int, Money]]:
    return [(line.effective_on, line.seq, line.leg, line.amount) for line in page.lines]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("code", ["1200", "1200:fac_a", "1000"])
def test_no_posting_is_dropped_or_told_twice_and_the_balance_runs_on(desk: Desk, code: str, limit: int) -> None:
    with desk.reading() as session:
        wanted = several_legs_of(session, code, 20)
        page = queries.statement_of_account(session, "bank", code, limit=limit)
        lines, pages, opening = list(page.lines), [page], page.opening
        while page.after:
            page = queries.statement_of_account(session, "bank", code, after=page.after, limit=limit)
            assert page.brought_forward == lines[-1].balance
            lines += page.lines
            pages.append(page)
        assert [(line.effective_on, line.seq, line.leg, line.amount) for line in lines] == wanted
        assert [line.balance for line in lines] == list(accumulate((line.amount for line in lines), initial=opening))[
            1:
        ]
        assert {one.closing for one in pages} == {lines[-1].balance} == {queries.balance_at(session, "bank", code)}
        assert len(pages) == -(-len(wanted) // limit)


def test_a_span_of_days_opens_with_what_was_before_it(desk: Desk) -> None:
    since, until = date(2012, 1, 12), date(2012, 1, 16)
    with desk.reading() as session:
        page = queries.statement_of_account(session, "bank", "1200", since, until)
        assert page.opening == queries.balance_at(session, "bank", "1200", since - timedelta(days=1)) != NOTHING
        assert page.closing == queries.balance_at(session, "bank", "1200", until) == page.lines[-1].balance
        assert told(page) == [row for row in several_legs_of(session, "1200", 20) if since <= row[0] <= until]


def test_pages_go_on_with_what_was_known_when_the_first_was_asked_for(desk: Desk) -> None:
    with desk.reading() as session:
        first = queries.statement_of_account(session, "bank", "1200", limit=5)
    with desk.writing() as work:
        late = (Posting("1200", Money(1_000)), Posting("1000", Money(-1_000)))
        commands.post(work, Entry("late", "bank", START, "Late", late))
        commands.post(work, Entry("later", "bank", START + timedelta(days=300), "Later", late))
    with desk.reading() as session:
        rest = queries.statement_of_account(session, "bank", "1200", after=first.after)
        assert told(first) + told(rest) == several_legs_of(session, "1200", 20)
        assert rest.closing == first.closing == rest.lines[-1].balance
        assert rest.known_seq == first.known_seq == 20


def test_an_account_without_postings_has_an_empty_statement(desk: Desk) -> None:
    with desk.reading() as session:
        page = queries.statement_of_account(session, "bank", "1200:fac_b")
        assert (page.opening, page.lines, page.closing, page.after) == (NOTHING, (), NOTHING, "")
        assert page.name == "Part fac_b"


def test_what_is_not_there_is_refused(desk: Desk) -> None:
    with desk.reading() as session:
        with pytest.raises(queries.NoSuchAccount):
            queries.statement_of_account(session, "bank", "9998")
        with pytest.raises(queries.NoSuchBook):
            queries.statement_of_account(session, "nobody", "1200")
        with pytest.raises(NoDays, match="say the earlier first"):
            queries.statement_of_account(session, "bank", "1200", date(2012, 2, 1), date(2012, 1, 31))


D12 = date(2012, 1, 12)


@pytest.mark.parametrize(
    "after",
    [
        *("nonsense", "!!", "MS4y", "ä", _Mark(20, date(2012, 1, 12), 3, 1).text() + "x" * 5),
        *(_Mark(*one).text() for one in ((10**30, D12, 3, 1), (20, D12, 10**30, 1), (20, D12, 3, 10**30))),
        _Mark(20, D12, 3, -1).text(),
    ],
)
def test_a_page_mark_of_somebody_elses_is_refused(desk: Desk, after: str) -> None:
    with desk.reading() as session, pytest.raises(queries.BadPage):
        queries.statement_of_account(session, "bank", "1200", after=after)


def test_a_page_mark_of_another_moment_or_other_days_is_refused(desk: Desk) -> None:
    with desk.reading() as session:
        page = queries.statement_of_account(session, "bank", "1200", limit=5)
        with pytest.raises(queries.BadPage):
            queries.statement_of_account(session, "bank", "1200", at=queries.known(session, 3), after=page.after)
        with pytest.raises(queries.BadPage):
            queries.statement_of_account(session, "bank", "1200", since=date(2012, 6, 1), after=page.after)


@given(
    st.integers(0, FARTHEST_PLACE),
    st.dates(date(2009, 1, 1), date(2099, 1, 1)),
    st.integers(0, FARTHEST_PLACE),
    st.integers(0, 2**15),
)
def test_a_page_mark_comes_back_as_it_went(known_seq: int, day: date, seq: int, leg: int) -> None:
    mark = _Mark(known_seq, day, seq, leg)
    assert _Mark.parse(mark.text()) == mark


def test_a_tree_shows_each_account_and_adds_up_each_level(desk: Desk) -> None:
    with desk.reading() as session:
        shown = {one.code: one for one in queries.tree(session, "bank", "1200").accounts}
        assert list(shown) == ["1200", "1200:fac_a", "1200:fac_a:deep", "1200:fac_a:deep:deeper", "1200:fac_b"]
        for code, one in shown.items():
            assert one.balance == queries.balance_at(session, "bank", code)
            assert one.own == queries.balances_under(session, "bank", code).get(code, NOTHING)
            assert one.depth == code.count(":")
        assert shown["1200:fac_a:deep"].name == ""
        assert shown["1200:fac_b"].balance == NOTHING


def test_a_whole_book_as_a_tree_comes_to_nothing(desk: Desk) -> None:
    with desk.reading() as session:
        known = queries.known(session, 7)
        whole = queries.tree(session, "bank", as_at=date(2012, 1, 14), at=known)
        assert Money.total(one.own for one in whole.accounts) == NOTHING
        assert Money.total(one.balance for one in whole.accounts if one.depth == 0) == NOTHING
        assert {one.code for one in whole.accounts} >= {one.code for one in queries.accounts(session, "bank")}
        with pytest.raises(queries.NoSuchAccount):
            queries.tree(session, "bank", "9998")


def test_all_books_at_once_are_each_book_by_itself(desk: Desk) -> None:
    with desk.reading() as session:
        for seq in (0, 6, 20):
            at = queries.known(session, seq)
            together = queries.trial_balances(session, date(2012, 1, 15), at)
            assert together == [
                queries.trial_balance(session, one, date(2012, 1, 15), at) for one in queries.books(session)
            ]
