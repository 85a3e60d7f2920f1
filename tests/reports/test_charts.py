from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import charts, drawing, plots

DRAWN = {
    "cascade": charts.cascade(
        [
            charts.Step("Received", 100, "£100", added=20),
            charts.Step("less reserve", 40, "£40", start=60, tone="off", remark="40% of it"),
            charts.Step("Nations", 60, "England £50", parts=(("England", 50), ("Wales", 10))),
        ],
        "The path.",
    ),
    "funnel": charts.funnel([charts.Stage("Signed", 10, "£10"), charts.Stage("Drawn", 1, "£1", "10%")], "The funnel."),
    "bars": charts.bars([charts.Bar("Housing & homes", 3, 1, ("3", "1", "9"))], ("Bank", "Others", "Loans"), "Bars."),
    "tiles": charts.tiles([charts.Tile(0, 0, "NE", 4, "4"), charts.Tile(1, 0, "NW", 0, "0")], "Tiles."),
    "pillars": charts.pillars(
        [charts.Pillar("1", 5, 1, "5"), charts.Pillar("not matched", 1, 0, "1", faint=True)],
        "Pillars.",
        ("poor", "rich"),
    ),
    "stack": charts.stack([charts.Layer("12Q4", (4, 3, 2, 1), "10")], ("a", "b", "c", "d"), "Stack."),
    "spark": charts.spark([1, None, 3], "Spark."),
    "panels": plots.panels(
        ["Housing", "Arts"],
        [
            plots.Panel("People, once", (plots.Cell(9, 9, "9"), None)),
            plots.Panel("Visits", (plots.Cell(0, 0, "0"),) * 2),
        ],
        "Panels.",
    ),
    "parted": plots.parted(
        [plots.Parted("Homes", (1, 0, 99), ("1", "", "99"), "100"), plots.Parted("None", (0, 0, 0), ("", "", ""), "0")],
        ("checked", "recorded", "told"),
        "Loans",
        "Parted.",
    ),
}


def test_a_spark_is_this_text() -> None:
    assert charts.spark([1, None, 4], "Three quarters.", width=30, high=9) == (
        '<svg xmlns="http://www.w3.org/2000/svg" width="7.5mm" height="2.3mm" viewBox="0 0 30 9" '
        'font-family="Bank Sans"><title>Three quarters.</title>'
        '<rect x="0" y="7" width="9" height="2" fill="#A9C6E3"/>'
        '<rect x="20" y="1" width="9" height="8" fill="#12436D"/>'
        '<line x1="0" y1="9" x2="30" y2="9" stroke="#B8BFC6" stroke-width="1"/></svg>'
    )


def test_a_tile_map_is_this_text() -> None:
    assert charts.tiles([charts.Tile(0, 0, "NE", 4, "4,000")], "North East: 4,000.") == (
        '<svg xmlns="http://www.w3.org/2000/svg" width="13mm" height="13mm" viewBox="0 0 52 52" '
        'font-family="Bank Sans">'
        '<title>North East: 4,000.</title><rect x="0" y="0" width="49" height="49" fill="#12436D"/>'
        '<text x="24.5" y="20" font-size="10" fill="#FFFFFF" text-anchor="middle">NE</text>'
        '<text x="24.5" y="35" font-size="12" fill="#FFFFFF" font-weight="600" text-anchor="middle">4,000</text></svg>'
    )


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_a_drawing_is_well_formed_with_its_message_first_and_attributes_only(name: str) -> None:
    root = ET.fromstring(DRAWN[name])  # noqa: S314 -- our own drawing
    assert root[0].tag.endswith("title")
    assert root[0].text
    for element in root.iter():
        assert not {"id", "style", "class", "clip-path"} & set(element.attrib)


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_nothing_is_drawn_outside_the_picture(name: str) -> None:
    root = ET.fromstring(DRAWN[name])  # noqa: S314 -- our own drawing
    _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, wide, high = (float(rect.attrib[part]) for part in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + wide <= width + 1
        assert y + high <= height + 1


def test_each_kind_of_part_keeps_its_ink_and_only_those_that_occur_are_named() -> None:
    """What nobody says has neither a name above nor a bar, and does not make another paler or darker."""
    texts = ["".join(mark.itertext()) for mark in ET.fromstring(DRAWN["parted"]).iter() if mark.tag.endswith("text")]  # noqa: S314
    assert texts == ["checked", "told", "Loans", "Homes", "99", "100", "None", "0"], (
        "1 of 100 is too narrow for a number"
    )
    fills = re.findall(r'<rect [^>]*fill="(#[0-9A-F]{6})"', DRAWN["parted"])
    assert fills == [drawing.NAVY, drawing.SKY, drawing.NAVY, drawing.SKY]


def test_text_is_escaped() -> None:
    assert "Housing &amp; homes" in DRAWN["bars"]
    assert "<title>a&lt;b" in charts.spark([1], "a<b")


@pytest.mark.parametrize(
    "empty",
    [
        charts.cascade([], "t"),
        charts.funnel([], "t"),
        charts.bars([], ("a",), "t"),
        charts.tiles([], "t"),
        charts.pillars([], "t"),
        charts.stack([], ("a", "b", "c", "d"), "t"),
        charts.spark([], "t"),
        plots.panels([], [], "t"),
        plots.parted([], (), "Loans", "t"),
    ],
)
def test_nothing_can_be_drawn_too(empty: str) -> None:
    ET.fromstring(empty)  # noqa: S314 -- our own drawing


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=12))
def test_bars_keep_their_order_of_length(amounts: list[int]) -> None:
    drawn = charts.bars([charts.Bar("x", amount, 0, ()) for amount in amounts], (), "t")
    widths = [float(found) for found in re.findall(rf'width="([0-9.]+)" height="12" fill="{drawing.NAVY}"', drawn)]
    positive = [amount for amount in amounts if amount]
    order = sorted(range(len(positive)), key=positive.__getitem__)
    assert len(widths) == len(positive)
    assert all(widths[a] <= widths[b] for a, b in pairwise(order))


@given(st.fractions(-(10**6), 10**6))
def test_coordinates_are_rounded_to_a_tenth(value: Fraction) -> None:
    assert abs(Fraction(drawing.coordinate(value)) - value) <= Fraction(1, 20)


def test_a_long_label_is_clipped_with_an_ellipsis() -> None:
    assert drawing.clipped("a" * 300, 100) == "a" * 15 + "\N{HORIZONTAL ELLIPSIS}"
    assert drawing.clipped("short", 100) == "short"


@given(st.text(), st.integers(10, 400))
def test_a_clipped_label_fits_its_room(text: str, room: int) -> None:
    assert drawing.width_of(drawing.clipped(text, room)) <= max(room, drawing.BODY)
