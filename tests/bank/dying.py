"""A worker in a process of its own that dies at its work. It stands apart from the tests, which take long to load."""

from __future__ import annotations

import os
import signal
from datetime import datetime

from bank.jobs.working import work_on
from bank.publishing.ordering import Publisher
from bank.wiring import OPERATOR
from ledger.dates import SetClock
from ledger.store.database import Database
from ledger.store.work import Desk
from reports.document import Document


def typeset_elsewhere(document: Document) -> bytes:
    return b"typeset elsewhere: " + document.data_sha256.encode()


def dies(url: str, now: datetime, job: str, at_step: str) -> None:
    """Killed as soon as it has said a step."""
    desk = Desk(Database.open(url, clock=SetClock(now)), OPERATOR)

    def heard(step: str) -> None:
        if step == at_step:
            os.kill(os.getpid(), signal.SIGKILL)

    work_on(desk, job, Publisher(typeset=typeset_elsewhere), heard=heard)
