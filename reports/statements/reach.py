"""How far lending reached and what it changed: indicators against targets, sizes with medians, what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from ledger.money import Money
from reports import plots
from reports.document import Block, Chart, Listing, Pair, Print, Said, Section, Tabulated
from reports.statements.inputs import Breakdown, FieldAnswers, ImpactStatement, IndicatorLine
from reports.statements.reach_tables import kind_code, people_units, way_gone
from reports.statements.resting import lacking
from reports.statements.tables import measures_of
from reports.statements.telling import Bundle, begun, joined, plural

MOST_LINES: Final = 24
"""Lines of the tables of people that leave room on their page for a drawing of them."""
_MOST_PANELS: Final = 3
_MOST_COUNTED: Final = "the three ways of counting that most loans use"


def people(given: ImpactStatement, bundle: Bundle) -> tuple[Chart, ...]:
    """Each outcome area in each way of counting people, side by side; nothing where the tables leave no room for it."""
    if not given.people or len(given.people) > MOST_LINES:
        return ()
    every = people_units(given.people)
    units = every[:_MOST_PANELS]
    there = {(line.unit, line.label): line for line in given.people}
    areas = sorted(
        dict.fromkeys(line.label for line in given.people if line.unit in {one.unit for one in units}),
        key=lambda area: [-there[one.unit, area].people if (one.unit, area) in there else 0 for one in units],
    )
    prints: list[Print] = []
    drawn, spoken = [], []
    for one in units:
        cells: list[plots.Cell | None] = []
        told = []
        for line in (there.get((one.unit, area)) for area in areas):
            if line is None:
                cells.append(None)
                continue
            said = [bundle.written(f"{one.code}.{line.code}.{part}", "count") for part in ("people", "people_ours")]
            prints.append(said[0])
            cells.append(plots.Cell(line.people, line.ours, said[0].text))
            told.append(f"{line.label} {said[0].text}, our funded share {said[1].text}")
        drawn.append(plots.Panel(one.heading, tuple(cells)))
        spoken.append(f"{one.heading}: {'; '.join(told)}.")
    return (
        Chart(
            heading="Who was reached, in " + ("each way of counting" if units == every else _MOST_COUNTED),
            subtitle="As borrowers report, to date. Each column on its own scale. Dark: our funded share.",
            svg=plots.panels(areas, drawn, f"People reached by outcome area. {' '.join(spoken)}"),
            prints=tuple(prints),
            behind=measures_of(("people", "people_ours")),
        ),
    )


def progress(given: ImpactStatement, bundle: Bundle) -> Section:
    """Each like-for-like indicator as a bullet: where it began, what was hoped, what was reached."""
    return Section(
        code="progress",
        heading=progress_finding(given, bundle),
        lead=Said(
            text="Only indicators of one name and one unit within one outcome area are added up, over loans that give "
            "all three values. No sum is made across them. What is told is the part gone of the way from where they "
            "began to their target; where the two are the same there is none, and a dash stands."
        ),
        blocks=_bullets(given, bundle),
        new_page=True,
    )


def progress_finding(given: ImpactStatement, bundle: Bundle) -> Said:
    """Which indicator is furthest from its target and which nearest; less where there are few."""
    told = [(part, at) for at, line in enumerate(given.indicators, start=1) if (part := way_gone(line)) is not None]
    if not told:
        return bundle.tell("No indicator can be set against its target yet")
    least, most = min(told), max(told, key=lambda one: one[0])
    shares = {
        name: (f"indicators.{at}.of_way", "whole-percent") for name, (_, at) in (("least", least), ("most", most))
    }
    if len(told) == 1:
        return bundle.tell(_of_one(most[0]), name=given.indicators[most[1] - 1].indicator, **shares)
    if most[0] <= 0:
        return bundle.tell("No indicator stands nearer its target than where it began")
    if least[0] < 0:
        return bundle.tell(
            "Indicators have come at most {most} of the way to their targets, and not every one is nearer than where "
            "it began",
            **shares,
        )
    if bundle.written(*shares["least"]).text == bundle.written(*shares["most"]).text:
        return bundle.tell("Indicators have come {most} of the way to their targets", **shares)
    return bundle.tell("Indicators have come between {least} and {most} of the way to their targets", **shares)


def _of_one(part: Fraction) -> str:
    """The words for a single indicator, which is named."""
    if part < 0:
        return "{name} stands further from its target than where it began"
    return "{name} has come {most} of the way to its target" if part else "{name} stands where it began"


_NO_WAY: Final = "\N{EN DASH}"
"""Where no part of the way can be told: an indicator is to stay where it began, or a value is missing."""


def _bullets(given: ImpactStatement, bundle: Bundle) -> tuple[Block, ...]:
    if not given.indicators:
        return (
            Tabulated(
                caption="Indicators with baseline, target and what was reached",
                table=bundle.tables["indicators"],
                empty="No return has reported an indicator with its target yet.",
            ),
        )
    prints: list[Print] = []
    rows = []
    for number, line in enumerate(given.indicators, start=1):
        shown = [bundle.written(f"indicators.{number}.{code}", "number") for code in ("baseline", "target", "actual")]
        share = bundle.written(f"indicators.{number}.of_way", "whole-percent")
        prints.extend(shown if way_gone(line) is None else (*shown, share))
        began, hoped, now = (int(Fraction(value or 0) * 100) for value in (line.baseline, line.target, line.actual))
        unit = f", {line.unit}" if line.unit and line.unit.lower() not in line.indicator.lower() else ""
        texts = (*(one.text for one in shown), _NO_WAY if way_gone(line) is None else share.text)
        rows.append(plots.Bullet(f"{line.indicator}{unit}", began, hoped, now, texts))
    spoken = " ".join(
        f"{row.label}: from {row.texts[0]}, target {row.texts[1]}, reached {row.texts[2]}"
        + ("." if row.texts[3] == _NO_WAY else f", {row.texts[3]} of the way.")
        for row in rows
    )
    return (
        Chart(
            heading="Where they began, what they hoped for, and what they have reached",
            subtitle="Each on its own scale. Pale bar: where it began. Dark: reached. Upright mark: the target.",
            svg=plots.bullets(rows, ("Began", "Target", "Now", "Of the way"), f"Indicators. {spoken}"),
            prints=tuple(prints),
            behind=measures_of(("baseline", "target", "actual", "of_way")),
        ),
        _evidence(given.indicators, bundle),
        Tabulated(
            heading="What each rests on",
            caption="Loans of the area that give all three values",
            table=bundle.tables["rests"],
            small=True,
        ),
    )


def _evidence(lines: Sequence[IndicatorLine], bundle: Bundle) -> Chart:
    """How many of the loans behind each indicator bring which kind of evidence, the strongest first."""
    kinds = [name for name, _ in lines[0].evidence]
    prints: list[Print] = []
    rows = []
    for number, line in enumerate(lines, start=1):
        said = [
            bundle.written(f"shown-by.{number}.{kind_code(name)}", "count") if loans else None
            for name, loans in line.evidence
        ]
        whole = bundle.written(f"indicators.{number}.loans", "count")
        prints.extend((*filter(None, said), whole))
        texts = tuple("" if one is None else one.text for one in said)
        rows.append(plots.Parted(line.indicator, tuple(loans for _, loans in line.evidence), texts, whole.text))
    told = (", ".join(f"{text} {name}" for name, text in zip(kinds, row.texts, strict=True) if text) for row in rows)
    spoken = " ".join(f"{row.label}: {said}." for row, said in zip(rows, told, strict=True))
    some = [name for name in kinds if name in _MEANS and any(dict(line.evidence)[name] for line in lines)]
    means = "; ".join(f"{name}: {_MEANS[name]}" for name in some)
    return Chart(
        heading="What shows it: the stronger the evidence, the darker",
        subtitle=f"Loans that give all three values; {means or 'none says what shows them'}.",
        svg=plots.parted(rows, kinds, "Loans", f"What shows each indicator, in loans. {spoken}"),
        prints=tuple(prints),
        behind=measures_of(("loans",)),
    )


_MEANS: Final = {
    "studied": "compared with what would have happened anyway",
    "checked": "by somebody else",
    "recorded": "the borrower keeps records",
    "told": "the borrower says so",
}


def sizes(given: ImpactStatement, bundle: Bundle) -> tuple[Block | Pair, ...]:
    """How many loans are of each size, with the band of the median, and the money beside it."""
    known = [part for part in given.sizes.slices if part.kind == "known"]
    if not any(part.loans for part in known):
        return ()
    prints: list[Print] = []
    bands = []
    middle = _band_of_median(given.sizes)
    for part in known:
        shown = bundle.written(f"{given.sizes.code}.{part.code}.loans", "count")
        prints.append(shown)
        bands.append(plots.Band(_short(part.label), part.loans, shown.text, holds_median=part.code == middle))
    median = next((figure for figure in given.borrowers if figure.code == "median_loan"), None)
    words = ""
    if median is not None and isinstance(median.value, Money):
        prints.append(bundle.written("median_loan", "in-words"))
        words = f"median {prints[-1].text}"
    between = f"; {words}, half way between two bands" if words and not middle else ""
    spoken = " ".join(f"{part.label}: {band.text}." for part, band in zip(known, bands, strict=True))
    return (
        Chart(
            heading="Number of loans by size",
            subtitle=f"Onward loans by the whole amount agreed, all lenders together{between}",
            svg=plots.histogram(bands, words, f"Onward loans by size. {words}. {spoken}", width=696),
            prints=tuple(prints),
            behind=measures_of(("loans", "median_loan")),
        ),
    )


def _short(label: str) -> str:
    """A band's label on two lines: `£10,000|to £24,999`."""
    first, to, second = label.partition(" to ")
    return f"{first}|to {second}" if to else label


def _band_of_median(given: Breakdown) -> str:
    """The band in which the middle loan lies; none where of two in the middle each lies in another."""
    whole, met = sum(part.loans for part in given.slices), 0
    for part in given.slices:
        met += part.loans
        if 2 * met > whole:
            return part.code
        if 2 * met == whole:
            return ""
    return ""


_FEW: Final = Fraction(2, 3)
_MOST: Final = 6
NOT_CLASSED: Final = "Whether a place is rural or urban: no list of it is held, so nothing is said."
NEVER_ASKED: Final = (
    "What would have happened without the loan: no borrower is compared with one that had none.",
    "Whether the same person is counted by two borrowers: names of people are never asked for.",
)


def unknown(given: ImpactStatement, bundle: Bundle) -> Section:
    """What is not known, the least answered question first; then what the return never asks."""
    never = NEVER_ASKED if given.rural_urban else (NOT_CLASSED, *NEVER_ASKED)
    gaps = [*_not_in(bundle), *_unplaced(given, bundle), *_unanswered(given, bundle), *_unlisted(given)]
    return Section(
        code="unknown",
        heading=unknown_finding(given, bundle),
        blocks=(
            Pair(
                left=Listing(
                    heading="Asked, and not answered enough",
                    said=tuple(gaps) or (bundle.tell(_NO_GAPS if _any_asked(given) else _NONE_ASKED),),
                ),
                right=Listing(heading="Never asked", said=tuple(map(_said, never))),
                equal=True,
            ),
        ),
    )


_NO_GAPS: Final = "Every question is answered for two loans in three or more."
_NONE_ASKED: Final = "No return has told of a loan yet, so nothing has been answered."


def _any_asked(given: ImpactStatement) -> bool:
    """Whether a return told of any loan that a question applies to: else there was nobody to leave one blank."""
    return any(_answered(one) is not None for one in given.answers)


def _not_in(bundle: Bundle) -> list[Said]:
    """That some lenders have not reported the quarter, before what those left out that have."""
    number = lacking(bundle)
    if not number:
        return []
    return [
        begun(
            bundle.tell(
                f"{{lack}} of {{asked}} {plural(bundle.worth('rows returns'), 'return', 'returns')} for the quarter "
                f"{plural(number, 'is', 'are')} not accepted: of {plural(number, 'its', 'their')} loans only what "
                "was told before is known.",
                lack=("rows returns - checks.all.ties", "number-word"),
                asked=("rows returns", "number-word"),
            )
        )
    ]


def _said(text: str) -> Said:
    return Said(text=text)


def unknown_finding(given: ImpactStatement, bundle: Bundle) -> Said:
    """How many questions fewer than two loans in three answer."""
    few = [one for one in given.answers if _answered(one) is not None and (_answered(one) or 0) < _FEW]
    if not _any_asked(given):
        return bundle.tell("What we do not know: nothing has been reported yet")
    if not few:
        return bundle.tell("What we do not know: little of what was asked is left unanswered")
    return joined(
        Said(text="What we do not know:"),
        bundle.tell(
            "{count} of {all} questions {verb} answered for fewer than two loans in three",
            verb=plural(len(few), "is", "are"),
            count=("rows few-answers", "number-word"),
            all=("rows answers", "number-word"),
        ),
    )


def _answered(one: FieldAnswers) -> Fraction | None:
    asked = one.answered + one.not_known + one.blank
    return Fraction(one.answered, asked) if asked else None


def few_answers(given: ImpactStatement) -> tuple[FieldAnswers, ...]:
    """The questions that fewer than two loans in three answer, the least answered first."""
    few = [one for one in given.answers if (share := _answered(one)) is not None and share < _FEW]
    return tuple(sorted(few, key=lambda one: (_answered(one) or Fraction(0), one.field)))


def _unanswered(given: ImpactStatement, bundle: Bundle) -> list[Said]:
    return [
        bundle.tell(
            "{title}: answered for {share} of the loans it applies to; {blank} left it blank.",
            title=one.title,
            share=(f"few-answers.{one.field}.share", "whole-percent"),
            blank=(f"few-answers.{one.field}.blank", "count"),
        )
        for one in few_answers(given)[:_MOST]
    ]


def _unlisted(given: ImpactStatement) -> tuple[Said, ...]:
    """That more questions are answered as little than are listed, where they are."""
    return (Said(text=_LEAST),) if len(few_answers(given)) > _MOST else ()


_LEAST: Final = "These are the six questions that fewest answer; the others are in figures.json, under few-answers."


def _unplaced(given: ImpactStatement, bundle: Bundle) -> list[Said]:
    """What no index of deprivation could place, nation by nation."""
    return [
        begun(
            bundle.tell(
                "{known} of {of} {noun} in {nation} {verb} placed by {edition}.",
                known=(f"coverage.{one.code}.known", "count"),
                of=(f"coverage.{one.code}.of", "count"),
                noun=plural(one.coverage.of, "loan", "loans"),
                nation=one.nation,
                verb=plural(one.coverage.known, "is", "are"),
                edition=one.edition if one.edition and one.coverage.known else "an index of deprivation",
            )
        )
        for one in given.onward.deprivation
        if one.coverage.known < one.coverage.of
    ]
