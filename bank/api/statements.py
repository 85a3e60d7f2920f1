"""`/v1/statements`: the published statements, and each as the PDF that was filed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel

from bank.api.door import TrusteeOrManager, router
from bank.publishing import queries
from bank.publishing.queries import StatementView
from ledger.dates import Quarter

routes = router("/statements", "statements")


class Statements(BaseModel):
    """The published statements by quarter, kind and number."""

    items: list[StatementView]
    next_cursor: None = None


@routes.get("")
def statements(
    desk: TrusteeOrManager,
    kind: Literal["portfolio", "impact"] | None = None,
    quarter: Annotated[str | None, Query(description="A calendar quarter, like 2012Q4.")] = None,
) -> Statements:
    """Every published statement."""
    with desk.reading() as session:
        found = queries.statements(session, kind=kind, quarter=None if quarter is None else Quarter.parse(quarter))
    return Statements(items=found)


@routes.get("/{statement}", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def statement(desk: TrusteeOrManager, statement: str) -> Response:
    """One statement, byte for byte as it was filed, with its seal behind it where it is sealed."""
    with desk.reading() as session:
        filed = queries.statement(session, statement)
    headers = {"Content-Disposition": f'attachment; filename="{filed.filename}"'}
    return Response(filed.issued, media_type="application/pdf", headers=headers)
