"""Nothing that is put into any place of any route is a failure of ours: each is taken, or refused as a problem."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx2 as httpx
import pytest

from bank.api import create_app
from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store.database import Database
from tests import databases
from tests.journeys import world as worlds
from tests.journeys.test_http_api import served
from tests.servers import PLAINLY

IN_AN_ADDRESS: Final = ("a\0b", "\ud800", "9" * 300)
IN_A_BODY: Final[dict[type, tuple[object, ...]]] = {int: ([], 10**30), str: ([], "a\0b"), bool: ({},)}
"""By what belongs there."""
_ALONE: Final = {"boolean": True, "integer": 1, "number": 1, "null": None}


@pytest.fixture(scope="module")
def spec_and_client(
    run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, Any], httpx.Client]]:
    """The routes as described, and a fund manager before them; PostgreSQL takes least."""
    with databases.prepared("postgresql", run_of_tests, tmp_path_factory.mktemp("hostile")) as url:
        clock = SetClock(databases.OPENING)
        database = Database.open(url, clock=clock, identifiers=CountedIdentifiers("world"))
        secret = worlds.build(database, clock).secrets["fay"]
        app = create_app(database)
        with served(app) as address:
            who = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
            where = address.removesuffix("/v1")
            with httpx.Client(base_url=where, headers=who, timeout=60, verify=PLAINLY) as client:
                yield app.openapi(), client
        database.close()


def _example(schema: dict[str, Any], named: dict[str, Any]) -> Any:
    """A document as a schema would have it, if not one that would be taken."""
    if "$ref" in schema:
        return _example(named[schema["$ref"].rpartition("/")[2]], named)
    for one_of in ("anyOf", "allOf"):
        if one_of in schema:
            return _example(schema[one_of][0], named)
    told = schema.get("enum") or schema.get("examples") or [schema[x] for x in ("const", "default") if schema.get(x)]
    kind = schema.get("type")
    if kind == "object":
        return {name: _example(part, named) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [_example(schema.get("items", {}), named)]
    return told[0] if told else _ALONE.get(str(kind), "2012-04-12" if schema.get("format") == "date" else "1.00")


def _leaves(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(document, (dict, list)):
        for place, part in document.items() if isinstance(document, dict) else enumerate(document):
            yield from _leaves(part, (*path, place))
    elif path:
        yield path, document


def _with(document: Any, path: tuple[Any, ...], value: object) -> Any:
    changed = deepcopy(document)
    within = changed
    for place in path[:-1]:
        within = within[place]
    within[path[-1]] = value
    return changed


def _body(operation: dict[str, Any], named: dict[str, Any]) -> Any:
    taken = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if taken is None else _example(taken["schema"], named)


def _operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            yield method, path, operation


def _quoted(text: str) -> str:
    return quote(text.encode(errors="surrogatepass"), safe="")


def _asked(client: httpx.Client, method: str, address: str, body: Any, number: int) -> str:
    """What is wrong with the answer; nothing where it is as it should be."""
    content = None if body is None else json.dumps(body)
    try:
        answer = client.request(method, address, content=content, headers={"Idempotency-Key": f"hostile {number}"})
    except httpx.TransportError as cut:  # the server hangs up after a failure
        return f"{method} {address[:120]}: {cut!r}, after the fault before"
    sound = answer.is_success or (
        answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json()["detail"]
    )
    return "" if sound else f"{method} {address[:120]} {content!s:.200}: {answer.status_code}"


def test_no_place_of_an_address_takes_what_fails(spec_and_client: tuple[dict[str, Any], httpx.Client]) -> None:
    spec, client = spec_and_client
    named, faults, asked = spec["components"]["schemas"], [], 0
    for method, path, operation in _operations(spec):
        body = _body(operation, named)
        parameters = [each for each in operation.get("parameters", []) if each["in"] != "header"]
        plain = {each["name"]: "none" for each in parameters if each["in"] == "path"}
        for parameter in parameters:
            for odd in IN_AN_ADDRESS:
                in_path = plain | ({parameter["name"]: _quoted(odd)} if parameter["in"] == "path" else {})
                query = f"?{parameter['name']}={_quoted(odd)}" if parameter["in"] == "query" else ""
                asked += 1
                faults.append(_asked(client, method, path.format(**in_path) + query, body, asked))
    assert [fault for fault in faults if fault] == []
    assert asked > len(spec["paths"])


def test_no_place_of_a_body_takes_what_fails(spec_and_client: tuple[dict[str, Any], httpx.Client]) -> None:
    spec, client = spec_and_client
    named, faults, asked = spec["components"]["schemas"], [], 0
    for method, path, operation in _operations(spec):
        body = _body(operation, named)
        names = [each["name"] for each in operation.get("parameters", []) if each["in"] == "path"]
        address = path.format(**dict.fromkeys(names, "none"))
        for leaf, there in _leaves(body):
            for odd in IN_A_BODY.get(type(there), ({},)):
                asked += 1
                faults.append(_asked(client, method, address, _with(body, leaf, odd), asked))
    assert [fault for fault in faults if fault] == []
    assert asked > len(spec["paths"])
