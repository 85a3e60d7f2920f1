"""The statements for the public: the bank's own books whole, and its borrowers only in groups of enough of them.

They are no shorter copies of the trustees' pages: nothing stands in them, or in their data, that is not named here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ledger.money import NOTHING, Money
from reports import charts
from reports.attached import WITHHELD
from reports.document import BigFigure, BigFigures, Block, Chart, Document, Pair, Print, Prose, Said, Section, Tabulated
from reports.figures import Column, Figure, Measure, Movement, Row, Table
from reports.statements import accounts, closing, path, pictures
from reports.statements.inputs import AllocationLine
from reports.statements.public_inputs import FACILITY_SUMS, PublicHouse, PublicLending, PublicStatement
from reports.statements.public_inputs import Block as Told
from reports.statements.tables import ALLOCATION_SUMS, folded, left_out, measured, measures_of, movements, summed, text
from reports.statements.telling import Bundle, begun, plural, prints_in, prints_of

TITLES: Final = {"portfolio": "Portfolio statement for the public", "impact": "Impact statement for the public"}

FEWEST: Final = Measure(
    code="fewest_told_of",
    title="Fewest borrowers told of together",
    unit="count",
    definition="No number of these pages or of what is attached to them is about fewer borrowers than so many, nor can "
    "one be worked out from them, or from them with what the public was told before.",
)
HELD_BACK: Final = Measure(
    code="facilities_withheld",
    title="Facilities that are told of together",
    unit="count",
    definition="Facilities behind which are fewer borrowers than may be told of, and as many others as keep their sums "
    "from being worked out.",
)
MEASURES: Final = {
    "lent": ("Lent to borrowers", "lent", "The bank's part of what borrowers have drawn, to date."),
    "outstanding": ("Owed by borrowers", "owed", "The bank's part of principal that borrowers owe, on the day."),
    "written_off": ("Written off", "written off", "The bank's part of principal written off, to date."),
}
"""By measure: its title, how it is called in a sentence, and what it is."""
_SIDES: Final = (("area", "By outcome area"), ("region", "By region"))
_STEPS: Final = (
    *path.INTO_THE_BANK,
    ("in_principle", "Committed in principle", ""),
    ("signed", "Signed", ""),
    ("drawn", "Drawn by intermediaries", ""),
)


def table_code(measure: str, side: str) -> str:
    """The code of the table of one measure from one side."""
    return f"{measure.replace('_', '-')}-by-{side}"


def compose(kind: str, given: PublicStatement) -> Document:
    """The whole document: every number in it comes from `given` and nowhere else."""
    bundle = bundle_of(given)
    cover = (*_cover(given, bundle), *_rule(bundle))
    pages = (
        *((_path(given.house, bundle), _facilities(given.house, bundle)) if given.house else ()),
        *(_lending(given, measure, bundle) for measure in MEASURES),
        *((accounts.section(given.house.accounts, bundle),) if given.house else ()),
    )
    shown: tuple[Block | Pair, ...] = (*cover, *(block for page in pages for block in page.blocks))
    prints = (*prints_in(cover), *prints_of(pages))
    return bundle.bind(
        kind=kind,
        title=TITLES[kind],
        issue=given.issue,
        headline=_headline(given, bundle),
        standfirst=_standfirst(bundle),
        cover=cover,
        sections=(
            *pages,
            closing.definitions_section(bundle, given.issue, shown, prints, new_page=given.house is None),
        ),
        measures=closing.measures_carried(bundle),
    )


def bundle_of(given: PublicStatement) -> Bundle:
    """Everything that the statement's sentences are told from: what is not here is in no part of the file."""
    house, lending = given.house, given.lending
    floor = Figure(measure=FEWEST, value=lending.fewest, provenance=lending.provenance)
    held = (
        (Figure(measure=HELD_BACK, value=house.facilities_withheld, provenance=house.facilities_provenance),)
        if house
        else ()
    )
    return Bundle(
        figures=(floor, *held),
        movements=house.boxes if house else (),
        series=house.history if house else (),
        tables=(
            *_house_tables(house),
            *(_told(lending, measure, side) for measure in MEASURES for side, _ in _SIDES),
        ),
    )


def _house_tables(house: PublicHouse | None) -> tuple[Table, ...]:
    if house is None:
        return ()
    return (
        movements(house.boxes),
        path.path_table(house.boxes),
        _facility_table(house),
        *accounts.tables(house.accounts),
    )


def _told(lending: PublicLending, measure: str, side: str) -> Table:
    """One measure from one side; what is withheld is a row of its own, so that all rows come to the whole."""
    labels = lending.areas if side == "area" else lending.regions
    columns = (
        text("label", "Outcome area" if side == "area" else "Region", 34),
        Column(code="loans", title="Loans", unit="count", width=12),
        Column(code="amount", title=MEASURES[measure][0], unit="money", width=18),
    )
    rows = tuple(
        Row(
            key=key,
            cells=("Withheld, together" if key == WITHHELD else labels.get(key, key), loans, amount),
            mark="faint" if key == WITHHELD else "",
        )
        for key, (loans, amount) in _added_up(lending.blocks, measure, side).items()
    )
    return Table(
        code=table_code(measure, side),
        title=f"{MEASURES[measure][0]} {dict(_SIDES)[side].lower()}",
        columns=columns,
        rows=rows,
        total=summed(columns, rows, "All"),
        provenance=(lending.provenance,),
    )


def _added_up(blocks: Iterable[Told], measure: str, side: str) -> dict[str, tuple[int, Money]]:
    loans: defaultdict[str, int] = defaultdict(int)
    sums: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for one in blocks:
        if one.measure == measure:
            key = one.outcome_area if side == "area" else one.region
            loans[key] += one.loans
            sums[key] += one.amount
    ranked = sorted(sums, key=lambda key: (key == WITHHELD, -sums[key].pence, key))
    return {key: (loans[key], sums[key]) for key in ranked}


def _facility_table(house: PublicHouse) -> Table:
    columns = (
        text("intermediary", "Intermediary", 40),
        text("product", "Product", 34),
        *(measured(code, title, 16 if at == 0 else 14) for at, (code, title) in enumerate(ALLOCATION_SUMS.items())),
    )
    rows = tuple(
        Row(
            key=line.facility,
            cells=(line.intermediary, line.product, *_sums(line)),
            mark="faint" if line.facility == WITHHELD else "",
        )
        for line in _few(house)
    )
    return Table(
        code="allocations",
        title="Facilities",
        columns=columns,
        rows=rows,
        total=summed(columns, rows, "All facilities"),
        provenance=(house.facilities_provenance,),
    )


def _few(house: PublicHouse) -> Sequence[AllocationLine]:
    """The lines with the smallest of very many in one, and what is withheld in another."""
    return (*folded(_named(house)), *(line for line in house.facilities if line.facility == WITHHELD))


def _named(house: PublicHouse) -> Sequence[AllocationLine]:
    return [line for line in house.facilities if line.facility != WITHHELD]


def _sums(line: AllocationLine) -> tuple[Money, ...]:
    return tuple(getattr(line, name) for name in FACILITY_SUMS)


def _headline(given: PublicStatement, bundle: Bundle) -> Said:
    if given.house is None:
        if not bundle.tables[table_code("lent", "area")].rows:
            return Said(text="How much was lent cannot be told without telling of single borrowers")
        return bundle.tell(
            "{lent} of dormant money has reached the front line, in {loans} {noun}",
            lent=(f"{table_code('lent', 'area')}.total.amount", "in-words"),
            loans=(f"{table_code('lent', 'area')}.total.loans", "count"),
            noun=plural(bundle.worth(f"{table_code('lent', 'area')}.total.loans"), "loan", "loans"),
        )
    if not bundle.holds("received.closing"):
        return Said(text="No dormant money has been received yet")
    return bundle.tell(
        "{received} received from dormant accounts; {signed} is signed for lending and {drawn} drawn",
        received=("received.closing", "in-words"),
        signed=("signed.closing", "in-words"),
        drawn=("drawn.closing", "in-words"),
    )


def _standfirst(bundle: Bundle) -> Said:
    """What this form of the statement is, and by what it withholds."""
    return bundle.tell(
        "This is the form for the public. Borrowers are told of only in groups of {fewest} or more.",
        fewest=(FEWEST.code, "count"),
    )


def _cover(given: PublicStatement, bundle: Bundle) -> tuple[Block | Pair, ...]:
    pictures_of = _pictures(given.lending, "lent", bundle)
    if given.house is None:
        told = [measure for measure in MEASURES if bundle.tables[table_code(measure, "area")].rows]
        big = (BigFigures(items=tuple(_big(measure, bundle) for measure in told)),) if told else ()
        return (*big, *pictures_of)
    boxes = {box.code: box for box in given.house.boxes}
    return (
        BigFigures(
            items=tuple(
                pictures.big(boxes[code], label, given.house.history, bundle)
                for code, label in (
                    ("received", "Received to date"),
                    ("bank", "In the bank"),
                    ("signed", "Signed"),
                    ("drawn", "Drawn"),
                )
            )
        ),
        *pictures_of,
    )


def _pictures(lending: PublicLending, measure: str, bundle: Bundle) -> tuple[Pair, ...]:
    """One measure by outcome area and by region, as far as it is told; nothing where nothing is."""
    if not any(one.measure == measure for one in lending.blocks):
        return ()
    return (Pair(left=_bars(measure, bundle), right=_tiles(measure, bundle)),)


_DRAWN: Final = {
    "lent": ("What it was lent for", "Where it was lent", "Lent to date"),
    "outstanding": ("What it is owed for", "Where it is owed", "Owed on the day"),
}
"""By measure that is drawn: the heading of its bars, that of its tiles, and what they show."""


def _bars(measure: str, bundle: Bundle) -> Chart:
    table = bundle.tables[table_code(measure, "area")]
    heading, _, what = _DRAWN[measure]
    prints: list[Print] = []
    rows = []
    for row in table.every_row():
        label, _, amount = row.cells
        prints.append(bundle.written(f"{table.code}.{row.key}.amount", "thousands"))
        total = row is table.total
        pence = amount.pence if isinstance(amount, Money) and not total else 0
        faint = row.key == WITHHELD
        rows.append(charts.Bar(str(label), max(pence, 0), 0, (prints[-1].text,), faint=faint, total=total))
    spoken = " ".join(f"{row.label}: {row.texts[0]}." for row in rows)
    return Chart(
        heading=heading,
        subtitle=f"{what}, £ thousand, the bank's part, by outcome area",
        svg=charts.bars(
            rows, ("The bank",), f"{MEASURES[measure][0]} by outcome area, £ thousand. {spoken}", 432, _LABEL_ROOM
        ),
        prints=tuple(prints),
        behind=measures_of((measure,)),
    )


_LABEL_ROOM: Final = 246
"""As much as the longest name of an outcome area takes."""
_NOT_TOLD: Final = "\N{EN DASH}"


def _tiles(measure: str, bundle: Bundle) -> Chart:
    table = bundle.tables[table_code(measure, "region")]
    _, heading, what = _DRAWN[measure]
    told = {row.key: row.cells[2] for row in table.rows}
    prints: list[Print] = []
    tiles = []
    for code, short, _, column, line in pictures.TILES:
        amount, said = told.get(code), _NOT_TOLD
        if isinstance(amount, Money):
            prints.append(bundle.written(f"{table.code}.{code}.amount", "thousands"))
            said = prints[-1].text
        tiles.append(charts.Tile(column, line, short, amount.pence if isinstance(amount, Money) else 0, said))
    spoken = " ".join(
        f"{name}: {tile.text if tile.text != _NOT_TOLD else 'not told'}."
        for (_, _, name, _, _), tile in zip(pictures.TILES, tiles, strict=True)
    )
    return Chart(
        heading=heading,
        subtitle=f"{what}, £ thousand, as far as it is told",
        svg=charts.tiles(tiles, f"{MEASURES[measure][0]} by region, £ thousand. {spoken}", side=46),
        prints=tuple(prints),
        note=Said(text="A dash: nothing there, or told only together with others."),
        behind=measures_of((measure,)),
    )


def _big(measure: str, bundle: Bundle) -> BigFigure:
    total = f"{table_code(measure, 'area')}.total"
    return BigFigure(
        label=MEASURES[measure][0],
        figure=bundle.tell("{sum}", sum=(f"{total}.amount", "in-words")),
        under=bundle.tell(
            "{loans} {noun}",
            loans=(f"{total}.loans", "count"),
            noun=plural(bundle.worth(f"{total}.loans"), "loan", "loans"),
        ),
    )


def _rule(bundle: Bundle) -> tuple[Prose, ...]:
    """By which rule something is withheld, and of which measures nothing is told."""
    said = [
        bundle.tell(
            "What would be about fewer than {fewest} borrowers stands together with others in a row called withheld, "
            "with as much else as keeps it from being worked out, from this statement or from it and what was "
            "published before; so does what has changed of fewer than {fewest} borrowers since it was last shown. "
            "Every row is in loans.csv, and all rows come to the whole.",
            fewest=(FEWEST.code, "count"),
        )
    ]
    dark = [MEASURES[measure][1] for measure in MEASURES if not bundle.tables[table_code(measure, "area")].rows]
    if dark:
        of = " or ".join(f"what is {word}" for word in dark)
        said.append(Said(text=f"Nothing is told here of {of}: there is nothing, or too few borrowers are behind it."))
    return (Prose(said=tuple(said), tone="note"),)


def _path(house: PublicHouse, bundle: Bundle) -> Section:
    boxes: Mapping[str, Movement] = {box.code: box for box in house.boxes}
    return Section(
        code="path",
        heading=bundle.tell(
            "{bank} of what was received has reached the bank; intermediaries have drawn {drawn}",
            bank=("bank.closing", "in-words"),
            drawn=("drawn.closing", "in-words"),
        ),
        blocks=(
            path.drawn_path(boxes, bundle, _STEPS, "From dormant accounts to intermediaries"),
            Tabulated(
                heading="The quarter, box by box",
                caption="What each box held at the quarter's start, what came in and went out, and what it holds now; "
                "to date, £ thousand",
                table=bundle.tables["movements"],
                small=True,
            ),
        ),
        new_page=True,
    )


def _facilities(house: PublicHouse, bundle: Bundle) -> Section:
    withheld = bool(house.facilities_withheld)
    together = withheld or left_out(_named(house))
    said = "Facilities, the small ones together" if together else "Each facility, with its own sums"
    note = bundle.tell(
        "{number} {noun} in one row: few borrowers are behind one of them, or would be behind what were left.",
        number=(HELD_BACK.code, "number-word-first"),
        noun=plural(house.facilities_withheld, "facility stands", "facilities stand together"),
    )
    return Section(
        code="facilities",
        heading=Said(text=said),
        blocks=(
            Tabulated(
                caption="To date, £ thousand, the bank's own money; the sums are stages and are never added across",
                table=bundle.tables["allocations"],
                empty="No allocation has been approved yet.",
                note=note if withheld else Said(),
                small=True,
            ),
        ),
    )


def _lending(given: PublicStatement, measure: str, bundle: Bundle) -> Section:
    """One measure from both sides; beside the bank's own money it follows what stands before it."""
    title, word, meaning = MEASURES[measure]
    total = f"{table_code(measure, 'area')}.total"
    told = any(one.measure == measure for one in given.lending.blocks)
    heading = (
        begun(
            bundle.tell(
                f"{{sum}} is {word}, in {{loans}} {{noun}}",
                sum=(f"{total}.amount", "in-words"),
                loans=(f"{total}.loans", "count"),
                noun=plural(bundle.worth(f"{total}.loans"), "loan", "loans"),
            )
        )
        if told
        else Said(text=f"{title}: nothing, or not told")
    )
    tables = [
        Tabulated(
            heading=name,
            caption="The bank's part, £ thousand",
            table=bundle.tables[table_code(measure, side)],
            empty="There is nothing, or fewer borrowers are behind it than may be told of.",
            small=True,
        )
        for side, name in _SIDES
    ]
    # What was lent is drawn on the cover; what is owed beside the bank's own money, where there is room for it.
    drawn = _pictures(given.lending, measure, bundle) if measure == "outstanding" and given.house else ()
    return Section(
        code=measure.replace("_", "-"),
        heading=heading,
        lead=Said(text=meaning),
        blocks=(*drawn, Pair(left=tables[0], right=tables[1], equal=True)) if told else (),
        new_page=measure == "lent" and given.house is None,
    )
