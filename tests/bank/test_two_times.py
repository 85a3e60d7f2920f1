"""A quarter is issued, restated two quarters later, and shown at both times: as known then, and as known now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bank.figures.bridge import BridgeView, bridge
from bank.figures.evidence import Evidence, Knowledge
from bank.publishing.again.queries import made_again, window_of
from bank.publishing.commands import Wanted, drafted, file_statement, publish
from bank.publishing.gathering import compose
from bank.publishing.queries import StatementView, earlier_statements, statement
from ledger.dates import Quarter
from ledger.queries import Known, known
from ledger.store.database import Database, ReadSession
from reports.figures import value_json
from reports.typeset import pdf
from tests.bank import institution
from tests.bank.institution import HARBOUR, Q2, Q3, at

WHY = "A repayment was booked in the wrong quarter"
Q4 = Quarter(2012, 4)
GOLDEN = """\
overdue: 2833.33 -> 5300.00
at_risk_30: 687500/2516667 -> 5500000/19966669
at_risk_90: 0 -> 4000000/19966669
at_risk_30_restructured: 1250000/2516667 -> 10000000/19966669
at_risk_90_restructured: 187500/838889 -> 8500000/19966669
outstanding: 201333.36 -> 199666.69
held_by_intermediaries: 397019.97 -> 398686.64
"""
"""Reckoned by hand in `test_bridge`."""
PRINTED = """\
Outstanding with borrowers | 201,333.36 | 199,666.69 | \u22121,666.67 | [1]
Principal overdue | 2,833.33 | 5,300.00 | +2,466.67 | [1]
At risk, more than 30 days | 27.3% | 27.5% | +0.2 points | [1]
At risk, more than 30 days, with restructured | 49.7% | 50.1% | +0.4 points | [1]
At risk, more than 90 days | 0.0% | 20.0% | +20.0 points | [1]
At risk, more than 90 days, with restructured | 22.4% | 42.6% | +20.2 points | [1]
Cash held by intermediaries | 397,019.97 | 398,686.64 | +1,666.67 | [1]
"""


@dataclass
class Shown:
    """The second quarter as it was issued and as it was issued again, and the return that came between."""

    database: Database
    first: StatementView
    again: StatementView
    corrected: str


@pytest.fixture(scope="module")
def shown(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The second quarter is issued when it closes; its return is corrected in February, when the fourth has gone by."""
    with institution.lived("sqlite", run_of_tests, tmp_path_factory.mktemp("two-times"), 2) as bank:
        first = publish(bank.desk("fay"), kind="portfolio", quarter=Q2)
        bank.clock.set(at(2013, 2, 12))
        corrected = bank.file(HARBOUR, Q2, institution.SECOND_CORRECTED, "381586.65", why=WHY)
        with bank.database.reading() as session:
            made = drafted(session, Wanted("portfolio", Q2))
        again = file_statement(bank.desk("fay"), made, b"typeset elsewhere", "again")
        yield Shown(bank.database, first, again, corrected)


@pytest.fixture
def session(shown: Shown) -> Iterator[ReadSession]:
    with shown.database.reading() as opened:
        yield opened


def data_of(session: ReadSession, view: StatementView) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made_again(session, view.id).data)
    return found


def values(data: dict[str, Any]) -> dict[str, Any]:
    """Every figure of a statement, and what every box of it holds, by its measure."""
    return {one["code"]: one["value"] for one in data["figures"]} | {
        one["code"]: one["closing"] for one in data["movements"]
    }


def between(session: ReadSession, shown: Shown) -> BridgeView:
    then, now = (Known(one.known_seq, one.known_at) for one in (shown.first, shown.again))
    return bridge(session, Q2, then, now)


def test_as_known_then_it_is_the_same_to_the_byte(shown: Shown, session: ReadSession) -> None:
    assert known(session).seq > shown.first.known_seq
    assert pdf.render(made_again(session, shown.first.id)) == statement(session, shown.first.id).pdf


def test_as_known_now_it_is_another_statement_that_names_the_first_and_lists_what_changed(
    shown: Shown, session: ReadSession
) -> None:
    assert (shown.again.number, shown.again.supersedes) == (2, shown.first.id)
    (told,) = (one["rows"] for one in data_of(session, shown.again)["tables"] if one["code"] == "corrections")
    assert [row["cells"] for row in told] == [
        ["2012Q2", HARBOUR, "Repaid by borrowers", "5000.00", "6666.67", f"12 February 2013: {WHY}"]
    ]


def test_the_bridge_leads_from_each_figure_to_the_other_and_names_the_return_and_why(
    shown: Shown, session: ReadSession
) -> None:
    """Every figure that differs between the two is in the bridge with both its values, and no return did it but one."""
    then, now = (Known(one.known_seq, one.known_at) for one in (shown.first, shown.again))
    lines = {line.code: line for line in bridge(session, Q2, then, now).lines}
    before, after = (values(data_of(session, one)) for one in (shown.first, shown.again))
    changed = [code for code in before if before[code] != after[code]]
    assert "".join(f"{code}: {before[code]} -> {after[code]}\n" for code in changed) == GOLDEN
    for code in changed:
        assert (value_json(lines[code].old), value_json(lines[code].new)) == (before[code], after[code])
        returns = {(one.return_id, one.reason) for step in lines[code].steps for one in step.returns}
        assert returns == {(shown.corrected, WHY)}
    assert {code for code in lines if code in before} == set(changed)


def test_the_next_statement_prints_the_bridge_figure_by_figure_with_its_return(
    shown: Shown, session: ReadSession
) -> None:
    """What was shown, what is known, the change, and the return that caused it, a quarter later."""
    now = known(session)
    earlier = [one for one in earlier_statements(session) if one.id == shown.first.id]
    window = window_of(earlier, "portfolio", Q3, now.instant)
    document = compose(Evidence(Knowledge(session, now), Q3.ends_on), "portfolio", window=window)
    tables = {one["code"]: one for one in json.loads(document.data)["tables"]}
    told = "".join(" | ".join(row["printed"]) + "\n" for row in tables["restated"]["rows"])
    page = next(one for one in document.sections if one.code == "corrections")
    causes = [said.text for block in page.blocks if block.kind == "prose" for said in block.said]
    assert told == PRINTED
    assert causes == [f"[1] corrected return {shown.corrected} of {HARBOUR} for 2012Q2, version 2: {WHY}"]
