"""The rows of every room stay as they are, by guards that are tried on each table, and missed when they are gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

import pytest
from sqlalchemy import Column, Table

from bank.wiring import metadata
from tests.ledger.attacks import KEYS, OUTSIDER, OWNER, SQLITE
from tests.ledger.stage import Stage

_TEXTS: Final = {
    "QuarterType": "'2012Q1'",
    "InstantType": "'2012-04-20T09:00:00.000000Z'",
    "JsonType": "'[]'",
    "RateType": "'0.5'",
    "MoneyType": "1",
    "LargeBinary": "{hash}",
}
_OTHERWISE: Final[dict[str, dict[str, str]]] = {
    "access_key": {"intermediary": "NULL"},
    "apportionment": {"amount": "6"},
    "claim_notice_end": {"outcome": "'rejected'"},
    "england_direction": {"measure": "'amounts'"},
    "england_direction_approval": {"approved_by": "'somebody else'"},
    "nation_payment": {"nation": "'wales'"},
    "place_correction": {"corrects": "0"},
    "placement": {"sort": "'gilt'"},
    "placement_event": {"kind": "'income'"},
    "reserve_re_estimate": {"wanted": "2"},
    "share_agreement_approval": {"approved_by": "'somebody else'"},
    "stress_scenario_approval": {"approved_by": "'somebody else'"},
    "organisation_join": {"kept": "'another'"},
    "share_subscription": {"share_class": "'A'"},
    "backstop_rebuttal": {"stage": "2"},
    "base_rate_approval": {"approved_by": "'somebody else'"},
    "approval_decision": {"decision": "'approved'", "decided_by": "'somebody else'"},
    "approval_outcome": {"decision": "'approved'", "decided_by": "'somebody else'"},
    "approval_rule_decision": {"decision": "'approved'", "decided_by": "'somebody else'"},
    "covenant": {"sense": "'at-least'"},
    "lending_limit": {"amount": "NULL"},
    "lending_limit_decision": {"decision": "'approved'", "decided_by": "'somebody else'"},
    "job_step": {"what": "'done'"},
    "facility_approval": {"approved_by": "'somebody else'"},
    "liquidity_policy_approval": {"approved_by": "'somebody else'"},
    "dividend_policy": {"classes": "'A'"},
    "dividend_policy_approval": {"approved_by": "'somebody else'"},
    "dividend_share": {"share_class": "'A'"},
    "receipt_forecast_approval": {"approved_by": "'somebody else'"},
    "loan_terms_approval": {"approved_by": "'somebody else'"},
    "modification_threshold_approval": {"approved_by": "'somebody else'"},
    "loss_assumption_approval": {"approved_by": "'somebody else'"},
    "placement_bounds_approval": {"approved_by": "'somebody else'"},
    "disclosure_floor": {"fewest": "2"},
    "disclosure_floor_approval": {"approved_by": "'somebody else'"},
    "evidence_policy_approval": {"approved_by": "'somebody else'"},
    "question_policy_approval": {"approved_by": "'somebody else'"},
    "facility_description_approval": {"approved_by": "'somebody else'"},
    "case_study": {"outcome": "'mixed'"},
    "case_study_approval": {"approved_by": "'somebody else'"},
    "dormancy_period_approval": {"approved_by": "'somebody else'"},
    "receipt_policy": {"method": "'income-first'"},
    "receipt_policy_approval": {"approved_by": "'somebody else'"},
    "proposal_outcome": {"decision": "'approved'", "decided_by": "'somebody else'"},
    "receipts_foretold_approval": {"approved_by": "'somebody else'"},
    "reserve_rate_approval": {"approved_by": "'somebody else'"},
}
"""Where a row of one sort of value throughout would not be one."""

ROOMS: Final = [table for name, table in sorted(metadata().tables.items()) if name not in {*KEYS, "waiting_entry"}]
FREE: Final = {"person": "roles", "access_key": "revoked_at"}
ASKED: Final = {"cash_hold", "organisation_registration"}
"""Where an insert leaves what is there: a row put over another is not refused, and does nothing."""


def value(column: Column[Any]) -> str:
    """Something that fits."""
    sort = type(column.type).__name__
    if sort in _TEXTS:
        return _TEXTS[sort]
    plain: type = column.type.python_type
    return {int: "1", bool: "true", date: "'2012-04-20'", datetime: _TEXTS["InstantType"]}.get(plain, "'x'")


def row(table: Table) -> str:
    """A statement that puts a row in."""
    values = {column.name: value(column) for column in table.columns} | _OTHERWISE.get(table.name, {})
    return f"INSERT INTO {table.name} ({', '.join(values)}) VALUES ({', '.join(values.values())})"  # noqa: S608 -- ours


def before(table: Table) -> list[str]:
    """What must stand for a row of the table to go in at all: an approval beside its outcome, that of a proposal."""
    tables, decided = table.metadata.tables, {"proposed_by", "approved_by"} <= {one.name for one in table.columns}
    if table.name != "proposal_outcome" and (not decided or table.name == "facility_approval"):
        return []
    return [row(tables[name]) for name in ("base_rate", "proposal_outcome") if name != table.name]


def attacks(table: Table, kind: str) -> Iterator[tuple[str, str]]:
    """What is tried on the row, and the guard that refuses it."""
    kept = next(column for column in table.columns if column.name != FREE.get(table.name))
    named = table.name in {*FREE, "cash_hold"}
    other = "2" if kept.type.python_type is int else "'another'"
    update = f"UPDATE {table.name} SET {kept.name} = {other}"  # noqa: S608 -- our tables, here and below
    delete = f"DELETE FROM {table.name}"  # noqa: S608 -- as above
    identity = f"{table.name}_keeps_identity"
    if kind == SQLITE:
        yield update, identity if named else f"{table.name}_keeps_update"
        yield delete, f"{table.name}_keeps_delete"
        return
    yield update, identity if named else f"{table.name}_keeps_rows"
    yield delete, f"{table.name}_keeps_rows"
    yield f"TRUNCATE {table.name} CASCADE", f"{table.name}_keeps_all"


@pytest.mark.parametrize("table", ROOMS, ids=lambda table: table.name)
def test_a_row_stays_for_as_long_as_its_guard_stands(scene: Stage, table: Table) -> None:
    for statement, guard in attacks(table, scene.kind):
        tried = (*before(table), row(table), statement)
        assert scene.attempt(OUTSIDER, tried, looking=False).refusal.startswith("books:"), statement
        if not statement.startswith("TRUNCATE"):  # what hangs on it is emptied as well, and has guards of its own
            drop = f"DROP TRIGGER {guard}" + ("" if scene.kind == SQLITE else f" ON {table.name}")
            fallen = scene.attempt(OUTSIDER, tried, removing=[drop], looking=False)
            assert "books:" not in fallen.refusal, statement  # a check may be in the way yet


@pytest.mark.parametrize("scene", [SQLITE], indirect=True)
@pytest.mark.parametrize("table", ROOMS, ids=lambda table: table.name)
def test_no_row_is_put_over_another(scene: Stage, table: Table) -> None:
    over = f"INSERT OR REPLACE INTO {table.name} SELECT * FROM {table.name}"  # noqa: S608 -- our tables
    tried = (*before(table), row(table), over)
    assert (scene.attempt(OUTSIDER, tried, looking=False).refusal == "") == (table.name in ASKED)
    guards = [f"{table.name}_keeps_first", *(["facility_event_is_once"] if table.name == "facility_event" else [])]
    gone = [f"DROP TRIGGER {name}" for name in guards]
    if table.name not in ASKED:
        assert scene.attempt(OUTSIDER, tried, removing=gone, looking=False).refusal == ""


@pytest.mark.parametrize("scene", [SQLITE], indirect=True)
def test_a_key_that_was_claimed_is_left_as_it_is(scene: Stage) -> None:
    """There an insert asks first, so that one put over another is not refused, and does nothing."""
    over = "INSERT OR REPLACE INTO key_claim SELECT scope, key, 'forged', claimed_at FROM key_claim"
    with scene.opened(OUTSIDER) as connection:
        connection.execute(over)
        assert connection.execute("SELECT count(*) FROM key_claim WHERE fingerprint = 'forged'").fetchone() == (0,)
    with scene.opened(OUTSIDER, ["DROP TRIGGER key_claim_keeps_first"]) as connection:
        connection.execute(over)
        assert connection.execute("SELECT count(*) FROM key_claim WHERE fingerprint = 'forged'").fetchone() == (1,)


@pytest.mark.parametrize("scene", ["postgresql"], indirect=True)
def test_every_guard_reads_our_tables_only_and_is_there_for_everybody(scene: Stage) -> None:
    """A guard that looked where the session looks could be shown another table of the same name."""
    with scene.opened(OWNER) as connection:
        rows = connection.exec_driver_sql(
            "SELECT tgname, tgenabled, proconfig FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
            "JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace"
        ).all()
    assert rows
    assert [row.tgname for row in rows if row.tgenabled != "A"] == []
    assert [row.tgname for row in rows if "search_path=public, pg_temp" not in (row.proconfig or [])] == []
