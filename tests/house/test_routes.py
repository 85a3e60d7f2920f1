"""No route of the HTTP door stands unguarded, and none moves money without a key that makes it safe to send again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import BaseModel

from bank.api import ROOMS, create_app, every_route
from bank.api.door import Guard, idempotency_key
from ledger.store.database import Database
from tests.databases import prepared

OPEN: Final = {"/v1/health/live", "/v1/health/ready"}
"""What anyone may ask: whether the house is up. Nothing else."""

WITHOUT_A_KEY_OF_THE_ACT: Final[dict[str, str]] = {}
"""The acts that may be sent twice without an Idempotency-Key, and why that does no harm."""


@pytest.fixture
def app(run_of_tests: Path, tmp_path: Path) -> Iterator[FastAPI]:
    with prepared("sqlite", run_of_tests, tmp_path) as url:
        database = Database.open(url)
        yield create_app(database)
        database.close()


def _routes() -> Iterator[APIRoute]:
    for room in ROOMS:
        for route in room.routes.routes:
            assert isinstance(route, APIRoute)
            yield route


def _path(route: APIRoute) -> str:
    return f"/v1{route.path}"


def _needs(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for below in dependant.dependencies:
        yield from _needs(below)


def _methods(route: APIRoute) -> set[str]:
    return route.methods or set()


def _shown(route: APIRoute) -> str:
    return f"{' '.join(sorted(_methods(route)))} {_path(route)}"


def test_the_rooms_hold_every_route_there_is(app: FastAPI) -> None:
    assert {_path(route) for route in _routes()} == set(app.openapi()["paths"])


def test_every_route_declares_who_may_use_it() -> None:
    routes = list(_routes())
    unguarded = {
        _path(route) for route in routes if not any(isinstance(need, Guard) for need in _needs(route.dependant))
    }
    assert unguarded == OPEN


def test_nobody_comes_in_without_a_key(app: FastAPI) -> None:
    with TestClient(app) as caller:
        for route in _routes():
            if _path(route) in OPEN:
                continue
            for method in _methods(route):
                answer = caller.request(method, re.sub(r"\{[^}]+\}", "some-thing", _path(route)))
                assert answer.status_code == 401, f"{method} {_path(route)}"
                assert answer.headers["content-type"].startswith("application/problem+json")


def test_every_act_takes_a_key_that_makes_it_safe_to_send_again() -> None:
    without = {
        _shown(route)
        for route in _routes()
        if "POST" in _methods(route) and idempotency_key not in _needs(route.dependant)
    }
    assert without == set(WITHOUT_A_KEY_OF_THE_ACT)


def test_no_route_changes_what_was_said_in_place() -> None:
    """The books are only added to, so there is nothing to put, patch or delete."""
    assert {method for route in _routes() for method in _methods(route)} <= {"GET", "HEAD", "POST"}


def test_every_body_is_shown_by_an_example_that_would_be_taken() -> None:
    shown = 0
    for path, route in every_route():
        field = route.body_field
        model = None if field is None else field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            examples = model.model_json_schema()["examples"]
            assert examples, path
            for example in examples:
                model.model_validate(example)
                shown += 1
    assert shown > 8
