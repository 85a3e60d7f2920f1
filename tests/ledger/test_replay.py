"""An entry read again is judged alike, whether its legs come as rows or as one text of the server's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.replay import Chart, Replay
from ledger.seals import content_hash, seal_of

BOOKS = [(1, "bank", "bank")]
ACCOUNTS = [(11, 1, "1000", "asset", ""), (12, 1, "1200:fac_a", "asset", ""), (7, 1, "4000", "income", "")]
NUMBERS = {code: number for number, _, code, *_ in ACCOUNTS}
DAY = date(2012, 5, 17)
AT = datetime(2012, 6, 1, 9, tzinfo=UTC)


def laid_down(amounts: list[int]) -> tuple[list[Any], list[list[Any]]]:
    """The header and the postings of an entry of these pence, and of what balances them, as the tables have them."""
    pence = [*amounts, -sum(amounts)]
    codes = [*NUMBERS]
    legs = tuple(Posting(codes[at % len(codes)], Money(amount)) for at, amount in enumerate(pence))
    entry = Entry("k1", "bank", DAY, "Read again", legs)
    gross = sum(amount for amount in pence if amount > 0)
    day, at = DAY.isoformat(), "2012-06-01T09:00:00.000000Z"
    row = [1, 1, 1, "k1", "entry", "Read again", day, None, at, "clerk", "", None, len(legs), gross]
    row += [content_hash(entry), seal_of(entry, 1, AT, "clerk")]
    rows = [
        [1, number, len(legs), 1, NUMBERS[leg.account], leg.amount.pence, day, 1]
        for number, leg in enumerate(legs, start=1)
    ]
    return row, rows


def as_text(rows: list[list[Any]]) -> str:
    return ",".join(f"{row[4]} {row[5]}" for row in rows)


def of_both(row: list[Any], rows: list[list[Any]]) -> tuple[bool, bool]:
    """Whether the entry holds with its legs as rows, and as text; where it holds, both come to the same."""
    chart = Chart(BOOKS, ACCOUNTS)
    by_rows, by_text = Replay(chart), Replay(chart)
    holds = (not by_rows.take(row, rows), not by_text.take(row, as_text(rows)))
    if all(holds):
        assert by_rows.seals == by_text.seals == row[15]
        nets = [{int(account): net for account, net in each.nets["2012-06-30"].items()} for each in (by_rows, by_text)]
        assert nets[0] == nets[1]
        assert chart.trial_balance_digest(nets[0]) == chart.trial_balance_digest(nets[1])
    return holds


AMOUNTS = st.lists(
    st.one_of(st.sampled_from([1, -1, 9, 10, 99, -99, 100, -100, 101, 999, -1000]), st.integers(-(10**15), 10**15)),
    min_size=1,
    max_size=5,
).filter(lambda amounts: sum(amounts) != 0 and all(amounts))


@given(AMOUNTS)
def test_what_holds_as_rows_holds_as_text(amounts: list[int]) -> None:
    assert of_both(*laid_down(amounts)) == (True, True)


@given(AMOUNTS, st.data())
def test_a_leg_changed_holds_neither_way(amounts: list[int], data: st.DataObject) -> None:
    row, rows = laid_down(amounts)
    leg = rows[data.draw(st.integers(0, len(rows) - 1))]
    column = data.draw(st.sampled_from([4, 5]))
    other = {4: st.sampled_from([11, 12, 7, 99]), 5: st.integers(-200, 200)}[column].filter(leg[column].__ne__)
    leg[column] = data.draw(other)
    assert of_both(row, rows) == (False, False)


@given(AMOUNTS)
def test_a_leg_gone_holds_neither_way(amounts: list[int]) -> None:
    row, rows = laid_down(amounts)
    assert of_both(row, rows[:-1]) == (False, False)
    assert Replay(Chart(BOOKS, ACCOUNTS)).take(row, "")
