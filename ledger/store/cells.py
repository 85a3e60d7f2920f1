"""Balances that do not grow with the book: what each full span of the journal put through each account, kept for ever.

What a full span came to can never change (see `ledger.store.spans`), so it is written once, by the transaction that
filled it, and an entry dated back rewrites nothing: it adds to its own span. So it is with the running totals of the
accounts that many entries touch (`ledger.store.running`), which are kept beside the rest. When a quarter is closed for
good, what had gone through each account by its end is written beside it, once: nothing can be added on or before that
day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from ledger.store import running
from ledger.store.database import ReadSession, WriteSession
from ledger.store.spans import FAN

SPAN = 4096
"""Entries in a span of the lowest level. It is how the cells lie in the database: to change it is to fold anew."""

_TOGETHER: Final = 2
"""Spans folded by one statement: sorting a few at a time is quicker than all, and stays in memory."""
_AT_ONCE: Final = 16
"""Pieces whose running totals are made by one statement: which accounts are busy is asked once for all of them."""
_BEFORE_ALL: Final = date(1, 1, 1)

_MONTH: Final = {
    "sqlite": "CAST(substr(effective_on, 1, 4) || substr(effective_on, 6, 2) AS INTEGER)",
    "postgresql": "CAST(date_part('year', effective_on) * 100 + date_part('month', effective_on) AS INTEGER)",
}
"""The month of a day as a cell keeps it, such as 201203."""

_ORDER: Final = {"sqlite": "4, 2, 3", "postgresql": "2, 3, 4"}
"""In what order cells are made and kept. SQLite keeps few pages in memory: by account, the index by account grows at
one end of each account, and the table, of these spans alone, is small. PostgreSQL keeps rows as they come, and whoever
wants all accounts reads a span."""

_POSTINGS: Final = """
    SELECT 0 AS level, (seq - 1) / {span} AS block, {month} AS period, account_id,
           sum(CASE WHEN amount > 0 THEN amount ELSE 0 END) AS debits,
           sum(CASE WHEN amount < 0 THEN -amount ELSE 0 END) AS credits
    FROM posting WHERE entry_id > {first} * {span} AND entry_id <= {last} * {span}
    GROUP BY {order}
"""
_BELOW: Final = """
    SELECT {level} AS level, block / {fan} AS block, period, account_id, sum(debits) AS debits, sum(credits) AS credits
    FROM cell WHERE level = {level} - 1 AND block >= {first} * {fan} AND block < {last} * {fan}
    GROUP BY {order}
"""
_LONGER: Final = """
    SELECT {level} AS level, block, {period} AS period, account_id, sum(debits) AS debits, sum(credits) AS credits
    FROM cell WHERE level = {level} AND block >= {first} AND block < {last} AND period > {low} AND period <= {high}
    GROUP BY {order}
"""
_PERIODS: Final = ("period / 100 * 10 + (period - period / 100 * 100 + 2) / 3", "period / 100", "period / 400")
"""The quarter, the year and the four years of a month, as `ledger.store.spans` numbers them."""
_ONE_FROM_ANOTHER: Final = ((_PERIODS[0], 99_999, 999_999), ("period / 10", 9_999, 99_999), ("period / 4", 999, 9_999))
"""How each of them is made from the next shorter one, and between which numbers those lie: there are fewer of them."""
_LENGTHEN: Final = """
    INSERT INTO cell (level, block, period, account_id, debits, credits)
    SELECT level, block, {period}, account_id, sum(debits), sum(credits) FROM cell
    WHERE level > 0 AND period > 99999 AND NOT EXISTS (
      SELECT 1 FROM cell AS there WHERE there.level = cell.level AND there.block = cell.block
        AND there.account_id = cell.account_id AND there.period = {of_cell})
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_KEEP: Final = "INSERT INTO cell (level, block, period, account_id, debits, credits) {cells} ORDER BY {order}"
_DIFFERENCES: Final = """
    SELECT found.level, found.block, found.period, found.account_id FROM (
      SELECT level, block, period, account_id, debits, credits, 1 AS side FROM cell
      WHERE level = {level} AND block >= {first} AND block < {last}
      UNION ALL
      SELECT level, block, period, account_id, CAST(debits AS BIGINT), CAST(credits AS BIGINT), -1
      FROM ({cells}) AS wanted
    ) AS found
    GROUP BY 1, 2, 3, 4, found.debits, found.credits HAVING count(*) <> 2 OR sum(found.side) <> 0
    ORDER BY 2, 3, 4 LIMIT 20
"""
"""Each cell stands once among those kept and once among those made anew. Nothing is added up but the two sides: on
PostgreSQL a sum of sums is of type numeric, and takes longer than everything else."""
_SPANS_BY_KEY: Final = (
    "SET LOCAL enable_indexonlyscan = off",
    "SET LOCAL work_mem = '32MB'",
    "SET LOCAL max_parallel_workers_per_gather = 0",
)
"""PostgreSQL would take the cells of two spans out of the index by account, with a search for each account; would write
what it groups to the disk; and would begin processes for some hundredths of a second, beside those that check."""

# One account after another, each by its days: the condition on the place is so written that no index serves it.
_QUARTER: Final = """
    SELECT account_id, debits, credits FROM closing_balance WHERE ends_on = :before
    UNION ALL
    SELECT posting.account_id, CASE WHEN amount > 0 THEN amount ELSE 0 END, CASE WHEN amount < 0 THEN -amount ELSE 0 END
    FROM account CROSS JOIN posting
    WHERE posting.account_id = account.id AND posting.effective_on > :before AND posting.effective_on <= :ends_on
      AND posting.seq - :upto_seq <= 0
"""
_KEEP_CLOSING: Final = f"""
    INSERT INTO closing_balance (ends_on, account_id, upto_seq, debits, credits)
    SELECT :ends_on, account_id, :upto_seq, sum(debits), sum(credits) FROM ({_QUARTER}) AS quarter GROUP BY account_id
"""  # noqa: S608 -- our own words on both sides
_CLOSED_BEFORE: Final = "SELECT max(ends_on) FROM quarter_event WHERE state = 'closed' AND ends_on < :ends_on"
_CLOSED: Final = """
    SELECT ends_on, min(upto_seq) AS upto_seq FROM quarter_event
    WHERE state = 'closed' GROUP BY ends_on ORDER BY ends_on
"""
_CLOSING_DIFFERENCES: Final = f"""
    SELECT account_id FROM (
      SELECT account_id, -debits AS debits, -credits AS credits FROM closing_balance WHERE ends_on = :ends_on
      UNION ALL {_QUARTER}
    ) AS found
    GROUP BY account_id HAVING sum(debits) <> 0 OR sum(credits) <> 0 ORDER BY account_id LIMIT 20
"""  # noqa: S608 -- our own words on both sides
_CLOSINGS_KEPT: Final = (
    "SELECT ends_on, min(coalesce(upto_seq, -1)), max(upto_seq) FROM closing_balance GROUP BY ends_on"
)
_ACCOUNT: Final = "SELECT book.code, account.code FROM account JOIN book ON book.id = book_id WHERE account.id = :id"


def stretch() -> int:
    """Entries in a piece of the shortest level that running totals are kept of."""
    return running.stretch(SPAN, FAN)


def fold(session: WriteSession, before_seq: int, upto_seq: int) -> None:
    """Write the cells of every span that the entries after one place, up to another, have filled."""
    if before_seq // SPAN < upto_seq // SPAN:
        session.flush()
        _fold(session.connection(), before_seq, upto_seq)
        run_on(session.connection(), before_seq, upto_seq)


def close(session: WriteSession, ends_on: date, upto_seq: int) -> None:
    """Write what had gone through each account by the end of a quarter, in the act that closes it for good."""
    session.flush()
    connection = session.connection()
    _close(connection, _day(connection, ends_on), upto_seq)


def rebuild(connection: Connection) -> None:
    """Fill empty tables from the journal and its closed quarters, for a database that has lived without them."""
    _fold(connection, 0, connection.scalar(text("SELECT max(seq) FROM entry")) or 0)
    for ends_on, upto_seq in connection.execute(text(_CLOSED)).all():
        _close(connection, ends_on, upto_seq)


def run_on(connection: Connection, before_seq: int = 0, upto_seq: int | None = None) -> None:
    """Write the running totals of busy accounts for the spans filled between two places, or for all there are."""
    upto = (connection.scalar(text("SELECT max(seq) FROM entry")) or 0) if upto_seq is None else upto_seq
    order = _ORDER[connection.dialect.name]
    for made in _all_run_on(connection.dialect.name, before_seq // SPAN, upto // SPAN):
        connection.exec_driver_sql(_KEEP.format(cells=made.text, order=order))


class _Made(NamedTuple):
    """Running totals of some consecutive pieces of the journal: of which, and the statement that makes them."""

    level: int
    first: int
    last: int
    text: str


def _all_run_on(dialect: str, first: int, last: int) -> Iterator[_Made]:
    """The running totals that the spans from one to another have brought, a few at a time: first of the stretches."""
    parts = SPAN // stretch()
    for start in range(first, last, _AT_ONCE):
        end = min(start + _AT_ONCE, last)
        yield _Made(-1, start * parts, end * parts, running.made_of_postings(dialect, SPAN, FAN, start, end))
    level, first, last = -2, first * parts // FAN, last * parts // FAN
    while first < last:
        for start in range(first, last, _AT_ONCE):
            end = min(start + _AT_ONCE, last)
            yield _Made(level, start, end, running.made_of_shorter(SPAN, FAN, level, start, end))
        level, first, last = level - 1, first // FAN, last // FAN


def lengthen(connection: Connection) -> None:
    """Write the cells of quarters and of four years for the full spans of a database that has lived without them."""
    for period in (_PERIODS[0], _PERIODS[2]):
        connection.exec_driver_sql(_LENGTHEN.format(period=period, of_cell=period.replace("period", "cell.period")))


def _fold(connection: Connection, before_seq: int, upto_seq: int) -> None:
    level, span = 0, SPAN
    while before_seq // span < upto_seq // span:
        first, last = before_seq // span, upto_seq // span
        for start in range(first, last, _TOGETHER):
            for cells in _made(connection, level, start, min(start + _TOGETHER, last)):
                connection.exec_driver_sql(_KEEP.format(cells=cells, order=_ORDER[connection.dialect.name]))
        level, span = level + 1, span * FAN


def _made(connection: Connection, level: int, first: int, last: int) -> list[str]:
    """How the cells of some spans are made. Below the second level an account has few months: no longer periods."""
    longer = [
        _LONGER.replace("{period}", period).replace("{low}", str(low)).replace("{high}", str(high))
        for period, low, high in _ONE_FROM_ANOTHER
    ]
    texts = [_BELOW, *longer] if level == 1 else [_BELOW] if level else [_POSTINGS]
    words = {"month": _MONTH[connection.dialect.name], "order": _ORDER[connection.dialect.name]}
    return [text_.format(level=level, span=SPAN, fan=FAN, first=first, last=last, **words) for text_ in texts]


def _close(connection: Connection, ends_on: Any, upto_seq: int) -> None:
    connection.execute(text(_KEEP_CLOSING), _quarter(connection, ends_on, upto_seq))


def _quarter(connection: Connection, ends_on: Any, upto_seq: int) -> dict[str, Any]:
    before = connection.scalar(text(_CLOSED_BEFORE), {"ends_on": ends_on})
    return {"before": before or _day(connection, _BEFORE_ALL), "ends_on": ends_on, "upto_seq": upto_seq}


def _day(connection: Connection, day: date) -> Any:
    """A day as the driver takes it, and gives it where SQLAlchemy does not know that it is one."""
    return day.isoformat() if connection.dialect.name == "sqlite" else day


def look_by_key(session: ReadSession) -> None:
    """Make ready a transaction that looks for faults and does nothing else."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        for setting in _SPANS_BY_KEY:
            connection.exec_driver_sql(setting)


def faults(session: ReadSession) -> Iterator[tuple[int, str]]:
    """Where cells and closing balances are not what the postings come to: the first place they tell of, and a sentence.

    They are made anew from the postings, a piece at a time, by the database itself.
    """
    connection = session.connection()
    head = _head(connection)
    level, span = 0, SPAN
    while span <= head:
        for start in range(0, head // span, _TOGETHER):
            yield from _cell_faults(connection, level, start, min(start + _TOGETHER, head // span))
        yield from _strays(connection, _beyond(level, head // span))
        level, span = level + 1, span * FAN
    yield from _running_faults(connection, head // SPAN)
    yield from _strays(connection, f"level >= {level}")
    yield from _closing_faults(connection)


def _head(connection: Connection) -> int:
    """The last place that sums can be kept of: that of the head where it is that of the last entry, as it should be.

    Whoever tampers can give both any number: there are no more places than entries.
    """
    said = connection.scalar(text("SELECT seq FROM journal_head")) or 0
    last, many = connection.execute(text("SELECT max(seq), count(*) FROM entry")).one()
    return max(min(int(said), int(last or 0), int(many)), 0)


def _cell_faults(connection: Connection, level: int, first: int, last: int) -> Iterator[tuple[int, str]]:
    made = " UNION ALL ".join(f"SELECT * FROM ({cells}) AS made" for cells in _made(connection, level, first, last))  # noqa: S608 -- our own words on both sides
    yield from _differences(connection, _Made(level, first, last, made))


def _running_faults(connection: Connection, full: int) -> Iterator[tuple[int, str]]:
    """Running totals that are not what they are made of comes to, and any of a piece that is not full."""
    for made in _all_run_on(connection.dialect.name, 0, full):
        yield from _differences(connection, made)
    level, there = -1, full * (SPAN // stretch())
    while there:
        yield from _strays(connection, _beyond(level, there))
        level, there = level - 1, there // FAN
    yield from _strays(connection, f"level <= {level}")


def _differences(connection: Connection, made: _Made) -> Iterator[tuple[int, str]]:
    level = made.level
    asked = _DIFFERENCES.format(level=level, first=made.first, last=made.last, cells=made.text)
    for _, block, period, account_id in connection.exec_driver_sql(asked).all():
        of = f"{_named(connection, account_id)} in {period}"
        yield _place(level, block), f"the sums kept of {_entries(level, block)} are not what {of} comes to"


def _strays(connection: Connection, where: str) -> Iterator[tuple[int, str]]:
    """Cells of spans that are not full, or of levels that there are not."""
    asked = f"SELECT DISTINCT level, block FROM cell WHERE {where} ORDER BY level, block LIMIT 20"  # noqa: S608 -- numbers
    for found, block in connection.exec_driver_sql(asked).all():
        yield (
            _place(found, max(block, 0)),
            f"there are sums of {_entries(found, block)}, which are not all there",
        )


def _beyond(level: int, full: int) -> str:
    return f"level = {level} AND (block < 0 OR block >= {full})"


def _closing_faults(connection: Connection) -> Iterator[tuple[int, str]]:
    closed = connection.execute(text(_CLOSED)).all()
    for ends_on, upto_seq in closed:
        about = _quarter(connection, ends_on, upto_seq)
        for (account_id,) in connection.execute(text(_CLOSING_DIFFERENCES), about).all():
            of = _named(connection, account_id)
            yield upto_seq, f"the balance kept of {of} at the close of {ends_on} is not what its postings come to"
    upto = dict(tuple(row) for row in closed)
    for ends_on, least, most in connection.execute(text(_CLOSINGS_KEPT)).all():
        if (least, most) != (upto.get(ends_on), upto.get(ends_on)):
            yield least, f"balances are kept of {ends_on}, when no quarter was closed with so many entries"


def _named(connection: Connection, account_id: int) -> str:
    found = connection.execute(text(_ACCOUNT), {"id": account_id}).one_or_none()
    return (
        f"account {account_id}, which there is not," if found is None else f"account {found[1]} of the book {found[0]}"
    )


def _place(level: int, block: int) -> int:
    if level < 0:
        return block * stretch() * int(FAN ** (-1 - level)) + 1
    return block * SPAN * int(FAN**level) + 1


def _entries(level: int, block: int) -> str:
    return f"entries {_place(level, block)} to {_place(level, block + 1) - 1}"
