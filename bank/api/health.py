"""`/v1/health`: whether the system is up, and whether it can work. The only routes that need no key."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from pydantic import BaseModel

from bank.api.door import router
from ledger import queries
from ledger.placing import Lag, lag
from ledger.refusals import Refusal
from ledger.store.database import Database

routes = router("/health", "health")


class Health(BaseModel):
    """That it is well."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """That it can work, and whether somebody should look: `degraded` when entries wait too long for their place.

    Nobody who asks is turned away then: every balance counts what waits, and taking the server out of use would leave
    fewer to place it.
    """

    status: Literal["ok", "degraded"]
    lag: Lag


class NotReady(Refusal):
    """The system is up and cannot work."""

    slug = "not-ready"
    status = 503


@routes.get("/live")
def live() -> Health:
    """The process answers."""
    return Health()


@routes.get("/ready")
def ready(request: Request) -> Readiness:
    """The books can be read; and what waits in them for its place, with the alarm when it has waited too long."""
    database: Database = request.app.state.database
    try:
        with database.reading() as session:
            queries.head(session)
            behind = lag(session)
    except Exception as failure:
        raise NotReady("The books cannot be read at the moment: try again shortly") from failure
    return Readiness(status="degraded" if behind.late else "ok", lag=behind)
