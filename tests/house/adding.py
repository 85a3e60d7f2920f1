"""Run beside a bank to which a product was added: leads it through its life at every door, and tells what each said."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

import bank
from bank.api import create_app
from bank.people.commands import issue_key
from bank.wiring import OPERATOR, open_prepared
from ledger.store.work import Desk
from tests.journeys.programs import in_this_process

DAY = "2012-03-01"


class Keyboard:
    """Somebody who types, and reads JSON."""

    def __init__(self, url: str) -> None:
        self._environment = os.environ | {"BANK_DATABASE_URL": url, "COLUMNS": "120", "NO_COLOR": "1"}

    def types(self, *words: str, who: str = "maya") -> Any:
        """What is answered; ends the run with what was said where a command is refused."""
        told = ["--as", f"{who}@bank.example", *words, "--format", "json"]
        said = in_this_process(told, Path.cwd(), self._environment)
        if said.code:
            raise SystemExit(f"{' '.join(words)}: {said.out}{said.err}")
        return json.loads(said.out)


def signed(keyboard: Keyboard, product: str, term: str) -> str:
    """A facility of the product, under a limit on it."""
    types = keyboard.types
    limit = types(
        "limit", "propose", "product", "--scope", product, "--amount", "900.00", "--from", DAY, "--basis", "M"
    )
    types("limit", "approve", limit["id"], who="tom")
    types("capital", "subscribe-b", "--holder", "A bank", "--amount", "5000.00", "--on", DAY)
    lender = types("intermediary", "register", "A lender", "--kind", "community-development-lender")["id"]
    words = ("--intermediary", lender, "--product", product, "--amount", "900.00", "--rate", "0", "--term", term)
    days = ("--available-from", DAY, "--available-until", "2014-03-01", "--matures-on", "2020-03-01", "--on", DAY)
    made = types("allocation", "propose", *words, *days, "--purpose", "A test", "--additionality", "None else")["id"]
    types("allocation", "approve", made, "--on", DAY, who="tom")
    types("allocation", "sign", made, "--on", DAY)
    return str(made)


def main(url: str, product: str, verb: str, path: str, term: str) -> dict[str, Any]:
    """Everything that the doors say of it."""
    keyboard = Keyboard(url)
    facility = signed(keyboard, product, term)
    keyboard.types("allocation", "buy", facility, "--amount", "600.00", "--on", DAY)
    typed = keyboard.types("allocation", verb, facility, "--sung", "2.50", "--on", DAY)
    database = open_prepared(url)
    secret = issue_key(Desk(database, OPERATOR), person="maya@bank.example", days=30).secret
    app = create_app(database)
    with TestClient(app, headers={"Authorization": f"Bearer {secret}"}) as client:
        sent = client.post(
            f"/v1/allocations/{facility}/{path}",
            json={"on": DAY, "sung": "1.50"},
            headers={"Idempotency-Key": "one"},
        )
        told = {
            "from": str(Path(bank.__file__).parent),
            "listed": [one["is_"] for one in keyboard.types("allocation", "products") if one["product"] == product],
            "typed": {one["code"]: one["amount"] for one in typed["figures"]},
            "sent": [sent.status_code, {one["code"]: one["amount"] for one in sent.json()["figures"]}],
            "served": client.get(f"/v1/products/{product}").json(),
            "coded": [one["code"] for one in client.get("/v1/code-lists/facility_product").json()["codes"]],
            "described": f"/v1/allocations/{{facility}}/{path}" in app.openapi()["paths"],
            "journal": [
                [one["book"], one["debit"], one["credit"], one["amount"]]
                for one in keyboard.types("allocation", "journal", facility)
            ],
            "figures": client.get("/v1/figures", params={"as_at": "2012-03-31"}).status_code,
        }
    database.close()
    return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
