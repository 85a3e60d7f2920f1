"""The first page: the trustees' five questions, each answered from the figures, what changed, and what to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from ledger.money import NOTHING, Money
from reports.document import Answer, Answers, Said
from reports.figures import Column, Figure, Row, Table, Value
from reports.statements import findings
from reports.statements.adequacy import Adequacy, StressLine
from reports.statements.bounds import Bounds, LimitLine, bounds_in_words, finding
from reports.statements.inputs import AllocationLine, Proof
from reports.statements.portfolio_inputs import Judged, PortfolioStatement
from reports.statements.resting import lacking, loans_behind, none_lent, of_returns
from reports.statements.tables import folded, measured, text
from reports.statements.telling import Bundle, Part, joined, plural

Mark = Literal["yes", "watch", "no", "not known"]


QUESTIONS: Final = {
    "governed": "Well governed?",
    "plan": "On plan?",
    "impact": "Social impact?",
    "transparent": "Transparent?",
    "objects": "True to its objects?",
}


def answers(given: PortfolioStatement, bundle: Bundle) -> Answers:
    """All five, in the order trustees ask them."""
    made = (
        _governed(given.bounds, given.proof, bundle),
        _planned(given, given.adequacy, bundle),
        _impact(given, bundle),
        _transparent(given, bundle),
        _objects(given.judged, bundle),
    )
    return Answers(
        items=tuple(
            Answer(question=question, mark=mark, said=said)
            for question, (mark, said) in zip(QUESTIONS.values(), made, strict=True)
        )
    )


def _governed(bounds: Bounds, proof: Proof, bundle: Bundle) -> tuple[Mark, Said]:
    """Books that agree and limits that hold: a book that does not is a no; a breach or an open tie is to be watched."""
    unsound = any(book.debits != book.credits for book in proof.books) or proof.pairs_that_disagree
    breached = any(not one.within for one in bounds.limits)
    ties = Said(
        text=f"{findings.ties_finding(bundle, proof).text}.", prints=findings.ties_finding(bundle, proof).prints
    )
    if not bounds.limits:
        limits = bundle.tell("No limit is in force.")
    elif breached:
        said = finding(bounds, bundle)
        limits = Said(text=f"{said.text}.", prints=said.prints)
    else:
        limits = bundle.tell(
            f"{bounds_in_words(len(bounds.limits))} in force {plural(len(bounds.limits), 'holds', 'hold')}."
        )
    loose = proof.breaks or lacking(bundle)
    mark: Mark = "no" if unsound else "watch" if breached or loose or not bounds.limits else "yes"
    return mark, joined(ties, limits)


def _planned(given: PortfolioStatement, adequacy: Adequacy, bundle: Bundle) -> tuple[Mark, Said]:
    """Scenarios that must hold, headroom, what each pound paid in has come to, and money signed long ago and undrawn.

    It is a yes only where a scenario must hold, for without one there is no plan to be on, and where nothing is lost.
    """
    headroom, worth = _value(given.liquidity, "headroom"), bundle.worth("tvpi")
    must = [one for one in adequacy.stress if one.must_hold]
    broken = any(not one.holds for one in must)
    short = isinstance(headroom, Money) and headroom < NOTHING
    waiting = bundle.holds("undrawn_over_a_year")
    less = isinstance(worth, Decimal) and worth < 1
    said = [_held_to(must, bundle, broken=broken), _come_to(bundle)]
    if waiting:
        said.append(bundle.tell("{sum} has waited over a year to be drawn.", sum=("undrawn_over_a_year", "in-words")))
    mark: Mark = "no" if broken or short else "watch" if waiting or less else "yes" if must else "not known"
    return mark, joined(*said)


def _held_to(must: Sequence[StressLine], bundle: Bundle, *, broken: bool) -> Said:
    if not must:
        return bundle.tell("No scenario that must hold is approved.")
    if broken:
        return bundle.tell("A scenario that must hold fails.")
    return bundle.tell(f"{plural(len(must), 'The one', 'Every')} scenario that must hold does, for as long as it must.")


def _come_to(bundle: Bundle) -> Said:
    """What each pound paid in has come to; what is rounded up to a pound is not one."""
    worth = bundle.worth("tvpi")
    if not isinstance(worth, Decimal):
        return bundle.tell("Nothing has been paid out under a facility yet.")
    rounded_up = worth < 1 and bundle.written("tvpi", "pound-multiple").text == "£1.00"
    return bundle.tell(
        f"{'Just under ' if rounded_up else ''}{{worth}} has come back or is left of each £1 paid in.",
        worth=("tvpi", "pound-multiple"),
    )


def _impact(given: PortfolioStatement, bundle: Bundle) -> tuple[Mark, Said]:
    """Whether money is at work, where need is greatest, and whether change is measured like for like."""
    if not bundle.holds("organisations"):
        none = none_lent(bundle)
        return "not known", Said(text=f"{none.text}.", prints=none.prints)
    said = [_reached(bundle)]
    judged = given.judged
    if judged.deprived.value is not None:
        said.append(
            bundle.tell(
                "{share} of England's placed money is in the most deprived half of its areas (known for {known} of "
                "{of} {loans}).",
                loans=plural(bundle.worth("deprived_half.of"), "loan", "loans"),
                share=("deprived_half", "whole-percent"),
                known=("deprived_half.known", "count"),
                of=("deprived_half.of", "count"),
            )
        )
    if judged.moved.value is None:
        return "watch", joined(*said, bundle.tell("No change is measured like for like yet."))
    said.append(
        bundle.tell(
            "{share} of like-for-like indicators have moved towards their target ({known} of {of} loans).",
            share=("moved_on", "whole-percent"),
            known=("moved_on.known", "count"),
            of=("moved_on.of", "count"),
        )
    )
    share = judged.moved.value
    return "yes" if isinstance(share, Fraction) and share >= Fraction(1, 2) else "watch", joined(*said)


_WHO_BORROWED: Final = (("organisation has", "organisations have"), ("organisation is", "organisations are"))


def _reached(bundle: Bundle) -> Said:
    """How many have had a loan, and what of the bank's money is in the loans: in some there may be none of it."""
    lack = lacking(bundle) > 0
    ours = " {lent}." if lack else "; the bank's part is {lent}."
    alone = ", co-investors' money alone."
    return bundle.tell(
        ("{count} {noun} known to have borrowed" if lack else "{count} {noun} borrowed")
        + (ours if bundle.holds("lent.closing") else alone),
        noun=plural(bundle.worth("organisations"), *_WHO_BORROWED[lack]),
        count=("organisations", "count"),
        lent=("lent.closing", "in-words"),
    )


def _transparent(given: PortfolioStatement, bundle: Bundle) -> tuple[Mark, Said]:
    """Returns filed, and earlier figures restated in the open."""
    missing = any(line.status == "missing" for line in given.proof.returns)
    late = any(line.status == "late" for line in given.proof.returns)
    returns = findings.returns_finding(bundle, full_stop=True)
    if given.quality.restated.lines:
        restated = bundle.tell(
            "{count} {restated} with its cause.",
            count=("rows restated", "count"),
            restated=plural(
                len(given.quality.restated.lines),
                "figure shown before is restated here,",
                "figures shown before are restated here, each",
            ),
        )
    else:
        restated = findings.corrections_finding(bundle, given.proof)
        restated = Said(text=f"{restated.text}.", prints=restated.prints)
    return "watch" if missing or late else "yes", joined(returns, restated)


def _objects(judged: Judged, bundle: Bundle) -> tuple[Mark, Said]:
    """Whether every borrower may have dormant money, and whose assets are locked to their purpose."""
    coverage = judged.eligibility.coverage
    if not coverage.of:
        return "not known", bundle.tell("No onward loan has been made yet.")
    ours = coverage.share_of_money is not None
    eligible = bundle.tell(
        "{known} of {of} {noun} to bodies shown to be social, {share} of the money."
        if ours
        else "{known} of {of} {noun} to bodies shown to be social; none of the bank's money is in any.",
        noun=plural(coverage.of, "onward loan is", "onward loans are"),
        known=("coverage.eligibility.known", "count"),
        of=("coverage.eligibility.of", "count"),
        share=("coverage.eligibility.share", "percent"),
    )
    locked = (
        bundle.tell(
            "{share} of the money is with bodies whose assets are locked to their purpose.",
            share=("asset-lock.locked.lent / asset-lock.total.lent", "whole-percent"),
        )
        if ours and any(part.code == "locked" for part in judged.asset_locks.slices)
        else Said()
    )
    return "yes" if coverage.known == coverage.of else "watch", joined(eligible, locked)


def _value(figures: tuple[Figure, ...], code: str) -> Value:
    return next((figure.value for figure in figures if figure.code == code), None)


MOST_POINTS: Final = 5
"""Points up to which each lender and each limit has one of its own; where there would be more, those of a kind share
one, for none is left out."""
NAMED: Final = 2
"""Lenders and limits that are named; how many there are besides is told with them."""
TO_DECIDE: Final = "to-decide"


def tables(given: PortfolioStatement) -> tuple[Table, ...]:
    """What the points to decide tell besides what stands in rows of other tables; none where there is nothing."""
    unfiled, breached = _unfiled(given), _breached(given.bounds)
    shown = {line.facility for line in folded(given.allocations)}
    rows = [
        Row(key=line.facility, cells=(line.intermediary, 1, line.undrawn))
        for line in unfiled[:NAMED]
        if line.facility not in shown
    ]
    if rest := unfiled[NAMED:]:
        undrawn = Money.total(line.undrawn for line in rest)
        rows.append(Row(key="unfiled", cells=("Others whose return is missing", len(rest), undrawn)))
    if others := breached[NAMED:]:
        rows.append(Row(key="breached", cells=("Other limits that are breached", len(others), None)))
    columns = (text("what", "What"), Column(code="number", title="Number", unit="count"), measured("undrawn"))
    table = Table(
        code=TO_DECIDE,
        title="To decide",
        columns=columns,
        rows=tuple(rows),
        provenance=(given.allocations_provenance, given.bounds.limits_provenance),
    )
    return (table,) if rows else ()


def decisions(given: PortfolioStatement, bundle: Bundle) -> tuple[Said, ...]:
    """What trustees should decide, then what to note, the gravest first; one honest line when there is nothing."""
    points = _points(given, bundle, together=False)
    if len(points) > MOST_POINTS:
        points = _points(given, bundle, together=True)
    return tuple(points) or (bundle.tell("Note: nothing this quarter calls for a decision."),)


def _points(given: PortfolioStatement, bundle: Bundle, *, together: bool) -> list[Said]:
    return [
        *_missing_points(given, bundle, together=together),
        *_limit_points(given.bounds, bundle, together=together),
        *_waiting_points(bundle),
        *_headroom_points(given, bundle),
        *_book_points(given.proof, bundle),
    ]


def _unfiled(given: PortfolioStatement) -> list[AllocationLine]:
    """Where drawing waits for a return: where something may be drawn."""
    return [line for line in given.allocations if line.return_status == "missing" and line.undrawn > NOTHING]


def _missing_points(given: PortfolioStatement, bundle: Bundle, *, together: bool) -> list[Said]:
    """Whether those whose return is missing may draw; of a lender with several facilities it says which."""
    lines = _unfiled(given)
    lenders = Counter(line.intermediary for line in given.allocations)
    shown = {row.key for row in bundle.tables["allocations"].rows}
    told = [
        (
            line.intermediary,
            f"under {line.name or line.facility} " if lenders[line.intermediary] > 1 else "",
            f"{'allocations' if line.facility in shown else TO_DECIDE}.{line.facility}.undrawn",
        )
        for line in lines[:NAMED]
    ]
    if len(lines) > NAMED or (together and len(lines) > 1):
        sums = [one[-1] for one in told] + ([f"{TO_DECIDE}.unfiled.undrawn"] if len(lines) > NAMED else [])
        return [
            _shared(
                "Decide: whether {named} may draw again before their returns are filed; {undrawn} is undrawn.",
                [f"{name} {of}".strip() for name, of, _ in told],
                "unfiled",
                bundle,
                undrawn=(" + ".join(sums), "in-words"),
            )
        ]
    return [
        bundle.tell(
            "Decide: whether {name} may draw again {of}before its return is filed; {undrawn} is undrawn.",
            name=name,
            of=of,
            undrawn=(undrawn, "in-words"),
        )
        for name, of, undrawn in told
    ]


def _shared(template: str, names: Sequence[str], rest: str, bundle: Bundle, **parts: Part) -> Said:
    """A sentence on several of a kind, two of them named, and how many others there are, as `tables` tells."""
    first, second = names
    there = TO_DECIDE in bundle.tables and any(row.key == rest for row in bundle.tables[TO_DECIDE].rows)
    number = f"{TO_DECIDE}.{rest}.number"
    others = f", {{second}} and {{number}} {plural(bundle.worth(number), 'other', 'others')}" if there else ""
    named = "{first}" + (others or " and {second}")
    return bundle.tell(
        template.replace("{named}", named), first=first, second=second, number=(number, "number-word"), **parts
    )


def _breached(bounds: Bounds) -> list[LimitLine]:
    return [one for one in bounds.limits if not one.within]


def _limit_points(bounds: Bounds, bundle: Bundle, *, together: bool) -> list[Said]:
    titles = [one.title for one in _breached(bounds)]
    if len(titles) > NAMED or (together and len(titles) > 1):
        words = "Decide: what to do about the limits on {named}, which are breached."
        return [_shared(words, titles[:NAMED], "breached", bundle)]
    return [
        bundle.tell("Decide: what to do about the limit on {what}, which is breached.", what=title) for title in titles
    ]


def _waiting_points(bundle: Bundle) -> list[Said]:
    if not bundle.holds("undrawn_over_a_year"):
        return []
    return [
        bundle.tell(
            "Decide: whether to keep open the {sum} that was signed over a year ago and is not drawn.",
            sum=("undrawn_over_a_year", "in-words"),
        )
    ]


def _headroom_points(given: PortfolioStatement, bundle: Bundle) -> list[Said]:
    headroom = _value(given.liquidity, "headroom")
    if not isinstance(headroom, Money):
        return []
    if headroom < NOTHING:
        return [
            bundle.tell(
                "Decide: headroom is {sum}; commitments and the reserve exceed cash and treasury.",
                sum=("headroom", "in-words"),
            )
        ]
    if headroom == NOTHING:
        return [bundle.tell("Note: nothing may be committed until more money arrives.")]
    return [bundle.tell("Note: {sum} may still be committed.", sum=("headroom", "in-words"))]


def _book_points(proof: Proof, bundle: Bundle) -> list[Said]:
    """What their own pages tell in full, each in a line."""
    points = []
    if proof.breaks:
        points.append(
            bundle.tell(
                "Note: {count} {noun} not tie to the lender's book.",
                count=("rows breaks", "number-word"),
                noun=plural(len(proof.breaks), "facility does", "facilities do"),
            )
        )
    if proof.corrections:
        points.append(
            bundle.tell(
                "Note: {count} {noun} made to earlier quarters.",
                count=("rows corrections", "number-word"),
                noun=plural(len(proof.corrections), "correction was", "corrections were"),
            )
        )
    return points


def changes(given: PortfolioStatement, bundle: Bundle) -> tuple[Said, ...]:
    """What the quarter changed, in the order of the money's way, up or down; what stood still is not told."""
    moved = {box.code: box.change for box in bundle.movements if box.change}
    late = findings.brought_late(bundle, given.lent_late) if "lent" in moved else ""
    said, reported = [], False
    for code, up, down in _CHANGED:
        change = moved.get(code, NOTHING)
        words = up if change > NOTHING else down if change else ""
        beside, both = _TOGETHER.get(code, ("", ""))
        if words is up and moved.get(beside, NOTHING) > NOTHING:
            words = both
            del moved[beside]
        if words:
            first, then = ("closing", "opening") if change > NOTHING else ("opening", "closing")
            sums = {
                name: (f"{one}.{first} - {one}.{then}", "in-words") for name, one in (("sum", code), ("more", beside))
            }
            said.append(bundle.tell(f"{words}.", late=late, **sums))
            reported |= bool(_BY_RETURNS & {code, beside})
    overdue = _overdue_change(given, bundle)
    rests = of_returns(bundle)
    if rests and (reported or overdue):
        overdue.append(bundle.tell(f"Lending is told {rests.behind}.", **rests.parts))
    return (*said, *overdue) or (_unmoved(bundle),)


def _unmoved(bundle: Bundle) -> Said:
    """That nothing moved, or nothing that is told here."""
    moved = any(box.added or box.taken for box in bundle.movements)
    known = " that is known of" if lacking(bundle) else ""
    what = "Nothing was received, signed, drawn, repaid, lent on or written off" if moved else "Nothing moved"
    return bundle.tell(f"{what} in the quarter{known}.")


_CHANGED: Final = (
    ("received", "{sum} came in from dormant accounts", "What had come in from dormant accounts fell by {sum}"),
    ("in_principle", "", "What is committed in principle fell by {sum}"),
    ("signed", "{sum} more was signed", "What is signed fell by {sum}"),
    ("drawn", "Intermediaries drew {sum} more", "What intermediaries drew fell by {sum}"),
    ("repaid", "Intermediaries repaid {sum}", "What intermediaries repaid fell by {sum}"),
    ("lent", "{sum} more was lent to the front line{late}", "What was lent to the front line fell by {sum}{late}"),
    ("outstanding", "", "What borrowers owe of the bank's money fell by {sum}"),
    ("written_off", "The bank wrote {sum} off", "What the bank wrote off fell by {sum}"),
    ("onward_written_off", "Lenders wrote {sum} off", "What lenders wrote off fell by {sum}"),
)
"""By box: what is said where it rose, and where it fell; nothing where another line tells it."""
_TOGETHER: Final = {
    "drawn": ("repaid", "Intermediaries drew {sum} more and repaid {more}"),
    "written_off": ("onward_written_off", "The bank wrote {sum} off, and lenders {more}"),
}
"""Boxes that are told in one sentence where both rose."""
_BY_RETURNS: Final = frozenset({"lent", "outstanding", "onward_written_off"})


def _overdue_change(given: PortfolioStatement, bundle: Bundle) -> list[Said]:
    """The part of principal in loans overdue by more than 30 days at this quarter's end and at the last one's."""
    if len(given.arrears.history) < 2:  # noqa: PLR2004 -- a change needs two quarters
        return []
    shares = []
    for one in given.arrears.history[-2:]:
        row = f"arrears-history.{one.quarter}"
        late = " + ".join(f"{row}.{code}" for code in ("31-60", "61-90", "over-90"))
        shares.append(f"{late} / {row}.current + {row}.1-30 + {late}")
    before, now = (bundle.worth(share) for share in shares)
    if not isinstance(before, Fraction) or not isinstance(now, Fraction):
        return []
    if not before and not now:
        known = "known to be " if loans_behind(bundle) else ""
        return [bundle.tell(f"No loan is {known}over 30 days late, as before.")]
    if before == now:
        return [
            bundle.tell(
                "Loans over 30 days late hold {share} of principal, as before.",
                share=(shares[1], "percent"),
            )
        ]
    return [
        bundle.tell(
            "Principal in loans over 30 days late {verb} from {before} to {now}.",
            verb="rose" if now > before else "fell",
            before=(shares[0], "percent"),
            now=(shares[1], "percent"),
        )
    ]
