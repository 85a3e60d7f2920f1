from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from intermediaries.frontline.commands import (
    LockDoesNotFit,
    NothingToJoin,
    ReasonNeeded,
    decide_governance_test,
    ensure_organisation,
    ensure_organisations,
    join_organisations,
    record_asset_lock,
)
from intermediaries.frontline.identifiers import canonical, problems_with, registration
from intermediaries.frontline.queries import (
    NoSuchOrganisation,
    bodies,
    count_held,
    holders,
    organisation,
    organisation_by,
    organisation_named,
    organisations,
)
from intermediaries.frontline.rules import AssetLock, Basis, Filing, LockKind, TwoOrganisations
from ledger import trail
from ledger.dates import SetClock
from ledger.refusals import NotAllowed, Refusal
from ledger.store.database import Database
from ledger.store.work import Actor, Busy, Desk

CHARITY = "GB-CHC-1164883"
COMPANY = "GB-COH-09506232"
SOCIETY = "GB-MPR-7783"
AWARDS = Path(__file__).parents[2].parent / "shared" / "data" / "tapes" / "power-to-change-grants.json"


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, Actor("person", "per_1", "Ada Test", frozenset({"fund-manager"})))


def met(
    desk: Desk, *identifiers: str, name: str = "Quillmere Pantry", form: str = "CLG", told_by: str = "int_a"
) -> str:
    with desk.writing() as work:
        return ensure_organisation(work, name=name, legal_form=form, identifiers=identifiers, told_by=told_by)


def test_a_body_under_two_intermediaries_is_one_organisation_found_through_any_identifier(desk: Desk) -> None:
    first = met(desk, COMPANY)
    second = met(desk, CHARITY, COMPANY, told_by="int_b", name="The Quillmere Pantry")
    third = met(desk, CHARITY, told_by="int_c", name="Quillmere Pantry Ltd")
    assert first == second == third
    assert first.startswith("org_")
    with desk.reading() as session:
        shown = organisation(session, first)
        assert shown.identifiers == (CHARITY, COMPANY)
        assert shown.identifier == COMPANY
        assert shown.asset_lock is AssetLock.LOCKED
        assert organisation_by(session, CHARITY) == organisation_by(session, COMPANY) == first
        assert organisation_by(session, SOCIETY) is None


def test_meeting_the_same_filing_again_adds_nothing_and_writes_one_line(desk: Desk) -> None:
    one = met(desk, COMPANY)
    assert met(desk, COMPANY) == one
    with desk.reading() as session:
        assert count_held(session) == 1
        assert [line.subject for line in trail.lines(session, action="organisation.meet")] == [one]


def test_a_whole_return_is_met_at_once_and_knows_its_own_repeats(desk: Desk) -> None:
    filings = [
        Filing("A", "CIO", (CHARITY,), "int_a"),
        Filing("B", "BENCOM", ("GB-COH-RS007783",), "int_a"),
        Filing("A again", "CIO", (CHARITY, COMPANY), "int_a"),
        Filing("Friends of the Green", "UNINC", (), "int_a"),
        Filing("Friends of the Green", "UNINC", (), "int_a"),
    ]
    with desk.writing() as work:
        a, b, again, friends, same_friends = ensure_organisations(work, filings)
    assert a == again
    assert friends == same_friends
    assert len({a, b, friends}) == 3
    assert met(desk, SOCIETY, name="B", form="BENCOM") == b


def test_a_large_return_is_met_whole(desk: Desk) -> None:
    filings = [Filing(f"Body {n}", "CLG", (f"GB-COH-{n:08d}",), "int_a") for n in range(1, 1201)]
    with desk.writing() as work:
        first = ensure_organisations(work, filings)
    with desk.writing() as work:
        assert ensure_organisations(work, filings) == first
    with desk.reading() as session:
        assert len(organisations(session, first)) == len(set(first)) == 1200


def test_a_filing_that_names_two_organisations_is_refused_and_changes_nothing(desk: Desk) -> None:
    one, two = met(desk, COMPANY), met(desk, CHARITY, told_by="int_b")
    with pytest.raises(TwoOrganisations):
        met(desk, COMPANY, CHARITY, SOCIETY)
    with desk.reading() as session:
        assert organisation(session, one).identifiers == (COMPANY,)
        assert organisation(session, two).identifiers == (CHARITY,)
        assert organisation_by(session, SOCIETY) is None


def test_two_returns_that_meet_one_body_in_the_same_moment_never_make_it_two(desk: Desk) -> None:
    def second() -> str:
        try:
            return met(desk, CHARITY, COMPANY, told_by="int_b")
        except Busy:
            return met(desk, CHARITY, COMPANY, told_by="int_b")

    with ThreadPoolExecutor(1) as other:
        with desk.writing() as work:
            first = ensure_organisation(work, name="Pantry", legal_form="CLG", identifiers=(COMPANY,), told_by="int_a")
            racing = other.submit(second)
            time.sleep(0.3)
        assert racing.result(timeout=20) == first
    with desk.reading() as session:
        assert count_held(session) == 1
        assert organisation(session, first).identifiers == (CHARITY, COMPANY)


def test_two_organisations_that_prove_one_are_joined_and_then_the_filing_is_taken(desk: Desk) -> None:
    one, two = met(desk, COMPANY), met(desk, CHARITY, told_by="int_b", name="Pantry")
    joined = join_organisations(desk, kept=one, absorbed=two, reason="the charity's own page gives both numbers")
    assert joined.id == one
    assert joined.identifiers == (CHARITY, COMPANY)
    assert met(desk, COMPANY, CHARITY) == one
    with desk.reading() as session:
        assert organisation(session, two).id == one
        assert count_held(session) == 1
        assert trail.lines(session, action="organisation.join")[0].facts == {"absorbed": two}
    with pytest.raises(NothingToJoin):
        join_organisations(desk, kept=two, absorbed=one, reason="again")


def test_what_was_known_before_is_still_what_was_known_then(desk: Desk, clock: SetClock) -> None:
    one = met(desk, COMPANY, name="Old Name")
    before = clock.now()
    clock.set(before + timedelta(days=90))
    met(desk, COMPANY, CHARITY, name="New Name")
    with desk.reading() as session:
        assert organisation(session, one, before).name == "Old Name"
        assert organisation(session, one, before).identifiers == (COMPANY,)
        assert organisation(session, one).name == "New Name"
        assert organisations(session, [one], before - timedelta(days=1)) == {}


def test_a_passed_governance_test_makes_a_company_eligible(desk: Desk) -> None:
    one = met(desk, COMPANY)
    with desk.reading() as session:
        assert organisation(session, one).eligibility is Basis.UNDECIDED
    shown = decide_governance_test(desk, organisation_id=one, passed=True, evidence="articles 3, 7 and 41 read")
    assert shown.eligibility is Basis.GOVERNANCE_TEST
    assert decide_governance_test(desk, organisation_id=one, passed=False, evidence="articles changed").eligibility is (
        Basis.UNDECIDED
    )


def test_decisions_take_a_fund_manager_and_words(desk: Desk, database: Database) -> None:
    one, two = met(desk, COMPANY), met(desk, CHARITY)
    with pytest.raises(ReasonNeeded):
        join_organisations(desk, kept=one, absorbed=two, reason=" ")
    with pytest.raises(ReasonNeeded):
        decide_governance_test(desk, organisation_id=one, passed=True, evidence="")
    trustee = Desk(database, Actor("person", "per_2", "Tess Test", frozenset({"trustee"})))
    with pytest.raises(NotAllowed):
        join_organisations(trustee, kept=one, absorbed=two, reason="one body")


def test_a_lock_on_assets_is_a_dated_fact_with_what_shows_it(desk: Desk, clock: SetClock) -> None:
    one = met(desk, COMPANY)
    with desk.reading() as session:
        shown = organisation(session, one)
        assert (shown.lock_kind, shown.lock_since, shown.lock_evidence) == (
            LockKind.NOT_KNOWN,
            None,
            "Companies Act 2006",
        )
    today = clock.now().date()
    before = clock.now()
    clock.set(before + timedelta(days=30))
    locked = record_asset_lock(
        desk, organisation_id=one, kind="articles", from_on=today - timedelta(days=400), evidence="Article 41"
    )
    assert (locked.asset_lock, locked.lock_kind, locked.lock_evidence) == (
        AssetLock.LOCKED,
        LockKind.ARTICLES,
        "Article 41",
    )
    assert locked.lock_since == today - timedelta(days=400)
    removed = record_asset_lock(
        desk, organisation_id=one, kind="none", from_on=today + timedelta(days=10), evidence="Article 41 struck out"
    )
    assert removed.asset_lock is AssetLock.UNLOCKED
    now = clock.now()
    with desk.reading() as session:
        assert organisation(session, one, before).lock_kind is LockKind.NOT_KNOWN
        assert organisation(session, one, now, today).lock_kind is LockKind.ARTICLES
        assert organisation(session, one, now, today - timedelta(days=401)).lock_kind is LockKind.NOT_KNOWN
        assert organisation_named(session, COMPANY) == organisation_named(session, one) == removed
        with pytest.raises(NoSuchOrganisation):
            organisation_named(session, CHARITY)
    met(desk, COMPANY, CHARITY, told_by="int_b")
    with desk.reading() as session:
        charity = organisation(session, one)
        assert (charity.lock_kind, charity.lock_since, charity.told_by) == (
            LockKind.CHARITY_LAW,
            None,
            ("int_a", "int_b"),
        )
        assert charity.eligibility_evidence.startswith(f"registered as {CHARITY} with the Charity Commission")


def test_what_very_many_are_told_to_be_is_what_each_is_shown_as(desk: Desk, clock: SetClock) -> None:
    moments = [(clock.now(), clock.now().date())]

    def later(days: int = 30) -> None:
        clock.set(clock.now() + timedelta(days=days))
        moments.append((clock.now(), clock.now().date()))

    plain, group = met(desk, COMPANY), met(desk, name="A group in no register", form="UNINC")
    scottish = met(desk, " gb-sc-sc012345 ", name="Scottish", form="CLG")
    society = met(desk, SOCIETY, name="Society", form="BENCOM")
    cic, union = met(desk, "GB-COH-09506233", form="CIC-CLG"), met(desk, "GB-COH-09506234", form="CU")
    later()
    decide_governance_test(desk, organisation_id=plain, passed=True, evidence="articles read")
    record_asset_lock(
        desk, organisation_id=plain, kind="articles", from_on=clock.now().date() - timedelta(days=9), evidence="Read"
    )
    later()
    decide_governance_test(desk, organisation_id=plain, passed=False, evidence="articles changed")
    record_asset_lock(desk, organisation_id=plain, kind="none", from_on=clock.now().date(), evidence="Struck out")
    met(desk, "GB-COH-09506234", form="CLS")
    charity = met(desk, CHARITY, name="The same as the group", form="TRUST", told_by="int_b")
    later()
    join_organisations(desk, kept=group, absorbed=charity, reason="one body")
    later()
    ids = [plain, group, scottish, society, cic, union, charity, "org_unheard-of"]
    seen = set[tuple[LockKind, Basis]]()
    with desk.reading() as session:
        for instant, _ in moments:
            for _, day in moments:
                shown = organisations(session, ids, instant, day)
                assert bodies(session, ids, instant, day) == {
                    one: (view.lock_kind, view.eligibility) for one, view in shown.items()
                }
                seen |= {(view.lock_kind, view.eligibility) for view in shown.values()}
    assert len({lock for lock, _ in seen}) == len({*LockKind} - {LockKind.STATUTORY_SOCIETY})
    assert {basis for _, basis in seen} == {*Basis}


@pytest.mark.parametrize(
    ("kind", "days", "evidence", "refusal"),
    [
        ("padlock", 0, "seen", LockDoesNotFit),
        ("statutory-cic", 0, "seen", LockDoesNotFit),
        ("articles", 1, "seen", LockDoesNotFit),
        ("articles", 0, " ", ReasonNeeded),
    ],
)
def test_a_lock_that_cannot_be_or_that_nothing_shows_is_refused(
    desk: Desk, clock: SetClock, kind: str, days: int, evidence: str, refusal: type[Refusal]
) -> None:
    one = met(desk, COMPANY)
    with pytest.raises(refusal):
        record_asset_lock(
            desk,
            organisation_id=one,
            kind=kind,
            from_on=clock.now().date() + timedelta(days=days),
            evidence=evidence,
        )


@pytest.mark.skipif(not AWARDS.is_file(), reason="the reference awards are not here")
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_real_award_is_met_by_one_body_found_through_any_of_its_numbers(desk: Desk) -> None:
    """870 awards, filed as if by three lenders: three untrue numbers are left out, and nothing else is refused."""
    awards = json.loads(AWARDS.read_text(encoding="utf-8"))["grants"]
    filings, marks = [], []
    for number, award in enumerate(awards):
        (body,) = award["recipientOrganization"]
        given = [f"GB-COH-{body['companyNumber']}"] if body.get("companyNumber") else []
        given += [f"GB-CHC-{body['charityNumber']}"] if body.get("charityNumber") else []
        sound = tuple(one for one in dict.fromkeys((body["id"], *given)) if problems_with(one) is None)
        filings.append(Filing(body["name"], "OTH", sound, f"int_{number % 3}"))
        marks.append(sound)
    with desk.writing() as work:
        held = ensure_organisations(work, filings)
    with desk.writing() as work:
        assert ensure_organisations(work, filings) == held
    with desk.reading() as session:
        shown = organisations(session, held)
        assert count_held(session) == len(set(held)) == len(shown)
        for one, sound in zip(held, marks, strict=True):
            assert set(map(canonical, sound)) <= set(map(canonical, shown[one].identifiers)) or not sound
        bodies = {mark: one for one, sound in zip(held, marks, strict=True) for mark in map(registration, sound)}
        assert holders(session, bodies) == bodies


@pytest.mark.parametrize("ids", [("org_none", "org_none"), ()], ids=["unknown", "none"])
def test_an_organisation_that_is_not_held_is_not_found(desk: Desk, ids: Sequence[str]) -> None:
    with desk.reading() as session:
        assert organisations(session, ids) == {}
        with pytest.raises(NoSuchOrganisation):
            organisation(session, "org_none")
