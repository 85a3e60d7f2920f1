"""The words the demonstration is made of: names, forms, purposes, and who is served by what."""

from __future__ import annotations

from typing import Final

FIRST: Final = (
    "Alder", "Amber", "Ashen", "Barley", "Birken", "Bracken", "Bramble", "Briar", "Burdock", "Cedar", "Clover",
    "Cobble",
    "Coltsfoot", "Curlew", "Damson", "Dapple", "Elder", "Fallow", "Fennel", "Fern", "Flint", "Foxglove", "Gorse",
    "Harrow",
    "Hazel", "Heron", "Juniper", "Kestrel", "Lapwing", "Larch", "Lichen", "Linnet", "Mallow", "Marram", "Meadow",
    "Mossy",
    "Oaten", "Osier", "Pebble", "Plover", "Quill", "Rowan", "Rushy", "Saffron", "Sedge", "Sorrel", "Tansy", "Teasel",
    "Thistle", "Umber", "Vetch", "Warble", "Willow", "Yarrow",
)  # fmt: skip
SECOND: Final = (
    "acre", "bank", "beck", "bourne", "brook", "combe", "croft", "dale", "fold", "garth", "gate", "holt", "howe",
    "hurst",
    "lea", "mere", "moor", "mouth", "ridge", "shaw", "side", "stead", "thorpe", "wick", "wold", "worth",
)  # fmt: skip
"""A first and a second part make a place-like word. None was found in use; likeness to a real name is chance."""

CAUSES: Final = {
    "employment": ("Training Works", "Apprentice House", "Repair Workshop", "Bakery School", "Skills Yard"),
    "housing": ("Homes", "Housing Together", "Night Shelter", "Community Hall", "Move-on Homes"),
    "income": ("Money Advice", "Community Savings", "Furniture Reuse", "Fair Credit", "Household Goods"),
    "physical-health": ("Active Lives", "Community Gym", "Health Living", "Swimming Bath", "Hospice at Home"),
    "mental-health": ("Wellbeing", "Listening House", "Gardens for Mind", "Recovery Cafe", "Quiet Space"),
    "family": ("Family Centre", "Young Carers", "Nursery", "Parents Together", "Foster Care"),
    "citizenship": ("Community Hub", "Neighbours", "Village Shop", "Development Trust", "Youth Forum"),
    "arts": ("Playhouse", "Arts Factory", "Heritage Mill", "Community Chapel", "Sports Ground"),
    "environment": ("Woodland", "Community Energy", "Recycling", "Wetland", "Growing Project"),
}
"""What a borrower calls itself, by what it works for."""

OUTCOMES: Final = (
    ("citizenship", 20), ("employment", 19), ("housing", 16), ("family", 10), ("income", 10), ("physical-health", 8),
    ("mental-health", 8), ("arts", 5), ("environment", 4),
)  # fmt: skip

GROUPS: Final = {
    "employment": (
        ("long-term-unemployed", 4), ("vulnerable-young-people", 3), ("ex-offenders", 2),
        ("learning-disabilities", 1),
    ),
    "housing": (("homeless", 4), ("poverty", 2), ("addiction", 1), ("general-public", 1), ("victims-of-crime", 1)),
    "income": (("poverty", 5), ("long-term-unemployed", 2), ("older-people", 1)),
    "physical-health": (
        ("long-term-conditions", 3), ("physical-disabilities", 2), ("older-people", 2), ("general-public", 2),
    ),
    "mental-health": (("mental-health", 5), ("carers", 1), ("addiction", 2)),
    "family": (("vulnerable-children", 3), ("vulnerable-parents", 3), ("carers", 2)),
    "citizenship": (("general-public", 4), ("poverty", 2), ("older-people", 2), ("vulnerable-young-people", 2)),
    "arts": (("general-public", 3), ("vulnerable-young-people", 2), ("learning-disabilities", 1)),
    "environment": (("general-public", 3), ("long-term-unemployed", 1)),
}  # fmt: skip
"""Whom a borrower serves first, by what it works for, and how often."""

INDICATORS: Final = {
    "employment": "People helped into work in the year",
    "housing": "Homes or bed spaces open to people in need",
    "income": "Households advised on money in the year",
    "physical-health": "People taking part every week",
    "mental-health": "People in regular support",
    "family": "Families supported in the year",
    "citizenship": "Volunteers active in the year",
    "arts": "Visits in the year",
    "environment": "Tonnes kept from landfill in the year",
}
"""One measure for each outcome area, so that like can be added to like."""

INDICATOR_UNITS: Final = {
    "housing": "homes",
    "income": "households",
    "family": "families",
    "arts": "visits",
    "environment": "tonnes",
}
"""What a measure is counted in, where that is not people."""

GOALS: Final = {
    "employment": "8", "housing": "11", "income": "1", "physical-health": "3", "mental-health": "3", "family": "10",
    "citizenship": "16", "arts": "11", "environment": "12",
}  # fmt: skip

PURPOSES: Final = {
    "secured-loan": (
        ("property", 3), ("growthFinance", 2), ("asset", 2), ("propertyRefurbishment", 2), ("workingCapital", 1),
    ),
    "unsecured-loan": (
        ("workingCapital", 5), ("growthFinance", 3), ("asset", 2), ("startupCosts", 1), ("bridgingLoan", 1),
    ),
    "charity-bond": (("capital", 2), ("multiple", 1), ("restructuringFinance", 1)),
    "mortgage": (("property", 4), ("acquisition", 1)),
    "quasi-equity": (("growthFinance", 3), ("developmentCapital", 3)),
    "outcomes-contract": (("workingCapital", 1),),
    "blended-loan": (("developmentCapital", 3), ("startupCosts", 2), ("asset", 2), ("growthFinance", 2)),
    "guaranteed-loan": (("workingCapital", 3), ("growthFinance", 2), ("asset", 2)),
}  # fmt: skip

FORMS: Final = {
    "England": (
        ("CIC-CLG", 26), ("CLG", 30), ("BENCOM", 12), ("COOP", 6), ("CIC-CLS", 6), ("TRUST", 7), ("CIO", 6),
        ("UNINC", 4), ("CLS", 3),
    ),
    "Wales": (("CIC-CLG", 26), ("CLG", 34), ("BENCOM", 12), ("COOP", 6), ("TRUST", 8), ("UNINC", 3)),
    "Scotland": (("SCIO", 30), ("CLG", 40), ("CIC-CLG", 14), ("BENCOM", 8), ("TRUST", 8)),
    "Northern Ireland": (("CLG", 50), ("CIC-CLG", 20), ("BENCOM", 12), ("TRUST", 10)),
}  # fmt: skip
"""Legal forms by nation. A CIO could first be registered in 2013: an earlier borrower of that form is given another."""

SUFFIX: Final = {
    "CIC-CLG": " CIC", "CIC-CLS": " CIC", "CLG": " Limited", "CLS": " Limited", "BENCOM": " Society Limited",
    "COOP": " Co-operative Limited", "TRUST": " Trust", "CIO": "", "SCIO": "", "UNINC": " Group",
}  # fmt: skip
