"""No route of the HTTP door stands unguarded, and none moves money without a key that makes it safe to send again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from bank.api import create_app
from bank.api.door import Guard, idempotency_key
from ledger.store.database import Database

OPEN: Final = {"/v1/health/live", "/v1/health/ready"}
"""What anyone may ask: whether the house is up. Nothing else."""

WITHOUT_A_KEY_OF_THE_ACT: Final[dict[str, str]] = {}
"""The acts that may be sent twice without an Idempotency-Key, and why that does no harm."""

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def app(database: Database) -> FastAPI:
    return create_app(database)


def _routes(app: FastAPI) -> Iterator[APIRoute]:
    for route in app.routes:
        if isinstance(route, APIRoute):
            yield route


def _needs(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for below in dependant.dependencies:
        yield from _needs(below)


def _methods(route: APIRoute) -> set[str]:
    return route.methods or set()


def _shown(route: APIRoute) -> str:
    return f"{' '.join(sorted(_methods(route)))} {route.path}"


def test_every_route_declares_who_may_use_it(app: FastAPI) -> None:
    routes = list(_routes(app))
    assert len(routes) > len(OPEN)
    unguarded = {route.path for route in routes if not any(isinstance(need, Guard) for need in _needs(route.dependant))}
    assert unguarded == OPEN


def test_nobody_comes_in_without_a_key(app: FastAPI) -> None:
    with TestClient(app) as caller:
        for route in _routes(app):
            if route.path in OPEN:
                continue
            for method in _methods(route):
                answer = caller.request(method, re.sub(r"\{[^}]+\}", "some-thing", route.path))
                assert answer.status_code == 401, f"{method} {route.path}"
                assert answer.headers["content-type"].startswith("application/problem+json")


def test_every_act_takes_a_key_that_makes_it_safe_to_send_again(app: FastAPI) -> None:
    without = {
        _shown(route)
        for route in _routes(app)
        if "POST" in _methods(route) and idempotency_key not in _needs(route.dependant)
    }
    assert without == set(WITHOUT_A_KEY_OF_THE_ACT)


def test_no_route_changes_what_was_said_in_place(app: FastAPI) -> None:
    """The books are only added to, so there is nothing to put, patch or delete."""
    assert {method for route in _routes(app) for method in _methods(route)} <= {"GET", "HEAD", "POST"}
