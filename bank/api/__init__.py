"""The HTTP door under `/v1`: one file per room, each of which parses, calls one command or query, and answers."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, FastAPI
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from bank.api import (
    allocations,
    code_lists,
    figures,
    health,
    inflows,
    intermediaries,
    ledger,
    loans,
    returns,
    statements,
)
from bank.api.door import BodyLimit
from bank.api.problems import answer_with_problems
from bank.settings import Settings
from ledger.store.database import Database

ROOMS: Final = (
    health,
    code_lists,
    inflows,
    intermediaries,
    allocations,
    returns,
    loans,
    figures,
    statements,
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
    answer_with_problems(app)
    versioned = APIRouter(prefix="/v1")
    for room in ROOMS:
        versioned.include_router(room.routes)
    app.include_router(versioned)
    app.add_middleware(BaseHTTPMiddleware, dispatch=_guard_answer)
    app.add_middleware(BodyLimit, most=wanted.body_bytes_most)
    return app


async def _guard_answer(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """No answer is cached, sniffed, framed or leaks where it came from."""
    answer = await call_next(request)
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer
