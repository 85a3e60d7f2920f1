"""Bodies joined, tested and locked at both doors: what one door does is what the other shows."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bank.api import create_app
from bank.cli import main
from bank.people.commands import issue_key
from intermediaries.frontline.commands import ensure_organisation
from tests.bank.small_bank import SmallBank

COMPANY, CHARITY, OTHER = "GB-COH-09506232", "GB-CHC-1164883", "GB-COH-07444723"


def met(bank: SmallBank, identifier: str) -> str:
    with bank.maya.writing() as work:
        return ensure_organisation(
            work, name="Quillmere Pantry", legal_form="CLG", identifiers=[identifier], told_by="int_a"
        )


def typed(bank: SmallBank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    url = bank.database.engine.url.render_as_string(hide_password=False)
    said = ["bank", "--database", url, "--as", "maya@bank.example", "organisation", *words, "--format", "json"]
    monkeypatch.setattr(sys, "argv", said)
    with pytest.raises(SystemExit) as end:
        main()
    told = capsys.readouterr()
    assert end.value.code == 0, told.err
    return json.loads(told.out)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_body_is_joined_tested_and_locked_at_both_doors(
    small_bank: SmallBank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small_bank.at(date(2012, 4, 20))
    one, same, another = met(small_bank, COMPANY), met(small_bank, CHARITY), met(small_bank, OTHER)
    headers = {"Authorization": f"Bearer {issue_key(small_bank.operator, person='maya@bank.example', days=30).secret}"}
    with TestClient(create_app(small_bank.database)) as caller:

        def sent(path: str, **told: Any) -> Any:
            answer = caller.post(
                f"/v1/organisations/{path}", json=told, headers=headers | {"Idempotency-Key": small_bank.key()}
            )
            assert answer.status_code == 201, answer.text
            return answer.json()

        tested = sent(f"{one}/governance-tests", passed=True, evidence="Articles 3, 7 and 41 read")
        assert (tested["eligibility"], tested["eligibility_evidence"]) == (
            "governance-test",
            "Articles 3, 7 and 41 read",
        )
        locked = sent(f"{one}/asset-locks", kind="articles", from_on="2009-11-02", evidence="Article 41")
        assert (locked["lock_kind"], locked["lock_since"]) == ("articles", "2009-11-02")
        joined = sent(f"{one}/joins", absorbed=same, reason="Companies House lists its charity number")
        assert (joined["lock_kind"], joined["eligibility"]) == ("charity-law", "regulated-form")
        refused = caller.post(
            f"/v1/organisations/{one}/asset-locks",
            json={"kind": "none", "from_on": "2012-01-01", "evidence": "Nothing found"},
            headers=headers | {"Idempotency-Key": small_bank.key()},
        )
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "lock-does-not-fit")
        assert caller.get(f"/v1/organisations/{CHARITY}", headers=headers).json() == joined
    assert typed(small_bank, monkeypatch, capsys, "show", CHARITY) == joined
    lock = ("--kind", "none", "--from", "2012-01-01", "--evidence", "Nothing found in its articles")
    assert typed(small_bank, monkeypatch, capsys, "lock", another, *lock)["asset_lock"] == "unlocked"
    failed = typed(small_bank, monkeypatch, capsys, "decide", another, "--failed", "--evidence", "Pays its members")
    assert (failed["eligibility"], failed["eligibility_evidence"]) == ("undecided", "Pays its members")
    both = typed(small_bank, monkeypatch, capsys, "join", one, another, "--reason", "One register entry names both")
    assert both["identifiers"] == sorted([CHARITY, COMPANY, OTHER])
