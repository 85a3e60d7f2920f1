"""Balances that do not grow with the book: what each full span of the journal put through each account, kept for ever.

What a full span came to can never change (see `ledger.store.spans`), so it is written once, by the transaction that
filled it, and an entry dated back rewrites nothing: it adds to its own span.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from ledger.store.database import WriteSession
from ledger.store.spans import FAN

SPAN = 4096
"""Entries in a span of the lowest level. It is how the cells lie in the database: to change it is to fold anew."""

_TOGETHER: Final = 64
"""Spans folded by one statement, so that the sorting of a long journal stays in memory."""

_MONTH: Final = {
    "sqlite": "CAST(substr(effective_on, 1, 4) || substr(effective_on, 6, 2) AS INTEGER)",
    "postgresql": "CAST(extract(year FROM effective_on) * 100 + extract(month FROM effective_on) AS INTEGER)",
}
"""The month of a day as a cell keeps it, such as 201203."""

_FROM_POSTINGS: Final = """
    INSERT INTO cell (level, block, period, account_id, debits, credits)
    SELECT 0, (seq - 1) / {span}, {month}, account_id,
           sum(CASE WHEN amount > 0 THEN amount ELSE 0 END), sum(CASE WHEN amount < 0 THEN -amount ELSE 0 END)
    FROM posting WHERE entry_id > {first} * {span} AND entry_id <= {last} * {span}
    GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
"""
_FROM_BELOW: Final = """
    INSERT INTO cell (level, block, period, account_id, debits, credits)
    SELECT {level}, block / {fan}, period, account_id, sum(debits), sum(credits)
    FROM cell WHERE level = {level} - 1 AND block >= {first} * {fan} AND block < {last} * {fan}
    GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
"""
_YEARS: Final = """
    INSERT INTO cell (level, block, period, account_id, debits, credits)
    SELECT {level}, block, period / 100, account_id, sum(debits), sum(credits)
    FROM cell WHERE level = {level} AND block >= {first} AND block < {last} AND period > 9999
    GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
"""
_EARLIER_CLOSINGS: Final = """
    INSERT INTO closing_balance (ends_on, account_id, upto_seq, debits, credits)
    SELECT closed.ends_on, account_id, max(closed.upto_seq),
           sum(CASE WHEN amount > 0 THEN amount ELSE 0 END), sum(CASE WHEN amount < 0 THEN -amount ELSE 0 END)
    FROM quarter_event AS closed
    JOIN posting ON posting.effective_on <= closed.ends_on AND posting.seq <= closed.upto_seq
    WHERE closed.state = 'closed'
    GROUP BY closed.ends_on, account_id
"""


def fold(session: WriteSession, before_seq: int, upto_seq: int) -> None:
    """Write the cells of every span that the entries after one place, up to another, have filled."""
    if before_seq // SPAN < upto_seq // SPAN:
        session.flush()
        _fold(session.connection(), before_seq, upto_seq)


def rebuild(connection: Connection) -> None:
    """Fill empty tables from the journal and its closed quarters, for a database that has lived without them."""
    _fold(connection, 0, connection.scalar(text("SELECT max(seq) FROM entry")) or 0)
    connection.execute(text(_EARLIER_CLOSINGS))


def _fold(connection: Connection, before_seq: int, upto_seq: int) -> None:
    level, span = 0, SPAN
    while before_seq // span < upto_seq // span:
        first, last = before_seq // span, upto_seq // span
        for start in range(first, last, _TOGETHER):
            _fold_level(connection, level, start, min(start + _TOGETHER, last))
        level, span = level + 1, span * FAN


def _fold_level(connection: Connection, level: int, first: int, last: int) -> None:
    """Years begin at the second level: in the lowest, most accounts have few months."""
    statements = (_FROM_BELOW, _YEARS) if level == 1 else (_FROM_BELOW,) if level else (_FROM_POSTINGS,)
    about = {"level": level, "span": SPAN, "fan": FAN, "first": first, "last": last}
    for statement in statements:
        connection.exec_driver_sql(statement.format(month=_MONTH[connection.dialect.name], **about))
