"""What an intermediary is told of a decision on its own facility: nothing that another has, owes or is called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from bank.allocations.commands import approve, draw_down, sign
from bank.api import create_app
from bank.limits.commands import decide_limit, propose_limit
from bank.people.commands import issue_key
from bank.publishing.notices.queries import agreement_of_file, notice
from bank.publishing.notices.rules import Subject
from bank.wiring import OPERATOR
from ledger.money import NOTHING
from ledger.store.work import Desk
from tests.bank.institution import HARBOUR, HILL, Institution, at, lived, pounds
from tests.bank.test_look_through import DAY, proposed


@pytest.fixture
def bank(run_of_tests: Path, tmp_path: Path) -> Iterator[Institution]:
    """Two lenders after their first quarter: Quay Housing has borrowed from both."""
    with lived("sqlite", run_of_tests, tmp_path, 1) as made:
        yield made


def softly_limited(bank: Institution) -> None:
    for kind in ("borrower", "product", "unsecured", "first-loss", "region", "liquidity", "intermediary"):
        bound: dict[str, Any] = {"share": Decimal("0.5")} if kind == "liquidity" else {"amount": pounds("900.00")}
        made = propose_limit(bank.desk("fay"), kind=kind, hard=False, from_on=DAY, basis="Example", key=kind, **bound)
        decide_limit(bank.desk("flo"), limit=made.id, approve=True, key=f"{kind} approved")
    bank.clock.set(at(2012, 5, 2, 10))


def every_word(pdf: bytes) -> str:
    """The text of the pages and of whatever is attached, with and without the commas of sums."""
    reader = PdfReader(BytesIO(pdf))
    texts = [page.extract_text() for page in reader.pages]
    texts += [blob.decode("utf-8", "replace") for blobs in reader.attachments.values() for blob in blobs]
    texts += [pdf.decode("latin-1"), json.dumps(reader.metadata, default=str)]
    whole = "\n".join(texts)
    return f"{whole}\n{whole.replace(',', '')}"


def test_an_intermediary_reads_nothing_of_another_in_what_it_is_told_of_its_own(bank: Institution) -> None:
    """Quay Housing owes 70,000.06: 20,000.00 of it through Hill, so that the rest would be Harbour's to the penny."""
    softly_limited(bank)
    made = proposed(bank, HILL, "1000.00").id
    why = f"Quay Housing owes {HARBOUR} 50000.06 as well"
    fay, flo = bank.desk("fay"), bank.desk("flo")
    approve(flo, facility=made, key="approved", note=why, evidence=f"Paper on {HARBOUR}")
    sign(fay, facility=made, key="signed", note=why)
    draw_down(
        fay, facility=made, amount=pounds("500.00"), co_investor_amount=NOTHING, on=DAY, key="drawn", note=f" {why} "
    )
    key = issue_key(Desk(bank.database, OPERATOR), intermediary=bank.intermediaries[HILL], days=30).secret
    with TestClient(create_app(bank.database), headers={"Authorization": f"Bearer {key}"}) as caller:
        told = {
            path: caller.get(f"/v1/allocations/{made}/{path}")
            for path in ("notice", "drawdowns/notice", "course", "position")
        }
    assert {path: answer.status_code for path, answer in told.items()} == dict.fromkeys(told, 200)
    words = {
        path: every_word(answer.content) if path.endswith("notice") else answer.text for path, answer in told.items()
    }
    theirs = (HARBOUR, bank.facilities[HARBOUR], bank.intermediaries[HARBOUR], "Quay Housing", "70000.06", "50000.06")
    for path, text in words.items():
        assert [one for one in theirs if one in text] == [], path
    data = json.loads(PdfReader(BytesIO(told["notice"].content)).attachments["figures.json"][0])
    tables = {table["code"]: [row["cells"] for row in table["rows"]] for table in data["tables"]}
    ((limit, *_),) = tables["limits_in_full"]
    assert limit == "at risk with one intermediary"
    ((_, said),) = [cells for cells in tables["told_in_full"] if cells[0] == "Limits of the bank"]
    assert "those not kept were accepted by those who decide" in said


def test_the_notice_is_the_same_whoever_asks_and_the_books_give_it_again(bank: Institution) -> None:
    softly_limited(bank)
    made = proposed(bank, HILL, "1000.00").id
    approve(bank.desk("flo"), facility=made, key="approved", note="It is small")
    asked = [notice(desk, Subject("allocation", made)).pdf for desk in (bank.lender(HILL), bank.desk("fay"))]
    assert asked[0] == asked[1]
    found = agreement_of_file(bank.desk("fay"), asked[0])
    assert (found.agrees, found.filed) == (True, True)
