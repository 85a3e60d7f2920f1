"""Who acts in the demonstration: five people of the bank and one of each intermediary, all invented."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from bank.demo.acts import OPENS_ON, Act, Stage
from bank.demo.partners import Facility, facilities
from bank.people.commands import add_person
from bank.people.queries import actor_of_person
from bank.people.rules import ADMINISTRATOR, FUND_MANAGER
from bank.wiring import OPERATOR
from intermediaries.register.commands import register_intermediary
from intermediaries.register.queries import Contact
from ledger.store.work import Desk

ADMIN: Final = "administrator"
PROPOSER: Final = "first fund manager"
APPROVER: Final = "second fund manager"
TRUSTEE: Final = "trustee"

PEOPLE: Final = {
    ADMIN: ("Una Harrowgate (invented)", "una@bank.example", ADMINISTRATOR),
    PROPOSER: ("Maya Quillfeather (invented)", "maya@bank.example", FUND_MANAGER),
    APPROVER: ("Tobias Wrenfield (invented)", "tobias@bank.example", FUND_MANAGER),
    TRUSTEE: ("Olive Sandiacre (invented)", "olive@bank.example", "trustee"),
    "auditor": ("Percy Nettlebed (invented)", "percy@bank.example", "auditor"),
}
"""Name, address and role of everybody at the bank. The administrator is added by the operator, the others by her."""

SIGNATORY_ROLE: Final = "Finance director"
_SIGNATORIES: Final = (
    "Ines Farrowby",
    "Jonas Peatling",
    "Cora Withymead",
    "Hugo Larkrise",
    "Nell Bramhope",
    "Silas Underhay",
    "Ada Millbeck",
    "Rufus Cowslip",
    "Thea Stonegrave",
)


def opening() -> Iterator[Act]:
    """The people of the bank, on the first day."""
    for who in PEOPLE:
        yield Act(OPENS_ON, 9, f"{who} added", partial(_add, who))


def registrations() -> Iterator[Act]:
    """Each intermediary enters the register on the day its facility is proposed, with the person who will attest."""
    for whole in facilities():
        yield Act(
            whole.terms.proposed_on,
            9,
            f"{whole.intermediary} registered",
            partial(_register, whole),
        )


def signatory(key: str) -> str:
    """Who attests the returns of a facility's intermediary."""
    places = {whole.key: place for place, whole in enumerate(facilities())}
    return f"{_SIGNATORIES[places[key]]} (invented)"


def _add(who: str, stage: Stage) -> None:
    name, email, role = PEOPLE[who]
    by = Desk(stage.database, stage.actors.get(ADMIN, OPERATOR))
    _enter(stage, who, by, name, email, roles=(role,))


def _register(whole: Facility, stage: Stage) -> None:
    name, email = signatory(whole.key), f"returns@{whole.key}.example"
    partner = register_intermediary(
        stage.desk(PROPOSER),
        name=whole.intermediary,
        kind=whole.kind,
        contacts=[Contact(name=name, role=SIGNATORY_ROLE, email=email)],
        key=f"{whole.key} registered",
    )
    stage.partners[whole.key] = partner.id
    _enter(stage, whole.key, stage.desk(ADMIN), name, email, intermediary=partner.id)


def _enter(
    stage: Stage,
    who: str,
    by: Desk,
    name: str,
    email: str,
    *,
    roles: tuple[str, ...] = (),
    intermediary: str | None = None,
) -> None:
    added = add_person(by, name=name, email=email, roles=roles, intermediary=intermediary)
    with by.reading() as session:
        stage.actors[who] = actor_of_person(session, added.id)
