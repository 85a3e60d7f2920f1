"""Attacks on the books by SQL, as a table: what is tried, and what becomes of it when each of three people tries it.

The `application` is its role on PostgreSQL, and on SQLite a connection that the program opened. The `owner` made the
tables. The `outsider` is, on PostgreSQL, a superuser who has switched off what the replica role switches off, and on
SQLite another program that opens the file with every check of its own connection off.

Whatever is not refused must be found: `found` says at which place `verify` then stops, for each who gets that far.
"""

# ruff: noqa: S608 -- attacks are put together from SQL, and run only against the tests' own databases

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.seals import opening, parts

APPLICATION, OWNER, OUTSIDER = PEOPLE = ("application", "owner", "outsider")
SQLITE, POSTGRESQL = KINDS = ("sqlite", "postgresql")
NOWHERE: Final = 0
"""The place of a fault that no entry can be named for."""


@dataclass(frozen=True, slots=True)
class Attack:
    """Statements tried in one transaction, by whom, and at which place they are found where they are not refused."""

    name: str
    sql: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS
    people: tuple[str, ...] = PEOPLE
    found: Mapping[str, int] = field(default_factory=dict)

    def place(self, kind: str, person: str) -> int | None:
        """Where `verify` stops after the attack; none when the database refuses it."""
        return self.found.get(f"{kind} {person}", self.found.get(person))


LAST, NEXT = 4, 5
"""The places the stage is set with, and the one that comes next."""


def mark(seq: object = NEXT) -> str:
    return f"INSERT INTO mark (upto_seq, recorded_at, root) VALUES ({seq}, {{now}}, {{hash}})"


def head(seq: object = NEXT) -> str:
    return f"UPDATE journal_head SET seq = {seq}, recorded_at = {{now}}, root = {{hash}}"


def leg(
    number: object,
    amount: object,
    account: object = "{cash}",
    *,
    entry: object = NEXT,
    legs: object = 2,
    book: object = "{bank}",
    day: str = "2012-04-10",
    seq: object = None,
) -> str:
    place = entry if seq is None else seq
    return (
        "INSERT INTO posting (entry_id, leg, legs, book_id, account_id, amount, effective_on, seq) "
        f"VALUES ({entry}, {number}, {legs}, {book}, {account}, {amount}, '{day}', {place})"
    )


def header(
    entry: object = NEXT,
    *,
    seq: object = None,
    book: object = "{bank}",
    key: str = "forged",
    day: str = "2012-04-10",
    legs: object = 2,
    gross: object = 500,
    reverses: object = "NULL",
    at: str = "{now}",
    seal: str = "{hash}",
) -> str:
    place = entry if seq is None else seq
    return (
        "INSERT INTO entry (id, seq, book_id, key, kind, description, effective_on, recorded_at, actor, pair, "
        "reverses, legs, gross, content_hash, seal) "
        f"VALUES ({entry}, {place}, {book}, '{key}', 'entry', 'forged', '{day}', {at}, 'somebody', '', "
        f"{reverses}, {legs}, {gross}, {{hash}}, {seal})"
    )


def together(*statements: str) -> str:
    """Statements as one, in which all see what was there before and each guard looks when all are done; PostgreSQL."""
    *some, last = statements
    return "WITH " + ", ".join(f"part{at} AS ({one})" for at, one in enumerate(some)) + f" {last}"


PAIR: Final = (leg(1, 500, "{loans}"), leg(2, -500))
MOVED: Final = (mark(), head())
FORGED: Final = (*MOVED, *PAIR, header())


def dated(day: str) -> tuple[str, ...]:
    return (*MOVED, leg(1, 500, "{loans}", day=day), leg(2, -500, day=day), header(day=day))


def placed(entry: object, seq: object = None) -> tuple[str, ...]:
    """An entry that is whole in itself, at a place of one's own choosing."""
    return leg(1, 500, "{loans}", entry=entry, seq=seq), leg(2, -500, entry=entry, seq=seq), header(entry, seq=seq)


def amounts(*pence: object, gross: object = 500) -> tuple[str, ...]:
    legs = [leg(number, amount, legs=len(pence)) for number, amount in enumerate(pence, start=1)]
    return (*MOVED, *legs, header(legs=len(pence), gross=gross))


def event(state: str, quarter: str = "2012Q1", ends_on: str = "2012-03-31", **told: object) -> str:
    said = {"at": "'2012-05-01T09:00:00.000000Z'", "upto": LAST, "root": "{root}", "digest": "{hash}"} | told
    return (
        "INSERT INTO quarter_event (quarter, ends_on, state, recorded_at, actor, upto_seq, root, trial_balance) VALUES "
        f"('{quarter}', '{ends_on}', '{state}', {said['at']}, 'somebody', {said['upto']}, {said['root']}, "
        f"{said['digest']})"
    )


KEYS: Final = {
    "book": "id",
    "account": "id",
    "entry": "id",
    "posting": "entry_id, leg",
    "mark": "upto_seq",
    "journal_head": "id",
    "quarter_event": "id",
    "trail": "id",
    "key_claim": "scope, key",
    "key_answer": "scope, key",
    "cell": "level, block, period, account_id",
    "closing_balance": "ends_on, account_id",
}
"""The tables of the books that are only added to or keep their identity, with their first key."""

COLUMNS: Final = {
    "book": "code",
    "account": "code",
    "entry": "description",
    "posting": "amount",
    "mark": "root",
    "journal_head": "root",
    "quarter_event": "actor",
    "trail": "reason",
    "key_claim": "fingerprint",
    "key_answer": "answer",
    "cell": "debits",
    "closing_balance": "debits",
}
"""For each, a column that somebody might like to change."""

FILLED: Final = {
    "cell": (
        "INSERT INTO cell (level, block, period, account_id, debits, credits) VALUES (0, 0, 201204, {cash}, 1, 0)",
    ),
    "closing_balance": (
        (
            "INSERT INTO closing_balance (ends_on, account_id, upto_seq, debits, credits) "
            "VALUES ('2011-06-30', {cash}, 0, 0, 0)"
        ),
    ),
}
"""What puts a row into a table that a journal as small as this one has left empty."""
OTHERWISE: Final = {"root": "{hash}", "amount": "{table}.amount * -1", "debits": "7"}
"""What is written there instead, where a word would not do."""


def rewritings() -> Iterator[Attack]:
    """What is tried on every table of the books alike."""
    for table, key in KEYS.items():
        before = FILLED.get(table, ())
        column = COLUMNS[table]
        other = OTHERWISE.get(column, "'forged'").replace("{table}", table)
        upsert = f"ON CONFLICT ({key}) DO UPDATE SET {column} = {other}"
        copied = f"INSERT INTO {table} SELECT * FROM {table} WHERE true"
        merging = other.replace(f"{table}.", "old.")
        merged = " AND ".join(f"old.{part} = new.{part}" for part in key.split(", "))
        yield Attack(f"{table}: a row changed", (*before, f"UPDATE {table} SET {column} = {other}"))
        yield Attack(f"{table}: rows deleted", (*before, f"DELETE FROM {table}"))
        yield Attack(f"{table}: an upsert", (*before, f"{copied} {upsert}"), kinds=(POSTGRESQL,))
        yield Attack(
            f"{table}: a merge",
            (
                *before,
                (
                    f"MERGE INTO {table} AS old USING {table} AS new ON {merged} "
                    f"WHEN MATCHED THEN UPDATE SET {column} = {merging}"
                ),
            ),
            kinds=(POSTGRESQL,),
        )
        yield Attack(f"{table}: emptied", (*before, f"TRUNCATE {table}"), kinds=(POSTGRESQL,))
        yield Attack(f"{table}: emptied with all that hangs on it", (f"TRUNCATE {table} CASCADE",), kinds=(POSTGRESQL,))
        if table != "key_claim":  # there an insert leaves what is there; see the test of that
            yield Attack(
                f"{table}: a row put over another", (*before, f"INSERT OR REPLACE {copied[7:]}"), kinds=(SQLITE,)
            )
            yield Attack(f"{table}: an upsert on SQLite", (*before, f"{copied} {upsert}"), kinds=(SQLITE,))


def _over_its_hidden_number(table: str, columns: str, values: str) -> Attack:
    """REPLACE obeys a key that no table names: the number SQLite gives to each row."""
    return Attack(
        f"{table}: a row put over another by its hidden number",
        (f"INSERT OR REPLACE INTO {table} (rowid, {columns}) VALUES (1, {values})",),
        kinds=(SQLITE,),
    )


HIDDEN_NUMBERS: Final = (
    _over_its_hidden_number(
        "posting",
        "entry_id, leg, legs, book_id, account_id, amount, effective_on, seq",
        "77, 1, 2, {bank}, {cash}, 5, '2012-04-10', 77",
    ),
    _over_its_hidden_number("mark", "upto_seq, recorded_at, root", "77, {now}, {hash}"),
    _over_its_hidden_number("key_answer", "scope, key, answer", "'x', 'x', 'x'"),
)

ENTRIES: Final = (
    Attack("an entry that does not balance", amounts(500, -499)),
    Attack("an entry that does not balance, which declares what it has", amounts(500, -400)),
    Attack("an entry of one leg", (*MOVED, leg(1, 500, legs=1), header(legs=1))),
    Attack("an entry of one leg that declares two", (*MOVED, leg(1, 500), header())),
    Attack("an entry of no legs", (*MOVED, header(legs=0, gross=0))),
    Attack("a header without legs", (*MOVED, header())),
    Attack(
        "legs without a header",
        PAIR,
        found={OUTSIDER: NEXT},
    ),
    Attack("legs without a header, and the head moved", (*MOVED, *PAIR), found={OUTSIDER: NEXT}),
    Attack(
        "an account that is not there",
        (*MOVED, leg(1, 500, 999_999), leg(2, -500), header()),
        found={OUTSIDER: NEXT},
    ),
    Attack(
        "another book's account",
        (*MOVED, leg(1, 500, "{theirs}"), leg(2, -500), header()),
        found={OUTSIDER: NEXT},
    ),
    Attack(
        "another book's account, as of that book",
        (*MOVED, leg(1, 500, "{theirs}", book="{fund}"), leg(2, -500), header()),
    ),
    Attack(
        "a book that is not there",
        (*MOVED, leg(1, 500, book=99), leg(2, -500, book=99), header(book=99)),
        found={OUTSIDER: NEXT},
    ),
    Attack("an amount of nothing", amounts(500, -500, 0)),
    Attack("an amount that is no whole number", amounts("500.5", "-500.5"), kinds=(SQLITE,)),
    Attack("an amount that is a word", amounts("'much'", "'less'")),
    Attack("an amount beyond the limit", amounts(9_000_000_000_000_001, -9_000_000_000_000_001)),
    Attack(
        "a sum beyond the limit",
        amounts(*[9_000_000_000_000_000] * 2, *[-9_000_000_000_000_000] * 2, gross=18_000_000_000_000_000),
    ),
    Attack(
        "sums that run over",
        (
            *MOVED,
            (
                "INSERT INTO posting (entry_id, leg, legs, book_id, account_id, amount, effective_on, seq) "
                "WITH RECURSIVE many(leg) AS (SELECT 1 UNION ALL SELECT leg + 1 FROM many WHERE leg < 4096) "
                f"SELECT {NEXT}, leg, 4096, {{bank}}, {{cash}}, 9000000000000000, '2012-04-10', {NEXT} FROM many"
            ),
            header(legs=4096, gross=9_000_000_000_000_000),
        ),
    ),
    Attack("a gross sum that is not that of the legs", (*MOVED, *PAIR, header(gross=600))),
    Attack("more legs declared than there are", (*MOVED, *PAIR, header(legs=3))),
    Attack(
        "a leg beyond those declared",
        (*MOVED, leg(1, 500), leg(3, -500), header()),
    ),
    Attack("a leg on another day than its header", (*MOVED, leg(1, 500, day="2012-04-11"), leg(2, -500), header())),
    Attack("a leg at another place than its header", (*MOVED, leg(1, 500, seq=9), leg(2, -500, seq=9), header())),
    Attack("a leg that declares other legs", (*MOVED, leg(1, 500, legs=3), leg(2, -500), header())),
    Attack("a leg added to an entry that is there", (leg(3, 5, entry=LAST, legs=3),)),
    Attack(
        "a balanced pair added to an entry that is there",
        (leg(3, 900, entry=LAST, legs=4), leg(4, -900, "{loans}", entry=LAST, legs=4)),
    ),
    Attack("a leg added under the number of another", (leg(1, 5, entry=LAST),)),
    Attack("a leg that says it is all of an entry that is there", (leg(1, 5, entry=LAST, legs=1),)),
    Attack("a leg beyond those it says there are, added to an entry", (leg(3, 5, entry=LAST, legs=1),)),
    Attack(
        "as many legs as an entry that is there has, added to it in one statement",
        (f"{leg(3, 900, entry=LAST)}, ({LAST}, 4, 2, {{bank}}, {{loans}}, -900, '2012-04-10', {LAST})",),
    ),
    Attack("a leg added by the same act, after the header", (*FORGED, leg(3, 5, legs=3))),
    Attack(
        "a balanced pair added by the same act, after the header",
        (*FORGED, leg(3, 5, legs=4), leg(4, -5, legs=4)),
    ),
    Attack(
        "a leg added inside a savepoint",
        ("SAVEPOINT one", *FORGED, "RELEASE SAVEPOINT one", "SAVEPOINT two", leg(3, 5), "RELEASE SAVEPOINT two"),
    ),
    Attack(
        "an entry that does not balance, inside a savepoint",
        (*MOVED, "SAVEPOINT one", leg(1, 500, "{loans}"), leg(2, -400), header(), "RELEASE SAVEPOINT one"),
    ),
    Attack(
        "a pair too many, in one statement with the header",
        (*MOVED, together(*PAIR, leg(3, 5, legs=4), leg(4, -5, legs=4), header())),
        kinds=(POSTGRESQL,),
    ),
    Attack(
        "a pair added to an entry that is there, in one statement with an entry that is whole",
        (*MOVED, together(*PAIR, leg(3, 5, entry=LAST, legs=4), leg(4, -5, entry=LAST, legs=4), header())),
        kinds=(POSTGRESQL,),
    ),
    Attack(
        "an entry that does not balance, in one statement",
        (*MOVED, together(leg(1, 500, "{loans}"), leg(2, -400), header())),
        kinds=(POSTGRESQL,),
    ),
    Attack("a key that is in the book", (*MOVED, *PAIR, header(key="d"))),
    Attack("a second reversal", (*MOVED, *PAIR, header(reverses=1))),
    Attack("a reversal of nothing", (*MOVED, *PAIR, header(reverses=99))),
    Attack("a reversal of itself", (*MOVED, *PAIR, header(reverses=NEXT))),
    Attack("a reversal of another book's entry", (*MOVED, *PAIR, header(reverses=2))),
    Attack("a seal that is no hash", (*MOVED, *PAIR, header(seal="{short}"))),
    Attack("the last day of a closed quarter", dated("2011-12-31")),
    Attack("a day before every closed quarter", dated("2009-06-01")),
    Attack("a day before the calendar", dated("2001-01-01")),
    Attack("a day after the calendar", dated("2100-01-01")),
    Attack("a day that is none", dated("2012-02-30")),
    Attack("a day that is a word", dated("tomorrow week"), kinds=(SQLITE,)),
    Attack("a day without end", dated("infinity")),
    Attack(
        "an entry that is whole, and sealed with another hash",
        FORGED,
        found={APPLICATION: NEXT, OWNER: NEXT, OUTSIDER: NEXT},
    ),
)

BETWEEN: Final = "INSERT INTO mark SELECT 1, recorded_at, root FROM mark WHERE upto_seq = 2"
PLACES: Final = (
    Attack("a place left out", (mark(6), head(6), *placed(6))),
    Attack("a place taken", (*MOVED, *placed(NEXT, LAST))),
    Attack("an entry taken for another", (*MOVED, *placed(LAST, NEXT))),
    Attack("an entry whose number is not its place", (mark(6), head(6), *placed(6, NEXT))),
    Attack("place nought", placed(0)),
    Attack("a place below nought", placed(-1)),
    Attack("a place that is no whole number", (*MOVED, *placed("5.5")), kinds=(SQLITE,)),
    Attack("an entry beyond the head", placed(NEXT)),
    Attack("an entry beyond the head, marked", (mark(), *placed(NEXT))),
    Attack("an entry before the head moves", (mark(), *placed(NEXT), head())),
    Attack("the head moved to where no entry is", MOVED, found={OUTSIDER: NEXT}),
    Attack("the head moved without a mark", (head(), *placed(NEXT))),
    Attack(
        "the head moved to a mark of another root",
        (mark(), f"UPDATE journal_head SET seq = {NEXT}, recorded_at = {{now}}"),
    ),
    Attack(
        "the head moved to a mark of another instant",
        (mark(), f"UPDATE journal_head SET seq = {NEXT}, root = {{hash}}"),
    ),
    Attack("the head moved back", ("UPDATE journal_head SET seq = 3",)),
    Attack(
        "the head moved back to a mark",
        (
            (
                "UPDATE journal_head SET seq = 3, root = (SELECT root FROM mark WHERE upto_seq = 3), "
                "recorded_at = (SELECT recorded_at FROM mark WHERE upto_seq = 3)"
            ),
        ),
    ),
    Attack("the head's instant put back", ("UPDATE journal_head SET recorded_at = '2011-07-04T09:00:00.000000Z'",)),
    Attack("the head's root changed where it stands", ("UPDATE journal_head SET root = {hash}",)),
    Attack("the head's frontier changed where it stands", ("UPDATE journal_head SET frontier = {hash}",)),
    Attack("the head numbered otherwise", ("UPDATE journal_head SET id = 2",)),
    Attack("the head emptied", ("UPDATE journal_head SET seq = NULL",)),
    Attack(
        "a second head",
        (
            (
                "INSERT INTO journal_head (id, seq, recorded_at, frontier, root, chain) "
                "SELECT 2, seq, recorded_at, frontier, root, chain FROM journal_head"
            ),
        ),
    ),
    Attack("a mark where no entry is", (mark(9),), found={OUTSIDER: 5}),
    Attack("a mark between the marks", (BETWEEN,)),
    Attack("a mark at nought", (mark(0),)),
    Attack("a mark of a short root", ("INSERT INTO mark (upto_seq, recorded_at, root) VALUES (5, {now}, {short})",)),
    Attack(
        "an entry recorded before the one before it",
        (*MOVED, *PAIR, header(at="'2011-07-01T09:00:00.000000Z'")),
    ),
    Attack("an entry recorded after its act", (*MOVED, *PAIR, header(at="'2012-12-01T09:00:00.000000Z'"))),
    Attack(
        "the chain of acts changed",
        ("UPDATE journal_head SET chain = {hash}",),
        found={APPLICATION: NOWHERE, OWNER: NOWHERE, OUTSIDER: NOWHERE},
    ),
)

QUARTERS: Final = (
    Attack("a closed quarter opened again", (event("open", "2011Q4", "2011-12-31"),)),
    Attack("a closed quarter soft-closed", (event("soft-closed", "2011Q4", "2011-12-31"),)),
    Attack("a closed quarter closed again", (event("closed", "2011Q4", "2011-12-31"),)),
    Attack("a quarter before a closed one closed", (event("closed", "2011Q2", "2011-06-30"),)),
    Attack("a soft-closed quarter soft-closed again", (event("soft-closed"),)),
    Attack("an open quarter opened", (event("open", "2011Q3", "2011-09-30"),)),
    Attack("a quarter in a state there is not", (event("ajar"),)),
    Attack("a quarter that ends on another day", (event("closed", ends_on="2012-03-30"),)),
    Attack("a quarter that ends years on", (event("closed", ends_on="2090-12-31"),)),
    Attack("a quarter that is not over", (event("closed", "2012Q2", "2012-06-30"),)),
    Attack("a quarter there is not", (event("closed", "2012Q5", "2012-03-31"),)),
    Attack("a close as of an earlier place", (event("closed", upto=1),)),
    Attack("a close as of a place to come", (event("closed", upto=9),)),
    Attack("a close with another root", (event("closed", root="{hash}"),)),
    Attack("a close with a short trial balance", (event("closed", digest="{short}"),)),
    Attack(
        "a close that is whole, with another trial balance",
        (event("closed"),),
        found={APPLICATION: LAST, OWNER: LAST, OUTSIDER: LAST},
    ),
)

BOOK: Final = "INSERT INTO book (id, code, kind, name, opened_at) VALUES ({id}, '{code}', 'bank', 'x', {{now}})"
ACCOUNT: Final = (
    "INSERT INTO account (id, book_id, code, name, kind, mirror, opened_at) "
    "VALUES ({id}, {book}, '{code}', 'x', 'asset', '', {{now}})"
)

NAMES: Final = (
    *(
        Attack(f"account: another {column}", (f"UPDATE account SET {column} = {value}",))
        for column, value in (
            ("id", "id + 1000"),
            ("book_id", "{fund}"),
            ("kind", "'asset'"),
            ("mirror", "'forged'"),
            ("mirror", "NULL"),
            ("opened_at", "'2012-01-01T09:00:00.000000Z'"),
        )
    ),
    *(
        Attack(f"book: another {column}", (f"UPDATE book SET {column} = {value}",))
        for column, value in (("id", "id + 1000"), ("kind", "'bank'"), ("opened_at", "'2012-01-01T09:00:00.000000Z'"))
    ),
    Attack("an account that nobody used deleted", ("DELETE FROM account WHERE code = '1100'",)),
    Attack("a row put over another by an update", ("UPDATE OR REPLACE account SET id = {cash}",), kinds=(SQLITE,)),
    Attack(
        "two accounts of one code",
        (ACCOUNT.format(id=900, book="{bank}", code="1000"),),
    ),
    Attack(
        "an account of no book",
        (ACCOUNT.format(id=900, book=99, code="1000"),),
        found={OUTSIDER: NOWHERE},
    ),
    Attack(
        "two books of one code", ("INSERT INTO book (code, kind, name, opened_at) VALUES ('bank', 'x', 'x', {now})",)
    ),
    Attack(
        "two answers under one key",
        ("INSERT INTO key_answer (scope, key, answer) SELECT scope, key, 'another' FROM key_answer",),
    ),
)


def waiting(
    key: str = "later", *, worth: str = "5.00", number: int = 1, book: str = "{bank}", day: str = "2012-04-10"
) -> str:
    """An entry that asks to wait for its place; it balances where its credit is `worth` its debit of 5.00."""
    told = Posting("1200", Money(500)), Posting("1000", Money(-500))
    entry = Entry(key, "bank", date.fromisoformat(day), "Later", told, kind="return")
    before, between = (
        part.replace('"-5.00"', f'"-{worth}"').replace("{", "{{").replace("}", "}}") for part in parts(entry)
    )
    begun = opening("somebody").replace("{", "{{")
    return (
        "INSERT INTO waiting_entry (id, actor, opening, text_before, text_between, accepted_at, book_id, key, "
        "effective_on, legs, postings, content_hash) VALUES "
        f"({number}, 'somebody', '{begun}', '{before}', '{between}', {{now}}, {book}, '{key}', '{day}', 2, "
        "'[]', {hash})"
    )


_DROPPED: Final = "DROP TABLE posting"
POWERS: Final = (
    *(
        Attack(name, (statement,), kinds=(kind,), people=(APPLICATION,))
        for kind, name, statement in (
            (SQLITE, "a guard dropped", "DROP TRIGGER entry_is_sound"),
            (SQLITE, "a table dropped", _DROPPED),
            (SQLITE, "a table altered", "ALTER TABLE posting RENAME TO gone"),
            (SQLITE, "a column added", "ALTER TABLE posting ADD COLUMN more"),
            (SQLITE, "a table made", "CREATE TABLE mine (x)"),
            (SQLITE, "a view made", "CREATE VIEW mine AS SELECT 1"),
            (SQLITE, "an index made", "CREATE INDEX mine ON entry (actor)"),
            (SQLITE, "an index dropped", "DROP INDEX ix_posting_read"),
            (SQLITE, "a trigger made", "CREATE TRIGGER mine AFTER INSERT ON entry BEGIN SELECT 1; END"),
            (SQLITE, "a table of one's own", "CREATE TEMP TABLE quarter_event (ends_on, state)"),
            (SQLITE, "a trigger of one's own", "CREATE TEMP TRIGGER t AFTER INSERT ON entry BEGIN SELECT 1; END"),
            (SQLITE, "the schema opened to writing", "PRAGMA writable_schema = ON"),
            (SQLITE, "the schema written", "UPDATE sqlite_master SET sql = '' WHERE name = 'entry_is_sound'"),
            (SQLITE, "recursive triggers off", "PRAGMA recursive_triggers = OFF"),
            (SQLITE, "foreign keys off", "PRAGMA foreign_keys = OFF"),
            (SQLITE, "checks off", "PRAGMA ignore_check_constraints = ON"),
            (SQLITE, "commits unsynced", "PRAGMA synchronous = OFF"),
            (SQLITE, "another file attached", "ATTACH DATABASE ':memory:' AS other"),
            (SQLITE, "the file written elsewhere", "VACUUM INTO '/nowhere/copy.db'"),
            (SQLITE, "statistics written", "ANALYZE"),
            (POSTGRESQL, "a guard switched off", "ALTER TABLE entry DISABLE TRIGGER entries_are_sound"),
            (POSTGRESQL, "every guard switched off", "ALTER TABLE posting DISABLE TRIGGER ALL"),
            (POSTGRESQL, "a guard dropped", "DROP TRIGGER posting_keeps_rows ON posting"),
            (
                POSTGRESQL,
                "a guard rewritten",
                (
                    "CREATE OR REPLACE FUNCTION books_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RETURN NULL; END $$"
                ),
            ),
            (POSTGRESQL, "a table dropped", _DROPPED),
            (POSTGRESQL, "a table altered", "ALTER TABLE posting DROP CONSTRAINT ck_posting_amount"),
            (POSTGRESQL, "a table made", "CREATE TABLE mine (x int)"),
            (POSTGRESQL, "a table of one's own", "CREATE TEMP TABLE quarter_event (ends_on date, state text)"),
            (POSTGRESQL, "a schema made", "CREATE SCHEMA mine"),
            (POSTGRESQL, "a function made", "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
            (POSTGRESQL, "the replica's part taken", "SET session_replication_role = replica"),
            (POSTGRESQL, "the owner's part taken", "SET ROLE {owner}"),
            (POSTGRESQL, "the catalogue written", "UPDATE pg_trigger SET tgenabled = 'D'"),
            (POSTGRESQL, "a program run", "COPY trail FROM PROGRAM 'true'"),
            (POSTGRESQL, "a file read", "SELECT pg_read_file('/etc/hostname')"),
            (POSTGRESQL, "a counter set back", "SELECT setval('account_id_seq', 1)"),
            (POSTGRESQL, "somebody's address changed", "UPDATE person SET email = 'forged'"),
        )
    ),
    Attack(
        "a right given to oneself, and used",
        ("GRANT UPDATE ON posting TO {app}", "UPDATE posting SET amount = 1"),
        kinds=(POSTGRESQL,),
    ),
    Attack("an extension loaded", ("SELECT load_extension('mine')",), kinds=(SQLITE,), people=(APPLICATION, OWNER)),
    Attack(
        "the row that is only held changed",
        ("INSERT INTO cash_hold (id) VALUES (1)", "UPDATE cash_hold SET id = 2"),
        people=(APPLICATION, OWNER),
    ),
    Attack(
        "an entry in a closed quarter, behind a table of the guard's name",
        (
            "CREATE TEMP TABLE quarter_event (LIKE quarter_event)",
            "SET LOCAL search_path = pg_temp, public",
            *dated("2011-12-31"),
        ),
        kinds=(POSTGRESQL,),
        people=(OWNER, OUTSIDER),
    ),
    Attack(
        "an entry in a closed quarter, behind a table of the guard's name on SQLite",
        ("CREATE TEMP TABLE quarter_event (ends_on, state)", *dated("2011-12-31")),
        kinds=(SQLITE,),
        people=(OWNER, OUTSIDER),
    ),
    Attack(
        "postings loaded onto an entry that is there",
        (f"COPY posting FROM STDIN\n{LAST}\t3\t3\t{{bank}}\t{{cash}}\t5\t2012-04-10\t{LAST}\n",),
        kinds=(POSTGRESQL,),
    ),
    Attack(
        "a mark loaded where no entry is",
        ("COPY mark FROM STDIN\n9\t2012-05-01 09:00Z\t\\\\x11\n",),
        kinds=(POSTGRESQL,),
    ),
)

SUMS: Final = (
    Attack("a cell of a span that is not full", FILLED["cell"], found=dict.fromkeys(PEOPLE, 1)),
    Attack(
        "a closing balance of a quarter not closed", FILLED["closing_balance"], found=dict.fromkeys(PEOPLE, NOWHERE)
    ),
)
"""A sum put in can be told from the journal alone, and so is found and not refused."""

WAITING: Final = (
    *(
        Attack(name, sql, kinds=(POSTGRESQL,))
        for name, sql in (
            ("an entry that waits changed", (waiting(), "UPDATE waiting_entry SET actor = 'another'")),
            ("an entry that waits taken away", (waiting(), "DELETE FROM waiting_entry")),
            ("those that wait emptied", (waiting(), "TRUNCATE waiting_entry")),
            ("an entry that waits, and does not balance", (waiting(worth="4.99"),)),
            ("an entry that waits under a key that is there", (waiting("d"),)),
            ("a quarter closed over an entry that waits", (waiting(day="2012-03-05"), event("closed"))),
            ("two that wait under one key", (waiting(), waiting(number=2))),
        )
    ),
    Attack("an entry that waits where none does", (waiting(),), kinds=(SQLITE,)),
)

ATTACKS: Final = (*rewritings(), *HIDDEN_NUMBERS, *ENTRIES, *PLACES, *QUARTERS, *NAMES, *SUMS, *WAITING, *POWERS)
