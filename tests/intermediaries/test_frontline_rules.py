from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intermediaries.frontline.rules import (
    FORMS,
    AssetLock,
    Basis,
    Filing,
    LockKind,
    TwoOrganisations,
    asset_lock,
    basis_of,
    evidence_of,
    known_by,
    lock_of,
    matched,
    problem_with_lock,
    problem_with_registers,
)
from intermediaries.outcomes.codes import CODE_LISTS

CHARITY = "GB-CHC-1164883"
COMPANY = "GB-COH-09506232"


def filing(*identifiers: str, name: str = "Quillmere Pantry", form: str = "CLG", told_by: str = "int_a") -> Filing:
    return Filing(name, form, identifiers, told_by)


def test_every_legal_form_of_the_return_is_decided_on() -> None:
    assert set(FORMS) == set(CODE_LISTS["legal_form"].names())


@pytest.mark.parametrize("form", ["CIO", "SCIO", "TRUST", "CIC-CLG", "CIC-CLS"])
def test_charities_and_community_interest_companies_are_locked_and_eligible_by_form(form: str) -> None:
    assert asset_lock(form, []) is AssetLock.LOCKED
    assert basis_of(form, []) is Basis.REGULATED_FORM


def test_a_guarantee_company_is_locked_only_as_a_charity() -> None:
    assert asset_lock("CLG", [COMPANY]) is AssetLock.NOT_KNOWN
    assert basis_of("CLG", [COMPANY]) is Basis.UNDECIDED
    assert asset_lock("CLG", [COMPANY, CHARITY]) is AssetLock.LOCKED
    assert basis_of("CLG", [COMPANY, CHARITY]) is Basis.REGULATED_FORM


def test_a_benefit_society_is_regulated_and_its_lock_is_not_known_from_its_form() -> None:
    assert asset_lock("BENCOM", ["GB-MPR-7783"]) is AssetLock.NOT_KNOWN
    assert basis_of("BENCOM", ["GB-MPR-7783"]) is Basis.REGULATED_FORM


@given(st.sampled_from(sorted(FORMS)))
def test_a_charity_number_never_weakens_what_the_form_gives(form: str) -> None:
    assert asset_lock(form, [CHARITY]) is AssetLock.LOCKED
    assert basis_of(form, [CHARITY]) is Basis.REGULATED_FORM


@pytest.mark.parametrize("form", sorted(FORMS))
def test_no_community_interest_company_is_a_charity_and_an_incorporated_charity_is_in_its_own_register(
    form: str,
) -> None:
    registers = {"CIO": "GB-CHC-1164883", "SCIO": "GB-SC-SC042386"}
    for told in ([], [COMPANY], [CHARITY], ["GB-SC-SC042386"], [COMPANY, CHARITY], ["gb-sc-sc042386", COMPANY]):
        charity = any("GB-COH" not in one for one in told)
        fits = not charity if form.startswith("CIC") else registers.get(form, "") in ["", *map(str.upper, told)]
        assert (problem_with_registers(form, told) is None) == fits, told
    assert problem_with_registers("CIC-CLS", [COMPANY, CHARITY]) == (
        "GB-CHC-1164883 is the number of a charity, and no CIC-CLS can be one"
    )


def test_any_one_identifier_finds_the_organisation() -> None:
    held = {COMPANY: "org_1"}
    assert matched(filing(CHARITY, COMPANY), held) == "org_1"
    assert matched(filing(CHARITY), held) is None


def test_one_filing_that_names_two_organisations_is_refused_with_both_identifiers() -> None:
    with pytest.raises(TwoOrganisations, match=f"{CHARITY} and {COMPANY}") as refusal:
        matched(filing(CHARITY, COMPANY), {COMPANY: "org_1", CHARITY: "org_2"})
    assert refusal.value.facts["organisations"] == ["org_1", "org_2"]


def test_a_society_is_found_under_its_number_in_either_register() -> None:
    assert matched(filing("GB-COH-RS007783"), {"GB-MPR-7783": "org_1"}) == "org_1"


def test_a_group_in_no_register_is_known_by_its_name_within_its_lender_only() -> None:
    one = known_by(filing(name="Friends  of the Green", form="UNINC"))
    same = known_by(filing(name="friends of the green", form="UNINC"))
    other = known_by(filing(name="Friends of the Green", form="UNINC", told_by="int_b"))
    assert one == same
    assert one.keys().isdisjoint(other)
    assert all(mark.startswith("BSB-ORG-") for mark in one)


@pytest.mark.parametrize(
    ("kind", "form", "identifiers", "fits"),
    [
        ("articles", "CLG", [COMPANY], True),
        ("none", "CLG", [COMPANY], True),
        ("not-known", "COOP", [], True),
        ("statutory-society", "BENCOM", ["GB-MPR-7783"], True),
        ("statutory-society", "IPS", ["GB-MPR-7783"], True),
        ("statutory-society", "CLG", [COMPANY], False),
        ("statutory-cic", "CIC-CLG", [COMPANY], True),
        ("statutory-cic", "CLG", [COMPANY], False),
        ("none", "CIC-CLS", [COMPANY], False),
        ("articles", "CIO", [CHARITY], False),
        ("none", "CLG", [COMPANY, CHARITY], False),
        ("charity-law", "CLG", [COMPANY, CHARITY], True),
        ("charity-law", "CLG", [COMPANY], False),
    ],
)
def test_a_lock_is_only_recorded_where_the_law_leaves_room_for_it(
    kind: str, form: str, identifiers: list[str], *, fits: bool
) -> None:
    assert (problem_with_lock(LockKind(kind), form, identifiers) is None) == fits


@given(st.sampled_from(sorted(FORMS)), st.booleans())
def test_form_and_register_say_by_which_law_and_in_whose_register(form: str, charity: bool) -> None:
    identifiers = [COMPANY, CHARITY] if charity else [COMPANY]
    told = evidence_of(form, identifiers)
    assert bool(told) == (basis_of(form, identifiers) is Basis.REGULATED_FORM)
    assert FORMS[form].law
    assert (CHARITY in told) == charity
    assert lock_of(form, identifiers).asset_lock is asset_lock(form, identifiers)
    if charity and not form.startswith("CIC"):
        assert lock_of(form, identifiers) is LockKind.CHARITY_LAW
