"""The running totals of busy accounts: an account that has a tenth of all postings is read in as few rows as any other.

An account that a good part of all entries touch has hundreds of postings in half a month, and hundreds beyond the last
full span. For it alone cells are kept in finer pieces, below level nought: of each stretch of a span, and of as many of
those as make the next, and so on; and in each by the day, every cell with all that went through the account up to that
day. So what took effect up to a day is one cell of each piece: there are no days of a month to be read by themselves.

An account is busy from the span on in whose last stretch it has enough postings, and stays so. That is seen from the
journal alone, so that whoever folds and whoever checks find the same.
"""

from __future__ import annotations

from typing import Final

BUSY: Final = 8
"""Postings in the last stretch of a span that make an account busy. To change it is to fold anew."""

_DAY: Final = {
    "sqlite": "CAST(replace(effective_on, '-', '') AS INTEGER)",
    "postgresql": "CAST(to_char(effective_on, 'YYYYMMDD') AS INTEGER)",
}
"""A day as such a cell keeps it, such as 20120331: no month, quarter or year is numbered so high."""

_NOTED: Final = """
    SELECT account_id, {number} AS since FROM posting WHERE entry_id > {after} AND entry_id <= {upto}
    GROUP BY account_id HAVING count(*) >= {busy}
"""
_POSTINGS: Final = {
    "sqlite": """
        CROSS JOIN posting WHERE posting.account_id = busy.account_id
          AND posting.seq > busy.since * {span} AND posting.seq <= {last} * {span}
    """,
    # Taken apart by OFFSET, so that the postings of one account after another are asked of the index.
    "postgresql": """
        CROSS JOIN LATERAL (
          SELECT seq, amount, effective_on FROM posting WHERE posting.account_id = busy.account_id
             AND posting.seq > busy.since * {span} AND posting.seq <= {last} * {span} OFFSET 0) AS posting
    """,
}
_STRETCHES: Final = """
    SELECT -1 AS level, block, {day} AS period, account_id,
           sum(debits) OVER days AS debits, sum(credits) OVER days AS credits
    FROM (
      SELECT (posting.seq - 1) / {stretch} AS block, posting.effective_on, busy.account_id AS account_id,
             sum(CASE WHEN posting.amount > 0 THEN posting.amount ELSE 0 END) AS debits,
             sum(CASE WHEN posting.amount < 0 THEN -posting.amount ELSE 0 END) AS credits
      FROM (
        SELECT account_id, min(since) AS since FROM (
          SELECT id AS account_id, {first} AS since FROM account
          WHERE EXISTS (SELECT 1 FROM cell WHERE cell.account_id = account.id AND cell.level = -1
                                             AND cell.block < {first} * {parts})
          UNION ALL {noted}
        ) AS known GROUP BY account_id
      ) AS busy {postings}
      GROUP BY 1, 2, 3
    ) AS by_day
    WINDOW days AS (PARTITION BY account_id, block ORDER BY effective_on)
"""
# A piece that began before its account was busy is not kept: what it is made of is not all there.
_LONGER: Final = """
    SELECT {level} AS level, block, period, account_id,
           sum(debits) OVER days AS debits, sum(credits) OVER days AS credits
    FROM (
      SELECT each_day.block / {fan} AS block, period, each_day.account_id,
             sum(debits) AS debits, sum(credits) AS credits
      FROM (
        SELECT block, period, account_id, debits - lag(debits, 1, CAST(0 AS BIGINT)) OVER day_before AS debits,
               credits - lag(credits, 1, CAST(0 AS BIGINT)) OVER day_before AS credits
        FROM cell WHERE level = {level} + 1 AND block >= {first} * {fan} AND block < {last} * {fan}
        WINDOW day_before AS (PARTITION BY block, account_id ORDER BY period)
      ) AS each_day
      JOIN (
        SELECT id, (SELECT min(block) FROM cell WHERE cell.account_id = account.id AND cell.level = -1) AS first
        FROM account
      ) AS since ON since.id = each_day.account_id AND since.first < each_day.block / {fan} * {width} + {parts}
      GROUP BY 1, 2, 3
    ) AS by_day
    WINDOW days AS (PARTITION BY account_id, block ORDER BY period)
"""

SINCE: Final = "SELECT min(cell.block) FROM cell WHERE cell.account_id = one.id AND cell.level = -1"
"""The first stretch that an account has such cells of; in the span of that stretch it began to be busy."""


def stretch(span: int, fan: int) -> int:
    """Entries in a stretch: a span is cut into as many of them as spans make one of the level above, if it can be."""
    return span if span % fan else span // fan


def made_of_postings(dialect: str, span: int, fan: int, first: int, last: int) -> str:
    """How the cells of every stretch of some spans are made."""
    short = stretch(span, fan)
    words = {"span": span, "first": first, "last": last, "stretch": short, "parts": span // short}
    noted = " UNION ALL ".join(
        _NOTED.format(number=number, after=(number + 1) * span - short, upto=(number + 1) * span, busy=BUSY)
        for number in range(first, last)
    )
    postings = _POSTINGS[dialect].format(**words)
    return _STRETCHES.format(day=_DAY[dialect], noted=noted, postings=postings, **words)


def made_of_shorter(span: int, fan: int, level: int, first: int, last: int) -> str:
    """How the cells of a level are made of those of the next shorter one, -2 being that above the stretches."""
    return _LONGER.format(
        level=level, fan=fan, first=first, last=last, width=fan ** (-1 - level), parts=span // stretch(span, fan)
    )
