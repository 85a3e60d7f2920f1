"""The HTTP door, by a real server: the main job through it, and everything it must not let through."""

from __future__ import annotations

import json
import re
import shlex
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import uvicorn
from fastapi import FastAPI

from bank.api import create_app, every_route
from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store.database import Database
from tests import databases
from tests.house.documents import HANDBOOK
from tests.journeys import world as worlds
from tests.journeys.world import World, loan_row, pounds, return_csv
from tests.servers import PLAINLY

HARBOUR, HILL = "Harbour Lending (invented)", "Hill Farm Finance (invented)"


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application behind a real socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # As on a socket that the server opens itself; or each answer's body would wait 40 ms for its head to be heard.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", server_header=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One bank for all of this file: what is refused changes nothing, and what is done is done to things of its own."""
    with databases.prepared(request.param, run_of_tests, tmp_path_factory.mktemp("world")) as url:
        clock = SetClock(databases.OPENING)
        database = Database.open(url, clock=clock, identifiers=CountedIdentifiers("world"))
        yield worlds.build(database, clock)
        database.close()


@pytest.fixture(scope="module")
def address(world: World) -> Iterator[str]:
    with served(create_app(world.database)) as address:
        yield address


class Caller:
    """Somebody with a key."""

    def __init__(self, address: str, secret: str) -> None:
        who = {"Authorization": f"Bearer {secret}"}
        self.client = httpx.Client(base_url=address, headers=who, timeout=60, verify=PLAINLY)

    def get(self, path: str, **params: str) -> httpx.Response:
        return self.client.get(path, params=params)

    def post(self, path: str, body: object, key: str | None = None, **params: str) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        if isinstance(body, bytes):
            return self.client.post(path, content=body, headers=headers | {"Content-Type": "text/csv"}, params=params)
        return self.client.post(path, json=body, headers=headers, params=params)


@pytest.fixture(scope="module")
def call(world: World, address: str) -> Iterator[dict[str, Caller]]:
    callers = {name: Caller(address, secret) for name, secret in world.secrets.items()}
    yield callers
    for caller in callers.values():
        caller.client.close()


def form_starts(lender: Caller, facility: str, quarter: str) -> tuple[str | None, str | None]:
    """Which return a form starts from, and which it lacks."""
    told = lender.get("/returns/template", facility=facility, quarter=quarter, format="csv").headers
    return told.get("starts-from"), told.get("starts-without")


def test_the_main_job_goes_through_the_door(world: World, call: dict[str, Caller]) -> None:
    fay, flo = call["fay"], call["flo"]
    receipt = {
        "participant": "A bank (invented)",
        "amount": "1000000.00",
        "accounts": 12,
        "consented_on": "2012-04-02",
        "received_on": "2012-04-03",
    }
    first = fay.post("/inflows", receipt, key="r1")
    assert first.status_code == 201, first.text
    assert first.json()["reserve"] == "600000.00"
    assert fay.post("/inflows", receipt, key="r1").json() == first.json()
    assert fay.post("/inflows", receipt | {"accounts": 13}, key="r1").status_code == 422
    claim = fay.post(
        f"/inflows/{first.json()['id']}/reclaims",
        {"principal": "1000000.00", "interest": "999.99", "paid_on": "2012-04-05"},
        key="c1",
    )
    assert claim.status_code == 201, claim.text

    lender = fay.post("/intermediaries", {"name": "Third (invented)", "kind": "social-bank"}, key="i1").json()
    facility = fay.post(
        "/allocations",
        {
            "intermediary": lender["id"],
            "product": "senior-loan",
            "amount": "500000.00",
            "annual_rate": "0.04",
            "available_from": "2012-04-01",
            "available_until": "2013-03-31",
            "matures_on": "2017-03-31",
            "purpose": "Loans",
            "additionality": "None other lends here",
        },
        key="p1",
    )
    assert facility.status_code == 201, facility.text
    here = f"/allocations/{facility.json()['id']}"
    assert fay.post(f"{here}/approve", {}, key="a1").status_code in {403, 409}
    assert flo.post(f"{here}/approve", {}, key="a1").status_code == 200
    assert fay.post(f"{here}/sign", {}, key="s1").status_code == 200
    drawn = fay.post(f"{here}/drawdowns", {"amount": "200000.00", "on": "2012-04-12"}, key="d1")
    assert drawn.status_code == 201, drawn.text
    figures = drawn.json()["figures"]
    assert (figures["signed"], figures["drawn"], figures["undrawn"]) == ("500000.00", "200000.00", "300000.00")
    too_much = fay.post(f"{here}/drawdowns", {"amount": "300000.01", "on": "2012-04-12"}, key="d2")
    assert too_much.status_code in {409, 422}
    assert too_much.headers["content-type"] == "application/problem+json"

    world.clock.set(datetime(2012, 7, 12, 9, 0, tzinfo=UTC))
    harbour = call[HARBOUR]
    row, other = (loan_row(f"Harb-{number}", f"Harb borrower {number} (invented)") for number in (1, 2))
    row[9], row[10], row[14], other[9] = "0.00", "10000.00", "50000.00", "0.00"
    query = {"facility": world.facilities[HARBOUR], "quarter": "2012Q2", "cash_held": "346000.00"}
    starts = [form_starts(harbour, query["facility"], quarter) for quarter in ("2012Q2", "2012Q3")]
    assert starts == [("2012Q1", None), ("2012Q1", "2012Q2")]
    early = harbour.post("/returns", return_csv([row, other]), key="f0", **query).json()
    why = {"reason": "The minutes that explain it are missing"}
    assert harbour.post(f"/returns/{early['id']}/reject", why, key="r0").status_code == 404
    turned_down = fay.post(f"/returns/{early['id']}/reject", why, key="r1")
    assert turned_down.status_code == 200, turned_down.text
    assert turned_down.json()["state"] == "rejected"
    assert harbour.get(f"/returns/{early['id']}").json()["events"][-1]["reason"] == why["reason"]
    filed = harbour.post("/returns", return_csv([row, other]), key="f1", **query)
    assert filed.status_code == 201, filed.text
    assert (filed.json()["version"], filed.json()["supersedes"]) == (2, early["id"])
    assert filed.json()["errors"] == 0, filed.json()["findings"]
    ret = f"/returns/{filed.json()['id']}"
    assert fay.post(f"{ret}/accept", {}, key="x0").status_code == 409
    assert harbour.post(f"{ret}/attest", {"name": "A director", "role": "Director"}, key="t1").status_code == 200
    accepted = fay.post(f"{ret}/accept", {}, key="x1")
    assert accepted.status_code == 200, accepted.text
    loans = harbour.get("/loans").json()["items"]
    assert {loan["loan_ref"] for loan in loans} == {"Harb-1", "Harb-2"}
    book = call["ann"].get("/ledger/trial-balance", book=world.intermediaries[HARBOUR]).json()
    assert book["total_debit"] == book["total_credit"]


def test_a_return_goes_from_the_form_to_the_receipt_as_the_handbook_shows_it(
    world: World, call: dict[str, Caller]
) -> None:
    """Each request of the chapter in turn, with what it leaves open put in; a correction that is turned down then."""
    known = {"fac_…": world.facilities[HARBOUR], "ret_…": "", "2012Q4": str(worlds.QUARTER)}
    rows = [loan_row(f"Harb-{number}", f"Harb borrower {number} (invented)", "70000.00") for number in (1, 2)]
    told = {"cash_held": "330000.00", "loans": [dict(zip(worlds.HEADER.split(","), row, strict=True)) for row in rows]}
    files = {"@return.xlsx": json.dumps(told).encode()}
    seen = []
    for step in requests_in(HANDBOOK / "submitting.md"):
        method, path, headers, body = step
        for open_, put in known.items():
            path = path.replace(open_, put)
        answer = call[HARBOUR].client.request(method, path, headers=headers, content=files.get(body, body.encode()))
        assert answer.status_code in {200, 201}, f"{step}: {answer.text}"
        known["ret_…"] = answer.json()["id"] if method == "POST" else known["ret_…"]
        seen.append(answer)
    due, form, filed, found, attested, receipt = seen
    assert known["fac_…"] in {one["facility"] for one in due.json()}
    assert form.content.startswith(b"PK")
    assert (filed.json()["state"], filed.json()["totals"]["drawn"]) == ("checked", "140000.00")
    assert [one["rule"] for one in found.json()] == ["cash-agrees-with-the-books"]
    assert (attested.json()["state"], attested.json()["attested_by"]) == ("attested", "R. Quill")
    assert receipt.content.startswith(b"%PDF")
    turned_down = call["fay"].post(f"/returns/{known['ret_…']}/reject", {"reason": "A test"}, key="handbook")
    assert turned_down.json()["state"] == "rejected"


def test_a_file_sent_in_another_way_than_it_must_be_is_told_how(world: World, call: dict[str, Caller]) -> None:
    lender, path = call[HARBOUR].client, f"/returns?facility={world.facilities[HARBOUR]}"
    form = lender.post(
        f"{path}&quarter=2012Q1", files={"file": ("r.xlsx", b"PK")}, headers={"Idempotency-Key": "a form"}
    )
    assert (form.status_code, form.json()["type"].rpartition("/")[2]) == (415, "sent-as-form")
    assert "send it alone as the body" in form.json()["detail"]
    for data, why in (
        (b"%PDF-1.7", "The file is a PDF document, not a lending return. Open it .* So it does not say which quarter"),
        (b"loan_ref,drawn\nL-1,0.00\n", "This return does not say which quarter it is for: name it beside the file"),
    ):
        told = lender.post(path, content=data, headers={"Idempotency-Key": f"unsaid {len(data)}"})
        assert told.status_code == 422
        assert re.match(why, told.json()["detail"])
    odd = lender.post(f"{path}&cash=5", content=b"x", headers={"Idempotency-Key": "odd"})
    assert odd.json()["detail"].startswith("This takes no parameter 'cash'")


def requests_in(document: Path) -> Iterator[tuple[str, str, dict[str, str], str]]:
    """Method, path, headers and body of each line of curl that a document shows; whose key it is, is left out."""
    (block,) = re.findall(r"^```sh\n(.*?)^```$", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for line in block.splitlines():
        if line.startswith("curl "):
            words = iter(shlex.split(line)[1:])
            headers, path, body = {"Content-Type": "application/x-www-form-urlencoded"}, "", ""
            for word in words:
                match word:
                    case "-H":
                        name, _, value = next(words).partition(": ")
                        headers |= {name: value} if value else {}
                    case "--data-binary" | "--json":
                        body = next(words)
                        headers |= {"Content-Type": "application/json"} if word == "--json" else {}
                    case "-o":
                        next(words)
                    case _:
                        path = word.removeprefix("$BANK")
            yield "POST" if body else "GET", path, headers, body


def test_a_fund_is_called_and_distributes_through_the_door(world: World, call: dict[str, Caller]) -> None:
    fay, flo = call["fay"], call["flo"]
    products = {one["code"]: one for one in fay.get("/products").json()["items"]}
    assert {one["code"] for one in fay.get("/code-lists/facility_product").json()["codes"]} == set(products)
    paths = {event["verb"]: event["path"] for event in products["fund-commitment"]["events"]}
    lender = fay.post("/intermediaries", {"name": "Fourth (invented)", "kind": "venture-fund"}, key="fund i").json()
    terms = {
        "intermediary": lender["id"],
        "product": "fund-commitment",
        "amount": "100000.00",
        "annual_rate": "0",
        "available_from": "2012-04-01",
        "available_until": "2015-03-31",
        "matures_on": "2022-03-31",
        "purpose": "Ventures",
        "additionality": "None other invests here",
    }
    assert "fees_inside is missing" in fay.post("/allocations", terms, key="fund p0").json()["detail"]
    made = fay.post("/allocations", terms | {"product_terms": {"fees_inside": "cost"}}, key="fund p").json()
    here = f"/allocations/{made['id']}"
    assert flo.post(f"{here}/approve", {}, key="fund a").status_code == 200
    assert fay.post(f"{here}/sign", {}, key="fund s").status_code == 200
    today = str(world.clock.now().date())
    called = fay.post(f"{here}/{paths['call']}", {"on": today, "amount": "40000.00"}, key="fund c")
    assert called.status_code == 201, called.text
    split = {"on": today, "capital": "5000.00", "income": "100.00", "recallable": "1000.00"}
    shared = fay.post(f"{here}/{paths['distribute']}", split, key="fund d")
    assert shared.status_code == 201, shared.text
    figures = {one["code"]: one["amount"] for one in fay.get(f"{here}/position").json()["figures"]}
    assert (figures["called"], figures["uncalled"], figures["cost"]) == ("40000.00", "61000.00", "35000.00")
    lines = fay.get(f"{here}/journal").json()["items"]
    assert [(one["debit"], one["credit"]) for one in lines if one["book"] == "bank"][-3:] == [
        ("1000", "1301"),
        ("1000", "4030"),
        ("9130", "9199"),
    ]
    beyond = fay.post(f"{here}/{paths['call']}", {"on": today, "amount": "61000.01"}, key="fund e")
    assert (beyond.status_code, beyond.json()["type"].rpartition("/")[2]) == (409, "beyond-terms")
    assert fay.post(f"{here}/dividends", {"on": today, "amount": "1.00"}, key="fund f").status_code == 409
    assert fay.get("/products/no-such").status_code == 404


def _walk() -> Iterator[tuple[str, str]]:
    for path, route in every_route():
        for method in sorted(route.methods or ()):
            yield method, path.removeprefix("/v1")


def test_the_walk_misses_no_route(world: World) -> None:
    described = create_app(world.database).openapi()["paths"]
    assert {path.removeprefix("/v1") for path in described} == {path for _, path in _walk()}


def test_where_dormant_money_and_capital_stand_is_told_and_surplus_is_declared(
    world: World, call: dict[str, Caller]
) -> None:
    fay, tom = call["fay"], call["tom"]
    before = tom.get("/inflows/position").json()["position"]
    declared = fay.post("/inflows/declarations", {"amount": "100.00", "on": "2012-04-12"}, key="dec1")
    assert declared.status_code == 201, declared.text
    after = tom.get("/inflows/position").json()["position"]
    assert (after["payable"], after["distributed"]) == ("100.00", before["distributed"])
    where = f"/inflows/declarations/{declared.json()['id']}/payments"
    paid = fay.post(where, {"on": "2012-04-12", "amount": "40.00"}, key="dec2")
    assert paid.status_code == 201, paid.text
    assert fay.post(where, {"on": "2012-04-12", "amount": "60.01"}, key="dec3").status_code == 409
    assert tom.get("/inflows/declarations").json()["items"][-1]["unpaid"] == "60.00"
    assert tom.get("/inflows/held").json()["years"][0]["nation"] == "england"
    batch = {"participant": "A bank (invented)", "principal": "5.00", "accounts": 2, "paid_on": "2012-04-12"}
    assert fay.post("/inflows/reclaims", batch | {"participant": "Nobody"}, key="b1").status_code == 404
    told = {"inflow": world.inflow, "principal": "5.00", "interest": "0.50", "notified_on": "2012-04-12"}
    claim = fay.post("/inflows/claims", told, key="c1").json()["id"]
    part = {"outcome": "withdrawn", "on": "2012-04-12", "principal": "1.00", "reason": "Sent twice"}
    assert fay.post(f"/inflows/claims/{claim}/endings", part, key="c2").json()["amount"] == "1.00"
    assert fay.post(f"/inflows/claims/{claim}/payments", {"paid_on": "2012-04-12"}, key="c3").json()["paid"] == "4.50"
    assert tom.get("/inflows/claims").json()["items"][0]["unpaid"] == "0.00"
    assert fay.post(f"/inflows/claims/{claim}/payments", {"paid_on": "2012-04-12"}, key="c4").status_code == 422

    capital = tom.get("/capital").json()
    assert {each["code"] for each in capital["limits"]} == {"dormant-capital", "balance-sheet"}
    assert capital["holders"][0]["share_class"] == "A"
    assert tom.get("/capital/calls").json() == {"items": []}
    (reading,) = tom.get("/limits/evaluation", action="subscribe-b", amount="1.00").json()["readings"]
    assert (reading["kind"], reading["bound"]) == ("balance-sheet", "600000000.00")
    assert tom.get("/limits/evaluations/sub_none").json() == []
    cash = {"sort": "fund", "counterparty": "A fund (invented)", "amount": "10.00", "on": "2012-04-12"}
    placed = fay.post("/treasury/placements", cash, key="t1").json()["id"]
    assert fay.post(
        f"/treasury/placements/{placed}/income", {"amount": "0.01", "on": "2012-04-12"}, key="t2"
    ).is_success
    assert fay.post("/treasury/accruals", {"until": "2012-04-12"}, key="t3").json()["accrued"] == "0.00"
    home = {"proceeds": "10.01", "on": "2012-04-12"}
    assert fay.post(f"/treasury/placements/{placed}/realisations", home, key="t4").json()["gain"] == "0.01"
    assert tom.get("/treasury/placements").json()["items"][0]["carried"] == "0.00"
    assert tom.get("/treasury/headroom").json()["treasury"] == "0.00"
    gilt = {"sort": "gilt", "book": "reclaim-fund", "counterparty": "HM Treasury", "amount": "1.00", "nominal": "1.02"}
    gilt |= {"rate": "0", "measured": "amortised-cost", "matures_on": "2013-04-12", "on": "2012-04-12"}
    bought = fay.post("/treasury/placements", gilt, key="t5").json()
    assert (bought["carried"], bought["effective_rate"]) == ("1.00", "0.020000000000")
    mine = tom.get("/treasury/placements", book="reclaim-fund").json()["items"]
    assert [each["id"] for each in mine] == [bought["id"]]
    assert tom.get("/treasury/policies").status_code == 200
    assert tom.get("/stress").json() == tom.get("/stress/scenarios").json() == {"items": []}
    assert tom.get("/stress", scenario="none").status_code == 404
    assert call["ann"].get("/ledger/pairs").json() == {"items": []}


def test_what_two_agree_on_is_agreed_on_over_http_too(world: World, call: dict[str, Caller]) -> None:
    """Proposed by one, approved by another, sent twice is once; each is then what the books go by."""
    fay, flo, tom = call["fay"], call["flo"], call["tom"]
    on = "2012-04-12"
    proposals: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/inflows/reserve-rates", {"rate": "0.5", "from_on": on, "basis": "Actuary"}),
        (
            "/inflows/directions",
            {
                "measure": "percentages",
                "shares": {"youth": "50", "social-investment": "50"},
                "from_on": on,
                "source": "A letter (invented)",
            },
        ),
        (
            "/capital/agreements",
            {
                "holder": "A merchant bank (invented)",
                "commitment": "1000.00",
                "a_parts": 60,
                "b_parts": 40,
                "vote_cap": "0.05",
                "from_on": on,
                "source": "Agreement (invented)",
            },
        ),
        ("/treasury/policies", {"fraction": "0.01", "from_on": on, "basis": "Minute 5"}),
        (
            "/stress/scenarios",
            {
                "name": "over http",
                "claims_rate": "0.01",
                "claims_interest": "0",
                "drawn_over": 20,
                "repayment_shortfall": "0",
                "treasury_rate": "0",
                "from_on": on,
                "basis": "Minute 6",
            },
        ),
    )
    for where, told in proposals:
        made = fay.post(where, told, key=f"p {where}")
        assert made.status_code == 201, made.text
        assert fay.post(where, told, key=f"p {where}").json() == made.json()
        approve = f"{where}/{made.json()['id']}/approve"
        assert fay.post(approve, {}, key=f"own {where}").status_code in {403, 409}
        assert tom.post(approve, {}, key=f"tom {where}").status_code == 403
        assert flo.post(approve, {}, key=f"a {where}").json()["approved_by"] != made.json()["proposed_by"]
        assert tom.get(where).json()["items"][-1]["approved_at"] is not None
    change = fay.post("/inflows/re-estimates", {"on": str(world.database.clock.now().date())}, key="re")
    assert change.is_success, change.text
    assert change.json()["rate"] == "0.5"
    money = {"amount": "1000.00", "on": on}
    assert fay.post("/inflows/distributions", money, key="d1").status_code == 201
    both = fay.post("/inflows/apportionments", money | {"financial_year": "2011/12"}, key="d")
    assert (both.status_code, "give one of them" in both.json()["detail"]) == (422, True)
    assert fay.post("/inflows/apportionments", money, key="d2").json()["england"] == "839.00"
    assert fay.post("/inflows/england-allocations", {"on": on, "amount": "839.00"}, key="d3").json()["shares"] == {
        "youth": "419.50",
        "social-investment": "419.50",
    }
    to_youth = money | {"nation": "england", "cause": "youth", "recipient": "A fund (invented)", "amount": "419.50"}
    assert fay.post("/inflows/nation-payments", to_youth, key="d4").status_code == 201
    assert fay.post("/inflows/england-payments", money | {"amount": "419.50"}, key="d5").status_code == 201
    bought = fay.post("/capital/subscriptions", {"share_class": "A", "amount": "419.50", "on": on}, key="s1").json()
    (called,) = bought["calls"]
    assert fay.post(f"/capital/calls/{called}/payments", {"on": on}, key="s2").json()["amount"] == "279.67"
    assert fay.post("/capital/subscriptions", {"share_class": "B", "amount": "1.00", "on": on}, key="s3").is_error


def test_an_intermediary_reaches_nothing_but_its_own(world: World, call: dict[str, Caller]) -> None:
    """Every route, with everything of the other that could stand in it: by path, by query and by body."""
    theirs = {
        "facility": world.facilities[HILL],
        "return_id": world.returns[HILL],
        "intermediary": world.intermediaries[HILL],
        "inflow": world.inflow,
        "loan": call["fay"].get("/loans", intermediary=world.intermediaries[HILL]).json()["items"][0]["id"],
        "statement": "sta_none",
        "job": "job_none",
        "declaration": "dec_none",
        "claim": "clm_none",
        "terms": "trm_none",
        "code": "signed",
        "name": "purpose",
        "assumption": "ass_none",
        "condition": "con_none",
        "covenant": "cov_none",
        "enquiry": "enq_none",
        "limit": "lim_none",
        "request": "req_none",
        "rule": "rul_none",
        "step": "ste_none",
        "subject": "sub_none",
        "placement": "plc_none",
        "rate": "rsv_none",
        "direction": "dir_none",
        "agreement": "agr_none",
        "call": "cal_none",
        "policy": "pol_none",
        "case": "cas_none",
        "scenario": "scn_none",
        "threshold": "mth_none",
        "forecast": "rfc_none",
        "foretold": "fcs_none",
        "break_id": "brk_none",
        "publication_id": "pub_none",
        "bounds": "bnd_none",
        "organisation": "org_none",
        "period": "dop_none",
        "side": "outcome",
    }
    secrets = [*(value for name, value in theirs.items() if name not in {"code", "name", "side"}), "Hill", "Hill Farm"]
    harbour = call[HARBOUR]
    walked = 0
    for method, path in _walk():
        where = path.format(**theirs)
        asked: list[dict[str, str]] = [{}]
        if method == "GET":
            asked += [{"facility": theirs["facility"]}, {"intermediary": theirs["intermediary"]}]
        bodies: list[Any] = [{}, {"name": "x", "role": "y"}, {"intermediary": theirs["intermediary"]}]
        for params in asked:
            answers = (
                [harbour.get(where, **params, **({"quarter": "2012Q1"} if "template" in where else {}))]
                if method == "GET"
                else [harbour.post(where, body, key=f"walk-{where}-{place}") for place, body in enumerate(bodies)]
            )
            for answer in answers:
                walked += 1
                echoed = {str(value) for value in params.values()} | {part for part in where.split("/") if part}
                told = [secret for secret in secrets if secret in answer.text and secret not in echoed]
                assert not told, f"{method} {where} {params} tells {told}"
                assert answer.status_code < 500
                if any(value in where for value in theirs.values() if "_" in value):
                    no = {404, 422} | ({400} if params else set())  # 400: this route has no such filter
                    assert answer.status_code in no, f"{method} {where}: {answer.status_code}"
    assert walked > 60
    filed = harbour.post(
        "/returns", return_csv([loan_row("X-1", "X")]), key="n", facility=theirs["facility"], quarter="2012Q1"
    )
    assert filed.status_code == 404


def test_roles_are_kept_apart(call: dict[str, Caller]) -> None:
    tom, ann, fay = call["tom"], call["ann"], call["fay"]
    assert tom.get("/figures").status_code == 200
    assert tom.get("/ledger/entries").status_code == 403
    assert ann.get("/ledger/entries").status_code == 200
    assert ann.get("/figures").status_code == 403
    assert tom.post("/inflows", {}, key="k").status_code in {403, 422}
    assert fay.get("/code-lists/outcome_area").status_code == 200


def test_a_place_is_told_to_any_key_as_on_a_day_with_its_deciles_by_edition(call: dict[str, Caller]) -> None:
    for caller in (call["fay"], call[HARBOUR]):
        place = caller.get("/places/E01006513", as_at="2012-06-30").json()
        assert (place["local_authority_name"], place["vanguard"], place["nation"]) == ("Liverpool",) * 2 + ("England",)
        assert [one["index"] for one in place["deciles"] if one["current"]] == ["England IMD 2010"]
        assert caller.get("/places/Eden", as_at="2023-04-01").json()["in_force"] is False
        unknown = caller.get("/places/ZZ99 9ZZ")
        assert (unknown.status_code, unknown.json()["type"].rpartition("/")[2]) == (404, "no-such-place")
    taken = {"load": "pla_none", "reason": "A draft that was never published"}
    refused = call["fay"].post("/places/withdrawals", taken, key="w1")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (404, "no-such-place-load")
    assert call["ada"].post("/places/withdrawals", taken, key="w0").json() == refused.json()
    no = call["tom"].post("/places/withdrawals", taken, key="w3")
    assert (no.status_code, no.json()["detail"]) == (403, "This takes a key of a fund manager or an administrator")
    assert call[HARBOUR].post("/places/withdrawals", taken, key="w2").status_code == 404


def test_a_wrong_key_opens_nothing(address: str, world: World) -> None:
    right = world.secrets["fay"]
    for wrong in ("", "x", right[:-1], right.replace("bsb_", "bsb_x"), right + "0", "bsb__"):
        with Caller(address, wrong or "-").client as caller:
            answer = caller.get("/allocations")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert httpx.get(f"{address}/health/live", verify=PLAINLY).json() == {"status": "ok"}
    assert httpx.get(f"{address}/health/ready", verify=PLAINLY).status_code == 200


def test_an_act_without_its_key_is_refused(call: dict[str, Caller]) -> None:
    answer = call["fay"].post("/intermediaries", {"name": "X", "kind": "social-bank"})
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/idempotency-key-required")


def test_lists_are_paged_by_cursor_and_know_their_filters(call: dict[str, Caller]) -> None:
    ann, fay = call["ann"], call["fay"]
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = ann.get("/ledger/entries", limit="7", **({"cursor": cursor} if cursor else {})).json()
        seen += [line["seq"] for line in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) > 14
    two = fay.get("/allocations", limit="1").json()
    assert two["next_cursor"]
    assert fay.get("/allocations", limit="1", cursor=two["next_cursor"]).json()["items"] != two["items"]
    for path, params in (
        ("/allocations", {"colour": "red"}),
        ("/allocations", {"cursor": "nonsense"}),
        ("/loans", {"cursor": "nonsense"}),
        ("/intermediaries", {"cursor": "bm9uc2Vuc2U"}),
        ("/returns", {"cursor": "!!"}),
        ("/ledger/entries", {"cursor": "bm9uc2Vuc2U"}),
    ):
        answer = fay.get(path, **params)
        assert answer.status_code == 400, f"{path} {params}: {answer.status_code} {answer.text}"


def test_a_book_that_is_not_there_is_said_to_be_none(call: dict[str, Caller]) -> None:
    for path in ("entries", "trial-balance", "balances", "accounts/1000/statement"):
        answer = call["ann"].get(f"/ledger/{path}", book="banc")
        assert answer.status_code == 404, path
        assert "There is no book 'banc': the books are reclaim-fund, " in answer.json()["detail"]


def test_an_account_is_told_page_by_page_and_its_balance_runs_on(call: dict[str, Caller]) -> None:
    ann = call["ann"]
    path = "/ledger/accounts/1000/statement"
    told: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = ann.get(path, limit="2", until="2012-04-30", **cursor).json()
        told += page["items"]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(told) > 2
    running = pounds(page["opening"])
    for line in told:
        running += pounds(line["amount"])
        assert pounds(line["balance"]) == running
    accounts = ann.get("/ledger/balances", code="1000", as_at="2012-04-30").json()["accounts"]
    assert page["closing"] == str(running) == accounts[0]["balance"]
    early = ann.get(path, since="2012-01-09", until="2012-01-09", known_at="2012-01-09T09:00:00Z").json()
    assert (early["known_at"], early["since"], early["until"]) == ("2012-01-09T09:00:00Z", "2012-01-09", "2012-01-09")
    for wrong in ({"cursor": "nonsense"}, {"cursor": "MQ"}):
        assert ann.get(path, **wrong).status_code == 400
    never = ann.get(path, known_at="2098-01-01T00:00:00Z")
    assert (never.status_code, never.json()["type"].rpartition("/")[2]) == (422, "not-yet")


def test_every_book_is_told_at_both_times_to_those_who_check(call: dict[str, Caller], world: World) -> None:
    found = call["ann"].get("/ledger/trial-balances", as_at="2012-04-12", known_at="20").json()["items"]
    assert [one["book"] for one in found][:4] == ["reclaim-fund", "distributor", "trust", "bank"]
    assert {(one["as_at"], one["known_seq"]) for one in found} == {("2012-04-12", 20)}
    one = call["ann"].get("/ledger/trial-balance", book="trust", as_at="2012-04-12", known_at="20").json()
    assert one in found
    for path in ("/ledger/trial-balances", "/ledger/balances", "/ledger/accounts/1000/statement"):
        assert call[HARBOUR].get(path).status_code == 404
        assert call["tom"].get(path).status_code == 403
    own = call["ann"].get("/ledger/balances", book=world.intermediaries[HARBOUR]).json()
    assert sum((pounds(account["own"]) for account in own["accounts"]), pounds("0.00")) == pounds("0.00")


HOSTILE_BODIES = {
    "NaN": b'{"name": "x", "kind": NaN}',
    "Infinity": b'{"name": Infinity, "kind": "social-bank"}',
    "huge number": b'{"name": 1e999999, "kind": "social-bank"}',
    "lone surrogate": b'{"name": "\\ud800", "kind": "social-bank"}',
    "member twice": b'{"name": "a", "name": "b", "kind": "social-bank"}',
    "not UTF-8": b'{"name": "\xff", "kind": "social-bank"}',
    "too deep": b"[" * 5000 + b"]" * 5000,
    "unknown member": b'{"name": "a", "kind": "social-bank", "is_admin": true}',
    "empty": b"",
    "control character": b'{"name": "a\\u0000b", "kind": "social-bank"}',
}


@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES.keys())
def test_a_hostile_body_is_a_problem_and_never_a_failure(call: dict[str, Caller], body: bytes) -> None:
    answer = call["fay"].client.post(
        "/intermediaries", content=body, headers={"Content-Type": "application/json", "Idempotency-Key": "h"}
    )
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "amount", ["1_000.00", "\uff11\uff12.5", " 12.50 ", "1E+2", "NaN", "1.005", "-5.00", "9" * 20, "0.00"]
)
def test_a_hostile_amount_moves_nothing(call: dict[str, Caller], world: World, amount: str) -> None:
    before = call["ann"].get("/ledger/head").json()
    answer = call["fay"].post(
        f"/allocations/{world.facilities[HARBOUR]}/drawdowns", {"amount": amount, "on": "2012-04-10"}, key="h"
    )
    assert answer.status_code == 422, answer.text
    assert "Value error" not in answer.text
    number = call["fay"].client.post(
        f"/allocations/{world.facilities[HARBOUR]}/drawdowns",
        content=json.dumps({"amount": 12.5, "on": "2012-04-10"}),
        headers={"Content-Type": "application/json", "Idempotency-Key": "n"},
    )
    assert number.status_code == 422
    assert call["ann"].get("/ledger/head").json() == before


def test_a_body_beyond_the_limit_is_refused_as_it_comes(call: dict[str, Caller], world: World) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 1_000_000

    answer = call[HARBOUR].client.post(
        "/returns",
        params={"facility": world.facilities[HARBOUR], "quarter": "2012Q1"},
        content=endless(),
        headers={"Content-Type": "text/csv", "Idempotency-Key": "big"},
    )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_not_there_is_a_problem_too(call: dict[str, Caller]) -> None:
    for answer in (call["fay"].get("/nowhere"), call["fay"].client.delete("/allocations")):
        assert answer.status_code in {404, 405}
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_path_where_something_else_can_be_done_says_what(call: dict[str, Caller]) -> None:
    fay = call["fay"].client
    for method, path, there in (
        ("GET", "/places/withdrawals", "POST"),
        ("GET", "/returns/nil", "POST"),
        ("DELETE", "/allocations", "GET, POST"),
        ("POST", "/places/L1 8JQ", "GET"),
    ):
        answer = fay.request(method, path)
        assert (answer.status_code, answer.headers.get("allow")) == (405, there)
        assert answer.json()["detail"].endswith(f"{there} is")


def test_figures_can_be_followed_to_their_postings(call: dict[str, Caller]) -> None:
    sheet = call["tom"].get("/figures", as_at="2012-03-31").json()
    drawn = next(figure for figure in sheet["figures"] if figure["code"] == "drawn")
    assert drawn["value"] == "800000.00"
    detail = call["tom"].get("/figures/drawn", as_at="2012-03-31").json()
    assert sum(float(line["amount"]) for line in detail["lines"]) == 800000.0
