"""The code lists themselves, one readable table each: legal forms, purposes, outcomes, beneficiaries and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from intermediaries.outcomes.lists import NOT_APPLICABLE, NOT_KNOWN, Code, CodeList, UnknownCodeList

SEDL: Final = "Social Economy Data Lab specification, 2018 (CC BY 4.0, Open Data Services Co-operative)"
MATRIX: Final = "Outcomes Matrix of Big Society Capital, 2014, hosted by Good Finance"
OURS: Final = "Big Society Bank, for its lending return"

LEGAL_FORM: Final = CodeList(
    name="legal_form",
    title="Legal form of a frontline organisation",
    version="SEDL-2018+BSB-1",
    source=f"{SEDL}; the community interest companies, SCIO and TRUST are added here because that list lacks them",
    codes=(
        Code("CIO", "Charitable incorporated organisation", aliases=("CIO - Charitable Incorporated Organisation",)),
        Code("SCIO", "Scottish charitable incorporated organisation"),
        Code("CLG", "Company limited by guarantee", aliases=("CLG - Company Limited by Guarantee",)),
        Code("CLS", "Company limited by shares", aliases=("CLS - Company Limited by Shares",)),
        Code("CIC-CLG", "Community interest company limited by guarantee"),
        Code("CIC-CLS", "Community interest company limited by shares"),
        Code("BENCOM", "Society for the benefit of the community", aliases=("BENCOM - Registered Society (BenCom)",)),
        Code("COOP", "Co-operative society", aliases=("COOP - Registered Society (Cooperative)",)),
        Code(
            "IPS",
            "Industrial and provident society, where the return does not say which of the two kinds",
            aliases=("IPS - Industrial and Provident Society",),
        ),
        Code("CU", "Credit union", aliases=("CU - Mutual (Credit Union)",)),
        Code("FS", "Friendly society", aliases=("FS - Mutual (Friendly Society)",)),
        Code("LLP", "Limited liability partnership", aliases=("LLP - Limited Liability Partnership",)),
        Code("TRUST", "Charitable trust"),
        Code(
            "UNINC",
            "Unincorporated group, with or without a registration",
            aliases=("UNINC - Unincorporated Organisation",),
        ),
        Code("OTH", "Another form, named in the note", aliases=("OTH - Other",)),
    ),
)

PURPOSE: Final = CodeList(
    name="purpose",
    title="What the onward loan is for",
    version="SEDL-2018",
    source=SEDL,
    codes=(
        Code("acquisition", "Taking over another organisation or its business"),
        Code("asset", "Buying equipment, vehicles or other things that last"),
        Code("bridgingLoan", "Bridging until money already promised arrives"),
        Code("capital", "Building work and other capital spending"),
        Code("developmentCapital", "Developing a service until it pays for itself"),
        Code("growthFinance", "Growing what already works"),
        Code("multiple", "Several purposes"),
        Code("property", "Buying land or a building"),
        Code("propertyRefurbishment", "Repairing or converting a building"),
        Code("restructuringFinance", "Replacing or rearranging earlier debt"),
        Code("startupCosts", "Starting up"),
        Code("workingCapital", "Working capital"),
        Code("other", "Another purpose, named in the note"),
    ),
)

OUTCOME_AREA: Final = CodeList(
    name="outcome_area",
    title="Area of life in which the loan is meant to change something",
    version="BSC-OM-2014",
    source=MATRIX,
    codes=(
        Code("employment", "Employment, training and education"),
        Code("housing", "Housing and local facilities"),
        Code("income", "Income and financial inclusion"),
        Code("physical-health", "Physical health"),
        Code("mental-health", "Mental health and well-being"),
        Code("family", "Family, friends and relationships"),
        Code("citizenship", "Citizenship and community"),
        Code("arts", "Arts, heritage, sport and faith"),
        Code("environment", "Conservation of the natural environment"),
    ),
)

OUTCOME_AREA_REVISED: Final = CodeList(
    name="outcome_area_revised",
    title="Outcome areas as revised in 2021, beside those that returns are written in",
    version="GF-OM-2021",
    source=(
        "Outcomes Matrix as revised by Big Society Capital, 2021, hosted by Good Finance; of its publication only the "
        "year is known here. No mapping to the list of 2014 is published, so none is given; nor are its four lenses on "
        "service users, whose wording is not held"
    ),
    valid_from=date(2021, 1, 1),
    codes=(
        Code("gf-arts", "Arts, heritage, sports and faith"),
        Code("gf-citizenship", "Citizenship and community"),
        Code("gf-conservation", "Conservation of the natural environment"),
        Code("gf-employment", "Employment, education and training"),
        Code("gf-family", "Family, friends and relationships"),
        Code("gf-housing", "Housing and local facilities"),
        Code("gf-income", "Income and financial inclusion"),
        Code("gf-mental-health", "Mental health and wellbeing"),
        Code("gf-physical-health", "Physical health"),
    ),
)

BENEFICIARY_GROUP: Final = CodeList(
    name="beneficiary_group",
    title="People the loan is meant to serve first",
    version="BSC-OM-2014+BSB-1",
    source=f"{MATRIX}; general-public is added here for loans that serve everybody in a place",
    codes=(
        Code("long-term-unemployed", "People long out of work"),
        Code("homeless", "Homeless people"),
        Code("poverty", "People living in poverty or shut out of financial services"),
        Code("addiction", "People with addictions"),
        Code("long-term-conditions", "People with long-term or life-threatening illness"),
        Code("learning-disabilities", "People with learning disabilities"),
        Code("mental-health", "People with mental health needs"),
        Code("physical-disabilities", "People with physical disabilities or sensory impairments"),
        Code("carers", "Voluntary carers"),
        Code("vulnerable-parents", "Vulnerable parents"),
        Code("vulnerable-children", "Vulnerable children, looked-after children among them"),
        Code("vulnerable-young-people", "Vulnerable young people, and those not in work or education"),
        Code("older-people", "Older people, those with dementia among them"),
        Code("ex-offenders", "Offenders and ex-offenders"),
        Code("victims-of-crime", "People who have suffered crime or abuse"),
        Code("general-public", "Everybody in the place served"),
    ),
)

PLACE_BASIS: Final = CodeList(
    name="place_basis",
    title="What the place named in the return is the place of",
    version="BSB-1",
    source=OURS,
    codes=(
        Code("registered-office", "Where the borrower has its registered office"),
        Code("delivery", "Where the borrower does the work"),
        Code("beneficiary", "Where the people served live"),
    ),
)

STATUS: Final = CodeList(
    name="status",
    title="State of an onward loan at the end of the quarter",
    version="BSB-1",
    source=OURS,
    codes=(
        Code("signed-undrawn", "Signed, nothing drawn yet"),
        Code("drawing", "Partly drawn, more still to be drawn"),
        Code("performing", "Drawn and paid as agreed"),
        Code("in-arrears", "An instalment is late"),
        Code("restructured", "Terms changed because the borrower could not keep to them"),
        Code("defaulted", "The lender no longer expects payment as agreed"),
        Code("written-off", "What was left has been written off"),
        Code("repaid", "Repaid in full"),
    ),
)

PRODUCT: Final = CodeList(
    name="product",
    title="Kind of onward finance",
    version="BSB-1",
    source=f"{OURS}, after the kinds described by Good Finance",
    codes=(
        Code("secured-loan", "Loan secured on an asset"),
        Code("unsecured-loan", "Loan without security"),
        Code("blended-loan", "Loan given together with a grant"),
        Code("bridging-loan", "Short loan until promised money arrives"),
        Code("mortgage", "Loan secured on the building it buys"),
        Code("overdraft", "Revolving facility"),
        Code("charity-bond", "Fixed-term bond issued to several investors"),
        Code("quasi-equity", "Finance repaid as a share of income"),
        Code("community-shares", "Withdrawable shares of a society"),
        Code("outcomes-contract", "Finance repaid from payments for results"),
        Code("guaranteed-loan", "Loan of another lender that the facility guarantees"),
    ),
)

INTERMEDIARY_KIND: Final = CodeList(
    name="intermediary_kind",
    title="Kind of intermediary",
    version="BSB-1",
    source=OURS,
    codes=(
        Code("social-bank", "Social bank"),
        Code("community-development-lender", "Community development lender"),
        Code("bond-fund", "Charity bond fund"),
        Code("property-fund", "Social property fund"),
        Code("venture-fund", "Social venture fund"),
        Code("outcomes-contract", "Outcomes contract"),
        Code("blended-fund", "Blended fund of grant and loan"),
        Code("guarantee", "Guarantor"),
        Code("neighbourhood-lender", "Neighbourhood lender"),
    ),
)

RESTRUCTURE_KIND: Final = CodeList(
    name="restructure_kind",
    title="How the terms of a loan were changed",
    version="BSB-1",
    source=OURS,
    codes=(
        Code("holiday", "A rest from repaying principal"),
        Code("extension", "A later last day"),
        Code("rate-cut", "A lower rate"),
        Code("capitalised", "Unpaid interest added to principal"),
        Code("rescheduled", "Instalments arranged anew within the same term"),
        Code("other", "Another change, named in the note"),
    ),
)

PEOPLE_UNIT: Final = CodeList(
    name="people_unit",
    title="What is counted as people reached",
    version="BSB-1",
    source=f"{OURS}; only like is ever added to like",
    codes=(
        Code("people", "Different people, counted once for each loan"),
        Code("households", "Households"),
        Code("contacts", "Contacts or visits, one person perhaps many times"),
    ),
)

EVIDENCE_LEVEL: Final = CodeList(
    name="evidence_level",
    title="What shows the value of an indicator",
    version="BSB-1",
    source=OURS,
    codes=(
        Code("told", "The borrower says so"),
        Code("recorded", "The borrower keeps records of it"),
        Code("checked", "Somebody else has checked the records"),
        Code("studied", "A study compared it with what would have happened anyway"),
    ),
)

ELIGIBILITY_BASIS: Final = CodeList(
    name="eligibility_basis",
    title="Why an organisation may be lent dormant money",
    version="BSB-1",
    source=f"{OURS}, after section 18 of the 2008 Act: a body wholly or mainly for society or the environment",
    codes=(
        Code("regulated-form", "Its legal form is regulated for social purposes"),
        Code("governance-test", "Its own constitution was read and passed"),
        Code("undecided", "Nobody has decided yet"),
    ),
)

ARREARS_BAND: Final = CodeList(
    name="arrears_band",
    title="Days past due, in bands",
    version="BSB-1",
    source=f"{OURS}; 30 and 90 days are the marks of the IRIS+ portfolio-at-risk measures",
    codes=(
        Code("0", "Nothing late"),
        Code("1-30", "1 to 30 days"),
        Code("31-60", "31 to 60 days"),
        Code("61-90", "61 to 90 days"),
        Code("91-180", "91 to 180 days"),
        Code("180+", "More than 180 days"),
    ),
)

YES_NO: Final = CodeList(
    name="yes_no",
    title="Yes or no",
    version="BSB-1",
    source=OURS,
    codes=(Code("yes", "Yes", aliases=("true", "y", "Yes")), Code("no", "No", aliases=("false", "n", "No"))),
)

NO_ANSWER: Final = CodeList(
    name="no_answer",
    title="The two ways of giving no answer, which differ, and neither of which is zero",
    version="BSB-1",
    source=OURS,
    codes=(Code(NOT_KNOWN, "Not known"), Code(NOT_APPLICABLE, "Not applicable")),
)

SDG: Final = CodeList(
    name="sdg",
    title="Sustainable Development Goal",
    version="UN-2015",
    source="United Nations General Assembly resolution 70/1, 2015; short names in our words",
    codes=(
        Code("1", "No poverty"),
        Code("2", "No hunger"),
        Code("3", "Health and well-being"),
        Code("4", "Education"),
        Code("5", "Equality of the sexes"),
        Code("6", "Water and sanitation"),
        Code("7", "Clean, affordable energy"),
        Code("8", "Decent work"),
        Code("9", "Industry, invention and infrastructure"),
        Code("10", "Less inequality"),
        Code("11", "Sustainable towns and communities"),
        Code("12", "Responsible consumption"),
        Code("13", "Climate"),
        Code("14", "Life below water"),
        Code("15", "Life on land"),
        Code("16", "Peace and justice"),
        Code("17", "Working together"),
    ),
)

_SERVED: Final = (
    LEGAL_FORM,
    PURPOSE,
    OUTCOME_AREA,
    OUTCOME_AREA_REVISED,
    BENEFICIARY_GROUP,
    PLACE_BASIS,
    STATUS,
    PRODUCT,
    INTERMEDIARY_KIND,
    RESTRUCTURE_KIND,
    PEOPLE_UNIT,
    EVIDENCE_LEVEL,
    ELIGIBILITY_BASIS,
    ARREARS_BAND,
    YES_NO,
    NO_ANSWER,
    SDG,
)

CODE_LISTS: Final[Mapping[str, CodeList]] = MappingProxyType({served.name: served for served in _SERVED})
"""Every code list of the partners' side, by name, in the order in which they are shown."""


def code_list(name: str) -> CodeList:
    """The list of that name; refuses a name that is not served and says which are."""
    try:
        return CODE_LISTS[name]
    except KeyError:
        known = ", ".join(CODE_LISTS)
        raise UnknownCodeList(f"there is no code list {name!r:.60}: the lists are {known}", name=name[:60]) from None
