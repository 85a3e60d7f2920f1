"""One command, one transaction, one line in the trail: who acts, where, and how a unit of work is run and run again."""

from __future__ import annotations

import hashlib
import inspect
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, Final, Literal, ParamSpec, TypeVar, cast

from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DBAPIError

from ledger.refusals import NotAllowed, Refusal
from ledger.store import keys, mishaps
from ledger.store.database import Database, ReadSession, WriteSession, may_be_tried_again, names_what_is_there
from ledger.store.holding import announce
from ledger.words import refuse_unreadable

_TRIES: Final = 8
_TRIES_FOR_A_NAME: Final = 2
"""Two at once may both have looked for a name, found it free and taken it: whoever came second looks again, and finds
it. A name that is still taken without having been seen is a fault of ours."""
_PAUSE_S: Final = 0.02

P = ParamSpec("P")
V = TypeVar("V", bound=BaseModel)
T = TypeVar("T")


class View(BaseModel):
    """What commands answer and queries give to doors: a frozen record that writes itself as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Busy(Refusal):
    """The database kept asking for another try."""

    slug = "busy"
    status = 503


def a_role(role: str) -> str:
    """A role in words, with its article: a fund manager, an auditor."""
    return f"{'an' if role[:1] in set('aeiou') else 'a'} {role.replace('-', ' ')}"


def spoken_roles(roles: Iterable[str]) -> str:
    """Roles of which one will do, in words."""
    return " or ".join(map(a_role, roles))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who really acts: a person of the bank, an intermediary, or the operator at the machine itself."""

    kind: Literal["person", "intermediary", "operator"]
    id: str
    name: str
    roles: frozenset[str] = frozenset()
    intermediary: str | None = None
    credential: str | None = None

    def require(self, *roles: str) -> None:
        """Pass when the actor holds one of the roles; otherwise refuse, saying which would do."""
        if not self.roles.intersection(roles):
            raise NotAllowed(
                f"{self.name} may not do this: it takes {spoken_roles(roles)}", actor=self.id, needs=sorted(roles)
            )


@dataclass(frozen=True, slots=True)
class Desk:
    """A place to work at: a database and the actor who sits there."""

    database: Database
    actor: Actor

    @contextmanager
    def reading(self) -> Iterator[ReadSession]:
        """One consistent look."""
        with self.database.reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Work]:
        """One unit of work, whole or not at all; without the retries that `command` adds."""
        with self.database.writing() as session:
            announce(session)
            work = Work(session, self.database, self.actor, self.database.clock.now())
            yield work
            work.check_trail()

    def tried(self, attempt: Callable[[Work], T]) -> T:
        """One unit of work, run again as a whole when the database asks for it: a bounded number of times, jittered."""
        for trial in range(_TRIES):
            try:
                with self.writing() as work:
                    return attempt(work)
            except DBAPIError as problem:
                if not (may_be_tried_again(problem) or (trial < _TRIES_FOR_A_NAME and names_what_is_there(problem))):
                    raise mishaps.told(problem) or problem from problem.orig
                time.sleep(_PAUSE_S * 2**trial * random.random())  # noqa: S311 -- jitter, not a secret
        raise Busy("The books are busy: nothing was done, send the same request again in a moment")


@dataclass(slots=True)
class Work:
    """An open unit of work: the session, the actor, and the one instant at which all of it happens."""

    session: WriteSession
    database: Database
    actor: Actor
    now: datetime
    lines_written: int = 0
    acts: list[str] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day of `now`, in UTC."""
        return self.now.date()

    def new_id(self, prefix: str) -> str:
        """A fresh identifier such as ``fac_…``."""
        return self.database.identifiers.new(prefix)

    def check_trail(self) -> None:
        """No act without its line: a command that wrote none does not commit."""
        if self.acts and not self.lines_written:
            raise RuntimeError(f"{', '.join(self.acts)} left no line in the trail")


def command(verb: Callable[Concatenate[Work, P], V]) -> Callable[Concatenate[Desk | Work, P], V]:
    """Make a function a command: given a desk it runs in a transaction of its own, given open work it joins that.

    A transaction the database asks to have again is run again as a whole, a bounded number of times with a random
    pause. A keyword argument `key` makes the command idempotent for its actor: the same key with the same arguments
    answers the first answer again, and with other arguments is refused (`KeyReused`). The key is claimed in the same
    transaction as everything else, so neither can be there without the other.

    Here every text that anybody tells comes in, by whichever door: one that cannot be read is refused.
    """
    name = f"{verb.__module__}.{verb.__name__}"
    answer_type: type[V] = inspect.signature(verb, eval_str=True).return_annotation

    def act(work: Work, args: tuple[Any, ...], kwargs: dict[str, Any]) -> V:
        work.acts.append(name)
        key = kwargs.get("key")
        if key is None:
            refuse_unreadable({"text": args, **kwargs})
            return verb(work, *args, **kwargs)
        claim = keys.claim(work.session, f"{work.actor.id} {name}", str(key), _fingerprint(args, kwargs), work.now)
        if claim.answer is not None:
            work.acts.remove(name)
            return answer_type.model_validate_json(claim.answer)
        refuse_unreadable({"text": args, **kwargs})
        answer = verb(work, *args, **kwargs)
        keys.keep_answer(work.session, claim, answer.model_dump_json())
        return answer

    def run(desk: Desk | Work, /, *args: P.args, **kwargs: P.kwargs) -> V:
        if isinstance(desk, Work):
            return act(desk, args, kwargs)
        return desk.tried(lambda work: act(work, args, kwargs))

    return cast("Callable[Concatenate[Desk | Work, P], V]", wraps(verb)(run))


def _fingerprint(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    content = {name: value for name, value in kwargs.items() if name != "key"}
    written = json.dumps([args, content], sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(written.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, BaseModel):
        return value.model_dump_json()
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    return str(value)
