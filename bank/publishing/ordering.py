"""A statement ordered as a job: what it knows is fixed when it is asked for, so that every try makes the same one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from bank.jobs import commands as jobs
from bank.jobs.queries import JobView
from bank.jobs.working import Say
from bank.publishing.commands import Draft, Wanted, drafted, file_statement, seal_statement
from bank.publishing.floors.queries import Floor, floor_on
from bank.publishing.model import Statement
from bank.publishing.queries import last_caution
from bank.publishing.rules import (
    PUBLISHERS,
    TRUSTEES,
    refuse_early,
    refuse_open,
    sound_form,
    sound_kind,
    statement_id,
)
from bank.publishing.vouching import Notary
from ledger import queries
from ledger.dates import Quarter, instant_text, parse_instant
from ledger.queries import Known
from ledger.settling import settled
from ledger.store.work import Desk, Work, command
from reports.document import Document
from reports.sealing import Press
from reports.typeset import apart

STATEMENT: Final = "statement"
"""The kind of job."""
STEPS: Final = ("gathered", "typeset", "filed", "sealed")
"""What is done one after the other; the last only where there is a key to seal with."""


@command
def order(
    work: Work,
    *,
    kind: str,
    quarter: Quarter,
    form: str = TRUSTEES,
    known_at: datetime | int | None = None,
    caution: str | None = None,
    key: str | None = None,
) -> JobView:
    """Order the statement of a closed quarter, as known at an instant or a place in the journal; now unless told.

    Takes a fund manager or the operator. What it knows, its caution, its form and the floor of that are fixed here,
    whenever it is made. Refuses what `publish` refuses: an open quarter, a moment of knowledge before the quarter's
    end, and a form of whose floor nothing is agreed.
    """
    del key
    work.actor.require(*PUBLISHERS)
    refuse_open(quarter, queries.quarter_state(work.session, quarter))
    known = settled(work.session, known_at)
    refuse_early(quarter, known.instant)
    floor = floor_on(work.session, sound_form(form), work.today)
    arguments = {
        "kind": sound_kind(kind),
        "form": sound_form(form),
        "fewest": floor.fewest,
        **({} if floor.most_of_one is None else {"most_of_one": str(floor.most_of_one)}),
        "quarter": str(quarter),
        "known_seq": known.seq,
        "known_at": instant_text(known.instant),
        "caution": last_caution(work.session) if caution is None else caution,
    }
    return jobs.ask(work, kind=STATEMENT, arguments=arguments)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Does what was ordered, with the keys of this machine: the act of a job."""

    notary: Notary | None = None
    press: Press | None = None
    typeset: Callable[[Document], bytes] = apart.render

    @property
    def steps(self) -> tuple[str, ...]:
        """What will be said on the way, in order."""
        return STEPS if self.press is not None else STEPS[:-1]

    def __call__(self, desk: Desk, arguments: Mapping[str, Any], say: Say) -> str:
        """Gather, typeset, file and seal; what an earlier try has filed or sealed stays, and is not done again."""
        known = Known(int(arguments["known_seq"]), parse_instant(arguments["known_at"]))
        form = sound_form(arguments.get("form", TRUSTEES))  # a job ordered before there were forms does not say
        quarter = Quarter.parse(arguments["quarter"])
        wanted = Wanted(arguments["kind"], quarter, known, form, _floor_of(arguments))
        made = statement_id(sound_kind(wanted.kind), quarter, known.seq, known.instant, arguments["caution"], form)
        with desk.reading() as session:
            there = session.get(Statement, made) is not None
            draft = None if there else drafted(session, wanted, caution=arguments["caution"], notary=self.notary)
        if draft is not None:
            self._file(desk, draft, say)
        if self.press is not None:
            seal_statement(desk, made, self.press)
            say("sealed")
        return made

    def _file(self, desk: Desk, draft: Draft, say: Say) -> None:
        say("gathered")
        blob = self.typeset(draft.document)
        say("typeset")
        file_statement(desk, draft, blob)
        say("filed")


def _floor_of(arguments: Mapping[str, Any]) -> Floor | None:
    """The floor that was in force when it was ordered; a job ordered before there were floors does not say."""
    if "fewest" not in arguments:
        return None
    most = arguments.get("most_of_one")
    return Floor(arguments["fewest"], None if most is None else Decimal(most))
