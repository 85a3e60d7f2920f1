"""Every no of the HTTP door as an RFC 9457 problem: a stable type, a sentence that says what to do, and the facts."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ledger.refusals import Refusal, own_words

MEDIA_TYPE: Final = "application/problem+json"
METHOD_NOT_ALLOWED: Final = 405
TYPES: Final = "https://big-society-bank.example/problems/"
"""Where problem types are named. The name is the contract; nothing need be found at the address."""

_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Problem(JSONResponse):
    """A problem as it is sent."""

    media_type = MEDIA_TYPE


def problem(status: int, slug: str, sentence: str, *, headers: dict[str, str] | None = None, **facts: Any) -> Problem:
    """One problem. The facts are members of their own beside the sentence."""
    title = slug.replace("-", " ").capitalize()
    content = {"type": f"{TYPES}{slug}", "title": title, "status": status, "detail": sentence}
    return Problem(_plain(facts) | content, status_code=status, headers=_HEADERS | (headers or {}))


def answer_with_problems(app: FastAPI) -> None:
    """Have the application answer every kind of no, foreseen or not, as a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


def _refused(request: Request, refusal: Exception) -> Problem:
    del request
    if not isinstance(refusal, Refusal):
        raise refusal
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else None  # noqa: PLR2004 -- HTTP's own number
    return problem(refusal.status, refusal.slug, refusal.sentence, headers=headers, **refusal.facts)


def _invalid(request: Request, invalid: Exception) -> Problem:
    """Every fault of a request at once. What was sent is never echoed: it may be what no encoder can write."""
    del request
    if not isinstance(invalid, RequestValidationError):
        raise invalid
    findings = [
        {"where": "/".join(str(part) for part in fault["loc"]), "message": own_words(str(fault["msg"]))[:500]}
        for fault in invalid.errors()
    ]
    told = "; ".join(f"{finding['where']}: {finding['message']}" for finding in findings[:10])
    return problem(422, "invalid-request", f"The request cannot be taken: {told}", findings=findings)


def _http(request: Request, fault: Exception) -> Problem:
    if not isinstance(fault, HTTPException):
        raise fault
    slugs = {404: "not-found", 405: "method-not-allowed"}
    # The framework tells of the methods of one route alone, and others may be at the same path.
    there = ", ".join(request.app.state.methods_at(request.url.path)) if fault.status_code == METHOD_NOT_ALLOWED else ""
    sentences = {
        404: f"There is nothing at {request.url.path[:200]}, or nothing that you may see",
        METHOD_NOT_ALLOWED: f"{request.method} is not something that can be done here: {there} is",
    }
    return problem(
        fault.status_code,
        slugs.get(fault.status_code, "http"),
        sentences.get(fault.status_code, str(fault.detail)),
        headers=dict(fault.headers or {}) | ({"Allow": there} if there else {}),
    )


def _failed(request: Request, failure: Exception) -> Problem:
    del request, failure  # the server's log has it; the caller is told nothing of our insides
    return problem(500, "failed", "The system itself failed, and nothing was done: send the same request again")


def _plain(value: Any) -> Any:
    """Facts as JSON: our own values write themselves as text."""
    if isinstance(value, dict):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(member) for member in value]
    return value if isinstance(value, (bool, int, str, type(None))) else str(value)
