"""The drawings of the statements: which figures each one shows, and the sentence that says the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from ledger.money import Money
from reports import charts
from reports.document import BigFigure, Block, Chart, Pair, Print, Said, Tabulated
from reports.drawing import width_of
from reports.figures import Coverage, Movement, Series
from reports.formatting import thousands
from reports.statements.inputs import Arrears, Breakdown, MoneyPath, Onward, Slice
from reports.statements.resting import lacking
from reports.statements.tables import BUCKET_WORDS, measures_of, placed
from reports.statements.telling import Bundle, joined

_STAGES: Final = (
    ("in_principle", "In principle", ""),
    ("signed", "Signed", "{} of what was promised is signed"),
    ("drawn", "Drawn", "{} of what is signed is drawn"),
    ("lent", "At the front line", "{} of what is drawn is lent on"),
)


def commitment_funnel(path: MoneyPath, bundle: Bundle) -> Chart:
    """From a promise to a loan at the front line."""
    prints: list[Print] = []
    stages: list[charts.Stage] = []
    above = ""
    for code, label, words in _STAGES:
        shown = bundle.written(f"{code}.closing", "in-words")
        prints.append(shown)
        share = share_said(bundle, prints, f"{code}.closing / {above}.closing" if above else "", words)
        stages.append(charts.Stage(label, max(getattr(path, code).closing.pence, 0), shown.text, share))
        above = code
    title = "From promise to loan, to date. " + " ".join(
        f"{stage.label}: {stage.text}{', ' + stage.share if stage.share else ''}." for stage in stages
    )
    return Chart(
        heading="From promise to loan",
        subtitle="The bank's money to date, at each stage. The stages are never added up.",
        svg=charts.funnel(stages, title),
        prints=tuple(prints),
        behind=measures_of(("in_principle", "signed", "drawn", "lent")),
    )


def share_said(bundle: Bundle, prints: list[Print], reference: str, words: str, *, short: bool = False) -> str:
    """A share with the words around it; nothing where it is not known, nothing or more than the whole."""
    exact = bundle.worth(reference) if reference else None
    if not isinstance(exact, Fraction) or not exact:
        return ""
    if exact > 1:
        return (_LENT_AGAIN_IN_SHORT if short else _LENT_AGAIN) if reference.startswith("lent.") else ""
    share = bundle.written(reference, "whole-percent")
    prints.append(share)
    return words.format(share.text)


_LENT_AGAIN: Final = "more than was drawn, since repayments are lent again"
_LENT_AGAIN_IN_SHORT: Final = "repayments are lent again"
"""Where the room is the end of the longest bar's line."""


def coverage_note(given: Breakdown, bundle: Bundle) -> Said:
    """How much of the lending the breakdown knows, in words."""
    edition = Said(text=f"{given.edition}." if given.edition else "")
    return joined(covered_note(given.code, given.coverage, bundle), edition)


def covered_note(code: str, coverage: Coverage, bundle: Bundle, words: str = "Known for") -> Said:
    """`Known for n of N loans, x% of the money`, from the table of coverage."""
    if not coverage.of:
        return _none_covered(code, bundle)
    row = f"coverage.{code}"
    money = ", {share} of the money" if coverage.share_of_money is not None else ""
    return bundle.tell(
        f"{words} {{known}} of {{of}} {{what}}{money}.",
        known=(f"{row}.known", "count"),
        of=(f"{row}.of", "count"),
        share=(f"{row}.share", "percent"),
        what=_ONE[coverage.what] if coverage.of == 1 else coverage.what,
    )


def _none_covered(code: str, bundle: Bundle) -> Said:
    """That there is no loan: of those outstanding there may be none because all were repaid or lost."""
    if code == _OUTSTANDING:
        return bundle.tell("No loan is known to be outstanding." if lacking(bundle) else "No loan is outstanding.")
    return bundle.tell("No loan is known of yet." if lacking(bundle) else "No loan has been made yet.")


_OUTSTANDING: Final = "arrears"
"""The row of the table of coverage that is of loans outstanding; every other is of loans ever drawn."""
_ONE: Final = {"loans": "loan", "facilities": "facility", "transfers": "transfer"}
"""What is covered, where it is one."""


def nothing_yet(given: Breakdown, bundle: Bundle, heading: str) -> Tabulated:
    """What stands in a drawing's place while there is nothing to draw."""
    return Tabulated(
        heading=heading,
        caption="Lent to date, the bank's money and co-investors'",
        table=bundle.tables[given.code],
        empty=f"No onward loan {'is known to have been' if lacking(bundle) else 'has been'} drawn yet.",
    )


def bars(
    given: Breakdown, bundle: Bundle, heading: str, *, width: int = 696, ranked: bool = True, aside: str = ""
) -> Chart | Tabulated:
    """One bar a slice, with the bank's money, co-investors' and the number of loans, and the total of all.

    The largest stands first where they are `ranked`, what is not known last; the slice called `aside` has no bar, since
    it would dwarf all others.
    """
    drawn = [part for part in given.slices if part.kind != "known" or part.loans or part.ours or part.others]
    if ranked:
        drawn.sort(key=lambda part: (part.kind != "known", -(part.ours + part.others).pence))
    if all(part.kind != "known" and not part.loans for part in drawn):
        return nothing_yet(given, bundle, heading)
    prints: list[Print] = []
    rows = [_bar(given.code, part, bundle, prints, bare=part.code == aside) for part in drawn]
    rows.append(_whole(given.code, bundle, prints))
    title = f"{given.title}, onward lending to date in thousands of pounds. " + " ".join(
        f"{row.label}: the bank {row.texts[0]}, co-investors {row.texts[1]}, {row.texts[2]} "
        f"{'loan' if row.texts[2] == '1' else 'loans'}."
        for row in rows
    )
    return Chart(
        heading=heading,
        subtitle="Lent to date, £ thousand; dark is the bank's money, light is co-investors'.",
        svg=charts.bars(rows, ("The bank", "Co-investors", "Loans"), title, width, _label_room(rows, width)),
        prints=tuple(prints),
        note=joined(
            coverage_note(given, bundle),
            Said(text=_absent([part.label for part in given.slices if part not in drawn], lacking(bundle))),
        ),
        behind=measures_of(("lent", "co_invested")),
    )


def _absent(names: Sequence[str], lacking_returns: int) -> str:
    """Which classes have no loan at all, by name when they are few; or none that is known while a return is not in."""
    if not names:
        return ""
    known = " that is known of" if lacking_returns else ""
    if len(names) > _FEW:
        return f"{len(names)} other classes have no loan{known} yet."
    return f"No loan{known} yet: {'; '.join(names)}."


_FEW: Final = 4


def _label_room(rows: Sequence[charts.Bar], width: int) -> int:
    """As much as the longest name takes, where the bars keep a fifth of the width."""
    longest = max(width_of(row.label) for row in rows)
    return min(int(longest) + 14, width - charts.BAR_COLUMN * 3 - width // 5)


def _bar(table: str, part: Slice, bundle: Bundle, prints: list[Print], *, bare: bool) -> charts.Bar:
    return charts.Bar(
        label=part.label,
        ours=0 if bare else max(part.ours.pence, 0),
        others=0 if bare else max(part.others.pence, 0),
        texts=_three(f"{table}.{part.code}", bundle, prints),
        faint=part.kind != "known",
    )


def _whole(table: str, bundle: Bundle, prints: list[Print]) -> charts.Bar:
    return charts.Bar(label="All", ours=0, others=0, texts=_three(f"{table}.total", bundle, prints), total=True)


def _three(row: str, bundle: Bundle, prints: list[Print]) -> tuple[str, ...]:
    shown = [
        bundle.written(f"{row}.{column}", style)
        for column, style in (("lent", "thousands"), ("co_invested", "thousands"), ("loans", "count"))
    ]
    prints.extend(shown)
    return tuple(one.text for one in shown)


TILES: Final = (
    ("S92000003", "SCO", "Scotland", 1, 0),
    ("N92000002", "NI", "Northern Ireland", 0, 1),
    ("E12000001", "NE", "North East", 2, 1),
    ("E12000002", "NW", "North West", 1, 2),
    ("E12000003", "YH", "Yorkshire and The Humber", 2, 2),
    ("W92000004", "WAL", "Wales", 0, 3),
    ("E12000005", "WM", "West Midlands", 1, 3),
    ("E12000004", "EM", "East Midlands", 2, 3),
    ("E12000006", "EE", "East of England", 3, 3),
    ("E12000009", "SW", "South West", 1, 4),
    ("E12000007", "LON", "London", 2, 4),
    ("E12000008", "SE", "South East", 3, 4),
)


def region_tiles(given: Breakdown, bundle: Bundle) -> Chart:
    """Twelve tiles, the bank's money in each."""
    prints: list[Print] = []
    by_code = {part.code: part for part in given.slices}
    tiles: list[charts.Tile] = []
    for code, short, _, column, row in TILES:
        part = by_code.get(code)
        shown = "0"
        if part is not None:
            prints.append(bundle.written(f"{given.code}.{code}.lent", "thousands"))
            shown = prints[-1].text
        tiles.append(charts.Tile(column, row, short, max(part.ours.pence, 0) if part else 0, shown))
    title = "The bank's money lent to date by region, thousands of pounds. " + " ".join(
        f"{name}: {tile.text}." for (_, _, name, _, _), tile in zip(TILES, tiles, strict=True)
    )
    return Chart(
        heading="By region, the bank's money",
        subtitle="Lent to date, £ thousand, where the loan is at work.",
        svg=charts.tiles(tiles, title),
        prints=tuple(prints),
        note=coverage_note(given, bundle),
        behind=measures_of(("lent",)),
    )


def deprivation(given: Breakdown, bundle: Bundle, width: int = 340) -> Chart:
    """Columns from the most deprived tenth to the least, then what could not be placed."""
    prints = [bundle.written(f"{given.code}.{part.code}.lent", "thousands") for part in given.slices]
    row = [
        charts.Pillar(
            label=part.label if part.kind == "known" else _UNPLACED[part.kind],
            ours=max(part.ours.pence, 0),
            others=max(part.others.pence, 0),
            text=shown.text,
            faint=part.kind != "known",
        )
        for part, shown in zip(given.slices, prints, strict=True)
    ]
    title = (
        f"{given.nation}, {given.edition}: the bank's money lent to date by tenth of areas, thousands of pounds, "
        "from the most deprived to the least. " + " ".join(f"{pillar.label}: {pillar.text}." for pillar in row)
    )
    return Chart(
        heading=f"{given.nation or given.title}: tenths of areas",
        subtitle=f"{given.edition}, £ thousand",
        svg=charts.pillars(row, title, ("most deprived", "least deprived"), width, "half of the areas"),
        prints=tuple(prints),
        note=joined(Said(text="Numbers: the bank's money."), covered_note(given.code, given.coverage, bundle)),
        behind=measures_of(("lent", "co_invested")),
    )


def places(onward: Onward, bundle: Bundle) -> tuple[Block | Pair, ...]:
    """Nations and regions side by side, then each nation's own index of deprivation."""
    if not onward.nations.slices and not onward.regions.slices:
        return (nothing_yet(onward.regions, bundle, "By nation, region and deprivation"),)
    return (
        Pair(
            left=(bars(onward.nations, bundle, "By nation", width=432, ranked=False), *_unplaced(onward, bundle)),
            right=region_tiles(onward.regions, bundle),
        ),
        *deprivations(onward.deprivation, bundle),
    )


def places_in_short(onward: Onward, bundle: Bundle) -> tuple[Block | Pair, ...]:
    """Regions and the index of the nation with most money side by side; the impact statement has every nation's."""
    if not onward.regions.slices:
        return (nothing_yet(onward.regions, bundle, "By region and deprivation"),)
    told = [one for one in onward.deprivation if placed(one)]
    largest = max(told, key=lambda one: sum(part.ours.pence for part in one.slices), default=None)
    if largest is None:
        return (region_tiles(onward.regions, bundle),)
    return (Pair(left=deprivation(largest, bundle, width=432), right=region_tiles(onward.regions, bundle)),)


def deprivations(given: Sequence[Breakdown], bundle: Bundle) -> tuple[Block | Pair, ...]:
    """The indices two by two, one alone as wide as the page: each nation has its own, and they are on no one scale."""
    told = [one for one in given if placed(one)]
    drawn = [deprivation(one, bundle) for one in told]
    pairs = [Pair(left=left, right=right, equal=True) for left, right in zip(drawn[::2], drawn[1::2], strict=False)]
    return (*pairs, *(deprivation(one, bundle, width=696) for one in told[2 * len(pairs) :]))


def _unplaced(given: Onward, bundle: Bundle) -> tuple[Tabulated, ...]:
    if all(placed(one) for one in given.deprivation):
        return ()
    return (
        Tabulated(
            heading="Not placed by deprivation",
            caption="No loan there could be placed by an index; lent to date, £ thousand",
            table=bundle.tables["unplaced"],
            small=True,
        ),
    )


_UNPLACED: Final = {"unmatched": "not matched", "unavailable": "not available"}


def arrears_stack(given: Arrears, bundle: Bundle) -> Chart:
    """A column a quarter, the worst arrears at the foot."""
    prints: list[Print] = []
    layers: list[charts.Layer] = []
    spoken: list[str] = []
    names = tuple(BUCKET_WORDS.values())[1:]
    for one in given.history:
        prints.append(bundle.written(f"arrears-history.{one.quarter}.late", "thousands"))
        amounts = tuple(max(amount.pence, 0) for amount in one.amounts[1:])
        layers.append(charts.Layer(str(one.quarter)[2:], amounts, prints[-1].text))
        parts = zip(names, one.amounts[1:], strict=True)
        spoken.append(f"{one.quarter}: " + ", ".join(f"{name} {thousands(amount)}" for name, amount in parts) + ".")
    return Chart(
        heading="What is overdue, quarter by quarter",
        subtitle="Principal of loans overdue, £ thousand, by each quarter's own books; the worst at the foot.",
        svg=charts.stack(
            layers,
            names,
            "Principal of loans overdue, thousands of pounds, by each quarter's own books. " + " ".join(spoken),
        ),
        prints=tuple(prints),
        note=Said(
            text="A quarter's books take in corrections until closed for good; later ones fall in later quarters."
        ),
        behind=measures_of(("outstanding", "overdue")),
    )


def big(box: Movement, label: str, history: Sequence[Series], bundle: Bundle) -> BigFigure:
    """A sum to be read across the table, what the quarter changed, and its quarters in small bars."""
    series = next((one for one in history if one.measure.code == box.code), None)
    return BigFigure(
        label=label,
        figure=bundle.tell("{now}", now=(f"{box.code}.closing", "in-words")),
        under=bundle.tell(
            "{change} in the quarter", change=(f"{box.code}.closing - {box.code}.opening", "change-in-words")
        ),
        spark=_spark(series, label),
    )


def _spark(series: Series | None, label: str) -> str:
    if series is None or not series.points:
        return ""
    amounts = [point.value.pence if isinstance(point.value, Money) else None for point in series.points]
    first, last = series.points[0].quarter, series.points[-1].quarter
    return charts.spark(
        [None if amount is None else max(amount, 0) for amount in amounts],
        f"{label}, {len(amounts)} quarters from {first} to {last}.",
        width=162,
    )
