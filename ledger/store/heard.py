"""What a unit of work has asked of its database and need not ask again: until it writes, or waits for somebody else.

Between two plain questions of one transaction only chance decides whether what another commits meanwhile is seen. What
must be seen is asked for behind a lock; and a lock, like everything that writes, forgets what was heard before it.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

_HEARD: Final = "heard in this unit of work"
_QUESTION: Final = re.compile(r"\s*(SELECT|WITH)\b", re.ASCII)
_CHANGES_OR_WAITS: Final = re.compile(
    r"\b(insert|update|delete|merge|into|books_\w+|\w*_lock\w*|set_config|nextval|setval)\b|\bfor\s+(no|key|share)\b",
    re.ASCII | re.IGNORECASE,
)


def heard(session: Session) -> dict[str, Any]:
    """What this unit of work has heard, by name; what is put in is there until it writes, or waits for another."""
    session.flush()
    found: dict[str, Any] = session.connection().info.setdefault(_HEARD, {})
    return found


def forget(info: MutableMapping[Any, Any] | None, statement: str = "") -> None:
    """Forget what was heard on a connection of these particulars, unless the statement is a plain question."""
    if info and not (statement and _is_plain(statement)):
        info.pop(_HEARD, None)


def listen(engine: Engine) -> None:
    """Forget at the beginning of every transaction, and at each statement that is more than a question."""
    event.listen(engine, "begin", _begins)
    event.listen(engine, "before_cursor_execute", _asks)


@lru_cache(maxsize=4096)
def _is_plain(statement: str) -> bool:
    return bool(_QUESTION.match(statement)) and not _CHANGES_OR_WAITS.search(statement)


def _begins(connection: Connection) -> None:
    forget(connection.info)


def _asks(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
    del cursor
    forget(connection.info, statement)
