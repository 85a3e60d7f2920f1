from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from bank.people.commands import (
    EmailTaken,
    LastAdministrator,
    UnknownIntermediary,
    add_person,
    issue_key,
    revoke_key,
    set_roles,
)
from bank.people.queries import NoSuchPerson, actor_for_secret, actor_of_person, keys, people
from bank.people.rules import BadKeyRequest, BadPerson, read_bearer, sound_email, sound_roles
from ledger import trail
from ledger.refusals import NotAllowed
from ledger.store.work import Actor
from tests.bank.small_bank import SmallBank


def shown(small_bank: SmallBank, secret: str) -> Actor | None:
    with small_bank.database.reading() as session:
        return actor_for_secret(session, secret, small_bank.clock.now())


def test_a_key_opens_as_its_person_with_the_persons_roles(small_bank: SmallBank) -> None:
    issued = issue_key(small_bank.operator, person="maya@bank.example")
    actor = shown(small_bank, issued.secret)
    assert actor is not None
    assert (actor.kind, actor.id, actor.roles) == (
        "person",
        small_bank.maya.actor.id,
        frozenset({"fund-manager"}),
    )
    assert actor.credential == issued.key.id


def test_two_keys_of_one_person_are_one_actor(small_bank: SmallBank) -> None:
    first, second = (issue_key(small_bank.operator, person="maya@bank.example") for _ in range(2))
    one, other = shown(small_bank, first.secret), shown(small_bank, second.secret)
    assert one is not None
    assert other is not None
    assert one.id == other.id
    assert one.credential != other.credential


def test_nothing_in_the_database_holds_the_secret(small_bank: SmallBank) -> None:
    issued = issue_key(small_bank.operator, person="maya@bank.example")
    secret = issued.secret.rsplit("_", 1)[1]
    with small_bank.database.reading() as session:
        tables = ("access_key", "trail", "key_answer", "key_claim")
        dump = "".join(str(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}")))  # noqa: S608 -- our own tables
    assert secret not in dump
    assert secret[:16] not in dump
    assert issued.key.last_four == secret[-4:]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda secret: secret[:-1] + ("0" if secret[-1] != "0" else "1"),
        lambda secret: secret.upper(),
        lambda secret: secret + "0",
        lambda secret: secret.replace("bsb_", "bsb-"),
        lambda secret: "bsb_" + "a" * 16 + secret[20:],
        lambda _: "",
        lambda _: "x" * 100_000,
        lambda secret: secret + "\n",
    ],
)
def test_what_is_not_quite_the_secret_opens_nothing(small_bank: SmallBank, spoil: object) -> None:
    issued = issue_key(small_bank.operator, person="maya@bank.example")
    assert callable(spoil)
    assert shown(small_bank, spoil(issued.secret)) is None
    assert shown(small_bank, issued.secret) is not None


def test_a_revoked_key_opens_nothing_from_then_on(small_bank: SmallBank) -> None:
    issued = issue_key(small_bank.operator, person="maya@bank.example")
    revoked = revoke_key(small_bank.operator, id=issued.key.id, reason="laptop lost")
    assert revoked.revoked_at is not None
    assert shown(small_bank, issued.secret) is None
    assert revoke_key(small_bank.operator, id=issued.key.id).revoked_at == revoked.revoked_at


def test_an_expired_key_opens_nothing(small_bank: SmallBank) -> None:
    issued = issue_key(small_bank.operator, person="maya@bank.example", days=1)
    now = small_bank.clock.now()
    small_bank.clock.set(now + timedelta(days=1) - timedelta(microseconds=1))
    assert shown(small_bank, issued.secret) is not None
    small_bank.clock.set(now + timedelta(days=1))
    assert shown(small_bank, issued.secret) is None


def test_a_key_may_be_narrower_than_its_person(small_bank: SmallBank) -> None:
    small_bank.person("both", "fund-manager", "auditor")
    narrow = issue_key(small_bank.operator, person="both@bank.example", scopes=["auditor"])
    actor = shown(small_bank, narrow.secret)
    assert actor is not None
    assert actor.roles == frozenset({"auditor"})
    with pytest.raises(BadKeyRequest, match="fund-manager, auditor"):
        issue_key(small_bank.operator, person="both@bank.example", scopes=["administrator"])


def test_a_key_follows_its_persons_roles(small_bank: SmallBank) -> None:
    small_bank.person("both", "fund-manager", "auditor")
    issued = issue_key(small_bank.operator, person="both@bank.example")
    set_roles(small_bank.operator, person="both@bank.example", roles=["auditor"], reason="moved to audit")
    actor = shown(small_bank, issued.secret)
    assert actor is not None
    assert actor.roles == frozenset({"auditor"})


def test_an_intermediarys_key_and_its_people_act_for_it_and_hold_no_role(small_bank: SmallBank) -> None:
    lender = small_bank.lender()
    person = add_person(small_bank.operator, name="Sam", email="sam@lender.example", intermediary=lender)
    for issued in (
        issue_key(small_bank.operator, intermediary=lender, label="Nightly upload"),
        issue_key(small_bank.operator, person=person.id),
    ):
        actor = shown(small_bank, issued.secret)
        assert actor is not None
        assert (actor.kind, actor.intermediary, actor.roles) == ("intermediary", lender, frozenset({"intermediary"}))
    with small_bank.database.reading() as session:
        assert len(keys(session, intermediary=lender)) == 1
        assert len(keys(session, person=person.id)) == 1


def test_an_unknown_intermediary_gets_no_key(small_bank: SmallBank) -> None:
    with pytest.raises(UnknownIntermediary):
        issue_key(small_bank.operator, intermediary="int_nobody")
    with pytest.raises(UnknownIntermediary):
        issue_key(small_bank.operator, intermediary="bank")


def test_a_key_has_exactly_one_holder(small_bank: SmallBank) -> None:
    for person, intermediary in ((None, None), ("maya@bank.example", "int_x")):
        with pytest.raises(BadKeyRequest, match="one of them"):
            issue_key(small_bank.operator, person=person, intermediary=intermediary)


@pytest.mark.parametrize("days", [0, -1, 731])
def test_a_key_lives_neither_for_ever_nor_not_at_all(small_bank: SmallBank, days: int) -> None:
    with pytest.raises(BadKeyRequest, match="between 1 and 730"):
        issue_key(small_bank.operator, person="maya@bank.example", days=days)


def test_only_an_administrator_or_the_operator_adds_people(small_bank: SmallBank) -> None:
    with pytest.raises(NotAllowed, match="administrator"):
        add_person(small_bank.maya, name="Eve", email="eve@bank.example", roles=["administrator"])
    with pytest.raises(NotAllowed):
        issue_key(small_bank.maya, person="tom@bank.example")
    add_person(small_bank.desks["ada"], name="Eve", email="eve@bank.example", roles=["auditor"])
    with small_bank.database.reading() as session:
        line = trail.lines(session, action="person.add")[-1]
        first = trail.lines(session, action="person.add")[0]
    assert (line.actor_kind, line.actor) == ("person", small_bank.desks["ada"].actor.id)
    assert first.actor_kind == "operator"


def test_one_address_is_one_person_however_it_is_written(small_bank: SmallBank) -> None:
    with pytest.raises(EmailTaken):
        add_person(small_bank.operator, name="Maya again", email=" MAYA@bank.example ", roles=["auditor"])
    with small_bank.database.reading() as session:
        assert sorted(person.name for person in people(session)) == ["Ada", "Iris", "Maya", "Tom"]


def test_nobody_acts_who_is_not_there(small_bank: SmallBank) -> None:
    with small_bank.database.reading() as session, pytest.raises(NoSuchPerson):
        actor_of_person(session, "nobody@bank.example")


def test_the_last_administrator_stays_one(small_bank: SmallBank) -> None:
    with pytest.raises(LastAdministrator):
        set_roles(small_bank.operator, person="ada@bank.example", roles=["auditor"], reason="leaving")


@pytest.mark.parametrize("roles", [[], ["king"], ["operator"], ["intermediary"]])
def test_a_person_of_the_bank_holds_roles_that_exist(roles: list[str]) -> None:
    with pytest.raises(BadPerson):
        sound_roles(roles, None)


@pytest.mark.parametrize("email", ["", "maya", "maya@", "@bank", "a b@bank.example", "a@b@c", "maya@bank\n.example"])
def test_what_cannot_be_an_address_is_refused(email: str) -> None:
    with pytest.raises(BadPerson):
        sound_email(email)


def test_a_bearer_of_another_shape_is_not_looked_up() -> None:
    assert read_bearer("Bearer bsb_x_y") is None
    found = read_bearer("bsb_" + "a" * 16 + "_" + "0" * 64)
    assert found is not None
    assert found.key_id == "key_" + "a" * 16
