"""Interest and credit at both doors: the same life of one loan typed at a keyboard and sent over HTTP."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bank.api import create_app
from bank.cli import main
from bank.people.commands import issue_key
from bank.rates.commands import propose_base_rate
from tests.bank.small_bank import SmallBank

START = date(2012, 1, 10)
LATER = date(2012, 6, 30)
Typed = Callable[..., Any]


@pytest.fixture
def facility(small_bank: SmallBank) -> str:
    small_bank.at(START)
    small_bank.capital("1000000.00")
    made = small_bank.signed(small_bank.lender(), "36500.00").id
    small_bank.at(LATER)
    return made


@pytest.fixture
def types(
    facility: str, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Type words, `…` for the facility, as somebody; what is answered as JSON."""

    def typed(words: str, who: str = "maya", ends: int = 0) -> Any:
        told = [facility if word == "…" else word for word in words.split()]
        monkeypatch.setattr(
            sys, "argv", ["bank", "--database", database_url, "--as", f"{who}@bank.example", *told, "--format", "json"]
        )
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == ends, capsys.readouterr().err
        return json.loads(capsys.readouterr().out) if ends == 0 else capsys.readouterr().err

    return typed


def test_a_loans_life_is_typed(types: Typed) -> None:
    step = types("rate propose --base test-rate --rate 0.005 --from 2012-01-01 --source Invented")
    types(f"rate approve {step['id']}", "maya", ends=1)
    types(f"rate approve {step['id']}", "tom")
    assert len(types("rate list --base test-rate")) == 1
    terms = types(
        "allocation propose-terms … --from 2012-01-10 --base test-rate --rate 0.095 --floor 0.05 --cap 0.20 "
        "--default-margin 0.02 --commitment-fee 0.01 --arrangement-fee 100.00 --repayment equal-principal "
        "--first-due-on 2012-02-10 --instalments 10 --every-months 1 --roll none"
    )
    assert types(f"allocation approve-terms {terms['id']}", "tom")["approved_by"]
    assert [each["rate"] for each in types("allocation terms …")] == ["0.095"]
    threshold = types("allocation propose-threshold --part 0.2 --from 2012-01-01 --source Policy")
    types(f"allocation approve-threshold {threshold['id']}", "tom")
    assert [each["part"] for each in types("allocation thresholds")] == ["0.2"]
    types("allocation draw … --amount 36500.00 --on 2012-01-10")
    types("allocation take-fee … --on 2012-01-10")
    shown = types("allocation schedule … --as-at 2012-01-10")
    assert [each["principal"] for each in shown["instalments"]] == ["3650.00"] * 10
    assert shown["rate"] == "0.100"
    late = types("allocation arrears … --as-at 2012-03-15")
    assert (late["overdue_since"], late["days_past_due"]) == ("2012-02-10", 34)
    assert [each["stage"] for each in types("allocation backstops --as-at 2012-03-15")] == [2]
    types("allocation rebut-backstop … --stage 2 --on 2012-03-15 --reason Misdirected")
    assert types("allocation backstops --as-at 2012-03-15") == []
    types("allocation repay … --amount 40000.00 --on 2012-02-10")
    assert types("allocation show …")["figures"]["unapplied"] == "3190.00"
    types("allocation refund … --amount 3190.00 --on 2012-02-11")
    types("allocation refund … --amount 0.01 --on 2012-02-11", ends=1)


def test_what_may_be_lost_of_it_is_typed(types: Typed) -> None:
    types("allocation draw … --amount 36500.00 --on 2012-01-10")
    for stage, probability in ((1, "0.02"), (3, "1")):
        made = types(
            f"allocation assume-loss --stage {stage} --probability {probability} --loss 0.5 --from 2012-01-01 "
            "--basis Invented"
        )
        types(f"allocation approve-assumption {made['id']}", "tom")
    assert len(types("allocation assumptions")) == 2
    types("allocation allow-for-loss --on 2012-01-10")
    assert types("allocation credit … --as-at 2012-01-10")["stage_1_allowance"] == "354.49"
    types("allocation capitalise … --on 2012-01-20 --reason Clause-8")
    types("allocation expect-receipts … --from 2012-01-20 --receipt 2013-01-10=20000.00 --basis Told", ends=1)
    types("allocation move-stage … --stage 3 --on 2012-02-01 --reason Insolvent")
    types("allocation allow-for-loss … --on 2012-02-01 --amount 20000.00 --reason Assessed")
    types("allocation allow-for-loss --on 2012-02-01 --amount 1.00", ends=2)
    given_up = types("allocation write-off … --amount 0.00 --interest 5.00 --on 2012-02-01 --reason Waived")
    assert (given_up["figures"]["interest_written_off"], given_up["figures"]["written_off"]) == ("5.00", "0.00")
    told = types("allocation expect-receipts … --from 2012-02-02 --receipt 2013-01-10=20000.00 --basis Told")
    types(f"allocation approve-receipts {told['id']}", "tom")
    assert types("allocation receipts …")[0]["approved_by"]
    assert types("allocation credit … --as-at 2012-02-01")["stage_3_allowance"] == "19995.00"


def test_a_loans_life_is_sent(small_bank: SmallBank, facility: str) -> None:
    app = create_app(small_bank.database)
    secrets = {
        who: issue_key(small_bank.operator, person=f"{who}@bank.example", days=30).secret for who in ("maya", "tom")
    }
    with TestClient(app) as caller:

        def sent(path: str, who: str = "maya", **told: Any) -> Any:
            headers = {"Authorization": f"Bearer {secrets[who]}", "Idempotency-Key": small_bank.key()}
            answer = caller.post(f"/v1/{path}", json=told, headers=headers)
            assert answer.status_code in {200, 201}, answer.text
            return answer.json()

        def read(path: str, **told: str) -> Any:
            headers = {"Authorization": f"Bearer {secrets['maya']}"}
            answer = caller.get(f"/v1/{path}", params=told, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()

        at = f"allocations/{facility}"
        step = sent("base-rates", base="test-rate", rate="0.005", from_on="2012-01-01", source="Invented")
        sent(f"base-rates/{step['id']}/approve", "tom")
        assert len(read("base-rates", base="test-rate")) == 1
        terms = sent(
            f"{at}/terms",
            from_on="2012-01-10",
            base="test-rate",
            rate="0.095",
            arrangement_fee="100.00",
            repayment="bespoke",
            bespoke=["0.00", "36500.00"],
            waterfall=["principal", "interest", "default-interest", "fees"],
            first_due_on="2012-07-10",
            every_months=6,
            instalments=2,
            roll="none",
        )
        sent(f"{at}/terms/{terms['id']}/approve", "tom")
        assert len(read(f"{at}/terms")) == 1
        sent(f"{at}/drawdowns", amount="36500.00", on="2012-01-10")
        sent(f"{at}/fees", on="2012-01-10")
        assert len(read(f"{at}/schedule")["instalments"]) == 2
        assert read(f"{at}/arrears")["days_past_due"] == 0
        made = sent(
            "loss-assumptions", stage=3, by_year=["1"], loss_given_default="0.5", from_on="2012-01-01", basis="Told"
        )
        sent(f"loss-assumptions/{made['id']}/approve", "tom")
        assert len(read("loss-assumptions")) == 1
        made = sent("modification-thresholds", part="0.2", from_on="2012-01-01", source="Policy")
        sent(f"modification-thresholds/{made['id']}/approve", "tom")
        assert len(read("modification-thresholds")) == 1
        sent(f"{at}/capitalisations", on="2012-01-20", reason="Clause 8")
        sent(f"{at}/stages", stage=3, on="2012-02-01", reason="Insolvent")
        assert sent(f"{at}/allowances", on="2012-02-01")["figures"]["loss_allowance"] != "0.00"
        assert read(f"{at}/credit", as_at="2012-02-01")["stage"] == 3
        told = sent(
            f"{at}/expected-receipts",
            from_on="2012-02-02",
            receipts=[{"on": "2013-01-10", "amount": "20000.00"}],
            basis="Told",
        )
        sent(f"{at}/expected-receipts/{told['id']}/approve", "tom")
        assert read(f"{at}/expected-receipts")[0]["receipts"] == [{"on": "2013-01-10", "amount": "20000.00"}]
        sent(f"{at}/repayments", amount="40000.00", on="2012-02-01")
        sent(f"{at}/refunds", amount="1.00", on="2012-02-02")


def test_whatever_is_proposed_is_turned_down_by_its_id_at_both_doors(types: Typed, small_bank: SmallBank) -> None:
    third = propose_base_rate(
        small_bank.maya, base="test-rate", rate=Decimal("0.03"), from_on=START, source="Invented", key=small_bank.key()
    ).id
    step, other = (
        types(f"rate propose --base test-rate --rate 0.0{number} --from 2012-01-01 --source Invented")["id"]
        for number in (1, 2)
    )
    assert [each["id"] for each in types("approval waiting")] == [third, step, other]
    types(f"approval reject {step} --reason Mine", "maya", ends=1)
    types(f"approval withdraw {step} --reason NotMine", "tom", ends=1)
    assert types(f"approval reject {step} --reason Misread", "tom")["turned_down"]["reason"] == "Misread"
    assert types(f"approval withdraw {other} --reason Misread")["state"] == "withdrawn"
    assert "was rejected by" in types(f"approval approve {step}", "tom", ends=1)
    secret = issue_key(small_bank.operator, person="tom@bank.example", days=30).secret
    with TestClient(create_app(small_bank.database)) as caller:
        headers = {"Authorization": f"Bearer {secret}"}
        waits = caller.get("/v1/approvals/waiting", headers=headers).json()
        assert [(each["id"], each["waits_for"]) for each in waits] == [(third, "a fund manager")]
        answers = [
            caller.post(
                f"/v1/approvals/{third}/{path}", json=told, headers=headers | {"Idempotency-Key": small_bank.key()}
            )
            for path, told in (
                ("withdraw", {"reason": "Not mine"}),
                ("decision", {"approve": False}),
                ("decision", {"approve": False, "reason": "Not published"}),
                ("decision", {"approve": True}),
            )
        ]
    assert [answer.status_code for answer in answers] == [409, 422, 200, 409]
    assert answers[2].json()["turned_down"]["reason"] == "Not published"
    assert answers[3].json()["type"].endswith("already-turned-down")
    assert types(f"approval show {third}") == answers[2].json()
    assert [each["state"] for each in types("rate list --base test-rate")] == ["rejected", "withdrawn", "rejected"]
