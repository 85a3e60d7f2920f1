"""Forecasts and dividends at both doors: the same acts typed at a keyboard and sent over HTTP."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bank.api import create_app
from bank.cli import main
from bank.people.commands import issue_key
from ledger.commands import close_quarter, post_many
from ledger.dates import Quarter
from ledger.entries import Entry, Posting
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_products import happens, signed

START, END = date(2012, 1, 10), date(2012, 5, 21)
YEAR_ON = START + timedelta(days=365)
Does = Callable[..., Any]


@pytest.fixture
def growing(small_bank: SmallBank) -> str:
    """Quasi-equity of 1,000.00, 500.00 earned elsewhere, and a quarter closed."""
    small_bank.at(START)
    small_bank.capital("1000000.00")
    made = signed(small_bank, "quasi-equity", income_share="0.5")
    happens(small_bank, made, "buy", amount="1000.00")
    got = (Posting("1000", pounds("500.00")), Posting("4000", -pounds("500.00")))
    post_many(small_bank.maya, [Entry("earned", "bank", START, "Interest received", got)])
    small_bank.at(END)
    with small_bank.maya.writing() as work:
        close_quarter(work, Quarter(2012, 1), hard=True)
    return made.id


def test_what_is_expected_and_what_is_distributed_is_typed(
    growing: str, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def types(words: str, who: str = "maya", ends: int = 0) -> Any:
        typed = [growing if word == "…" else word for word in words.split()]
        start = ["bank", "--database", database_url, "--as", f"{who}@bank.example"]
        monkeypatch.setattr(sys, "argv", [*start, *typed, "--format", "json"])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert end.value.code == ends, said.err
        return json.loads(said.out) if ends == 0 else said.err

    told = types(f"allocation propose-forecast … --from {START} --receive {YEAR_ON}=1100.00 --basis Plan")
    types(f"allocation approve-forecast {told['id']}", "maya", ends=1)
    assert types(f"allocation approve-forecast {told['id']}", "tom")["rate"] == "0.100000000000"
    assert [each["carried"] for each in types("allocation forecasts …")] == ["1000.00"]
    policy = types("capital dividend-policy --part 0.5 --classes B --b-cap 0.04 --from 2012-01-01 --basis Articles")
    assert "No policy on dividends" in types(f"capital pay-dividend --amount 1.00 --on {END}", ends=1)
    types(f"capital dividend-policy --approve {policy['id']}", "tom")
    assert types(f"capital distributable --on {END}")["payable"] == "250.00"
    paid = types(f"capital pay-dividend --amount 250.00 --on {END}")
    assert [(each["holder"], each["amount"]) for each in paid["shares"]] == [("A merchant bank", "250.00")]
    assert types("capital dividends") == [paid]
    types(f"capital pay-dividend --amount 0.01 --on {END}", ends=1)


def test_what_is_expected_and_what_is_distributed_is_sent(small_bank: SmallBank, growing: str) -> None:
    people = ("maya", "tom")
    keys = {who: issue_key(small_bank.operator, person=f"{who}@bank.example", days=30).secret for who in people}
    client = TestClient(create_app(small_bank.database))

    def sends(path: str, body: dict[str, Any] | None = None, who: str = "maya", ends: int = 201) -> Any:
        headers = {"Authorization": f"Bearer {keys[who]}", "Idempotency-Key": small_bank.key()}
        answer = client.post(f"/v1{path}", json=body, headers=headers)
        assert answer.status_code == ends, answer.text
        return answer.json()

    def looks(path: str) -> Any:
        answer = client.get(f"/v1{path}", headers={"Authorization": f"Bearer {keys['maya']}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    receive = [{"on": str(YEAR_ON), "amount": "1100.00"}]
    told = sends(f"/allocations/{growing}/forecasts", {"from_on": str(START), "receive": receive, "basis": "The plan"})
    approve = f"/allocations/{growing}/forecasts/{told['id']}/approve"
    assert sends(approve, who="tom", ends=200)["rate"] == "0.100000000000"
    assert [each["carried"] for each in looks(f"/allocations/{growing}/forecasts")["items"]] == ["1000.00"]
    policy = sends(
        "/capital/dividend-policies", {"part": "0.5", "classes": "AB", "from_on": "2012-01-01", "basis": "Articles"}
    )
    sends(f"/capital/dividend-policies/{policy['id']}/approve", who="tom", ends=200)
    assert [each["id"] for each in looks("/capital/dividend-policies")["items"]] == [policy["id"]]
    assert looks(f"/capital/distributable?on={END}")["payable"] == "250.00"
    paid = sends("/capital/dividends", {"amount": "250.00", "on": str(END)})
    assert looks("/capital/dividends")["items"] == [paid]
    refused = sends("/capital/dividends", {"amount": "0.01", "on": str(END)}, ends=409)
    assert refused["type"].endswith("dividend-not-allowed")
