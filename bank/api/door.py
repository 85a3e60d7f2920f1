"""What every route of the HTTP door shares: who calls, what they may ask, strict bodies, keys, times and cursors."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from unicodedata import category

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, JsonValue
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bank.api.problems import problem
from bank.people import queries as people
from ledger import queries
from ledger.dates import parse_day, parse_instant
from ledger.refusals import BadCursor, Malformed, NotAllowed, NotFound, Refusal
from ledger.store.database import Database, ReadSession
from ledger.store.work import Actor, Desk, spoken_roles
from ledger.strictjson import NotJson, read_json
from ledger.whole_numbers import place_in

ItemT = TypeVar("ItemT")

MOST_ITEMS: Final = 500
_USUAL_ITEMS: Final = 100


class Unauthenticated(Refusal):
    """No key, or none that opens anything: wrong, revoked and expired are one answer."""

    slug = "unauthenticated"
    status = 401


class KeyMissing(Refusal):
    """An act that moves money or files a return was sent without its idempotency key."""

    slug = "idempotency-key-required"
    status = 400


class BadQuery(Refusal):
    """A filter, cursor or limit that this list does not have."""

    slug = "bad-query"
    status = 400


class NotStrictJson(Malformed):
    """A body that is not the JSON we read."""

    slug = "not-json"
    status = 400


class In(BaseModel):
    """Base of every body that comes in: nothing beside what is declared, and nothing taken for what it is not."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def example(**members: JsonValue) -> ConfigDict:
    """What OpenAPI shows of a body: one that would be taken."""
    return ConfigDict(json_schema_extra={"examples": [members]})


class Page(BaseModel, Generic[ItemT]):
    """One page of a list, and where the next begins."""

    items: list[ItemT]
    next_cursor: str | None


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """The body as a document; refuses what two readers might understand differently."""
        if not hasattr(self, "_document"):
            try:
                self._document = read_json(await self.body())
            except NotJson as fault:
                raise NotStrictJson(f"The body cannot be read: {fault}") from fault
        return self._document


class StrictRoute(APIRoute):
    """A route that reads strictly, and refuses what no name holds and a query parameter it lacks or is given twice."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As any route, but a path that another route names in full is never taken for one with an id in it.

        /returns/nil is no return of that id: without this, reading it would be answered as if nothing were there.
        """
        another = "{" in self.path and scope["path"] in scope["app"].state.paths_in_full
        return (Match.NONE, {}) if another else super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The handler, behind the three checks."""
        handle = super().get_route_handler()
        known = query_names(self.dependant)
        takes_json = self.body_field is not None

        async def strict(request: Request) -> Response:
            _refuse_control_characters(request)
            names = [name for name, _ in request.query_params.multi_items()]
            odd = sorted(set(names) - known) or sorted({name for name in names if names.count(name) > 1})
            if odd:
                may = ", ".join(sorted(known)) or "none"
                what = "This list has no filter" if request.method == "GET" else "This takes no parameter"
                raise BadQuery(f"{what} {odd[0]!r:.60}, or not twice: it takes {may}", filter=odd[0])
            body = StrictRequest(request.scope, request.receive)
            # Read here, where a refusal is still ours: what is raised while the framework reads becomes its own 400.
            if await body.body() and "json" in request.headers.get("content-type", "") and takes_json:
                await body.json()
            return await handle(body)

        return strict


def _refuse_control_characters(request: Request) -> None:
    """Refuse an address with a character that no name here has, and that one of the databases takes for no text."""
    told = (*request.path_params.items(), *request.query_params.multi_items())
    for name, value in told:
        odd = next((character for character in f"{name}{value}" if category(character) == "Cc"), None)
        if odd is not None:
            raise BadQuery(
                f"The address holds U+{ord(odd):04X} in {name!r:.60}, and no name here has control characters"
            )


def query_names(dependant: Dependant) -> set[str]:
    """Every query parameter that a route or anything it depends on declares."""
    own = {field.alias for field in dependant.query_params}
    return own.union(*(query_names(below) for below in dependant.dependencies))


def router(prefix: str, tag: str) -> APIRouter:
    """A router of one room, strict in all its routes."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute)


_BEARER: Final = HTTPBearer(auto_error=False, description="A key issued with `bank key issue`.")


class Guard:
    """Who may use a route: the dependency that every guarded route declares, and that answers the caller's desk."""

    def __init__(self, *roles: str) -> None:
        self.roles = roles

    def __call__(
        self, request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> Desk:
        """The desk of the caller; refuses an unknown key (401) and a role that is not enough (403)."""
        database: Database = request.app.state.database
        actor = _caller(database, bearer)
        if self.roles and not actor.roles.intersection(self.roles):
            if actor.kind == "intermediary":
                # To an intermediary what is not its own is not there: no answer may tell that it exists.
                raise NotFound(f"There is nothing at {request.url.path[:200]}, or nothing that you may see")
            raise NotAllowed(f"This takes a key of {spoken_roles(self.roles)}", needs=sorted(self.roles))
        return Desk(database, actor)


def _caller(database: Database, bearer: HTTPAuthorizationCredentials | None) -> Actor:
    if bearer is not None:
        with database.reading() as session:
            actor = people.actor_for_secret(session, bearer.credentials.strip(), database.clock.now())
        if actor is not None:
            return actor
    raise Unauthenticated("Send a key that is in force: Authorization: Bearer bsb_…")


AnyKey = Annotated[Desk, Depends(Guard())]
FundManager = Annotated[Desk, Depends(Guard("fund-manager"))]
ManagerOrAdministrator = Annotated[Desk, Depends(Guard("fund-manager", "administrator"))]
Administrator = Annotated[Desk, Depends(Guard("administrator"))]
TrusteeOrManager = Annotated[Desk, Depends(Guard("trustee", "fund-manager"))]
AuditorOrManager = Annotated[Desk, Depends(Guard("auditor", "fund-manager"))]
BankStaff = Annotated[Desk, Depends(Guard("fund-manager", "trustee", "administrator", "auditor"))]
ManagerOrIntermediary = Annotated[Desk, Depends(Guard("fund-manager", "intermediary"))]
Intermediary = Annotated[Desk, Depends(Guard("intermediary"))]


def idempotency_key(
    idempotency_key: Annotated[
        str | None,
        Header(description="A new random key for each act; the same key again gives the same answer.", max_length=255),
    ] = None,
) -> str:
    """The key of an act that moves money or files a return; refuses its absence."""
    if not idempotency_key:
        raise KeyMissing(
            "This act needs an Idempotency-Key header: send a new random one, and the same one to try again"
        )
    return idempotency_key.strip('"')


ActKey = Annotated[str, Depends(idempotency_key)]


class Times:
    """The two times of a read, as asked: resolved against a session, and echoed in the answer."""

    def __init__(
        self,
        as_at: Annotated[str | None, Query(description="Effective to this day, inclusive; default today.")] = None,
        known_at: Annotated[
            str | None, Query(description="As known at this instant or place in the journal; default now.")
        ] = None,
    ) -> None:
        self._as_at = None if as_at is None else parse_day(as_at)
        self._known_at = None if known_at is None else point_of_knowledge(known_at)

    def as_at(self, session: ReadSession) -> date:
        """The day; today when none was asked."""
        return self._as_at or session.now.date()

    def known(self, session: ReadSession) -> queries.Known:
        """The point of knowledge; now when none was asked."""
        return queries.known(session, self._known_at)

    def asked(self, session: ReadSession) -> queries.Known | None:
        """The point of knowledge that was asked; with none, the present, in which what waits for its place counts."""
        return None if self._known_at is None else self.known(session)


TwoTimes = Annotated[Times, Depends(Times)]


def point_of_knowledge(text: str) -> datetime | int:
    """A place in the journal, or an instant."""
    place = place_in(text)
    return parse_instant(text) if place is None else place


class Knowing:
    """The point of knowledge of a read, as asked."""

    def __init__(
        self,
        known_at: Annotated[
            str | None, Query(description="As known at this instant or place in the journal; default now.")
        ] = None,
    ) -> None:
        self._known_at = None if known_at is None else point_of_knowledge(known_at)

    @property
    def named(self) -> datetime | int | None:
        """The point of knowledge as it was asked; none means now."""
        return self._known_at

    def of(self, session: ReadSession) -> queries.Known:
        """The point of knowledge; now when none was asked."""
        return queries.known(session, self._known_at)

    def asked(self, session: ReadSession) -> queries.Known | None:
        """The point of knowledge that was asked; with none, that of the cursor, or the present."""
        return None if self._known_at is None else self.of(session)


Known = Annotated[Knowing, Depends(Knowing)]
CursorQuery = Annotated[str | None, Query(description="Where the page before ended; opaque.", max_length=300)]
LimitQuery = Annotated[int, Query(ge=1, le=MOST_ITEMS)]


class Paging:
    """Where in a list to begin, and how much of it to give."""

    def __init__(
        self,
        cursor: Annotated[str | None, Query(description="Where the page before ended; opaque.", max_length=300)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ITEMS)] = _USUAL_ITEMS,
    ) -> None:
        self.after = None if cursor is None else _opened(cursor)
        self.limit = limit

    def page(self, items: Sequence[ItemT], place: Callable[[ItemT], object]) -> Page[ItemT]:
        """One page from items read one beyond the limit; `place` tells what the next page begins after."""
        shown = list(items[: self.limit])
        more = len(items) > self.limit
        return Page[Any](items=shown, next_cursor=_closed(str(place(shown[-1]))) if more else None)


Paged = Annotated[Paging, Depends(Paging)]


def _closed(place: str) -> str:
    return urlsafe_b64encode(place.encode()).decode("ascii").rstrip("=")


def _opened(cursor: str) -> str:
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("utf-8")
    except ValueError as fault:
        raise BadCursor("This cursor is not one of ours: take next_cursor of the page before, unchanged") from fault


async def raw_body(request: Request) -> bytes:
    """The body as it came, for files."""
    return await request.body()


class BodyLimit:
    """Stops a request body at a number of bytes, counted as they come, whatever its headers say."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most:
                raise TooLarge(self._sentence)
            return message

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self.most:
            await self._refuse(scope, receive, send)
            return
        await self.app(scope, counted, send)

    @property
    def _sentence(self) -> str:
        return f"The body is larger than {self.most} bytes: send less, or a return in parts"

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        await problem(TooLarge.status, TooLarge.slug, self._sentence)(scope, receive, send)


class TooLarge(Refusal):
    """The body went beyond its limit."""

    slug = "too-large"
    status = 413
