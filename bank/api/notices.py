"""The notices of `/v1/allocations` and `/v1/returns`, each as a PDF. An intermediary reaches only its own."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Query, Response

from bank.api.door import Knowing, Known, ManagerOrIntermediary, router
from bank.api.fields import Place
from bank.publishing.notices.queries import notice
from bank.publishing.notices.rules import Subject
from ledger.store.work import Desk

routes = router("", "notices")

_PDF: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/pdf": {}}}}
EntryQuery = Annotated[Place | None, Query(description="The place of an entry it made; default the last drawdown.")]


@routes.get("/allocations/{facility}/notice", response_class=Response, responses=_PDF)
def allocation(desk: ManagerOrIntermediary, facility: str, known: Known) -> Response:
    """What an allocation is and why, on one page."""
    return _answer(desk, Subject("allocation", facility), known)


@routes.get("/allocations/{facility}/drawdowns/notice", response_class=Response, responses=_PDF)
def drawdown(desk: ManagerOrIntermediary, facility: str, known: Known, entry: EntryQuery = None) -> Response:
    """What was paid with one drawdown, and the entries that prove it, on one page."""
    return _answer(desk, Subject("drawdown", facility, entry), known)


@routes.get("/returns/{return_id}/notice", response_class=Response, responses=_PDF)
def receipt(desk: ManagerOrIntermediary, return_id: str, known: Known) -> Response:
    """That a return came, who answers for it and what it comes to, on one page."""
    return _answer(desk, Subject("receipt", return_id), known)


def _answer(desk: Desk, subject: Subject, known: Knowing) -> Response:
    made = notice(desk, subject, known.named)
    headers = {"Content-Disposition": f'attachment; filename="{made.filename}"'}
    return Response(made.pdf, media_type="application/pdf", headers=headers)
