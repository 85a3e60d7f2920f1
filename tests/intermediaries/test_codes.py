from __future__ import annotations

import csv
import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from intermediaries.outcomes.codes import CODE_LISTS, code_list
from intermediaries.outcomes.lists import Code, CodeList, UnknownCodeList
from ledger.dates import CALENDAR_STARTS

SHARED = Path(__file__).parents[2].parent / "shared" / "standards"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference copies of the standards are not here")

CONTRACT = {
    "legal_form": "CIO, SCIO, CLG, CLS, CIC-CLG, CIC-CLS, BENCOM, COOP, IPS, CU, FS, LLP, TRUST, UNINC, OTH",
    "purpose": "acquisition, asset, bridgingLoan, capital, developmentCapital, growthFinance, multiple, property, "
    "propertyRefurbishment, restructuringFinance, startupCosts, workingCapital, other",
    "outcome_area": "employment, housing, income, physical-health, mental-health, family, citizenship, "
    "arts, environment",
    "beneficiary_group": "long-term-unemployed, homeless, poverty, addiction, long-term-conditions, "
    "learning-disabilities, mental-health, physical-disabilities, carers, vulnerable-parents, vulnerable-children, "
    "vulnerable-young-people, older-people, ex-offenders, victims-of-crime, general-public",
    "place_basis": "registered-office, delivery, beneficiary",
    "status": "signed-undrawn, drawing, performing, in-arrears, restructured, defaulted, written-off, repaid",
}


@pytest.mark.parametrize("name", CONTRACT)
def test_the_lists_of_the_return_hold_exactly_the_codes_of_the_contract(name: str) -> None:
    assert ", ".join(CODE_LISTS[name].names()) == CONTRACT[name]


@pytest.mark.parametrize("served", CODE_LISTS.values(), ids=lambda served: served.name)
def test_every_list_is_titled_versioned_dated_sourced_and_names_no_code_twice(served: CodeList) -> None:
    writings = [writing for code in served.codes for writing in (code.code, *code.aliases)]
    assert len(writings) == len(set(writings))
    assert all((served.title, served.version, served.source))
    assert all((code.title and code.title[0].isupper()) or code.title[0].isdigit() for code in served.codes)
    assert served.valid_from == (date(2021, 1, 1) if served.name == "outcome_area_revised" else CALENDAR_STARTS)
    assert re.fullmatch(r"[a-z_]+", served.name)


def test_a_list_that_is_not_served_is_refused_with_the_names_of_those_that_are() -> None:
    with pytest.raises(UnknownCodeList, match="outcome_area") as refusal:
        code_list("colour")
    assert refusal.value.status == 404


def test_a_code_is_found_by_its_alias_and_on_its_days_only() -> None:
    assert code_list("legal_form").find("CU - Mutual (Credit Union)") == code_list("legal_form").find("CU")
    assert code_list("legal_form").find("cio") is None
    last = date(2014, 7, 31)
    old = CodeList("old", "Old", "1", "none", (Code("IPS", "Society", valid_to=last),))
    assert old.find("IPS", last) is not None
    assert old.find("IPS", last + timedelta(days=1)) is None
    assert old.names(last + timedelta(days=1)) == ()


def test_a_code_of_another_version_is_shown_as_it_stands() -> None:
    assert code_list("outcome_area").title_of("arts") == "Arts, heritage, sport and faith"
    assert code_list("outcome_area").title_of("GF-OM-2021:9") == "GF-OM-2021:9"


@needs_shared
def test_every_purpose_and_form_of_the_published_specification_can_be_read() -> None:
    purposes = _first_column("investmentPurpose.csv")
    assert set(purposes) == set(CODE_LISTS["purpose"].names())
    beyond_us = {"LA - Local Authority", "PLC - Public Listed Company"}  # neither may borrow dormant money
    for form in set(_first_column("organizationType.csv")) - beyond_us:
        assert CODE_LISTS["legal_form"].find(form), form


def test_the_list_of_2021_stands_beside_that_of_2014_and_neither_is_mapped_to_the_other() -> None:
    old, new = CODE_LISTS["outcome_area"], CODE_LISTS["outcome_area_revised"]
    assert (old.version, new.version) == ("BSC-OM-2014", "GF-OM-2021")
    assert len(old.codes) == len(new.codes) == 9
    assert not set(old.names()) & set(new.names())
    assert all(old.find(code) is None for code in new.names())


@needs_shared
def test_there_are_as_many_outcome_areas_and_beneficiary_groups_as_published() -> None:
    matrix = json.loads((SHARED / "outcomes_matrix.json").read_text(encoding="utf-8"))
    assert len(CODE_LISTS["outcome_area"].codes) == len(matrix["outcome_areas_9"])
    assert len(CODE_LISTS["beneficiary_group"].codes) == len(matrix["beneficiary_groups_15"]) + 1


def _first_column(file: str) -> list[str]:
    with (SHARED / "sedl" / "codelists" / file).open(encoding="utf-8", newline="") as rows:
        return [row["Code"] for row in csv.DictReader(rows)]
