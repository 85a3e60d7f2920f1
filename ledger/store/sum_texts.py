"""The statements that add up what went through accounts, in the words of each of the two databases.

Each posting counts once in a sum: in a cell of a full span; as a day at the edge of a month (added, or taken away where
the whole month was counted); in the rest between the spans and the place (added, or taken away where the spans go past
the place); or, on PostgreSQL, as an entry that still waits for its place and is known by now all the same. Conditions
written as `+column` or `column - ?` are so written that no index is chosen for them: the others say where to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal, NamedTuple

from ledger.store.running import SINCE

Measure = Literal["net", "debits", "credits"]
"""What is added up of each posting."""

FEW: Final = 32
"""Up to so many accounts are each looked up; for more, it is less work to run through all cells of a period."""

HASHED: Final = {
    "enable_sort": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""How PostgreSQL is to plan the sums of all accounts: once, by the keys, and hashed.

It takes some thousands of cells for some dozens, and would sort them. And a plan made while a table stood empty would
read all of it for as long as the connection lives.
"""
USUAL: Final = {"enable_sort": "on", "enable_seqscan": "on", "enable_bitmapscan": "on", "plan_cache_mode": "auto"}
"""What the statement, once it is planned, sets again for those after it in its transaction."""


def settled(chosen: Mapping[str, str]) -> str:
    """Settings made for the rest of a transaction, as a value in a statement: a round trip of their own is saved."""
    return " || ".join(f"set_config('{name}', '{value}', true)" for name, value in chosen.items())


# The limit is written out: SQLite would prepare the statement anew each time a value is bound to it.
_ONE: Final = f"""
    one AS {{materialized}} (
      SELECT account.id, account.code, account.name FROM book JOIN account ON account.book_id = book.id
      WHERE book.code = ? AND ({{{{codes}}}}) LIMIT {FEW + 1})
"""  # noqa: S608 -- a number of our own
_CODE: Final = "(account.code {from_} ? AND account.code {below} ?)"
_OF_FEW: Final = f"""
    WITH {{opening}} SELECT one.code, one.name, (SELECT seq FROM journal_head), ({SINCE}), {{sums}} FROM one
"""  # noqa: S608 -- our own words
_CELLS_OF_ONE: Final = {
    True: """
    coalesce((SELECT sum(run.sign * ({of_cell})) FROM run CROSS JOIN cell
      WHERE cell.account_id = one.id AND cell.level = run.level AND cell.block = run.block
        AND cell.period > run.low AND cell.period < run.high), 0)
    """,
    # Taken apart by OFFSET, so that each run stays one range of the index, whatever the statistics say.
    False: """
    coalesce((SELECT sum(run.sign * ({of_cell})) FROM run CROSS JOIN LATERAL (
      SELECT debits, credits FROM cell
      WHERE cell.account_id = one.id AND cell.level = run.level AND cell.block = run.block
        AND cell.period > run.low AND cell.period < run.high OFFSET 0) AS cell), 0)
    """,
}
_TOTAL_OF_ONE: Final = """
    coalesce((SELECT sum(total.sign * (
      SELECT {of_cell} FROM cell
      WHERE cell.account_id = one.id AND cell.level = total.level AND cell.block = total.block AND cell.period <= ?
      ORDER BY cell.period DESC LIMIT 1)) FROM total), 0)
"""
_EDGE_OF_ONE: Final = """
    coalesce((SELECT sum({of_posting}) FROM posting
      WHERE posting.account_id = one.id AND posting.effective_on BETWEEN ? AND ? AND posting.seq - ? <= 0), 0)
"""
_REST_OF_ONE: Final = """
    coalesce((SELECT sum({of_posting}) FROM posting
      WHERE posting.account_id = one.id AND posting.seq > ? AND posting.seq <= ? AND {within}), 0)
"""
_WAITING: Final = """(
      SELECT (leg.value ->> 0)::bigint AS account_id, (leg.value ->> 1)::bigint AS amount, waiting_entry.effective_on
      FROM waiting_entry CROSS JOIN LATERAL jsonb_array_elements(waiting_entry.postings::jsonb) AS leg(value)
    ) AS posting
"""
_WAITING_OF_ONE: Final = f"""
    coalesce((SELECT sum({{of_posting}}) FROM {_WAITING}
      WHERE posting.account_id = one.id AND posting.effective_on BETWEEN ? AND ?), 0)
"""  # noqa: S608 -- our own words

_OF_MANY: Final = """
    {{opening}} SELECT {{codes}}, account.name, {totals}
    FROM (SELECT id, {sums} FROM ({{legs}}) AS leg GROUP BY id) AS total
    JOIN account ON account.id = total.id JOIN book ON book.id = account.book_id
    WHERE account.code {from_} ? AND account.code {below} ?{settled}
"""
CODES: Final = {False: "book.code, account.code", True: "CASE WHEN book.code = ? THEN account.code END"}
"""What names an account: of all books, or of one, whose own name need not be sent a thousand times.

Of one book, an account of any other has no code. A condition would say the same, and have PostgreSQL expect so few
accounts that it goes through all sums for each.
"""

_CELLS: Final = {
    True: """
        SELECT cell.account_id AS id, {of_run} FROM {{run}} AS run CROSS JOIN cell
        WHERE cell.level = run.level AND cell.block = run.block AND cell.period > run.low AND cell.period < run.high
    """,
    False: """
        SELECT cell.account_id AS id, {of_run} FROM {{run}} AS run CROSS JOIN LATERAL (
          SELECT account_id, debits, credits FROM cell
          WHERE cell.level = run.level AND cell.block = run.block AND period > run.low AND period < run.high OFFSET 0
        ) AS cell
    """,
}
_CLOSING: Final = "SELECT cell.account_id AS id, {of_cell} FROM closing_balance AS cell WHERE cell.ends_on = ?"
_EDGE: Final = {
    # Only an account with a cell of the month has postings in it.
    True: """
        SELECT posting.account_id AS id, {of_posting} FROM (
          SELECT DISTINCT cell.account_id AS id FROM {{run}} AS run CROSS JOIN cell
          WHERE cell.level = run.level AND cell.block = run.block AND cell.period > run.low AND cell.period < run.high
        ) AS active CROSS JOIN posting
        WHERE posting.account_id = active.id AND posting.effective_on BETWEEN ? AND ? AND posting.seq - ? <= 0
    """,
    # By the index of days: one range of it, whatever the number of accounts.
    False: """
        SELECT posting.account_id AS id, {of_posting} FROM posting
        WHERE posting.effective_on BETWEEN ? AND ? AND posting.seq - ? <= 0
    """,
}
_REST: Final = """
    SELECT posting.account_id AS id, {of_posting} FROM posting
    WHERE posting.entry_id > ? AND posting.entry_id <= ? AND {within}
"""
_WAITING_ALL: Final = f"""
    SELECT posting.account_id AS id, {{of_posting}} FROM {_WAITING} WHERE posting.effective_on BETWEEN ? AND ?
"""  # noqa: S608 -- our own words

_OF_CELL: Final[dict[Measure, str]] = {
    "net": "cell.debits - cell.credits",
    "debits": "cell.debits",
    "credits": "cell.credits",
}
_OF_POSTING: Final[dict[Measure, str]] = {
    "net": "posting.amount",
    "debits": "{most}(posting.amount, 0)",
    "credits": "{most}(-posting.amount, 0)",
}
_SQLITE: Final = {
    "materialized": "MATERIALIZED",
    "from_": ">=",
    "below": "<",
    "most": "max",
    "within": "+posting.effective_on BETWEEN ? AND ?",
    "settled": "",
}
_POSTGRESQL: Final = {
    "materialized": "",
    "from_": "~>=~",  # by the letters themselves, whatever order the database was made with
    "below": "~<~",
    "most": "greatest",
    "within": "posting.effective_on - ?::date >= 0 AND posting.effective_on - ?::date <= 0",
    "settled": f" AND (SELECT {settled(USUAL)}) <> ''",
}


class OfFew(NamedTuple):
    """The sum for a few accounts by name: a statement, what names them, how, and the parts for each measure."""

    whole: str
    one: str
    code: str
    part: dict[str, dict[Measure, str]]


class OfMany(NamedTuple):
    """The sum for all accounts at once: a statement, and its parts, added or taken away."""

    whole: str
    part: dict[tuple[str, int], str]


@cache
def of_few(*, sqlite: bool) -> OfFew:
    """The texts for a few accounts."""
    words = _SQLITE if sqlite else _POSTGRESQL

    def each(text: str) -> dict[Measure, str]:
        return {
            name: text.format(of_cell=cell, of_posting=_OF_POSTING[name].format(**words), **words)
            for name, cell in _OF_CELL.items()
        }

    parts = {
        "cells": each(_CELLS_OF_ONE[sqlite]),
        "total": each(_TOTAL_OF_ONE),
        "edge": each(_EDGE_OF_ONE),
        "rest": each(_REST_OF_ONE),
        "waiting": each(_WAITING_OF_ONE),
    }
    return OfFew(_OF_FEW, _ONE.format(**words), _CODE.format(**words), parts)


@cache
def of_many(measures: tuple[Measure, ...], *, sqlite: bool) -> OfMany:
    """The texts for all accounts, for some measures."""
    words = _SQLITE if sqlite else _POSTGRESQL

    def signed(text: str, sign: str = "") -> str:
        of_cell = ", ".join(f"{_OF_CELL[name]} AS {name}" for name in measures)
        of_run = ", ".join(f"run.sign * ({_OF_CELL[name]}) AS {name}" for name in measures)
        of_posting = ", ".join(f"{sign}{_OF_POSTING[name].format(**words)} AS {name}" for name in measures)
        return text.format(of_cell=of_cell, of_run=of_run, of_posting=of_posting, **words)

    whole = _OF_MANY.format(
        totals=", ".join(f"CAST(total.{name} AS bigint)" for name in measures),
        sums=", ".join(f"sum({name}) AS {name}" for name in measures),
        **words,
    )
    parts = {
        ("cells", 1): signed(_CELLS[sqlite]),
        ("closing", 1): signed(_CLOSING),
        ("edge", 1): signed(_EDGE[sqlite]),
        ("edge", -1): signed(_EDGE[sqlite], "-"),
        ("rest", 1): signed(_REST),
        ("rest", -1): signed(_REST, "-"),
        ("waiting", 1): signed(_WAITING_ALL),
    }
    return OfMany(whole, parts)
