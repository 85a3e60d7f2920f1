"""Each control of the books by name, with an attack that it alone stops once those are gone that stop it as well."""

# ruff: noqa: S608 -- attacks are put together from SQL, and run only against the tests' own databases

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.ledger.attacks import (
    ACCOUNT,
    BETWEEN,
    BOOK,
    COLUMNS,
    FILLED,
    FORGED,
    KEYS,
    LAST,
    MOVED,
    NEXT,
    OTHERWISE,
    OUTSIDER,
    OWNER,
    PAIR,
    POSTGRESQL,
    SQLITE,
    amounts,
    event,
    header,
    leg,
    mark,
    placed,
    waiting,
)


@dataclass(frozen=True, slots=True)
class Trial:
    """Statements that the control refuses, by whom they are tried, and which other controls have to go before."""

    sql: tuple[str, ...]
    beside: tuple[str, ...] = ()
    person: str = OWNER


_ADDED_BY: Final = {SQLITE: ("entry_is_sound",), POSTGRESQL: ("entries_are_sound",)}
_POINT_AT: Final = {
    "book": ("fk_account_book_id", "fk_entry_book_id"),
    "account": ("fk_posting_book_id_account_id",),
    "entry": ("fk_posting_entry_id_legs", "fk_entry_reverses", "fk_mark_upto_seq"),
}
"""The foreign keys that keep a row of a table from going, guard or no guard."""

_HEAD: Final = (
    "INSERT INTO journal_head (id, seq, recorded_at, frontier, root, chain) "
    "SELECT {id}, 0, recorded_at, frontier, root, chain FROM journal_head"
)


def trials(kind: str) -> dict[str, Trial]:
    """The trials of one kind of database."""
    found = _constraints(kind) | _of_every_table(kind)
    found |= _of_waiting(kind)
    return found | (_guards_on_sqlite() if kind == SQLITE else _guards_on_postgresql())


def _first(kind: str, *tables: str) -> tuple[str, ...]:
    """SQLite's guards against a row put over another, which also stand before every unique key."""
    return tuple(f"{table}_keeps_first" for table in tables) if kind == SQLITE else ()


def _constraints(kind: str) -> dict[str, Trial]:
    sound = _ADDED_BY[kind]
    return {
        "ck_entry_two_legs": Trial((*MOVED, leg(1, 500, legs=1), header(legs=1)), sound),
        "ck_entry_gross": Trial(
            amounts(*[9_000_000_000_000_000] * 2, *[-9_000_000_000_000_000] * 2, gross=18_000_000_000_000_000)
        ),
        "ck_entry_counted_from_one": Trial(placed(0), (*sound, "posting_is_sound")),
        "ck_posting_leg_declared": Trial((*MOVED, leg(1, 500), leg(3, -500), header())),
        "ck_posting_amount": Trial(amounts(500, -500, 0)),
        "ck_journal_head_only_one": Trial((_HEAD.format(id=2),), ("journal_head_begins",)),
        "fk_entry_book_id": Trial(
            (*MOVED, leg(1, 500, book=99), leg(2, -500, book=99), header(book=99)), ("fk_posting_book_id_account_id",)
        ),
        "fk_entry_reverses": Trial((*MOVED, *PAIR, header(reverses=99)), sound),
        "fk_posting_book_id_account_id": Trial((*MOVED, leg(1, 500, 999_999), leg(2, -500), header())),
        "fk_posting_entry_id_legs": Trial(PAIR),
        "fk_mark_upto_seq": Trial(MOVED),
        "fk_account_book_id": Trial((ACCOUNT.format(id=900, book=99, code="1000"),)),
        "pk_entry": Trial((*MOVED, header(LAST, seq=NEXT, legs=3)), sound),
        "uq_entry_seq": Trial((header(9, seq=LAST),), (*sound, "fk_entry_reverses", "fk_mark_upto_seq")),
        "uq_entry_id_legs": Trial((*MOVED, header(LAST, seq=NEXT)), (*sound, "pk_entry", "fk_posting_entry_id_legs")),
        "uq_entry_book_id_key": Trial((*MOVED, *PAIR, header(key="d")), sound if kind == SQLITE else ()),
        "uq_entry_reverses": Trial((*MOVED, *PAIR, header(reverses=1)), sound if kind == SQLITE else ()),
        "pk_posting": Trial((*MOVED, leg(1, 500, "{loans}"), leg(1, -500), header())),
        "pk_mark": Trial((mark(), *FORGED), _first(kind, "mark")),
        "pk_journal_head": Trial((_HEAD.format(id=1),), ("journal_head_begins",)),
        "pk_quarter_event": Trial(
            (event("closed").replace("(quarter,", "(id, quarter,").replace("VALUES (", "VALUES (1, "),),
            ("quarter_event_is_sound", *_first(kind, "quarter_event")),
        ),
        "pk_book": Trial((BOOK.format(id="{bank}", code="other"),), _first(kind, "book")),
        "uq_book_code": Trial((BOOK.format(id=900, code="bank"),), _first(kind, "book")),
        "pk_account": Trial((ACCOUNT.format(id="{cash}", book="{fund}", code="other"),), _first(kind, "account")),
        "uq_account_book_id_id": Trial(
            (ACCOUNT.format(id="{cash}", book="{bank}", code="other"),), ("pk_account", *_first(kind, "account"))
        ),
        "uq_account_book_id_code": Trial(
            (ACCOUNT.format(id=900, book="{bank}", code="1000"),), _first(kind, "account")
        ),
        **{
            f"pk_{table}": Trial(
                (*FILLED.get(table, ()), f"INSERT INTO {table} SELECT * FROM {table} WHERE true"),
                (f"{table}_is_new",)
                if table in {"cell", "closing_balance"} and kind == SQLITE
                else _first(kind, table),
            )
            for table in ("trail", "key_claim", "key_answer", "cell", "closing_balance")
        },
    }


def _of_every_table(kind: str) -> dict[str, Trial]:
    """That rows stay: as they are, where they are, all of them."""
    found: dict[str, Trial] = {}
    for table in KEYS:
        before = FILLED.get(table, ())
        deleted = Trial((*before, f"DELETE FROM {table}"), _POINT_AT.get(table, ()))
        if table in {"book", "account"}:
            found[f"{table}_keeps_identity"] = Trial((f"UPDATE {table} SET kind = 'forged'",))
        elif table != "journal_head":
            other = OTHERWISE.get(COLUMNS[table], "'forged'").replace("{table}", table)
            changed = Trial((*before, f"UPDATE {table} SET {COLUMNS[table]} = {other}"))
            found |= {f"{table}_keeps_update": changed} if kind == SQLITE else {f"{table}_keeps_rows": changed}
        if kind == SQLITE:
            found[f"{table}_keeps_delete"] = deleted
        else:
            found.setdefault(f"{table}_keeps_rows", deleted)
            found[f"{table}_keeps_all"] = Trial((f"TRUNCATE {table}",), _POINT_AT.get(table, ()))
    return found


def _of_waiting(kind: str) -> dict[str, Trial]:
    before = ("waiting_entry_is_refused",) if kind == SQLITE else ()
    found = {
        "pk_waiting_entry": Trial((waiting(), waiting("another")), before),
        "uq_waiting_entry_book_id_key": Trial((waiting(), waiting(number=2)), before),
    }
    if kind == SQLITE:
        return found | {"waiting_entry_is_refused": Trial((waiting(),))}
    return found | {
        "waiting_is_sound": Trial((waiting(worth="4.99"),)),
        "waiting_is_alone": Trial((waiting("d"),)),
        "waiting_was_placed": Trial((waiting(), "DELETE FROM waiting_entry")),
        "waiting_keeps_rows": Trial((waiting(), "UPDATE waiting_entry SET actor = 'another'")),
        "waiting_keeps_all": Trial(("TRUNCATE waiting_entry",)),
    }


def _put_over(table: str, *beside: str) -> Trial:
    over = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    return Trial((*FILLED.get(table, ()), over), beside, OUTSIDER)


def _guards_on_sqlite() -> dict[str, Trial]:
    other = {"mark": ("mark_is_next",), "quarter_event": ("quarter_event_is_sound",)}
    return {
        "entry_is_sound": Trial(amounts(500, -499)),
        "posting_is_sound": Trial((leg(3, 5, entry=LAST, legs=3),), ("fk_posting_entry_id_legs",)),
        "mark_is_next": Trial((BETWEEN,)),
        "journal_head_begins": Trial((_HEAD.format(id=2),), ("ck_journal_head_only_one",)),
        "journal_head_moves_on": Trial(("UPDATE journal_head SET root = {hash}",)),
        "quarter_event_is_sound": Trial((event("open", "2011Q4", "2011-12-31"),)),
        "cell_is_new": _put_over("cell"),
        "closing_balance_is_new": _put_over("closing_balance"),
        **{
            f"{table}_keeps_first": _put_over(table, *other.get(table, ()))
            for table in KEYS
            if table not in {"journal_head", "cell", "closing_balance", "key_claim", "entry", "posting"}
        },
    }


def _guards_on_postgresql() -> dict[str, Trial]:
    return {
        "entries_are_sound": Trial(amounts(500, -499)),
        "posting_is_sound": Trial((leg(3, 5, entry=LAST, legs=3),), ("fk_posting_entry_id_legs",)),
        "mark_is_next": Trial((BETWEEN,)),
        "journal_head_begins": Trial((_HEAD.format(id=2),), ("ck_journal_head_only_one",)),
        "journal_head_moves_on": Trial(("UPDATE journal_head SET root = {hash}",)),
        "quarter_event_is_sound": Trial((event("open", "2011Q4", "2011-12-31"),)),
    }
