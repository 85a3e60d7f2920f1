"""`/v1/returns`: lending returns filed, checked, attested and accepted. An intermediary reaches only its own."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import Depends, Header, Query, Response, status
from fastapi.responses import JSONResponse
from pydantic import Field

from bank.api.door import (
    ActKey,
    CursorQuery,
    FundManager,
    In,
    Intermediary,
    Known,
    LimitQuery,
    ManagerOrIntermediary,
    example,
    raw_body,
    router,
)
from intermediaries.returns import commands, queries
from intermediaries.returns.acceptance import start_of
from intermediaries.returns.comparing import difference, signs_in
from intermediaries.returns.findings import findings_csv, findings_json
from intermediaries.returns.grouping import grouped
from intermediaries.returns.marking import with_findings
from intermediaries.returns.template import MEDIA_TYPES, template
from intermediaries.returns.tying import tie
from intermediaries.returns.views import Acceptance, Difference, Lateness, ReturnPage, ReturnView, SignView, Tie
from ledger.dates import Quarter
from ledger.money import Money
from ledger.refusals import Refusal

routes = router("/returns", "returns")

QuarterQuery = Annotated[str | None, Query(description="A calendar quarter, like 2012Q4.")]


class SentAsForm(Refusal):
    """A file between the lines of a form, where the file alone was wanted."""

    slug = "sent-as-form"
    status = 415


class AttestIn(In):
    """Who answers for the return."""

    model_config = example(name="A director (invented)", role="Director of lending")

    name: Annotated[str, Field(min_length=1, max_length=300)]
    role: Annotated[str, Field(min_length=1, max_length=300)]


class AcceptIn(In):
    """What explains the difference to the facility, if anything needs explaining."""

    model_config = example(explanation="Costs of the first year, met from the facility as agreed")

    explanation: Annotated[str, Field(max_length=2000)] | None = None


class RejectIn(In):
    """Why a return is turned down; the intermediary reads it."""

    model_config = example(reason="The cash held is that of another facility")

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


@routes.post("", status_code=status.HTTP_201_CREATED)
def submit(
    desk: ManagerOrIntermediary,
    key: ActKey,
    body: Annotated[bytes, Depends(raw_body)],
    content_type: Annotated[str | None, Header()] = None,
    facility: str | None = None,
    quarter: QuarterQuery = None,
    cash_held: Annotated[str | None, Query(description="Pounds, when the file does not say it.")] = None,
    only_changes: Annotated[bool, Query(description="Open loans without a row go on as they were.")] = False,  # noqa: FBT002 -- a query, and named in it
) -> ReturnView:
    """File a return as JSON, CSV or an Excel workbook; every finding is in the answer, all at once.

    The file is the whole body of the request: one sent as an upload of a form is refused (415).
    """
    if (content_type or "").strip().lower().startswith("multipart/"):
        raise SentAsForm(
            "The file came as an upload of a form: send it alone as the body, like curl --data-binary @FILE"
        )
    return commands.submit_return(
        desk,
        data=body,
        content_type=content_type,
        facility=facility,
        quarter=_quarter(quarter),
        cash_held=None if cash_held is None else Money.parse(cash_held),
        only_changes=only_changes,
        key=key,
    )


@routes.get("")
def returns(
    desk: ManagerOrIntermediary,
    facility: str | None = None,
    quarter: QuarterQuery = None,
    state: str | None = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 100,
) -> ReturnPage:
    """Returns filed, newest version and all before it."""
    with desk.reading() as session:
        return queries.returns(
            session,
            viewer=desk.actor,
            facility=facility,
            quarter=_quarter(quarter),
            state=state,
            cursor=cursor,
            limit=limit,
        )


_START: Final = {
    "Starts-From": "The quarter of the return that the form starts from; absent where there is none before it.",
    "Starts-Without": "The quarter before the form's own, where what its return would change is not in the form: that "
    "return is neither accepted nor attested. Have it attested first, then take the form again.",
}


@routes.get(
    "/template",
    response_class=Response,
    responses={
        200: {
            "content": {MEDIA_TYPES["xlsx"]: {}},
            "headers": {
                name: {"description": text, "schema": {"type": "string", "example": "2012Q3"}}
                for name, text in _START.items()
            },
        }
    },
)
def blank(
    desk: ManagerOrIntermediary,
    facility: str,
    quarter: Annotated[str, Query(description="A calendar quarter, like 2012Q4.")],
    form: Annotated[Literal["xlsx", "csv", "json"], Query(alias="format")] = "xlsx",
) -> Response:
    """The form to fill in, with every loan still open already there; two headers say which return it starts from."""
    period = Quarter.parse(quarter)
    with desk.reading() as session:
        start = start_of(session, facility, period, viewer=desk.actor)
    content = template(form, facility=facility, quarter=period, cash_before=start.cash, open_loans=start.loans)
    file = _file(content, MEDIA_TYPES[form], f"return-{period}.{form}")
    file.headers.update({name: str(of) for name, of in zip(_START, (start.until, start.lacks), strict=True) if of})
    return file


@routes.get("/due")
def due(
    desk: ManagerOrIntermediary,
    known: Known,
    quarter: Annotated[str, Query(description="A calendar quarter, like 2012Q4.")],
) -> list[Lateness]:
    """Every return a quarter asks for: when it was due, whether it came, and how many days late."""
    with desk.reading() as session:
        return queries.lateness(session, Quarter.parse(quarter), known.of(session), viewer=desk.actor)


@routes.get("/{return_id}")
def return_(desk: ManagerOrIntermediary, return_id: str, known: Known) -> ReturnView:
    """One return, with its findings and its history."""
    with desk.reading() as session:
        return queries.return_(session, return_id, viewer=desk.actor, known=known.of(session))


@routes.get("/{return_id}/findings", response_class=Response)
def findings(
    desk: ManagerOrIntermediary,
    return_id: str,
    form: Annotated[Literal["json", "csv", "xlsx"], Query(alias="format")] = "json",
    by_rule: Annotated[bool, Query(alias="grouped", description="By rule.")] = False,  # noqa: FBT002 -- named in the query
) -> Response:
    """The findings: as JSON, as CSV, by rule, or as the workbook back with the findings written into it."""
    with desk.reading() as session:
        found = queries.findings(session, return_id, viewer=desk.actor)
        sent = queries.original(session, return_id, viewer=desk.actor) if form == "xlsx" else None
    if sent is not None:
        marked = with_findings(
            sent.data, found, as_format="xlsx", filename=sent.filename, content_type=sent.content_type
        )
        return _file(marked, MEDIA_TYPES["xlsx"], f"{return_id}-findings.xlsx")
    if form == "csv":
        return _file(findings_csv(found), "text/csv; charset=utf-8", f"{return_id}-findings.csv")
    if by_rule:
        return JSONResponse([group.model_dump(mode="json") for group in grouped(found)])
    return JSONResponse(findings_json(found))


@routes.get("/{return_id}/difference")
def changed(desk: ManagerOrIntermediary, return_id: str) -> Difference:
    """What a version changed, cell by cell and in total, against the one whose place it takes."""
    with desk.reading() as session:
        return difference(session, return_id, viewer=desk.actor)


@routes.get("/{return_id}/signs")
def signs(desk: FundManager, return_id: str) -> list[SignView]:
    """Signs that a loan may look better than it is; they prove nothing, and are not the intermediary's to see."""
    with desk.reading() as session:
        return signs_in(session, return_id, viewer=desk.actor)


@routes.get("/{return_id}/tie")
def tied(desk: ManagerOrIntermediary, return_id: str, known: Known) -> Tie:
    """What the facility owes the bank against what is out on loan, with every reason why the two differ."""
    with desk.reading() as session:
        return tie(session, return_id, viewer=desk.actor, known=known.of(session))


@routes.post("/{return_id}/attest")
def attest(desk: Intermediary, return_id: str, attestation: AttestIn, key: ActKey) -> ReturnView:
    """Attest a return that has no errors; only the intermediary that filed it can."""
    return commands.attest_return(desk, return_id=return_id, name=attestation.name, role=attestation.role, key=key)


@routes.post("/{return_id}/accept")
def accept(desk: FundManager, return_id: str, acceptance: AcceptIn, key: ActKey) -> Acceptance:
    """Accept an attested return: its movements are posted and tied to the facility in the same act."""
    return commands.accept_return(desk, return_id=return_id, explanation=acceptance.explanation, key=key)


@routes.post("/{return_id}/reject")
def reject(desk: FundManager, return_id: str, rejection: RejectIn, key: ActKey) -> ReturnView:
    """Turn down a return that has not been accepted, for a reason that the intermediary reads."""
    return commands.reject_return(desk, return_id=return_id, reason=rejection.reason, key=key)


def _quarter(text: str | None) -> Quarter | None:
    return None if text is None else Quarter.parse(text)


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
