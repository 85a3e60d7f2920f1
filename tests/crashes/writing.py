"""A client in a process of its own: it sends its acts, and each again under its key until it is answered."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from itertools import count
from multiprocessing.connection import Connection
from threading import Event
from typing import Final

from sqlalchemy import text

from bank.wiring import OPERATOR, metadata
from ledger import placing
from ledger.periods import GatesFailed
from ledger.store import durability
from ledger.store.database import Database, DatabaseUnusable
from ledger.store.mishaps import ConnectionLost
from ledger.store.work import Busy, Desk
from tests.crashes.acts import Act, Answer, Course, do

BEGUN: Final = b"begun "
"""Before each act a client says that it begins; after it, the answer it was given."""

_PAUSE_S: Final = 0.05


def write(url: str, course: Course, done: int, told: Connection) -> None:
    """Do a course from an act on, whatever becomes of the server meanwhile, and tell of each act, until killed."""
    metadata()
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # that the server is gone is no news here
    desk = Desk(_opened(url), OPERATOR)
    for number in count(done):
        act = course.act(number)
        told.send_bytes(BEGUN + str(number).encode())
        answer = insist(desk, act)
        told.send_bytes(answer.model_dump_json().encode())


def insist(desk: Desk, act: Act) -> Answer:
    """Send an act until it is answered; a quarter is closed once nothing that waits stands in its way."""
    while True:
        try:
            return do(desk, act)
        except (Busy, ConnectionLost, GatesFailed):
            time.sleep(_PAUSE_S)


def refuse_lesser(url: str) -> None:
    """Refuse a server that does not flush: what is lost on it proves nothing, and neither does what is kept."""
    opened = Database.open(url)
    with opened.reading() as session:
        faults = durability.lacking(session)
    opened.close()
    if faults:
        raise RuntimeError(f"this server is no place to try durability on: {'; '.join(faults)}")


def settle(desk: Desk) -> list[str]:
    """Place all that waits; tells of what has its place and waits for it all the same."""
    with desk.reading() as session:
        twice = session.scalars(
            text("SELECT w.key FROM waiting_entry w JOIN entry e ON e.book_id = w.book_id AND e.key = w.key")
        ).all()
    while desk.database.dialect == "postgresql" and placing.place_waiting(desk).waiting:
        pass
    return [f"{key} has its place, and waits for it" for key in twice]


def _opened(url: str) -> Database:
    while True:
        try:
            return Database.open(url)
        except DatabaseUnusable:
            time.sleep(_PAUSE_S)


def place(url: str) -> None:
    """Place what waits, whatever becomes of the server meanwhile, until killed."""
    metadata()
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    desk = Desk(_opened(url), OPERATOR)
    placing.place_until(desk, Event(), timedelta(seconds=_PAUSE_S), told=lambda _: None, failed=lambda _: None)
