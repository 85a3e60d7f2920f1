"""What is looked at before a return is accepted, typed at a keyboard and sent over HTTP: the same answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bank.api import create_app
from bank.cli import main
from bank.figures.queries import figures
from bank.people.commands import issue_key
from bank.wiring import OPERATOR
from ledger.store.work import Desk
from tests.bank import institution
from tests.bank.institution import HARBOUR, HILL, Institution


@pytest.fixture(scope="module")
def bank(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Institution]:
    """One institution for all these tests: they only look at it."""
    with institution.lived("sqlite", run_of_tests, tmp_path_factory.mktemp("returns"), 3) as made:
        yield made


@pytest.fixture(scope="module")
def url(bank: Institution) -> str:
    """Where the institution is kept."""
    return str(bank.database.engine.url)


class Doors:
    """Both doors, and the answers of each."""

    def __init__(self, url: str, bank: Institution, capsys: pytest.CaptureFixture[str]) -> None:
        self.url = url
        self.capsys = capsys
        self.app = create_app(bank.database)
        operator = Desk(bank.database, OPERATOR)
        self.fay = issue_key(operator, person="fay@bank.example", days=30).secret
        lender = bank.intermediaries[HARBOUR]
        self.harbour = issue_key(operator, intermediary=lender, days=30).secret

    def types(self, monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
        said = ["bank", "--database", self.url, "--as", "fay@bank.example", *words, "--format", "json"]
        monkeypatch.setattr(sys, "argv", said)
        with pytest.raises(SystemExit) as end:
            main()
        told = self.capsys.readouterr()
        assert end.value.code == 0, told.err
        return json.loads(told.out)

    def reads(self, path: str, secret: str, *, status: int = 200, **asked: str) -> Any:
        with TestClient(self.app) as caller:
            answer = caller.get(f"/v1/{path}", params=asked, headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def doors(url: str, bank: Institution, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(url, bank, capsys)


def test_what_a_correction_changed_is_told_alike(
    doors: Doors, bank: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected = bank.returns[-2]
    typed = doors.types(monkeypatch, "return", "compare", corrected)
    assert typed == doors.reads(f"returns/{corrected}/difference", doors.fay)
    assert typed == doors.reads(f"returns/{corrected}/difference", doors.harbour)
    assert {line["loan_ref"] for line in typed["lines"]} == {"H-2", "H-3"}
    assert [(one["column"], one["change"]) for one in typed["totals"]] == [
        ("principal_received", "5000.00"),
        ("principal_outstanding", "-5000.00"),
        ("arrears_principal", "2400.00"),
    ]


def test_signs_are_told_alike_and_not_to_the_intermediary(
    doors: Doors, bank: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in bank.returns:
        typed = doors.types(monkeypatch, "return", "signs", one)
        assert typed == doors.reads(f"returns/{one}/signs", doors.fay)
    doors.reads(f"returns/{bank.returns[0]}/signs", doors.harbour, status=404)


def test_a_figure_says_where_it_rests_on_an_earlier_return(bank: Institution) -> None:
    with bank.database.reading() as session:
        told = {
            day: {one.code: one.rests_on_earlier for one in figures(session, as_at=day).figures if one.rests_on_earlier}
            for day in (date(2012, 6, 30), date(2012, 9, 30))
        }
    assert told[date(2012, 6, 30)] == {}
    late = told[date(2012, 9, 30)]
    said = (f"{bank.facilities[HILL]} has no accepted return for 2012Q3: this rests on that for 2012Q2",)
    assert set(late.values()) == {said}
    assert len(late) > 5


def test_reminders_and_rules_are_told_alike(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    (typed,) = doors.types(monkeypatch, "return", "reminders", "2012Q3")
    (told,) = doors.reads("returns/reminders", doors.fay, quarter="2012Q3")
    by_the_clock = {"days_late", "next_on", "since", "sentence", "also_the_manager"}  # the keyboard has its own
    assert {**typed, **{name: told[name] for name in by_the_clock}} == told
    assert doors.reads("returns/reminders", doors.harbour, quarter="2012Q3") == []
    rules = doors.types(monkeypatch, "return", "rules", "--quarter", "2012Q3")
    served = doors.reads("returns/rules", doors.harbour, quarter="2012Q3")
    assert served["rules"] == rules
    assert {"rolls-forward", "rate-is-usual"} < {one["rule"] for one in rules}
    assert doors.reads("returns/question-policies", doors.fay) == {"items": []}


def test_what_was_due_is_told_alike_and_to_an_intermediary_of_its_own_alone(
    doors: Doors, bank: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = doors.types(monkeypatch, "return", "due", "2012Q2")
    assert typed == doors.reads("returns/due", doors.fay, quarter="2012Q2")
    late = {one["facility"]: (one["status"], one["days_late"]) for one in typed}
    assert late == {bank.facilities[HARBOUR]: ("on-time", 0), bank.facilities[HILL]: ("late", 21)}
    own = doors.reads("returns/due", doors.harbour, quarter="2012Q2")
    assert [one["facility"] for one in own] == [bank.facilities[HARBOUR]]


def test_breaks_and_ties_are_told_alike_and_breaks_are_the_banks_alone(
    doors: Doors, bank: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = doors.types(monkeypatch, "return", "breaks")
    assert typed == doors.reads("breaks", doors.fay)
    assert typed == doors.reads("breaks", doors.fay, owner="fay@bank.example") == []
    doors.reads("breaks", doors.harbour, status=404)
    counting = bank.returns[-1]
    tied = doors.types(monkeypatch, "return", "tie", counting)
    assert tied == doors.reads(f"returns/{counting}/tie", doors.fay)
    assert tied == doors.reads(f"returns/{counting}/tie", doors.harbour)
    assert tied["unexplained"] == "0.00"


def test_what_the_loans_did_and_what_a_restatement_changed_is_told_alike(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = "2012-09-01T00:00:00Z"
    typed = doors.types(monkeypatch, "figure", "bridge", "--quarter", "2012Q2", "--from", since, "--to", "57")
    between: Any = {"quarter": "2012Q2", "from": since, "to": "57"}
    assert typed == doors.reads("figures/tables/bridge", doors.fay, **between)
    assert {line["code"] for line in typed["lines"]} > {"outstanding", "at_risk_90", "held_by_intermediaries"}
    on = ("--as-at", "2012-09-30", "--known-at", "2012-11-05T09:00:00Z")
    asked: Any = {"as_at": "2012-09-30", "known_at": "2012-11-05T09:00:00Z"}
    for words, path in (
        (("onward",), "onward"),
        (("breakdown", "asset-lock"), "breakdowns/asset-lock"),
        (("breakdown", "eligibility"), "breakdowns/eligibility"),
    ):
        typed = doors.types(monkeypatch, "figure", *words, *on)
        assert typed == doors.reads(f"figures/tables/{path}", doors.fay, **asked)
    assert doors.reads("figures/tables/published", doors.fay, **asked)["fewest_borrowers"] == 5
    doors.reads("figures/tables/onward", doors.harbour, status=404)


def test_an_organisation_is_told_alike_by_any_of_its_numbers(
    doors: Doors, bank: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = doors.types(monkeypatch, "organisation", "show", "GB-COH-09506232")
    assert typed["told_by"] == sorted(bank.intermediaries.values())
    assert (typed["lock_kind"], typed["eligibility"]) == ("statutory-cic", "regulated-form")
    assert typed == doors.reads("organisations/GB-COH-09506232", doors.fay)
    assert typed == doors.reads(f"organisations/{typed['id']}", doors.fay)
    doors.reads("organisations/GB-COH-09506232", doors.harbour, status=404)
