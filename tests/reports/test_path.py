"""The money's path as it is drawn: what a reader adds with a finger on the page comes out as printed."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from ledger.money import Money
from reports.figures import Movement
from reports.formatting import digits
from reports.rounding import read_digits
from reports.statements import path, portfolio
from reports.statements.measures import MEASURES
from reports.statements.telling import Bundle
from tests.reports import sample

_PLAIN = ("received", "reclaimed", "reserved", "distributed", "england", "scotland", "wales", "northern_ireland")
small = st.integers(0, 9_999_999_99)
large = st.integers(0, 900_000_000_00)


def _boxes(amounts: Mapping[str, int]) -> dict[str, Movement]:
    others = [one[0] for one in (*path.INTO_THE_BANK, *path.OUT_OF_THE_BANK) if one[0] in MEASURES]
    return {
        code: Movement(
            measure=MEASURES[code],
            opening=Money(0),
            added=Money(amounts.get(code, 0)),
            taken=Money(0),
            closing=Money(amounts.get(code, 0)),
            provenance=sample.source(),
        )
        for code in dict.fromkeys((*_PLAIN, *others))
    }


def _printed(svg: str) -> dict[str, list[str]]:
    """By label, the texts of the drawing that stand on its line: read off the drawing alone."""
    tree = ET.fromstring(svg)  # noqa: S314 -- a drawing of our own
    lines: dict[str, list[str]] = {}
    for text in tree.iter("{http://www.w3.org/2000/svg}text"):
        lines.setdefault(text.attrib["y"], []).append(text.text or "")
    return {first: rest for first, *rest in lines.values()}


def _units(text: str) -> int:
    return read_digits(text.rpartition(" ")[2])


@given(
    st.one_of(st.lists(small, min_size=7, max_size=7), st.lists(large, min_size=7, max_size=7)),
    st.sampled_from([0, 0, 1, 800_00, 49_999_99, 50_000_00, -800_00, -123_456_78]),
)
def test_every_drawn_path_adds_as_it_is_printed_and_no_number_is_a_last_digit_from_the_truth(
    given_: list[int], rest: int
) -> None:
    nations = dict(zip(("england", "scotland", "wales", "northern_ireland"), given_, strict=False))
    distributed = sum(nations.values())
    off = {"reclaimed": given_[4], "reserved": given_[5] + max(-rest, 0)}
    amounts = {**nations, **off, "distributed": distributed, "received": sum(off.values()) + distributed + rest}
    amounts |= {"trust": given_[0], "bank": given_[6]}
    boxes = _boxes(amounts)
    bundle = Bundle(movements=boxes.values(), tables=(path.path_table(boxes.values()),))
    lines = _printed(path.drawn_path(boxes, bundle, path.INTO_THE_BANK, "In").svg)
    read = {code: _units(lines[label][0]) for code, label, _ in path.INTO_THE_BANK if label in lines}
    england, others = lines["The four nations' shares"]
    shares = [_units(england), *(_units(one) for one in others.split(", "))]
    own = _units(lines["with income of the fund's own"][0]) if rest < 0 else 0
    assert (rest > 0) == (path.UNPASSED in read)
    left = read["received"] - read["reclaimed"] - read["reserved"] - read.get(path.UNPASSED, 0) + own
    assert left == read["distributed"]
    assert sum(shares) == read["distributed"]
    style = bundle.tables[path.PATH].columns[1].style
    for code in read.keys() & amounts.keys():
        assert abs(read[code] - digits(style, Money(amounts[code]))) < 1


def test_one_unit_for_all_and_it_is_named() -> None:
    for scale, unit in ((1, "£ thousand"), (1_000, "£ million")):
        boxes = _boxes({"received": 20_000_00 * scale, "reserved": 20_000_00 * scale})
        bundle = Bundle(movements=boxes.values(), tables=(path.path_table(boxes.values()),))
        assert path.drawn_path(boxes, bundle, path.INTO_THE_BANK, "In").subtitle.startswith(unit)


def test_what_cash_comes_to_less_what_comes_off_is_the_headroom_as_printed() -> None:
    """21.87 - 2.04 - 11.14 = 8.69: rounded each by itself 21.9 - 2.0 - 11.1 = 8.7, and it is 8.8."""
    given_ = sample.portfolio(
        liquidity=(
            sample.figure("cash", Money(21_870_000_00)),
            sample.figure("treasury", Money(0)),
            sample.figure("bank_reserve", Money(2_040_000_00)),
            sample.figure("undrawn_commitments", Money(11_140_000_00)),
            sample.figure("headroom", Money(8_690_000_00)),
        )
    )
    drawn = path.headroom(portfolio.bundle_of(given_))
    assert drawn is not None
    read = {label: _units(texts[0]) for label, texts in _printed(drawn.svg).items()}
    assert read == {"Cash and treasury": 219, "less the reserve": 21, "less what is promised": 111, "Headroom": 87}
