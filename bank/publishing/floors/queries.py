"""Looks at the floors: those proposed, and the one in force for a form on a day."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from sqlalchemy import select

from bank.publishing.floors.model import DisclosureFloor, DisclosureFloorApproval
from bank.publishing.floors.rules import FLOORED, NoFloor, NoSuchFloor
from bank.publishing.rules import Form
from ledger.dates import parse_day
from ledger.queries import Known, known
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View


class FloorView(View):
    """A floor as proposed and, once another fund manager agreed, approved."""

    id: str
    form: str
    fewest: int
    most_of_one: Decimal | None
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


def disclosure_floors(session: ReadSession, *, at: Known | None = None) -> list[FloorView]:
    """Every floor proposed, with its approval if it has one, in the order proposed."""
    then = at or known(session)
    link = DisclosureFloorApproval.floor_id
    told = proposals(session, DisclosureFloor, DisclosureFloorApproval, link, then.instant)
    return [_shown(*each) for each in told]


def disclosure_floor(session: ReadSession, wanted: str) -> FloorView:
    """A floor by its id; refuses an unknown one."""
    for each in disclosure_floors(session):
        if each.id == wanted:
            return each
    raise NoSuchFloor(f"There is no floor {wanted!r:.60}: `bank statement floor` lists them")


class Floor(NamedTuple):
    """What holds a form: of how many borrowers a group is at the least, and what one of them may be of its pounds."""

    fewest: int
    most_of_one: Decimal | None = None


def fewest_on(session: ReadSession, form: Form, day: date) -> int:
    """Of how many borrowers a group is, at the least, that the form names on a day; 0 for a form that names all."""
    return floor_on(session, form, day).fewest


def floor_on(session: ReadSession, form: Form, day: date) -> Floor:
    """What holds a form on a day; a form that names all has a floor of 0.

    It is what two people agreed to: of the floors begun the last, and the later approved of two; and until they did,
    what is listed with its source. Refuses a form that has neither (`NoFloor`).
    """
    if form not in FLOORED:
        return Floor(0)
    found = session.execute(
        select(DisclosureFloor.fewest, DisclosureFloor.most_of_one)
        .join(DisclosureFloorApproval, DisclosureFloorApproval.floor_id == DisclosureFloor.id)
        .where(DisclosureFloor.form == form, DisclosureFloor.from_on <= day)
        .order_by(DisclosureFloor.from_on.desc(), DisclosureFloorApproval.recorded_at.desc())
        .limit(1)
    ).first()
    return Floor(found.fewest, found.most_of_one) if found is not None else Floor(listed_on(form, day))


def listed_on(form: Form, day: date) -> int:
    """The floor in force on a day of the list that is shipped with its source; refuses a form that is not in it."""
    begun = [(from_on, fewest) for of, from_on, fewest in _listed() if of == form and from_on <= day]
    if not begun:
        raise NoFloor(
            f"Nobody has agreed yet of how few borrowers the {form} form may tell on {day}: propose it with `bank "
            f"statement floor --for {form} --fewest … --from … --basis …`, and have another fund manager approve it",
            form=form,
        )
    return max(begun)[1]


@lru_cache(maxsize=1)
def _listed() -> tuple[tuple[str, date, int], ...]:
    text = files("bank.publishing.floors").joinpath("floors.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), strict=True)
    return tuple((row["form"], parse_day(row["from_on"]), int(row["fewest"])) for row in rows)


def _shown(row: DisclosureFloor, agreed: DisclosureFloorApproval | None, ended: ProposalOutcome | None) -> FloorView:
    return FloorView(
        id=row.id,
        form=row.form,
        fewest=row.fewest,
        most_of_one=row.most_of_one,
        from_on=row.from_on,
        basis=row.basis,
        **outcome_of(row, agreed, ended),
    )
