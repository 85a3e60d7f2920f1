from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intermediaries.frontline.identifiers import (
    BadIdentifier,
    best,
    canonical,
    internal,
    parse,
    problems_with,
    registration,
)
from intermediaries.frontline.registers import REGISTERS
from intermediaries.returns.layout import COLUMN
from intermediaries.returns.plain_cells import plainly
from intermediaries.returns.raw import RawCell

AWARDS = Path(__file__).parents[2].parent / "shared" / "data" / "tapes" / "power-to-change-grants.json"
LISTS = Path(__file__).parents[2].parent / "shared" / "standards" / "orgid_gb_lists.json"

GOOD = [
    "GB-CHC-1164883",
    "GB-CHC-279417",
    "GB-CHC-1164883-1",
    "GB-SC-SC042386",
    "GB-NIC-100019",
    "GB-COH-09506232",
    "GB-COH-IP28755R",
    "GB-COH-CE001879",
    "GB-COH-RS007783",
    "GB-COH-SP2712RS",
    "GB-MPR-235C",
    "GB-MPR-10002R",
    "GB-MPR-IP031455",
    "GB-LAE-BAS",
    "GB-REV-X6243",
    "GB-CASC-df679063",
    "XI-LEI-724500PMK2A2M1SQQ228",
    "XI-GRID-grid.5292.c",
    "360G-ptc-ORG:bebeccino-kids-café",
    "BSB-ORG-org_0a1b2c",
]

org_ids = st.one_of(
    st.sampled_from(GOOD),
    st.from_regex(r"GB-CHC-[1-9][0-9]{5,6}", fullmatch=True),
    st.from_regex(r"GB-COH-[0-9]{7}[1-9]", fullmatch=True),
    st.from_regex(r"GB-MPR-(IP|RS)?[1-9][0-9]{0,4}[A-Z]?", fullmatch=True),
)


@pytest.mark.parametrize("org_id", GOOD)
def test_a_well_formed_identifier_has_no_problem_and_is_its_own_canonical_writing(org_id: str) -> None:
    assert problems_with(org_id) is None
    assert canonical(org_id) == org_id


@pytest.mark.parametrize(
    ("org_id", "remedy"),
    [
        ("GB-COH-1164883", "write GB-COH-01164883 if it is a company number or GB-CHC-1164883 if it is a charity"),
        ("GB-COH-213", "write GB-COH-00000213"),
        ("GB-CHC-09506232", "write GB-COH-09506232 if it is a company number"),
        ("GB-CHC-SC042386", "write GB-SC-SC042386"),
        ("GB-SC-042386", "write GB-SC-SC042386"),
        ("GB-SC-42386", "write GB-SC-SC042386"),
        ("GB-SC-SC142386", "write GB-COH-SC142386 if it is a company number"),
        ("1164883", "write GB-CHC-1164883 if it is a charity number"),
        ("09506232", "write GB-COH-09506232 if it is a company number"),
        ("SC042386", "write GB-SC-SC042386 if it is a Scottish charity number"),
        ("GB-COH-the-windmill-charlton", "eight letters and digits"),
        ("GB-COH-n/a", "leave it out"),
        ("GB-CHC-715", "six or seven digits"),
        ("GB-CHC-0123456", "six or seven digits"),
        ("GB-NIC-200019", "like 100019"),
        ("XI-LEI-724500PMK2A2M1SQQ229", "legal entity"),
        ("FR-XYZ-1", "register we know"),
        ("GB-CHC", "register we know"),
        ("", "empty"),
        ("   ", "empty"),
        ("GB-CHC-1164883\n", "cannot be printed"),
        ("GB-CHC-" + "1" * 500, "too long"),
        ("GB-CHC-" + "\N{FULLWIDTH DIGIT ONE}" * 7, "six or seven digits"),
    ],
)
def test_a_faulty_identifier_is_told_with_its_remedy(org_id: str, remedy: str) -> None:
    problem = problems_with(org_id)
    assert problem is not None
    assert remedy in problem
    with pytest.raises(BadIdentifier):
        canonical(org_id)


COUNTED = """GB-COH-00000000 GB-COH-000 GB-COH-SC000000 GB-COH-RS000000 GB-COH-IP00000R GB-CHC-000000 GB-SC-SC000000
    GB-SC-000000 GB-NIC-000000 GB-MPR-0R GB-MPR-IP000000 GB-SHPE-L0000 GB-REV-X0 GB-EDU-000000 GB-WALEDU-0000000
    GB-SCOTEDU-0000000 GB-IRN-000-0000 GB-UKPRN-00000000 GB-HESA-0000 GB-COE-000000 GB-GOV-00 GB-GOR-OT0"""


@pytest.mark.parametrize("org_id", COUNTED.split())
def test_no_register_that_counts_its_bodies_has_one_of_number_nought(org_id: str) -> None:
    assert problems_with(org_id) == (
        f"{org_id!r} gives no number: leave it out, and give the identifiers that the organisation does have"
    )
    assert plainly(COLUMN["borrower_ids"], RawCell(org_id)) is None


@pytest.mark.parametrize(
    "org_id", ["GB-COH-00000006", "GB-COH-SC000001", "GB-SHPE-L0001", "GB-HESA-0001", "GB-NHS-000", "GB-CASC-00000000"]
)
def test_a_number_with_noughts_before_it_is_one_and_a_code_of_noughts_may_be(org_id: str) -> None:
    assert problems_with(org_id) is None


def test_very_many_noughts_are_judged_at_once() -> None:
    for number in ("0" * 100 + "x", "0-" * 50 + "x"):
        assert problems_with(f"GB-COH-{number}") is not None


def test_noughts_alone_are_proposed_as_no_number_of_any_register() -> None:
    for text in ("00000000", "000000", "SC000000"):
        assert "-0" not in str(problems_with(text))


def test_capitals_and_spaces_are_mended_silently() -> None:
    assert canonical(" gb-coh- rs00 7783 ") == "GB-COH-RS007783"
    assert canonical("gb-sc-sc042386") == "GB-SC-SC042386"


def test_a_company_number_names_a_body_before_its_charity_and_mutual_numbers() -> None:
    assert best(["GB-MPR-235C", "GB-CHC-1164883", "GB-COH-09506232"]) == "GB-COH-09506232"
    assert best(["BSB-ORG-a", "GB-CHC-1164883"]) == "GB-CHC-1164883"
    assert best([]) is None


@given(st.permutations(["GB-CHC-1164883", "GB-CHC-1052626", "GB-MPR-235C", "360G-ptc-1"]))
def test_the_order_of_identifiers_in_a_file_does_not_matter(shuffled: list[str]) -> None:
    assert best(shuffled) == "GB-CHC-1052626"


@pytest.mark.parametrize(
    "org_id", ["GB-MPR-7783", "GB-MPR-RS007783", "GB-MPR-IP7783", "GB-COH-RS007783", "GB-COH-IP007783"]
)
def test_a_registered_society_is_one_registration_in_both_registers(org_id: str) -> None:
    assert registration(org_id) == "GB-MPR-7783"


@pytest.mark.parametrize("org_id", ["GB-MPR-2237R(S)", "gb-mpr-2237 r(s)", "GB-MPR-SP2237RS", "GB-COH-SP2237RS"])
def test_a_society_of_scotland_is_one_registration_with_its_brackets_or_without(org_id: str) -> None:
    """The bodies there write their number so on their letterheads; the registrar of companies has no brackets."""
    assert problems_with(org_id) is None
    assert registration(org_id) == "GB-MPR-2237RS"
    assert problems_with(canonical(org_id)) is None
    assert problems_with("GB-MPR-2237(S)") is not None


def test_letters_after_a_society_number_and_company_numbers_are_told_apart() -> None:
    assert registration("GB-COH-IP28755R") == "GB-MPR-28755R"
    assert registration("GB-COH-09506232") == "GB-COH-09506232"
    assert registration("GB-COH-OC307783") == "GB-COH-OC307783"


@given(org_ids)
def test_a_registration_is_well_formed_and_stable_and_a_canonical_writing_does_not_change_it(org_id: str) -> None:
    assert canonical(canonical(org_id)) == canonical(org_id)
    assert registration(registration(org_id)) == registration(org_id) == registration(canonical(org_id))


@given(st.text(max_size=200))
def test_any_text_whatever_is_either_well_formed_or_faulted_in_one_bounded_sentence(text: str) -> None:
    problem = problems_with(text)
    if problem is None:
        assert parse(text).register.prefix in REGISTERS
    else:
        assert len(problem) < 1000
        assert "\n" not in problem


def test_an_unregistered_group_is_named_by_our_own_identifier() -> None:
    assert internal("org_7f3a") == "BSB-ORG-org_7f3a"
    assert best([internal("org_7f3a"), "360G-ptc-9"]) == "360G-ptc-9"


@pytest.mark.skipif(not AWARDS.is_file(), reason="the reference awards are not here")
def test_on_870_real_awards_only_the_three_untrue_numbers_are_faulted() -> None:
    awards = json.loads(AWARDS.read_text(encoding="utf-8"))
    rows = awards["grants"] if isinstance(awards, dict) else awards
    assert len(rows) == 870
    named = {
        body["id"] for row in rows for side in ("recipientOrganization", "fundingOrganization") for body in row[side]
    }
    faulted = {org_id for org_id in named if problems_with(org_id)}
    assert faulted == {"GB-COH-NA", "GB-COH-n/a", "GB-COH-the-windmill-charlton"}


@pytest.mark.skipif(not LISTS.is_file(), reason="the reference copy of the register of identifier lists is not here")
def test_every_example_in_the_register_of_lists_passes() -> None:
    lists = json.loads(LISTS.read_text(encoding="utf-8"))["lists"]
    taken = [served for served in lists if served["confirmed"] and not served["deprecated"]]
    assert {served["code"] for served in taken} <= REGISTERS.keys()
    for served in taken:
        for example in filter(None, map(str.strip, served["exampleIdentifiers"].split(","))):
            assert problems_with(f"{served['code']}-{example}") is None, (served["code"], example)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("GB_COH_09506232", "write GB-COH-09506232"),
        ("GB-COH:09506232", "write GB-COH-09506232"),
        ("GB-COH\u201309506232", "write GB-COH-09506232"),
        ("GB COH 09506232", "write GB-COH-09506232"),
        ("GB-CHC-0200001", "write GB-CHC-200001"),
        ("GB-NIC-NIC100019", "write GB-NIC-100019"),
        ("GB-GOVUK-12", "a list that is kept no more: write its number of GB-GOR"),
    ],
)
def test_an_identifier_written_otherwise_is_told_as_it_was_meant(written: str, meant: str) -> None:
    assert meant in (problems_with(written) or "")


NUMBERS = st.one_of(
    st.integers(200_001, 9_999_999).map("GB-CHC-{}".format),
    st.tuples(st.integers(200_001, 1_300_000), st.integers(1, 250)).map(lambda pair: f"GB-CHC-{pair[0]}-{pair[1]}"),
    st.integers(1, 99_999).map("GB-SC-SC0{:05}".format),
    st.integers(100_000, 199_999).map("GB-NIC-{}".format),
    st.integers(1, 99_999_999).map("GB-COH-{:08}".format),
    st.tuples(
        st.sampled_from(
            [
                "SC",
                "NI",
                "OC",
                "SO",
                "NC",
                "R0",
                "CE",
                "CS",
                "IP",
                "SP",
                "NP",
                "NO",
                "RS",
                "RC",
                "SR",
                "FC",
                "SF",
                "NF",
                "LP",
                "SL",
                "NL",
                "AC",
                "SA",
                "NA",
                "GE",
                "GN",
                "GS",
                "IC",
                "SI",
                "ZC",
                "PC",
            ]
        ),
        st.integers(1, 999_999),
    ).map(lambda pair: f"GB-COH-{pair[0]}{pair[1]:06}"),
    st.tuples(st.sampled_from(("IP", "SP", "NP")), st.integers(1, 99_999), st.sampled_from("RCS")).map(
        lambda three: f"GB-COH-{three[0]}{three[1]:05}{three[2]}"
    ),
    st.tuples(st.integers(1, 99_999), st.sampled_from(("", "R", "C", "S", "BS", "FS", "RS"))).map(
        lambda pair: f"GB-MPR-{pair[0]}{pair[1]}"
    ),
)


@given(NUMBERS)
def test_every_number_of_the_shapes_that_registers_give_is_taken_as_it_stands(org_id: str) -> None:
    assert problems_with(org_id) is None
    assert canonical(f" {org_id.lower()} ") == org_id
