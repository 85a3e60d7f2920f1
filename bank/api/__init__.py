"""The HTTP door under `/v1`: one file per room, each of which parses, calls one command or query, and answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bank.api import (
    allocations,
    approvals,
    breaks,
    capital,
    cases,
    code_lists,
    credit,
    dividends,
    figures,
    forecasts,
    health,
    inflows,
    intermediaries,
    jobs,
    ledger,
    lending,
    life,
    limits,
    lineage,
    loans,
    nations,
    notices,
    organisations,
    places,
    positions,
    products,
    questions,
    rates,
    returns,
    statements,
    stress,
    terms,
    treasury,
)
from bank.api.door import BodyLimit
from bank.api.problems import answer_with_problems
from bank.settings import Settings
from ledger.store.database import Database

ROOMS: Final = (
    health,
    code_lists,
    inflows,
    nations,
    capital,
    dividends,
    treasury,
    intermediaries,
    allocations,
    lending,
    credit,
    terms,
    rates,
    life,
    limits,
    approvals,
    positions,
    forecasts,
    products,
    questions,
    returns,
    breaks,
    loans,
    organisations,
    places,
    cases,
    figures,
    lineage,
    stress,
    statements,
    jobs,
    notices,
    ledger,
)

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def create_app(database: Database, settings: Settings | None = None) -> FastAPI:
    """The application over one prepared database."""
    wanted = settings or Settings()
    app = FastAPI(
        title="Big Society Bank",
        version="1",
        description="Dormant money in, wholesale finance out, lending returns back. Amounts are pounds as text.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.database = database
    app.state.settings = wanted
    app.state.paths_in_full = _paths_in_full()
    app.state.methods_at = methods_at
    answer_with_problems(app)
    app.router.routes.extend(_versioned().routes)
    app.add_middleware(GuardedAnswers)
    app.add_middleware(BodyLimit, most=wanted.body_bytes_most)
    return app


@cache
def _versioned() -> APIRouter:
    """The routes of all rooms below their version, which know nothing of the application that they are in.

    Kept: the library works out what each takes and answers when they are put together, and that takes half a second.
    """
    versioned, whole = APIRouter(prefix="/v1"), APIRouter()
    for room in ROOMS:
        versioned.include_router(room.routes)
    whole.include_router(versioned)
    return whole


def every_route() -> Iterator[tuple[str, APIRoute]]:
    """Every route of every room with its whole path: what the house tests walk."""
    for room in ROOMS:
        for route in room.routes.routes:
            if isinstance(route, APIRoute):
                yield f"/v1{route.path}", route


@cache
def _paths_in_full() -> frozenset[str]:
    return frozenset(path for path, _ in every_route() if "{" not in path)


@cache
def _shapes() -> tuple[tuple[re.Pattern[str], frozenset[str]], ...]:
    return tuple((compile_path(path)[0], frozenset(route.methods or ())) for path, route in every_route())


def methods_at(path: str) -> list[str]:
    """All that can be done at a path, whichever routes do it; a path named in full is no other's."""
    if path in _paths_in_full():
        there = [route.methods or set() for whole, route in every_route() if whole == path]
    else:
        there = [set(methods) for shape, methods in _shapes() if shape.fullmatch(path)]
    return sorted(set().union(*there))


class GuardedAnswers:
    """No answer is cached, sniffed, framed or leaks where it came from."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and put the headers on what comes back."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, guarded)
