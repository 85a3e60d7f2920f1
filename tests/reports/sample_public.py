"""The public forms of the made-up institution's statements: blocks of borrowers, and two facilities in one line."""

from __future__ import annotations

from typing import Final

from bank.publishing.attaching import public_files
from reports.attached import WITHHELD
from reports.document import Document
from reports.statements import public
from reports.statements.public_inputs import FACILITY_SUMS, Block, PublicHouse, PublicLending, PublicStatement
from tests.reports import sample, sample_pages
from tests.reports.sample_parts import movement, pounds, source

_PATH: Final = (
    *("received", "reclaimed", "reserved", "distributed", "england", "wales", "scotland", "northern_ireland"),
    *("trust", "bank"),
)
_TOLD: Final = (
    ("lent", "housing", "E12000002", 40, 5_100_000),
    ("lent", "housing", WITHHELD, 9, 700_123),
    ("lent", "arts", "E12000007", 22, 2_400_500),
    ("lent", WITHHELD, WITHHELD, 17, 950_000),
    ("outstanding", "housing", WITHHELD, 31, 3_000_000),
    ("outstanding", WITHHELD, WITHHELD, 40, 2_900_077),
)
"""Nothing of what was written off: too few borrowers were behind it."""


def lending() -> PublicLending:
    blocks = tuple(
        Block(measure=measure, outcome_area=area, region=region, loans=loans, amount=pounds(amount))
        for measure, area, region, loans, amount in _TOLD
    )
    return PublicLending(
        fewest=5,
        blocks=blocks,
        areas={"housing": "Housing and local facilities", "arts": "Arts, heritage, sports and faith"},
        regions={"E12000002": "North West", "E12000007": "London"},
        provenance=source(source="returns"),
    )


def house() -> PublicHouse:
    """The sample's own money, its last two facilities together."""
    *named, one, other = sample.allocations()
    sums = {name: getattr(one, name) + getattr(other, name) for name in FACILITY_SUMS}
    withheld = {"facility": WITHHELD, "intermediary": "2 facilities, withheld", "product": ""}
    lines = (*named, one.model_copy(update={**withheld, **sums}))
    path = sample.path()
    whole = {
        "owed" if name == "outstanding" else name: sum(getattr(line, name).pence for line in lines) // 100
        for name in FACILITY_SUMS
    }
    boxes = [getattr(path, code) for code in _PATH]
    boxes += [movement(code, 0, sum_) for code, sum_ in whole.items()]
    return PublicHouse(
        boxes=tuple(boxes),
        history=sample.history()[:1],
        facilities=lines,
        facilities_withheld=2,
        facilities_provenance=source(),
        accounts=sample_pages.accounts(),
    )


def document(kind: str) -> Document:
    given = lending()
    money = house() if kind == "portfolio" else None
    files = public_files(given.blocks, money.facilities if money else ())
    head = sample.issue(form="public", fewest=5, attached=files)
    return public.compose(kind, PublicStatement(issue=head, lending=given, house=money))
