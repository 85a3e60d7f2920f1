"""`/v1/health`: whether the system is up, and whether it can work. The only routes that need no key."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from pydantic import BaseModel

from bank.api.door import router
from ledger import queries
from ledger.refusals import Refusal
from ledger.store.database import Database

routes = router("/health", "health")


class Health(BaseModel):
    """That it is well."""

    status: Literal["ok"] = "ok"


class NotReady(Refusal):
    """The system is up and cannot work."""

    slug = "not-ready"
    status = 503


@routes.get("/live")
def live() -> Health:
    """The process answers."""
    return Health()


@routes.get("/ready")
def ready(request: Request) -> Health:
    """The books can be read."""
    database: Database = request.app.state.database
    try:
        with database.reading() as session:
            queries.head(session)
    except Exception as failure:
        raise NotReady("The books cannot be read at the moment: try again shortly") from failure
    return Health()
